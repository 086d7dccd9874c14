"""What one lock changes in another: for summaries, ``hutch diff`` and ``--dry-run``."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from hutch.lock.conda_model import CondaLock
    from hutch.lock.lockfile import Lock
    from hutch.lock.model import LockedPackage
    from hutch.spec import NormalizedName

__all__ = ["Change", "diff_locks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One name whose versions differ. ``before`` and ``after`` are in the order of the locks.

    A package that comes from elsewhere stands there as ``path``, a short commit or a URL.
    ``updated`` with equal versions means that only the source changed. Of ``conda`` are those that come from
    its channels, whose versions have their builds behind them.
    """

    name: NormalizedName
    kind: Literal["added", "removed", "updated"]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    conda: bool = False


def diff_locks(old: Lock | None, new: Lock) -> tuple[Change, ...]:
    """The changes from ``old`` (None: nothing was locked) to ``new``, by name."""
    changes = _changes(_versions(old), _versions(new), conda=False)
    had, has = old.conda if old is not None else None, new.conda
    if had is not None or has is not None:
        changes += _changes(_records(had), _records(has), conda=True)
    return tuple(changes)


def _changes(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]], *, conda: bool
) -> list[Change]:
    changes = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        kind: Literal["added", "removed", "updated"] = "updated"
        if was is None or now is None:
            kind = "added" if was is None else "removed"
        changes.append(
            Change(name=name, kind=kind, before=was or (), after=now or (), conda=conda)  # type: ignore[arg-type]
        )
    return changes


def _records(part: CondaLock | None) -> dict[str, tuple[str, ...]]:
    return part.preferences() if part is not None else {}


def _versions(lock: Lock | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for package in lock.packages if lock else ():
        version = _version(package)
        known = found.get(package.name, ())
        if version not in known:
            found[package.name] = (*known, version)
    return found


def _version(package: LockedPackage) -> str:
    version = package.version
    if package.vcs is not None:
        return f"{version} ({package.vcs.commit_id[:9]})" if version else package.vcs.commit_id[:9]
    if package.directory is not None:
        return f"{version} ({package.directory.path})" if version else package.directory.path
    if package.archive is not None:
        from hutch.lock.urls import without_credentials

        place = without_credentials(package.archive.url or package.archive.path or "")
        return f"{version} ({place})" if version else place
    return version or "?"
