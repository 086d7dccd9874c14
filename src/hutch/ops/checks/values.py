"""What a check is, what it finds, and what puts it right.

A page of checks reads::

    @check("stale-lock", "The lock says what the manifest asks for", group="project", severity="error",
           fix_class="ask", why="Others install something else than you do.")
    def stale_lock(ground: Ground, say: Say) -> None:
        if ...:
            say("pylock.toml is out of date", seen=(path,), commands=("hutch lock",))

    CHECKS = (stale_lock,)

``say`` makes a `Finding` with what the check says of itself; a finding may be milder than its check. A check
changes nothing, starts nothing of the checkout, and asks no network unless it says ``network=True``.
"""

from __future__ import annotations

from hutch.errors import within
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Protocol, TypeAlias

    from hutch.ops.checks.ground import Ground

    FixClass: TypeAlias = Literal["safe", "ask", "info"]
    Severity: TypeAlias = Literal["error", "warning", "info"]

    class Say(Protocol):
        """Report a finding."""

        def __call__(
            self,
            title: str,
            *,
            seen: tuple[str, ...] = ...,
            commands: tuple[str, ...] = ...,
            fix: Fix | None = ...,
            why: str = ...,
            fix_class: FixClass | None = ...,
            severity: Severity | None = ...,
        ) -> None: ...

    Look: TypeAlias = Callable[[Ground, Say], None]

__all__ = ["GROUPS", "Check", "Finding", "Fix", "check", "some_of"]

GROUPS = {
    "machine": "This machine",
    "python": "Pythons",
    "packages": "Where packages come from",
    "project": "The project",
    "environment": "The environment",
    "hutch": "hutch itself",
}
SECONDS = 20.0
"""How long a check may look, unless it says otherwise."""
SHOWN = 8
"""How many lines of one kind a finding has at the most."""
_ORDER: tuple[FixClass, ...] = ("info", "ask", "safe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What puts a finding right: ``plan`` in words, a line a step; ``apply`` does it and says what was done.

    Fixes with the same ``key`` do the same, and are applied once. ``undo`` is the way back, in words or as a
    command. ``apply`` raises a `Problem` (or OSError) where it cannot, and has then changed nothing.
    """

    plan: tuple[str, ...]
    apply: Callable[[], str] = field(compare=False)
    key: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was seen. ``seen`` are the facts, with paths; ``commands`` can be copied and run."""

    code: str
    group: str
    title: str
    seen: tuple[str, ...]
    why: str
    severity: Severity
    fix_class: FixClass
    commands: tuple[str, ...] = ()
    fix: Fix | None = None

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "code": self.code,
            "group": self.group,
            "title": self.title,
            "seen": list(self.seen),
            "why": self.why,
            "severity": self.severity,
            "class": self.fix_class,
            "commands": list(self.commands),
            "plan": list(self.fix.plan) if self.fix is not None else [],
            "undo": self.fix.undo if self.fix is not None else "",
            "can_fix": self.fix is not None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something to look at. ``title`` says what is so when all is well."""

    code: str
    title: str
    group: str
    why: str
    severity: Severity
    fix_class: FixClass
    look: Look = field(compare=False)
    network: bool = False
    seconds: float = SECONDS

    def findings(self, ground: Ground) -> list[Finding]:
        """Look. Whatever the function raises is raised."""
        found: list[Finding] = []

        def say(
            title: str,
            *,
            seen: tuple[str, ...] = (),
            commands: tuple[str, ...] = (),
            fix: Fix | None = None,
            why: str = "",
            fix_class: FixClass | None = None,
            severity: Severity | None = None,
        ) -> None:
            kind = fix_class or self.fix_class
            if fix is None or _ORDER.index(kind) > _ORDER.index(self.fix_class):
                # Without a function there is nothing to apply; and nothing is safer than its check says.
                kind = "info" if fix is None else self.fix_class
            found.append(
                Finding(
                    code=self.code,
                    group=self.group,
                    title=title,
                    seen=seen,
                    why=why or self.why,
                    severity=severity or self.severity,
                    fix_class=kind,
                    commands=commands,
                    fix=fix if kind != "info" else None,
                )
            )

        self.look(ground, say)
        return found


def check(
    code: str,
    title: str,
    *,
    group: str,
    why: str,
    severity: Severity = "warning",
    fix_class: FixClass = "info",
    network: bool = False,
    seconds: float = SECONDS,
) -> Callable[[Look], Check]:
    """Make a check of a function."""
    assert group in GROUPS

    def make(look: Look) -> Check:
        return Check(
            code=code,
            title=title,
            group=group,
            why=why,
            severity=severity,
            fix_class=fix_class,
            look=look,
            network=network,
            seconds=seconds,
        )

    return make


def some_of(lines: list[str]) -> tuple[str, ...]:
    """What a finding has seen, cut short where it is long."""
    return within(lines, SHOWN)
