"""``exclude-newer``: a moment, or a span back from now, as the ISO time that uploads are compared with."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context
    from hutch.project import ProjectSettings

__all__ = ["exclude_newer", "newer_than"]


def exclude_newer(context: Context) -> str | None:
    """The latest upload time that counts, in UTC; None where every upload does."""
    said = context.configuration.exclude_newer
    if said is None:
        return None
    from datetime import UTC, datetime

    from hutch.project import resolve_moment

    return resolve_moment(said, now=datetime.now(UTC))


def newer_than(settings: ProjectSettings) -> dict[str, Any]:
    """What packages and indexes have instead of ``exclude-newer``, for a request."""
    if not settings.newer_packages and not settings.newer_indexes:
        return {}
    from datetime import UTC, datetime

    from hutch.project import resolve_moment

    now = datetime.now(UTC)
    return {
        key: {name: said and resolve_moment(said, now=now) for name, said in found.items()}
        for key, found in (
            ("newer_packages", settings.newer_packages),
            ("newer_indexes", settings.newer_indexes),
        )
    }
