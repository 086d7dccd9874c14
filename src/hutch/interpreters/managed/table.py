"""Where the table of builds is on this machine, and its digest in the store.

The newest of two: the `versions.json` of pbs-installer beside hutch, and one that was fetched since, in the
folder of Pythons. The library is not imported: its file is data.
"""

from __future__ import annotations

import os
import sys

from hutch.interpreters.managed.builds import Build, InvalidTable, builds_from, parse_versions, to_row
from hutch.interpreters.managed.graalpy import graalpy_builds
from hutch.interpreters.managed.place import TABLE
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters.managed.host import Host
    from hutch.interpreters.probe import FactsStore

__all__ = ["Table", "keep_table", "newest_table", "read_table", "shipped_table"]

KIND = "pythons"
FORMAT = 1
LARGEST = 64 << 20
_PREFIX, _SUFFIX = "pbs-installer-", ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file with a table, and the version of pbs-installer that it is of."""

    path: str
    version: str

    @property
    def order(self) -> tuple[int, ...]:
        """The newer the greater."""
        return tuple(int(part) for part in self.version.split(".") if part.isdigit())


def shipped_table(path: list[str] | None = None) -> Table | None:
    """The table of the library beside hutch; None where it is not installed."""
    for entry in sys.path if path is None else path:
        file = os.path.join(entry or os.getcwd(), "pbs_installer", "versions.json")
        if os.path.isfile(file):
            try:
                names = os.listdir(entry or os.getcwd())
            except OSError:
                names = []
            for name in names:
                if name.startswith("pbs_installer-") and name.endswith(".dist-info"):
                    return Table(path=file, version=name[len("pbs_installer-") : -len(".dist-info")])
            return Table(path=file, version="0")
    return None


def fetched_table(root: str) -> Table | None:
    """The newest table that was fetched into the folder of Pythons."""
    folder = os.path.join(root, TABLE)
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    found = [
        Table(path=os.path.join(folder, name), version=name[len(_PREFIX) : -len(_SUFFIX)])
        for name in names
        if name.startswith(_PREFIX) and name.endswith(_SUFFIX)
    ]
    return max(found, key=lambda table: table.order, default=None)


def newest_table(root: str) -> Table | None:
    """The newest of all, if there is any."""
    found = [table for table in (shipped_table(), fetched_table(root)) if table is not None]
    return max(found, key=lambda table: table.order, default=None)


def keep_table(root: str, data: bytes, version: str, host: Host) -> Table:
    """Keep a fetched table, once it is seen to be one; older ones go. Raises InvalidTable and OSError."""
    from hutch.store.disk import write_atomic

    parse_versions(data, host, where=f"pbs-installer {version}")
    folder = os.path.join(root, TABLE)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{_PREFIX}{version}{_SUFFIX}")
    write_atomic(path, data, sync=True)
    for name in os.listdir(folder):
        if name.startswith(_PREFIX) and os.path.join(folder, name) != path:
            os.unlink(os.path.join(folder, name))
    return Table(path=path, version=version)


def read_table(table: Table | None, host: Host, store: FactsStore | None) -> tuple[Build, ...]:
    """The builds of ``table`` for ``host``, GraalPy's with them; from the digest where it still holds.

    Raises InvalidTable.
    """
    if table is None:
        return graalpy_builds(host, ())
    try:
        status = os.stat(table.path)
    except OSError as error:
        raise InvalidTable(table.path, error.strerror or str(error)) from error
    stamp = (FORMAT, table.path, status.st_size, status.st_mtime_ns, host.os, host.machine, host.libc)
    key = _key(table.path, host)
    value = store.tables.read(KIND, key) if store is not None else None
    if isinstance(value, tuple) and len(value) == 2 and value[0] == stamp:
        return builds_from(value[1])
    try:
        with open(table.path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise InvalidTable(table.path, error.strerror or str(error)) from error
    if len(data) > LARGEST:
        raise InvalidTable(table.path, "it is too long to be one")
    builds = parse_versions(data, host, where=table.path)
    builds = (*builds, *graalpy_builds(host, builds))
    if store is not None:
        store.tables.write(KIND, key, (stamp, tuple(to_row(build) for build in builds)))
    return builds


def _key(path: str, host: Host) -> str:
    from zlib import adler32, crc32

    data = os.fsencode(f"{path}\0{host.os}\0{host.machine}\0{host.libc}")
    return f"{crc32(data):08x}{adler32(data):08x}"
