"""A real store, a real interpreter's facts, and environments made for a test."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.env import Environment, Wanted, create_environment
from hutch.interpreters import Interpreter, probe_interpreter
from hutch.store import Store
from hutch.testing.wheels import make_wheel

MakeWheel = Callable[..., Wanted]


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    """The Python that runs the tests, or the one behind it."""
    return probe_interpreter(sys.executable, Store(tmp_path_factory.mktemp("facts")))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def wheel(store: Store, tmp_path: Path) -> MakeWheel:
    """Make a wheel, put it into the store, and want it: ``wheel("alpha", "1.0", files={...})``."""

    def make(
        name: str, version: str, *, direct_url: Any = None, requested: bool = False, **about: Any
    ) -> Wanted:
        filename, content = make_wheel(name, version, **about)
        archive = tmp_path / filename
        archive.write_bytes(content)
        stored = store.wheels.publish(archive, filename, hashlib.sha256(content).hexdigest())
        return Wanted(name=name, version=version, wheel=stored, direct_url=direct_url, requested=requested)

    return make


@pytest.fixture
def environment(tmp_path: Path, interpreter: Interpreter) -> Environment:
    """A new environment."""
    return create_environment(tmp_path / "env", interpreter)
