"""A manifest in hutch's words, while it is written from another tool's.

A dialect takes what a tool wrote and says the same in the shape of a ``pyproject.toml`` that hutch reads
anyway: ``[project]``, ``[dependency-groups]``, ``[build-system]``, ``[tool.hutch]``. So there is one reader,
``hutch import`` only has to print the draft, and settings come from it as from ``[tool.hutch]``. Each entry
knows where the original says it, so that faults and explanations name the file that people have.
"""

from __future__ import annotations

from hutch.project.declared import Locator
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from hutch.project.spans import Path

    # A path in the original, or a line of a file.
    Origin: TypeAlias = "Path | Place"

__all__ = ["Draft", "Note", "Original", "Place", "TranslatedLocator"]


@dataclass(frozen=True, slots=True)
class Place:
    """A line (from 1) of ``filename``; of the original itself where that is None."""

    line: int
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the original says and the draft cannot: ``text`` is one sentence about it.

    ``warn``: who installs should hear of it too, not only who imports.
    """

    origin: Origin
    text: str
    warn: bool = False


def _nothing(path: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What is translated: the text of ``filename``, its TOML where it is TOML, and its neighbours.

    ``read`` gives the text of another file, by its path from the directory of the original (with ``/``), or
    None where there is none. ``without_pip``: what is said to pip in a manifest of conda is passed over.
    """

    text: str
    filename: str
    data: Mapping[str, Any] = field(default_factory=dict)
    without_pip: bool = False
    read: Callable[[str], str | None] = field(default=_nothing, repr=False, compare=False)


class Draft:
    """The document so far, where its entries come from, and what is wrong with the original.

    What is in the document already stays: the words of hutch, then of the first dialect, win.
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.document: dict[str, Any] = _copy(document or {})
        self.origins: dict[Path, Origin] = {}
        self.faults: list[tuple[Origin, str]] = []
        self.notes: list[Note] = []

    def get(self, *path: str) -> Any:
        """What is at ``path``; None where there is nothing."""
        found: Any = self.document
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def table(self, *path: str) -> dict[str, Any]:
        """The table at ``path``; an empty one where there is none, or something else: the reader tells."""
        found = self.get(*path)
        return found if isinstance(found, dict) else {}

    def array(self, *path: str) -> list[Any]:
        """The array at ``path``; an empty one where there is none, or something else."""
        found = self.get(*path)
        return found if isinstance(found, list) else []

    def put(self, path: tuple[str, ...], value: object, origin: Origin) -> bool:
        """Say ``value`` at ``path``, if nothing is said there; False if something was."""
        table = self._table(path[:-1])
        if table is None or path[-1] in table:
            return False
        table[path[-1]] = value
        self.origins[path] = origin
        return True

    def add(self, path: tuple[str, ...], value: object, origin: Origin) -> None:
        """Add ``value`` to the array at ``path``, which is made where there is none."""
        table = self._table(path[:-1])
        items = table.setdefault(path[-1], []) if table is not None else None
        if isinstance(items, list):  # what is no array is a fault that the reader tells
            items.append(value)
            self.origins.setdefault(path, origin)
            self.origins[(*path, len(items) - 1)] = origin

    def fault(self, origin: Origin, reason: str) -> None:
        """The original is wrong there."""
        self.faults.append((origin, reason))

    def note(self, origin: Origin, text: str, *, warn: bool = False) -> None:
        """The original says there what the draft cannot."""
        self.notes.append(Note(origin, text, warn))

    def _table(self, path: tuple[str, ...]) -> dict[str, Any] | None:
        table: Any = self.document
        for part in path:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                return None
        return table  # type: ignore[no-any-return]


def _copy(value: Any) -> Any:
    """A copy of tables and arrays: the document read from the text is remembered, and stays as it is."""
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


class TranslatedLocator(Locator):
    """Lines of the original, asked for by paths of the draft."""

    __slots__ = ("_origins",)

    def __init__(self, text: str, origins: dict[Path, Origin]) -> None:
        super().__init__(text)
        self._origins = origins

    def mark(self, origin: Origin) -> Path:
        """A path that no draft has and that means a place of the original."""
        path: Path = ("", len(self._origins))
        self._origins[path] = origin
        return path

    def origin(self, path: Path) -> Origin:
        """Where the original says what the draft says at ``path``, or at the nearest thing around it."""
        for length in range(len(path), 0, -1):
            found = self._origins.get(path[:length])
            if found is not None:
                return found
        return path

    def at(self, path: Path) -> Path:
        found = self.origin(path)
        return () if isinstance(found, Place) else found

    def line(self, path: Path) -> int:
        found = self.origin(path)
        return found.line if isinstance(found, Place) else self.document.line(found)

    def filename(self, path: Path) -> str | None:
        found = self.origin(path)
        return found.filename if isinstance(found, Place) else None
