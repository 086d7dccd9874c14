"""Whole processes, measured: time, CPU and peak memory; and how fast figures grow.

What measures has to be small itself: on Linux the peak memory of a process begins with that of the one
which started it.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """What one process cost, its children included: seconds, seconds of CPU, mebibytes at the peak."""

    wall: float
    cpu: float
    memory: float


class CommandFailed(Exception):
    """A command that was to be measured ended with an error; the message has its last words.

    ``cost`` is what it cost all the same, where it is known.
    """

    cost: Cost | None = None


def start(command: Sequence[str], folder: str, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """The command under way, with all that it says in ``.log`` beside its folder."""
    with open(f"{folder}.log", "a", encoding="utf-8") as log:
        return subprocess.Popen(command, cwd=folder, env=dict(environ), stdout=log, stderr=log, text=True)


def finish(process: subprocess.Popen[str], folder: str, began: float) -> Cost:
    """Wait for the process, which began at ``began``; raises ``CommandFailed``."""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    words = process.args if isinstance(process.args, (list, tuple)) else ()
    unit = 1 if sys.platform == "darwin" else 1024
    cost = Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 2**20)
    if process.returncode:
        with open(f"{folder}.log", encoding="utf-8", errors="replace") as log:
            said = log.read()[-800:].strip()
        failed = CommandFailed(f"exit {process.returncode} of {' '.join(map(str, words))}: {said}")
        failed.cost = cost
        raise failed
    return cost


def measure(command: Sequence[str], folder: str, environ: Mapping[str, str]) -> Cost:
    """Run the command in ``folder`` to its end."""
    began = time.perf_counter()
    return finish(start(command, folder, environ), folder, began)


def together(commands: Sequence[Sequence[str]], folder: str, environ: Mapping[str, str]) -> list[Cost]:
    """Run the commands at once in one folder; each one's cost, its wall time from the common start."""
    began = time.perf_counter()
    processes = [start(command, folder, environ) for command in commands]
    return [finish(process, folder, began) for process in processes]


def best(costs: Sequence[Cost]) -> Cost:
    """The least of each figure: what others did on the machine meanwhile only ever adds."""
    return Cost(*(min(figures) for figures in zip(*costs, strict=True)))


def slope(sizes: Sequence[float], figures: Sequence[float]) -> float:
    """The exponent with which a figure grows, by least squares over logarithms: 1 is linear, 0 constant.

    The upper half of the sizes counts, where what every command costs hides nothing any more.
    """
    half = max(len(sizes) // 2, 2)
    points = [
        (math.log(size), math.log(figure)) for size, figure in zip(sizes, figures, strict=True) if figure > 0
    ][-half:]
    if len(points) < 2:
        return 0.0
    across = sum(x for x, _ in points) / len(points)
    up = sum(y for _, y in points) / len(points)
    spread = sum((x - across) ** 2 for x, _ in points)
    return sum((x - across) * (y - up) for x, y in points) / spread if spread else 0.0
