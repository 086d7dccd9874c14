"""What is installed, as pip sees it: distributions in the order of ``sys.path`` and of the directories.

``env.installed`` knows what hutch changes; this here knows what a Python finds. Where the two could differ,
the words are those of pip: names and versions as METADATA spells them, one distribution a name (the first),
egg-info and egg-link included.
"""

from __future__ import annotations

import os

from hutch.light import cached_property
from hutch.plain import read_plain
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from email.message import Message
    from typing import Any

    from hutch.spec import NormalizedName, Requirement

__all__ = ["Dist", "Need", "find_dists", "path_of_url", "with_pth"]

LARGEST = 8 << 20
_VALID = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One Requires-Dist: its name as it is spelled, and what it means."""

    name: str
    text: str
    requirement: Requirement


class Dist:
    """One distribution; its files are read when they are asked for.

    ``info`` is its `dist-info`, `egg-info` or file of metadata; ``installed_in`` the directory in which it
    was found, which for an egg-link is not that of ``info``.
    """

    def __init__(self, info: str, installed_in: str, *, linked: bool = False) -> None:
        self.info = info
        self.location = os.path.dirname(info)
        self.installed_in = installed_in
        self.linked = linked
        """Whether it was found by an egg-link (`setup.py develop`)."""

    @cached_property
    def is_dist_info(self) -> bool:
        """The modern form, and not that of setuptools."""
        return self.info.endswith(".dist-info") and os.path.isdir(self.info)

    @cached_property
    def name(self) -> NormalizedName:
        """Its name, normalised; that of the directory counts, as for pip."""
        from hutch.spec import normalize

        stem, _, kind = os.path.basename(self.info).rpartition(".")
        if (kind == "dist-info" and stem.count("-") == 1) or kind == "egg-info":
            return normalize(stem.partition("-")[0])
        return normalize(self._head.get("name", ""))

    @cached_property
    def raw_name(self) -> str:
        """As METADATA has it."""
        return self._head.get("name") or str(self.name)

    @cached_property
    def raw_version(self) -> str:
        """As METADATA has it."""
        return self._head.get("version") or self._version_of_directory or "0"

    @cached_property
    def version(self) -> str:
        """In normal spelling; as it is where it has none."""
        from hutch.spec import InvalidVersion, canonical_version

        text = self._version_of_directory or self.raw_version
        try:
            return canonical_version(text)
        except InvalidVersion:
            return text

    @cached_property
    def pin(self) -> str:
        """``name==version``; ``===`` for versions of another century."""
        from hutch.spec import InvalidVersion, canonical_version

        try:
            return f"{self.raw_name}=={canonical_version(self.version)}"
        except InvalidVersion:
            return f"{self.raw_name}==={self.raw_version}"

    @property
    def _version_of_directory(self) -> str:
        stem, _, kind = os.path.basename(self.info).rpartition(".")
        return stem.partition("-")[2] if kind == "dist-info" and stem.count("-") == 1 else ""

    @cached_property
    def _text(self) -> str:
        for name in ("METADATA", "PKG-INFO"):
            if (text := self.read(name)) is not None:
                return text
        if os.path.isfile(self.info):
            return self.read("") or ""
        return ""

    @cached_property
    def _head(self) -> dict[str, str]:
        said: dict[str, str] = {}
        for line in self._text.splitlines():
            if not line:
                break
            key, colon, value = line.partition(":")
            if colon and not line[:1].isspace():
                said.setdefault(key.lower(), value.strip())
        return said

    def read(self, name: str) -> str | None:
        """A file of its `dist-info`; None where it is not there."""
        try:
            path = os.path.join(self.info, name) if name else self.info
            text = read_plain(path, LARGEST).decode("utf-8", "replace")
        except (OSError, ValueError):
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    @cached_property
    def metadata(self) -> Message:
        """All of METADATA, as the standard library reads it."""
        import importlib.metadata
        import os as paths
        from email.message import Message
        from typing import cast

        dist = self

        class Plain(importlib.metadata.Distribution):
            """Reads nothing but plain files."""

            def read_text(self, filename: str) -> str | None:
                if not filename and paths.path.isdir(dist.info):
                    return None
                return dist.read(filename)

            def locate_file(self, path: str | paths.PathLike[str]) -> Any:
                raise NotImplementedError

        found: object = Plain().metadata
        message = cast("Message", found) if found is not None else Message()
        if self.info.endswith(".egg-info") or os.path.basename(self.info).lower() == "egg-info":
            self._add_requires(message)
        return message

    def _add_requires(self, message: Message) -> None:
        """The requirements and extras of an egg-info, which stand in a file of their own."""
        from hutch.spec import normalize

        told: list[str] = []
        extras: dict[str, None] = {}
        extra = marker = ""
        for line in map(str.strip, (self.read("requires.txt") or "").splitlines()):
            if not line or line.startswith("#"):
                continue
            if line.startswith("[") and line.endswith("]"):
                extra, _, marker = line.strip("[]").partition(":")
                extra = str(normalize(extra)) if extra else ""
                if extra:
                    extras[extra] = None
                continue
            parts = [f"({marker})" if extra else marker] if marker else []
            parts += [f'extra == "{extra}"'] if extra else []
            told.append(f"{line} ; {' and '.join(parts)}" if parts else line)
        if not message.get_all("Requires-Dist"):
            for each in told:
                message["Requires-Dist"] = each
        if not message.get_all("Provides-Extra"):
            for each in extras:
                message["Provides-Extra"] = each

    def all(self, field: str) -> list[str]:
        """Every value of a field of METADATA."""
        return [str(value) for value in self.metadata.get_all(field) or ()]

    def one(self, field: str) -> str:
        """The first value of a field of METADATA; empty where there is none."""
        return str(self.metadata.get(field) or "")

    @cached_property
    def _all_needs(self) -> tuple[Need, ...]:
        from hutch.spec import parse_requirement

        found = []
        for text in map(str.strip, self.all("Requires-Dist")):
            end = 0
            while end < len(text) and (text[end].isalnum() or text[end] in "-_."):
                end += 1
            found.append(Need(name=text[:end], text=text, requirement=parse_requirement(text)))
        return tuple(found)

    def needs(self, environment: Mapping[str, str], extras: Iterable[str] = ()) -> Iterator[Need]:
        """What it needs there. Raises InvalidRequirement for what nobody can read."""
        from hutch.spec import evaluate

        chosen = frozenset(extras)
        for need in self._all_needs:
            marker = need.requirement.marker
            if marker is None or evaluate(marker, environment, chosen):
                yield need

    # -- where it came from -------------------------------------------------------------------------

    @cached_property
    def direct_url(self) -> dict[str, Any] | None:
        """Its `direct_url.json` (PEP 610), if that is one."""
        text = self.read("direct_url.json") if self.is_dist_info else None
        if text is None:
            return None
        import json

        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not isinstance(found.get("url"), str):
            return None
        kinds = [k for k in ("vcs_info", "archive_info", "dir_info") if isinstance(found.get(k), dict)]
        return found if len(kinds) == 1 else None

    @cached_property
    def editable_location(self) -> str | None:
        """The directory of the project that it stands for."""
        if self.direct_url is not None:
            info = self.direct_url.get("dir_info")
            return path_of_url(self.direct_url["url"]) if info and info.get("editable") is True else None
        return self.location if self.linked else None

    @cached_property
    def installer(self) -> str:
        """Who put it there; empty where nobody says."""
        lines = (line.strip() for line in (self.read("INSTALLER") or "").splitlines())
        return next((line for line in lines if line), "")

    def files(self) -> list[str] | None:
        """The paths of its RECORD, or of an egg-info's `installed-files.txt`, as seen from its location."""
        from hutch.env import LINKED, LINKED_RECORD, record_rows

        record = self.read("RECORD")
        if record is None and (ours := self.read(LINKED_RECORD)) is not None:
            found: list[str] = []
            for path, digest in record_rows(ours):
                if digest.startswith(LINKED):
                    found += _below(self.location, path)
                else:
                    found.append(path)
            return found
        if record is not None:
            return [os.path.normpath(path) for path, _ in record_rows(record)]
        listed = self.read("installed-files.txt") if os.path.isdir(self.info) else None
        if listed is None:
            return None
        base = os.path.basename(self.info)
        return [os.path.normpath(os.path.join(base, line)) for line in listed.splitlines() if line]


def _below(location: str, path: str) -> list[str]:
    """The files behind a link to a directory of the store."""
    from hutch.trees import walk

    found = []
    start = os.path.realpath(os.path.join(location, path))
    if not os.path.isdir(start):
        return [path]
    for directory, _, names in walk(start):
        inner = os.path.relpath(directory, start)
        if "__pycache__" in inner.split(os.sep):
            continue  # made afterwards
        base = path if inner == os.curdir else f"{path}/{inner}"
        found += [f"{base}/{name}" for name in names]
    return found


def path_of_url(url: str) -> str:
    """The path of a ``file:`` URL; the URL itself where it is another."""
    from urllib.parse import unquote, urlsplit

    if not url.startswith("file:"):
        return url
    try:
        path = urlsplit(url).path
    except ValueError:
        return url
    if os.name == "nt":
        from urllib.request import url2pathname

        return url2pathname(path)
    return unquote(path)


# -- finding ------------------------------------------------------------------------------------------


def find_dists(paths: Iterable[str]) -> list[Dist]:
    """The distributions that a Python with these ``paths`` finds: the first of each name."""
    found: list[Dist] = []
    known: set[str] = set()

    def take(dist: Dist) -> None:
        name = str(dist.name)
        if name and name not in known and _VALID.issuperset(name) and name.strip("-") == name:
            known.add(name)
            found.append(dist)

    for path in dict.fromkeys(paths):
        for info in _infos(path):
            take(Dist(info, path))
        for link in _names(path, ".egg-link"):
            for target in _targets(path, link):
                for info in _infos(target):
                    take(Dist(info, path, linked=True))
    return found


def _names(path: str, *endings: str) -> list[str]:
    try:
        return [name for name in os.listdir(path or ".") if name.lower().endswith(endings)]
    except (OSError, ValueError):  # a path with a null in it is none
        return []


def _infos(path: str) -> list[str]:
    """The directories (or files) of metadata in one of ``sys.path``; those of one name follow each other."""
    if path.endswith(".egg"):
        own = [os.path.join(path, name) for name in _names(path, "egg-info") if name.lower() == "egg-info"]
        if own:
            return own
    groups: dict[str, list[str]] = {}
    for name in _names(path, ".dist-info", ".egg-info"):
        stem = name.rpartition(".")[0].partition("-")[0].lower()
        key = stem.replace("-", "_").replace(".", "_")
        groups.setdefault(key, []).append(os.path.join(path, name))
    return [info for group in groups.values() for info in group]


def _targets(path: str, link: str) -> list[str]:
    """Where an egg-link leads: its first line."""
    try:
        text = read_plain(os.path.join(path, link), 1 << 16).decode("utf-8", "replace")
    except (OSError, ValueError):
        return []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [os.path.join(path, lines[0])] if lines else []


def with_pth(directories: Iterable[str]) -> list[str]:
    """The directories with what their ``.pth`` files add, as ``site`` does it; nothing of them is run."""
    found: dict[str, None] = {}
    for directory in directories:
        if directory in found or not os.path.isdir(directory):
            continue
        found[directory] = None
        for name in sorted(_names(directory, ".pth")):
            if name.startswith("."):
                continue
            try:
                text = read_plain(os.path.join(directory, name), 1 << 20).decode("utf-8", "replace")
            except (OSError, ValueError):
                continue
            for line in map(str.rstrip, text.splitlines()):
                if not line.strip() or line.startswith(("#", "import ", "import\t")):
                    continue
                path = os.path.abspath(os.path.join(directory, line))
                if os.path.exists(path):
                    found.setdefault(path, None)
    return list(found)
