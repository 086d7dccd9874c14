"""Archives packed with zstd are read as those of other forms: to the last byte, and no more than allowed."""

from __future__ import annotations

import io

import pytest

from hutch.store import PackFault, TooLong, Unpacked, zstd

TEXT = bytes(range(256)) * 4000


def packed(data: bytes = TEXT) -> bytes:
    module = zstd()
    options = {module.CompressionParameter.checksum_flag: 1}
    return bytes(module.compress(data, options=options))


def read(data: bytes, most: int = 1 << 22) -> bytes:
    source = Unpacked(io.BytesIO(data), "zst", most)
    found = b""
    while piece := source.read(100_000):
        found += piece
    return found


def test_what_was_packed_is_read_one_frame_after_the_other() -> None:
    assert read(packed()) == TEXT
    assert read(packed() + packed(b"more")) == TEXT + b"more"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (packed()[:-1], "cut short"),
        (packed()[:-4] + bytes(4), "damaged"),
        (packed() + b"PK", "damaged|cut short"),
        (b"\x1f\x8b" + packed(), "damaged"),
        (b"", "cut short"),
    ],
)
def test_what_is_damaged_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(PackFault, match=why):
        read(data)


def test_a_bomb_is_stopped() -> None:
    with pytest.raises(TooLong):
        read(packed(bytes(8 << 20)), most=1 << 20)
