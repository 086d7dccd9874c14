"""SHA-256 of short texts, without the import of ``hashlib``.

``hashlib`` loads OpenSSL, which takes longer than hashing all keys of a command. The interpreter's
own implementation is there at once; for files, where OpenSSL is several times as fast, use ``hashlib``.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["record_digest", "record_text", "short_sha256"]

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_SHORT = 1 << 17
"""What OpenSSL would hash in less time than it takes to load it is longer."""


def short_sha256(data: bytes) -> str:
    """The digest of ``data`` in hexadecimal digits."""
    global _sha256
    if _sha256 is None:
        _sha256 = _implementation()
    digest: str = _sha256(data).hexdigest()
    return digest


def record_digest(data: bytes) -> str:
    """The digest of ``data`` as a RECORD has it: URL-safe base64 without padding."""
    if len(data) <= _SHORT:
        return record_text(bytes.fromhex(short_sha256(data)))
    from hashlib import sha256

    return record_text(sha256(data).digest())


def record_text(digest: bytes) -> str:
    """A digest as a RECORD has it. ``base64``, which knows this alphabet, imports ``re``."""
    from binascii import b2a_base64

    return b2a_base64(digest, newline=False).rstrip(b"=\n").translate(_URL_SAFE).decode("ascii")


_sha256: Any = None  # found with the first digest: a module that is not there is looked for each time


def _implementation() -> Any:
    try:
        return __import__("_sha2" if sys.version_info >= (3, 12) else "_sha256").sha256
    except ImportError:
        from hashlib import sha256

        return sha256
