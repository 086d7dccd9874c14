"""What the names on disk say of an interpreter before it is asked.

A hint is not believed for anything but the order and the sparing of questions: an interpreter is only
passed over because of its hint if *nothing* that the hint allows would fit, and one that is chosen is
always asked itself.
"""

from __future__ import annotations

import os

from hutch.interpreters.virtual import EnvironmentFile
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

__all__ = ["Hint", "hint_from_environment", "hint_from_name", "hint_from_path"]

_PROGRAM = (
    r"(?i)(?P<name>python|pypy|graalpy)(?P<version>\d(?:\.\d+)?)?(?P<threads>t)?d?(?:-intel64|-32)?(?:\.exe)?"
)
_INSTALLED = r"""(?xi)(?P<name>python|cpython|pypy|graalpy(?:-community)?|pythoncore)?[-@]?
    (?P<version>\d\.\d+(?:\.\d+)?)(?P<pre>(?:a|b|rc)\d+)?(?P<threads>t)?(?P<rest>[-+].*)?"""
_WINDOWS_DIRECTORY = r"(?i)python(?P<major>\d)(?P<minor>\d+)(?P<threads>t)?(?:-32|-arm64)?"


def _match(pattern: str, text: str) -> Match[str] | None:
    """The whole text by the pattern, which `re` remembers; its import is a tenth of making an environment
    for an interpreter that is named."""
    import re

    return re.fullmatch(pattern, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """``version`` is (3,), (3, 12) or (3, 12, 1): a prefix of the true one; ``()`` says nothing.

    A pre-release is told by ``prerelease``; None where the hint does not say.
    """

    implementation: str | None = None
    version: tuple[int, ...] = ()
    free_threaded: bool | None = None
    prerelease: bool | None = None

    def text(self) -> str:
        """``3.12``, ``pypy 3.10``; "" where nothing is known."""
        number = ".".join(map(str, self.version))
        named = self.implementation if self.implementation not in (None, "cpython") else ""
        return f"{named} {number}".strip() if named else number


def hint_from_name(basename: str) -> Hint | None:
    """From a program's name: ``python3.12``, ``python3.13t``, ``pypy3.10``; None for ``python``."""
    matched = _match(_PROGRAM, basename)
    if matched is None:
        return None
    name = matched["name"].lower()
    version = tuple(int(part) for part in (matched["version"] or "").split(".") if part)
    if len(version) < 2 and name == "python":
        return None
    return Hint(
        implementation="cpython" if name == "python" else name,
        version=version if len(version) == 2 else (),
        free_threaded=True if matched["threads"] else None,
    )


def hint_from_path(real_path: str) -> Hint | None:
    """From where an interpreter is installed: ``…/versions/3.12.1/bin/python``, ``…/Python312/python.exe``.

    Only the directories next to the file count: `bin`'s parent and its parent (``Cellar/python@3.12``).
    """
    by_name = hint_from_name(os.path.basename(real_path))
    parts = real_path.replace("\\", "/").split("/")
    above = [part for part in parts[:-1] if part.lower() not in ("bin", "scripts")][-2:]
    for part in reversed(above):
        windows = _match(_WINDOWS_DIRECTORY, part) if "\\" in real_path else None
        if windows is not None:
            return Hint(
                implementation="cpython",
                version=(int(windows["major"]), int(windows["minor"])),
                free_threaded=bool(windows["threads"]) or None,
            )
        found = _installed(part)
        if found is not None and (
            by_name is None or found.version[: len(by_name.version)] == by_name.version
        ):
            return found
    return by_name or _from_library(real_path)


def _installed(directory: str) -> Hint | None:
    matched = _match(_INSTALLED, directory)
    if matched is None:
        return None
    name = (matched["name"] or "cpython").lower()
    implementation = (
        "cpython" if name in ("python", "cpython", "pythoncore") else name.removesuffix("-community")
    )
    if implementation == "graalpy":
        return Hint(implementation="graalpy")  # its directories carry GraalPy's version, not Python's
    threads = bool(matched["threads"]) or "freethreaded" in (matched["rest"] or "")
    return Hint(
        implementation=implementation,
        version=tuple(int(part) for part in matched["version"].split(".")),
        free_threaded=threads or None,
        prerelease=bool(matched["pre"]) or "-dev" in (matched["rest"] or "") or None,
    )


def hint_from_environment(file: EnvironmentFile) -> Hint | None:
    """From a `pyvenv.cfg`: the minor version; the patch may have changed since it was written."""
    text = file.values.get("version_info") or file.values.get("version") or ""
    matched = _match(r"(\d+)\.(\d+).*", text)
    if matched is None:
        return None
    named = file.values.get("implementation", "").lower()
    return Hint(
        implementation={"cpython": "cpython", "pypy": "pypy", "graalpy": "graalpy", "graalvm": "graalpy"}.get(
            named
        ),
        version=(int(matched[1]), int(matched[2])),
    )


def _from_library(real_path: str) -> Hint | None:
    """From ``lib/python3.12/os.py`` of the installation, if it holds the standard library of one Python."""
    library = os.path.join(os.path.dirname(os.path.dirname(real_path)), "lib")
    try:
        names = os.listdir(library)
    except OSError:
        return None
    found = []
    for name in names:
        matched = _match(r"(python|pypy)(\d+)\.(\d+)(t?)", name)
        if matched and os.path.isfile(os.path.join(library, name, "os.py")):
            found.append(matched)
    if len(found) != 1:
        return None
    return Hint(
        implementation="cpython" if found[0][1] == "python" else "pypy",
        version=(int(found[0][2]), int(found[0][3])),
        free_threaded=True if found[0][4] else None,
    )
