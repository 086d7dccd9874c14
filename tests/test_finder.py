"""The finder of hutch's own modules: it says what the standard one says, or nothing."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import subprocess
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path

import pytest

import hutch
from hutch.finder import OwnFinder

FINDER = OwnFinder("box")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A package with a module and a package in it, compiled."""
    folder = tmp_path / "box"
    for name in ("__init__", "lid", "room/__init__"):
        source = folder / f"{name}.py"
        source.parent.mkdir(exist_ok=True)
        source.write_text(f"name = {name!r}\n")
        py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    return folder


@pytest.mark.parametrize("name", ["box.lid", "box.room"])
def test_it_finds_what_the_standard_finder_finds(box, name):
    mine, standard = FINDER.find_spec(name, [str(box)]), PathFinder.find_spec(name, [str(box)])
    assert mine is not None
    assert standard is not None
    for field in ("name", "origin", "cached", "has_location", "submodule_search_locations", "parent"):
        assert getattr(mine, field) == getattr(standard, field), field
    assert isinstance(mine.loader, SourceFileLoader)
    module = importlib.util.module_from_spec(mine)
    mine.loader.exec_module(module)
    assert module.name == ("lid" if name == "box.lid" else "room/__init__")
    assert mine.loader.get_source(name) == f"name = {module.name!r}\n"


def edited(box: Path) -> None:
    """The source is longer than the bytecode says."""
    (box / "lid.py").write_text("name = 'another lid'\n")


def touched(box: Path) -> None:
    """The source is of another day."""
    os.utime(box / "lid.py", (1, 1))


def uncompiled(box: Path) -> None:
    """There is no bytecode."""
    (box / "__pycache__" / f"lid.{sys.implementation.cache_tag}.pyc").unlink()


def cut_short(box: Path) -> None:
    """There is hardly any bytecode."""
    (box / "__pycache__" / f"lid.{sys.implementation.cache_tag}.pyc").write_bytes(b"\0" * 7)


def hashed(box: Path) -> None:
    """The bytecode goes by the hash of the source."""
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    py_compile.compile(str(box / "lid.py"), invalidation_mode=mode)


def gone(box: Path) -> None:
    """There is no source."""
    (box / "lid.py").unlink()


@pytest.mark.parametrize("change", [hashed, gone], ids=lambda f: f.__name__)
def test_what_is_not_just_so_is_left_to_the_standard_finder(box, change):
    change(box)
    assert FINDER.find_spec("box.lid", [str(box)]) is None


@pytest.mark.parametrize("change", [edited, touched, uncompiled, cut_short], ids=lambda f: f.__name__)
def test_what_has_no_bytecode_is_compiled_and_has_it_then(box, change, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    change(box)
    finder = OwnFinder("box")
    for compiled in (["box.lid"], []):
        spec = finder.find_spec("box.lid", [str(box)])
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.name == ("another lid" if change is edited else "lid")
        assert list(finder.compiled) == compiled
        finder.compiled.clear()


def test_other_packages_are_none_of_its_business(box):
    assert FINDER.find_spec("boxes.lid", [str(box)]) is None
    assert FINDER.find_spec("box", None) is None
    assert FINDER.find_spec("box.nothing", [str(box)]) is None


@pytest.mark.parametrize(
    ("flags", "uses"), [((), True), (("-O",), False), (("-X", "pycache_prefix=/nowhere"), False)]
)
def test_it_is_used_where_bytecode_is_as_usual(flags, uses):
    source = str(Path(hutch.__file__).parents[1])
    body = (
        f"import sys; sys.path.insert(0, {source!r})\n"
        "from hutch.cli import main\n"
        "main(['--version'])\nmain(['--version'])\n"
        "print([type(each).__name__ for each in sys.meta_path].count('OwnFinder'))"
    )
    done = subprocess.run(
        [sys.executable, "-IS", *flags, "-c", body], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == str(int(uses))
