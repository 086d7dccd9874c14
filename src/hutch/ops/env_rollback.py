"""``hutch env rollback``: make an environment what it was in an earlier generation."""

from __future__ import annotations

import os
import time

from hutch.events import PhaseEnded, PhaseStarted
from hutch.ops.env_history import steps_json
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Environment, Rollback
    from hutch.ops.context import Context

__all__ = ["EnvRollbackOptions", "RollbackOutcome", "env_rollback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRollbackOptions:
    """The options of ``env rollback``; without a number it is the generation before."""

    number: str | None = None
    link_mode: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackOutcome:
    """What was changed. ``foreign`` is what another tool had done since, and is gone back on too.

    ``before`` is the number of the generation that was left.
    """

    environment: str
    number: int
    time: float
    before: int
    steps: tuple[tuple[str, ...], ...]
    foreign: tuple[tuple[str, ...], ...] = ()
    has_lock: bool = False
    chosen: str = ""
    """What chooses the environment, as it is typed behind ``hutch sync``."""
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "restored": self.number,
            "left": self.before,
            "changes": steps_json(self.steps),
            "changed_by_others": steps_json(self.foreign),
            "dry_run": self.dry_run,
        }


def env_rollback(context: Context, options: EnvRollbackOptions) -> RollbackOutcome:
    """Go back to a generation; manifest and lock are left alone, and so is the environment from then on."""
    from hutch.env import lock_environment, plan_rollback
    from hutch.ops.conda_frozen import refuse_frozen
    from hutch.ops.present import present_environment

    start = time.monotonic()
    number = _number(options.number)
    environment = present_environment(context)
    refuse_frozen(context, environment.root)
    with lock_environment(environment, emit=context.emit):
        way = plan_rollback(environment, number, _finder(context))
        before = _carry_out(context, environment, way, options)
    summary = way.plan.summary
    steps: list[tuple[str, ...]] = [("+", *each) for each in summary.added]
    steps += [("-", *each) for each in summary.removed]
    steps += [("~", *each) for each in summary.changed]
    steps += [("~", name, version, version) for name, version in summary.reinstalled]
    return RollbackOutcome(
        environment=os.path.abspath(environment.root),
        number=way.target.number,
        time=way.target.time,
        before=before,
        steps=tuple(sorted(steps, key=lambda step: step[1])),
        foreign=way.foreign,
        has_lock=_follows_a_lock(context) and os.path.exists(context.checkout.lock_path),
        chosen=f" --env {context.env}" if context.env is not None else "",
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _follows_a_lock(context: Context) -> bool:
    """Whether it is an environment of a project: one with a name has no lock."""
    return context.root is not None and context.named is None


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9:
        from hutch.errors import UsageProblem

        raise UsageProblem(f"{text} is no number of a generation", hint="hutch env history shows them")
    return int(text)


def _finder(context: Context) -> Any:
    """Looks for a wheel in the store: only what another tool removed must come from there."""
    return lambda sha256: context.store.wheels.find(sha256, check=True)


def _carry_out(context: Context, environment: Environment, way: Rollback, options: EnvRollbackOptions) -> int:
    """Apply the plan; the number of the generation that was left."""
    from hutch.env import apply_plan, read_history
    from hutch.ops.asked import go_back
    from hutch.ops.occasions import note_root, occasion_of

    left = read_history(environment.root)[-1].number
    if options.dry_run:
        return left
    if not way.plan:
        from hutch.env import pin

        if _follows_a_lock(context):
            pin(environment.root, way.target.number)
        return left
    _forget_places(environment, way)
    context.emit(PhaseStarted("install", len(way.plan.steps)))
    then = environment
    if environment.prefix:
        from hutch.ops.conda_prefix import environment_then

        then = environment_then(environment, way)
    apply_plan(
        way.plan,
        then,
        link_mode=context.configuration.link_mode,
        emit=context.emit,
        # Without a project there is no lock that it could follow.
        occasion=occasion_of(context, pinned=_follows_a_lock(context), restores=way.target.number),
    )
    context.emit(PhaseEnded("install"))
    if not environment.prefix:
        _make_at_home(environment)
    note_root(context, environment)
    go_back(environment.root, way.target.number)
    history = read_history(environment.root)
    # What another tool had changed was noted just before, and is what was left.
    return history[-2].number if len(history) > 1 else left


def _make_at_home(environment: Environment) -> None:
    """Commands that come back may be older than the environment's name, or its place."""
    from hutch.env.repointing import repoint_restored

    repoint_restored(environment)


def _forget_places(environment: Environment, way: Rollback) -> None:
    """Which state of a directory a package was built from is known of the last one only."""
    from hutch.env import read_places, write_places

    known = read_places(environment.root)
    changed = {step.name for step in way.plan.steps}
    if not changed.isdisjoint(known):
        write_places(environment.root, {name: state for name, state in known.items() if name not in changed})
