"""As much of an ELF header as wheel tags need: the loader, and the flags of ARM.

Learned from the ELF specification; `packaging` reads the same fields to tell musl from glibc.
"""

from __future__ import annotations

from hutch.values import dataclass

__all__ = ["ElfHeader", "read_elf"]

_PT_INTERP = 3
_MOST_HEADERS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class ElfHeader:
    """``bits`` 32 or 64, ``machine`` and ``flags`` as in the file, ``loader`` the path in PT_INTERP or ""."""

    bits: int
    little_endian: bool
    machine: int
    flags: int
    loader: str


def read_elf(path: str) -> ElfHeader | None:
    """The header of the file at ``path``; None if it cannot be read or is no ELF file."""
    import struct

    try:
        with open(path, "rb") as file:
            ident = file.read(16)
            if len(ident) < 16 or ident[:4] != b"\x7fELF" or ident[4] not in (1, 2) or ident[5] not in (1, 2):
                return None
            wide, order = ident[4] == 2, "<" if ident[5] == 1 else ">"
            head = struct.Struct(order + ("HHIQQQIHHH" if wide else "HHIIIIIHHH"))
            _, machine, _, _, offset, _, flags, _, size, count = head.unpack(file.read(head.size))
            loader = ""
            for index in range(min(count, _MOST_HEADERS)):
                file.seek(offset + index * size)
                entry = struct.Struct(order + ("IIQQQQ" if wide else "IIIIII"))
                fields = entry.unpack(file.read(entry.size))
                if fields[0] != _PT_INTERP:
                    continue
                start, length = (fields[2], fields[5]) if wide else (fields[1], fields[4])
                file.seek(start)
                loader = file.read(min(length, 4096)).split(b"\0")[0].decode("utf-8", "surrogateescape")
                break
    except (OSError, struct.error, ValueError, OverflowError):
        return None
    return ElfHeader(
        bits=64 if wide else 32, little_endian=order == "<", machine=machine, flags=flags, loader=loader
    )
