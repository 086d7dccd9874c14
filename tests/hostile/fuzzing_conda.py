"""What is damaged of conda's: packages, repodata, MatchSpecs, records of a prefix, environment.yml."""

from __future__ import annotations

import atexit
import bz2
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from hutch.errors import Problem
from hutch.testing.conda import PLACEHOLDER, CondaPackage, tar_of

__all__ = ["READERS"]

_folder: list[str] = []


def folder(name: str) -> str:
    """A directory for one input, in memory where that is to be had."""
    if not _folder:
        shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
        _folder.append(tempfile.mkdtemp(prefix="hutch-fuzz-", dir=shared))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    path = os.path.join(_folder[0], name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


# -- packages ------------------------------------------------------------------------------------------


def honest() -> CondaPackage:
    return CondaPackage(
        "evil",
        "1.0",
        "0",
        noarch="python",
        files={
            "site-packages/evil.py": "x = 1\n",
            "share/evil.conf": f"prefix={PLACEHOLDER}\n",
            "lib/evil.so": b"\x7fELF\0" + PLACEHOLDER.encode() + b"/lib\0end",
        },
        links={"lib/evil.so.1": "evil.so"},
        directories=["share/empty"],
        entry_points=["evil = evil:main"],
        form="tar.bz2",
    )


def packages() -> list[bytes]:
    package = honest()
    infos = package.infos()
    old = {**infos, "info/has_prefix": f"{PLACEHOLDER} text share/evil.conf\n".encode()}
    old.pop("info/paths.json")
    return [tar_of({**each, **package.files}, package.links) for each in (infos, old)]


def read_package(data: bytes) -> bool:
    """The whole way into the store: afterwards a sound entry is there, or nothing."""
    from hutch.store import Limits, Store

    root = folder("package")
    store = Store(os.path.join(root, "store"), limits=lambda: Limits(size=1 << 22, members=2000))
    path = os.path.join(root, "archive")
    with open(path, "wb") as file:
        file.write(packed := bz2.compress(data, 1))
    try:
        stored = store.conda.publish(path, "evil-1.0-0.tar.bz2", hashlib.sha256(packed).hexdigest())
    except Problem:
        assert list(store.conda.entries()) == []
        raise
    assert stored.damage(deep=True) == ()
    assert stored.strange() == ()
    inside = os.path.realpath(stored.files) + os.sep
    for row in stored.manifest.files:
        assert os.path.realpath(os.path.join(stored.files, row[0])).startswith(inside), row
    assert sorted(os.listdir(root)) == ["archive", "store"]
    return True


# -- channels ------------------------------------------------------------------------------------------


def channels() -> list[bytes]:
    def record(name: str, version: str, **more: object) -> dict[str, object]:
        return {
            "name": name, "version": version, "build": "h0_1", "build_number": 1, "subdir": "noarch",
            "depends": ["python >=3.9,<4.0a0", "libfoo * *_0"], "constrains": ["bar <2|>3"], "size": 17,
            "sha256": "ab" * 32, "md5": "cd" * 16, "timestamp": 1_700_000_000_000, "license": "MIT", **more,
        }  # fmt: skip

    whole: dict[str, Any] = {
        "info": {"subdir": "noarch", "base_url": ""},
        "packages": {"old-1-h0_1.tar.bz2": record("old", "1")},
        "packages.conda": {
            f"foo-{version}-h0_1.conda": record("foo", version, noarch="python", purls=["pkg:pypi/foo"])
            for version in ("1.0", "2!1.0rc1", "1.0+cu12")
        },
        "removed": ["gone-1-0.conda"],
        "repodata_version": 1,
    }
    based = {**whole, "info": {"subdir": "noarch", "base_url": "https://elsewhere.example/x"}}
    return [json.dumps(whole).encode(), json.dumps(whole, indent=1).encode(), json.dumps(based).encode()]


def read_channel(data: bytes) -> bool:
    """Every record that is read of it can be a file's name, and is read the same of what was kept."""
    from hutch.conda import Channel, Repodata, Sorter
    from hutch.store import Store

    root = folder("channel")
    os.makedirs(os.path.join(root, "c", "noarch"))
    with open(os.path.join(root, "c", "noarch", "repodata.json"), "wb") as file:
        file.write(data)
    channel = Channel(name="c", url=f"file://{root}/c")
    seen = []
    for _ in range(2):
        repodata = Repodata([channel], ["noarch"], Store(os.path.join(root, "store")).tables)
        found = {name: repodata.records(name) for name in sorted(repodata.names())}
        repodata.keep()
        seen.append({name: rows for name, rows in found.items() if rows})
    assert seen[0] == seen[1]
    for by_channel in found.values():
        for record in (each for rows in by_channel.values() for each in rows):
            stem = f"{record.name}-{record.version}-{record.build}"
            assert stem.isascii(), stem
            assert stem.isprintable(), stem
            assert "/" not in stem, stem
            assert len(stem) < 210, stem
            assert not record.sha256 or len(record.sha256) == 64
        rows = [each for each_rows in by_channel.values() for each in each_rows]
        Sorter(lambda name: ()).sort(rows)
    return any(found.values())


def specs() -> list[bytes]:
    return [
        b"numpy", b"numpy >=1.26,<3|==4.0.*", b"conda-forge/linux-64::numpy=2.3=py312*",
        b'foo[version=">=1,!=1.5", build="*_0", build_number=">=2", md5="ab"]', b"foo 1.* *cuda*",
        b"https://channel.example/c/noarch/foo-1-0.conda#sha256:abcd", b"foo * ^py3.*$", b"foo (1|2),>0",
    ]  # fmt: skip


def read_spec(data: bytes) -> bool:
    from hutch.spec import parse_conda_spec
    from hutch.spec.conda_records import CondaRecord

    text = data.decode("utf-8", "replace")
    spec = parse_conda_spec(text)
    record = CondaRecord(name="foo", version="1.5", build="py312_0", channel="https://channel.example/c")
    spec.matches(record)
    assert spec.name == spec.name.lower()
    return True


# -- prefixes and files -----------------------------------------------------------------------------------


def prefix_records() -> list[bytes]:
    package = honest()
    whole = {
        **package.index, "fn": package.filename, "url": f"file:///c/noarch/{package.filename}",
        "channel": "file:///c/noarch", "requested_specs": ["evil"], "files": ["share/evil", "lib/x"],
        "paths_data": {"paths": [
            {"_path": "share/evil", "path_type": "hardlink", "sha256": "ab" * 32, "size_in_bytes": 3},
            {"_path": "lib/x", "path_type": "softlink"}], "paths_version": 1},
    }  # fmt: skip
    return [json.dumps(whole).encode(), json.dumps(whole, indent=2).encode()]


def read_prefix(data: bytes) -> bool:
    """What a prefix says that somebody else has made: looked at, and planned with; nothing leaves it."""
    from hutch.env import open_prefix, plan_conda, prefix_packages

    root = folder("prefix")
    os.makedirs(os.path.join(root, "p", "conda-meta"))
    with open(os.path.join(root, "p", "conda-meta", "history"), "w") as file:
        file.write("")
    with open(os.path.join(root, "p", "conda-meta", "evil-1.0-0.json"), "wb") as file:
        file.write(data)
    prefix = os.path.join(root, "p")
    found = prefix_packages(prefix)
    environment = open_prefix(prefix)
    installed = environment.installed()
    plan_conda(environment, (), ())
    assert os.listdir(root) == ["p"]
    return bool(found) and bool(installed)


def environment_files() -> list[bytes]:
    return [
        b"name: sci\nchannels:\n  - c\ndependencies:\n  - python=3\n  - pip:\n    - rich\n",
        b"name: x\nchannels: [c]\ndependencies:\n  - numpy >=2  # [linux]\n  - sel(win): foo\n",
        b"name: x\nvariables:\n  A: b\ndependencies: &d [a, 'b=1=0']\nplatforms: [linux-64]\n",
    ]


def read_environment_file(data: bytes) -> bool:
    from hutch.project import parse_manifest

    parse_manifest(data.decode("utf-8", "replace"), filename="environment.yml")
    return True


READERS: dict[str, tuple[Callable[[], list[bytes]], Callable[[bytes], bool]]] = {
    "conda-package": (packages, read_package),
    "conda-channel": (channels, read_channel),
    "conda-spec": (specs, read_spec),
    "conda-prefix": (prefix_records, read_prefix),
    "environment-yml": (environment_files, read_environment_file),
}
