"""The receiving end of one attempt, shared by every transport: limits, unpacking, hashing, writing.

A transport tells a ``Receiver`` the status and headers, then the bytes as they come, then that it is
over. Memory is bounded whatever the server sends: a body is unpacked in small steps, and refused
when it passes its limit or a ratio that no honest page reaches.
"""

from __future__ import annotations

import os
from time import monotonic

from hutch.errors import Problem
from hutch.net.messages import MEBIBYTE, Request, Response
from hutch.net.problems import CannotSave, TooLarge, TransferFailed
from hutch.net.urls import redact
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, BinaryIO


__all__ = [
    "HEADERS_TOO_LARGE",
    "TOO_SLOW",
    "Pace",
    "Receiver",
    "Refused",
    "range_header",
    "unpacked",
    "wire_headers",
]

HEADERS_TOO_LARGE = "its headers are larger than any"
TOO_SLOW = "it sends too slowly ever to end"
_ERROR_BODY = 256 * 1024  # of an error's page, nobody reads more
_STEP = 256 * 1024  # the most that one step of unpacking may give
_FREE = 4 * MEBIBYTE  # below this size, any ratio is harmless
_PACKED = ("gzip", "x-gzip")
_RATIO = 64  # JSON and HTML pages shrink to a tenth or a twentieth; zeros to a thousandth


class Pace:
    """Whether bytes come fast enough that there will be an end: 1 KiB in each span of twice the patience.

    A server that sends a byte a second is never silent, and a page of it would take a year.
    """

    __slots__ = ("_bytes", "_since", "_span")
    LEAST = 1024

    def __init__(self, patience: float) -> None:
        self._span = 2 * patience
        self._since = monotonic()
        self._bytes = 0

    def keeps(self, count: int) -> bool:
        """Note ``count`` bytes that came now; False if that is too little for the time it took."""
        self._bytes += count
        if self._bytes >= self.LEAST:
            self._since, self._bytes = monotonic(), 0
            return True
        return monotonic() - self._since <= self._span

    def forgive(self, seconds: float) -> None:
        """That long nobody listened."""
        self._since += seconds


class Refused(Exception):
    """The receiver wants no more; ``problem`` says why, None if it simply has enough."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__()
        self.problem = problem


def range_header(request: Request) -> str | None:
    """The value of ``Range`` for a request (RFC 9110, section 14), None if it wants everything."""
    if request.resume is not None:
        return f"bytes={request.resume.offset}-"
    if request.byte_range is None:
        return None
    if isinstance(request.byte_range, int):
        return f"bytes=-{abs(request.byte_range)}"
    first, last = request.byte_range
    return f"bytes={first}-" + ("" if last is None else str(last))


def wire_headers(request: Request) -> dict[str, str]:
    """The headers that ``request`` sends, the client's and those of ranges and encodings."""
    headers = dict(request.headers)
    partial = range_header(request)
    if partial is not None:
        headers["Range"] = partial
        if request.resume is not None and request.resume.validator:
            headers["If-Range"] = request.resume.validator
    # A file's digest is over its bytes as they lie on the server; a part cannot be unpacked alone.
    plain = request.into is not None or partial is not None
    headers["Accept-Encoding"] = "identity" if plain else "gzip"
    return headers


def validator_of(headers: Mapping[str, str]) -> str | None:
    """What ``If-Range`` may say of an answer: its strong ETag, else its date."""
    etag = headers.get("etag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("last-modified")


def unpacked(response: Response) -> Response | Problem:
    """The answer to a request that left it ``packed``, unpacked within the same limits as any."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if not response.request.packed or response.status != 200 or encoding not in _PACKED:
        return response
    receiver = Receiver(replace(response.request, packed=False))
    try:
        receiver.begin(response.status, {"content-encoding": encoding})
        receiver.write(response.body)
        whole = receiver.finish()
    except Refused as refused:
        assert refused.problem is not None
        return refused.problem
    return replace(response, request=whole.request, body=whole.body, size=whole.size)


class Receiver:
    """One attempt's answer as it comes in. Use: ``begin``, ``write``…, ``finish``; or ``abandon``."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.status = 0
        self.headers: dict[str, str] = {}
        self.begun = False
        self._chunks: list[bytes] = []
        self._size = 0
        self._raw = 0
        self._file: BinaryIO | None = None
        self._hash: Any = None
        self._inflater: Any = None
        self._resumed = False
        self._full = False

    # -- what the transport tells ------------------------------------------------------------

    def begin(self, status: int, headers: dict[str, str]) -> None:
        """The status line and the headers are here. Raises ``Refused``."""
        self.status, self.headers, self.begun = status, headers, True
        request = self.request
        if status >= 300 or status == 204:
            self._prepare_encoding()
            return
        length = headers.get("content-length", "")
        if length.isdigit() and int(length[:18]) > self._limit():
            raise Refused(self._too_large())
        if status == 206:
            self._check_range()
        if request.into is not None:
            self._open()
        elif request.byte_range is None:
            self._prepare_encoding()

    def write(self, data: bytes) -> None:
        """More of the body, as it came over the wire. Raises ``Refused``."""
        if self._full:
            return
        if self._file is not None:
            self._size += len(data)
            if self._size > self.request.max_bytes:
                raise Refused(self._too_large())
            try:
                self._file.write(data)
            except OSError as error:
                raise Refused(CannotSave(str(self.request.into), error.strerror or str(error)))
            self._hash.update(data)
        elif self._inflater is not None:
            self._inflate(data)
        else:
            self._raw += len(data)
            self._keep(data)

    def finish(self) -> Response:
        """The answer is complete. Raises ``Refused`` if it is not after all."""
        if self._inflater is not None and self._raw and not self._inflater.eof and not self._full:
            raise Refused(TransferFailed("broken", "the compressed answer ended too early"))
        path = digest = None
        if self._file is not None:
            self._close()
            path, digest = self.request.into, self._hash.hexdigest()
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._chunks = []
        return Response(
            request=self.request,
            status=self.status,
            headers=self.headers,
            body=body,
            url=self.request.url,
            path=path,
            sha256=digest,
            size=self._size,
            resumed=self._resumed,
        )

    def abandon(self) -> int:
        """Close the file and give the number of good bytes in it (0 if the body went to memory)."""
        if self._file is None:
            return 0
        try:
            self._close()
        except Refused:
            return 0
        return self._size

    @property
    def validator(self) -> str | None:
        """What a later attempt may say to go on where this one stopped."""
        return validator_of(self.headers)

    def missing(self) -> int:
        """How many bytes of the body have not come, by ``Content-Length``; 0 if it does not say."""
        length = self.headers.get("content-length", "")
        if not length.isdigit() or self._full or "transfer-encoding" in self.headers:
            return 0
        start = self.request.resume.offset if self._resumed and self.request.resume else 0
        have = self._size - start if self._file is not None else self._raw
        return max(int(length[:18]) - have, 0)

    # -- inside -------------------------------------------------------------------------------

    def _limit(self) -> int:
        offset = self.request.resume.offset if self.status == 206 and self.request.resume else 0
        return self.request.max_bytes - offset

    def _too_large(self) -> TooLarge:
        request = self.request
        name = request.purpose or redact(request.url)
        return TooLarge(
            f"{name} is larger than the limit of {request.max_bytes // MEBIBYTE or 1} MiB",
            limit=request.max_bytes,
        )

    def _check_range(self) -> None:
        """A 206 must begin where we asked: another part of the file would be taken for this one."""
        unit, _, rest = self.headers.get("content-range", "").partition(" ")
        first = rest.partition("-")[0]
        wanted = self.request.resume.offset if self.request.resume else None
        if wanted is None and isinstance(self.request.byte_range, tuple):
            wanted = self.request.byte_range[0]
        if self.request.resume is None and self.request.byte_range is None:
            raise Refused(TransferFailed("protocol", "the server sent a part, and was asked for the whole"))
        if unit.lower() != "bytes" or not first.isdigit() or (wanted is not None and int(first) != wanted):
            raise Refused(TransferFailed("protocol", "the server sent another part than it was asked for"))

    def _open(self) -> None:
        from hashlib import sha256  # loads OpenSSL, which pages do without

        assert self.request.into is not None
        self._hash = sha256()
        resume = self.request.resume
        try:
            if self.status == 206 and resume is not None:
                self._file = open(self.request.into, "r+b")  # noqa: SIM115
                left = resume.offset
                while left:
                    chunk = self._file.read(min(left, MEBIBYTE))
                    if not chunk:
                        raise Refused(TransferFailed("broken", "the part that was here before has shrunk"))
                    self._hash.update(chunk)
                    left -= len(chunk)
                self._file.seek(resume.offset)
                self._file.truncate()
                self._size = resume.offset
                self._resumed = True
            else:
                self._file = open(self.request.into, "wb")  # noqa: SIM115
        except OSError as error:
            raise Refused(CannotSave(os.fspath(self.request.into), error.strerror or str(error)))

    def _close(self) -> None:
        assert self._file is not None
        try:
            self._file.close()
        except OSError as error:
            raise Refused(CannotSave(str(self.request.into), error.strerror or str(error)))

    def _prepare_encoding(self) -> None:
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("", "identity"):
            return
        if self.request.packed and self.status == 200 and encoding in _PACKED:
            return
        import zlib

        if encoding in _PACKED:
            self._inflater = zlib.decompressobj(31)
        elif encoding == "deflate":
            self._inflater = zlib.decompressobj()
        else:
            raise Refused(
                TransferFailed("protocol", "the answer is compressed in a way that was not asked for")
            )

    def _inflate(self, data: bytes) -> None:
        import zlib

        self._raw += len(data)
        while data:
            try:
                piece = self._inflater.decompress(data, _STEP)
            except zlib.error:
                raise Refused(TransferFailed("broken", "the compressed answer is damaged"))
            if piece:
                self._keep(piece)
            if self._full:
                return
            if self._size > _FREE and self._size > _RATIO * self._raw:
                self._chunks.clear()
                name = self.request.purpose or redact(self.request.url)
                raise Refused(
                    TooLarge(f"{name} unpacks to more than {_RATIO} times what was sent", limit=self._size)
                )
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                return  # what follows the end of the stream is not part of the body

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self.status >= 300 and self._size > _ERROR_BODY:
            self._full = True
            raise Refused(None)
        if self._size > self.request.max_bytes:
            self._chunks.clear()
            raise Refused(self._too_large())
        self._chunks.append(data)
