"""``hutch pip lock``: what would be installed here, as a ``pylock.toml`` (PEP 751)."""

from __future__ import annotations

import os
import time

from hutch.ops.pip_choosing import PipWanted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["PipLockOptions", "PipLockOutcome", "pip_lock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipLockOptions(PipWanted):
    """The options of ``pip lock``, named as on the command line."""

    output: str = "pylock.toml"
    editable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PipLockOutcome:
    """The text; ``path`` is the file that it is in, None for standard output."""

    text: str
    path: str | None
    packages: int
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "packages": self.packages, "text": self.text, "dry_run": self.dry_run}


def pip_lock(context: Context, options: PipLockOptions) -> PipLockOutcome:
    """Solve for this Python, and write down the files with their hashes."""
    start = time.monotonic()
    from hutch.errors import UsageProblem
    from hutch.lock import Lock, render_lock
    from hutch.ops.checkout import write_text
    from hutch.ops.pip_choosing import choose
    from hutch.ops.pip_pylock import is_lock

    path = None if os.path.basename(options.output) == "-" else context.path(options.output)
    if path is not None and not (is_lock(path)):
        raise UsageProblem(
            f"{os.path.basename(path)} is no name of a lock",
            why="installers know one by its name (PEP 751)",
            hint="pylock.toml, or pylock.NAME.toml",
        )
    if path is not None and os.path.basename(path) == "pylock.toml" and _is_of_project(path):
        raise UsageProblem(
            "pylock.toml here is the lock of a project",
            why="hutch lock writes it, for all targets of the project",
            hint=("hutch lock", "name another one: -o pylock.NAME.toml"),
        )
    base = os.path.dirname(path) if path is not None else None
    choice = choose(context, options, "lock", editables=options.editable, base=base)
    if choice.resolved is None:
        raise UsageProblem(f"{options.requirement[0]} is a lock already")
    alive = choice.resolved.resolution.targets
    lock = Lock(
        packages=choice.packages,
        environments=choice.resolved.targets.environments(alive),
        created_by="hutch",
    )
    # The first line is that of a project's lock, which says what to edit instead.
    body = render_lock(lock).partition("\n")[2]
    text = f"# Written by `hutch pip lock`, for one Python and system\n{body}"
    if path is not None and not options.dry_run:
        write_text(path, text)
    return PipLockOutcome(
        text=text,
        path=path,
        packages=len(choice.packages),
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _is_of_project(path: str) -> bool:
    """Does hutch keep this lock for a project?"""
    if not os.path.isfile(path):
        return False
    from hutch.ops.checkout import read_text

    return "\n[tool.hutch]\n" in read_text(path)
