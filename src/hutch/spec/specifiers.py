"""Version specifiers, and what they admit of a whole list of versions at once.

A specifier is ``(operator, version text)``; a set of them is a tuple in one order (so that equal
sets are equal tuples), ``()`` admits everything. Following the version specifiers specification
(PEP 440), each is one interval of keys or the complement of one. Bounds that lie *between* versions
("after every local label of 1.0") are keys too, with an infinite field, so a list of N sorted
versions is answered with two bisections, not with N tests.

Pre-releases: everything here is about order only. ``>=1`` admits ``2.0a1``; whether pre-releases are
wanted is the resolver's question (see :func:`mentions_prerelease`).
"""

from __future__ import annotations

from hutch.errors import Problem

from .names import safe_text
from .versions import (
    DEV_ONLY,
    InvalidVersion,
    VersionKey,
    canonical_version,
    is_prerelease,
    parse_parts,
    public_version,
    suffix_of,
    version_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bisect import bisect_left
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    Specifiers: TypeAlias = tuple[tuple[str, str], ...]
    # low key (inclusive) or None, high key (exclusive) or None, complement?
    Interval: TypeAlias = tuple[VersionKey | None, VersionKey | None, bool]
else:
    try:
        from _bisect import bisect_left  # what `bisect` gives out, without a file to find and read
    except ImportError:
        from bisect import bisect_left

    Specifiers = Interval = tuple

__all__ = [
    "InvalidSpecifier",
    "Specifiers",
    "admits",
    "admits_key",
    "admitted_intervals",
    "lower_bound",
    "matching",
    "mentions_prerelease",
    "parse_legacy_specifiers",
    "parse_specifiers",
    "pins_exactly",
    "render_specifiers",
]

_INFINITE: Any = float("inf")
_BELOW_LOCAL = (-2, "")  # sorts below every segment of a local label
_ORDER = {"===": 0, "==": 1, "~=": 2, ">=": 3, ">": 4, "<=": 5, "<": 6, "!=": 7}
_parsed: dict[str, Specifiers] = {}
_intervals: dict[tuple[str, str], Interval] = {}
_NOTHING: Interval = (None, None, True)


class InvalidSpecifier(Problem):
    """A text that should constrain versions does not."""

    code = "invalid-specifier"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"`{safe_text(text)}` is not a valid version specifier", why=safe_text(reason))
        self.text = text
        self.reason = reason


def parse_specifiers(text: str) -> Specifiers:
    """``">=1.0, <2"`` -> ``((">=", "1.0"), ("<", "2"))``, spelled normally, sorted, without doubles."""
    found = _parsed.get(text)
    if found is None:
        pieces = {_parse_one(piece.strip()) for piece in text.split(",") if piece.strip()}
        found = _parsed[text] = tuple(sorted(pieces, key=_sort_key))
    return found


def _parse_one(text: str) -> tuple[str, str]:
    """One clause, checked: which operators allow ``.*``, a local label, a single field."""
    operator = text[:3] if text[:3] == "===" else text[:2] if text[1:2] == "=" else text[:1]
    if operator not in _ORDER:
        if text[:1] in "0123456789v":
            raise InvalidSpecifier(
                text, "it begins with a version, not with an operator such as `==` or `>=`"
            )
        raise InvalidSpecifier(text, "it does not begin with one of ==, !=, <=, >=, <, >, ~=, ===")
    version = text[len(operator) :].strip()
    if operator == "===":
        if not version or any(c.isspace() or c in ";)" for c in version):
            raise InvalidSpecifier(text, "no version follows the operator")
        return operator, version
    wild = version.endswith(".*")
    if wild and operator not in ("==", "!="):
        raise InvalidSpecifier(text, f"`.*` can follow only `==` and `!=`, not `{operator}`")
    try:
        _, release, pre, post, dev, local = parse_parts(version[:-2] if wild else version)
    except ValueError:
        raise InvalidSpecifier(text, f"`{version}` is not a version") from None
    if wild:
        if pre is not None or post is not None or dev is not None or local:
            raise InvalidSpecifier(text, "`.*` can follow only a plain release")
        return operator, canonical_version(version[:-2]) + ".*"
    if local and operator not in ("==", "!="):
        raise InvalidSpecifier(text, f"`{operator}` cannot compare a local label (`+...`)")
    if operator == "~=" and len(release) < 2:
        raise InvalidSpecifier(text, "`~=` needs at least two fields, as in `~=1.0`")
    return operator, canonical_version(version)


def _sort_key(piece: tuple[str, str]) -> tuple[Any, ...]:
    operator, version = piece
    try:
        key: Any = version_key(version.removesuffix(".*"))
    except InvalidVersion:
        key = ()
    return (_ORDER[operator], key, version)


def render_specifiers(specifiers: Specifiers) -> str:
    """``">=1.0,<2"``; empty text for no constraint."""
    return ",".join([operator + version for operator, version in specifiers])


def matching(specifiers: Specifiers, keys: Sequence[VersionKey], versions: Sequence[str] = ()) -> int:
    """Which of the ascending ``keys`` are admitted: bit *i* of the answer is ``keys[i]``.

    Pre-releases are included where the order admits them. ``===`` compares texts by definition; give
    the texts of the keys as ``versions`` for that, otherwise equal keys count as equal texts.
    """
    low, high = 0, len(keys)
    removed = 0
    for specifier in specifiers:
        start, end, complement = _intervals.get(specifier) or _interval_of(specifier)
        first = 0 if start is None else bisect_left(keys, start)
        last = len(keys) if end is None else bisect_left(keys, end)
        if complement:
            if last > first:
                removed |= (1 << last) - (1 << first)
        else:
            if first > low:
                low = first
            if last < high:
                high = last
        if specifier[0] == "===" and versions:
            wanted = specifier[1].lower()
            for i, version in enumerate(versions):
                if version.lower() != wanted:
                    removed |= 1 << i
    if high <= low:
        return 0
    return ((1 << high) - (1 << low)) & ~removed


def admits_key(specifiers: Specifiers, key: VersionKey) -> bool:
    """Does the set admit the version with this key (pre-releases included)?"""
    for specifier in specifiers:
        start, end, complement = _intervals.get(specifier) or _interval_of(specifier)
        inside = (start is None or key >= start) and (end is None or key < end)
        if inside is complement:
            return False
    return True


def admits(specifiers: Specifiers, version: str) -> bool:
    """Does the set admit this version (pre-releases included)? A text that is no version: only ``===``."""
    try:
        key = version_key(version)
    except InvalidVersion:
        return bool(specifiers) and all(
            operator == "===" and text.lower() == version.lower() for operator, text in specifiers
        )
    return bool(matching(specifiers, (key,), (version,)))


def admitted_intervals(
    specifiers: Specifiers,
) -> tuple[tuple[VersionKey | None, VersionKey | None], ...]:
    """What the set admits, as intervals in order: from the first key to before the second; None: no end."""
    low: VersionKey | None = None
    high: VersionKey | None = None
    holes: list[tuple[VersionKey | None, VersionKey | None]] = []
    for specifier in specifiers:
        start, end, complement = _intervals.get(specifier) or _interval_of(specifier)
        if complement:
            holes.append((start, end))
            continue
        if start is not None and (low is None or start > low):
            low = start
        if end is not None and (high is None or end < high):
            high = end
    found = [(low, high)]
    for start, end in holes:
        pieces: list[tuple[VersionKey | None, VersionKey | None]] = []
        for low, high in found:
            if start is not None and (low is None or low < start):
                pieces.append((low, start if high is None or start < high else high))
            if end is not None and (high is None or end < high):
                pieces.append((end if low is None or end > low else low, high))
        found = pieces
    return tuple(
        sorted(
            ((low, high) for low, high in found if low is None or high is None or low < high),
            key=lambda each: (each[0] is not None, each[0]),
        )
    )


def mentions_prerelease(specifiers: Specifiers) -> bool:
    """Does a clause name a pre-release, which asks for pre-releases of that project?"""
    for operator, version in specifiers:
        if operator == "!=" or version.endswith(".*"):
            continue
        try:
            if is_prerelease(version_key(version)):
                return True
        except InvalidVersion:
            continue
    return False


def pins_exactly(specifiers: Specifiers) -> str | None:
    """The version of an ``==`` (without ``.*``) or ``===`` clause, if there is one."""
    for operator, version in specifiers:
        if operator == "===" or (operator == "==" and not version.endswith(".*")):
            return version
    return None


def lower_bound(version: str) -> Specifiers:
    """``>=`` this version, without its local label: what ``add`` writes for a version that it chose."""
    return ((">=", public_version(version)),)


def _interval_of(specifier: tuple[str, str]) -> Interval:
    try:
        interval = _compute_interval(*specifier)
    except ValueError:
        if specifier[0] != "===":
            raise InvalidSpecifier("".join(specifier), "not a version") from None
        # ``===`` with a text that is no version: no version has that text.
        zero = (0, (), (DEV_ONLY - 1, 0, -1, 0, 0, ()))
        interval = (zero, zero, False)
    _intervals[specifier] = interval
    return interval


def _compute_interval(operator: str, version: str) -> Interval:
    """Where the versions that one clause speaks of begin and end."""
    if version.endswith(".*") and operator in ("==", "!="):
        epoch, release, *_ = parse_parts(version[:-2])
        return (*_series(epoch, release), operator == "!=")
    epoch, release, pre, post, dev, local = parse_parts(version)
    suffix = suffix_of(pre, post, dev, local)
    key = _key(epoch, release, suffix)
    if operator == ">=":
        return key, None, False
    if operator == "~=":
        return key, _series(epoch, release[:-1])[1], False
    after_locals = _key(epoch, release, (*suffix[:5], ((_INFINITE, ""),)))
    if operator == "<=":
        return None, after_locals, False
    if operator == "<":
        # Unless it names one, `<V` excludes the pre-releases of V.
        final = pre is None and dev is None
        return None, _key(epoch, release, suffix_of(pre, post, 0)) if final else key, False
    if operator == ">":
        if dev is not None:
            above = suffix_of(pre, post, dev + 1)
        elif post is not None:
            above = suffix_of(pre, post + 1, 0)
        else:
            # Neither the local labels of V nor its post-releases are above V.
            above = (*suffix[:2], _INFINITE, 1, 0, ())
        return _key(epoch, release, above), None, False
    if operator == "===" or local:
        # Exactly this label: up to before any longer one.
        end = _key(epoch, release, (*suffix[:5], (*suffix[5], _BELOW_LOCAL)))
        return key, end, operator == "!="
    return key, after_locals, operator == "!="


def _key(epoch: int, release: tuple[int, ...], suffix: Any) -> VersionKey:
    end = len(release)
    while end and not release[end - 1]:
        end -= 1
    return (epoch, release[:end], suffix)


def _series(epoch: int, release: tuple[int, ...]) -> tuple[VersionKey, VersionKey]:
    """First and past-the-last key of ``release.*``: ``1.2`` -> ``1.2.dev0``, ``1.3.dev0``."""
    first: Any = suffix_of(None, None, 0)
    return _key(epoch, release, first), _key(epoch, (*release[:-1], release[-1] + 1), first)


def parse_legacy_specifiers(text: str) -> tuple[Specifiers, str | None]:
    """Parse what old tools wrote, repairing known faults; the second value says what was repaired.

    Repaired: ``>=1.0.*``, ``!=3.0*``, missing or doubled commas, ``=>``, quotes, parentheses,
    ``>=1.0.``, ``>dev``. :class:`InvalidSpecifier` if it stays senseless.
    """
    try:
        return parse_specifiers(text), None
    except InvalidSpecifier as problem:
        first = problem
    pieces: list[str] = []
    for piece in _split_legacy(text):
        operator = piece.rstrip("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.*+!_- ")
        version = piece[len(operator) :].strip().rstrip(".")
        operator = {"=>": ">=", "=<": "<=", "=": "==", "": "=="}.get(operator, operator)
        if version == "dev" and operator in (">", ">="):
            operator, version = ">=", "0"  # older than every version, by the rules before PEP 440
        if version.endswith("*") and not version.endswith(".*"):
            version = version[:-1] + ".*"
        if version.endswith(".*") and operator not in ("==", "!="):
            version = version[:-2]
            if operator == "~=":  # ~=1.* has one field, and means what ==1.* says
                operator, version = ("~=", version) if "." in version else ("==", version + ".*")
        elif operator == "~=" and "." not in version:
            operator, version = "==", version + ".*"
        pieces.append(operator + version)
    try:
        repaired = parse_specifiers(",".join(pieces))
    except InvalidSpecifier:
        raise first from None
    return repaired, f"read `{safe_text(text)}` as `{render_specifiers(repaired)}`"


def _split_legacy(text: str) -> list[str]:
    """Clauses of a text whose commas may be missing: a new one begins at every operator."""
    for character in "\"'()":
        text = text.replace(character, "")
    pieces: list[str] = []
    for clause in text.split(","):
        start = 0
        for at in range(1, len(clause)):
            if clause[at] in "<>=!~" and clause[at - 1] not in "<>=!~":
                pieces.append(clause[start:at])
                start = at
        pieces.append(clause[start:])
    return [piece.strip() for piece in pieces if piece.strip()]
