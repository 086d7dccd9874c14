"""Tar archives with any field set to anything."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Any

__all__ = ["END", "header", "pax", "tarball"]

END = bytes(1024)


def header(
    *,
    name: str = "",
    mode: int = 0o644,
    size: int = 0,
    type: bytes = b"0",
    link: str = "",
    magic: bytes = b"ustar\00000",
    prefix: str = "",
    checksum: int | None = None,
    size_field: bytes | None = None,
) -> bytes:
    """One header; ``size_field`` replaces the 12 bytes of the size."""
    block = bytearray(512)
    block[0:100] = name.encode("utf-8", "surrogateescape").ljust(100, b"\0")[:100]
    block[100:108] = b"%07o\0" % mode
    block[108:124] = b"0000000\0" * 2
    block[124:136] = (size_field or b"%011o\0" % size).ljust(12, b"\0")[:12]
    block[136:148] = b"%011o\0" % 1_600_000_000
    block[148:156] = b" " * 8
    block[156:157] = type
    block[157:257] = link.encode().ljust(100, b"\0")[:100]
    block[257:265] = magic
    block[345:500] = prefix.encode().ljust(155, b"\0")[:155]
    block[148:156] = b"%06o\0 " % (sum(block) if checksum is None else checksum)
    return bytes(block)


def pax(raw: bytes | None = None, **records: str) -> dict[str, Any]:
    """The fields of a pax header with ``records``, or with the bytes ``raw``, its content among them."""
    content = b"".join(_record(key, value) for key, value in records.items()) if raw is None else raw
    return {"name": "PaxHeaders/x", "type": b"x", "content": content}


def _record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    length = len(body) + 1
    while len(str(length)) + len(body) != length:
        length = len(str(length)) + len(body)
    return str(length).encode() + body


def tarball(members: Iterable[tuple[dict[str, Any], bytes]], *, end: bytes = END) -> bytes:
    """A `.tar.gz` of (fields of the header, content)."""
    out = bytearray()
    for fields, content in members:
        fields = dict(fields)
        content = fields.pop("content", content)
        fields.setdefault("size", len(content))
        out += header(**fields) + content + bytes(-len(content) % 512)
    return gzip.compress(bytes(out) + end, 9, mtime=0)
