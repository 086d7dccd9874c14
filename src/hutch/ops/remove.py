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

__all__ = ["RemoveOptions", "RemoveOutcome", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOptions(EditOptions):
    """The options of ``remove``."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOutcome(EditOutcome):
    """``removed`` are the names that were taken out of ``where``."""

    removed: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"removed": list(self.removed), **EditOutcome.to_json(self)}


@for_scripts
@one_at_a_time
def remove(context: Context, options: RemoveOptions) -> RemoveOutcome:
    """Remove each name; all of them are there, or nothing is changed."""
    from hutch.project import NotDeclared
    from hutch.spec import parse_name

    checkout = edited_checkout(context, options)
    where = where_of(options)
    names = tuple(dict.fromkeys(parse_name(name) for name in options.names))
    editor = checkout.editor_of(checkout.text)
    for name in names:
        try:
            editor.remove(name, where)
        except NotDeclared as problem:
            if options.script is not None:
                problem.what = problem.what.replace("of the project", f"of {options.script}")
            raise
        if not _is_elsewhere(checkout, name, where):
            editor.remove_source(name)
    if options.frozen:
        if not options.dry_run:
            write_edit(context, checkout, editor)
        return RemoveOutcome(
            removed=names,
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
        where=where,
        manifest=editor.changed,
        script=options.script,
        lock=lock_outcome if keeps_lock(checkout) else None,
        sync=sync_outcome,
        dry_run=options.dry_run,
    )


def _is_elsewhere(checkout: Checkout, name: str, where: str) -> bool:
    """Is the name asked for by another list of the manifest too?"""
    return any(
        one.requirement.name == name
        for place, declared in checkout.own.requirements().items()
        if place != where
        for one in declared
    )
