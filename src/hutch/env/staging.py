"""Environments that come and go as a whole, in a directory where each has a name.

What is made is made in `.new-…` beside its place and renamed; what goes is renamed to `.gone-…` first, what
makes way for another to `.old-…-NAME`. Whoever dies in between leaves something with such a name, which
`settle_folder`, called first by everybody who changes the directory, finishes or takes back. The table of
what a kill leaves is in docs/explanation/named-environments.md.
"""

from __future__ import annotations

import os
import time

from hutch.env.flock import release, sign, take
from hutch.env.syncing import sync_directory
from hutch.light import contextmanager
from hutch.plain import read_plain
from hutch.trees import delete_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WAS", "NameTaken", "discard", "publish", "settle_folder", "staged"]

NEW, OLD, GONE = ".new-", ".old-", ".gone-"
LOCK = "lock"
WAS = os.path.join(".hutch", "was")
"""In an environment that has been renamed: the name that it had, until that one is gone."""
PATIENCE = 86400.0
"""Seconds after which a `.new-…` without a lock, or on a disk without locks, belongs to nobody."""


class NameTaken(OSError):
    """Somebody was quicker, and has an environment of that name now."""


@contextmanager
def staged(folder: str, name: str = "") -> Iterator[str]:
    """A new directory in ``folder``, on the same disk, for what is to be published; gone afterwards.

    Who notes its ``name`` before has `.new-…` for one.
    """
    os.makedirs(folder, exist_ok=True)
    stage = os.path.join(folder, name or NEW + os.urandom(6).hex())
    os.mkdir(stage, 0o700)
    descriptor = os.open(
        os.path.join(stage, LOCK), os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600
    )
    try:
        try:
            take(descriptor)
        except OSError:
            pass  # a file system without locks: its age protects it
        sign(descriptor)
        yield stage
    finally:
        release(descriptor)
        delete_tree(stage)


def publish(made: str, place: str, *, instead: bool = False) -> None:
    """Give what was made its name. With ``instead``, what has that name makes way, and is deleted.

    Raises `NameTaken` where something has the name, else OSError.
    """
    folder = os.path.dirname(place)
    aside = ""
    if instead and os.path.lexists(place):
        aside = os.path.join(folder, f"{OLD}{os.urandom(6).hex()}-{os.path.basename(place)}")
        os.rename(place, aside)
    try:
        if os.path.lexists(place):
            raise NameTaken(place)
        os.rename(made, place)
    except OSError as error:
        if os.path.lexists(place):
            raise NameTaken(place) from error
        if aside:
            os.rename(aside, place)
        raise
    sync_directory(folder)
    if aside:
        delete_tree(aside)


def discard(place: str) -> None:
    """Delete what is at ``place``, from which its name is taken first, in one step."""
    folder = os.path.dirname(place)
    gone = os.path.join(folder, GONE + os.urandom(6).hex())
    os.rename(place, gone)
    sync_directory(folder)
    delete_tree(gone)


def settle_folder(folder: str) -> None:
    """Finish or take back what was cut off in ``folder``. What cannot be is tried again next time."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        try:
            if name.startswith(OLD):
                _settle_old(folder, name)
            elif name.startswith(GONE):
                delete_tree(path)
            elif name.startswith(NEW):
                if _is_abandoned(path):
                    delete_tree(path)
            elif os.path.lexists(os.path.join(path, WAS)):
                _settle_renamed(folder, path)
        except OSError:
            pass


def _settle_old(folder: str, aside: str) -> None:
    """Cut off between the two renames, it gets its name back; else there is what it made way for."""
    name = aside[len(OLD) :].partition("-")[2]
    path = os.path.join(folder, aside)
    if name and not os.path.lexists(os.path.join(folder, name)):
        os.rename(path, os.path.join(folder, name))
    else:
        delete_tree(path)


def _settle_renamed(folder: str, path: str) -> None:
    before = _was(path)
    old = os.path.join(folder, before)
    if before and before != os.path.basename(path) and os.path.lexists(old):
        discard(old)
    os.unlink(os.path.join(path, WAS))


def _was(path: str) -> str:
    try:
        name = read_plain(os.path.join(path, WAS), 1024).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    return name if name == os.path.basename(name) and name[:1] != "." else ""


def _is_abandoned(stage: str) -> bool:
    old = time.time() - os.lstat(stage).st_mtime > PATIENCE
    try:
        descriptor = os.open(os.path.join(stage, LOCK), os.O_RDWR)
    except FileNotFoundError:
        return old or not os.listdir(stage)
    try:
        return take(descriptor)
    except OSError:
        return old
    finally:
        release(descriptor)
