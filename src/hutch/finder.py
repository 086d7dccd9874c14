"""Finding hutch's own modules with two calls to the system each, where the standard finder takes six.

A warm ``hutch lock`` imports 130 modules, and a fifth of that is looking for them: directories are looked at
for changes, suffixes tried, paths put together. hutch's modules are where their package is, and their
bytecode beside them; so they are looked for there, and bytecode is believed by the rule of PEP 3147 and
552 as ever: same interpreter, same date and size of the source. Whatever is not just so (no bytecode yet,
hash-based, a zip, another cache prefix) is left to the standard finders, which come next.
See ``docs/performance.md`` for what it is worth.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from types import CodeType, ModuleType

    MAGIC_NUMBER: bytes
else:
    # What `importlib.machinery` and `importlib.util` give out; the import of these two alone costs a
    # tenth of what is saved.
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader

__all__ = ["OwnFinder", "find_quickly"]

_HEAD = MAGIC_NUMBER + b"\0\0\0\0"  # bytecode that is checked by date and size
_CACHED = f".{sys.implementation.cache_tag}.pyc"


class _Loader(SourceFileLoader):
    """The standard loader, with the bytecode at hand."""

    code: bytes | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        code, self.code = self.code, None
        if code is None:
            return super().get_code(fullname)
        import marshal

        loaded: CodeType = marshal.loads(memoryview(code)[16:])
        return loaded


class OwnFinder:
    """A meta path finder for the modules of one package; see the module."""

    def __init__(self, package: str) -> None:
        self._prefix = package + "."

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module beside its package, if its bytecode is there and current; else nothing."""
        if not path or not fullname.startswith(self._prefix):
            return None
        directory, name = path[0], fullname.rpartition(".")[2]
        for place, leaf in ((directory, name), (f"{directory}/{name}", "__init__")):
            spec = _spec(fullname, f"{place}/{leaf}.py", f"{place}/__pycache__/{leaf}{_CACHED}")
            if spec is not None:
                if leaf == "__init__":
                    spec.submodule_search_locations = [place]
                return spec
        return None


def _spec(fullname: str, source: str, cached: str) -> ModuleSpec | None:
    from os import stat

    try:
        status = stat(source)
        with open(cached, "rb") as file:
            code = file.read()
    except OSError:
        return None
    written = int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF
    if code[:8] != _HEAD or written != (_number(code[8:12]), _number(code[12:16])):
        return None
    loader = _Loader(fullname, source)
    loader.code = code
    spec = ModuleSpec(fullname, loader, origin=source)
    spec.has_location = True
    spec.cached = cached
    return spec


def _number(four: bytes) -> int:
    return int.from_bytes(four, "little")


def find_quickly() -> None:
    """Put the finder before the others, once; not where bytecode is kept elsewhere or made otherwise."""
    if sys.flags.optimize or sys.pycache_prefix or any(isinstance(each, OwnFinder) for each in sys.meta_path):
        return
    sys.meta_path.insert(0, OwnFinder(__name__.partition(".")[0]))
