"""Inflating: by ISA-L where it is installed, which takes half the time, else by the zlib of Python.

Both are given members of archives whose hash is proven, and what comes out is compared with its declared
size, its checksum and its hash in RECORD, so it does not matter which of them one would believe
(docs/adr/0021-unpacking-on-all-processors.md).
"""

from __future__ import annotations

import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FAULTS", "crc32", "inflater"]

FAULTS: tuple[type[Exception], ...] = (zlib.error,)
"""What an inflater raises that is given something else than deflated data."""
crc32: Callable[..., int] = zlib.crc32
_new: Callable[[int], Any] = zlib.decompressobj
try:
    from isal import isal_zlib
except ImportError:
    pass
else:
    FAULTS = (zlib.error, vars(isal_zlib)["error"])  # which its stub takes for an instance
    crc32 = isal_zlib.crc32
    _new = isal_zlib.decompressobj


def inflater() -> Any:
    """A new object like one of ``zlib.decompressobj(-15)``: for raw data, without a head."""
    return _new(-15)
