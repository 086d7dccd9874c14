"""``hutch env verify``: is everything in the environment as it was installed?"""

from __future__ import annotations

import os
import time

from hutch.errors import Problem
from hutch.events import Notice, PhaseEnded, PhaseStarted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Environment, Finding
    from hutch.ops.context import Context
    from hutch.ops.drift import Compared, Drift

__all__ = ["DamagedEnvironment", "DriftedEnvironment", "EnvVerifyOptions", "VerifyOutcome", "env_verify"]


SHOWN = 20
"""Faults that are named; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvVerifyOptions:
    """The options of ``env verify``."""

    deep: bool = False
    lock: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOutcome:
    """What was looked at and found; ``advice`` is what puts the faults right.

    ``compared`` is what came of comparing it with the lock, if there is one. ``pinned``: it was rolled back,
    and is meant to be something else than the lock.
    """

    environment: str
    packages: int
    files: int
    deep: bool
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]
    seconds: float = 0.0
    compared: Compared | None = None
    pinned: bool = False

    @property
    def drift(self) -> tuple[Drift, ...]:
        """Where it is not what the lock says, and is not meant to be otherwise."""
        return self.compared.drift if self.compared is not None and not self.pinned else ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is broken; files that nobody owns break nothing."""
        return not any(finding.is_fault for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "sound": self.is_sound,
            "deep": self.deep,
            "packages": self.packages,
            "files": self.files,
            "faults": [finding.to_json() for finding in self.findings if finding.is_fault],
            "notes": [finding.to_json() for finding in self.findings if not finding.is_fault],
            "lock": self.compared.to_json() if self.compared is not None else None,
            "drifted": bool(self.drift),
            "rolled_back": self.pinned,
            "advice": list(self.advice),
        }


class DamagedEnvironment(Problem):
    """Something in an environment is not as it was installed."""

    code = "damaged-environment"

    def __init__(self, outcome: VerifyOutcome) -> None:
        faults = [finding for finding in outcome.findings if finding.is_fault]
        names = sorted({finding.package for finding in faults if finding.package})
        what = f"{len(faults)} things are" if len(faults) > 1 else "something is"
        lines = [f"{finding.path} {finding.detail}" for finding in faults[:SHOWN]]
        if len(faults) > SHOWN:
            lines.append(f"and {len(faults) - SHOWN} more; --json tells all")
        if names and len(faults) > SHOWN:
            lines.append(f"packages: {', '.join(names)}")
        super().__init__(
            f"{what} not as installed in {outcome.environment}", why=tuple(lines), hint=outcome.advice
        )
        self.outcome = outcome


class DriftedEnvironment(Problem):
    """The environment is whole, and not what the lock says."""

    code = "drifted-environment"

    def __init__(self, outcome: VerifyOutcome) -> None:
        drift = outcome.drift
        lines = [f"{each.name} {each.detail}" for each in drift[:SHOWN]]
        if len(drift) > SHOWN:
            lines.append(f"and {len(drift) - SHOWN} more; --json tells all")
        lock = outcome.compared.lock if outcome.compared is not None else "the lock"
        super().__init__(
            f"{outcome.environment} is not what {lock} says", why=tuple(lines), hint=outcome.advice
        )
        self.outcome = outcome


def env_verify(context: Context, options: EnvVerifyOptions) -> VerifyOutcome:
    """Look at every file; nothing is changed but what a cut-off command had left to undo."""
    from hutch.env import Finding, find_moved, verify_environment
    from hutch.env.generations import PINNED
    from hutch.ops.present import present_environment

    start = time.monotonic()
    environment = present_environment(context)
    context.emit(PhaseStarted("check"))
    found = verify_environment(environment, deep=options.deep)
    findings = list(found.findings)
    if not any(finding.kind == "interpreter" for finding in findings):
        detail = _python_fault(context, environment)
        if detail:
            path = os.path.relpath(environment.executable, environment.root)
            findings.insert(0, Finding(kind="interpreter", package="", path=path, detail=detail))
    compared = _compare(context, environment) if options.lock and not _has_no_python(findings) else None
    pinned = os.path.lexists(os.path.join(environment.root, PINNED))
    context.emit(PhaseEnded("check"))
    return VerifyOutcome(
        environment=os.path.abspath(environment.root),
        packages=found.packages,
        files=found.files,
        deep=options.deep,
        findings=tuple(findings),
        advice=_advice(
            findings, compared, context, is_moved=bool(find_moved(environment)), prefix=environment.prefix
        ),
        seconds=time.monotonic() - start,
        compared=compared,
        pinned=pinned,
    )


def _python_fault(context: Context, environment: Environment) -> str:
    """What is wrong with its Python, which is asked what it is unless it came with the checkout."""
    from hutch.interpreters import BrokenInterpreter, probe_interpreter
    from hutch.ops.environments import came_along
    from hutch.ops.pip_environment import is_foreign

    if environment.prefix and not environment.python_version:
        return ""  # an environment of conda need not have one
    if came_along(context, environment.root) if _is_projects(context) else is_foreign(context, environment):
        return "came with the project, and hutch starts no such program unasked"
    try:
        probe_interpreter(environment.executable, context.store)
    except BrokenInterpreter as problem:
        return problem.what
    return ""


def _has_no_python(findings: list[Finding]) -> bool:
    return any(finding.kind == "interpreter" for finding in findings)


def _is_projects(context: Context) -> bool:
    """Whether it is the environment of a project, and none with a name."""
    return context.root is not None and context.named is None


def _compare(context: Context, environment: Environment) -> Compared | None:
    """What the lock says of it; a lock that cannot be read is told of, and no reason to look at nothing."""
    from hutch.ops.drift import find_drift

    if not _is_projects(context):
        return None
    try:
        return find_drift(context, environment)
    except Problem as problem:
        context.emit(Notice(f"it was not compared with the lock: {problem.what}", warning=True))
        return None


def _advice(
    findings: list[Finding],
    compared: Compared | None,
    context: Context,
    *,
    is_moved: bool,
    prefix: bool = False,
) -> tuple[str, ...]:
    has_project = _is_projects(context)
    which = f" -n {context.named}" if context.named is not None else ""
    which = f" --env {context.env}" if context.env is not None else which
    faults = [finding for finding in findings if finding.is_fault]
    if not faults and compared is not None and compared.drift:
        return (f"{compared.command} makes it what the lock says",)
    if prefix and faults:
        return (f"hutch doctor{which} --fix puts it in anew, by what conda-meta says",)
    if any(finding.kind in ("interpreter", "settings") for finding in faults):
        if has_project:
            return (f"hutch sync{which} makes it anew",)
        if context.named is not None:
            return (f"hutch run -n {context.named} … looks for the same Python elsewhere",)
        return ("make it anew with `hutch venv --clear`, and install again",)
    moved = [finding for finding in faults if finding.kind == "command"]
    if moved and len(moved) == len(faults) and is_moved:
        return (f"hutch doctor{which} --fix makes its commands right where they are",)
    names = sorted({finding.package for finding in faults if finding.package})
    if not names:
        return ()
    command = f"hutch sync{which}" if has_project else f"hutch pip install{which}"
    if has_project and (len(names) > 5 or len(moved) > 5):
        return (f"{command} --reinstall puts everything in anew",)
    if has_project:
        flags = " ".join(f"--reinstall-package {name}" for name in names)
        return (f"{command} {flags}",)
    return (f"{command} --reinstall {' '.join(names)}",)
