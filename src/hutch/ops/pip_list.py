"""``hutch pip list``: what is installed, in pip's words and forms."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.ops.pip_place import Look, find_place
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist
    from hutch.ops.pip_latest import Latest
    from hutch.ops.pip_place import Place

__all__ = ["Listed", "PipListOptions", "PipListOutcome", "pip_list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipListOptions(Look):
    """The options of ``pip list``, named as on the command line."""

    outdated: bool = False
    uptodate: bool = False
    editable: bool = False
    exclude_editable: bool = False
    exclude: tuple[str, ...] = ()
    not_required: bool = False
    format: str | None = None
    pre: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row. ``version`` is in normal spelling, ``raw_version`` as METADATA has it."""

    name: str
    version: str
    raw_version: str
    pin: str
    location: str
    installer: str
    build: str = ""
    editable_location: str | None = None
    latest: Latest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipListOutcome:
    """The rows, in the order of the names; ``outdated`` tells that the newest versions are wanted as well."""

    packages: tuple[Listed, ...]
    form: str
    outdated: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"packages": self.rows(verbose=True)}

    def rows(self, *, verbose: bool) -> list[dict[str, str]]:
        """What ``--format json`` prints."""
        found = []
        for one in self.packages:
            row = {"name": one.name, "version": one.version}
            if verbose:
                row |= {"location": one.location, "installer": one.installer}
            if self.outdated and one.latest is not None:
                row |= {"latest_version": one.latest.version, "latest_filetype": one.latest.kind}
            if one.editable_location:
                row["editable_project_location"] = one.editable_location
            found.append(row)
        return found

    def text(self, *, verbose: bool) -> str:
        """All that is printed."""
        if self.form == "json":
            import json

            return json.dumps(self.rows(verbose=verbose)) + "\n"
        if self.form == "freeze":
            where = [f" ({one.location})" if verbose else "" for one in self.packages]
            return "".join(f"{one.pin}{more}\n" for one, more in zip(self.packages, where, strict=True))
        return self._columns(verbose) if self.packages else ""

    def _columns(self, verbose: bool) -> str:
        columns = [("Package", [one.name for one in self.packages])]
        columns.append(("Version", [one.raw_version for one in self.packages]))
        if self.outdated:
            latest = [one.latest for one in self.packages]
            columns.append(("Latest", [each.version if each else "" for each in latest]))
            columns.append(("Type", [each.kind if each else "" for each in latest]))
        if any(one.build for one in self.packages):
            columns.append(("Build", [one.build for one in self.packages]))
        if any(one.editable_location for one in self.packages):
            places = [one.editable_location or "" for one in self.packages]
            columns.append(("Editable project location", places))
        if verbose:
            columns.append(("Location", [one.location for one in self.packages]))
            columns.append(("Installer", [one.installer for one in self.packages]))
        widths = [max(len(head), *map(len, cells)) for head, cells in columns]
        rows = [[head for head, _ in columns], ["-" * width for width in widths]]
        rows += [list(row) for row in zip(*(cells for _, cells in columns), strict=True)]
        lines = [" ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "".join(f"{line}\n" for line in lines)


def pip_list(context: Context, options: PipListOptions) -> PipListOutcome:
    """What is installed, and of some of it what there would be."""
    if options.outdated and options.format == "freeze":
        raise UsageProblem(
            "--format freeze has no place for newer versions", hint="--outdated with --format columns or json"
        )
    place = find_place(context, options)
    dists = place.dists(options)
    if options.strict:
        from hutch.ops.pip_check import tell_faults

        tell_faults(context, place, dists)
    if options.editable:
        dists = [one for one in dists if one.editable_location]
    if options.exclude_editable:
        dists = [one for one in dists if not one.editable_location]
    if options.not_required:
        dists = _not_required(dists, place)
    if options.exclude:
        from hutch.spec import normalize

        excluded = {normalize(name) for name in options.exclude}
        dists = [one for one in dists if one.name not in excluded]
    latest: dict[str, Latest] = {}
    if options.outdated or options.uptodate:
        dists, latest = _compared(context, dists, place, options)
    dists.sort(key=lambda one: str(one.name))
    return PipListOutcome(
        packages=tuple(_listed(one, latest.get(str(one.name))) for one in dists),
        form=options.format or "columns",
        outdated=options.outdated,
    )


def _not_required(dists: list[Dist], place: Place) -> list[Dist]:
    from hutch.spec import InvalidRequirement

    needed: set[str] = set()
    for one in dists:
        try:
            needed.update(str(need.requirement.name) for need in one.needs(place.markers))
        except InvalidRequirement:
            continue
    return [one for one in dists if str(one.name) not in needed]


def _compared(
    context: Context, dists: list[Dist], place: Place, options: PipListOptions
) -> tuple[list[Dist], dict[str, Latest]]:
    """Those that have a newer version, or have the newest."""
    from hutch.ops.pip_latest import find_latest
    from hutch.spec import InvalidVersion, version_key

    latest = find_latest(context, (one.name for one in dists), place.interpreter, pre=options.pre)
    found = []
    for one in dists:
        newest = latest.get(str(one.name))
        if newest is None:
            continue
        try:
            here, there = version_key(one.version), version_key(newest.version)
        except InvalidVersion:
            continue
        if there > here if options.outdated else there == here:
            found.append(one)
    return found, latest


def _listed(one: Dist, latest: Latest | None) -> Listed:
    build = ""
    for line in (one.read("WHEEL") or "").splitlines():
        key, _, value = line.partition(":")
        if key.lower() == "build":
            build = value.strip()
    return Listed(
        name=one.raw_name,
        version=one.version,
        raw_version=one.raw_version,
        pin=one.pin,
        location=one.location,
        installer=one.installer,
        build=build,
        editable_location=one.editable_location,
        latest=latest,
    )
