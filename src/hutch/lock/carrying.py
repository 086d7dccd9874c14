"""What a new lock takes over unread from the one before it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock.lockfile import Lock
    from hutch.lock.model import LockedPackage

__all__ = ["keep_identities"]


def keep_identities(new: Lock, old: Lock | None) -> Lock:
    """``new`` with the attestation identities that ``old`` has for the same files of a package.

    Who published a file is said of its bytes: of a package one of whose files is another now, nothing is
    taken over.
    """
    from hutch.values import replace

    known = {
        (package.name, package.version): package
        for package in (old.packages if old is not None else ())
        if package.attestation_identities
    }
    if not known:
        return new
    packages = []
    for package in new.packages:
        before = known.get((package.name, package.version))
        if before is not None and not package.attestation_identities and _files(package) == _files(before):
            package = replace(package, attestation_identities=before.attestation_identities)
        packages.append(package)
    return replace(new, packages=tuple(packages))


def _files(package: LockedPackage) -> set[object]:
    files = [*package.wheels, *([package.sdist] if package.sdist is not None else [])]
    return {(file.filename, dict(file.hashes).get("sha256")) for file in files}
