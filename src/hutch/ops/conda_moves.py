"""Conda environments that get another place: complete in the new one before the old one goes.

Neither place need be a folder of hutch's, where others look for what was cut off. So a file in the data
folder says what is under way. Whoever dies leaves it, with its lock free, and the next command that asks for
an environment of conda finishes or takes back what it tells of: what was complete has a token, so it stays
and the old one goes; else the old one is what there is. Nothing is deleted that somebody has changed since.
"""

from __future__ import annotations

import os
import time

from hutch.light import contextmanager
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = ["as_written", "move_to", "settle_moves"]

FOLDER = "moves"
TOKEN = ".hutch/moved"
"""In the new one, until the old one is gone: which of the moves has made it."""
PATIENCE = 86400.0
"""Seconds after which a move on a disk without locks belongs to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """What is under way: ``stage`` is where the new one is made, ``gone`` where the old one is deleted."""

    token: str
    old: str
    new: str
    stage: str
    gone: str
    mark: str
    """What tells whether somebody has changed the old one since."""
    folders: tuple[str, ...]
    """Those above the new one that are made for it, the innermost first."""


def move_to(context: Context, source: Environment, place: str, *, ours: bool) -> None:
    """Have the prefix at ``place``, where nothing is, with its history, and no more where it was.

    ``ours`` says that hutch has made it here: it is no project's any more, and makes room for nothing. Raises
    `NameTaken`, OSError, and what `move_prefix` raises; the old one is then what it was.
    """
    from hutch.env import lock_environment, move_prefix, open_prefix, publish
    from hutch.env.staging import staged
    from hutch.ops.conda_made import note_made

    with (
        lock_environment(source, emit=context.emit),
        _noted(context, source.root, place) as move,
        staged(os.path.dirname(place), os.path.basename(move.stage)) as stage,
    ):
        made = os.path.join(stage, "prefix")
        move_prefix(open_prefix(source.root), made, place=place)
        if ours:
            note_made(made, of_project=False)
        with open(os.path.join(made, TOKEN), "x", encoding="ascii") as file:
            file.write(move.token)
        publish(made, place)
        try:
            os.rename(move.old, move.gone)
        except OSError:
            os.rename(place, made)
            raise


@contextmanager
def _noted(context: Context, old: str, new: str) -> Iterator[_Move]:
    """What is under way, for those who look later; at the end it is settled, whatever became of it."""
    import json

    from hutch.env.flock import release
    from hutch.events import Notice
    from hutch.ops.conda_directory import missing_above

    folder = os.path.join(context.configuration.data_dir, FOLDER)
    os.makedirs(folder, exist_ok=True)
    token, descriptor = _note(folder)
    path = os.path.join(folder, f"{token}.json")
    move = _Move(
        token=token,
        old=old,
        new=new,
        stage=os.path.join(os.path.dirname(new), f".new-{token}"),
        gone=os.path.join(os.path.dirname(old), f".gone-{token}"),
        mark=_mark(old),
        folders=tuple(missing_above(new)),
    )
    try:
        said = {name: getattr(move, name) for name in _Move.__slots__}
        os.write(descriptor, json.dumps(said).encode("utf-8", "surrogateescape"))
        os.fsync(descriptor)
        try:
            yield move
        finally:
            try:
                _settle(context, move)
                os.unlink(path)
            except OSError as error:
                what = error.filename or move.gone
                note = f"{what} could not be deleted ({error.strerror}): the next command tries again"
                context.emit(Notice(note, warning=True))
    finally:
        release(descriptor)


def _note(folder: str) -> tuple[str, int]:
    """A new file in which a move is told, with its lock, and what the move is called."""
    from hutch.env.flock import release, take

    while True:
        token = os.urandom(6).hex()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(os.path.join(folder, f"{token}.json"), flags, 0o600)
        try:
            # Somebody may have found it before it was locked, and thrown it away.
            if take(descriptor) and os.fstat(descriptor).st_nlink:
                return token, descriptor
        except OSError:
            return token, descriptor  # a disk without locks: its age protects it
        release(descriptor)


def _is_abandoned(descriptor: int) -> bool:
    from hutch.env.flock import take

    try:
        return take(descriptor)
    except OSError:
        return time.time() - os.fstat(descriptor).st_mtime > PATIENCE


def _mark(root: str) -> str:
    """Another one after each change of the prefix's packages, and of another directory."""
    from hutch.ops.conda_turns import prefix_mark

    try:
        return f"{os.lstat(root).st_ino} {prefix_mark(root)}"
    except OSError:
        return ""


def settle_moves(context: Context) -> None:
    """Finish or take back what was cut off. What cannot be is tried again by the next command."""
    folder = os.path.join(context.configuration.data_dir, FOLDER)
    try:
        names = os.listdir(folder)
    except OSError:
        return  # almost always: nothing was ever moved
    for name in names:
        path = os.path.join(folder, name)
        try:
            if name.endswith(".json"):
                _settle_noted(context, path)
        except OSError:
            pass


def _settle_noted(context: Context, path: str) -> None:
    from hutch.env.flock import release
    from hutch.plain import without_waiting

    descriptor = without_waiting(path, os.O_RDWR)
    try:
        if _is_abandoned(descriptor) and os.path.lexists(path):
            move = _parsed(os.read(descriptor, 1 << 20))
            if move is not None:
                _settle(context, move)
            os.unlink(path)
    finally:
        release(descriptor)


def _parsed(content: bytes) -> _Move | None:
    import json

    try:
        match json.loads(content.decode("utf-8", "surrogateescape")):
            case {
                "token": str(token), "old": str(old), "new": str(new), "stage": str(stage),
                "gone": str(gone), "mark": str(mark), "folders": list(folders),
            }:  # fmt: skip
                named = tuple(map(str, folders))
                return _Move(token=token, old=old, new=new, stage=stage, gone=gone, mark=mark, folders=named)
    except ValueError:
        pass
    return None


def _settle(context: Context, move: _Move) -> None:
    """Raises OSError where something cannot be deleted or renamed."""
    from hutch.trees import delete_tree

    token = os.path.join(move.new, TOKEN)
    complete = _said(token) == move.token
    if complete:
        if _mark(move.old) == move.mark:
            os.rename(move.old, move.gone)
        _tell(context, move)
    # Once the old one has this name the new one was complete: should that be gone, somebody has deleted it.
    delete_tree(move.gone)
    delete_tree(move.stage)
    if complete:
        os.unlink(token)
    for folder in move.folders:
        try:
            os.rmdir(folder)
        except OSError:
            break


def _said(path: str) -> str:
    from hutch.plain import read_plain

    try:
        return read_plain(path, 64).decode("ascii", "replace")
    except (OSError, ValueError):
        return ""


def _tell(context: Context, move: _Move) -> None:
    """conda and the store know places."""
    from hutch.env import open_present
    from hutch.ops.conda_noted import forget_prefix, note_prefix
    from hutch.ops.occasions import note_root

    note_root(context, open_present(move.new))
    note_prefix(context, move.new)
    for old in dict.fromkeys((move.old, os.path.realpath(move.old))):
        forget_prefix(context, old)


def as_written(context: Context, root: str) -> str:
    """The path by which the files of a prefix call it: where links lead to it, that may be another one."""
    from hutch.env import prefix_packages
    from hutch.env.conda_files import is_inside, read_meta
    from hutch.ops.env_others import conda_rows
    from hutch.plain import read_plain

    real = os.path.realpath(root)
    names = dict.fromkeys((root, real, *(row.path for row in conda_rows(context))))
    called = [name for name in names if os.path.realpath(name) == real]
    if len(called) == 1:
        return root
    for one in prefix_packages(root):
        match read_meta(root, one.where):
            case {"paths_data": {"paths": list(entries)}}:
                pass
            case _:
                continue
        for entry in entries:
            match entry:
                case {"_path": str(path), "prefix_placeholder": str(found)} if found and is_inside(path):
                    content = read_plain(os.path.join(root, path), 1 << 30)
                    for name in called:
                        if os.fsencode(name) in content:
                            return name
    return root
