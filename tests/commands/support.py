"""How the tests of commands read: project files, one command line, and all that it said."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from interpreters.fakes import fake_python

# The Python of the environments that are made here: the one below the test suite's own.
PYTHON = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def block(text: str) -> str:
    """Text as it is expected, written indented in the test."""
    return textwrap.dedent(text).removeprefix("\n")


def shown(ran: Any) -> str:
    """All that a command did for the one who typed it: exit code, stderr, then stdout."""
    parts = [f"exit {ran.exit_code}\n", ran.stderr]
    if ran.stdout:
        parts.append("-- stdout --\n" + ran.stdout)
    return "".join(part if part.endswith("\n") or not part else part + "\n" for part in parts)


def manifest(
    *dependencies: str,
    name: str = "demo",
    python: str = ">=3.9",
    extras: Mapping[str, Sequence[str]] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    more: str = "",
) -> str:
    """A ``pyproject.toml`` of a project that is not a package; ``more`` is appended."""
    lines = ["[project]", f'name = "{name}"', 'version = "1.0"', f'requires-python = "{python}"']
    lines.append(f"dependencies = {json.dumps(dependencies)}")
    for table, lists in (("project.optional-dependencies", extras), ("dependency-groups", groups)):
        if lists:
            lines += ["", f"[{table}]", *(f"{key} = {json.dumps(each)}" for key, each in lists.items())]
    return "\n".join(lines) + "\n" + (f"\n{more}" if more else "")


def installed(project: Any) -> dict[str, str]:
    """What the project's environment has, by name."""
    found = {}
    for info in sorted((project / ".venv").glob("lib/python*/site-packages/*.dist-info")):
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        found[name.replace("_", "-")] = version
    return found


def locked(project: Any) -> dict[str, str]:
    """The versions of the project's lock, by name."""
    import tomllib

    lock = tomllib.loads(project.read("pylock.toml"))
    return {package["name"]: package.get("version", "") for package in lock["packages"]}


def asks_nothing_again(made: Any, index: Any) -> bool:
    """Whether a lock that was installed from is installed again, and looked at, without a request."""
    made.run("sync").ok()
    asked = len(index.log)
    at_rest = "Nothing to do" in made.run("sync").ok().stderr
    (made / ".venv").rename(made / "old")
    made.run("sync --frozen").ok()
    return at_rest and len(index.log) == asked


class _Called(BaseException):
    """What should not have been called was."""


def unless_called(monkeypatch: Any, made: Any, target: str, command: str, **more: Any) -> Any:
    """Run a command; None where it called ``target`` (``hutch.ops.lock.lock``), else how it went."""

    def refuse(*_: object, **__: object) -> None:
        raise _Called

    with monkeypatch.context() as patch:
        patch.setattr(target, refuse)
        try:
            return made.run(command, **more).ok()
        except AssertionError as error:
            assert "_Called" in str(error)
            return None


# -- what makes nothing sure that was known at a glance ------------------------------------------------


def configure_the_project(made: Any) -> None:
    """Give it a setting."""
    made.write({"hutch.toml": 'resolution = "lowest"\n'})


def pin_a_python(made: Any) -> None:
    """Say which Python it wants."""
    made.write({".python-version": "3\n"})


def pin_a_python_for_mise(made: Any) -> None:
    """Say so in another tool's file."""
    made.write({"mise.toml": "[tools]\npython = '3'\n"})


def become_a_member(made: Any) -> None:
    """Put a workspace around it."""
    (made.path.parent / "pyproject.toml").write_text("[tool.hutch.workspace]\nmembers = ['*']\n")


def with_pyenv(project: Any) -> Any:
    """A directory, and three Pythons of pyenv; none of them can be started, and no other is found."""
    made = project(HUTCH_PYTHON=None)
    for version in ("3.7.1", "3.98.0", "3.99.2"):
        fake_python(made.home / ".pyenv" / "versions" / version, version)
    made.environ |= {"PATH": str(made.home / "bin")}
    return made


def of_requirements(project: Any) -> Any:
    """Makes projects whose files may be the text of ``requirements.in`` alone."""

    def make(files: str | Mapping[str, str] = "", **environ: str | None) -> Any:
        return project({"requirements.in": files} if isinstance(files, str) else files, **environ)

    return make


def verified(made: Any) -> tuple[list[Any], list[Any]]:
    """Faults and notes of the environment, every file looked at by its hash."""
    told = json.loads(made.run("env verify --deep --json").stdout)
    return told["faults"], told["notes"]


def tmpfs(path: Path, size: str = "20m") -> str:
    """What mounts a disk of that size there, which is made; for the fixture ``confined``."""
    path.mkdir(parents=True, exist_ok=True)
    return f"mount -t tmpfs -o size={size},mode=700 tmpfs '{path}'"


def read_only(path: Path | str) -> str:
    """What lets nobody write there."""
    return f"mount --bind '{path}' '{path}'; mount -o remount,ro,bind '{path}'"


def environment_rows(made: Any, more: str = "") -> list[dict[str, Any]]:
    """What ``env list`` tells a program."""
    found: list[dict[str, Any]] = json.loads(made.run(f"env list --json {more}").ok().stdout)["environments"]
    return found
