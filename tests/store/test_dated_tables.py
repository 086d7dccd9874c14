"""Tables with a tail and a date: pages of an index, which are confirmed far more often than they change."""

from __future__ import annotations

import os
import random

import pytest

from hutch.store import Tables
from hutch.store.tables import pack_dated, unpack_dated

DATE = 1_795_000_000.125


@pytest.fixture
def tables(tmp_path):
    return Tables(str(tmp_path / "store"))


def write(tables, value=("head", 2), tail=(b"one", b"three"), date=DATE):
    assert tables.write_packed("pages", "flask", pack_dated(value, tail, date))
    seen = []
    assert tables.read_dated("pages", "flask", seen) is not None
    return seen[0]


def read(tables):
    found = tables.read_dated("pages", "flask")
    return found and (found[0], bytes(found[1])[-8:], found[2])


def test_there_and_back(tables):
    write(tables)
    assert read(tables) == (("head", 2), b"onethree", DATE)


def test_another_date_in_its_place(tables):
    was = write(tables)
    inode = os.stat(tables.path("pages", "flask")).st_ino
    assert tables.renew("pages", "flask", DATE + 60, was)
    assert read(tables) == (("head", 2), b"onethree", DATE + 60)
    assert os.stat(tables.path("pages", "flask")).st_ino == inode


def test_what_somebody_else_wrote_meanwhile_keeps_its_date(tables):
    was = write(tables)
    write(tables, value=("other", 2), date=DATE - 60)
    assert not tables.renew("pages", "flask", DATE + 60, was)
    assert read(tables)[2] == DATE - 60


def test_no_link_is_followed_to_be_renewed(tables, tmp_path):
    was = write(tables)
    path = tables.path("pages", "flask")
    os.rename(path, tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", path)
    assert not tables.renew("pages", "flask", DATE + 60, was)


def test_a_date_that_is_just_being_written_is_long_ago(tables):
    write(tables)
    path = tables.path("pages", "flask")
    with open(path, "r+b") as file:
        file.seek(-12, os.SEEK_END)
        file.write(b"\x01\x02\x03")
    assert read(tables) == (("head", 2), b"onethree", 0.0)


def test_what_is_damaged_is_absent():
    whole = b"".join(pack_dated(("head", 2), [b"tail"] * 1200, DATE))
    assert unpack_dated(whole) is not None
    draw = random.Random(7)
    for _ in range(500):
        at = draw.randrange(len(whole) - 12)
        damaged = bytearray(whole)
        damaged[at] ^= 1 << draw.randrange(8)
        assert unpack_dated(bytes(damaged)) is None
    for length in range(0, len(whole), 7):
        assert unpack_dated(whole[:length]) is None


def test_a_layer_is_read_and_never_written(tmp_path):
    layer = Tables(str(tmp_path / "layer"))
    was = write(layer)
    tables = Tables(str(tmp_path / "store"), layers=[layer.root])
    assert read(tables) == (("head", 2), b"onethree", DATE)
    assert not tables.renew("pages", "flask", DATE + 60, was)
    assert read(layer)[2] == DATE
