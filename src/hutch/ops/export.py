"""``hutch export``: the lock, hutch's or another tool's, in a format that other tools read."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.ops.checkout import write_text
from hutch.ops.choosing import selection_of
from hutch.ops.env_part import part_of_environment
from hutch.ops.selection import SelectionOptions
from hutch.ops.sync import current_lock
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.lock import CondaTarget, Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.selection import Selection
    from hutch.spec import Targets

__all__ = ["ExportOptions", "ExportOutcome", "NoPipfile", "export"]


class NoPipfile(Problem):
    """A Pipfile.lock is to be written, and there is no Pipfile that it could be the lock of."""

    code = "no-pipfile"

    def __init__(self, directory: str) -> None:
        super().__init__(
            "a Pipfile.lock needs a Pipfile beside it",
            why=f"{directory} has none, and Pipenv takes no lock without one",
            hint="hutch export --format requirements is for everything that reads pip's files",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions(SelectionOptions):
    """The options of ``export``."""

    format: str = "requirements"
    output_file: str | None = None
    hashes: bool = True
    annotate: bool = True
    header: bool = True
    target: tuple[str, ...] = ()
    emit_project: bool = False
    no_emit_package: tuple[str, ...] = ()
    emit_index_url: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOutcome:
    """The text; ``path`` is where it was written, None for standard output."""

    text: str
    path: str | None
    packages: int

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "packages": self.packages, "text": self.text}


def export(context: Context, options: ExportOptions) -> ExportOutcome:
    """Write the chosen part of the lock in the format that was asked for."""
    from hutch.ops.choosing import focused

    checkout = focused(context, options.package, all_packages=options.all_packages)
    whole, _ = current_lock(context, checkout, options)
    lock = whole
    if context.env is not None:
        from hutch.ops.selection import Selection

        lock, selection = part_of_environment(context, checkout, lock, options, named=False), Selection()
    else:
        selection = selection_of(options, checkout, lock=lock)
    text, count = _Export(context, checkout, options, lock, selection, whole).text()
    path = None
    if options.output_file is not None:
        path = context.path(options.output_file)
        write_text(path, text)
    return ExportOutcome(text=text, path=path, packages=count)


class _Export:
    def __init__(
        self,
        context: Context,
        checkout: Checkout,
        options: ExportOptions,
        lock: Lock,
        selection: Selection,
        whole: Lock,
    ) -> None:
        from hutch.spec import normalize

        self.context = context
        self.checkout = checkout
        self.options = options
        self.lock = lock
        self.whole = whole
        self.selection = selection
        self.skip = frozenset(map(normalize, options.no_emit_package))
        # A lock may have the project itself, as one member of its workspace.
        own = {one.name for one in lock.packages if one.directory is not None and one.directory.path == "."}
        self.adds_project = options.emit_project and not own
        if self.adds_project and not checkout.manifest.is_package:
            raise UsageProblem(
                "--emit-project: this project is no package",
                why="nothing of it is installed but what it needs",
            )
        if not options.emit_project:
            self.skip |= own

    def text(self) -> tuple[str, int]:
        """The text, and how many packages are in it."""
        kind = self.options.format
        if self.lock.conda is not None:
            from hutch.ops.conda_export import CONDA_FORMATS

            if kind in CONDA_FORMATS:
                return self.of_conda(kind)
            if kind != "pylock":
                self._tell_left_out()
        elif kind in ("explicit", "conda-lock", "pixi"):
            raise UsageProblem(
                f"--format {kind}: the lock has nothing from conda's channels",
                hint="hutch add --conda asks them for packages; environment.yml has a list for pip",
            )
        if kind == "pylock":
            part = self.pylock()
            return part.render(), len(part.packages)
        if kind == "pipfile.lock":
            return self.pipfile_lock()
        if kind == "constraints":
            from hutch.lock import export_constraints

            flat = self.flat(self.selection)
            count = sum(
                package.directory is None and package.name not in self.skip for package in flat.packages
            )
            return export_constraints(flat, header=self.header(), skip=self.skip), count
        if kind == "environment.yml":
            return self.environment_yml()
        return self.requirements(hashes=self.options.hashes, annotate=self.options.annotate)

    def of_conda(self, kind: str) -> tuple[str, int]:
        """A file of conda, conda-lock or pixi."""
        from hutch.ops.conda_export import export_conda

        return export_conda(
            self.context,
            self.checkout,
            self.lock,
            self.selection,
            kind,
            asked=self.options.target,
            header=self.header(),
            hashes=self.options.hashes,
            pip=self.pip_lines,
            variables=self.variables,
        )

    def pip_lines(self, target: CondaTarget) -> tuple[str, ...]:
        """What pip has to install where the records of a platform are there."""
        from hutch.lock import covered_targets, export_requirements, flattened
        from hutch.spec import Targets, parse_target

        if not target.python:
            return ()
        flat = flattened(
            self.lock,
            covered_targets(self.lock, Targets((parse_target(target.python),))),
            extras=self.selection.extras,
            groups=self.selection.groups,
            only=self.selection.only_groups,
            anywhere=False,
        )
        text = export_requirements(
            flat,
            extras=(),
            groups=(),
            hashes=False,
            annotate=False,
            header=None,
            project=self.checkout.manifest.name,
            manifest=self.checkout.file,
            more=("-e .",) if self.adds_project else (),
            skip=self.skip,
        )
        return tuple(line for line in text.splitlines() if line.strip() and not line.startswith("#"))

    def variables(self, target: CondaTarget) -> tuple[tuple[str, str], ...]:
        """What activation sets on a platform."""
        from hutch.ops.activation_export import exported_variables

        return exported_variables(self.context, self.checkout, self.whole, self.options, target)

    def _tell_left_out(self) -> None:
        from hutch.events import Notice
        from hutch.ops.conda_export import note_of_conda

        if note := note_of_conda(self.lock, self.selection):
            text = f"{note}; hutch export --format environment.yml or conda-lock has all"
            self.context.emit(Notice(text, warning=True))

    # --- the part of the lock ---

    def is_plain(self) -> bool:
        """Whether the markers of the lock say already what holds where."""
        return not (self.options.target or self.lock.by_edges)

    def flat(self, selection: Selection) -> Lock:
        """The chosen part, without choices, its markers saying where each entry holds."""
        from hutch.lock import covered_targets, flattened

        targets = covered_targets(self.lock, self.targets())
        return flattened(
            self.lock,
            targets,
            extras=selection.extras,
            groups=selection.groups,
            only=selection.only_groups,
            anywhere=len(targets) > 1,
        )

    def targets(self) -> Targets:
        """The targets that the export is for."""
        from hutch.spec import Targets, default_targets, named_targets, parse_target

        requires_python = self.checkout.requires_python
        if self.options.target:
            if (conda := self.lock.conda) is not None:
                wanted = {*self.options.target}
                pythons = [t.python for t in conda.targets if t.python and {t.name, t.subdir} & wanted]
                if pythons:
                    return Targets(tuple(parse_target(name) for name in dict.fromkeys(pythons)))
            return named_targets(self.options.target, requires_python)[0]
        if self.lock.targets:
            return Targets(tuple(parse_target(name) for name in self.lock.targets))
        if named := self.checkout.manifest.settings.targets:
            return named_targets(named, requires_python)[0]
        return default_targets(requires_python)

    def pylock(self) -> Lock:
        """The chosen part as a lock of its own."""
        from hutch.ops.narrow import narrowed

        if self.is_plain():
            part = narrowed(self.lock, self.selection)
            if self.context.env is not None and part.targets and not part.environments:
                targets = self.targets()
                part = replace(part, environments=targets.environments(targets.everything))
        else:
            from hutch.ops.completing import addressed_lock

            part = replace(
                addressed_lock(self.context, self.flat(self.selection)), roots=(), created_by="hutch"
            )
            if self.options.target:
                part = replace(part, environments=self.environments(), targets=())
        packages = [package for package in part.packages if package.name not in self.skip]
        if self.adds_project:
            packages.append(self.project())
        return replace(part, packages=tuple(packages))

    def environments(self) -> tuple[str, ...]:
        """A marker for the targets that were named, by which they differ from all others."""
        from hutch.spec import Targets, default_targets

        named = self.targets().targets
        around = default_targets(()).targets
        universe = Targets(tuple(dict.fromkeys((*named, *around))))
        text = universe.render(sum(1 << universe.targets.index(target) for target in named))
        return (text,) if text is not None else ()

    def project(self) -> LockedPackage:
        from hutch.lock import LockedDirectory, LockedPackage
        from hutch.spec import normalize

        return LockedPackage(
            name=normalize(self.checkout.name), directory=LockedDirectory(path=".", editable=True)
        )

    # --- formats ---

    def header(self) -> str | None:
        if not self.options.header:
            return None
        foreign = self.checkout.foreign
        return f"made by `hutch export` from {foreign.name if foreign else 'pylock.toml'}; do not edit"

    def requirements(self, *, hashes: bool, annotate: bool, header: bool = True) -> tuple[str, int]:
        from hutch.lock import export_requirements

        lock = self.lock if self.is_plain() else self.flat(self.selection)
        text = export_requirements(
            lock,
            extras=self.selection.extras,
            groups=self.selection.groups,
            only=self.selection.only_groups and self.is_plain(),
            hashes=hashes,
            annotate=annotate,
            header=self.header() if header else None,
            options=self.index_lines(lock) if self.options.emit_index_url else (),
            project=self.checkout.manifest.name,
            manifest=self.checkout.file,
            more=("-e .",) if self.adds_project else (),
            skip=self.skip,
        )
        return text, sum(1 for line in text.splitlines() if line[:1] not in ("", "#", " ", "-"))

    def index_lines(self, lock: Lock) -> tuple[str, ...]:
        """The indexes that the packages come from, as options; without anybody's password."""
        from hutch.lock import without_credentials

        used = {(package.index or "").rstrip("/") for package in lock.packages if not package.is_direct}
        lines = []
        for index in self.context.configuration.indexes:
            if index.url.rstrip("/") in used or index.default:
                option = "index-url" if index.default else "extra-index-url"
                lines.append(f"--{option} {without_credentials(index.url)}")
        return tuple(lines)

    def environment_yml(self) -> tuple[str, int]:
        from hutch.lock import export_environment_yml

        text, count = self.requirements(hashes=False, annotate=False, header=False)
        pythons = {target.python for target in self.targets().targets}
        one = ".".join(map(str, pythons.pop())) if len(pythons) == 1 else None
        return (
            export_environment_yml(
                text,
                name=self.checkout.name,
                python=one or self.checkout.requires_python,
                header=self.header(),
            ),
            count,
        )

    def pipfile_lock(self) -> tuple[str, int]:
        from hutch.lock import export_pipfile_lock
        from hutch.lock.foreign.pipfile import pipfile_hashes
        from hutch.ops.checkout import read_text
        from hutch.ops.selection import Selection
        from hutch.project import load_toml
        from hutch.project.dialects.pipfile import group_name, tables_of

        path = os.path.join(self.checkout.root, "Pipfile")
        if not os.path.isfile(path):
            raise NoPipfile(self.checkout.root)
        text = read_text(path)
        data = load_toml(text, "Pipfile")
        categories = {"default": self.flat(Selection())}
        known = {*self.lock.dependency_groups}
        for table in [
            "dev-packages",
            *(each for each in tables_of(data) if each not in ("packages", "dev-packages")),
        ]:
            group = "dev" if table == "dev-packages" else group_name(table)
            name = "develop" if table == "dev-packages" else table
            chosen = Selection(groups=(group,), only_groups=True)
            categories[name] = (
                self.flat(chosen) if group in known else replace(categories["default"], packages=(), roots=())
            )
        categories = {name: self.kept(lock) for name, lock in categories.items()}
        requires = data.get("requires", {})
        sources = data.get("source")
        if not isinstance(sources, list) or not sources:
            sources = [{"name": "default", "url": self._default_index(), "verify_ssl": True}]
        rendered = export_pipfile_lock(
            categories,
            digest=pipfile_hashes(text, sources)[0],
            requires=requires if isinstance(requires, dict) else {},
            sources=sources,
            hashes=self.options.hashes,
        )
        return rendered, len({package.name for lock in categories.values() for package in lock.packages})

    def kept(self, lock: Lock) -> Lock:
        return replace(lock, packages=tuple(one for one in lock.packages if one.name not in self.skip))

    def _default_index(self) -> str:
        from hutch.lock import without_credentials

        found = [index.url for index in self.context.configuration.indexes if index.default]
        return without_credentials(found[0]) if found else ""
