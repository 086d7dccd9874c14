"""A value with its origin, and the problem with one."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    Rung: TypeAlias = Literal[
        "default",
        "pip-system",
        "system",
        "pip-user",
        "user",
        "pip-environment",
        "pip-file",
        "project",
        "pip-variable",
        "variable",
        "flag",
    ]
else:
    Rung = str

__all__ = ["RUNGS", "ConfigFault", "ConfigProblem", "Origin", "Rung", "Value"]


RUNGS: tuple[Rung, ...] = (
    "default",
    "pip-system",  # pip.conf of the machine
    "system",  # hutch.toml of the machine
    "pip-user",  # pip.conf of the user
    "user",  # hutch.toml of the user, or the one that HUTCH_CONFIG_FILE names
    "pip-environment",  # pip.conf in a virtual environment
    "pip-file",  # what PIP_CONFIG_FILE names
    "project",  # [tool.hutch] in pyproject.toml, and above it hutch.toml beside it
    "pip-variable",  # PIP_*
    "variable",  # HUTCH_*
    "flag",
)
"""From the weakest to the strongest. The wider the scope, the weaker; in one scope pip is the weaker."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was set: its rung, and a place to go and look (``~/…/pip.conf:3``, a variable)."""

    rung: Rung
    place: str
    level: int = 0
    """Orders two places of one rung: the project's hutch.toml over its pyproject.toml."""

    @property
    def rank(self) -> tuple[int, int]:
        """The higher, the stronger."""
        return (RUNGS.index(self.rung), self.level)


@dataclass(frozen=True, slots=True)
class Value:
    """A checked value and its origin. ``base`` is the directory that relative paths in it start from."""

    value: object
    origin: Origin
    base: str = ""


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One setting that cannot be used: where it stands and what is wrong."""

    place: str
    name: str
    reason: str


class ConfigProblem(Problem):
    """Settings cannot be used; ``faults`` are all of them, each with its place."""

    code = "invalid-configuration"

    def __init__(
        self,
        faults: tuple[ConfigFault, ...],
        hint: str = "`hutch config show` shows every setting and where it was set",
    ) -> None:
        self.faults = faults
        super().__init__(
            "a setting cannot be used" if len(faults) == 1 else f"{len(faults)} settings cannot be used",
            why=tuple(f"{fault.place}: {fault.name}: {fault.reason}" for fault in faults),
            hint=hint,
        )
