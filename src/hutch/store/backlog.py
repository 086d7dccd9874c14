"""What is still to be compiled, and the process that does it when nobody waits.

Whoever installs wheels that have no bytecode yet leaves a *request* in the store: a table that names the
interpreter, its tag and the wheels. Then it starts a process that goes through all requests, one such process
for a store. It is started detached, runs when nothing else wants to, and may be killed at any moment: what
is requested and not done is done by the next one. See docs/explanation/store.md.
"""

from __future__ import annotations

import os
import sys
import time

from hutch.store.layout import FORMATS, LOGS, MARKER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hutch.store.compiling import Compiled
    from hutch.store.folder import Store

__all__ = ["KIND", "main", "request", "start"]

KIND = "compile"
SECONDS = 900.0
"""How long one process goes on at most."""
ATTEMPTS = 2
"""How often a request is begun, before it is given up: whatever killed the process may do so again."""
LEAST_ROOM = 1 << 30
"""Bytes that have to be free on the disk, for something that nobody has asked for."""
MOST_TOLD = 500
# The source says who it is to whoever looks at the processes of the machine.
BEGIN = """\
# hutch: compiles what was installed, once for all environments
import sys
sys.path.insert(0, sys.argv[1])
from hutch.store.backlog import WAIT, main
sys.exit(main(sys.argv[2], wait=WAIT))
"""
WAIT = 2.0
"""Seconds before it begins: whoever removes the cache after the command (`RUN hutch sync && rm -rf ...`) does
it now, and what the command was for gets going."""


def request(store: Store, python: str, tag: str, wheels: Collection[str]) -> bool:
    """Ask for bytecode of the ``wheels`` (their hashes); whether that could be noted."""
    from hutch.spec.digest import short_sha256

    value = (0, python, tag, store.layers, tuple(sorted(wheels)))
    key = short_sha256(repr(value).encode("utf-8", "surrogatepass"))[:32]
    return store.tables.write(KIND, f"{tag}-{key}", value)


def start(store: Store, environ: Mapping[str, str], *, disown: bool = False) -> None:
    """Start the process, if it can be, and wait for nothing; for ``disown`` see `start_detached`."""
    if not sys.executable:
        return
    from hutch.store.detached import bare, start_detached

    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    try:
        words = [sys.executable, "-I", "-S", "-c", BEGIN, source, store.root]
        start_detached(words, bare(environ), disown=disown)
    except OSError:
        pass  # no more processes: then there is no bytecode either


def main(root: str, *, wait: float = 0.0) -> int:
    """What the process does: all requests there are, and those that come meanwhile."""
    from hutch.store.folder import Store
    from hutch.store.problems import StoreBusy, StoreProblem

    os.chdir(os.path.abspath(os.sep))
    _step_back()
    time.sleep(wait)
    end = time.monotonic() + SECONDS
    done: set[str] = set()
    told: list[str] = []
    store = Store(root)
    try:
        # Whoever leaves a request while we hold the lock goes away again, so look once more without it.
        while (todo := [key for key in _requests(store) if key not in done]) and time.monotonic() < end:
            with store.lock(KIND, timeout=0):
                for key in todo:
                    done.add(key)
                    lines = _answer(store, key, end)
                    if lines is None:
                        return 0
                    told += lines
    except (StoreBusy, StoreProblem, OSError):
        return 0
    _write_log(root, told)
    return 0


def _requests(store: Store) -> list[str]:
    """The keys of all requests; none in a folder that is no store any more."""
    if not os.path.isfile(os.path.join(store.root, MARKER)):
        return []
    try:
        names = os.listdir(os.path.join(store.root, f"{KIND}-v{FORMATS[KIND]}"))
    except OSError:
        return []
    return sorted(name for name in names if not name.endswith(".tmp"))


def _answer(store: Store, key: str, end: float) -> list[str] | None:
    """Do what one request asks for; what there is to tell.

    None if it was stopped: then nothing more is written, for the store may be on its way out.
    """
    match store.tables.read(KIND, key):
        case (int(attempts), str(python), str(tag), tuple(layers), tuple(wheels)) if attempts < ATTEMPTS:
            pass
        case _:
            store.tables.remove(KIND, key)
            return []
    if not os.path.isfile(python) or not _has_room(store.root):
        store.tables.remove(KIND, key)
        return [f"nothing was compiled for {tag}: {python} is gone, or the disk is nearly full"]
    store.tables.write(KIND, key, (attempts + 1, python, tag, layers, wheels))
    from hutch.store.compiling import compile_wheels
    from hutch.store.folder import Store

    layered = Store(store.root, layers=[str(layer) for layer in layers])
    found = [layered.wheels.find(str(wheel)) or layered.trees.find(str(wheel)) for wheel in wheels]
    if None in found:
        return None  # they were there a moment ago, so somebody is removing them
    outcome = compile_wheels(
        layered,
        [wheel for wheel in found if wheel is not None],
        tag,
        [python],
        environ=os.environ,
        seconds=end - time.monotonic(),
    )
    if outcome.stopped:
        return None
    store.tables.remove(KIND, key)
    return _lines(tag, outcome)


def _lines(tag: str, outcome: Compiled) -> list[str]:
    lines = [f"{tag}: {outcome.modules} modules of {outcome.wheels} packages"]
    lines += [f"  {label}: {path} has no bytecode: {why}" for label, path, why in outcome.left_out]
    return lines[:MOST_TOLD]


def _write_log(root: str, lines: list[str]) -> None:
    """Keep what there was to tell beside the logs of builds, for whoever wonders."""
    from hutch.store.disk import write_atomic

    if lines and os.path.isfile(os.path.join(root, MARKER)):
        text = "\n".join(line.encode("unicode_escape").decode() for line in lines)
        try:
            write_atomic(os.path.join(root, LOGS, "bytecode.log"), text.encode() + b"\n")
        except OSError:
            pass


def _has_room(root: str) -> bool:
    statvfs = getattr(os, "statvfs", None)
    if statvfs is None:
        return True
    try:
        facts = statvfs(root)
    except OSError:
        return False
    return bool(facts.f_bavail * facts.f_frsize > LEAST_ROOM)


def _step_back() -> None:
    """Run when nothing else wants to, be slow on the disk, and be the first to go when memory is short."""
    for act in (_be_nice, _be_idle, _be_spare, _be_mortal):
        try:
            act()
        except (OSError, AttributeError, ValueError):
            pass


def _be_mortal() -> None:
    import signal

    # Whatever happens in here, this process is not there for ever.
    signal.alarm(int(SECONDS) + 60)


def _be_nice() -> None:
    os.nice(19)


def _be_idle() -> None:
    # On Linux, this makes the disk's scheduler wait for all others, too.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # type: ignore[attr-defined,unused-ignore]


def _be_spare() -> None:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
