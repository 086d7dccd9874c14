"""The look at the store before anything is linked: it sees what one that nobody helps sees, whoever helps."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from env.support import sync, tree
from env.test_prefix import Prefix, library
from hutch.env import (
    DamagedBytecode,
    DamagedWheel,
    Environment,
    Occasion,
    Plan,
    Wanted,
    apply_plan,
    looks,
    open_prefix,
    plan_changes,
)
from hutch.env.link import damaged_file
from hutch.env.looks import Looks, files_of
from hutch.interpreters import Interpreter
from hutch.store import Store, bytecode_tag
from hutch.store.compiling import compile_wheels
from hutch.values import replace

linux = pytest.mark.skipif(sys.platform != "linux", reason="nobody forks there")
DATE = 1_500_000_000 * 10**9
Files = list[tuple[str, list[Any]]]


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    """No child, neither at work nor waiting to be asked how it ended; and no open pipe."""
    before = left()
    yield
    assert left() == before


def left() -> tuple[list[str], int]:
    """The children and the number of open files of this process."""
    if sys.platform != "linux":
        return [], 0
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    return children, len(os.listdir("/proc/self/fd"))


def help_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """One file is worth a process, on two processors, also where the one that runs tests has threads."""
    monkeypatch.setattr(looks, "WORTH", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr("_thread._count", lambda: 0)


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process looks, too."""
    help_always(monkeypatch)


@pytest.fixture(params=[pytest.param(True, marks=linux), False], ids=["helped", "alone"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another process, and without."""
    if request.param:
        help_always(monkeypatch)
    else:
        monkeypatch.setattr(looks, "WORTH", 10**9)


def plain(files: Files) -> dict[str, str]:
    """What is wrong, by looking at one folder after the other."""
    return {folder: file for folder, rows in files if (file := damaged_file(folder, rows)) is not None}


def make(root: Path, counts: list[int]) -> Files:
    """Folders with so many files each, and what should be in them."""
    made: Files = []
    for number, count in enumerate(counts):
        folder = root / f"folder{number}"
        folder.mkdir()
        rows = []
        for each in range(count):
            path = folder / f"f{each}"
            path.write_bytes(b"x" * each)
            os.utime(path, ns=(DATE, DATE))
            rows.append((path.name, each, DATE, 0o644, ""))
        made.append((str(folder), rows))
    return made


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"#")


def touch(path: Path) -> None:
    os.utime(path, ns=(DATE + 1, DATE + 1))


def remove_all(path: Path) -> None:
    shutil.rmtree(path.parent)


def replace_by_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("elsewhere")


HARMS = [edit, touch, os.unlink, replace_by_link, remove_all]


@linux
@given(
    counts=st.lists(st.integers(0, 12), max_size=9),
    harms=st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 11), st.sampled_from(HARMS)),
        max_size=5,
        unique_by=lambda each: each[0],
    ),
    wait=st.booleans(),
)
def test_it_sees_what_one_alone_would_see(
    counts: list[int], harms: list[tuple[int, int, Any]], wait: bool
) -> None:
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        files = make(Path(root), counts)
        for folder, file, harm in harms:
            if folder < len(files) and file < counts[folder]:
                harm(Path(files[folder][0], f"f{file}"))
        expected = plain(files)
        help_always(patch)
        look = Looks(files)
        assert (look._process is not None) == (sum(counts) > 0)
        if wait and look._process is not None:
            time.sleep(0.01)  # it may have told everything by then
        assert look.damage() == expected
        assert look.damage() == expected, "and again when nobody helps any more"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Thirty folders, three of them not as they should be."""
    made = make(tmp_path, [number % 7 + 1 for number in range(30)])
    edit(tmp_path / "folder6" / "f3")
    (tmp_path / "folder20" / "f0").unlink()
    shutil.rmtree(tmp_path / "folder29")
    return made


WRONG = {"folder6": "f3", "folder20": "f0", "folder29": "f0"}


def names(damage: dict[str, str]) -> dict[str, str]:
    return {os.path.basename(folder): file for folder, file in damage.items()}


def slow(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], object], *, here: bool) -> list[str]:
    """Have this process (``here``) or the other one ``act`` before each look; the folders seen here."""
    mine, seen = os.getpid(), list[str]()

    def look(folder: str, rows: Any) -> str | None:
        if os.getpid() == mine:
            seen.append(folder)
        if (os.getpid() == mine) == here:
            act(len(rows))
        return damaged_file(folder, rows)

    monkeypatch.setattr(looks, "damaged_file", look)
    return seen


@linux
def test_what_the_other_one_has_seen_is_not_seen_again(
    helped: None, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the folders that it complains of."""
    seen = slow(monkeypatch, lambda _: None, here=True)
    look = Looks(files)
    assert look._process is not None
    os.waitid(os.P_PID, look._process.pid, os.WEXITED | os.WNOWAIT)  # it has said all that it had to say
    assert names(look.damage()) == WRONG
    assert sorted(map(os.path.basename, seen)) == sorted(WRONG)


@linux
def test_who_is_slow_is_not_waited_for_but_at_the_last_folder(
    helped: None, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one goes on when all but its first folder was looked at here."""
    mine, seen = os.getpid(), list[str]()
    waiting, go_on = os.pipe()

    def look(folder: str, rows: Any) -> str | None:
        if os.getpid() != mine:
            os.read(waiting, 1)
        else:
            seen.append(os.path.basename(folder))
            if len(seen) == len(files) - 1:
                os.write(go_on, b"." * len(files))
        return damaged_file(folder, rows)

    monkeypatch.setattr(looks, "damaged_file", look)
    try:
        assert names(Looks(files).damage()) == WRONG
    finally:
        os.close(waiting)
        os.close(go_on)
    alone, complained = seen[: len(files) - 1], seen[len(files) - 1 :]
    assert len({*alone, "folder6"}) == len(files)
    assert "folder6" in complained
    assert set(complained) <= set(WRONG)


@linux
def test_one_that_says_nothing_more_is_done_without(
    helped: None, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    for after in (0, 1, 5, 29, 30):
        left_to_do = after

        def die(_: int) -> None:
            nonlocal left_to_do
            if not left_to_do:
                os.kill(os.getpid(), signal.SIGKILL)
            left_to_do -= 1

        with monkeypatch.context() as patch:
            slow(patch, die, here=False)
            look = Looks(files)
            assert look._process is not None
            assert names(look.damage()) == WRONG


@linux
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_is_killed_at_once_is_done_without(helped: None, files: Files, kill: int) -> None:
    look = Looks(files)
    assert look._process is not None
    os.kill(look._process.pid, kill)
    assert names(look.damage()) == WRONG


@linux
@pytest.mark.parametrize("what", ["fork", "pipe"])
def test_one_that_cannot_be_had_is_done_without(
    helped: None, files: Files, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def refuse() -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    with monkeypatch.context() as patch:
        patch.setattr(os, what, refuse)
        look = Looks(files)
    assert look._process is None
    assert names(look.damage()) == WRONG


@linux
def test_nobody_is_forked_beside_a_thread_nor_for_little_nor_on_one_processor(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        monkeypatch.setattr(looks, "WORTH", 1)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
        look = Looks(files)
        assert look._process is None
        assert names(look.damage()) == WRONG
    finally:
        over.set()
        thread.join()
    help_always(monkeypatch)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert Looks(files)._process is None
    help_always(monkeypatch)
    monkeypatch.setattr(looks, "WORTH", sum(len(rows) for _, rows in files) + 1)
    assert Looks(files)._process is None


@linux
def test_who_is_dismissed_is_gone(helped: None, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it had to go; and whoever looks nevertheless sees everything."""
    with monkeypatch.context() as patch:
        slow(patch, lambda _: signal.pause(), here=False)
        look = Looks(files)
    assert look._process is not None
    look.dismiss()
    look.dismiss()
    assert names(look.damage()) == WRONG


@linux
def test_it_is_gone_after_an_exception(helped: None, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    def pause_there(_: int) -> None:
        signal.pause()

    with monkeypatch.context() as patch:
        slow(patch, pause_there, here=False)
        look = Looks(files)
    slow(monkeypatch, interrupt, here=True)
    with pytest.raises(KeyboardInterrupt):
        look.damage()


@linux
def test_what_waits_for_the_last_folder_can_be_interrupted(
    helped: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make(tmp_path, [5])
    with monkeypatch.context() as patch:
        slow(patch, lambda _: signal.pause(), here=False)
        look = Looks(files)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            look.damage()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Before a change


@pytest.fixture
def alpha(wheel: Callable[..., Wanted]) -> Wanted:
    return wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "x = 1\n", "alpha/sub/one.py": "y = 1\n", "alpha_alone.py": "z = 1\n"},
        data={"data/share/alpha/x.txt": "x", "scripts/run": "#!python\n"},
    )


@pytest.fixture
def beta(wheel: Callable[..., Wanted]) -> Wanted:
    return wheel("beta", "2.0", files={f"beta/f{number}.py": "" for number in range(30)})


def with_bytecode(store: Store, interpreter: Interpreter, plan: Plan, *wanted: Wanted) -> Plan:
    """The plan with the bytecode of what is wanted, which is made for it."""
    tag = bytecode_tag(interpreter.cache_tag, interpreter.magic)
    assert tag is not None
    wheels = {one.name: one.wheel for one in wanted if one.wheel is not None}
    compile_wheels(store, wheels.values(), tag, [sys.executable], environ=os.environ, seconds=60, workers=1)
    found = {name: store.bytecode.find(wheel.sha256, tag) for name, wheel in wheels.items()}
    return plan.with_bytecode({name: one for name, one in found.items() if one is not None})


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("files/alpha/sub/one.py", "alpha/sub/one.py"),
        ("files/alpha-1.0.dist-info/METADATA", "alpha-1.0.dist-info/METADATA"),
        ("data/data/share/alpha/x.txt", "share/alpha/x.txt"),
        ("data/scripts/run", "run"),
    ],
)
def test_a_damaged_file_of_a_wheel_is_told_wherever_it_is(
    either_way: None, environment: Environment, alpha: Wanted, beta: Wanted, place: str, told: str
) -> None:
    assert alpha.wheel is not None
    edit(alpha.wheel.path / place)
    before = tree(environment.root)
    with pytest.raises(DamagedWheel) as caught:
        sync(environment, beta, alpha)
    assert caught.value.wheels == (("alpha", "1.0", alpha.wheel.sha256, told),)
    assert tree(environment.root) == before


def test_all_damaged_wheels_are_told_in_the_order_of_the_plan(
    either_way: None, environment: Environment, alpha: Wanted, beta: Wanted
) -> None:
    assert alpha.wheel is not None
    assert beta.wheel is not None
    edit(alpha.wheel.path / "data/data/share/alpha/x.txt")
    edit(alpha.wheel.path / "files/alpha_alone.py")
    shutil.rmtree(beta.wheel.files)
    with pytest.raises(DamagedWheel) as caught:
        sync(environment, beta, alpha)
    assert [(name, file) for name, _, _, file in caught.value.wheels] == [
        ("alpha", "alpha_alone.py"),
        ("beta", beta.wheel.manifest.files[0].path),
    ]


def test_damaged_bytecode_that_is_to_be_linked_is_told(
    either_way: None,
    environment: Environment,
    interpreter: Interpreter,
    store: Store,
    alpha: Wanted,
    beta: Wanted,
) -> None:
    plan = with_bytecode(store, interpreter, plan_changes({}, [alpha, beta]), alpha, beta)
    spoiled = next(link.bytecode for link in plan.links if link.name == "beta")
    assert spoiled is not None
    os.truncate(os.path.join(spoiled.files, spoiled.rows[7][0]), 3)
    before = tree(environment.root)
    with pytest.raises(DamagedBytecode) as caught:
        apply_plan(plan, environment)
    assert [(name, version) for name, version, _ in caught.value.found] == [("beta", "2.0")]
    assert tree(environment.root) == before


@pytest.mark.skipif(os.name == "nt", reason="there are no trees")
def test_bytecode_that_is_left_out_may_be_damaged(
    either_way: None, environment: Environment, interpreter: Interpreter, store: Store, alpha: Wanted
) -> None:
    """Beside a link to a directory only the bytecode of modules outside of it is put in, and looked at."""
    plan = with_bytecode(store, interpreter, plan_changes({}, [alpha]), alpha)
    (link,) = plan.links
    assert link.bytecode is not None
    assert link.wheel is not None
    outside, *inside = sorted(Path(link.bytecode.files, row[0]) for row in link.bytecode.rows)
    assert outside.parent.parent == Path(link.bytecode.files)
    assert len(inside) == 2
    planted = store.trees.plant(link.wheel)
    assert planted.links
    plan = replace(plan, steps=(replace(link, wheel=planted),))
    for path in inside:
        path.unlink()
    content = outside.read_bytes()
    edit(outside)
    with pytest.raises(DamagedBytecode):
        apply_plan(plan, environment, link_mode="tree")
    outside.write_bytes(content)
    date = link.bytecode.rows[0][2]
    os.utime(outside, ns=(date, date))
    apply_plan(plan, environment, link_mode="tree")
    assert (environment.site_packages / "alpha").is_symlink()
    assert len(list((environment.site_packages / "__pycache__").iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="there are no trees")
def test_what_a_tree_holds_is_not_looked_at_file_by_file(
    environment: Environment,
    interpreter: Interpreter,
    store: Store,
    wheel: Callable[..., Wanted],
    seen: Callable[[], list[str]],
) -> None:
    """Nor is the bytecode of that, where a module beside it has the wheel's bytecode put in."""
    large = wheel(
        "large",
        "1",
        files={"large/__init__.py": "", "one.py": "", **{f"large/f{each}.py": "" for each in range(50)}},
    )
    plan = with_bytecode(store, interpreter, plan_changes({}, [large]), large)
    (link,) = plan.links
    assert link.wheel is not None
    plan = replace(plan, steps=(replace(link, wheel=store.trees.plant(link.wheel)),))
    seen()
    apply_plan(plan, environment, link_mode="tree")
    paths = seen()
    assert not [path for path in paths if path.startswith("large/") and path.endswith((".py", ".pyc"))]
    assert [path for path in paths if path.endswith(".pyc")] == [
        f"__pycache__/one.{sys.implementation.cache_tag}.pyc"
    ]


@pytest.mark.skipif(os.name == "nt", reason="prefixes of POSIX")
def test_a_damaged_file_of_a_conda_package_is_told(either_way: None, tmp_path: Path, store: Store) -> None:
    prefix = Prefix(tmp_path / "prefix", store, tmp_path / "channel")
    plan = prefix.change(library(), apply=False)
    stored = plan.links[0].conda.package  # type: ignore[union-attr]
    assert stored is not None
    edit(Path(stored.files, "share/foo/plain.txt"))
    prefix.root.mkdir()
    with pytest.raises(DamagedWheel) as caught:
        apply_plan(plan, open_prefix(prefix.root))
    assert [(version, sha256, file) for _, version, sha256, file in caught.value.wheels] == [
        (plan.links[0].version, stored.sha256, "share/foo/plain.txt")
    ]


# What was begun before, and what is proven


def test_what_was_begun_before_is_believed(
    either_way: None, environment: Environment, alpha: Wanted, beta: Wanted
) -> None:
    assert alpha.wheel is not None
    assert beta.wheel is not None
    edit(alpha.wheel.path / "data/scripts/run")
    begun = Looks([*files_of(beta.wheel), *files_of(alpha.wheel)])
    with pytest.raises(DamagedWheel) as caught:
        apply_plan(plan_changes({}, [beta, alpha]), environment, looks=begun)
    assert [name for name, *_ in caught.value.wheels] == ["alpha"]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What ``os.stat`` was asked for below an open folder since the last call; nobody helps."""
    monkeypatch.setattr(looks, "WORTH", 10**9)
    real, asked = os.stat, list[str]()

    def stat(path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        if dir_fd is not None:
            asked.append(str(path))
        return real(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    if real not in os.supports_dir_fd:
        pytest.skip("no descriptors of folders")
    monkeypatch.setattr(os, "supports_dir_fd", os.supports_dir_fd | {stat})
    monkeypatch.setattr(os, "stat", stat)

    def since() -> list[str]:
        found = asked.copy()
        asked.clear()
        return found

    return since


@pytest.mark.parametrize("proven", [(), ("alpha",), ("beta",), ("alpha", "beta")], ids=str)
def test_only_what_is_not_proven_is_looked_at(
    environment: Environment,
    alpha: Wanted,
    beta: Wanted,
    proven: tuple[str, ...],
    seen: Callable[[], list[str]],
) -> None:
    """Each file of it once."""
    wheels = {one.name: one.wheel for one in (alpha, beta)}
    expected = [
        row[0]
        for name, wheel in wheels.items()
        if name not in proven and wheel is not None
        for _, rows in files_of(wheel)
        for row in rows
    ]
    digests = frozenset(
        wheel.sha256 for name, wheel in wheels.items() if name in proven and wheel is not None
    )
    seen()
    apply_plan(plan_changes({}, [alpha, beta]), environment, occasion=Occasion(proven=digests))
    asked = seen()
    of_wheels = {row[0] for wheel in wheels.values() if wheel for _, rows in files_of(wheel) for row in rows}
    assert sorted(path for path in asked if path in of_wheels) == sorted(expected)


def test_bytecode_of_what_is_proven_is_looked_at(
    either_way: None, environment: Environment, interpreter: Interpreter, store: Store, alpha: Wanted
) -> None:
    """Somebody else may have made it, and have links to it."""
    assert alpha.wheel is not None
    plan = with_bytecode(store, interpreter, plan_changes({}, [alpha]), alpha)
    (link,) = plan.links
    assert link.bytecode is not None
    edit(Path(link.bytecode.files, link.bytecode.rows[0][0]))
    with pytest.raises(DamagedBytecode):
        apply_plan(plan, environment, occasion=Occasion(proven=frozenset([alpha.wheel.sha256])))


def test_a_proven_wheel_that_is_gone_is_told(environment: Environment, alpha: Wanted) -> None:
    """Somebody emptied the store a moment later."""
    assert alpha.wheel is not None
    shutil.rmtree(alpha.wheel.folder)
    with pytest.raises(DamagedWheel):
        apply_plan(
            plan_changes({}, [alpha]), environment, occasion=Occasion(proven=frozenset([alpha.wheel.sha256]))
        )
