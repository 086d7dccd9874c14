"""From the entries of a page to versions in order: the hot loop of a cold lock.

A hundred pages hold thirty thousand entries. So nothing is parsed twice: the project's name is
compared once for each spelling, a version once for each text, and everything else about a file
waits until somebody asks for that version (see ``page``).
"""

from __future__ import annotations

from hutch.index.json_page import InvalidPage
from hutch.index.links import resolve_link
from hutch.index.page import Page, Record
from hutch.spec import (
    InvalidVersion,
    NormalizedName,
    VersionKey,
    canonical_version,
    is_prerelease,
    normalize,
    parse_sdist_name,
    version_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


__all__ = ["digest"]

MOST_VERSIONS = 20_000
# Different texts of `requires-python`: of each a mask of all versions is kept. A project has a dozen.
_MOST_PYTHONS = 300
_SDIST_ENDINGS = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tbz", ".txz")


def digest(
    entries: Iterable[Any],
    *,
    name: NormalizedName,
    index: str,
    url: str,
    base: str,
    status: str = "active",
    status_reason: str = "",
) -> Page:
    """Group ``entries`` (as the JSON form of the Simple API has them) by version.

    ``base`` is what relative links are relative to. Left out: what is neither a wheel nor a source
    distribution of the project ``name``, has no valid version, or lies where we do not follow. Raises
    ``InvalidPage`` for more versions than a solver could walk through.
    """
    known_keys: dict[str, VersionKey] = {}
    groups = _group(entries, name, base, known_keys)
    by_key: dict[VersionKey, list[str]] = {}
    for text in groups:
        by_key.setdefault(known_keys.get(text) or version_key(text), []).append(text)
    if len(by_key) > MOST_VERSIONS:
        raise InvalidPage("it has more versions than any project")
    keys = sorted(by_key)
    versions, records = [], []
    prerelease = yanked = wheels = sdists = 0
    pythons: dict[str, int] = {}
    for position, key in enumerate(keys):
        texts = by_key[key]
        if len(texts) == 1:
            text, files = texts[0], groups[texts[0]]
        else:
            # "1.0" and "1.0.0" are one version: in the spelling of its wheels, if they agree.
            files = [record for each in texts for record in groups[each]]
            text = min(texts, key=lambda each: (not _has_wheel(groups[each]), -len(each), each))
        versions.append(canonical_version(text))
        records.append(tuple(files))
        bit = 1 << position
        if is_prerelease(key):
            prerelease |= bit
        if files[0][5] is not None and all(record[5] is not None for record in files):
            yanked |= bit
        python = files[0][4]
        if python and (len(files) == 1 or len({record[4] for record in files}) == 1):
            pythons[python] = pythons.get(python, 0) | bit
        count = sum([record[0][-4:] == ".whl" for record in files])
        if count:
            wheels |= bit
        if count != len(files):
            sdists |= bit
    return Page(
        name=name,
        index=index,
        url=url,
        versions=tuple(versions),
        keys=tuple(keys),
        prerelease=prerelease,
        yanked=yanked,
        wheels=wheels,
        sdists=sdists,
        requires_python=tuple(pythons.items()),
        status=status,
        status_reason=status_reason,
        records=list(records),
    )


def _has_wheel(records: list[Record]) -> bool:
    return any(record[0][-4:] == ".whl" for record in records)


def _group(
    entries: Iterable[Any], name: NormalizedName, base: str, keys: dict[str, VersionKey]
) -> dict[str, list[Record]]:
    """Version text → records, in the order of the page. ``keys`` gets the sort keys that were met."""
    groups: dict[str, list[Record]] = {}
    spellings: set[str] = set()
    pythons: set[str] = set()
    origin = base[: base.find("/", 8)] if base[:4] == "http" else ""
    for entry in entries:
        try:
            filename = entry["filename"]
            link = entry["url"]
            if len(filename) > 255:
                continue
            is_wheel = filename[-4:] == ".whl"
            if is_wheel:
                spelling, version, rest = filename.split("-", 2)
                if not 2 <= rest.count("-") <= 3:
                    continue  # three tags, and perhaps a build number before them
            else:
                stem = filename[:-7] if filename[-7:] == ".tar.gz" else filename[: filename.rindex(".")]
                spelling, _, version = stem.rpartition("-")
            group = groups.get(version) if spelling in spellings else None
            if group is None:
                if normalize(spelling) == name:
                    spellings.add(spelling)
                known = _version_of(filename, is_wheel, spelling, version, name, keys)
                if known is None:
                    continue
                group = groups.setdefault(known, [])
            elif not is_wheel and not filename.endswith(_SDIST_ENDINGS):
                continue
            if "/" in filename:
                continue
            if link[:8] != "https://" or "@" in link:
                # Most indexes that do not give whole addresses give whole paths.
                if origin and link[:1] == "/" and link[1:2] != "/" and "\\" not in link:
                    link = origin + link
                else:
                    link = resolve_link(base, link)
            if "#" in link:
                link = link[: link.index("#")]
            get = entry.get
            hashes = get("hashes")
            if hashes and len(hashes) == 1 and "sha256" in hashes:
                hashes = hashes["sha256"]
            metadata = get("core-metadata")
            if metadata is None:
                metadata = get("dist-info-metadata")
            python = get("requires-python")
            if python is not None and python not in pythons:
                if type(python) is not str or len(pythons) >= _MOST_PYTHONS:
                    continue
                pythons.add(python)
            group.append(
                (
                    filename,
                    link,
                    hashes,
                    get("size"),
                    python,
                    get("yanked") or None,
                    metadata,
                    get("upload-time"),
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            continue  # not what an entry should be
    return {text: group for text, group in groups.items() if group}


def _version_of(
    filename: str, is_wheel: bool, spelling: str, version: str, name: str, keys: dict[str, VersionKey]
) -> str | None:
    """The version that a file name tells, None if it is not one of the project ``name``."""
    if not is_wheel:
        # Only the project tells where a name ends: "foo-1.0-1.tar.gz" is 1.0-1 of foo.
        return parse_sdist_name(filename, name)
    if normalize(spelling) != name:
        return None
    if version not in keys:
        try:
            keys[version] = version_key(version)
        except InvalidVersion:
            return None
    return version
