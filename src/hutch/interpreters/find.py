"""Find the interpreter for a request and a project, with as few starts as may be.

Order: what was asked for outright; else what the nearest `.python-version` (or ``PYENV_VERSION``) asks
for, or another file of ``pin_files``; else the global pin, where it fits; else the best of all that are
found. ``requires-python`` holds in each case.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.interpreters.choose import best_of, first_of, misfit
from hutch.interpreters.facts import Interpreter
from hutch.interpreters.foreign import lies_in
from hutch.interpreters.pins import Pin, global_pins, nearest_pin, pyenv_version_directory, pyenv_versions
from hutch.interpreters.places import (
    Candidate,
    SearchOptions,
    find_on_path,
    is_python_name,
    iterate_candidates,
)
from hutch.interpreters.probe import FactsStore, probe_interpreter, python_in
from hutch.interpreters.problems import BrokenInterpreter, InvalidPythonRequest, NoInterpreter, Rejected
from hutch.interpreters.request import PythonRequest, parse_python_request
from hutch.spec import Specifiers
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from hutch.interpreters.choose import Known
    from hutch.interpreters.glance import Glance

__all__ = ["Choice", "Found", "choose_interpreter", "find_interpreter", "list_interpreters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One interpreter of this machine: its facts, or the problem that it has."""

    path: str
    source: str
    interpreter: Interpreter | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which Python it is, and why.

    ``by`` is ``request``, ``pin``, ``global pin`` or ``search``; ``name`` the words that were followed, and
    ``origin`` the file or variable that says them ("" where the user said them, or nobody did). Where they
    are the name of an environment, ``environment`` is its Python, and ``glance`` the one behind it.
    """

    glance: Glance
    by: str
    name: str = ""
    origin: str = ""
    environment: str = ""


def _silent(text: str) -> None:
    pass


def find_interpreter(
    request: str | None = None,
    *,
    requires_python: Specifiers = (),
    search: SearchOptions | None = None,
    store: FactsStore | None = None,
    environ: Mapping[str, str] | None = None,
    origin: str = "",
    tell: Callable[[str], None] = _silent,
) -> Interpreter:
    """The interpreter to use. Raises NoInterpreter, InvalidPythonRequest, or, where a path was asked
    for outright, BrokenInterpreter and UnsupportedInterpreter.

    ``environ`` is what an interpreter that has to be asked is started with (the process's by default).
    ``origin`` is the file of a checkout that says ``request``: it may name no program of its own.
    Unless a path was asked for, an interpreter of an environment stands for the Python behind it.
    ``tell`` hears of names that are passed over.
    """
    environ = os.environ if environ is None else environ
    if search is None:
        search = SearchOptions.from_environ(environ)
    found = _Finder(search, store, environ, requires_python, tell).find(request, origin)
    assert isinstance(found, Interpreter)
    return found


def choose_interpreter(
    request: str | None = None,
    *,
    requires_python: Specifiers = (),
    search: SearchOptions,
    store: FactsStore | None = None,
    environ: Mapping[str, str] | None = None,
    origin: str = "",
    tell: Callable[[str], None] = _silent,
) -> Choice:
    """The same, of Pythons of any age, by what can be known without starting them, and why it is that one."""
    environ = os.environ if environ is None else environ
    finder = _Finder(search, store, environ, requires_python, tell, glances=True)
    found: Any = finder.find(request, origin)
    return Choice(
        glance=found, by=finder.by, name=finder.name, origin=finder.origin, environment=finder.environment
    )


def list_interpreters(
    search: SearchOptions | None = None,
    *,
    store: FactsStore | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Found, ...]:
    """All interpreters of this machine, broken ones too, each real file once, in the order of search."""
    environ = os.environ if environ is None else environ
    if search is None:
        search = SearchOptions.from_environ(environ)

    def look(candidate: Candidate) -> Found:
        try:
            interpreter = probe_interpreter(candidate.path, store, environ=environ)
        except Problem as problem:
            return Found(path=candidate.path, source=candidate.source, problem=problem)
        return Found(path=candidate.path, source=candidate.source, interpreter=interpreter)

    candidates = list(iterate_candidates(search))
    if len(candidates) < 2:
        return tuple(look(candidate) for candidate in candidates)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(8, len(candidates))) as pool:
        return tuple(pool.map(look, candidates))


class _Finder:
    """One search. The candidates are listed once, and only if they are needed."""

    __slots__ = (
        "_candidates", "by", "environ",
        "environment", "glances", "name", "origin", "requires_python", "search", "store",
        "tell", )  # fmt: skip

    def __init__(
        self,
        search: SearchOptions,
        store: FactsStore | None,
        environ: Mapping[str, str],
        requires_python: Specifiers,
        tell: Callable[[str], None],
        *,
        glances: bool = False,
    ) -> None:
        self.tell = tell
        self.glances = glances
        self.by, self.name, self.origin, self.environment = "search", "", "", ""
        self.search = search
        self.store = store
        self.environ = environ
        self.requires_python = requires_python
        self._candidates: list[Candidate] | None = None

    def find(self, text: str | None, origin: str = "") -> Known:
        asked = parse_python_request(text, origin=origin) if text else None
        if asked is not None and text and origin:
            _refuse_own_program(asked, text, origin)
        if asked is not None:
            self.by, self.name, self.origin = "request", asked.text, origin
            return self._one(asked)
        if text is not None:
            return self._best()
        pin = self._pin()
        if pin is not None:
            return self._pinned(pin)
        for pin in global_pins(self.search.global_pin, self.search.pyenv_root):
            found = self._globally(pin)
            if found is not None:
                return found
        return self._best()

    def _globally(self, pin: Pin) -> Known | None:
        """The Python of a pin that holds everywhere; None where that is not here, or does not fit."""
        try:
            found = self._pinned(pin)
        except Problem as problem:
            # Without a Python of the system, pyenv's `system` is nobody's wish.
            if not self.requires_python and pin.names != ("system",):
                self.tell(f"{pin.origin} is passed over: {problem.what}")
        else:
            if self.by != "search":
                self.by = "global pin"
                return found
        self.by, self.name, self.origin, self.environment = "search", "", "", ""
        return None

    def _one(self, request: PythonRequest) -> Known:
        if request.path is not None:
            return self._at_path(request, request.path)
        if request.platform:
            self._refuse_another_machine(request)
        rejected: list[Rejected] = []
        if request.name is not None:
            interpreter, rejected = first_of(self._named(request), request, self.requires_python, self._ask)
            if interpreter is not None:
                if interpreter.is_virtual and not is_python_name(request.name):
                    self.environment = interpreter.path
                return self._behind(interpreter)
            if not is_python_name(request.name) and not request.specifiers:
                raise self._none(request, rejected)
        interpreter, more = self._best_of(request)
        if interpreter is None:
            known = {one.path for one in rejected}
            raise self._none(request, rejected + [one for one in more if one.path not in known])
        return self._exactly(request, self._behind(interpreter))

    def _exactly(self, request: PythonRequest, found: Known) -> Known:
        """Who asks for a patch release gets it by its own name: not by that which stands for the newest."""
        managed = self.search.managed
        exact = any(
            sign == "==" and version.count(".") == 2 and not version.endswith("*")
            for sign, version in request.specifiers
        )
        if not exact or not managed or not found.path.startswith(os.path.join(managed, "")):
            return found
        from hutch.interpreters.managed import exact_path

        path = exact_path(found.path, managed)
        return found if path == found.path else self._look(path)

    def _best_of(self, request: PythonRequest | None) -> tuple[Known | None, list[Rejected]]:
        """The best; of conda's environments that are not active only where there is no other."""
        found, rejected = best_of(
            self._all(),
            request,
            self.requires_python,
            self._ask,
            any_age=self.glances and request is not None,
        )
        if found is None:
            more = [each for each in iterate_candidates(self.search, conda=True) if each.source == "conda"]
            found, also = best_of(more, request, self.requires_python, self._ask)
            rejected += also
        return found, rejected

    def _at_path(self, request: PythonRequest, path: str) -> Known:
        if os.path.isdir(path):
            inner = python_in(path)
            if inner is None:
                raise BrokenInterpreter(path, "it is a directory without a Python in it")
            path = inner
        root = self.search.pyenv_root
        if root and os.path.normpath(os.path.dirname(path)) == os.path.join(os.path.normpath(root), "shims"):
            return self._one(
                PythonRequest(text=request.text, name=os.path.basename(path), origin=request.origin)
            )
        interpreter = self._look(path)
        reason = misfit(interpreter, None, self.requires_python)
        if reason:
            raise self._none(
                request, [Rejected(path=path, version=interpreter.version, reason=reason)], install=False
            )
        return interpreter

    def _named(self, request: PythonRequest) -> Iterator[Candidate]:
        """What a name may stand for: a program on PATH, or a version or environment of pyenv."""
        assert request.name is not None
        if request.name == "system":
            for name in ("python3", "python"):
                for candidate in find_on_path(name, self.search, shims=False):
                    if not candidate.is_virtual and not candidate.from_pyenv:
                        yield candidate
            return
        if not request.origin or is_python_name(request.name):
            # A word in a file of a checkout must not make us run any program that PATH offers.
            yield from find_on_path(request.name, self.search)
        for source, directory in self._known_by_name(request.name):
            path = python_in(directory)
            if path is not None:
                yield Candidate(
                    path=path, real_path=os.path.realpath(path), source=source, from_pyenv=source == "pyenv"
                )

    def _known_by_name(self, name: str) -> Iterator[tuple[str, str]]:
        """The directories of versions and environments that are called so: hutch's own, then pyenv's."""
        if self.search.environments and os.path.basename(name) == name and name not in (".", ".."):
            directory = os.path.join(self.search.environments, name)
            if os.path.isfile(os.path.join(directory, "pyvenv.cfg")):
                yield "hutch", directory
        if self.search.pyenv_root:
            found = pyenv_version_directory(self.search.pyenv_root, name)
            if found:
                yield "pyenv", found

    def _pin(self) -> Pin | None:
        if self.search.pyenv_version and self.search.pyenv_root:
            names = tuple(name for name in self.search.pyenv_version.split(":") if name)
            if names:
                return Pin(names=names, origin="PYENV_VERSION")
        return nearest_pin(self.search.directory) if self.search.directory else None

    def _pinned(self, pin: Pin) -> Known:
        """The first of the pinned versions that is there and fits.

        A word that is neither a version nor known to pyenv here is the name of somebody's environment.
        """
        failed: NoInterpreter | None = None
        for name in pin.names:
            try:
                request = self._pinned_request(name, pin)
                if request is None:
                    return self._best()
                if pin.origin != "PYENV_VERSION" and self._is_unknown(request):
                    self.tell(
                        f"{pin.origin} names {name}, which is no version, and no environment that hutch or"
                        " pyenv has here: passed over"
                    )
                    continue
                found = self._one(request)
                self.by, self.name, self.origin = "pin", name, pin.origin
                return found
            except NoInterpreter as problem:
                failed = failed or problem
            except BrokenInterpreter as problem:
                problem.why = (*problem.why, f"{pin.origin} says {name}")
                problem.hints = (*problem.hints, f"change what {pin.origin} asks for")
                raise
        if failed is None:
            return self._best()
        raise failed

    def _is_unknown(self, request: PythonRequest) -> bool:
        name = request.name
        if name is None or name == "system" or is_python_name(name) or request.specifiers:
            return False
        return next(self._known_by_name(name), None) is None

    def _best(self) -> Known:
        interpreter, rejected = self._best_of(None)
        if interpreter is None:
            raise self._none(None, rejected)
        return self._behind(interpreter)

    def _pinned_request(self, name: str, pin: Pin) -> PythonRequest | None:
        root = self.search.pyenv_root
        if "/" in name and root:
            directory = pyenv_version_directory(root, name)
            if directory is not None:
                return PythonRequest(text=name, name=name, origin=pin.origin)
        request = parse_python_request(name, origin=pin.origin)
        if request is not None:
            _refuse_own_program(request, name, pin.origin)
        return request

    def _all(self) -> list[Candidate]:
        if self._candidates is None:
            self._candidates = list(iterate_candidates(self.search))
        return self._candidates

    def _ask(self, candidate: Candidate) -> Known:
        return self._look(candidate.path)

    def _look(self, path: str) -> Known:
        if self.glances:
            from hutch.interpreters.survey import look_at

            return look_at(path, self.store, environ=self.environ)
        return probe_interpreter(path, self.store, environ=self.environ)

    def _behind(self, interpreter: Known) -> Known:
        """The Python that an environment was made from; the interpreter itself if it is in none."""
        if not interpreter.is_virtual or interpreter.base_executable == interpreter.path:
            return interpreter
        try:
            return self._look(interpreter.base_executable)
        except Problem:
            return interpreter

    def _refuse_another_machine(self, request: PythonRequest) -> None:
        """The full name of a build says for which machine it is; a file may have come from there."""
        from hutch.interpreters.request import is_for_this_machine

        if is_for_this_machine(request.platform):
            return
        if request.origin:
            self.tell(f"{request.origin} names a build for another machine: its version is taken")
        else:
            raise NoInterpreter(
                str(request),
                "",
                (Rejected(path=request.text, version="", reason="it is a build for another machine"),),
                hint=("name it without the platform",),
            )

    def _none(
        self, request: PythonRequest | None, rejected: list[Rejected], *, install: bool = True
    ) -> NoInterpreter:
        from hutch.interpreters.advice import no_interpreter

        names = () if request is None or not request.name else self._names_like(request.name)
        return no_interpreter(request, self.requires_python, rejected, names=names, install=install)

    def _names_like(self, name: str) -> tuple[str, ...]:
        from difflib import get_close_matches

        known = [*pyenv_versions(self.search.pyenv_root)] if self.search.pyenv_root else []
        try:
            known += [each for each in os.listdir(self.search.environments) if not each.startswith(".")]
        except OSError:
            pass
        return tuple(get_close_matches(name, known, n=2, cutoff=0.75))


def _refuse_own_program(request: PythonRequest, text: str, origin: str) -> None:
    """A file of a checkout names a version, or a Python of the machine; never a program beside it."""
    if request.path is None:
        return
    path = origin.rpartition(":")[0] if origin.rpartition(":")[2].isdigit() else origin
    directory = os.path.dirname(os.path.abspath(path))
    if not os.path.isabs(text) or lies_in(request.path, directory):
        raise InvalidPythonRequest(
            text, f"{origin} must not name a program of its own directory: it may come from anyone"
        )
    if not os.path.isdir(request.path) and not is_python_name(os.path.basename(request.path)):
        raise InvalidPythonRequest(text, f"{origin} may name no other program than a Python")
