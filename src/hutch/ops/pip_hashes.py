"""Requirements with hashes: one hash anywhere, and every file must be among those that were written down."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.lock import LockedFile, LockedPackage
    from hutch.ops.pip_inputs import Wishes

__all__ = ["HashesMissing", "limit_to_hashes", "require_pins"]


class HashesMissing(Problem):
    """Hashes are required, and some of what is to be installed has none (or another one)."""

    code = "hashes-missing"

    def __init__(self, lines: Iterable[str]) -> None:
        lines = tuple(lines)
        super().__init__(
            "not everything has a hash to be proven by",
            why=lines,
            hint="hutch pip compile --generate-hashes writes a file with all of them",
        )


def require_pins(wishes: Wishes) -> None:
    """What has to hold before anything is chosen: every requirement names one version, and has hashes."""
    from hutch.spec import PROOF_ALGORITHMS, pins_exactly

    faults = []
    for root in wishes.roots:
        if root.constraint:
            continue
        name, url = root.requirement.name, root.requirement.url
        if url is not None:
            if not any(f"{algorithm}=" in url.partition("#")[2] for algorithm in PROOF_ALGORITHMS):
                faults.append(f"{root.place}: {name} comes from a place of its own, and has no hash")
        elif pins_exactly(root.requirement.specifiers) is None:
            faults.append(f"{root.place}: {root.requirement.render()} names no version with ==")
        elif not wishes.hashes.get(name):
            faults.append(f"{root.place}: {root.requirement.render()} has no --hash")
    if faults:
        raise HashesMissing(faults)


def limit_to_hashes(
    packages: Iterable[LockedPackage], wishes: Wishes, *, required: bool = True
) -> tuple[LockedPackage, ...]:
    """The entries with those files only whose hash was written down. Unless hashes are ``required``, what
    has none is taken as it is."""
    limited: list[LockedPackage] = []
    faults: list[str] = []
    for package in packages:
        if package.is_direct:
            limited.append(package)
            continue
        allowed = wishes.hashes.get(package.name) or set()
        if not allowed and not required:
            limited.append(package)
            continue
        wheels = tuple(file for file in package.wheels if _proven(file, allowed))
        sdist = package.sdist if package.sdist is not None and _proven(package.sdist, allowed) else None
        if not allowed:
            needed = f"{package.name} {package.version} is needed as well, and has no --hash"
            faults.append(needed)
        elif not wheels and sdist is None:
            faults.append(f"{package.name} {package.version}: no file of the index has one of its hashes")
        limited.append(replace(package, wheels=wheels, sdist=sdist))
    if faults:
        raise HashesMissing(faults)
    return tuple(limited)


def _proven(file: LockedFile, allowed: set[tuple[str, str]]) -> bool:
    return any(each in allowed for each in file.hashes)
