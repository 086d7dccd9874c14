"""Interpreters for the tests of the room: the one that runs them, and those of pyenv where there are any."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, ItemsView
from pathlib import Path

import pytest

PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"


class CountedStarts(dict[str, str]):
    """Environment variables that know how often an interpreter was started with them."""

    starts = 0

    def items(self) -> ItemsView[str, str]:
        self.starts += 1
        return super().items()


class MemoryTables:
    """The store's tables, in memory."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], object] = {}

    def read(self, kind: str, key: str) -> object | None:
        return self.values.get((kind, key))

    def write(self, kind: str, key: str, value: object) -> None:
        self.values[kind, key] = value


class MemoryStore:
    def __init__(self) -> None:
        self.memory = MemoryTables()

    @property
    def tables(self) -> MemoryTables:
        return self.memory


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def environ() -> CountedStarts:
    return CountedStarts(os.environ)


@pytest.fixture
def pyenv_root() -> Path:
    """pyenv's own directory, there or not."""
    return PYENV.parent


@pytest.fixture
def pyenv() -> Callable[[str], str]:
    """The path of pyenv's newest interpreter of a minor version, or a skip."""

    def find(minor: str) -> str:
        found = sorted(PYENV.glob(f"{minor}.*/bin/python"), key=lambda path: len(path.parts[-3]))
        if not found:
            pytest.skip(f"pyenv has no Python {minor} on this machine")
        return str(found[-1])

    return find


@pytest.fixture(scope="session")
def base_python() -> str:
    """A Python that is in no environment: the one behind the tests."""
    return os.path.realpath(sys.executable)


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str, str], str]:
    """Write an executable shell script; its path."""
    if os.name == "nt":
        pytest.skip("needs a POSIX shell")

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    return write


@pytest.fixture(scope="session")
def make_venv(base_python: str) -> Callable[..., Path]:
    """Make a virtual environment with the standard library's own `venv`."""

    def make(path: Path, *options: str, python: str = base_python) -> Path:
        subprocess.run([python, "-I", "-m", "venv", "--without-pip", *options, str(path)], check=True)
        return path

    return make
