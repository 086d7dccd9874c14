"""``hutch python dir``: where the Pythons that hutch installs are."""

from __future__ import annotations

from hutch.ops.searching import managed_pythons
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["PythonDirOutcome", "python_dir"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonDirOutcome:
    """The folder; it need not be there yet."""

    path: str

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path}


def python_dir(context: Context) -> PythonDirOutcome:
    """Where they are, or would be."""
    return PythonDirOutcome(path=managed_pythons(context))
