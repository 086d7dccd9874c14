"""How the tests of ``hutch doctor`` read: one check, what it found, what it said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands.support import PYTHON

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
PLAIN = '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = []\n'


def examine(made: Any, *codes: str, words: str = "", **environ: str | None) -> dict[str, Any]:
    """The whole answer of some checks, none of which may have failed."""
    asked = " ".join(f"--check {code}" for code in codes)
    ran = made.run(f"doctor --json {asked} {words}", environ=environ)
    assert ran.exit_code in (0, 1), ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    failed = {each["code"]: each["reason"] for each in answer["checks"] if each["state"] == "failed"}
    assert not failed
    assert (ran.exit_code == 1) == (answer["errors"] > 0)
    return answer


def findings(made: Any, *codes: str, words: str = "", **environ: str | None) -> list[dict[str, Any]]:
    """What these checks found."""
    found: list[dict[str, Any]] = examine(made, *codes, words=words, **environ)["findings"]
    return found


def titles(made: Any, *codes: str, words: str = "", **environ: str | None) -> list[str]:
    """What they say in a line."""
    return [each["title"] for each in findings(made, *codes, words=words, **environ)]


def program(folder: Path, name: str, text: str) -> Path:
    """An executable file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def python_in(folder: Path, *names: str, target: str = PYTHON) -> Path:
    """A folder for PATH with links to a real Python."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).symlink_to(target)
    return folder


def path_of(*folders: Path) -> str:
    """A PATH of these folders, and what the system cannot do without."""
    return os.pathsep.join([*map(str, folders), "/usr/bin", "/bin"])


def own_python(folder: Path, without: tuple[str, ...] = ()) -> Path:
    """An installation that can be spoilt: a copy of this one's program, links to its library."""
    source = Path(PYTHON).parent.parent
    library = Path(os.__file__).parent
    lib = folder / library.relative_to(source)
    (folder / "bin").mkdir(parents=True)
    shutil.copy2(PYTHON, folder / "bin" / f"python{MINOR}")
    for name in ("python", "python3"):
        (folder / "bin" / name).symlink_to(f"python{MINOR}")
    lib.mkdir(parents=True)
    for entry in library.iterdir():
        if entry.name in ("lib-dynload", "site-packages", "EXTERNALLY-MANAGED", *without):
            continue
        (lib / entry.name).symlink_to(entry)
    (lib / "site-packages").mkdir(exist_ok=True)
    dynload = lib / "lib-dynload"
    dynload.mkdir()
    for entry in (library / "lib-dynload").iterdir():
        if not entry.name.startswith(without):
            (dynload / entry.name).symlink_to(entry)
    for shared in (source / "lib").glob("libpython*"):
        (folder / "lib" / shared.name).symlink_to(shared)
    python = folder / "bin" / "python3"
    started = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True)
    if started.stdout.strip() != str(folder):
        pytest.skip("this Python does not run from another place")
    return python
