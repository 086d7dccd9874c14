"""Which directory is the project, and which of its files is the manifest.

On the way of every command, also of those that look at nothing but a few dates: so it imports nothing, and
looks into a file only where a directory has several that could be meant. The order is explained in
``docs/explanation/any-project.md``.
"""

from __future__ import annotations

import os

__all__ = ["PYPROJECT", "find_root", "manifest_in", "named_manifest", "others_in", "rivals_of"]

PYPROJECT = "pyproject.toml"
STRONG = (PYPROJECT, "pixi.toml", "Pipfile", "setup.py")
"""Files that make a directory a project, wherever they lie."""
WEAK = ("setup.cfg", "requirements.in", "requirements.txt", "environment.yml", "environment.yaml")
"""Files that lie in ``docs/`` and ``tests/`` too: they count where there is nothing better around."""

IN_FOLDER = tuple(
    f"requirements/{stem}.{ending}"
    for stem in ("requirements", "base", "main", "common", "core", "default", "app", "prod", "production")
    for ending in ("in", "txt")
)
"""Where there is none of those: the project's own file in a folder of requirements files."""

_OF_PROJECTS = (
    *("[project", "[dependency-groups", "[tool.hutch", "[tool.poetry", "[tool.pdm", "[tool.uv.workspace"),
    *("[tool.uv.dev", "[tool.hatch.envs", "[tool.flit.metadata", "[tool.pixi", "project.", "[tool.uv]"),
)


def find_root(directory: str) -> str | None:
    """The nearest directory from here upwards that is a project.

    Within a repository first: what lies beyond its root belongs to somebody else.
    """
    here = os.path.abspath(directory)
    if os.path.isfile(here + os.sep + PYPROJECT):
        return here
    ways = _upwards(here)
    inside = next((n + 1 for n, at in enumerate(ways) if os.path.exists(at + os.sep + ".git")), len(ways))
    for at in ways[:inside]:
        if any(os.path.isfile(at + os.sep + name) for name in STRONG):
            return at
    home = os.path.expanduser("~")
    for at in ways[:inside]:
        if at != home and manifest_in(at):
            return at
    return next((at for at in ways[inside:] if os.path.isfile(at + os.sep + PYPROJECT)), None)


def _upwards(directory: str) -> list[str]:
    found = [directory]
    while (above := os.path.dirname(found[-1])) != found[-1]:
        found.append(above)
    return found


def manifest_in(directory: str) -> str | None:
    """The name of the file that says what the project in ``directory`` needs; None where there is none."""
    there = [name for name in (*STRONG, *WEAK) if os.path.isfile(os.path.join(directory, name))]
    for name in there:
        if len(there) == 1 and name != "setup.cfg":
            return name
        if name == PYPROJECT and not _says(os.path.join(directory, name), _OF_PROJECTS):
            continue
        if name == "setup.cfg" and not _says(os.path.join(directory, name), ("[metadata", "[options")):
            continue
        return name
    if PYPROJECT in there:
        return PYPROJECT
    if not there and os.path.isdir(os.path.join(directory, "requirements")):
        return next((name for name in IN_FOLDER if os.path.isfile(os.path.join(directory, name))), None)
    return None


def named_manifest(path: str) -> tuple[str, str]:
    """The directory of the project whose manifest is at ``path``, and the name of that from there.

    A folder ``requirements/`` is a part of the project around it.
    """
    directory, name = os.path.split(path)
    if os.path.basename(directory) == "requirements" and name.endswith((".txt", ".in")):
        return os.path.dirname(directory), f"requirements/{name}"
    return directory, name


def others_in(directory: str, taken: str) -> tuple[str, ...]:
    """The files there that would be manifests if ``taken`` were not."""
    found = [name for name in (*STRONG, *WEAK) if os.path.isfile(os.path.join(directory, name))]
    if PYPROJECT in found and not _says(os.path.join(directory, PYPROJECT), _OF_PROJECTS):
        found.remove(PYPROJECT)
    if taken == "setup.py" and "setup.cfg" in found:
        found.remove("setup.cfg")
    return tuple(name for name in found if name != taken)


def rivals_of(directory: str, taken: str) -> tuple[str, ...]:
    """The files that would be the manifest instead of ``taken`` if they came, or said something else."""
    if taken == PYPROJECT and _says(os.path.join(directory, PYPROJECT), _OF_PROJECTS):
        return ()
    return (*STRONG, *WEAK, *(IN_FOLDER if "/" in taken else ()))


def _says(path: str, beginnings: tuple[str, ...]) -> bool:
    """Does a line of the file begin with one of these? One that cannot be read is for others to judge."""
    from hutch.plain import read_plain

    try:
        text = read_plain(path).decode("utf-8", "replace")
    except OSError:
        return True
    # "[ project ]" and "[[tool.uv.index]]" are as good as "[project]" and "[tool.uv]".
    lines = (line.replace(" ", "").replace("[[", "[") for line in text.splitlines() if line[:1].strip())
    return any(line.startswith(beginnings) for line in lines)
