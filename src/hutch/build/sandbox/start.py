"""The program that stands between hutch and a build, and keeps the build where it can do little harm.

Run by hutch's own interpreter, without `site`; the arguments are the numbers of two open files, PLAN and
REPORT. It uses little of the standard library, because each call of a backend waits for it. Linux only.

    hutch ── starter ── stage ── first ── build
               │          │        │        └ Landlock, no new rights, no capabilities; becomes the backend
               │          │        └ process 1 of a namespace: sees to the mounts; all others end with it
               │          └ the namespaces that this system grants
               └ at SIGTERM, or the end of hutch: ends all descendants, daemons too, and then itself

Where no namespace is granted, the stage becomes the build, and the starter adopts and ends what is left
over. What could be had is written into REPORT, and how the build ended. PLAN is a marshalled dictionary,
written by `plan.py`.
"""

from __future__ import annotations

import marshal
import os
import sys

from hutch.build.sandbox.landlock import LEAST_ABI, confine, landlock_abi
from hutch.build.sandbox.mounts import Mounts, make_read_only
from hutch.build.sandbox.seccomp import close_network
from hutch.build.sandbox.system import Failed, Report, call, libc, number, prctl

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable
    from typing import Any, NoReturn
else:
    import _signal as signal  # the module around it costs as much as all the rest

__all__ = ["main"]

CLONE_NEWNS, CLONE_NEWIPC = 0x00020000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
KEPT_CAPABILITIES = (0, 1, 3, 4)
"""Of root: CHOWN, DAC_OVERRIDE, FOWNER and FSETID, without which unpacking as root goes wrong."""
GAVE_UP = 99


# -- the starter: waits, and ends everything ---------------------------------------------------------


def main() -> None:
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        plan = marshal.load(file)
    report = Report(int(sys.argv[2]))
    os.set_inheritable(report.descriptor, False)
    watched = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    for each in watched:
        signal.signal(each, signal.SIG_DFL)  # whoever started hutch may have had them ignored
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != plan["parent"]:
        os._exit(GAVE_UP)
    flags = status = 0
    for flags, mounts in attempts(plan):
        # What the build itself ends with must not look like giving up, or it could choose to be less
        # confined: so that is told through a pipe, which the build does not inherit.
        gave_up, give_up = os.pipe()
        prctl(PR_SET_DUMPABLE, 1)  # else the stage may not write its own map of users
        stage = os.fork()
        if not stage:
            run_stage(plan, report, flags, mounts, give_up)
        prctl(PR_SET_DUMPABLE, 0)  # nobody looks into this process
        os.close(give_up)
        status = wait_for(stage)
        if not os.read(gave_up, 1):
            break
        os.close(gave_up)
    if not flags:
        report.say("status", status)  # else the first process has said it
    end_all()
    os._exit(0)


def wait_for(stage: int) -> int:
    """How the stage ended; what else ends meanwhile is taken note of."""
    while True:
        if signal.sigwait({signal.SIGTERM, signal.SIGCHLD}) == signal.SIGTERM:
            end_all()
            os._exit(GAVE_UP)
        while True:
            pid, status = waited(os.WNOHANG)
            if pid == stage:
                return status
            if pid <= 0:
                break


def waited(flags: int = 0) -> tuple[int, int]:
    """A child that ended, and how; (0, 0) if none did, (-1, 0) if there is none."""
    try:
        return os.waitpid(-1, flags)
    except ChildProcessError:
        return -1, 0


def end_all() -> None:
    """End all descendants. Whoever loses its parent becomes a child of this process, so that going on
    until there are no children reaches everybody."""
    while waited(os.WNOHANG)[0] >= 0:
        for pid in children():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        waited()


def children() -> list[int]:
    """The processes that are children of this one."""
    own = os.getpid()
    try:
        with open(f"/proc/self/task/{own}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        pass
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as file:
                if name.isdigit() and int(file.read().rpartition(")")[2].split()[1]) == own:
                    found.append(int(name))
        except (OSError, ValueError, IndexError):
            continue
    return found


# -- the stage: namespaces ---------------------------------------------------------------------------


def attempts(plan: dict[str, Any]) -> Iterable[tuple[int, bool]]:
    """Namespaces to try, the best first: (flags, whether to mount in them)."""
    if plan["confined"] and plan["namespaces"]:
        flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (0 if plan["network"] else CLONE_NEWNET)
        if os.geteuid() == 0:
            yield flags, True
        yield flags | CLONE_NEWUSER, True
        yield flags | CLONE_NEWUSER, False
    yield 0, False


def run_stage(plan: dict[str, Any], report: Report, flags: int, mounts: bool, give_up: int) -> NoReturn:
    """Never comes back. Where these flags are not to be had, ``give_up`` is written to."""
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if not flags:
            run_build(plan, report, flags, mounts, False)
        user, group = os.geteuid(), os.getegid()
        call("unshare", libc.unshare(flags))
        if flags & CLONE_NEWUSER:
            write("/proc/self/setgroups", "deny")
            write("/proc/self/uid_map", f"{user} {user} 1")
            write("/proc/self/gid_map", f"{group} {group} 1")
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the new rights have undone it
        if flags & CLONE_NEWNET:
            raise_loopback()
        first = os.fork()
        if not first:
            run_first(plan, report, flags, mounts, give_up)
        os.waitpid(first, 0)
        os._exit(0)
    except (OSError, Failed) as error:
        report.say("namespaces-refused", str(error))
    except BaseException as error:
        report.say("failed", f"{type(error).__name__}: {error}")
    os.write(give_up, b"-")
    os._exit(GAVE_UP)


def write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def raise_loopback() -> None:
    """Programs that talk to themselves over loopback can go on doing so."""
    import _socket
    import fcntl

    get_flags, set_flags, up_and_running = 0x8913, 0x8914, 0x41
    with_name = b"lo".ljust(16, b"\0")
    try:
        end = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
        now = fcntl.ioctl(end.fileno(), get_flags, with_name + bytes(24))
        flags = int.from_bytes(now[16:18], sys.byteorder) | up_and_running
        fcntl.ioctl(end.fileno(), set_flags, with_name + number(flags, 2) + bytes(22))
        end.close()
    except OSError:
        pass  # no IPv4: nobody will miss it


def run_first(plan: dict[str, Any], report: Report, flags: int, mounts: bool, give_up: int) -> NoReturn:
    """Process 1: sees to the mounts, starts the build, buries the dead; the rest dies with it."""
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        read_only = False
        if mounts:
            Mounts(plan).make(report)
            try:
                make_read_only(plan)
                read_only = True
            except Failed:
                if landlock_abi(plan) < LEAST_ABI:
                    raise
            os.chdir(plan["directory"])  # where it was is below all these mounts
        build = os.fork()
        if not build:
            run_build(plan, report, flags, mounts, read_only)
        prctl(PR_SET_DUMPABLE, 0)
        while True:
            pid, status = waited()
            if pid == build:
                report.say("status", status)
                os._exit(0)
    except (OSError, Failed) as error:
        report.say("mounts-refused", str(error))
    except BaseException as error:
        report.say("failed", f"{type(error).__name__}: {error}")
    os.write(give_up, b"-")
    os._exit(GAVE_UP)


# -- the build: what it may do -----------------------------------------------------------------------


def run_build(plan: dict[str, Any], report: Report, flags: int, mounts: bool, read_only: bool) -> NoReturn:
    """Give up all that a build does not need, and become it."""
    try:
        variables = give_up_rights(plan, report, flags, mounts, read_only)
    except BaseException as error:
        report.say("failed", f"{type(error).__name__}: {error}")
        os._exit(GAVE_UP)
    command = plan["command"]
    report.say("started", bool(command))
    if not command:
        os._exit(0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
    try:
        os.execve(command[0], command, variables)
    except OSError as error:
        report.say("not-started", error.errno)
    os._exit(127)


def give_up_rights(
    plan: dict[str, Any], report: Report, flags: int, mounts: bool, read_only: bool
) -> dict[str, str]:
    """Confine this process as the plan says; the variables for what it becomes."""
    if not plan["confined"]:
        return dict(plan["variables"])
    report.say("namespaces", bool(flags))
    report.say("mounts", mounts)
    call("no new rights", prctl(PR_SET_NO_NEW_PRIVS, 1))
    for capability in range(64):
        if capability not in KEPT_CAPABILITIES:
            prctl(PR_CAPBSET_DROP, capability)
    abi = landlock_abi(plan)
    report.say("landlock", abi)
    files = "landlock" if abi >= LEAST_ABI else "mounts" if read_only else ""
    network = "namespace" if flags & CLONE_NEWNET else ""
    closing = not plan["network"] and not network
    if abi >= LEAST_ABI:
        confine(plan, abi, tcp_too=closing)
        network = "landlock" if closing and abi >= 4 else network
    if not plan["network"] and plan["seccomp"] and close_network(namespace=not closing) and closing:
        network = "seccomp"
    report.say("files", files)
    report.say("closed-network", network)
    if plan["strict"] and not (files and (network or plan["network"])):
        os._exit(0)  # hutch reads in the report why nothing was started
    return {**plan["variables"], **(plan["offline"] if network else {})}
