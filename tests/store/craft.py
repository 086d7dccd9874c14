"""Archives with any field set to anything: what honest writers never write."""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hutch.testing.wheels import make_metadata, record_line


@dataclass
class Entry:
    """One member; ``central`` and ``local`` override single fields of its two headers."""

    name: str | bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    central: dict[str, Any] = field(default_factory=dict)
    local: dict[str, Any] = field(default_factory=dict)
    payload: bytes | None = None
    descriptor: bytes = b""
    before: bytes = b""  # bytes in front of the local header that nobody owns
    listed: bool = True
    written: bool = True


def deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def build_zip(
    entries: Iterable[Entry],
    *,
    prefix: bytes = b"",
    before_end: bytes = b"",
    comment: bytes = b"",
    suffix: bytes = b"",
    end: Mapping[str, int] | None = None,
    zip64: Mapping[str, int] | None = None,
) -> bytes:
    """The archive. ``end`` overrides fields of its end; ``zip64`` adds ZIP64 records, with overrides."""
    out = bytearray(prefix)
    central = bytearray()
    count = 0
    for entry in entries:
        name = entry.name.encode() if isinstance(entry.name, str) else entry.name
        flags = entry.flags | (0x800 if not name.isascii() and isinstance(entry.name, str) else 0)
        payload = entry.payload
        if payload is None:
            payload = deflate(entry.data) if entry.method == 8 else entry.data
        base = {
            "name": name, "flags": flags, "method": entry.method, "crc": zlib.crc32(entry.data),
            "compressed": len(payload), "size": len(entry.data), "extra": b"", "needed": 20,
        }  # fmt: skip
        out += entry.before
        offset = len(out)
        if entry.written:
            local = {**base, **entry.local}
            out += struct.pack(
                "<4s5H3L2H", b"PK\3\4", local["needed"], local["flags"], local["method"], 0, 33, local["crc"],
                local["compressed"], local["size"], len(local["name"]), len(local["extra"]),
            )  # fmt: skip
            out += local["name"] + local["extra"] + payload + entry.descriptor
        if entry.listed:
            count += 1
            far = {**base, "offset": offset, "disk": 0, "comment": b"", **entry.central}
            central += struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", 0x031E, far["needed"], far["flags"], far["method"], 0, 33,
                far["crc"], far["compressed"], far["size"], len(far["name"]), len(far["extra"]),
                len(far["comment"]), far["disk"], 0, entry.mode << 16, far["offset"],
            )  # fmt: skip
            central += far["name"] + far["extra"] + far["comment"]
    start = len(out)
    out += central
    values = {
        "disk": 0,
        "start_disk": 0,
        "here": count,
        "count": count,
        "size": len(central),
        "offset": start,
    }
    if zip64 is not None:
        wide = {**values, "length": 44, "at": len(out), "disks": 1, **zip64}
        out += struct.pack(
            "<4sQ2H2L4Q", b"PK\6\6", wide["length"], 45, 45, wide["disk"], wide["start_disk"],
            wide["here"], wide["count"], wide["size"], wide["offset"],
        )  # fmt: skip
        out += struct.pack("<4sLQL", b"PK\6\7", 0, wide["at"], wide["disks"])
    out += before_end
    values.update(end or {})
    out += struct.pack(
        "<4s4H2LH", b"PK\5\6", values["disk"], values["start_disk"], values["here"], values["count"],
        values["size"], values["offset"], values.get("comment", len(comment)),
    )  # fmt: skip
    return bytes(out) + comment + suffix


def wheel_entries(
    files: Mapping[str, bytes] | None = None,
    *,
    name: str = "alpha",
    version: str = "1.0",
    info: Mapping[str, bytes | None] | None = None,
    record: Callable[[list[str]], list[str]] = lambda rows: rows,
) -> list[Entry]:
    """The members of an honest wheel; ``info`` replaces (None: drops) files of it, ``record`` edits rows."""
    folder = f"{name}-{version}.dist-info"
    members: dict[str, bytes] = dict(files if files is not None else {"alpha.py": b"x = 1\n" * 20})
    own: dict[str, bytes | None] = {
        "METADATA": make_metadata(name, version).encode(),
        "WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **(info or {}),
    }
    members.update({f"{folder}/{key}": value for key, value in own.items() if value is not None})
    if "RECORD" not in own:
        rows = [record_line(path, data) for path, data in members.items()]
        rows = record([*rows, f"{folder}/RECORD,,"])
        members[f"{folder}/RECORD"] = ("\n".join(rows) + "\n").encode()
    return [Entry(path, data) for path, data in members.items()]


def write_temporary(data: bytes, directory: str | os.PathLike[str]) -> str:
    """A file with this content."""
    descriptor, path = tempfile.mkstemp(dir=directory)
    os.write(descriptor, data)
    os.close(descriptor)
    return path
