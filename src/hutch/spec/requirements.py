"""Requirements: ``name[extras]>=1,<2 ; marker`` and ``name @ url ; marker``, as values.

The grammar is that of the dependency specifiers specification (PEP 508). It is parsed by hand:
metadata of a hundred packages holds thousands of these, and the reference parser takes 15-36 µs
each after an import of 27 ms; it stays the oracle of the tests.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

from .markers import InvalidMarker, Marker, parse_marker, render_marker
from .names import NormalizedName, is_valid_name, normalize, safe_text
from .specifiers import InvalidSpecifier, Specifiers, parse_specifiers, render_specifiers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "InvalidRequirement",
    "Requirement",
    "parse_requirement",
    "requirement_from_tuple",
    "requirement_to_tuple",
]

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


class InvalidRequirement(Problem):
    """A text that should be a requirement is none."""

    code = "invalid-requirement"

    def __init__(self, text: str, reason: str, *, hint: str | tuple[str, ...] = ()) -> None:
        super().__init__(f"`{safe_text(text)}` is not a valid requirement", why=safe_text(reason), hint=hint)
        self.text = text
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What someone asks of one project. ``name`` and ``extras`` are normalised, extras sorted.

    Either ``url`` or ``specifiers`` constrains it, never both; ``marker`` ``None`` means always.
    """

    name: NormalizedName
    extras: tuple[str, ...] = ()
    specifiers: Specifiers = ()
    marker: Marker | None = None
    url: str | None = None

    def render(self) -> str:
        """The normal text: ``name[a,b]>=1,<2; marker`` or ``name[a,b] @ url ; marker``."""
        text = f"{self.name}[{','.join(self.extras)}]" if self.extras else str(self.name)
        if self.url is not None:
            text += f" @ {self.url}"
        else:
            text += render_specifiers(self.specifiers)
        if self.marker is not None:
            # A URL may contain `;`, so a space has to end it.
            text += f"{' ' if self.url is not None else ''}; {render_marker(self.marker)}"
        return text


def parse_requirement(text: str) -> Requirement:
    """Parse one requirement; :class:`InvalidRequirement` says what is wrong with it."""
    return parse_requirement_with(text, parse_specifiers)


def parse_requirement_with(text: str, parse: Any) -> Requirement:
    """As :func:`parse_requirement`, with another parser for the text of the specifiers."""
    rest = text.strip()
    end = 0
    while end < len(rest) and rest[end] in _NAME:
        end += 1
    name = rest[:end]
    if not is_valid_name(name):
        raise InvalidRequirement(text, "it does not begin with the name of a project", hint=_hint_for(text))
    rest = rest[end:].lstrip()
    extras: tuple[str, ...] = ()
    if rest[:1] == "[":
        inside, closed, rest = rest[1:].partition("]")
        if not closed:
            raise InvalidRequirement(text, "the `[` of the extras is not closed")
        extras = _parse_extras(text, inside)
        rest = rest.lstrip()
    url: str | None = None
    specifiers: Specifiers = ()
    marker_text: str | None = None
    if rest[:1] == "@":
        url, marker_text = _split_url(text, rest[1:].strip())
    else:
        constraint, semicolon, after = rest.partition(";")
        marker_text = after if semicolon else None
        constraint = constraint.strip()
        if constraint[:1] == "(" and constraint[-1:] == ")":
            constraint = constraint[1:-1].strip()
        if constraint:
            if constraint[0] not in "<>=!~" and parse is parse_specifiers:
                raise InvalidRequirement(
                    text, f"`{constraint}` is not expected after the name", hint=_hint_for(text)
                )
            try:
                specifiers = parse(constraint)
            except InvalidSpecifier as problem:
                raise InvalidRequirement(text, f"`{problem.text}`: {problem.reason}") from None
    marker: Marker | None = None
    if marker_text is not None:
        if not marker_text.strip():
            raise InvalidRequirement(text, "no marker follows the `;`")
        try:
            marker = parse_marker(marker_text.strip())
        except InvalidMarker as problem:
            raise InvalidRequirement(text, f"in the marker, {problem.reason}") from None
    return Requirement(name=normalize(name), extras=extras, specifiers=specifiers, marker=marker, url=url)


def _parse_extras(text: str, inside: str) -> tuple[str, ...]:
    if not inside.strip():
        return ()
    names = [piece.strip() for piece in inside.split(",")]
    for name in names:
        if not is_valid_name(name):
            raise InvalidRequirement(text, f"`{name}` is not the name of an extra")
    return tuple(sorted({str(normalize(name)) for name in names}))


def _split_url(text: str, rest: str) -> tuple[str, str | None]:
    """The URL reaches to the first white space; a marker needs ``;`` after that."""
    pieces = rest.split(None, 1)
    if not pieces:
        raise InvalidRequirement(text, "no URL follows the `@`")
    if len(pieces) == 1:
        return pieces[0], None
    after = pieces[1].lstrip()
    if after[:1] != ";":
        raise InvalidRequirement(text, f"`{after}` is not expected after the URL")
    return pieces[0], after[1:]


def _hint_for(text: str) -> tuple[str, ...]:
    """Things people write where a requirement belongs."""
    if "://" in text or text.startswith(("./", "../", "/", "~")):
        return ("a URL or a path needs a name before it: `name @ URL`",)
    return ()


def requirement_to_tuple(requirement: Requirement) -> tuple[Any, ...]:
    """Plain values for ``marshal``; see :func:`requirement_from_tuple`."""
    return (
        requirement.name,
        requirement.extras,
        requirement.specifiers,
        requirement.marker,
        requirement.url,
    )


def requirement_from_tuple(value: tuple[Any, ...]) -> Requirement:
    """The requirement that :func:`requirement_to_tuple` took apart."""
    name, extras, specifiers, marker, url = value
    return Requirement(name=name, extras=extras, specifiers=specifiers, marker=marker, url=url)
