"""Metadata that can be had without running anybody's code.

Two sources may be believed: a ``[project]`` table that says everything itself (PEP 621: what is not in
``dynamic`` must not be changed by the backend), and the `PKG-INFO` of a source distribution with metadata
2.2 or newer that marks none of the fields of interest as dynamic (PEP 643).
"""

from __future__ import annotations

import os
from pathlib import Path

from hutch.build.backend import read_pyproject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.spec import CoreMetadata, Requirement

__all__ = ["metadata_from_project", "read_static_metadata", "stated_requirements"]

_NEEDED = frozenset({"name", "version", "requires-python", "dependencies", "optional-dependencies"})
_CHECKOUTS = (".git", ".hg", ".svn", ".jj", ".bzr")


def read_static_metadata(source: str | os.PathLike[str]) -> CoreMetadata | None:
    """The metadata of the tree at ``source`` if it is written down; None if it has to be built.

    Raises InvalidBuildSystem where `pyproject.toml` is no TOML.
    """
    source = Path(source)
    pyproject = read_pyproject(source)
    if pyproject is not None:
        found = metadata_from_project(pyproject)
        if found is not None:
            return found
    return _from_pkg_info(source)


def metadata_from_project(pyproject: Mapping[str, object]) -> CoreMetadata | None:
    """From a ``[project]`` table; None where it leaves something to the backend, or is faulty.

    A faulty table is left to the backend as well: it is the one that has to complain.
    """
    from hutch.errors import Problem
    from hutch.spec import CoreMetadata, canonical_version, parse_name, parse_specifiers

    project = pyproject.get("project")
    if not isinstance(project, dict) or _leaves_open(project, pyproject):
        return None
    try:
        requires_python = project.get("requires-python", "")
        name, version = project["name"], project["version"]
        if not all(isinstance(one, str) for one in (name, version, requires_python)):
            return None
        extras, requirements = _requirements(project)
        return CoreMetadata(
            name=parse_name(name),
            version=canonical_version(version),
            requires_python=parse_specifiers(requires_python),
            extras=extras,
            requirements=requirements,
            metadata_version="2.2",
        )
    except (Problem, KeyError, TypeError):
        return None


def stated_requirements(
    pyproject: Mapping[str, object],
) -> tuple[tuple[str, ...], tuple[Requirement, ...]] | None:
    """Extras and requirements of a ``[project]`` table that says both, whatever else it leaves open."""
    from hutch.errors import Problem

    project = pyproject.get("project")
    if not isinstance(project, dict):
        return None
    dynamic = project.get("dynamic", [])
    if not isinstance(dynamic, list) or {"dependencies", "optional-dependencies"} & set(map(str, dynamic)):
        return None
    try:
        return _requirements(project)
    except (Problem, TypeError):
        return None


def _leaves_open(project: dict[str, object], pyproject: Mapping[str, object]) -> bool:
    dynamic = project.get("dynamic", [])
    if not isinstance(dynamic, list) or not _NEEDED.isdisjoint(
        one for one in dynamic if isinstance(one, str)
    ):
        return True
    if "name" not in project or "version" not in project:
        return True
    # Poetry 2 completes `[project]` from its own table where that has the dependencies.
    tool = pyproject.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    return isinstance(poetry, dict) and "dependencies" in poetry and "dependencies" not in project


def _requirements(project: dict[str, object]) -> tuple[tuple[str, ...], tuple[Requirement, ...]]:
    """The extras, and all requirements, those of an extra with its marker; as backends write them."""
    from hutch.spec import and_, normalize, parse_marker, parse_requirement
    from hutch.values import replace

    requirements = [parse_requirement(text) for text in _texts(project.get("dependencies", []))]
    optional = project.get("optional-dependencies", {})
    if not isinstance(optional, dict):
        raise TypeError("optional-dependencies is no table")
    extras: list[str] = []
    for extra, texts in optional.items():
        normal = str(normalize(extra))
        extras.append(normal)
        condition = parse_marker(f'extra == "{normal}"')
        for text in _texts(texts):
            one = parse_requirement(text)
            requirements.append(replace(one, marker=and_(one.marker, condition)))
    return tuple(dict.fromkeys(extras)), tuple(requirements)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError("no list of strings")
    return value


def _from_pkg_info(source: Path) -> CoreMetadata | None:
    """From the `PKG-INFO` at the top of an unpacked source distribution.

    In a checkout such a file would be a leftover of who knows when, so there it is not believed.
    """
    from hutch.spec import InvalidMetadata, parse_metadata, static_requirements

    if any((source / name).exists() for name in _CHECKOUTS):
        return None
    try:
        data = (source / "PKG-INFO").read_bytes()
        metadata = parse_metadata(data, what=source.name)
    except (OSError, InvalidMetadata):
        return None
    return metadata if static_requirements(metadata) else None
