"""Founding, measuring and cleaning: ours and nothing else."""

from __future__ import annotations

import hashlib
import os
import stat

import pytest

from hutch.store import NotAStore, Store, StoreProblem
from hutch.testing.wheels import make_wheel


def publish(store: Store, tmp_path, name: str):
    filename, data = make_wheel(name, "1.0")
    path = tmp_path / filename
    path.write_bytes(data)
    return store.wheels.publish(path, filename, hashlib.sha256(data).hexdigest())


def fill(store: Store, tmp_path):
    wheels = {name: publish(store, tmp_path, name) for name in ("alpha", "Be.ta")}
    for name, wheel in wheels.items():
        store.tables.write("index", f"https://index.example/simple/{name.lower().replace('.', '-')}", 1)
        store.tables.write("metadata", wheel.sha256, 1)
        store.built.record(f"source/{name}", tmp_path / wheel.manifest.filename)
    store.tables.write("interpreters", "/usr/bin/python", 1)
    return wheels


def test_making_a_store_touches_no_disk(tmp_path):
    store = Store(tmp_path / "a" / "store")
    assert store.wheels.find("0" * 64) is None
    assert store.tables.read("index", "flask") is None
    assert store.size() == ()
    assert store.clean() == (0, 0, 0)
    assert os.listdir(tmp_path) == []


def test_a_store_is_private_marked_and_passed_over_by_backups(tmp_path):
    root = tmp_path / "a" / "store"
    Store(root).prepare()
    assert sorted(os.listdir(root)) == [".hutch-store", "CACHEDIR.TAG"]
    assert (root / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55")
    if os.name != "nt":
        assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_a_folder_with_other_things_does_not_become_a_store(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    store = Store(tmp_path)
    with pytest.raises(NotAStore) as caught:
        store.prepare()
    assert "thesis.tex" in caught.value.why[0]
    assert not store.tables.write("index", "flask", 1)
    with pytest.raises(NotAStore):
        publish(store, tmp_path, "alpha")
    assert not (tmp_path / "wheels-v2").exists()


def test_an_empty_folder_or_one_that_lost_its_marker_becomes_a_store(tmp_path):
    store = Store(tmp_path / "store")
    (tmp_path / "store").mkdir()
    fill(store, tmp_path)
    (tmp_path / "store" / ".hutch-store").unlink()
    Store(tmp_path / "store").prepare()
    assert (tmp_path / "store" / ".hutch-store").exists()


def test_size_counts_by_kind(tmp_path):
    store = Store(tmp_path / "store")
    wheels = fill(store, tmp_path)
    sizes = {kind: (files, size) for kind, files, size in store.size()}
    assert sizes["index"][0] == sizes["metadata"][0] == sizes["built"][0] == 2
    files = sum(len(wheel.manifest.files) + 1 for wheel in wheels.values())
    manifests = sum(os.path.getsize(wheel.path / "manifest") for wheel in wheels.values())
    assert sizes["wheels"] == (files, sum(wheel.manifest.size for wheel in wheels.values()) + manifests)


def test_cleaning_empties_the_store_and_nothing_else(tmp_path):
    store = Store(tmp_path / "store")
    wheels = fill(store, tmp_path)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    (tmp_path / "store" / "index-v1" / "link").symlink_to(precious)
    (tmp_path / "store" / "git-v1").symlink_to(precious)
    (tmp_path / "store" / "notes.txt").write_text("mine")
    (tmp_path / "store" / "notes-v1").mkdir()
    freed = store.clean()
    assert freed.files >= sum(len(wheel.manifest.files) for wheel in wheels.values())
    assert freed.bytes > 0
    assert (precious / "file").read_text() == "mine"
    left = {".hutch-store", "CACHEDIR.TAG", "git-v1", "notes.txt", "notes-v1", "scratch-v1"}
    assert set(os.listdir(tmp_path / "store")) == left
    assert os.listdir(tmp_path / "store" / "scratch-v1") == []
    assert store.wheels.find(wheels["alpha"].sha256) is None
    fill(store, tmp_path)


def test_older_and_newer_formats_are_cleaned_as_well(tmp_path):
    store = Store(tmp_path / "store")
    store.prepare()
    for name in ("index-v0", "wheels-v99", "index", "index-vx"):
        (tmp_path / "store" / name / "aa").mkdir(parents=True)
    store.clean()
    assert {"index", "index-vx"} <= set(os.listdir(tmp_path / "store"))
    assert not {"index-v0", "wheels-v99"} & set(os.listdir(tmp_path / "store"))


def test_cleaning_one_project_leaves_the_others(tmp_path):
    store = Store(tmp_path / "store")
    wheels = fill(store, tmp_path)
    assert store.clean(["BE_TA"]).files == len(wheels["Be.ta"].manifest.files) + 1 + 3
    alpha, beta = wheels["alpha"].sha256, wheels["Be.ta"].sha256
    assert store.wheels.find(beta) is None
    assert store.tables.read("metadata", beta) is None
    assert store.tables.read("index", "https://index.example/simple/be-ta") is None
    assert store.built.find("source/Be.ta") is None
    assert store.wheels.find(alpha, check=True) is not None
    assert store.tables.read("metadata", alpha) == 1
    assert store.tables.read("index", "https://index.example/simple/alpha") == 1
    assert store.built.find("source/alpha") is not None
    assert store.clean(["nothing"]) == (0, 0, 0)


def test_bytes_that_an_environment_shares_are_not_freed(tmp_path):
    store = Store(tmp_path / "store")
    wheel = publish(store, tmp_path, "alpha")
    linked = wheel.manifest.files[0]
    os.link(os.path.join(wheel.files, linked.path), tmp_path / "linked")
    manifest = os.path.getsize(wheel.path / "manifest")
    assert store.clean().bytes == wheel.manifest.size - linked.size + manifest


def test_a_folder_that_is_no_store_is_not_cleaned(tmp_path):
    (tmp_path / "wheels-v2").mkdir()
    with pytest.raises(NotAStore):
        Store(tmp_path).clean()
    with pytest.raises(NotAStore):
        Store(tmp_path).clean(["alpha"])
    assert (tmp_path / "wheels-v2").exists()


def test_cleaning_leaves_work_in_progress_alone(tmp_path):
    store = Store(tmp_path / "store")
    with store.scratch() as folder:
        (folder / "file").write_text("work")
        Store(tmp_path / "store").clean()
        assert (folder / "file").read_text() == "work"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_folders_without_permissions_are_removed_all_the_same(tmp_path):
    store = Store(tmp_path / "store")
    wheel = publish(store, tmp_path, "alpha")
    os.chmod(os.path.join(wheel.files, "alpha"), 0o000)
    store.clean()
    assert os.listdir(tmp_path / "store" / "scratch-v1") == []
    assert not wheel.path.exists()


def test_a_file_where_the_store_should_be_is_a_clear_problem(tmp_path):
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreProblem, match="making the cache failed"):
        publish(Store(tmp_path / "store"), tmp_path, "alpha")
