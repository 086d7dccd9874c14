"""The model of a manifest.

``Manifest`` holds what ``[project]``, ``[dependency-groups]``, ``[build-system]`` and
``[tool.hutch]`` say, already split and normalised. Lines are found when somebody asks for one.

Specs: pyproject.toml (PEP 621, PEP 639), dependency groups (PEP 735), build system (PEP 518).
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.project.declared import Declared, Locator
    from hutch.project.dialects.draft import Note
    from hutch.project.settings import ProjectSettings
    from hutch.spec import NormalizedName, Specifiers

__all__ = [
    "FILES",
    "TABLES",
    "BuildSystem",
    "Manifest",
    "Part",
    "dialects_in",
    "is_toml",
    "may_have_settings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """``[build-system]``; without ``backend``, setuptools' legacy one is meant (PEP 517)."""

    requires: tuple[Declared, ...]
    backend: str | None = None
    backend_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One project of a workspace: its folder from the root (``.``), and the manifest in it.

    ``wheres`` is what the whole calls its lists: ``project`` → ``group:api``.
    """

    name: NormalizedName
    path: str
    manifest: Manifest
    wheres: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A ``pyproject.toml``, read.

    ``name`` is as written; ``version`` is None when it is dynamic or absent. ``groups`` have their
    includes resolved; extras and groups go by normalised name. ``tool`` is the raw ``[tool]``
    table, for whoever knows other tools' tables. ``is_package`` says whether the project itself is
    built and installed. ``dialects`` are those of other tools that it is written in, ``notes`` what they
    say that hutch has no words for. The manifest of a whole workspace has its projects as ``parts``.
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
    dialects: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    parts: tuple[Part, ...] = ()
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


TABLES = {
    "poetry": "poetry",
    "pdm": "pdm",
    "uv": "uv",
    "hatch": "hatch",
    "flit": "flit",
    "setuptools": "setuptools",
    "pixi": "pixi",
}
"""Tables below ``[tool]`` that say what a project needs, and the dialects that read them, in their order."""

FILES = {
    "Pipfile": "pipfile",
    "pixi.toml": "pixi",
    "setup.py": "setuptools",
    "setup.cfg": "setuptools",
    "environment.yml": "environment_yml",
    "environment.yaml": "environment_yml",
}
"""Files that are manifests in themselves. ``requirements*.txt`` and ``*.in`` are ``requirements``."""

_TOML = frozenset({"Pipfile", "pixi.toml"})


def dialects_in(
    filename: str,
    data: Mapping[str, Any] | None = None,
    read: Callable[[str], str | None] | None = None,
) -> tuple[str, ...]:
    """The dialects of a manifest: by its name, and of a ``pyproject.toml`` by its tables.

    ``read`` gives the files beside it: uv has its settings in one of its own, and of a project of Poetry
    that has no table, its lock tells.

    ``[tool.hutch] other-tools = false`` says that no others count: ``hutch import`` has read them.
    """
    name = filename.replace("\\", "/").rpartition("/")[2]
    if name in FILES:
        return (FILES[name],)
    if name.endswith((".txt", ".in")):
        return ("requirements",)
    if name.endswith((".yml", ".yaml")):
        return ("environment_yml",)
    data = data or {}
    tool = data.get("tool")
    own = tool.get("hutch") if isinstance(tool, dict) else None
    if isinstance(own, dict) and own.get("other-tools") is False:
        return ()
    found = tuple(dialect for key, dialect in TABLES.items() if key in tool) if isinstance(tool, dict) else ()
    if read is not None and "uv" not in found and name == "pyproject.toml" and read("uv.toml") is not None:
        found = (*found, "uv")
    if not found and read is not None and _built_by_poetry(data) and read("poetry.lock") is not None:
        found = ("poetry",)
    if "hatch" not in found and read is not None and _is_built_by(data, "hatchling"):
        found = (*found, "hatch") if read("hatch.toml") is not None else found
    if not found and _is_built_by(data, "pdm."):
        return ("pdm",)  # its backend has a word of its own for paths
    if "setuptools" in found or not (_is_classic(data) or _is_computed(data)):
        return found
    return (*found, "setuptools")  # what the project needs may be in setup.py and setup.cfg


def _built_by_poetry(data: Mapping[str, Any]) -> bool:
    """Does ``[build-system]`` name poetry-core? ``poetry init`` writes such projects without a table."""
    system = data.get("build-system")
    return isinstance(system, dict) and str(system.get("build-backend")).startswith("poetry")


def _is_classic(data: Mapping[str, Any]) -> bool:
    """Does a ``pyproject.toml`` leave to other files what the project is?"""
    tool = data.get("tool")
    said = tool.keys() & TABLES.keys() if isinstance(tool, dict) else ()
    return "project" not in data and not said and bool({"build-system", "dependency-groups"} & data.keys())


def _is_computed(data: Mapping[str, Any]) -> bool:
    """Does it leave to setuptools what the project needs?"""
    project, system = data.get("project"), data.get("build-system")
    dynamic = project.get("dynamic") if isinstance(project, dict) else None
    if not isinstance(dynamic, list) or not {"dependencies", "optional-dependencies"} & set(
        map(str, dynamic)
    ):
        return False
    return not isinstance(system, dict) or "build-backend" not in system or _is_built_by(data, "setuptools")


def _is_built_by(data: Mapping[str, Any], name: str) -> bool:
    system = data.get("build-system")
    return isinstance(system, dict) and str(system.get("build-backend", "")).startswith(name)


def may_have_settings(filename: str, text: str) -> bool:
    """May a manifest say something of ``[tool.hutch]``, in hutch's words or in another tool's?"""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return name != "pyproject.toml" or "hutch" in text or any(f"[tool.{key}" in text for key in TABLES)


def is_toml(filename: str) -> bool:
    """Whether a manifest of this name is TOML: all are but some of other tools, and the block of a script."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return name in _TOML or not (name in FILES or name.endswith((".txt", ".in", ".yml", ".yaml")))
