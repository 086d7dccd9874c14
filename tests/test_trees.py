"""Trees that are deeper than Python's stack, and longer than a path may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hutch.trees import delete_tree, walk


def deep(top: Path, name: str, number: int) -> None:
    """``number`` directories in one another, a file in each."""
    here = os.getcwd()
    try:
        os.chdir(top)
        for _ in range(number):
            with open("file", "w"):
                pass
            os.mkdir(name)
            os.chdir(name)
    finally:
        os.chdir(here)


@pytest.mark.skipif(os.name == "nt", reason="paths have another end there")
@pytest.mark.parametrize(("name", "number"), [("a", 100), ("a", 3000), ("x" * 200, 100), ("\u4e2d" * 80, 50)])
def test_a_deep_tree_is_deleted(tmp_path: Path, name: str, number: int) -> None:
    top, precious = tmp_path / "top", tmp_path / "precious"
    top.mkdir()
    precious.mkdir()
    (precious / "file").write_text("mine")
    deep(top, name, number)
    (top / "link").symlink_to(precious)
    delete_tree(str(top))
    assert sorted(os.listdir(tmp_path)) == ["precious"]
    assert (precious / "file").read_text() == "mine"


def test_walking_is_as_with_os_walk(tmp_path: Path) -> None:
    for path in ("b/c/d", "b/e", "f"):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "file").write_text("")
    assert sorted(walk(str(tmp_path))) == sorted(os.walk(tmp_path))
    found = []
    for here, below, _ in walk(str(tmp_path)):
        below[:] = [each for each in below if each != "c"]
        found.append(os.path.basename(here))
    assert sorted(found[1:]) == ["b", "e", "f"]
    assert list(walk(str(tmp_path / "none"))) == []
