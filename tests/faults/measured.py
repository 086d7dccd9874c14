"""A command in a process of its own, with what it took: seconds, and the most memory it held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Measured", "measure"]

# The peak of a child is measured by a small process of its own: Linux gives a child the peak of whoever
# started it, and the tests' own process is large.
_WATCH = """
import json, resource, subprocess, sys, time
limit = 3 << 30  # so that a test that fails does not take the machine along
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
start = time.monotonic()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, capture_output=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([done.returncode, done.stdout.decode("utf-8", "replace"),
    done.stderr.decode("utf-8", "replace"), time.monotonic() - start, peak]))
"""
_STANDARD = "import sys; sys.modules['pycurl'] = None; "


@dataclass(frozen=True)
class Measured:
    """``peak`` is in MiB."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    peak: float


def measure(
    project: Any, words: list[str], *, transport: str, environ: Mapping[str, str | None] | None = None
) -> Measured:
    """``hutch WORDS`` in ``project``, over the transport of that name."""
    *python, body = project.launcher
    if transport == "standard":
        body = _STANDARD + body
    changed = {**os.environ, **project.environ, **(environ or {})}
    done = subprocess.run(
        [sys.executable, "-IS", "-c", _WATCH, *python, body, *words],
        cwd=project.path,
        env={name: value for name, value in changed.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    code, out, err, seconds, peak = json.loads(done.stdout)
    return Measured(code, project.filtered(out), project.filtered(err), seconds, peak / 1024)
