"""The tools that are measured: how each of them is told to do the same thing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from measure import Cost, measure

FOREIGN = ("HUTCH_", "PIP_", "UV_", "PYTHON", "VIRTUAL_ENV")


class Tool(NamedTuple):
    """One tool: its name, its program, and what differs from the other one."""

    name: str
    program: str
    lock_file: str
    sources: str
    variables: Mapping[str, str]

    def environ(self, cache: str, index: str, python: str) -> dict[str, str]:
        """The variables with which it uses this cache, index and interpreter, and nothing of ours."""
        found = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        places = {"cache": cache, "index": index, "python": python}
        return {**found, "PIP_CONFIG_FILE": os.devnull} | {
            name: value.format(**places) for name, value in self.variables.items()
        }


def hutch(program: str) -> Tool:
    """hutch, started by this launcher."""
    variables = {"HUTCH_CACHE_DIR": "{cache}", "HUTCH_INDEX_URL": "{index}", "HUTCH_PYTHON": "{python}"}
    return Tool("hutch", program, "pylock.toml", "tool.hutch", variables)


def uv(program: str) -> Tool:
    """uv, this program."""
    variables = {"UV_CACHE_DIR": "{cache}", "UV_DEFAULT_INDEX": "{index}", "UV_PYTHON": "{python}"}
    return Tool("uv", program, "uv.lock", "tool.uv", {**variables, "UV_NO_CONFIG": "1"})


class Project:
    """A project of one tool, with a cache of its own, in a new folder.

    Nothing is deleted before it is measured: a file system that has just forgotten thousands of files makes
    new ones many times slower. What is to be gone is moved aside.
    """

    def __init__(self, tool: Tool, folder: str, index: str, python: str, cache: str | None = None) -> None:
        self.tool = tool
        self.folder = folder
        os.makedirs(folder)
        self.environ = tool.environ(cache or f"{folder}.cache", index, python)
        self._aside = 0

    def write(self, path: str, text: str) -> None:
        """Make or replace a file of the project."""
        target = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)

    def away(self, path: str) -> None:
        """Move a file or folder of the project aside."""
        self._aside += 1
        os.rename(os.path.join(self.folder, path), f"{self.folder}.aside-{self._aside}")

    def run(self, *words: str, within: str = "") -> Cost:
        """Measure one command of the tool."""
        return measure(self.command(*words), os.path.join(self.folder, within).rstrip(os.sep), self.environ)

    def command(self, *words: str) -> list[str]:
        """The command line; neither tool is asked to show progress."""
        return [self.tool.program, words[0], "--quiet", *words[1:]]


def manifest(name: str, requirements: Sequence[str], *, python: str = ">=3.10", more: str = "") -> str:
    """The text of a ``pyproject.toml``."""
    listed = "".join(f"  {json.dumps(each)},\n" for each in requirements)
    return (
        f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = "{python}"\n'
        f"dependencies = [\n{listed}]\n{more}"
    )


def found(program: str | None) -> str | None:
    """The program's full path, or None."""
    path = shutil.which(program) if program else None
    return os.path.abspath(path) if path else None
