"""Whichever inflater is there: the same bytes out of what is sound, and none out of what is not."""

from __future__ import annotations

import os
import random
import zlib
from pathlib import Path

import pytest

from hutch.store import archive as reader
from hutch.store import inflate
from hutch.store.archive import ArchiveFault, open_archive
from store.craft import Entry, build_zip, deflate

CONTENT = b"".join(b"%d is %s\n" % (number, b"even" if number % 2 == 0 else b"odd") for number in range(3000))


@pytest.fixture(params=["zlib", "isal"])
def way(request, monkeypatch):
    if request.param == "zlib":
        monkeypatch.setattr(inflate, "_new", zlib.decompressobj)
        monkeypatch.setattr(reader, "crc32", zlib.crc32)
        return
    isal_zlib = pytest.importorskip("isal.isal_zlib", reason="ISA-L is not installed")
    monkeypatch.setattr(inflate, "_new", isal_zlib.decompressobj)
    monkeypatch.setattr(reader, "crc32", isal_zlib.crc32)
    monkeypatch.setattr(reader, "FAULTS", (zlib.error, isal_zlib.error))


def read(payload: bytes, directory: Path, pieces: bool) -> bytes | None:
    """What comes of a member with this deflated payload; None where it is refused."""
    path = directory / "archive.zip"
    path.write_bytes(build_zip([Entry("a", CONTENT, payload=payload)]))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        archive = open_archive(descriptor)
        (member,) = archive.members
        return b"".join(archive.chunks(member)) if pieces else archive.read(member)
    except ArchiveFault:
        return None
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("pieces", [False, True])
def test_what_is_sound_comes_out(way, tmp_path, monkeypatch, pieces):
    monkeypatch.setattr(reader, "_CHUNK", 777)
    assert read(deflate(CONTENT), tmp_path, pieces) == CONTENT


@pytest.mark.parametrize("pieces", [False, True])
def test_damage_never_comes_out(way, tmp_path, monkeypatch, pieces):
    monkeypatch.setattr(reader, "_CHUNK", 777)
    good = deflate(CONTENT)
    chance = random.Random(7)
    for _ in range(300):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        assert read(bytes(bad), tmp_path, pieces) in (None, CONTENT)
    for cut in (0, 1, 100, len(good) - 1):
        assert read(good[:cut], tmp_path, pieces) is None
    assert read(good + b"\0", tmp_path, pieces) is None
