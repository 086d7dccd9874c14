"""Metadata of many versions of one project, in one table.

A solver that walks down the versions of a project looks at hundreds of them, once. In tables of their own
these would be hundreds of files, to be made now and to be opened by the next solve; and who is asked for
one of them is asked for the others as well. The first few have their own, as those of every project.
"""

from __future__ import annotations

from hutch.store.tables import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store import Tables

__all__ = ["FEW", "Walk"]

FEW = 8
"""So many versions of a project are kept by themselves."""
MOST = 20_000
_FORMAT = 1


class Walk:
    """What is remembered of one project, by the key of the metadata, and what came in since."""

    __slots__ = ("_found", "_name", "_tables", "came")

    def __init__(self, tables: Tables, name: str) -> None:
        self._tables = tables
        self._name = name
        self._found: dict[str, object] | None = None
        self.came = 0
        """How many came in."""

    @property
    def is_known(self) -> bool:
        """Whether there is anything, as far as it was looked at."""
        return bool(self._found)

    def get(self, key: str) -> object:
        """What is kept under ``key``, None for nothing. Reads the table when it is first asked."""
        return self._all().get(key)

    def keep(self, key: str, value: object) -> None:
        """Keep it until the end of the command, and then in the store."""
        found = self._all()
        found[key] = value
        if len(found) > MOST:
            del found[next(iter(found))]
        self._tables.write_late("metadata", self._key(), self._packed)

    def _packed(self) -> bytes:
        return pack((_FORMAT, self._all()))

    def _key(self) -> str:
        return f"walk/{self._name}"

    def _all(self) -> dict[str, object]:
        if self._found is None:
            value = self._tables.read("metadata", self._key())
            usable = isinstance(value, tuple) and len(value) == 2 and value[0] == _FORMAT
            found = value[1] if usable else None  # type: ignore[index]
            self._found = found if isinstance(found, dict) else {}
        return self._found
