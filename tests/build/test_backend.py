"""``[build-system]``: what it means, and all that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hutch.build import BuildSystem, InvalidBuildSystem, NotASource, read_build_system
from hutch.build.editable_static import asks_for_nothing

LEGACY = BuildSystem(requires=("setuptools>=40.8.0",), backend="setuptools.build_meta:__legacy__")


@pytest.mark.parametrize(
    ("pyproject", "setup", "system"),
    [
        (None, True, LEGACY),
        ("[tool.black]\n", True, LEGACY),
        ("[project]\nname = 'a'\n", False, LEGACY),
        (
            "[build-system]\nrequires = ['flit_core >=3']\nbuild-backend = 'flit_core.buildapi'\n",
            False,
            BuildSystem(requires=("flit_core >=3",), backend="flit_core.buildapi"),
        ),
        (
            "[build-system]\nrequires = ['wheel']\n",
            True,
            BuildSystem(requires=("wheel", "setuptools>=40.8.0"), backend=LEGACY.backend),
        ),
        (
            "[build-system]\nrequires = ['setuptools-scm', 'Setuptools>=61']\n",
            True,
            BuildSystem(requires=("setuptools-scm", "Setuptools>=61"), backend=LEGACY.backend),
        ),
        (
            "[build-system]\nrequires = []\nbuild-backend = 'b:api.x'\nbackend-path = ['.', 'in']\n",
            False,
            BuildSystem(requires=(), backend="b:api.x", backend_path=(".", "in")),
        ),
    ],
)
def test_a_build_system_is_read(
    tmp_path: Path, pyproject: str | None, setup: bool, system: BuildSystem
) -> None:
    (tmp_path / "in").mkdir()
    if pyproject is not None:
        (tmp_path / "pyproject.toml").write_text(pyproject)
    if setup:
        (tmp_path / "setup.py").touch()
    assert read_build_system(tmp_path) == system


@pytest.mark.parametrize(
    ("pyproject", "faults"),
    [
        ("[build-system]\n", ["[build-system] has no `requires`, which PEP 518 asks for"]),
        ("build-system = 1\n", ["[build-system] is no table"]),
        ("[build-system]\nrequires = 'x'\n", ["`requires` is no list of strings"]),
        ("[build-system]\nrequires = ['a b']\n", ["`requires`: `a b` is no requirement"]),
        (
            "[build-system]\nrequires = []\nbuild-backend = 'a b'\nbackend-path = ['/x', '..', 'gone']\n",
            [
                "`build-backend` is not of the form `module` or `module:object`",
                "`backend-path`: `/x` is not relative",
                "`backend-path`: `..` lies outside of the tree",
                "`backend-path`: `gone` is not there",
            ],
        ),
        ("[build-system]\nrequires = []\nbackend-path = ['.']\n", ["`backend-path` without `build-backend`"]),
    ],
)
def test_all_faults_are_told_at_once(tmp_path: Path, pyproject: str, faults: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(pyproject)
    with pytest.raises(InvalidBuildSystem) as caught:
        read_build_system(tmp_path)
    assert list(caught.value.faults) == faults


def test_a_backend_path_that_leads_out_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "in").symlink_to(tmp_path)
    text = "[build-system]\nrequires = []\nbuild-backend = 'b'\nbackend-path = ['in']\n"
    (tmp_path / "tree" / "pyproject.toml").write_text(text)
    with pytest.raises(InvalidBuildSystem, match="how to build"):
        read_build_system(tmp_path / "tree")


@pytest.mark.parametrize("text", ["[", "\xff", "a = 1\na = 2\n"])
def test_what_is_no_toml_is_a_problem(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidBuildSystem):
        read_build_system(tmp_path)


def test_a_project_of_poetry_names_no_backend(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.poetry]\nname = "a"\n')
    poetry = BuildSystem(requires=("poetry-core",), backend="poetry.core.masonry.api")
    assert read_build_system(tmp_path) == poetry
    (tmp_path / "setup.py").write_text("")
    assert read_build_system(tmp_path).is_legacy


@pytest.mark.parametrize("files", [{}, {"pyproject.toml": "[tool.black]\n"}])
def test_nothing_to_build(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(NotASource):
        read_build_system(tmp_path)


@pytest.mark.parametrize(
    ("backend", "pyproject", "nothing"),
    [
        ("poetry.core.masonry.api", {}, True),
        ("uv_build", {}, True),
        ("flit_core.buildapi", {"project": {"name": "a", "version": "1"}}, True),
        ("flit_core.buildapi", {"project": {"name": "a", "dynamic": ["version"]}}, False),
        ("flit_core.buildapi", {"project": {"name": "a", "version": "1", "dynamic": ["description"]}}, False),
        ("flit_core.buildapi", {"tool": {"flit": {}}}, False),
        ("hatchling.build", {"project": {"name": "a", "version": "1"}}, False),
        ("setuptools.build_meta", {"project": {"name": "a", "version": "1"}}, False),
        ("uv_build", None, False),
    ],
)
def test_the_backend_is_asked_unless_the_answer_is_known(
    backend: str, pyproject: dict[str, object] | None, nothing: bool
) -> None:
    assert asks_for_nothing(BuildSystem(requires=(), backend=backend), pyproject) is nothing
    in_tree = BuildSystem(requires=(), backend=backend, backend_path=(".",))
    assert not asks_for_nothing(in_tree, pyproject)
