"""Environment markers: parsed once into plain tuples, evaluated by a small interpreter of our own.

A :data:`Marker` is one of
``("and", marker, marker, ...)``, ``("or", marker, marker, ...)``,
``(operator, variable, value)`` and ``(operator, variable, value, "reversed")`` for a comparison that
was written with the value first. ``("or",)`` is never true (:data:`NEVER`); "always" is ``None``
wherever a marker may be absent. Being plain tuples they can be hashed, compared and marshalled.

Semantics follow the dependency specifiers specification (PEP 508) as ``packaging`` has them, and the
``extras`` and ``dependency_groups`` of lock files (PEP 751).
"""

from __future__ import annotations

from hutch.errors import Problem

from .names import normalize, safe_text
from .specifiers import InvalidSpecifier, admits, parse_specifiers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import TypeAlias

    Marker: TypeAlias = tuple["str | Marker", ...]
else:
    Marker = tuple

__all__ = [
    "NEVER",
    "VERSION_VARIABLES",
    "InvalidMarker",
    "Marker",
    "and_",
    "compare",
    "evaluate",
    "mentions_extra",
    "or_",
    "parse_marker",
    "render_marker",
]

NEVER: Marker = ("or",)
NEVER_TEXT = "python_version < '0'"

VERSION_VARIABLES = frozenset(
    {"python_version", "python_full_version", "implementation_version", "platform_release"}
)
SET_VARIABLES = frozenset({"extras", "dependency_groups"})
_VARIABLES = {
    name: name
    for name in (
        "python_version",
        "python_full_version",
        "os_name",
        "sys_platform",
        "platform_release",
        "platform_system",
        "platform_version",
        "platform_machine",
        "platform_python_implementation",
        "implementation_name",
        "implementation_version",
        "extra",
        "extras",
        "dependency_groups",
    )
} | {
    # Spellings of before the specification that old metadata still has.
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.version": "platform_version",
    "platform.machine": "platform_machine",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_OPERATORS = ("===", "==", "!=", "<=", ">=", "~=", "<", ">")
_DEEPEST = 60  # what comes from an archive must not end our stack
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")

_parsed: dict[str, Marker] = {}


class InvalidMarker(Problem):
    """A text that should be an environment marker is none."""

    code = "invalid-marker"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"`{safe_text(text)}` is not a valid marker", why=safe_text(reason))
        self.text = text
        self.reason = reason


def parse_marker(text: str) -> Marker:
    """Parse a marker such as ``sys_platform == 'win32' and python_version < '3.9'``."""
    found = _parsed.get(text)
    if found is None:
        parser = _Parser(text)
        found = parser.alternatives()
        if parser.token:
            raise InvalidMarker(text, f"`{parser.token}` is not expected there")
        _parsed[text] = found
    return found


class _Parser:
    """Recursive descent over tokens: words, operators, parentheses, and quoted values (with quote)."""

    __slots__ = ("_at", "_depth", "_text", "token")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.token = ""
        self.advance()

    def advance(self) -> None:
        """Read the next token; ``""`` at the end."""
        text, at, end = self._text, self._at, len(self._text)
        while at < end and text[at].isspace():
            at += 1
        start = at
        if at == end:
            self.token, self._at = "", at
            return
        first = text[at]
        if first in "'\"":
            at = text.find(first, at + 1) + 1
            if not at:
                raise InvalidMarker(text, f"the quote before `{text[start + 1 :]}` is not closed")
        elif first in "()":
            at += 1
        elif first in _WORD:
            while at < end and text[at] in _WORD:
                at += 1
        else:
            for operator in _OPERATORS:
                if text.startswith(operator, at):
                    at += len(operator)
                    break
            else:
                raise InvalidMarker(text, f"`{first}` is not expected there")
        self.token, self._at = text[start:at], at

    def alternatives(self) -> Marker:
        """``and`` binds closer than ``or``."""
        found = [self._conjunction()]
        while self.token == "or":
            self.advance()
            found.append(self._conjunction())
        return _join("or", found)

    def _conjunction(self) -> Marker:
        found = [self._atom()]
        while self.token == "and":
            self.advance()
            found.append(self._atom())
        return _join("and", found)

    def _atom(self) -> Marker:
        if self.token == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise InvalidMarker(self._text[:80] + "...", "its brackets are nested too deeply")
            self.advance()
            inner = self.alternatives()
            self._depth -= 1
            if self.token != ")":
                raise InvalidMarker(self._text, "a `(` is not closed")
            self.advance()
            return inner
        left_is_value, left = self._operand()
        operator = self.token
        self.advance()
        if operator == "not" and self.token == "in":
            operator = "not in"
            self.advance()
        elif operator not in _OPERATORS and operator != "in":
            expected = "one of <=, <, !=, ==, >=, >, ~=, ===, in, not in"
            raise InvalidMarker(self._text, f"after `{left}` comes `{operator}`, not {expected}")
        right_is_value, right = self._operand()
        if left_is_value is right_is_value:
            what = "two values" if left_is_value else "two variables"
            raise InvalidMarker(self._text, f"`{left} {operator} {right}` compares {what}")
        return self._comparison(operator, left, right, left_is_value)

    def _operand(self) -> tuple[bool, str]:
        token = self.token
        if token[:1] in ("'", '"') and token:
            self.advance()
            return True, self._unquote(token)
        variable = _VARIABLES.get(token)
        if variable is None:
            what = f"`{token}` is not a marker variable or a quoted value" if token else "it ends too early"
            raise InvalidMarker(self._text, what)
        self.advance()
        return False, variable

    def _unquote(self, token: str) -> str:
        if "\\" not in token:
            return token[1:-1]
        from ast import literal_eval

        try:
            return str(literal_eval(token))
        except (SyntaxError, ValueError):
            raise InvalidMarker(self._text, f"{token} is not a valid string") from None

    def _comparison(self, operator: str, left: str, right: str, reversed_: bool) -> Marker:
        variable, value = (right, left) if reversed_ else (left, right)
        if variable in SET_VARIABLES:
            if not reversed_ or operator not in ("in", "not in"):
                raise InvalidMarker(self._text, f"`{variable}` is a set: write `'name' in {variable}`")
            value = normalize(value)
        elif variable == "extra":
            value = normalize(value)
        return (operator, variable, value, "reversed") if reversed_ else (operator, variable, value)


def render_marker(marker: Marker) -> str:
    """The text of a marker, with only the parentheses it needs."""
    kind = marker[0]
    if kind == "or":
        return " or ".join([render_marker(part) for part in _parts(marker)]) or NEVER_TEXT
    if kind == "and":
        return " and ".join(
            [f"({render_marker(part)})" if part[0] == "or" and len(part) > 1 else render_marker(part)
             for part in _parts(marker)]
        )  # fmt: skip
    operator, variable, value = str(kind), str(marker[1]), str(marker[2])
    quoted = f'"{value}"' if "'" in value else f"'{value}'"
    if len(marker) == 4:
        return f"{quoted} {operator} {variable}"
    return f"{variable} {operator} {quoted}"


def evaluate(
    marker: Marker,
    environment: Mapping[str, str],
    extras: Collection[str] = frozenset(),
    groups: Collection[str] = frozenset(),
) -> bool:
    """Is the marker true there? ``extras`` and ``groups`` are normalised names.

    ``extra == 'x'`` asks whether ``x`` is among ``extras`` and ``extra != 'x'`` whether it is not;
    without extras ``extra`` is the empty text. A variable that ``environment`` lacks is empty text.
    """
    kind = marker[0]
    if kind == "and":
        return all(evaluate(part, environment, extras, groups) for part in _parts(marker))
    if kind == "or":
        return any(evaluate(part, environment, extras, groups) for part in _parts(marker))
    operator, variable, value = str(kind), str(marker[1]), str(marker[2])
    reversed_ = len(marker) == 4
    if variable in SET_VARIABLES:
        return (value in (extras if variable == "extras" else groups)) is (operator == "in")
    if variable == "extra":
        quantify: Callable[[Iterable[bool]], bool] = all if operator in ("!=", "not in") else any
        return quantify(compare(operator, variable, extra, value, reversed_) for extra in extras or ("",))
    return compare(operator, variable, environment.get(variable, ""), value, reversed_)


def compare(operator: str, variable: str, actual: str, value: str, reversed_: bool = False) -> bool:
    """One comparison of a variable's ``actual`` text with the ``value`` in the marker."""
    if variable == "python_full_version" and actual.endswith("+"):
        actual += "local"  # a Python built from a checkout: "3.13.0+" is not a version
    left, right = (value, actual) if reversed_ else (actual, value)
    if operator == "in":
        return left in right
    if operator == "not in":
        return left not in right
    if variable in VERSION_VARIABLES:
        try:
            specifiers = parse_specifiers(operator + right)
        except InvalidSpecifier:
            pass
        else:
            if len(specifiers) == 1:
                return admits(specifiers, left)
    if operator in ("==", "===", "<=", ">="):
        return left == right
    if operator == "!=":
        return left != right
    return False  # an order of texts is not defined


def mentions_extra(marker: Marker) -> bool:
    """Does the marker ask for an extra (``extra`` or ``extras``)?"""
    if marker[0] in ("and", "or"):
        return any(mentions_extra(part) for part in _parts(marker))
    return marker[1] in ("extra", "extras")


def and_(*markers: Marker | None) -> Marker | None:
    """All of them; ``None`` (always) among them says nothing."""
    parts: dict[Marker, None] = {}
    for marker in markers:
        if marker is not None:
            if marker == NEVER:
                return NEVER
            parts.update(dict.fromkeys(_parts(marker) if marker[0] == "and" else (marker,)))
    return _join("and", list(parts)) if parts else None


def or_(*markers: Marker | None) -> Marker | None:
    """At least one of them; of none: :data:`NEVER`."""
    parts: dict[Marker, None] = {}
    for marker in markers:
        if marker is None:
            return None
        parts.update(dict.fromkeys(_parts(marker) if marker[0] == "or" else (marker,)))
    return _join("or", list(parts)) if parts else NEVER


def _join(kind: str, parts: list[Marker]) -> Marker:
    if len(parts) == 1:
        return parts[0]
    flat: list[Marker] = []
    for part in parts:
        flat.extend(_parts(part) if part[0] == kind else (part,))
    return (kind, *flat)


def _parts(marker: Marker) -> tuple[Marker, ...]:
    return marker[1:]  # type: ignore[return-value]
