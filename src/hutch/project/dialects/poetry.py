"""``[tool.poetry]`` in hutch's words, of Poetry 1 and 2.

Without ``[project]`` the table says everything. With it, ``[project]`` says what the package asks for, and
the table adds what only a lock needs: where a dependency comes from, or narrower versions. Which of the two
counts is Poetry's own rule (``dependencies_for_locking``), group for group.
"""

from __future__ import annotations

from hutch.project.dialects.poetry_constraints import InvalidConstraint, joined, parse_constraint, span_of
from hutch.project.dialects.poetry_entries import read_entries, settled
from hutch.project.dialects.poetry_sources import Indexes, Places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.dialects.poetry_entries import Entry
    from hutch.project.spans import Path
    from hutch.spec import Requirement

__all__ = ["translate"]

_AT = ("tool", "poetry")
_OURS = ("tool", "hutch")
_DEPENDENCIES = (*_AT, "dependencies")
_BACKEND = {"requires": ["poetry-core"], "build-backend": "poetry.core.masonry.api"}


def translate(original: Original, draft: Draft) -> None:
    """Say what ``[tool.poetry]`` of ``original`` says."""
    tool = original.data.get("tool")
    table = tool.get("poetry", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        draft.fault(_AT, "should be a table")
        return
    from hutch.project.dialects.poetry_metadata import translate_metadata, translate_settings

    translate_metadata(table, original, draft)
    translation = _Translation(table, original, draft)
    translation.python()
    translation.dependencies()
    translation.groups()
    translation.places.say(draft)
    translate_settings(table, original, draft)
    mode = table.get("package-mode", True)
    if not isinstance(mode, bool):
        draft.fault((*_AT, "package-mode"), "should be true or false")
    elif not mode:
        draft.put((*_OURS, "package"), False, (*_AT, "package-mode"))
    elif table and "build-system" not in original.data and draft.get("project", "name") is not None:
        draft.put(("build-system",), dict(_BACKEND), _AT)


class _Translation:
    def __init__(self, table: dict[str, Any], original: Original, draft: Draft) -> None:
        self.table = table
        self.draft = draft
        self.indexes = Indexes(draft, table.get("source"), (*_AT, "source"))
        self.places = Places()
        project = original.data.get("project")
        self.project: dict[str, Any] = project if isinstance(project, dict) else {}
        groups = original.data.get("dependency-groups")
        self.groups_said: dict[str, Any] = groups if isinstance(groups, dict) else {}
        dynamic = self.project.get("dynamic")
        self.dynamic = (
            {each for each in dynamic if isinstance(each, str)} if isinstance(dynamic, list) else set()
        )

    def table_at(self, parent: dict[str, Any], key: str, at: Path) -> dict[str, Any]:
        value = parent.get(key, {})
        if isinstance(value, dict):
            return value
        self.draft.fault((*at, key), "should be a table")
        return {}

    def entries(self, table: dict[str, Any], at: Path) -> dict[str, list[Entry]]:
        """What a table of dependencies says, by normalised name, without Python itself."""
        found: dict[str, list[Entry]] = {}
        for name, value in table.items():
            if name.lower() == "python":
                continue
            for entry in read_entries(self.draft, name, value, (*at, name), self.indexes.name_of):
                found.setdefault(entry.name, []).append(entry)
        return found

    def no_longer_dynamic(self, key: str) -> None:
        """The draft says what ``[project]`` left to Poetry."""
        listed = self.draft.get("project", "dynamic")
        if isinstance(listed, list) and key in listed:
            listed.remove(key)

    # --- Python ---

    def python(self) -> None:
        """``python = "^3.9"`` is what the lock is for; ``requires-python`` may be wider."""
        table = self.table_at(self.table, "dependencies", _AT)
        text = next((value for name, value in table.items() if name.lower() == "python"), None)
        if text is None:
            return
        at = (*_DEPENDENCIES, "python")
        if not isinstance(text, str):
            self.draft.fault(at, 'should be versions such as "^3.9"')
            return
        from hutch.errors import Problem
        from hutch.spec import admitted_intervals, parse_specifiers, render_specifiers

        try:
            found, beyond = span_of(parse_constraint(text))
        except InvalidConstraint as error:
            self.draft.fault(at, str(error))
            return
        if beyond:
            words = f"Python {text}: requires-python is one range of versions, so {beyond} is in it as well"
            self.draft.note(at, words)
        said = self.project.get("requires-python")
        if not isinstance(said, str):
            if found:
                self.no_longer_dynamic("requires-python")
                self.draft.put(("project", "requires-python"), render_specifiers(found), at)
            return
        try:
            both = joined(parse_specifiers(said), found)
        except Problem:
            return  # the reader tells what is wrong with it
        if admitted_intervals(both) != admitted_intervals(parse_specifiers(said)):
            self.draft.document["project"]["requires-python"] = render_specifiers(both)
            words = "python of [tool.poetry.dependencies] is narrower than requires-python, and holds here"
            self.draft.note(at, words)

    # --- [tool.poetry.dependencies] and extras ---

    def dependencies(self) -> None:
        entries = self.entries(self.table_at(self.table, "dependencies", _AT), _DEPENDENCIES)
        said = self.project.get("dependencies")
        optional = self.project.get("optional-dependencies")
        extras = (
            {k: v for k, v in optional.items() if isinstance(v, list)} if isinstance(optional, dict) else {}
        )
        if not said and not any(extras.values()):
            self.all_of(entries)
            return
        used: set[str] = set()
        if isinstance(said, list):
            used |= self.enrich(said, entries, ("project", "dependencies"), frozenset())
        for extra, items in extras.items():
            from hutch.spec import normalize

            chosen = frozenset({normalize(extra)})
            used |= self.enrich(items, entries, ("project", "optional-dependencies", extra), chosen)
        # What [project] leaves to Poetry: the required ones or the optional ones, never a part of either.
        if not said and "dependencies" in self.dynamic:
            required = {name: [e for e in found if not e.optional] for name, found in entries.items()}
            self.no_longer_dynamic("dependencies")
            used |= self.main(required)
        elif said and not any(extras.values()) and "optional-dependencies" in self.dynamic:
            self.no_longer_dynamic("optional-dependencies")
            used |= self.extras({n: [e for e in found if e.optional] for n, found in entries.items()})
        for name, found in entries.items():
            if name not in used:
                words = f"{name} is not among the dependencies of [project], so Poetry does not install it"
                self.draft.note(found[0].origin, words)

    def all_of(self, entries: dict[str, list[Entry]]) -> None:
        """The table says all: there is no [project], or it leaves the dependencies out."""
        for key in ("dependencies", "optional-dependencies"):
            self.no_longer_dynamic(key)
        used = self.main({name: [e for e in found if not e.optional] for name, found in entries.items()})
        used |= self.extras(entries)
        for name, found in entries.items():
            if name not in used:
                self.draft.note(found[0].origin, f"{name} is optional and in no extra: nobody can choose it")

    def main(self, entries: dict[str, list[Entry]]) -> set[str]:
        self._emptied(("project", "dependencies"), _DEPENDENCIES if entries else None)
        used = set()
        for name, found in entries.items():
            for entry in found:
                used.add(name)
                self.add(entry, ("project", "dependencies"), frozenset())
        return used

    def extras(self, entries: dict[str, list[Entry]]) -> set[str]:
        """``[tool.poetry.extras]`` lists names; what they mean is said among the dependencies."""
        from hutch.spec import normalize

        used: set[str] = set()
        for extra, names in self.table_at(self.table, "extras", _AT).items():
            at = (*_AT, "extras", extra)
            path = ("project", "optional-dependencies", extra)
            if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
                self.draft.fault(at, "should be an array of names")
                continue
            self._emptied(path, at)
            for number, written in enumerate(names):
                name = normalize(written.partition("[")[0].strip())
                if not entries.get(name):
                    words = f"{written} is not among the dependencies, so the extra {extra} is without it"
                    self.draft.note((*at, number), words)
                for entry in entries.get(name, ()):
                    used.add(name)
                    self.add(entry, path, frozenset({normalize(extra)}))
        return used

    def _emptied(self, path: tuple[str, ...], origin: Path | None) -> None:
        """An array at ``path``, if there is to be one: a group without requirements is still a group."""
        if origin is not None and self.draft.get(*path) is None:
            self.draft.put(path, [], origin)

    def add(self, entry: Entry, path: tuple[str, ...], extras: frozenset[str]) -> None:
        """``entry`` at ``path``, which is of ``extras``, where its marker can hold."""
        found = settled(entry.marker, extras)
        if found is False:
            return
        marker = None if isinstance(found, bool) else found
        self.draft.add(path, entry.render(marker), entry.origin)
        self.places.take(entry, marker, self._chosen(entry, extras))

    def _chosen(self, entry: Entry, extras: frozenset[str]) -> str | None:
        """The extra that a source is bound to: where the entry excludes others by its marker."""
        from hutch.spec import mentions_extra

        if entry.marker is None or not mentions_extra(entry.marker):
            return None
        return next(iter(extras), None)

    # --- what [project] and PEP 735 groups say, with what Poetry adds ---

    def enrich(
        self, items: list[Any], entries: dict[str, list[Entry]], path: tuple[str, ...], extras: frozenset[str]
    ) -> set[str]:
        """Take into the array at ``path`` what Poetry adds to its requirements; the names that it adds to."""
        from hutch.errors import Problem
        from hutch.spec import parse_requirement

        written: list[Any] = []
        origins: list[int] = []
        used: set[str] = set()
        for number, item in enumerate(items):
            try:
                requirement = parse_requirement(item) if isinstance(item, str) else None
            except Problem:
                requirement = None  # the reader tells what is wrong with it
            added: list[Any] = []
            if requirement is not None and requirement.name in entries:
                used.add(requirement.name)
                for entry in entries[requirement.name]:
                    found = self._both(item, requirement, entry, extras)
                    added += [] if found is None else [found]
            written += added or [item]
            origins += [number] * max(len(added), 1)
        listed = self.draft.get(*path)
        if isinstance(listed, list) and written != items:
            listed[:] = written
            for place, number in enumerate(origins):
                self.draft.origins[(*path, place)] = (*path, number)
        return used

    def _both(self, text: str, requirement: Requirement, entry: Entry, extras: frozenset[str]) -> str | None:
        """A requirement with what Poetry adds, as text; None where the two are never wanted together."""
        from hutch.spec import and_
        from hutch.values import replace

        marker = settled(entry.marker, extras)
        if marker is False:
            return None
        where = and_(requirement.marker, None if isinstance(marker, bool) else marker)
        specifiers = joined(requirement.specifiers, entry.specifiers)
        self.places.take(entry, where, self._chosen(entry, extras))
        same = where == requirement.marker and specifiers == joined(requirement.specifiers)
        if requirement.url is not None or same:
            return text
        return replace(requirement, marker=where, specifiers=specifiers).render()

    # --- groups ---

    def groups(self) -> None:
        from hutch.spec import normalize

        spelling = {normalize(name): name for name in self.groups_said}
        optional: set[str] = set()
        tables = self.table_at(self.table, "group", _AT)
        for name, table in tables.items():
            at = (*_AT, "group", name)
            if not isinstance(table, dict):
                self.draft.fault(at, "should be a table")
                continue
            if table.get("optional") is True:
                optional.add(normalize(name))
            group = spelling.setdefault(normalize(name), name)
            self._group(group, self.table_at(table, "dependencies", at), (*at, "dependencies"), at)
            self._includes(group, table.get("include-groups", []), (*at, "include-groups"))
        if "dev-dependencies" in self.table:  # Poetry before 1.2, and by the side of groups since
            legacy = (*_AT, "dev-dependencies")
            group = spelling.setdefault(normalize("dev"), "dev")
            self._group(group, self.table_at(self.table, "dev-dependencies", _AT), legacy, legacy)
        if spelling:
            chosen = [name for key, name in spelling.items() if key not in optional]
            self.draft.put((*_OURS, "default-groups"), chosen, (*_AT, "group") if tables else _AT)

    def _group(self, name: str, table: dict[str, Any], at: Path, origin: Path) -> None:
        entries = self.entries(table, at)
        path = ("dependency-groups", name)
        said = self.groups_said.get(name)
        if isinstance(said, list) and any(isinstance(each, str) for each in said):
            used = self.enrich(said, entries, path, frozenset())
            for key in entries.keys() - used:
                words = (
                    f"{key} is not in the group {name} of [dependency-groups], so Poetry does not install it"
                )
                self.draft.note(entries[key][0].origin, words)
            return
        self._emptied(path, origin)
        for found in entries.values():
            for entry in found:
                self.add(entry, path, frozenset())

    def _includes(self, group: str, names: object, at: Path) -> None:
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            self.draft.fault(at, "should be an array of names of groups")
            return
        for number, name in enumerate(names):
            self.draft.add(("dependency-groups", group), {"include-group": name}, (*at, number))
