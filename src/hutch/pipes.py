"""Messages over the pipes to forked processes (``hutch.forked``): a length, and a marshalled value.

Both ends are one program in one version, so nothing needs a format that lasts.
"""

from __future__ import annotations

import marshal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["message", "messages", "receive", "send", "widen"]

_HEAD = 4
_F_SETPIPE_SZ = 1031
_WIDE = 1 << 20
_USUAL = 1 << 16


def message(value: Any, version: int = marshal.version) -> bytes:
    """A value as it is sent. In version 2 of ``marshal`` what has two owners is written twice, and faster."""
    data = marshal.dumps(value, version)
    return len(data).to_bytes(_HEAD, "little") + data


def send(descriptor: int, data: bytes) -> None:
    """Write all of ``data``, waiting for who reads it. Raises OSError where nobody does any more."""
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, memoryview(data)[written:])


def receive(descriptor: int) -> Any:
    """Wait for a message, and read it; None where the pipe ends, in the middle of one too."""
    head = _read_exactly(descriptor, _HEAD)
    data = _read_exactly(descriptor, int.from_bytes(head, "little")) if head else b""
    return marshal.loads(data) if data else None


def messages(begun: list[bytes], data: bytes) -> Iterator[Any]:
    """The messages that are complete with ``data``; what is left over is ``begun``."""
    begun.append(data)
    if len(begun) > 1:
        # A large one comes in many pieces, and is put together once.
        size = int.from_bytes(begun[0][:_HEAD], "little") if len(begun[0]) >= _HEAD else 0
        if sum(map(len, begun)) < _HEAD + size:
            return
        data = b"".join(begun)
    begun.clear()
    at = 0
    while at + _HEAD <= len(data):
        end = at + _HEAD + int.from_bytes(data[at : at + _HEAD], "little")
        if end > len(data):
            break
        yield marshal.loads(memoryview(data)[at + _HEAD : end])
        at = end
    if at < len(data):
        begun.append(data[at:])


def widen(descriptor: int) -> int:
    """Have a pipe hold as much as it may, so that its writer waits less; how many bytes that is."""
    try:
        from fcntl import fcntl

        return fcntl(descriptor, _F_SETPIPE_SZ, _WIDE)
    except OSError:
        return _USUAL  # this user has many pipes


def _read_exactly(descriptor: int, size: int) -> bytes:
    """So many bytes of a pipe; none where it ends before."""
    data = os.read(descriptor, size)
    if len(data) == size:
        return data
    pieces = []
    while data:
        pieces.append(data)
        size -= len(data)
        if not size:
            return b"".join(pieces)
        data = os.read(descriptor, size)
    return b""
