"""Applying a plan: prepare, journal, move, link, commit; or as if it had never begun.

`docs/explanation/environment.md` says what is on disk after each of these. Everything that can be known to
go wrong is found in `prepare`; what the disk refuses later is undone before the problem is reported.
"""

from __future__ import annotations

import os

from hutch.env.broken import mend
from hutch.env.generations import PINNED, Occasion, is_untouched, sweep
from hutch.env.hands import put_all
from hutch.env.journal import Journal, undo
from hutch.env.link import Linker, write_new
from hutch.env.locking import PATIENCE, hold_lock
from hutch.env.prepare import prepare
from hutch.env.problems import CannotWrite
from hutch.env.recording import record_change
from hutch.env.state import forget_state
from hutch.env.syncing import sync_directory
from hutch.events import Emit, Linked, PhaseEnded, PhaseStarted, Removed, silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from hutch.env.environment import Environment
    from hutch.env.link import LinkMode
    from hutch.env.looks import Looks
    from hutch.env.placement import Placement
    from hutch.env.plan import Plan
    from hutch.env.prepare import Change

__all__ = ["apply_plan"]

RECORD_OF_TREE = "record"
"""Beside the files of a tree: what the record of its wheel was in the environment that came first."""


def apply_plan(
    plan: Plan,
    environment: Environment,
    *,
    link_mode: LinkMode = "auto",
    allow_clobber: Collection[str] = frozenset(),
    emit: Emit = silent,
    timeout: float = PATIENCE,
    occasion: Occasion | None = None,
    looks: Looks | None = None,
) -> None:
    """Make ``environment`` what ``plan`` says, or leave it as it was.

    Takes the lock (waiting ``timeout`` seconds at most) unless the caller holds it, and first undoes
    what a killed process left. Packages named in ``allow_clobber`` may replace files of others; ``occasion``
    is what the history tells of it. ``looks`` at all that is to be linked may be on the way already. Raises
    `EnvironmentChanged` when the plan was made for something else, `ClobberProblem`, `DamagedWheel`,
    `CannotWrite`, `EnvironmentBusy`.
    """
    if not plan:
        return
    occasion = occasion or Occasion()
    root = environment.root
    with hold_lock(root, emit=emit, timeout=timeout):
        if not (occasion.new and is_untouched(root)):
            from hutch.env.recovery import recover_locked

            recover_locked(root, emit)
        change = prepare(plan, environment, allow_clobber, emit, proven=occasion.proven, looks=looks)
        try:
            plan = change.plan
            record = record_change(root, plan, change, occasion)
            journal = Journal(root, record, passing=occasion.passing)
            # The state goes first: whoever trusts it would not look for a journal.
            forget_state(root)
            journal.write()
        except OSError as error:
            raise CannotWrite(error.filename or root, _reason(error)) from error
        emit(PhaseStarted("install", len(plan.steps)))
        try:
            journal.move_away()
            _follow_moves(change, journal)
            for step in plan.removals:
                emit(Removed(step.name, step.version))
            _link(change, root, link_mode, emit)
            for path, content in change.notes.items():
                os.makedirs(os.path.dirname(f"{root}/{path}"), exist_ok=True)
                write_new(f"{root}/{path}", content, 0o666)
            if PINNED in record.fresh:
                write_new(os.path.join(root, PINNED), b"%d\n" % (record.restores or record.number), 0o666)
            journal.commit()
        except OSError as error:
            where = error.filename2 or error.filename or root
            raise CannotWrite(str(where), _reason(error), undone=_undone(journal)) from error
        except BaseException:
            _undone(journal)
            raise
        if not occasion.passing:
            mend(root, [step.name for step in plan.steps])
            if not occasion.generations:
                # What could undo the change goes at once, so the disk has to know that it is complete.
                sync_directory(os.path.join(root, ".hutch"))
            sweep(root, occasion.generations)
        emit(PhaseEnded("install"))


def _undone(journal: Journal) -> bool:
    """Undo; whether that went well. If not, the journal is still there, and the next command tries again.

    A change that was completed in the very moment of Ctrl-C stays.
    """
    if not journal.is_open:
        return False
    try:
        undo(journal)
    except OSError:
        return False
    return True


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _follow_moves(change: Change, journal: Journal) -> None:
    """What an installation that comes back had in common with one that goes was taken away just now."""
    for one in change.placements:
        for part in one.parts:
            if part.source == f"{journal.root}/{part.path}":
                part.source = journal.find(part.path) or part.source


def _link(change: Change, root: str, link_mode: LinkMode, emit: Emit) -> None:
    for path, content in change.records.items():
        write_new(f"{root}/{path}", content, 0o666)
    put_all(
        change.placements,
        lambda one, linker: _put(one, root, linker),
        lambda one, directories: make_directories(f"{root}/{one.site}", directories),
        Linker(link_mode, emit),
        lambda one, files: emit(Linked(one.name, one.version, files)),
    )
    # A link can be made to what is not there. From here on a `cache clean` sees by the records what we use.
    for one in change.placements:
        for target in one.links.values():
            os.stat(target)


def _put(one: Placement, root: str, linker: Linker) -> int:
    """Put one package in, its RECORD last; the number of its files."""
    if one.is_conda:
        from hutch.env.conda_placement import CondaPlacement, put_conda

        assert isinstance(one, CondaPlacement)
        return put_conda(one, root, linker)
    site = f"{root}/{one.site}"
    if not one.directories:
        os.makedirs(site, exist_ok=True)  # of a conda prefix nobody else may have made it
    make_directories(site, one.directories)
    inner = one.dist_info + "/"
    _link_directories(one, site, [path for path in one.links if not path.startswith(inner)])
    body = one.rows_to_put(one.body)
    info = one.rows_to_put(one.info)
    linker.put_all(one.source, site, body)
    directories, compiled = one.bytecode_to_put()
    if one.bytecode is not None and compiled:
        make_directories(site, directories)
        linker.put_all(one.bytecode.files, site, compiled)
    parts = one.parts_to_put()
    made: set[str] = set()
    data: dict[str, list[Sequence[object]]] = {}
    for part in parts:
        path = f"{root}/{part.path}"
        folder = path.rpartition("/")[0]
        if folder not in made:
            made.add(folder)
            os.makedirs(folder, exist_ok=True)
        if part.content is None and part.source.endswith(f"/{part.path}"):
            # The scheme `data`, of which there may be thousands, has them as they are to be.
            data.setdefault(part.source[: -len(part.path) - 1], []).append((part.path, 0, 0, part.mode))
        elif part.content is None:
            linker.put(part.source, path, part.mode)
        else:
            write_new(path, part.content, part.mode)
    for source, rows in data.items():
        linker.put_all(source, root, rows)
    make_directories(site, [one.dist_info, *one.info_directories])
    _link_directories(one, site, [path for path in one.links if path.startswith(inner)])
    linker.put_all(one.source, site, info)
    for name, content in one.notes.items():
        linker.write(f"{site}/{one.dist_info}/{name}", content)
    _write_record(one, f"{site}/{one.dist_info}/{one.record_name}")
    return len(body) + len(compiled) + len(one.links) + len(info) + len(parts) + len(one.notes) + 1


def _write_record(one: Placement, path: str) -> None:
    """The record; where links are most of it, it is as a rule that of the last environment, and kept by the
    tree: another name for that is made faster than another file."""
    if not one.links or not one.store:
        write_new(path, one.record, 0o666)
        return
    known = f"{one.store}/{RECORD_OF_TREE}"
    try:
        with open(known, "rb") as file:
            same = file.read() == one.record
        if same:
            os.link(known, path)
            return
    except FileExistsError:
        raise
    except OSError:
        same = False
    write_new(path, one.record, 0o666)
    try:
        if not same:
            os.link(path, known)  # the first of all stays, and none of it is anybody's but hutch's
    except OSError:
        pass


def _link_directories(one: Placement, site: str, paths: Iterable[str]) -> None:
    """Make links to directories of the store: second names of those that it has ready, where that can be."""
    for path in paths:
        target = one.links[path]
        ready = one.ready.get(path)
        try:
            if ready is not None:
                os.link(ready, f"{site}/{path}", follow_symlinks=False)
                continue
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            pass
        os.symlink(target, f"{site}/{path}", target_is_directory=True)


def make_directories(site: str, directories: Iterable[str]) -> None:
    """Make the directories of a wheel below ``site``; parents come first in a manifest."""
    mkdir = os.mkdir
    for path in directories:
        try:
            mkdir(f"{site}/{path}")
        except FileExistsError:
            pass  # shared with another package: that it is a directory has been checked
        except FileNotFoundError:
            os.makedirs(f"{site}/{path}", exist_ok=True)
