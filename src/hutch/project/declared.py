"""A requirement where it was written, and the lines of a file, looked for when somebody asks."""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.spans import Document, Path
    from hutch.spec import Requirement

__all__ = ["Declared", "Locator"]


class Locator:
    """Lines of one file, found on the first question (a scan of the text) and kept."""

    __slots__ = ("_document", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._document: Document | None = None

    @property
    def document(self) -> Document:
        """The scanned text."""
        if self._document is None:
            from hutch.project.spans import scan

            self._document = scan(self._text)
        return self._document

    def at(self, path: Path) -> Path:
        """What stands in the file for ``path``: another path where the file is another tool's."""
        return path

    def line(self, path: Path) -> int:
        """The line (from 1) where ``path`` stands."""
        return self.document.line(path)

    def filename(self, path: Path) -> str | None:
        """The file where ``path`` stands, if it is another than the manifest."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A requirement as somebody wrote it: ``text`` in ``filename`` at ``path``."""

    requirement: Requirement
    text: str
    path: Path = ()
    filename: str = "pyproject.toml"
    locator: Locator | None = field(default=None, repr=False, compare=False)

    @property
    def line(self) -> int:
        """The line of the file, from 1; 0 when it stands in no file."""
        return self.locator.line(self.path) if self.locator else 0

    @property
    def place(self) -> str:
        """``pyproject.toml:8``, for a sentence."""
        return f"{self.filename}:{line}" if (line := self.line) else self.filename
