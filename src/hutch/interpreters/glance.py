"""What a Python is, told from the disk: enough to name it, and no process is started.

`build-details.json` (PEP 739) says it outright. Before 3.14 the version is in `patchlevel.h`, which every
installer puts beside the library; the names of folders say what kind of build it is. An environment is the
Python that it was made from. Where there is any doubt (a script, a small program without its libpython, two
libraries and a name that does not tell which), the answer is None, and somebody has to ask.
"""

from __future__ import annotations

import os

from hutch.interpreters.hints import hint_from_name
from hutch.interpreters.virtual import base_candidates, read_environment_file
from hutch.plain import read_plain
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.interpreters.facts import Interpreter

    Info = tuple[int, int, int, str, int]

__all__ = ["Glance", "glance_at", "glance_of", "version_of"]

_LARGEST = 256 * 1024
_SMALL = 256 * 1024
"""A program below this size has its Python in a library beside it."""
_DEEPEST = 8
_LIBRARY = r"(python|pypy)(\d+)\.(\d+)(t?)"
_STAGES = {"a": "alpha", "b": "beta", "rc": "candidate", "c": "candidate"}
_LEVELS = {"alpha", "beta", "candidate", "final"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """As much of an interpreter as it takes to name it, and to choose among several.

    The names are those of `Interpreter`. ``version`` is as there too: ``3.13.0``, ``3.14.0c1``.
    """

    path: str
    real_path: str
    implementation: str
    version: str
    version_info: Info
    free_threaded: bool
    debug: bool
    prefix: str
    base_executable: str
    is_virtual: bool = False
    is_conda: bool = False

    @property
    def python(self) -> tuple[int, int]:
        """``(3, 12)``."""
        return self.version_info[:2]

    @property
    def is_prerelease(self) -> bool:
        """Whether this is an alpha, a beta or a release candidate of Python."""
        return self.version_info[3] != "final"


def glance_of(interpreter: Interpreter) -> Glance:
    """The same of one that was asked."""
    return Glance(
        path=interpreter.path,
        real_path=interpreter.real_path,
        implementation=interpreter.implementation,
        version=interpreter.version,
        version_info=interpreter.version_info,
        free_threaded=interpreter.free_threaded,
        debug=interpreter.debug,
        prefix=interpreter.prefix,
        base_executable=interpreter.base_executable,
        is_virtual=interpreter.is_virtual,
        is_conda=interpreter.is_conda,
    )


def glance_at(path: str, *, windows: bool | None = None) -> Glance | None:
    """What the disk tells of the program at ``path`` (absolute); None where it does not tell enough."""
    return _glance(path, os.name == "nt" if windows is None else windows, 0)


def _glance(path: str, windows: bool, depth: int) -> Glance | None:
    try:
        real = os.path.realpath(path, strict=True)
    except OSError:
        return None
    environment = read_environment_file(path)
    if environment is not None:
        return _behind(path, real, environment, windows, depth)
    if not _may_be_told(real, windows):
        return None
    found = _on_windows(real) if windows else _on_posix(real)
    if found is None:
        return None
    implementation, info, free_threaded, debug, prefix = found
    return Glance(
        path=path,
        real_path=real,
        implementation=implementation,
        version=version_of(info),
        version_info=info,
        free_threaded=free_threaded,
        debug=debug,
        prefix=prefix,
        base_executable=path,
        is_conda=os.path.isdir(os.path.join(prefix, "conda-meta")),
    )


def _behind(path: str, real: str, environment: Any, windows: bool, depth: int) -> Glance | None:
    """An environment is told from the Python behind it: the same file, or one that it redirects to."""
    if depth >= _DEEPEST:
        return None
    for candidate in base_candidates(environment, path):
        if os.path.normcase(candidate) == os.path.normcase(path) or not os.path.isfile(candidate):
            continue
        if windows or os.path.realpath(candidate) == real:
            base = _glance(candidate, windows, depth + 1)
            if base is None:
                return None
            return replace(base, path=path, prefix=environment.prefix, is_virtual=True, is_conda=False)
    return None


def _may_be_told(real: str, windows: bool) -> bool:
    """Whether the file is the interpreter itself, for this machine, and no script that starts one."""
    if windows:
        return os.path.getsize(real) > 0
    try:
        with open(real, "rb") as file:
            start = file.read(4)
    except OSError:
        return False
    if start != b"\x7fELF":
        return start in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")  # Mach-O
    from hutch.interpreters.elf import read_elf

    header = read_elf(real)
    return header is not None and (not header.loader or os.path.exists(header.loader))


def _on_posix(real: str) -> tuple[str, Info, bool, bool, str] | None:
    programs = os.path.dirname(real)
    prefix = os.path.dirname(programs)
    hint = hint_from_name(os.path.basename(real))
    named = hint.implementation if hint is not None else "cpython"
    library = _library(
        prefix, named or "cpython", hint.version if hint else (), bool(hint and hint.free_threaded)
    )
    if library is None:
        return None
    folder, version, threads = library
    debug = os.path.basename(real).endswith("d") and hint is not None
    header = _header_folder(prefix, folder, threads, debug)
    if os.path.getsize(real) < _SMALL and not _has_libpython(prefix, folder, version):
        return None
    details = _details(os.path.join(folder, "build-details.json"))
    if details is not None:
        implementation, info, flags = details
        free_threaded, debug = "t" in flags, "d" in flags
    else:
        if header is None:
            return None
        said = _patch_level(os.path.join(header, "patchlevel.h"))
        if said is None:
            return None
        implementation, info = named or "cpython", said
        free_threaded = threads
        debug = debug or "d" in _flags(header)
    if info[:2] != version or implementation != (named or "cpython"):
        return None
    return implementation, info, free_threaded, debug, prefix


def _library(
    prefix: str, implementation: str, version: tuple[int, ...], threads: bool
) -> tuple[str, tuple[int, int], bool] | None:
    """The folder of the standard library: that of the program's name, or the only one that there is."""
    import re

    stem = "pypy" if implementation == "pypy" else "python"
    found: list[tuple[str, tuple[int, int], bool]] = []
    for side in ("lib", "lib64"):
        try:
            names = os.listdir(os.path.join(prefix, side))
        except OSError:
            continue
        for name in names:
            matched = re.fullmatch(_LIBRARY, name)
            if matched is None or matched[1] != stem:
                continue
            its = (int(matched[2]), int(matched[3]))
            if version and its[: len(version)] != version[:2]:
                continue
            folder = os.path.join(prefix, side, name)
            if os.path.isfile(os.path.join(folder, "os.py")):
                found.append((folder, its, bool(matched[4])))
    # Where both builds of a version are side by side, the name says which: `python3.13` has the lock.
    kind = [one for one in found if one[2] == threads]
    found = kind if kind or threads else found
    distinct = {(one[1], one[2]) for one in found}
    return found[0] if len(distinct) == 1 else None


def _header_folder(prefix: str, library: str, threads: bool, debug: bool) -> str | None:
    """The folder with `patchlevel.h` that belongs to a library: `include/python3.6m`, `…/python3.13t`."""
    stem = os.path.basename(library).removesuffix("t")
    try:
        names = os.listdir(os.path.join(prefix, "include"))
    except OSError:
        return None
    found = [
        name
        for name in names
        if name.startswith(stem)
        and set(name[len(stem) :]) <= set("tdmu")
        and ("t" in name[len(stem) :]) == threads
    ]
    found = [name for name in found if ("d" in name[len(stem) :]) == debug] or found
    return os.path.join(prefix, "include", min(found, key=len)) if found else None


def _flags(header: str) -> str:
    """``m``, ``td``: what follows the version in the name of a folder."""
    name = os.path.basename(header)
    return name.lstrip("abcdefghijklmnopqrstuvwxyz").lstrip("0123456789.")


def _has_libpython(prefix: str, library: str, version: tuple[int, int]) -> bool:
    """Whether the library that a small program loads is there."""
    stem = (
        "libpypy" if os.path.basename(library).startswith("pypy") else f"libpython{version[0]}.{version[1]}"
    )
    for side in {os.path.dirname(library), os.path.join(prefix, "lib"), os.path.join(prefix, "bin")}:
        try:
            names = os.listdir(side)
        except OSError:
            continue
        if any(name.startswith(stem) and (".so" in name or name.endswith(".dylib")) for name in names):
            return True
    # A framework of macOS has it in the prefix itself.
    return os.path.isfile(os.path.join(prefix, "Python"))


def _on_windows(real: str) -> tuple[str, Info, bool, bool, str] | None:
    """`python.exe` lies beside `Lib`, `include` and its DLL."""
    prefix = os.path.dirname(real)
    library = os.path.join(prefix, "Lib")
    if not os.path.isfile(os.path.join(library, "os.py")):
        return None
    name = os.path.basename(real).lower()
    named = "pypy" if name.startswith("pypy") else "graalpy" if name.startswith("graalpy") else "cpython"
    details = _details(os.path.join(library, "build-details.json"))
    if details is not None:
        implementation, info, flags = details
        return (implementation, info, "t" in flags, "d" in flags, prefix) if implementation == named else None
    said = _patch_level(os.path.join(prefix, "include", "patchlevel.h"))
    if said is None:
        return None
    if named != "cpython":
        return named, said, False, False, prefix
    stem = f"python{said[0]}{said[1]}"
    try:
        names = {each.lower() for each in os.listdir(prefix)}
    except OSError:
        return None
    debug = name.removesuffix(".exe").endswith("_d")
    ending = "_d.dll" if debug else ".dll"
    if f"{stem}t{ending}" in names and (
        f"{stem}{ending}" not in names or name.startswith(f"python{said[0]}.{said[1]}t")
    ):
        return named, said, True, debug, prefix
    return (named, said, False, debug, prefix) if f"{stem}{ending}" in names else None


def _details(path: str) -> tuple[str, Info, str] | None:
    """(implementation, version of the language, flags of the ABI) from PEP 739; None without such a file."""
    import json

    try:
        said = json.loads(read_plain(path)[:_LARGEST])
        info = said["language"].get("version_info") or said["implementation"]["version"]
        found = (
            int(info["major"]),
            int(info["minor"]),
            int(info["micro"]),
            str(info["releaselevel"]),
            int(info["serial"]),
        )
        name = str(said["implementation"]["name"])
        flags = "".join(map(str, said.get("abi", {}).get("flags", ())))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if found[3] not in _LEVELS or min(found[0], found[1], found[2], found[4]) < 0:
        return None
    return ("graalpy" if name == "graalpython" else name), found, flags


def _patch_level(path: str) -> Info | None:
    """``#define PY_VERSION "3.13.0rc1"`` of `patchlevel.h`."""
    import re

    try:
        text = read_plain(path)[:_LARGEST].decode("ascii", "replace")
    except (OSError, ValueError):
        return None
    matched = re.search(
        r'^#define\s+PY_VERSION\s+"(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:(a|b|rc|c)(\d{1,3}))?\+?"',
        text,
        re.MULTILINE,
    )
    if matched is None:
        return None
    stage = _STAGES[matched[4]] if matched[4] else "final"
    return int(matched[1]), int(matched[2]), int(matched[3]), stage, int(matched[5] or 0)


def version_of(info: Info) -> str:
    """``3.13.0``, ``3.14.0c1``: as an interpreter says it of itself (PEP 508)."""
    text = f"{info[0]}.{info[1]}.{info[2]}"
    return text if info[3] == "final" else f"{text}{info[3][0]}{info[4]}"
