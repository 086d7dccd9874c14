"""Putting right what a killed process left: the lock, and under it the undo."""

from __future__ import annotations

import contextlib
import os

from hutch.env.journal import empty_trash, read_journal, undo
from hutch.env.locking import PATIENCE, hold_lock
from hutch.events import Notice, silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.env.environment import Environment
    from hutch.events import Emit

__all__ = ["lock_environment", "recover", "recover_locked"]


@contextlib.contextmanager
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
    """Undo the change that a killed process left half done; whether there was one. Takes the lock."""
    # Almost always there is none, and then this costs one system call.
    if not os.path.lexists(os.path.join(environment.root, ".hutch", "journal")):
        return False
    with hold_lock(environment.root, emit=emit):
        return recover_locked(environment.root, emit)


def recover_locked(root: str, emit: Emit) -> bool:
    """`recover`, for those who hold the lock. Raises `CannotWrite`, `DamagedJournal`."""
    from hutch.env.problems import CannotWrite

    try:
        journal = read_journal(root)
        if journal is None:
            empty_trash(root)
            return False
        undo(journal)
    except OSError as error:
        raise CannotWrite(error.filename or root, error.strerror or str(error)) from error
    emit(Notice(f"a change of {root} that was cut off has been undone"))
    return True
