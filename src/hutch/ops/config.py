"""``hutch config show``: every setting, its value, and who said so."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["ConfigShowOutcome", "config_show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigShowOutcome:
    """(setting, value, origin) rows; secrets are never in them."""

    rows: tuple[tuple[str, object, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {"settings": [{"name": n, "value": v, "origin": o} for n, v, o in self.rows]}


def config_show(context: Context) -> ConfigShowOutcome:
    """The configuration that a command run here would have."""
    return ConfigShowOutcome(rows=tuple(context.configuration.rows()))
