"""An environment of the other kind takes the place of a project's: a conda prefix for a virtual one, or back.

Neither can be made elsewhere and moved, because both know their own path. So the old one steps aside, and
comes back where the new one comes to nothing, be it when the next command looks.
"""

from __future__ import annotations

import os

from hutch.light import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["put_back", "stepping_aside"]

MARK = ".hutch/aside"
"""Who deletes what stands aside wants to know that it was hutch that put it there."""


def _aside(root: str) -> str:
    return f"{root}.before"


@contextmanager
def stepping_aside(root: str) -> Iterator[None]:
    """Do without what is at ``root`` while this lasts: it is deleted at the end, and back after a failure."""
    from hutch.env import CannotWrite
    from hutch.trees import delete_tree

    aside = _aside(root)
    try:
        os.makedirs(os.path.join(root, ".hutch"), exist_ok=True)
        with open(os.path.join(root, MARK), "wb"):
            pass
        os.rename(root, aside)
    except OSError as error:
        raise CannotWrite(str(error.filename or root), error.strerror or str(error)) from error
    try:
        yield
    except BaseException:
        delete_tree(root)
        os.rename(aside, root)
        delete_tree(os.path.join(root, MARK))
        raise
    delete_tree(aside)


def put_back(root: str) -> None:
    """After a command that was cut off: have the old environment back, unless the new one was finished."""
    aside = _aside(root)
    if not os.path.lexists(os.path.join(aside, MARK)):
        return
    from hutch.env import is_prefix, is_unfinished
    from hutch.trees import delete_tree

    finished = is_prefix(root) or (
        os.path.lexists(os.path.join(root, "pyvenv.cfg")) and not is_unfinished(root)
    )
    if finished:
        delete_tree(aside)
        return
    delete_tree(root)
    os.rename(aside, root)
    delete_tree(os.path.join(root, MARK))
