"""The variables that activation of a conda environment sets: ``conda-meta/state``, in conda's own form."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["set_variables"]

LARGEST = 1 << 20


def set_variables(root: str, variables: Mapping[str, str]) -> None:
    """Put ``variables`` beside those that are there; what else the file has stays. Raises `CannotWrite`."""
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
    state["env_vars"] = {**(known if isinstance(known, dict) else {}), **variables}
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(temporary, path)
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error
