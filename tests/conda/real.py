"""A channel of packages that do something, and what a prefix of them is made of: for tests of whole days."""

from __future__ import annotations

import functools
import glob
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from hutch.conda import subdir_here
from hutch.testing.conda import index_channel
from hutch.testing.conda_real import RealPython, activating, c_library, commands, find_real_python

__all__ = ["COMPILED", "HERE", "make_channel", "other_python", "run_in", "same_tree", "the_python"]

HERE = subdir_here()
COMPILED = shutil.which("cc") is not None


@functools.cache
def the_python() -> RealPython | None:
    """The one below the tests if it can be taken elsewhere, else another of this machine."""
    return find_real_python([getattr(sys, "_base_executable", sys.executable), *_others()], HERE)


@functools.cache
def other_python() -> RealPython | None:
    """One of another, newer minor version; None where this machine has none."""
    here = the_python()
    if here is None:
        return None
    known = tuple(map(int, here.minor.split(".")))
    newer = [path for path in _others() if (_minor(path) or (0,)) > known]
    return find_real_python(newer, HERE)


def _minor(path: str) -> tuple[int, ...] | None:
    text = os.path.basename(path).removeprefix("python")
    return tuple(map(int, text.split("."))) if text.replace(".", "").isdecimal() else None


def _others() -> list[str]:
    import pwd

    home = pwd.getpwuid(os.getuid()).pw_dir  # HOME is the test's own
    found = glob.glob(f"{home}/.pyenv/versions/3.*/bin/python3.[0-9]*")
    found += [
        each for folder in ("/usr/local/bin", "/usr/bin") for each in glob.glob(f"{folder}/python3.[0-9]*")
    ]
    return sorted(
        (each for each in found if (_minor(each) or (0,)) >= (3, 9)), key=lambda each: _minor(each) or ()
    )


def make_channel(folder: Path, python: RealPython) -> Path:
    """Two patch releases of Python (the same bits), a library in two versions, activation, commands."""
    packages = [
        python.package(),
        python.package(python.version_after()),
        c_library("1.0", HERE),
        c_library("1.1", HERE),
        activating(),
        commands("1.0"),
        commands("2.0"),
    ]
    index_channel(folder, packages)
    return folder


def same_tree(root: Path, *, instead: str = "<prefix>") -> dict[str, str]:
    """Every path of a prefix with its kind, mode and content by hash.

    Left out is what tells of the way instead of the state: `conda-meta/history` (when, and by which command)
    and `.hutch` (generations, and what they keep). Dates are not compared: a store gives those that it likes.
    In texts the place of the prefix reads ``instead``, so that prefixes in two places can be compared; so it
    does in the strings of binaries, without the NULs behind them, whose number depends on the place.
    """
    found: dict[str, str] = {}
    place = os.fspath(root).encode()
    for directory, directories, names in os.walk(root):
        relative = os.path.relpath(directory, root)
        if relative == "." and ".hutch" in directories:
            directories.remove(".hutch")
        for name in sorted([*directories, *names]):
            path = Path(directory, name)
            where = os.path.normpath(os.path.join(relative, name))
            if path.is_symlink():
                found[where] = f"-> {os.readlink(path)}"
            elif path.is_dir():
                found[where] = "directory"
            elif where != "conda-meta/history":
                data = path.read_bytes()
                digest = hashlib.sha256(_unplaced(data, place, instead.encode())).hexdigest()
                found[where] = f"{path.stat().st_mode & 0o777:o} {digest}"
    return found


def _unplaced(data: bytes, place: bytes, instead: bytes) -> bytes:
    if place not in data:
        return data
    if b"\0" not in data:
        return data.replace(place, instead)
    return b"\0".join(part.replace(place, instead) for part in data.split(b"\0") if part)


def run_in(root: Path, *words: str, **environ: str) -> str:
    """What a program of the prefix prints; it writes no bytecode, which would be nobody's files."""
    given = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "HOME": os.environ["HOME"], **environ}
    done = subprocess.run(
        [os.fspath(root / "bin" / words[0]), *words[1:]],
        capture_output=True,
        text=True,
        env=given,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
