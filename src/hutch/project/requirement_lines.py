"""One line of a requirements file: what it asks for, and the options on it.

A line is a requirement up to the first word that begins with a dash, then options. Beside the
dependency specifiers of packaging, pip takes a bare URL and a path.
"""

from __future__ import annotations

import re

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.spec import Marker, Requirement

__all__ = ["Given", "LineOption", "Unreadable", "parse_given", "split_options", "split_words"]

ARCHIVES = (
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lzma",
)

# Option → (long name, whether it takes a value). What pip dropped years ago is named, to say so.
_GLOBAL = {
    "-i": ("index-url", True),
    "--index-url": ("index-url", True),
    "--pypi-url": ("index-url", True),
    "--extra-index-url": ("extra-index-url", True),
    "--no-index": ("no-index", False),
    "-f": ("find-links", True),
    "--find-links": ("find-links", True),
    "--no-binary": ("no-binary", True),
    "--only-binary": ("only-binary", True),
    "--prefer-binary": ("prefer-binary", False),
    "--require-hashes": ("require-hashes", False),
    "--no-require-hashes": ("no-require-hashes", False),
    "--pre": ("pre", False),
    "--all-releases": ("all-releases", True),
    "--only-final": ("only-final", True),
    "--trusted-host": ("trusted-host", True),
    "--use-feature": ("use-feature", True),
}
_OTHER = {
    "-r": ("requirement", True),
    "--requirement": ("requirement", True),
    "-c": ("constraint", True),
    "--constraint": ("constraint", True),
    "-e": ("editable", True),
    "--editable": ("editable", True),
    "--hash": ("hash", True),
    "-C": ("config-settings", True),
    "--config-setting": ("config-settings", True),
    "--config-settings": ("config-settings", True),
}
_GONE = frozenset(("--global-option", "--install-option", "--process-dependency-links", "--use-wheel"))
_HASHES = {"sha256": 64, "sha384": 96, "sha512": 128}
_BESIDE = frozenset(("hash", "config-settings"))
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://|^file:")


class Unreadable(ValueError):
    """A line that says nothing; the message is the reason, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOption:
    """One option as it stands on a line."""

    name: str
    value: str = ""
    is_global: bool = False

    def hashes(self) -> tuple[tuple[str, str], ...]:
        """The hash that it gives. Raises ``Unreadable`` for what may not stand beside a requirement."""
        if self.name == "config-settings":
            return ()
        if self.name != "hash":
            raise Unreadable(f"--{self.name} cannot stand on the line of a requirement")
        algorithm, colon, digest = self.value.partition(":")
        if not colon or algorithm not in _HASHES:
            raise Unreadable(f"`{self.value}` is not a hash such as sha256:HEX (sha384, sha512)")
        digest = digest.lower()
        if len(digest) != _HASHES[algorithm] or set(digest) - set("0123456789abcdef"):
            raise Unreadable(f"`{self.value}` is not a hash: {algorithm} has {_HASHES[algorithm]} digits")
        return ((algorithm, digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a line asks for: ``requirement`` where it has a name, else ``location``, a path or a URL.

    ``extras`` and ``marker`` are those of a location; a requirement has its own.
    """

    requirement: Requirement | None = None
    location: str | None = None
    is_url: bool = False
    extras: tuple[str, ...] = ()
    marker: Marker | None = None
    editable: bool = False
    hashes: tuple[tuple[str, str], ...] = ()


def split_words(text: str) -> list[str]:
    """The words of a line as a shell has them."""
    if "'" in text or '"' in text or "\\" in text:
        import shlex

        try:
            return shlex.split(text)
        except ValueError as error:
            raise Unreadable(f"its quotes are not closed ({error})") from None
    # A locked file has a thousand hashes, and shlex takes a character at a time.
    return [word for word in re.sub("[\t\r\n]", " ", text).split(" ") if word]


def split_options(line: str) -> tuple[str, list[LineOption]]:
    """The words before the first option, and the options."""
    words = line.split(" ")
    place = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    rest = split_words(" ".join(words[place:]))
    before = " ".join(words[:place]).strip()
    options: list[LineOption] = []
    while rest:
        word = rest.pop(0)
        spelling, equals, value = word.partition("=")
        if not word.startswith("--"):
            spelling, value = word[:2], word[2:].removeprefix("=")
            equals = value
        if spelling in _GONE:
            raise Unreadable(f"{spelling} is gone; pip does not take it any more either")
        name, takes = _GLOBAL.get(spelling) or _OTHER.get(spelling) or ("", False)
        if not name:
            raise Unreadable(f"`{word}` is not an option of requirements files")
        if takes and not equals:
            if not rest:
                raise Unreadable(f"{spelling} needs a value")
            value = rest.pop(0)
        elif not takes and equals:
            raise Unreadable(f"{spelling} takes no value")
        options.append(LineOption(name=name, value=value, is_global=spelling in _GLOBAL))
    return before, options


def parse_given(text: str) -> Given:
    """What ``text`` asks for; ``Unreadable`` says what is wrong with it."""
    from hutch.spec import parse_requirement

    text = text.strip()
    if _URL.match(text):
        return _located(text, "; ", is_url=True)
    if _looks_like_path(text):
        return _located(text, ";", is_url=False)
    try:
        return Given(requirement=parse_requirement(text))
    except Problem as problem:
        raise Unreadable("; ".join((problem.what, *problem.why, *problem.hints))) from None


def _looks_like_path(text: str) -> bool:
    start = text.partition(";")[0].strip()
    if "@" in start and not start.startswith((".", "/", "\\", "~")):
        name = start.partition("@")[0].partition("[")[0].strip()
        if name and not set(name) & set("/\\"):
            return False
    bare = start.partition("[")[0].strip() if start.endswith("]") else start
    return start.startswith((".", "~/")) or "/" in start or "\\" in start or bare.lower().endswith(ARCHIVES)


def _located(text: str, separator: str, *, is_url: bool) -> Given:
    from hutch.spec import InvalidMarker, is_valid_name, normalize, parse_hash, parse_marker

    # A URL may have a semicolon; its marker follows a space.
    place, found, marker_text = text.partition(f" {separator}" if is_url else separator)
    if is_url and not found:
        place, found, marker_text = text.partition(separator)
    marker = None
    if found:
        try:
            marker = parse_marker(marker_text.strip())
        except InvalidMarker as problem:
            raise Unreadable(f"in the marker, {problem.reason}") from None
    place = place.strip()
    extras: tuple[str, ...] = ()
    if place.endswith("]") and "[" in place:
        place, _, inside = place[:-1].rpartition("[")
        names = [each.strip() for each in inside.split(",") if each.strip()]
        if bad := [each for each in names if not is_valid_name(each)]:
            raise Unreadable(f"`{bad[0]}` is not the name of an extra")
        extras = tuple(sorted({str(normalize(each)) for each in names}))
    hashes: tuple[tuple[str, str], ...] = ()
    if is_url:
        for piece in place.partition("#")[2].split("&"):
            algorithm, equals, digest = piece.partition("=")
            if equals and algorithm in _HASHES:
                try:
                    hashes = (parse_hash(f"{algorithm}:{digest}"),)
                except Problem as problem:
                    raise Unreadable(problem.what) from None
    return Given(location=place, is_url=is_url, extras=extras, marker=marker, hashes=hashes)
