"""What a channel says of one package file: a record (CEP 36, and CEP 34 of ``info/index.json``)."""

from __future__ import annotations

import re
from itertools import repeat
from operator import call

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_WORD = r"[A-Za-z0-9_][A-Za-z0-9_.+!-]*"
_WORDS = re.compile(rf"{_WORD}\n{_WORD}\n{_WORD}")
"""Name, version and build, in lines: none of them has a line's end in it."""
_LONGEST = 200
"""Characters of name, version and build together, which become the name of a file; 80 are met."""
_MOST = 1 << 62

__all__ = ["RECORD_ROW", "CondaRecord", "record_from_json", "record_of", "row_from_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRecord:
    """One package file of a channel.

    ``channel`` is the channel's address without credentials and without a slash at its end; ``filename``
    tells the archive's form by its ending. ``depends`` and ``constrains`` are MatchSpecs as text;
    ``timestamp`` counts milliseconds, ``size`` bytes. ``noarch`` is ``python``, ``generic`` or empty.
    ``purls`` are None where the channel does not say what the package is elsewhere. ``base`` is the address
    of the folder that has the file, where that is another than the subdir's (`base_url`, CEP 15).
    ``extra_depends`` are what its extras need, by name (CEP 44).
    """

    name: str
    version: str
    build: str
    build_number: int = 0
    subdir: str = "noarch"
    channel: str = ""
    filename: str = ""
    sha256: str = ""
    md5: str = ""
    size: int | None = None
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    timestamp: int = 0
    noarch: str = ""
    track_features: tuple[str, ...] = ()
    license: str = ""
    purls: tuple[str, ...] | None = None
    site_packages: str = ""
    base: str = ""
    extra_depends: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def url(self) -> str:
        """Where the file is."""
        return f"{self.base or f'{self.channel}/{self.subdir}'}/{self.filename}"

    @property
    def label(self) -> str:
        """What people call it: ``numpy 2.3.5 py312h33ff503_0``."""
        return f"{self.name} {self.version} {self.build}"


RECORD_ROW = (
    "name", "version", "build", "build_number", "subdir", "filename", "sha256", "md5", "size", "depends",
    "constrains", "timestamp", "noarch", "track_features", "license", "purls", "site_packages", "base",
    "extra_depends", "channel",
)  # fmt: skip
"""The order in which `record_of` takes what a record has."""
_PUT = tuple(getattr(CondaRecord, name).__set__ for name in RECORD_ROW)


def record_of(row: tuple[Any, ...]) -> CondaRecord:
    """A record out of its values: there are thousands in a solve, so they are made the short way."""
    if len(row) != len(_PUT):
        raise ValueError("this is no row of a record")
    record = object.__new__(CondaRecord)
    any(map(call, _PUT, repeat(record), row))  # none of them returns anything
    return record


def record_from_json(
    data: Mapping[str, Any], filename: str = "", *, channel: str = "", subdir: str = "", base: str = ""
) -> CondaRecord | None:
    """The record that a repodata entry says; None where it lacks what every record has.

    A channel is not ours: what has another type than it should counts as not said.
    """
    row = row_from_json(data, filename, subdir=subdir, base=base)
    return None if row is None else record_of((*row, channel))


def row_from_json(
    data: Mapping[str, Any], filename: str = "", *, subdir: str = "", base: str = ""
) -> tuple[Any, ...] | None:
    """As `record_from_json`, the values alone and without the channel: what tables of the store keep."""
    get = data.get
    name, version, build = get("name"), get("version"), get("build")
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(build, str)):
        return None
    words = f"{name}\n{version}\n{build}"
    if len(words) > _LONGEST + 2 or _WORDS.fullmatch(words) is None:
        return None  # they become the name of a file
    sha256: Any = get("sha256")
    md5: Any = get("md5")
    try:  # one look at both, where both are as nearly all are
        plain = (
            len(sha256) == 64
            and len(md5) == 32
            and isinstance(sha256, str)
            and len(bytes.fromhex(sha256 + md5)) == 48
        )
    except (TypeError, ValueError):
        plain = False
    depends, constrains, extras = get("depends"), get("constrains"), get("extra_depends")
    noarch, timestamp, purls = get("noarch"), _number(get("timestamp")), get("purls")
    features = get("track_features") or ()
    if isinstance(features, str):
        features = features.replace(",", " ").split()
    return (
        name.lower(),
        version,
        build,
        _number(get("build_number")),
        _text(get("subdir")) or subdir or "noarch",
        filename or _text(get("fn")),
        sha256.lower() if plain else _hash(sha256, 32),
        md5.lower() if plain else _hash(md5, 16),
        _number(get("size")) or None,
        _texts(depends) if depends else (),
        _texts(constrains) if constrains else (),
        # Some are in seconds: what would be 1970 in milliseconds.
        timestamp * 1000 if 0 < timestamp < 253_402_300_799 else timestamp,
        noarch if isinstance(noarch, str) else "generic" if noarch is True else "",
        _texts(features) if features else (),
        _text(get("license")),
        _texts(purls) if isinstance(purls, (list, tuple)) else None,
        _text(get("python_site_packages_path")),
        base,
        _extras(extras) if extras else (),
    )


def _extras(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not value or not isinstance(value, dict):
        return ()
    return tuple([(key, _texts(each)) for key, each in sorted(value.items()) if isinstance(key, str) and key])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    if type(value) is int:
        return value if 0 <= value < _MOST else 0
    return int(value) if isinstance(value, float) and 0 <= value < _MOST else 0


def _hash(value: object, size: int) -> str:
    """A hash of ``size`` bytes in lower-case digits; so many bytes, as a shard has them."""
    try:
        data = bytes.fromhex(value) if isinstance(value, str) else value
    except ValueError:
        return ""
    if not isinstance(data, bytes) or len(data) != size:
        return ""
    if isinstance(value, str):
        return value.lower() if len(value) == 2 * size else ""  # blanks may stand between bytes
    return data.hex()


def _texts(value: object) -> tuple[str, ...]:
    if not value or not isinstance(value, (list, tuple)):
        return ()
    try:
        "".join(value)  # is it all text?
    except TypeError:
        return tuple([each for each in value if each and isinstance(each, str)])
    return tuple(value) if "" not in value else tuple(filter(None, value))
