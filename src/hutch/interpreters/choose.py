"""Which of the interpreters that were found is the one: pure, and sparing with questions.

Wanted first: a final release; CPython; with the lock; no debug build; then the newest; then one that is
not in an environment, not conda's; then the one met first. A hint bounds from above how good a
candidate can be, so the candidates are asked best first, and no more are asked once none of the rest
can be better.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.interpreters.hints import Hint
from hutch.interpreters.places import Candidate
from hutch.interpreters.problems import InvalidPythonRequest, Rejected
from hutch.interpreters.request import PythonRequest, parse_python_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol, TypeAlias, TypeVar

    from hutch.interpreters.pins import Pin
    from hutch.spec import Specifiers

    class Known(Protocol):
        """What an `Interpreter` and a `Glance` have in common: enough to choose among them."""

        @property
        def path(self) -> str: ...
        @property
        def implementation(self) -> str: ...
        @property
        def version(self) -> str: ...
        @property
        def version_info(self) -> tuple[int, int, int, str, int]: ...
        @property
        def free_threaded(self) -> bool: ...
        @property
        def debug(self) -> bool: ...
        @property
        def is_prerelease(self) -> bool: ...
        @property
        def is_virtual(self) -> bool: ...
        @property
        def is_conda(self) -> bool: ...
        @property
        def base_executable(self) -> str: ...

    K = TypeVar("K", bound=Known)
    Rank: TypeAlias = tuple[object, ...]

__all__ = ["Known", "best_of", "first_of", "misfit", "pin_admits", "ruled_out"]

_RANKS = {"cpython": 2, "pypy": 1}
_ENDLESS = 1 << 20
_PATCHES = 64
"""No minor version of Python had so many patch releases."""


def best_of(
    candidates: Iterable[Candidate],
    request: PythonRequest | None,
    requires_python: Specifiers,
    ask: Callable[[Candidate], K],
    *,
    any_age: bool = False,
) -> tuple[K | None, list[Rejected]]:
    """The best interpreter that fits, and why each other one that was looked at did not.

    One that is too old for hutch to manage is none, but with ``any_age``.
    """
    rejected: list[Rejected] = []
    open_: list[tuple[Rank, int, Candidate]] = []
    for order, candidate in enumerate(candidates):
        reason = ruled_out(candidate.hint, request, requires_python, any_age=any_age)
        if reason:
            rejected.append(_rejected(candidate, reason))
        else:
            open_.append((_bound(candidate, order), order, candidate))
    open_.sort(key=lambda entry: entry[0], reverse=True)
    best: K | None = None
    best_rank: Rank = ()
    for bound, order, candidate in open_:
        if best is not None and best_rank >= bound:
            break
        interpreter = _asked(candidate, request, requires_python, ask, rejected)
        if interpreter is not None:
            rank = _rank(interpreter, order)
            if best is None or rank > best_rank:
                best, best_rank = interpreter, rank
    return best, rejected


def first_of(
    candidates: Iterable[Candidate],
    request: PythonRequest | None,
    requires_python: Specifiers,
    ask: Callable[[Candidate], K],
) -> tuple[K | None, list[Rejected]]:
    """The first interpreter that fits: for one that was asked for by name."""
    rejected: list[Rejected] = []
    for candidate in candidates:
        interpreter = _asked(candidate, request, requires_python, ask, rejected)
        if interpreter is not None:
            return interpreter, rejected
    return None, rejected


def _asked(
    candidate: Candidate,
    request: PythonRequest | None,
    requires_python: Specifiers,
    ask: Callable[[Candidate], K],
    rejected: list[Rejected],
) -> K | None:
    try:
        interpreter = ask(candidate)
    except Problem as problem:
        rejected.append(_rejected(candidate, getattr(problem, "reason", "") or problem.what))
        return None
    reason = misfit(interpreter, request, requires_python)
    if reason:
        rejected.append(Rejected(path=candidate.path, version=_named(interpreter), reason=reason))
        return None
    return interpreter


def _rejected(candidate: Candidate, reason: str) -> Rejected:
    return Rejected(
        path=candidate.path, version=candidate.hint.text() if candidate.hint else "", reason=reason
    )


def _named(interpreter: Known) -> str:
    other = "" if interpreter.implementation == "cpython" else f"{interpreter.implementation} "
    return f"{other}{interpreter.version}" + ("t" if interpreter.free_threaded else "")


def misfit(interpreter: Known, request: PythonRequest | None, requires_python: Specifiers) -> str:
    """Why an interpreter does not fit, in a few words; "" if it does."""
    from hutch.spec import admits, render_specifiers

    if request is not None:
        if request.implementation is not None and request.implementation != interpreter.implementation:
            return f"it is no {request.implementation}"
        if request.free_threaded and not interpreter.free_threaded:
            return "it is not free-threaded"
        if request.free_threaded is False and interpreter.free_threaded:
            return "it is free-threaded"
        if request.debug and not interpreter.debug:
            return "it is no debug build"
        if not admits(request.specifiers, interpreter.version):
            return f"`{request.text}` was asked for"
    if not admits(requires_python, interpreter.version):
        return f"requires-python {render_specifiers(requires_python)} does not admit it"
    return ""


def pin_admits(pin: Pin, interpreter: Known) -> bool:
    """Whether one of the names of ``pin`` may mean ``interpreter``."""
    for name in pin.names:
        try:
            request = parse_python_request(name)
        except InvalidPythonRequest:
            return True  # whoever looks for it says what is wrong
        # Names and paths may stand for any Python, which somebody would have to ask.
        if request is None or not request.specifiers or not misfit(interpreter, request, ()):
            return True
    return False


def ruled_out(
    hint: Hint | None, request: PythonRequest | None, requires_python: Specifiers, *, any_age: bool = False
) -> str:
    """Why nothing that ``hint`` allows would fit; "" if something might."""
    from hutch.spec import render_specifiers

    if hint is None:
        return ""
    if request is not None:
        wanted = request.implementation
        if wanted is not None and hint.implementation is not None and wanted != hint.implementation:
            return f"it is no {wanted}"
        if not _possible(request.specifiers, hint):
            return f"`{request.text}` was asked for"
    if not any_age and len(hint.version) >= 2 and hint.version[:2] < (3, 8):
        return "it is too old (3.8 is the oldest that hutch manages)"
    if not _possible(requires_python, hint):
        return f"requires-python {render_specifiers(requires_python)} does not admit it"
    return ""


def _possible(specifiers: Specifiers, hint: Hint) -> bool:
    """Whether ``specifiers`` admit any version that begins as the hint says."""
    from hutch.spec import admits

    if not specifiers or len(hint.version) < 2:
        return True
    minor = f"{hint.version[0]}.{hint.version[1]}"
    if len(hint.version) == 3 and not hint.prerelease:
        return admits(specifiers, f"{minor}.{hint.version[2]}")
    patches = range(_PATCHES) if len(hint.version) == 2 else hint.version[2:]
    if any(admits(specifiers, f"{minor}.{patch}") for patch in patches):
        return True
    # A pre-release is below its final release, so it may fit where that does not. Which one it is, the
    # name does not always tell: all are tried that a release of Python could have.
    return hint.prerelease is not False and any(
        admits(specifiers, f"{minor}.0{stage}{number}")
        for stage in ("a", "b", "rc")
        for number in range(1, 9)
    )


def _rank(interpreter: Known, order: int) -> Rank:
    """The greater the better; see the top of the page."""
    return (
        not interpreter.is_prerelease,
        _RANKS.get(interpreter.implementation, 0),
        not interpreter.free_threaded,
        not interpreter.debug,
        interpreter.version_info[:3],
        not interpreter.is_virtual,
        not interpreter.is_conda,
        -order,
    )


def _bound(candidate: Candidate, order: int) -> Rank:
    """The best rank that the candidate can have, given its hint."""
    hint = candidate.hint or Hint()
    version = (*hint.version, _ENDLESS, _ENDLESS, _ENDLESS)[:3]
    return (
        not hint.prerelease,
        2 if hint.implementation is None else _RANKS.get(hint.implementation, 0),
        not hint.free_threaded,
        True,
        version,
        not candidate.is_virtual,
        True,
        -order,
    )
