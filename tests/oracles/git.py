"""git itself: repositories for hutch to fetch from, and what git says of those that hutch has made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["git", "one_commit"]


def git(folder: str | os.PathLike[str], *words: str) -> str:
    """``git WORDS`` there, as somebody, and without anybody's settings; what it says."""
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for who in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@index.example"}
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def one_commit(folder: Path) -> Path:
    """A new repository in ``folder`` whose one commit has ``word.txt``."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "word.txt").write_text("first\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    return folder
