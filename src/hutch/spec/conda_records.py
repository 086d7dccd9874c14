"""What a channel says of one package file: a record (CEP 36, and CEP 34 of ``info/index.json``)."""

from __future__ import annotations

import re

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!-]*")
_LONGEST = 200
"""Characters of name, version and build together, which become the name of a file; 80 are met."""
_MOST = 1 << 62
_HEX = re.compile(r"[0-9a-f]+")

__all__ = ["CondaRecord", "record_from_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRecord:
    """One package file of a channel.

    ``channel`` is the channel's address without credentials and without a slash at its end; ``filename``
    tells the archive's form by its ending. ``depends`` and ``constrains`` are MatchSpecs as text;
    ``timestamp`` counts milliseconds, ``size`` bytes. ``noarch`` is ``python``, ``generic`` or empty.
    ``purls`` are None where the channel does not say what the package is elsewhere.
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

    @property
    def url(self) -> str:
        """Where the file is."""
        return f"{self.channel}/{self.subdir}/{self.filename}"

    @property
    def label(self) -> str:
        """What people call it: ``numpy 2.3.5 py312h33ff503_0``."""
        return f"{self.name} {self.version} {self.build}"


def record_from_json(
    data: Mapping[str, Any], filename: str = "", *, channel: str = "", subdir: str = ""
) -> CondaRecord | None:
    """The record that a repodata entry says; None where it lacks what every record has.

    A channel is not ours: what has another type than it should counts as not said.
    """
    name, version, build = (_text(data, key) for key in ("name", "version", "build"))
    words = (name, version, build)
    if len(name) + len(version) + len(build) > _LONGEST or not all(map(_WORD.fullmatch, words)):
        return None  # they become the name of a file
    noarch = data.get("noarch")
    features = data.get("track_features") or ()
    timestamp = _number(data, "timestamp")
    purls = data.get("purls")
    return CondaRecord(
        name=name.lower(),
        version=version,
        build=build,
        build_number=_number(data, "build_number"),
        subdir=_text(data, "subdir") or subdir or "noarch",
        channel=channel,
        filename=filename or _text(data, "fn"),
        sha256=_hash(data, "sha256", 64),
        md5=_hash(data, "md5", 32),
        size=_number(data, "size") or None,
        depends=_texts(data.get("depends")),
        constrains=_texts(data.get("constrains")),
        # Some are in seconds: what would be 1970 in milliseconds.
        timestamp=timestamp * 1000 if 0 < timestamp < 253_402_300_799 else timestamp,
        noarch=noarch if isinstance(noarch, str) else "generic" if noarch is True else "",
        track_features=_texts(features.replace(",", " ").split() if isinstance(features, str) else features),
        license=_text(data, "license"),
        purls=_texts(purls) if isinstance(purls, list | tuple) else None,
        site_packages=_text(data, "python_site_packages_path"),
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _number(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and 0 <= value < _MOST else 0  # type: ignore[operator, arg-type]


def _hash(data: Mapping[str, Any], key: str, length: int) -> str:
    value = _text(data, key).lower()
    return value if len(value) == length and _HEX.fullmatch(value) else ""


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple([each for each in value if each and isinstance(each, str)])
