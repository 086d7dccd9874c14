"""Compare everything in a store with what it should be, and take out what is not."""

from __future__ import annotations

import os

from hutch.store.bytecode import read_bytecode
from hutch.store.conda import StoredConda
from hutch.store.conda_manifest import read_conda_manifest
from hutch.store.disk import read_bytes
from hutch.store.layout import DATED, FORMATS
from hutch.store.manifest import read_manifest
from hutch.store.problems import StoreProblem
from hutch.store.tables import unpack, unpack_dated
from hutch.store.wheels import StoredWheel
from hutch.trees import walk
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hutch.store.folder import Store

__all__ = ["Damage", "Verified", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Something that is not as it was written.

    ``kind`` is ``wheels``, ``conda``, ``trees``, ``bytecode`` or that of a table, ``name`` what it is to a
    person, ``key`` its name in the store, ``faults`` a line for each file at fault. ``done``: ``removed`` (it
    is fetched or made again when it is needed), ``restored`` (the contents were right, the dates are again),
    or nothing.
    """

    kind: str
    name: str
    key: str
    faults: tuple[str, ...]
    done: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and all that was wrong."""

    wheels: int
    files: int
    tables: int
    damage: tuple[Damage, ...]
    packages: int = 0


def verify(store: Store, *, deep: bool, fix: bool, step: Callable[[str], None] = lambda _: None) -> Verified:
    """Every wheel and its bytecode against their manifests (``deep``: every byte), tables against checksums.

    With ``fix`` what is damaged is removed, and what only has wrong dates gets the right ones. Others may use
    the store meanwhile. ``step`` is told each wheel that was looked at.
    """
    damage: list[Damage] = []
    wheels = files = tables = 0
    for sha256 in sorted(store.wheels.entries()):
        wheel = _open(store, sha256)
        name = f"{wheel.manifest.name} {wheel.manifest.version}" if wheel is not None else sha256[:16]
        step(name)
        if wheel is None:
            faults: tuple[str, ...] = ("its manifest cannot be read",)
            dated: tuple[str, ...] = ()
        else:
            files += len(wheel.manifest.files) + sum(len(each) for _, each in wheel.manifest.data)
            faults, dated = _faults(wheel, deep)
            if not wheel.is_at_home:
                faults = ("it is another wheel than its name says", *faults)
        if (faults or dated) and not os.path.isdir(store.wheels.folder(sha256)):
            continue  # it was removed while we looked
        wheels += 1
        done = ""
        if fix and faults:
            try:
                store.wheels.discard(sha256)
            except StoreProblem:
                pass  # a store that cannot be written: it is told that nothing was done
            done = "" if os.path.lexists(store.wheels.folder(sha256)) else "removed"
        elif fix and dated and wheel is not None:
            wheel.redate()
            done = "" if wheel.damage() else "restored"
        if faults or dated:
            damage.append(Damage(kind="wheels", name=name, key=sha256, faults=faults or dated, done=done))
    for sha256, folder, current in store.trees.entries():
        # One that was replaced stays as it is for who links to it; `env verify` looks at it there.
        tree = _tree(folder, sha256) if current else None
        if tree is not None:
            faults = _faults_of_tree(tree, deep)
            name = f"the tree of {tree.manifest.name} {tree.manifest.version}"
            step(name)
            files += len(tree.manifest.files)
            if faults:
                if fix:
                    store.trees.forget(sha256)
                done = "removed" if fix and store.trees.find(sha256) is None else ""
                damage.append(Damage(kind="trees", name=name, key=sha256, faults=faults, done=done))
    for sha256, tag in list(store.bytecode.entries()):
        found = _bytecode_damage(store, sha256, tag, deep=deep, fix=fix)
        if found is not None:
            damage.append(found)
        step(f"{sha256[:16]} {tag}")
    packages = 0
    for sha256 in sorted(store.conda.entries()):
        package = _conda(store, sha256)
        name = package.manifest.filename if package is not None else sha256[:16]
        step(name)
        packages += 1
        files += len(package.manifest.files) if package is not None else 0
        found = _conda_damage(store, sha256, name, package, deep=deep, fix=fix)
        if found is not None:
            damage.append(found)
    for kind, key, path in _tables(store.root):
        tables += 1
        read = unpack_dated if kind in DATED else unpack
        if read(read_bytes(path)) is None and os.path.lexists(path):
            done = ""
            if fix:
                try:
                    os.unlink(path)
                    done = "removed"
                except OSError:
                    pass
            fault = ("its checksum does not match",)
            damage.append(Damage(kind=kind, name=f"a table of {kind}", key=key, faults=fault, done=done))
    return Verified(wheels=wheels, files=files, tables=tables, damage=tuple(damage), packages=packages)


def _conda(store: Store, sha256: str) -> StoredConda | None:
    folder = store.conda.folder(sha256)
    manifest = read_conda_manifest(read_bytes(os.path.join(folder, "manifest")))
    return None if manifest is None else StoredConda(sha256, folder, manifest)


def _conda_damage(
    store: Store, sha256: str, name: str, package: StoredConda | None, *, deep: bool, fix: bool
) -> Damage | None:
    """What is wrong with a conda package: unpacked anew when it is needed, but for dates alone."""
    if package is None:
        faults = ["its manifest cannot be read"]
    else:
        faults = [] if package.is_at_home else ["it is another package than its name says"]
        changed = package.damage(deep=deep)
        if changed and fix:
            package.redate()
            if not (left := package.damage(deep=deep)):
                dated = tuple(f"{path} has another date" for path in changed)
                return Damage(kind="conda", name=name, key=sha256, faults=dated, done="restored")
            changed = left
        faults += [f"{path} was changed or is missing" for path in changed]
        faults += [f"{path} is not one of its files" for path in package.strange()]
    if not faults or not os.path.isdir(store.conda.folder(sha256)):
        return None
    done = ""
    if fix:
        try:
            store.conda.discard(sha256)
        except StoreProblem:
            pass  # a store that cannot be written: it is told that nothing was done
        done = "" if os.path.lexists(store.conda.folder(sha256)) else "removed"
    return Damage(kind="conda", name=name, key=sha256, faults=tuple(faults), done=done)


def _bytecode_damage(store: Store, sha256: str, tag: str, *, deep: bool, fix: bool) -> Damage | None:
    """What is wrong with the bytecode of one wheel. It is not mended: making it again is as quick."""
    folder = store.bytecode.folder(sha256, tag)
    entry = read_bytecode(folder, sha256, tag, read_bytes(os.path.join(folder, "manifest")))
    name = (
        f"bytecode of {entry.label} for {tag}" if entry is not None else f"bytecode {sha256[:16]} for {tag}"
    )
    if entry is None:
        faults = ["its manifest cannot be read"]
    else:
        faults = [f"{path} was changed or is missing" for path in entry.damage(deep=deep)]
        known = {"manifest", *(f"files/{row[0]}" for row in entry.rows)}
        faults += [f"{path} is not one of its files" for path in _files(folder) if path not in known]
    if not faults or not os.path.isdir(folder):
        return None
    done = ""
    if fix:
        try:
            store.bytecode.discard(sha256, tag)
        except StoreProblem:
            pass  # a store that cannot be written: it is told that nothing was done
        done = "" if os.path.lexists(folder) else "removed"
    return Damage(kind="bytecode", name=name, key=sha256, faults=tuple(faults), done=done)


def _open(store: Store, sha256: str) -> StoredWheel | None:
    folder = store.wheels.folder(sha256)
    manifest = read_manifest(read_bytes(os.path.join(folder, "manifest")))
    return None if manifest is None else StoredWheel(sha256, folder, manifest)


def _tree(folder: str, sha256: str) -> StoredWheel | None:
    manifest = read_manifest(read_bytes(os.path.join(folder, "manifest")))
    return None if manifest is None else StoredWheel(sha256, folder, manifest)


def _faults_of_tree(tree: StoredWheel, deep: bool) -> tuple[str, ...]:
    """What is wrong in a tree. What Python, or a compiler of functions, keeps in its own folders is theirs:
    they look at the date of the source before they take it."""
    faults = (fault for part in _faults(tree, deep) for fault in part)
    return tuple(fault for fault in faults if not _is_kept(fault))


def _is_kept(fault: str) -> bool:
    path, strange, _ = fault.partition(" is not one of its files")
    return bool(strange) and ("/__pycache__/" in path or path == "record" or path.startswith("links/"))


def _faults(wheel: StoredWheel, deep: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is wrong with files, and with dates alone."""
    faults: list[str] = []
    dated: list[str] = []
    shallow = frozenset(wheel.damage())
    if deep or shallow:
        for path in wheel.wrong_content(None if deep else shallow):
            if not os.path.lexists(os.path.join(wheel.folder, path)):
                faults.append(f"{path} is missing")
            elif path in shallow:
                faults.append(f"{path} was changed")
            else:
                faults.append(f"{path} was changed, and has its old size and date")
        dated = [f"{path} has another date" for path in sorted(shallow)] if not faults else []
    known = {"manifest"} | {label + row[0] for _, label, rows in wheel.places() for row in rows}
    for path in _files(wheel.folder):
        if path not in known:
            faults.append(f"{path} is not one of its files")
    return tuple(faults), tuple(dated)


def _files(folder: str) -> Iterator[str]:
    """The files below ``folder``, with slashes."""
    for below, _, names in walk(folder):
        start = os.path.relpath(below, folder).replace(os.sep, "/")
        for name in sorted(names):
            yield name if start == "." else f"{start}/{name}"


def _tables(root: str) -> Iterator[tuple[str, str, str]]:
    """Kind, key and path of every table."""
    for kind, number in FORMATS.items():
        folder = os.path.join(root, f"{kind}-v{number}")
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if not name.endswith(".tmp"):
                yield kind, name, os.path.join(folder, name)
