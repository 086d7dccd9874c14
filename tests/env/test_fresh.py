"""Making an environment where there is nothing: all of it, or somebody else's turn."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hutch.env import fresh, is_unfinished
from hutch.env.environment import read_settings
from hutch.env.fresh import make_fresh

DIRECTORIES = ("lib/python3.12/site-packages", "bin")
LINKS = (("lib64", "lib"), ("bin/python", "/usr/bin/python3"))
FILES = (("bin/activate", b"text\n"), ("pyvenv.cfg", b"home = /usr/bin\n"))


def make(root: Path) -> bool:
    return make_fresh(str(root), DIRECTORIES, LINKS, FILES)


def test_all_of_it_is_there_afterwards(tmp_path):
    root = tmp_path / "env"
    assert make(root)
    found = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    assert found == {
        ".hutch", ".hutch/lock", "bin", "bin/activate", "bin/python", "lib", "lib/python3.12",
        "lib/python3.12/site-packages", "lib64", "pyvenv.cfg",
    }  # fmt: skip
    assert os.readlink(root / "lib64") == "lib"
    assert (root / "bin" / "activate").read_bytes() == b"text\n"
    assert read_settings(str(root)) == {"home": "/usr/bin"}
    assert not is_unfinished(root)


def test_nothing_is_touched_where_something_is(tmp_path):
    for make_it in (Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")):
        root = tmp_path / f"env{len(list(tmp_path.iterdir()))}"
        make_it(root)
        before = root.lstat()
        assert not make(root)
        assert root.lstat() == before
    assert not make(tmp_path / "no" / "parent")
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("there", ["pyvenv.cfg", ".hutch/journal"])
def test_who_comes_in_between_keeps_what_he_made(tmp_path, monkeypatch, there):
    """Another command took the lock first, and let it go."""
    root, take = tmp_path / "env", fresh.take

    def late(descriptor: int) -> bool:
        (root / there).write_text("theirs")
        return take(descriptor)

    monkeypatch.setattr(fresh, "take", late)
    assert not make(root)
    assert (root / there).read_text() == "theirs"
    assert not (root / "bin").exists()


def test_who_has_the_lock_is_not_disturbed(tmp_path, monkeypatch):
    monkeypatch.setattr(fresh, "take", lambda _: False)
    assert not make(tmp_path / "env")
    assert is_unfinished(tmp_path / "env")


def test_what_ends_in_the_middle_is_told_by_its_mark(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fresh.os, "symlink", full)
    with pytest.raises(OSError, match="No space"):
        make(tmp_path / "env")
    assert is_unfinished(tmp_path / "env")
    monkeypatch.undo()
    assert not make(tmp_path / "env")  # that is for `create_environment` to go on with


def test_two_names_that_are_one_on_this_disk_are_written_once(tmp_path):
    """`activate.ps1` and `Activate.ps1`, where letter case does not count."""
    from hutch.env.fresh import write_fresh

    root = tmp_path / "env"
    (root / ".hutch").mkdir(parents=True)
    (root / "Activate.ps1").write_text("the same file")
    write_fresh(str(root), [], [], [("activate.ps1", b"x"), ("Activate.ps1", b"x"), ("pyvenv.cfg", b"y")])
    assert (root / "pyvenv.cfg").read_text() == "y"
    with pytest.raises(FileExistsError):
        write_fresh(str(root), [], [], [("activate", b"x"), ("Activate.ps1", b"x")])
