"""What can go wrong with the store, or with a wheel on its way into it.

Problem
├── StoreProblem       the store's folder cannot be written or is not what it should be
│   ├── NotAStore      the folder is somebody else's
│   └── StoreBusy      another process holds what we waited for
├── InvalidWheel       an archive that is not a wheel as the specification has it
└── InvalidCondaPackage  an archive that is not a conda package as the specification has it
"""

from __future__ import annotations

import errno

from hutch.errors import Problem, some_lines
from hutch.spec.names import safe_text

__all__ = ["InvalidCondaPackage", "InvalidWheel", "NotAStore", "StoreBusy", "StoreProblem", "store_problem"]


_LONGEST = 400  # letters of one reason
TRUSTED_LARGE = (
    "if you trust it, raise the limits: HUTCH_ARCHIVE_SIZE_LIMIT=20GiB, HUTCH_ARCHIVE_MEMBER_LIMIT=1000000",
    "take another version",
)


class StoreProblem(Problem):
    """The store cannot be used for what was asked; ``path`` is the place that refused."""

    code = "store"

    def __init__(
        self, what: str, *, path: str, why: str | tuple[str, ...] = (), hint: str | tuple[str, ...] = ()
    ) -> None:
        super().__init__(safe_text(what), why=why, hint=hint)
        self.path = path


class NotAStore(StoreProblem):
    """The folder was not made by hutch, so nothing in it is ours to remove or to add to."""

    code = "not-a-store"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"{path} is not a store of hutch",
            path=path,
            why=why,
            hint="choose a folder of its own with --cache-dir or HUTCH_CACHE_DIR",
        )


class StoreBusy(StoreProblem):
    """Another process held the lock ``name`` for longer than ``seconds``; ``holder`` says who, if known."""

    code = "store-busy"

    def __init__(self, name: str, seconds: float, *, holder: str, path: str) -> None:
        who = holder or "another process"
        waited = f"waited {seconds:g} s for {who}, which holds" if seconds else f"{who} holds"
        super().__init__(
            f"{waited} the lock '{name}'",
            path=path,
            hint="wait for it to finish, or end it, and run the command again",
        )
        self.name = name
        self.seconds = seconds
        self.holder = holder


class InvalidWheel(Problem):
    """The archive ``filename`` was refused; ``reasons`` are all the faults that were found.

    Reading stops at the first fault that makes the rest meaningless (a broken directory), so there
    may be more. ``too_much``: it is beyond the limits, which the user may raise.
    """

    code = "invalid-wheel"

    def __init__(self, filename: str, reasons: str | tuple[str, ...], *, too_much: bool = False) -> None:
        self.filename, self.reasons, shown = _refused(filename, reasons)
        super().__init__(
            f"{self.filename} is not a valid wheel",
            why=shown,
            hint=TRUSTED_LARGE
            if too_much
            else "nothing of it was installed; report it to its author, or take another version",
        )


class InvalidCondaPackage(Problem):
    """The archive ``filename`` was refused; ``reasons`` say why. ``too_much``: it is beyond the limits."""

    code = "invalid-conda-package"

    def __init__(self, filename: str, reasons: str | tuple[str, ...], *, too_much: bool = False) -> None:
        self.filename, self.reasons, shown = _refused(filename, reasons)
        super().__init__(
            f"{self.filename} is not a valid conda package",
            why=shown,
            hint=TRUSTED_LARGE
            if too_much
            else "nothing of it was installed; report it to its channel, or take another build",
        )


def _refused(filename: str, reasons: str | tuple[str, ...]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Name and reasons as texts for a terminal, and those of the reasons that are shown there."""
    every = tuple(_short(safe_text(each)) for each in _tuple(reasons))
    return _short(safe_text(filename)), every, some_lines(every, 5)


def _tuple(texts: str | tuple[str, ...]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else texts


def _short(text: str) -> str:
    """A name in an archive may have thousands of letters; a message says enough with some of them."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


_HINTS = {
    errno.ENOSPC: "free some space, or move the cache with --cache-dir or HUTCH_CACHE_DIR",
    errno.EROFS: "move the cache to a place that can be written with --cache-dir or HUTCH_CACHE_DIR",
}
_HINTS[errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC] = _HINTS[errno.ENOSPC]
_HINTS[errno.EFBIG] = _HINTS[errno.ENOSPC]
_HINTS[errno.EACCES] = _HINTS[errno.EPERM] = _HINTS[errno.EROFS]
_HINTS[errno.EEXIST] = _HINTS[errno.ENOTDIR] = "name a directory with --cache-dir or HUTCH_CACHE_DIR"


def store_problem(error: OSError, doing: str, path: str) -> StoreProblem:
    """``error``, met while ``doing`` (a gerund with its object) something at ``path``, for people."""
    reason = error.strerror or str(error)
    hint = _HINTS.get(error.errno or 0, ())
    return StoreProblem(f"{safe_text(doing)} failed: {reason}", path=path, why=f"at {path}", hint=hint)
