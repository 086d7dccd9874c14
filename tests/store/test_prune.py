"""Pruning: what goes, what stays, and that nothing goes that somebody is about to link."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hutch.store import NotAStore, Store, StoreBusy
from hutch.store import prune as prune_module
from hutch.store.roots import register
from hutch.testing.wheels import make_wheel

HOUR, DAY = 3600, 86400
SIZE = 100_000


def publish(store: Store, folder: Path, name: str, used: float = 0) -> str:
    """A wheel of about ``SIZE`` bytes that was last used so many seconds ago."""
    filename, data = make_wheel(name, "1.0", files={f"{name}/__init__.py": "x" * SIZE})
    path = folder / filename
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    store.wheels.publish(path, filename, sha256)
    if used:
        age(Path(store.wheels.folder(sha256)) / "manifest", used)
    return sha256


def age(path: Path | str, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def nobody(environment: str) -> frozenset[str]:
    return frozenset()


def left(store: Store) -> set[str]:
    return set(store.wheels.entries())


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


def test_the_least_recently_used_go_until_it_fits(store, tmp_path):
    old, older, new = (
        publish(store, tmp_path, name, DAY * days) for name, days in (("a", 5), ("b", 9), ("c", 2))
    )
    done = store.prune(limit=int(SIZE * 2.5), in_use=nobody)
    assert left(store) == {old, new}
    assert done.removed == {"wheels": 1}
    assert SIZE < done.bytes < SIZE * 1.1
    assert SIZE * 2 < done.left < SIZE * 2.2
    assert older not in left(store)
    assert os.listdir(Path(store.root) / "scratch-v1") == []


def test_nothing_goes_below_the_limit_or_without_one(store, tmp_path):
    publish(store, tmp_path, "a", 400 * DAY)
    for limit in (None, 10 * SIZE):
        done = store.prune(limit=limit, in_use=nobody)
        assert (done.removed, done.bytes) == ({}, 0)
    assert len(left(store)) == 1


def test_what_environments_use_stays_and_those_that_are_gone_use_nothing(store, tmp_path):
    kept, gone = publish(store, tmp_path, "a", 90 * DAY), publish(store, tmp_path, "b", DAY)
    for name in ("here", "gone"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyvenv.cfg").write_text("home = /\n")
        register(store.root, str(tmp_path / name))
    (tmp_path / "gone" / "pyvenv.cfg").unlink()
    asked = []

    def in_use(environment: str) -> frozenset[str]:
        asked.append(os.path.basename(environment))
        return frozenset([kept])

    done = store.prune(limit=0, in_use=in_use)
    assert left(store) == {kept}
    assert gone not in left(store)
    assert asked == ["here"]
    assert (done.environments, done.removed) == (1, {"wheels": 1})
    assert SIZE < done.in_use < SIZE * 1.1
    assert done.left == done.in_use
    assert len(os.listdir(Path(store.root) / "roots-v1")) == 1


def test_what_was_asked_for_lately_stays(store, tmp_path):
    """Whoever found it may be about to link it."""
    recent = publish(store, tmp_path, "a", HOUR)
    spare = publish(store, tmp_path, "b", 3 * HOUR)
    store.prune(limit=0, in_use=nobody)
    assert left(store) == {recent}
    assert spare not in left(store)


def test_what_is_found_is_marked_and_so_stays(store, tmp_path):
    sha256 = publish(store, tmp_path, "a", 90 * DAY)
    assert store.wheels.find(sha256) is not None
    store.prune(limit=0, in_use=nobody)
    assert left(store) == {sha256}


@pytest.mark.parametrize("moment", ["before", "between"])
def test_what_is_asked_for_at_this_very_moment_stays(store, tmp_path, monkeypatch, moment):
    """Somebody finds the wheel after the prune has chosen it: before it is moved away, or just then."""
    sha256 = publish(store, tmp_path, "a", 90 * DAY)
    manifest = Path(store.wheels.folder(sha256)) / "manifest"
    real = os.rename

    def rename(source, target):
        if moment == "between" and str(source) == str(manifest.parent):
            os.utime(manifest)
        real(source, target)

    def step(name: str) -> None:
        if moment == "before":
            assert store.wheels.find(sha256) is not None

    monkeypatch.setattr(prune_module.os, "rename", rename)
    done = store.prune(limit=0, in_use=nobody, step=step)
    assert left(store) == {sha256}
    assert done.removed == {}
    assert store.wheels.find(sha256, check=True) is not None


def test_a_date_in_the_future_is_no_use(store, tmp_path):
    publish(store, tmp_path, "a", -40 * 365 * DAY)
    store.prune(limit=0, in_use=nobody)
    assert left(store) == set()


def test_a_dry_run_says_the_same_and_removes_nothing(store, tmp_path):
    for name, days in (("a", 5), ("b", 9), ("c", 2)):
        publish(store, tmp_path, name, DAY * days)
    store.tables.write("metadata", "x", 1)
    age(store.tables.path("metadata", "x"), 90 * DAY)
    before = sorted(Path(store.root).rglob("*"))
    said = store.prune(limit=0, in_use=nobody, dry_run=True)
    assert sorted(path for path in Path(store.root).rglob("*") if "mutex" not in str(path)) == before
    done = store.prune(limit=0, in_use=nobody)
    assert (said.removed, said.bytes, said.left) == (done.removed, done.bytes, done.left)
    assert done.removed == {"metadata": 1, "wheels": 3}


def test_old_tables_leftovers_and_locks_of_the_dead_go(store):
    for key, days in (("old", 61), ("new", 59)):
        store.tables.write("metadata", key, (1,))
        age(store.tables.path("metadata", key), days * DAY)
    root = Path(store.root)
    for name, days in (
        ("metadata-v1/x.1-2.tmp", 2),
        ("metadata-v1/y.1-2.tmp", 0.5),
        ("archives-v1/old.part", 8),
        ("archives-v1/new.part", 6),
        ("mutex-v1/dead", 2),
        ("mutex-v1/young", 0.5),
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("x")
        age(root / name, days * DAY)
    store.prune(limit=None, in_use=nobody)
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert found == {
        ".hutch-store",
        "CACHEDIR.TAG",
        "metadata-v1/new",
        "metadata-v1/y.1-2.tmp",
        "archives-v1/new.part",
        "mutex-v1/young",
    }


def test_a_lock_that_somebody_holds_is_left(store):
    with store.lock("busy"):
        age(Path(store.root) / "mutex-v1/busy", 2 * DAY)
        store.prune(limit=None, in_use=nobody)
        assert (Path(store.root) / "mutex-v1/busy").exists()


def environment(store: Store, name: str, days: float) -> Path:
    path = Path(store.root) / "envs-v1" / name
    (path / ".hutch").mkdir(parents=True)
    (path / ".hutch/state").write_text("x")
    (path / "big").write_bytes(b"x" * SIZE)
    age(path / ".hutch/state", days * DAY)
    return path


def test_throwaway_environments_go_after_a_month_and_under_pressure(store):
    store.prepare()
    old, spare, young = (environment(store, name, days) for name, days in (("a", 31), ("b", 5), ("c", 0.5)))
    done = store.prune(limit=None, in_use=nobody)
    assert not old.exists()
    assert done.removed == {"envs": 1}
    store.prune(limit=0, in_use=nobody)
    assert not spare.exists()
    assert young.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_an_environment_that_a_process_runs_in_stays(store):
    store.prepare()
    path = environment(store, "a", 40)
    variables = {**os.environ, "VIRTUAL_ENV": str(path)}
    with subprocess.Popen(["sleep", "60"], env=variables) as process:
        try:
            time.sleep(0.2)
            store.prune(limit=0, in_use=nobody)
            assert path.exists()
        finally:
            process.kill()
    store.prune(limit=0, in_use=nobody)
    assert not path.exists()


def test_an_environment_that_is_being_made_stays(store):
    store.prepare()
    path = environment(store, "a", 40)
    with store.lock("env-a"):
        store.prune(limit=0, in_use=nobody)
    assert path.exists()


def test_clones_go_by_their_last_use(store):
    store.prepare()
    for name, days in (("a", 9), ("b", 5)):
        path = Path(store.root) / "git-v1" / name
        path.mkdir(parents=True)
        (path / "pack").write_bytes(b"x" * SIZE)
        age(path, days * DAY)
    store.use("git-v1/a")
    store.prune(limit=SIZE + 100, in_use=nobody)
    assert os.listdir(Path(store.root) / "git-v1") == ["a"]


def test_what_was_built_is_forgotten_with_its_wheel(store, tmp_path):
    filename, data = make_wheel("a", "1.0")
    (tmp_path / filename).write_bytes(data)
    stored = store.built.record("key", tmp_path / filename)
    age(Path(stored.folder) / "manifest", DAY)
    store.prune(limit=0, in_use=nobody)
    assert left(store) == set()
    assert os.listdir(Path(store.root) / "built-v1") == []


@pytest.mark.parametrize(("days", "stays"), [(29, True), (31, False)])
def test_formats_of_an_older_hutch_stay_while_it_uses_them(store, days, stays):
    store.prepare()
    entry = Path(store.root) / "wheels-v1" / "ab" / ("ab" * 32)
    entry.mkdir(parents=True)
    (entry / "manifest").write_text("old")
    for path in (entry / "manifest", entry, entry.parent, entry.parent.parent):
        age(path, days * DAY)
    store.prune(limit=None, in_use=nobody)
    assert entry.exists() is stays


def test_one_prune_at_a_time(store):
    with store.lock("prune"), pytest.raises(StoreBusy):
        store.prune(limit=0, in_use=nobody)


def test_it_ends_when_time_is_up(store, tmp_path):
    for name in "abc":
        publish(store, tmp_path, name, 9 * DAY)
    done = store.prune(limit=0, in_use=nobody, seconds=-1)
    assert len(left(store)) == 3
    assert done.removed == {}


def test_a_folder_that_is_no_store_is_not_pruned(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(NotAStore):
        Store(tmp_path).prune(limit=0, in_use=nobody)
    assert Store(tmp_path / "nothing").prune(limit=0, in_use=nobody).left == 0
    assert not (tmp_path / "nothing").exists()


def test_a_damaged_entry_goes_as_well(store, tmp_path):
    sha256 = publish(store, tmp_path, "a", 9 * DAY)
    folder = Path(store.wheels.folder(sha256))
    (folder / "manifest").write_bytes(b"")
    age(folder, 9 * DAY)
    done = store.prune(limit=0, in_use=nobody)
    assert left(store) == set()
    assert done.bytes >= SIZE


# -- size ------------------------------------------------------------------------------------------


def test_a_shared_file_counts_once(store, tmp_path):
    sha256 = publish(store, tmp_path, "a")
    before = {kind: size for kind, _, size in store.size()}
    env = Path(store.root) / "envs-v1/x"
    env.mkdir(parents=True)
    for number in range(3):
        os.link(Path(store.wheels.folder(sha256)) / "files/a/__init__.py", env / str(number))
    (env / "own").write_bytes(b"12345")
    after = {kind: size for kind, _, size in store.size()}
    assert after["wheels"] == before["wheels"]
    assert after["envs"] == 5
    shown = subprocess.run(
        ["du", "-sb", "--apparent-size", store.root], capture_output=True, text=True, check=False
    )
    if shown.returncode == 0:
        folders = sum(
            path.stat().st_size for path in [Path(store.root), *Path(store.root).rglob("*")] if path.is_dir()
        )
        marks = sum((Path(store.root) / name).stat().st_size for name in (".hutch-store", "CACHEDIR.TAG"))
        assert sum(after.values()) == int(shown.stdout.split()[0]) - folders - marks


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("20 GiB", 20 << 30), ("500MB", 500_000_000), ("1.5k", 1500), ("0", 0), ("7", 7), ("3 TiB", 3 << 40)],
)
def test_sizes(text, bytes_):
    from hutch.store import parse_limit

    limit = parse_limit(text)
    assert limit is not None
    assert limit.on("/") == bytes_


@pytest.mark.parametrize("text", ["", "much", "-1", "5 parsec", "nan", "inf", "200 %", "1e99", "10 GiB x"])
def test_what_is_no_size(text):
    from hutch.store import parse_limit

    assert parse_limit(text) is None


def test_a_share_of_the_disk_and_no_limit(tmp_path):
    import shutil

    from hutch.store import parse_limit, usual_limit

    total = shutil.disk_usage(tmp_path).total
    share, none = parse_limit("10 %"), parse_limit("none")
    assert share is not None
    assert none is not None
    assert share.on(str(tmp_path / "not/made/yet")) == total // 10
    assert none.on(str(tmp_path)) is None
    assert usual_limit(str(tmp_path / "not/made/yet")) == max(2 << 30, min(20 << 30, total // 10))
