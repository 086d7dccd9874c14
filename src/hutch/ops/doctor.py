"""``hutch doctor``: look for what makes environments fail, say why, and put right what is safe to.

The frame: which checks are asked, how each is kept from stopping the others, what ``--fix`` does. The checks
are in ``ops/checks``; docs/explanation/doctor.md tells the rules that they keep.
"""

from __future__ import annotations

import time

from hutch.errors import Problem, UsageProblem
from hutch.events import Checked, PhaseEnded, PhaseStarted
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal, TypeAlias

    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Check, Finding
    from hutch.ops.context import Context

    State: TypeAlias = Literal["fine", "found", "skipped", "failed"]

__all__ = [
    "CheckList",
    "DoctorOptions",
    "DoctorOutcome",
    "Examined",
    "Treated",
    "doctor",
    "list_checks",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorOptions:
    """The options of ``doctor``; ``check`` are codes and groups, none for all."""

    fix: bool = False
    yes: bool = False
    dry_run: bool = False
    deep: bool = False
    check: tuple[str, ...] = ()
    list: bool = False
    prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """How one check went; ``reason`` says why it was skipped or failed."""

    check: Check
    state: State
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {**described(self.check), "state": self.state, "reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """What became of a finding that can be put right.

    ``fixed`` is seen to be gone; ``failed`` could not be done (``text`` says why), or is still there;
    ``planned`` would be done without ``--dry-run``; ``declined`` was asked about, or there was nobody to ask.
    """

    finding: Finding
    state: Literal["fixed", "failed", "planned", "declined"]
    text: str = ""

    def to_json(self) -> dict[str, str]:
        undo = self.finding.fix.undo if self.finding.fix is not None and self.state == "fixed" else ""
        return {
            "code": self.finding.code,
            "title": self.finding.title,
            "state": self.state,
            "text": self.text,
            "undo": undo,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorOutcome:
    """What was looked at, what is wrong now, and what was put right."""

    examined: tuple[Examined, ...]
    treated: tuple[Treated, ...] = ()
    dry_run: bool = False
    seconds: float = 0.0
    chosen: str = ""
    """What chooses the environment that was asked about, as it is typed behind `hutch doctor`."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is the case now, the worst first."""
        order = ("error", "warning", "info")
        found = [finding for each in self.examined for finding in each.findings]
        return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))

    @property
    def exit_code(self) -> int:
        """1 if something does not work."""
        return int(any(finding.severity == "error" for finding in self.findings))

    def count(self, severity: str) -> int:
        """How many findings are so severe."""
        return sum(finding.severity == severity for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "sound": not self.exit_code,
            "errors": self.count("error"),
            "warnings": self.count("warning"),
            "infos": self.count("info"),
            "findings": [finding.to_json() for finding in self.findings],
            "checks": [each.to_json() for each in self.examined],
            "fixes": [each.to_json() for each in self.treated],
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckList:
    """All checks there are."""

    checks: tuple[Check, ...]

    def to_json(self) -> dict[str, Any]:
        return {"checks": [described(each) for each in self.checks]}


def described(check: Check) -> dict[str, Any]:
    """A check as JSON's types."""
    return {
        "code": check.code,
        "title": check.title,
        "group": check.group,
        "why": check.why,
        "class": check.fix_class,
        "severity": check.severity,
        "network": check.network,
    }


def list_checks(context: Context) -> CheckList:
    """What ``doctor --list`` shows."""
    from hutch.ops.checks.book import all_checks

    return CheckList(checks=all_checks())


def doctor(
    context: Context,
    options: DoctorOptions,
    ask: Callable[[Finding], bool] | None = None,
    variables: frozenset[str] = frozenset(),
) -> DoctorOutcome:
    """Look, and with ``fix`` put right what may be; ``ask`` shows the plan of a fix and asks about it.

    ``variables`` are the names of all variables of hutch's own.
    """
    from hutch.ops.checks.aiming import chosen_words
    from hutch.ops.checks.book import all_checks
    from hutch.ops.checks.ground import Ground

    start = time.monotonic()
    checks = _chosen(all_checks(), options.check)
    context.emit(PhaseStarted("check", len(checks)))
    prefix = _environment_at(context, options.prefix) if options.prefix is not None else None
    ground = Ground(context, deep=options.deep, variables=variables, prefix=prefix)
    if context.named is not None:
        ground.environment_root  # noqa: B018 - a name that no environment has is said at once
    if context.env is not None and ground.checkout is not None and ground.environment_root is not None:
        from hutch.ops.env_selection import refuse_unknown

        refuse_unknown(context, ground.checkout, ground.environment_root)
    if options.fix and not options.dry_run:
        _undo_cut_off(context, ground)
    examined = [_examine(each, ground, context) for each in checks]
    ground.close()
    context.emit(PhaseEnded("check"))
    treated: tuple[Treated, ...] = ()
    if options.fix or options.dry_run:
        treated, touched = _treat(examined, options, ask)
        if touched:
            again = Ground(context, deep=options.deep, variables=variables, prefix=prefix)
            examined, treated = _look_again(again, examined, treated, touched)
    return DoctorOutcome(
        examined=tuple(examined),
        treated=treated,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
        chosen=chosen_words(context.env, context.named),
    )


def _undo_cut_off(context: Context, ground: Ground) -> None:
    """What a killed command left is undone before anything is looked at, as by every command that changes."""
    from hutch.env import recover

    environment = ground.environment if ground.is_cut_off else None
    if environment is not None:
        recover(environment, context.emit)
        ground.forget()


def _environment_at(context: Context, path: str) -> str:
    """The environment at ``path``, of whichever kind. Raises `NotAnEnvironment`."""
    from hutch.env import is_prefix, open_environment

    root = context.path(path)
    return root if is_prefix(root) else open_environment(root).root


def _chosen(checks: tuple[Check, ...], names: tuple[str, ...]) -> tuple[Check, ...]:
    from hutch.ops.checks.values import GROUPS

    codes = {*GROUPS, *(each.code for each in checks)}
    wanted = [name.strip() for each in names for name in each.split(",") if name.strip()]
    for name in wanted:
        if name not in codes:
            from difflib import get_close_matches

            near = get_close_matches(name, codes, n=1)
            raise UsageProblem(
                f"there is no check {name}",
                hint=(*(f"did you mean {each}?" for each in near), "hutch doctor --list names all"),
            )
    return tuple(each for each in checks if each.code in wanted or each.group in wanted) if wanted else checks


def _examine(check: Check, ground: Ground, context: Context) -> Examined:
    """Ask one check, whatever it does: it may raise, and it may never end."""
    import threading

    if check.network and ground.offline:
        return Examined(check=check, state="skipped", reason="it needs the network, and hutch is offline")
    answer: list[list[Finding] | BaseException] = []

    def look() -> None:
        try:
            answer.append(check.findings(ground))
        except BaseException as error:  # whatever it is, the others are asked
            answer.append(error)

    start = time.monotonic()
    # A daemon: one that hangs in a dead file system does not keep the command from ending.
    thread = threading.Thread(target=look, daemon=True, name=f"doctor {check.code}")
    thread.start()
    thread.join(check.seconds)
    seconds = time.monotonic() - start
    context.emit(Checked(check.code))
    if not answer:
        reason = f"it did not end within {check.seconds:g} seconds"
        return Examined(check=check, state="failed", reason=reason, seconds=seconds)
    said = answer[0]
    if isinstance(said, BaseException):
        return Examined(check=check, state="failed", reason=_reason(said, context), seconds=seconds)
    from hutch.ops.checks.aiming import aim_finding

    findings = tuple([aim_finding(each, context.env, context.named) for each in said])
    return Examined(check=check, state="found" if said else "fine", findings=findings, seconds=seconds)


def _reason(error: BaseException, context: Context) -> str:
    """Why a check could not look; what is no fault of the machine's is one of ours."""
    if isinstance(error, (Problem, OSError)):
        return _words(error)
    if context.environ.get("HUTCH_DEBUG", "") not in ("", "0"):
        import traceback

        return " | ".join(line.strip() for line in traceback.format_exception(error))
    return f"{_words(error)} (a bug of hutch; HUTCH_DEBUG=1 shows where)"


def _words(error: BaseException) -> str:
    if isinstance(error, Problem):
        return "; ".join((error.what, *error.why))
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}"


# -- fixing -----------------------------------------------------------------------------------------------


def _treat(
    examined: Iterable[Examined], options: DoctorOptions, ask: Callable[[Finding], bool] | None
) -> tuple[tuple[Treated, ...], frozenset[str]]:
    """Apply what may be applied; with the codes of the checks that have to look again."""
    found = [finding for each in examined for finding in each.findings if finding.fix is not None]
    found.sort(key=lambda finding: finding.fix_class != "safe")
    treated: list[Treated] = []
    done: dict[str, Treated] = {}
    for finding in found:
        assert finding.fix is not None
        before = done.get(finding.fix.key) if finding.fix.key else None
        if before is not None:
            treated.append(replace(before, finding=finding))
            continue
        if options.dry_run:
            each = Treated(finding=finding, state="planned", text="; ".join(finding.fix.plan))
        elif finding.fix_class == "safe" or options.yes or (ask is not None and ask(finding)):
            each = _apply(finding)
        else:
            text = "was not agreed to" if ask is not None else "it asks first: on a terminal, or with --yes"
            each = Treated(finding=finding, state="declined", text=text)
        treated.append(each)
        if finding.fix.key:
            done[finding.fix.key] = each
    touched = frozenset(each.finding.code for each in treated if each.state in ("fixed", "failed"))
    return tuple(treated), touched


def _apply(finding: Finding) -> Treated:
    assert finding.fix is not None
    try:
        return Treated(finding=finding, state="fixed", text=finding.fix.apply())
    except (Problem, OSError) as error:
        return Treated(finding=finding, state="failed", text=_words(error))


def _look_again(
    ground: Ground,
    examined: list[Examined],
    treated: tuple[Treated, ...],
    touched: frozenset[str],
) -> tuple[list[Examined], tuple[Treated, ...]]:
    """What is the case after the fixes; all checks that had found something look again, for one fix may have
    put right several things."""
    context = ground.command
    context.forget()
    again = [
        _examine(each.check, ground, context)
        if each.state == "found" and (each.check.code in touched or _is_near(each, touched, examined))
        else each
        for each in examined
    ]
    ground.close()
    left = {(finding.code, finding.title) for each in again for finding in each.findings}
    codes = {each.check.code: each for each in again}
    checked = []
    for one in treated:
        after = codes[one.finding.code]
        if one.state == "fixed" and (one.finding.code, one.finding.title) in left:
            one = replace(one, state="failed", text=f"{one.text}, and it is still there")
        elif one.state == "fixed" and after.state == "failed":
            one = replace(
                one, state="failed", text=f"{one.text}; whether it is gone is not known: {after.reason}"
            )
        checked.append(one)
    return again, tuple(checked)


def _is_near(each: Examined, touched: frozenset[str], examined: Iterable[Examined]) -> bool:
    """Whether a fix was applied in the group of this check."""
    return any(
        one.check.code in touched
        and (one.check.group == each.check.group or one.check.group == "environment")
        for one in examined
    )
