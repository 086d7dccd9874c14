"""The folder of the Pythons that hutch installed: what is there, how one appears, how one goes.

``<key>/`` is an installation, with ``.hutch-build.json``; ``<minor alias>`` a link to the newest patch. An
installation appears by a rename and goes by one, so a reader meets it whole or not at all; an alias is
replaced by a rename of a new link. Locks keep N processes from doing the same work; nothing depends on them.
"""

from __future__ import annotations

import errno
import os

from hutch.errors import Problem
from hutch.interpreters.managed.aliases import FACTS, is_link
from hutch.interpreters.managed.builds import Build, version_key
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

__all__ = ["CannotInstall", "Installed", "Pythons"]

WORK, LOCKS, TABLE = ".work-v1", ".locks", ".table"
_LARGEST = 1 << 16


class CannotInstall(Problem):
    """The disk refuses, where Pythons are kept."""

    code = "cannot-install-python"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            "a Python cannot be put where hutch keeps them",
            why=f"{path}: {reason}",
            hint="HUTCH_DATA_DIR names another place",
        )
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installation: its key and directory, and what is written down of it ("" where it is not).

    ``origin`` is the address without a password, or the path of the archive; ``compiled`` whether it was made
    on this machine.
    """

    key: str
    path: str
    alias: str
    implementation: str
    version: str
    release: str = ""
    free_threaded: bool = False
    filename: str = ""
    sha256: str = ""
    origin: str = ""
    compiled: bool = False

    @property
    def order(self) -> tuple[object, ...]:
        """The newer the greater, among those of one alias."""
        return (version_key(self.version), version_key(self.release or "0"))

    def describe(self) -> str:
        """For people, as a build is described."""
        return as_build(self).describe()


def as_build(installed: Installed) -> Build:
    """What was installed as a build of the table, as far as requests look at one."""
    return Build(
        implementation=installed.implementation,
        version=installed.version,
        free_threaded=installed.free_threaded,
        os="",
        machine="",
        libc="",
        filename=installed.key,
        url="",
        sha256=None,
        release=installed.release,
    )


class Pythons:
    """The folder ``root``; nothing is made before something is put there."""

    def __init__(self, root: str) -> None:
        self.root = root

    def path(self, key: str) -> str:
        """Where the installation of that key is, or would be."""
        return os.path.join(self.root, key)

    def installed(self) -> list[Installed]:
        """All installations, the newest of each implementation first."""
        found = []
        try:
            names = os.listdir(self.root)
        except OSError:
            return []
        for name in names:
            if not name.startswith("."):
                one = self.find(name)
                if one is not None:
                    found.append(one)
        return sorted(
            found,
            key=lambda one: (one.implementation == "cpython", one.implementation, one.order),
            reverse=True,
        )

    def find(self, key: str) -> Installed | None:
        """The installation of that key; None if there is none (an alias is none)."""
        import json

        path = self.path(key)
        if is_link(path):
            return None
        try:
            with open(os.path.join(path, FACTS), encoding="utf-8") as file:
                said = json.loads(file.read(_LARGEST))
        except (OSError, ValueError):
            return None
        if not isinstance(said, dict):
            return None
        names = ("alias", "implementation", "version", "release", "filename", "sha256", "origin")
        texts = {name: said.get(name, "") for name in names}
        if not all(isinstance(text, str) for text in texts.values()) or not _is_name(texts["alias"]):
            return None
        return Installed(
            key=key,
            path=path,
            free_threaded=said.get("free_threaded") is True,
            compiled=said.get("compiled") is True,
            **texts,
        )

    def working(self) -> AbstractContextManager[str]:
        """A folder on the same disk, ours while inside; what others left behind is swept first.

        Raises OSError.
        """
        from hutch.store import sweep, working_folder

        base = os.path.join(self.root, WORK)
        os.makedirs(base, exist_ok=True)
        if not os.access(base, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "it cannot be written to", base)
        sweep(base)
        return working_folder(base)

    def lock(
        self, name: str, waiting: Callable[[str], None] | None = None, timeout: float | None = None
    ) -> AbstractContextManager[bool]:
        """The lock of a key, or of all names (``names``). Raises CannotInstall."""
        from hutch.store import hold

        folder = os.path.join(self.root, LOCKS)
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise CannotInstall(folder, error.strerror or str(error)) from error
        path = os.path.join(folder, f"{name}.lock")
        return hold(path, f"the installation of {name}", timeout=timeout, waiting=waiting)

    def publish(self, tree: str, one: Installed) -> None:
        """Make the directory ``tree``, which lies in a working folder, the installation ``one``.

        What was there under this key goes, at the last moment and by a rename. Raises CannotInstall.
        """
        import json

        from hutch.trees import delete_tree

        facts = {
            "alias": one.alias,
            "implementation": one.implementation,
            "version": one.version,
            "release": one.release,
            "free_threaded": one.free_threaded,
            "filename": one.filename,
            "sha256": one.sha256,
            "origin": one.origin,
            "compiled": one.compiled,
        }
        try:
            with open(os.path.join(tree, FACTS), "w", encoding="utf-8") as file:
                file.write(json.dumps(facts, indent=2) + "\n")
                file.flush()
                os.fsync(file.fileno())
            with self.lock("names"):
                old = ""
                if os.path.lexists(one.path):
                    old = f"{tree}.old"
                    os.rename(one.path, old)
                try:
                    os.rename(tree, one.path)
                except OSError:
                    if old:
                        os.rename(old, one.path)
                    raise
                _sync(self.root)
                self._move_alias(one.alias)
            if old:
                delete_tree(old)
        except OSError as error:
            raise CannotInstall(str(error.filename or one.path), error.strerror or str(error)) from error

    def remove(self, one: Installed) -> None:
        """Take an installation away; its alias goes to the next lower patch, or away as well."""
        from hutch.trees import delete_tree

        try:
            with self.working() as folder:
                gone = os.path.join(folder, "gone")
                with self.lock("names"):
                    if os.path.lexists(one.path):
                        os.rename(one.path, gone)
                    self._move_alias(one.alias)
                delete_tree(gone)
        except OSError as error:
            raise CannotInstall(str(error.filename or one.path), error.strerror or str(error)) from error

    def settle(self) -> None:
        """Put right what a killed process left: its working folder goes, every alias is what it should be."""
        from hutch.store import sweep

        sweep(os.path.join(self.root, WORK))
        wanted = {one.alias: one.key for one in reversed(self.installed())}
        lost = [name for name in self._links() if name not in wanted]
        if not lost and all(self.target(alias) == key for alias, key in wanted.items()):
            return
        try:
            with self.lock("names"):
                for alias in (*wanted, *lost):
                    self._move_alias(alias)
        except OSError as error:
            raise CannotInstall(str(error.filename or self.root), error.strerror or str(error)) from error

    def _links(self) -> list[str]:
        try:
            names = os.listdir(self.root)
        except OSError:
            return []
        return [name for name in names if _is_name(name) and is_link(self.path(name))]

    def target(self, alias: str) -> str:
        """The key that an alias stands for; "" if it is none."""
        try:
            return os.path.basename(os.readlink(self.path(alias)).rstrip("\\/"))
        except (OSError, ValueError):
            return ""

    def _move_alias(self, alias: str) -> None:
        path = self.path(alias)
        those = [one for one in self.installed() if one.alias == alias and one.key != alias]
        newest = max(those, key=lambda one: one.order, default=None)
        if newest is None:
            if is_link(path):
                _remove_link(path)
        elif self.target(alias) != newest.key and (is_link(path) or not os.path.lexists(path)):
            _put_link(newest.path, path)
            _sync(self.root)


def newest_first(these: Iterable[Installed]) -> list[Installed]:
    """In the order of versions, the newest first."""
    return sorted(these, key=lambda one: one.order, reverse=True)


def _put_link(target: str, path: str) -> None:
    """A link at ``path`` to the directory beside it: relative, so that the folder can be moved."""
    if os.name == "nt":
        import _winapi

        if is_link(path):
            _remove_link(path)
        _winapi.CreateJunction(target, path)  # type: ignore[attr-defined]
        return
    temporary = f"{path}.{os.getpid()}.new"
    try:
        try:
            os.symlink(os.path.basename(target), temporary)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            return  # a disk without links: environments are made from the exact patch there
        os.replace(temporary, path)
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)


def _remove_link(path: str) -> None:
    if os.path.islink(path) and os.name != "nt":
        os.unlink(path)
    else:
        os.rmdir(path)  # a junction is removed as a directory; what it leads to stays


def _sync(folder: str) -> None:
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _is_name(text: str) -> bool:
    import re

    return re.fullmatch(r"[a-z][\w.+-]*", text) is not None
