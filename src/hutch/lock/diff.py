"""What one lock changes in another: for summaries, ``hutch diff`` and ``--dry-run``."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from hutch.lock.lockfile import Lock
    from hutch.lock.model import LockedPackage
    from hutch.spec import NormalizedName

__all__ = ["Change", "diff_locks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One name whose versions differ. ``before`` and ``after`` are in the order of the locks.

    A package that comes from elsewhere stands there as ``path``, a short commit or a URL.
    ``updated`` with equal versions means that only the source changed.
    """

    name: NormalizedName
    kind: Literal["added", "removed", "updated"]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def diff_locks(old: Lock | None, new: Lock) -> tuple[Change, ...]:
    """The changes from ``old`` (None: nothing was locked) to ``new``, by name."""
    before, after = _versions(old), _versions(new)
    changes = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        kind: Literal["added", "removed", "updated"] = "updated"
        if was is None or now is None:
            kind = "added" if was is None else "removed"
        changes.append(Change(name=name, kind=kind, before=was or (), after=now or ()))
    return tuple(changes)


def _versions(lock: Lock | None) -> dict[NormalizedName, tuple[str, ...]]:
    found: dict[NormalizedName, tuple[str, ...]] = {}
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
