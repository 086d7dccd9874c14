"""The decompressed bytes of a tar in `.gz`, `.bz2`, `.xz`, `.zst`: sound to the last, never too many.

Python's own readers stop where the reader of the tar stops: a wrong checksum is not noticed then, nor what
was put behind the end.
"""

from __future__ import annotations

import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO, Protocol

    class Decompressor(Protocol):
        """What zlib, bz2 and lzma have in common."""

        @property
        def eof(self) -> bool:
            """Whether its stream has come to its end."""

        @property
        def unused_data(self) -> bytes:
            """What was behind the end."""

        def decompress(self, data: bytes, max_length: int, /) -> bytes:
            """Up to ``max_length`` bytes."""


__all__ = ["PackFault", "TooLong", "Unpacked", "zstd"]

_PIECE = 1 << 16
_MEMORY = 256 << 20  # bytes that a dictionary of xz may take


class PackFault(Exception):
    """Why the bytes cannot be had."""


class TooLong(PackFault):
    """They are more than was allowed."""


class Unpacked:
    """The content of ``file``, packed as ``form`` (`gz`, `bz2`, `xz`, `zst`); at most ``most`` bytes."""

    def __init__(self, file: BinaryIO, form: str, most: int) -> None:
        self._file = file
        self._open = _opener(form)
        self._decompressor: Decompressor | None = self._open()
        self._waiting = b""  # packed bytes that were read
        self._ready = bytearray()
        self._ended = False
        self._most = most
        self._read = 0

    def read(self, size: int) -> bytes:
        """Exactly ``size`` bytes, fewer only at the end. Raises PackFault and OSError."""
        while len(self._ready) < size and not self._ended:
            self._fill(max(size - len(self._ready), _PIECE))
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def _fill(self, wanted: int) -> None:
        if self._decompressor is None:
            self._next()
            return
        if not self._waiting:
            self._waiting = self._file.read(_PIECE)
        taken = self._waiting
        try:
            data = self._decompressor.decompress(taken, wanted)
        except (
            Exception
        ) as error:  # zlib.error, OSError, lzma.LZMAError, EOFError, MemoryError of a dictionary
            raise PackFault(f"what is packed in it is damaged: {error}") from error
        # zlib gives back what it did not take, the others keep it.
        self._waiting = getattr(self._decompressor, "unconsumed_tail", b"")
        self._read += len(data)
        if self._read > self._most:
            raise TooLong(f"it unpacks to more than {self._most} bytes, out of proportion")
        self._ready += data
        if self._decompressor.eof:
            self._waiting = self._decompressor.unused_data
            self._decompressor = None
        elif not data and not taken:
            raise PackFault("it is cut short")

    def _next(self) -> None:
        """Behind a stream there may be another one, or padding; nothing else."""
        self._waiting = self._waiting or self._file.read(_PIECE)
        if not self._waiting:
            self._ended = True
        elif self._waiting.count(0) == len(self._waiting):
            self._waiting = b""
        else:
            self._decompressor = self._open()


def _opener(form: str) -> Callable[[], Decompressor]:
    if form == "gz":
        return lambda: zlib.decompressobj(31)
    if form == "bz2":
        import bz2

        return bz2.BZ2Decompressor
    if form == "zst":
        return zstd().ZstdDecompressor  # type: ignore[no-any-return]
    import lzma

    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)


def zstd() -> Any:
    """The module for Zstandard, in the standard library since 3.14. Windows are bounded, by default, by
    128 MiB. Raises PackFault where there is none."""
    import sys

    if sys.version_info >= (3, 14):
        from compression import zstd as module
    else:
        try:
            from backports import zstd as module
        except ImportError as error:
            raise PackFault("it is packed with Zstandard, and backports.zstd is not installed") from error
    return module
