"""``hutch conda create|install|update|remove``: solve, show the plan, change the prefix, all or nothing."""

from __future__ import annotations

import contextlib
import os
import time

from hutch.errors import Problem, UsageProblem
from hutch.ops.conda_enact import CondaChange, agreed, carry_out, change_to
from hutch.ops.conda_only_fetch import only_fetch
from hutch.ops.conda_options import (
    CondaCreateOptions,
    CondaInstallOptions,
    CondaRemoveOptions,
    CondaUpdateOptions,
    specs_by_name,
)
from hutch.ops.conda_turns import takes_turns
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hutch.ops.conda_pip_lines import IndexAsked
    from hutch.ops.conda_place import PrefixState
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord

    Agrees = Callable[["CondaChange"], bool]

__all__ = [
    "CondaCreateOptions",
    "CondaInstallOptions",
    "CondaRemoveOptions",
    "CondaUpdateOptions",
    "conda_create",
    "conda_install",
    "conda_remove",
    "conda_update",
]


class NotInPrefix(Problem):
    """A package that was named is not in the environment."""

    code = "not-in-prefix"


# -- the verbs --------------------------------------------------------------------------------------


@takes_turns
def conda_create(
    context: Context,
    options: CondaCreateOptions,
    agrees: Agrees | None = None,
    index: IndexAsked | None = None,
) -> CondaChange:
    """Make an environment with what the specs mean; one that fails leaves nothing."""
    from hutch.ops.conda_exact import is_exact
    from hutch.ops.conda_limits import limits_of
    from hutch.ops.conda_loose import loose_files
    from hutch.ops.conda_place import new_place

    start = time.monotonic()
    only_fetch(context, options.download_only)
    root = new_place(context, options.prefix)
    if options.clone is not None:
        return _clone(context, options, root, agrees, start)
    exact = [name for name in options.file if is_exact(context, name)]
    if exact:
        return create_exactly(context, root, exact[0], options, agrees, start)
    if loose_files(context, (*options.specs, *options.file)):
        return _create_loosely(context, root, options, agrees, start)
    default = () if options.no_default_packages else ("create_default_packages",)
    usual = tuple(word for key in default for word in context.configuration.condarc.words(key))
    places: dict[str, str] = {}
    said = specs_by_name(context, options.specs, options.file, places)
    defaults = specs_by_name(context, usual)
    requested = defaults if options.only_deps else {**defaults, **said}
    own = frozenset(_flat(said))
    places |= {word: "create_default_packages of .condarc" for word in usual if word not in own}
    return change_to(
        context,
        root,
        "create",
        requested,
        extra=said if options.only_deps else None,
        limits=limits_of(options, said),
        asked=_flat({**defaults, **said}),
        places=places,
        channels=options.channel,
        override=options.override_channels,
        subdir=options.subdir,
        index=index,
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )


def create_exactly(
    context: Context, root: str, name: str, options: CondaCreateOptions, agrees: Agrees | None, start: float
) -> CondaChange:
    """Just the packages that a file names by their addresses; nothing is solved."""
    from hutch.conda import subdir_here
    from hutch.ops.conda_exact import exact_records

    if options.specs or len(options.file) > 1:
        raise UsageProblem(f"{name} says all that is in the environment", hint="install more afterwards")
    subdir = options.subdir or subdir_here()
    records = exact_records(context, name, subdir, fetched=not options.dry_run)
    return _create(context, root, records, {}, options, agrees, start)


def _create_loosely(
    context: Context, root: str, options: CondaCreateOptions, agrees: Agrees | None, start: float
) -> CondaChange:
    """Just the packages in these files; what they need is told."""
    from hutch.conda import subdir_here
    from hutch.ops.conda_limits import tell_missing
    from hutch.ops.conda_loose import loose_records

    records = loose_records(context, options.specs, options.subdir or subdir_here())
    tell_missing(context, {one.name: one for one in records}, {})
    return _create(context, root, records, {one.name: (one.name,) for one in records}, options, agrees, start)


def _create(
    context: Context,
    root: str,
    records: tuple[CondaRecord, ...],
    requested: Mapping[str, tuple[str, ...]],
    options: CondaCreateOptions,
    agrees: Agrees | None,
    start: float,
) -> CondaChange:
    return carry_out(
        context,
        root,
        "create",
        records,
        requested,
        asked=_flat(requested),
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )


def _clone(
    context: Context, options: CondaCreateOptions, root: str, agrees: Agrees | None, start: float
) -> CondaChange:
    """The same packages, files of the store and not of the other prefix, which may have been changed."""
    from hutch.ops.conda_exact import carry_over, cloned
    from hutch.ops.conda_place import read_prefix

    if options.specs or options.file:
        raise UsageProblem("a clone has what the other environment has", hint="install more afterwards")
    source = str(options.clone)
    by_path = os.sep in source or source.startswith(".")
    before, context.named = context.named, None if by_path else source
    try:
        state = read_prefix(context, source if by_path else None)
    finally:
        context.named = before
    choice = cloned(context, state.root, [one.record for one in state.packages])
    made = carry_out(
        context,
        root,
        "create",
        choice.records,
        state.requested,
        choice=choice,
        asked=_flat(state.requested),
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )
    if made.agreed and not made.change.dry_run and not made.change.fetched:
        carry_over(state.root, root)
    return made


@takes_turns
def conda_install(
    context: Context, options: CondaInstallOptions, agrees: Agrees | None = None
) -> CondaChange:
    """Put packages in; what is there stays as it is, as far as that goes."""
    from hutch.ops.conda_exact import is_exact
    from hutch.ops.conda_limits import limits_of
    from hutch.ops.conda_loose import loose_files

    start = time.monotonic()
    only_fetch(context, options.download_only)
    if options.revision is not None:
        return _to_revision(context, options, agrees, start)
    exactly = any(is_exact(context, name) for name in options.file)
    if exactly or loose_files(context, (*options.specs, *options.file)):
        return _install_exactly(context, options, agrees, start, loosely=not exactly)
    places: dict[str, str] = {}
    new = specs_by_name(context, options.specs, options.file, places)
    if not new:
        raise UsageProblem("there is nothing to install", hint="hutch conda install -n NAME numpy")
    state = _to_change(context, options)
    return change_to(
        context,
        state.root,
        "install",
        state.requested if options.only_deps else {**state.requested, **new},
        state,
        extra=new if options.only_deps else None,
        limits=limits_of(options, new),
        asked=_flat(new),
        places=places,
        preferred=state.installed,
        free=new,
        reinstall=frozenset(new) if options.force_reinstall else frozenset(),
        channels=options.channel,
        override=options.override_channels,
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )


def _install_exactly(
    context: Context, options: CondaInstallOptions, agrees: Agrees | None, start: float, *, loosely: bool
) -> CondaChange:
    """The packages that a list names by their addresses, or the command line by their files (``loosely``), in
    the place of those with their names; what else is there stays. Nothing is solved: a need that is unmet
    then is told."""
    from hutch.conda import subdir_here
    from hutch.ops.conda_exact import exact_records
    from hutch.ops.conda_limits import tell_missing
    from hutch.ops.conda_loose import loose_records

    if not loosely and (options.specs or len(options.file) > 1):
        raise UsageProblem(
            f"{options.file[0]} says what is installed, and nothing is solved", hint="install more afterwards"
        )
    state = _to_change(context, options)
    there = {one.record.name: one.record for one in state.packages}
    subdir = state.subdir or subdir_here()
    found = (
        loose_records(context, options.specs, subdir)
        if loosely
        else exact_records(context, options.file[0], subdir, fetched=True)
    )
    new = {one.name: one for one in found}
    records = {**there, **new}
    tell_missing(context, records, there)
    requested = {
        name: words if name not in new or _is_met(words, new[name]) else (name,)
        for name, words in state.requested.items()
    }
    asked = {name: (name,) for name in new} if loosely else {}
    return carry_out(
        context,
        state.root,
        "install",
        tuple(records.values()),
        {**asked, **requested},
        asked=_flat(asked),
        reinstall=frozenset(new) if options.force_reinstall else frozenset(),
        mark=state.mark,
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )


def _is_met(words: tuple[str, ...], record: CondaRecord) -> bool:
    from hutch.spec import parse_conda_spec

    return all(replace(parse_conda_spec(word), channel="", subdir="").admits(record) for word in words)


def _to_revision(
    context: Context, options: CondaInstallOptions, agrees: Agrees | None, start: float
) -> CondaChange:
    from hutch.ops.conda_revisions import change_of_revision, revision_number

    if options.specs or options.file:
        raise UsageProblem("a revision says all that is in the environment", hint="install more afterwards")
    number = revision_number(str(options.revision))
    root = _to_change(context, options).root

    def change(*, dry: bool) -> CondaChange:
        made = change_of_revision(context, root, number, dry_run=dry)
        seconds = time.monotonic() - start
        return CondaChange(change=made, verb="install", env_name=context.named or "", seconds=seconds)

    return agreed(change, options.dry_run, None if options.yes else agrees)


@takes_turns
def conda_update(context: Context, options: CondaUpdateOptions, agrees: Agrees | None = None) -> CondaChange:
    """Newer versions of the packages that are named, or of all, within what was asked for."""
    from hutch.ops.conda_limits import limits_of
    from hutch.ops.conda_place import flag_of

    start = time.monotonic()
    only_fetch(context, options.download_only)
    places: dict[str, str] = {}
    new = specs_by_name(context, options.specs, options.file, places)
    if not new and not options.all:
        raise UsageProblem("nothing says what to update", hint="name packages, or --all")
    state = _to_change(context, options)
    missing = sorted(new.keys() - state.installed.keys())
    if missing:
        raise NotInPrefix(
            f"{', '.join(missing)} cannot be updated",
            why=f"not installed in {state.root}",
            hint=f"hutch conda install{flag_of(context, options.prefix)} {' '.join(missing)} puts it in",
        )
    # A bare name asks for a newer one and takes nothing back that was asked for; a spec replaces it.
    bare = {name for name, words in new.items() if words == (name,)}
    said = {name: words for name, words in new.items() if name not in bare}
    requested = state.requested if options.only_deps else {**state.requested, **said}
    # What nobody has asked for stays unasked, and yet has to be there still.
    extra: dict[str, tuple[str, ...]] = {name: (name,) for name in bare if name not in requested}
    extra |= said if options.only_deps else {}
    installed = state.installed
    kept = {} if options.all else {name: rows for name, rows in installed.items() if name not in new}
    outcome = change_to(
        context,
        state.root,
        "update",
        requested,
        state,
        asked=_flat(new),
        extra=extra,
        limits=limits_of(options, installed if options.all else new),
        places=places,
        preferred=kept,
        free=new,
        reinstall=frozenset(new) if options.force_reinstall else frozenset(),
        channels=options.channel,
        override=options.override_channels,
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )
    changed = {link.name for link in outcome.change.plan.links}
    held = tuple(
        (name, installed[name][0].partition(" ")[0], ", ".join(requested[name]))
        for name in sorted(bare)
        if f"conda:{name}" not in changed and requested.get(name, (name,)) != (name,)
    )
    return replace(outcome, held=held, flag=flag_of(context, options.prefix)) if held else outcome


@takes_turns
def conda_remove(context: Context, options: CondaRemoveOptions, agrees: Agrees | None = None) -> CondaChange:
    """Take packages out, with what needs them and what nobody needs then; no channel is asked."""
    from hutch.ops.conda_leaving import leaving
    from hutch.ops.conda_place import flag_of

    start = time.monotonic()
    if not options.names and not options.all:
        raise UsageProblem("there is nothing to remove", hint="name packages, or --all")
    state = _to_change(context, options)
    names = frozenset(one.record.name for one in state.packages)
    asked = tuple(dict.fromkeys(_removed_name(word) for word in options.names))
    missing = [name for name in asked if name not in names]
    if missing:
        _refuse_wheels(context, state.root, options.prefix, missing)
        raise NotInPrefix(
            f"{', '.join(missing)} cannot be removed",
            why=f"not installed in {state.root}",
            hint=f"hutch conda list{flag_of(context, options.prefix)} shows what is",
        )
    gone = names if options.all else leaving(state.packages, frozenset(asked))
    if not options.all:
        from hutch.ops.conda_both import tell_needed

        tell_needed(context, state.root, gone)
    return carry_out(
        context,
        state.root,
        "remove",
        [one.record for one in state.packages if one.record.name not in gone],
        {},
        asked=asked or tuple(sorted(gone)),
        mark=state.mark,
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )


def _refuse_wheels(context: Context, root: str, prefix: str | None, names: list[str]) -> None:
    """Say how that goes which an index has brought: conda's names are no names for it."""
    from hutch.ops.conda_both import installed_from_index
    from hutch.spec import InvalidName, parse_name

    there = installed_from_index(root)
    found = []
    for name in names:
        with contextlib.suppress(InvalidName):
            if parse_name(name) in there:
                found.append(name)
    if found:
        which = f" -n {context.named}" if context.named else f" --python {prefix}" if prefix else ""
        raise NotInPrefix(
            f"{', '.join(found)} cannot be removed",
            why="came from a package index, and is no package of conda",
            hint=f"hutch pip uninstall{which} {' '.join(found)}",
        )


def _removed_name(word: str) -> str:
    from hutch.spec import parse_conda_spec

    spec = parse_conda_spec(word)
    if spec.version or spec.names_a_build:
        raise UsageProblem(f"{word} is more than a name", hint=f"hutch conda remove {spec.name}")
    return spec.name


def _to_change(
    context: Context, options: CondaInstallOptions | CondaUpdateOptions | CondaRemoveOptions
) -> PrefixState:
    """The prefix that is meant, if it may be changed."""
    from hutch.ops.conda_frozen import override_frozen, refuse_frozen
    from hutch.ops.conda_place import read_prefix

    state = read_prefix(context, options.prefix)
    if options.override_frozen:
        override_frozen(context)
    refuse_frozen(context, state.root)
    return state


def _flat(requested: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(word for words in requested.values() for word in words)
