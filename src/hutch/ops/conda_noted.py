"""Where conda keeps its list of environments: ``~/.conda/environments.txt``."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["forget_prefix", "note_prefix"]


def note_prefix(context: Context, root: str) -> None:
    """Tell conda of the prefix; that it cannot be told is no reason to fail."""
    path = _place(context)
    if not path:
        return
    try:
        text = _text(path)
        if root in text.split("\n"):
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(("" if not text or text.endswith("\n") else "\n") + root + "\n")
    except OSError:
        pass


def forget_prefix(context: Context, root: str) -> None:
    """The prefix is gone, and is not to be listed any more."""
    path = _place(context)
    if not path:
        return
    try:
        lines = _text(path).split("\n")
        if root not in lines:
            return
        temporary = f"{path}.{os.getpid()}.new"
        with open(temporary, "x", encoding="utf-8", errors="surrogateescape") as file:
            file.write("\n".join(line for line in lines if line != root))
        os.replace(temporary, path)
    except OSError:
        pass


def _place(context: Context) -> str:
    from hutch.config.directories import find_home, system_here

    home = find_home(context.environ, system_here())
    return os.path.join(home, ".conda", "environments.txt") if home is not None else ""


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""
