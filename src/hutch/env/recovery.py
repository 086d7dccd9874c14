"""Putting right what a killed process left: the lock, and under it the undo."""

from __future__ import annotations

import os

from hutch.env.journal import read_journal, undo
from hutch.env.locking import PATIENCE, hold_lock
from hutch.env.settling import is_unsettled, settle
from hutch.events import Notice, silent
from hutch.light import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.env.environment import Environment
    from hutch.events import Emit

__all__ = ["lock_environment", "recover", "recover_locked"]


@contextmanager
def lock_environment(
    environment: Environment, *, emit: Emit = silent, timeout: float = PATIENCE
) -> Iterator[None]:
    """Hold the environment's lock; on entry undo what a killed process left (`recover`).

    Within it `installed`, `plan_changes` and `apply_plan` belong together: nobody else's change comes
    between. May be nested. Raises `EnvironmentBusy` after ``timeout`` seconds.
    """
    with hold_lock(environment.root, emit=emit, timeout=timeout):
        recover_locked(environment.root, emit)
        yield


def recover(environment: Environment, emit: Emit = silent) -> bool:
    """Undo what a killed process left half done, or a lost power took; whether there was something.

    Takes the lock, where there is a reason. Raises `CannotWrite`, `DamagedJournal`, `EnvironmentBusy`.
    """
    # Almost always there is none, and then this costs a handful of system calls.
    root = environment.root
    directory = os.path.join(root, ".hutch")
    cut_off = os.path.lexists(os.path.join(directory, "journal"))
    # Where nothing can be written nothing can be put right; a read-only image comes from another machine.
    if not cut_off and not (is_unsettled(root) and os.access(directory, os.W_OK)):
        return False
    with hold_lock(root, emit=emit):
        return recover_locked(root, emit)


def recover_locked(root: str, emit: Emit) -> bool:
    """`recover`, for those who hold the lock; says in one line what was done."""
    from hutch.env.problems import CannotWrite
    from hutch.env.state import forget_state

    try:
        journal = read_journal(root)
        if journal is not None:
            undo(journal)
        undone, broken = settle(root)
        if undone or broken:
            forget_state(root)
    except OSError as error:
        raise CannotWrite(error.filename or root, error.strerror or str(error)) from error
    if undone:
        commands = ", ".join(_called(record.command) for record in undone)
        emit(Notice(f"{commands} of {root} was lost with the power, and has been undone", warning=True))
    elif broken:
        names = ", ".join(sorted(broken))
        emit(
            Notice(
                f"files of {names} in {root} were lost with the power: hutch sync has them anew", warning=True
            )
        )
    elif journal is not None:
        emit(Notice(f"{_called(journal.record.command)} of {root} was cut off, and has been undone"))
    return journal is not None or bool(undone or broken)


def _called(command: str) -> str:
    return f"`hutch {command}`" if command else "a change"
