"""``[tool.uv]`` in hutch's words.

What describes the project (sources, groups, workspace, conflicts …) stands in ``pyproject.toml`` alone.
What configures uv (indexes, what is built, dates) may stand in a ``uv.toml`` beside it, and then all of it
does: uv does not read that part of ``[tool.uv]`` any more. That part is in ``uv_settings``.
"""

from __future__ import annotations

from hutch.project.dialects.uv_extras import share_extras
from hutch.project.dialects.uv_settings import SETTING_KEYS, translate_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.spans import Path

__all__ = ["translate"]

_AT: Path = ("tool", "uv")
_OURS = ("tool", "hutch")

# What uv can be told and what makes no difference to which packages are installed here: said for those who
# convert. None of it is lost without a word.
_NOTES = {
    "managed": "uv keeps away from this project; hutch does not",
    "cache-keys": "hutch looks at the content of what it builds instead of at cache-keys",
    "pip": "is about `uv pip` alone",
    "audit": "is about `uv audit` alone",
    **dict.fromkeys(("publish-url", "check-url", "trusted-publishing"), "is about `uv publish` alone"),
    "minimum-libc-version": "say the C library among the targets instead, such as glibc2.17",
}
_SILENT = frozenset({"build-backend"})
"""What another program reads: the build backend of that name, which goes on doing so."""


def translate(original: Original, draft: Draft) -> None:
    """Say what ``[tool.uv]`` of ``original`` says."""
    tool = original.data.get("tool", {})
    if not isinstance(tool, dict) or not isinstance(tool.get("hutch", {}), dict):
        return  # which the reader tells
    table = tool.get("uv", {})
    if not isinstance(table, dict):
        draft.fault(_AT, "should be a table")
        table = {}
    _Translation(table, draft).all()
    share_extras(draft)
    translate_settings(original, table, draft)


def carry(draft: Draft, path: Path, value: Any, origin: Path) -> None:
    """Say ``value`` as it is, and where each part of it stands."""
    if draft.put(path, _copied(value), origin):  # type: ignore[arg-type]
        _note_parts(draft, path, value, origin)


def _note_parts(draft: Draft, path: Path, value: Any, origin: Path) -> None:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        draft.origins[(*path, key)] = (*origin, key)
        _note_parts(draft, (*path, key), part, (*origin, key))


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


class _Translation:
    """One table, said key by key."""

    def __init__(self, table: dict[str, Any], draft: Draft) -> None:
        self.table = table
        self.draft = draft

    def all(self) -> None:
        """Every key that describes the project."""
        for key, value in self.table.items():
            if key in SETTING_KEYS or key in _SILENT:
                continue
            say = getattr(self, "say_" + key.replace("-", "_"), None)
            if say is not None:
                say(value, (*_AT, key))
            elif key not in _NOTES:
                self.draft.note((*_AT, key), f"hutch knows no tool.uv.{key}")
            elif key != "managed" or value is False:
                self.draft.note((*_AT, key), f"{key}: {_NOTES[key]}")

    # --- as it is ---

    def say_package(self, value: Any, at: Path) -> None:
        carry(self.draft, (*_OURS, "package"), value, at)

    def say_workspace(self, value: Any, at: Path) -> None:
        carry(self.draft, (*_OURS, "workspace"), value, at)

    def say_default_groups(self, value: Any, at: Path) -> None:
        carry(self.draft, (*_OURS, "default-groups"), value, at)

    # --- groups ---

    def say_dev_dependencies(self, value: Any, at: Path) -> None:
        """The list of before dependency groups: more of the group ``dev``."""
        if not isinstance(value, list):
            self.draft.fault(at, "should be an array of strings")
            return
        path = ("dependency-groups", self.group("dev") or "dev")
        self.draft.put(path, [], at)
        for number, item in enumerate(value):
            self.draft.add(path, item, (*at, number))

    def group(self, name: str) -> str | None:
        """The group of this name, as it is spelled."""
        from hutch.spec import normalize

        groups = self.draft.get("dependency-groups")
        found = (
            [key for key in groups if normalize(key) == normalize(name)] if isinstance(groups, dict) else []
        )
        return found[0] if found else None

    def say_dependency_groups(self, value: Any, at: Path) -> None:
        """``requires-python`` of a group: what it asks for, it asks for on those Pythons alone."""
        if not isinstance(value, dict):
            self.draft.fault(at, "should be a table of groups")
            return
        limited = {}
        for key, table in value.items():
            group = self.group(key)
            text = table.get("requires-python") if isinstance(table, dict) else None
            if group is None:
                self.draft.fault((*at, key), f"there is no dependency group {key!r}")
            elif text is not None and (marker := self.python_marker(text, (*at, key, "requires-python"))):
                limited[group] = [
                    (_with_marker(item, marker) if isinstance(item, str) else item, origin)
                    for item, origin in self.flat(group, ())
                ]
        for group, items in limited.items():
            self.draft.document["dependency-groups"][group] = [item for item, _ in items]
            for number, (_, origin) in enumerate(items):
                self.draft.origins[("dependency-groups", group, number)] = origin

    def flat(self, group: str, above: tuple[str, ...]) -> list[tuple[Any, Path]]:
        """The entries of a group with those of the groups in it, and where they stand. A ring stays one."""
        items = self.draft.get("dependency-groups", group)
        found: list[tuple[Any, Path]] = []
        for number, item in enumerate(items if isinstance(items, list) else []):
            path = ("dependency-groups", group, number)
            name = item.get("include-group") if isinstance(item, dict) else None
            inner = self.group(name) if isinstance(name, str) else None
            if inner is None or inner == group or inner in above:
                found.append((item, self.draft.origins.get(path, path)))  # type: ignore[arg-type]
            else:
                found += self.flat(inner, (*above, group))
        return found

    def python_marker(self, text: Any, at: Path) -> str | None:
        from hutch.errors import Problem
        from hutch.spec import parse_specifiers

        try:
            found = parse_specifiers(text)
        except (Problem, TypeError, AttributeError):
            self.draft.fault(at, "should be a text such as '>=3.12'")
            return None
        return " and ".join(f"python_full_version {op} '{version}'" for op, version in found)

    # --- where packages come from ---

    def say_sources(self, value: Any, at: Path) -> None:
        if not isinstance(value, dict):
            self.draft.fault(at, "should be a table of names")
            return
        from hutch.spec import normalize

        ours = self.draft.get(*_OURS, "sources")
        known = {normalize(key) for key in ours} if isinstance(ours, dict) else set()
        for name, said in value.items():
            place = (*at, name)
            if normalize(name) in known:
                continue  # [tool.hutch.sources] has the last word
            if isinstance(said, list):
                kept = [self.source(each, (*place, number)) for number, each in enumerate(said)]
                carry(self.draft, (*_OURS, "sources", name), kept, place)
            else:
                carry(self.draft, (*_OURS, "sources", name), self.source(said, place), place)

    def source(self, said: Any, at: Path) -> Any:
        if not isinstance(said, dict):
            return said
        kept = dict(said)
        if "package" in kept and "path" in kept and kept.pop("package") is False:
            self.draft.note((*at, "package"), "hutch installs this project as well as what it needs")
        return kept

    # --- what may be chosen together ---

    def say_conflicts(self, value: Any, at: Path) -> None:
        """As hutch's, but uv lets a set name what is not there, and a project name itself."""
        if not isinstance(value, list):
            self.draft.fault(at, "should be an array of arrays")
            return
        kept: list[tuple[Path, Any]] = []
        for number, members in enumerate(value):
            here = (*at, number)
            known = [self.member(each) for each in members] if isinstance(members, list) else None
            if known is not None and len(known) > 1 and len([each for each in known if each]) < len(known):
                self.draft.note(here, "names an extra or a group that is not there")
                known = [each for each in known if each]
                if len(known) < 2:
                    continue
            kept.append((here, known if known is not None else members))
        path = (*_OURS, "conflicts")
        if self.draft.put(path, [value for _, value in kept], at):
            for number, (origin, _) in enumerate(kept):
                self.draft.origins[(*path, number)] = origin

    def member(self, said: Any) -> Any:
        """One of a set, without the name of this very project; None for what is not there."""
        from hutch.spec import normalize

        if not isinstance(said, dict):
            return said
        own = self.draft.get("project", "name")
        package = said.get("package")
        names = [normalize(each) for each in (package, own) if isinstance(each, str)]
        if len(said) > 1 and len(names) == 2 and names[0] == names[1]:
            said = {key: value for key, value in said.items() if key != "package"}
        if "package" in said:
            return said
        group, extra = said.get("group"), said.get("extra")
        if isinstance(group, str) and self.group(group) is None:
            return None
        extras = self.draft.get("project", "optional-dependencies")
        known = {normalize(key) for key in extras} if isinstance(extras, dict) else set()
        return None if isinstance(extra, str) and normalize(extra) not in known else said

    # --- which versions ---

    def say_constraint_dependencies(self, value: Any, at: Path) -> None:
        self.say_bounds("constraints", value, at)

    def say_build_constraint_dependencies(self, value: Any, at: Path) -> None:
        self.say_bounds("build-constraints", value, at)

    def say_bounds(self, key: str, value: Any, at: Path) -> None:
        if not isinstance(value, list):
            self.draft.fault(at, "should be an array of strings")
            return
        for number, item in enumerate(value):
            if isinstance(item, str) and "@" in item.partition(";")[0]:
                told = "a constraint with a URL; say in [tool.hutch.sources] where the package comes from"
                self.draft.note((*at, number), told)
            elif isinstance(item, dict):
                self.draft.note((*at, number), "hutch has no constraints for some packages alone")
            else:
                self.draft.add((*_OURS, key), item, (*at, number))

    def say_override_dependencies(self, value: Any, at: Path) -> None:
        for place, item, scope in self.scoped(value, at):
            if isinstance(item, str) and "@" in item.partition(";")[0]:
                self.place_of_override(item, scope, place)
            else:
                self.draft.add((*_OURS, "overrides"), f"{scope}{item}" if scope else item, place)

    def place_of_override(self, text: str, scope: str, at: Path) -> None:
        """``name @ URL``: the package comes from there, whoever asks for it."""
        name, _, url = text.partition(";")[0].partition("@")
        name, url = name.partition("[")[0].strip(), url.strip()
        if scope or ";" in text or not name or url.startswith(("git+", "file:")):
            self.draft.note(at, f"an override by URL: say in [tool.hutch.sources] where {name} comes from")
            return
        self.draft.put((*_OURS, "sources", name), {"url": url}, at)
        self.draft.add((*_OURS, "overrides"), name, at)

    def say_exclude_dependencies(self, value: Any, at: Path) -> None:
        for place, item, scope in self.scoped(value, at):
            self.draft.add((*_OURS, "excludes"), f"{scope}{item}" if scope else item, place)

    def scoped(self, value: Any, at: Path) -> list[tuple[Path, Any, str]]:
        """The entries; those of ``{ package = …, dependencies = … }`` get ``name ==1.0 >`` before them."""
        if not isinstance(value, list):
            self.draft.fault(at, "should be an array")
            return []
        found: list[tuple[Path, Any, str]] = []
        for number, item in enumerate(value):
            here = (*at, number)
            if not isinstance(item, dict):
                found.append((here, item, ""))
                continue
            package, inner = item.get("package"), item.get("dependencies")
            name = package.get("name") if isinstance(package, dict) else None
            if not isinstance(name, str) or not isinstance(inner, list):
                self.draft.fault(here, "should be { package = { name = … }, dependencies = […] }")
                continue
            assert isinstance(package, dict)
            scope = f"{name} =={package['version']} > " if "version" in package else f"{name} > "
            found += [((*here, "dependencies", place), each, scope) for place, each in enumerate(inner)]
        return found

    # --- where it is locked for ---

    def say_environments(self, value: Any, at: Path) -> None:
        from hutch.project.dialects.uv_targets import words_of

        self.targets(words_of(self.markers(value, at), only=True), at)

    def say_required_environments(self, value: Any, at: Path) -> None:
        from hutch.project.dialects.uv_targets import words_of

        self.targets(words_of(self.markers(value, at), only=False), at)

    def targets(self, found: tuple[tuple[str, ...], str], at: Path) -> None:
        words, left_out = found
        path = (*_OURS, "targets")
        if self.draft.get(*path) is not None and path not in self.draft.origins:
            return  # [tool.hutch] has the last word
        for word in words:
            said = self.draft.get(*path)
            if not isinstance(said, list) or word not in said:
                self.draft.put(path, [], at)
                self.draft.add(path, word, at)
        if left_out:
            self.draft.note(at, left_out)

    def markers(self, value: Any, at: Path) -> list[Any]:
        from hutch.errors import Problem
        from hutch.spec import parse_marker

        found = []
        for number, text in enumerate(value if isinstance(value, list) else [value]):
            try:
                found.append(parse_marker(text))
            except (Problem, TypeError, AttributeError):
                self.draft.fault((*at, number) if isinstance(value, list) else at, "should be a marker")
        return found


def _with_marker(text: str, marker: str) -> str:
    """The requirement where this marker holds besides its own."""
    from hutch.errors import Problem
    from hutch.spec import and_, parse_marker, parse_requirement
    from hutch.values import replace

    try:
        found = parse_requirement(text)
    except Problem:
        return text  # the reader tells what is wrong with it
    return replace(found, marker=and_(found.marker, parse_marker(marker))).render()
