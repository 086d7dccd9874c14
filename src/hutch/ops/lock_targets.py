"""``hutch lock --explain-targets`` and ``--add-target``."""

from __future__ import annotations

import time

from hutch.errors import UsageProblem
from hutch.ops.context import one_at_a_time
from hutch.ops.lock import make_or_read_lock
from hutch.ops.lock_file import remember_lock
from hutch.ops.resolve import is_part
from hutch.ops.targets import named_words, targets_of
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.lock import LockOptions
    from hutch.ops.outcomes import LockOutcome
    from hutch.spec import Target

__all__ = ["ExplainedTarget", "TargetsOutcome", "explain_targets", "lock_with_targets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTarget:
    """A target, what is wanted of it (``demanded: this machine``), and what became of it."""

    name: str
    wanted: str
    state: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "wanted": self.wanted, "state": self.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsOutcome:
    """What ``lock --explain-targets`` found."""

    targets: tuple[ExplainedTarget, ...]
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {"targets": [each.to_json() for each in self.targets]}


def explain_targets(context: Context, options: LockOptions) -> TargetsOutcome:
    """Solve, write nothing, and tell of each target what was wanted of it and what became of it."""
    from hutch.ops.interpreter import project_interpreter
    from hutch.spec import parse_target

    start = time.monotonic()
    checkout = context.checkout
    locked = make_or_read_lock(context, checkout, replace(options, dry_run=True, explain_targets=True))
    requires_python = checkout.manifest.requires_python
    named = named_words(context, checkout, options)
    targets, demanded = targets_of(
        named, requires_python, project_interpreter(context, checkout), checkout.pythons
    )
    alive = [parse_target(name) for name in locked.lock.targets]
    gone = [(parse_target(name), reason) for name, reason in locked.outcome.dropped]
    found = []
    for place, target in enumerate(targets.targets):
        wanted = f"demanded: {demanded[place]}" if place in demanded else "wished"
        reasons = dict.fromkeys(reason for other, reason in gone if _inside(other, target))
        parts = [other.name for other in alive if _inside(other, target)]
        state = "locked" if parts == [target.name] else f"locked as {', '.join(parts)}" if parts else ""
        if reasons:
            state = "; ".join(filter(None, (state, f"left out: {'; '.join(reasons)}")))
        found.append(ExplainedTarget(name=target.name, wanted=wanted, state=state))
    return TargetsOutcome(targets=tuple(found), seconds=time.monotonic() - start)


def _inside(part: Target, whole: Target) -> bool:
    return (
        is_part(part, whole)
        and part.low >= whole.low
        and (whole.high is None or (part.high is not None and part.high <= whole.high))
    )


@one_at_a_time
def lock_with_targets(context: Context, options: LockOptions) -> LockOutcome:
    """Write further targets into the manifest, and lock for them as well; both, or neither."""
    from hutch.ops.checkout import write_text
    from hutch.project import add_targets
    from hutch.spec import parse_target_word

    words = options.add_target
    for word in words:
        parse_target_word(word)
    if options.target:
        raise UsageProblem("--add-target and --target exclude each other", hint="leave one of them out")
    options = replace(options, add_target=())
    checkout = context.checkout.at_root()
    known = checkout.manifest.settings.targets or context.configuration.targets or ("default",)
    fresh = tuple(dict.fromkeys(word for word in words if word not in known))
    if not fresh:
        return make_or_read_lock(context, checkout, options).outcome
    text = add_targets(checkout.text, fresh, first=known, filename=checkout.manifest.filename)
    edited = checkout.edited(context, text)
    locked = make_or_read_lock(context, edited, replace(options, dry_run=True))
    if options.dry_run:
        return locked.outcome
    write_text(checkout.manifest_path, text)
    write_text(checkout.lock_path, locked.text)
    remember_lock(context, locked.text, locked.lock)
    return replace(locked.outcome, dry_run=False, written=True, unchanged=False)
