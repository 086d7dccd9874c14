"""Files: from the index, through a check of their hashes, into the store or a directory."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.index.page import File

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hutch.net import Client, Response
    from hutch.store import Store, StoredWheel

__all__ = ["fetch_file"]

_LARGEST = 16 << 30
_COMPARED = frozenset(("sha512", "sha384", "sha224", "sha1", "md5"))
_PARTIAL = "archives-v1"  # a kind of folder that the store measures and cleans


def fetch_file(
    client: Client,
    store: Store,
    file: File,
    done: Callable[[StoredWheel | Path | Problem], None],
    *,
    into: Path | str | None = None,
    place: str = "",
) -> Callable[[], None]:
    """Bring ``file`` and answer from the pump of the client.

    A wheel goes into the store, and the answer is its ``StoredWheel`` (at once, if it is there).
    With ``into``, and for a source distribution always, the file is put into that directory under
    its own name, and the answer is its path. Nothing whose hash or size differs from what ``file``
    says is ever published or left behind; a download that is cut off is gone on with the next time.
    ``place`` is the mirror that it is asked of (``Request.place``).

    What is returned gives the download up: what came of it is removed, as if it had never begun. It is for
    when the disk is full.
    """
    if into is None:
        if not file.is_wheel:
            raise ValueError(f"a directory is needed for {file.filename}")
        stored = store.wheels.find(file.sha256) if file.sha256 else None
        if stored is not None:
            client.soon(done, stored)
            return _nothing
    download = _Download(client, store, file, done, None if into is None else os.fspath(into), place)
    download.start()
    return download.give_up


def _nothing() -> None:
    """There is nothing to give up."""


class _Download:
    """One file on its way."""

    def __init__(
        self,
        client: Client,
        store: Store,
        file: File,
        done: Callable[[StoredWheel | Path | Problem], None],
        into: str | None,
        asked_of: str,
    ) -> None:
        self._client = client
        self._store = store
        self._file = file
        self._done = done
        self._into = into
        self._asked_of = asked_of
        self._place: _Place | None = None

    def start(self) -> None:
        if self._file.is_local:
            self._client.background(self._take_local, self._done)
            return
        try:
            self._place = _open_place(self._store, self._file)
        except Problem as problem:
            self._client.soon(self._done, problem)
            return
        if self._place.lasting and self._file.size and _size(self._place.path) == self._file.size:
            # An earlier run had all of it, and was ended before it could publish.
            path = self._place.path
            self._client.background(
                lambda: self._check_whole(path), lambda outcome: self._checked(outcome, True)
            )
            return
        self._request()

    def _request(self) -> None:
        from hutch.net import Request, Resume

        place, file = self._place, self._file
        assert place is not None
        have = _size(place.path) if place.lasting else 0
        resume = Resume(have) if have and (file.size is None or have < file.size) else None
        request = Request(
            url=file.url,
            into=place.path,
            max_bytes=_LARGEST if file.size is None else file.size,
            resume=resume,
            verified=bool(file.hashes),
            purpose=file.filename,
            place=self._asked_of,
        )
        self._client.submit(request, self._answered)

    def _answered(self, response: Response | Problem) -> None:
        from hutch.index.problems import FileUnavailable
        from hutch.net import TooLarge
        from hutch.spec import HashMismatch

        if self._place is None:
            return
        if isinstance(response, TooLarge) and self._file.size is not None:
            size = self._file.size
            self._end(HashMismatch(expected=f"{size} bytes", actual="more", what=self._file.filename))
        elif isinstance(response, Problem):
            self._end(response)
        elif response.status not in (200, 206) or response.sha256 is None:
            self._end(
                FileUnavailable(
                    filename=self._file.filename,
                    url=response.url,
                    status=response.status,
                    refusal=self._client.refusal(response.url),
                )
            )
        else:
            sha256, resumed = response.sha256, response.resumed
            size, path = response.size, self._place.path
            self._client.background(
                lambda: self._check_and_keep(path, sha256, size),
                lambda outcome: self._checked(outcome, resumed),
                weight=size,
            )

    def _checked(self, outcome: StoredWheel | Path | Problem, resumed: bool) -> None:
        from hutch.spec import HashMismatch

        place = self._place
        if place is None:
            return
        if isinstance(outcome, HashMismatch):
            # Never go on from bytes that turned out wrong.
            _remove(place.path)
            if resumed:
                # Two halves of different files, perhaps: the whole once more tells.
                self._request()
                return
        self._end(outcome)

    def _end(self, outcome: StoredWheel | Path | Problem) -> None:
        from hutch.net import FetchFailed

        place, self._place = self._place, None
        if place is None:
            return  # given up
        # Only the network's failure leaves bytes that are worth going on from.
        place.close(keep=isinstance(outcome, FetchFailed))
        self._done(outcome)

    def give_up(self) -> None:
        """Leave nothing behind, and answer no more."""
        place, self._place = self._place, None
        if place is not None:
            place.close(keep=False)

    # -- in a thread ------------------------------------------------------------------------------

    def _check_and_keep(self, path: str, sha256: str, size: int) -> StoredWheel | Path:
        _check(self._file, path, sha256, size)
        return self._keep(path, sha256, move=True)

    def _check_whole(self, path: str) -> StoredWheel | Path:
        import hashlib

        with open(path, "rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
        return self._check_and_keep(path, sha256, size)

    def _keep(self, path: str, sha256: str, *, move: bool) -> StoredWheel | Path:
        if self._into is None:
            # A download was hashed as it was written; a file of this machine may change under our hands.
            return self._store.wheels.publish(path, self._file.filename, sha256, hashed=move)
        from pathlib import Path

        target = os.path.join(self._into, self._file.filename)
        _put(path, target, move=move)
        return Path(target)

    def _take_local(self) -> StoredWheel | Path:
        """A file of this machine: the same checks, without a download."""
        import hashlib

        from hutch.index.local import local_path
        from hutch.index.problems import FileUnavailable

        path = local_path(self._file.url)
        try:
            with open(path, "rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
                size = stream.tell()
        except OSError as error:
            raise FileUnavailable(filename=self._file.filename, url=path, reason=error.strerror or str(error))
        _check(self._file, path, sha256, size)
        return self._keep(path, sha256, move=False)


def _check(file: File, path: str, sha256: str, size: int) -> None:
    """Compare a file with everything that the index says of it. Raises ``HashMismatch``."""
    import hashlib

    from hutch.spec import HashMismatch

    if file.size is not None and file.size != size:
        raise HashMismatch(expected=f"{file.size} bytes", actual=f"{size} bytes", what=file.filename)
    for algorithm, expected in (*file.hashes, *file.checksums):
        if algorithm == "sha256":
            actual = sha256
        elif algorithm not in _COMPARED:
            continue
        else:
            try:
                started = hashlib.new(algorithm, usedforsecurity=False)
                with open(path, "rb") as stream:
                    actual = hashlib.file_digest(stream, started.copy).hexdigest()
            except ValueError:
                continue  # an interpreter in FIPS mode has no md5; it is no proof anyway
        if actual != expected:
            raise HashMismatch(
                expected=f"{algorithm}:{expected}", actual=f"{algorithm}:{actual}", what=file.filename
            )


class _Place:
    """Where a download goes: a lasting file that another run may go on with, or a scratch folder."""

    def __init__(self, path: str, holder: AbstractContextManager[object], *, lasting: bool) -> None:
        self.path = path
        self.lasting = lasting
        self._holder = holder

    def close(self, *, keep: bool) -> None:
        if not (keep and self.lasting):
            _remove(self.path)
        self._holder.__exit__(None, None, None)


def _open_place(store: Store, file: File) -> _Place:
    from hutch.store import StoreBusy

    if file.sha256 is not None:
        # Only with a hash can a later run be sure that the parts belong together.
        held = store.lock(f"download-{file.sha256}", timeout=0)
        try:
            locked = held.__enter__()
        except StoreBusy:
            locked = False  # another process fetches it: do not wait, do not share its file
        else:
            if locked:
                folder = os.path.join(store.root, _PARTIAL)
                os.makedirs(folder, exist_ok=True)
                return _Place(os.path.join(folder, f"{file.sha256}.part"), held, lasting=True)
            held.__exit__(None, None, None)
    scratch = store.scratch()
    return _Place(os.path.join(scratch.__enter__(), "file"), scratch, lasting=False)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _put(path: str, target: str, *, move: bool) -> None:
    """Move or copy ``path`` to ``target``, which is never there by half."""
    import shutil

    from hutch.net import CannotSave

    partial = f"{target}.part{os.getpid()}"
    try:
        if move:
            try:
                os.replace(path, target)
                return
            except OSError:
                pass  # another file system
        shutil.copyfile(path, partial)
        os.replace(partial, target)
    except OSError as error:
        _remove(partial)
        raise CannotSave(target, error.strerror or str(error))
