"""Publication: whole or not at all, whoever else is at it and whenever it is cut off."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hutch
from hutch.errors import Problem
from hutch.spec.hashes import HashMismatch
from hutch.store import Store, StoreProblem
from hutch.testing.wheels import make_wheel

SOURCE = str(Path(hutch.__file__).parents[1])
posix = pytest.mark.skipif(os.name == "nt", reason="a POSIX system call")
not_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may do everything")


def write_wheel(folder: Path, **options) -> tuple[Path, str]:
    filename, data = make_wheel("alpha", "1.0", **options)
    path = folder / filename
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


def many_files(count: int) -> dict[str, bytes]:
    chance = random.Random(7)
    return {
        f"alpha/part{index % 37}/f{index}.py": chance.randbytes(chance.randrange(900))
        for index in range(count)
    }


def leftovers(root: Path) -> list[str]:
    scratch = root / "scratch-v1"
    return os.listdir(scratch) if scratch.exists() else []


def test_a_published_wheel_is_found_with_its_manifest(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    assert store.wheels.find(sha256) is None
    published = store.wheels.publish(path, path.name, sha256)
    found = Store(tmp_path / "store").wheels.find(sha256, check=True)
    assert found == published
    assert found.path == Path(found.folder)
    with zipfile.ZipFile(path) as archive:
        for file in found.manifest.files:
            assert (found.path / "files" / file.path).read_bytes() == archive.read(file.path)
        assert {file.path for file in found.manifest.files} == {
            name for name in archive.namelist() if not name.endswith("/RECORD")
        }
    assert found.damage(deep=True) == ()
    assert list(store.wheels.entries()) == [sha256]
    assert leftovers(tmp_path / "store") == []


def test_wrong_bytes_are_refused_before_they_are_looked_at(tmp_path):
    path, _ = write_wheel(tmp_path)
    with pytest.raises(HashMismatch) as caught:
        Store(tmp_path / "store").wheels.publish(path, path.name, "0" * 64)
    assert caught.value.expected == "sha256:" + "0" * 64
    assert caught.value.subject == path.name
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("sha256", ["", "../../x", "A" * 64, "a" * 63, "sha256:" + "a" * 57])
def test_what_is_no_hash_names_no_folder(tmp_path, sha256):
    with pytest.raises(ValueError):
        Store(tmp_path).wheels.find(sha256)


def test_publishing_again_is_finding(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    first = store.wheels.publish(path, path.name, sha256)
    inode = os.stat(first.folder).st_ino
    assert store.wheels.publish(path, path.name, sha256) == first
    assert os.stat(first.folder).st_ino == inode


def test_a_published_wheel_does_not_pass_for_another_project(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    store.wheels.publish(path, path.name, sha256)
    with pytest.raises(Problem, match="not a valid wheel"):
        store.wheels.publish(path, "beta-1.0-py3-none-any.whl", sha256)


def test_dates_come_from_the_hash_and_differ_between_wheels(tmp_path):
    def dates(root: str, **options) -> set[int]:
        path, sha256 = write_wheel(tmp_path, **options)
        wheel = Store(tmp_path / root).wheels.publish(path, path.name, sha256)
        listed = {file.mtime_ns for file in wheel.manifest.files}
        assert listed == {
            os.stat(os.path.join(wheel.files, file.path)).st_mtime_ns for file in wheel.manifest.files
        }
        return listed

    first, again, other = dates("one"), dates("two"), dates("three", requires=["b"])
    assert len(first) == 1
    assert first == again != other
    assert min(first) % 2_000_000_000 == 0


# Damage and healing


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"#")


def edit_same_size(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_link(path: Path) -> None:
    other = path.with_name("other")
    shutil.copy2(path, other)
    path.unlink()
    path.symlink_to(other)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [edit, edit_same_size, empty, os.unlink, replace_by_link, replace_by_folder])
@pytest.mark.parametrize("where", ["files/alpha/__init__.py", "data/scripts/run"])
def test_a_damaged_file_makes_the_entry_absent_and_is_unpacked_anew(tmp_path, harm, where):
    path, sha256 = write_wheel(tmp_path, data={"scripts/run": "#!python\nab"})
    store = Store(tmp_path / "store")
    wheel = store.wheels.publish(path, path.name, sha256)
    harm(wheel.path / where)
    assert where in wheel.damage()
    assert store.wheels.find(sha256) is not None
    assert store.wheels.find(sha256, check=True) is None
    healed = store.wheels.publish(path, path.name, sha256)
    assert healed.damage(deep=True) == ()
    assert store.wheels.find(sha256, check=True) == wheel
    assert leftovers(tmp_path / "store") == []


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"noise", None])
def test_a_damaged_manifest_makes_the_entry_absent(tmp_path, content):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    wheel = store.wheels.publish(path, path.name, sha256)
    manifest = wheel.path / "manifest"
    if content is None:
        manifest.write_bytes(manifest.read_bytes()[:-5])
    else:
        manifest.write_bytes(content)
    assert store.wheels.find(sha256) is None
    assert store.wheels.publish(path, path.name, sha256).damage() == ()


def test_an_edit_through_a_hard_link_is_not_spread(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    wheel = store.wheels.publish(path, path.name, sha256)
    os.link(os.path.join(wheel.files, "alpha/__init__.py"), tmp_path / "in_an_environment.py")
    edit(tmp_path / "in_an_environment.py")
    healed = store.wheels.publish(path, path.name, sha256)
    assert (healed.path / "files/alpha/__init__.py").read_text() == "__version__ = '1.0'\n"
    assert (tmp_path / "in_an_environment.py").read_text().endswith("#")


def test_dates_that_were_lost_in_a_copy_are_given_back(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    wheel = store.wheels.publish(path, path.name, sha256)
    for file in wheel.manifest.files:
        os.utime(os.path.join(wheel.files, file.path), (4_070_908_800, 4_070_908_800))  # the year 2099
    assert wheel.damage()
    assert store.wheels.find(sha256, check=True) is not None
    assert wheel.damage() == ()


def test_rot_that_keeps_size_and_date_is_found_by_a_deep_look(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    wheel = Store(tmp_path / "store").wheels.publish(path, path.name, sha256)
    file = wheel.path / "files/alpha/__init__.py"
    date = file.stat().st_mtime_ns
    edit_same_size(file)
    os.utime(file, ns=(date, date))
    assert wheel.damage() == ()
    assert wheel.damage(deep=True) == ("files/alpha/__init__.py",)


def test_discarding_takes_the_entry_away_whatever_it_is(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    wheel = store.wheels.publish(path, path.name, sha256)
    store.wheels.discard(sha256)
    assert not wheel.path.exists()
    store.wheels.discard(sha256)
    assert leftovers(tmp_path / "store") == []


# Other processes


def _publish(root: str, path: str, sha256: str) -> str:
    return Store(root).wheels.publish(path, os.path.basename(path), sha256).folder


def test_many_processes_publish_one_wheel(tmp_path):
    path, sha256 = write_wheel(tmp_path, files=many_files(150))
    root = tmp_path / "store"
    with multiprocessing.get_context("spawn").Pool(6) as pool:
        found = pool.starmap(_publish, [(str(root), str(path), sha256)] * 12)
    assert len(set(found)) == 1
    assert Store(root).wheels.find(sha256).damage(deep=True) == ()
    assert leftovers(root) == []


def test_many_threads_publish_one_damaged_wheel(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    path, sha256 = write_wheel(tmp_path, files=many_files(40))
    store = Store(tmp_path / "store")
    edit(store.wheels.publish(path, path.name, sha256).path / "files/alpha/part0/f0.py")
    with ThreadPoolExecutor(8) as pool:
        wheels = list(pool.map(lambda _: store.wheels.publish(path, path.name, sha256), range(8)))
    assert all(wheel.damage(deep=True) == () for wheel in wheels)
    assert leftovers(tmp_path / "store") == []


_SCRIPT = """
import sys, os
sys.path.insert(0, sys.argv[1])
from hutch.store import Store
print("ready", flush=True)
Store(sys.argv[2]).wheels.publish(sys.argv[3], os.path.basename(sys.argv[3]), sys.argv[4], hashed=True)
print("done", flush=True)
"""


@posix
def test_killed_at_any_moment_it_leaves_nothing_or_all(tmp_path):
    path, sha256 = write_wheel(tmp_path, files=many_files(600))
    root = tmp_path / "store"
    seen = set()
    for turn in range(12):
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _SCRIPT, SOURCE, str(root), str(path), sha256],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(turn * 0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        store = Store(root)
        wheel = store.wheels.find(sha256)
        seen.add(wheel is not None)
        assert wheel is None or wheel.damage(deep=True) == ()
        if wheel is not None:
            store.wheels.discard(sha256)
        # Whoever needs a working folder next sweeps what the dead left.
        store.sweep()
        assert leftovers(root) == []
    assert False in seen
    assert Store(root).wheels.publish(path, path.name, sha256).damage(deep=True) == ()


@posix
def test_the_next_publisher_sweeps_after_a_dead_one_but_not_after_a_living_one(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    root = tmp_path / "store"
    living = Store(root)
    with living.scratch() as folder:
        (folder / "work").write_text("in progress")
        dead = root / "scratch-v1" / "dead"
        (dead / "wheel").mkdir(parents=True)
        Store(root).wheels.publish(path, path.name, sha256)
        assert not dead.exists()
        assert (folder / "work").exists()
    assert leftovers(root) == []


# Disks that are full or closed

_LIMITED = """
import resource, sys, os
sys.path.insert(0, sys.argv[1])
from hutch.store import Store, StoreProblem
store = Store(sys.argv[2])
store.prepare()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[5]), int(sys.argv[5])))
assert not store.tables.write("index", "large", "x" * 100_000)
try:
    store.wheels.publish(sys.argv[3], os.path.basename(sys.argv[3]), sys.argv[4])
except StoreProblem as problem:
    print(problem.what, problem.hints, sep="|")
"""


@posix
@pytest.mark.parametrize("limit", [200, 5_000])
def test_a_file_that_does_not_fit_is_a_clear_problem_and_leaves_nothing(tmp_path, limit):
    files = {**many_files(40), "alpha/large.bin": os.urandom(6_000)}
    path, sha256 = write_wheel(tmp_path, files=files)
    root = tmp_path / "store"
    # -B: bytecode that is cut short by the limit would break the next process that imports it.
    result = subprocess.run(
        [sys.executable, "-I", "-B", "-c", _LIMITED, SOURCE, str(root), str(path), sha256, str(limit)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "unpacking alpha-1.0-py3-none-any.whl into the store failed: File too large" in result.stdout
    assert "free some space" in result.stdout
    assert leftovers(root) == []
    assert not any(
        name == "large" or name.endswith(".tmp") for _, _, names in os.walk(root) for name in names
    )
    assert Store(root).wheels.publish(path, path.name, sha256).damage() == ()


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 256 KiB, where we may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a tiny disk")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True
    ).returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"\0" * 4096)
        except OSError:
            return


def test_a_full_disk_is_a_clear_problem_and_heals_when_there_is_space(tiny_disk, tmp_path):
    small, small_hash = write_wheel(tmp_path)
    store = Store(tiny_disk)
    store.wheels.publish(small, small.name, small_hash)
    store.tables.write("index", "flask", 1)
    large, large_hash = write_wheel(tmp_path, files=many_files(400))
    with pytest.raises(StoreProblem, match="No space left") as caught:
        store.wheels.publish(large, large.name, large_hash)
    assert any("free some space" in hint for hint in caught.value.hints)
    assert leftovers(tiny_disk) == []
    fill(tiny_disk / "ballast")
    assert not store.tables.write("index", "flask", "x" * 10_000)
    assert store.tables.read("index", "flask") == 1
    assert store.wheels.find(small_hash, check=True) is not None


def test_a_read_only_store_is_read_and_refuses_clearly(tiny_disk, tmp_path):
    small, small_hash = write_wheel(tmp_path)
    Store(tiny_disk).wheels.publish(small, small.name, small_hash)
    Store(tiny_disk).tables.write("index", "flask", 1)
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    store = Store(tiny_disk)
    assert store.wheels.publish(small, small.name, small_hash) == store.wheels.find(small_hash)
    assert store.tables.read("index", "flask") == 1
    assert not store.tables.write("index", "flask", 2)
    with store.lock("anything") as held:
        assert held is False
    large, large_hash = write_wheel(tmp_path, files=many_files(3))
    with pytest.raises(StoreProblem, match="Read-only") as caught:
        store.wheels.publish(large, large.name, large_hash)
    assert any("HUTCH_CACHE_DIR" in hint for hint in caught.value.hints)


@not_root
def test_a_closed_store_refuses_clearly(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    root = tmp_path / "store"
    root.mkdir(mode=0o500)
    with pytest.raises(StoreProblem):
        Store(root).wheels.publish(path, path.name, sha256)


def test_an_archive_that_is_not_there_is_a_problem(tmp_path):
    with pytest.raises(StoreProblem, match="reading alpha"):
        Store(tmp_path / "store").wheels.publish(tmp_path / "no", "alpha-1.0-py3-none-any.whl", "0" * 64)


# Built wheels


def test_a_built_wheel_is_found_by_its_key_until_it_is_gone(tmp_path):
    path, sha256 = write_wheel(tmp_path)
    store = Store(tmp_path / "store")
    assert store.built.find("source/settings") is None
    wheel = store.built.record("source/settings", path)
    assert store.built.find("source/settings") == (path.name, sha256)
    assert store.built.find_wheel("source/settings") == wheel
    store.wheels.discard(sha256)
    assert store.built.find("source/settings") is None
    assert store.built.find_wheel("source/settings") is None


# The maker and the reader

names = st.from_regex(r"[a-z]([a-z0-9_.-]{0,6}[a-z0-9])?", fullmatch=True)
parts = st.text("abcXYZ019_-+, é", min_size=1, max_size=6).filter(lambda part: part.strip())
file_names = st.lists(parts, min_size=1, max_size=3).map("/".join)


@given(
    name=names,
    version=st.sampled_from(["1.0", "2!1.0rc1", "1.0+local.1", "0.0.1.dev3", "1.0.post2"]),
    tags=st.sampled_from(["py3-none-any", "py2.py3-none-any", "cp312-cp312-manylinux_2_28_x86_64"]),
    build=st.sampled_from(["", "1", "2b"]),
    files=st.dictionaries(file_names, st.binary(max_size=300), max_size=6),
    compress=st.booleans(),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_what_make_wheel_makes_is_accepted_and_zipfile_agrees(
    tmp_path_factory, name, version, tags, build, files, compress, data
):
    paths = list(files)
    for path in paths:
        if any(other != path and other.startswith(path + "/") for other in paths):
            del files[path]
    filename, content = make_wheel(name, version, tags=tags, build=build, files=files, compress=compress)
    folder = tmp_path_factory.mktemp("made")
    archive = folder / "archive"
    archive.write_bytes(content)
    store = Store(folder / "store")
    wheel = store.wheels.publish(archive, filename, hashlib.sha256(content).hexdigest())
    assert wheel.manifest.version == version
    with zipfile.ZipFile(archive) as peer:
        for file in wheel.manifest.files:
            assert (wheel.path / "files" / file.path).read_bytes() == peer.read(file.path)
    assert {file.path for file in wheel.manifest.files} >= set(files)

    # Flip bits: refused, or nothing of what is unpacked has changed.
    broken = bytearray(content)
    for _ in range(data.draw(st.integers(1, 2))):
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    archive.write_bytes(broken)
    try:
        second = store.wheels.publish(archive, filename, hashlib.sha256(broken).hexdigest())
    except Problem:
        pass
    else:
        assert [(file.path, file.hash) for file in second.manifest.files] == [
            (file.path, file.hash) for file in wheel.manifest.files
        ]
    shutil.rmtree(folder)
