"""``hutch conda env export --format explicit|conda-lock``: all by addresses."""

from __future__ import annotations

from hutch.errors import Problem, some_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from hutch.ops.conda_place import PrefixState
    from hutch.ops.context import Context

__all__ = ["EXACT_FORMATS", "exact_text"]

EXACT_FORMATS = ("explicit", "conda-lock")
MOST = 6


def exact_text(context: Context, state: PrefixState, form: str, wheels: Collection[str]) -> str:
    """The file. What came from an index has no address here: ``wheels`` are told, and left out."""
    from hutch.conda import subdir_here
    from hutch.events import Notice
    from hutch.lock import CondaLock, CondaRoot, CondaTarget, LockedConda, export_conda_lock, export_explicit
    from hutch.ops.conda_export import in_order

    records = [one.record for one in state.packages]
    nowhere = sorted(record.name for record in records if "://" not in record.url)
    if nowhere:
        raise Problem(
            f"{state.root} cannot be written with addresses",
            why=f"nothing says where {', '.join(nowhere[:MOST])} came from",
            hint="without --format it is written as an environment.yml",
        )
    if wheels:
        shown = some_words(sorted(wheels), MOST)
        context.emit(Notice(f"what came from a package index is not in it: {shown}", warning=True))
    subdir = state.subdir or subdir_here()
    if form == "explicit":
        return export_explicit(in_order(records), subdir, digest="sha256")
    reached = (("project", (subdir,)),)
    return export_conda_lock(
        CondaLock(
            channels=state.channels,
            targets=(CondaTarget(name=subdir, subdir=subdir),),
            roots=tuple(CondaRoot(spec=word) for words in state.requested.values() for word in words),
            packages=tuple(LockedConda(record=record, reached=reached) for record in records),
        )
    )
