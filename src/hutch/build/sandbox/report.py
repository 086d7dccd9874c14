"""What of the sandbox is there, and what is missing and why."""

from __future__ import annotations

import os

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["SandboxReport", "read_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxReport:
    """``files`` tells what keeps a build from files that are not its own (`landlock`, `mounts`, or
    nothing), ``network`` what keeps it from the network (`namespace`, `seccomp`, `landlock` for TCP
    alone, or nothing). ``mounts``: homes, temporary directories and sockets are covered; ``processes``: it
    is alone in its namespace, whose end is its own. ``missing`` are sentences on what could not be had.
    ``status`` is that of `wait`, ``not_started`` the error number where the command could not be started."""

    started: bool = False
    files: str = ""
    network: str = ""
    mounts: bool = False
    processes: bool = False
    landlock: int = 0
    missing: tuple[str, ...] = ()
    failed: str = ""
    status: int | None = None
    not_started: int = 0

    @property
    def is_closed(self) -> bool:
        """Whether files and network are closed off."""
        return bool(self.files and self.network)


_TROUBLE = {
    "namespaces-refused": "it is granted no namespaces ({})",
    "mounts-refused": "it may mount nothing in a namespace ({})",
    "processes-seen": "processes of others are seen, though not touched ({})",
}


def read_report(descriptor: int) -> SandboxReport:
    """The report of a starter that has ended."""
    import marshal

    os.lseek(descriptor, 0, os.SEEK_SET)
    said: dict[str, Any] = {}
    with open(descriptor, "rb", closefd=False) as file:
        while True:
            try:
                name, value = marshal.load(file)
            except (EOFError, ValueError, TypeError):
                break
            said[name] = value
    confined = "files" in said
    missing = [text.format(said[name]) for name, text in _TROUBLE.items() if name in said]
    if confined and said.get("landlock", 0) < 2:
        abi = said.get("landlock", 0)
        missing.append("Landlock is too old (before Linux 5.19)" if abi else "the kernel has no Landlock")
    return SandboxReport(
        started=bool(said.get("started")),
        files=said.get("files", ""),
        network=said.get("closed-network", ""),
        mounts=bool(said.get("mounts")),
        processes=bool(said.get("namespaces")),
        landlock=said.get("landlock", 0),
        missing=tuple(missing),
        failed=said.get("failed", ""),
        status=said.get("status"),
        not_started=said.get("not-started", 0),
    )
