"""Landlock: reading and writing only where it was allowed; see landlock(7)."""

from __future__ import annotations

import ctypes
import errno
import os

from hutch.build.sandbox.system import call, libc, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LEAST_ABI", "confine", "landlock_abi"]

SYS_CREATE_RULESET, SYS_ADD_RULE, SYS_RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = 1, 2, 4, 8, 1 << 14, 1 << 15
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO = 16, 32, 128, 256, 512, 1024
MAKE_SYM, REFER = 4096, 1 << 13
READING = EXECUTE | READ_FILE | READ_DIR
WRITING = (
    *(READING, WRITE_FILE, TRUNCATE, REMOVE_DIR, REMOVE_FILE),
    *(MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_SYM, REFER),
)
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

LEAST_ABI = 2
"""The first version lets nobody move a file from one directory to another; builds do."""


def landlock_abi(plan: dict[str, Any]) -> int:
    """The version of Landlock; 0 where the kernel has none, or it was not switched on."""
    if not plan["landlock"] or os.uname().machine == "alpha":
        return 0
    return max(0, int(libc.syscall(SYS_CREATE_RULESET, None, ctypes.c_long(0), 1)))


def confine(plan: dict[str, Any], abi: int, tcp_too: bool) -> None:
    """Landlock: reading and writing only below the roots of the plan; see landlock(7)."""
    handled = (1 << 13) - 1
    for version, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV)):
        handled |= right if abi >= version else 0
    rules = number(handled)
    if abi >= 4:
        rules += number(3 if tcp_too else 0)  # bind and connect
    if abi >= 6:
        rules += number(3)  # abstract sockets of others, and signals to them
    ruleset = call("Landlock", libc.syscall(SYS_CREATE_RULESET, rules, ctypes.c_long(len(rules)), 0))
    writing = sum(WRITING) & handled
    for paths, rights in (
        (plan["readable"], READING),
        (plan["writable"], writing),
        (plan["bytecode"], writing),
        (plan["devices"], (READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV) & handled),
        (plan["fresh"], writing),
        (plan["shared-memory"], writing),
    ):
        for path in paths:
            allow(ruleset, path, rights)
    call("Landlock", libc.syscall(SYS_RESTRICT_SELF, ctypes.c_long(ruleset), 0))
    os.close(ruleset)


def allow(ruleset: int, path: str, rights: int) -> None:
    """Allow ``rights`` for ``path`` and all below it; for a file those that files have."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be allowed
    try:
        if not os.path.isdir(path):
            rights &= OF_FILES
        rule = number(rights) + number(descriptor, 4)
        result = libc.syscall(SYS_ADD_RULE, ctypes.c_long(ruleset), 1, rule, 0)
        if result < 0 and ctypes.get_errno() != errno.EBADFD:  # a pipe or the like is nobody's path
            call(f"Landlock for {path}", result)
    finally:
        os.close(descriptor)
