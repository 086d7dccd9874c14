"""Whether a file is the one that a hash names."""

from __future__ import annotations

import hashlib

__all__ = ["check_hash"]


def check_hash(descriptor: int, filename: str, expected: str) -> None:
    """HashMismatch unless the file open at ``descriptor`` has this SHA-256."""
    with open(descriptor, "rb", buffering=0, closefd=False) as stream:
        actual = hashlib.file_digest(stream, "sha256").hexdigest()
    if actual != expected:
        from hutch.spec.hashes import HashMismatch

        raise HashMismatch(expected=f"sha256:{expected}", actual=f"sha256:{actual}", what=filename)
