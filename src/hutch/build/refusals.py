"""What the output of a failed build says about the sandbox: was it refused something, and what helps.

The kernel tells the build and nobody else what it refuses, so this reads what the build said about it. It is
asked only where there was a sandbox, and of what it closed.
"""

from __future__ import annotations

import os
import re

from hutch.build.sandbox.roots import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.build.sandbox import SandboxReport

__all__ = ["refusal_hints"]

_NETWORK = re.compile(
    r"Temporary failure in name resolution|Name or service not known|Could not resolve host"
    r"|nodename nor servname|Network is unreachable|getaddrinfo failed|\[Errno -[23]\]|\[Errno 101\]"
    r"|unable to resolve host|dns error|Could not resolve proxy"
    r"|failed to lookup address|but --offline was specified|you're using offline mode|CARGO_NET_OFFLINE"
    r"|Failed to establish a new connection|urlopen error|gaierror",
    re.I,
)
_DENIED = re.compile(
    r"(?:Permission denied|Operation not permitted|Read-only file system|EACCES|EPERM|EROFS"
    r"|os error (?:1|13|30)\b)",
    re.I,
)
_MISSING = re.compile(r"No such file or directory|FileNotFoundError|cannot find|does not exist", re.I)
_PATH = re.compile(r"""(?:^|[\s'"`(=:])(/[^\s'"`():;,]+)""")


def refusal_hints(
    output: str,
    report: SandboxReport | None,
    *,
    name: str,
    own: tuple[str, ...],
    readable: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Things to do, for the output of a build of ``name`` that failed in a sandbox; () where the sandbox is
    no likely cause. ``own`` are the directories of the build, ``readable`` those that it could read, and
    ``hidden`` those that it does not see."""
    if report is None:
        return ()
    tail = output[-65536:]
    hints: list[str] = []
    if report.network and _NETWORK.search(tail):
        known = f'build-network = ["{name}"]' if name else "its name in build-network"
        hints.append(
            f"the sandbox has no network: {known} in [tool.hutch] opens it for this build;"
            " --no-sandbox builds without a sandbox"
        )
    if report.files:
        refused = _refused_path(tail, own, readable, hidden if report.mounts else ())
        if refused:
            path, wanted = refused
            hints.append(
                f"the sandbox keeps {path} from builds: HUTCH_SANDBOX_{wanted.upper()}={_directory(path)}, or"
                f" sandbox-{wanted} in your own hutch.toml, lets them have it; --no-sandbox builds without a"
                " sandbox"
            )
    return tuple(hints)


def _refused_path(
    text: str, own: tuple[str, ...], readable: tuple[str, ...], hidden: tuple[str, ...]
) -> tuple[str, str] | None:
    """The last path that something was denied for, or that is only missing because it is hidden, and whether
    it was to be read or written; nothing that would be refused without a sandbox too."""
    found: tuple[str, str] | None = None
    for line in text.splitlines():
        denied, missing = _DENIED.search(line) is not None, _MISSING.search(line) is not None
        if not denied and not missing:
            continue
        for path in _PATH.findall(line):
            path = os.path.normpath(path)
            if path.count("/") < 2 or any(below(path, one) for one in own):
                continue
            unseen = any(below(path, one) for one in hidden)
            if not unseen and not denied:
                continue
            seen = any(below(path, one) for one in readable)
            if os.path.lexists(path) and not seen and "ead-only" not in line:
                if os.access(path, os.R_OK):
                    found = path, "read"
            elif os.access(path if os.path.lexists(path) else os.path.dirname(path), os.W_OK):
                found = path, "write"
    return found


def _directory(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)
