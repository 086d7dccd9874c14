"""System calls that Python does not have, and their errors."""

from __future__ import annotations

import ctypes
import marshal
import os
import sys

__all__ = ["Failed", "Report", "call", "libc", "number", "prctl"]

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class Failed(Exception):
    """A step of the sandbox did not work."""


def call(what: str, result: int) -> int:
    """``result`` of a system call; Failed if it is an error."""
    if result < 0:
        raise Failed(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def prctl(option: int, value: int) -> int:
    nothing = ctypes.c_ulong(0)
    return int(libc.prctl(option, ctypes.c_ulong(value), nothing, nothing, nothing))


def number(value: int, size: int = 8) -> bytes:
    """``value`` as the kernel wants it in a structure."""
    return value.to_bytes(size, sys.byteorder, signed=value < 0)


class Report:
    """What is told to hutch: pairs in a file, the last of a name counts."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def say(self, name: str, value: str | int | None) -> None:
        os.write(self.descriptor, marshal.dumps((name, value)))
