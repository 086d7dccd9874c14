"""Versions as keys: tuples that sort as the version specification (PEP 440) orders them.

A key is ``(epoch, release, suffix)``: the release without trailing zeros, and the suffix
``(pre rank, pre number, post, dev rank, dev number, local)``. Keys are plain tuples of integers and
strings, so they compare in C, can be marshalled, and are equal exactly when the versions are equal
(``1.0`` and ``1.0.0`` are). Plain releases, nine in ten of all versions, share one suffix object.

Order inside one release, lowest first:
``1.dev1 < 1a1.dev1 < 1a1 < 1a1.post1 < 1b1 < 1rc1 < 1 < 1+local < 1.post1.dev1 < 1.post1``.
"""

from __future__ import annotations

from hutch.errors import Problem

from .names import safe_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Local: TypeAlias = tuple[tuple[int, str], ...]
    Suffix: TypeAlias = tuple[int, int, int, int, int, Local]
    VersionKey: TypeAlias = tuple[int, tuple[int, ...], Suffix]
    # epoch, release as written, pre (rank, number), post, dev, local segments
    Parts: TypeAlias = tuple[
        int, tuple[int, ...], tuple[int, int] | None, int | None, int | None, tuple[int | str, ...]
    ]
else:
    Local = Suffix = VersionKey = Parts = tuple

__all__ = [
    "InvalidVersion",
    "VersionKey",
    "base_version",
    "canonical_version",
    "is_local",
    "is_prerelease",
    "key_and_spelling",
    "next_version",
    "parse_parts",
    "public_version",
    "version_key",
]

# Ranks of the pre-release field. A version with only ``.devN`` comes before every alpha.
DEV_ONLY, FINAL = -1, 3
STABLE: Suffix = (FINAL, 0, -1, 1, 0, ())
_PRE_WORDS = (
    ("alpha", 0), ("a", 0), ("beta", 1), ("b", 1), ("preview", 2), ("pre", 2), ("c", 2), ("rc", 2),
)  # fmt: skip
_PRE_NAMES = ("a", "b", "rc")
_POST_WORDS = ("post", "rev", "r")
_ALNUM = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class InvalidVersion(Problem):
    """A text that should be a version is none."""

    code = "invalid-version"

    def __init__(self, text: str, *, where: str = "") -> None:
        place = f" ({where})" if where else ""
        super().__init__(f"`{safe_text(text)}` is not a valid version{place}")
        self.text = text


def version_key(text: str) -> VersionKey:
    """The sort key of the version ``text``; :class:`InvalidVersion` if it is none."""
    try:
        # int() reads more than digits ("1_0", "+1", "٣"), so the characters are looked at first.
        if text.isascii() and text.replace(".", "").isdigit():
            release = tuple(map(int, text.split(".")))
            if not release[-1]:
                release = _trim(release)
            return (0, release, STABLE)
        epoch, release, pre, post, dev, local = parse_parts(text)
    except ValueError:
        raise InvalidVersion(text) from None
    return (epoch, _trim(release), suffix_of(pre, post, dev, local))


def key_and_spelling(text: str) -> tuple[VersionKey, str]:
    """``version_key`` and ``canonical_version`` at once: what takes longest is to read the text."""
    try:
        if text.isascii() and text.replace(".", "").isdigit():
            release = tuple(map(int, text.split(".")))
            spelling = ".".join(map(str, release))
            return (0, release if release[-1] else _trim(release), STABLE), spelling
        for word, rank in (("rc", 2), ("b", 1), ("a", 0), (".dev", None), (".post", None)):
            head, found, number = text.partition(word)
            if found:
                usual = _usual(head, word, rank, number)
                if usual is not None:
                    return usual
        parts = parse_parts(text)
    except ValueError:
        raise InvalidVersion(text) from None
    epoch, release, pre, post, dev, local = parts
    return (epoch, _trim(release), suffix_of(pre, post, dev, local)), _render(parts)


def _usual(head: str, word: str, rank: int | None, number: str) -> tuple[VersionKey, str] | None:
    """The same for a version that is written as most are, None for another."""
    if not (head.isascii() and head[-1:].isdigit() and head.replace(".", "").isdigit()):
        return None
    if not (number.isascii() and number.isdigit()):
        return None
    release, count = tuple(map(int, head.split("."))), int(number)
    spelling = f"{'.'.join(map(str, release))}{word}{count}"
    if rank is not None:
        suffix = (rank, count, -1, 1, 0, ())
    elif word == ".dev":
        suffix = (DEV_ONLY, 0, -1, 0, count, ())
    else:
        suffix = (FINAL, 0, count, 1, 0, ())
    return (0, release if release[-1] else _trim(release), suffix), spelling


def suffix_of(
    pre: tuple[int, int] | None, post: int | None, dev: int | None, local: tuple[int | str, ...] = ()
) -> Suffix:
    """The third part of a key; ``pre`` is (0 alpha, 1 beta, 2 candidate; number)."""
    if pre is None:
        rank, number = (DEV_ONLY if dev is not None and post is None else FINAL), 0
    else:
        rank, number = pre
    return (
        rank,
        number,
        -1 if post is None else post,
        1 if dev is None else 0,
        0 if dev is None else dev,
        tuple([(-1, part) if isinstance(part, str) else (part, "") for part in local]),
    )


def parse_parts(text: str) -> Parts:
    """Split a version; ``ValueError`` if it is none (the callers know what to say)."""
    text = text.strip().lower()
    if not text.isascii():
        raise ValueError(text)
    local: tuple[int | str, ...] = ()
    if "+" in text:
        text, _, label = text.partition("+")
        local = _parse_local(label)
    if text[:1] == "v":
        text = text[1:]
    epoch = 0
    if "!" in text:
        number, _, text = text.partition("!")
        epoch = _digits(number)
    end = len(text)
    at = _release_end(text, end)
    release = tuple(map(int, text[:at].split(".")))
    pre = post = dev = None
    if at < end:
        at, pre = _scan_pre(text, at)
        at, post = _scan_post(text, at)
        at, dev = _scan_word(text, at, ("dev",))
        if at != end:
            raise ValueError(text)
    return epoch, release, pre, post, dev, local


def _release_end(text: str, end: int) -> int:
    """Where the leading ``digits(.digits)*`` ends."""
    at = 0
    while True:
        start = at
        while at < end and text[at].isdigit():
            at += 1
        if at == start:
            if start == 0:
                raise ValueError(text)
            return start - 1  # the dot belongs to what follows, as in 1.0.post1
        if at == end or text[at] != ".":
            return at
        at += 1


def _scan_number(text: str, at: int) -> tuple[int, int]:
    """``[._-]? digits*`` after a word: where it ends, and the number (none is 0)."""
    if text[at : at + 1] in (".", "-", "_"):
        at += 1
    start = at
    while text[at : at + 1].isdigit():
        at += 1
    return at, int(text[start:at] or 0)


def _scan_pre(text: str, start: int) -> tuple[int, tuple[int, int] | None]:
    at = start + 1 if text[start : start + 1] in (".", "-", "_") else start
    for word, rank in _PRE_WORDS:
        if text.startswith(word, at):
            at, number = _scan_number(text, at + len(word))
            return at, (rank, number)
    return start, None


def _scan_post(text: str, start: int) -> tuple[int, int | None]:
    if text[start : start + 1] == "-" and text[start + 1 : start + 2].isdigit():  # 1.0-1
        return _scan_number(text, start)
    return _scan_word(text, start, _POST_WORDS)


def _scan_word(text: str, start: int, words: tuple[str, ...]) -> tuple[int, int | None]:
    at = start + 1 if text[start : start + 1] in (".", "-", "_") else start
    for word in words:
        if text.startswith(word, at):
            return _scan_number(text, at + len(word))
    return start, None


def _parse_local(label: str) -> tuple[int | str, ...]:
    parts: list[int | str] = []
    for part in label.replace("-", ".").replace("_", ".").split("."):
        if not part or not _ALNUM.issuperset(part):
            raise ValueError(label)
        parts.append(int(part) if part.isdigit() else part)
    return tuple(parts)


def _digits(text: str) -> int:
    if not text.isdigit():
        raise ValueError(text)
    return int(text)


def _trim(release: tuple[int, ...]) -> tuple[int, ...]:
    end = len(release)
    while end and not release[end - 1]:
        end -= 1
    return release[:end]


def is_prerelease(key: VersionKey) -> bool:
    """Is it an alpha, beta, candidate or development release?"""
    suffix = key[2]
    return suffix is not STABLE and (suffix[0] != FINAL or suffix[3] == 0)


def is_local(key: VersionKey) -> bool:
    """Has it a local label (``1.0+cpu``)?"""
    return bool(key[2][5])


def canonical_version(text: str) -> str:
    """The normal spelling, trailing zeros kept: ``v1.0-ALPHA`` -> ``1.0a0``.

    Two spellings of one version may still differ by trailing zeros; compare keys, not texts.
    """
    if text.isascii() and text.replace(".", "").isdigit():
        try:
            return ".".join([str(int(field)) for field in text.split(".")])
        except ValueError:
            raise InvalidVersion(text) from None
    return _render(_parts(text))


def public_version(text: str) -> str:
    """The version without its local label, in normal spelling."""
    return _render((*_parts(text)[:5], ()))


def base_version(text: str) -> str:
    """Only epoch and release: ``1!2.0rc1.post2`` -> ``1!2.0``."""
    epoch, release, *_ = _parts(text)
    return _render((epoch, release, None, None, None, ()))


def next_version(text: str, level: int = 0) -> str:
    """The release that ends the series of ``text``: level 0 ``1.2.3`` -> ``2``, level 1 -> ``1.3``.

    For upper bounds such as ``<2``. A release with fewer fields counts as filled up with zeros.
    """
    epoch, release, *_ = _parts(text)
    padded = release + (0,) * (level + 1 - len(release))
    return _render((epoch, (*padded[:level], padded[level] + 1), None, None, None, ()))


def _parts(text: str) -> Parts:
    try:
        return parse_parts(text)
    except ValueError:
        raise InvalidVersion(text) from None


def _render(parts: Parts) -> str:
    epoch, release, pre, post, dev, local = parts
    text = ".".join(map(str, release))
    if epoch:
        text = f"{epoch}!{text}"
    if pre is not None:
        text += f"{_PRE_NAMES[pre[0]]}{pre[1]}"
    if post is not None:
        text += f".post{post}"
    if dev is not None:
        text += f".dev{dev}"
    if local:
        text += "+" + ".".join(map(str, local))
    return text
