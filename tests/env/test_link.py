"""Ways of linking, what happens when they fail, and what a full disk leaves."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from env.support import sync, tree
from hutch.env import (
    CannotWrite,
    DamagedWheel,
    Environment,
    EnvironmentBusy,
    Wanted,
    apply_plan,
    create_environment,
    lock_environment,
    plan_changes,
    read_state,
    recover,
    write_state,
)
from hutch.env import link as link_module
from hutch.env.link import Linker
from hutch.events import Event, Linked, Notice, Removed
from hutch.interpreters import Interpreter

Make = Callable[..., Wanted]
FILES = {
    "alpha/__init__.py": "v = 1\n",
    "alpha/sub/x.py": "",
    "alpha/tool.sh": "#!/bin/sh\n",
    "a,b.txt": "comma",
}


@pytest.mark.parametrize("mode", ["auto", "clone", "hardlink", "copy"])
def test_every_way_gives_the_same_tree(mode: str, environment: Environment, wheel: Make) -> None:
    one = wheel("alpha", "1", files=FILES, executables=["alpha/tool.sh"], data={"scripts/run": "\x7fELF"},
                console_scripts={"alpha": "alpha:main"}, requested=True)  # fmt: skip
    sync(environment, one, link_mode=mode)
    site = environment.site_packages
    assert (site / "alpha" / "__init__.py").read_text() == "v = 1\n"
    assert os.access(site / "alpha" / "tool.sh", os.X_OK)
    assert os.access(environment.scripts_dir / "run", os.X_OK)
    rows = check_record(environment, "alpha-1.dist-info")
    assert {
        "alpha-1.dist-info/INSTALLER",
        "alpha-1.dist-info/REQUESTED",
        "../../../bin/alpha",
        "a,b.txt",
    } <= rows
    links = (site / "alpha" / "__init__.py").stat().st_nlink
    assert links == (2 if mode == "hardlink" else links)
    assert mode != "copy" or links == 1


def check_record(environment: Environment, dist_info: str) -> set[str]:
    """Every row's hash and size are those of the file; the names in it."""
    import csv

    site = environment.site_packages
    with open(site / dist_info / "RECORD", newline="") as file:
        rows = list(csv.reader(file))
    for path, digest, size in rows:
        content = (site / path).read_bytes()
        if path != f"{dist_info}/RECORD":
            expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={expected}", len(content)), path
    return {row[0] for row in rows}


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP])
def test_where_hard_links_fail_files_are_copied(
    code: int, environment: Environment, wheel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's refusals cannot be had on every file system, so its answer is replaced."""

    def refuse(source: str, target: str, **_: object) -> None:
        raise OSError(code, os.strerror(code), source, None, target)

    monkeypatch.setattr(link_module.os, "link", refuse)
    sync(environment, wheel("alpha", "1", files=FILES))
    monkeypatch.undo()
    check_record(environment, "alpha-1.dist-info")
    assert (environment.site_packages / "alpha" / "__init__.py").stat().st_nlink == 1


def test_too_many_links_of_one_file_do_not_end_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in "xyz":
        (tmp_path / "a" / name).write_text(name)
    real = os.link

    def sometimes(source: str, target: str, **about: int) -> None:
        if str(source).endswith("y"):
            raise OSError(errno.EMLINK, "Too many links", source, None, target)
        real(source, target, **about)

    monkeypatch.setattr(link_module.os, "link", sometimes)
    linker = Linker("hardlink")
    linker.put_all(str(tmp_path / "a"), str(tmp_path / "b"), [(name, 1, 0, 0o644, "") for name in "xyz"])
    assert [(tmp_path / "b" / name).stat().st_nlink for name in "xyz"] == [2, 1, 2]
    assert linker.mode == "hardlink"


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old")
    for mode in ("clone", "hardlink", "copy"):
        with pytest.raises(FileExistsError):
            Linker(mode).put(str(tmp_path / "a"), str(tmp_path / "b"), 0o644)  # type: ignore[arg-type]
    assert (tmp_path / "b").read_text() == "old"


@pytest.mark.parametrize("step", [0, 1, 5])
def test_a_full_disk_leaves_the_old_environment(
    step: int, environment: Environment, wheel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = wheel("alpha", "1", files=FILES, console_scripts={"alpha": "alpha:main"})
    new = wheel(
        "alpha", "2", files={f"alpha/m{n}.py": "" for n in range(9)}, console_scripts={"alpha": "alpha:main"}
    )
    sync(environment, old)
    before = tree(environment.root)
    real, left = os.link, step

    def full(source: str, target: str, **about: int) -> None:
        nonlocal left
        if left == 0:
            raise OSError(errno.ENOSPC, "No space left on device", source, None, target)
        left -= 1
        real(source, target, **about)

    monkeypatch.setattr(link_module.os, "link", full)
    with pytest.raises(CannotWrite) as problem:
        sync(environment, new, link_mode="hardlink")
    monkeypatch.undo()
    assert "No space left" in problem.value.why[0]
    assert tree(environment.root) == before
    sync(environment, new)
    assert environment.installed()["alpha"].version == "2"


def test_ctrl_c_leaves_the_old_environment(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1", files=FILES))
    before = tree(environment.root)

    def interrupt(event: Event) -> None:
        if isinstance(event, Linked):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(environment, wheel("alpha", "2", files=FILES), emit=interrupt)
    assert tree(environment.root) == before
    assert not recover(environment)


def test_an_edited_store_is_not_spread(
    environment: Environment, wheel: Make, tmp_path: Path, interpreter: Interpreter
) -> None:
    one = wheel("alpha", "1", files=FILES)
    sync(environment, one, link_mode="hardlink")
    file = environment.site_packages / "alpha" / "__init__.py"
    with open(file, "r+") as opened:
        opened.write("v = 2")
    second = create_environment(tmp_path / "second", interpreter)
    before = tree(second.root)
    with pytest.raises(DamagedWheel) as problem:
        sync(second, one)
    assert tree(second.root) == before
    assert one.wheel is not None
    assert problem.value.wheels == (("alpha", "1", one.wheel.sha256, "alpha/__init__.py"),)


def test_a_file_gone_from_the_store_is_noticed_before_anything_is_done(
    environment: Environment, wheel: Make
) -> None:
    one = wheel("alpha", "1", files=FILES, data={"data/share/x": "x"})
    assert one.wheel is not None
    (one.wheel.path / "data" / "data" / "share" / "x").unlink()
    with pytest.raises(DamagedWheel):
        sync(environment, one)


def test_events_tell_what_happens(environment: Environment, wheel: Make) -> None:
    events: list[Event] = []
    sync(environment, wheel("alpha", "1", files=FILES))
    sync(environment, wheel("alpha", "2", files={"x.py": ""}), emit=events.append)
    assert Removed("alpha", "1") in events
    assert any(isinstance(event, Linked) and event.version == "2" for event in events)


def test_what_a_wheel_says_of_its_origin_is_ours_to_say(environment: Environment, wheel: Make) -> None:
    forged = '{"url": "https://evil.example"}'
    one = wheel("alpha", "1", dist_info_files={"direct_url.json": forged, "INSTALLER": "evil",
                                               "REQUESTED": ""})  # fmt: skip
    sync(environment, one)
    found = environment.installed()["alpha"]
    assert (found.installer, found.direct_url, found.requested) == ("hutch", None, False)
    check_record(environment, "alpha-1.dist-info")


def test_a_read_only_environment_is_a_clean_problem(environment: Environment, wheel: Make) -> None:
    if os.geteuid() == 0:
        done = subprocess.run(["chattr", "+i", environment.site_packages], capture_output=True)
        if done.returncode:
            pytest.skip("root may write everywhere here")
        try:
            with pytest.raises(CannotWrite):
                sync(environment, wheel("alpha", "1"))
        finally:
            subprocess.run(["chattr", "-i", environment.site_packages], check=True)
    else:
        environment.site_packages.chmod(stat.S_IRUSR | stat.S_IXUSR)
        with pytest.raises(CannotWrite):
            sync(environment, wheel("alpha", "1"))
        environment.site_packages.chmod(0o755)
    assert environment.installed() == {}
    assert not (environment.path / ".hutch" / "journal").exists()


def test_the_second_of_two_waits_and_says_so(environment: Environment, wheel: Make) -> None:
    one = wheel("alpha", "1")
    plan = plan_changes(environment.installed(), [one])
    notices: list[Event] = []
    began, ready = time.monotonic(), threading.Event()

    def hold() -> None:
        with lock_environment(environment):
            ready.set()
            time.sleep(0.8)

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    apply_plan(plan, environment, emit=notices.append)
    holder.join()
    assert time.monotonic() - began > 0.7
    assert any(isinstance(event, Notice) and f"process {os.getpid()}" in event.text for event in notices)
    assert "alpha" in environment.installed()


def test_who_waits_too_long_is_told(environment: Environment) -> None:
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock_environment(environment):
            ready.set()
            done.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    try:
        with pytest.raises(EnvironmentBusy) as problem, lock_environment(environment, timeout=0.05):
            pass
    finally:
        done.set()
        holder.join()
    assert problem.value.holder == f"process {os.getpid()}"


def test_the_lock_may_be_nested(environment: Environment, wheel: Make) -> None:
    with lock_environment(environment), lock_environment(environment):
        sync(environment, wheel("alpha", "1"))
    with lock_environment(environment, timeout=0.1):
        pass


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_eight_processes_on_one_environment(environment: Environment, wheel: Make) -> None:
    """Each plans and applies under the lock, half of them other versions: it is one of the two, whole."""
    files = {f"alpha/m{number}.py": "" for number in range(60)}
    ones = [wheel("alpha", "1", files=files), wheel("alpha", "2", files={"alpha/other.py": ""})]
    children = []
    for number in range(8):
        pid = os.fork()
        if pid == 0:
            try:
                with lock_environment(environment):
                    sync(environment, ones[number % 2])
                os._exit(0)
            finally:
                os._exit(1)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 8
    assert list(environment.installed()) == ["alpha"]
    check_record(environment, environment.installed()["alpha"].dist_info.rpartition("/")[2])


def test_the_state_is_kept_and_forgotten_with_the_next_change(environment: Environment, wheel: Make) -> None:
    assert read_state(environment.root) is None
    write_state(environment.root, ("lock", 1, (2, 3)))
    assert read_state(environment.root) == ("lock", 1, (2, 3))
    sync(environment, wheel("alpha", "1"))
    assert read_state(environment.root) is None
    path = environment.path / ".hutch" / "state"
    for damaged in (b"", b"hutch-state-0\n", b"hutch-state-2\n", b"hutch-state-2\n\xff\xff\xff"):
        path.write_bytes(damaged)
        assert read_state(environment.root) is None


def test_a_damaged_journal_is_not_guessed_at(environment: Environment) -> None:
    from hutch.env import DamagedJournal

    journal = environment.path / ".hutch" / "journal"
    for text in (
        "",
        "{",
        '{"format": "hutch-journal-9"}',
        '{"format": "hutch-journal-1", "trash": "x", "moves": ["../x"], "fresh": []}',
    ):
        journal.write_text(text)
        with pytest.raises(DamagedJournal):
            recover(environment)


def test_recovering_where_nothing_happened_does_nothing(environment: Environment) -> None:
    before = tree(environment.root)
    assert not recover(environment)
    assert tree(environment.root) == before


@pytest.mark.parametrize("layers", [1, 2])
def test_a_directory_of_a_lower_layer_is_moved_by_copy(
    layers: int, environment: Environment, wheel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """overlayfs refuses to rename a directory of an image's layer (EXDEV)."""
    old = wheel("alpha", "1", files=FILES)
    sync(environment, old)
    before = tree(environment.root)
    real = os.rename

    def refuse(source: str, target: str) -> None:
        if os.path.isdir(source) and "site-packages" in str(source):
            raise OSError(errno.EXDEV, "Invalid cross-device link", source, None, target)
        real(source, target)

    from hutch.env import journal

    monkeypatch.setattr(journal.os, "rename", refuse)
    new = wheel("alpha", "2", files={"alpha/other.py": ""})
    if layers == 1:
        sync(environment, new)
        assert environment.installed()["alpha"].version == "2"
        sync(environment, old)
    else:

        def interrupt(event: Event) -> None:
            if isinstance(event, Linked):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sync(environment, new, emit=interrupt)
    assert tree(environment.root) == before
