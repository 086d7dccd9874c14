"""What a build does not see: homes, temporary directories and sockets of others, covered by mounts.

All of this happens in a mount namespace, which goes away with the build. What the build may use of a
covered directory is put back into it, links on the way included.
"""

from __future__ import annotations

import ctypes
import os

from hutch.build.sandbox.system import Failed, Report, call, libc, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["Mounts", "make_read_only"]

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND = 1, 2, 4, 8, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
SYS_MOUNT_SETATTR = 442
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
MOST_MOUNTS = 400
"""For the bytecode of a backend; where it is larger, its modules are compiled at each call."""


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    what = f"mount on {target}"
    names = (os.fsencode(source), os.fsencode(target), kind.encode() if kind else None)
    call(what, libc.mount(*names, ctypes.c_ulong(flags), options.encode() or None))


def set_read_only(path: str, on: bool, flags: int = 0) -> None:
    """Set or clear "read-only" of the mount at ``path``, whatever else it has been locked to."""
    change = number(MS_RDONLY if on else 0) + number(0 if on else MS_RDONLY) + bytes(16)
    call(
        f"mount_setattr of {path}",
        libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), flags, change, ctypes.c_long(32)),
    )


def make_read_only(plan: dict[str, Any]) -> None:
    """Every mount read-only, but for the directories of the build. Landlock lets everybody change modes and
    times of what they own, and some kernels have no Landlock."""
    own = Names().real((*plan["writable"], *plan["fresh"], *plan["shared-memory"]))
    if len(plan["bytecode"]) <= MOST_MOUNTS:
        own += plan["bytecode"]
    for path in own:
        mount(path, path, None, MS_BIND | MS_REC)
    set_read_only("/", True, AT_RECURSIVE)
    for path in own:
        set_read_only(path, False, AT_RECURSIVE)
    for path in plan["protected"]:
        if os.path.lexists(path) and not os.path.islink(path):
            mount(path, path, None, MS_BIND | MS_REC)
            set_read_only(path, True, AT_RECURSIVE)


def below(path: str, directory: str) -> bool:
    """Whether ``path`` is ``directory`` or lies in it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


class Mounts:
    """Homes, temporary directories and sockets are covered; what the build may use is put back."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        names = Names()
        self.links = names.links
        self.writable = names.real(plan["writable"])
        self.roots = sorted({*self.writable, *names.real(plan["readable"])})
        self.hidden = names.real(plan["hidden"])
        self.temporary = names.real(plan["temporary"])
        inside = [path for path in plan["secret"] if any(below(path, root) for root in self.roots)]
        self.secret = [path for path in names.real(inside) if path not in self.roots]
        self.covered: list[str] = []

    def make(self, report: Report) -> None:
        mount("none", "/", None, MS_REC | MS_PRIVATE)
        for path in self.hidden:
            if path != "/" and not any(below(path, root) for root in self.roots):
                self.hide(path)
        for path in self.secret:
            if any(below(path, root) for root in self.roots):
                self.hide(path)
        for path, target in self.links.items():
            if any(below(path, one) for one in self.covered) and not os.path.lexists(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                os.symlink(target, path)
        if "/dev" in self.covered:
            # Whoever is root owns the disks: without their nodes "read-only" is more than a word.
            for which, name in enumerate(("stdin", "stdout", "stderr")):
                os.symlink(f"/proc/self/fd/{which}", f"/dev/{name}")
            os.symlink("/proc/self/fd", "/dev/fd")
            for path in self.plan["shared-memory"]:
                os.makedirs(path, exist_ok=True)
        for path in self.plan["shared-memory"]:
            if os.path.isdir(path):
                mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
        try:
            mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        except Failed as error:
            report.say("processes-seen", str(error))

    def hide(self, path: str) -> None:
        """Cover ``path``, and put back the roots in it."""
        if any(below(path, one) for one in self.covered) and not any(below(path, one) for one in self.roots):
            return  # hidden already with what is around it
        if not os.path.isdir(path):
            mount("/dev/null", path, None, MS_BIND)
            return
        inside = [root for root in self.roots if below(root, path)]
        inside = [root for root in inside if not any(below(root, one) and root != one for one in inside)]
        back = [(root, os.open(root, os.O_PATH | os.O_CLOEXEC), os.path.isdir(root)) for root in inside]
        temporary = path in self.temporary
        mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777" if temporary else "mode=0755")
        self.covered.append(path)
        self.plan["readable"].append(path)  # there is nothing in it but what may be read
        if temporary and all(any(below(root, one) for one in self.writable) for root in inside):
            # A temporary directory of the build's own. Nothing that it may only read is put back there.
            self.plan["fresh"].append(path)
        for root, descriptor, is_directory in back:
            os.makedirs(root if is_directory else os.path.dirname(root), exist_ok=True)
            if not is_directory:
                os.close(os.open(root, os.O_CREAT | os.O_WRONLY, 0o600))
            mount(f"/proc/self/fd/{descriptor}", root, None, MS_BIND | MS_REC)
            os.close(descriptor)


class Names:
    """The real names of paths, and the links on the way, each looked at once."""

    def __init__(self) -> None:
        self.links: dict[str, str] = {}
        self._plain: set[str] = set()

    def real(self, paths: Iterable[str]) -> list[str]:
        """The real names of those that are there, the outer ones first."""
        return sorted(path for path in {self._real(path) for path in paths} if os.path.exists(path))

    def _real(self, path: str) -> str:
        ahead = path.split("/")[::-1]
        here, followed = "", 0
        while ahead and followed < 40:
            part = ahead.pop()
            if part in ("", "."):
                continue
            if part == "..":
                here = os.path.dirname(here).rstrip("/")
                continue
            step = f"{here}/{part}"
            target = self._target(step)
            if target is None:
                here = step
                continue
            followed += 1
            if target.startswith("/"):
                here = ""
            ahead += target.split("/")[::-1]
        return here or "/"

    def _target(self, step: str) -> str | None:
        """What the link ``step`` says; None if it is none."""
        if step in self._plain:
            return None
        if step not in self.links:
            try:
                self.links[step] = os.readlink(step)
            except OSError:
                self._plain.add(step)
                return None
        return self.links[step]
