"""Digests of files as ``(algorithm, hex)``, and which of them prove anything.

Only SHA-2 of 256 bits and more counts as proof; md5 and sha1, that old pages and locks carry, are
read and passed over, never trusted.
"""

from __future__ import annotations

from hutch.errors import Problem

from .names import safe_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Hash: TypeAlias = tuple[str, str]
else:
    Hash = tuple

__all__ = [
    "PROOF_ALGORITHMS",
    "Hash",
    "HashMismatch",
    "InvalidHash",
    "best_hash",
    "parse_hash",
    "render_hash",
    "require_same_hash",
]

PROOF_ALGORITHMS: dict[str, int] = {"sha256": 64, "sha512": 128, "sha384": 96}
"""Algorithms that prove a file, in order of preference (the store is addressed by sha256), with the
length of their digests in hexadecimal digits."""

_HEX = frozenset("0123456789abcdef")


class InvalidHash(Problem):
    """A text that should be a digest is none, or one that proves nothing."""

    code = "invalid-hash"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"`{safe_text(text)}` is not a usable hash", why=safe_text(reason))
        self.text = text
        self.reason = reason


class HashMismatch(Problem):
    """The bytes that came are not the bytes that were promised."""

    code = "hash-mismatch"

    def __init__(self, *, expected: str, actual: str, what: str) -> None:
        super().__init__(
            f"the hash of {safe_text(what)} is wrong",
            why=(
                f"expected: {safe_text(expected)}",
                f"got: {safe_text(actual)}",
                "the file was damaged on its way, or changed since its hash was written down",
            ),
            hint="nothing of it was used; try again, or ask whoever offers it why it changed",
        )
        self.expected = expected
        self.actual = actual
        self.subject = what


def parse_hash(text: str) -> Hash:
    """``sha256:…`` or ``sha256=…`` -> ``("sha256", "…")``, checked; weak algorithms are refused."""
    algorithm, separator, digest = text.strip().partition("=" if "=" in text else ":")
    algorithm, digest = algorithm.strip().lower(), digest.strip().lower()
    if not separator:
        raise InvalidHash(text, "it should look like `sha256:` and 64 hexadecimal digits")
    if algorithm not in PROOF_ALGORITHMS:
        raise InvalidHash(text, f"`{algorithm}` is not accepted as proof; use sha256, sha384 or sha512")
    if len(digest) != PROOF_ALGORITHMS[algorithm] or not _HEX.issuperset(digest):
        raise InvalidHash(text, f"{algorithm} has {PROOF_ALGORITHMS[algorithm]} hexadecimal digits")
    return algorithm, digest


def render_hash(value: Hash) -> str:
    """``sha256:…``."""
    return f"{value[0]}:{value[1]}"


def best_hash(hashes: Iterable[Hash]) -> Hash | None:
    """The preferred proof among ``hashes``, or ``None`` if none of them proves anything."""
    known = {
        algorithm.lower(): digest.lower()
        for algorithm, digest in hashes
        if len(digest) == PROOF_ALGORITHMS.get(algorithm.lower())
    }
    for algorithm in PROOF_ALGORITHMS:
        if algorithm in known:
            return algorithm, known[algorithm]
    return None


def require_same_hash(expected: Hash, actual: Hash, *, what: str) -> None:
    """:class:`HashMismatch` unless both are the same digest of the same algorithm."""
    if expected[0] != actual[0] or expected[1].lower() != actual[1].lower():
        raise HashMismatch(expected=render_hash(expected), actual=render_hash(actual), what=what)
