"""A source tree of CPython: which version it is, where one is in an archive, and why a build of it failed."""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.store import TreeLimits

__all__ = [
    "BuildFailed",
    "NoCompiler",
    "NotASource",
    "has_been_built",
    "likely_cause",
    "source_version",
    "unpack_source",
]

OLDEST = (3, 8)
_LARGEST = 1 << 18


class NotASource(Problem):
    """What should be the source of CPython is none."""

    code = "not-a-python-source"

    def __init__(self, what: str, reason: str) -> None:
        from hutch.spec import safe_text

        super().__init__(
            f"{safe_text(what)} is no source of CPython that can be built",
            why=safe_text(reason),
            hint="name a folder or an archive as its makers publish it: Python-3.13.5.tar.xz",
        )


class NoCompiler(Problem):
    """There is nothing to compile with."""

    code = "no-compiler"

    def __init__(self, missing: Sequence[str], line: str | None) -> None:
        super().__init__(
            f"Python cannot be built here: there is no {' and no '.join(missing)}",
            why="nothing was begun",
            hint=(line or "install a C compiler and make", "hutch python install fetches one that is built"),
        )
        self.missing = tuple(missing)


class BuildFailed(Problem):
    """A step of the build ended badly; ``log`` is the file with all that it said."""

    code = "python-build-failed"

    def __init__(self, name: str, step: str, log: str, tail: Sequence[str], cause: str, hint: str) -> None:
        from hutch.spec import safe_text

        why = [cause] if cause else []
        why += [f"  {safe_text(line)[:200]}" for line in tail]
        super().__init__(
            f"building {name} failed at `{step}`",
            why=(*why, f"the whole log: {log}"),
            hint=hint or (),
        )
        self.step = step
        self.log = log
        self.cause = cause


def source_version(tree: str) -> str:
    """``3.13.5``, ``3.15.0a2``: what the tree says it is. Raises NotASource."""
    import re

    from hutch.plain import read_plain

    name = os.path.basename(tree)
    if not os.path.isfile(os.path.join(tree, "configure")):
        raise NotASource(name, "there is no `configure` in it")
    try:
        text = read_plain(os.path.join(tree, "Include", "patchlevel.h"), _LARGEST).decode("ascii", "replace")
    except OSError as error:
        raise NotASource(name, "there is no Include/patchlevel.h in it") from error
    said = re.search(
        r'^#define\s+PY_VERSION\s+"(\d{1,2}\.\d{1,3}\.\d{1,3}(?:(?:a|b|rc)\d{1,3})?)\+?"', text, re.M
    )
    if said is None:
        raise NotASource(name, "its Include/patchlevel.h says no version")
    version = said[1]
    if tuple(int(number) for number in version.split(".")[:2]) < OLDEST:
        raise NotASource(name, f"it is Python {version}; hutch builds 3.8 and newer")
    return version


def has_been_built(tree: str) -> bool:
    """Whether somebody has built in the tree itself, so that CPython cannot be built beside it."""
    return any(
        os.path.lexists(os.path.join(tree, name)) for name in ("Makefile", "pyconfig.h", "config.status")
    )


def unpack_source(path: str, into: str, *, limits: TreeLimits | None = None) -> str:
    """Unpack an archive below the folder ``into``; the source tree. Raises NotASource."""
    from pathlib import Path

    from hutch.interpreters.managed.builds import archive_form
    from hutch.interpreters.managed.unpack import check_magic
    from hutch.store import TreeLimits, TreeWriter, read_into_tree

    name = os.path.basename(path)
    form = archive_form(name)
    if form is None or form == "zip":
        raise NotASource(name, "its name does not end as that of a tar archive (.tar.xz, .tgz, .tar.bz2)")
    check_magic(path, name)
    writer = TreeWriter(name, Path(into), limits or TreeLimits(), _refused, packed=os.stat(path).st_size)
    read_into_tree(Path(path), form, writer)
    return str(writer.finish())


def _refused(archive: str, reason: str, member: str, too_much: bool) -> NotASource:
    return NotASource(archive, f"{member}: {reason}" if member else reason)


_CAUSES = (
    (r"No space left on device", "the disk is full", "make room, or name another disk by HUTCH_DATA_DIR"),
    (r"(?:Killed|internal compiler error: Killed|Cannot allocate memory|virtual memory exhausted)",
     "the machine ran out of memory", "fewer steps at once: --jobs 1"),
    (r"C compiler cannot create executables", "the compiler does not work", ""),
    (r"source directory (?:is )?already configured|source tree is not clean",
     "somebody has built in the source tree", "make distclean there, or name the archive"),
    (r"fatal error: '?([\w./+-]+\.h)'?(?: file not found|: No such file)", "the header {0} is missing", ""),
    (r"ld: (?:cannot find|library not found for|library) '?-?l?([\w+.-]+)'?",
     "the linker does not find {0}", ""),
    (r"zipimport\.ZipImportError: can't decompress data; zlib not available|No module named '?zlib",
     "zlib is missing, which pip cannot do without", "install the headers of zlib"),
    (r"configure: error: (.{1,200})", "{0}", ""),
    (r"Permission denied", "something may not be written or executed (a disk mounted noexec?)", ""),
    (r"Clock skew detected|modification time .* in the future", "the clock was turned back", ""),
)  # fmt: skip


def likely_cause(log: str) -> tuple[str, str]:
    """Why it failed, and what helps, as far as its log tells; the first of what is known to go wrong."""
    import re

    for pattern, cause, hint in _CAUSES:
        found = re.search(pattern, log)
        if found is not None:
            return cause.format(*found.groups()), hint
    return "", ""
