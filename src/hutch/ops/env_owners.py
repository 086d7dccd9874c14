"""Whose environments the directories in the central place are: a note with the real path of the project."""

from __future__ import annotations

import os

from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["claim", "is_central", "read_owner"]

NOTE = "project.json"


def read_owner(folder: str) -> str | None:
    """The project that the directory ``folder`` of the central place belongs to; None if nobody knows."""
    import json

    try:
        value = json.loads(read_plain(os.path.join(folder, NOTE), 65536))
    except (OSError, ValueError, RecursionError):
        return None
    match value:
        case {"format": 1, "project": str(path)} if os.path.isabs(path):
            return path
    return None


def is_central(context: Context, root: str) -> bool:
    """Whether ``root`` is an environment in the central place."""
    from hutch.ops.env_places import projects_folder

    return os.path.dirname(os.path.dirname(root)) == projects_folder(context.configuration.data_dir)


def claim(folder: str, home: str) -> None:
    """Note that ``folder`` belongs to the project in ``home``. Raises OSError."""
    import json

    real = os.path.realpath(home)
    if read_owner(folder) == real:
        return
    os.makedirs(folder, mode=0o700, exist_ok=True)
    temporary = os.path.join(folder, f"{NOTE}.{os.getpid()}")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump({"format": 1, "project": real}, file)
        file.write("\n")
    os.replace(temporary, os.path.join(folder, NOTE))
