"""Run a build command: in the sandbox, with a time limit, and its output in a file.

The output goes to a file, not to a pipe, so that a process left behind by the build cannot hold us up.
Whatever way the build ends (well, badly, late, by Ctrl-C), all that it started is ended with it.
"""

from __future__ import annotations

import os
from pathlib import Path

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hutch.build.environment import SandboxOptions
    from hutch.build.sandbox import Launch, SandboxReport

__all__ = ["Ended", "Surroundings", "read_tail", "run_logged"]

MOST_SHOWN = 256 * 1024
MOST_OUTPUT = 1024 * 1024 * 1024
"""Bytes that the calls of one build may say; the longest logs of real builds are a tenth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a build may see and touch: see `sandbox.launch`."""

    sandbox: SandboxOptions
    python: str = ""
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    bytecode: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended; ``code`` is None if it was stopped, for ``stopped``: `time`, `output`, or
    `sandbox` where it was not started because there is no such sandbox as was asked for."""

    code: int | None
    stopped: str = ""
    report: SandboxReport | None = None


def run_logged(
    argv: Sequence[str],
    *,
    directory: str,
    variables: Mapping[str, str],
    log: Path,
    seconds: float,
    surroundings: Surroundings,
) -> Ended:
    """Run ``argv`` in ``directory``; both output streams are appended to ``log``. Raises OSError."""
    from hutch.build.sandbox import Launch, SandboxReport, launch
    from hutch.build.sandbox.plan import why_not

    missing = why_not()
    if missing and surroundings.sandbox.mode == "require":
        return Ended(code=None, stopped="sandbox", report=SandboxReport(missing=(missing,)))

    def start(*, landlock: bool = True, namespaces: bool = True) -> Ended:
        one = launch(
            argv,
            directory=directory,
            variables=variables,
            options=surroundings.sandbox,
            python=surroundings.python,
            readable=surroundings.readable,
            writable=(*surroundings.writable, str(log)),
            bytecode=surroundings.bytecode,
            protected=surroundings.protected,
            landlock=landlock,
            namespaces=namespaces,
        )
        try:
            return _run(one, directory, variables, log, seconds)
        finally:
            one.close()

    ended = start()
    for namespaces in (True, False):
        if _begun(ended) or ended.report is None or not ended.report.failed:
            break
        ended = start(landlock=False, namespaces=namespaces)  # the kernel offers more than it gives
    if _begun(ended) or surroundings.sandbox.mode == "require":
        return ended
    return _run(Launch(argv=tuple(argv)), directory, variables, log, seconds)


def _begun(ended: Ended) -> bool:
    return ended.stopped != "sandbox"


def _run(one: Launch, directory: str, variables: Mapping[str, str], log: Path, seconds: float) -> Ended:
    import signal

    from hutch.processes import running

    with open(log, "ab") as output:
        descriptor = output.fileno()
        under_way = running(
            one.argv,
            directory=directory,
            environ=variables,
            seconds=seconds,
            output=output,
            passed=one.passed,
            gentle=one.gentle,
            watch=lambda: "output" if os.fstat(descriptor).st_size > MOST_OUTPUT else "",
        )
        with under_way as process:
            process.wait()
    if process.stopped:
        return Ended(code=None, stopped=process.stopped, report=one.report())
    report = one.report()
    if report is None:
        return Ended(code=process.process.returncode)
    if report.not_started:
        raise OSError(report.not_started, os.strerror(report.not_started))
    if not report.started:
        return Ended(code=None, stopped="sandbox", report=report)
    if report.status is None:  # what stood between was killed, and could not say how the build ended
        return Ended(code=process.process.returncode or -signal.SIGKILL, report=report)
    return Ended(code=os.waitstatus_to_exitcode(report.status), report=report)


def read_tail(log: Path, most: int = MOST_SHOWN) -> str:
    """The last ``most`` bytes of a log as text."""
    from hutch.build.scratch import read_left

    try:
        return read_left(log, most, tail=True).decode("utf-8", "replace")
    except OSError:
        return ""
