"""``hutch add``: put requirements into the manifest, lock, install; all of it or nothing."""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem
from hutch.ops.add_outcome import AddOutcome
from hutch.ops.context import one_at_a_time
from hutch.ops.edit import EditOptions, apply_edit, edited_checkout, where_of, write_edit
from hutch.ops.script import keeps_lock
from hutch.ops.scripted import for_scripts
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.lock import Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.outcomes import LockOutcome, SyncOutcome
    from hutch.project import Editor
    from hutch.spec import Requirement, Specifiers

__all__ = ["AddOptions", "AddOutcome", "add"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOptions(EditOptions):
    """The options of ``add``; ``bounds`` says what to write where no version was given.

    ``conda`` and ``pypi`` say which side is meant; ``channel`` and ``platform`` are for conda's.
    """

    requirements: tuple[str, ...] = ()
    bounds: str = "lower"
    index: str | None = None
    editable: bool = False
    git: str | None = None
    branch: str | None = None
    tag: str | None = None
    rev: str | None = None
    subdirectory: str | None = None
    apply: int | None = None
    pypi: bool = False
    channel: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()


@for_scripts
@one_at_a_time
def add(context: Context, options: AddOptions) -> AddOutcome:
    """Add each requirement; one without a version gets the bound that ``bounds`` asks for."""
    if options.conda:
        from hutch.ops.conda_add import add_from_conda

        return add_from_conda(context, options)
    _refuse_words_of_conda(options)
    from hutch.ops.add_source import given_requirements, sources_with
    from hutch.project import Source
    from hutch.spec import normalize

    checkout = edited_checkout(context, options)
    where = where_of(options)
    given = given_requirements(context, checkout, options)
    wanted = [requirement for requirement, _ in given]
    sources = {requirement.name: source for requirement, source in given if source is not None}
    named = [(requirement.name, requirement.marker) for requirement in wanted]
    for name, marker in named:
        if named.count((name, marker)) > 1:
            raise UsageProblem(f"{name} is named twice", hint="name it once, with all that you ask of it")
    own = normalize(checkout.own.name) if checkout.own.name else None
    for requirement in wanted:
        if requirement.name == own and where == "project":
            raise UsageProblem(f"{requirement.name} is this project", why="a project cannot depend on itself")
    if options.index is not None:
        _check_index(context, options.index)

    base = checkout.text

    def written(requirements: list[Requirement]) -> Editor:
        editor = checkout.editor_of(base)
        for requirement in requirements:
            editor.add(requirement, where)
            if options.pypi and checkout.own.settings.conda is not None:
                editor.prefer("pypi", requirement.name)
            source = sources.get(requirement.name)
            if source is None and options.index is not None:
                source = Source(kind="index", location=options.index)
            if source is not None:
                found = sources_with(checkout.own, requirement, where, source)
                editor.set_sources(requirement.name, found)
        return editor

    if options.frozen:
        if not options.dry_run:
            write_edit(context, checkout, written(wanted))
        return AddOutcome(
            added=tuple(r.render() for r in wanted),
            where=where,
            manifest=written(wanted).changed,
            script=options.script,
            dry_run=options.dry_run,
        )
    final = list(wanted)
    bounds = {"none": None, "exact": _exact}
    bound = bounds[options.bounds] if options.bounds in bounds else checkout.editor_of(base).bound

    def finish(lock: Lock) -> Editor | None:
        nonlocal final
        if options.pypi and not checkout.editor_of(base).says_sides:
            _refuse_other_side(checkout, lock, wanted)
        final = [
            requirement if requirement.name in sources else _bounded(requirement, lock, bound, where)
            for requirement in wanted
        ]
        return written(final) if final != wanted else None

    def attempt() -> tuple[LockOutcome, SyncOutcome | None]:
        return apply_edit(
            context,
            checkout,
            written(wanted),
            finish,
            sync=options.sync and options.script is None,
            dry_run=options.dry_run,
            keep_lock=keeps_lock(checkout),
            select=where,
        )

    changed = written(wanted).changed  # afterwards it is there already
    try:
        lock_outcome, sync_outcome = attempt()
    except Problem as problem:
        if options.apply is None or problem.code != "conflict":
            raise
        from hutch.ops.repair import chosen_advice, tell_edits, wanted_with

        advice = chosen_advice(problem, options.apply)
        base, wanted = wanted_with(advice, checkout, wanted)
        final = list(wanted)
        lock_outcome, sync_outcome = attempt()
        tell_edits(context, advice, dry_run=options.dry_run)
    return AddOutcome(
        added=tuple(requirement.render() for requirement in final),
        where=where,
        manifest=changed,
        script=options.script,
        lock=lock_outcome if keeps_lock(checkout) else None,
        sync=sync_outcome,
        dry_run=options.dry_run,
    )


def _refuse_words_of_conda(options: AddOptions) -> None:
    for name in ("channel", "platform"):
        if getattr(options, name):
            raise UsageProblem(
                f"--{name} is about packages of conda",
                hint="hutch add --conda says that those are meant",
            )


def _refuse_other_side(checkout: Checkout, lock: Lock, wanted: list[Requirement]) -> None:
    """``--pypi`` says something that a manifest of conda or pixi cannot say for the next lock."""
    there = {package.name for package in lock.packages}
    for requirement in wanted:
        if lock.conda is not None and requirement.name not in there:
            file = checkout.own.filename
            raise UsageProblem(
                f"--pypi: {requirement.name} comes from a channel all the same",
                why=f"{file} has no words for the side that a package comes from, and conda's is tried first",
                hint=(
                    f"hutch import {file} writes a pyproject.toml, which has them",
                    f"a version that no channel has: hutch add '{requirement.name}==VERSION'",
                ),
            )


def _check_index(context: Context, name: str) -> None:
    """The name of an index has to mean the same to everybody who has the project."""
    names = [index.name for index in context.configuration.indexes if not index.name.startswith("extra-")]
    if name not in names:
        raise UsageProblem(
            f"there is no index named {name}",
            why=f"indexes with a name: {', '.join(names)}",
            hint="name it in [[tool.hutch.index]] of pyproject.toml",
        )


def _bounded(
    requirement: Requirement, lock: Lock, bound: Callable[[str, str], Specifiers] | None, where: str
) -> Requirement:
    """The requirement with a bound from the version that was chosen; the lowest where there are several."""
    from hutch.spec import admits, lower_bound, version_key

    if requirement.specifiers or bound is None:
        return requirement
    versions = [package.version for package in lock.named(requirement.name) if package.version]
    if lock.conda is not None:
        from hutch.ops.conda_add import versions_of

        versions += versions_of(requirement.name, lock)
    if not versions:
        return requirement
    lowest = min(versions, key=version_key)
    found = bound(lowest, where)
    if bound is not _exact and not all(admits(found, version) for version in versions):
        found = lower_bound(lowest)  # several versions for several targets, which a caret would not span
    return replace(requirement, specifiers=found)


def _exact(version: str, where: str) -> Specifiers:
    return (("==", version),)
