"""The projects and the index of the tests of commands, both ways over the network, and a world to attack."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.conftest import index, project, second
from faults.transports import transport
from hostile.world import World, make_template
from hutch.testing.fake_index import FakeIndex

__all__ = ["index", "project", "second", "transport", "world"]


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template")


@pytest.fixture
def world(project: Callable[..., Any], index: FakeIndex, _template: Path, home: Path) -> World:
    """A project whose environment has ``victim``, and what a hostile archive must not touch."""
    if not (_template / "cache").exists():
        make_template(project, index, _template)
        index.projects.clear()
        index.log.clear()
        shutil.rmtree(home / "cache")
    return World(project, index, _template)
