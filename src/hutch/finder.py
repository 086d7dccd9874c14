"""Finding hutch's own modules with five calls to the system each, where the standard finder takes a dozen.

A warm ``hutch lock`` imports 150 modules, and a fifth of that is looking for them: directories are looked at
for changes, suffixes tried, paths put together. hutch's modules are where their package is, and their
bytecode beside them; so they are looked for there, and bytecode is believed by the rule of PEP 3147 and
552 as ever: same interpreter, same date and size of the source. Where there is none, because nobody may write
it there, it may be in the cache (``hutch.kept_code``); else the source is compiled. Whatever is not just so
(bytecode that goes by hashes, a zip, another cache prefix) is left to the standard finders, which come next.
See ``docs/explanation/start-up.md`` for what it is worth.
"""

from __future__ import annotations

import os
import sys
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from os import stat_result
    from types import CodeType, ModuleType
    from typing import Any

    MAGIC_NUMBER: bytes
else:
    # What `importlib.machinery` and `importlib.util` give out; the import of these two alone costs a
    # tenth of what is saved.
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader

__all__ = ["OwnFinder", "find_quickly", "finder_in_use"]

_HEAD = MAGIC_NUMBER + b"\0\0\0\0"  # bytecode that is checked by date and size
_CACHED = f".{sys.implementation.cache_tag}.pyc"
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class _Loader(SourceFileLoader):
    """The standard loader, with the bytecode at hand, or with somebody who keeps what had to be compiled."""

    code: bytes | None = None
    finder: OwnFinder
    written: tuple[int, int]

    def get_code(self, fullname: str) -> CodeType | None:
        code, self.code = self.code, None
        if code is None:
            return super().get_code(fullname)
        loaded: CodeType = loads(code)
        return loaded

    def source_to_code(self, data: Any, path: Any, **more: Any) -> CodeType:  # type: ignore[override]
        code: CodeType = super().source_to_code(data, path, **more)
        self.finder.compiled[self.name] = (path, *self.written, code)
        return code


class OwnFinder:
    """A meta path finder for the modules of one package; see the module.

    ``compiled`` has what had to be compiled: source, its date in nanoseconds and size before, code.
    """

    def __init__(self, package: str) -> None:
        self._prefix = package + "."
        self._kept: dict[str, tuple[int, int, bytes]] | None = None
        self.compiled: dict[str, tuple[str, int, int, CodeType]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module beside its package, if it is as modules are; else nothing."""
        if not path or not fullname.startswith(self._prefix):
            return None
        place, name, package = path[0], fullname.rpartition(".")[2], False
        source = f"{place}/{name}.py"
        try:
            status = os.stat(source)
        except OSError:
            place, name, package = f"{place}/{name}", "__init__", True
            source = f"{place}/__init__.py"
            try:
                status = os.stat(source)
            except OSError:
                return None
        cached = f"{place}/__pycache__/{name}{_CACHED}"
        loader = _Loader(fullname, source)
        data = _read(cached)
        if (
            data is not None
            and data[:8] == _HEAD
            and int.from_bytes(data[8:12], "little") == int(status.st_mtime) & 0xFFFFFFFF
            and int.from_bytes(data[12:16], "little") == status.st_size & 0xFFFFFFFF
        ):
            loader.code = data[16:]
        elif data is not None and data[:4] == MAGIC_NUMBER and data[4:8] != b"\0\0\0\0":
            return None
        elif fullname == "hutch.kept_code":
            return None  # which cannot be in what it reads
        else:
            self._without_bytecode(loader, status)
        spec = ModuleSpec(fullname, loader, origin=source)
        spec.has_location = True
        spec.cached = cached
        if package:
            spec.submodule_search_locations = [place]
        return spec

    def _without_bytecode(self, loader: _Loader, status: stat_result) -> None:
        """Take it from the cache, or have it compiled by the standard loader, which writes it if it may."""
        loader.finder, loader.written = self, (status.st_mtime_ns, status.st_size)
        if self._kept is None:
            self._kept = {}  # meanwhile: this imports as well
            from hutch.kept_code import read_kept

            self._kept = read_kept()
        kept = self._kept.get(loader.name)
        if kept is not None and kept[:2] == loader.written:
            loader.code = kept[2]


def _read(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return None
    try:
        return os.read(descriptor, os.fstat(descriptor).st_size)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def find_quickly() -> None:
    """Put the finder before the others, once; not where bytecode is kept elsewhere or made otherwise."""
    if sys.flags.optimize or sys.pycache_prefix or finder_in_use() is not None:
        return
    sys.meta_path.insert(0, OwnFinder(__name__.partition(".")[0]))


def finder_in_use() -> OwnFinder | None:
    """The finder of this process."""
    return next((each for each in sys.meta_path if isinstance(each, OwnFinder)), None)
