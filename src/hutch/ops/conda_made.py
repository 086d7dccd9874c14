"""Whether a conda prefix was made on this machine by hutch, or came along with a checkout.

The Python of a prefix lies in it, so whoever starts it starts a program of whoever made the prefix. A file
can say anything; what no archive and no checkout can bring along is the moment at which a file came to this
disk. So one empty file is made with the prefix, and another one says the inode and change time of that.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = [
    "made_for_a_project",
    "note_made",
    "prefix_came_along",
    "refuse_foreign_prefix",
    "refuse_prefix_of_others",
    "was_made_here",
]

BORN, MADE = ".hutch/born", ".hutch/made"


def note_made(root: str, *, of_project: bool) -> None:
    """Write down that hutch has made it, and whether for a project: then it may make room for another one."""
    try:
        os.makedirs(os.path.join(root, ".hutch"), exist_ok=True)
        with open(os.path.join(root, BORN), "wb"):
            pass
        with open(os.path.join(root, MADE), "w", encoding="ascii") as file:
            file.write(f"{_born(root)} {'project' if of_project else 'named'}\n")
    except OSError:
        pass  # it is then treated as somebody else's


def _born(root: str) -> str:
    found = os.stat(os.path.join(root, BORN), follow_symlinks=False)
    return f"{found.st_ino} {found.st_ctime_ns}"


def _made(root: str) -> str | None:
    """What it was made for; None where it was not made here."""
    from hutch.plain import read_plain

    try:
        inode, moment, what = read_plain(os.path.join(root, MADE), 200).decode("ascii").split()
        return what if f"{inode} {moment}" == _born(root) else None
    except (OSError, ValueError):
        return None


def made_for_a_project(root: str) -> bool:
    """Whether hutch has made it here, for a project."""
    return _made(root) == "project"


def was_made_here(root: str) -> bool:
    """Whether hutch has made it on this machine, for whatever."""
    return _made(root) is not None


def prefix_came_along(context: Context, home: str, root: str) -> bool:
    """Whether the prefix at ``root`` lies in the project at ``home``, and was not made by hutch here.

    What the user has allowed, or has named as the environment, did not.
    """
    from hutch.env import is_prefix
    from hutch.interpreters import lies_in
    from hutch.ops.trust import is_trusted

    if not is_prefix(root) or _made(root) is not None or not lies_in(root, home):
        return False
    if context.environ.get("HUTCH_PROJECT_ENVIRONMENT"):
        return False
    return not is_trusted(context.configuration.data_dir, home)


def refuse_foreign_prefix(context: Context, checkout: Checkout, root: str) -> None:
    """Raise `NotAnEnvironment` for a prefix in the project that came along, or is of another tool."""
    refuse_prefix_of_others(context, checkout.home, root)


def refuse_prefix_of_others(context: Context, home: str, root: str) -> None:
    """The same for one that lies in the folder ``home``, of a project or of none."""
    from hutch.env import NotAnEnvironment

    if not prefix_came_along(context, home, root):
        return
    problem = NotAnEnvironment(root, "it is a conda environment that hutch has not made on this machine")
    problem.hints = (
        "if you know who made it: hutch allow",
        "else delete it, and hutch makes another one",
    )
    raise problem
