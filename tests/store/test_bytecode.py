"""Bytecode of wheels in the store: made once, by the interpreter that it is for, and sound or absent."""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hutch.store import Store, StoredWheel, bytecode_tag, source_of
from hutch.store.backlog import ATTEMPTS, KIND, main, request
from hutch.store.compiling import Compiled, compile_wheels, modules_of
from hutch.store.manifest import wheel_time
from hutch.testing.wheels import make_wheel

TAG = bytecode_tag(sys.implementation.cache_tag or "", importlib.util.MAGIC_NUMBER.hex()) or ""
CACHE_TAG = sys.implementation.cache_tag
FILES = {
    "alpha/__init__.py": "def outer():\n    def inner():\n        return 1\n    return inner\n",
    "alpha/sub/one.py": "x = frozenset({'a', 'b', 'c'})\n",
    "alpha_alone.py": "",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def publish(store: Store, tmp_path: Path, name: str = "alpha", **about: Any) -> StoredWheel:
    filename, data = make_wheel(name, "1.0", **about)
    path = tmp_path / filename
    path.write_bytes(data)
    return store.wheels.publish(path, filename, hashlib.sha256(data).hexdigest())


def compiled(store: Store, *wheels: StoredWheel, **options: Any) -> Compiled:
    options = {"environ": os.environ, "seconds": 60.0, "workers": 2, **options}
    return compile_wheels(store, wheels, TAG, [sys.executable], **options)


def paths(store: Store, wheel: StoredWheel) -> list[str]:
    found = store.bytecode.find(wheel.sha256, TAG)
    assert found is not None
    return [row[0] for row in found.rows]


def pyc(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name[:-3]}.{CACHE_TAG}.pyc".lstrip("/")


# -- what gets bytecode ----------------------------------------------------------------------------


def test_a_wheel_is_compiled_once_and_found_from_then_on(store, tmp_path):
    wheel = publish(store, tmp_path, files=FILES)
    assert store.bytecode.find(wheel.sha256, TAG) is None
    assert compiled(store, wheel) == Compiled(wheels=1, modules=3)
    found = store.bytecode.find(wheel.sha256, TAG)
    assert found is not None
    assert [row[0] for row in found.rows] == sorted(map(pyc, FILES))
    assert found.directories == ("__pycache__", "alpha/__pycache__", "alpha/sub/__pycache__")
    assert (found.label, found.left_out, found.damage(deep=True)) == ("alpha 1.0", (), ())
    assert compiled(store, wheel) == Compiled(), "it was there"
    assert store.bytecode.find(wheel.sha256, "cpython-313-00000000") is None


def test_the_bytecode_is_what_the_import_system_would_take(store, tmp_path):
    """Date and size of the source are in it, and they are those of the file in every environment."""
    wheel = publish(store, tmp_path, files=FILES)
    compiled(store, wheel)
    found = store.bytecode.find(wheel.sha256, TAG)
    source = os.path.join(wheel.files, "alpha/__init__.py")
    data = (Path(found.files) / pyc("alpha/__init__.py")).read_bytes()
    head = [int.from_bytes(data[at : at + 4], "little") for at in (4, 8, 12)]
    assert data[:4] == importlib.util.MAGIC_NUMBER
    assert head == [0, wheel_time(wheel.sha256), os.path.getsize(source)]
    code = marshal.loads(data[16:])
    inner = next(each for each in code.co_consts if hasattr(each, "co_consts"))
    # The import system puts one name in place of another, in nested code as well: they have to be equal.
    assert code.co_filename == inner.co_filename == "alpha/__init__.py"


def test_what_nobody_imports_has_no_bytecode(store, tmp_path):
    names = ("alpha/tests/test_one.py", "alpha/data/not-a-module.py", "alpha.libs/x.py", "alpha/2.py")
    wheel = publish(store, tmp_path, files={**FILES, **dict.fromkeys(names, "x = 1\n")})
    compiled(store, wheel)
    assert paths(store, wheel) == sorted(map(pyc, FILES))


def test_a_wheels_own_bytecode_does_not_get_in(store, tmp_path):
    name = pyc("alpha/__init__.py")
    wheel = publish(store, tmp_path, files={**FILES, name: b"anything at all"})
    compiled(store, wheel)
    assert name not in paths(store, wheel)
    assert len(paths(store, wheel)) == 2


def test_a_source_that_cannot_be_compiled_is_left_out(store, tmp_path):
    wheel = publish(store, tmp_path, files={**FILES, "alpha/old.py": "print 'x'\n", "alpha/nul.py": b"\0"})
    outcome = compiled(store, wheel)
    assert {each[:2] for each in outcome.left_out} == {
        ("alpha 1.0", "alpha/old.py"),
        ("alpha 1.0", "alpha/nul.py"),
    }
    assert paths(store, wheel) == sorted(map(pyc, FILES))
    assert compiled(store, wheel) == Compiled(), "nobody tries again and again"


def test_a_wheel_without_modules_is_done_too(store, tmp_path):
    wheels = [publish(store, tmp_path, name, files={f"{name}/x.txt": ""}) for name in ("one", "two")]
    assert compiled(store, *wheels) == Compiled(wheels=2)
    assert compiled(store, *wheels) == Compiled()


def test_compiling_imports_and_runs_nothing_of_a_package(store, tmp_path):
    mark = tmp_path / "ran"
    evil = f"open({str(mark)!r}, 'w')\n"
    names = ("marshal.py", "struct.py", "sitecustomize.py", "alpha/__init__.py", "encodings/__init__.py")
    wheel = publish(store, tmp_path, files=dict.fromkeys(names, evil))
    assert compiled(store, wheel).modules == 5
    assert not mark.exists()


def test_an_edited_source_is_not_compiled(store, tmp_path):
    """Through a hard link, say: its bytecode would be that of the edit, with the date of the wheel."""
    wheel = publish(store, tmp_path, files=FILES)
    source = os.path.join(wheel.files, "alpha/__init__.py")
    facts = os.stat(source)
    with open(source, "r+") as file:
        file.write("def other()")
    os.utime(source, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    assert compiled(store, wheel).wheels == 0
    assert store.bytecode.find(wheel.sha256, TAG) is None


def test_an_interpreter_that_is_another_one_by_now_compiles_nothing(store, tmp_path):
    wheel = publish(store, tmp_path, files=FILES)
    options = {"environ": os.environ, "seconds": 60.0}
    outcome = compile_wheels(store, [wheel], f"{CACHE_TAG}-00000000", [sys.executable], **options)
    assert outcome.wheels == 0
    assert "another one by now" in outcome.stopped
    outcome = compile_wheels(store, [wheel], TAG, ["/bin/false"], **options)
    assert outcome.wheels == 0
    assert "cannot be started" in outcome.stopped
    assert list(store.bytecode.entries()) == []


def test_tests_and_large_files_are_no_modules(store, tmp_path):
    wheel = publish(store, tmp_path, files={"alpha.py": "", "big.py": b"#" * (4 << 20) + b"\n"})
    assert [path for _, path in modules_of(wheel.manifest, "x")] == ["__pycache__/alpha.x.pyc"]


@pytest.mark.parametrize(
    ("cache_tag", "magic", "tag"),
    [
        ("cpython-312", "cb0d0d0a", "cpython-312-cb0d0d0a"),
        ("pypy310", "50010d0a", "pypy310-50010d0a"),
        ("", "cb0d0d0a", None),
        ("../x", "cb0d0d0a", None),
        ("cpython-312", "", None),
        (".x", "cb0d0d0a", None),
    ],
)
def test_tags_are_names_of_folders_or_there_is_none(cache_tag, magic, tag):
    assert bytecode_tag(cache_tag, magic) == tag


def test_bytecode_knows_its_source():
    assert source_of("a/b/__pycache__/c.cpython-312.pyc") == "a/b/c.py"
    assert source_of("__pycache__/c.cpython-312.pyc") == "c.py"


# -- sound, or absent ------------------------------------------------------------------------------


def test_damage_is_found_and_removed(store, tmp_path):
    wheel, other = publish(store, tmp_path, files=FILES), publish(store, tmp_path, "beta")
    compiled(store, wheel, other)
    folder = Path(store.bytecode.folder(wheel.sha256, TAG))
    changed = folder / "files" / pyc("alpha/__init__.py")
    facts = changed.stat()
    changed.write_bytes(bytes(facts.st_size))
    os.utime(changed, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    assert store.verify().damage == ()
    (damage,) = store.verify(deep=True).damage
    assert (damage.kind, damage.name) == ("bytecode", f"bytecode of alpha 1.0 for {TAG}")
    os.utime(changed)
    (folder / "files" / "stray").write_text("")
    (damage,) = store.verify(fix=True).damage
    assert len(damage.faults) == 2
    assert damage.done == "removed"
    assert not folder.exists()
    assert store.verify().damage == ()
    assert compiled(store, wheel).wheels == 1


@pytest.mark.parametrize("content", [b"", b"noise", None])
def test_an_entry_without_its_manifest_is_absent(store, tmp_path, content):
    wheel = publish(store, tmp_path, files=FILES)
    compiled(store, wheel)
    manifest = Path(store.bytecode.folder(wheel.sha256, TAG)) / "manifest"
    manifest.unlink() if content is None else manifest.write_bytes(content)
    assert store.bytecode.find(wheel.sha256, TAG) is None
    assert len(store.verify().damage) == 1
    assert compiled(store, wheel).wheels == 1
    assert store.verify().damage == ()


def test_an_entry_under_the_name_of_another_wheel_is_absent(store, tmp_path):
    wheel, other = publish(store, tmp_path, files=FILES), publish(store, tmp_path, "beta", files=FILES)
    compiled(store, wheel)
    shutil.move(store.bytecode.folder(wheel.sha256, TAG), store.bytecode.folder(other.sha256, TAG))
    assert store.bytecode.find(other.sha256, TAG) is None
    newer = TAG[:-8] + "00000000"
    os.makedirs(os.path.dirname(store.bytecode.folder(other.sha256, newer)))
    shutil.move(store.bytecode.folder(other.sha256, TAG), store.bytecode.folder(wheel.sha256, newer))
    assert store.bytecode.find(wheel.sha256, newer) is None


def test_two_that_compile_the_same_leave_one_sound_entry(store, tmp_path):
    wheel = publish(store, tmp_path, files=FILES)
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from hutch.store import Store\n"
        "from hutch.store.compiling import compile_wheels\n"
        "store = Store(sys.argv[2])\n"
        "wheel = store.wheels.find(sys.argv[3])\n"
        "done = compile_wheels(store, [wheel], sys.argv[4], [sys.executable], environ={}, seconds=60)\n"
        "assert not done.stopped, done\n"
    )
    source = str(Path(__file__).parents[2] / "src")
    words = [sys.executable, "-I", "-c", code, source, store.root, wheel.sha256, TAG]
    running = [subprocess.Popen(words) for _ in range(3)]
    assert [each.wait() for each in running] == [0, 0, 0]
    assert len(paths(store, wheel)) == 3
    assert store.verify(deep=True).damage == ()
    assert os.listdir(tmp_path / "store" / "scratch-v1") == []


def test_a_layer_is_read_and_never_written(store, tmp_path):
    wheel, other = publish(store, tmp_path, files=FILES), publish(store, tmp_path, "beta")
    compiled(store, wheel)
    before = sorted(path.as_posix() for path in Path(store.root).rglob("*"))
    upper = Store(tmp_path / "upper", layers=[store.root])
    found = upper.bytecode.find(wheel.sha256, TAG)
    assert found is not None
    assert found.folder.startswith(store.root)
    compiled(upper, wheel, upper.wheels.find(other.sha256))
    assert list(upper.bytecode.entries()) == [(other.sha256, TAG)]
    upper.bytecode.discard(wheel.sha256, TAG)
    assert upper.bytecode.find(wheel.sha256, TAG) is None, "of the layer it is not looked at again"
    assert sorted(path.as_posix() for path in Path(store.root).rglob("*")) == before


def test_a_store_that_moved_keeps_its_bytecode(store, tmp_path):
    """By ``tar`` with whole seconds, as the caches of CI systems do."""
    wheel = publish(store, tmp_path, files=FILES)
    compiled(store, wheel)
    subprocess.run(["tar", "--format=ustar", "-cf", tmp_path / "s.tar", "store"], cwd=tmp_path, check=True)
    shutil.rmtree(store.root)
    subprocess.run(["tar", "-xf", "s.tar"], cwd=tmp_path, check=True)
    moved = Store(store.root)
    assert moved.bytecode.find(wheel.sha256, TAG).damage() == ()
    assert moved.verify(deep=True).damage == ()


# -- smaller ---------------------------------------------------------------------------------------


def test_bytecode_counts_and_goes_with_its_package(store, tmp_path):
    wheel, other = publish(store, tmp_path, files=FILES), publish(store, tmp_path, "beta")
    compiled(store, wheel, other)
    sizes = {each.kind: each.files for each in store.size()}
    assert sizes["bytecode"] == 2 + 3 + 1
    store.clean(["alpha"])
    assert [each[0] for each in store.bytecode.entries()] == [other.sha256]
    store.clean()
    assert list(store.bytecode.entries()) == []


def test_what_nobody_links_any_more_is_pruned(store, tmp_path):
    wheel, other = publish(store, tmp_path, files=FILES), publish(store, tmp_path, "beta")
    compiled(store, wheel, other)
    os.utime(os.path.join(store.bytecode.folder(wheel.sha256, TAG), "manifest"), (1.5e9, 1.5e9))
    pruned = store.prune(limit=None, in_use=lambda path: ())
    assert pruned.removed == {"bytecode": 1}
    assert [each[0] for each in store.bytecode.entries()] == [other.sha256]
    os.utime(os.path.join(store.wheels.folder(other.sha256), "manifest"), (1.5e9, 1.5e9))
    store.prune(limit=0, in_use=lambda path: ())
    assert list(store.wheels.entries()) == [wheel.sha256]
    assert list(store.bytecode.entries()) == [], "it went with its wheel"


# -- later -----------------------------------------------------------------------------------------


@pytest.fixture
def own_priority():
    """`main` steps back for good, so it is called in a process of its own."""

    def call(root: str) -> None:
        code = "import sys; sys.path.insert(0, sys.argv[1]); from hutch.store.backlog import main"
        source = str(Path(__file__).parents[2] / "src")
        words = [sys.executable, "-I", "-c", f"{code}; sys.exit(main(sys.argv[2]))", source, root]
        subprocess.run(words, check=True, timeout=100)

    return call


def requests(store: Store) -> list[str]:
    folder = Path(store.root) / f"{KIND}-v1"
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def test_what_was_requested_is_compiled_and_forgotten(store, tmp_path, own_priority):
    wheel, other = publish(store, tmp_path, files=FILES), publish(store, tmp_path, "beta")
    assert request(store, sys.executable, TAG, {wheel.sha256})
    assert request(store, sys.executable, TAG, {wheel.sha256}), "twice is once"
    assert request(store, sys.executable, TAG, {other.sha256})
    assert len(requests(store)) == 2
    own_priority(store.root)
    assert requests(store) == []
    assert len(paths(store, wheel)) == 3
    assert len(paths(store, other)) == 1
    assert "3 modules of 1 packages" in (Path(store.root) / "logs-v1" / "bytecode.log").read_text()


def test_a_request_that_kills_its_process_is_given_up(store, tmp_path):
    wheel = publish(store, tmp_path, files=FILES)
    request(store, sys.executable, TAG, {wheel.sha256})
    (key,) = requests(store)
    value = store.tables.read(KIND, key)
    store.tables.write(KIND, key, (ATTEMPTS, *value[1:]))
    pid = os.fork()
    if not pid:
        os._exit(main(store.root))
    assert os.waitpid(pid, 0)[1] == 0
    assert requests(store) == []
    assert list(store.bytecode.entries()) == []


@pytest.mark.parametrize("content", [b"noise", b""])
def test_a_request_that_cannot_be_read_is_removed(store, tmp_path, own_priority, content):
    wheel = publish(store, tmp_path, files=FILES)
    request(store, sys.executable, TAG, {wheel.sha256})
    (key,) = requests(store)
    (Path(store.root) / f"{KIND}-v1" / key).write_bytes(content)
    own_priority(store.root)
    assert requests(store) == []


def test_one_process_at_a_time_and_nothing_is_lost(store, tmp_path, own_priority):
    """Who finds another at work goes; and that one looks once more when it has let go of the lock."""
    wheel = publish(store, tmp_path, files=FILES)
    request(store, sys.executable, TAG, {wheel.sha256})
    with store.lock(KIND, timeout=0):
        own_priority(store.root)
        assert len(requests(store)) == 1
    own_priority(store.root)
    assert requests(store) == []


def test_a_store_that_is_being_removed_is_left_alone(store, tmp_path, own_priority):
    """A wheel that was there a moment ago is not: nothing new comes into a folder that somebody empties."""
    wheel, other = publish(store, tmp_path, files=FILES), publish(store, tmp_path, "beta")
    request(store, sys.executable, TAG, {wheel.sha256, other.sha256})
    shutil.rmtree(store.wheels.folder(other.sha256))
    own_priority(store.root)
    assert list(store.bytecode.entries()) == []
    own_priority(store.root)
    assert requests(store) != []
    own_priority(store.root)
    assert requests(store) == [], "it is not tried for ever"


def test_a_store_that_is_gone_is_not_made_again(store, tmp_path, own_priority):
    wheel = publish(store, tmp_path, files=FILES)
    request(store, sys.executable, TAG, {wheel.sha256})
    os.unlink(os.path.join(store.root, ".hutch-store"))
    own_priority(store.root)
    assert list(store.bytecode.entries()) == []
    shutil.rmtree(store.root)
    own_priority(store.root)
    assert not os.path.exists(store.root)
