"""The dialect of setuptools: ``setup.py``, ``setup.cfg`` and ``[tool.setuptools.dynamic]``.

What is said plainly is read here, without running anything: literal arguments of ``setup(...)``, keys of
``setup.cfg``, files that either names. As with setuptools, ``setup.py`` wins where both say something. The
rest becomes ``dynamic``, and the build backend is asked.

Spec: setuptools' "Declarative config" and "Configuring setuptools using pyproject.toml files".
"""

from __future__ import annotations

from hutch.project.dialects.draft import Place
from hutch.project.dialects.setuptools_files import groups_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.dialects.setup_cfg import SetupCfg
    from hutch.project.dialects.setup_py import SetupPy

__all__ = ["translate"]

LEGACY = {"requires": ["setuptools >= 40.8.0"]}
"""What builds a project without ``[build-system]`` (PEP 517): no backend means setuptools' own old way."""


_DESCRIPTIONS = {
    "description": ("description",),
    "readme": ("long_description",),
    "license": ("license", "license_files", "license_file"),
    "authors": ("author", "author_email"),
    "maintainers": ("maintainer", "maintainer_email"),
    "keywords": ("keywords",),
    "classifiers": ("classifiers", "classifier"),
    "urls": ("url", "project_urls", "download_url"),
}
"""Fields of ``[project]`` by what setuptools calls them."""

COMPUTED = {"dependencies", "optional-dependencies", "requires-python"}


def look_into(original: Original) -> None:
    """Ask for the files that a build backend may compute from, so that they are watched."""
    original.read("setup.cfg")
    script = original.read("setup.py")
    if script is None:
        return
    from hutch.project.dialects.setup_py import read_setup_py

    for name in read_setup_py(script).files:
        path = name.replace("\\", "/").removeprefix("./")
        if not path.startswith(("/", "~")) and ":" not in path and ".." not in path.split("/"):
            original.read(path)


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what setuptools is told."""
    name = original.filename.replace("\\", "/").rpartition("/")[2]
    if name in ("setup.py", "setup.cfg"):
        _neighbour(original, draft)
    elif isinstance(draft.get("project"), dict):
        _dynamic_fields(original, draft)
        if COMPUTED & set(map(str, draft.array("project", "dynamic"))):
            look_into(original)
        return
    _Classic(original, draft, name).say()


# --- pyproject.toml ---


def _neighbour(original: Original, draft: Draft) -> None:
    """What a ``pyproject.toml`` beside them says: the build system, groups, ``[tool.hutch]``."""
    text = original.read("pyproject.toml")
    if text is None:
        return
    from hutch.project.spans import scan
    from hutch.project.toml_text import read_toml

    try:
        data = read_toml(text)
    except ValueError as error:
        draft.fault(Place(1, "pyproject.toml"), str(error))
        return
    document = scan(text)
    for path in (("build-system",), ("dependency-groups",), ("tool", "hutch")):
        value: Any = data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            draft.put(path, value, Place(document.line(path), "pyproject.toml"))


def _dynamic_fields(original: Original, draft: Draft) -> None:
    """``[tool.setuptools.dynamic]``: requirements in files of their own."""
    said = draft.get("tool", "setuptools", "dynamic")
    dynamic = draft.get("project", "dynamic")
    if not isinstance(said, dict) or not isinstance(dynamic, list):
        return
    at = ("tool", "setuptools", "dynamic")
    if "dependencies" in dynamic and isinstance(said.get("dependencies"), dict):
        items = _from_files(original, draft, said["dependencies"].get("file"), (*at, "dependencies"))
        dynamic.remove("dependencies")
        _put_list(draft, ("project", "dependencies"), items)
    extras = said.get("optional-dependencies")
    if "optional-dependencies" in dynamic and isinstance(extras, dict):
        dynamic.remove("optional-dependencies")
        for extra, value in extras.items():
            place = (*at, "optional-dependencies", extra)
            files = value.get("file") if isinstance(value, dict) else None
            items = _from_files(original, draft, files, place)
            _put_list(draft, ("project", "optional-dependencies", extra), items)


def _put_list(draft: Draft, path: tuple[str, ...], items: Iterable[tuple[str, Any]]) -> None:
    draft.put(path, [], path)
    draft.origins.pop(path, None)
    for text, origin in items:
        draft.add(path, text, origin)


def _from_files(original: Original, draft: Draft, files: object, origin: Any) -> Iterator[tuple[str, Place]]:
    """The requirements in the files that a ``file`` of setuptools names, with their places."""
    names = [files] if isinstance(files, str) else files
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        draft.fault(origin, "should have file: the name of a file, or an array of names")
        return
    for name in names:
        path = name.replace("\\", "/").removeprefix("./")
        if path.startswith(("/", "~")) or ":" in path or ".." in path.split("/"):
            draft.fault(origin, f"{name} is not below the directory of the project")
            continue
        text = original.read(path)
        if text is None:
            draft.note(origin, f"there is no file {name}, so nothing is read from it")
            continue
        for line, words in _requirement_lines(text):
            if words.startswith("-"):
                draft.fault(
                    Place(line, path), f"{words.split()[0]} is pip's; setuptools takes requirements only"
                )
            else:
                yield words, Place(line, path)


def _requirement_lines(text: str) -> Iterator[tuple[int, str]]:
    """Requirements a line, with their lines: no comments, no empty lines, ``\\`` joins."""
    held, start = "", 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        words = line.strip()
        if words.startswith("#"):
            continue
        words = words.partition(" #")[0].strip()
        start = start if held else number
        if words.endswith("\\"):
            held += words[:-1].strip()
            continue
        if held + words:
            yield start, held + words
        held = ""
    if held:
        yield start, held


# --- setup.py and setup.cfg ---


class _Classic:
    """A project without ``[project]``: the two files, and what they say together."""

    def __init__(self, original: Original, draft: Draft, name: str) -> None:
        self.original, self.draft, self.manifest = original, draft, name
        self.script_text = original.text if name == "setup.py" else original.read("setup.py")
        config_text = original.text if name == "setup.cfg" else original.read("setup.cfg")
        self.script: SetupPy | None = None
        self.config: SetupCfg | None = None
        if self.script_text is not None:
            from hutch.project.dialects.setup_py import read_setup_py

            self.script = read_setup_py(self.script_text)
            if self.script.fault is not None:
                draft.fault(self.at_script(self.script.fault[0]), self.script.fault[1])
        if config_text is not None:
            from hutch.project.dialects.setup_cfg import read_setup_cfg

            self.config = read_setup_cfg(config_text)
            for line, reason in self.config.faults:
                draft.fault(self.at_config(line), reason)
        self.dynamic: list[str] = []

    def at_script(self, line: int) -> Place:
        return Place(line, None if self.manifest == "setup.py" else "setup.py")

    def at_config(self, line: int) -> Place:
        return Place(line, None if self.manifest == "setup.cfg" else "setup.cfg")

    def say(self) -> None:
        if self.script is not None and self.script.fault is not None:
            return
        if self.script is None and not (
            self.config and {"metadata", "options"} & self.config.sections.keys()
        ):
            return  # a setup.cfg may hold nothing but the settings of other tools
        draft = self.draft
        here = self.at_script(self.script.line()) if self.script else self.at_config(1)
        draft.put(("project",), {}, here)
        self.text("name", "metadata")
        self.text("version", "metadata")
        self.text("python_requires", "options", "requires-python")
        self.requirements()
        self.extras()
        self.scripts()
        self.descriptions()
        if self.dynamic:
            look_into(self.original)
            draft.put(("project", "dynamic"), self.dynamic, here)
        built = self.script is not None or draft.get("build-system") is not None
        draft.put(("tool", "hutch", "package"), built, here)
        if not built:
            alone = "a setup.cfg alone is not built: there is no setup.py and no [build-system]"
            draft.note(here, alone, warn=True)
        elif draft.get("build-system") is None:
            draft.put(("build-system",), dict(LEGACY), here)
        groups_beside(self.original, draft)
        for key in ("dependency_links", "tests_require"):
            if self.script is not None and self.script.values.get(key):
                draft.note(self.at_script(self.script.line(key)), f"{key} is not read: pip does not either")

    def argument(self, name: str) -> tuple[bool, Any]:
        """(whether only running ``setup.py`` tells, the value if it is said there)."""
        script = self.script
        if script is None:
            return False, None
        if script.is_unknown(name) or self.others_decide:
            return True, None
        return False, script.values.get(name) or None

    @property
    def others_decide(self) -> bool:
        """Whether a plugin such as pbr fills in what ``setup`` is called with."""
        script = self.script
        return script is not None and bool(script.values.get("pbr") or "pbr" in script.unknown)

    def text(self, key: str, section: str, field: str = "") -> None:
        field = field or key
        unknown, value = self.argument(key)
        place = self.at_script(self.script.line(key)) if self.script else self.at_config(1)
        if value is None and not unknown and self.config is not None:
            entry = self.config.get(section, key)
            if entry is not None:
                place, value = self.at_config(entry.line), entry.text
                if value.startswith("attr:"):
                    unknown, value = True, None
                elif value.startswith("file:"):
                    read = self.original.read(value[5:].strip())
                    unknown, value = read is None, (read or "").strip() or None
        if key == "version" and (value is None or not _is_version(value)):
            unknown = True  # without any it is 0.0.0, and a plugin may know better
        if key == "name" and value is None:
            unknown = True
        if unknown:
            self.dynamic.append(field)
        elif value is not None:
            self.draft.put(("project", field), value, place)

    def requirements(self) -> None:
        unknown, value = self.argument("install_requires")
        path = ("project", "dependencies")
        if unknown:
            self.dynamic.append("dependencies")
            return
        if value is not None:
            _put_list(self.draft, path, self.listed(value, "install_requires"))
            return
        entry = self.config.get("options", "install_requires") if self.config else None
        if entry is not None:
            _put_list(self.draft, path, self.configured(entry))

    def extras(self) -> None:
        unknown, value = self.argument("extras_require")
        if unknown:
            self.dynamic.append("optional-dependencies")
            return
        if value is not None and not isinstance(value, dict):
            place = self.at_script(self.script.line("extras_require")) if self.script else Place(1)
            self.draft.fault(place, "extras_require should be a dictionary of lists")
            return
        found: dict[str, list[tuple[str, Any]]] = {}
        if value is not None:
            for key, items in value.items():
                found[key] = list(self.listed(items, "extras_require", key))
        elif self.config is not None:
            for key, entry in self.config.sections.get("options.extras_require", {}).items():
                found[key] = list(self.configured(entry))
        for key, listed in found.items():
            extra, _, marker = key.partition(":")
            path = ("project", "optional-dependencies", extra) if extra else ("project", "dependencies")
            if extra:
                self.draft.put(path, [], ("project",))
                self.draft.origins.pop(path, None)
            for text, origin in listed:
                self.draft.add(path, _with_marker(text, marker), origin)

    def listed(self, value: object, *path: str) -> Iterator[tuple[str, Any]]:
        """The requirements of an argument of ``setup``: a list, or a text with one a line."""
        script = self.script
        assert script is not None
        if isinstance(value, str):
            for _, words in _requirement_lines(value):
                yield words, self.at_script(script.line(*path))
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            for number, item in enumerate(value):
                for _, words in _requirement_lines(item):
                    yield words, self.at_script(script.line(*path, number))
        elif value:
            self.draft.fault(
                self.at_script(script.line(*path)), f"{path[0]} should be a list of requirements"
            )

    def configured(self, entry: Any) -> Iterator[tuple[str, Any]]:
        """The requirements of a key of ``setup.cfg``: a list, or ``file:`` and names."""
        if entry.text.startswith("file:"):
            names = [name.strip() for name in entry.text[5:].replace("\n", ",").split(",")]
            yield from _from_files(
                self.original, self.draft, [name for name in names if name], self.at_config(entry.line)
            )
            return
        for line, text in entry.items():
            for _, words in _requirement_lines(text):
                yield words, self.at_config(line)

    def scripts(self) -> None:
        """``console_scripts`` and ``gui_scripts``, where they are plain."""
        unknown, value = self.argument("entry_points")
        for key, field in (("console_scripts", "scripts"), ("gui_scripts", "gui-scripts")):
            lines: list[str] = []
            place = (
                self.at_script(self.script.line("entry_points", key)) if self.script else self.at_config(1)
            )
            if isinstance(value, dict) and isinstance(value.get(key), list):
                lines = [item for item in value[key] if isinstance(item, str)]
            elif value is None and not unknown and self.config is not None:
                entry = self.config.get("options.entry_points", key)
                lines = [text for _, text in entry.items()] if entry is not None else []
                place = self.at_config(entry.line) if entry is not None else place
            for line in lines:
                name, found, target = line.partition("=")
                if found and name.strip() and not name.startswith(("#", ";")):
                    self.draft.put(("project", field, name.strip()), target.strip(), place)

    def descriptions(self) -> None:
        """What else describes the project: that stays where it is, and is dynamic beside a ``[project]``.

        setuptools refuses a dynamic field that nobody gives, so what may or may not be given is told only.
        """
        script, config = self.script, self.config
        given = {*script.values, *script.unknown} if script is not None else set()
        groups = set(config.sections.get("options.entry_points", {})) if config is not None else set()
        if script is not None and "entry_points" in given:
            value = script.values.get("entry_points")
            groups |= set(value) if isinstance(value, dict) else set()
        for field, keys in _DESCRIPTIONS.items():
            if given.intersection(keys) or (config and any(config.get("metadata", key) for key in keys)):
                self.dynamic.append(field)
        if groups - {"console_scripts", "gui_scripts"}:
            self.dynamic.append("entry-points")
        if script is not None and (not script.complete or "entry_points" in script.unknown):
            text = "what else it gives is computed: beside a [project] those fields have to be dynamic"
            self.draft.note(self.at_script(script.line()), text)


def _is_version(value: object) -> bool:
    from hutch.errors import Problem
    from hutch.spec import version_key

    try:
        return isinstance(value, str) and version_key(value) is not None
    except Problem:
        return False


def _with_marker(text: str, marker: str) -> str:
    """``text`` under one more marker: what ``extras_require = {":sys_platform == 'win32'": …}`` means."""
    if not marker:
        return text
    from hutch.errors import Problem
    from hutch.spec import and_, parse_marker, parse_requirement
    from hutch.values import replace

    try:
        requirement, more = parse_requirement(text), parse_marker(marker)
    except Problem:
        return f"{text} ; {marker}"  # the reader tells what is wrong with it
    both = more if requirement.marker is None else and_(requirement.marker, more)
    return replace(requirement, marker=both).render()
