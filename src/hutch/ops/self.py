"""``hutch self``: about this hutch."""

from __future__ import annotations

import sys

from hutch import __version__
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["SelfVersionOutcome", "self_version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfVersionOutcome:
    """The versions of hutch and of the Python that runs it."""

    version: str
    python: str
    platform: str

    def to_json(self) -> dict[str, Any]:
        return {"version": self.version, "python": self.python, "platform": self.platform}


def self_version(context: Context) -> SelfVersionOutcome:
    """What this hutch is."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return SelfVersionOutcome(version=__version__, python=python, platform=sys.platform)
