"""An archive that several processes unpack: what comes of it is what one would make, whoever dies of it."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hutch
from hutch.store import InvalidWheel, Store, shares, unpackers
from hutch.store.manifest import Manifest, read_manifest
from hutch.store.publish import prepare_wheel
from hutch.store.shares import shares_of
from hutch.testing.wheels import make_wheel
from store.craft import Entry, build_zip, deflate, wheel_entries
from store.test_trees import elf

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nobody forks there")
SOURCE = str(Path(hutch.__file__).parents[1])
MIB = 1 << 20


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every archive is worth all processes, also where the one that runs tests has threads."""
    monkeypatch.setattr(shares, "WORTH", 1)
    monkeypatch.setattr(shares, "may_fork", lambda: True)
    monkeypatch.setattr("hutch.store.unpack._PIECE", 4096)


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    """No child, neither at work nor waiting to be asked how it ended; and no open pipe."""
    before, opened = children(), descriptors()
    yield
    assert children() == before
    assert descriptors() == opened


def children() -> list[str]:
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def unpacked(data: bytes, hands: int, *, filename: str = "alpha-1.0-py3-none-any.whl") -> tuple[Any, ...]:
    """The manifest, and all that lies on the disk: bytes, mode and date of each file, mode of each folder."""
    with tempfile.TemporaryDirectory() as scratch:
        archive, into = Path(scratch, "archive"), Path(scratch, "into")
        archive.write_bytes(data)
        descriptor = os.open(archive, os.O_RDONLY)
        try:
            digest = hashlib.sha256(data).hexdigest()
            prepare_wheel(descriptor, filename, digest, str(into), limits=None, fold_case=False, hands=hands)
        finally:
            os.close(descriptor)
        manifest = read_manifest((into / "manifest").read_bytes())
        on_disk = {}
        for path in into.rglob("*"):
            facts = path.lstat()
            is_file = path.is_file()
            on_disk[path.relative_to(into).as_posix()] = (
                facts.st_mode,
                path.read_bytes() if is_file else b"",
                facts.st_mtime_ns if is_file else 0,
            )
    del on_disk["manifest"]  # which was read, and whose date is that of the moment
    return manifest, on_disk


# Fair parts


def placed(sizes: Sequence[int]) -> list[Any]:
    return [SimpleNamespace(member=SimpleNamespace(size=size)) for size in sizes]


@given(
    st.lists(st.one_of(st.integers(0, 9000), st.integers(0, 40 * MIB), st.just(0)), max_size=60),
    st.integers(1, 12),
)
def test_every_file_is_in_one_share_and_no_share_is_too_large(sizes: list[int], hands: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "may_fork", lambda: True)
        found = shares_of(placed(sizes), hands)
    assert sorted(number for share in found for number in share) == [*range(len(sizes))]
    assert all(share == sorted(share) for share in found)
    weights = [size + shares._A_FILE for size in sizes]
    assert 1 <= len(found) <= max(1, min(hands, sum(weights) // shares.WORTH))
    if len(found) > 1:
        loads = [sum(weights[number] for number in share) for share in found]
        fair = sum(weights) / len(found)
        # What is put together so that nobody is asked for next to nothing may be a little more.
        assert max(loads) <= fair + max(weights) + shares.WORTH // 2
        assert min(loads) * 2 > shares.WORTH


@pytest.mark.parametrize(
    ("sizes", "hands", "count"),
    [
        ([], 8, 1),
        ([15 * MIB], 8, 1),
        ([100 * MIB], 8, 1),
        ([100 * MIB, 900, 30, 7], 8, 1),  # what is left is not worth a process
        ([100 * MIB, 20 * MIB, 30, 7], 8, 2),
        ([20 * MIB] * 4, 1, 1),
        ([20 * MIB] * 4, 3, 2),  # one of three would have two of them
        ([20 * MIB] * 6, 3, 3),
        ([20 * MIB] * 4, 8, 4),
        ([20 * MIB] * 40, 40, 8),
        ([900] * 5000, 8, 5),
        ([7 * MIB, 7 * MIB], 8, 1),
        ([9 * MIB, 9 * MIB], 8, 2),
    ],
    ids=str,
)
def test_how_many_are_asked(
    monkeypatch: pytest.MonkeyPatch, sizes: list[int], hands: int, count: int
) -> None:
    monkeypatch.setattr(shares, "may_fork", lambda: True)
    found = shares_of(placed(sizes), hands)
    assert len(found) == count
    assert all(found) or not sizes


def test_nobody_is_asked_while_a_thread_runs() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert not shares.may_fork()
        assert shares_of(placed([20 * MIB] * 4), 4) == [[0, 1, 2, 3]]
    finally:
        over.set()
        thread.join()


# The same


NAMES = st.sampled_from(["a.py", "b.so", "c", "alpha/__init__.py", "alpha/x.so", "alpha/lib/y", "s p/ü.txt"])
CONTENT = st.one_of(
    st.binary(max_size=300), st.sampled_from([elf("$ORIGIN/lib"), elf("$ORIGIN/../../beta"), b"\x7fELF"])
)


@settings(max_examples=25)
@given(
    files=st.dictionaries(NAMES, CONTENT, min_size=1),
    data=st.dictionaries(
        st.sampled_from(["scripts/run", "data/share/x", "headers/x.h", "purelib/p.py", "platlib/lib.so"]),
        CONTENT,
    ),
    hands=st.integers(2, 5),
)
def test_any_number_of_hands_makes_what_one_makes(
    files: dict[str, bytes], data: dict[str, bytes], hands: int
) -> None:
    _, archive = make_wheel("alpha", "1.0", files=files, data=data, executables=[*files][:1])
    alone = unpacked(archive, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "WORTH", 1)
        patch.setattr(shares, "may_fork", lambda: True)
        assert unpacked(archive, hands) == alone


FILES = {
    **{f"alpha/d{number % 7}/f{number}.py": b"%d\n" % number * 200 for number in range(60)},
    "alpha/__init__.py": b"",
    "alpha/large.bin": bytes(range(256)) * 256,  # written in pieces
    "alpha/in.so": elf("$ORIGIN/d1"),
    "alpha/out.so": elf("$ORIGIN/../../beta"),
}
DATA = {"scripts/run": b"#!python\n", "data/share/x.txt": b"x", "headers/x.h": b""}


@pytest.fixture(scope="module")
def archive() -> bytes:
    return make_wheel("alpha", "1.0", files=FILES, data=DATA, executables=["alpha/d1/f1.py"])[1]


@pytest.fixture(scope="module")
def alone(archive: bytes) -> tuple[Any, ...]:
    manifest, on_disk = unpacked(archive, 1)
    assert isinstance(manifest, Manifest)
    assert manifest.leaving == ("alpha/out.so",)
    assert len(on_disk) > len(FILES)
    return manifest, on_disk


@pytest.mark.parametrize("hands", [2, 3, 8, 40])
def test_a_wheel_of_everything_is_the_same(
    always: None, archive: bytes, alone: tuple[Any, ...], hands: int
) -> None:
    assert unpacked(archive, hands) == alone


def test_a_umask_of_the_moment_is_not_for_what_others_write(
    always: None, archive: bytes, alone: tuple[Any, ...]
) -> None:
    before = os.umask(0o077)
    try:
        manifest, on_disk = unpacked(archive, 3)
    finally:
        os.umask(before)
    assert manifest == alone[0]
    assert {path: facts for path, facts in on_disk.items() if facts[2]} == {
        path: facts for path, facts in alone[1].items() if facts[2]
    }


# Who helps, and fails


def in_helpers(monkeypatch: pytest.MonkeyPatch, act: Callable[[Any, Any], None], *, after: int = 0) -> None:
    """Other processes than this one have to ``act`` before each file but their first ``after``."""
    from hutch.store import unpack

    here, real, done = os.getpid(), unpack._Writer.write, 0

    def write(self: Any, one: Any, path: str) -> Any:
        nonlocal done
        if os.getpid() != here:
            done += 1
            if done > after:
                act(self, one)
        return real(self, one, path)

    monkeypatch.setattr(unpack._Writer, "write", write)


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def crash(*_: object) -> None:
    raise AssertionError


def leave(*_: object) -> None:
    os._exit(3)


@pytest.mark.parametrize("after", [0, 1, 9])
@pytest.mark.parametrize("act", [die, fail, crash, leave])
def test_what_a_helper_cannot_do_is_done_here(
    always: None,
    monkeypatch: pytest.MonkeyPatch,
    archive: bytes,
    alone: tuple[Any, ...],
    act: Callable[..., None],
    after: int,
) -> None:
    in_helpers(monkeypatch, act, after=after)
    assert unpacked(archive, 3) == alone


def test_a_file_that_was_half_written_is_written_again(
    always: None, monkeypatch: pytest.MonkeyPatch, archive: bytes, alone: tuple[Any, ...]
) -> None:
    """Also where it was left with no right to write it."""

    def half(writer: Any, one: Any) -> None:
        path = f"files/{one.path}" if not one.scheme else f"data/{one.scheme}/{one.path}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o444, dir_fd=writer._folder)
        os.write(descriptor, b"half")
        die()

    in_helpers(monkeypatch, half)
    assert unpacked(archive, 3) == alone


@pytest.mark.parametrize("said", [b"", b"\x05", b"\x09" + b"\0" * 7, b"\x09" + b"\0" * 7 + b"half"])
def test_an_answer_that_ends_too_early_is_none(
    always: None,
    monkeypatch: pytest.MonkeyPatch,
    archive: bytes,
    alone: tuple[Any, ...],
    said: bytes,
) -> None:
    def serve(writer: Any, share: Any, answers: int) -> None:
        writer.write_all(share)
        os.write(answers, said)

    monkeypatch.setattr(shares, "_serve", serve)
    assert unpacked(archive, 3) == alone


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_processes_that_cannot_be_had_are_done_without(
    always: None, monkeypatch: pytest.MonkeyPatch, archive: bytes, alone: tuple[Any, ...], allowed: int
) -> None:
    real, made = os.fork, 0

    def fork() -> int:
        nonlocal made
        if made == allowed:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        made += 1
        return real()

    monkeypatch.setattr(os, "fork", fork)
    assert unpacked(archive, 4) == alone
    assert made == allowed


def test_pipes_that_cannot_be_had_are_done_without(
    always: None, monkeypatch: pytest.MonkeyPatch, archive: bytes, alone: tuple[Any, ...]
) -> None:
    real, made = os.pipe, 0

    def pipe() -> tuple[int, int]:
        nonlocal made
        made += 1
        if made == 4:  # the second one of the second helper
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real()

    monkeypatch.setattr(os, "pipe", pipe)
    assert unpacked(archive, 4) == alone


# What is wrong with the archive


def with_wrong(fault: str, victim: str) -> bytes:
    """A wheel of twelve files, of which ``victim`` is not as it should be."""
    files = {f"alpha/f{number}.py": b"x = %d\n" % number * 50 for number in range(12)}

    def record(rows: list[str]) -> list[str]:
        # Without sizes, so that each fault is one of the file itself.
        rows = [row.rpartition(",")[0] + "," for row in rows]
        if fault == "hash":
            at = next(at for at, row in enumerate(rows) if row.startswith(victim))
            rows[at] = f"{victim},sha256={'A' * 43},"
        return rows

    entries = wheel_entries(files, record=record)
    for entry in entries:
        if entry.name == victim:
            break_entry(entry, fault)
    return build_zip(entries)


def break_entry(entry: Entry, fault: str) -> None:
    if fault == "checksum":
        entry.central = entry.local = {"crc": 7}
    elif fault == "too small":
        entry.central = entry.local = {"size": 5}
    elif fault == "too large":
        entry.central = entry.local = {"size": len(entry.data) + 5}
    elif fault == "garbage":
        entry.payload = b"\xff" * 9
    elif fault == "more behind":
        entry.payload = deflate(entry.data) + b"more"
    elif fault == "another name":
        entry.local = {"name": b"z" * len(entry.name)}


FAULTS = ["hash", "checksum", "too small", "too large", "garbage", "more behind", "another name"]


@pytest.mark.parametrize("number", [0, 1, 2, 11])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_the_same_words_in_whoevers_part_it_is(
    always: None, tmp_path: Path, fault: str, number: int
) -> None:
    data = with_wrong(fault, f"alpha/f{number}.py")
    path = tmp_path / "alpha-1.0-py3-none-any.whl"
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    told = []
    for hands in (1, 2, 5):
        store = Store(tmp_path / f"store-{hands}")
        with pytest.raises(InvalidWheel) as caught:
            store.wheels.publish(path, path.name, sha256, hands=hands)
        told.append((str(caught.value), caught.value.why))
        assert f"'alpha/f{number}.py' " in str(caught.value.why)
        assert store.wheels.find(sha256) is None
        assert list(store.wheels.entries()) == []
        assert os.listdir(tmp_path / f"store-{hands}" / "scratch-v1") == []
        assert store.wheels.published == 0
        assert not store.wheels.fresh
    assert len(set(told)) == 1


def test_two_faults_are_told_as_one_hand_tells_them(always: None) -> None:
    """Whoever comes to which first: the one that stands first in the archive."""
    entries = wheel_entries({f"alpha/f{number}.py": b"x = %d\n" % number * 50 for number in range(12)})
    for entry in entries:
        if entry.name in ("alpha/f3.py", "alpha/f4.py", "alpha/f5.py"):
            break_entry(entry, "checksum")
    told = []
    for hands in (1, 2, 3, 4, 5):
        with pytest.raises(InvalidWheel) as caught:
            unpacked(build_zip(entries), hands)
        told.append((str(caught.value), caught.value.why))
    assert "'alpha/f3.py' " in str(told[0])
    assert set(told) == {told[0]}


def test_who_finds_a_fault_waits_for_nobody(always: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that would go on for long is ended: what it writes is thrown away."""
    data = with_wrong("hash", "alpha/f0.py")
    in_helpers(monkeypatch, lambda *_: signal.pause())
    monkeypatch.setattr("hutch.store.unpack.shares_of", lambda placed, _: [[0], [*range(1, len(placed))]])
    with pytest.raises(InvalidWheel) as caught:
        unpacked(data, 2)
    assert "'alpha/f0.py' " in str(caught.value.why)


# Processes of their own

SCRIPT = """
    import hashlib, os, signal, sys
    from hutch.store import Store, shares

    shares.WORTH = 1
    path, root, how = sys.argv[1:]
    here = os.getpid()
    from hutch.store import unpack
    real, done = unpack._Writer.write, 0

    def write(self, one, name):
        global done
        done += 1
        if how == "interrupted" and os.getpid() == here and done == 3:
            os.kill(here, signal.SIGINT)
        if how == "interrupted" and os.getpid() != here and done == 3:
            signal.pause()
        return real(self, one, name)

    unpack._Writer.write = write
    if how == "no news":
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    forked = []
    fork = os.fork
    os.fork = lambda: forked.append(1) or fork()
    data = open(path, "rb").read()
    store = Store(root)
    try:
        wheel = store.wheels.publish(path, os.path.basename(path), hashlib.sha256(data).hexdigest(), hands=3)
        said = f"{wheel.damage(deep=True)} {len(wheel.manifest.files)}"
    except KeyboardInterrupt:
        said = f"interrupted {os.listdir(root + '/scratch-v1')} {list(store.wheels.entries())}"
    try:
        os.waitpid(-1, os.WNOHANG)
        print("a child is left")
    except ChildProcessError:
        print(len(forked), said)
"""


@pytest.mark.parametrize("how", ["plain", "interrupted", "no news"])
def test_nobody_is_left_behind(tmp_path: Path, how: str) -> None:
    """Neither after Ctrl-C, nor where whoever started hutch wants no news of its children (SIGCHLD)."""
    filename, data = make_wheel("alpha", "1.0", files={f"alpha/f{each}.py": "x" * each for each in range(20)})
    path = tmp_path / filename
    path.write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(path), str(tmp_path / "store"), how],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": SOURCE},
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    assert ran.stdout == ("2 interrupted [] []\n" if how == "interrupted" else "2 () 22\n")


# Those who are idle


def test_a_job_gets_the_processors_of_those_that_are_idle() -> None:
    """All of them when it comes alone; its own when all are at work."""
    ready, release = os.pipe(), os.pipe()
    given = os.pipe()

    def publish(archive: str, filename: str, sha256: str, hands: int) -> bool:
        os.write(given[1], bytes([hands]))
        if archive == "slow":
            os.write(ready[1], b".")
            os.read(release[0], 1)
        return True

    hired = unpackers.hire(publish, 9, count=3)
    try:
        with hired:
            assert hired.unpack("quick", "", "")
            threads = []
            for _ in range(3):
                threads.append(threading.Thread(target=hired.unpack, args=("slow", "", "")))
                threads[-1].start()
                os.read(ready[0], 1)
            os.write(release[1], b"...")
            for thread in threads:
                thread.join()
            assert hired.unpack("quick", "", "")
        assert list(os.read(given[0], 9)) == [3, 3, 2, 1, 3]
    finally:
        for descriptor in (*ready, *release, *given):
            os.close(descriptor)


def test_a_worker_shares_what_it_unpacks_with_helpers_of_its_own(
    always: None, tmp_path: Path, archive: bytes, alone: tuple[Any, ...]
) -> None:
    path = tmp_path / "alpha-1.0-py3-none-any.whl"
    path.write_bytes(archive)
    sha256 = hashlib.sha256(archive).hexdigest()
    forks = os.pipe()
    real = shares.Forked

    class Noted(real):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            os.write(forks[1], b".")

    store = Store(tmp_path / "store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "Forked", Noted)
        with store.wheels.unpacking(9, count=3):
            wheel = store.wheels.publish(path, path.name, sha256, hashed=True)
    said = os.read(forks[0], 9)
    for descriptor in forks:
        os.close(descriptor)
    assert said == b".."
    assert wheel.manifest == alone[0]
    assert wheel.damage(deep=True) == ()
    assert store.wheels.fresh == {sha256}


def test_a_worker_that_is_killed_leaves_no_helper_behind(
    always: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, archive: bytes, alone: tuple[Any, ...]
) -> None:
    """Its work is done here, when nobody is at it any more."""
    from hutch.store import unpack

    path = tmp_path / "alpha-1.0-py3-none-any.whl"
    path.write_bytes(archive)
    here, real, done = os.getpid(), unpack._Writer.write, 0
    told = os.pipe()

    def write(self: Any, one: Any, where: str) -> Any:
        nonlocal done
        done += 1
        if os.getpid() != here and done == 1:
            os.write(told[1], f"{os.getpid()} ".encode())
        if os.getppid() == here and done == 9 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, one, where)

    monkeypatch.setattr(unpack._Writer, "write", write)
    store = Store(tmp_path / "store")
    with store.wheels.unpacking(9, count=3):
        wheel = store.wheels.publish(path, path.name, hashlib.sha256(archive).hexdigest(), hashed=True)
        pids = os.read(told[0], 999).decode().split()
        at_work = [pid for pid in pids if os.path.exists(f"/proc/{pid}/exe")]
    for descriptor in told:
        os.close(descriptor)
    assert len(pids) == 3
    assert at_work == []
    assert wheel.manifest == alone[0]
    assert wheel.damage(deep=True) == ()
