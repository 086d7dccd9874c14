"""Table 1.3, B rows: archives that cost more than they say. The limits are told, and may be raised."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from hostile.craft_tar import pax, tarball
from hostile.world import World, evil
from store.craft import Entry, build_zip, deflate

MIB = 1 << 20
LIMITS = "HUTCH_ARCHIVE_SIZE_LIMIT"


def disk_used(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def test_b01_an_honest_bomb_is_refused_by_its_ratio(world: World) -> None:
    bomb = build_zip(evil({"evil/zeros": bytes(400 * MIB)}))
    assert len(bomb) < MIB
    world.offer(bomb)
    before = world.snapshot()
    world.refuse(world.install(), before, "would unpack to", "out of proportion", f"{LIMITS}=")


def test_b01_who_raises_the_limit_gets_it(world: World) -> None:
    world.offer(evil({"evil/zeros": bytes(80 * MIB)}))
    before = world.snapshot()
    world.refuse(world.install(), before, LIMITS)
    world.refuse(world.install(HUTCH_ARCHIVE_SIZE_LIMIT="10 MiB"), before, LIMITS)
    world.accept(world.install(HUTCH_ARCHIVE_SIZE_LIMIT="100MiB"), before)
    assert (world.site / "evil" / "zeros").stat().st_size == 80 * MIB


def lie(size: int, content: bytes) -> bytes:
    """A wheel with a member that inflates to more than both of its headers say."""
    said = {"size": size, "crc": zlib.crc32(content[:size])}
    entries = evil({"evil/big": content[:size]})
    for entry in entries:
        if entry.name == "evil/big":
            entry.payload, entry.local, entry.central = deflate(content), said, said
    return build_zip(entries)


@pytest.mark.parametrize("size", [1000, 5 * MIB])
def test_b02_a_size_that_lies_is_found_before_much_is_written(
    world: World, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.offer(lie(size, bytes(200 * MIB)))
    before = world.snapshot()
    written = 0
    write = os.write

    def counted(descriptor: int, data: Any) -> int:
        nonlocal written
        written += len(data)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", counted)
    world.refuse(world.install(), before, "is not a valid wheel")
    assert written < 10 * MIB
    assert disk_used(world.project.home / "cache") < 2 * MIB


def test_b03_many_members_of_one_payload_overlap(world: World) -> None:
    payload = deflate(bytes(MIB))
    entries = [Entry("quilt/0", bytes(MIB), payload=payload)]
    entries += [
        Entry(f"quilt/{number}", bytes(MIB), written=False, payload=payload, central={"offset": 0})
        for number in range(1, 200)
    ]
    world.offer([*entries, *evil()])
    before = world.snapshot()
    world.refuse(world.install(), before, "is not a valid wheel")


def test_b03_members_inside_of_a_member_overlap(world: World) -> None:
    inner = build_zip([Entry("inner", b"1")])
    entries = evil({"evil/outer": inner})
    for entry in entries:
        if entry.name == "evil/outer":
            entry.method = 0
    data = build_zip(entries)
    at = data.index(inner)
    whole = [*entries, Entry("inner", b"1", written=False, central={"offset": at})]
    world.offer(whole)
    before = world.snapshot()
    world.refuse(world.install(), before, "is not a valid wheel")


def test_a_directory_of_more_members_than_are_allowed(world: World) -> None:
    data = bytearray(build_zip(evil()))
    data[-14:-10] = struct.pack("<2H", 0xFFFF, 0xFFFF)  # says 65,535 members, has five
    world.offer(bytes(data))
    before = world.snapshot()
    world.refuse(world.install(), before, "is not a valid wheel")


def test_more_members_than_are_allowed_and_how_to_allow_them(world: World) -> None:
    world.offer(evil({f"evil/{number}.py": b"" for number in range(200)}))
    before = world.snapshot()
    ran = world.install(HUTCH_ARCHIVE_MEMBER_LIMIT="150")
    world.refuse(ran, before, "more than 150", "HUTCH_ARCHIVE_MEMBER_LIMIT")
    world.accept(world.install(HUTCH_ARCHIVE_MEMBER_LIMIT="300"), before)


def test_folders_that_are_only_named_count_as_members(world: World) -> None:
    world.offer(evil({f"{number}/" + "d/" * 20 + "x": b"" for number in range(40)}))
    before = world.snapshot()
    world.refuse(world.install(HUTCH_ARCHIVE_MEMBER_LIMIT="500"), before, "more than 500 folders")


TOP = "evil-1.0"
PKG_INFO = b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n\n"
SDISTS = {
    "zeros": [({"name": f"{TOP}/zeros"}, bytes(140 * MIB))],
    "a million hard links": [
        ({"name": f"{TOP}/big"}, bytes(MIB)),
        *(({"name": f"{TOP}/h{number}", "type": b"1", "link": f"{TOP}/big"}, b"") for number in range(200)),
    ],
    "folders that are only named": [
        ({"name": f"{TOP}/{number}/" + "d/" * 40 + "x"}, b"") for number in range(60)
    ],
    "a pax header without end": [(pax(raw=bytes(2 * MIB)), b""), ({"name": f"{TOP}/x"}, b"")],
}


@pytest.mark.parametrize("row", SDISTS)
def test_sdists_that_are_bombs(world: World, row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(world.root / "outside"))
    world.offer(tarball([({"name": f"{TOP}/PKG-INFO"}, PKG_INFO), *SDISTS[row]]), "evil-1.0.tar.gz")
    before = world.snapshot()
    words = () if "end" in row else (LIMITS,)
    ran = world.install(HUTCH_ARCHIVE_MEMBER_LIMIT="1000")
    world.refuse(ran, before, "the source archive evil-1.0.tar.gz is refused", *words)
