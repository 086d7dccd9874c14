"""What a change of a prefix asks for, and how far ``hutch conda install|update`` may go with it:
``--freeze-installed``, ``--update-deps``, ``--no-deps``, ``--only-deps``."""

from __future__ import annotations

from hutch.ops.conda_leaving import needed_names
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from hutch.ops.conda_both import Choice
    from hutch.ops.conda_options import CondaSolveOptions
    from hutch.ops.conda_place import PrefixState
    from hutch.ops.conda_question import CondaAsked
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord

    Preferred = Mapping[str, tuple[str, ...]]

__all__ = ["Limits", "all_asked", "limits_of", "python_stays", "tell_missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``named`` are what the command names; of it and what it needs the flags say what may change."""

    named: frozenset[str] = frozenset()
    freeze: bool = False
    update_deps: bool = False
    no_deps: bool = False
    only_deps: bool = False
    no_pin: bool = False
    newest: bool = False
    """Also of the distributions of an index."""

    def asked(self, state: PrefixState | None) -> Iterator[CondaAsked]:
        """What is there and is not named is asked for as it is."""
        from hutch.ops.conda_question import CondaAsked

        if not self.freeze or state is None:
            return
        for one in state.packages:
            if one.record.name not in self.named:
                spec = f"{one.record.name}=={one.record.version}={one.record.build}"
                yield CondaAsked(spec=spec, place="the environment (--freeze-installed)")

    def choose(self, choice_of: Callable[[Preferred], Choice], preferred: Preferred) -> Choice:
        """Solve; with `update_deps` again, while more is found that what is named needs."""
        free: set[str] = set(self.named) if self.update_deps else set()
        while True:
            choice = choice_of({name: rows for name, rows in preferred.items() if name not in free})
            more = _needed(choice.records, self.named) - free if self.update_deps else set()
            if not more & preferred.keys():
                return choice
            free |= more

    def limited(self, context: Context, state: PrefixState | None, choice: Choice) -> Choice:
        """Of what was chosen what is to be carried out; what is missing then is told."""
        if not self.no_deps and not self.only_deps:
            return choice
        there = {one.record.name: one.record for one in state.packages} if state is not None else {}
        chosen = {record.name: record for record in choice.records}
        if self.no_deps:
            records = there | {name: record for name, record in chosen.items() if name in self.named}
            choice = replace(choice, wheels=None, how={}, roots=(), only=False, states={})
        else:
            records = {name: record for name, record in chosen.items() if name not in self.named}
            records |= {name: there[name] for name in self.named & there.keys()}
        tell_missing(context, records, there)
        return replace(choice, records=tuple(records[name] for name in sorted(records)))


def limits_of(options: CondaSolveOptions, named: Iterable[str]) -> Limits:
    """What the options of a command say."""
    return Limits(
        named=frozenset(named),
        freeze=getattr(options, "freeze_installed", False),
        update_deps=getattr(options, "update_deps", False),
        no_deps=options.no_deps,
        only_deps=options.only_deps,
        no_pin=options.no_pin,
    )


def _needed(records: Iterable[CondaRecord], names: Collection[str]) -> set[str]:
    """What these need, and what that needs."""
    needs = {record.name: needed_names(record) for record in records}
    found: set[str] = set()
    waiting = [each for name in names for each in needs.get(name, ())]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found


def tell_missing(
    context: Context, records: Mapping[str, CondaRecord], there: Mapping[str, CondaRecord]
) -> None:
    """Warn of each dependency that the change leaves unmet; what was so before is none of its business."""
    from hutch.events import Notice
    from hutch.spec import parse_conda_spec

    changed = {name for name in records if there.get(name) != records[name]} | (there.keys() - records.keys())
    for name, record in records.items():
        for text in record.depends:
            spec = parse_conda_spec(text)
            if spec.name.startswith("__") or spec.when or not {name, spec.name} & changed:
                continue
            found = records.get(spec.name)
            if found is None or not replace(spec, channel="", subdir="").admits(found):
                has = (
                    f"which has {found.name} {found.version}" if found is not None else "where it is missing"
                )
                said = f"{record.name} {record.version} needs `{text}` in this environment, {has}"
                context.emit(Notice(said, warning=True))


# -- what is asked for --------------------------------------------------------------------------------


def all_asked(
    context: Context,
    root: str,
    requested: Preferred,
    extra: Preferred,
    state: PrefixState | None,
    asked: Collection[str],
    places: Mapping[str, str],
    *,
    pins: bool = True,
) -> Iterator[CondaAsked]:
    """``requested`` and ``extra``; what nobody asked for, where ``state`` is to be kept; and ``pins``.

    ``asked`` are the MatchSpecs of this command, and ``places`` tell where in a file one of them stands.
    """
    from hutch.ops.channels import pinned_packages
    from hutch.ops.conda_question import CondaAsked
    from hutch.spec import parse_conda_spec

    for said in (requested, extra):
        for word in (word for words in said.values() for word in words):
            new = "this command" if word in asked else "the environment, by an earlier command"
            yield CondaAsked(spec=word, place=places.get(word) or new)
    for name in _unasked_roots(state) if state is not None else ():
        if name not in requested and name not in extra:
            yield CondaAsked(spec=name, place="the environment")
    for word in pinned_packages(context, root) if pins else ():
        if parse_conda_spec(word).name:
            yield CondaAsked(spec=word, constraint=True, place="pinned packages")


def python_stays(state: PrefixState | None, free: Iterable[str]) -> Iterator[CondaAsked]:
    """The minor version of Python, unless it is named."""
    from hutch.ops.conda_question import CondaAsked

    present = {one.record.name: one.record for one in state.packages} if state is not None else {}
    python = present.get("python")
    if python is not None and "python" not in set(free):
        minor = ".".join(python.version.split(".")[:2])
        place = "the environment, whose Python changes when it is named"
        yield CondaAsked(spec=f"python {minor}.*", constraint=True, place=place)


def _unasked_roots(state: PrefixState) -> list[str]:
    """What nobody asked for and nothing needs: in a prefix without a memory, that is what was asked for."""
    needed = {name for one in state.packages for name in needed_names(one.record)}
    return [one.record.name for one in state.packages if not one.requested and one.record.name not in needed]
