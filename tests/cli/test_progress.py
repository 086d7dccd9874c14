"""The progress line, with a clock in the test's hand."""

from __future__ import annotations

import time

import pytest

from hutch.cli.ui.drawer import Drawer
from hutch.cli.ui.progress import Progress
from hutch.events import (
    Building,
    Decided,
    Dropped,
    Event,
    Fetched,
    Linked,
    Notice,
    PhaseEnded,
    PhaseStarted,
    Removed,
)


def line(*happened: tuple[float, Event], at: float, width: int = 79) -> str | None:
    progress = Progress()
    for now, event in happened:
        progress.observe(event, now)
    return progress.line(at, width)


def test_nothing_is_shown_before_half_a_second():
    begun = (10.0, PhaseStarted("resolve"))
    assert line(begun, at=10.49) is None
    assert line(begun, at=10.5) == "⠴ Resolving"


def test_nothing_is_shown_without_a_phase():
    assert line((0, Decided("flask", "3.1", 1)), (0, Fetched("x", 9)), at=5) is None
    assert line((0, PhaseStarted("lock")), (1, PhaseEnded("lock")), at=5) is None


@pytest.mark.parametrize(
    ("events", "text"),
    [
        (
            [Decided("flask", "3.1", 1), Decided("jinja2", "3.1.6", 2)],
            "⠋ Resolving  2 packages  jinja2 3.1.6",
        ),
        ([Decided("flask", "3.1", 1), Decided("flask", "3.0", 2)], "⠋ Resolving  1 package  flask 3.0"),
        ([Fetched("flask", 1 << 20)], "⠋ Resolving  1.0 MiB, 1.0 MiB/s  flask"),
        ([Building("odd 1.0")], "⠋ Resolving  odd 1.0"),
        ([Dropped("cp315-linux-x86_64", "no wheel")], "⠋ Resolving"),
        ([PhaseStarted("strange")], "⠋ Strange"),
        ([PhaseStarted("build"), PhaseEnded("build")], "⠋ Resolving"),
        (
            [
                PhaseStarted("install", 4),
                Linked("flask", "3.1", 9),
                Removed(
                    "idna",
                    "3",
                ),
            ],
            "⠋ Installing  ━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌ 2/4  idna 3",
        ),
        (
            [PhaseStarted("install", 1), *[Linked("a", "1", 1)] * 3],
            "⠋ Installing  ━━━━━━━━━━━━━━━━━━━━ 1/1  a 1",
        ),
    ],
)
def test_what_is_shown(events, text):
    happened = [(0.0, PhaseStarted("resolve")), *((0.0, event) for event in events)]
    assert line(*happened, at=1.0) == text


def test_after_three_seconds_the_time_is_shown():
    assert line((0, PhaseStarted("build")), at=75.0) == "⠋ Building  75 s"


def test_the_line_is_cut_to_the_terminal():
    shown = line((0, PhaseStarted("download")), (0, Fetched("a-very-long-name" * 9, 10)), at=1, width=30)
    assert shown is not None
    assert len(shown) == 30
    assert shown.endswith("…")


def test_without_unicode_the_line_is_ascii():
    progress = Progress(unicode=False)
    progress.observe(PhaseStarted("install", 2), 0)
    progress.observe(Linked("a", "1", 1), 0)
    assert progress.line(1.0, 79) == "- Installing  ##########.......... 1/2  a 1"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(terminal) -> str:
    return terminal.err.file.getvalue()


def test_the_drawer_draws_over_the_line_and_erases_it(make_terminal):
    terminal, clock = make_terminal(terminal=True), Clock()
    drawer = Drawer(terminal, clock)
    drawer.take(PhaseStarted("resolve"))
    clock.now = 1.0
    drawer.tick()
    assert drawn(terminal).endswith("\r\x1b[K⠋ Resolving")
    drawer.take(Notice("repaired"))
    assert drawn(terminal).endswith("\r\x1b[K\x1b[1;36mnote:\x1b[0m repaired\n")
    drawer.tick()
    drawer.take(PhaseEnded("resolve"))
    assert drawn(terminal).endswith("⠋ Resolving\r\x1b[K")
    drawer.stop()


def test_the_line_moves_by_itself(make_terminal):
    terminal = make_terminal(terminal=True)
    drawer = Drawer(terminal)
    drawer.take(PhaseStarted("build"))
    patience = time.monotonic() + 10
    while drawn(terminal).count("Building") < 2 and time.monotonic() < patience:
        time.sleep(0.02)
    drawer.stop()
    assert drawn(terminal).count("Building") >= 2
    assert drawn(terminal).endswith("\r\x1b[K")


@pytest.mark.parametrize("manner", [{"progress": False}, {"quiet": 1}])
def test_progress_can_be_switched_off(manner, make_terminal):
    terminal, clock = make_terminal(terminal=True), Clock()
    terminal.behave(manner)
    drawer = Drawer(terminal, clock)
    drawer.take(PhaseStarted("resolve"))
    clock.now = 9.0
    drawer.tick()
    assert drawn(terminal) == ""


@pytest.mark.parametrize("environ", [{}, {"TERM": "dumb"}])
def test_there_is_no_progress_but_on_a_real_terminal(environ, make_terminal):
    terminal = make_terminal(terminal=bool(environ), **environ)
    assert not terminal.progress


@pytest.mark.parametrize(
    ("quiet", "text"),
    [(0, "note: a\nwarning: b\n"), (1, "warning: b\n"), (2, "")],
)
def test_quiet_leaves_notes_out_and_then_warnings(quiet, text, make_terminal):
    terminal = make_terminal()
    terminal.behave({"quiet": quiet})
    terminal.emit(Notice("a"))
    terminal.emit(Notice("b", warning=True))
    assert drawn(terminal) == text


def test_verbose_tells_every_step(make_terminal):
    terminal = make_terminal()
    terminal.behave({"verbose": 1})
    for event in (
        PhaseStarted("install", 3),
        Decided("flask", "3.1", 1),
        Fetched("flask.whl", 2048),
        Building("odd"),
        Linked("flask", "3.1", 12),
        Removed("idna", "3"),
        Dropped("cp315", "no wheel\x1b"),
        PhaseEnded("install"),
        Event(),
    ):
        terminal.emit(event)
    assert (
        drawn(terminal)
        == """\
install: begins, 3 steps
chose flask 3.1
fetched flask.whl (2.0 KiB)
building odd
installed flask 3.1 (12 files)
removed idna 3
left out cp315: no wheel
install: done
"""
    )


def test_a_file_counts_once_whoever_tells_of_it(make_terminal):
    """The network tells of each answer, and who wanted a file tells when he has it."""
    terminal, clock = make_terminal(terminal=True), Clock()
    drawer = Drawer(terminal, clock)
    for event in (
        PhaseStarted("download", 4),
        Fetched("a.whl", 1 << 20),
        Fetched("b.whl", 1 << 20),
        Fetched("a.whl", 1 << 20),
        Fetched("b.whl", 1 << 20),
    ):
        drawer.take(event)
    clock.now = 1.0
    drawer.tick()
    drawer.stop()
    assert "2/4" in drawn(terminal)
    assert "2.0 MiB, 2.0 MiB/s" in drawn(terminal)


def test_verbose_tells_of_a_file_once_in_each_part_of_a_command(make_terminal):
    terminal = make_terminal()
    terminal.behave({"verbose": 1})
    for _ in range(2):
        for event in (PhaseStarted("download"), Fetched("a.whl", 9), Fetched("a.whl", 9), Fetched("", 1)):
            terminal.emit(event)
    assert drawn(terminal).count("a.whl") == 2
