"""The dialect of pixi: ``pixi.toml``, and ``[tool.pixi]`` of a ``pyproject.toml``.

Its part that comes from Python indexes. The default feature is the project's own dependencies; where there
is a ``[project]``, which says what the *package* needs, it is the group ``pixi``, chosen by default.
A feature is a group of its name, an environment of several features a group that includes them, and one of
``[tool.hutch.environments]`` (``pixi_environments``). Platforms are targets. What comes from conda's channels
is said in the words of ``[tool.hutch.conda]``.
"""

from __future__ import annotations

from hutch.project.dialects.conda_draft import CondaDraft
from hutch.project.dialects.conda_words import (
    PLATFORMS,
    SYSTEMS,
    python_versions,
)
from hutch.project.dialects.pixi_environments import Environments
from hutch.project.dialects.pixi_metadata import note_others, say_metadata
from hutch.project.dialects.pixi_packages import Packages
from hutch.project.dialects.pixi_platforms import platforms_said

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.spans import Path

__all__ = ["translate"]

_GROUP = "pixi"
_CONDA = ("dependencies", "host-dependencies", "build-dependencies", "run-dependencies")
_ELSEWHERE = {
    "tasks": "tasks have no words in hutch yet: they stay where they are, for pixi",
    "package": "a package that pixi builds for conda has no words in hutch",
    "dev": "development dependencies on sources of conda packages have no words in hutch",
}


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what the original says."""
    _Pixi(original, draft).translate()


class _Pixi:
    def __init__(self, original: Original, draft: Draft) -> None:
        self.draft = draft
        self.in_pyproject = "tool" in original.data and not original.filename.endswith("pixi.toml")
        tool = original.data.get("tool")
        found = tool.get("pixi") if self.in_pyproject and isinstance(tool, dict) else original.data
        self.base: Path = ("tool", "pixi") if self.in_pyproject else ()
        self.table: dict[str, Any] = {}
        if isinstance(found, dict):
            self.table = found
        else:
            draft.fault(self.base, "should be a table")
        self.beside_project = self.in_pyproject and isinstance(draft.get("project"), dict)
        self.packages = Packages(draft)
        self.features: set[str] = set()
        self.platform_names: set[str] = set()
        self.words = CondaDraft(draft)

    def translate(self) -> None:
        self.workspace()
        self.options(self.table, self.base)
        into = ("dependency-groups", _GROUP) if self.beside_project else ("project", "dependencies")
        self.lists(self.table, self.base, into, None)
        features = self.sub(self.table, "feature", self.base)
        for name in features:
            feature, path = self.sub(features, name, (*self.base, "feature")), (*self.base, "feature", name)
            self.features.add(name)
            self.options(feature, path)
            self.lists(feature, path, ("dependency-groups", name), name)
            self.places(feature, path, name)
            self.elsewhere(feature, path)
            note_others(self.draft, feature, path, "feature")
        self.packages.finish()
        own = _GROUP if self.beside_project else None
        Environments(self.draft, self.table, self.base, self.features, own).say()
        self.elsewhere(self.table, self.base)
        note_others(self.draft, self.table, self.base, "whole")

    # --- small shapes ---

    def sub(self, table: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.draft.fault((*path, key), "should be a table")
        return {}

    def texts(self, value: object, path: Path) -> list[tuple[Path, str]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.draft.fault(path, "should be an array of strings")
            return []
        for number, item in enumerate(value):
            if not isinstance(item, str):
                self.draft.fault((*path, number), "should be a string")
        return [((*path, number), item) for number, item in enumerate(value) if isinstance(item, str)]

    # --- the project ---

    def workspace(self) -> None:
        key = "workspace" if "workspace" in self.table else "project"
        table, path = self.sub(self.table, key, self.base), (*self.base, key)
        draft = self.draft
        if not self.beside_project:
            name = table.get("name")
            draft.put(("project", "name"), self.name(name, path), (*path, "name"))
            say_metadata(draft, table, path)
            draft.put(("tool", "hutch", "package"), False, path)
        if "exclude-newer" in table:
            draft.put(("tool", "hutch", "exclude-newer"), table["exclude-newer"], (*path, "exclude-newer"))
        self.options(table, path)
        self.platforms(table, path)
        self.channels(table, path)
        note_others(draft, table, path, "workspace")

    def name(self, value: object, path: Path) -> str:
        """A name of packaging for a workspace, whose own may be any words."""
        import re

        if value is not None and not isinstance(value, str):
            self.draft.fault((*path, "name"), "should be a string")
        text = re.sub(r"[^A-Za-z0-9._-]+", "-", value if isinstance(value, str) else "").strip("-._")
        text = text or "workspace"
        from hutch.spec import normalize

        own = {normalize(each) for each in self.sub(self.table, "pypi-dependencies", self.base)}
        # The workspace may have the name of the package that it develops.
        return f"{text}-workspace" if normalize(text) in own else text

    def channels(self, table: dict[str, Any], path: Path) -> None:
        """The channels, those of a higher priority first."""
        for name, at in self.said_channels(table, path):
            self.words.channel(name, at)
        priority = table.get("channel-priority")
        if priority is not None:
            where = ("tool", "hutch", "conda", "channel-priority")
            self.draft.put(where, priority, (*path, "channel-priority"))

    def said_channels(self, table: dict[str, Any], path: Path) -> list[tuple[str, Path]]:
        found, at = table.get("channels"), (*path, "channels")
        if not isinstance(found, list):
            if found is not None:
                self.draft.fault(at, "should be an array of channels")
            return []
        said: list[tuple[int, int, str]] = []
        for number, item in enumerate(found):
            name = item.get("channel") if isinstance(item, dict) else item
            rank = item.get("priority", 0) if isinstance(item, dict) else 0
            if isinstance(name, str) and isinstance(rank, int):
                said.append((-rank, number, name))
            else:
                self.draft.fault((*at, number), "should be the name or the address of a channel")
        return [(name, (*at, number)) for _, number, name in sorted(said)]

    def places(self, table: dict[str, Any], path: Path, feature: str) -> None:
        """What a feature says of channels and platforms."""
        from hutch.project.conda_settings import is_selector

        for name, at in self.said_channels(table, path):
            self.words.channel(name, at, feature)
        said = table.get("platforms")
        if isinstance(said, list):
            said = [one.get("name", one.get("platform")) if isinstance(one, dict) else one for one in said]
        for at, platform in self.texts(said, (*path, "platforms")):
            if is_selector(platform) or platform in self.platform_names:
                self.words.platform(platform, at, feature)
            else:
                self.draft.note(at, f"{platform} is no platform of the workspace")

    def platforms(self, table: dict[str, Any], path: Path) -> None:
        for each in platforms_said(table, path, self.draft):
            self.platform_names.add(each.name)
            self.words.platform(each.value(), each.at)
            if each.subdir not in PLATFORMS:
                self.draft.note(each.at, f"{each.subdir} is no target that hutch has a name for")
            elif PLATFORMS[each.subdir][0] not in self.draft.array("tool", "hutch", "targets"):
                self.draft.add(("tool", "hutch", "targets"), PLATFORMS[each.subdir][0], each.at)

    # --- lists of packages ---

    def lists(self, table: dict[str, Any], path: Path, into: tuple[str, ...], feature: str | None) -> None:
        """The dependencies of a feature, on all platforms and on some."""
        self.conda_part(table, path, feature)
        self.requirements(table, path, feature)
        wanted = self.sub(table, "pypi-dependencies", path)
        found = list(self.targets(table, path, feature))
        own = self.own(into)
        for name, value in wanted.items():
            negations = [no for _, no, other, _ in found if name in other]
            marker = " and ".join(negations)
            self.packages.add(name, value, (*path, "pypi-dependencies", name), into, marker, own)
        for marker, _, other, at in found:
            for name, value in other.items():
                self.packages.add(name, value, (*at, name), into, marker, own)

    def own(self, into: tuple[str, ...]) -> str | None:
        """The project itself, which a list may name by its path."""
        name = self.draft.get("project", "name")
        return name if self.beside_project and isinstance(name, str) else None

    def targets(
        self, table: dict[str, Any], path: Path, feature: str | None
    ) -> Iterator[tuple[str, str, dict[str, Any], Path]]:
        """Marker, the opposite of it, and the packages, for each ``[target.PLATFORM]``."""
        targets = self.sub(table, "target", path)
        for selector in targets:
            at = (*path, "target", selector)
            target = self.sub(targets, selector, (*path, "target"))
            self.conda_part(target, at, feature, selector)
            self.elsewhere(target, at)
            note_others(self.draft, target, at, "target")
            wanted = self.sub(target, "pypi-dependencies", at)
            if not wanted:
                continue
            marker, no = SYSTEMS.get(selector) or PLATFORMS.get(selector, ("", "", ""))[1:]
            if marker:
                yield marker, no, wanted, (*at, "pypi-dependencies")
            else:
                self.draft.note(at, f"{selector} is no platform that hutch has a name for: left out")

    def requirements(self, table: dict[str, Any], path: Path, feature: str | None) -> None:
        found = self.sub(table, "system-requirements", path)
        if found:
            self.words.requirements(found, (*path, "system-requirements"), feature or "")

    def conda_part(self, table: dict[str, Any], path: Path, feature: str | None, selector: str = "") -> None:
        from hutch.project.conda_words import is_selector

        where = "project" if feature is None else f"group:{feature}"
        activation = self.sub(table, "activation", path)
        if activation and selector and not is_selector(selector) and selector not in self.platform_names:
            reason = f"{selector} is no platform of conda: its activation is left out"
            self.draft.note((*path, "activation"), reason, warn=True)
        elif activation:
            self.words.activation(activation, (*path, "activation"), where=where, selector=selector)
        for key in (*_CONDA, "constraints"):
            into = "constraints" if key == "constraints" else "dependencies"
            for name, value in self.sub(table, key, path).items():
                at = (*path, key, name)
                if selector and not is_selector(selector) and selector not in self.platform_names:
                    reason = f"{selector} is no platform of conda: {name} is left out"
                    self.draft.note(at, reason, warn=True)
                    continue
                self.words.entry(name, value, at, where=where, selector=selector, key=into)
                if key == "constraints":
                    continue
                if name == "python" and key != "build-dependencies" and selector:
                    self.draft.note(at, "requires-python is that of all platforms: it is not taken from here")
                elif name == "python" and key != "build-dependencies":
                    self.python(value, at, feature)

    def python(self, value: object, at: Path, feature: str | None) -> None:
        version = value.get("version", "*") if isinstance(value, dict) else value
        if not isinstance(version, str):
            self.draft.fault(at, "should be a version, or a table with one")
            return
        if feature is not None:
            return  # its environments get it from conda, whose words are said already
        found, exact = python_versions(version.strip())
        if found is None:
            self.draft.note(at, f"the versions of Python `{version}` cannot be said in one requires-python")
        elif found and self.beside_project:  # requires-python is what the package says
            if found != self.draft.get("project", "requires-python"):
                self.draft.put(("tool", "hutch", "python"), found, at)
        elif found:
            self.draft.put(("project", "requires-python"), found, at)
            if exact:
                self.draft.note(at, f"Python {version} is asked for exactly; hutch takes any of {found}")

    # --- indexes ---

    def options(self, table: dict[str, Any], path: Path) -> None:
        found = self.sub(table, "pypi-options", path)
        if found:
            self.packages.options(found, (*path, "pypi-options"))

    def elsewhere(self, table: dict[str, Any], path: Path) -> None:
        for key, sentence in _ELSEWHERE.items():
            if table.get(key):
                self.draft.note((*path, key), sentence)
