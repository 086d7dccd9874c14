"""From what a build is allowed to what is started: all differences between systems are here.

Linux has the starter (see `start.py`), which also ends what a build leaves behind; that is used for builds
without a sandbox too. Elsewhere a build is started as it is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hutch.build.sandbox.report import SandboxReport, read_report
from hutch.build.sandbox.roots import (
    DEVICES,
    hidden_places,
    interpreter_roots,
    secret_places,
    system_roots,
    toolchain_roots,
    variable_roots,
)
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hutch.build.environment import SandboxOptions

__all__ = ["Launch", "launch", "why_not"]

SHARED_MEMORY = ("/dev/shm",)
"""Where the locks of Python's `multiprocessing` live."""
SWITCHED_OFF: tuple[str, ...] = ()
"""Of ``landlock``, ``namespaces`` and ``seccomp`` what is not used even where it is there; for tests."""
_START = "import sys; sys.path.insert(0, {!r}); from hutch.build.sandbox.start import main; main()"
_OFFLINE = {"CARGO_NET_OFFLINE": "true"}
"""Variables where there is no network: programs that know them say so at once, or do without."""
_CONFINED = {"PIP_CONFIG_FILE": os.devnull}
"""Variables where files are kept from a build: pip would give up over a file that it may not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to start in place of a command. ``passed`` are descriptors for it; ``gentle`` programs end their
    own descendants. `close` it when done."""

    argv: tuple[str, ...]
    passed: tuple[int, ...] = ()
    gentle: bool = False
    report_file: int = field(default=-1, repr=False)

    def report(self) -> SandboxReport | None:
        """What the starter could do, and how the build ended; None where there is no starter."""
        return read_report(self.report_file) if self.report_file >= 0 else None

    def close(self) -> None:
        """Give the descriptors back."""
        for descriptor in self.passed:
            os.close(descriptor)


def why_not() -> str:
    """Why this system has no sandbox at all; "" if it may have one."""
    if sys.platform != "linux":
        system = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, sys.platform)
        return f"there is none for {system} yet"
    from importlib.util import find_spec

    if find_spec("_ctypes") is None:
        return "the Python that runs hutch has no `ctypes`"
    return ""


def launch(
    argv: Sequence[str],
    *,
    directory: str,
    variables: Mapping[str, str],
    options: SandboxOptions,
    python: str = "",
    readable: Sequence[str] = (),
    writable: Sequence[str] = (),
    bytecode: Sequence[str] = (),
    protected: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    landlock: bool = True,
    namespaces: bool = True,
    seccomp: bool = True,
) -> Launch:
    """What to start for ``argv`` (nothing but the sandbox, if it is empty) under ``options``.

    ``readable`` and ``writable`` are what this build needs beyond the system, toolchains, what its
    variables point at and ``python``; ``bytecode`` are directories of that Python that it may leave compiled
    modules in; ``protected`` stays as it is although it lies in what is writable.
    ``landlock``, ``namespaces`` and ``seccomp`` off do without them.
    """
    if why_not():
        return Launch(argv=tuple(argv))
    import marshal

    environ = os.environ if environ is None else environ
    confined = options.mode != "off"
    readable = [
        *system_roots(),
        *toolchain_roots(environ),
        *variable_roots(variables, environ),
        *(interpreter_roots(python, environ) if python else ()),
        *readable,
        *options.readable,
    ]
    plan = {
        "parent": os.getpid(),
        "command": list(argv),
        "variables": {**(_CONFINED if confined else {}), **variables},
        "offline": {name: value for name, value in _OFFLINE.items() if name not in variables},
        "directory": directory,
        "confined": confined,
        "strict": options.mode == "require",
        "network": options.network,
        "landlock": landlock and "landlock" not in SWITCHED_OFF,
        "namespaces": namespaces and "namespaces" not in SWITCHED_OFF,
        "seccomp": seccomp and "seccomp" not in SWITCHED_OFF,
        "readable": list(dict.fromkeys(readable)) if confined else [],
        "writable": list(dict.fromkeys((*writable, *options.writable))),
        "bytecode": list(bytecode),
        "protected": list(protected),
        "devices": list(DEVICES),
        "shared-memory": list(SHARED_MEMORY),
        "fresh": [],
        "temporary": ["/tmp", "/var/tmp"],
        "hidden": list(hidden_places(environ)),
        "secret": list(secret_places(environ)),
    }
    files = (_open_file(), _open_file())
    os.write(files[0], marshal.dumps(plan))
    os.lseek(files[0], 0, os.SEEK_SET)
    place = str(Path(__file__).resolve().parents[3])
    start = (sys.executable, "-I", "-S", "-c", _START.format(place), *map(str, files))
    return Launch(argv=start, passed=files, gentle=True, report_file=files[1])


def _open_file() -> int:
    """A file that has no name."""
    if hasattr(os, "memfd_create"):
        try:
            return os.memfd_create("hutch-build")
        except OSError:
            pass
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
