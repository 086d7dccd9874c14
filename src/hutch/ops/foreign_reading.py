"""The lock of another tool, judged by that tool's own rule, read, and made complete.

It is never written. ``foreign_lock`` says which file it is. See ``docs/explanation/any-project.md``.
"""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock import Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.foreign_lock import ForeignLock
    from hutch.project import Manifest

__all__ = ["ForeignLockOutdated", "read_foreign_lock", "refuse_stale", "seed_lock", "why_stale"]


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


def why_stale(checkout: Checkout, context: Context | None = None) -> str | None:
    """Why the foreign lock is out of date, None where it is not. With ``context`` the answer is remembered:
    such a lock may be long, and reading TOML takes its time."""
    from hutch.lock.foreign import staleness
    from hutch.ops.checkout import Neighbours

    assert checkout.foreign is not None
    text = checkout.foreign.read(checkout.root, checkout.manifest)
    read = Neighbours(checkout.root)
    if context is None:
        return staleness(checkout.foreign.format, text, checkout.manifest, checkout.text, read)
    key = _key(checkout, checkout.foreign, text, "stale", repr(checkout.manifest.settings))
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


def _key(checkout: Checkout, foreign: ForeignLock, text: str, *more: str) -> str:
    """By what an answer about the lock ``text`` is remembered: all that it is read by and compared with."""
    from hutch import __version__
    from hutch.spec import short_sha256

    manifests = (f"{one.path}\0{one.text}" for one in checkout.members)
    said = repr(_said(checkout.manifest))
    parts = (__version__, foreign.name, text, said, checkout.text, *manifests, *more)
    return short_sha256("\0".join(parts).encode())


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


def _says_secret(text: str) -> bool:
    """Whether addresses of channels may have a password or a token (``/t/TOKEN/``) in them."""
    from hutch.ops.memory import has_secret

    return "/t/" in text or has_secret(text)


def _with_records(context: Context, lock: Lock, text: str, foreign: ForeignLock) -> Lock:
    """The lock with what it has from conda's channels; secrets in their addresses are told to them alone."""
    from hutch.lock import parse_conda_lock, parse_pixi_lock
    from hutch.values import replace

    read = parse_pixi_lock if foreign.format.module == "pixi" else parse_conda_lock
    part = read(text, foreign.name)
    if _says_secret(text) and part.packages:
        from hutch.ops.conda_addresses import from_channels

        records = from_channels(context, (one.record for one in part.packages))
        pairs = zip(part.packages, records, strict=True)
        part = replace(part, packages=tuple(replace(one, record=record) for one, record in pairs))
    return replace(lock, conda=part) if part.packages else lock


def _parsed(context: Context, checkout: Checkout, foreign: ForeignLock) -> tuple[Lock, str]:
    """The lock, read or remembered, and the key by which it is: the text of both files decides."""
    from hutch.lock import lock_from_tuple, lock_to_tuple
    from hutch.lock.foreign import parse_foreign
    from hutch.ops.memory import has_secret

    text = foreign.read(checkout.root, checkout.manifest)
    tables = context.store.tables
    key = _key(checkout, foreign, text)
    known = lock_from_tuple(tables.read("locks", key))
    if known is None:
        known = parse_foreign(foreign.format, text, foreign.name, checkout.manifest)
        of_conda = foreign.format.module in ("pixi", "conda_lock")
        if of_conda:
            known = _with_records(context, known, text, foreign)
        if not (_says_secret(text) if of_conda else has_secret(text)):
            tables.write("locks", key, lock_to_tuple(known))
    return known, key
