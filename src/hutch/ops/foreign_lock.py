"""The lock of another tool, where it is what a checkout has: found, judged, read, made complete.

It is never written. See ``docs/explanation/any-project.md``.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.lock import Lock, LockedPackage
    from hutch.lock.foreign import ForeignFormat
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.project import Manifest

__all__ = [
    "ForeignLock",
    "ForeignLockOutdated",
    "find_foreign_lock",
    "locks_beside",
    "lock_left_behind",
    "read_foreign_lock",
    "refuse_stale",
    "seed_lock",
    "why_stale",
]


class ForeignLockOutdated(Problem):
    """The lock of another tool is not what the manifest asks for, by that tool's own rule."""

    code = "foreign-lock-outdated"

    def __init__(self, filename: str, why: str, command: str) -> None:
        is_pylock = filename == "pylock.toml"
        super().__init__(
            f"{filename} is not up to date",
            why=why,
            hint=(
                f"{command} makes it anew",
                "hutch lock starts from its versions and "
                + ("takes its place" if is_pylock else f"writes pylock.toml beside it; {filename} stays"),
                "--frozen takes it as it is",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignLock:
    """A lock file of another tool: where it is, and how it is read.

    One that has versions and no hashes (``is_proof`` is False) is not installed from. ``source`` is the
    requirements file that was compiled to it, where that is not the manifest; ``others`` are further files
    that belong to it.
    """

    path: str
    format: ForeignFormat = field(compare=False)
    is_proof: bool = True
    source: str = ""
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its file name."""
        return os.path.basename(self.path)

    def read(self, root: str, manifest: Manifest) -> str:
        """Its text; of one that consists of several files, all of them."""
        from hutch.ops.checkout import Neighbours, read_text

        if self.format.module != "requirements":
            return read_text(self.path)
        from hutch.lock.foreign.requirements import gather

        return gather(self.source or manifest.filename, Neighbours(root))


def find_foreign_lock(root: str, manifest: Manifest) -> ForeignLock | None:
    """The lock that another tool left in ``root``; None where hutch has its own, or there is none.

    The lock of the tool that the manifest is written for comes first. Of a manifest with ``[tool.hutch]``
    no other tool has a say.
    """
    from hutch.ops.checkout import LOCK

    path = os.path.join(root, LOCK)
    if os.path.lexists(path) or "hutch" in manifest.tool:
        return _find_pylock(path, manifest)
    for kind in _in_order(manifest):
        if kind.module == "requirements":
            return _find_requirements(root, manifest.filename, kind)
        path = os.path.join(root, kind.filename)
        if path != os.path.join(root, manifest.filename) and os.path.isfile(path):
            return ForeignLock(path=path, format=kind)
    return _find_compiled(root, manifest)


def _find_compiled(root: str, manifest: Manifest) -> ForeignLock | None:
    """What pip-compile made from this manifest: a lock, if it covers all that is installed unasked."""
    from hutch.lock.foreign import FORMATS
    from hutch.lock.foreign.requirements import gather, is_lock
    from hutch.ops.checkout import Neighbours
    from hutch.project.dialects.requirements_layers import compiled_from

    read = Neighbours(root)
    layers = compiled_from(manifest.filename, read)
    if not layers or layers[0].where != "project":
        return None
    wheres = {layer.where for layer in layers}
    covered = all(f"group:{group}" in wheres for group in manifest.default_groups)
    kind = next(each for each in FORMATS if each.module == "requirements")
    paths = tuple(os.path.join(root, layer.compiled or "") for layer in layers)
    is_proof = covered and is_lock(gather(manifest.filename, read))
    return ForeignLock(path=paths[0], format=kind, is_proof=is_proof, others=paths[1:])


def lock_left_behind(root: str, manifest: Manifest) -> ForeignLock | None:
    """The lock of the tool that a manifest was imported from: it says which versions are to stay.

    None where hutch has locked already; then its own lock says so.
    """
    from hutch.lock.foreign import FORMATS
    from hutch.ops.checkout import LOCK

    if "hutch" not in manifest.tool or os.path.lexists(os.path.join(root, LOCK)):
        return None
    for kind in FORMATS:
        path = os.path.join(root, kind.filename)
        if kind.module != "requirements" and os.path.isfile(path):
            return ForeignLock(path=path, format=kind, is_proof=False)
    kind = next(kind for kind in FORMATS if kind.module == "requirements")
    from hutch.ops.manifests import IN_FOLDER

    places = ("requirements.in", kind.filename, *IN_FOLDER)
    source = next((name for name in places if os.path.isfile(os.path.join(root, name))), None)
    found = _find_requirements(root, source, kind) if source is not None else None
    return replace(found, is_proof=False, source=source or "") if found is not None else None


_MAKERS = {
    "pip": "pip lock",
    "pipenv": "pipenv lock",
    "uv": "uv export --format pylock.toml",
    "pdm": "pdm lock",
}


def _find_pylock(path: str, manifest: Manifest) -> ForeignLock | None:
    """A ``pylock.toml`` that another tool keeps; None where it is hutch's own, or nobody's."""
    from hutch.lock.foreign.pylock import maker_of
    from hutch.lock.formats import PYLOCK, PYLOCK_OF_PDM, format_of
    from hutch.plain import read_plain

    if "hutch" in manifest.tool:
        return None
    try:
        maker = maker_of(read_plain(path))
    except OSError:
        return None
    if maker is None:
        return None
    if maker == "pdm" and manifest.filename == "pyproject.toml":
        return ForeignLock(path=path, format=PYLOCK_OF_PDM)
    beside = os.path.join(os.path.dirname(path), "Pipfile.lock")
    if maker == "pipenv" and os.path.isfile(beside) and (kind := format_of(beside)) is not None:
        return ForeignLock(path=beside, format=kind)  # Pipenv makes the other from this one
    return ForeignLock(path=path, format=replace(PYLOCK, command=_MAKERS.get(maker, maker)))


def _find_requirements(root: str, filename: str, kind: ForeignFormat) -> ForeignLock | None:
    """The files that pin what a project of requirements files asks for, if there are any."""
    from hutch.lock.foreign.requirements import gather, is_lock
    from hutch.ops.checkout import Neighbours
    from hutch.project.dialects.requirements_layers import compiled_of

    read = Neighbours(root)
    compiled = compiled_of(filename, read)
    if compiled is None:
        return None
    is_proof = is_lock(gather(filename, read))
    if not is_proof and compiled == filename:
        return None
    return ForeignLock(path=os.path.join(root, compiled), format=kind, is_proof=is_proof)


def _in_order(manifest: Manifest) -> Iterator[ForeignFormat]:
    from hutch.lock.foreign import FORMATS

    own = [kind for kind in FORMATS if kind.dialect in manifest.dialects]
    yield from own
    if manifest.filename == "pyproject.toml":  # its [project] may be any tool's
        yield from (kind for kind in FORMATS if kind not in own and kind.dialect in _OF_PYPROJECT)


_OF_PYPROJECT = frozenset({"uv", "poetry", "pdm"})


def locks_beside(checkout: Checkout) -> tuple[str, ...]:
    """The locks of other tools that lie there too, and are not taken."""
    from hutch.lock.foreign import FORMATS

    taken = checkout.foreign.name if checkout.foreign is not None else ""
    names = dict.fromkeys(kind.filename for kind in FORMATS if kind.module != "requirements")
    return tuple(
        name for name in names if name != taken and os.path.isfile(os.path.join(checkout.root, name))
    )


def why_stale(checkout: Checkout, context: Context | None = None) -> str | None:
    """Why the foreign lock is out of date, None where it is not. With ``context`` the answer is remembered:
    such a lock may be long, and reading TOML takes its time."""
    from hutch import __version__
    from hutch.lock.foreign import staleness
    from hutch.ops.checkout import Neighbours
    from hutch.spec import short_sha256

    assert checkout.foreign is not None
    text = checkout.foreign.read(checkout.root, checkout.manifest)
    read = Neighbours(checkout.root)
    if context is None:
        return staleness(checkout.foreign.format, text, checkout.manifest, checkout.text, read)
    manifests = (f"{one.path}\0{one.text}" for one in checkout.members)
    said = repr((_said(checkout.manifest), checkout.manifest.settings))
    parts = ("stale", __version__, checkout.foreign.name, text, said, checkout.text, *manifests)
    key = short_sha256("\0".join(parts).encode())
    known = context.store.tables.read("locks", key)
    if isinstance(known, tuple) and len(known) == 3 and known[0] == "stale":
        reason: str | None = known[1]
        if all(_digest(read(path)) == digest for path, digest in known[2]):
            return reason
    read = Neighbours(checkout.root)
    reason = staleness(checkout.foreign.format, text, checkout.manifest, checkout.text, read)
    looked_at = tuple((path, _digest(read(path))) for path in tuple(read.asked))
    context.store.tables.write("locks", key, ("stale", reason, looked_at))
    return reason


def _said(manifest: Manifest) -> tuple[object, ...]:
    """What a lock is read by and compared with: it may come from files beside the manifest."""
    settings = manifest.settings
    return (
        *(manifest.filename, manifest.name, manifest.version, manifest.is_package, manifest.dialects),
        *(manifest.requires_python, manifest.requirements(), manifest.default_groups),
        *(settings.excludes, settings.targets),
    )


def _digest(text: str | None) -> str:
    from hutch.spec import short_sha256

    return short_sha256(text.encode()) if text is not None else ""


def refuse_stale(checkout: Checkout, context: Context | None = None) -> None:
    """``ForeignLockOutdated`` where the manifest has changed since the lock was made."""
    assert checkout.foreign is not None
    reason = why_stale(checkout, context)
    if reason is not None:
        raise ForeignLockOutdated(checkout.foreign.name, reason, checkout.foreign.format.command)


def seed_lock(context: Context, checkout: Checkout) -> Lock | None:
    """What a solve is to change as little as it can where hutch has locked nothing yet; None where there is
    nothing of the kind, or nothing that can be read."""
    if checkout.seed is None:
        return None
    try:
        return _parsed(context, checkout, checkout.seed)[0]
    except Problem as problem:
        from hutch.events import Notice

        told = "; ".join((problem.what, *problem.why[:1]))
        context.emit(Notice(f"{checkout.seed.name} is passed over: {told}", warning=True))
        return None


def read_foreign_lock(context: Context, checkout: Checkout) -> Lock:
    """The lock as a value, with the files that it does not name looked up in the index."""
    assert checkout.foreign is not None
    lock, key = _parsed(context, checkout, checkout.foreign)
    _tell_unlocked(context, checkout, lock)
    found = _completed(context, checkout.foreign.name, lock, key)
    _tell_unproven(context, checkout.foreign.name, lock)
    return found


def _completed(context: Context, filename: str, lock: Lock, key: str) -> Lock:
    """The lock with its files, asked or remembered; it was read by ``key``."""
    from hutch.ops.completing import completed_lock, is_incomplete

    if not any(map(is_incomplete, lock.packages)):
        return lock
    from hutch.lock import lock_from_tuple, lock_to_tuple
    from hutch.spec import short_sha256

    tables = context.store.tables
    places = "\0".join(f"{index.name} {index.url}" for index in context.configuration.indexes)
    key = short_sha256(f"complete\0{places}\0{key}".encode())
    known = lock_from_tuple(tables.read("locks", key))
    if known is None:
        known = completed_lock(context, lock, filename)
        tables.write("locks", key, lock_to_tuple(known))
    return known


def _tell_unlocked(context: Context, checkout: Checkout, lock: Lock) -> None:
    """Say which of the groups that are installed unasked are not in the lock: a file without hashes."""
    from hutch.events import Notice

    if checkout.foreign is not None and checkout.foreign.format.module == "pylock":
        return  # who exports a lock may have put a group among the project's own
    for group in checkout.manifest.default_groups:
        if group not in lock.dependency_groups:
            text = f"the group {group} is in no lock, and is not installed; hutch lock makes one for all"
            context.emit(Notice(text, warning=True))


def _tell_unproven(context: Context, filename: str, lock: Lock) -> None:
    """Say for which packages there is no hash: uv has none where an index has none, and Pipenv may leave
    them out."""
    from hutch.events import Notice

    names = [str(one.name) for one in lock.packages if not _is_proven(one)]
    if names:
        shown = [*names[:4], *([f"{len(names) - 4} more"] if len(names) > 4 else [])]
        told = " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
        words = "theirs are the files that were" if len(names) > 1 else "its file is the one that was"
        text = f"{filename} has no hash for {told}: nothing proves that {words} locked"
        context.emit(Notice(text, warning=True))


def _is_proven(package: LockedPackage) -> bool:
    """Whether each of its files that is fetched has a hash; a commit is one, and what lies here is seen."""
    if package.archive is not None:
        return bool(package.archive.hashes) or package.archive.url is None
    if package.is_direct:
        return True
    files = (*package.wheels, *((package.sdist,) if package.sdist is not None else ()))
    return all(one.hashes or one.path is not None for one in files) if files else bool(package.loose_hashes)


def _parsed(context: Context, checkout: Checkout, foreign: ForeignLock) -> tuple[Lock, str]:
    """The lock, read or remembered, and the key by which it is: the text of both files decides."""
    from hutch import __version__
    from hutch.lock import lock_from_tuple, lock_to_tuple
    from hutch.lock.foreign import parse_foreign
    from hutch.ops.memory import has_secret
    from hutch.spec import short_sha256

    text = foreign.read(checkout.root, checkout.manifest)
    tables = context.store.tables
    asked = repr(_said(checkout.manifest))
    manifests = (f"{one.path}\0{one.text}" for one in checkout.members)
    parts = (__version__, foreign.name, text, asked, checkout.text, *manifests)
    key = short_sha256("\0".join(parts).encode())
    known = lock_from_tuple(tables.read("locks", key))
    if known is None:
        known = parse_foreign(foreign.format, text, foreign.name, checkout.manifest)
        if not has_secret(text):
            tables.write("locks", key, lock_to_tuple(known))
    return known, key
