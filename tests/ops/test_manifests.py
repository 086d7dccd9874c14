"""Which directory is the project, and which of its files says what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hutch.ops.manifests import find_root, manifest_in, others_in

PROJECT = "[project]\nname = 'demo'\nversion = '1'\n"
SETTINGS = "[tool.black]\nline-length = 100\n"

ONE_DIRECTORY = [
    # (what lies there, what is taken)
    ({"pyproject.toml": PROJECT}, "pyproject.toml"),
    ({"pyproject.toml": SETTINGS}, "pyproject.toml"),
    ({"pyproject.toml": PROJECT, "Pipfile": "", "setup.py": ""}, "pyproject.toml"),
    ({"pyproject.toml": "[ project ]\nname='x'\n", "Pipfile": ""}, "pyproject.toml"),
    ({"pyproject.toml": SETTINGS, "Pipfile": ""}, "Pipfile"),
    ({"pyproject.toml": SETTINGS + "# [project]\n", "requirements.txt": ""}, "requirements.txt"),
    ({"pyproject.toml": "[tool.poetry]\nname = 'x'\n", "requirements.txt": ""}, "pyproject.toml"),
    ({"pyproject.toml": "[[tool.poetry.source]]\nname = 'x'\n", "setup.py": ""}, "pyproject.toml"),
    ({"pyproject.toml": "[tool.pixi.workspace]\n", "pixi.toml": ""}, "pyproject.toml"),
    ({"pyproject.toml": "[build-system]\nrequires = []\n", "setup.py": ""}, "setup.py"),
    ({"pixi.toml": "", "Pipfile": "", "environment.yml": ""}, "pixi.toml"),
    ({"Pipfile": "", "setup.py": "", "requirements.txt": ""}, "Pipfile"),
    ({"setup.py": "", "setup.cfg": "[metadata]\nname = x\n", "requirements.txt": ""}, "setup.py"),
    ({"setup.cfg": "[metadata]\nname = x\n", "requirements.txt": ""}, "setup.cfg"),
    ({"setup.cfg": "[flake8]\nmax-line-length = 99\n", "requirements.txt": ""}, "requirements.txt"),
    ({"setup.cfg": "[flake8]\nmax-line-length = 99\n"}, None),
    ({"requirements.in": "", "requirements.txt": ""}, "requirements.in"),
    ({"requirements.txt": "", "environment.yml": ""}, "requirements.txt"),
    ({"environment.yaml": ""}, "environment.yaml"),
    ({"README.md": ""}, None),
]


def _lay(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(("files", "taken"), ONE_DIRECTORY, ids=lambda each: " ".join(each or "-"))
def test_the_manifest_of_a_directory(tmp_path: Path, files: dict[str, str], taken: str | None) -> None:
    _lay(tmp_path, files)
    assert manifest_in(str(tmp_path)) == taken


UPWARDS = [
    # (what lies there, where somebody stands, the project); .git marks a repository
    ({"a/pyproject.toml": PROJECT}, "a/b/c", "a"),
    ({"a/pyproject.toml": PROJECT, "a/b/pyproject.toml": PROJECT}, "a/b/c", "a/b"),
    ({"a/Pipfile": "", "pyproject.toml": PROJECT}, "a/b", "a"),
    # requirements of the documentation are no project of their own
    ({"a/pyproject.toml": PROJECT, "a/docs/requirements.txt": ""}, "a/docs", "a"),
    ({"a/setup.py": "", "a/docs/environment.yml": ""}, "a/docs", "a"),
    ({"a/requirements.txt": "", "a/src/x.py": ""}, "a/src", "a"),
    # what lies beyond the repository comes last
    ({"pyproject.toml": PROJECT, "a/.git/HEAD": "", "a/requirements.txt": ""}, "a/src", "a"),
    ({"pyproject.toml": PROJECT, "a/.git/HEAD": "", "a/x": ""}, "a", ""),
    ({"requirements.txt": "", "a/.git/HEAD": "", "a/x": ""}, "a", None),
    ({"a/setup.cfg": "[flake8]\n", "a/.git/HEAD": ""}, "a", None),
]


@pytest.mark.parametrize(("files", "stand", "root"), UPWARDS, ids=lambda each: " ".join(each or "-"))
def test_the_project_around(tmp_path: Path, files: dict[str, str], stand: str, root: str | None) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (tmp_path / ".git").mkdir()  # what lies above this test is nobody's business
    _lay(top, files)
    (top / stand).mkdir(parents=True, exist_ok=True)
    found = find_root(str(top / stand))
    assert found == (None if root is None else str(top / root))


def test_a_home_directory_with_requirements_is_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    home = tmp_path / "home"
    _lay(home, {"requirements.txt": "", "work/notes.txt": ""})
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    assert find_root(str(home / "work")) is None


def test_what_was_passed_over(tmp_path: Path) -> None:
    _lay(tmp_path, {"Pipfile": "", "setup.py": "", "setup.cfg": "[metadata]\n", "pyproject.toml": SETTINGS})
    assert others_in(str(tmp_path), "Pipfile") == ("setup.py", "setup.cfg")
    assert others_in(str(tmp_path), "setup.py") == ("Pipfile",)
