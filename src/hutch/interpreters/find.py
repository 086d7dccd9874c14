"""Find the interpreter for a request and a project, with as few starts as may be.

Order: what was asked for outright; else what the nearest `.python-version` (or ``PYENV_VERSION``) asks
for, or another file of ``pin_files``; else the best of all that are found. ``requires-python`` holds in each
case.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.interpreters.choose import best_of, first_of, misfit
from hutch.interpreters.facts import Interpreter
from hutch.interpreters.foreign import lies_in
from hutch.interpreters.pins import Pin, nearest_pin, pyenv_version_directory
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

__all__ = ["Found", "find_interpreter", "list_interpreters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One interpreter of this machine: its facts, or the problem that it has."""

    path: str
    source: str
    interpreter: Interpreter | None = None
    problem: Problem | None = None


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
    return _Finder(search, store, environ, requires_python, tell).find(request, origin)


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

    __slots__ = ("_candidates", "environ", "requires_python", "search", "store", "tell")

    def __init__(
        self,
        search: SearchOptions,
        store: FactsStore | None,
        environ: Mapping[str, str],
        requires_python: Specifiers,
        tell: Callable[[str], None],
    ) -> None:
        self.tell = tell
        self.search = search
        self.store = store
        self.environ = environ
        self.requires_python = requires_python
        self._candidates: list[Candidate] | None = None

    def find(self, text: str | None, origin: str = "") -> Interpreter:
        asked = parse_python_request(text, origin=origin) if text else None
        if asked is not None and text and origin:
            _refuse_own_program(asked, text, origin)
        if asked is not None:
            return self._one(asked)
        pin = self._pin() if text is None else None
        if pin is not None:
            return self._pinned(pin)
        return self._best()

    def _one(self, request: PythonRequest) -> Interpreter:
        if request.path is not None:
            return self._at_path(request, request.path)
        rejected: list[Rejected] = []
        if request.name is not None:
            interpreter, rejected = first_of(self._named(request), request, self.requires_python, self._ask)
            if interpreter is not None:
                return self._behind(interpreter)
            if not is_python_name(request.name):
                raise self._none(request, rejected)
        interpreter, more = best_of(self._all(), request, self.requires_python, self._ask)
        if interpreter is None:
            known = {one.path for one in rejected}
            raise self._none(request, rejected + [one for one in more if one.path not in known])
        return self._behind(interpreter)

    def _at_path(self, request: PythonRequest, path: str) -> Interpreter:
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
        interpreter = probe_interpreter(path, self.store, environ=self.environ)
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
        if self.search.pyenv_root:
            directory = pyenv_version_directory(self.search.pyenv_root, request.name)
            path = python_in(directory) if directory else None
            if path is not None:
                yield Candidate(path=path, real_path=os.path.realpath(path), source="pyenv", from_pyenv=True)

    def _pin(self) -> Pin | None:
        if self.search.pyenv_version and self.search.pyenv_root:
            names = tuple(name for name in self.search.pyenv_version.split(":") if name)
            if names:
                return Pin(names=names, origin="PYENV_VERSION")
        return nearest_pin(self.search.directory) if self.search.directory else None

    def _pinned(self, pin: Pin) -> Interpreter:
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
                        f"{pin.origin} names {name}, which is no version, and no environment that pyenv has"
                        " here: passed over"
                    )
                    continue
                return self._one(request)
            except NoInterpreter as problem:
                failed = failed or problem
        if failed is None:
            return self._best()
        raise failed

    def _is_unknown(self, request: PythonRequest) -> bool:
        name, root = request.name, self.search.pyenv_root
        if name is None or name == "system" or is_python_name(name):
            return False
        return not root or pyenv_version_directory(root, name) is None

    def _best(self) -> Interpreter:
        interpreter, rejected = best_of(self._all(), None, self.requires_python, self._ask)
        if interpreter is None:
            raise self._none(None, rejected)
        return self._behind(interpreter)

    def _pinned_request(self, name: str, pin: Pin) -> PythonRequest | None:
        root = self.search.pyenv_root
        if "/" in name and root:
            directory = pyenv_version_directory(root, name)
            if directory is not None:
                return PythonRequest(text=name, path=directory, origin=pin.origin)
        request = parse_python_request(name, origin=pin.origin)
        if request is not None:
            _refuse_own_program(request, name, pin.origin)
        return request

    def _all(self) -> list[Candidate]:
        if self._candidates is None:
            self._candidates = list(iterate_candidates(self.search))
        return self._candidates

    def _ask(self, candidate: Candidate) -> Interpreter:
        return probe_interpreter(candidate.path, self.store, environ=self.environ)

    def _behind(self, interpreter: Interpreter) -> Interpreter:
        """The Python that an environment was made from; the interpreter itself if it is in none."""
        if not interpreter.is_virtual or interpreter.base_executable == interpreter.path:
            return interpreter
        try:
            return probe_interpreter(interpreter.base_executable, self.store, environ=self.environ)
        except Problem:
            return interpreter

    def _none(
        self, request: PythonRequest | None, rejected: list[Rejected], *, install: bool = True
    ) -> NoInterpreter:
        from hutch.spec import render_specifiers

        hints: list[str] = []
        version = _version_to_install(request, self.requires_python)
        foreign = request is not None and request.name and not is_python_name(request.name)
        if install and not foreign:
            named = {"pypy": "PyPy", "graalpy": "GraalPy"}.get(
                (request and request.implementation) or "", "Python"
            )
            hints.append(f"install {named} {version}".rstrip())
        if request is not None and request.origin:
            hints.append(f"change what {request.origin} asks for")
        hints.append("name another interpreter with --python")
        if not rejected and request is not None and request.name and not is_python_name(request.name):
            why = f"there is no program `{request.name}` on PATH, and pyenv has no version of that name"
            rejected = [Rejected(path=request.name, version="", reason=why)]
        return NoInterpreter(
            str(request) if request is not None else None,
            render_specifiers(self.requires_python),
            tuple(rejected),
            hint=tuple(hints),
        )


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


def _version_to_install(request: PythonRequest | None, requires_python: Specifiers) -> str:
    """A version that would fit, where one can be told from the words: ``3.12``."""
    if request is not None and len(request.specifiers) == 1 and request.specifiers[0][0] == "==":
        return request.specifiers[0][1].removesuffix(".*")
    from hutch.spec import admits

    wanted = request.specifiers if request is not None else ()
    for minor in range(14, 7, -1):
        if admits(wanted, f"3.{minor}.9") and admits(requires_python, f"3.{minor}.9"):
            return f"3.{minor}"
    return ""
