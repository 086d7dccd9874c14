"""Packages of Python indexes as pixi writes them, one by one: ``name = "…"`` or a table.

A version is PEP 440's, or ``*``. A table may have ``version``, ``extras``, ``index``, ``env-markers``, or say
where the package is instead: ``git`` (``rev``, ``tag``, ``branch``, ``subdirectory``), ``path``, ``url``.
"""

from __future__ import annotations

from hutch.project.dialects.indexes import say_flat, say_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft
    from hutch.project.spans import Path

__all__ = ["Packages"]

_KEYS = frozenset(
    (
        *("version", "extras", "index", "env-markers", "git", "rev", "tag", "branch", "subdirectory"),
        *("path", "editable", "url"),
    )
)


class Packages:
    """Says packages and indexes in the draft; sources are gathered, and said by ``finish``."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.sources: dict[str, list[tuple[dict[str, Any], Path, str | None]]] = {}

    def add(
        self, name: str, value: Any, at: Path, into: tuple[str, ...], marker: str, own: str | None
    ) -> None:
        """Say that ``name`` is wanted in the list ``into`` where ``marker`` holds, by the project ``own``."""
        table = {"version": value} if isinstance(value, str) else value
        if not isinstance(table, dict):
            self.draft.fault(at, 'should be a version such as ">=2", "*", or a table')
            return
        for key in table:
            if key not in _KEYS:
                self.draft.fault((*at, key), f"unknown key; there are {', '.join(sorted(_KEYS))}")
            elif key not in ("extras", "editable") and not isinstance(table[key], str):
                self.draft.fault((*at, key), "should be a string")
                return
        extras = table.get("extras", [])
        if not isinstance(extras, list) or not all(isinstance(each, str) for each in extras):
            self.draft.fault((*at, "extras"), "should be an array of strings")
            return
        from hutch.spec import normalize

        if own is not None and table.get("path") in (".", "./") and normalize(own) == normalize(name):
            self.draft.put(("tool", "hutch", "package"), True, at)
            if not extras:
                return
            table = {}  # the extras of the project itself
        version = table.get("version", "*").strip()
        if version[:1].isdigit():
            self.draft.fault(at, f"`{version}` should have a sign before it, such as =={version}")
            return
        words = (
            name
            + (f"[{','.join(extras)}]" if extras else "")
            + ("" if version in ("", "*") else f" {version}")
        )
        markers = [each for each in (table.get("env-markers", ""), marker) if each]
        if markers:
            joined = " and ".join(
                f"({each})" if " or " in each and each[0] != "(" else each for each in markers
            )
            words += f" ; {joined}"
        self.draft.add(into, words, at)
        self._source(name, table, at, into[1] if into[0] == "dependency-groups" else None, marker)

    def _source(self, name: str, table: dict[str, Any], at: Path, group: str | None, marker: str) -> None:
        source: dict[str, Any] = {}
        for kind in ("git", "path", "url"):
            if kind in table:
                source = {kind: table[kind]}
                source.update((k, table[k]) for k in ("rev", "tag", "branch", "subdirectory") if k in table)
                if kind == "path" and table.get("editable") is True:
                    source["editable"] = True
        if not source and "index" in table:
            source = {"index": say_index(self.draft, table["index"], (*at, "index"), explicit=True)}
        if source:
            if kind_of_git := next((k for k in ("rev", "tag", "branch") if source.get(k) == ""), None):
                del source[kind_of_git]
            if marker:
                source["marker"] = marker
            self.sources.setdefault(name, []).append((source, at, group))

    def finish(self) -> None:
        """Say the sources. One that several lists agree on holds for all of them."""
        for name, found in self.sources.items():
            plain: list[dict[str, Any]] = []
            for source, _, _ in found:
                if source not in plain:
                    plain.append(source)
            path = ("tool", "hutch", "sources", name)
            if len(plain) == 1:
                self.draft.put(path, plain[0], found[0][1])
            elif self.draft.get(*path) is None:
                for source, at, group in found:
                    item = source if group is None or "marker" in source else {**source, "group": group}
                    self.draft.add(path, item, at)

    # --- indexes ---

    def options(self, table: dict[str, Any], path: Path) -> None:
        """``[pypi-options]``: indexes, what is built, overrides."""
        for key, value in table.items():
            at = (*path, key)
            if key == "index-url" and isinstance(value, str):
                say_index(self.draft, value, at, default=True)
            elif key == "extra-index-urls" and isinstance(value, list):
                for url in (each for each in value if isinstance(each, str)):
                    say_index(self.draft, url, at)
            elif key == "find-links" and isinstance(value, list):
                self._find_links(value, at)
            elif key in ("no-build", "no-binary"):
                self._building(key, value, at)
            elif key == "dependency-overrides" and isinstance(value, dict):
                self._overrides(value, at)
            else:
                self.draft.note(at, f"{key} has no words in hutch")

    def _find_links(self, value: list[Any], at: Path) -> None:
        for each in value:
            if isinstance(each, dict):
                place = each.get("path") or each.get("url")
                if isinstance(place, str):
                    say_flat(self.draft, place, at)
                    continue
            self.draft.fault(at, "should be tables with a path or a url")

    def _building(self, key: str, value: object, at: Path) -> None:
        setting = ("tool", "hutch", "no-build-package" if key == "no-build" else "no-binary")
        if key == "no-build" and isinstance(value, bool):
            self.draft.put(("tool", "hutch", "no-build"), value, at)
        elif isinstance(value, bool):
            self.draft.put(setting, [":all:"] if value else [], at)
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            self.draft.put(setting, list(value), at)
        else:
            self.draft.fault(at, "should be true, false or an array of names")

    def _overrides(self, value: dict[str, Any], at: Path) -> None:
        for name, version in value.items():
            words = (
                version.get("version")
                if isinstance(version, dict) and list(version) == ["version"]
                else version
            )
            if isinstance(words, str):
                text = name if words == "*" else f"{name} {words}"
                self.draft.add(("tool", "hutch", "overrides"), text, (*at, name))
            else:
                self.draft.note((*at, name), f"the override of {name} is more than a version: left out")
