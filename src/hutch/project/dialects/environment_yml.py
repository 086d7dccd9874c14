"""The dialect of conda's ``environment.yml``: its ``pip:`` list, and the Python that it asks for.

The list is one of lines as in a requirements file, ``-r`` and options included. What comes from conda's
channels is said in the words of ``[tool.hutch.conda]``; selectors (``# [linux]`` of conda-lock,
``sel(linux):`` of micromamba) become its target tables. ``platforms`` is conda-lock's, and the targets of
hutch; ``variables`` are what its activation sets. Spec: CEP 24, by which a list of another manager than
pip is refused.
"""

from __future__ import annotations

from hutch.project.dialects.conda_draft import COMMENT_SELECTORS, CondaDraft, meant
from hutch.project.dialects.conda_words import (
    PLATFORMS,
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

_NOTES = {
    "prefix": "prefix is a place on one machine; the environment of hutch is .venv",
    "category": "a category of conda-lock has no words in hutch; a group is what comes nearest",
}
_KNOWN = frozenset(("name", "channels", "dependencies", "platforms", "variables", *_NOTES))


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
        self.conda = CondaDraft(draft)
        self.lines = original.text.removeprefix("\ufeff").splitlines()

    def at(self, *path: str | int) -> Place:
        return Place(self.document.line(path))

    def translate(self) -> None:
        draft = self.draft
        draft.put(("tool", "hutch", "package"), False, Place(1))
        draft.put(("project", "dependencies"), [], self.at("dependencies"))
        self.channels()
        for number, item in enumerate(self.array("dependencies")):
            at: Path = ("dependencies", number)
            if isinstance(item, dict):
                for manager in item:
                    self.managed(manager, item[manager], (*at, manager))
            elif isinstance(item, str):
                self.package(item, at, self.selector(item, at))
            else:
                draft.fault(self.at(*at), "should be a package, or a table with a list for pip")
        self.platforms()
        self.variables()
        self.name()
        for key in self.value:
            if key not in _KNOWN and (near := meant(key, _KNOWN - self.value.keys())):
                draft.fault(self.at(key), f"{key} is no key of an environment.yml: {near} may be meant")
            elif key not in _KNOWN:
                draft.note(
                    self.at(key), f"{key} is nothing that hutch knows of an environment.yml", warn=True
                )
            elif key in _NOTES and self.value[key]:
                draft.note(self.at(key), _NOTES[key])

    def channels(self) -> None:
        for number, name in enumerate(self.array("channels")):
            at = self.at("channels", number)
            if not isinstance(name, str):
                self.draft.fault(at, "should be the name or the address of a channel")
            elif name != "nodefaults":  # hutch asks the channels that are named, and no others
                self.conda.channel(name, at)

    def package(self, text: str, at: Path, selector: str) -> None:
        """One MatchSpec."""
        before, dash, _ = text.partition(" - ")
        if dash and before.strip():
            # YAML takes lines that stand further in for the rest of the one above.
            colon = "`pip:` has a colon" if before.strip() == "pip" else "the lines are not indented alike"
            self.draft.fault(self.at(*at), f"`{text[:60]}` is one line to YAML: {colon}")
            return
        name, version, _ = split_spec(text)
        if name == "nodefaults":
            return
        self.conda.spec(text.partition(" #")[0].strip(), self.at(*at), selector=selector)
        if name == "python" and not selector:
            self.python(version, at)

    def selector(self, text: str, at: Path) -> str:
        """``# [linux]`` behind a line: the platforms that it is for."""
        line = self.line(at)
        _, mark, comment = line[line.find(text) + len(text) :].partition("#")
        words, closing, _ = comment.strip().removeprefix("[").partition("]")
        if not mark or not closing or not comment.strip().startswith("["):
            return ""
        found = COMMENT_SELECTORS.get(words.strip())
        if found is None:
            reason = f"[{words.strip()[:40]}] is no selector that hutch knows: taken for all platforms"
            self.draft.note(self.at(*at), reason, warn=True)
        return found or ""

    def line(self, at: Path) -> str:
        number = self.document.line(at)
        return self.lines[number - 1] if number <= len(self.lines) else ""

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
            if isinstance(name, str):
                self.conda.platform(name, at)
            if isinstance(name, str) and name in PLATFORMS:
                self.draft.add(("tool", "hutch", "targets"), PLATFORMS[name][0], at)
            else:
                self.draft.note(at, f"{str(name)[:60]} is no target that hutch has a name for")

    def variables(self) -> None:
        """Those that activation sets, in capitals as conda exports them. YAML's numbers are texts here."""
        from hutch.spec import variable_fault

        found = self.value.get("variables")
        if not isinstance(found, dict):
            if found is not None:
                self.draft.fault(self.at("variables"), "variables should be a table: NAME: VALUE")
            return
        for said, value in found.items():
            path: Path = ("variables", said)
            name = said.strip()
            fault = variable_fault(name)
            if fault:
                what, _, why = fault.partition(":")
                fault = f"{name[:60]!a} {what}" if why else f"{name} {what}"
            elif value is None:
                fault = f"the variable {name} has no value (an empty one is {name}: '')"
            elif not isinstance(value, str):
                fault = f"the variable {name} has no text for a value"
            elif not _can_be_value(value):
                fault = f"the value of {name} has letters in it that no variable can have"
            if fault:
                self.draft.note(self.at(*path), f"{fault}: passed over", warn=True)
                continue
            assert isinstance(value, str)
            selector = self.selector(value, path) if value in self.line(path) else ""
            self.conda.variable(name.upper(), value, self.at(*path), selector)
            if "$" in value:
                text = f"a dollar in the variable {name} is one, as for conda: in hutch's words it is `$$`"
                self.draft.note(self.at(*path), text)

    def selected(self, selector: str, value: object, at: Path) -> None:
        """``sel(linux): PACKAGE``, or a list of them."""
        from hutch.project.conda_words import is_selector

        if not is_selector(selector):
            reason = f"{selector[:40]} is no selector: there are linux, osx, win, unix, and platforms"
            self.draft.fault(self.at(*at), reason)
            return
        items = value if isinstance(value, list) else [value]
        for number, text in enumerate(items):
            here = (*at, number) if isinstance(value, list) else at
            if isinstance(text, str):
                self.package(text, here, selector)
            else:
                self.draft.fault(self.at(*here), "should be a package")

    def managed(self, manager: str, value: object, at: Path) -> None:
        """The list of another manager of packages; pip is the one that conda knows."""
        if manager.startswith("sel(") and manager.endswith(")"):
            self.selected(manager[4:-1].strip(), value, at)
            return
        if manager != "pip":
            reason = f"{manager[:60]} is no manager of packages that conda knows beside itself: there is pip"
            self.draft.fault(self.at(*at), reason)
            return
        if value is None or self.original.without_pip:
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


def _can_be_value(text: str) -> bool:
    """YAML can say halves of letters, and the one that ends a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
