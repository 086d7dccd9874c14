"""Which Python plain ``python`` is here: the rules of docs/explanation/shims.md, in Python.

The shims answer most calls themselves (`hutch.shell.shim_c`, `shim_sh`); this answers the rest, and notes for
them what it found. `plain_python` changes nothing and starts nothing of a folder that was not allowed.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.searching import search_options
from hutch.ops.shim_tables import is_plain_name
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hutch.interpreters import SearchOptions
    from hutch.ops.context import Context

__all__ = ["NoPlainPython", "Noting", "PlainPython", "is_pip", "minor_of", "plain_python"]


class NoPlainPython(Problem):
    """What is asked for here by a file or a variable is on this machine nowhere."""

    code = "no-plain-python"

    def __init__(self, name: str, word: str, origin: str) -> None:
        from hutch.spec import safe_text

        said = safe_text(word)[:80]
        if is_plain_name(word) and word[0].isdigit():
            hint = f"hutch python install {said}"
        elif is_plain_name(word):
            hint = f"hutch env create {said} makes an environment of that name"
        else:
            hint = "hutch python list shows what there is"
        why = f"{origin} asks for {said}" if origin else ()
        super().__init__(f"there is no Python {said} for {name}", why=why, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPython:
    """The Python; ``origin`` is the file, folder or variable that says so, ``word`` what it says."""

    path: str
    origin: str
    word: str = ""
    from_path: bool = False

    def to_json(self) -> dict[str, object]:
        return {"path": self.path, "origin": self.origin, "word": self.word or None}


@dataclass(slots=True)
class Noting:
    """Who hears what can be kept for the shims; by default nobody."""

    name: Callable[[str, str], None] = lambda name, python: None
    file: Callable[[str, tuple[str, ...]], None] = lambda path, lines: None


class _System:
    """The word ``system``: the rest of PATH."""


class _Other:
    """A Python, but not of the version that is asked for by name."""


_SYSTEM, _OTHER = _System(), _Other()


def is_pip(name: str) -> bool:
    """Whether a shim of this name runs pip."""
    return name in ("pip", "pip3")


def minor_of(name: str) -> str | None:
    """``3.11`` of ``python3.11``."""
    rest = name.removeprefix("python3.")
    return f"3.{rest}" if rest != name and is_plain_name(f"3.{rest}") else None


def plain_python(context: Context, name: str = "python", noting: Noting | None = None) -> PlainPython:
    """The Python that ``name`` (``python``, ``python3``, ``python3.11``, ``pip``) means here; of ``pip`` the
    Python whose pip it is. Raises NoPlainPython, and what a search for a Python raises."""
    return _Search(context, name, noting or Noting()).answer()


class _Search:
    """One question."""

    def __init__(self, context: Context, name: str, noting: Noting) -> None:
        self.context = context
        self.environ = context.environ
        self.data = context.configuration.data_dir
        self.name = name
        self.minor = None if is_pip(name) else minor_of(name)
        self.noting = noting
        self.search: SearchOptions = search_options(context)

    def answer(self) -> PlainPython:
        for origin, words in self._asked():
            found = self._first(words, origin)
            if isinstance(found, PlainPython):
                return found
            if found is _SYSTEM:
                break
            if found is _OTHER:
                assert self.minor is not None
                return self._must(self.minor, "")
        return self._rest_of_path()

    # Who asks

    def _asked(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(who, what), strongest first; those that name nothing are left out."""
        if said := self.environ.get("HUTCH_PYTHON"):
            yield "HUTCH_PYTHON", (said,)
        elif said := self.environ.get("PYENV_VERSION"):
            from hutch.interpreters import parse_python_version_file

            yield "PYENV_VERSION", parse_python_version_file(said.replace(":", "\n"))
        else:
            yield from self._environments()
            yield from self._pins()
        from hutch.interpreters.pins import global_pins

        for pin in global_pins(self._globals()[0], self.search.pyenv_root):
            yield pin.origin, pin.names

    def _globals(self) -> tuple[str, str]:
        root = self.search.pyenv_root
        return os.path.join(self.data, "python-version"), os.path.join(root, "version") if root else ""

    def _environments(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        from hutch.ops.trust import ALLOWED, is_trusted, mark_path

        folder = next(filter(_has_environment, _upwards(self.context.directory)), None)
        if folder is None or not os.path.lexists(mark_path(self.data, folder, ALLOWED)):
            return
        trusted = is_trusted(self.data, folder)
        self.noting.file(folder.rstrip("/") + "/" + ALLOWED, ("allowed" if trusted else "lapsed",))
        if not trusted:
            return
        root = self._environment_of(folder)
        python: str | None = os.path.join(root, "bin", "python")
        if not _runs(str(python)):
            python = self._elsewhere(folder)
            self.noting.file(root, (python,) if python else ())
        if python is not None:
            yield folder, (python,)

    def _environment_of(self, folder: str) -> str:
        root = os.path.join(folder, self.environ.get("HUTCH_PROJECT_ENVIRONMENT") or ".venv")
        one = self.environ.get("HUTCH_ENV")
        if one and is_plain_name(one):
            root = f"{root.rstrip('/')}-{one}"
        return root.rstrip("/")

    def _elsewhere(self, folder: str) -> str | None:
        """The Python of a project whose environment is not in the tree."""
        from hutch.ops.context import Context
        from hutch.ops.environments import environment_root

        within = Context(directory=folder, environ=self.environ, flags=self.context.flags)
        try:
            if within.root is None or os.path.realpath(within.root) != os.path.realpath(folder):
                return None
            python = os.path.join(environment_root(within, within.checkout), "bin", "python")
        except Problem:
            return None
        finally:
            within.close()
        return python if _runs(python) else None

    def _pins(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        from hutch.interpreters import nearest_pin

        pin = nearest_pin(os.path.realpath(self.context.directory))
        for folder in _upwards(self.context.directory):
            self._note_silent(folder, pin.origin if pin else "")
            if pin is not None and os.path.dirname(pin.origin) == folder:
                yield pin.origin, pin.names
                return

    def _note_silent(self, folder: str, origin: str) -> None:
        """Files that could pin a Python and do not are noted as such, up to the one that does."""
        from hutch.interpreters.pin_files import PIN_FILES

        for filename in PIN_FILES[1:]:
            path = os.path.join(folder, filename)
            if path == origin:
                return
            if os.path.isfile(path):
                self.noting.file(path, ())

    # What is meant

    def _first(self, words: tuple[str, ...], origin: str) -> PlainPython | _System | _Other | None:
        """The first word that is a Python here. None where all were passed over."""
        notes: list[str] = []
        found: PlainPython | _System | _Other | None = None
        for at, word in enumerate(words):
            one = self._meant(word, origin)
            if one is None:
                continue
            notes.append(one if isinstance(one, str) and not is_plain_name(word) else word)
            if not isinstance(one, str):
                found = _SYSTEM
                break
            fitting = self._fit(one)
            if fitting is not None:
                found = PlainPython(path=fitting, origin=origin, word=word)
                # The rest is for whoever asks for another version; what is no name is looked up then.
                notes += [rest if is_plain_name(rest) else "?" for rest in words[at + 1 :]]
                break
            found = _OTHER
        # What is not here is a problem each time: only an answer is noted.
        if os.path.isabs(origin) and os.path.isfile(origin):
            self.noting.file(origin, tuple(notes))
        return found

    def _meant(self, word: str, origin: str) -> str | _System | None:
        """The Python that a word means; None where it is passed over, and said to be."""
        if word == "system":
            return _SYSTEM
        if (os.path.isabs(word) and origin in ("HUTCH_PYTHON", word)) or os.path.isdir(origin):
            path = os.path.join(word, "bin", "python") if os.path.isdir(word) else word
            if _runs(path):
                return path
            raise NoPlainPython(self.name, word, origin)
        python = self._environment_named(word) or self._searched(word, origin)
        if python is not None:
            self.noting.name(word, python)
            return python
        if self._is_no_version(word) and origin not in ("HUTCH_PYTHON", "PYENV_VERSION"):
            return None
        if origin in self._globals():
            return None  # a pin that holds everywhere gives way
        raise NoPlainPython(self.name, word, origin)

    def _environment_named(self, word: str) -> str | None:
        """The Python of an environment of hutch or pyenv that is called so."""
        from hutch.interpreters import python_in
        from hutch.interpreters.pins import pyenv_version_directory
        from hutch.ops.env_places import names_folder

        if is_plain_name(word):
            python = os.path.join(names_folder(self.data), word, "bin", "python")
            if _runs(python):
                return python
        root = self.search.pyenv_root
        if root and self._is_no_version(word):
            directory = pyenv_version_directory(root, word)
            found = python_in(directory) if directory else None
            return found if found and _runs(found) else None
        return None

    def _searched(self, word: str, origin: str) -> str | None:
        """The Python that a version, a range or a path means, of any age; it is not started."""
        from hutch.interpreters import (
            BrokenInterpreter,
            InvalidPythonRequest,
            NoInterpreter,
            choose_interpreter,
        )

        if self._is_no_version(word) and origin != "HUTCH_PYTHON":
            return None
        place = origin if os.path.isabs(origin) and origin not in self._globals() else ""
        try:
            found = choose_interpreter(
                word, search=self.search, store=self.context.store, origin=place
            ).glance
        except (NoInterpreter, BrokenInterpreter):
            return None
        except InvalidPythonRequest:
            if place or origin not in ("HUTCH_PYTHON", "PYENV_VERSION"):
                raise
            return None
        python = found.base_executable if os.path.isabs(found.base_executable) else found.path
        return python if _runs(python) else found.path

    def _is_no_version(self, word: str) -> bool:
        from hutch.interpreters import parse_python_request

        try:
            asked = parse_python_request(word)
        except Problem:
            return False
        return (
            asked is not None
            and asked.name is not None
            and not asked.specifiers
            and asked.implementation is None
        )

    def _must(self, word: str, origin: str) -> PlainPython:
        meant = self._meant(word, origin)
        fitting = self._fit(meant) if isinstance(meant, str) else None
        if fitting is None:
            raise NoPlainPython(self.name, word, origin)
        return PlainPython(path=fitting, origin=origin, word=word)

    def _fit(self, python: str) -> str | None:
        """This Python, or the one of the asked version that lies beside it."""
        if self.minor is None:
            return python
        beside = os.path.join(os.path.dirname(python), self.name)
        return beside if _runs(beside) else None

    # Where nobody asks

    def _rest_of_path(self) -> PlainPython:
        names = (
            (self.name,) if self.minor else ("python3",) if self.name == "python3" else ("python", "python3")
        )
        for name in names:
            for folder in self.search.path:
                path = os.path.join(folder, name)
                if not self._is_shims(folder) and _runs(path) and not self._is_shim(path):
                    return PlainPython(path=path, origin="PATH", from_path=True)
        if self.minor:
            return self._must(self.minor, "")
        from hutch.interpreters import choose_interpreter
        from hutch.values import replace

        search = replace(self.search, directory="", pyenv_version="")
        found = choose_interpreter(None, search=search, store=self.context.store).glance
        self.noting.name("any", found.base_executable)
        return PlainPython(path=found.base_executable, origin="")

    def _is_shims(self, folder: str) -> bool:
        root = self.search.pyenv_root
        others = (
            (os.path.join(root, "shims"), os.path.join(root, "plugins", "pyenv-virtualenv", "shims"))
            if root
            else ()
        )
        return any(_same(folder, one) for one in (os.path.join(self.data, "shims"), *others))

    def _is_shim(self, path: str) -> bool:
        return _same(path, os.path.join(self.data, "shims", "python"))


def _upwards(directory: str) -> Iterator[str]:
    current = os.path.realpath(directory)
    while True:
        yield current
        above = os.path.dirname(current)
        if above == current:
            return
        current = above


def _has_environment(folder: str) -> bool:
    """Whether there is an environment, or a file that says where it is; as the hook of the shell looks."""
    meta = os.path.join(".venv", "conda-meta", "history")
    names = (os.path.join(".venv", "pyvenv.cfg"), meta, ".venv", ".python-envs")
    return any(os.path.isfile(os.path.join(folder, name)) for name in names)


def _runs(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
