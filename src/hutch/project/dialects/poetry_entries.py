"""One dependency of Poetry: its requirement, and where it comes from.

``foo = "^1.2"``, ``foo = { version = "*", extras = ["x"], python = "<3.11", source = "company" }``,
``foo = { git = "…", branch = "main" }``, or an array of such tables, each for some environments.
"""

from __future__ import annotations

from hutch.project.dialects.poetry_constraints import (
    InvalidConstraint,
    parse_constraint,
    platform_marker,
    python_marker,
    span_of,
)
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.project.dialects.draft import Draft, Origin
    from hutch.project.spans import Path
    from hutch.spec import Marker, NormalizedName, Specifiers

__all__ = ["Entry", "read_entries", "settled", "ssh_url"]

_PLACES = ("git", "path", "file", "url")
_KEYS = frozenset(
    {
        *("version", "python", "platform", "markers", "allow-prereleases", "allows-prereleases"),
        *("optional", "extras", "source", "develop", "subdirectory", "branch", "tag", "rev"),
        *_PLACES,
    }
)
_STRINGS = ("version", "python", "platform", "markers", "source", "subdirectory", "branch", "tag", "rev")
_FLAGS = ("allow-prereleases", "allows-prereleases", "optional", "develop")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar")
ANY_PRERELEASE = (">=", "0.dev0")
"""All versions; naming a pre-release, it asks for those too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What Poetry is told of one name in one place.

    ``source`` is the entry of ``[tool.hutch.sources]``, without a marker; None: the usual indexes.
    ``index`` is the name that Poetry gives that index. ``told`` is what the table holds, for the checks of
    tables that only add to a requirement of ``[project]``.
    """

    name: NormalizedName
    origin: Path
    specifiers: Specifiers = ()
    extras: tuple[str, ...] = ()
    marker: Marker | None = None
    source: Mapping[str, Any] | None = field(default=None, hash=False)
    optional: bool = False

    def render(self, marker: Marker | None = None) -> str:
        """The requirement as text; ``marker`` instead of its own, if that was settled."""
        from hutch.spec import Requirement

        return Requirement(
            name=self.name,
            extras=self.extras,
            specifiers=() if self.source is not None and "index" not in self.source else self.specifiers,
            marker=marker,
        ).render()


def read_entries(
    draft: Draft, name: str, value: object, origin: Path, index_of: Callable[[str], str | None]
) -> list[Entry]:
    """The entries of one key; ``index_of`` gives the name that an index has in hutch."""
    from hutch.spec import is_valid_name

    if not is_valid_name(name):
        draft.fault(origin, f"`{name}` is not a name that a package can have")
        return []
    if not isinstance(value, list):
        return _one(draft, name, value, origin, index_of)
    if not value:
        draft.fault(origin, "should have a table for each case; it has none")
    return [
        entry
        for number, item in enumerate(value)
        for entry in _one(draft, name, item, (*origin, number), index_of)
    ]


def _one(
    draft: Draft, name: str, value: object, origin: Path, index_of: Callable[[str], str | None]
) -> list[Entry]:
    from hutch.spec import normalize

    if isinstance(value, str):
        specifiers = _specifiers(draft, name, value, origin)
        return (
            [] if specifiers is None else [Entry(name=normalize(name), specifiers=specifiers, origin=origin)]
        )
    if not isinstance(value, dict):
        draft.fault(origin, 'should be versions such as "^1.2", or a table')
        return []
    before = len(draft.faults)
    _check_shape(draft, value, origin)
    if len(draft.faults) > before:
        return []
    specifiers = _specifiers(draft, name, value.get("version", "*"), (*origin, "version"))
    marker = _marker(draft, value, origin)
    source = _source(draft, value, origin, index_of)
    if specifiers is None or len(draft.faults) > before:
        return []
    if value.get("allow-prereleases", value.get("allows-prereleases")):
        specifiers = _with_prereleases(specifiers)
    return [
        Entry(
            name=normalize(name),
            specifiers=specifiers,
            extras=tuple(sorted({normalize(each) for each in value.get("extras", ())})),
            marker=marker,
            source=source,
            # Poetry does not read `optional` beside `file`: what is so given is always installed.
            optional=value.get("optional", False) and "file" not in value,
            origin=origin,
        )
    ]


def _check_shape(draft: Draft, value: Mapping[str, Any], origin: Path) -> None:
    for key, item in value.items():
        at = (*origin, key)
        if key not in _KEYS:
            draft.fault(at, "is nothing that Poetry knows of a dependency")
        elif key in _FLAGS and not isinstance(item, bool):
            draft.fault(at, "should be true or false")
        elif key in (*_STRINGS, *_PLACES) and not isinstance(item, str):
            draft.fault(at, "should be a string")
        elif key == "extras" and not (isinstance(item, list) and all(isinstance(each, str) for each in item)):
            draft.fault(at, "should be an array of strings")
    places = [key for key in _PLACES if key in value]
    if len(places) > 1:
        draft.fault(origin, f"should come from one place; it has {' and '.join(places)}")
    revisions = [key for key in ("rev", "branch", "tag") if key in value]
    if len(revisions) > 1:
        draft.fault(origin, f"should have one of {' and '.join(revisions)}")


def _specifiers(draft: Draft, name: str, text: str, origin: Origin) -> Specifiers | None:
    try:
        found, beyond = span_of(parse_constraint(text))
    except InvalidConstraint as error:
        draft.fault(origin, str(error))
        return None
    if beyond:
        words = f"{name} {text}: a requirement is one range of versions, so {beyond} is in it as well"
        draft.note(origin, words)
    return found


def _with_prereleases(specifiers: Specifiers) -> Specifiers:
    from hutch.spec import mentions_prerelease, parse_specifiers, render_specifiers

    if mentions_prerelease(specifiers):
        return specifiers
    return parse_specifiers(",".join((render_specifiers((ANY_PRERELEASE,)), render_specifiers(specifiers))))


def _marker(draft: Draft, value: Mapping[str, Any], origin: Path) -> Marker | None:
    from hutch.errors import Problem
    from hutch.spec import and_, parse_marker

    marker: Marker | None = None
    for key, read in (("markers", parse_marker), ("python", python_marker), ("platform", platform_marker)):
        text = value.get(key)
        if not text:
            continue
        try:
            marker = and_(marker, read(text))
        except InvalidConstraint as error:
            draft.fault((*origin, key), str(error))
        except Problem as problem:
            draft.fault((*origin, key), "; ".join((problem.what, *problem.why)))
    return marker


def _source(
    draft: Draft, value: Mapping[str, Any], origin: Path, index_of: Callable[[str], str | None]
) -> dict[str, Any] | None:
    """The entry of ``[tool.hutch.sources]``, if the dependency comes from elsewhere than the indexes."""
    found: dict[str, Any] = {}
    if "git" in value:
        found = {"git": ssh_url(value["git"])}
        found |= {key: value[key] for key in ("rev", "branch", "tag") if key in value}
        if value.get("develop"):
            draft.note((*origin, "develop"), "a package from a repository is not editable in hutch")
    elif "url" in value:
        found = {"url": value["url"]}
    elif "path" in value or "file" in value:
        place = value.get("path", value.get("file"))
        found = {"path": place}
        if "file" not in value and value.get("develop") and not place.lower().endswith(_ARCHIVES):
            found["editable"] = True
    if found:
        if "subdirectory" in value:
            found["subdirectory"] = value["subdirectory"]
        return found
    if "source" in value:
        index = index_of(value["source"])
        if index is None:
            draft.fault((*origin, "source"), f"there is no [[tool.poetry.source]] {value['source']!r}")
        return {"index": index}
    return None


def ssh_url(url: str) -> str:
    """``git@host:team/lib.git``, as ``scp`` writes places, is ``ssh://git@host/team/lib.git``."""
    if "://" in url or "\\" in url:
        return url
    head, colon, path = url.partition(":")
    if not colon or "/" in head or len(head) < 2 or not path:  # one letter: a drive of Windows
        return url
    return f"ssh://{head}/{path.lstrip('/')}"


def settled(marker: Marker | None, extras: frozenset[str]) -> Marker | bool:
    """The marker where these extras of the project and no others are chosen: True, False, or the rest."""
    from hutch.spec import and_, evaluate, or_

    if marker is None:
        return True
    if marker[0] in ("and", "or"):
        parts = [settled(part, extras) for part in marker[1:]]  # type: ignore[arg-type]
        ends = marker[0] == "or"  # what one part decides alone
        if ends in [part for part in parts if isinstance(part, bool)]:
            return ends
        rest = [part for part in parts if not isinstance(part, bool)]
        joined = (or_ if ends else and_)(*rest) if rest else None
        return joined if joined is not None else not ends
    return evaluate(marker, {}, extras) if marker[1] == "extra" else marker
