"""A second environment out of the files of a first one: links where files are shared already, else copies.

What the store, or another tool's cache, has links to gets one link more. A file of the environment's own is
cloned by the file system or copied, so that who edits the one does not edit the other. What names the place
is written anew by `repoint`; what must not be true of both (the lock, the journal, what was rolled back) is
not taken along.
"""

from __future__ import annotations

import os

from hutch.env.environment import Environment, open_environment
from hutch.env.link import Linker
from hutch.env.state import read_places, write_places
from hutch.trees import delete_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["clone_environment", "copy_with_history"]

PASSING = frozenset(
    ["lock", "journal", "journal.new", "creating", "new", "state", "was", "used", "born", "made"]
)
"""What `.hutch` has that belongs to one place and one moment."""
ASKED = "asked"


def clone_environment(
    source: Environment,
    target: str,
    *,
    place: str,
    command: str,
    history: bool = False,
    prompt: str | None = None,
) -> Environment:
    """Make the same environment at ``target``, where nothing is, with texts for ``place``.

    With ``history`` it is the same one under another name: all that can be is linked, and the generations
    come along. Without, ``command`` is its first generation. The caller holds the lock of ``source``. Raises
    OSError, and leaves what was made to the caller to delete.
    """
    from hutch.env.repointing import former_place, repoint

    before = former_place(source)
    _copy_tree(source.root, target, share_all=history)
    own = os.path.join(target, ".hutch")
    os.makedirs(own, exist_ok=True)
    if history:
        _copy_own(source.root, target)
    elif os.path.isfile(os.path.join(source.root, ".hutch", ASKED)):
        _copy_own(source.root, target, only=ASKED)
    made = open_environment(target)
    _retarget_links(made, source.root, place)
    if not history:
        _begin_history(source, made, command)
    repoint(made, place=place, before=before or source.root, prompt=prompt)
    places = read_places(source.root)
    if places:
        write_places(target, places)
    return open_environment(target)


def copy_with_history(source: str, target: str) -> None:
    """The same files a second time, one link more to each, with all that is known of earlier generations."""
    _copy_tree(source, target, share_all=True)
    os.makedirs(os.path.join(target, ".hutch"), exist_ok=True)
    if os.path.isdir(os.path.join(source, ".hutch")):
        _copy_own(source, target)


def _copy_tree(source: str, target: str, *, share_all: bool) -> None:
    """All directories, links and files below ``source`` but `.hutch`. Pipes and the like stay behind."""
    shared = Linker("hardlink" if share_all else "auto")
    own = shared if share_all else Linker("clone")
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        here, there = os.path.join(source, inside), os.path.join(target, inside)
        os.mkdir(there)
        linked: list[Sequence[object]] = []
        copied: list[Sequence[object]] = []
        with os.scandir(here) as entries:
            for entry in entries:
                name = entry.name
                if not inside and name == ".hutch":
                    continue
                if entry.is_symlink():
                    os.symlink(os.readlink(entry.path), os.path.join(there, name))
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(os.path.join(inside, name))
                elif entry.is_file(follow_symlinks=False):
                    found = entry.stat(follow_symlinks=False)
                    row = (name, found.st_size, found.st_mtime_ns, found.st_mode & 0o777)
                    (linked if share_all or found.st_nlink > 1 else copied).append(row)
        shared.put_all(here.rstrip(os.sep), there.rstrip(os.sep), linked)
        own.put_all(here.rstrip(os.sep), there.rstrip(os.sep), copied)


def _copy_own(source: str, target: str, *, only: str = "") -> None:
    """What `.hutch` has: the history with all that is kept, or one file of it."""
    here, there = os.path.join(source, ".hutch"), os.path.join(target, ".hutch")
    linker = Linker("hardlink" if not only else "copy")
    with os.scandir(here) as entries:
        for entry in entries:
            if entry.name in PASSING or (only and entry.name != only) or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                _copy_tree(entry.path, os.path.join(there, entry.name), share_all=True)
            elif entry.is_file(follow_symlinks=False) and not entry.name.startswith(("state.", "places")):
                linker.put(entry.path, os.path.join(there, entry.name), entry.stat().st_mode & 0o777)


def _retarget_links(environment: Environment, old: str, place: str) -> None:
    """Links that name the old place by its whole path."""
    folder = os.path.join(environment.root, environment.scripts)
    with os.scandir(folder) as entries:
        names = [each.name for each in entries if each.is_symlink()]
    for name in names:
        path = os.path.join(folder, name)
        target = os.readlink(path)
        if target.startswith(old + os.sep):
            delete_tree(path)
            os.symlink(place + target[len(old) :], path)


def _begin_history(source: Environment, made: Environment, command: str) -> None:
    """One generation, which has everything: where each package came from is known as it was there."""
    from hutch.env.generations import read_newest
    from hutch.env.recording import begin_history, packages_now

    installed = {str(name): one for name, one in source.installed().items()}
    packages = packages_now(source.root, installed, read_newest(source.root))
    begin_history(made.root, packages, command)
