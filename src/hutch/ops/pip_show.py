"""``hutch pip show``: what METADATA says of installed packages, line for line as pip prints it."""

from __future__ import annotations

import string

from hutch.events import Notice
from hutch.ops.pip_place import Where, find_place
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist
    from hutch.ops.pip_place import Place

__all__ = ["PipShowOptions", "PipShowOutcome", "Shown", "pip_show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipShowOptions(Where):
    """The options of ``pip show``."""

    names: tuple[str, ...] = ()
    files: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One package: the pairs of the short form, those that ``-v`` adds, and the files if they were asked for.

    A value that is a tuple stands on lines of its own.
    """

    fields: tuple[tuple[str, str], ...]
    more: tuple[tuple[str, str | tuple[str, ...]], ...]
    files: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = dict((*self.fields, *self.more))
        return {**found, "Files": list(self.files)} if self.files is not None else found


@dataclass(frozen=True, slots=True, kw_only=True)
class PipShowOutcome:
    """The packages in the order in which they were named; ``missing`` are not installed."""

    packages: tuple[Shown, ...]
    missing: tuple[str, ...] = ()
    with_files: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"packages": [one.to_json() for one in self.packages], "missing": list(self.missing)}

    def text(self, *, verbose: bool) -> str:
        """All that is printed."""
        blocks = []
        for one in self.packages:
            lines: list[str] = []
            for name, value in (*one.fields, *(one.more if verbose else ())):
                if isinstance(value, tuple):
                    lines += [f"{name}:", *(f"  {each}" for each in value)]
                else:
                    lines.append(f"{name}: {value}")
            if self.with_files:
                lines.append("Files:")
                if one.files is None:
                    lines.append("Cannot locate RECORD or installed-files.txt")
                else:
                    lines += [f"  {each.strip()}" for each in one.files]
            blocks.append("".join(f"{line}\n" for line in lines))
        return "---\n".join(blocks)


def pip_show(context: Context, options: PipShowOptions) -> PipShowOutcome:
    """Look up each name; those that are not there are told of."""
    from hutch.spec import normalize

    place = find_place(
        context,
        options,
    )
    known = {str(one.name): one for one in place.dists()}
    missing = tuple(sorted(name for name in options.names if str(normalize(name)) not in known))
    if missing:
        context.emit(Notice(f"Package(s) not found: {', '.join(missing)}", warning=True))
    names = [str(normalize(name)) for name in options.names]
    return PipShowOutcome(
        packages=tuple(_shown(known[name], known, place, options.files) for name in names if name in known),
        missing=missing,
        with_files=options.files,
    )


def _shown(one: Dist, known: dict[str, Dist], place: Place, files: bool) -> Shown:
    from hutch.spec import InvalidRequirement

    try:
        requires = sorted({need.name for need in one.needs(place.markers)}, key=str.lower)
    except InvalidRequirement:
        requires = sorted(one.all("Requires-Dist"), key=str.lower)
    try:
        wanted_by = sorted(
            (
                each.one("Name") or "UNKNOWN"
                for each in known.values()
                if any(need.requirement.name == one.name for need in each.needs(place.markers))
            ),
            key=str.lower,
        )
    except InvalidRequirement:
        wanted_by = ["#N/A"]
    version = one.one("Metadata-Version")
    licence = ("License", one.one("License"))
    if _numbers(version) >= (2, 4) and one.one("License-Expression"):
        licence = ("License-Expression", one.one("License-Expression"))
    fields = [
        ("Name", one.raw_name),
        ("Version", one.raw_version),
        ("Summary", one.one("Summary")),
        ("Home-page", one.one("Home-page") or _homepage(one)),
        ("Author", one.one("Author")),
        ("Author-email", one.one("Author-email")),
        licence,
        ("Location", one.location),
    ]
    if one.editable_location is not None:
        fields.append(("Editable project location", one.editable_location))
    fields += [("Requires", ", ".join(requires)), ("Required-by", ", ".join(wanted_by))]
    entry_points = tuple(line.strip() for line in (one.read("entry_points.txt") or "").splitlines())
    more: tuple[tuple[str, str | tuple[str, ...]], ...] = (
        ("Metadata-Version", version),
        ("Installer", one.installer),
        ("Classifiers", tuple(one.all("Classifier"))),
        ("Entry-points", entry_points),
        ("Project-URLs", tuple(one.all("Project-URL"))),
    )
    listed = one.files() if files else None
    return Shown(fields=tuple(fields), more=more, files=None if listed is None else tuple(sorted(listed)))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _homepage(one: Dist) -> str:
    """The Project-URL that is called a home page (PEP 753)."""
    gone = str.maketrans("", "", string.punctuation + string.whitespace)
    for each in one.all("Project-URL"):
        label, comma, url = each.partition(",")
        if comma and label.translate(gone).lower() == "homepage":
            return url.strip()
    return ""
