"""The model of a manifest, and the problem with one.

``Manifest`` holds what ``[project]``, ``[dependency-groups]``, ``[build-system]`` and
``[tool.hutch]`` say, already split and normalised. Lines are found when somebody asks for one.

Specs: pyproject.toml (PEP 621, PEP 639), dependency groups (PEP 735), build system (PEP 518).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hutch.errors import Problem
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.settings import ProjectSettings
    from hutch.project.spans import Document, Path
    from hutch.spec import NormalizedName, Requirement, Specifiers

__all__ = ["BuildSystem", "Declared", "Fault", "InvalidManifest", "Manifest", "dotted"]


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

    def line(self, path: Path) -> int:
        """The line (from 1) where ``path`` stands."""
        return self.document.line(path)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """``[build-system]``; without ``backend``, setuptools' legacy one is meant (PEP 517)."""

    requires: tuple[Declared, ...]
    backend: str | None = None
    backend_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A ``pyproject.toml``, read.

    ``name`` is as written; ``version`` is None when it is dynamic or absent. ``groups`` have their
    includes resolved; extras and groups go by normalised name. ``tool`` is the raw ``[tool]``
    table, for whoever knows other tools' tables. ``is_package`` says whether the project itself is
    built and installed.
    """

    filename: str
    name: str | None
    version: str | None
    dynamic: frozenset[str]
    requires_python: Specifiers
    dependencies: tuple[Declared, ...]
    optional_dependencies: Mapping[NormalizedName, tuple[Declared, ...]]
    groups: Mapping[NormalizedName, tuple[Declared, ...]]
    scripts: Mapping[str, str]
    gui_scripts: Mapping[str, str]
    build_system: BuildSystem | None
    settings: ProjectSettings
    tool: Mapping[str, object]
    is_package: bool
    locator: Locator = field(repr=False, compare=False)

    def line(self, *path: str | int) -> int:
        """The line where ``path`` stands, e.g. ``line("project", "requires-python")``."""
        return self.locator.line(path)

    @property
    def default_groups(self) -> tuple[NormalizedName, ...]:
        """The groups that ``sync`` installs unasked: those configured, else ``dev`` if there is one."""
        chosen = self.settings.default_groups
        if chosen == "all":
            return tuple(self.groups)
        if chosen is None:
            return tuple(name for name in self.groups if name == "dev")
        return chosen

    def requirements(self) -> dict[str, tuple[Declared, ...]]:
        """All requirements by where they come from: ``project``, ``extra:x``, ``group:y``."""
        return {
            "project": self.dependencies,
            **{f"extra:{name}": declared for name, declared in self.optional_dependencies.items()},
            **{f"group:{name}": declared for name, declared in self.groups.items()},
        }


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a manifest: at ``path`` (dotted text), in ``line``."""

    path: str
    line: int
    reason: str
    column: int | None = None


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
        place = f"{self.filename}:{fault.line}" + (f":{fault.column}" if fault.column else "")
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
            found = sorted(self.found, key=lambda fault: self.locator.document.offset(fault[0]))
            faults = [Fault(dotted(path), self.locator.line(path), reason) for path, reason in found]
            raise error(self.filename, tuple(faults))
