"""Table 1.2: archives that say one thing to one reader and another thing to another. All are refused."""

from __future__ import annotations

import struct
import zlib

import pytest

from hostile.world import World, evil
from store.craft import Entry, build_zip, deflate


def with_one(name: str = "evil/x.txt", data: bytes = b"shown\n", **fields: object) -> list[Entry]:
    """An honest wheel but for the fields of one member."""
    entries = evil({name: data})
    member = next(each for each in entries if each.name == name)
    for key, value in fields.items():
        setattr(member, key, value)
    return entries


def second_name(name: bytes, other: bytes) -> bytes:
    """Info-ZIP's Unicode path field."""
    return struct.pack("<2HBL", 0x7075, 5 + len(other), 1, zlib.crc32(name)) + other


def wide(*values: int) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)


def descriptor(data: bytes, *, crc: int | None = None, width: str = "L", signed: bool = True) -> bytes:
    crc = zlib.crc32(data) if crc is None else crc
    return (b"PK\7\x08" if signed else b"") + struct.pack(f"<L2{width}", crc, len(deflate(data)), len(data))


HONEST = build_zip(evil())
OTHER = build_zip(evil({"evil/pwned.py": b"pwned\n"}))
UNKNOWN = {"crc": 0, "compressed": 0, "size": 0}
DATA = b"shown\n"

REFUSED = {
    "Z02 a member that only streaming readers see": [Entry("pwned.py", b"pwned\n", listed=False), *evil()],
    "Z02 such a member in the middle": [*evil()[:1], Entry("pwned.py", b"1", listed=False), *evil()[1:]],
    "Z02 such a member at the end": [*evil(), Entry("pwned.py", b"pwned\n", listed=False)],
    "Z03 a member that only the directory has": [*evil(), Entry("evil/x.py", b"1", written=False)],
    "Z04 another name": with_one(local={"name": b"evil/pwned"}),
    "Z04 another name that leads upwards": with_one(local={"name": b"../../../x"}),
    "Z04 another letter case": with_one(local={"name": b"evil/X.txt"}),
    "Z05 another size": with_one(local={"size": 3}),
    "Z05 another packed size": with_one(local={"compressed": 3}),
    "Z05 no size": with_one(local=UNKNOWN),
    "Z06 another checksum": with_one(local={"crc": 1}),
    "Z06 the wrong checksum in both": with_one(local={"crc": 1}, central={"crc": 1}),
    "Z07 a descriptor with another checksum": with_one(
        flags=8, local=UNKNOWN, descriptor=descriptor(DATA, crc=1)
    ),
    "Z07 no descriptor where one is said to be": with_one(flags=8, local=UNKNOWN),
    "Z07 a descriptor and more": with_one(flags=8, local=UNKNOWN, descriptor=descriptor(DATA) + b"x"),
    "Z07 a descriptor that nobody announced": with_one(descriptor=descriptor(DATA)),
    "Z09 bytes behind": build_zip(evil(), suffix=b"x"),
    "Z09 a comment that is shorter than it says": build_zip(evil(), end={"comment": 5}),
    "Z09 a comment that is longer than it says": build_zip(evil(), comment=b"12345", end={"comment": 3}),
    "Z10 bytes before": build_zip(evil(), prefix=b"#!/bin/sh\nexit\n"),
    "Z10 bytes before, not counted": b"MZ" + HONEST,
    "Z10 bytes between members and directory": build_zip([*evil(), Entry("x", before=b"gap", listed=False)]),
    "Z10 bytes between directory and end": build_zip(evil(), before_end=b"gap"),
    "Z10 bytes between members": build_zip([*evil()[:2], Entry("x", b"1", before=b"gap"), *evil()[2:]]),
    "Z11 two archives": HONEST + OTHER,
    "Z12 an archive in the comment": build_zip(evil(), comment=OTHER),
    "Z12 the end of an archive in the comment": build_zip(evil(), comment=OTHER[-22:]),
    "Z12 a directory in the comment": build_zip(evil(), comment=b"PK\1\2" + bytes(60)),
    "Z13 ZIP64 with other counts": build_zip(evil(), zip64={"here": 1, "count": 1}),
    "Z13 ZIP64 with another directory": build_zip(evil(), zip64={"offset": 7}),
    "Z13 ZIP64 with another size": build_zip(evil(), zip64={"size": 99}),
    "Z14 ZIP64 elsewhere": build_zip(evil(), zip64={"at": 0}),
    "Z14 ZIP64 with data of its own": build_zip(evil(), zip64={"length": 45}),
    "Z14 ZIP64 on several disks": build_zip(evil(), zip64={"disks": 2}),
    "Z15 a second name": with_one(central={"extra": second_name(b"evil/x.txt", b"evil/pwned.py")}),
    "Z15 a second name that leads upwards": with_one(
        central={"extra": second_name(b"evil/x.txt", b"../../../../x")}
    ),
    "Z15 a second local name": with_one(local={"extra": second_name(b"evil/x.txt", b"evil/pwned.py")}),
    "Z15 a second name for another first": with_one(central={"extra": second_name(b"z", b"evil/x.txt")}),
    "Z16 encrypted": with_one(flags=1),
    "Z16 encrypted strongly": with_one(flags=1 | 1 << 6),
    "Z16 masked": with_one(flags=1 << 13),
    "Z16 patched": with_one(flags=1 << 5),
    "Z16 WinZip's AES": with_one(method=99),
    "Z17 a ZIP64 field with another size": with_one(central={"size": 0xFFFFFFFF, "extra": wide(2)}),
    "Z17 a ZIP64 field nobody needs": with_one(central={"extra": wide(6, 6)}),
    "Z17 a ZIP64 field too short": with_one(
        central={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": wide(1)}
    ),
    "Z17 no ZIP64 field": with_one(central={"size": 0xFFFFFFFF}),
    "Z17 a local ZIP64 field with other sizes": with_one(
        local={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": wide(9, 9)}
    ),
    "Z17 a ZIP64 field twice": with_one(central={"size": 0xFFFFFFFF, "extra": wide(6) + wide(7)}),
    "Z18 bzip2": with_one(method=12),
    "Z18 lzma": with_one(method=14),
    "Z18 zstd": with_one(method=93),
    "Z18 deflate64": with_one(method=9),
    "Z18 another method in the local header": with_one(local={"method": 0}),
    "Z19 other flags": with_one(local={"flags": 8}),
    "Z19 another version needed": with_one(local={"needed": 64}),
    "stored, with two sizes": with_one(method=0, central={"size": 3}),
    "more behind the packed data": with_one(payload=deflate(DATA) + b"more"),
    "packed data without an end": with_one(payload=deflate(DATA)[:-1]),
    "another disk": with_one(central={"disk": 1}),
    "fewer entries than there are": build_zip(evil(), end={"here": 1, "count": 1}),
    "more entries than there are": build_zip(evil(), end={"here": 9, "count": 9}),
    "a directory elsewhere": build_zip(evil(), end={"offset": 5}),
    "cut off": HONEST[:-1],
    "half": HONEST[: len(HONEST) // 2],
    "empty": b"",
    "only an end": HONEST[-22:],
    "a page of HTML": b"<html><body>sign in</body></html>" * 9,
}


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world: World, row: str) -> None:
    case = REFUSED[row]
    world.offer(case)
    before = world.snapshot()
    world.refuse(world.install(), before, "is not a valid wheel")


ACCEPTED = {
    "Z08 a descriptor": with_one(flags=8, local=UNKNOWN, descriptor=descriptor(DATA)),
    "Z08 a descriptor without signature": with_one(
        flags=8, local=UNKNOWN, descriptor=descriptor(DATA, signed=False)
    ),
    "Z08 a wide descriptor": with_one(flags=8, local=UNKNOWN, descriptor=descriptor(DATA, width="Q")),
    "Z08 a descriptor that says again what was said": with_one(flags=8, descriptor=descriptor(DATA)),
    "Z15 a second name that is the same": with_one(
        central={"extra": second_name(b"evil/x.txt", b"evil/x.txt")}
    ),
    "Z20 an honest ZIP64 end": build_zip(evil({"evil/x.txt": DATA}), zip64={}),
    "Z20 an honest ZIP64 end that is needed": build_zip(
        evil({"evil/x.txt": DATA}),
        zip64={},
        end={"here": 0xFFFF, "count": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF},
    ),
    "Z20 honest ZIP64 fields": with_one(
        central={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": wide(6, len(deflate(DATA)))},
        local={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": wide(6, len(deflate(DATA)))},
    ),
    "a comment": build_zip(evil({"evil/x.txt": DATA}), comment=b"made by hand"),
    "stored": with_one(method=0),
    "folders of their own": [Entry("evil/", mode=0o040755), *with_one()],
}


@pytest.mark.parametrize("row", ACCEPTED)
def test_accepted(world: World, row: str) -> None:
    world.offer(ACCEPTED[row])
    before = world.snapshot()
    world.accept(world.install(), before)
    assert (world.site / "evil" / "x.txt").read_bytes() == DATA
