"""`hutch.ops.conda_swap`: while an environment stands aside, nobody takes that for what a kill has left."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hutch.ops import conda_swap
from hutch.ops.conda_swap import put_back, stepping_aside
from hutch.store import Store, StoreBusy


@pytest.fixture
def context(tmp_path: Path) -> Any:
    """As much of a context as is needed."""
    return SimpleNamespace(store=Store(os.fspath(tmp_path / "cache")), emit=lambda event: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A virtual environment."""
    root = tmp_path / "project/.venv"
    root.mkdir(parents=True)
    (root / "pyvenv.cfg").write_text("home = /old\n")
    return root


def half_made(root: Path) -> None:
    (root / ".hutch").mkdir(parents=True)
    (root / ".hutch/born").touch()


def test_another_process_waits_for_its_end(context: Any, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stepping_aside(context, os.fspath(root)):
        half_made(root)
        monkeypatch.setattr(conda_swap, "PATIENCE", 0.0)
        monkeypatch.setattr(conda_swap, "_ours", set())  # as another process sees it
        with pytest.raises(StoreBusy):
            put_back(context, os.fspath(root))
        assert (root / ".hutch/born").exists()
    assert not (root / "pyvenv.cfg").exists()
    assert [path.name for path in root.parent.iterdir()] == [".venv"]


def test_who_makes_it_looks_without_harm(context: Any, root: Path) -> None:
    with stepping_aside(context, os.fspath(root)):
        half_made(root)
        put_back(context, os.fspath(root))
        assert (root / ".hutch/born").exists()
    assert not (root / "pyvenv.cfg").exists()
    assert [path.name for path in root.parent.iterdir()] == [".venv"]


def test_what_a_kill_has_left_is_put_back(context: Any, root: Path) -> None:
    (root / ".hutch").mkdir()
    (root / ".hutch/aside").touch()
    root.rename(f"{root}.before")
    half_made(root)
    put_back(context, os.fspath(root))
    assert (root / "pyvenv.cfg").read_text() == "home = /old\n"
    assert [path.name for path in root.parent.iterdir()] == [".venv"]
    assert not (root / ".hutch/aside").exists()
