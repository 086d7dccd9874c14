"""A check of what builds need: a compiler and Python's headers, where the lock has something to build."""

from __future__ import annotations

import os
import shutil

from hutch.errors import Problem
from hutch.ops.checks.values import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS", "compiler_line"]


@check(
    "missing-headers",
    "What has to be built here can be built",
    group="project",
    severity="info",
    why="A package with code in C fails to build, after a while, with a page of messages.",
)
def missing_headers(ground: Ground, say: Say) -> None:
    """Packages of the lock without a wheel for this machine, and no compiler or no Python.h."""
    lock, python, checkout = ground.lock, ground.chosen_python, ground.checkout
    if lock is None or python is None or checkout is None or os.name == "nt":
        return
    from hutch.ops.choosing import selection_of
    from hutch.ops.install import choose_files
    from hutch.ops.selection import SelectionOptions
    from hutch.ops.syncing import select_packages

    try:
        selection = selection_of(SelectionOptions(), checkout, python, lock)
        packages = select_packages(lock, python, selection, checkout)
        indexed = [one for one in packages if not one.is_direct]
        chosen = choose_files(indexed, python, built=ground.context.configuration.no_binary)
    except Problem:
        return  # sync tells what is the matter with that
    there = {(str(name), each.version) for name, each in ground.installed.items()}
    waiting = [one for one in chosen if not one.is_wheel and (one.name, one.version) not in there]
    missing = _missing(ground, python)
    if waiting and missing:
        names = [f"{one.name} {one.version}" for one in waiting]
        say(
            f"{names[0]} {'and others are' if len(names) > 1 else 'is'} built here, and {missing[0]}",
            seen=(*(f"{name}: no wheel for this machine" for name in names), *missing),
            commands=(
                compiler_line(python),
                f"hutch why-not {waiting[0].name} tells of versions with a wheel",
            ),
        )


def _missing(ground: Ground, python: Interpreter) -> list[str]:
    found = []
    path = ground.environ.get("PATH", "")
    said = ground.environ.get("CC", "").split()
    if not any(shutil.which(name, path=path) for name in (*said[:1], "cc", "gcc", "clang")):
        found.append("there is no C compiler on PATH")
    header = os.path.join(python.include_dir, "Python.h")
    if not os.path.isfile(header):
        found.append(f"there is no {header}")
    return found


def compiler_line(python: Interpreter) -> str:
    """The command that brings a compiler and the headers, where a package manager is known."""
    from hutch.interpreters.managed.needs import tools_line
    from hutch.ops.pythons.family import package_family

    family = package_family()
    line = tools_line(family) or "install a C compiler and the headers of Python"
    if python.base_prefix not in ("/usr", "/usr/local"):
        return line
    # Debian and others have the headers of their own Python in a package apart.
    minor = ".".join(map(str, python.python))
    headers = {
        "apt": f"python{minor}-dev",
        "dnf": "python3-devel",
        "zypper": "python3-devel",
        "apk": "python3-dev",
    }
    return f"{line} {headers[family]}" if family in headers else line


CHECKS = (missing_headers,)
