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
    from hutch.env.packing.prefix_gathering import GatheredPrefix, gather_prefix
    from hutch.env.packing.prefix_manifest import PrefixPack
    from hutch.env.packing.prefix_whole import make_prefix_whole, too_long_for
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
    "GatheredPrefix": "prefix_gathering",
    "gather_prefix": "prefix_gathering",
    "PrefixPack": "prefix_manifest",
    "make_prefix_whole": "prefix_whole",
    "too_long_for": "prefix_whole",
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
    "GatheredPrefix",
    "InvalidPack",
    "LeadsOut",
    "PackDoesNotFit",
    "PackManifest",
    "PrefixPack",
    "bundled_python",
    "format_of",
    "gather",
    "gather_prefix",
    "make_prefix_whole",
    "read_pack",
    "too_long_for",
    "unpack_into",
    "write_pack",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
