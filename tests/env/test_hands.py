"""Several packages at once: the same environment, the same undo, and nobody left at work."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from _thread import _count  # type: ignore[attr-defined]
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from env.support import sync, tree
from hutch.env import CannotWrite, Environment, Wanted, create_environment, hands
from hutch.events import Linked
from hutch.interpreters import Interpreter

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system calls of POSIX")


@pytest.fixture
def three_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "WORTH", 1)
    monkeypatch.setattr(hands, "_processors", lambda: 3)


@pytest.fixture
def packages(wheel: Callable[..., Wanted]) -> list[Wanted]:
    """A large one, and twelve that share a directory and have commands, data and directories of their own."""
    return [
        wheel(
            "large",
            "1",
            files={f"large/{each % 9}/{each % 40}/{each}/x.py": f"v = {each}\n" for each in range(300)},
        )
    ] + [
        wheel(
            f"part{number}",
            "1",
            files={
                f"space/part{number}/d{each}/f{each}.py": f"v = {number}\n" for each in range(5 + 3 * number)
            },
            console_scripts={f"run{number}": "space:main"},
            data={f"data/share/part{number}/x.txt": "x"},
        )
        for number in range(12)
    ]


def settled(found: dict[str, str]) -> dict[str, str]:
    """Commands, RECORDs and settings name the environment."""
    own = ("RECORD", "pyvenv.cfg")
    return {path: "" if path.startswith("bin/") or path.endswith(own) else found[path] for path in found}


@pytest.mark.parametrize("mode", ["hardlink", "copy", "auto"])
def test_many_hands_make_what_one_makes(
    interpreter: Interpreter,
    tmp_path: Any,
    packages: list[Wanted],
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    one = create_environment(tmp_path / "one" / "env", interpreter)
    sync(one, *packages, link_mode=mode)
    monkeypatch.setattr(hands, "WORTH", 1)
    monkeypatch.setattr(hands, "_processors", lambda: 3)
    many = create_environment(tmp_path / "many" / "env", interpreter)
    seen: list[object] = []
    before = _count()
    sync(many, *packages, link_mode=mode, emit=seen.append)
    deadline = time.monotonic() + 20
    while _count() != before:  # they have nothing left to do but to go
        assert time.monotonic() < deadline
    assert settled(tree(many.root)) == settled(tree(one.root))
    told = {event.package for event in seen if isinstance(event, Linked)}
    assert told == {package.name for package in packages}


def test_more_than_one_hand_is_at_work(
    three_hands: None, environment: Environment, packages: list[Wanted]
) -> None:
    workers: set[int] = set()
    real = os.link

    def link(*positional: Any, **named: Any) -> None:
        workers.add(threading.get_ident())
        time.sleep(0.0005)  # another may have its turn
        real(*positional, **named)

    os.link = link
    try:
        sync(environment, *packages, link_mode="hardlink")
    finally:
        os.link = real
    assert len(workers) > 1


def test_one_large_package_is_work_for_several(
    three_hands: None, environment: Environment, packages: list[Wanted]
) -> None:
    workers: set[int] = set()
    real = os.mkdir

    def mkdir(*positional: Any, **named: Any) -> None:
        workers.add(threading.get_ident())
        time.sleep(0.0005)
        real(*positional, **named)

    os.mkdir = mkdir
    try:
        sync(environment, packages[0], link_mode="hardlink")
    finally:
        os.mkdir = real
    assert len(workers) > 1
    assert (environment.site_packages / "large" / "8" / "35" / "35" / "x.py").read_text() == "v = 35\n"


def test_little_work_is_done_by_one(
    environment: Environment, wheel: Callable[..., Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "_processors", lambda: 3)
    monkeypatch.setattr(hands, "_Crew", None)  # nobody asks for one
    sync(environment, wheel("small", "1", files={"small.py": ""}), wheel("tiny", "1", files={"tiny.py": ""}))


@pytest.mark.parametrize("at", [1, 40, 400])
def test_what_one_hand_cannot_do_is_undone_when_all_are_still(
    three_hands: None, environment: Environment, packages: list[Wanted], at: int
) -> None:
    """A full disk, met by whichever hand is at the file."""
    before = tree(environment.root)
    left = at
    real = os.link

    def link(*positional: Any, **named: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(positional[1]))
        real(*positional, **named)

    os.link = link
    try:
        with pytest.raises(CannotWrite, match="cannot write"):
            sync(environment, *packages, link_mode="hardlink")
    finally:
        os.link = real
    assert tree(environment.root) == before


def killed_by(number: int, step: int, act: Callable[[], object]) -> int:
    """Send a child the signal before its ``step``-th directory or link; how it ended."""
    pid = os.fork()
    if pid == 0:
        left = step

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in ("os.link", "os.mkdir"):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), number)

        sys.addaudithook(count)
        try:
            act()
        except KeyboardInterrupt:
            os._exit(130)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_change_by_many_hands_is_cut_off(
    three_hands: None, environment: Environment, packages: list[Wanted], number: signal.Signals
) -> None:
    """Ctrl-C is undone at once, a kill by the next command, wherever each hand was."""
    from hutch.env import recover

    before = tree(environment.root)
    for step in range(5, 1200, 53):
        status = killed_by(number, step, partial(sync, environment, *packages, link_mode="hardlink"))
        assert status == (-signal.SIGKILL if number == signal.SIGKILL else 130)
        if number == signal.SIGKILL:
            recover(environment)
        assert tree(environment.root) == before, step
