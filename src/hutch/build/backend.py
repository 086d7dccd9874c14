"""Which backend builds a source tree, and with what: ``[build-system]``, read and checked.

Follows PEP 517 and 518: without the table, or without a `pyproject.toml`, it is the legacy setuptools
backend (of a project of Poetry its own: Poetry builds without being named); ``requires`` must be there if
the table is; a ``backend-path`` must lie in the tree.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from hutch.build.problems import InvalidBuildSystem, NotASource
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LEGACY_BACKEND", "LEGACY_REQUIRES", "BuildSystem", "read_build_system", "read_pyproject"]

LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
LEGACY_REQUIRES = ("setuptools>=40.8.0",)
POETRY_BACKEND = "poetry.core.masonry.api"
POETRY_REQUIRES = ("poetry-core",)

_OBJECT = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """``requires`` are requirement texts as written; ``backend`` is ``module:object``; ``backend_path``
    are relative directories of the tree that are searched for it first."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()

    @property
    def is_legacy(self) -> bool:
        """Whether `setup.py` builds, for want of anything better."""
        return self.backend == LEGACY_BACKEND


def read_pyproject(source: Path) -> Mapping[str, object] | None:
    """The `pyproject.toml` of a tree; None if it has none. Raises InvalidBuildSystem if it is no TOML."""
    from hutch.project.toml_text import read_toml

    path = source / "pyproject.toml"
    try:
        if path.exists() and not path.is_file():
            raise InvalidBuildSystem(str(path), ("it is no file",))
        return read_toml(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidBuildSystem(str(path), (error.strerror or "it cannot be read",)) from error
    except ValueError as error:
        raise InvalidBuildSystem(str(path), (f"it is no TOML: {error}",)) from error


def read_build_system(source: str | os.PathLike[str]) -> BuildSystem:
    """How the tree at ``source`` is built. Raises NotASource and InvalidBuildSystem."""
    source = Path(source)
    pyproject = read_pyproject(source)
    has_setup = (source / "setup.py").is_file()
    if pyproject is None:
        if not has_setup:
            missing = () if source.is_dir() else ("there is no such directory",)
            raise NotASource(str(source), *missing)
        return BuildSystem(requires=LEGACY_REQUIRES, backend=LEGACY_BACKEND)
    table = pyproject.get("build-system")
    if table is None and not has_setup and _is_of_poetry(pyproject):
        return BuildSystem(requires=POETRY_REQUIRES, backend=POETRY_BACKEND)
    if table is None:
        # PEP 517: "should revert to the legacy behaviour of running setup.py"; a `[project]` table alone
        # is built by setuptools as well, `setup.py` or not.
        if not has_setup and "project" not in pyproject and not (source / "setup.cfg").is_file():
            raise NotASource(
                str(source),
                "its pyproject.toml has neither [build-system] nor [project], and it has no setup.py",
            )
        return BuildSystem(requires=LEGACY_REQUIRES, backend=LEGACY_BACKEND)
    return _checked(table, source)


def _is_of_poetry(pyproject: Mapping[str, object]) -> bool:
    """Does Poetry build it, which needs no `[build-system]` for its own projects?"""
    tool = pyproject.get("tool")
    return isinstance(tool, dict) and isinstance(tool.get("poetry"), dict)


def _checked(table: object, source: Path) -> BuildSystem:
    faults: list[str] = []
    if not isinstance(table, dict):
        raise InvalidBuildSystem(str(source / "pyproject.toml"), ("[build-system] is no table",))
    requires = _texts(table, "requires", faults)
    if "requires" not in table:
        faults.append("[build-system] has no `requires`, which PEP 518 asks for")
    for one in requires:
        _check_requirement(one, faults)
    backend = table.get("build-backend")
    if backend is None:
        backend = LEGACY_BACKEND
        if "backend-path" in table:
            faults.append("`backend-path` without `build-backend`")
    elif not isinstance(backend, str) or not _OBJECT.fullmatch(backend):
        faults.append("`build-backend` is not of the form `module` or `module:object`")
    backend_path = _texts(table, "backend-path", faults)
    for one in backend_path:
        reason = _outside(one, source)
        if reason:
            faults.append(f"`backend-path`: {reason}")
    if faults:
        raise InvalidBuildSystem(str(source / "pyproject.toml"), tuple(faults))
    if backend == LEGACY_BACKEND and not any(
        re.match(r"setuptools(?![\w.-])", one, re.I) for one in requires
    ):
        requires = (*requires, *LEGACY_REQUIRES)
    return BuildSystem(requires=requires, backend=str(backend), backend_path=backend_path)


def _texts(table: dict[str, object], key: str, faults: list[str]) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        faults.append(f"`{key}` is no list of strings")
        return ()
    return tuple(value)


def _check_requirement(text: str, faults: list[str]) -> None:
    from hutch.build.problems import display
    from hutch.spec import InvalidRequirement, parse_requirement

    try:
        parse_requirement(text)
    except InvalidRequirement:
        faults.append(f"`requires`: `{display(text)}` is no requirement")


def _outside(relative: str, source: Path) -> str:
    """Why a directory of ``backend-path`` is none; PEP 517 wants it inside the tree, links and all."""
    from hutch.build.problems import display

    root = os.path.realpath(source)
    inside = os.path.realpath(os.path.join(root, relative))
    if os.path.isabs(relative) or "\0" in relative:
        return f"`{display(relative)}` is not relative"
    if inside != root and not inside.startswith(os.path.join(root, "")):
        return f"`{display(relative)}` lies outside of the tree"
    return "" if os.path.isdir(inside) else f"`{display(relative)}` is not there"
