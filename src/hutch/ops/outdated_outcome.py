"""What ``outdated`` finds: packages of both sides that are not the newest, and what holds them back."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Held", "Outdated", "OutdatedOutcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What keeps the newest version out.

    ``kind`` is ``requirement`` (the user's, at ``file`` and ``line``), ``package`` (another one's),
    ``python``, ``files``, ``date`` or ``itself`` (what the version needs).
    """

    kind: str
    text: str
    file: str | None = None
    line: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "file": self.file, "line": self.line}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """One package that is not the newest. ``allowed`` is what an upgrade would lock; ``kind`` is the side."""

    name: str
    locked: tuple[str, ...]
    installed: str | None
    allowed: tuple[str, ...]
    newest: str
    direct: bool
    held: tuple[Held, ...] = ()
    kind: str = "pypi"

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "locked": list(self.locked),
            "installed": self.installed,
            "allowed": list(self.allowed),
            "newest": self.newest,
            "direct": self.direct,
            "held_back_by": [held.to_json() for held in self.held],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedOutcome:
    """The packages that are not the newest, of ``looked_at`` from an index or a channel."""

    packages: tuple[Outdated, ...]
    looked_at: int

    def to_json(self) -> dict[str, Any]:
        return {"packages": [each.to_json() for each in self.packages], "looked_at": self.looked_at}
