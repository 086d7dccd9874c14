"""``exclude-newer``: a moment, or a span back from now, as the ISO time that uploads are compared with."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["exclude_newer"]


def exclude_newer(context: Context) -> str | None:
    """The latest upload time that counts, in UTC; None where every upload does."""
    said = context.configuration.exclude_newer
    if said is None:
        return None
    from datetime import UTC, datetime

    from hutch.project import resolve_moment

    return resolve_moment(said, now=datetime.now(UTC))
