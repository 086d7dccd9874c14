"""Which paths leave when distributions are uninstalled: few, because whole directories go as one.

A directory in which everything belongs to what is removed (bytecode of removed modules included) is one
path; where anything else lies, the directory stays and its owned children are told one by one. Symbolic
links are taken away as links and never entered, so nothing outside the environment can be reached.
"""

from __future__ import annotations

import os
import stat

from hutch.env.conda_files import is_conda
from hutch.env.records import Owners, read_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["find_moves", "is_protected"]

INTERPRETERS = ("pythonw", "python", "pypyw", "pypy", "graalpy")
ACTIVATION = frozenset(
    [
        "activate",
        "deactivate",
        "activate_this.py",
        "deactivate.bat",
        "deactivate.nu",
        "deactivate.csh",
        "pydoc.bat",
    ]
)


def find_moves(
    root: str,
    structure: Iterable[str],
    scripts: str,
    dist_infos: Iterable[str],
    owners: Owners,
    *,
    prefix: bool = False,
    also: Iterable[str] = (),
) -> list[str]:
    """The paths (relative to ``root``) that the distributions with these ``dist_infos`` leave, these first.

    ``structure`` are directories of the environment itself, which stay though they become empty;
    ``owners`` are the distributions that stay, whose files stay too. Of a ``prefix`` Python itself may go.
    ``also`` are files of nobody's that go in any case.
    """
    gone: dict[str, str] = {}
    whole: list[str] = []
    for dist_info in dist_infos:
        gone.update(read_record(root, dist_info))
        whole.append(dist_info)
    inside = tuple(f"{one}/" for one in whole)
    gone = {
        path: digest
        for path, digest in gone.items()
        if not path.startswith(inside) and not is_protected(path, scripts, prefix=prefix)
    }
    for path in owners.shared(gone):
        if not _is_ours(root, path, gone[path], owners):
            del gone[path]
    # The record of where each package's `dist-info` lies is enough for it: the directory goes as a whole.
    whole = [path for path in whole if _is_directory(os.path.join(root, path)) or _is_meta(root, path)]
    walk = _Walk(root, {*gone, *also}, frozenset(structure), owners if prefix else None)
    walk.whole.update(whole)
    return whole + walk.moves()


def _is_ours(root: str, path: str, digest: str, owners: Owners) -> bool:
    """Whether a file that distributions that stay have recorded too is that of the removed one all the same.

    So it is for a command that was taken over: the other RECORD speaks of what was there before.
    """
    others = [known for _, known in owners.of(path)]
    if not digest or "" in others or digest in others:
        return False
    from hashlib import sha256

    from hutch.spec.digest import record_text

    try:
        with open(os.path.join(root, path), "rb") as file:
            found = record_text(sha256(file.read()).digest())
    except OSError:
        return False
    return digest == f"sha256={found}"


def _is_meta(root: str, path: str) -> bool:
    """Whether there is a record of conda's."""
    return is_conda(path) and os.path.isfile(os.path.join(root, path))


def is_protected(path: str, scripts: str, *, prefix: bool = False) -> bool:
    """Whether ``path`` is what makes the environment one: no package may write or remove it.

    In a ``prefix`` of conda's Python and its settings are packages' like everything else.
    """
    first, _, rest = path.partition("/")
    # In any letter case: on some disks they are one.
    first = first.lower()
    if prefix:
        return first in (".hutch", "conda-meta", ".git", "pyvenv.cfg")
    if not rest:
        return first in (
            "pyvenv.cfg",
            ".gitignore",
            "cachedir.tag",
            ".hutch",
            "lib64",
            "lib",
            "bin",
            "scripts",
            "pip.conf",  # settings of pip, and so of hutch: where later packages come from
            "pip.ini",
            "conda-meta",
            ".git",
        )
    if first in (".hutch", "conda-meta", ".git"):
        return True
    if first != scripts.lower() or "/" in rest:
        return False
    name = rest.lower()
    if name in ACTIVATION or name.startswith("activate."):
        return True
    # Beside `python`, `python._pth` says where the whole standard library is.
    stem = name.removesuffix("._pth").removesuffix(".exe").removesuffix(".dll")
    for interpreter in INTERPRETERS:
        if stem.startswith(interpreter):
            # python, python3, python3.13t, python_d: but not python-config, nor pythonista.
            return not stem[len(interpreter) :].strip("0123456789.td_")
    return False


def _is_directory(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _is_file(path: str) -> bool:
    """Whether something is there that is no directory: a link counts, wherever it leads."""
    return os.path.lexists(path) and not _is_directory(path)


class _Walk:
    def __init__(
        self, root: str, gone: set[str], structure: frozenset[str], owners: Owners | None = None
    ) -> None:
        self._root = root
        self._owners = owners
        self.whole: set[str] = set()
        self._gone = gone
        self._structure = structure
        self._children: dict[str, set[str]] = {}
        for path in gone:
            parent, _, name = path.rpartition("/")
            while True:
                names = self._children.setdefault(parent, set())
                if name in names:
                    break
                names.add(name)
                if not parent:
                    break
                parent, _, name = parent.rpartition("/")

    def moves(self) -> list[str]:
        return self._structural("") if self._gone else []

    def _structural(self, directory: str) -> list[str]:
        """Of a directory that stays in any case only the children that we know are looked at."""
        found: list[str] = []
        names = self._children.get(directory, set())
        for name in sorted(names):
            path = f"{directory}/{name}" if directory else name
            if path in self._structure:
                found += self._structural(path)
            elif (path in self._children or path in self._gone) and _is_directory(
                os.path.join(self._root, path)
            ):
                found += self._below(path)
            elif path in self._gone and _is_file(os.path.join(self._root, path)):
                found.append(path)
        if "__pycache__" not in names and any(name.endswith(".py") for name in names):
            cache = f"{directory}/__pycache__"
            if _is_directory(os.path.join(self._root, cache)):
                found += self._below(cache)
        return found

    def _below(self, directory: str) -> list[str]:
        """``directory`` itself if all in it is owned, else the owned paths below it, which may be none."""
        owned: list[str] = []
        foreign = False
        cache = directory.endswith("/__pycache__")
        parent = directory.rpartition("/")[0]
        with os.scandir(os.path.join(self._root, directory)) as entries:
            for entry in entries:
                path = f"{directory}/{entry.name}"
                if path in self.whole:
                    continue  # it has gone before
                if not entry.is_dir(follow_symlinks=False):
                    if path in self._gone or (cache and self._is_bytecode(entry.name, parent)):
                        owned.append(path)
                    else:
                        foreign = True
                elif path in self._children or path in self._gone or entry.name == "__pycache__":
                    inner = self._below(path)
                    owned += inner
                    foreign = foreign or inner != [path]
                else:
                    foreign = True
        # A package that stays may want it to be there though nothing is in it.
        foreign = foreign or (self._owners is not None and bool(self._owners.of(directory)))
        return owned if foreign else [directory]

    def _is_bytecode(self, name: str, parent: str) -> bool:
        """``x.cpython-312.pyc`` (or ``.opt-1``, or a temporary of its writing) of a removed ``x.py``."""
        stem, dot, rest = name.partition(".")
        return bool(dot) and ".pyc" in f".{rest}" and f"{parent}/{stem}.py" in self._gone
