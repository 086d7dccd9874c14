"""``[[tool.poetry.source]]`` as indexes of hutch, and where single packages come from.

Poetry asks its *primary* sources together, *supplemental* ones for what those do not have, *explicit* ones
for packages that name them. As soon as there is a primary source, the index that is asked where nothing is
configured is not asked any more, unless a source named ``PyPI`` stands for it. Its address is never written
down, here or there: hutch finds it when it runs.
"""

from __future__ import annotations

from hutch.project.dialects.indexes import letters_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.project.dialects.draft import Draft
    from hutch.project.dialects.poetry_entries import Entry
    from hutch.project.spans import Path
    from hutch.spec import Marker

__all__ = ["Indexes", "Places"]

USUAL = "default"
"""The URL, in hutch's words, of the index that is asked where nothing is configured."""
_OURS = ("tool", "hutch")
_PRIORITIES = ("primary", "supplemental", "explicit", "default", "secondary")


class Indexes:
    """The sources of one project, by the names that dependencies give them."""

    def __init__(self, draft: Draft, value: object, at: Path) -> None:
        self._names: dict[str, str] = {}
        self._draft = draft
        tables = value if isinstance(value, list) else [] if value is None else None
        if tables is None:
            draft.fault(at, "should be an array of tables ([[tool.poetry.source]])")
            tables = []
        found = [one for n, item in enumerate(tables) if (one := self._read(item, (*at, n))) is not None]
        self._say(found)

    def name_of(self, name: str) -> str | None:
        """What hutch calls the index that Poetry knows by this name; None: there is none."""
        known = self._names.get(name.lower())
        if known is None and name.lower() == "pypi":
            return "default"
        return known

    def _read(self, item: object, at: Path) -> dict[str, Any] | None:
        draft = self._draft
        if not isinstance(item, dict):
            draft.fault(at, "should be a table with name and url")
            return None
        name, url = item.get("name"), item.get("url")
        if not isinstance(name, str) or not name:
            draft.fault(at, "has no name")
            return None
        if name.lower() in self._names:
            draft.fault((*at, "name"), f"the name {name!r} is taken by a source above")
            return None
        usual = name.lower() == "pypi"
        if usual and url is not None:
            draft.fault((*at, "url"), f"{name} is the index that Poetry knows by itself; it can have no url")
            return None
        if not usual and (not isinstance(url, str) or not url):
            draft.fault(at, "has no url")
            return None
        priority = self._priority(item, at)
        letters = letters_of(name)
        self._names[name.lower()] = letters
        links = item.get("links") is True or str(url).lower().endswith((".html", ".htm"))
        return {"name": letters, "url": url, "usual": usual, "priority": priority, "links": links, "at": at}

    def _priority(self, item: Mapping[str, Any], at: Path) -> str:
        priority = item.get("priority", "primary")
        if isinstance(priority, str) and priority.lower() in _PRIORITIES:
            priority = priority.lower()
        else:
            self._draft.fault((*at, "priority"), "should be primary, supplemental or explicit")
            return "primary"
        if "priority" not in item:  # Poetry before 1.5
            if item.get("default") is True:
                return "default"
            if item.get("secondary") is True:
                return "supplemental"
        return "supplemental" if priority == "secondary" else str(priority)

    def _say(self, found: list[dict[str, Any]]) -> None:
        """The indexes in hutch's order: what is asked first owns a name."""
        primary = [one for one in found if one["priority"] in ("primary", "default")]
        others = [one for one in primary if not one["usual"]]
        usual = next((one for one in found if one["usual"]), None)
        # The usual index is asked last of the primary ones, unless others take its place.
        kept = usual is not None and usual["priority"] != "explicit"
        instead = others[-1] if others and not kept else None
        if usual is not None and (usual["priority"] != "explicit" or instead is None):
            self._names[usual["name"].lower()] = "default"
        if len(primary) > 1:
            names = " and ".join(one["name"] for one in primary)
            words = "in hutch the first index that has a package owns it; Poetry takes the versions of both"
            self._draft.note(primary[1]["at"], f"{names}: {words}")
        for one in found:
            table: dict[str, Any] = {"name": one["name"], "url": one["url"]}
            if one["usual"]:
                if one["priority"] != "explicit" or instead is None:
                    continue  # the default index of hutch
                table = {"name": one["name"], "url": USUAL, "explicit": True}
            elif one is instead:
                table["default"] = True
            elif one["priority"] == "explicit":
                table["explicit"] = True
            elif one["priority"] == "supplemental":
                table["supplemental"] = True
            if one["links"]:
                table["format"] = "flat"
            self._add(table, one["at"])

    def _add(self, table: dict[str, Any], at: Path) -> None:
        draft = self._draft
        draft.add((*_OURS, "index"), table, at)
        listed = draft.get(*_OURS, "index")
        if isinstance(listed, list):
            for key in ("name", "url"):
                draft.origins[(*_OURS, "index", len(listed) - 1, key)] = (*at, key)


class Places:
    """Where packages come from, gathered over all places that ask for them.

    Poetry has one package of a name in one environment, whoever asks: a directory that a group gives is
    meant for the project's own dependency as well.
    """

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[Marker | None, Mapping[str, Any] | None, Path, str | None]]] = {}

    def take(self, entry: Entry, marker: Marker | None, extra: str | None = None) -> None:
        """``entry`` is wanted under ``marker``, and ``extra`` of the project, if it is one of those that
        exclude each other."""
        listed = self._found.setdefault(entry.name, [])
        listed.append((marker, entry.source, entry.origin, extra))

    def say(self, draft: Draft) -> None:
        """Write ``[tool.hutch.sources]``."""
        conflicts: dict[tuple[str, ...], Path] = {}
        for name, found in self._found.items():
            said = [each for each in found if each[1] is not None]
            if not said:
                continue
            selected = sorted({extra for _, _, _, extra in said if extra is not None})
            tables = _tables(said, alone=len(said) == len(found))
            if not draft.put(
                (*_OURS, "sources", name), tables[0] if len(tables) == 1 else tables, said[0][2]
            ):
                continue
            if len(selected) > 1:
                conflicts.setdefault(tuple(selected), said[0][2])
        for extras, origin in conflicts.items():
            draft.add((*_OURS, "conflicts"), [{"extra": each} for each in extras], origin)


def _tables(
    said: list[tuple[Marker | None, Mapping[str, Any] | None, Path, str | None]], *, alone: bool
) -> list[dict[str, Any]]:
    """An entry for each source; markers only where they tell sources apart."""
    from hutch.spec import or_, render_marker

    sources: list[tuple[dict[str, Any], str | None]] = []
    markers: list[Marker | None] = []
    for marker, source, _, extra in said:
        key = (dict(source or {}), extra)
        if key in sources:
            at = sources.index(key)
            markers[at] = or_(markers[at], marker)
        else:
            sources.append(key)
            markers.append(marker)
    if len({str(sorted(source.items())) for source, _ in sources}) == 1 and alone:
        return [sources[0][0]]
    tables = []
    for (source, extra), marker in zip(sources, markers, strict=True):
        table = dict(source)
        if marker is not None:
            table["marker"] = render_marker(marker)
        if extra is not None:
            table["extra"] = extra
        tables.append(table)
    return tables
