"""The variables that activation of a conda environment sets: ``conda-meta/state``, in conda's own form."""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["own_variables", "set_variables"]

LARGEST = 1 << 20


def own_variables(root: str) -> tuple[str, ...]:
    """The names that the user has set, in order; none where that cannot be read."""
    import json

    from hutch.ops.conda_activation import UNSET
    from hutch.plain import read_plain

    try:
        found = json.loads(read_plain(os.path.join(root, "conda-meta", "state"), LARGEST))
    except (OSError, ValueError, RecursionError):
        return ()
    known = found.get("env_vars") if isinstance(found, dict) else None
    said = known.items() if isinstance(known, dict) else ()
    return tuple(sorted(name for name, value in said if isinstance(value, str) and value != UNSET))


def set_variables(root: str, variables: Mapping[str, str]) -> None:
    """Put ``variables`` beside those that are there, and over those whose names are the same in capitals;
    what else the file has stays. Raises `CannotWrite`."""
    import json

    from hutch.env import CannotWrite
    from hutch.plain import read_plain

    if not variables:
        return
    path = os.path.join(root, "conda-meta", "state")
    try:
        found = json.loads(read_plain(path, LARGEST))
    except FileNotFoundError:
        found = {}
    except (OSError, ValueError, RecursionError) as error:
        raise CannotWrite(path, f"what is in it cannot be read: {error}") from error
    state = found if isinstance(found, dict) else {}
    known = state.get("env_vars")
    names = {name.upper() for name in variables}
    kept = known.items() if isinstance(known, dict) else ()
    state["env_vars"] = {**{name: value for name, value in kept if name.upper() not in names}, **variables}
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise CannotWrite(path, error.strerror or str(error)) from error
