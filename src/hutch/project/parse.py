"""Reads a ``pyproject.toml``: text in, ``Manifest`` out, all faults at once.

This is on the path of nearly every command, so it does little: ``tomllib`` reads, requirements that
the caller remembers are not split again, and no line is looked for before a fault names one.

Specs: pyproject.toml (PEP 621), dependency groups (PEP 735), build system (PEP 518 and 517).
"""

from __future__ import annotations

from hutch.project.declared import Declared, Locator
from hutch.project.faults import Faults, InvalidManifest
from hutch.project.loading import load_toml, toml_fault
from hutch.project.manifest import BuildSystem, Manifest, dialects_in, is_toml
from hutch.project.settings import ProjectSettings, a_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import Any, TypeAlias

    from hutch.project.dialects.draft import Draft, TranslatedLocator
    from hutch.project.spans import Path
    from hutch.project.workspace import WorkspaceTable
    from hutch.spec import NormalizedName, Requirement, Specifiers

    # Requirement text → the tuple of ``spec.requirement_to_tuple``; read, and added to.
    Remembered: TypeAlias = MutableMapping[str, Any]

__all__ = ["Reader", "parse_manifest", "parse_workspace_table", "read_settings"]


def parse_manifest(
    text: str,
    *,
    filename: str = "pyproject.toml",
    remember: Remembered | None = None,
    load: Callable[[str, str], dict[str, Any]] | None = None,
    read: Callable[[str], str | None] | None = None,
) -> Manifest:
    """Read the manifest ``text``, whichever tool it was written for: ``filename`` says what it is.

    ``remember`` maps requirement texts to their marshal-able tuples: those found there are not
    parsed again, new ones are added. ``load`` may know the document already, by its text. ``read`` gives
    other files of the same directory, for manifests that consist of several. Raises ``InvalidManifest``
    with every fault of the file.
    """
    data = (load or load_toml)(text, filename) if is_toml(filename) else {}
    remember = remember if remember is not None else {}
    dialects = dialects_in(filename, data, read)
    if not dialects:
        return Reader(data, filename, Locator(text), remember).read()
    from hutch.values import replace

    draft, locator = _translated(text, filename, data, dialects, read)
    reader = Reader(draft.document, filename, locator, remember, named=False)
    for origin, reason in draft.faults:
        reader.faults.add(locator.mark(origin), reason)
    said = data.get("tool")
    tool = said if isinstance(said, dict) else {}  # what the file says itself, not what it comes to
    return replace(reader.read(), tool=tool, dialects=dialects, notes=tuple(draft.notes))


def read_settings(
    text: str, filename: str, read: Callable[[str], str | None] | None = None
) -> tuple[Any, Locator]:
    """``[tool]`` of a manifest, whichever tool it was written for, and where its entries stand.

    Raises ValueError where the text is not TOML but should be.
    """
    from hutch.project.toml_text import read_toml

    data = read_toml(text) if is_toml(filename) else {}
    dialects = dialects_in(filename, data, read)
    if not dialects:
        return data.get("tool", {}), Locator(text)
    draft, locator = _translated(text, filename, data, dialects, read)
    return draft.document.get("tool", {}), locator


def _translated(
    text: str,
    filename: str,
    data: dict[str, Any],
    dialects: tuple[str, ...],
    read: Callable[[str], str | None] | None,
) -> tuple[Draft, TranslatedLocator]:
    """The manifest of another tool in hutch's words, and where the original says them."""
    from hutch.project.dialects import translate
    from hutch.project.dialects.draft import TranslatedLocator

    draft = translate(text, filename, data, dialects, read)
    return draft, TranslatedLocator(text, draft.origins)


def parse_workspace_table(text: str, filename: str) -> WorkspaceTable | None:
    """``[tool.hutch.workspace]`` alone, of a manifest of which nothing else is wanted."""
    from hutch.project.workspace import parse_workspace

    try:
        table, locator = read_settings(text, filename)
    except ValueError as error:
        raise InvalidManifest(filename, (toml_fault(text, error),)) from None
    for key in ("hutch", "workspace"):
        table = table.get(key) if isinstance(table, dict) else None
    faults = Faults(filename, locator)
    found = parse_workspace(table, faults, ("tool", "hutch", "workspace"))
    faults.raise_any()
    return found


class Reader:
    """One reading of one file: carries the faults, so that no step needs to stop at one."""

    def __init__(
        self,
        data: dict[str, Any],
        filename: str,
        locator: Locator,
        remember: Remembered,
        *,
        named: bool = True,
    ) -> None:
        self.named = named  # many a tool lets a project have no name: what is not built needs none
        self.data = data
        self.filename = filename
        self.locator = locator
        self.remember = remember
        self.faults = Faults(filename, locator)

    def read(self) -> Manifest:
        project = self.table(self.data, "project")
        build = self.table(self.data, "build-system")
        tool = self.table(self.data, "tool")
        settings = self.settings(self.table(tool, "hutch", ("tool",)))
        is_package = settings.package if settings.package is not None else "build-system" in self.data
        dynamic = self.dynamic(project)
        manifest = Manifest(
            filename=self.filename,
            name=self.name(project, required=self.named or (is_package and "name" not in dynamic)),
            version=self.version(project, dynamic, required=is_package and "project" in self.data),
            dynamic=dynamic,
            requires_python=self.requires_python(project),
            dependencies=self.requirements(project.get("dependencies"), ("project", "dependencies")),
            optional_dependencies=self.optional_dependencies(project),
            groups=self.groups()
            if settings.conda is None
            else {**settings.conda.no_groups(), **self.groups()},
            scripts=self.strings(project, "scripts", ("project",)),
            gui_scripts=self.strings(project, "gui-scripts", ("project",)),
            build_system=self.build_system(build) if "build-system" in self.data else None,
            settings=settings,
            tool=tool,
            is_package=is_package,
            locator=self.locator,
        )
        if isinstance(settings.default_groups, tuple):
            for number, group in enumerate(settings.default_groups):
                if group not in manifest.groups:
                    self.faults.add(
                        ("tool", "hutch", "default-groups", number), f"there is no dependency group {group!r}"
                    )
        if settings.conflicts:
            from hutch.project.conflicts import check_conflicts

            check_conflicts(manifest, self.faults)
        if settings.sources:
            from hutch.project.conflicts import check_selectors

            check_selectors(manifest, self.faults)
        self.faults.raise_any()
        return manifest

    # --- small shapes ---

    def table(self, parent: dict[str, Any], key: str, path: Path = ()) -> dict[str, Any]:
        value = parent.get(key, {})
        if isinstance(value, dict):
            return value
        self.faults.add((*path, key), f"should be a table, not {a_kind(value)}")
        return {}

    def string(self, table: dict[str, Any], key: str, path: Path) -> str | None:
        value = table.get(key)
        if value is None or isinstance(value, str):
            return value
        self.faults.add((*path, key), f"should be a string, not {a_kind(value)}")
        return None

    def string_list(self, value: object, path: Path) -> list[tuple[int, str]]:
        """The strings of an array with their positions."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.faults.add(path, f"should be an array of strings, not {a_kind(value)}")
            return []
        for number, item in enumerate(value):
            if not isinstance(item, str):
                self.faults.add((*path, number), f"should be a string, not {a_kind(item)}")
        return [(number, item) for number, item in enumerate(value) if isinstance(item, str)]

    def strings(self, table: dict[str, Any], key: str, path: Path) -> dict[str, str]:
        found = self.table(table, key, path)
        return {name: text for name in found if (text := self.string(found, name, (*path, key))) is not None}

    def requirement(self, text: str, path: Path) -> Requirement | None:
        from hutch.spec import requirement_from_tuple

        if (known := self.remember.get(text)) is not None:
            return requirement_from_tuple(known)
        from hutch.errors import Problem
        from hutch.spec import parse_requirement, requirement_to_tuple

        try:
            requirement = parse_requirement(text)
        except Problem as problem:
            self.faults.add(path, "; ".join((problem.what, *problem.why)))
            return None
        self.remember[text] = requirement_to_tuple(requirement)
        return requirement

    def declared(self, text: str, path: Path) -> Declared | None:
        requirement = self.requirement(text, path)
        if requirement is None:
            return None
        return Declared(
            requirement=requirement,
            text=text,
            path=path,
            filename=self.locator.filename(path) or self.filename,
            locator=self.locator,
        )

    def requirements(self, value: object, path: Path) -> tuple[Declared, ...]:
        found = (self.declared(text, (*path, number)) for number, text in self.string_list(value, path))
        return tuple(declared for declared in found if declared is not None)

    # --- [project] ---

    def name(self, project: dict[str, Any], *, required: bool) -> str | None:
        name = self.string(project, "name", ("project",))
        if name is None:
            if required and isinstance(self.data.get("project"), dict) and "name" not in project:
                self.faults.add(("project",), "has no name, and a name cannot be dynamic")
            return None
        from hutch.spec import InvalidName, is_valid_name

        if not is_valid_name(name):
            problem = InvalidName(name)
            self.faults.add(("project", "name"), "; ".join((problem.what, *problem.why)))
        return name

    def version(self, project: dict[str, Any], dynamic: frozenset[str], *, required: bool) -> str | None:
        version = self.string(project, "version", ("project",))
        if version is not None:
            from hutch.errors import Problem
            from hutch.spec import version_key

            try:
                version_key(version)
            except Problem as problem:
                self.faults.add(("project", "version"), problem.what)
        elif required and "version" not in project and "version" not in dynamic:
            self.faults.add(("project",), "has no version; give one, or name it in dynamic")
        return version

    def dynamic(self, project: dict[str, Any]) -> frozenset[str]:
        names = self.string_list(project.get("dynamic"), ("project", "dynamic"))
        for number, name in names:
            if name in project:
                self.faults.add(("project", "dynamic", number), f"{name} is also given a value")
        return frozenset(name for _, name in names)

    def requires_python(self, project: dict[str, Any]) -> Specifiers:
        text = self.string(project, "requires-python", ("project",))
        if not text:
            return ()
        from hutch.errors import Problem
        from hutch.spec import parse_specifiers

        try:
            return parse_specifiers(text)
        except Problem as problem:
            self.faults.add(("project", "requires-python"), problem.what)
            return ()

    def optional_dependencies(self, project: dict[str, Any]) -> dict[NormalizedName, tuple[Declared, ...]]:
        table = self.table(project, "optional-dependencies", ("project",))
        path = ("project", "optional-dependencies")
        names = self.unique_names(table, path, "extra")
        return {name: self.requirements(table[key], (*path, key)) for key, name in names.items()}

    def unique_names(self, table: dict[str, Any], path: Path, what: str) -> dict[str, NormalizedName]:
        """Keys with their normalised names; two that become equal are a fault of the later one."""
        from hutch.spec import normalize

        found: dict[NormalizedName, str] = {}
        for key in table:
            if (name := normalize(key)) in found:
                self.faults.add((*path, key), f"is the same {what} as {found[name]!r} once normalised")
            else:
                found[name] = key
        return {key: name for name, key in found.items()}

    # --- [dependency-groups] ---

    def groups(self) -> dict[NormalizedName, tuple[Declared, ...]]:
        table = self.table(self.data, "dependency-groups")
        names = self.unique_names(table, ("dependency-groups",), "group")
        items = {
            name: self.group_items(table[key], ("dependency-groups", key)) for key, name in names.items()
        }
        done: dict[NormalizedName, tuple[Declared, ...]] = {}
        for name in items:
            self.include(name, items, done, ())
        return {name: done[name] for name in items}

    def group_items(self, value: object, path: Path) -> list[Declared | tuple[NormalizedName, Path]]:
        """What one group lists: requirements, and (name, path) of the groups that it includes."""
        if not isinstance(value, list):
            self.faults.add(path, f"should be an array, not {a_kind(value)}")
            return []
        from hutch.spec import normalize

        found: list[Declared | tuple[NormalizedName, Path]] = []
        for number, item in enumerate(value):
            at = (*path, number)
            if isinstance(item, str):
                if (declared := self.declared(item, at)) is not None:
                    found.append(declared)
            elif (
                isinstance(item, dict)
                and list(item) == ["include-group"]
                and isinstance(item["include-group"], str)
            ):
                found.append((normalize(item["include-group"]), at))
            else:
                self.faults.add(at, 'should be a requirement or { include-group = "NAME" }')
        return found

    def include(
        self,
        name: NormalizedName,
        items: dict[NormalizedName, list[Declared | tuple[NormalizedName, Path]]],
        done: dict[NormalizedName, tuple[Declared, ...]],
        above: tuple[NormalizedName, ...],
    ) -> tuple[Declared, ...]:
        """The requirements of ``name`` with its includes, in their order; ``above`` includes it."""
        if name in done:
            return done[name]
        found: list[Declared] = []
        for item in items[name]:
            if isinstance(item, Declared):
                found.append(item)
                continue
            included, at = item
            if included not in items:
                self.faults.add(at, f"there is no dependency group {included!r}")
            elif included == name or included in above:
                ring = (*above[above.index(included) :], name) if included in above else (name,)
                self.faults.add(at, "groups include each other: " + " → ".join((*ring, included)))
            else:
                found += self.include(included, items, done, (*above, name))
        done[name] = tuple(found)
        return done[name]

    # --- [build-system], and [tool.hutch] ---

    def build_system(self, table: dict[str, Any]) -> BuildSystem:
        path = ("build-system",)
        if "requires" not in table:
            self.faults.add(path, "has no requires")
        return BuildSystem(
            requires=self.requirements(table.get("requires"), (*path, "requires")),
            backend=self.string(table, "build-backend", path),
            backend_path=tuple(
                text for _, text in self.string_list(table.get("backend-path"), (*path, "backend-path"))
            ),
        )

    def settings(self, table: dict[str, Any]) -> ProjectSettings:
        if not table:
            return ProjectSettings()
        from hutch.project.own_table import OwnTable

        return OwnTable(self, table).read()
