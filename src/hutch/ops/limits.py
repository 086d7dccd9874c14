"""How large an archive may be when it is unpacked: the usual, or what the user says."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.build import Limits as SourceLimits
    from hutch.ops.context import Context
    from hutch.store import Limits as WheelLimits

__all__ = ["source_limits", "wheel_limits"]

WITHOUT_END = 1 << 62


def _said(context: Context) -> tuple[int | None, int]:
    """Bytes (None for the usual) and members."""
    configuration = context.configuration
    members, text = configuration.archive_member_limit, configuration.archive_size_limit
    if text is None:
        return None, members
    from hutch.store import parse_limit

    limit = parse_limit(text)
    if limit is None:
        return None, members
    size = limit.on(configuration.cache_dir)
    return (WITHOUT_END if size is None else size), members


def wheel_limits(context: Context) -> WheelLimits:
    """What a wheel may unpack to."""
    from hutch.store import Limits

    size, members = _said(context)
    usual = Limits()
    return Limits(
        members=members,
        size=usual.size if size is None else size,
        free_size=usual.free_size if size is None else size,
    )


def source_limits(context: Context) -> SourceLimits:
    """What a source archive may unpack to."""
    from hutch.build import Limits

    size, members = _said(context)
    usual = Limits()
    return Limits(
        members=members,
        size=usual.size if size is None else size,
        free=usual.free if size is None else size,
    )
