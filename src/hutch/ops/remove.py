"""``hutch remove``: take requirements out of the manifest, lock, uninstall what nothing needs any more."""

from __future__ import annotations

from hutch.ops.checkout import MANIFEST, write_text
from hutch.ops.context import one_at_a_time
from hutch.ops.edit import EditOptions, EditOutcome, apply_edit, where_of
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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


@one_at_a_time
def remove(context: Context, options: RemoveOptions) -> RemoveOutcome:
    """Remove each name; all of them are there, or nothing is changed."""
    from hutch.project import remove_requirement
    from hutch.spec import parse_name

    checkout = context.checkout
    where = where_of(options)
    names = tuple(dict.fromkeys(parse_name(name) for name in options.names))
    text = checkout.text
    for name in names:
        text = remove_requirement(text, name, where, filename=MANIFEST)
    if options.frozen:
        if not options.dry_run:
            write_text(checkout.manifest_path, text)
        return RemoveOutcome(removed=names, where=where, dry_run=options.dry_run)
    lock_outcome, sync_outcome = apply_edit(
        context,
        checkout,
        text,
        lambda lock: None,
        sync=options.sync,
        dry_run=options.dry_run,
        select="project",
    )
    return RemoveOutcome(
        removed=names, where=where, lock=lock_outcome, sync=sync_outcome, dry_run=options.dry_run
    )
