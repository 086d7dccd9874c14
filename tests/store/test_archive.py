"""The strict ZIP reader: honest archives pass, two-faced ones do not."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutch.store.archive import Archive, ArchiveFault, Limits, open_archive
from store.craft import Entry, build_zip, deflate

A = Entry("a.txt", b"hello " * 50)
B = Entry("b/c.txt", b"there", method=0)


def read_all(
    data: bytes, tmp_path, *, limits: Limits | None = None, windows: bool = False
) -> dict[str, bytes]:
    path = tmp_path / "archive.zip"
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        archive = open_archive(descriptor, limits=limits, windows=windows)
        for member in archive.members:
            assert b"".join(archive.chunks(member)) == archive.read(member)
        return {member.name: archive.read(member) for member in archive.members}
    finally:
        os.close(descriptor)


def refuse(data: bytes, tmp_path, words: str, **options) -> None:
    with pytest.raises(ArchiveFault, match=words):
        read_all(data, tmp_path, **options)


def test_an_honest_archive_is_read(tmp_path):
    assert read_all(build_zip([A, B]), tmp_path) == {"a.txt": A.data, "b/c.txt": b"there"}


def test_the_order_of_the_directory_is_free(tmp_path):
    whole = build_zip([A, B])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        start = archive.start_dir
    first = whole.index(b"PK\1\2", start + 4)
    end = whole.rindex(b"PK\5\6")
    swapped = whole[:start] + whole[first:end] + whole[start:first] + whole[end:]
    assert set(read_all(swapped, tmp_path)) == {"a.txt", "b/c.txt"}


def descriptor(
    data: bytes, payload: bytes, *, width: str = "L", signed: bool = True, crc: int | None = None
) -> bytes:
    crc = zlib.crc32(data) if crc is None else crc
    return (b"PK\7\x08" if signed else b"") + struct.pack(f"<L2{width}", crc, len(payload), len(data))


@pytest.mark.parametrize("width", ["L", "Q"])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("sizes_in_header", [True, False])
def test_streamed_members_with_a_true_descriptor_are_read(tmp_path, width, signed, sizes_in_header):
    payload = deflate(A.data)
    local = {} if sizes_in_header else {"crc": 0, "compressed": 0, "size": 0}
    entry = Entry(
        "a.txt",
        A.data,
        flags=8,
        local=local,
        descriptor=descriptor(A.data, payload, width=width, signed=signed),
    )
    assert read_all(build_zip([entry, B]), tmp_path)["a.txt"] == A.data


class _Unseekable(io.RawIOBase):
    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.data += data
        return len(data)


@pytest.mark.parametrize("force_zip64", [True, False])
@pytest.mark.parametrize("seekable", [True, False])
def test_what_zipfile_writes_is_read(tmp_path, force_zip64, seekable):
    target = io.BytesIO() if seekable else _Unseekable()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a/ü.txt", "w", force_zip64=force_zip64) as stream,
    ):
        stream.write(b"content " * 1000)
    data = target.getvalue() if seekable else bytes(target.data)
    assert read_all(data, tmp_path) == {"a/ü.txt": b"content " * 1000}


def test_an_honest_zip64_end_is_read(tmp_path):
    assert read_all(build_zip([A], zip64={}), tmp_path)
    everything = {"here": 0xFFFF, "count": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
    assert read_all(build_zip([A], zip64={}, end=everything), tmp_path)


def zip64_field(*values: int) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)


def test_an_honest_zip64_field_is_read(tmp_path):
    size, compressed = len(A.data), len(deflate(A.data))
    far = {"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": zip64_field(size, compressed)}
    assert read_all(build_zip([Entry("a.txt", A.data, central=far, local=far)]), tmp_path) == {
        "a.txt": A.data
    }


LYING = {
    "nothing at all": (b"", "is not a ZIP"),
    "text": (b"<html>not found</html>" * 10, "is not a ZIP"),
    "bytes before": (build_zip([A, B], prefix=b"#!/bin/sh\n"), "before its first"),
    "bytes before, unaccounted": (b"MZ" + build_zip([A, B]), "before it"),
    "bytes behind": (build_zip([A, B], suffix=b"\0"), "ZIP archive|behind"),
    "an archive behind": (build_zip([A]) + build_zip([B]), "before it"),
    "an archive in the comment": (build_zip([A], comment=build_zip([B])), "before it|comment"),
    "a local header in the comment": (build_zip([A], comment=b"PK\3\4"), "in its comment"),
    "bytes between directory and end": (build_zip([A], before_end=b"x"), "before it"),
    "a gap between members": (build_zip([A, Entry("b", b"1", before=b"gap")]), "no member owns"),
    "a member that is not listed": (build_zip([A, Entry("b", b"1", listed=False), B]), "no member owns"),
    "a last member that is not listed": (build_zip([A, Entry("b", b"1", listed=False)]), "no member owns"),
    "a listed member that is not there": (build_zip([A, Entry("b", b"1", written=False)]), "overlaps"),
    "another local name": (build_zip([Entry("a", b"1", local={"name": b"z"})]), "another name"),
    "a longer local name": (
        build_zip([Entry("a", b"1", local={"name": b"a/../../z"})]),
        "another name|longer",
    ),
    "another local size": (build_zip([Entry("a", b"12", local={"size": 1})]), "checksum or size"),
    "another local compressed size": (
        build_zip([Entry("a", b"12", local={"compressed": 1})]),
        "checksum or size",
    ),
    "another local checksum": (build_zip([Entry("a", b"12", local={"crc": 1})]), "checksum or size"),
    "another local method": (build_zip([Entry("a", b"12", local={"method": 0})]), "method"),
    "local flags": (build_zip([Entry("a", b"12", local={"flags": 8})]), "flags"),
    "a wrong checksum, twice": (
        build_zip([Entry("a", b"12", local={"crc": 1}, central={"crc": 1})]),
        "checksum",
    ),
    "a smaller size, twice": (
        build_zip([Entry("a", b"1" * 99, local={"size": 9}, central={"size": 9})]),
        "inflate|size",
    ),
    "a larger size, twice": (build_zip([Entry("a", b"1", local={"size": 9}, central={"size": 9})]), "size"),
    "stored with two sizes": (build_zip([Entry("a", b"1", method=0, central={"size": 9})]), "two sizes"),
    "garbage for data": (build_zip([Entry("a", b"1" * 9, payload=b"\xff" * 9)]), "inflate"),
    "data behind the stream": (
        build_zip([Entry("a", b"1" * 9, payload=deflate(b"1" * 9) + b"more")]),
        "inflate",
    ),
    "a stream that does not end": (
        build_zip([Entry("a", b"1" * 999, payload=deflate(b"1" * 999)[:-1])]),
        "inflate|size",
    ),
    "encrypted": (build_zip([Entry("a", b"1", flags=1)]), "encrypted"),
    "masked headers": (build_zip([Entry("a", b"1", flags=1 << 13)]), "encrypted or has unknown"),
    "a format of the future": (build_zip([Entry("a", b"1", central={"needed": 64})]), "newer reader"),
    "a local format of the future": (build_zip([Entry("a", b"1", local={"needed": 64})]), "newer reader"),
    "bzip2": (build_zip([Entry("a", b"1", method=12)]), "method 12"),
    "streamed without a descriptor": (build_zip([Entry("a", b"1", flags=8)]), "descriptor"),
    "a lying descriptor": (
        build_zip([Entry("a", b"1", flags=8, descriptor=descriptor(b"1", deflate(b"1"), crc=7))]),
        "descriptor",
    ),
    "a descriptor that nobody announced": (
        build_zip([Entry("a", b"1", descriptor=descriptor(b"1", deflate(b"1")))]),
        "no member owns",
    ),
    "one payload for two": (build_zip([A, Entry("z", b"", central={"offset": 0})]), "overlaps"),
    "a name in latin-1": (build_zip([Entry("ü".encode("latin-1"), b"1")]), "neither ASCII"),
    "UTF-8 that is not marked": (build_zip([Entry("ü".encode(), b"1")]), "neither ASCII"),
    "marked UTF-8 that is not": (build_zip([Entry(b"\xff", b"1", flags=0x800)]), "neither ASCII"),
    "a symbolic link": (build_zip([Entry("a", b"/etc/passwd", mode=0o120777)]), "symbolic link"),
    "a named pipe": (build_zip([Entry("a", b"", mode=0o010644)]), "neither a file"),
    "a device": (build_zip([Entry("a", b"", mode=0o060644)]), "neither a file"),
    "a folder that is called a file": (build_zip([Entry("a", b"", mode=0o040755)]), "neither a file"),
    "a folder with content": (build_zip([Entry("a/", b"1", mode=0o040755)]), "with content"),
    "another disk": (build_zip([Entry("a", b"1", central={"disk": 1})]), "another disk"),
    "one of two disks": (build_zip([A], end={"disk": 1}), "one part"),
    "fewer entries than there are": (build_zip([A, B], end={"here": 1, "count": 1}), "more than it says"),
    "more entries than there are": (build_zip([A, B], end={"here": 3, "count": 3}), "too early|broken"),
    "a directory elsewhere": (build_zip([A, B], end={"offset": 5}), "before it"),
    "a ZIP64 end with other counts": (build_zip([A, B], zip64={"here": 1, "count": 1}), "disagree"),
    "a ZIP64 end with another offset": (build_zip([A, B], zip64={"offset": 7}), "disagree"),
    "a ZIP64 end elsewhere": (build_zip([A, B], zip64={"at": 0}), "points elsewhere"),
    "a longer ZIP64 end": (build_zip([A, B], zip64={"length": 45}), "broken ZIP64"),
    "a ZIP64 field nobody needs": (
        build_zip([Entry("a", b"1", central={"extra": zip64_field(1, 1)})]),
        "ZIP64",
    ),
    "a ZIP64 field that is too short": (
        build_zip(
            [
                Entry(
                    "a", b"1", central={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": zip64_field(1)}
                )
            ]
        ),
        "too short",
    ),
    "a ZIP64 field with another size": (
        build_zip([Entry("a", b"1", central={"size": 0xFFFFFFFF, "extra": zip64_field(2)})]),
        "size",
    ),
    "a local ZIP64 field with other sizes": (
        build_zip(
            [
                Entry(
                    "a",
                    b"1",
                    local={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": zip64_field(9, 9)},
                )
            ]
        ),
        "checksum or size",
    ),
    "no ZIP64 field": (build_zip([Entry("a", b"1", central={"size": 0xFFFFFFFF})]), "lacks|size"),
    "a ZIP64 field twice": (
        build_zip([Entry("a", b"1", central={"size": 0xFFFFFFFF, "extra": zip64_field(1) * 2})]),
        "twice",
    ),
    "an extra field that is too long": (
        build_zip([Entry("a", b"1", central={"extra": struct.pack("<2H", 9, 99)})]),
        "broken extra",
    ),
    "a second name": (
        build_zip(
            [Entry("a", b"1", central={"extra": struct.pack("<2HBL", 0x7075, 6, 1, zlib.crc32(b"a")) + b"z"})]
        ),
        "another name",
    ),
    "a second local name": (
        build_zip(
            [Entry("a", b"1", local={"extra": struct.pack("<2HBL", 0x7075, 6, 1, zlib.crc32(b"a")) + b"z"})]
        ),
        "another name",
    ),
}


@pytest.mark.parametrize(("data", "words"), LYING.values(), ids=LYING.keys())
def test_an_archive_that_lies_is_refused(tmp_path, data, words):
    refuse(data, tmp_path, words)


NAMES = [
    "../x", "a/../x", "a/..", "..", ".", "./a", "a//b", "/etc/x", "//x", "a\\..\\b", "\\x", "C:/x", "c:x",
    "a\nb", "a\0b", "a\x1b[31m", "a\x7f", "a\u202eb", "a\u200bb", "",
    "\ud800".encode("utf-8", "surrogatepass"),
    "x" * 256, "ü" * 128,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_no_clean_relative_path_is_refused(tmp_path, name):
    refuse(build_zip([Entry(name, b"1")]), tmp_path, "name|path")


@pytest.mark.parametrize(
    "name", ["a b", "ü/é.txt", "日本語.txt", "😀", "...", "..a", "a..", "ab:c", "con", "x" * 255]
)
def test_odd_but_harmless_names_are_read(tmp_path, name):
    assert list(read_all(build_zip([Entry(name, b"1")]), tmp_path)) == [name]


@pytest.mark.parametrize("name", ["con", "a/NUL.txt", "ab:c", "a.", "a /b", "what?", "com1"])
def test_windows_refuses_what_would_be_another_file_there(tmp_path, name):
    refuse(build_zip([Entry(name, b"1")]), tmp_path, "Windows", windows=True)


def test_too_many_members_are_refused(tmp_path):
    refuse(build_zip([A, B]), tmp_path, "2 members", limits=Limits(members=1))


def test_too_large_is_refused_by_what_is_declared(tmp_path):
    refuse(build_zip([A, B]), tmp_path, "would unpack", limits=Limits(size=100))


def test_a_bomb_is_refused_by_its_ratio(tmp_path):
    bomb = build_zip([Entry("a", b"\0" * (70 << 20))])
    assert len(bomb) < 100_000
    refuse(bomb, tmp_path, "would unpack")


def test_a_member_that_inflates_to_more_than_it_declares_costs_no_more_than_that(tmp_path, monkeypatch):
    payload = deflate(b"\0" * (32 << 20))
    bomb = build_zip([Entry("a", b"\0" * 1000, payload=payload)])
    refuse(bomb, tmp_path, "inflate|size|checksum")


def test_a_large_member_is_read_in_pieces(tmp_path):
    data = os.urandom(3 << 20) + b"\0" * (4 << 20)
    path = tmp_path / "archive.zip"
    for method in (0, 8):
        path.write_bytes(build_zip([Entry("a", data, method=method)]))
        with path.open("rb") as stream:
            archive = open_archive(stream.fileno())
            pieces = list(archive.chunks(archive.members[0]))
        assert b"".join(pieces) == data
        assert max(map(len, pieces)) <= 2 << 20


contents = st.dictionaries(
    st.text("abcXYZ09_-.", min_size=1, max_size=8).filter(lambda name: name.strip(".")),
    st.binary(max_size=200),
    min_size=1,
    max_size=5,
)


@given(contents, st.data())
@settings(max_examples=300, deadline=None)
def test_a_flipped_bit_gives_a_fault_or_the_same_content(tmp_path_factory, files, data):
    """Whatever is changed: nothing but ArchiveFault, and no content that was not there before."""
    folder = tmp_path_factory.getbasetemp()
    whole = bytearray(build_zip([Entry(name, content) for name, content in files.items()]))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = folder / "flipped.zip"
    path.write_bytes(whole)
    with path.open("rb") as stream:
        try:
            archive = open_archive(stream.fileno())
            found = [archive.read(member) for member in archive.members]
        except ArchiveFault:
            return
    # Names can change to other clean names if both headers are hit; contents cannot.
    assert sorted(found) == sorted(files.values())


@given(contents)
@settings(max_examples=100, deadline=None)
def test_zipfile_agrees(tmp_path_factory, files):
    whole = build_zip([Entry(name, content) for name, content in files.items()])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        expected = {name: archive.read(name) for name in archive.namelist()}
    assert read_all(whole, tmp_path_factory.getbasetemp()) == expected == files


def test_a_file_that_shrinks_while_it_is_read_is_a_fault(tmp_path):
    path = tmp_path / "archive.zip"
    path.write_bytes(build_zip([A, B]))
    with path.open("rb") as stream:
        archive = open_archive(stream.fileno())
        os.truncate(path, 20)
        with pytest.raises(ArchiveFault, match="cut short"):
            archive.read(archive.members[0])


def test_many_threads_read_one_archive(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    entries = [Entry(f"f{index}", os.urandom(500) * 20) for index in range(60)]
    path = tmp_path / "archive.zip"
    path.write_bytes(build_zip(entries))
    with path.open("rb") as stream, ThreadPoolExecutor(8) as pool:
        archive: Archive = open_archive(stream.fileno())
        found = list(pool.map(archive.read, archive.members))
    assert found == [entry.data for entry in entries]


@pytest.mark.parametrize("chunk", [1, 2, 7, 258, 1000])
@pytest.mark.parametrize("off", [-258, -1, 0, 1])
def test_reading_in_pieces_finds_the_same_lies(tmp_path, monkeypatch, chunk, off):
    """The size that is declared may end where a piece ends, or just before."""
    from hutch.store import archive

    monkeypatch.setattr(archive, "_WHOLE", 0)
    monkeypatch.setattr(archive, "_CHUNK", chunk)
    data = b"\0" * 2000
    lie = {"size": len(data) + off}
    whole = build_zip([Entry("a", data, central=lie, local=lie)])
    if off:
        refuse(whole, tmp_path, "size|inflate")
    else:
        assert read_all(whole, tmp_path) == {"a": data}
