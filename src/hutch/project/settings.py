"""What ``[tool.hutch]`` says about the project itself: targets, sources, constraints, groups.

The same table also holds settings that the machine or the user may give too (indexes, link mode,
offline …); those are read by ``config``, layer by layer. Here is what belongs to the manifest and
goes into the lock. Keys that neither room knows are reported by ``config``, not here: a manifest
written for a newer hutch stays readable.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Literal

    from hutch.project.adjustments import Adjustment, StatedMetadata
    from hutch.project.conda_words import CondaSettings
    from hutch.project.declared import Declared
    from hutch.project.environments import DeclaredEnvironment
    from hutch.project.faults import Faults
    from hutch.project.spans import Path
    from hutch.project.workspace import WorkspaceTable
    from hutch.spec import NormalizedName

__all__ = [
    "DeclaredIndex",
    "ProjectSettings",
    "Source",
    "parse_indexes",
    "parse_moment",
    "parse_source",
    "resolve_moment",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredIndex:
    """One ``[[tool.hutch.index]]`` table: an index by name. ``url`` may be a relative path, or ``default``
    for the index that is asked where no project says otherwise.

    ``supplemental`` ones are asked last, for what no other index has.
    ``absent_statuses`` are statuses by which it says that it does not have a project, beside 404.
    """

    name: str
    url: str
    default: bool = False
    explicit: bool = False
    supplemental: bool = False
    kind: Literal["simple", "flat"] = "simple"
    verify: bool = True
    absent_statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one dependency comes from instead of the indexes: an entry of ``[tool.hutch.sources]``.

    ``location`` is a path (as written, relative to the manifest), a repository, a URL or the name
    of an index, by ``kind``. ``marker`` limits it to some targets, ``extra`` or ``group`` to where that
    is chosen; a name may have several sources. ``path`` is where it stands in the manifest, ``place``
    where if not in that. Of ``workspace`` there is no location: its name says which member is meant.
    """

    kind: Literal["path", "git", "url", "index", "workspace"]
    location: str
    editable: bool = False
    subdirectory: str | None = None
    revision: str | None = None
    revision_kind: Literal["rev", "branch", "tag"] | None = None
    marker: str | None = None
    extra: str | None = None
    group: str | None = None
    submodules: bool = True
    lfs: bool = False
    path: Path = field(default=(), compare=False)
    place: str | None = field(default=None, compare=False)

    @property
    def where(self) -> str | None:
        """``extra:cpu`` or ``group:dev``, where it counts only if that is chosen."""
        if self.extra is not None:
            return f"extra:{self.extra}"
        return f"group:{self.group}" if self.group is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """``[tool.hutch]``, as far as it describes the project. None: not said."""

    targets: tuple[str, ...] | None = None
    indexes: tuple[DeclaredIndex, ...] = ()
    sources: Mapping[NormalizedName, tuple[Source, ...]] = field(default_factory=dict)
    constraints: tuple[Declared, ...] = ()
    build_constraints: tuple[Declared, ...] = ()
    overrides: tuple[Adjustment, ...] = ()
    excludes: tuple[Adjustment, ...] = ()
    stated_metadata: tuple[StatedMetadata, ...] = ()
    conflicts: tuple[tuple[str, ...], ...] = ()
    default_groups: tuple[NormalizedName, ...] | Literal["all"] | None = None
    package: bool | None = None
    python: str | None = None
    exclude_newer: str | None = None
    newer_packages: Mapping[str, str | None] = field(default_factory=dict)
    newer_indexes: Mapping[str, str | None] = field(default_factory=dict)
    workspace: WorkspaceTable | None = None
    environments: Mapping[str, DeclaredEnvironment] = field(default_factory=dict)
    conda: CondaSettings | None = None


_SELECTORS = ("marker", "extra", "group")
_FLAGS = ("editable", "submodules", "lfs", "workspace")
_SOURCE_KEYS = {
    "path": {"editable", "subdirectory"},
    "git": {"rev", "branch", "tag", "subdirectory", "submodules", "lfs"},
    "url": {"subdirectory"},
    "index": set[str](),
    "workspace": {"editable"},
}


def parse_indexes(value: object, faults: Faults, path: Path = ("index",)) -> tuple[DeclaredIndex, ...]:
    """Read an array of index tables; what is wrong goes to ``faults``."""
    if not isinstance(value, list):
        faults.add(path, "should be an array of tables ([[tool.hutch.index]])")
        return ()
    found: list[DeclaredIndex] = []
    for number, item in enumerate(value):
        at = (*path, number)
        if not isinstance(item, dict):
            faults.add(at, "should be a table with name and url")
            continue
        index = _index(item, faults, at)
        if index is None:
            continue
        if any(other.name == index.name for other in found):
            faults.add((*at, "name"), f"the name {index.name!r} is taken by an index above")
        elif index.default and any(other.default for other in found):
            faults.add((*at, "default"), "a second default index")
        else:
            found.append(index)
    return tuple(found)


def _index(item: dict[str, object], faults: Faults, at: Path) -> DeclaredIndex | None:
    known: dict[str, type] = {
        "name": str,
        "url": str,
        "default": bool,
        "explicit": bool,
        "supplemental": bool,
        "format": str,
        "verify": bool,
        "absent-statuses": list,
    }
    before = len(faults.found)
    for key, value in item.items():
        if key not in known:
            faults.add((*at, key), f"unknown key; an index has {', '.join(known)}")
        elif not isinstance(value, known[key]):
            faults.add((*at, key), f"should be {_A[known[key]]}, not {a_kind(value)}")
    for key in ("name", "url"):
        if not item.get(key):
            faults.add(at, f"has no {key}")
    name, kind = item.get("name"), item.get("format", "simple")
    if (
        isinstance(name, str)
        and name
        and not name.replace("-", "").replace("_", "").replace(".", "").isalnum()
    ):
        faults.add((*at, "name"), "should be of letters, digits, '-', '_' and '.' only")
    if kind not in ("simple", "flat"):
        faults.add((*at, "format"), "should be 'simple' or 'flat'")
    if item.get("default") is True and item.get("explicit") is True:
        faults.add((*at, "explicit"), "the default index is asked for every name, so it cannot be explicit")
    if item.get("supplemental") is True and (item.get("default") is True or item.get("explicit") is True):
        faults.add(
            (*at, "supplemental"), "an index is asked last for every name, or it is default or explicit"
        )
    statuses = item.get("absent-statuses", [])
    if isinstance(statuses, list) and not all(isinstance(n, int) and 400 <= n < 500 for n in statuses):
        faults.add((*at, "absent-statuses"), "should be HTTP statuses from 400 to 499")
    if len(faults.found) > before:
        return None
    return DeclaredIndex(
        name=str(name),
        url=str(item["url"]),
        default=item.get("default") is True,
        explicit=item.get("explicit") is True,
        supplemental=item.get("supplemental") is True,
        kind="flat" if kind == "flat" else "simple",
        verify=item.get("verify", True) is True,
        absent_statuses=tuple(statuses) if isinstance(statuses, list) else (),
    )


def parse_source(value: object, faults: Faults, at: Path) -> tuple[Source, ...]:
    """Read the sources of one name: a table, or an array of tables that have markers."""
    if isinstance(value, list):
        return tuple(s for i, item in enumerate(value) for s in parse_source(item, faults, (*at, i)))
    if not isinstance(value, dict):
        faults.add(at, 'should be a table such as { path = "../lib" } or { git = "https://…" }')
        return ()
    kinds = [kind for kind in _SOURCE_KEYS if kind in value]
    if len(kinds) != 1:
        said = " and ".join(kinds) if kinds else "none"
        faults.add(at, f"should have exactly one of {', '.join(_SOURCE_KEYS)}; it has {said}")
        return ()
    kind = kinds[0]
    before = len(faults.found)
    for key, item in value.items():
        if key not in _SOURCE_KEYS[kind] | {kind, *_SELECTORS}:
            faults.add((*at, key), f"has no meaning for a source with {kind}")
        elif not isinstance(item, bool if key in _FLAGS else str):
            wanted = _A[bool] if key in _FLAGS else _A[str]
            faults.add((*at, key), f"should be {wanted}, not {a_kind(item)}")
        elif key == "workspace" and not item:
            faults.add((*at, key), "should be true; what is no member of the workspace needs no such entry")
    if "extra" in value and "group" in value:
        faults.add(at, "should have extra or group, not both; write one entry for each")
    revisions = [key for key in ("rev", "branch", "tag") if key in value]
    if len(revisions) > 1:
        faults.add(at, f"should have one of {' and '.join(revisions)}")
    marker = value.get("marker")
    if isinstance(marker, str):
        from hutch.errors import Problem
        from hutch.spec import parse_marker

        try:
            parse_marker(marker)
        except Problem as problem:
            faults.add((*at, "marker"), problem.what)
    if len(faults.found) > before:
        return ()
    from hutch.spec import normalize

    return (
        Source(
            kind=kind,  # type: ignore[arg-type]
            location=value[kind] if kind != "workspace" else "",
            editable=value.get("editable", kind == "workspace"),
            subdirectory=value.get("subdirectory"),
            revision=value[revisions[0]] if revisions else None,
            revision_kind=revisions[0] if revisions else None,  # type: ignore[arg-type]
            marker=marker,
            extra=normalize(value["extra"]) if "extra" in value else None,
            group=normalize(value["group"]) if "group" in value else None,
            submodules=value.get("submodules", True),
            lfs=value.get("lfs", False),
            path=at,
        ),
    )


def parse_moment(value: object) -> str | None:
    """A point in time as text: RFC 3339 in UTC (``2026-11-01T00:00:00Z``) or a span (``30 days``).

    Takes what TOML and the command line give: a TOML date or date-time, ``2026-11-01``, an RFC 3339
    text, ``30 days``, ``2 weeks``, ``12 hours``, ``30d``. A day means its beginning, in UTC. None
    when it is none of these. A span counts back from now; whoever has a clock resolves it.
    """
    from datetime import UTC, date, datetime, time

    if isinstance(value, str):
        words = value.strip().lower().removesuffix(" ago").strip()
        digits = words.rstrip("abcdefghijklmnopqrstuvwxyz ")
        if digits.isascii() and digits.isdigit():
            unit = _UNITS.get(words[len(digits) :].strip())
            return f"{int(digits)} {unit}" if unit else None
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    elif isinstance(value, date):
        moment = datetime.combine(value, time(), UTC)
    else:
        return None
    return moment.replace(tzinfo=None).isoformat() + "Z"


def resolve_moment(moment: str, now: datetime) -> str:
    """A text of ``parse_moment`` as a time: a span counts back from ``now`` (which has a time zone)."""
    number, _, unit = moment.partition(" ")
    if not unit:
        return moment
    from datetime import UTC, timedelta

    past = now.astimezone(UTC) - timedelta(**{unit: int(number)})
    return past.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


_UNITS = {
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "week", "weeks"), "weeks"),
    **dict.fromkeys(("h", "hour", "hours"), "hours"),
}

_A = {
    str: "a string",
    bool: "true or false",
    int: "a number",
    list: "an array",
    dict: "a table",
    float: "a number",
}


def a_kind(value: object) -> str:
    """What ``value`` is, in TOML's words, for a sentence."""
    return _A.get(type(value), "a date")
