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
    from contextlib import AbstractContextManager

    from hutch.ops.context import Context

__all__ = ["put_back", "stepping_aside"]

MARK = ".hutch/aside"
"""Who deletes what stands aside wants to know that it was hutch that put it there."""
PATIENCE = 300.0
"""Seconds to wait for another process that is at it."""

_ours: set[str] = set()
"""The places for which this process has something standing aside just now."""


def _aside(root: str) -> str:
    return f"{root}.before"


def _alone(context: Context, root: str) -> AbstractContextManager[object]:
    """Keep out other processes: to one that looks meanwhile it is a change that was cut off."""
    from hutch.events import Notice
    from hutch.spec import short_sha256

    def waiting(holder: str) -> None:
        context.emit(Notice(f"waiting for {holder or 'another command'}, which makes {root} anew"))

    place = os.path.join(os.path.realpath(os.path.dirname(root)), os.path.basename(root))
    key = short_sha256(os.fsencode(place))[:32]
    return context.store.lock(f"aside-{key}", timeout=PATIENCE, waiting=waiting)


@contextmanager
def stepping_aside(context: Context, root: str) -> Iterator[None]:
    """Do without what is at ``root`` while this lasts: it is deleted at the end, and back after a failure."""
    with _alone(context, root):
        _ours.add(root)
        try:
            with _aside_meanwhile(root):
                yield
        finally:
            _ours.discard(root)


@contextmanager
def _aside_meanwhile(root: str) -> Iterator[None]:
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
    _discard(root)


def _discard(root: str) -> None:
    """Delete what stands aside; its mark may go first, so it gets a name that is nobody else's before."""
    from hutch.trees import delete_tree

    gone = f"{root}.hutch-gone"
    delete_tree(gone)
    os.rename(_aside(root), gone)
    delete_tree(gone)


def put_back(context: Context, root: str) -> None:
    """After a command that was cut off: have the old environment back, unless the new one was finished."""
    left = os.path.lexists(_aside(root)) or os.path.lexists(f"{root}.hutch-gone")
    if left and root not in _ours:
        with _alone(context, root):
            _put_back(root)


def _put_back(root: str) -> None:
    aside = _aside(root)
    if os.path.lexists(f"{root}.hutch-gone"):
        from hutch.trees import delete_tree

        delete_tree(f"{root}.hutch-gone")
    if not os.path.lexists(os.path.join(aside, MARK)):
        return
    from hutch.trees import delete_tree

    if _is_finished(root):
        _discard(root)
        return
    delete_tree(root)
    os.rename(aside, root)
    delete_tree(os.path.join(root, MARK))


def _is_finished(root: str) -> bool:
    """Whether what took the place was made to the end."""
    from hutch.env import is_prefix, is_unfinished

    if os.path.lexists(os.path.join(root, ".hutch", "journal")):
        return False
    is_virtual = os.path.lexists(os.path.join(root, "pyvenv.cfg"))
    return is_prefix(root) or (is_virtual and not is_unfinished(root))
