"""The index of a repodata.json says what reading the whole says, or that it cannot say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hutch.conda import Channel, InvalidRepodata, Repodata
from hutch.conda.shards import records_of_tables
from hutch.conda.sparse import index_of, read_spans
from hutch.store import Tables
from oracles.conda import needs_records, unpack_records

WORDS = st.from_regex(r"[a-z0-9_]{1,4}(-[a-z0-9_]{1,3})?", fullmatch=True)
RECORDS = st.fixed_dictionaries(
    {"version": st.sampled_from(["1", "2.0", "1!3"]), "build": st.sampled_from(["0", "py3_1"])},
    optional={
        "depends": st.lists(st.sampled_from(['a.conda"', "b >=1", 'x.conda\\": {', "é ü", "}{"]), max_size=3),
        "fn": st.just("q-1-0.conda"),
        "nested": st.just({"deep": [{"more": "}, \"packages\": {"}]}),
        "sha256": st.just("ab" * 32),
    },
)  # fmt: skip


def named(records: list[tuple[str, dict[str, Any]]], ending: str) -> dict[str, Any]:
    return {
        f"{name}-{each['version']}-{each['build']}{ending}": {"name": name, **each} for name, each in records
    }


TABLES = st.lists(st.tuples(WORDS, RECORDS), max_size=12)
FORMS = st.sampled_from([None, 1, 4])


OLD_WITH_A_NEW_NAME = [
    ("a", {"version": "1", "build": "0", "fn": "q-1-0.conda"}),
    ("b", {"version": "1", "build": "0"}),
]


@example(newer=[], older=OLD_WITH_A_NEW_NAME, indent=None, first=True, removed=False)
@given(newer=TABLES, older=TABLES, indent=FORMS, first=st.booleans(), removed=st.booleans())
def test_the_index_says_what_the_file_says(
    newer: list[Any], older: list[Any], indent: int | None, first: bool, removed: bool
) -> None:
    tables = {"packages.conda": named(newer, ".conda"), "packages": named(older, ".tar.bz2")}
    order = list(tables) if first else list(reversed(tables))
    said: dict[str, Any] = {"info": {"subdir": "noarch", "base_url": "x/"}} if first else {}
    said |= {key: tables[key] for key in order}
    said |= {} if first else {"info": {"subdir": "noarch"}}
    gone = list(tables["packages.conda"])[:1] if removed else []
    said |= {"removed": gone, "repodata_version": 1}
    data = json.dumps(said, indent=indent, ensure_ascii=indent is None).encode()
    index = index_of(data)
    whole = records_of_tables(said, channel="c", subdir="noarch")
    assert (index is None) <= (not whole or "nested" in data.decode())
    if index is None:
        return
    found = []
    for name, spans in index.names.items():
        tables_of_it = read_spans(data[start:end] for start, end in zip(spans[::2], spans[1::2], strict=True))
        assert tables_of_it is not None
        read = {**tables_of_it, "removed": index.removed}
        found += [each for each in records_of_tables(read, channel="c", subdir="noarch") if each.name == name]
    assert sorted(found, key=repr) == sorted(whole, key=repr)
    assert list(index.removed) == gone
    assert (index.subdir, index.base_url) == ("noarch", "x/" if first else "")


GOOD = {"version": "1", "build": "0", "depends": ["b"]}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b'{"packages": {}, "packages.conda": {}}', b'{"packages.conda": {"a-1-0.conda": {}',
        b'{"packages.conda": {"a-1.conda": {}}}', b'{"packages.conda": {"a\\u002d-1-0.conda": {}}}',
        b'{"packages.conda": {"\xc3\xa9-1-0.conda": {}}}', b'{"packages.conda": {"../a-1-0.conda": {}}}',
        b'{"a-1-0.conda": {"packages.conda": 3}}', b'["a-1-0.conda": {}]', b'\xff\xfe"a-1-0.conda":{}',
        b'{"packages.conda": {"a-1-0.conda": {}, "a-1-0.tar.bz2": {}, "b-1-0.conda": {}}}',
        b'{"packages.conda": [], "x": {"a-1-0.conda": {}}, "packages": 3}',
        b'{"packages": {"a-1-0.conda": {}}}',
        b'{"packages.conda": {"a-1-0.conda": {}, "more": 3}}',
    ],
)  # fmt: skip
def test_what_it_leaves_to_whoever_reads_all(data: bytes) -> None:
    assert index_of(data) is None


def look(tmp_path: Path, text: str | None) -> Any:
    folder = tmp_path / "c/noarch"
    folder.mkdir(parents=True, exist_ok=True)
    if text is not None:
        (folder / "repodata.json").write_text(text)
    (tmp_path / "tables").mkdir(exist_ok=True)
    channel = Channel(name="c", url=(tmp_path / "c").as_uri())
    found = Repodata([channel], [], Tables(str(tmp_path / "tables")))
    return lambda name: [each.filename for each in found.records(name).get(channel.url, ())], found


@pytest.mark.parametrize("fresh", [True, False])
def test_a_record_within_a_record(fresh: bool, tmp_path: Path) -> None:
    """Where keys of packages stand inside of records an index would be wrong: then all is read, at once."""
    inner = {"b-9-0.conda": {"name": "b", **GOOD}}
    table = {
        "a-1-0.conda": {"name": "a", **GOOD, "odd": inner, "z": 1},
        "b-1-0.conda": {"name": "b", **GOOD},
    }
    ask, found = look(tmp_path, json.dumps({"packages.conda": table}))
    if not fresh:
        found.names()
        found.keep()
        ask, found = look(tmp_path, None)
    assert ask("b") == ["b-1-0.conda"]
    assert ask("a") == ["a-1-0.conda"]
    found.keep()
    ask, _ = look(tmp_path, None)
    assert ask("b") == ["b-1-0.conda"]


@pytest.mark.parametrize("order", [("packages", "packages.conda"), ("packages.conda", "packages")])
def test_kinds_that_are_mixed(order: tuple[str, str], tmp_path: Path) -> None:
    """A record in the other kind's table is none, whether the index or the whole is asked."""
    rows: dict[str, dict[str, Any]] = {
        "packages": {"a-1-0.tar.bz2": {}, "a-2-0.conda": {}, "a-3-0.tar.bz2": {}, "c-1-0.tar.bz2": {}},
        "packages.conda": {"b-1-0.conda": {}, "b-2-0.tar.bz2": {}, "b-3-0.conda": {}, "c-2-0.conda": {}},
    }
    for kinds in (order, order[:1], order[1:]):
        said = {
            key: {file: {"name": file[0], "version": file[2], "build": "0"} for file in rows[key]}
            for key in kinds
        }
        whole = records_of_tables(said, channel="c", subdir="noarch")
        ask, _ = look(tmp_path, json.dumps(said))
        for name in "abc":
            assert sorted(ask(name)) == sorted(each.filename for each in whole if each.name == name)


def test_a_broken_record_is_told_when_it_is_met(tmp_path: Path) -> None:
    good = json.dumps({"name": "a", **GOOD})
    text = (
        f'{{"packages.conda": {{"a-1-0.conda": {good}, "b-1-0.conda": {{"x": y}}, "c-1-0.conda": {good}}}}}'
    )
    ask, _ = look(tmp_path, text)
    assert ask("a") == ["a-1-0.conda"]
    with pytest.raises(InvalidRepodata, match=r"repodata\.json"):
        ask("b")


def test_a_name_that_the_file_name_does_not_say(tmp_path: Path) -> None:
    """As rattler: what a package is called is in the name of its file, and a record has to say the same."""
    table = {"a-1-0.conda": {"name": "b", **GOOD}, "B-1-0.conda": {"name": "B", **GOOD}}
    ask, _ = look(tmp_path, json.dumps({"packages.conda": table}))
    assert ask("a") == []
    assert ask("b") == ["B-1-0.conda"]


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    table = {"a-1-0.conda": {"name": "a", **GOOD}, "b-1-0.conda": {"name": "b", **GOOD}}
    _, first = look(tmp_path, json.dumps({"packages.conda": table}))
    first.names()
    first.keep()
    ask, _ = look(tmp_path, None)
    assert ask("a") == ["a-1-0.conda"]
    (tmp_path / "c/noarch/repodata.json").write_text(json.dumps({"packages.conda": {}}) + " " * 300)
    with pytest.raises(InvalidRepodata, match=r"repodata\.json"):
        ask("b")


@needs_records
def test_real_channels(tmp_path: Path) -> None:
    for channel in ("conda-forge", "pytorch", "robostack-staging"):
        for path in unpack_records(tmp_path, channel).glob("*/repodata.json"):
            data = path.read_bytes()
            whole = json.loads(data)
            index = index_of(data)
            assert index is not None
            names = {
                record["name"]
                for key in ("packages", "packages.conda")
                for record in whole.get(key, {}).values()
            }
            assert index.names.keys() == names
