"""A backend in the tree, an environment that is the Python of the tests, and archives from dicts."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hutch.build import BuildEnvironment

PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"

BACKEND = """
import os, sys, zipfile, tarfile, io

def get_requires_for_build_wheel(config_settings=None):
    return []

def _metadata(name="tree"):
    text = "Metadata-Version: 2.4\\nName: tree\\nVersion: 1.0\\nRequires-Dist: idna\\n"
    return text

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "tree-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("tree.py", repr(config_settings))
        wheel.writestr("tree-1.0.dist-info/METADATA", _metadata())
    return name

def build_sdist(sdist_directory, config_settings=None):
    name = "tree-1.0.tar.gz"
    with tarfile.open(os.path.join(sdist_directory, name), "w:gz") as sdist:
        for path in ("pyproject.toml", "backend/mybackend.py"):
            sdist.add(path, "tree-1.0/" + path)
    return name
"""

PREPARE = """
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    os.mkdir(os.path.join(metadata_directory, "tree-1.0.dist-info"))
    with open(os.path.join(metadata_directory, "tree-1.0.dist-info", "METADATA"), "w") as file:
        file.write(_metadata() + "Requires-Dist: prepared\\n")
    return "tree-1.0.dist-info"
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "mybackend"
backend-path = ["backend"]
"""


@dataclass
class Environments:
    """Hands out the Python of the tests, and remembers what was asked for."""

    asked: list[tuple[str, ...]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable

    @contextmanager
    def needs(self, requirements: tuple[str, ...]) -> Iterator[BuildEnvironment]:
        self.asked.append(requirements)
        yield BuildEnvironment(python=self.python, variables=self.variables)


@pytest.fixture
def environments() -> Environments:
    return Environments()


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    """A source tree with a backend in it; ``code`` is appended to the backend."""

    def make(code: str = "", *, pyproject: str = PYPROJECT, name: str = "tree", **files: str) -> Path:
        root = tmp_path / name
        (root / "backend").mkdir(parents=True)
        (root / "pyproject.toml").write_text(pyproject)
        (root / "backend" / "mybackend.py").write_text(BACKEND + code)
        for path, text in files.items():
            (root / path).write_text(text)
        return root

    return make


@pytest.fixture
def prepare_hook() -> str:
    return PREPARE


Entry = bytes | str | tarfile.TarInfo


@pytest.fixture
def tarball(tmp_path: Path) -> Callable[..., Path]:
    """A `.tar.gz` of (name, content) pairs; a TarInfo as content is put in as it is."""

    def make(entries: list[tuple[str, Entry]], *, name: str = "a-1.0.tar.gz", mode: str = "w:gz") -> Path:
        path = tmp_path / name
        with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
            for member, content in entries:
                if isinstance(content, tarfile.TarInfo):
                    content.name = member
                    tar.addfile(content)
                    continue
                data = content.encode() if isinstance(content, str) else content
                info = tarfile.TarInfo(member)
                info.size, info.mtime = len(data), 1_600_000_000
                tar.addfile(info, io.BytesIO(data))
        return path

    return make


@pytest.fixture
def zipball(tmp_path: Path) -> Callable[..., Path]:
    """A `.zip` of names (or ZipInfo) and contents."""

    def make(entries: list[tuple[str | zipfile.ZipInfo, bytes]], *, name: str = "a-1.0.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in entries:
                archive.writestr(member, content)
        return path

    return make


@pytest.fixture
def snapshot() -> Callable[[Path], Mapping[str, bytes | str | None]]:
    """Everything below a directory, so that a test can tell that nothing came or went."""

    def take(root: Path) -> Mapping[str, bytes | str | None]:
        found: dict[str, bytes | str | None] = {}
        for path in sorted(root.rglob("*")):
            relative = path.relative_to(root).as_posix()
            if path.is_symlink():
                found[relative] = str(path.readlink())
            else:
                found[relative] = path.read_bytes() if path.is_file() else None
        return found

    return take


@pytest.fixture
def pyenv() -> Callable[[str], str]:
    """The path of an interpreter of pyenv's with a minor version, or a skip."""

    def find(minor: str) -> str:
        found = sorted(PYENV.glob(f"{minor}.*/bin/python"))
        if not found:
            pytest.skip(f"pyenv has no Python {minor} on this machine")
        return str(found[-1])

    return find
