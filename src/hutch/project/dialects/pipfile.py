"""The dialect of pipfile."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.dialects.draft import Draft, Original

__all__ = ["translate"]


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what the original says."""
