"""What ``[tool.hutch]`` says against the words of others: overrides, excludes, corrected metadata.

A *scope* stands before a ``>``: ``"pandas > numpy >=2"`` is about what pandas asks of numpy,
``"pandas <2.2 > numpy >=2"`` about those versions of pandas alone. Without one it is about everybody.
An entry that is to be looked at again is a table with a ``reason`` and a date, ``until``.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.project.declared import Declared
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.declared import Locator
    from hutch.project.faults import Faults
    from hutch.project.spans import Path
    from hutch.spec import Requirement, Specifiers

__all__ = [
    "Adjustment",
    "StatedMetadata",
    "parse_day",
    "parse_excludes",
    "parse_overrides",
    "parse_stated_metadata",
    "split_scope",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """An override or an exclude: ``declared`` is what shall hold, or the package not wanted.

    ``parent`` limits it to what these versions of one package ask for. ``until`` is the last day
    (``2026-12-31``) on which nobody has to ask whether it is still needed.
    """

    declared: Declared
    parent: Requirement | None = None
    reason: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedMetadata:
    """What a version (None: every version) of a package should have said of itself. None: as it did.

    ``path`` is where it stands in the manifest.
    """

    name: str
    version: str | None = None
    requirements: tuple[Requirement, ...] | None = None
    requires_python: Specifiers | None = None
    extras: tuple[str, ...] | None = None
    path: Path = field(default=(), compare=False)


class _Reader:
    def __init__(self, faults: Faults, filename: str, locator: Locator) -> None:
        self.faults = faults
        self.filename = filename
        self.locator = locator

    def items(self, value: object, at: Path, what: str) -> list[tuple[Path, object]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.faults.add(at, f"should be an array of {what}")
            return []
        return [((*at, number), item) for number, item in enumerate(value)]

    def adjustment(self, item: object, at: Path, key: str) -> Adjustment | None:
        """A text, or a table with the text under ``key``, ``reason`` and ``until``."""
        reason = until = None
        if isinstance(item, dict):
            for name in item:
                if name not in (key, "reason", "until"):
                    self.faults.add((*at, name), f"unknown key; there are {key}, reason and until")
            reason = item.get("reason")
            if reason is not None and not isinstance(reason, str):
                self.faults.add((*at, "reason"), "should be a string")
                reason = None
            until = self.day(item.get("until"), (*at, "until"))
            if key not in item:
                self.faults.add(at, f"has no {key}")
                return None
            item, at = item[key], (*at, key)
        if not isinstance(item, str):
            self.faults.add(at, f"should be a string, or a table with {key}, reason and until")
            return None
        scope, text = split_scope(item)
        parent = self.requirement(scope, at) if scope else None
        requirement = self.requirement(text, at)
        if requirement is None or (scope and parent is None):
            return None
        if parent is not None and (parent.marker is not None or parent.url or parent.extras):
            self.faults.add(at, "before the > stands a package, and at most which versions of it")
            return None
        declared = Declared(
            requirement=requirement, text=text, path=at, filename=self.filename, locator=self.locator
        )
        return Adjustment(declared=declared, parent=parent, reason=reason, until=until)

    def day(self, value: object, at: Path) -> str | None:
        return parse_day(value, self.faults, at)

    def requirement(self, text: str, at: Path) -> Requirement | None:
        from hutch.spec import parse_requirement

        try:
            return parse_requirement(text)
        except Problem as problem:
            self.faults.add(at, "; ".join((problem.what, *problem.why)))
            return None


def parse_day(value: object, faults: Faults, at: Path) -> str | None:
    """A date of TOML or as a text, as ``2026-12-31``."""
    from datetime import date, datetime

    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        faults.add(at, "should be a date such as 2026-12-31")
        return None
    return value.isoformat()


def split_scope(text: str) -> tuple[str, str]:
    """``"pandas <2 > numpy >=2"`` → ``("pandas <2", "numpy >=2")``; no scope: an empty text.

    A ``>`` before a letter: what a comparison has behind it is a version, and begins with a digit.
    """
    end = min((at for sign in (";", "@") if (at := text.find(sign)) >= 0), default=len(text))
    at = text.find(">", 0, end)
    while at >= 0:
        if text[at + 1 : end].lstrip()[:1].isalpha():
            return text[:at].strip(), text[at + 1 :].strip()
        at = text.find(">", at + 1, end)
    return "", text.strip()


def parse_overrides(
    value: object, faults: Faults, at: Path, filename: str, locator: Locator
) -> tuple[Adjustment, ...]:
    """Read ``overrides``; what is wrong goes to ``faults``."""
    reader = _Reader(faults, filename, locator)
    found = []
    for place, item in reader.items(value, at, "requirements"):
        one = reader.adjustment(item, place, "require")
        if one is None:
            continue
        if one.declared.requirement.url is not None:
            faults.add(place, "an override has no URL; say in tool.hutch.sources where a package comes from")
        else:
            found.append(one)
    return tuple(found)


def parse_excludes(
    value: object, faults: Faults, at: Path, filename: str, locator: Locator
) -> tuple[Adjustment, ...]:
    """Read ``excludes``: names of packages."""
    reader = _Reader(faults, filename, locator)
    found = []
    for place, item in reader.items(value, at, "names of packages"):
        one = reader.adjustment(item, place, "exclude")
        if one is None:
            continue
        requirement = one.declared.requirement
        if requirement.render() != requirement.name:
            faults.add(place, "should be the name of a package alone")
        else:
            found.append(one)
    return tuple(found)


def parse_stated_metadata(
    value: object, faults: Faults, at: Path, filename: str, locator: Locator
) -> tuple[StatedMetadata, ...]:
    """Read ``dependency-metadata``: tables with name, version, requires-dist, requires-python."""
    reader = _Reader(faults, filename, locator)
    found: list[StatedMetadata] = []
    for place, item in reader.items(value, at, "tables with name, version and requires-dist"):
        if not isinstance(item, dict):
            faults.add(place, "should be a table with name, version and requires-dist or requires-python")
            continue
        one = _stated(item, reader, place)
        if one is None:
            continue
        if any((other.name, other.version) == (one.name, one.version) for other in found):
            faults.add(place, "the metadata of this version is given twice")
        else:
            found.append(one)
    return tuple(found)


def _stated(item: dict[str, object], reader: _Reader, at: Path) -> StatedMetadata | None:
    from hutch.spec import is_valid_name, normalize, parse_specifiers, version_key

    faults = reader.faults
    before = len(faults.found)
    known = ("name", "version", "requires-dist", "requires-python", "provides-extra")
    for key in item:
        if key not in known:
            faults.add((*at, key), f"unknown key; there are {', '.join(known)}")
    name, version = item.get("name"), item.get("version")
    if not isinstance(name, str) or not is_valid_name(name):
        faults.add((*at, "name") if "name" in item else at, "should have the name of a package")
    if version is not None:
        try:
            version_key(version)  # type: ignore[arg-type]
        except (Problem, TypeError, AttributeError):
            faults.add((*at, "version"), "should be a version")
    requirements = extras = requires_python = None
    if "requires-dist" in item:
        requirements = tuple(
            read
            for place, text in reader.items(item["requires-dist"], (*at, "requires-dist"), "requirements")
            if (read := reader.requirement(str(text), place)) is not None
        )
    if "provides-extra" in item:
        names = reader.items(item["provides-extra"], (*at, "provides-extra"), "names")
        extras = tuple(normalize(str(text)) for _, text in names)
    if "requires-python" in item:
        try:
            requires_python = parse_specifiers(item["requires-python"])  # type: ignore[arg-type]
        except (Problem, TypeError, AttributeError):
            faults.add((*at, "requires-python"), "should be a text such as '>=3.9'")
    if requirements is None and requires_python is None and len(faults.found) == before:
        faults.add(at, "says neither requires-dist nor requires-python, so it changes nothing")
    if len(faults.found) > before:
        return None
    return StatedMetadata(
        name=normalize(str(name)),
        version=None if version is None else str(version),
        requirements=requirements,
        requires_python=requires_python,
        extras=extras,
        path=at,
    )
