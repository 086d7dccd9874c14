"""Core metadata of wheels, for as few bytes as the index allows.

In this order: what the store remembers; the ``.metadata`` file beside the wheel (PEP 658, 714),
checked against the hash that the page gives; the end of the wheel by ranges; the wheel as a whole,
which then lies in the store already.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.events import Notice
from hutch.index.page import File, Page
from hutch.index.problems import MetadataUnavailable
from hutch.index.walk import FEW, Walk
from hutch.spec import (
    CoreMetadata,
    InvalidMetadata,
    InvalidVersion,
    metadata_from_tuple,
    metadata_to_tuple,
    parse_metadata,
    parse_sdist_name,
    safe_text,
    short_sha256,
    split_wheel_name,
    version_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeAlias

    from hutch.index.zip_tail import Piece, Range
    from hutch.net import Client, Response
    from hutch.store import Store, StoredWheel

__all__ = ["check_told", "fetch_metadata", "read_metadata", "remember_metadata"]

_FORMAT = 1
_MOST_METADATA = 8 << 20
_PART = 40 << 20  # a server that ignores ranges may send this much of the whole
_NO_RANGES = frozenset((200, 400, 403, 405, 416, 501))

Answered: TypeAlias = "Callable[[CoreMetadata | Problem], None]"


def read_metadata(store: Store, page: Page, file: File) -> CoreMetadata | None:
    """The metadata of a file, if the store remembers it."""
    walk, keys, tables = _walk_of(store, page), _keys(file), store.tables

    def read_own(key: str) -> object:
        return tables.read("metadata", key)

    for read in (walk.get, read_own) if walk.is_known else (read_own, walk.get):
        for key in keys:
            value = read(key)
            if type(value) is tuple and value and value[0] == _FORMAT:
                metadata = metadata_from_tuple(value[1])
                if not _fault(metadata, page.name, file.filename):
                    return metadata
    return None


def _walk_of(store: Store, page: Page) -> Walk:
    """One for all pages of the name: several indexes may have one, and one may be of another day."""
    if page.walk is None:
        walks = store.tables.beside
        page.walk = walks.get(page.name) or walks.setdefault(page.name, Walk(store.tables, page.name))
    return page.walk


def read_metadata_of(store: Store, name: str, filename: str, sha256: str) -> CoreMetadata | None:
    """The same of a file of which no page is at hand, by its hash."""
    value = store.tables.read("metadata", sha256)
    if type(value) is tuple and value and value[0] == _FORMAT:
        metadata = metadata_from_tuple(value[1])
        if not _fault(metadata, name, filename):
            return metadata
    return None


def remember_metadata(store: Store, file: File, metadata: CoreMetadata) -> None:
    """Keep what somebody else found out: the metadata of a source distribution."""
    value = (_FORMAT, metadata_to_tuple(metadata))
    for key in _keys(file):
        store.tables.write("metadata", key, value)


def check_told(store: Store, page: Page, file: File, wheel: StoredWheel) -> None:
    """Raise ``MetadataUnavailable`` where the wheel itself says other needs than what spoke for it before.

    That was a file beside it (PEP 658), or its tail; what was chosen was chosen by that.
    """
    from base64 import urlsafe_b64decode
    from bisect import bisect_left

    manifest = wheel.manifest
    path = f"{manifest.dist_info}/METADATA"
    at = bisect_left(manifest.files, (path,))
    digest = manifest.files[at].hash if at < len(manifest.files) and manifest.files[at].path == path else ""
    if urlsafe_b64decode(f"{digest}=").hex() == file.metadata:
        return
    told = read_metadata(store, page, file)
    if told is None:
        return
    try:
        with open(os.path.join(wheel.files, path), "rb") as stream:
            own = parse_metadata(stream.read(_MOST_METADATA), what=file.filename)
    except OSError:
        return  # installing it will say what is wrong
    other = set(own.requirements) ^ set(told.requirements)
    if not other and own.requires_python == told.requires_python and set(own.extras) == set(told.extras):
        return
    named = ", ".join(sorted({str(each.name) for each in other})[:5]) or "other Pythons or extras"
    raise MetadataUnavailable(
        filename=file.filename, reason=f"the file says other needs than its index told of it: {named}"
    )


def fetch_metadata(
    client: Client, store: Store, page: Page, file: File, done: Answered, *, read: bool = True
) -> None:
    """Answer with the metadata of the wheel ``file`` of ``page``, from the pump of the client.

    Without ``read`` the caller has just found that the store does not remember them.
    """
    known = read_metadata(store, page, file) if read else None
    if known is not None:
        client.soon(done, known)
        return
    _Fetch(client, store, page, file, done).start()


def _keys(file: File) -> list[str]:
    """Keys of the table: by the hash of the metadata (files may share it), and by that of the wheel."""
    keys = [f"m-{file.metadata}"] if isinstance(file.metadata, str) else []
    return keys + ([file.sha256] if file.sha256 else [])


def _fault(metadata: CoreMetadata, name: str, filename: str) -> str:
    """Why the metadata is not that of the file; "" if it is."""
    if metadata.name != name:
        return f"it is that of {safe_text(metadata.name)}"
    if filename.endswith(".whl") and filename.startswith(f"{name.replace('-', '_')}-{metadata.version}-"):
        return ""  # as nearly all are written: nothing to parse
    parts = split_wheel_name(filename)
    version = parts[1] if parts is not None else parse_sdist_name(filename, name)
    try:
        if version is not None and version_key(version) == version_key(metadata.version):
            return ""
    except InvalidVersion:
        pass
    return f"it is that of version {safe_text(metadata.version)}"


class _Fetch:
    """One wheel's metadata on its way."""

    def __init__(self, client: Client, store: Store, page: Page, file: File, done: Answered) -> None:
        self._client = client
        self._store = store
        self._page = page
        self._name = page.name
        self._file = file
        self._done = done
        parts = split_wheel_name(file.filename)
        self._version = parts[1] if parts else ""
        self._reading: Generator[Range, Piece, bytes] | None = None

    def start(self) -> None:
        if self._file.is_local:
            self._read_local()
        elif self._file.metadata:
            self._ask_sidecar()
        else:
            self._ask_tail()

    # -- the file beside it -----------------------------------------------------------------------

    def _ask_sidecar(self) -> None:
        from hutch.net import Request

        expected = self._file.metadata
        address, mark, query = self._file.url.partition("?")
        request = Request(
            url=f"{address}.metadata{mark}{query}",
            max_bytes=_MOST_METADATA,
            purpose=f"the metadata of {self._file.filename}",
            verified=isinstance(expected, str),
        )

        def answered(response: Response | Problem) -> None:
            if isinstance(response, Problem):
                self._done(response)
                return
            if response.status == 200:
                if expected is True or short_sha256(response.body) == expected:
                    self._accept(response.body, otherwise=self._ask_tail if expected is True else None)
                    return
                text = f"the .metadata of {self._file.filename} has another hash than its index says"
                self._client.emit(Notice(f"{text}; reading the wheel instead", warning=True))
            self._ask_tail()

        self._client.submit(request, answered)

    # -- the end of the wheel ---------------------------------------------------------------------

    def _ask_tail(self) -> None:
        from hutch.index.zip_tail import read_metadata_by_ranges
        from hutch.net import origin_of

        if origin_of(self._file.url) in self._client.without_ranges:
            self._ask_whole()
            return
        self._reading = read_metadata_by_ranges(self._name, self._version)
        self._ask_range(next(self._reading))

    def _ask_range(self, wanted: Range) -> None:
        from hutch.net import Request

        byte_range: int | tuple[int, int | None]
        byte_range = wanted if isinstance(wanted, int) else (wanted[0], wanted[1] - 1)
        request = Request(
            url=self._file.url,
            byte_range=byte_range,
            max_bytes=_PART,
            purpose=f"the metadata of {self._file.filename}",
            # The bytes are not compared with anything: the hash of the wheel is over all of it.
            verified=False,
        )
        self._client.submit(request, self._answered_range)

    def _answered_range(self, response: Response | Problem) -> None:
        from hutch.index.zip_tail import BadArchive, WholeFileNeeded
        from hutch.net import TooLarge, origin_of

        assert self._reading is not None
        if isinstance(response, TooLarge) or (not isinstance(response, Problem) and response.status != 206):
            status = 200 if isinstance(response, TooLarge) else response.status
            if status not in _NO_RANGES:
                from hutch.index.problems import FileUnavailable

                refusal = self._client.refusal(self._file.url)
                self._done(
                    FileUnavailable(
                        filename=self._file.filename, url=self._file.url, status=status, refusal=refusal
                    )
                )
                return
            if status != 416:
                self._client.without_ranges.add(origin_of(self._file.url))
            self._ask_whole()
            return
        if isinstance(response, Problem):
            self._done(response)
            return
        piece = _piece(response)
        if piece is None:
            self._ask_whole()
            return
        try:
            wanted = self._reading.send(piece)
        except StopIteration as end:
            self._accept(end.value, otherwise=None)
        except WholeFileNeeded:
            self._ask_whole()
        except BadArchive as error:
            self._done(MetadataUnavailable(filename=self._file.filename, reason=str(error)))
        else:
            self._ask_range(wanted)

    # -- the wheel as a whole ---------------------------------------------------------------------

    def _ask_whole(self) -> None:
        from hutch.index.downloads import fetch_file

        def answered(outcome: StoredWheel | object) -> None:
            if isinstance(outcome, Problem):
                self._done(outcome)
                return
            stored: StoredWheel = outcome  # type: ignore[assignment]
            path = os.path.join(stored.files, stored.manifest.dist_info, "METADATA")
            try:
                with open(path, "rb") as stream:
                    data = stream.read(_MOST_METADATA)
            except OSError as error:
                reason = error.strerror or str(error)
                self._done(MetadataUnavailable(filename=self._file.filename, reason=reason))
                return
            self._accept(data, otherwise=None)

        fetch_file(self._client, self._store, self._file, answered)

    def _read_local(self) -> None:
        from hutch.index.local import local_path
        from hutch.index.zip_tail import BadArchive, WholeFileNeeded, run_on_file

        try:
            data = run_on_file(local_path(self._file.url), self._name, self._version)
        except WholeFileNeeded:
            self._ask_whole()
        except BadArchive as error:
            problem = MetadataUnavailable(filename=self._file.filename, reason=str(error))
            self._client.soon(self._done, problem)
        except OSError as error:
            problem = MetadataUnavailable(filename=self._file.filename, reason=error.strerror or str(error))
            self._client.soon(self._done, problem)
        else:
            self._client.soon(lambda found: self._accept(found, otherwise=None), data)

    # -- in the end -------------------------------------------------------------------------------

    def _accept(self, data: bytes, *, otherwise: Callable[[], None] | None) -> None:
        """Parse, compare with the file's name, remember, answer; ``otherwise`` where it is not its."""
        try:
            metadata = parse_metadata(data, what=self._file.filename)
        except InvalidMetadata as problem:
            if otherwise is not None:
                otherwise()
            else:
                self._done(problem)
            return
        fault = _fault(metadata, self._name, self._file.filename)
        if fault:
            if otherwise is not None:
                otherwise()
            else:
                self._done(MetadataUnavailable(filename=self._file.filename, reason=fault))
            return
        self._keep(metadata)
        self._done(metadata)

    def _keep(self, metadata: CoreMetadata) -> None:
        from hutch.store.tables import pack

        tables, walk = self._store.tables, _walk_of(self._store, self._page)
        for key in _keys(self._file)[:1]:
            walk.came += 1
            if walk.came > FEW and tables.busy:
                walk.keep(key, (_FORMAT, metadata_to_tuple(metadata)))
            else:
                tables.write_soon("metadata", key, lambda: pack((_FORMAT, metadata_to_tuple(metadata))))
        self._client.when_idle(tables.write_one)


def _piece(response: Response) -> Piece | None:
    """Where the bytes of a 206 lie, by its Content-Range; None if it does not say, or says otherwise."""
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    span, _, total = rest.partition("/")
    first, _, last = span.partition("-")
    if unit.lower() != "bytes" or not (first.isdigit() and last.isdigit() and total.isdigit()):
        return None
    if max(len(first), len(last), len(total)) > 18 or int(last) - int(first) + 1 != len(response.body):
        return None
    if int(last) >= int(total):
        return None
    return int(first), int(total), response.body
