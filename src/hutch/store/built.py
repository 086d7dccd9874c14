"""Wheels that were built from source, by what they were built from."""

from __future__ import annotations

import os

from hutch.store.problems import store_problem
from hutch.store.tables import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from hutch.store.tables import Tables
    from hutch.store.wheels import StoredWheel, Wheels

__all__ = ["Built", "wheel_of"]


class Built:
    """Which wheel came out of a build. The key is the builder's: source hash, settings, build environment."""

    __slots__ = ("_tables", "_wheels")

    def __init__(self, tables: Tables, wheels: Wheels) -> None:
        self._tables = tables
        self._wheels = wheels

    def find(self, key: str) -> tuple[str, str] | None:
        """File name and SHA-256 of the wheel built for ``key``, if it is still in the store."""
        value = self._tables.read("built", key)
        if not isinstance(value, tuple) or len(value) != 2:
            return None
        filename, sha256 = value
        if not (isinstance(filename, str) and isinstance(sha256, str)):
            return None
        return (filename, sha256) if self._wheels.is_there(sha256) else None

    def find_wheel(self, key: str, *, check: bool = False) -> StoredWheel | None:
        """The wheel built for ``key``, if it is still in the store (and sound, with ``check``)."""
        found = self.find(key)
        return None if found is None else self._wheels.find(found[1], check=check)

    def record(self, key: str, archive: Path | str) -> StoredWheel:
        """Publish the wheel at ``archive`` and remember that it is what ``key`` builds to."""
        import hashlib

        path = os.fspath(archive)
        filename = os.path.basename(path)
        try:
            with open(path, "rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise store_problem(error, f"reading the built {filename}", path) from error
        wheel = self._wheels.publish(path, filename, sha256, hashed=True)
        self._tables.write("built", key, (filename, sha256))
        return wheel


def wheel_of(table: bytes | None) -> str | None:
    """The SHA-256 in a table of what was built."""
    value = unpack(table)
    return value[1] if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str) else None
