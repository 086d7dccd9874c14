"""The environment's state file: what the last command found, so that the next need not look again.

What is in it is the business of whoever writes it (`ops`); this module only keeps the bytes honest.
This is on the path of a warm `hutch run`: it imports `marshal` and `os`, and nothing else.

Whoever changes the environment removes the file first (see `apply.py`), so a state that can be read
belongs to an environment that no change has begun on since.
"""

from __future__ import annotations

import marshal
import os

__all__ = ["forget_state", "read_state", "write_state"]

MAGIC = b"hutch-state-1\n"
NAME = os.path.join(".hutch", "state")


def read_state(environment: str | os.PathLike[str]) -> object | None:
    """The value last written for the environment at that path; None if absent, damaged or foreign."""
    try:
        with open(os.path.join(environment, NAME), "rb") as file:
            data = file.read()
        if not data.startswith(MAGIC):
            return None
        return marshal.loads(memoryview(data)[len(MAGIC) :])  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError, TypeError):
        return None


def write_state(environment: str | os.PathLike[str], value: object) -> None:
    """Keep ``value``, anything that `marshal` can write. Failing only makes the next start slower."""
    path = os.path.join(environment, NAME)
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(MAGIC + marshal.dumps(value))  # type: ignore[arg-type]
        os.replace(temporary, path)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            pass


def forget_state(environment: str | os.PathLike[str]) -> None:
    """Remove the state, before a change. Raises OSError when that is not allowed."""
    try:
        os.unlink(os.path.join(environment, NAME))
    except FileNotFoundError:
        pass
