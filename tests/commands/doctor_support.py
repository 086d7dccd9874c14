"""How the tests of ``hutch doctor`` read: one check, what it found, what it said."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from commands.support import PYTHON

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
