"""From an archive to the tree of an installation, in a working folder: refused, or whole.

Four layouts: ``python/…`` (python-build-standalone, *install only*), ``python/install/…`` (*full* archives,
of which nothing else is taken), ``pypy3.10-v7.3.17-linux64/…`` and ``graalpy-…/…``. Which it is, is seen, not
told by the name.
"""

from __future__ import annotations

import os

from hutch.interpreters.managed.builds import archive_form
from hutch.interpreters.managed.problems import InvalidPythonArchive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store import TreeLimits

__all__ = ["check_magic", "unpack_python"]

_MAGIC = {
    "gz": b"\x1f\x8b",
    "zst": b"\x28\xb5\x2f\xfd",
    "bz2": b"BZh",
    "xz": b"\xfd7zXZ\0",
    "zip": b"PK\x03\x04",
}
_FULL = "python/install/"
_OF_FULL = ("python/build/", "python/licenses/", "python/PYTHON.json")


def check_magic(path: str, filename: str) -> str:
    """How the archive is packed, by its name and its first bytes, which have to agree."""
    form = archive_form(filename)
    if form is None:
        raise InvalidPythonArchive(
            filename, "its name does not end as that of an archive (.tar.gz, .tar.zst)"
        )
    try:
        with open(path, "rb") as file:
            begin = file.read(8)
    except OSError as error:
        raise InvalidPythonArchive(filename, error.strerror or "it cannot be read") from error
    if not begin.startswith(_MAGIC[form]):
        raise InvalidPythonArchive(filename, f"it is no .{form} archive, whatever its name says")
    return form


def unpack_python(path: str, filename: str, into: str, *, limits: TreeLimits | None = None) -> str:
    """Unpack the archive at ``path`` below the folder ``into``; the directory of the installation.

    Raises InvalidPythonArchive; then the caller removes ``into`` with all that is in it.
    """
    from pathlib import Path

    from hutch.store import TreeLimits, TreeWriter, read_into_tree

    form = check_magic(path, filename)
    writer = TreeWriter(filename, Path(into), limits or TreeLimits(), _refused, packed=os.stat(path).st_size)
    whole = _Whole()
    read_into_tree(Path(path), form, writer, choose=whole.wants)
    top = str(writer.finish())
    inner = os.path.join(top, "install")
    root = inner if whole.is_full and os.path.isdir(inner) else top
    if not _has_python(root):
        raise InvalidPythonArchive(filename, "there is no Python in it")
    return root


class _Whole:
    """Tells what is wanted of an archive that holds a whole build: the installation in it."""

    def __init__(self) -> None:
        self.is_full = False

    def wants(self, name: str) -> bool:
        """Whether the entry is wanted. The description of a build comes first, and gives it away."""
        plain = name.removeprefix("./")
        if plain.startswith(_OF_FULL):
            self.is_full = True
            return False
        if plain.startswith(_FULL):
            self.is_full = True
        return True


def _refused(archive: str, reason: str, member: str, too_much: bool) -> InvalidPythonArchive:
    return InvalidPythonArchive(archive, reason, member=member, too_much=too_much)


def _has_python(root: str) -> bool:
    from hutch.interpreters.probe import python_in

    return any_program(root) is not None or python_in(root) is not None


def any_program(root: str) -> str | None:
    """The interpreter of an installation that may have no `python` yet: ``bin/python3.12``, ``bin/pypy3``."""
    folder = os.path.join(root, "bin")
    try:
        names = sorted(os.listdir(folder), key=lambda name: (len(name), name))
    except OSError:
        return None
    import re

    for name in names:
        # `python3.12-config` and `python3.12m` are others.
        if re.fullmatch(r"(python|pypy|graalpy)(\d+(\.\d+)?t?)?", name):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return None
