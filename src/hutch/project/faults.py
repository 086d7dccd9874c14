"""What is wrong with a manifest: gathered while it is read, told all at once."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.project.declared import Locator
    from hutch.project.spans import Path

__all__ = ["CannotEdit", "Fault", "Faults", "InvalidManifest", "dotted"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a manifest: at ``path`` (dotted text), in ``line``; of the file
    ``filename``, if that is another one than the manifest."""

    path: str
    line: int
    reason: str
    column: int | None = None
    filename: str | None = None


class CannotEdit(Problem):
    """A manifest is written in a way that hutch can read and not change."""

    code = "cannot-edit-manifest"

    def __init__(self, filename: str, what: str, why: str, hint: str | tuple[str, ...]) -> None:
        super().__init__(f"hutch cannot {what} {filename}", why=why, hint=hint)


class InvalidManifest(Problem):
    """A manifest breaks its specification; ``faults`` are all of them, in the order of the file."""

    code = "invalid-manifest"

    def __init__(self, filename: str, faults: tuple[Fault, ...]) -> None:
        self.filename = filename
        self.faults = faults
        count = len(faults)
        super().__init__(
            f"{filename} is not valid" if count == 1 else f"{filename} is not valid: {count} faults",
            why=tuple(self._tell(fault) for fault in faults),
        )

    def _tell(self, fault: Fault) -> str:
        place = f"{fault.filename or self.filename}:{fault.line}" + (
            f":{fault.column}" if fault.column else ""
        )
        return f"{place}: {fault.path}: {fault.reason}" if fault.path else f"{place}: {fault.reason}"


def dotted(path: Path) -> str:
    """``("project", "dependencies", 3)`` as ``project.dependencies[3]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part.replace("-", "").replace("_", "").isalnum() and part.isascii()
            text += ("." if text else "") + (part if plain else f'"{part}"')
    return text


class Faults:
    """Collects faults while a file is read; ``raise_any`` raises them together."""

    def __init__(self, filename: str, locator: Locator, root: Path = ()) -> None:
        self.filename = filename
        self.locator = locator
        self.root = root
        self.found: list[tuple[Path, str]] = []

    def add(self, path: Path, reason: str) -> None:
        """Note a fault at ``path`` (from this collector's root)."""
        self.found.append(((*self.root, *path), reason))

    def raise_any(self, error: Callable[[str, tuple[Fault, ...]], Problem] = InvalidManifest) -> None:
        """Raise what was found, in the order of the file."""
        if self.found:
            locator = self.locator
            found = sorted(self.found, key=lambda fault: locator.document.offset(locator.at(fault[0])))
            faults = [self._fault(path, reason) for path, reason in found]
            faults.sort(key=lambda fault: (fault.filename or "", fault.line))  # places of no path among them
            raise error(self.filename, tuple(dict.fromkeys(faults)))  # of an anchor the same is said often

    def _fault(self, path: Path, reason: str) -> Fault:
        locator = self.locator
        return Fault(dotted(locator.at(path)), locator.line(path), reason, None, locator.filename(path))
