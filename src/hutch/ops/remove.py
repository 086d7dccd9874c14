"""``hutch remove``: take requirements out of the manifest, lock, uninstall what nothing needs any more."""

from __future__ import annotations

from hutch.ops.context import one_at_a_time
from hutch.ops.edit import EditOptions, EditOutcome, apply_edit, edited_checkout, where_of, write_edit
from hutch.ops.script import keeps_lock
from hutch.ops.scripted import for_scripts
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.project import Editor

__all__ = ["RemoveOptions", "RemoveOutcome", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOptions(EditOptions):
    """The options of ``remove``."""

    names: tuple[str, ...] = ()
    pypi: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOutcome(EditOutcome):
    """``removed`` are the names that were taken out of ``where``, ``sides`` what each was asked of: ``pypi``,
    ``conda``, or both."""

    removed: tuple[str, ...]
    sides: tuple[tuple[str, ...], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "removed": list(self.removed),
            "sides": {name: list(found) for name, found in zip(self.removed, self.sides, strict=True)},
            **EditOutcome.to_json(self),
        }


@for_scripts
@one_at_a_time
def remove(context: Context, options: RemoveOptions) -> RemoveOutcome:
    """Remove each name, from whichever side it is asked of; all of them are there, or nothing is changed."""
    checkout = edited_checkout(context, options)
    where = where_of(options)
    editor = checkout.editor_of(checkout.text)
    found = {name: _remove(checkout, editor, name, where, options) for name in _names(checkout, options)}
    names, sides = tuple(found), tuple(found.values())
    if options.frozen:
        if not options.dry_run:
            write_edit(context, checkout, editor)
        return RemoveOutcome(
            removed=names,
            sides=sides,
            where=where,
            manifest=editor.changed,
            script=options.script,
            dry_run=options.dry_run,
        )
    lock_outcome, sync_outcome = apply_edit(
        context,
        checkout,
        editor,
        lambda lock: None,
        sync=options.sync and options.script is None,
        dry_run=options.dry_run,
        keep_lock=keeps_lock(checkout),
        select="project",
    )
    return RemoveOutcome(
        removed=names,
        sides=sides,
        where=where,
        manifest=editor.changed,
        script=options.script,
        lock=lock_outcome if keeps_lock(checkout) else None,
        sync=sync_outcome,
        dry_run=options.dry_run,
    )


def _names(checkout: Checkout, options: RemoveOptions) -> tuple[str, ...]:
    """The names as they are compared: that of an index normalised, that of conda as conda has it."""
    from hutch.spec import is_valid_name, parse_name

    found = []
    for name in options.names:
        lenient = checkout.own.settings.conda is not None and not is_valid_name(name)  # _openmp_mutex
        found.append(name.lower() if options.conda or lenient else parse_name(name))
    return tuple(dict.fromkeys(found))


def _remove(
    checkout: Checkout, editor: Editor, name: str, where: str, options: RemoveOptions
) -> tuple[str, ...]:
    """Take a name out of each side that asks for it, unless one was named; which these are."""
    from hutch.project import NotDeclared
    from hutch.spec import normalize

    conda = checkout.own.settings.conda
    sides: list[str] = []
    problem: NotDeclared | None = None
    if not options.conda:
        try:
            editor.remove(normalize(name), where)
        except NotDeclared as error:
            problem = error
            if options.script is not None:
                problem.what = problem.what.replace("of the project", f"of {options.script}")
        else:
            sides.append("pypi")
            if not _is_elsewhere(checkout, name, where):
                editor.remove_source(normalize(name))
                if conda is not None:
                    editor.forget_side(normalize(name))
    if conda is not None and not options.pypi:
        spelled = [each.name for each in conda.dependencies if each.where == where]
        meant = (
            name if name in spelled else next((x for x in spelled if normalize(x) == normalize(name)), name)
        )
        try:
            editor.remove_conda(meant, where)
        except NotDeclared as error:
            problem = error if problem is None or not problem.hints else problem
        else:
            sides.append("conda")
    if not sides:
        also = {each.where: None for each in (conda.dependencies if conda else ()) if each.name == name}
        if problem is None or (also and not problem.hints):
            problem = NotDeclared(name, where, also=tuple(also))
        raise problem
    return tuple(sides)


def _is_elsewhere(checkout: Checkout, name: str, where: str) -> bool:
    """Is the name asked for by another list of the manifest too?"""
    return any(
        one.requirement.name == name
        for place, declared in checkout.own.requirements().items()
        if place != where
        for one in declared
    )
