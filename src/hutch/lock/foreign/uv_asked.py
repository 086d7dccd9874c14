"""Requirements as a manifest has them and as ``uv.lock`` repeats them, made comparable."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from hutch.project import Manifest, Source
    from hutch.spec import Marker, Requirement, Specifiers

__all__ = ["UNKNOWN", "Asked", "asked_of", "asked_of_lock", "same_markers", "same_pythons", "version_word"]

MEMBER = "member"
UNKNOWN = "index ?"
"""An index that no file of the project has: it stands in the configuration of whoever made the lock."""
_MOST = 20_000
"""Environments in which two markers are compared at most; beyond that they count as equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A requirement: ``key`` is what has to be equal, ``place`` where it comes from, if not from any index.

    ``is_sure``: a source without a marker, so that it must be in the lock.
    """

    name: str
    key: tuple[Any, ...]
    marker: Marker | None
    text: str
    place: str = ""
    is_sure: bool = False

    @staticmethod
    def of(requirement: Requirement, where: str, *, place: str = "", is_sure: bool = False) -> Asked:
        """A requirement of the list ``where``; that of an extra has it in its marker, as in the lock."""
        from hutch.lock.urls import without_credentials
        from hutch.spec import and_
        from hutch.values import replace

        url = requirement.url
        kind, _, name = where.partition(":")
        marker = requirement.marker
        # What has one place has one version: uv drops the bounds.
        bounds = () if place and not place.startswith("index ") else requirement.specifiers
        if kind == "extra":
            marker = and_(marker, ("==", "extra", name))
        return Asked(
            name=requirement.name,
            key=(requirement.name, tuple(sorted(requirement.extras)), _comparable(bounds)),
            marker=marker,
            text=replace(requirement, marker=None, url=url and without_credentials(url)).render(),
            place=place,
            is_sure=is_sure,
        )


def _comparable(specifiers: Specifiers) -> tuple[tuple[str, str], ...]:
    """Each with its version as it is ordered: ``>=1.0`` is ``>=1``. But zeros count for ``~=`` and ``.*``."""
    found = []
    for operator, version in specifiers:
        plain = version.lower().removeprefix("v")
        if operator not in ("~=", "===") and not plain.endswith(".*"):
            plain = version_word(plain)
        found.append((operator, plain))
    return tuple(sorted(found))


def version_word(text: str) -> str:
    """A word that is equal for equal versions."""
    from hutch.errors import Problem
    from hutch.spec import version_key

    try:
        return repr(version_key(text))
    except Problem:
        return text


def asked_of(own: Manifest, name: str, whole: Manifest) -> dict[str, list[Asked]]:
    """What a project asks for: the extras under ``project``, as in a lock, the groups by themselves."""
    found: dict[str, list[Asked]] = {"project": []}
    for where, declared in own.requirements().items():
        target = where if where.startswith("group:") else "project"
        for one in declared:
            sources = _sources(own, whole, one.requirement.name, where)
            for place, is_sure in sources or [(_url(one.requirement.url), bool(one.requirement.url))]:
                found.setdefault(target, []).append(
                    Asked.of(one.requirement, where, place=place, is_sure=is_sure)
                )
        found.setdefault(target, [])
    return found


def _sources(own: Manifest, whole: Manifest, name: str, where: str) -> list[tuple[str, bool]]:
    """The places that sources name for a requirement, each with whether it counts everywhere."""
    root = whole.parts[0].manifest if whole.parts else own
    said = own.settings.sources.get(name) or root.settings.sources.get(name) or ()  # type: ignore[call-overload]
    return [
        (_place(source, own, root), source.marker is None)
        for source in said
        if source.where is None or source.where == where
    ]


def _place(source: Source, own: Manifest, root: Manifest) -> str:
    if source.kind == "index":
        indexes = (*own.settings.indexes, *root.settings.indexes)
        urls = [each.url for each in indexes if each.name == source.location]
        return _index(urls[0]) if urls else UNKNOWN
    if source.kind == "git":
        revision = f"{source.revision_kind}={source.revision}" if source.revision else ""
        return f"git {_repository(source.location)} {revision}"
    if source.kind == "url":
        return _archive(source.location)
    if source.kind == "workspace":
        return MEMBER
    return "editable" if source.editable else "local"


def _index(url: str) -> str:
    """An index; of one on a disk the lock has a path of the machine that made it."""
    from hutch.lock.urls import without_credentials

    return f"index {without_credentials(url).rstrip('/')}" if url.startswith(("https:", "http:")) else ""


def _archive(url: str) -> str:
    from hutch.lock.urls import without_credentials

    return f"url {without_credentials(url.partition('#')[0])}"


def _repository(url: str) -> str:
    from hutch.lock.urls import without_credentials

    plain = without_credentials(url.removeprefix("git+").partition("?")[0])
    return plain.rstrip("/").removesuffix(".git")


def _url(url: str | None) -> str:
    """A requirement by URL, as the lock would have it."""
    if url is None:
        return ""
    if url.startswith("git+"):
        address, _, revision = url.partition("#")[0].rpartition("@")
        if "://" not in address or "/" in revision:
            address, revision = url.partition("#")[0], ""
        return f"git {_repository(address)} {f'rev={revision}' if revision else ''}"
    return "local" if url.startswith("file:") else _archive(url)


def asked_of_lock(tables: Iterable[Mapping[str, Any]], members: Collection[str] = ()) -> list[Asked]:
    """The requirements that the lock repeats. What is no requirement is passed over: parsing tells of it."""
    from hutch.errors import Problem
    from hutch.spec import Requirement, normalize, parse_marker, parse_specifiers

    found = []
    for table in tables:
        try:
            requirement = Requirement(
                name=normalize(table["name"]),
                extras=tuple(sorted(normalize(each) for each in table.get("extras", ()))),
                specifiers=parse_specifiers(table.get("specifier", "")) if table.get("specifier") else (),
                marker=parse_marker(table["marker"]) if table.get("marker") else None,
            )
            found.append(Asked.of(requirement, "project", place=_place_of(table, members)))
        except (Problem, KeyError, TypeError, AttributeError):
            continue
    return found


def _place_of(table: Mapping[str, Any], members: Collection[str]) -> str:
    if isinstance(url := table.get("index"), str):
        return _index(url)
    if isinstance(url := table.get("git"), str):
        from urllib.parse import parse_qs

        query = parse_qs(url.partition("#")[0].partition("?")[2], max_num_fields=20)
        revision = next((f"{key}={query[key][-1]}" for key in ("tag", "branch", "rev") if key in query), "")
        return f"git {_repository(url.partition('#')[0])} {revision}"
    if isinstance(url := table.get("url"), str):
        return _archive(url)
    if not table.keys() & {"path", "directory", "editable", "virtual"}:
        return ""
    if table.get("name") in members:
        return MEMBER
    return "editable" if "editable" in table else "local"


# --- by what they mean ---


def same_pythons(text: str, asked: Specifiers) -> bool:
    """Do both admit the same Pythons? Looked at around every version that either names."""
    from hutch.errors import Problem
    from hutch.spec import admits, parse_specifiers

    try:
        locked = parse_specifiers(text)
    except Problem:
        return False
    return all(admits(locked, point) is admits(asked, point) for point in _points(locked, asked))


def _points(*many: Specifiers) -> list[str]:
    """Releases of Python on both sides of every bound."""
    found: dict[str, None] = {"2.7": None, "3.0": None, "3.99": None, "4.0": None}
    for specifiers in many:
        for _, version in specifiers:
            parts = [int(part) for part in version.removesuffix(".*").split(".") if part.isdecimal()][:3]
            major, minor, patch = (*parts, 0, 0, 0)[:3]
            for point in (
                (major, minor, patch),
                (major, minor, patch + 1),
                (major, minor, max(patch - 1, 0)),
                (major, minor, 99),
                (major, minor + 1, 0),
                (major, max(minor - 1, 0), 99),
                (major + 1, 0, 0),
            ):
                found[".".join(map(str, point))] = None
    return list(found)


def same_markers(
    one: Iterable[Marker | None], other: Iterable[Marker | None], requires_python: Specifiers
) -> bool:
    """Do the markers of each side together hold in the same environments? An empty side never holds."""
    from hutch.spec import evaluate, or_

    mine, theirs = or_(*one), or_(*other)
    if mine == theirs:
        return True
    for environment, extra in _environments(mine, theirs, requires_python):
        holds = [
            marker is None or evaluate(marker, environment, (extra,) if extra else ())
            for marker in (mine, theirs)
        ]
        if holds[0] is not holds[1]:
            return False
    return True


def _environments(
    one: Marker | None, other: Marker | None, requires_python: Specifiers
) -> Iterable[tuple[dict[str, str], str]]:
    """Environments between which the two could differ."""
    from itertools import product

    from hutch.spec import admits

    values: dict[str, dict[str, None]] = {}
    for marker in (one, other):
        _gather(marker, values)
    pythons = [("", "")]
    if {"python_version", "python_full_version"} & values.keys():
        said = {**values.pop("python_version", {}), **values.pop("python_full_version", {})}
        bounds = tuple((">=", text) for text in said)
        points = [each for each in _points(bounds, requires_python) if admits(requires_python, each)]
        pythons = [(each, ".".join(each.split(".")[:2])) for each in points]
    extras = [*values.pop("extra", {}), ""]
    names = list(values)
    count = len(pythons) * len(extras)
    for name in names:
        count *= len(values[name]) + 1
    if count > _MOST:
        return
    for full, short in pythons:
        for chosen in product(*([*values[name], "-other-"] for name in names)):
            environment = {**dict(zip(names, chosen, strict=True))}
            if not _exists(environment):
                continue
            environment |= {"python_full_version": full, "python_version": short}
            for extra in extras:
                yield environment, extra


def _gather(marker: Marker | None, values: dict[str, dict[str, None]]) -> None:
    if marker is None:
        return
    if marker[0] in ("and", "or"):
        for part in marker[1:]:
            _gather(part, values)  # type: ignore[arg-type]
    else:
        values.setdefault(str(marker[1]), {})[str(marker[2])] = None


_SYSTEMS = {"linux": ("Linux", "posix"), "darwin": ("Darwin", "posix"), "win32": ("Windows", "nt")}


def _exists(environment: Mapping[str, str]) -> bool:
    """Could there be such a machine? Only Windows is called win32, Windows and nt."""
    system = environment.get("sys_platform", "-other-")
    platform, name = environment.get("platform_system"), environment.get("os_name")
    for known, (its_platform, its_name) in _SYSTEMS.items():
        if (
            platform is not None
            and "sys_platform" in environment
            and (system == known) is not (platform == its_platform)
        ):
            return False
        if name is not None and system == known and name != its_name:
            return False
        if name is not None and platform == its_platform and name != its_name:
            return False
    return True
