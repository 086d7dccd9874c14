"""Trees: made once, never changed, left to those who link to them."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest

from hutch.store import Store
from hutch.store.bytecode import Bytecode, encoded_hash
from hutch.store.disk import remove_tree
from hutch.store.layout import sentinel
from hutch.store.linked import tree_at
from hutch.store.manifest import ManifestFile, wheel_time
from hutch.store.roots import register
from hutch.testing.wheels import make_wheel

FILES = {"alpha/__init__.py": "v = 1\n", "alpha/deep/x.py": "x = 1\n", "alpha/data/a.txt": "a", "one.py": ""}
DAY = 86400


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def put(store, tmp_path, name="alpha", version="1.0", files=FILES, **about):
    filename, content = make_wheel(name, version, files=files, **about)
    (tmp_path / filename).write_bytes(content)
    return store.wheels.publish(tmp_path / filename, filename, hashlib.sha256(content).hexdigest())


def table_of(tree):
    return os.path.join(os.path.dirname(tree.folder), "tree")


def later(tree):
    """As if it had been looked at long ago."""
    os.utime(table_of(tree), (1, 1))


def test_a_tree_is_the_entry_once_more(store, tmp_path):
    wheel = put(store, tmp_path, data={"data/share/x.txt": "x"})
    tree = store.trees.plant(wheel)
    assert tree.links == ("alpha",)
    assert {row[0] for row in tree.manifest.files} == {
        "alpha-1.0.dist-info/METADATA",
        "alpha-1.0.dist-info/WHEEL",
        "one.py",
    }
    assert "alpha/deep" not in tree.manifest.directories
    assert [path for path, _ in tree.dates] == ["alpha", "alpha/data", "alpha/deep"]
    whole = tree.whole()
    assert whole.manifest == wheel.manifest
    assert whole.damage(deep=True) == ()
    for path in FILES:
        assert os.path.samefile(f"{tree.files}/{path}", f"{wheel.files}/{path}")
    assert os.path.isfile(f"{tree.folder}/data/data/share/x.txt")
    # Python may write beside modules, and nobody anywhere else.
    modes = {
        name: os.stat(f"{tree.files}/{name}").st_mode & 0o777
        for name in ("alpha", "alpha/deep", "alpha/data")
    }
    assert set(modes.values()) == {0o555}
    assert os.stat(f"{tree.files}/alpha/deep/__pycache__").st_mode & 0o777 == 0o755
    assert not os.path.exists(f"{tree.files}/alpha/data/__pycache__")
    assert store.trees.find(wheel.sha256) == tree
    assert store.trees.plant(wheel) == tree == store.trees.plant(tree)
    found, inside = tree_at(f"{tree.files}/alpha/deep")
    assert (found.folder, inside) == (tree.folder, "alpha/deep")


def test_a_wheel_without_directories_has_none(store, tmp_path):
    wheel = put(store, tmp_path, files={"one.py": ""})
    assert store.trees.plant(wheel) is wheel
    assert not os.path.exists(store.trees.folder(wheel.sha256))


def test_a_store_that_goes_away_has_none(tmp_path):
    lost = tmp_path / "file"
    lost.write_text("no directory")
    store = Store(lost / "store", elsewhere=lambda why: None)
    try:
        wheel = put(store, tmp_path)
        assert store.is_temporary
        assert store.trees.plant(wheel) is wheel
        assert store.trees.find(wheel.sha256) is None
    finally:
        store.close()


def test_from_a_layer_or_another_disk(store, tmp_path, monkeypatch):
    def refuse(*words, **options):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    below = Store(tmp_path / "layer")
    wheel = put(below, tmp_path)
    store = Store(tmp_path / "store", layers=[tmp_path / "layer"])
    found = store.wheels.find(wheel.sha256)
    monkeypatch.setattr(os, "link", refuse)
    tree = store.trees.plant(found)
    assert tree.folder.startswith(str(tmp_path / "store"))
    assert tree.whole().damage(deep=True) == ()
    shutil.rmtree(tmp_path / "layer")
    assert store.trees.find(wheel.sha256) == tree


@pytest.mark.parametrize("damage", ["cut", "gone", "noise"])
def test_a_table_that_is_not_whole_is_none(store, tmp_path, damage):
    wheel = put(store, tmp_path)
    tree = store.trees.plant(wheel)
    table = Path(table_of(tree))
    if damage == "gone":
        table.unlink()
    else:
        content = table.read_bytes()
        table.write_bytes(content[:-9] if damage == "cut" else content[:50] + b"!" + content[51:])
    assert store.trees.find(wheel.sha256) is None
    again = store.trees.plant(wheel)
    assert again.folder != tree.folder
    assert os.path.isdir(tree.folder)  # whoever links there keeps it


def test_every_file_is_looked_at_once_an_hour(store, tmp_path):
    tree = store.trees.plant(put(store, tmp_path))
    Path(tree.files, "alpha", "__init__.py").write_text("v = 2\n")
    assert store.trees.find(tree.sha256) == tree  # looked at just now
    later(tree)
    assert store.trees.find(tree.sha256) is None
    wheel = store.wheels.find(tree.sha256)
    assert store.trees.plant(wheel) is wheel  # the entry is the same file: who links it finds that out


def test_a_look_says_that_it_was_used(store, tmp_path):
    tree = store.trees.plant(put(store, tmp_path))
    later(tree)
    os.utime(f"{tree.folder}/manifest", (1, 1))
    assert store.trees.find(tree.sha256) == tree
    now = time.time()
    assert now - os.stat(table_of(tree)).st_mtime < 60
    assert now - os.stat(f"{tree.folder}/manifest").st_mtime < 60


def bytecode_for(store, wheel, text=b"bytecode"):
    path = "alpha/deep/__pycache__/x.cpython-312.pyc"
    folder = store.bytecode.folder(wheel.sha256, "cpython-312-cb0d0d0a")
    when = wheel_time(wheel.sha256)
    os.makedirs(os.path.dirname(f"{folder}/files/{path}"))
    Path(folder, "files", path).write_bytes(text)
    os.utime(Path(folder, "files", path), (when, when))
    row = ManifestFile(path, len(text), when * 1_000_000_000, 0o644, encoded_hash(text))
    entry = Bytecode(
        wheel.sha256, "cpython-312-cb0d0d0a", folder, "alpha 1.0", ("alpha/deep/__pycache__",), (row,)
    )
    Path(folder, "manifest").write_bytes(entry.packed())
    return entry, path


def test_bytecode_comes_with_a_tree_and_into_one(store, tmp_path):
    wheel = put(store, tmp_path)
    tree = store.trees.plant(wheel)
    entry, path = bytecode_for(store, wheel)
    Path(tree.files, path).write_bytes(b"what Python wrote in the meantime")
    store.trees.fill(entry)
    assert os.path.samefile(f"{tree.files}/{path}", f"{entry.files}/{path}")
    assert [path for path, date in tree.dates if os.stat(f"{tree.files}/{path}").st_mtime_ns != date] == []
    store.trees.forget(wheel.sha256)
    again = store.trees.plant(wheel)
    assert os.path.samefile(f"{again.files}/{path}", f"{entry.files}/{path}")
    # Damaged bytecode is given to nobody.
    Path(entry.files, path).write_bytes(b"edited")
    os.unlink(f"{again.files}/{path}")
    store.trees.fill(entry)
    assert not os.path.exists(f"{again.files}/{path}")


def test_verify_looks_at_trees(store, tmp_path):
    tree = store.trees.plant(put(store, tmp_path))
    for name in ("__init__.cpython-312.pyc", "__init__.f-1.py312.nbi"):
        Path(tree.files, "alpha", "__pycache__", name).write_bytes(b"")
    assert store.verify().damage == ()
    os.chmod(f"{tree.files}/alpha", 0o755)
    Path(tree.files, "alpha", "cache.db").write_bytes(b"")
    (found,) = store.verify().damage
    assert (found.kind, found.name, found.key) == ("trees", "the tree of alpha 1.0", tree.sha256)
    assert found.faults == ("files/alpha/cache.db is not one of its files",)
    (found,) = store.verify(fix=True).damage
    assert found.done == "removed"
    assert store.verify().damage == ()
    assert os.path.isdir(tree.folder)


def environment(tmp_path, store):
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert register(store.root, str(tmp_path / "env"))
    return str(tmp_path / "env")


def age(store, tree):
    for path in (f"{tree.folder}/manifest", os.path.join(store.wheels.folder(tree.sha256), "manifest")):
        then = time.time() - DAY
        os.utime(path, (then, then))


def test_prune_takes_what_nobody_links_to(store, tmp_path):
    old = store.trees.plant(put(store, tmp_path))
    store.trees.forget(old.sha256)
    used = store.trees.plant(store.wheels.find(old.sha256))
    spare = store.trees.plant(put(store, tmp_path, "beta", files={"beta/__init__.py": "b"}))
    path = environment(tmp_path, store)
    for tree in (old, used, spare):
        age(store, tree)
    mark = os.stat(sentinel(store.root)).st_ino

    def in_use(asked):
        assert asked == path
        return {used.sha256, f"{used.sha256}/{os.path.basename(used.folder)}"}

    done = store.prune(limit=None, in_use=in_use)
    assert done.removed == {"trees": 1}  # another has taken its place
    assert not os.path.exists(old.folder)
    assert os.stat(sentinel(store.root)).st_ino != mark
    done = store.prune(limit=0, in_use=in_use)
    assert done.removed == {"trees": 1, "wheels": 1}
    assert not os.path.exists(spare.folder)
    assert used.whole().damage() == ()


def test_what_was_found_just_now_stays(store, tmp_path):
    tree = store.trees.plant(put(store, tmp_path))
    store.prune(limit=0, in_use=lambda path: ())
    assert tree.whole().damage() == ()


def test_clean_leaves_what_environments_link_to(store, tmp_path):
    used = store.trees.plant(put(store, tmp_path))
    spare = store.trees.plant(put(store, tmp_path, "beta", files={"beta/__init__.py": "b"}))
    path = environment(tmp_path, store)
    in_use = {path: {f"{used.sha256}/{os.path.basename(used.folder)}"}}.get
    assert store.clean(["alpha"], in_use=in_use).kept == 1
    assert store.wheels.find(used.sha256) is None
    assert used.whole().damage() == ()
    freed = store.clean(in_use=in_use)
    assert freed.kept == 1
    assert used.whole().damage() == ()
    assert not os.path.exists(spare.folder)
    # And it is still known who links to it.
    assert store.clean(in_use=in_use).kept == 1
    shutil.rmtree(path)
    assert store.clean(in_use=in_use).kept == 0
    assert not os.path.exists(used.folder)


def test_clean_gives_back_what_somebody_has_linked_to_meanwhile(store, tmp_path):
    tree = store.trees.plant(put(store, tmp_path))
    path = environment(tmp_path, store)
    asked = []

    def in_use(which):
        assert which == path
        asked.append(os.path.isdir(tree.folder))
        return {f"{tree.sha256}/{os.path.basename(tree.folder)}"} if len(asked) > 1 else ()

    assert store.clean(in_use=in_use).kept == 1
    assert asked == [True, False]
    assert tree.whole().damage() == ()


@pytest.mark.skipif(
    not hasattr(os, "fork") or os.geteuid() != 0, reason="needs to be root to be somebody else"
)
def test_as_a_user_nothing_comes_into_a_tree_and_all_of_it_can_be_removed(tmp_path_factory):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        pid = os.fork()
        if pid == 0:
            try:
                os.setgid(65534)
                os.setuid(65534)
                place = Path(folder, "mine")
                place.mkdir()
                store = Store(place / "store")
                files = {**FILES, "alpha/only/deeper/y.txt": ""}
                tree = store.trees.plant(put(store, place, files=files))
                assert tree.links
                for name in ("new.py", "__init__.py.new", "deep/new.txt"):
                    with pytest.raises(PermissionError):
                        Path(tree.files, "alpha", name).write_text("")
                with pytest.raises(PermissionError):
                    os.unlink(Path(tree.files, "alpha", "__init__.py"))
                Path(tree.files, "alpha", "__pycache__", "__init__.cpython-312.pyc").write_text("")
                remove_tree(store.trees.folder(tree.sha256))
                assert not os.path.exists(store.trees.folder(tree.sha256))
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
