"""The dialect of conda's ``environment.yml``: its ``pip:`` list, and the Python that it asks for.

The list is one of lines as in a requirements file, ``-r`` and options included. What comes from conda's
channels is named in a note. ``platforms`` is conda-lock's, and the targets of hutch.
"""

from __future__ import annotations

from hutch.project.dialects.conda_words import (
    PLATFORMS,
    not_installed,
    plain_name,
    python_versions,
    split_spec,
)
from hutch.project.dialects.draft import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.spans import Path
    from hutch.project.yaml_text import Yaml

__all__ = ["translate"]

_OF_CONDA = frozenset(("python", "pip", "python_abi", "nodefaults"))
_NOTES = {
    "channels": "channels are where conda packages come from, and hutch asks none of them",
    "variables": "variables have no words in hutch: use a .env file, and hutch run --env-file",
    "prefix": "prefix is a place on one machine; the environment of hutch is .venv",
    "category": "a category of conda-lock has no words in hutch; a group is what comes nearest",
}
_KNOWN = frozenset(("name", "dependencies", "platforms", *_NOTES))


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what the original says."""
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    try:
        document = read_yaml(original.text)
    except InvalidYaml as error:
        draft.fault(Place(error.line), error.reason)
        return
    if not isinstance(document.value, dict):
        draft.fault(Place(1), "should be a table with name and dependencies")
        return
    _Reader(original, draft, document).translate()


class _Reader:
    def __init__(self, original: Original, draft: Draft, document: Yaml) -> None:
        self.original = original
        self.draft = draft
        self.document = document
        self.value: dict[str, Any] = document.value

    def at(self, *path: str | int) -> Place:
        return Place(self.document.line(path))

    def translate(self) -> None:
        draft = self.draft
        draft.put(("tool", "hutch", "package"), False, Place(1))
        draft.put(("project", "dependencies"), [], self.at("dependencies"))
        conda: list[str] = []
        first: Path = ()
        for number, item in enumerate(self.array("dependencies")):
            at: Path = ("dependencies", number)
            if isinstance(item, dict):
                for manager in item:
                    self.managed(manager, item[manager], (*at, manager))
                continue
            if not isinstance(item, str):
                draft.fault(self.at(*at), "should be a package, or a table with a list for pip")
                continue
            name, version, _ = split_spec(item)
            if name == "python":
                self.python(version, at)
            elif name and name not in _OF_CONDA:
                first = first or at
                conda.append(name)
        here = {plain_name(text) for text in draft.get("project", "dependencies") or ()}
        conda = [name for name in conda if plain_name(name) not in here]  # pip is asked for it as well
        if conda:
            draft.note(
                self.at(*first), not_installed(list(dict.fromkeys(conda)), "conda", "the pip list"), warn=True
            )
        self.platforms()
        self.name()
        for key in self.value:
            if key not in _KNOWN:
                draft.note(self.at(key), f"{key} is nothing that hutch knows of an environment.yml")
            elif key in _NOTES and self.value[key]:
                draft.note(self.at(key), _NOTES[key])

    def array(self, key: str) -> list[Any]:
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self.draft.fault(self.at(key), f"{key} should be a list")
            return []
        return found

    def name(self) -> None:
        """That of the environment, made a name of packaging; it may not be that of the package beside it."""
        found = self.value.get("name")
        if found is None:
            return
        if not isinstance(found, str):
            self.draft.fault(self.at("name"), "name should be a text")
            return
        import re

        from hutch.spec import normalize

        text = re.sub(r"[^A-Za-z0-9._-]+", "-", found).strip("-._") or "environment"
        sources = self.draft.get("tool", "hutch", "sources") or {}
        if any(normalize(name) == normalize(text) for name in sources):
            text += "-environment"
        self.draft.put(("project", "name"), text, self.at("name"))

    def python(self, version: str, at: Path) -> None:
        found, exact = python_versions(version)
        if found is None:
            self.draft.note(
                self.at(*at), f"the versions of Python `{version}` cannot be said in one requires-python"
            )
        elif found:
            self.draft.put(("project", "requires-python"), found, self.at(*at))
            if exact:
                shown = version.lstrip("=")
                self.draft.note(
                    self.at(*at), f"Python {shown} is asked for exactly; hutch takes any of {found}"
                )

    def platforms(self) -> None:
        for number, name in enumerate(self.array("platforms")):
            at = self.at("platforms", number)
            if isinstance(name, str) and name in PLATFORMS:
                self.draft.add(("tool", "hutch", "targets"), PLATFORMS[name][0], at)
            else:
                self.draft.note(at, f"{str(name)[:60]} is no target that hutch has a name for")

    def managed(self, manager: str, value: object, at: Path) -> None:
        """The list of another manager of packages; pip is the one that conda knows."""
        if manager != "pip":
            self.draft.note(self.at(*at), f"what {manager[:60]} installs has no words in hutch")
            return
        if value is None:
            return
        if not isinstance(value, list):
            self.draft.fault(self.at(*at), "pip should have a list")
            return
        lines: list[tuple[int, str]] = []
        for number, text in enumerate(value):
            line = self.document.line((*at, number))
            if isinstance(text, str):
                lines += [(line, each) for each in text.splitlines()]
            else:
                reason = (
                    "should be a text: with a colon in it YAML takes a line for a table, unless in quotes"
                )
                self.draft.fault(Place(line), reason)
        from hutch.project.dialects.pip_lines import say_lines

        say_lines(self.original, self.draft, lines)
