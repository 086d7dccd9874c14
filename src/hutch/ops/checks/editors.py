"""Checks of editors and notebooks: do they know a Python that is there."""

from __future__ import annotations

import os

from hutch.ops.checks.values import Fix, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]

_SETTINGS = ("python.defaultInterpreterPath", "python.pythonPath")


@check(
    "dead-kernel",
    "Every notebook kernel has a Python that is there",
    group="machine",
    severity="warning",
    fix_class="safe",
    why="The notebook offers the kernel, and it dies when it is started.",
)
def dead_kernel(ground: Ground, say: Say) -> None:
    """The first word of each `kernel.json`."""
    import json

    from hutch.plain import read_plain

    for folder in _kernel_folders(ground):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            path = os.path.join(folder, name, "kernel.json")
            try:
                spec = json.loads(read_plain(path, 1 << 20))
                program, metadata = spec["argv"][0], spec.get("metadata") or {}
            except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
                continue
            if not isinstance(program, str) or not os.path.isabs(program) or os.path.exists(program):
                continue
            ours = isinstance(metadata, dict) and "hutch" in metadata
            say(
                f"the kernel {name} has a Python that is gone",
                seen=(path, f"it starts {program}, which is not there"),
                commands=() if ours else (f"jupyter kernelspec remove {name}",),
                fix=_removal(os.path.join(folder, name), name) if ours else None,
            )


def _removal(folder: str, name: str) -> Fix:
    def apply() -> str:
        from hutch.trees import delete_tree

        delete_tree(folder)
        return f"removed the kernel {name}"

    return Fix(
        plan=(f"remove the kernel {name}, which hutch made",), apply=apply, undo="hutch kernel install"
    )


def _kernel_folders(ground: Ground) -> Iterator[str]:
    """Where Jupyter looks, for this user and in the environment."""
    environ, home = ground.environ, ground.home
    found = []
    if said := environ.get("JUPYTER_DATA_DIR"):
        found.append(said)
    if os.name == "nt":
        found.append(os.path.join(environ.get("APPDATA", ""), "jupyter"))
    elif home:
        found.append(os.path.join(home, "Library", "Jupyter"))
        found.append(
            os.path.join(environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share"), "jupyter")
        )
    if ground.environment is not None:
        found.append(os.path.join(ground.environment.root, "share", "jupyter"))
    for folder in dict.fromkeys(found):
        if os.path.isabs(folder):
            yield os.path.join(folder, "kernels")


@check(
    "dead-editor-python",
    "The editor of the project knows a Python that is there",
    group="project",
    severity="warning",
    why="The editor underlines every import, and runs and tests with another Python than you think.",
)
def dead_editor_python(ground: Ground, say: Say) -> None:
    """VS Code's settings of this folder."""
    from hutch.plain import read_plain

    root = ground.root or ground.context.directory
    path = os.path.join(root, ".vscode", "settings.json")
    try:
        text = read_plain(path, 1 << 20).decode("utf-8", "replace")
    except OSError:
        return
    for name, value in _settings(text):
        said = value.replace("${workspaceFolder}", root).replace("${workspaceRoot}", root)
        said = os.path.expanduser(said) if said.startswith("~") else said
        if "${" in said or not ("/" in said or "\\" in said):
            continue  # a name that the editor looks for
        whole = os.path.normpath(os.path.join(root, said))
        if os.path.exists(whole):
            continue
        there = ground.environment is not None
        say(
            "VS Code is told of a Python that is gone",
            seen=(path, f"{name} is {value}, and there is no {whole}"),
            commands=("hutch ide vscode",) if there else ("hutch sync", "hutch ide vscode"),
        )
        return


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """What the file says of interpreters: it may have comments, so it is no JSON."""
    import re

    bare = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', lambda found: found[1] or " ", text, flags=re.S)
    for name in _SETTINGS:
        found = re.search(rf'"{re.escape(name)}"\s*:\s*"((?:\\.|[^"\\])*)"', bare)
        if found is not None:
            yield name, found[1].replace("\\\\", "\\").replace("\\/", "/")


CHECKS = (dead_kernel, dead_editor_python)
