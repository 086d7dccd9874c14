"""Environments as archives that can be put somewhere else: packed by `pack`, restored by `unpack`.

The format is decided in docs/adr/0030. `gather` says what will be in an archive, `archives` writes one,
`manifest` is what stands at its beginning, `unpacking` believes none of it.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env.packing.archives import FORMATS, format_of, write_pack
    from hutch.env.packing.bundled import bundled_python
    from hutch.env.packing.gathering import Gathered, gather
    from hutch.env.packing.manifest import MANIFEST, PackManifest
    from hutch.env.packing.problems import (
        CannotMovePython,
        InvalidPack,
        LeadsOut,
        PackDoesNotFit,
    )
    from hutch.env.packing.unpacking import read_pack, unpack_into

_HOMES = {
    "FORMATS": "archives",
    "format_of": "archives",
    "write_pack": "archives",
    "bundled_python": "bundled",
    "Gathered": "gathering",
    "gather": "gathering",
    "MANIFEST": "manifest",
    "PackManifest": "manifest",
    "CannotMovePython": "problems",
    "InvalidPack": "problems",
    "LeadsOut": "problems",
    "PackDoesNotFit": "problems",
    "read_pack": "unpacking",
    "unpack_into": "unpacking",
}

__all__ = [
    "FORMATS",
    "MANIFEST",
    "CannotMovePython",
    "Gathered",
    "InvalidPack",
    "LeadsOut",
    "PackDoesNotFit",
    "PackManifest",
    "bundled_python",
    "format_of",
    "gather",
    "read_pack",
    "unpack_into",
    "write_pack",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
