"""The distributions of an index in a change of a prefix: those that are there, and those that are asked for.

What conda's packages become has to go with them, in one solve. First what is there is taken as it is, by its
own metadata and without a question to any index; where that cannot be, or more is asked for, they are chosen
anew together with the records.
"""

from __future__ import annotations

from hutch.ops.builds import Builder
from hutch.ops.conda_question import CondaAsked, Side
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from hutch.env import Installed, Wanted
    from hutch.interpreters import Interpreter
    from hutch.ops.conda_pip_lines import IndexAsked
    from hutch.ops.conda_question import CondaResolution
    from hutch.ops.context import Context
    from hutch.ops.pip_inputs import Wishes
    from hutch.ops.resolve import Request, Root
    from hutch.provide import Direct
    from hutch.spec import CondaRecord, NormalizedName, Target

__all__ = ["Choice", "choose_both", "installed_from_index", "remember", "tell_needed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a prefix is to have. ``wheels`` None: the distributions stay as they are; ``how`` is told to
    `change_prefix`; ``roots`` are what was asked of an index now."""

    records: tuple[CondaRecord, ...] = ()
    wheels: tuple[Wanted, ...] | None = None
    how: Mapping[str, Any] = field(default_factory=dict)
    roots: tuple[Root, ...] = ()
    only: bool = False
    states: Mapping[str, str] = field(default_factory=dict)


def choose_both(
    context: Context,
    root: str,
    specs: Sequence[CondaAsked],
    index: IndexAsked | None,
    *,
    named: Collection[str] = (),
    frozen: bool = False,
    newest: bool = False,
    **how: Any,
) -> Choice:
    """Choose records and distributions. ``named`` are the conda packages that the command names, ``how`` is
    for `solve_conda`; with ``frozen`` no distribution that is there may change, with ``newest`` none is kept
    for the sake of what is there. Raises `CondaConflict`, `StrandedPackages`."""
    from hutch.ops.conda_solve import CondaConflict, solve_conda

    installed = installed_from_index(root)
    if index is not None and not index.names_anything and not (index.only and installed):
        index = None
    if not installed and index is None:
        if not specs:
            return Choice()
        resolution = solve_conda(context, specs, **how)
        return Choice(records=resolution.records(resolution.targets[0].name))
    side = _Sides(context, root, installed, named)
    side.newest = newest
    if index is None and not newest and (frozen or "python" not in named):
        try:
            return side.beside(specs, how)
        except CondaConflict:
            if frozen:
                raise
            # As they are they cannot stay: the next attempt chooses them anew, and says why not
    return side.anew(specs, index, how)


def installed_from_index(root: str) -> dict[NormalizedName, Installed]:
    """The distributions that are no package's of conda, of the Python that is there."""
    from hutch.env import is_prefix, open_prefix

    if not is_prefix(root):
        return {}
    environment = open_prefix(root)
    return {
        name: one
        for name, one in environment.installed().items()
        if not name.startswith("conda:") and one.dist_info.rpartition("/")[0] == environment.purelib
    }


class _Sides:
    def __init__(
        self,
        context: Context,
        root: str,
        installed: dict[NormalizedName, Installed],
        named: Collection[str],
    ) -> None:
        from hutch.env import is_prefix, open_conda, open_prefix
        from hutch.ops.pip_prefix import conda_sources, of_conda

        self.context, self.root, self.installed = context, root, installed
        self.newest = False
        self._known_markers: Mapping[str, str] | None = None
        self.of_conda: dict[str, str] = {}
        self.sources: dict[str, Direct] = {}
        if is_prefix(root) and open_prefix(root).purelib:
            environment = open_conda(root)
            rows = of_conda(environment)
            self.of_conda = {name: package for name, (package, _) in rows.items()}
            self.sources = conda_sources(environment, environment.installed())
        self.map = {package: name for name, package in self.of_conda.items()}
        self.named = {self.map.get(name, name) for name in named}

    # -- as they are ------------------------------------------------------------------------------

    def beside(self, specs: Sequence[CondaAsked], how: Mapping[str, Any]) -> Choice:
        """Records that go with the distributions that are there; no index is asked."""
        from hutch.env import Wanted
        from hutch.ops.conda_solve import solve_conda
        from hutch.ops.resolve import Root
        from hutch.spec import Requirement

        direct = self._as_they_are()
        roots = [
            Root(requirement=Requirement(name=name), asker="the environment", implied=True)
            for name in self.installed
        ]

        def sides(name: str) -> tuple[str, ...]:
            if name not in direct:
                return ("conda",)
            return ("conda", "index") if name in self.named else ("index", "conda")

        resolution = solve_conda(
            self.context,
            specs,
            roots,
            side=Side(sides=sides, map=self.map),
            adjust=lambda request: replace(request, direct=direct),
            **how,
        )
        records = resolution.records(resolution.targets[0].name)
        stays = _names_of_index(resolution)
        if all(name in stays for name in self.installed):
            return Choice(records=records)
        kept = [
            Wanted(name=name, version=one.version, direct_url=one.direct_url, requested=one.requested)
            for name, one in self.installed.items()
            if name in stays
        ]
        return Choice(records=records, wheels=tuple(kept))

    def _as_they_are(self) -> dict[str, tuple[Direct, ...]]:
        """Each distribution as its one candidate. What is missing or wrong already is none of this change."""
        from hutch.lock import LockedDirectory, LockedPackage
        from hutch.ops.pip_present import metadata_of
        from hutch.provide import Direct
        from hutch.spec import CoreMetadata, admits

        versions: dict[str, str] = {str(name): one.version for name, one in self.installed.items()}
        versions |= {name: source.version for name, source in self.sources.items()}
        found: dict[str, tuple[Direct, ...]] = {}
        for name, one in self.installed.items():
            metadata = metadata_of(self.root, one) or CoreMetadata(name=name, version=one.version)
            kept = tuple(
                replace(each, extras=(), marker=None)
                for each in metadata.requirements
                if each.url is None and str(each.name) in versions
                and (each.marker is None or self.holds(each.marker))
                and admits(each.specifiers, versions[str(each.name)])
            )  # fmt: skip
            entry = LockedPackage(name=name, directory=LockedDirectory(path=self.root))
            found[str(name)] = (Direct(metadata=replace(metadata, requirements=kept), entry=entry),)
        return found

    def holds(self, marker: Any) -> bool:
        """Whether a marker does, for the Python that is there."""
        from hutch.spec import evaluate

        return bool(evaluate(marker, self._markers(), frozenset()))

    def _markers(self) -> Mapping[str, str]:
        from hutch.ops.conda_markers import prefix_markers

        if self._known_markers is None:
            self._known_markers = prefix_markers(self.context, self.root)
        return self._known_markers

    # -- chosen anew --------------------------------------------------------------------------------

    def anew(self, specs: Sequence[CondaAsked], index: IndexAsked | None, how: Mapping[str, Any]) -> Choice:
        """Records and distributions of an index, chosen together."""
        from hutch.ops.conda_solve import solve_conda
        from hutch.ops.moments import exclude_newer

        only = index is not None and index.only
        wishes, asked = self._wishes(index)
        names = {str(one.requirement.name) for one in asked}
        kept = {} if only else self._kept(names)
        ours = {str(one.requirement.name) for one in wishes.roots if not one.constraint} | set(kept)
        preferred = {name: tuple(rows) for name, rows in how.get("preferred", {}).items()}
        for name, one in self.installed.items() if not self.newest else ():
            preferred[str(name)] = (*preferred.get(str(name), ()), one.version)

        def sides(name: str) -> tuple[str, ...]:
            if name in self.named and name not in names:
                return ("conda", "index")
            # What is said to pip is asked of an index; what is there stays on its side.
            return ("index", "conda") if name in ours or name in self.installed else ("conda", "index")

        def adjust(request: Request) -> Request:
            configuration = self.context.configuration
            files = index.files if index is not None else None
            return replace(
                request,
                direct={**kept, **wishes.direct(request.targets)},
                only_binary=frozenset(configuration.only_binary),
                no_binary=frozenset(configuration.no_binary),
                exclude_newer=exclude_newer(self.context),
                prerelease="allow" if files is not None and files.says("pre") else configuration.prerelease,
                bound=wishes.bound,
            )

        resolution = solve_conda(
            self.context,
            specs,
            wishes.roots,
            side=Side(sides=sides, map=self.map),
            adjust=adjust,
            builder=lambda target: _TargetBuilder(self.context, self.root, target, how),
            **{**how, "preferred": preferred},
        )
        return self._chosen(resolution, wishes, asked, kept, index, only)

    def _wishes(self, index: IndexAsked | None) -> tuple[Wishes, tuple[Root, ...]]:
        """What is to be there: what is asked for now, first, then what was asked for before."""
        from hutch.ops.asked import read_asked, still_asked
        from hutch.ops.environments import came_along
        from hutch.ops.pip_files import Files
        from hutch.ops.pip_inputs import gather, gather_into
        from hutch.ops.resolve import Root
        from hutch.spec import Requirement, parse_requirement

        builder = Builder(self.context)
        base = index.base if index is not None else self.context.directory
        files = index.files if index is not None else Files()
        wishes = gather(
            self.context,
            files,
            builder,
            base=base,
            words=index.words if index is not None else (),
            editables=index.editables if index is not None else (),
        )
        asked = tuple(root for root in wishes.roots if not root.constraint)
        if index is not None and index.only:
            return wishes, asked
        names = {str(root.requirement.name) for root in asked} | self.named
        before = read_asked(self.root)
        lines = still_asked(before, self.installed) if before is not None else ()
        if any(" @ " in line for line in lines) and came_along(self.context, self.root):
            # What came with a checkout names no places that are built: they stay as they are.
            lines = tuple(line for line in lines if " @ " not in line)
        old = [line for line in lines if str(parse_requirement(line).name) not in names]
        gather_into(self.context, Files(), builder, wishes, words=old)
        for line in old:
            name = parse_requirement(line).name
            url = self.installed[name].direct_url
            if isinstance(url, dict) and (url.get("dir_info") or {}).get("editable"):
                wishes.editable.add(name)
        names |= {str(root.requirement.name) for root in wishes.roots}
        for name in self._tops():
            if str(name) not in names:
                requirement = Requirement(name=name)
                wishes.add(Root(requirement=requirement, asker="the environment"), "the environment")
        return wishes, asked

    def _tops(self) -> list[NormalizedName]:
        """What of the index nobody there needs, and what was named when it was installed."""
        from hutch.ops.pip_present import metadata_of

        needed = set()
        for one in self.installed.values():
            metadata = metadata_of(self.root, one)
            needed |= {each.name for each in metadata.requirements} if metadata is not None else set()
        return [name for name, one in self.installed.items() if one.requested or name not in needed]

    def _kept(self, names: Collection[str]) -> dict[str, tuple[Direct, ...]]:
        """What came from a place of its own, of which no index knows."""
        from hutch.ops.pip_present import kept_sources

        found = kept_sources(self.root, self.installed)
        return {name: (source,) for name, source in found.items() if name not in names}

    def _chosen(
        self,
        resolution: CondaResolution,
        wishes: Wishes,
        asked: tuple[Root, ...],
        kept: Mapping[str, object],
        index: IndexAsked | None,
        only: bool,
    ) -> Choice:
        from hutch.env import Wanted, open_prefix
        from hutch.ops.conda_locking import index_part
        from hutch.ops.conda_prefix import StrandedPackages
        from hutch.ops.conda_python import PrefixBuilder, python_to_be
        from hutch.ops.install import choose_files
        from hutch.ops.locking import lock_packages
        from hutch.ops.placed import Placer, changed_places

        target = resolution.targets[0]
        records = resolution.records(target.name)
        if resolution.joint is None:
            return Choice(records=records, wheels=(), roots=asked, only=only)
        resolved, reached = index_part(resolution.joint)
        packages = lock_packages(resolved, reached=reached)
        python = python_to_be(target, self.root, records)
        if python is None:
            return Choice(records=records, wheels=(), roots=asked, only=only)
        hashed = index is not None and index.files.require_hashes
        if hashed or any(wishes.hashes.values()):
            from hutch.ops.pip_hashes import limit_to_hashes, require_pins

            if hashed:
                require_pins(wishes)
            packages = limit_to_hashes(packages, wishes, required=hashed)
        stays = {package.name for package in packages} & (
            kept.keys() - {str(name) for name in wishes.direct(resolved.targets)}
        )
        now = open_prefix(self.root).python_version.split(".")[:2]
        if stays and now != python.version.split(".")[:2]:
            raise StrandedPackages(self.root, tuple(sorted(stays)))
        packages = tuple(package for package in packages if package.name not in stays)
        builder = PrefixBuilder(self.context, self.root, records)
        requested = {str(root.requirement.name) for root in wishes.roots if not root.constraint}
        indexed = [package for package in packages if not package.is_direct]
        files = choose_files(indexed, python, built=self.context.configuration.no_binary)
        base = index.base if index is not None else self.context.directory
        placed = (
            Placer(self.context, builder, python, base).place(packages)
            if len(indexed) < len(packages)
            else ()
        )
        wheels = [
            Wanted(name=one.name, version=one.version, requested=one.name in requested) for one in files
        ]
        wheels += [one.wanted(one.name in requested) for one in placed]
        for name in stays:
            one = self.installed[name]
            wheels.append(
                Wanted(name=name, version=one.version, direct_url=one.direct_url, requested=one.requested)
            )
        return Choice(
            records=records,
            wheels=tuple(wheels),
            how={
                "chosen": {one.name: one for one in files},
                "builder": builder,
                "interpreter": python,
                "make": {one.name: one.make for one in placed},
                "reinstall": changed_places(open_prefix(self.root), placed) if placed else frozenset(),
            },
            roots=asked,
            only=only,
            states={one.name: one.state for one in placed if one.state},
        )


def _names_of_index(resolution: CondaResolution) -> set[str]:
    """The distributions that were taken from the index's side."""
    from hutch.provide import split_package
    from hutch.provide.joint import CONDA

    joint = resolution.joint
    assert joint is not None
    found = set()
    for name, pairs in joint.resolution.chosen.items():
        base = split_package(name)[0]
        if not base.startswith(CONDA):
            found |= {base for _, place in pairs if joint.provider.record_at(name, place) is None}
    return found


class _TargetBuilder(Builder):
    """Builds what has no wheel while the records are not chosen yet: with the Python of the attempt."""

    def __init__(self, context: Context, root: str, target: Target, how: Mapping[str, Any]) -> None:
        super().__init__(context)
        self._root, self._target, self._how = root, target, how

    @property
    def interpreter(self) -> Interpreter:
        """The interpreter that builds."""
        if self._interpreter is None:
            from hutch.ops.conda_python import PrefixBuilder
            from hutch.ops.conda_solve import solve_conda

            version = f"{self._target.python_text}.{self._target.low}"
            kept = {key: self._how[key] for key in ("platforms", "channels") if key in self._how}
            found = solve_conda(self._context, [f"python =={version}"], **kept)
            records = found.records(found.targets[0].name)
            self._interpreter = PrefixBuilder(self._context, self._root, records).interpreter
        return self._interpreter


def remember(root: str, choice: Choice) -> None:
    """Write down what was asked of an index, beside what conda's records say of theirs."""
    from hutch.env import read_places, write_places
    from hutch.ops.asked import Asked, add_requirements, read_asked, write_asked

    if choice.states:
        write_places(root, {**read_places(root), **choice.states})
    if not choice.roots and not choice.only:
        return
    before = read_asked(root)
    try:
        if before is None or choice.only:
            write_asked(root, Asked() if before is None else replace(before, requirements=()))
        add_requirements(root, choice.roots)
    except OSError:
        pass  # a read-only place: it is installed all the same


def tell_needed(context: Context, root: str, gone: Collection[str]) -> None:
    """Warn of each distribution that stays in the prefix and needs one that goes with conda packages."""
    from hutch.events import Notice
    from hutch.ops.pip_present import metadata_of

    installed = installed_from_index(root)
    if not installed:
        return
    side = _Sides(context, root, installed, ())
    lost = {name for name, package in side.of_conda.items() if package in gone}
    for name, one in installed.items():
        metadata = metadata_of(root, one)
        for each in metadata.requirements if metadata is not None else ():
            if str(each.name) in lost and (each.marker is None or side.holds(each.marker)):
                text = f"{name} {one.version} needs {each.name}, which goes"
                context.emit(Notice(text, warning=True))
