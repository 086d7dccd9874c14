"""Locks of other tools, as values of ours: text in, ``Lock`` out, a module a format.

Each module has ``parse(text, filename, manifest) -> Lock`` and
``staleness(text, manifest, manifest_text) -> str | None``.
``parse`` makes a lock that is read by its edges (``Lock.by_edges``) wherever the format has edges; what the
format leaves out (edges, file names, addresses) stays out: ``ops`` asks the index for it. ``staleness`` says
in a sentence why the lock is not what the manifest asks for, by the tool's own rule; None where it is.
See ``docs/explanation/any-project.md``.
"""

from __future__ import annotations

from hutch.lock.formats import FORMATS, PYLOCK_OF_PDM, ForeignFormat, format_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.lock.lockfile import Lock
    from hutch.project import Manifest

__all__ = ["FORMATS", "PYLOCK_OF_PDM", "ForeignFormat", "format_of", "parse_foreign", "staleness"]


def parse_foreign(kind: ForeignFormat, text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text`` of the project ``manifest``. Raises ``InvalidLock``."""
    module = __import__(f"hutch.lock.foreign.{kind.module}", fromlist=["parse"])
    lock: Lock = module.parse(text, filename, manifest)
    return lock


def staleness(
    kind: ForeignFormat,
    text: str,
    manifest: Manifest,
    manifest_text: str,
    read: Callable[[str], str | None] | None = None,
) -> str | None:
    """Why the lock does not answer the manifest, in a sentence; None where it does.

    ``read`` gives other files, by their paths from the lock.
    """
    module = __import__(f"hutch.lock.foreign.{kind.module}", fromlist=["staleness"])
    more = (read,) if kind.looks_beside and read is not None else ()
    reason: str | None = module.staleness(text, manifest, manifest_text, *more)
    return reason
