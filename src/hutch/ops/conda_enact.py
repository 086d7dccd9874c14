"""From what is asked of a prefix to the change: solved, shown to whoever has to agree, and carried out."""

from __future__ import annotations

import time

from hutch.ops.conda_turns import NOT_THERE
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from hutch.ops.conda_both import Choice
    from hutch.ops.conda_limits import Limits, Preferred
    from hutch.ops.conda_pip_lines import IndexAsked
    from hutch.ops.conda_place import PrefixState
    from hutch.ops.conda_prefix import PrefixChange
    from hutch.ops.conda_turns import Mark
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord

    Agrees = Callable[["CondaChange"], bool]

__all__ = ["CondaChange", "agreed", "carry_out", "change_to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaChange:
    """What became of a prefix: the change, what was asked for, and whether the user has agreed to it."""

    change: PrefixChange
    verb: str
    asked: tuple[str, ...] = ()
    agreed: bool = True
    env_name: str = ""
    held: tuple[tuple[str, str, str], ...] = ()
    """(name, version, spec) of what was to be updated, and stays within what was asked for."""
    flag: str = ""
    """How the user said which environment is meant (`` -n NAME``), for advice."""
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"success": self.agreed, "verb": self.verb, "specs": list(self.asked), **self.change.to_json()}


def change_to(
    context: Context,
    root: str,
    verb: str,
    requested: Mapping[str, tuple[str, ...]],
    state: PrefixState | None = None,
    *,
    asked: tuple[str, ...],
    places: Mapping[str, str] | None = None,
    extra: Mapping[str, tuple[str, ...]] | None = None,
    limits: Limits | None = None,
    preferred: Mapping[str, tuple[str, ...]] | None = None,
    free: Iterable[str] = (),
    reinstall: frozenset[str] = frozenset(),
    channels: Sequence[str] = (),
    override: bool = False,
    subdir: str | None = None,
    keep_unasked: bool = True,
    index: IndexAsked | None = None,
    dry_run: bool = False,
    agrees: Agrees | None = None,
    start: float = 0.0,
) -> CondaChange:
    """Solve for ``requested`` (MatchSpecs by name) and make the prefix have that.

    ``places`` tell where a MatchSpec stands that the command has from a file.
    ``free`` are the names whose pins of the environment do not hold: those that the command names. With
    ``keep_unasked`` what is in the prefix and nobody asked for stays, too: environments of other tools
    remember less.
    """
    from hutch.ops.conda_both import choose_both
    from hutch.ops.conda_limits import Limits, all_asked, python_stays
    from hutch.ops.conda_place import channels_for

    limits = limits or Limits()
    kept = state if keep_unasked else None
    pins = not limits.no_pin
    specs = [*all_asked(context, root, requested, extra or {}, kept, asked, places or {}, pins=pins)]
    specs += [*python_stays(state, free), *limits.asked(state)]
    if state is None and index is None and not specs:
        return carry_out(  # nothing is asked for: no channel is asked either
            context, root, verb, (), requested, asked=asked, dry_run=dry_run, agrees=agrees, start=start
        )
    names = channels_for(context, channels, override, state.channels if state is not None else ())
    platform = subdir or (state.subdir if state is not None else None)

    def choice_of(preferred: Preferred) -> Choice:
        return choose_both(
            context,
            root,
            specs,
            index,
            named=frozenset(free),
            frozen=limits.freeze,
            newest=limits.newest,
            platforms=(platform,) if platform else (),
            preferred=preferred,
            channels=names,
            present={one.record.name: one.record for one in state.packages} if state is not None else None,
        )

    choice = limits.limited(context, state, limits.choose(choice_of, preferred or {}))
    return carry_out(
        context,
        root,
        verb,
        choice.records,
        requested,
        choice=choice,
        asked=asked,
        reinstall=reinstall,
        mark=state.mark if state is not None else NOT_THERE,
        dry_run=dry_run,
        agrees=agrees,
        start=start,
    )


def carry_out(
    context: Context,
    root: str,
    verb: str,
    records: Sequence[CondaRecord],
    requested: Mapping[str, tuple[str, ...]],
    *,
    asked: tuple[str, ...],
    choice: Choice | None = None,
    reinstall: frozenset[str] = frozenset(),
    mark: Mark = NOT_THERE,
    dry_run: bool = False,
    agrees: Agrees | None = None,
    start: float = 0.0,
) -> CondaChange:
    """``mark`` is that of the prefix for which the records were chosen."""
    from hutch.ops.conda_prefix import change_prefix

    how = dict(choice.how) if choice is not None else {}
    again = reinstall | frozenset(how.pop("reinstall", ()))

    def change(*, dry: bool) -> CondaChange:
        made = change_prefix(
            context,
            root,
            records,
            choice.wheels if choice is not None else None,
            requested=requested,
            update=() if verb == "remove" else asked,
            remove=asked if verb == "remove" else (),
            reinstall=again,
            dry_run=dry,
            mark=mark,
            **how,
        )
        if choice is not None and not dry and not made.fetched:
            from hutch.ops.conda_both import remember

            remember(root, choice)
        return CondaChange(
            change=made,
            verb=verb,
            asked=asked,
            env_name=context.named or "",
            seconds=time.monotonic() - start,
        )

    return agreed(change, dry_run, agrees)


def agreed(change: Callable[..., CondaChange], dry_run: bool, agrees: Agrees | None) -> CondaChange:
    """Carry out a change, if whoever is asked agrees to the plan."""
    if dry_run:
        return change(dry=True)
    if agrees is not None:
        planned = change(dry=True)
        if planned.change.plan.steps and not agrees(planned):
            return replace(planned, agreed=False)
    return change(dry=False)
