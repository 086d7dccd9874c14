"""What an environment's path must not have in it to be activated."""

from __future__ import annotations

import os

from hutch.errors import Problem

__all__ = ["CannotActivate", "refuse_path"]


class CannotActivate(Problem):
    """The environment is there, and cannot be activated."""

    code = "cannot-activate"


def refuse_path(root: str) -> None:
    """What cannot be said in the words of a shell, or on its PATH."""
    if not all(each >= " " for each in root):
        raise CannotActivate("the path of the environment has a line end in it", hint="move it")
    if os.pathsep == ":" and ":" in root:
        raise CannotActivate(f"{root} cannot be on PATH", why="it has a colon in it", hint="move it")
