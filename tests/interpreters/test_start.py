"""Starting a program once: whatever it does, there is an answer, and nothing of it is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from hutch.interpreters import start
from hutch.interpreters.start import run_limited

ENVIRON = {"PATH": os.environ.get("PATH", "")}


@pytest.fixture(params=["spawned", "subprocess"])
def _both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to start one."""
    if request.param == "spawned":
        if not (hasattr(os, "posix_spawn") and hasattr(os, "waitid")):
            pytest.skip("nothing is spawned here")
        monkeypatch.setattr(subprocess, "Popen", None)
    else:

        class NoSessions(start._Spawned):
            def __init__(self, *_: object) -> None:
                raise NotImplementedError

        monkeypatch.setattr(start, "_Spawned", NoSessions)


def run(code: str, **options: object) -> start.Answer:
    options = {"seconds": 20.0, **options}
    return run_limited([sys.executable, "-I", "-S", "-c", code], environ=ENVIRON, **options)  # type: ignore[arg-type]


@pytest.mark.usefixtures("_both")
class TestRunLimited:
    def test_what_it_says_on_both_streams_and_its_code(self) -> None:
        answer = run("import sys; print(1, flush=True); print(2, file=sys.stderr); sys.exit(3)")
        assert (answer.code, answer.output.split(), answer.stopped) == (3, [b"1", b"2"], "")

    def test_it_has_no_input_and_a_session_of_its_own(self) -> None:
        answer = run("import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())")
        assert answer.output.strip() == b"'' True"

    def test_nobody_waits_once_it_has_said_enough(self) -> None:
        answer = run("import time; print('<<end>>', flush=True); time.sleep(60)", until=b"<<end>>")
        assert (answer.code, answer.output.strip()) == (0, b"<<end>>")

    def test_silence_and_talk_have_an_end(self) -> None:
        assert run("import time; time.sleep(60)", seconds=0.3).stopped == "time"
        assert run("import os, time; os.close(1); os.close(2); time.sleep(60)", seconds=0.5).stopped == "time"
        assert run("while True: print('x' * 1000)", most=100_000).stopped == "output"

    def test_what_it_started_goes_with_it(self) -> None:
        code = "import os, time\nif os.fork() == 0: time.sleep(60)\nelse: print(os.getpid(), flush=True)"
        if not hasattr(os, "fork"):
            pytest.skip("there are no forks")
        answer = run(code, until=b"\n")
        group = int(answer.output)
        for _ in range(200):
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise AssertionError("somebody is left")

    def test_who_cannot_be_started_is_told(self) -> None:
        with pytest.raises(FileNotFoundError):
            run_limited([f"{sys.executable}-not-there"], environ=ENVIRON, seconds=5)

    def test_no_descriptor_is_left_open(self) -> None:
        if not os.path.isdir("/proc/self/fd"):
            pytest.skip("nobody counts descriptors here")
        before = len(os.listdir("/proc/self/fd"))
        run("print(1)")
        with pytest.raises(FileNotFoundError):
            run_limited([f"{sys.executable}-not-there"], environ=ENVIRON, seconds=5)
        assert len(os.listdir("/proc/self/fd")) == before

    def test_there_is_other_work_until_it_speaks_or_the_work_is_done(self) -> None:
        if os.name == "nt":
            pytest.skip("nobody can look into a pipe here")
        done: list[int] = []

        def work() -> bool:
            done.append(1)
            time.sleep(0.01)
            return len(done) < 5

        assert run("import time; time.sleep(1); print(1)", meanwhile=work).output.strip() == b"1"
        assert len(done) == 5

        def endless() -> bool:
            time.sleep(0.01)
            return True

        assert run("import time; time.sleep(0.2); print(2)", meanwhile=endless).output.strip() == b"2"
        assert run("import time; time.sleep(60)", meanwhile=endless, seconds=0.5).stopped == "time"


@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="nothing is spawned here")
def test_who_started_us_may_ignore_that_children_end():
    """A supervisor that ignores SIGCHLD hands that down; the system takes the child before we ask."""
    import signal

    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        answer = run("print('here')")
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert answer.output.strip() == b"here"
    assert answer.code == 0
