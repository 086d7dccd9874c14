"""Reads ``[tool.hutch]`` as far as it belongs to the manifest; what else it says is for ``config``."""

from __future__ import annotations

from hutch.project.settings import ProjectSettings, a_kind, parse_indexes, parse_moment, parse_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.conda_words import CondaSettings
    from hutch.project.declared import Declared
    from hutch.project.environments import DeclaredEnvironment
    from hutch.project.parse import Reader
    from hutch.project.settings import Source
    from hutch.project.spans import Path
    from hutch.project.workspace import WorkspaceTable
    from hutch.spec import NormalizedName

__all__ = ["OwnTable"]


class OwnTable:
    """The table of a manifest that ``reader`` reads; its faults are added to the reader's."""

    def __init__(self, reader: Reader, table: dict[str, Any]) -> None:
        self.reader = reader
        self.table = table
        self.faults = reader.faults

    def read(self) -> ProjectSettings:
        table = self.table
        package = table.get("package")
        if package is not None and not isinstance(package, bool):
            self.faults.add(self.at("package"), f"should be true or false, not {a_kind(package)}")
            package = None
        moment = table.get("exclude-newer")
        exclude_newer = parse_moment(moment) if moment is not None else None
        if moment is not None and exclude_newer is None:
            self.faults.add(self.at("exclude-newer"), "should be a date, or a span such as '30 days'")
        return ProjectSettings(
            targets=self.targets(),
            indexes=parse_indexes(table["index"], self.faults, self.at("index")) if "index" in table else (),
            sources=self.sources(),
            constraints=self.constraints("constraints"),
            build_constraints=self.constraints("build-constraints"),
            **self.adjustments(),
            conflicts=self.conflicts(),
            default_groups=self.default_groups(),
            package=package,
            python=self.reader.string(table, "python", self.at()),
            exclude_newer=exclude_newer,
            newer_packages=self.moments("exclude-newer-package", names=True),
            newer_indexes=self.moments("exclude-newer-index"),
            workspace=self.workspace(),
            environments=self.environments(),
            conda=self.conda(),
        )

    def at(self, *path: str | int) -> Path:
        return ("tool", "hutch", *path)

    def targets(self) -> tuple[str, ...] | None:
        if "targets" not in self.table:
            return None
        from hutch.errors import Problem
        from hutch.spec import parse_target_word

        names = self.reader.string_list(self.table["targets"], self.at("targets"))
        for number, text in names:
            try:
                parse_target_word(text)
            except Problem as problem:
                self.faults.add(self.at("targets", number), "; ".join((problem.what, *problem.why)))
        return tuple(text for _, text in names)

    def sources(self) -> dict[NormalizedName, tuple[Source, ...]]:
        found = self.reader.table(self.table, "sources", self.at())
        names = self.reader.unique_names(found, self.at("sources"), "name")
        return {
            name: parse_source(found[key], self.faults, self.at("sources", key))
            for key, name in names.items()
        }

    def constraints(self, key: str) -> tuple[Declared, ...]:
        found = self.reader.requirements(self.table.get(key), self.at(key))
        for one in found:
            if one.requirement.url is not None:
                self.faults.add(one.path, "a constraint says which versions, so it has no URL")
        return found

    def adjustments(self) -> dict[str, Any]:
        if not {"overrides", "excludes", "dependency-metadata"} & self.table.keys():
            return {}
        from hutch.project.adjustments import parse_excludes, parse_overrides, parse_stated_metadata

        def read(parse: Callable[..., Any], key: str) -> Any:
            reader = self.reader
            return parse(self.table.get(key), self.faults, self.at(key), reader.filename, reader.locator)

        return {
            "overrides": read(parse_overrides, "overrides"),
            "excludes": read(parse_excludes, "excludes"),
            "stated_metadata": read(parse_stated_metadata, "dependency-metadata"),
        }

    def conflicts(self) -> tuple[tuple[str, ...], ...]:
        if "conflicts" not in self.table:
            return ()
        from hutch.project.conflicts import parse_conflicts

        return parse_conflicts(self.table["conflicts"], self.faults, self.at("conflicts"))

    def default_groups(self) -> Any:
        value = self.table.get("default-groups")
        if value is None or value == "all":
            return value
        from hutch.spec import normalize

        return tuple(normalize(text) for _, text in self.reader.string_list(value, self.at("default-groups")))

    def moments(self, key: str, *, names: bool = False) -> dict[str, str | None]:
        """Dates by name; false (None here) takes the name out of ``exclude-newer``."""
        found: dict[str, str | None] = {}
        for name, value in self.reader.table(self.table, key, self.at()).items():
            moment = None if value is False else parse_moment(value)
            if moment is None and value is not False:
                self.faults.add(self.at(key, name), "should be a date, a span such as '30 days', or false")
            if names:
                from hutch.spec import normalize

                name = normalize(name)
            found[name] = moment
        return found

    def workspace(self) -> WorkspaceTable | None:
        if "workspace" not in self.table:
            return None
        from hutch.project.workspace import parse_workspace

        return parse_workspace(self.table["workspace"], self.faults, self.at("workspace"))

    def environments(self) -> dict[str, DeclaredEnvironment]:
        if "environments" not in self.table:
            return {}
        from hutch.project.environments import parse_environments

        return parse_environments(self.table["environments"], self.faults, self.at("environments"))

    def conda(self) -> CondaSettings | None:
        if "conda" not in self.table:
            return None
        from hutch.project.conda_words import parse_conda_table

        return parse_conda_table(self.table["conda"], self.faults, self.at("conda"))
