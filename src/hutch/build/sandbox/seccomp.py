"""No sockets but local ones: what keeps a build from the network where it is granted no namespace.

A filter of system calls (seccomp, mode 2) that refuses to make a socket of any family but those that stay on
the machine and are files or talk to the kernel. In a namespace of its own a build may have those of the
internet too, but no others: what a virtual machine talks to its host with (AF_VSOCK) knows no namespaces.
`io_uring` makes sockets too, past all filters, so it is
refused as a whole; so are calls by the conventions of another architecture.
"""

from __future__ import annotations

import ctypes
import errno
import os

from hutch.build.sandbox.system import Failed, call, libc, number

__all__ = ["close_network"]

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
LOAD, JUMP_EQUAL, JUMP_GREATER_OR_EQUAL, RETURN = 0x20, 0x15, 0x35, 0x06
AT_NUMBER, AT_ARCHITECTURE, AT_FIRST_ARGUMENT = 0, 4, 16
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
IO_URING_SETUP = 425
ARCHITECTURES = {
    "x86_64": (0xC000003E, 41),
    "aarch64": (0xC00000B7, 198),
    "riscv64": (0xC00000F3, 198),
}
"""What the kernel calls it, and the number of `socket` there."""


def close_network(*, namespace: bool = False) -> bool:
    """Refuse sockets from here on, for this process and all it becomes; whether that could be done.

    In a network ``namespace`` those that it holds are left.
    """
    known = ARCHITECTURES.get(os.uname().machine)
    if known is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    program = _program(*known, (AF_UNIX, AF_NETLINK, *((AF_INET, AF_INET6) if namespace else ())))
    kept = ctypes.create_string_buffer(program, len(program))
    described = number(len(program) // 8, 2) + bytes(6) + number(ctypes.addressof(kept))
    try:
        call("seccomp", libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), described))
    except Failed:
        return False
    return True


def _program(architecture: int, socket: int, families: tuple[int, ...]) -> bytes:
    """The filter; jumps say how many instructions are passed over if so, and if not."""
    refused, count = REFUSE | errno.EACCES, len(families)
    return b"".join(
        number(code, 2) + bytes((if_so, if_not)) + number(value, 4)
        for code, if_so, if_not, value in (
            (LOAD, 0, 0, AT_ARCHITECTURE),
            (JUMP_EQUAL, 1, 0, architecture),
            (RETURN, 0, 0, refused),
            (LOAD, 0, 0, AT_NUMBER),
            (JUMP_GREATER_OR_EQUAL, count + 4, 0, 0x40000000),  # x86-64 has a second way to call
            (JUMP_EQUAL, count + 3, 0, IO_URING_SETUP),
            (JUMP_EQUAL, 0, count + 1, socket),
            (LOAD, 0, 0, AT_FIRST_ARGUMENT),
            *((JUMP_EQUAL, count - at, at == count, each) for at, each in enumerate(families, 1)),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, refused),
        )
    )
