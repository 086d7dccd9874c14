"""The environment's state file: what the last command found, so that the next need not look again.

What is in it is the business of whoever writes it (`ops`); this module only keeps the bytes honest.
This is on the path of a warm `hutch run`: it imports `marshal` and `os`, and nothing else.

Whoever changes the environment removes the file first (see `apply.py`), so a state that can be read
belongs to an environment that no change has begun on since.
"""

from __future__ import annotations

import marshal
import os

__all__ = ["forget_state", "read_places", "read_state", "write_places", "write_state"]

MAGIC = b"hutch-state-1\n"
NAME = os.path.join(".hutch", "state")
PLACES = os.path.join(".hutch", "places")


def read_state(environment: str | os.PathLike[str]) -> object | None:
    """The value last written for the environment at that path; None if absent, damaged or foreign."""
    return _read(os.path.join(environment, NAME))


def _read(path: str) -> object | None:
    try:
        with open(path, "rb") as file:
            data = file.read()
        if not data.startswith(MAGIC):
            return None
        return marshal.loads(memoryview(data)[len(MAGIC) :])  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError, TypeError):
        return None


def write_state(environment: str | os.PathLike[str], value: object) -> None:
    """Keep ``value``, anything that `marshal` can write. Failing only makes the next start slower."""
    _write(os.path.join(environment, NAME), value)


def _write(path: str, value: object) -> None:
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


def read_places(environment: str | os.PathLike[str]) -> dict[str, str]:
    """By name, the state of the directory that a distribution was built from when it was put there.

    Unlike the state it outlives changes: `direct_url.json` says where something comes from, and this
    what it was then.
    """
    value = _read(os.path.join(environment, PLACES))
    if not isinstance(value, dict):
        return {}
    return {name: state for name, state in value.items() if isinstance(name, str) and isinstance(state, str)}


def write_places(environment: str | os.PathLike[str], places: dict[str, str]) -> None:
    """Keep the states. Failing only makes the next command build and install them again."""
    _write(os.path.join(environment, PLACES), places)
