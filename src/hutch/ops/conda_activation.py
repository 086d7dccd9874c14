"""What activation of a conda environment means to a command: variables, and what its packages read."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["activating", "prefix_variables"]


def activating(
    root: str, program: str, words: list[str], variables: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The program and words that read ``activate.d`` of the prefix first, where it has any."""
    from hutch.ops.child import find_program

    scripts = _activation(root)
    if not scripts or os.name == "nt":
        return program, words
    # What they export has to reach the command: they are read by the shell that becomes it.
    shell = find_program("bash", variables) or "/bin/sh"
    text = (
        '__hutch_read() { . "$1"; }; __hutch_count=$1; shift; '
        'while [ "$__hutch_count" -gt 0 ]; do __hutch_script=$1; shift; '
        "__hutch_count=$((__hutch_count-1)); "
        '__hutch_read "$__hutch_script"; done; '
        'unset __hutch_count __hutch_script; unset -f __hutch_read; exec "$@"'
    )
    start = [os.path.basename(shell), "-c", text, "hutch", str(len(scripts)), *scripts]
    return shell, [*start, program, *words[1:]]


def prefix_variables(variables: dict[str, str], root: str, name: str) -> dict[str, str]:
    """The variables of a child in a prefix: as conda's activation sets them."""
    if os.name == "nt":
        folders = ["", "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts", "bin"]
    else:
        folders = ["bin"]
    path = [os.path.join(root, *folder.split("/")) if folder else root for folder in folders]
    level = variables.get("CONDA_SHLVL", "0")
    depth = int(level) if level.isdecimal() else 0
    before = variables.get("CONDA_PREFIX")
    if before and depth:
        variables[f"CONDA_PREFIX_{depth}"] = before
    variables |= {
        "PATH": os.pathsep.join((*path, variables.get("PATH", os.defpath))),
        "CONDA_PREFIX": root,
        "CONDA_DEFAULT_ENV": name,
        "CONDA_PROMPT_MODIFIER": f"({name}) ",
        "CONDA_SHLVL": str(depth + 1),
    }
    for key in ("PYTHONHOME", "VIRTUAL_ENV", "HUTCH_SHELL_STATE"):
        variables.pop(key, None)
    for key, value in _own_variables(root).items():
        variables[key] = value
    return variables


def _own_variables(root: str) -> dict[str, str]:
    """Those of packages (``etc/conda/env_vars.d``), before them those of the user (``conda-meta/state``)."""
    folder = os.path.join(root, "etc", "conda", "env_vars.d")
    found: dict[str, str] = {}
    for name in _names(folder):
        if name.endswith(".json"):
            found |= _texts(_json(os.path.join(folder, name)))
    state = _json(os.path.join(root, "conda-meta", "state"))
    if isinstance(state, dict):
        # conda marks so what is unset.
        said = _texts(state.get("env_vars"))
        found |= {key: value for key, value in said.items() if value != "***unset***"}
    return found


def _texts(value: Any) -> dict[str, str]:
    """Names and values that can be variables."""
    if not isinstance(value, dict):
        return {}
    return {
        key: each
        for key, each in value.items()
        if isinstance(key, str)
        and isinstance(each, str)
        and key
        and "=" not in key
        and "\0" not in key + each
    }


def _json(path: str) -> Any:
    import json

    from hutch.plain import read_plain

    try:
        return json.loads(read_plain(path, 1 << 20))
    except (OSError, ValueError, RecursionError):
        return None


def _activation(root: str) -> list[str]:
    folder = os.path.join(root, "etc", "conda", "activate.d")
    return [os.path.join(folder, name) for name in _names(folder) if name.endswith(".sh")]


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
