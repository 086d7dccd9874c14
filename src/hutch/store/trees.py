"""What of a wheel may be linked as a whole: found out once, when it is published.

A directory that is put into an environment as one link must not be one that another distribution puts
files into, and no library in it may look for its neighbours by a path that leads out of it. The first is
told by names (a package without `__init__` is a namespace, and others may have parts of it), the second
stands in the libraries themselves.
"""

from __future__ import annotations

import os
import posixpath
from struct import Struct
from struct import error as StructError

from hutch.store.disk import READ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NATIVE", "find_trees", "leads_out"]

NATIVE = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How a compiled file begins: ELF, Mach-O of 64 and 32 bits, several of those in one."""

_INIT = ("__init__.py", "__init__.pyc", "__init__.so", "__init__.pyd")
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 5, 15, 29
_MOST = 1 << 20  # bytes of any one table of a library
_COMMANDS = 64 << 10  # of a Mach-O file: where its paths stand


def find_trees(directories: Iterable[str], files: Iterable[str], dist_info: str) -> tuple[str, ...]:
    """The largest directories, parents before children, of which one wheel alone would fill each.

    A package (it has an ``__init__``) is one, and so is a directory without any modules, or with the
    libraries that a wheel brings along (``numpy.libs``); a namespace is what its children are. Whether
    another wheel has the same directory only the installer can know.
    """
    children: dict[str, list[str]] = {"": []}
    for path in sorted(directories):
        children[path] = []
        children.setdefault(posixpath.dirname(path), []).append(path)
    packages: set[str] = set()
    with_modules: set[str] = set()
    for path in files:
        parent, _, name = path.rpartition("/")
        if name in _INIT or (name.startswith("__init__.") and name.endswith((".so", ".pyd"))):
            packages.add(parent)
        if name.endswith((".py", ".pyc", ".so", ".pyd", ".pyi")):
            while parent and parent not in with_modules:
                with_modules.add(parent)
                parent = parent.rpartition("/")[0]
    found: list[str] = []
    waiting = [path for path in reversed(children[""]) if path != dist_info]
    while waiting:
        path = waiting.pop()
        if path in packages or path not in with_modules or path.endswith((".libs", ".dylibs")):
            found.append(path)
        else:
            waiting.extend(reversed(children[path]))
    return tuple(found)


def leads_out(files: str, path: str, directories: frozenset[str]) -> bool:
    """Whether the library at ``path`` below the folder ``files`` looks for others outside of its wheel.

    True as well for what cannot be read: linked file by file, everything works.
    """
    try:
        descriptor = os.open(f"{files}/{path}", READ)
    except OSError:
        return True
    try:
        places = _places(descriptor)
    except (OSError, StructError, ValueError, IndexError, OverflowError):
        return True
    finally:
        os.close(descriptor)
    here = posixpath.dirname(path)
    for place in places:
        for mark in ("$ORIGIN", "${ORIGIN}", "@loader_path"):
            if place.startswith(mark):
                target = posixpath.normpath(posixpath.join(here, place[len(mark) :].lstrip("/") or "."))
                if target not in directories and target != ".":
                    return True
    return False


def _places(descriptor: int) -> list[str]:
    head = _read(descriptor, 64, 0)
    if head[:4] == NATIVE[0]:
        return _elf_places(descriptor, head)
    if head[:4] == NATIVE[3]:
        count = int.from_bytes(head[4:8], "big")
        table = _read(descriptor, 20 * min(count, 32), 8)
        starts = [int.from_bytes(table[at + 8 : at + 12], "big") for at in range(0, len(table) - 19, 20)]
    else:
        starts = [0]
    found: list[str] = []
    for start in starts:
        # Paths of libraries and of where to look for them are plain text among the load commands.
        for part in _read(descriptor, _COMMANDS, start).split(b"\0"):
            if part.startswith(b"@loader_path"):
                found.append(_directory_of(part.decode("utf-8", "replace")))
    return found


def _directory_of(place: str) -> str:
    """A path that names a library means the directory that it is in."""
    return posixpath.dirname(place) if place.endswith((".dylib", ".so")) else place


def _elf_places(descriptor: int, head: bytes) -> list[str]:
    """The search path that the dynamic section of an ELF file has, entry by entry."""
    wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
    if wide:
        offset, size, count = Struct(order + "32xQ14xHH").unpack_from(head)
        segment = Struct(order + "LLQQQQ16x")
    else:
        offset, size, count = Struct(order + "28xL10xHH").unpack_from(head)
        segment = Struct(order + "LLLLL12x")
    raw = _read(descriptor, min(size * count, _MOST), offset)
    loads: list[tuple[int, int, int]] = []
    dynamic = b""
    for at in range(0, size * count, size):
        fields = segment.unpack_from(raw, at)
        kind = fields[0]
        start, address, length = (
            (fields[2], fields[3], fields[5]) if wide else (fields[1], fields[2], fields[4])
        )
        if kind == _PT_LOAD:
            loads.append((address, length, start))
        elif kind == _PT_DYNAMIC:
            dynamic = _read(descriptor, min(length, _MOST), start)
            if len(dynamic) < length:
                raise ValueError("a dynamic section that is cut short")
    entry = Struct(order + ("qQ" if wide else "lL"))
    names: list[int] = []
    strings: int | None = None
    for at in range(0, len(dynamic) - entry.size + 1, entry.size):
        tag, value = entry.unpack_from(dynamic, at)
        if tag == 0:
            break
        if tag == _DT_STRTAB:
            strings = value
        elif tag in (_DT_RPATH, _DT_RUNPATH):
            names.append(value)
    if not names:
        return []
    if strings is None:
        raise ValueError("a search path without strings")
    where = next(
        start + strings - address for address, length, start in loads if 0 <= strings - address < length
    )
    found: list[str] = []
    for name in names:
        text = _read(descriptor, 8192, where + name).partition(b"\0")[0]
        found += text.decode("utf-8", "replace").split(":")
    return found


def _read(descriptor: int, size: int, offset: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)
