"""What operations return: values for ``cli.ui`` to tell, or for ``--json``."""

from __future__ import annotations

import os

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.ops.checkout import Checkout
    from hutch.ops.lawful import Evidence
    from hutch.ops.pip_compile import PipCompileOutcome

__all__ = ["Change", "LockOutcome", "SyncOutcome", "lock_facts", "told_of_files"]


@dataclass(frozen=True, slots=True)
class Change:
    """A package of a lock that came (no ``before``), went (no ``after``) or changed its version."""

    name: str
    before: str | None
    after: str | None

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "before": self.before, "after": self.after}


def lock_facts(outcome: LockOutcome | PipCompileOutcome) -> dict[str, Any]:
    """What every outcome that chose versions says of itself in JSON."""
    return {
        "path": outcome.path,
        "packages": outcome.packages,
        "targets": outcome.targets,
        "changes": [change.to_json() for change in outcome.changes],
        "dropped": [{"target": target, "reason": reason} for target, reason in outcome.dropped],
        "written": outcome.written,
        "dry_run": outcome.dry_run,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOutcome:
    """What ``lock`` did. ``seconds`` is wall time; ``dropped`` are (target, reason) pairs; ``evidence`` is
    what a check judged by."""

    path: str
    packages: int
    targets: int
    changes: tuple[Change, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    written: bool = False
    unchanged: bool = False
    dry_run: bool = False
    seconds: float = 0.0
    evidence: Evidence | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            **lock_facts(self),
            **({"evidence": self.evidence.to_json()} if self.evidence is not None else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """What ``sync`` did, or would do: (name, version) pairs, (name, old, new) for ``updated``.

    ``taken`` are the manifest and the lock that it went by, ``passed_over`` other manifests beside them.
    """

    environment: str
    python: str
    created: bool = False
    installed: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    updated: tuple[tuple[str, str, str], ...] = ()
    reinstalled: tuple[tuple[str, str], ...] = ()
    unchanged: int = 0
    dry_run: bool = False
    seconds: float = 0.0
    lock: LockOutcome | None = field(default=None)
    taken: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    report: Mapping[str, Any] | None = field(default=None, hash=False)

    def to_json(self) -> dict[str, Any]:
        pairs = ("installed", "removed", "reinstalled")
        return {
            "environment": self.environment,
            "python": self.python,
            "created": self.created,
            **{name: [{"name": n, "version": v} for n, v in getattr(self, name)] for name in pairs},
            "updated": [{"name": n, "before": old, "after": new} for n, old, new in self.updated],
            "unchanged": self.unchanged,
            "dry_run": self.dry_run,
            "lock": self.lock.to_json() if self.lock else None,
            "taken": list(self.taken),
            "passed_over": list(self.passed_over),
        }


def told_of_files(checkout: Checkout) -> dict[str, Any]:
    """What the user should know of the choice of files, where there was one."""
    from hutch.ops.manifests import PYPROJECT, others_in

    over = others_in(checkout.root, checkout.file)
    if checkout.file == PYPROJECT:
        # A setup.py, or what `export` wrote, lies beside it as a rule and says nothing else.
        over = tuple(name for name in over if name in ("Pipfile", "pixi.toml"))
    if checkout.foreign is not None:
        from hutch.ops.foreign_lock import locks_beside

        over = (*over, *locks_beside(checkout))
    elif checkout.file == PYPROJECT and not over:
        return {}
    path = checkout.foreign.path if checkout.foreign is not None else checkout.lock_path
    lock = os.path.relpath(path, checkout.root).replace(os.sep, "/")
    known = {os.path.basename(path), lock, *map(os.path.basename, checkout.others)}
    passed_over = tuple(name for name in over if name not in known)
    return {"taken": tuple(dict.fromkeys((checkout.file, lock))), "passed_over": passed_over}
