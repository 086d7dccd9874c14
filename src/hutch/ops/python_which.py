"""``hutch python which``: the program that a name means here, and why; with ``--all`` everywhere it is."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hutch.interpreters import Glance
    from hutch.ops.context import Context
    from hutch.ops.python_here import Here

__all__ = ["NoProgram", "PythonWhichOptions", "PythonWhichOutcome", "python_which"]

_PYTHONS = ("python", "python3")
_MOST = 12


class NoProgram(Problem):
    """No Python that is used here has a program of this name."""

    code = "no-program"

    def __init__(self, name: str, looked_in: str, elsewhere: tuple[str, ...]) -> None:
        why = [f"looked in {looked_in}"]
        if elsewhere:
            why.append("these have it: " + ", ".join(elsewhere))
        super().__init__(
            f"there is no `{name}` here",
            why=tuple(why),
            hint=(
                f"hutch python which --all {name}, to see where it is"
                if elsewhere
                else f"hutch run --with {name} {name}, where a package of that name has it"
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonWhichOptions:
    """The options of ``python which``."""

    name: str | None = None
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonWhichOutcome:
    """``paths`` has one, or with ``--all`` each with the Python that it belongs to; ``reason`` is a line."""

    name: str
    paths: tuple[tuple[str, str], ...]
    reason: str = ""
    by: str = ""
    origin: str = ""
    every: bool = False

    def to_json(self) -> dict[str, Any]:
        if self.every:
            return {
                "name": self.name,
                "programs": [{"path": path, "python": python} for path, python in self.paths],
            }
        path, python = self.paths[0]
        return {
            "name": self.name,
            "path": path,
            "python": python,
            "by": self.by,
            "origin": self.origin or None,
            "reason": self.reason,
        }


def python_which(context: Context, options: PythonWhichOptions) -> PythonWhichOutcome:
    """What would be run. Raises NoProgram, and where there is no Python NoInterpreter."""
    from hutch.errors import UsageProblem

    name = "python" if options.name is None else options.name
    if not name or name in (".", "..") or os.path.basename(name) != name or "\0" in name:
        raise UsageProblem(
            f"`{name}` is no name of a program", hint="name it as it is typed: python, pip, pytest"
        )
    if options.all:
        found = _everywhere(context, name)
        if not found:
            raise NoProgram(name, "every Python that is here", ())
        return PythonWhichOutcome(name=name, paths=tuple(found), every=True)
    from hutch.ops.python_here import python_here

    here = python_here(context)
    for one in (here, *_others(context, here)):
        path = _program(one.glance, name)
        if path is not None:
            return PythonWhichOutcome(
                name=name,
                paths=((path, _called(one.glance)),),
                reason=_line(name, one) + _unless_allowed(context, one),
                by=one.by,
                origin=one.origin,
            )
    path = _on_path(context, name)
    if path is not None:
        reason = f"{_called(here.glance)} has no {name}: this is the first on PATH"
        if name in ("pip", "pip3"):
            reason += ", of another Python; hutch pip installs here"
        return PythonWhichOutcome(name=name, paths=((path, ""),), reason=reason, by="PATH", origin="PATH")
    elsewhere = [python for _, python in _everywhere(context, name)]
    raise NoProgram(name, f"{_folder(here.glance)} and PATH", tuple(elsewhere[:_MOST]))


def _others(context: Context, here: Here) -> Iterator[Here]:
    """The rest of a pin that has several names: `pyenv local 3.12 3.11` offers `python3.11`, too."""
    from hutch.interpreters import nearest_pin
    from hutch.ops.python_here import python_here
    from hutch.ops.searching import search_options

    if here.by not in ("pin", "global pin"):
        return
    if here.origin == "PYENV_VERSION":
        from hutch.interpreters import parse_python_version_file

        names = parse_python_version_file(context.environ.get("PYENV_VERSION", "").replace(":", "\n"))
    elif here.by == "pin":
        pin = nearest_pin(search_options(context).directory)
        names = pin.names if pin is not None else ()
    else:
        from hutch.interpreters.pins import names_of_file

        names = names_of_file(here.origin)
    from hutch.values import replace

    for name in names:
        if name == here.name:
            continue
        try:
            found = python_here(context, name, system=True)
        except Problem:
            continue
        yield replace(found, by=here.by, name=name, origin=here.origin)


def _folder(glance: Glance) -> str:
    return os.path.dirname(glance.path)


def _program(glance: Glance, name: str) -> str | None:
    """The program of this name beside a Python; the Python itself where that is meant."""
    folder = _folder(glance)
    if name.lower().removesuffix(".exe") in _PYTHONS:
        exact = os.path.join(folder, name)
        same = os.path.exists(exact) and os.path.realpath(exact) == glance.real_path
        return exact if same else glance.path
    for place in dict.fromkeys(
        (folder, os.path.dirname(glance.real_path), os.path.join(glance.prefix, "Scripts"))
    ):
        if glance.is_virtual and not place.startswith(glance.prefix):
            continue  # what lies beside the Python behind an environment is not in the environment
        for ending in ("", ".exe", ".bat", ".cmd") if os.name == "nt" else ("",):
            path = os.path.join(place, name + ending)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return None


def _on_path(context: Context, name: str) -> str | None:
    """The first on PATH that is no shim: what a shim would start was looked for already."""
    from hutch.interpreters.places import is_shims
    from hutch.ops.searching import search_options

    search = search_options(context)
    for folder in search.path:
        if is_shims(folder, search) or folder in search.shims:
            continue
        for ending in ("", ".exe", ".bat", ".cmd") if os.name == "nt" else ("",):
            path = os.path.join(folder, name + ending)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return None


def _everywhere(context: Context, name: str) -> list[tuple[str, str]]:
    from hutch.interpreters import survey_pythons
    from hutch.ops.searching import search_options

    found: dict[str, str] = {}
    sighted = survey_pythons(search_options(context), store=context.store, environ=context.environ)
    for one in sorted(
        (each for each in sighted if each.glance is not None),
        key=lambda each: each.glance.version_info[:3] if each.glance else (),
        reverse=True,
    ):
        assert one.glance is not None
        path = _program(one.glance, name)
        if path is not None and not any(os.path.samefile(path, other) for other in found):
            found[path] = _called(one.glance) + (f" ({one.name})" if _says_more(one.name, one.glance) else "")
    return list(found.items())


def _says_more(name: str, glance: Glance) -> bool:
    return bool(name) and not glance.version.startswith(name)


def _called(glance: Glance) -> str:
    from hutch.ops.python_list import shown_version

    name = {"cpython": "Python", "pypy": "PyPy", "graalpy": "GraalPy"}.get(
        glance.implementation, glance.implementation
    )
    return f"{name} {shown_version(glance)}" + ("t" if glance.free_threaded else "")


def _unless_allowed(context: Context, here: Here) -> str:
    """Plain ``python`` through hutch's shims is that of an environment in an allowed folder alone, and of one
    that something in the folder leads to."""
    from hutch.ops.env_places import PYTHON_ENVS, VENV
    from hutch.ops.trust import is_trusted

    data, root = context.configuration.data_dir, context.root
    if not here.of_project or root is None or not os.path.isdir(os.path.join(data, "shims")):
        return ""
    known = (os.path.join(VENV, "pyvenv.cfg"), VENV, PYTHON_ENVS)
    if not any(os.path.isfile(os.path.join(root, each)) for each in known):
        return "; plain python is another until hutch env redirect venv"
    return "" if is_trusted(data, root) else "; plain python is another until hutch allow"


def _line(name: str, here: Here) -> str:
    from hutch.ops.python_here import reason_of

    what = _called(here.glance)
    if name.lower() not in _PYTHONS:
        what = f"{name} of {what}"
    return f"{what}: {reason_of(here)}"
