"""From the entries of a page to versions in order: the hot loop of a cold lock.

A hundred pages hold thirty thousand entries. So what can be asked of all of them at once is (is any link an
odd one, any name?), the project's name is compared once for each spelling, a version read once for each
text, and everything else about a file waits until somebody asks for that version (see ``entries``).
"""

from __future__ import annotations

from hutch.index.entries import Entries, follow
from hutch.index.json_page import InvalidPage
from hutch.index.page import Page
from hutch.spec import (
    InvalidVersion,
    NormalizedName,
    VersionKey,
    is_prerelease,
    key_and_spelling,
    normalize,
    parse_sdist_name,
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
_MANY = 10_000  # entries of a page that are not kept as they are: they take twice as much memory as records
_NOTHING = "\n"  # begins no name of a file


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
    groups = _Groups(name, base)
    whole = list(entries)
    groups.add(whole)
    by_key: dict[VersionKey, list[str]] = {}
    for text, files in groups.files.items():
        if files:
            key = groups.read[text][0]
            if (known := by_key.get(key)) is None:
                by_key[key] = [text]
            else:
                known.append(text)
    if len(by_key) > MOST_VERSIONS:
        raise InvalidPage("it has more versions than any project")
    keys = sorted(by_key)
    versions: list[str] = []
    records: list[Any] = []
    prerelease = yanked = wheels = sdists = 0
    pythons: dict[str, int] = {}
    bit = 1
    for key in keys:
        texts = by_key[key]
        text = texts[0]
        files = groups.files[text]
        if len(texts) > 1:
            # "1.0" and "1.0.0" are one version: in the spelling of its wheels, if they agree.
            files = [entry for each in texts for entry in groups.files[each]]
            text = min(texts, key=lambda each: (each not in groups.wheels, -len(each), each))
        versions.append(groups.read[text][1])
        found = Entries(files, base, groups.prefix)
        records.append(found.records() if len(whole) > _MANY else found)
        if is_prerelease(key):
            prerelease |= bit
        first = files[0].get
        if first("yanked") and all(entry.get("yanked") for entry in files):
            yanked |= bit
        python = first("requires-python")
        if python and (len(files) == 1 or len({entry.get("requires-python") for entry in files}) == 1):
            pythons[python] = pythons.get(python, 0) | bit
        if not groups.wheels.isdisjoint(texts):
            wheels |= bit
        if not groups.sdists.isdisjoint(texts):
            sdists |= bit
        bit <<= 1
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
        records=records,
    )


class _Groups:
    """The entries of a project by the text of their version, in the order of the page.

    ``read`` has the sort key and the normal spelling of each text; ``wheels`` and ``sdists`` are the texts
    that have such a file. A text may have no files: those that it had were not right. ``prefix`` makes whole
    addresses of the links, None where each has to be looked at.
    """

    __slots__ = ("_base", "_name", "_pythons", "_spellings", "files", "prefix", "read", "sdists", "wheels")

    def __init__(self, name: NormalizedName, base: str) -> None:
        self._name = name
        self._base = base
        self._spellings: set[str] = set()
        self._pythons: set[str] = set()
        self.files: dict[str, list[Any]] = {}
        self.read: dict[str, tuple[VersionKey, str]] = {}
        self.wheels: set[str] = set()
        self.sdists: set[str] = set()
        self.prefix: str | None = None

    def add(self, entries: list[Any]) -> None:
        """Put each entry where it belongs, if it is what an entry should be."""
        self.prefix = _common_prefix(entries, self._base)
        right = self.prefix is not None
        text, group = "", []
        beginning = source = _NOTHING
        for entry in entries:
            try:
                filename = entry["filename"]
                # Most are one more wheel of the version before (three tags, and perhaps a build number before
                # them), or its source.
                if right and filename.startswith(beginning):
                    if filename[-4:] == ".whl" and 4 <= filename.count("-") <= 5:
                        group.append(entry)
                        continue
                elif filename == source and right:
                    self.sdists.add(text)
                    group.append(entry)
                    continue
                if not right and not self._is_right(entry):
                    continue
                known, beginning = self._place(filename)
                source = f"{beginning[:-1]}.tar.gz" if beginning is not _NOTHING else _NOTHING
                if known is None:
                    continue
                text = known
                group = self.files[text]
                (self.wheels if filename[-4:] == ".whl" else self.sdists).add(text)
                group.append(entry)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                continue  # not what an entry should be

    def _is_right(self, entry: Any) -> bool:
        """What is asked of all at once where that can be, asked of one."""
        filename = entry["filename"]
        if type(filename) is not str or len(filename) > 255 or "/" in filename:
            return False
        follow(self._base, entry["url"])
        python = entry.get("requires-python")
        if python is not None and python not in self._pythons:
            if type(python) is not str or len(self._pythons) >= _MOST_PYTHONS:
                return False
            self._pythons.add(python)
        return True

    def _place(self, filename: str) -> tuple[str | None, str]:
        """The text of the version of a file, None if it has none; how other wheels of it begin."""
        is_wheel = filename[-4:] == ".whl"
        if is_wheel:
            spelling, version, rest = filename.split("-", 2)
            if not 2 <= rest.count("-") <= 3:
                return None, _NOTHING
        else:
            stem = filename[:-7] if filename[-7:] == ".tar.gz" else filename[: filename.rindex(".")]
            spelling, _, version = stem.rpartition("-")
        known: str | None = version
        ours = spelling in self._spellings
        if not ours and normalize(spelling) == self._name:
            self._spellings.add(spelling)
            ours = True
        if not ours or version not in self.files:
            if is_wheel:
                known = version if ours else None
            elif not (ours and filename[-7:] == ".tar.gz" and self._reads(version)):
                # Only the project tells where a name ends: "foo-1.0-1.tar.gz" is 1.0-1 of foo.
                known = parse_sdist_name(filename, self._name)
            if known is None or not self._reads(known):
                return None, _NOTHING
            self.files.setdefault(known, [])
        elif not is_wheel and not filename.endswith(_SDIST_ENDINGS):
            return None, _NOTHING
        return known, f"{spelling}-{version}-" if is_wheel else _NOTHING

    def _reads(self, text: str) -> bool:
        """Read the text of a version, if it is one."""
        if text not in self.read:
            try:
                self.read[text] = key_and_spelling(text)
            except InvalidVersion:
                return False
        return True


def _common_prefix(entries: list[Any], base: str) -> str | None:
    """What makes whole addresses of all links, if all names are names of files, and all texts are texts.

    None where it is not so, or cannot be told at once; then each entry is looked at by itself.
    """
    try:
        names = [entry["filename"] for entry in entries]
        links = "\n" + "\n".join([entry["url"] for entry in entries])
        pythons = {entry.get("requires-python") for entry in entries}
        if "/" in "".join(names) or not names or max(map(len, names)) > 255:
            return None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None
    pythons.discard(None)
    if len(pythons) > _MOST_PYTHONS or not set(map(type, pythons)) <= {str}:
        return None
    if links.count("\n") != len(entries) or "@" in links or "\\" in links or "#" in links:
        return None
    if links.count("\nhttps://") == len(entries):
        return ""
    if links.count("\n/") == len(entries) and "\n//" not in links and base[:4] == "http":
        return base[: base.find("/", 8)]
    return None
