"""Packages of channels: from a server or a folder, by their hashes, into the store."""

from __future__ import annotations

import os

from hutch.errors import NetworkProblem, Problem
from hutch.events import Fetched, PhaseEnded, PhaseStarted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from io import BufferedReader
    from pathlib import Path

    from hutch.ops.context import Context
    from hutch.spec import CondaRecord
    from hutch.store import StoredConda

__all__ = ["UnprovenPackage", "fetch_packages"]


class UnprovenPackage(NetworkProblem):
    """A channel does not say enough to know its file again."""

    code = "unproven-package"

    def __init__(self, record: CondaRecord) -> None:
        has = "only an MD5 of it, which proves nothing" if record.md5 else "no hash of it"
        super().__init__(
            f"{record.label} is not fetched from {record.channel}",
            why=f"the channel has {has}",
            hint="take another build or another channel; in a list, an address ends in #sha256:… or #MD5",
        )


def fetch_packages(
    context: Context,
    records: Iterable[CondaRecord],
    *,
    locate: Callable[[CondaRecord], str] | None = None,
    allow_md5: bool = False,
) -> dict[str, StoredConda]:
    """The unpacked package of each record, by name; what is not in the store is fetched, many at once.

    The mirrors of a channel are asked in their order; ``locate`` tells the one address to ask instead. A
    record without a SHA-256 is refused, unless it is of a folder, or has an MD5 and ``allow_md5`` says so.
    """
    found: dict[str, StoredConda] = {}
    missing: list[CondaRecord] = []
    for record in records:
        stored = context.store.conda.find(record.sha256) if record.sha256 else None
        if stored is None:
            missing.append(record)
        else:
            _check_same(record, stored)
            found[record.name] = stored
    if missing:
        for record in missing:
            url = _places(context, record, locate)[0]
            if not record.sha256 and not url.startswith("file:") and not (record.md5 and allow_md5):
                raise UnprovenPackage(record)
        context.emit(PhaseStarted("download", len(missing)))
        found.update(_fetch(context, missing, locate))
        context.emit(PhaseEnded("download"))
    return found


def _places(
    context: Context, record: CondaRecord, locate: Callable[[CondaRecord], str] | None
) -> tuple[str, ...]:
    if locate is not None:
        return (locate(record),)
    from hutch.ops.channels import package_places

    return package_places(context, record)


def _check_same(record: CondaRecord, stored: StoredConda) -> None:
    from hutch.store import InvalidCondaPackage

    manifest = stored.manifest
    if (manifest.name, manifest.version, manifest.build) != (record.name, record.version, record.build):
        label = f"{manifest.name} {manifest.version} {manifest.build}"
        raise InvalidCondaPackage(record.filename or record.name, f"it says that it is {label}")


def _fetch(
    context: Context, missing: list[CondaRecord], locate: Callable[[CondaRecord], str] | None
) -> dict[str, StoredConda]:
    from hutch.index import fetch_file
    from hutch.index.page import File
    from hutch.ops.channels import mirror_of
    from hutch.ops.install import downloads_at_once

    found: dict[str, StoredConda] = {}
    failed: list[Problem] = []
    if any(_places(context, record, locate)[1:] for record in missing):
        # All wait for what a mirror answers first: that is the smallest.
        first = min(missing, key=lambda record: record.size or 0)
        missing = [first, *(record for record in missing if record is not first)]
    waiting = iter(missing)
    under_way: list[Callable[[], None]] = []
    client, store = context.client, context.store
    with store.scratch_folder() as scratch, store.conda.unpacking(len(missing)):

        def start() -> None:
            record = None if failed else next(waiting, None)
            if record is not None:
                fetch(record, _places(context, record, locate))

        def fetch(record: CondaRecord, places: tuple[str, ...]) -> None:
            url = places[0]

            def published(outcome: StoredConda | Problem) -> None:
                if isinstance(outcome, Problem):
                    failed.append(outcome)
                    return
                context.emit(Fetched(record.filename, record.size or 0))
                found[record.name] = outcome
                start()

            def fetched(answer: object) -> None:
                if isinstance(answer, Problem):
                    if places[1:]:
                        fetch(record, places[1:])  # what a hash names is the same everywhere
                    else:
                        failed.append(answer)
                    return
                client.background(lambda: _publish(context, record, os.fspath(answer)), published)  # type: ignore[call-overload]

            if url.startswith("file:"):
                # Where it lies is where it is read: its hash is taken from the bytes that are unpacked.
                client.background(lambda: _publish(context, record, _local(url)), published)
                return
            into = os.path.join(scratch, record.subdir or "noarch")
            os.makedirs(into, exist_ok=True)
            file = File(
                filename=record.filename,
                url=url,
                hashes=(("sha256", record.sha256),) if record.sha256 else (),
                checksums=(("md5", record.md5),) if record.md5 else (),
                size=record.size,
                tags="",
            )
            mirror = mirror_of(context, record, url) if places[1:] else ""
            under_way.append(fetch_file(client, store, file, fetched, into=into, place=mirror))

        for _ in range(downloads_at_once()):
            start()
        while not failed and client.pump(None):
            pass
        if failed:
            for give_up in under_way:
                give_up()
            raise failed[0]
    return found


def _local(url: str) -> str:
    from hutch.index.local import local_path

    return local_path(url)


def _publish(context: Context, record: CondaRecord, path: str | Path) -> StoredConda:
    from hutch.spec import HashMismatch

    try:
        with open(path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            sha256 = record.sha256 or _hash_of(record, stream)
    except OSError as error:
        from hutch.index.problems import FileUnavailable

        raise FileUnavailable(
            filename=record.filename, url=os.fspath(path), reason=f"{path}: {error.strerror or error}"
        ) from error
    if record.size is not None and record.size != size:
        raise HashMismatch(expected=f"{record.size} bytes", actual=f"{size} bytes", what=record.filename)
    stored = context.store.conda.publish(path, record.filename, sha256)
    _check_same(record, stored)
    return stored


def _hash_of(record: CondaRecord, stream: BufferedReader) -> str:
    """The SHA-256 of a file of which the channel does not say any; of its MD5, if it says that."""
    import hashlib

    from hutch.spec import HashMismatch

    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    if record.md5:
        stream.seek(0)
        md5 = hashlib.file_digest(stream, lambda: hashlib.new("md5", usedforsecurity=False)).hexdigest()
        if md5 != record.md5:
            raise HashMismatch(expected=f"md5:{record.md5}", actual=f"md5:{md5}", what=record.filename)
    return sha256
