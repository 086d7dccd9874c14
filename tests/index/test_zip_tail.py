"""METADATA by ranges, from good, odd and hostile archives."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.index import zip_tail
from hutch.index.zip_tail import BadArchive, WholeFileNeeded, read_metadata_by_ranges
from hutch.testing.wheels import make_wheel


def read(archive: bytes, name: str = "alpha", version: str = "1.0") -> tuple[bytes, int]:
    """METADATA, and how many ranges it took."""
    reading = read_metadata_by_ranges(name, version)
    wanted = next(reading)
    rounds = 0
    while True:
        rounds += 1
        start, stop = (max(len(archive) + wanted, 0), len(archive)) if isinstance(wanted, int) else wanted
        assert 0 <= start <= stop <= len(archive)
        try:
            wanted = reading.send((start, len(archive), archive[start:stop]))
        except StopIteration as end:
            return end.value, rounds


def metadata_of(archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(next(n for n in opened.namelist() if n.endswith(".dist-info/METADATA")))


def test_a_small_wheel_takes_one_range() -> None:
    _, archive = make_wheel("alpha", "1.0", requires=["beta"])
    assert read(archive) == (metadata_of(archive), 1)


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("tail", [1, 22, 23, 60, 200, 400, 600, 1000, 5000])
def test_however_short_the_tail_it_is_found(
    monkeypatch: pytest.MonkeyPatch, tail: int, compress: bool
) -> None:
    _, archive = make_wheel("alpha", "1.0", requires=[f"p{n}" for n in range(40)], compress=compress)
    monkeypatch.setattr(zip_tail, "TAIL", tail)
    if tail < 22:
        with pytest.raises(BadArchive):
            read(archive)
        return
    content, rounds = read(archive)
    assert content == metadata_of(archive)
    assert rounds <= 4


def test_metadata_at_the_front_of_a_large_wheel() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("alpha-1.0.dist-info/METADATA", "Name: alpha\n" * 5000)
        for number in range(2000):
            archive.writestr(f"alpha/{number:0100}.py", bytes(50))
    content, rounds = read(buffer.getvalue())
    assert content == b"Name: alpha\n" * 5000
    assert rounds == 3


def test_a_long_extra_field_before_the_data() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("alpha-1.0.dist-info/METADATA")
        archive.writestr(info, "Name: alpha\n")
        archive.writestr("alpha/data", bytes(200_000))
    data = bytearray(buffer.getvalue())
    # 500 bytes of extra field in the local header only: all offsets behind it move.
    extra = struct.pack("<HH", 0xCAFE, 496) + bytes(496)
    at = data.index(b"Name: alpha")
    data[28:30] = struct.pack("<H", 500)
    data[at:at] = extra
    directory = data.rindex(b"PK\1\2alpha/data"[:4])
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = struct.pack("<L", struct.unpack_from("<L", data, second + 42)[0] + 500)
    data[-6:-2] = struct.pack("<L", struct.unpack_from("<L", data, len(data) - 6)[0] + 500)
    assert directory
    assert read(bytes(data))[0] == b"Name: alpha\n"


@pytest.mark.parametrize(
    ("filename_of", "version"),
    [
        (lambda: make_wheel("al.pha", "1.0"), "1.0"),
        (lambda: make_wheel("alpha", "1.0"), "1"),
        (lambda: make_wheel("alpha", "1.0.post1"), "1.0-1"),
    ],
)
def test_other_spellings_are_the_same_project(
    filename_of: Callable[[], tuple[str, bytes]], version: str
) -> None:
    _, archive = filename_of()
    name = "al-pha" if b"al_pha" in archive else "alpha"
    assert read(archive, name, version)[0] == metadata_of(archive)


def wheel_with(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


GOOD = ("alpha-1.0.dist-info/METADATA", b"Name: alpha\n")


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (b"", "too short"),
        (b"not a zip at all" * 10, "not a zip"),
        (wheel_with(("alpha.py", b"")), "not exactly one"),
        (wheel_with(GOOD, ("beta-1.0.dist-info/METADATA", b"")), "not exactly one"),
        (wheel_with(GOOD, ("beta-1.0.dist-info/WHEEL", b"")), "not exactly one"),
        (wheel_with(GOOD, ("ALPHA-1.0.DIST-INFO/METADATA", b"")), "not exactly one"),
        (wheel_with(("beta-1.0.dist-info/METADATA", b"")), "another project"),
        (wheel_with(("alpha-2.0.dist-info/METADATA", b"")), "another project"),
        (wheel_with(("alpha-x.dist-info/METADATA", b"")), "another project"),
        (wheel_with(("sub/alpha-1.0.dist-info/METADATA", b"")), "not exactly one"),
    ],
)
def test_what_is_refused(archive: bytes, reason: str) -> None:
    with pytest.raises(BadArchive, match=reason):
        read(archive)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_metadata_are_refused() -> None:
    with pytest.raises(BadArchive, match="exactly one"):
        read(wheel_with(GOOD, GOOD))


def changed(archive: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    at = archive.rindex(signature) + offset
    return archive[:at] + value + archive[at + len(value) :]


@pytest.mark.parametrize(
    ("signature", "offset", "value"),
    [
        (b"PK\1\2", 8, b"\x01"),  # encrypted
        (b"PK\1\2", 16, b"\0\0\0\0"),  # checksum
        (b"PK\1\2", 24, b"\xff\xff\xff\x7f"),  # unpacked size
        (b"PK\1\2", 20, b"\xff\xff\xff\x7f"),  # packed size
        (b"PK\1\2", 42, b"\xff\xff\xff\x7f"),  # offset
        (b"PK\1\2", 42, b"\x05\0\0\0"),
        (b"PK\1\2", 28, b"\xff\xff"),  # length of the name
        (b"PK\1\2", 0, b"XX"),
        (b"PK\3\4", 0, b"XX"),
        (b"PK\3\4", 8, b"\x08"),  # method differs
        (b"PK\3\4", 26, b"\x01"),
        (b"PK\3\4", 30, b"beta"),  # name differs
        (b"PK\5\6", 4, b"\x01"),  # disk
        (b"PK\5\6", 8, b"\x02"),  # count
        (b"PK\5\6", 10, b"\x02"),
        (b"PK\5\6", 12, b"\x01\0\0\0"),  # size of the directory
        (b"PK\5\6", 16, b"\x01\0\0\0"),  # offset of the directory
    ],
)
def test_a_lie_in_any_field_is_refused(signature: bytes, offset: int, value: bytes) -> None:
    with pytest.raises((BadArchive, WholeFileNeeded)):
        read(changed(wheel_with(GOOD), signature, offset, value))


@pytest.mark.parametrize("archive", [b"MZ" + wheel_with(GOOD), wheel_with(GOOD) + b"PK\5\6comment"])
def test_bytes_around_the_archive_are_for_another_reader(archive: bytes) -> None:
    with pytest.raises(WholeFileNeeded):
        read(archive)


def test_a_comment_with_a_second_end() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(*GOOD)
        archive.comment = wheel_with(("alpha-1.0.dist-info/METADATA", b"Name: evil\n"))
    with pytest.raises((BadArchive, WholeFileNeeded)):
        read(buffer.getvalue())


def test_a_bomb_in_metadata() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("alpha-1.0.dist-info/METADATA", bytes(64 << 20))
    with pytest.raises(BadArchive, match="larger"):
        read(buffer.getvalue())
    # And with a size that lies: it inflates to one byte more than it says, and no further.
    liar = changed(buffer.getvalue(), b"PK\1\2", 24, b"\x10\0\0\0")
    with pytest.raises(BadArchive):
        read(liar)


def test_a_file_that_changes_while_it_is_read() -> None:
    reading = read_metadata_by_ranges("alpha", "1.0")
    archive = wheel_with(GOOD, ("alpha/data", bytes(100_000)))
    assert next(reading) == -zip_tail.TAIL
    start, stop = reading.send((len(archive) - zip_tail.TAIL, len(archive), archive[-zip_tail.TAIL :]))  # type: ignore[misc]
    with pytest.raises(BadArchive, match="changed"):
        reading.send((start, len(archive) + 1, archive[start:stop]))


@given(st.data())
def test_no_damage_is_a_traceback(data: st.DataObject) -> None:
    archive = bytearray(wheel_with(GOOD, ("alpha/x.py", b"x")))
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del archive[data.draw(st.integers(0, len(archive) - 1)) :]
    try:
        content, _ = read(bytes(archive))
    except (BadArchive, WholeFileNeeded):
        return
    assert content == GOOD[1]  # whatever was changed, the checksum holds
