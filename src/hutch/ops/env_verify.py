"""``hutch env verify``: is everything in the environment as it was installed?"""

from __future__ import annotations

import os
import time

from hutch.errors import Problem
from hutch.events import PhaseEnded, PhaseStarted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Finding
    from hutch.ops.context import Context

__all__ = ["DamagedEnvironment", "EnvVerifyOptions", "VerifyOutcome", "env_verify"]


SHOWN = 20
"""Faults that are named; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvVerifyOptions:
    """The options of ``env verify``."""

    deep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOutcome:
    """What was looked at and found; ``advice`` is what puts the faults right."""

    environment: str
    packages: int
    files: int
    deep: bool
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]
    seconds: float = 0.0

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


def env_verify(context: Context, options: EnvVerifyOptions) -> VerifyOutcome:
    """Look at every file; nothing is changed but what a cut-off command had left to undo."""
    from hutch.env import Finding, verify_environment
    from hutch.interpreters import BrokenInterpreter, probe_interpreter
    from hutch.ops.present import present_environment

    start = time.monotonic()
    environment = present_environment(context)
    context.emit(PhaseStarted("check"))
    found = verify_environment(environment, deep=options.deep)
    findings = list(found.findings)
    if not any(finding.kind == "interpreter" for finding in findings):
        try:
            probe_interpreter(environment.executable, context.store)
        except BrokenInterpreter as problem:
            path = os.path.relpath(environment.executable, environment.root)
            findings.insert(0, Finding(kind="interpreter", package="", path=path, detail=problem.what))
    context.emit(PhaseEnded("check"))
    return VerifyOutcome(
        environment=os.path.abspath(environment.root),
        packages=found.packages,
        files=found.files,
        deep=options.deep,
        findings=tuple(findings),
        advice=_advice(findings, has_project=context.root is not None),
        seconds=time.monotonic() - start,
    )


def _advice(findings: list[Finding], *, has_project: bool) -> tuple[str, ...]:
    faults = [finding for finding in findings if finding.is_fault]
    if any(finding.kind in ("interpreter", "settings") for finding in faults):
        if has_project:
            return ("hutch sync makes it anew",)
        return ("make it anew with `hutch venv --clear`, and install again",)
    moved = [finding for finding in faults if finding.kind == "command"]
    names = sorted({finding.package for finding in faults if finding.package})
    if not names:
        return ()
    command = "hutch sync" if has_project else "hutch pip install"
    if has_project and (len(names) > 5 or len(moved) > 5):
        return (f"{command} --reinstall puts everything in anew",)
    if has_project:
        flags = " ".join(f"--reinstall-package {name}" for name in names)
        return (f"{command} {flags}",)
    return (f"{command} --reinstall {' '.join(names)}",)
