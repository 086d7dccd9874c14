"""What ``add`` did, on either side."""

from __future__ import annotations

from hutch.ops.edit import EditOutcome
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["AddOutcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOutcome(EditOutcome):
    """``added`` are the requirements as written; nothing is locked or synced where that was not wanted.

    ``side`` is ``pypi`` or ``conda``; ``channels`` of conda were written as well.
    """

    added: tuple[str, ...]
    side: str = "pypi"
    channels: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "added": list(self.added),
            "side": self.side,
            "channels": list(self.channels),
            **EditOutcome.to_json(self),
        }
