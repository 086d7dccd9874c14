"""The words with which a user names a Python, as a value.

Understood: a path; an executable's name (``python3.12``, ``pypy3``); a version (``3.12``, ``3.12.1``,
``3.13t``, ``3.13d``, ``3.13-dev``, ``312``, ``3.12:latest``, ``latest``); a range (``>=3.11,<3.13``); any
of these for an implementation (``pypy@3.10``, ``cpython-3.12``, ``pypy3.10``, ``pypy>=3.9``); what other
tools write into `.python-version` (``python-3.12.1``, ``pypy3.10-7.3.12``,
``cpython-3.12.1-linux-x86_64-gnu``); and ``system``, pyenv's word for the first Python on PATH that is not
pyenv's.
"""

from __future__ import annotations

import os

from hutch.interpreters.problems import InvalidPythonRequest
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

    from hutch.spec import Specifiers

__all__ = ["PythonRequest", "is_for_this_machine", "parse_python_request"]

_IMPLEMENTATIONS = {
    "": None, "python": None, "py": None,
    "cpython": "cpython", "cp": "cpython",
    "pypy": "pypy", "pp": "pypy",
    "graalpy": "graalpy", "graalpython": "graalpy", "gp": "graalpy",
}  # fmt: skip

_VERSION = r"""(?x)(?P<name>[a-z]*)[-@]?
        (?P<version>\d+(?:\.\d+){0,2}(?:(?:a|b|rc)\d+)?)
        (?:\.\*)?
        (?P<threads>t)?(?P<debug>d)?
        (?P<dev>-dev)?
        (?P<build>-v?\d[\w.]*)?                         # pypy3.10-7.3.12: the version of PyPy itself
        (?P<variant>(?:\+(?:freethreaded|gil|debug))*)
        (?:-(?P<platform>(?:linux|macos|darwin|windows)-[\w-]+))?
        (?P<after>(?:\+(?:freethreaded|gil|debug))*)
        (?:[:-]latest)?"""
_RANGE = r"(?P<name>[a-z]*)@?(?P<specifiers>\s*(?:[<>=!~]=?|===).*)"
_WORD = r"[A-Za-z0-9][\w.@+-]*(?:\.exe)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonRequest:
    """What is asked for. Of ``path`` and ``name`` at most one is set; ``specifiers`` always holds.

    ``implementation`` and ``free_threaded`` are None where any will do (CPython with the lock is then
    preferred). ``platform`` is that of a build's full name (``linux-x86_64-gnu``). ``text`` is what the user
    wrote, and ``origin`` where, for messages.
    """

    text: str
    implementation: str | None = None
    specifiers: Specifiers = ()
    free_threaded: bool | None = None
    debug: bool = False
    platform: str = ""
    path: str | None = None
    name: str | None = None
    origin: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.origin})" if self.origin else self.text


def parse_python_request(text: str, *, origin: str = "") -> PythonRequest | None:
    """Read a request; None where any Python will do. Raises InvalidPythonRequest."""
    words = text.strip()
    if words.lower() in ("", "any", "default"):
        return None
    blank = PythonRequest(text=words, origin=origin)
    if _is_path(words):
        return replace(blank, path=os.path.abspath(os.path.expanduser(words)))
    import re

    lowered = words.lower().removeprefix("latest:")
    if lowered == "latest":
        return replace(blank, implementation="cpython", specifiers=((">=", "3"),))
    ranged = re.fullmatch(_RANGE, lowered)
    if ranged is not None:
        return _range(blank, ranged["name"], ranged["specifiers"])
    matched = re.fullmatch(_VERSION, lowered)
    if matched is not None and matched["name"] in _IMPLEMENTATIONS:
        found = _version(blank, matched)
        # `python3.12` and `pypy3` are also the names of programs: those on PATH are looked at first.
        is_program = matched["name"] in ("python", "pypy", "graalpy") and not re.search("[-@+:]", words)
        # `3.13-dev` is a version of pyenv's, and a build of its own.
        return replace(found, name=words) if is_program or matched["dev"] else found
    if lowered in _IMPLEMENTATIONS:
        return replace(blank, implementation=_IMPLEMENTATIONS[lowered], name=words)
    if not re.fullmatch(_WORD, words):
        reason = "it is neither a version, nor a range, nor a name, nor a path"
        raise InvalidPythonRequest(_shown(words), reason, origin)
    return replace(blank, name=words)


def is_for_this_machine(platform: str) -> bool:
    """Whether a build for ``linux-x86_64-gnu``, as its full name says, is one for this machine."""
    import sys

    system, _, rest = platform.partition("-")
    here = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    if {"darwin": "macos"}.get(system, system) != here:
        return False
    if not hasattr(os, "uname"):
        return True  # Windows starts programs of other machines, too
    machine = os.uname().machine.lower()
    wanted = rest.partition("-")[0]
    same = {"amd64": "x86_64", "arm64": "aarch64", "x86": "i686"}
    return here == "macos" or same.get(wanted, wanted).partition("_v")[0] == same.get(machine, machine)


def _is_path(words: str) -> bool:
    if words.startswith("~="):
        return False
    return words[0] in "~." or "/" in words or os.path.isabs(words) or (os.name == "nt" and "\\" in words)


def _range(blank: PythonRequest, name: str, text: str) -> PythonRequest:
    from hutch.spec import InvalidSpecifier, parse_specifiers

    if name not in _IMPLEMENTATIONS:
        reason = f"`{name}` is no implementation of Python that hutch knows"
        raise InvalidPythonRequest(_shown(blank.text), reason, blank.origin)
    try:
        specifiers = parse_specifiers(text.strip())
    except InvalidSpecifier as error:
        reason = "the range cannot be read"
        raise InvalidPythonRequest(_shown(blank.text), reason, blank.origin) from error
    return replace(blank, implementation=_IMPLEMENTATIONS[name], specifiers=specifiers)


def _version(blank: PythonRequest, matched: Match[str]) -> PythonRequest:
    version = matched["version"]
    if "." not in version and len(version) > 1 and version.isdigit():
        version = f"{version[0]}.{version[1:]}"  # cp312, 312
    exact = version.count(".") == 2 or not version.replace(".", "").isdigit()
    variants = matched["variant"] + matched["after"]
    threads = matched["threads"] or "freethreaded" in variants
    return replace(
        blank,
        implementation=_IMPLEMENTATIONS[matched["name"]],
        specifiers=(("==", version if exact else f"{version}.*"),),
        free_threaded=True if threads else False if "gil" in variants else None,
        debug=bool(matched["debug"]) or "debug" in variants,
        platform=matched["platform"] or "",
    )


def _shown(text: str) -> str:
    from hutch.spec import safe_text

    return safe_text(text)[:120]
