"""What conda's verbs cost: modules, files, records, requests of the file system. Never the clock.

The times beside py-rattler are in docs/performance.md; this is what keeps them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hutch.conda.shards
from effort.counting import SOURCE, files_opened, modules_of, told_by
from effort.test_installing import counted
from hutch.conda import Channel, Repodata
from hutch.ops.conda_solve import solve_conda
from hutch.ops.context import Context
from hutch.store import Store, Tables
from hutch.testing.conda import CondaPackage, index_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="calls of POSIX")
COSTLY = {
    *(
        "rattler",
        "msgpack",
        "ssl",
        "socket",
        "_socket",
        "email",
        "http",
        "urllib",
        "urllib.request",
        "ctypes",
    ),
    *(
        "platform",
        "subprocess",
        "tempfile",
        "shutil",
        "inspect",
        "typing",
        "dataclasses",
        "pathlib",
        "logging",
    ),
    *("asyncio", "argparse", "importlib.util", "importlib.metadata", "difflib", "zipfile", "tarfile"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A channel of twelve packages in a row, each in two versions, beside a hundred others; a prefix."""
    top = tmp_path_factory.mktemp("place")
    packages = []
    for number in range(12):
        depends = [f"p{number + 1:02} >=1"] if number < 11 else []
        for version in ("1.0", "2.0"):
            files = {f"share/p{number}/d{at % 3}/f{at}": f"{version} {at}" for at in range(20)}
            name = f"p{number:02}"
            packages.append(CondaPackage(name, version, files=files, depends=depends, form="tar.bz2"))
    packages += [CondaPackage(f"other{number}", f"{number}.0") for number in range(100)]
    index_channel(top / "channel", packages)
    run(top, "create", "-p", str(top / "env"), "-y", "p00")
    return top


def run(top: Path, *words: str, code: int = 0) -> tuple[set[str], str]:
    """The modules that a verb of conda imports, and what it prints, in a process of its own."""
    channel = ["--override-channels", "-c", str(top / "channel")]
    more = channel if words[0] in ("create", "install", "update", "search") else []
    (top / "home").mkdir(exist_ok=True)
    environ = {
        "HOME": str(top / "home"),
        "HUTCH_CACHE_DIR": str(top / "cache"),
        "HUTCH_INDEX_URL": "https://index.example/simple",
        "PATH": os.environ["PATH"],
    }
    return modules_of(["conda", *words, *more], top, environ, code=code)


@pytest.mark.parametrize(
    ("words", "at_most"),
    [
        (["list", "-p", "env"], 130),
        (["env", "export", "-p", "env"], 140),
        (["search", "p03"], 150),
        (["create", "-p", "not-there", "--dry-run", "p00"], 210),
        (["install", "-p", "env", "-y", "p00"], 220),
        (["remove", "-p", "env", "--dry-run", "p11"], 200),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_no_verb_imports_what_it_does_not_use(place: Path, words: list[str], at_most: int) -> None:
    """Neither py-rattler, whose threads can crash a process that ends, nor half of the standard library."""
    run(place, *words)  # what is learned for the next one is learned
    modules, said = run(place, *words)
    assert not modules & COSTLY, sorted(modules & COSTLY)
    assert len(modules) <= at_most, (len(modules), said)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    (tmp_path / "home").mkdir()
    environ = {"HOME": str(tmp_path / "home"), "HUTCH_CACHE_DIR": str(tmp_path / "cache"), "PATH": ""}
    found = Context(tmp_path, environ, {})
    yield found
    found.close()


def read_in(
    monkeypatch: pytest.MonkeyPatch, context: Context, place: Path, spec: str
) -> tuple[list[str], set[str]]:
    """The files of package records that were made out of JSON in a solve, and the files opened."""
    made: list[str] = []
    real = hutch.conda.shards.row_from_json

    def counting(data: Any, filename: str = "", **more: Any) -> Any:
        made.append(filename)
        return real(data, filename, **more)

    monkeypatch.setattr(hutch.conda.shards, "row_from_json", counting)
    opened = files_opened(lambda: solve_conda(context, [spec], channels=[str(place / "channel")]))
    monkeypatch.undo()
    return made, set(opened)


def test_only_the_records_of_names_that_are_reached_are_read(
    place: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    repodata = str(place / "channel/noarch/repodata.json")
    made, opened = read_in(monkeypatch, context, place, "p08")
    files = [f"p{number:02}-{version}-0.tar.bz2" for number in range(8, 12) for version in ("1.0", "2.0")]
    assert sorted(made) == files
    assert repodata in opened
    # What was read is kept, and the file is not opened again for it.
    made, opened = read_in(monkeypatch, context, place, "p08")
    assert made == []
    assert repodata not in opened
    # Another name costs its own records; the index of names is there.
    made, opened = read_in(monkeypatch, context, place, "p06")
    assert sorted({name[:3] for name in made}) == ["p06", "p07"]


def test_a_channel_that_changed_is_read_again(tmp_path: Path, context: Context) -> None:
    channel = tmp_path / "channel"
    index_channel(channel, [CondaPackage("a", "1.0")])
    assert [each.label for each in solved(context, channel)] == ["a 1.0 0"]
    index_channel(channel, [CondaPackage("a", "1.0"), CondaPackage("a", "2.0")])
    assert [each.label for each in solved(context, channel)] == ["a 2.0 0"]


def solved(context: Context, channel: Path) -> Any:
    found = solve_conda(context, ["a"], channels=[str(channel)])
    return found.records(found.targets[0].name)


def test_a_large_channel_is_indexed_without_reading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of twenty thousand records no more than the wanted one, and those at the ends of tables, are JSON."""
    record = {"name": "x", "version": "1", "build": "0", "depends": ["a >=1", "b"], "constrains": []}
    table = {f"x{number}-1-0.conda": {**record, "name": f"x{number}"} for number in range(20_000)}
    folder = tmp_path / "channel/noarch"
    folder.mkdir(parents=True)
    whole = json.dumps({"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": table}, indent=2)
    (folder / "repodata.json").write_text(whole)
    read: list[int] = []
    real = json.JSONDecoder.raw_decode

    def counting(decoder: json.JSONDecoder, text: str, idx: int = 0) -> tuple[Any, int]:
        found, end = real(decoder, text, idx)
        read.append(end - idx)
        return found, end

    monkeypatch.setattr(json.JSONDecoder, "raw_decode", counting)
    (tmp_path / "tables").mkdir()
    channel = Channel(name="c", url=(tmp_path / "channel").as_uri())
    found = Repodata([channel], [], Tables(str(tmp_path / "tables")))
    assert [each.label for each in found.records("x17")[channel.url]] == ["x17 1 0"]
    assert len(found.names()) == 20_000
    assert sum(read) < 1000


def test_unpacking_asks_for_a_folder_once(tmp_path: Path) -> None:
    files = {f"share/a/d{at % 4}/f{at}": str(at) for at in range(100)}
    record = CondaPackage("a", files=files).write(tmp_path / "channel")
    store = Store(tmp_path / "store")
    with counted() as calls:
        store.conda.publish(tmp_path / "channel/noarch/a-1.0-0.conda", record.filename, record.sha256)
    count = calls.count()
    assert calls.directories_in(tmp_path / "store") < 20
    assert count["open"] < 125
    assert count["utime"] <= 101


def test_a_lock_of_an_environment_yml_reads_no_more_than_it_needs(place: Path, tmp_path: Path) -> None:
    """No parser of all of YAML, none of pip's files, no `urllib.parse`: together they are a fifth of it."""
    lines = [f"channels: ['{place}/channel']", "platforms: [linux-64, osx-arm64]", "dependencies:", "- p00"]
    (tmp_path / "environment.yml").write_text("\n".join(lines) + "\n")
    (tmp_path / "pip.conf").write_text(f"[global]\nfind-links = {tmp_path}\ntimeout = 60\n")
    environ = {
        "HOME": str(tmp_path / "home"),
        "HUTCH_CACHE_DIR": str(tmp_path / "cache"),
        "HUTCH_INDEX_URL": "https://index.example/simple",
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PATH": os.environ["PATH"],
    }
    for _ in range(2):
        modules, _ = modules_of(["lock"], tmp_path, environ)
        more = {"yaml", "configparser", "datetime", "base64", "hashlib", "contextlib", "urllib.parse"}
        assert not modules & (COSTLY | more), sorted(modules & (COSTLY | more))
        assert len(modules) <= 250, len(modules)
        (tmp_path / "pylock.toml").unlink()


def test_who_unpacks_packages_imports_little_for_it() -> None:
    """In each process that is forked for it, once more."""
    body = (
        f"import sys; sys.path.insert(0, {SOURCE!r}); import json, hutch.store.conda\n"
        "hutch.store.conda.CondaPackages._prepare()\n"
        "print(*{'typing', 'threading', 'pathlib', 'urllib', 'dataclasses', 'hutch.store.publish',\n"
        "        'hutch.store.contents', 'shutil', 'zipfile', 'tarfile'} & set(sys.modules))"
    )
    assert told_by(body)[0].split() == []


def test_a_match_spec_is_asked_of_versions_and_builds_and_not_of_each_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thousand records of ten versions and ten builds are twenty questions; sorting asks even less."""
    from hutch.conda import Sorter, candidates
    from hutch.spec import CondaRecord, CondaSpec, conda_versions

    records = [
        CondaRecord(
            name="a", version=f"1.{at % 10}", build=f"py3{at // 10 % 10}_{at // 100}", filename=f"{at}"
        )
        for at in range(1000)
    ]
    asked: list[str] = []
    parse = candidates.parse_version_spec

    def parse_and_count(text: str) -> Any:
        admits = parse(text)
        return lambda version: asked.append("version") or admits(version)

    monkeypatch.setattr(candidates, "parse_version_spec", parse_and_count)
    for name in ("admits", "admits_version", "admits_build"):
        real = getattr(CondaSpec, name)
        monkeypatch.setattr(
            CondaSpec, name, lambda self, what, real=real, name=name: asked.append(name) or real(self, what)
        )
    found = candidates.Candidates(records, [1] * 1000, 1).matching((("conda", "a >=1.3,<1.9 py31_*"),))
    assert found.bit_count() == 60
    assert asked.count("admits") == 0
    assert asked.count("version") == 10
    assert asked.count("admits_version") == 0
    assert asked.count("admits_build") <= 100
    compared: list[int] = []
    real_compare = conda_versions.compare_conda_versions
    monkeypatch.setattr(
        conda_versions, "compare_conda_versions", lambda a, b: compared.append(1) or real_compare(a, b)
    )
    Sorter(lambda name: ()).sort(records)
    assert compared == []
