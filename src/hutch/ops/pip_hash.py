"""``hutch pip hash``: the hash of a file, as it is written behind a requirement."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["PipHashOptions", "PipHashOutcome", "pip_hash"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipHashOptions:
    """The options of ``pip hash``, named as on the command line."""

    files: tuple[str, ...] = ()
    algorithm: str = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipHashOutcome:
    """(file as it was named, digest) of each."""

    algorithm: str
    digests: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "files": [{"file": name, "hash": f"{self.algorithm}:{digest}"} for name, digest in self.digests]
        }


def pip_hash(context: Context, options: PipHashOptions) -> PipHashOutcome:
    """Hash each file. Raises ``UnreadableFile`` for the first that cannot be read."""
    import hashlib

    from hutch.ops.checkout import UnreadableFile

    found = []
    for name in options.files:
        try:
            with open(context.path(name), "rb") as file:
                found.append((name, hashlib.file_digest(file, options.algorithm).hexdigest()))
        except OSError as error:
            raise UnreadableFile(context.path(name), "read", error.strerror or str(error)) from None
    return PipHashOutcome(algorithm=options.algorithm, digests=tuple(found))
