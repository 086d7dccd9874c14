"""A store that cannot be written, one that belongs to somebody else, and stores below another."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from hutch.store import Store, StoreProblem
from hutch.testing.wheels import make_wheel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")


def publish(store: Store, folder: Path, name: str = "alpha") -> str:
    filename, data = make_wheel(name, "1.0")
    (folder / filename).write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    store.wheels.publish(folder / filename, filename, sha256)
    return sha256


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def blocked(tmp_path) -> Path:
    """A place that nobody, root included, can make a folder in."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "cache"


def test_a_store_that_cannot_be_made_is_a_temporary_one(tmp_path, blocked, told):
    store = Store(blocked, elsewhere=told.append)
    assert store.tables.write("index", "flask", (1,)) is False
    with store.lock("something") as held:
        assert held is False
    assert not store.is_temporary
    assert told == []  # nothing that matters was lost so far
    sha256 = publish(store, tmp_path)
    assert store.is_temporary
    assert told == [
        f"the cache {blocked} cannot be written (Not a directory): what is fetched or built now is not kept"
    ]
    assert store.wheels.find(sha256) is not None
    assert store.tables.write("index", "flask", (1,))
    assert store.tables.read("index", "flask") == (1,)
    folder = Path(store.root).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    store.close()
    assert not folder.exists()


def test_who_does_not_say_so_gets_a_problem(tmp_path, blocked):
    with pytest.raises(StoreProblem, match="making the cache failed"):
        publish(Store(blocked), tmp_path)


def test_a_store_of_somebody_else_that_nobody_chose_is_not_used(tmp_path, told):
    theirs = Store(tmp_path / "theirs")
    sha256 = publish(theirs, tmp_path)
    theirs.tables.write("index", "flask", (1,))
    os.chmod(theirs.root, 0o777)
    store = Store(theirs.root, elsewhere=told.append)
    store.admit(chosen=False, warn=told.append)
    anyone = "can be changed by every user of this machine"
    assert told == [
        f"the cache {theirs.root} is not used, because it {anyone}: what is fetched or built now is not kept"
    ]
    assert store.wheels.find(sha256) is None
    assert store.tables.read("index", "flask") is None
    store.close()


def test_of_one_that_was_chosen_the_user_is_told(tmp_path, told):
    theirs = Store(tmp_path / "theirs")
    sha256 = publish(theirs, tmp_path)
    os.chmod(theirs.root, 0o777)
    store = Store(theirs.root, elsewhere=told.append)
    store.admit(chosen=True, warn=told.append)
    anyone = "can be changed by every user of this machine"
    assert told == [f"the cache {theirs.root} {anyone}: its files are used as they are"]
    assert store.wheels.find(sha256) is not None


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
def test_another_owner_is_a_stranger_and_root_is_not(tmp_path, told):
    theirs = Store(tmp_path / "theirs")
    publish(theirs, tmp_path)
    store = Store(theirs.root, elsewhere=told.append)
    store.admit(chosen=False, warn=told.append)
    assert told == []
    os.chown(theirs.root, 4242, 4242)
    store.admit(chosen=False, warn=told.append)
    assert told[0].startswith(
        f"the cache {theirs.root} is not used, because it belongs to another user (4242)"
    )
    store.close()


# -- layers ----------------------------------------------------------------------------------------


def test_what_a_layer_has_is_used_from_there(tmp_path, told):
    below = Store(tmp_path / "below")
    sha256 = publish(below, tmp_path)
    below.tables.write("index", "flask", (1,))
    before = sorted(path for path in (tmp_path / "below").rglob("*"))
    store = Store(tmp_path / "own", layers=[tmp_path / "nowhere", below.root])
    store.admit(chosen=True, warn=told.append)
    assert told == [f"the cache layer {tmp_path / 'nowhere'} is not there"]
    found = store.wheels.find(sha256, check=True)
    assert found is not None
    assert found.folder.startswith(below.root)
    assert store.tables.read("index", "flask") == (1,)
    store.tables.write("index", "flask", (2,))
    assert store.tables.read("index", "flask") == (2,)
    assert below.tables.read("index", "flask") == (1,)
    # It is there already: publishing it again copies nothing.
    assert publish(store, tmp_path) == sha256
    assert list(store.wheels.entries()) == []
    assert sorted(path for path in (tmp_path / "below").rglob("*")) == before


def test_a_damaged_entry_of_a_layer_is_passed_over_and_left_there(tmp_path):
    below = Store(tmp_path / "below")
    sha256 = publish(below, tmp_path)
    file = next(Path(below.root).rglob("alpha/__init__.py"))
    file.write_text("print('owned')\n")
    store = Store(tmp_path / "own", layers=[below.root])
    found = store.wheels.find(sha256)
    assert found is not None
    assert found.damage()
    store.wheels.discard(sha256)
    assert store.wheels.find(sha256) is None
    assert file.exists()
    publish(store, tmp_path)
    found = store.wheels.find(sha256, check=True)
    assert found is not None
    assert found.folder.startswith(store.root)


def test_of_a_layer_that_strangers_may_write_the_user_is_told(tmp_path, told):
    below = Store(tmp_path / "below")
    sha256 = publish(below, tmp_path)
    os.chmod(below.root, 0o777)
    store = Store(tmp_path / "own", layers=[below.root], elsewhere=told.append)
    store.admit(chosen=True, warn=told.append)
    anyone = "can be changed by every user of this machine"
    assert told == [f"the cache layer {below.root} {anyone}: its files are used as they are"]
    assert store.wheels.find(sha256) is not None


# -- use -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "marked"), [(0, False), (3000, False), (4000, True), (-10_000, True)])
def test_the_date_of_a_manifest_tells_the_last_use_to_the_hour(tmp_path, age, marked):
    import time

    store = Store(tmp_path / "store")
    sha256 = publish(store, tmp_path)
    manifest = Path(store.wheels.folder(sha256)) / "manifest"
    then = time.time() - age
    os.utime(manifest, (then, then))
    assert store.wheels.find(sha256) is not None
    assert (abs(manifest.stat().st_mtime - time.time()) < 60) is (marked or age == 0)


def test_the_date_of_a_table_tells_the_last_use_to_the_week(tmp_path):
    import time

    tables = Store(tmp_path / "store").tables
    tables.write("metadata", "flask", (1,))
    path = Path(tables.path("metadata", "flask"))
    for days, marked in ((6, False), (8, True)):
        then = time.time() - days * 86400
        os.utime(path, (then, then))
        assert tables.read("metadata", "flask") == (1,)
        assert (path.stat().st_mtime > then + 60) is marked
