"""``hutch env upgrade`` of a conda environment: packages of both kinds, and perhaps another Python."""

from __future__ import annotations

import time

from hutch.errors import UsageProblem
from hutch.ops.conda_turns import takes_turns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_enact import CondaChange
    from hutch.ops.conda_place import PrefixState
    from hutch.ops.context import Context

__all__ = ["upgrade_prefix"]


@takes_turns
def upgrade_prefix(
    context: Context, name: str, words: tuple[str, ...], *, dry_run: bool = False
) -> CondaChange:
    """All that was asked for as new as it may be, or the conda packages in ``words``; in one change."""
    from hutch.ops.conda_enact import change_to
    from hutch.ops.conda_frozen import refuse_frozen
    from hutch.ops.conda_limits import Limits
    from hutch.ops.conda_options import specs_by_name
    from hutch.ops.conda_place import read_prefix

    start = time.monotonic()
    context.named = name
    context.ask_again()
    state = read_prefix(context, None)
    refuse_frozen(context, state.root)
    new = specs_by_name(context, (*words, *_python(context, name, state)))
    _refuse_others(name, state, new)
    said = {each: specs for each, specs in new.items() if specs != (each,)}
    requested = {**state.requested, **said}
    everything = not words
    kept = {} if everything else {one: rows for one, rows in state.installed.items() if one not in new}
    return change_to(
        context,
        state.root,
        "update",
        requested,
        state,
        extra={each: (each,) for each in new if each not in requested},
        limits=Limits(named=frozenset(new), newest=everything),
        asked=tuple(word for specs in new.values() for word in specs),
        preferred=kept,
        free=new,
        dry_run=dry_run,
        start=start,
    )


def _python(context: Context, name: str, state: PrefixState) -> tuple[str, ...]:
    """``--python 3.13`` as a MatchSpec."""
    said = context.flags.get("python")
    if said is None:
        return ()
    if "python" not in state.installed:
        raise UsageProblem(f"{name} has no Python", hint=f"hutch conda install -n {name} python={said}")
    text = str(said)
    if not all(each.isdecimal() or each in ".*<>=!,~" for each in text):
        raise UsageProblem(
            f"--python {text} is no version",
            why="the Python of a conda environment is a package of a channel",
            hint=f"hutch env upgrade {name} --python 3.13",
        )
    return (f"python={text}" if text[:1].isdecimal() else f"python{text}",)


def _refuse_others(name: str, state: PrefixState, new: dict[str, tuple[str, ...]]) -> None:
    missing = sorted(new.keys() - state.installed.keys())
    if missing:
        raise UsageProblem(
            f"{', '.join(missing)}: no package of conda in {name}",
            hint=(
                f"hutch pip install -n {name} -U {missing[0]}, if it is of an index",
                f"hutch conda install -n {name} {missing[0]} puts it in",
            ),
        )
