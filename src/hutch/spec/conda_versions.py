"""Versions of conda, their order, and what a version spec admits (CEP 33).

A version is a list of parts, each a list of numbers and words; what one of two versions lacks counts as 0.
So there is no key that could be compared by itself: `compare_conda_versions` does. Of some versions
together there are keys (`rank_conda_versions`), as long as the longest of them.

py-rattler is the oracle of the tests.
"""

from __future__ import annotations

import re

from hutch.errors import Problem

from .conda_patterns import bounded_expression, fits_pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = [
    "CondaVersion",
    "InvalidCondaVersion",
    "compare_conda_versions",
    "parse_conda_version",
    "parse_version_spec",
    "rank_conda_versions",
]

Element = tuple[int, str | int]
"""(kind, value): ``dev`` before words before numbers before ``post``; values of one kind are compared."""
_DEV, _WORD, _NUMBER, _POST = 0, 1, 2, 3
_ZERO: Element = (_NUMBER, 0)
_FILL = _EPOCH = (_ZERO,)

_ALLOWED = re.compile(r"[a-z0-9_.+!*-]+")
_RUNS = re.compile(r"\d+|[a-z*]+")
LONGEST = 1000
"""Characters of a version; those that are met have 21."""
_DEEPEST = 20
_BROADEST = 200
"""Elements of a key, at most; those of real packages have 20."""


class InvalidCondaVersion(Problem):
    """A text that should be a version of conda, or a spec of some, is not."""

    code = "invalid-conda-version"

    def __init__(self, text: str, reason: str) -> None:
        from .names import safe_text

        super().__init__(f"`{safe_text(text[:200])}` is no version of conda", why=reason)


class CondaVersion:
    """A version taken apart: ``parts`` before a ``+`` and ``local`` ones after it, the epoch first.

    ``flat`` are the numbers of one that is nothing but numbers, as nine of ten are, without the zeros at its
    end: among these, tuples are in the order of versions. Of others it is None.
    """

    __slots__ = ("flat", "local", "parts", "text")

    def __init__(
        self, text: str, parts: tuple[tuple[Element, ...], ...], local: tuple[tuple[Element, ...], ...]
    ) -> None:
        self.text = text
        self.parts = parts
        self.local = local
        self.flat = _flat(parts) if not local and {1}.issuperset(map(len, parts)) else None

    def starts_with(self, start: CondaVersion) -> bool:
        """Whether this version is one of the family ``start``: ``1.2.3`` of ``1.2``, and not ``1.20``."""
        if self.flat is not None and start.flat is not None and len(self.parts) >= len(start.parts):
            return self.parts[: len(start.parts)] == start.parts
        if start.local:
            return _same(self.parts, start.parts) and _starts(self.local, start.local)
        return _starts(self.parts, start.parts)

    def __repr__(self) -> str:
        return f"CondaVersion({self.text!r})"


def _flat(parts: Iterable[tuple[Element, ...]]) -> tuple[Any, ...]:
    """The numbers at the beginnings of the parts, without the zeros at the end."""
    numbers = [part[0][1] for part in parts]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _limit(version: CondaVersion) -> tuple[Any, ...] | None:
    """Numbers such that what is only numbers is before ``version`` if, and only if, it is before these.

    There are some for ``3.0a0``, too, as nothing that is only numbers is between it and 3.0; else None.
    """
    if version.flat is not None or version.local:
        return version.flat
    *front, last = version.parts
    if not {1}.issuperset(map(len, front)) or last[1][0] not in (_DEV, _WORD):
        return None
    return _flat(version.parts)


_parsed: dict[str, CondaVersion] = {}


def parse_conda_version(text: str) -> CondaVersion:
    """``text`` taken apart. Raises `InvalidCondaVersion`."""
    found = _parsed.get(text)
    if found is None:
        found = _parsed[text] = _parse(text)
    return found


def _parse(text: str) -> CondaVersion:
    if text.replace(".", "").isdigit() and text.isascii() and len(text) <= LONGEST:
        numbers = text.split(".")  # as nine of ten are
        if "" not in numbers:
            return CondaVersion(text, (_EPOCH, *[((_NUMBER, int(each)),) for each in numbers]), ())
    version = text.strip().lower()
    if not version:
        raise InvalidCondaVersion(text, "it is empty")
    if len(version) > LONGEST:
        raise InvalidCondaVersion(text, f"it has more than {LONGEST} characters")
    if _ALLOWED.fullmatch(version) is None:
        raise InvalidCondaVersion(text, "only letters, digits and `.`, `_`, `-`, `+`, `!` can be in one")
    epoch, mark, rest = version.partition("!")
    if not mark:
        epoch, rest = "0", version
    if not epoch.isdigit() or "!" in rest:
        raise InvalidCondaVersion(text, "the epoch before `!` is a number")
    public, plus, local = rest.partition("+")
    if "+" in local or (plus and not local) or not public:
        raise InvalidCondaVersion(text, "there is one `+` at most, with a local version behind it")
    return CondaVersion(text, (((_NUMBER, int(epoch)),), *_parts(text, public)), _parts(text, local))


def _parts(text: str, version: str) -> tuple[tuple[Element, ...], ...]:
    if not version:
        return ()
    if "-" in version:
        if "_" in version:
            raise InvalidCondaVersion(text, "`-` and `_` are not mixed")
        version = version.replace("-", "_")
    last = ""
    if version.endswith("_"):  # as OpenSSL counts: 1.0.1_ is before 1.0.1a
        version, last = version[:-1], "_"
    parts = []
    names = version.replace("_", ".").split(".")
    for number, name in enumerate(names):
        if last and number == len(names) - 1:
            name += last
        if not name:
            raise InvalidCondaVersion(text, "a part of it is empty")
        parts.append(_elements(name))
    return tuple(parts)


def _elements(part: str) -> tuple[Element, ...]:
    found: list[Element] = []
    body = part.removesuffix("_")
    for run in _RUNS.findall(body):
        if run[0].isdigit():
            found.append((_NUMBER, int(run)))
        elif run == "post":
            found.append((_POST, 0))
        elif run == "dev":
            found.append((_DEV, 0))
        else:
            found.append((_WORD, run))
    if part is not body and part.endswith("_"):
        found.append((_WORD, "_"))
    if not found or found[0][0] != _NUMBER:
        found.insert(0, _ZERO)
    return tuple(found)


def compare_conda_versions(one: CondaVersion, other: CondaVersion) -> int:
    """Less than, equal to or greater than 0, as ``one`` is before, equal to or after ``other``."""
    if one is other:
        return 0
    if one.flat is not None and other.flat is not None:
        return (one.flat > other.flat) - (one.flat < other.flat)
    return _compare(one.parts, other.parts) or _compare(one.local, other.local)


def rank_conda_versions(versions: Iterable[CondaVersion]) -> dict[str, int]:
    """The place of each version among them, by its text; equal ones (1.0 and 1.0.0) have one."""
    distinct = list({version.text: version for version in versions}.values())
    ordered = sorted(zip(_keys(distinct), [version.text for version in distinct], strict=True))
    ranks: dict[str, int] = {}
    rank, before = 0, ordered[0][0] if ordered else None
    for key, text in ordered:
        if key != before:
            before, rank = key, rank + 1
        ranks[text] = rank
    return ranks


def _keys(versions: list[CondaVersion]) -> list[Any]:
    """What orders these versions among themselves: all of one shape, filled up with zeros."""
    flat = [version.flat for version in versions]
    if None not in flat:
        return flat
    deep = max([len(version.parts) for version in versions], default=0)
    local = max([len(version.local) for version in versions], default=0)
    wide = max([len(part) for version in versions for part in (*version.parts, *version.local)], default=0)
    if wide * (deep + local) > _BROADEST:  # one odd version would make all others as long
        from functools import cmp_to_key

        return list(map(cmp_to_key(compare_conda_versions), versions))
    zeros = (_ZERO,) * wide

    def filled(parts: tuple[tuple[Element, ...], ...], count: int) -> tuple[Any, ...]:
        even = parts if wide == 1 else tuple([part + zeros[len(part) :] for part in parts])
        return even + (zeros,) * (count - len(even))

    return [(filled(version.parts, deep), filled(version.local, local)) for version in versions]


def _compare(one: tuple[tuple[Element, ...], ...], other: tuple[tuple[Element, ...], ...]) -> int:
    for left, right in zip(one, other, strict=False):
        if left != right and (order := _compare_parts(left, right)):
            return order
    count = len(one) - len(other)
    if count > 0:
        for left in one[-count:]:
            if left != _FILL and (order := _compare_parts(left, _FILL)):
                return order
    elif count:
        for right in other[count:]:
            if right != _FILL and (order := _compare_parts(_FILL, right)):
                return order
    return 0


def _compare_parts(left: tuple[Element, ...], right: tuple[Element, ...]) -> int:
    for a, b in zip(left, right, strict=False):
        if a != b:
            return -1 if a < b else 1
    count = len(left) - len(right)
    for a in left[-count:] if count > 0 else ():
        if a != _ZERO:
            return -1 if a < _ZERO else 1
    for b in right[count:] if count < 0 else ():
        if b != _ZERO:
            return -1 if b > _ZERO else 1
    return 0


def _same(one: tuple[tuple[Element, ...], ...], other: tuple[tuple[Element, ...], ...]) -> bool:
    return _compare(one, other) == 0


def _starts(one: tuple[tuple[Element, ...], ...], start: tuple[tuple[Element, ...], ...]) -> bool:
    if not start:
        return True
    count = len(start)
    if _compare(one[: count - 1], start[:-1]):
        return False
    last = start[-1]
    mine = one[count - 1] if count <= len(one) else _FILL
    for place, wanted in enumerate(last):
        have = mine[place] if place < len(mine) else _ZERO
        if have == wanted:
            continue
        # A word at the very end may go on: 1.0a stands for 1.0alpha, too.
        if place == len(last) - 1 and have[0] == wanted[0] == _WORD:
            return str(have[1]).startswith(str(wanted[1]))
        return False
    return True


# -- specs -----------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*([,|()]|[^,|()\s]+)")
_OPERATOR = re.compile(r"(==|!=|<=|>=|~=|=|<|>)?(.*)", re.DOTALL)

_specs: dict[str, Callable[[CondaVersion], bool]] = {}
_constraints: dict[str, Callable[[CondaVersion], bool]] = {}  # of which specs are made


def parse_version_spec(text: str) -> Callable[[CondaVersion], bool]:
    """What ``">=1.2,<2|3.*"`` admits, as a function. ``,`` is *and* and binds closer than ``|``.

    Raises `InvalidCondaVersion`.
    """
    found = _specs.get(text)
    if found is None:
        found = _specs[text] = _Spec(text).parse()
    return found


class _Spec:
    def __init__(self, text: str) -> None:
        self.text = text
        # "> = 1.2" is written here and there; blanks say nothing else.
        tight = text.strip()
        if " " in tight or not tight.isprintable():
            tight = re.sub(r"([<>=!~])\s+", r"\1", tight)
        self.tokens: list[str] = [] if "^" in tight else _TOKEN.findall(tight)
        at = len(tight) if self.tokens else 0
        while at < len(tight):
            if tight[at] == "^":  # an expression for the text, up to `$`
                end = tight.find("$", at)
                end = len(tight) if end < 0 else end + 1
                self.tokens.append(tight[at:end])
                at = end
                continue
            token = _TOKEN.match(tight, at)
            if token is None:
                break
            self.tokens.append(token[1])
            at = token.end()
        self.at = 0
        self.depth = 0

    def parse(self) -> Callable[[CondaVersion], bool]:
        if not self.tokens:
            raise InvalidCondaVersion(self.text, "it is empty")
        found = self.either()
        if self.at < len(self.tokens):
            raise InvalidCondaVersion(self.text, f"`{self.tokens[self.at]}` is too much")
        return found

    def either(self) -> Callable[[CondaVersion], bool]:
        parts = [self.both()]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda version: any(part(version) for part in parts)

    def both(self) -> Callable[[CondaVersion], bool]:
        parts = [self.one()]
        while self.peek() == ",":
            self.at += 1
            if self.peek() in ("", "|", ")"):
                break  # ">=1.2," is met in old records
            parts.append(self.one())
        if len(parts) == 2:
            first, last = parts
            return lambda version: first(version) and last(version)
        return parts[0] if len(parts) == 1 else lambda version: all(part(version) for part in parts)

    def one(self) -> Callable[[CondaVersion], bool]:
        token = self.peek()
        self.at += 1
        if token == "(":
            self.depth += 1
            if self.depth > _DEEPEST:
                raise InvalidCondaVersion(self.text, "too many `(` stand in each other")
            inner = self.either()
            self.depth -= 1
            if self.peek() != ")":
                raise InvalidCondaVersion(self.text, "a `)` is missing")
            self.at += 1
            return inner
        if not token or token in (",", "|", ")"):
            raise InvalidCondaVersion(self.text, "a version is missing")
        found = _constraints.get(token)
        if found is None:
            found = _constraints[token] = self.constraint(token)
        return found

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def constraint(self, token: str) -> Callable[[CondaVersion], bool]:
        if token == "*":
            return lambda version: True
        if token.startswith("^"):
            try:
                expression = bounded_expression(token.removeprefix("^").removesuffix("$"))
            except ValueError as error:
                raise InvalidCondaVersion(self.text, f"the expression cannot be used: {error}") from error
            return lambda version: expression.fullmatch(version.text) is not None
        matched = _OPERATOR.fullmatch(token)
        assert matched is not None
        operator, rest = matched[1] or "", matched[2]
        family = rest.endswith("*")
        if family:
            rest = rest.rstrip("*").removesuffix(".")
            if not rest:
                return lambda version: True
        if "*" in rest:
            if operator not in ("", "=", "=="):
                raise InvalidCondaVersion(self.text, "`*` stands at the end only")
            pieces = (rest + "*" if family else rest).split("*")
            return lambda version: fits_pieces(pieces, version.text)
        bound = parse_conda_version(rest)
        return _comparison(operator, bound, family)


def _comparison(operator: str, bound: CondaVersion, family: bool) -> Callable[[CondaVersion], bool]:
    if operator == "=" or (family and operator in ("", "==")):
        return lambda version: version.starts_with(bound)
    if operator in ("", "=="):
        return lambda version: compare_conda_versions(version, bound) == 0
    if operator == "!=":
        if family:
            return lambda version: not version.starts_with(bound)
        return lambda version: compare_conda_versions(version, bound) != 0
    if operator in (">=", "<"):
        return _behind(bound) if operator == ">=" else _before(bound)
    if operator == "<=":
        return lambda version: compare_conda_versions(version, bound) <= 0
    if operator == ">":
        return lambda version: compare_conda_versions(version, bound) > 0
    # Of `~=2024` nothing is left but the epoch.
    series = CondaVersion(bound.text, bound.parts[:-1], ())
    return lambda version: compare_conda_versions(version, bound) >= 0 and version.starts_with(series)


def _behind(bound: CondaVersion) -> Callable[[CondaVersion], bool]:
    limit = _limit(bound)
    if limit is None:
        return lambda version: compare_conda_versions(version, bound) >= 0

    def test(version: CondaVersion) -> bool:
        flat = version.flat
        return flat >= limit if flat is not None else compare_conda_versions(version, bound) >= 0

    return test


def _before(bound: CondaVersion) -> Callable[[CondaVersion], bool]:
    limit = _limit(bound)
    if limit is None:
        return lambda version: compare_conda_versions(version, bound) < 0

    def test(version: CondaVersion) -> bool:
        flat = version.flat
        return flat < limit if flat is not None else compare_conda_versions(version, bound) < 0

    return test
