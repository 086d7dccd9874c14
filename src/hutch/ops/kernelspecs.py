"""Notebook kernels on this machine: where Jupyter looks for them, and what each `kernel.json` says.

As ``jupyter --paths`` tells them: JUPYTER_PATH, the user's data folder, that of an environment, the system's.
"""

from __future__ import annotations

import os
import sys

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Kernel", "kernel_folders", "read_kernel", "read_kernels", "user_folder"]

LARGEST = 1 << 20
NO = ("", "no", "n", "false", "off", "0", "0.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """A kernel: its folder, what is shown, and the program that it starts.

    ``project`` and ``environment`` are those of a kernel that hutch made, None of another's.
    """

    name: str
    folder: str
    display_name: str
    program: str
    ours: bool = False
    project: str | None = None
    environment: str | None = None

    @property
    def is_dead(self) -> bool:
        """Whether the program that it starts is gone; a name that is looked for on PATH is not looked for."""
        return os.path.isabs(self.program) and not os.path.exists(self.program)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "display_name": self.display_name,
            "folder": self.folder,
            "program": self.program,
            "dead": self.is_dead,
            "by_hutch": self.ours,
            "project": self.project,
            "environment": self.environment,
        }


def user_folder(environ: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """The user's data folder of Jupyter; None where there is no home to have one in."""
    if said := environ.get("JUPYTER_DATA_DIR"):
        return said
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME", "")
    modern = environ.get("JUPYTER_PLATFORM_DIRS", "").lower() not in (
        "",
        "no",
        "n",
        "false",
        "off",
        "0",
        "0.0",
    )
    if platform == "win32":
        local, roaming = environ.get("LOCALAPPDATA"), environ.get("APPDATA")
        if modern and local:
            return os.path.join(local, "Jupyter")
        if roaming:
            return os.path.join(roaming, "jupyter")
        return os.path.join(home, ".jupyter", "data") if home else None
    if platform == "darwin":
        parts = ("Library", "Application Support", "Jupyter") if modern else ("Library", "Jupyter")
        return os.path.join(home, *parts) if home else None
    said = environ.get("XDG_DATA_HOME")
    if said:
        return os.path.join(said, "jupyter")
    return os.path.join(home, ".local", "share", "jupyter") if home else None


def kernel_folders(
    environ: Mapping[str, str], environment: str | None = None, platform: str = sys.platform
) -> list[str]:
    """The folders that have kernels in them, the first having the say over one name."""
    places = [each for each in environ.get("JUPYTER_PATH", "").split(os.pathsep) if each]
    places.append(user_folder(environ, platform) or "")
    if environment is not None:
        places.append(os.path.join(environment, "share", "jupyter"))
    if platform == "win32":
        places.append(os.path.join(environ["PROGRAMDATA"], "jupyter") if environ.get("PROGRAMDATA") else "")
    else:
        places += ["/usr/local/share/jupyter", "/usr/share/jupyter"]
    return [os.path.join(each, "kernels") for each in dict.fromkeys(places) if os.path.isabs(each)]


def read_kernels(environ: Mapping[str, str], environment: str | None = None) -> list[Kernel]:
    """Every kernel that Jupyter would find, each name once."""
    found: dict[str, Kernel] = {}
    for folder in kernel_folders(environ, environment):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            kernel = read_kernel(os.path.join(folder, name))
            if kernel is not None:
                found.setdefault(kernel.name.lower(), kernel)
    return sorted(found.values(), key=lambda kernel: kernel.name)


def read_kernel(folder: str) -> Kernel | None:
    """The kernel in ``folder``; None where there is none, or none that could be started."""
    import json

    from hutch.plain import read_plain

    try:
        said = json.loads(read_plain(os.path.join(folder, "kernel.json"), LARGEST))
        words, metadata = said["argv"], said.get("metadata")
        shown = said.get("display_name")
        program = words[0]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(program, str):
        return None
    own = metadata.get("hutch") if isinstance(metadata, dict) else None
    own = own if isinstance(own, dict) else None
    project, environment = (own.get("project"), own.get("environment")) if own is not None else (None, None)
    name = os.path.basename(folder)
    return Kernel(
        name=name,
        folder=folder,
        display_name=shown if isinstance(shown, str) else name,
        program=program,
        ours=own is not None,
        project=project if isinstance(project, str) else None,
        environment=environment if isinstance(environment, str) else None,
    )
