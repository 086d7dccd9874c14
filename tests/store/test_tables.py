"""Tables: the value that was written, or nothing."""

from __future__ import annotations

import marshal
import multiprocessing
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.store import Store, Tables
from hutch.store.tables import file_name, pack, unpack

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_what_is_packed_is_unpacked(value):
    assert unpack(pack(value)) == value


@given(values.filter(lambda value: value is not None), st.data())
def test_a_changed_table_is_absent(value, data):
    whole = bytearray(pack(value))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    assert unpack(bytes(whole)) is None
    assert unpack(bytes(whole[:at])) is None


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"noise" * 50, os.urandom(300), pack(1)[:-1], pack(1) + b"x"]
)
def test_a_damaged_file_is_absent(tmp_path, content):
    tables = Tables(str(tmp_path))
    assert tables.write("index", "flask", (1, 2))
    with open(tables.path("index", "flask"), "wb") as stream:
        stream.write(content)
    assert tables.read("index", "flask") is None
    assert tables.write("index", "flask", (3,))
    assert tables.read("index", "flask") == (3,)


def test_a_table_is_absent_before_it_is_written_and_after_it_was_removed(tmp_path):
    tables = Store(tmp_path / "store").tables
    assert tables.read("index", "flask") is None
    tables.write("index", "flask", {"a": (1, None)})
    assert tables.read("index", "flask") == {"a": (1, None)}
    assert tables.read("metadata", "flask") is None
    tables.remove("index", "flask")
    tables.remove("index", "flask")
    assert tables.read("index", "flask") is None


def test_a_folder_in_the_place_of_a_table_is_an_absent_table(tmp_path):
    tables = Tables(str(tmp_path))
    os.makedirs(tables.path("index", "flask"))
    assert tables.read("index", "flask") is None
    assert not tables.write("index", "flask", 1)
    assert os.listdir(os.path.dirname(tables.path("index", "flask"))) == ["flask"]


def test_all_pythons_that_run_hutch_read_the_same_bytes():
    assert pack("text")[4:] == marshal.dumps("text", 4)


KEYS = [
    "flask",
    "a" * 64,
    "Flask",
    "..",
    ".",
    "",
    "a/b",
    "../../x",
    "x" * 300,
    "ü",
    "con",
    "nul.txt",
    "a.",
    "\0",
    "~",
]


@pytest.mark.parametrize("key", KEYS)
def test_any_text_is_a_key(tmp_path, key):
    tables = Tables(str(tmp_path / "store"))
    assert tables.write("index", key, key)
    assert tables.read("index", key) == key
    assert os.listdir(tmp_path) == ["store"]
    assert os.listdir(tmp_path / "store") == ["index-v1"]


@given(st.lists(st.text(max_size=6) | st.sampled_from(KEYS), unique=True, min_size=2, max_size=2))
def test_two_keys_are_two_files_even_where_case_does_not_count(keys):
    first, second = map(file_name, keys)
    assert first.lower() != second.lower()


def test_the_last_part_of_a_key_can_be_read_in_the_name():
    assert file_name("https://index.example/simple/flask").rpartition("~")[2] == "flask"


def _write_and_read(root: str, writer: int) -> int:
    tables = Store(root).tables
    wrong = 0
    for turn in range(60):
        tables.write("index", "flask", (writer, turn, "x" * (turn * 997)))
        value = tables.read("index", "flask")
        wrong += not (isinstance(value, tuple) and len(value) == 3 and value[2] == "x" * (value[1] * 997))
    return wrong


def test_a_reader_among_many_writers_sees_whole_tables(tmp_path):
    root = str(tmp_path / "store")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.starmap(_write_and_read, [(root, writer) for writer in range(4)]) == [0] * 4
    assert not [name for _, _, names in os.walk(root) for name in names if name.endswith(".tmp")]


def test_a_store_that_cannot_be_made_keeps_nothing_and_says_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    tables = Store(tmp_path / "file" / "store").tables
    assert not tables.write("index", "flask", 1)
    assert tables.read("index", "flask") is None


def test_what_is_written_soon_waits_and_is_found_all_the_same(tmp_path):
    tables = Tables(str(tmp_path))
    made = []

    def make(value):
        return lambda: made.append(value) or pack(value)

    tables.write_soon("metadata", "at-once", make(1))
    assert made == [1]
    tables.busy = True
    for number in range(4):
        tables.write_soon("metadata", f"k{number}", make(number))
    assert made == [1]
    assert tables.read("metadata", "k2") == 2
    assert made == [1, 2]
    assert tables.write_one()
    assert made == [1, 2, 0]
    assert Tables(str(tmp_path)).read("metadata", "k3") is None
    tables.remove("metadata", "k1")
    tables.catch_up()
    assert made == [1, 2, 0, 3]
    assert not tables.write_one()
    assert Tables(str(tmp_path)).read("metadata", "k3") == 3
    tables.write_soon("metadata", "after", make(9))
    assert made[-1] == 9


def test_what_cannot_be_kept_is_nobodys_problem(tmp_path):
    deep = []
    for _ in range(5000):
        deep = [deep]
    tables = Tables(str(tmp_path))
    tables.write_soon("metadata", "deep", lambda: pack(deep))
    assert tables.read("metadata", "deep") is None


def test_a_store_that_is_closed_has_written_everything(tmp_path):
    store = Store(str(tmp_path))
    store.tables.busy = True
    store.tables.write_soon("metadata", "k", lambda: pack(1))
    store.close()
    assert Store(str(tmp_path)).tables.read("metadata", "k") == 1
