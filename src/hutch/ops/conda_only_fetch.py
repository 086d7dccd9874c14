"""``--download-only``: a change that ends when all that it needs is in the store."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["only_fetch", "only_fetches"]

_ONLY = "conda only fetches"


def only_fetch(context: Context, wanted: bool) -> None:
    """The user wants this command to fetch what it would install, and no more."""
    context.__dict__[_ONLY] = wanted


def only_fetches(context: Context) -> bool:
    """Whether the change is left at that."""
    return bool(context.__dict__.get(_ONLY))
