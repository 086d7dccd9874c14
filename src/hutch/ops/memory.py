"""What hutch remembers of a project between commands, to be quick: nothing that cannot be lost."""

from __future__ import annotations

from hutch.spec import short_sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["Memory"]

MOST = 4000


class Memory:
    """Requirement texts already split, by project; written back when something was added.

    Splitting the first requirement of a process costs the import of ``packaging``, three times what
    a whole ``hutch lock`` with nothing to do may cost.
    """

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._key = short_sha256(str(context.root).encode())
        self.requirements: dict[str, Any] = {}

    def __enter__(self) -> Memory:
        value = self._store.tables.read("requirements", self._key)
        if isinstance(value, dict):
            self.requirements = value
        self._size = len(self.requirements)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and len(self.requirements) != self._size:
            if len(self.requirements) > MOST:
                self.requirements = dict(list(self.requirements.items())[-MOST // 2 :])
            self._store.tables.write("requirements", self._key, self.requirements)
