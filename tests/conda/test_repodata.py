"""What a channel has, over the network and from folders: forms, validators, mirrors, and what is broken."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conda.serving import Served, serve, write_channel
from hutch.conda import Channel, InvalidRepodata, NoSuchChannel, Repodata
from hutch.conda.shards import InvalidShard, parse_index, parse_shard
from hutch.errors import NetworkProblem, Problem
from hutch.ops.channels import channels_of, package_places, repodata
from hutch.ops.context import Context
from hutch.store import Store, zstd
from oracles.conda import SHARED, ask_rattler, needs_rattler

msgpack = pytest.importorskip("msgpack", reason="shards are MessagePack: hutch[conda] is not installed")

ROWS = {"linux-64": ["foo 1.0 h_0", "foo 2.0 h_0", "bar 1.0 h_0"], "noarch": ["pure 3.0 py_0", "foo 0.1 n_0"]}
Ask = Callable[..., Repodata]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve(tmp_path / "www") as found:
        yield found


@pytest.fixture
def ask(home: Path, tmp_path: Path) -> Iterator[Ask]:
    """A command's look at channels; each time as a new process would have it."""
    contexts: list[Context] = []

    def look(
        *names: str, subdirs: tuple[str, ...] = ("linux-64",), environ: Any = None, **flags: Any
    ) -> Repodata:
        said = {
            "HOME": str(home),
            "HUTCH_CACHE_DIR": str(home / "cache"),
            "HUTCH_RETRIES": "0",
            **(environ or {}),
        }
        context = Context(tmp_path, said, flags)
        contexts.append(context)
        return repodata(context, channels_of(context, names), subdirs)

    yield look
    for context in contexts:
        context.close()


def said(found: Repodata, name: str) -> list[str]:
    return [
        f"{record.subdir} {record.version} {record.build}"
        for records in found.records(name).values()
        for record in records
    ]


FOO = ["linux-64 1.0 h_0", "linux-64 2.0 h_0", "noarch 0.1 n_0"]


@pytest.mark.parametrize("form", ["json", "zst", "shards"])
def test_each_form(form: str, served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, form)
    found = ask(f"{served.url}/c")
    assert sorted(said(found, "foo")) == sorted(FOO)
    assert said(found, "pure") == ["noarch 3.0 py_0"]
    assert said(found, "nothing") == []
    assert found.names() == {"foo", "bar", "pure"}
    record = found.records("bar")[f"{served.url}/c"][0]
    assert record.url == f"{served.url}/c/linux-64/bar-1.0-h_0.conda"
    assert len(record.sha256) == 64


def test_shards_are_asked_for_by_name_and_never_twice(served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "shards", "json")
    found = ask(f"{served.url}/c")
    found.want(["foo", "pure"])
    asked = served.asked()
    assert len(asked) == 2 + 3  # the index of each subdir, and foo twice, and pure
    assert all(line.startswith("200 ") for line in asked)
    found.want(["foo", "pure"])
    again = ask(f"{served.url}/c")
    assert sorted(said(again, "foo")) == sorted(FOO)
    assert served.asked() == []
    again.want(["bar"])
    assert len(served.asked()) == 1


@pytest.mark.parametrize("form", ["json", "zst", "shards"])
def test_refresh_asks_by_the_validator(form: str, served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, form)
    said(ask(f"{served.url}/c"), "foo")
    served.asked()
    assert sorted(said(ask(f"{served.url}/c", refresh=True), "foo")) == sorted(FOO)
    assert [line[:3] for line in served.asked() if not line.startswith("404")] == ["304", "304"]
    write_channel(tmp_path / "www/c", {**ROWS, "noarch": ["foo 9.0 n_0"]}, form)
    assert sorted(said(ask(f"{served.url}/c"), "foo")) == sorted(FOO)  # that is fresh
    assert "noarch 9.0 n_0" in said(ask(f"{served.url}/c", refresh=True), "foo")


def test_what_the_server_calls_fresh(served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "json")
    served.headers["Cache-Control"] = "max-age=0"
    said(ask(f"{served.url}/c"), "foo")
    served.asked()
    said(ask(f"{served.url}/c"), "foo")
    assert [line[:3] for line in served.asked() if not line.startswith("404")] == ["304", "304"]


@pytest.mark.parametrize("form", ["json", "zst", "shards"])
def test_offline_what_was_read_before_is_there(form: str, served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, form)
    said(ask(f"{served.url}/c"), "foo")
    served.asked()
    assert sorted(said(ask(f"{served.url}/c", offline=True), "foo")) == sorted(FOO)
    assert served.asked() == []


def test_offline_without_it(served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "json")
    with pytest.raises(NetworkProblem) as caught:
        said(ask(f"{served.url}/c", offline=True), "foo")
    assert served.asked() == []
    assert "offline" in f"{caught.value.what} {caught.value.why} {caught.value.hints}"


@pytest.mark.parametrize("damage", ["gone", "cut", "another"])
def test_a_repodata_in_pieces_is_whole_or_fetched_anew(
    damage: str, served: Served, ask: Ask, tmp_path: Path, home: Path
) -> None:
    """The store has the file of a server beside its index: sound by its own check; nobody believes half."""
    write_channel(tmp_path / "www/c", ROWS, "json")
    first = ask(f"{served.url}/c")
    assert sorted(said(first, "foo")) == sorted(FOO)
    assert Store(home / "cache").verify().damage == ()
    bodies = sorted((home / "cache").glob("repodata-v*/*-body"))
    assert len(bodies) == 2
    for body in bodies:
        if damage == "gone":
            body.unlink()
        elif damage == "cut":
            body.write_bytes(body.read_bytes()[:-200])
        else:
            body.write_bytes(body.read_bytes().replace(b"bar", b"baz")[::-1])
    served.asked()
    assert said(ask(f"{served.url}/c"), "bar") == ["linux-64 1.0 h_0"]
    assert [line[:3] for line in served.asked() if line.endswith("repodata.json")] == ["200", "200"]


def test_a_folder_is_a_channel_and_is_read_again_when_it_changes(ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "chan", ROWS, "json")
    for name in (str(tmp_path / "chan"), (tmp_path / "chan").as_uri(), "./chan"):
        assert sorted(said(ask(name), "foo")) == sorted(FOO)
    write_channel(tmp_path / "chan", {"noarch": ["foo 10.0 n_0"]}, "json")
    assert "noarch 10.0 n_0" in said(ask("./chan"), "foo")


def test_there_is_no_such_channel(served: Served, ask: Ask, tmp_path: Path) -> None:
    for name in (f"{served.url}/typo", str(tmp_path / "typo")):
        with pytest.raises(NoSuchChannel) as caught:
            said(ask(name), "foo")
        assert caught.value.what.startswith("there is no channel at ")
        assert caught.value.why == ("it has no repodata for linux-64 or noarch",)


def test_a_subdir_that_is_not_there_is_empty(served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", {"noarch": ["pure 1 0"]}, "json")
    assert said(ask(f"{served.url}/c", subdirs=("linux-64", "win-64")), "pure") == ["noarch 1 0"]
    served.asked()
    said(ask(f"{served.url}/c", subdirs=("linux-64", "win-64")), "pure")
    assert served.asked() == []  # nor is it asked for again and again


def test_a_host_that_is_not_there(ask: Ask) -> None:
    with pytest.raises(NetworkProblem) as caught:
        said(ask("http://127.0.0.1:1/c"), "foo")
    assert "127.0.0.1:1" in f"{caught.value.what} {caught.value.why}"


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"[]", b'{"packages": 3}'[:-1], b"\xff" * 50, b"[" * 100_000],
    ids=["empty", "word", "list", "cut", "bytes", "deep"],
)
@pytest.mark.parametrize("form", ["repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst"])
def test_what_is_no_repodata(form: str, body: bytes, served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "json" if form == "repodata.json" else "zst")
    served.faults[f"noarch/{form}"] = zstd().compress(body) if form.endswith("json.zst") else body
    with pytest.raises(InvalidRepodata) as caught:
        said(ask(f"{served.url}/c"), "foo")
    assert f"noarch/{form}" in caught.value.what
    del served.faults[f"noarch/{form}"]
    assert sorted(said(ask(f"{served.url}/c"), "foo")) == sorted(FOO)  # nothing of it was kept


def test_a_shard_with_another_hash(served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "shards")
    shard = next(p for p in (tmp_path / "www/c/linux-64").glob("*.msgpack.zst") if len(p.name) > 60)
    for path in (tmp_path / "www/c/linux-64").glob("*.msgpack.zst"):
        if len(path.name) > 60:
            path.write_bytes(zstd().compress(msgpack.packb({"packages.conda": {}})))
    assert shard.exists()
    with pytest.raises(InvalidRepodata) as caught:
        said(ask(f"{served.url}/c"), "foo")
    assert caught.value.why == ("its hash is another than the channel's index says",)


def test_a_shard_that_is_gone(served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "shards")
    for path in (tmp_path / "www/c/linux-64").glob("*.msgpack.zst"):
        if len(path.name) > 60:
            path.unlink()
    with pytest.raises(InvalidRepodata) as caught:
        said(ask(f"{served.url}/c"), "foo")
    assert caught.value.why == ("the server answered 404",)


@pytest.mark.parametrize("fault", [500, 503, 401])
def test_a_server_that_refuses(fault: int, served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "json")
    served.faults[".zst"] = 404
    served.faults["repodata.json"] = fault
    with pytest.raises(NetworkProblem) as caught:
        said(ask(f"{served.url}/c"), "foo")
    assert str(fault) in f"{caught.value.what} {caught.value.why}"


def mirrored(served: Served, *urls: str) -> dict[str, str]:
    return {
        "HUTCH_CONDA_MIRRORS": " ".join(f"c={url}" for url in urls),
        "HUTCH_CONDA_CHANNEL_ALIAS": "https://channel.example",
    }


@pytest.mark.parametrize("form", ["json", "zst", "shards"])
@pytest.mark.parametrize("first", ["http://127.0.0.1:1/c", "{}/broken", "{}/down"])
def test_the_next_mirror_is_asked(first: str, form: str, served: Served, ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, form)
    (tmp_path / "www/broken/linux-64").mkdir(parents=True)
    for subdir in ("linux-64", "noarch"):
        served.faults[f"broken/{subdir}/repodata_shards.msgpack.zst"] = b"x"
        served.faults[f"down/{subdir}/repodata_shards.msgpack.zst"] = 500
    found = ask("c", environ=mirrored(served, first.format(served.url), f"{served.url}/c"))
    assert sorted(said(found, "foo")) == sorted(FOO)
    # What a lock records is where the channel is for everybody.
    assert list(found.records("foo")) == ["https://channel.example/c"]
    record = found.records("foo")["https://channel.example/c"][0]
    assert record.url.startswith("https://channel.example/c/linux-64/foo-")
    place = first.format(served.url)
    with Context(tmp_path, mirrored(served, place, f"{served.url}/c")) as context:  # as one that has a lock
        assert package_places(context, record) == (
            f"{place}/linux-64/{record.filename}",
            f"{served.url}/c/linux-64/{record.filename}",
        )


def test_shards_of_the_next_mirror(served: Served, ask: Ask, tmp_path: Path) -> None:
    """A mirror that has the index, and lost its shards."""
    write_channel(tmp_path / "www/c", ROWS, "shards")
    write_channel(tmp_path / "www/half", ROWS, "shards")
    for path in (tmp_path / "www/half").rglob("*.msgpack.zst"):
        if len(path.name) > 60:
            path.unlink()
    found = ask("c", environ=mirrored(served, f"{served.url}/half", f"{served.url}/c"))
    assert sorted(said(found, "foo")) == sorted(FOO)


def test_a_shard_that_two_names_claim(served: Served, ask: Ask, tmp_path: Path) -> None:
    """What is kept of a shard is what it says of the name that was asked for."""
    write_channel(tmp_path / "www/c", ROWS, "shards")
    target = tmp_path / "www/c/linux-64"
    index = msgpack.unpackb(zstd().decompress((target / "repodata_shards.msgpack.zst").read_bytes()))
    index["shards"]["evil"] = index["shards"]["foo"]
    (target / "repodata_shards.msgpack.zst").write_bytes(packed(index))
    for _ in range(2):
        assert sorted(said(ask(f"{served.url}/c"), "foo")) == sorted(FOO)
        assert said(ask(f"{served.url}/c"), "evil") == []


def test_a_folder_with_a_blank_in_its_name(ask: Ask, tmp_path: Path) -> None:
    write_channel(tmp_path / "my chan%20", ROWS, "json")
    assert sorted(said(ask("./my chan%20"), "foo")) == sorted(FOO)


def test_no_mirror_answers(served: Served, ask: Ask) -> None:
    with pytest.raises(NetworkProblem) as caught:
        said(ask("c", environ=mirrored(served, "http://127.0.0.1:1/c", "http://127.0.0.1:2/c")), "foo")
    assert "127.0.0.1:2" in f"{caught.value.what} {caught.value.why}"


def test_a_user_and_a_password_are_told_and_kept_nowhere(
    served: Served, ask: Ask, tmp_path: Path, home: Path
) -> None:
    write_channel(tmp_path / "www/c", ROWS, "json")
    served.login = ("me", "hunter2222")
    bare = served.url.removeprefix("http://")
    found = ask(f"http://me:hunter2222@{bare}/c")
    assert sorted(said(found, "foo")) == sorted(FOO)
    assert "hunter2222" not in repr(found.channels)
    assert "hunter2222" not in found.records("foo")[f"{served.url}/c"][0].url
    assert not any(b"hunter2222" in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_a_token_is_in_no_message_and_no_file(served: Served, ask: Ask, tmp_path: Path, home: Path) -> None:
    write_channel(tmp_path / "www/c", ROWS, "json")
    served.token = "tk-1234-secret"
    found = ask(f"{served.url}/t/tk-1234-secret/c")
    assert sorted(said(found, "foo")) == sorted(FOO)
    assert found.records("foo")[f"{served.url}/c"][0].url.startswith(f"{served.url}/c/linux-64/")
    assert not any(b"tk-1234" in path.read_bytes() for path in home.rglob("*") if path.is_file())
    for fault in (b"no repodata", 500, 403):
        served.faults["repodata.json"] = fault
        with pytest.raises(Problem) as caught:
            said(ask(f"{served.url}/t/tk-1234-secret/c", refresh=True), "foo")
        text = f"{caught.value} {caught.value.what} {caught.value.why} {caught.value.hints}"
        assert "tk-1234" not in text
        assert served.url.removeprefix("http://") in text
    with pytest.raises(Problem) as caught:
        said(ask("http://127.0.0.1:1/t/tk-1234-secret/c"), "foo")
    assert "tk-1234" not in f"{caught.value} {caught.value.what} {caught.value.why} {caught.value.hints}"


# -- what a hostile channel may send -------------------------------------------------------------------


def packed(value: object) -> bytes:
    return zstd().compress(msgpack.packb(value))


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"info": {}}, {"shards": {}}, {"info": [], "shards": {}}, {"info": {}, "shards": []}, 7],
    ids=str,
)
def test_what_is_no_index(value: object) -> None:
    with pytest.raises(InvalidShard):
        parse_index(packed(value))


def test_hashes_that_would_leave_the_store() -> None:
    shards = {
        "good": b"\x01" * 32, "text": "ab" * 32, "path": "../" * 21 + "x",
        "short": b"\x01", "upper": "AB" * 32,
        "number": 5, 3: b"\x01" * 32,
    }  # fmt: skip
    names, _, _ = parse_index(packed({"info": {}, "shards": shards}))
    assert sorted(names) == ["good", "text"]


def test_records_that_would_leave_a_folder() -> None:
    good = {"name": "a", "version": "1", "build": "0"}
    table = {
        "a-1-0.conda": good, "../a-1-0.conda": good, "a\\b-1-0.conda": good, "a-1-0.exe": good, 4: good,
        "b-1-0.conda": {**good, "name": "../b"}, "c-1-0.conda": {**good, "version": "1/2"},
        "d-1-0.conda": {**good, "build": "x\0y"}, "e-1-0.conda": {**good, "subdir": "../../etc"},
        "f-1-0.conda": [], "g-1-0.conda": {**good, "name": "g\ng"},
    }  # fmt: skip
    found = parse_shard(packed({"packages.conda": table}), channel="https://x.example/c", subdir="linux-64")
    assert [record.filename for record in found] == ["a-1-0.conda"]


def test_the_newer_form_of_a_package_and_what_was_removed() -> None:
    good = {"name": "a", "version": "1", "build": "0"}
    shard = {
        "packages": {"a-1-0.tar.bz2": good, "a-2-0.tar.bz2": {**good, "version": "2"}},
        "packages.conda": {"a-1-0.conda": good, "a-3-0.conda": {**good, "version": "3"}},
        "removed": ["a-3-0.conda"],
    }
    found = parse_shard(packed(shard), channel="https://x.example/c", subdir="linux-64")
    assert sorted(record.filename for record in found) == ["a-1-0.conda", "a-2-0.tar.bz2"]


@pytest.mark.parametrize("ending", ["", ".conda"])
@pytest.mark.parametrize("form", ["repodata.json", "shard"])
def test_the_third_form_of_repodata(ending: str, form: str, ask: Ask, tmp_path: Path) -> None:
    good = {"name": "a", "build": "0", "extra_depends": {"more": ["b"]}}
    tables = {
        "v3": {"conda": {f"a-2-0{ending}": {**good, "version": "2"}}, "whl": {"x": {}}, "tar.bz2": 3},
        "packages.conda": {"a-1-0.conda": {**good, "version": "1"}},
    }
    if form == "shard":
        found = parse_shard(packed(tables), channel="https://x.example/c", subdir="noarch")
    else:
        (tmp_path / "c/noarch").mkdir(parents=True)
        (tmp_path / "c/noarch/repodata.json").write_text(json.dumps(tables))
        found = [each for rows in ask(str(tmp_path / "c")).records("a").values() for each in rows]
    assert sorted(record.filename for record in found) == ["a-1-0.conda", "a-2-0.conda"]
    assert dict(found[0].extra_depends) == {"more": ("b",)}


# -- made by rattler -------------------------------------------------------------------------------------


@needs_rattler
@pytest.mark.skipif(not (SHARED / "conda/mkchannel.py").exists(), reason="HUTCH_SHARED has no mkchannel.py")
def test_a_channel_that_rattler_indexed(served: Served, ask: Ask, tmp_path: Path) -> None:
    """Its shards, its Zstandard and its JSON are the same to us, record for record."""
    pytest.importorskip("zstandard")
    folder = tmp_path / "www/c"
    for version in ("1.0", "1.1"):
        maker().package(
            folder, "libfoo", version, subdir="linux-64", files={"lib/foo": b"x"}, constrains=["bar <2"]
        )
    maker().package(folder, "pure", "1", noarch="python", depends=["python >=3.9"], format="tar.bz2")
    maker().package(folder, "pure", "2", noarch="python", depends=["python >=3.9", "libfoo"])
    ask_rattler("index", folder=str(folder))
    found: dict[str, Any] = {}
    for form, gone in [("shards", ()), ("zst", ("shards",)), ("json", ("shards", "zst"))]:
        served.faults = {"repodata_shards.msgpack.zst": 404} if "shards" in gone else {}
        served.faults |= {"repodata.json.zst": 404} if "zst" in gone else {}
        look = ask(f"{served.url}/c", environ={"HUTCH_CACHE_DIR": str(tmp_path / form)})
        found[form] = {name: look.records(name)[f"{served.url}/c"] for name in ("libfoo", "pure")}
        files = {
            path.rpartition("/")[2] for path in (line.split()[1] for line in served.asked() if line[0] == "2")
        }
        assert {"shards": "repodata_shards.msgpack.zst", "zst": "repodata.json.zst"}.get(
            form, "repodata.json"
        ) in files
    key = lambda record: record.filename  # noqa: E731
    for name in ("libfoo", "pure"):
        one, two, three = (sorted(found[form][name], key=key) for form in found)
        assert one == two == three
        assert len(one) == 2
    said = json.loads((folder / "linux-64/repodata.json").read_bytes())
    assert found["shards"]["libfoo"][0].sha256 in {each["sha256"] for each in said["packages.conda"].values()}


def test_channels_without_a_client_are_folders(tmp_path: Path) -> None:
    from hutch.store import Tables

    os.makedirs(tmp_path / "tables")
    look = Repodata(
        [Channel(name="c", url="https://channel.example/c")], ["linux-64"], Tables(str(tmp_path / "tables"))
    )
    with pytest.raises(NoSuchChannel):
        look.records("foo")


@pytest.mark.skipif(not (SHARED / "conda/mkchannel.py").exists(), reason="HUTCH_SHARED has no mkchannel.py")
@pytest.mark.parametrize("how", ["mirrors", "token"])
def test_packages_come_from_where_the_records_came_from(
    how: str, served: Served, home: Path, tmp_path: Path
) -> None:
    from hutch.ops.conda_fetch import fetch_packages

    pytest.importorskip("zstandard")
    made = maker().package(
        tmp_path / "www/c", "pure", "1", noarch="python", files={"site-packages/pure.py": b"x"}
    )
    whole = {"packages.conda": {made.name: package_facts(made, "pure", "1")}}
    (tmp_path / "www/c/noarch/repodata.json").write_text(json.dumps(whole))
    environ = {"HOME": str(home), "HUTCH_CACHE_DIR": str(home / "cache"), "HUTCH_RETRIES": "0"}
    if how == "mirrors":
        (tmp_path / "www/lost/noarch").mkdir(parents=True)
        (tmp_path / "www/lost/noarch/repodata.json").write_text(json.dumps(whole))
        environ |= mirrored(served, f"{served.url}/lost", f"{served.url}/c")
        name = "c"
    else:
        served.token = "tk-1234-secret"
        name = f"{served.url}/t/tk-1234-secret/c"
        environ["HUTCH_CONDA_CHANNELS"] = name
    with Context(tmp_path, environ) as context:
        found = repodata(context, channels_of(context, [name]), ["linux-64"]).records("pure")
        (record,) = next(iter(found.values()))
    served.asked()
    with Context(tmp_path, environ) as context:  # which has a lock, and no more
        assert fetch_packages(context, [record])["pure"].manifest.name == "pure"
    asked = served.asked()
    assert "tk-1234" not in record.url
    assert [line[:3] for line in asked] == (["404", "200"] if how == "mirrors" else ["200"])


def package_facts(made: Path, name: str, version: str) -> dict[str, Any]:
    import hashlib

    data = made.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return {
        "name": name, "version": version, "build": "0", "build_number": 0, "depends": [], "noarch": "python",
        "subdir": "noarch", "sha256": digest, "size": len(data),
    }  # fmt: skip


def maker() -> Any:
    loaded = importlib.util.spec_from_file_location("mkchannel", SHARED / "conda/mkchannel.py")
    assert loaded is not None
    assert loaded.loader is not None
    module = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(module)
    return module
