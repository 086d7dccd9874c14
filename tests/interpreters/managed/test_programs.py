"""Names in the user's folder of programs: made when asked for, and never in the place of somebody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hutch.interpreters.managed import Pythons, name_programs, programs_folder, unname_programs
from hutch.interpreters.managed.programs import command_text, names_of
from interpreters.managed.test_place import put


@pytest.mark.parametrize(
    ("environ", "home", "folder"),
    [
        ({}, "/home/me", "/home/me/.local/bin"),
        ({"XDG_BIN_HOME": "/x/bin"}, "/home/me", "/x/bin"),
        ({"XDG_BIN_HOME": "bin"}, "/home/me", "/home/me/.local/bin"),
        ({"XDG_DATA_HOME": "/home/me/share"}, "/home/me", "/home/me/bin"),
        ({}, None, None),
    ],
)
def test_the_folder_of_programs(environ: dict[str, str], home: str | None, folder: str | None) -> None:
    assert programs_folder(environ, home) == folder


def test_names_lead_through_the_alias_and_follow_it(tmp_path: Path) -> None:
    pythons = Pythons(str(tmp_path / "python"))
    one = put(pythons, "3.12.7")
    os.symlink("python", os.path.join(one.path, "bin", "python3"))
    folder = str(tmp_path / "bin")
    made = name_programs(pythons, one, folder, default=True)
    assert [os.path.basename(each.path) for each in made] == ["python3.12", "python3", "python"]
    assert (tmp_path / "bin" / "python3.12").read_text() == "3.12.7"
    newer = put(pythons, "3.12.8")
    os.symlink("python", os.path.join(newer.path, "bin", "python3"))
    assert (tmp_path / "bin" / "python3.12").read_text() == "3.12.8"
    pythons.remove(newer)
    assert unname_programs(pythons, folder) == []
    pythons.remove(one)
    assert sorted(map(os.path.basename, unname_programs(pythons, folder))) == [
        "python", "python3", "python3.12",
    ]  # fmt: skip
    assert os.listdir(folder) == []


@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_a_file_of_somebody_else_stays(tmp_path: Path, kind: str) -> None:
    pythons = Pythons(str(tmp_path / "python"))
    one = put(pythons, "3.12.7")
    theirs = tmp_path / "bin" / "python3"
    theirs.parent.mkdir()
    if kind == "file":
        theirs.write_text("theirs")
    else:
        theirs.symlink_to("/usr/bin/env" if kind == "link" else "/nowhere/python")
    before = os.lstat(theirs)
    made = name_programs(pythons, one, str(tmp_path / "bin"), default=True)
    assert [bool(each.refused) for each in made] == [False, True, False]
    assert os.lstat(theirs).st_ino == before.st_ino
    pythons.remove(one)
    unname_programs(pythons, str(tmp_path / "bin"))
    assert os.listdir(tmp_path / "bin") == ["python3"]


def test_names_of_other_implementations() -> None:
    from hutch.values import replace

    pythons = Pythons("/nowhere")
    from hutch.interpreters.managed import Installed

    one = Installed(key="k", path=pythons.path("k"), alias="a", implementation="pypy", version="3.10.16")
    assert names_of(one, default=False) == ("pypy3.10",)
    threads = replace(one, implementation="cpython", version="3.13.1", free_threaded=True)
    assert names_of(threads, default=True) == ("python3.13t", "python3", "python")


def test_a_command_file_of_windows_quotes_its_path() -> None:
    text = command_text("C:\\Users\\100% me\\python.exe")
    assert '@"C:\\Users\\100%% me\\python.exe" %*' in text
