"""Packages that are in another place than the channel that has them (`base_url`, CEP 15)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conda.serving import Served, serve
from hutch.conda import InvalidRepodata
from hutch.env import prefix_packages
from hutch.lock import CondaLock, CondaTarget, Lock, LockedConda, parse_lock, render_lock
from hutch.ops.channels import channels_of, package_places, repodata
from hutch.ops.conda_prefix import change_prefix
from hutch.ops.context import Context
from hutch.spec import CondaRecord
from hutch.store import zstd
from hutch.testing.conda import CondaPackage, index_channel


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve(tmp_path / "www") as found:
        yield found


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "HUTCH_CACHE_DIR": str(home / "cache"), "HUTCH_RETRIES": "0"}


def moved(channel: Path, base_url: str, packages: Path | None) -> None:
    """A channel whose packages are in ``packages``, and whose repodata says so."""
    index_channel(channel, [CondaPackage("a", "1", files={"share/a": "1"})])
    path = channel / "noarch/repodata.json"
    said = json.loads(path.read_text())
    said["info"]["base_url"] = base_url
    path.write_text(json.dumps(said))
    if packages is not None:
        packages.mkdir(parents=True)
        for file in channel.glob("noarch/*.conda"):
            shutil.move(file, packages)


def record_of(context: Context, name: str) -> CondaRecord:
    found = repodata(context, channels_of(context, [name]), ["linux-64"])
    (records,) = found.records("a").values()
    found.keep()
    return records[0]


@pytest.mark.parametrize("kind", ["below", "beside", "elsewhere"])
@pytest.mark.parametrize("folder", [True, False])
def test_they_are_fetched_from_there(
    kind: str, folder: bool, served: Served, environ: dict[str, str], tmp_path: Path
) -> None:
    top = (tmp_path / "www").as_uri() if folder else served.url
    base = {"below": "files/", "beside": "../packages", "elsewhere": f"{served.url}/other/place"}[kind]
    place = {"below": "c/noarch/files", "beside": "c/packages", "elsewhere": "other/place"}[kind]
    moved(tmp_path / "www/c", base, tmp_path / "www" / place)
    root = tmp_path / "env"
    for _ in range(2):  # as it was sent, and as it is kept
        with Context(tmp_path, environ) as context:
            record = record_of(context, f"{top}/c")
            assert record.url == f"{served.url if kind == 'elsewhere' else top}/{place}/a-1-0.conda"
            change_prefix(context, root, [record])
        shutil.rmtree(tmp_path / "home/cache/conda-v1", ignore_errors=True)
    (package,) = prefix_packages(root)
    assert (package.record.url, package.record.channel) == (record.url, f"{top}/c")
    # A lock says where they are, and who has it needs no repodata.
    target = CondaTarget(name="linux-64", subdir="linux-64")
    part = CondaLock(
        channels=(record.channel,), targets=(target,), roots=(),
        packages=(LockedConda(record=record, reached=(("project", ("linux-64",)),)),),
    )  # fmt: skip
    lock = parse_lock(render_lock(empty(part)))
    assert lock.conda is not None
    assert lock.conda.packages[0].record.url == record.url


def empty(part: CondaLock) -> Lock:
    from hutch.values import replace

    hutch = f'[tool.hutch]\nformat = 1\ninputs = "sha256:{"0" * 64}"\n'
    lock = parse_lock(f'lock-version = "1.0"\ncreated-by = "hutch"\npackages = []\n{hutch}')
    return replace(lock, conda=part)


def test_a_mirror_has_them_below_it(served: Served, environ: dict[str, str], tmp_path: Path) -> None:
    moved(tmp_path / "www/mirror", "../packages", tmp_path / "www/mirror/packages")
    environ |= {
        "HUTCH_CONDA_CHANNEL_ALIAS": "https://channel.example",
        "HUTCH_CONDA_MIRRORS": f"c={served.url}/mirror",
    }
    with Context(tmp_path, environ) as context:
        record = record_of(context, "c")
        assert record.url == "https://channel.example/c/packages/a-1-0.conda"
        assert package_places(context, record) == (f"{served.url}/mirror/packages/a-1-0.conda",)
        change_prefix(context, tmp_path / "env", [record])


@pytest.mark.parametrize(
    "base",
    ["file:///etc", "ftp://other.example/x", "https://user:pw@other.example/", "https://", "a b", "x?y"],
)
@pytest.mark.parametrize("form", ["repodata.json", "repodata_shards.msgpack.zst"])
def test_what_no_channel_may_say(
    base: str, form: str, served: Served, environ: dict[str, str], tmp_path: Path
) -> None:
    if form == "repodata.json":
        moved(tmp_path / "www/c", base, None)
    else:
        msgpack = pytest.importorskip("msgpack", reason="shards are MessagePack")
        said: Any = {"info": {"base_url": base, "shards_base_url": ""}, "shards": {"a": b"\x01" * 32}}
        (tmp_path / "www/c/noarch").mkdir(parents=True)
        (tmp_path / "www/c/noarch" / form).write_bytes(zstd().compress(msgpack.packb(said)))
    with Context(tmp_path, environ) as context, pytest.raises(InvalidRepodata, match="noarch") as caught:
        record_of(context, f"{served.url}/c")
    assert "pw" not in f"{caught.value.why}"


@pytest.mark.parametrize("base", ["", "../packages/"])
def test_shards_say_it_too(base: str, served: Served, environ: dict[str, str], tmp_path: Path) -> None:
    msgpack = pytest.importorskip("msgpack", reason="shards are MessagePack")
    import hashlib

    folder = tmp_path / "www/c/noarch"
    folder.mkdir(parents=True)
    shard = zstd().compress(
        msgpack.packb({"packages.conda": {"a-1-0.conda": {"name": "a", "version": "1", "build": "0"}}})
    )
    digest = hashlib.sha256(shard)
    (folder / f"{digest.hexdigest()}.msgpack.zst").write_bytes(shard)
    info = {"base_url": base or f"{served.url}/c/noarch/", "shards_base_url": ""}
    index = zstd().compress(msgpack.packb({"info": info, "shards": {"a": digest.digest()}}))
    (folder / "repodata_shards.msgpack.zst").write_bytes(index)
    for _ in range(2):
        with Context(tmp_path, environ) as context:
            record = record_of(context, f"{served.url}/c")
            where = "packages" if base else "noarch"
            assert record.url == f"{served.url}/c/{where}/a-1-0.conda"
            assert bool(record.base) == bool(base)
