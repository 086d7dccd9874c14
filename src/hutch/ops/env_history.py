"""``hutch env history``: the generations of an environment."""

from __future__ import annotations

import os

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = ["Generation", "HistoryOutcome", "env_history", "history_of", "steps_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A state of an environment.

    ``time`` is Unix time; ``steps`` are what changed against the one before; ``kept_bytes`` is what the disk
    holds so that one can come back to it, and for nothing else. ``foreign`` ones came about without hutch.
    """

    number: int
    time: float
    command: str
    steps: tuple[tuple[str, ...], ...]
    packages: int
    kept_bytes: int = 0
    foreign: bool = False
    restores: int | None = None
    current: bool = False

    def to_json(self) -> dict[str, Any]:
        from datetime import UTC, datetime

        return {
            "number": self.number,
            "time": datetime.fromtimestamp(self.time, UTC).isoformat(timespec="seconds"),
            "command": self.command,
            "by_hutch": not self.foreign,
            "changes": steps_json(self.steps),
            "packages": self.packages,
            "kept_bytes": self.kept_bytes,
            "restores": self.restores,
            "current": self.current,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOutcome:
    """The generations, oldest first. ``since`` is what somebody else has changed since the last."""

    environment: str
    generations: tuple[Generation, ...]
    since: tuple[tuple[str, ...], ...] = ()
    pinned: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "generations": [each.to_json() for each in self.generations],
            "changed_since": steps_json(self.since),
            "rolled_back_to": self.pinned,
        }


def steps_json(steps: tuple[tuple[str, ...], ...]) -> list[dict[str, str | None]]:
    """``[{"name": …, "before": …, "after": …}]``."""
    found: list[dict[str, str | None]] = []
    for sign, name, *versions in steps:
        found.append(
            {
                "name": name,
                "before": None if sign == "+" else versions[0],
                "after": None if sign == "-" else versions[-1],
            }
        )
    return found


def env_history(context: Context) -> HistoryOutcome:
    """What is known of the environment's past."""
    from hutch.ops.present import present_environment

    return history_of(present_environment(context))


def history_of(environment: Environment) -> HistoryOutcome:
    """What is known of the past of this environment."""
    from hutch.env import foreign_steps, kept_bytes, packages_now, pinned_generation, read_history

    root = environment.root
    history = read_history(root)
    installed = {str(name): one for name, one in environment.installed().items()}
    newest = history[-1] if history else None
    now = packages_now(root, installed, newest)
    # What a change took away is what there was before it.
    kept = [kept_bytes(root, record.name) for record in history[1:]] + [0]
    generations = tuple(
        Generation(
            number=record.number,
            time=record.time,
            command=record.command,
            steps=record.steps,
            packages=len(record.packages),
            kept_bytes=size,
            foreign=record.foreign,
            restores=record.restores,
            current=record is newest,
        )
        for record, size in zip(history, kept, strict=False)
    )
    return HistoryOutcome(
        environment=os.path.abspath(root),
        generations=generations,
        since=foreign_steps(newest, now),
        pinned=pinned_generation(root),
    )
