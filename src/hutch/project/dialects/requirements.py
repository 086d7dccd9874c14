"""The dialect of pip and pip-tools: a project that has requirements files and nothing else.

The file of the project itself gives its dependencies, the others a group each; options give settings, as far
as a checkout may say them. What pip-tools is told in ``.pip-tools.toml`` or ``[tool.pip-tools]`` counts too.

Spec: pip's reference, "Requirements File Format"; pip-tools' documentation.
"""

from __future__ import annotations

from hutch.project.dialects.draft import Place
from hutch.project.dialects.requirements_layers import (
    DEVELOPMENT,
    find_layers,
    join_path,
    names_beside,
)
from hutch.project.dialects.requirements_places import NoName, located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.dialects.requirements_layers import Layer
    from hutch.project.requirements_file import Asked, FileOption, RequirementsFile

__all__ = ["layers_into", "read_layer", "translate"]

_TOOL = ("tool", "hutch")
_LISTS = ("extra-index-url", "find-links", "only-binary", "no-binary", "trusted-host")
_NOTES = {
    "all-releases": "--all-releases has no equivalent: name the pre-release that is wanted",
    "only-final": "--only-final says what hutch does anyway, unless a requirement names a pre-release",
    "prefer-binary": "--prefer-binary has no equivalent: the newest version is taken; --only-binary has one",
    "require-hashes": "--require-hashes: every lock of hutch has all hashes",
    "no-require-hashes": "--no-require-hashes: every lock of hutch has all hashes",
    "use-feature": "--use-feature is about pip itself",
}


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what requirements files say."""
    layers, others = find_layers(original.filename, original.read)
    reading = _Reading(original, draft, layers)
    reading.settings_of_pip_tools()
    own, *more = layers
    reading.layer(own)
    included = set(reading.files)
    for layer in more:
        if layer.source not in included:
            reading.layer(layer)
    groups = [name for name in draft.get("dependency-groups") or {} if name in DEVELOPMENT]
    if groups and groups != ["dev"]:
        draft.put((*_TOOL, "default-groups"), groups, Place(1))
    for path in others:
        text = f"{path} is taken for no group: its name may stand for another Python or system"
        draft.note(Place(1, path), text)
    for name in DEVELOPMENT:  # whoever remembers this answer has to look at them again
        for ending in ("in", "txt"):
            original.read(f"requirements-{name}.{ending}")
            original.read(f"{name}-requirements.{ending}")


def layers_into(original: Original, draft: Draft, layers: tuple[Layer, ...]) -> None:
    """Say what these layers ask for: of a project that another file is the manifest of."""
    reading = _Reading(original, draft, layers)
    for layer in layers:
        reading.layer(layer)


def read_layer(original: Original, source: str, layers: tuple[Layer, ...]) -> RequirementsFile:
    """The file ``source`` with all that it includes, but for constraints that are layers themselves.

    Raises ``InvalidRequirementsFile``.
    """
    from hutch.errors import Problem
    from hutch.project.requirements_file import read_requirements

    compiled = {layer.compiled: layer.source for layer in layers if layer.compiled}

    def read(path: str) -> bytes:
        text = original.text if path == original.filename else original.read(path)
        if text is None:
            raise Problem(f"{path} cannot be read", why="nothing is there")
        return _without_layers(text, path, compiled).encode("utf-8", "surrogatepass")

    def join(container: str, text: str) -> str:
        path = join_path(container, text)
        if path is None:
            what = "the network" if "://" in text else "elsewhere on this machine"
            raise Problem(
                f"{text} is a file from {what}, which a project does not name; put it beside this one"
            )
        return compiled.get(path, path)

    return read_requirements(source, read, join=join, shown=lambda path: path, environ={})


def _without_layers(text: str, path: str, compiled: dict[str, str]) -> str:
    """Without the lines that hold one layer to the versions of another: they are solved together."""
    if "-c" not in text and "--constraint" not in text:
        return text
    import re

    def keep(found: re.Match[str]) -> str:
        target = join_path(path, found[1].strip().strip("'\""))
        own = target in compiled or target in compiled.values()
        return "" if own else found[0]

    return re.sub(r"^(?:-c|--constraint)[ \t=]*([^\s#]+)", keep, text, flags=re.M)


class _Reading:
    def __init__(self, original: Original, draft: Draft, layers: tuple[Layer, ...]) -> None:
        self.original = original
        self.draft = draft
        self.layers = layers
        self.files: dict[str, None] = {}
        self.places: dict[str, dict[str, Any]] = {}
        self.told: set[Any] = set()

    def at(self, path: str, line: int) -> Place:
        return Place(line, None if path == self.original.filename else path)

    def layer(self, layer: Layer) -> None:
        """Say what one layer asks for."""
        from hutch.project.requirements_file import InvalidRequirementsFile

        kind, _, group = layer.where.partition(":")
        where = ("project", "dependencies") if kind == "project" else ("dependency-groups", group)
        self.draft.put(where, [], self.at(layer.source, 1))
        try:
            found = read_layer(self.original, layer.source, self.layers)
        except InvalidRequirementsFile as problem:
            for fault in problem.faults:
                self.fault(self.at(fault.path, fault.line), fault.reason)
            return
        self.files[layer.source] = None
        for asked in found.asked:
            self.files[asked.container] = None
            number = asked.place.rpartition(":")[2]
            self.ask(asked, where, self.at(asked.container, int(number) if number.isdigit() else 1))
        for option in found.options:
            self.option(option)
        if layer.compiled and layer.compiled != layer.source:
            self.options_of(layer.compiled)
        for notice in found.notices:
            self.note(self.at(layer.source, 1), notice)

    def fault(self, at: Place, reason: str) -> None:
        """A fault, once: a file may belong to several layers."""
        if (at, reason) not in self.told:
            self.told.add((at, reason))
            self.draft.fault(at, reason)

    def note(self, at: Place, text: str) -> None:
        """A note, once."""
        if (at, text) not in self.told:
            self.told.add((at, text))
            self.draft.note(at, text)

    def ask(self, asked: Asked, where: tuple[str, ...], at: Place) -> None:
        """One requirement, or one constraint."""
        if asked.settings:
            self.note(at, "--config-settings of a file has no equivalent: give it to hutch sync")
        requirement = asked.given.requirement
        if asked.constraint:
            if requirement is None or requirement.url is not None:
                self.note(
                    at, "a constraint with a URL has no equivalent: say in a requirement where it comes from"
                )
            elif (at, "constraint") not in self.told:
                self.told.add((at, "constraint"))
                self.draft.add((*_TOOL, "constraints"), requirement.render(), at)
            return
        if requirement is not None and requirement.url is None and not asked.given.editable:
            self.draft.add(where, requirement.render(), at)
            return
        try:
            words, name, source, notes = located(asked, self.original.read)
        except NoName as error:
            self.fault(at, str(error))
            return
        for text in notes:
            self.note(at, text)
        if source is not None:
            known = self.places.setdefault(name, source)
            if known is source:
                self.draft.put((*_TOOL, "sources", name), source, at)
            elif known != source:
                self.note(at, f"{name} has another source already, which is taken")
        self.draft.add(where, words, at)

    # --- settings ---

    def option(self, option: FileOption) -> None:
        """A global option, as a setting of the project."""
        at = self.at(option.container, option.line)
        self.setting(option.name, option.raw or True, at, option.container)

    def setting(self, name: str, value: object, at: Place, container: str) -> None:
        """Say a setting; of one value the last said counts, as for pip, and lists grow."""
        draft = self.draft
        if name in _NOTES:
            self.note(at, _NOTES[name])
        elif name == "no-index":
            draft.put((*_TOOL, "no-index"), True, at)
        elif name == "pre":
            draft.put((*_TOOL, "prerelease"), "allow", at)
        elif name == "index-url":
            hutch = draft.document.setdefault("tool", {}).setdefault("hutch", {})
            hutch["index-url"] = value
            draft.origins[(*_TOOL, "index-url")] = at
        elif name in _LISTS:
            values = [value] if name.endswith(("url", "links", "host")) else str(value).split(",")
            if name == "find-links":
                values = [self.folder(str(value), container)]
            said = draft.get(*_TOOL, name) or []
            for each in values:
                if each and each not in said and each != ":none:":
                    draft.add((*_TOOL, name), each, at)
        else:
            self.note(at, f"--{name} has no equivalent")

    def folder(self, text: str, container: str) -> str:
        """``--find-links``: from the directory of its file if that is there, else from the project."""
        path = join_path(container, text)
        beside = names_beside(self.original.read)
        return path if path is not None and any(True for _ in beside(path)) else text

    def options_of(self, path: str) -> None:
        """The options of a compiled file: pip-sync goes by them. Its requirements are another matter."""
        text = self.original.read(path)
        if text is None:
            return
        from hutch.errors import Problem
        from hutch.project.requirements_file import InvalidRequirementsFile, read_requirements

        lines = [line if line.startswith("-") else "" for line in text.splitlines()]
        only = "\n".join(line for line in lines if not line.startswith(("-e", "--editable", "-r", "-c")))

        def refuse(container: str, text: str) -> str:
            raise Problem("not here")

        try:
            found = read_requirements(
                path, lambda _: only.encode(), join=refuse, shown=lambda each: each, environ={}
            )
        except InvalidRequirementsFile:
            return
        for option in found.options:
            said = option.name == "index-url" and self.draft.get(*_TOOL, "index-url") is not None
            if not said and option.name not in _NOTES:
                self.option(option)

    def settings_of_pip_tools(self) -> None:
        """``.pip-tools.toml``, else ``[tool.pip-tools]`` of a ``pyproject.toml`` that is no manifest."""
        from hutch.project.toml_text import read_toml

        for path in (".pip-tools.toml", "pyproject.toml"):
            text = self.original.read(path)
            if text is None or "pip-tools" not in text:
                continue
            try:
                data: Any = read_toml(text)
            except ValueError:
                self.note(self.at(path, 1), f"{path} is not TOML, and is passed over")
                continue
            tool = data.get("tool")
            table = tool.get("pip-tools") if isinstance(tool, dict) else None
            if isinstance(table, dict):
                compile_table = table.get("compile")
                more = compile_table if isinstance(compile_table, dict) else {}
                self.pip_tools({**table, **more}, path)
                return

    def pip_tools(self, table: dict[str, Any], path: str) -> None:
        """The settings of pip-compile, by their long names."""
        at = self.at(path, 1)
        for key, value in table.items():
            name = key.replace("_", "-")
            if name in ("index-url", "extra-index-url", "find-links", "trusted-host"):
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, str):
                        self.setting(name, each, at, path)
            elif name in ("no-index", "pre") and value is True:
                self.setting(name, value, at, path)
            elif name == "uploaded-prior-to" and isinstance(value, str):
                self.draft.put((*_TOOL, "exclude-newer"), value, at)
            elif name == "constraint":
                for each in value if isinstance(value, list) else [value]:
                    self.constraint(str(each), path)
            elif name not in _OF_OUTPUT:
                self.note(at, f"{key} of pip-tools has no equivalent")

    def constraint(self, text: str, path: str) -> None:
        """A file that pip-compile is told to be held by."""
        from hutch.project.requirements_file import InvalidRequirementsFile

        target = join_path(path, text)
        if target is None or any(target in (each.source, each.compiled) for each in self.layers):
            return
        try:
            found = read_layer(self.original, target, self.layers)
        except InvalidRequirementsFile as problem:
            for fault in problem.faults:
                self.fault(self.at(fault.path, fault.line), fault.reason)
            return
        for asked in found.asked:
            requirement = asked.given.requirement
            if requirement is not None and requirement.url is None:
                number = asked.place.rpartition(":")[2]
                at = self.at(asked.container, int(number) if number.isdigit() else 1)
                self.draft.add((*_TOOL, "constraints"), requirement.render(), at)


_OF_OUTPUT = frozenset(
    {
        *(
            "generate-hashes",
            "reuse-hashes",
            "annotate",
            "annotation-style",
            "header",
            "newline",
            "strip-extras",
        ),
        *(
            "allow-unsafe",
            "resolver",
            "emit-index-url",
            "emit-options",
            "emit-trusted-host",
            "emit-find-links",
        ),
        *("quiet", "verbose", "dry-run", "compile", "sync", "backtracking", "upgrade", "cache-dir", "color"),
    }
)
"""What is about the file that pip-compile writes, or how it writes it."""
