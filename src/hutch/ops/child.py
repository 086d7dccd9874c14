"""Starting a command in an environment, as ``run`` does: light enough for the way where nothing is to do."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["child_environment", "execute", "find_program"]


def child_environment(variables: dict[str, str], root: str, scripts: str) -> dict[str, str]:
    """The variables of a child that runs in the environment: as if it had been activated."""
    variables["VIRTUAL_ENV"] = root
    variables["PATH"] = os.path.join(root, scripts) + os.pathsep + variables.get("PATH", os.defpath)
    variables.pop("PYTHONHOME", None)
    # A shell among the children is not to take this for what the hook of another shell has activated.
    variables.pop("HUTCH_SHELL_STATE", None)
    return variables


def find_program(command: str, variables: Mapping[str, str]) -> str | None:
    """The file of a command: a path as it is, a name from the PATH of ``variables``."""
    if os.name == "nt":
        import shutil

        return shutil.which(command, path=variables["PATH"])
    if os.sep in command:
        return command if os.path.exists(command) else None
    for directory in variables["PATH"].split(os.pathsep):
        path = os.path.join(directory or os.curdir, command)
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    return None


def execute(program: str, words: Sequence[str], variables: Mapping[str, str], *, stay: bool = False) -> int:
    """Become the child, where the system can; else, or to ``stay``, run it and pass its exit code on."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt" and not stay:
        try:
            os.execve(program, list(words), dict(variables))
        except OSError as error:
            raise _cannot_run(program, error) from None
    import subprocess

    try:
        process = subprocess.Popen(list(words), executable=program, env=dict(variables))
    except OSError as error:
        raise _cannot_run(program, error) from None
    while True:
        try:
            code = process.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            continue  # the child got it as well, and decides


def _cannot_run(program: str, error: OSError) -> Exception:
    from hutch.ops.problems import CannotRun

    if isinstance(error, PermissionError):
        return CannotRun(program, "it is not executable", f"chmod +x {program}")
    return CannotRun(program, error.strerror or str(error), "")
