"""``hutch pip install``: put packages into an environment, and leave alone what is there."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.ops.outcomes import SyncOutcome
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from hutch.env import Environment, Installed, Plan
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedPackage
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.pip_files import Files
    from hutch.ops.pip_inputs import Wishes
    from hutch.ops.placed import Placed
    from hutch.ops.resolve import Root
    from hutch.provide import Direct
    from hutch.spec import CoreMetadata, NormalizedName

__all__ = ["PipInstallOptions", "carry_out", "choose_packages", "pip_install", "reinstalled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipInstallOptions:
    """The options of ``pip install``, named as on the command line."""

    requirements: tuple[str, ...] = ()
    requirement: tuple[str, ...] = ()
    editable: tuple[str, ...] = ()
    target: str | None = None
    prefix: str | None = None
    report: str | None = None
    constraint: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    all_extras: bool = False
    upgrade: bool = False
    upgrade_package: tuple[str, ...] = ()
    deps: bool = True
    reinstall: bool = False
    reinstall_package: tuple[str, ...] = ()
    require_hashes: bool = False
    prerelease: str | None = None
    exclude_newer_package: tuple[str, ...] = ()
    exclude_newer_index: tuple[str, ...] = ()
    config_settings: tuple[str, ...] = ()
    config_settings_package: tuple[str, ...] = ()
    dry_run: bool = False


def pip_install(context: Context, options: PipInstallOptions) -> SyncOutcome:
    """Install what is asked for; what is installed stays as it is wherever it fits."""
    start = time.monotonic()
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.pip_files import read_files, set_flags
    from hutch.ops.pip_inputs import gather

    if not (options.requirements or options.requirement or options.editable):
        raise UsageProblem(
            "there is nothing to install",
            why="neither a requirement, nor -r FILE, nor -e PATH was given",
            hint="hutch pip install -r requirements.txt",
        )
    files = read_files(context, options.requirement, options.constraint)
    set_flags(context, files)
    environment, interpreter = _place(context, options)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(context, interpreter, settings=settings)
    wishes = gather(
        context,
        files,
        builder,
        base=context.directory,
        words=options.requirements,
        editables=options.editable,
        extras=options.extra,
        all_extras=options.all_extras,
    )
    installed = environment.installed()
    learned: dict[str, CoreMetadata] = {}
    packages = choose_packages(
        context,
        wishes,
        files,
        environment,
        interpreter,
        builder,
        installed,
        options,
        learned,
    )
    outcome = carry_out(
        context,
        packages,
        environment,
        interpreter,
        builder,
        base=context.directory,
        requested={root.requirement.name for root in wishes.roots if not root.constraint},
        keep=None,
        reinstall=reinstalled(packages, options.reinstall, options.reinstall_package),
        dry_run=options.dry_run,
        start=start,
    )
    if options.report is None:
        return outcome
    from hutch.ops.install import choose_files
    from hutch.ops.pip_report import report_of, write_report
    from hutch.ops.placed import Placer

    chosen = choose_files(
        (one for one in packages if not one.is_direct), interpreter, built=context.configuration.no_binary
    )
    placed = Placer(context, builder, interpreter, context.directory).place(packages)
    report = report_of(outcome, packages, chosen, placed, learned, wishes.roots, interpreter)
    if os.path.basename(options.report) == "-":
        return replace(outcome, report=report)
    write_report(context.path(options.report), report)
    return outcome


def _place(context: Context, options: PipInstallOptions) -> tuple[Environment, Interpreter]:
    """Where to install: an environment, or the folder that was named."""
    if options.target is None and options.prefix is None:
        from hutch.ops.pip_environment import pip_environment

        return pip_environment(context, dry_run=options.dry_run)
    from hutch.ops.pip_folder import folder_environment

    if options.editable:
        raise UsageProblem(
            "what is editable is found by an environment alone",
            why="a folder of packages has nothing that reads its .pth files",
            hint="leave --editable out, or install into an environment",
        )
    return folder_environment(context, options.target, options.prefix, dry_run=options.dry_run)


def reinstalled(packages: Iterable[LockedPackage], everything: bool, names: Iterable[str]) -> frozenset[str]:
    """The packages to install again though they are there."""
    from hutch.spec import normalize

    found = {str(normalize(name)) for name in names}
    return frozenset(found | {package.name for package in packages} if everything else found)


# -- choosing -----------------------------------------------------------------------------------


def choose_packages(
    context: Context,
    wishes: Wishes,
    files: Files,
    environment: Environment,
    interpreter: Interpreter,
    builder: Builder,
    installed: Mapping[NormalizedName, Installed],
    options: PipInstallOptions,
    learned: dict[str, CoreMetadata] | None = None,
) -> tuple[LockedPackage, ...]:
    """The entries to install; none where what is installed is enough already. Their metadata are ``learned``
    on the way."""
    from hutch.ops.locking import lock_packages
    from hutch.ops.moments import exclude_newer, typed_moments
    from hutch.ops.pip_present import is_satisfied, kept_sources
    from hutch.ops.resolve import Request, resolve
    from hutch.spec import Targets

    hashed = options.require_hashes or files.require_hashes
    if hashed:
        from hutch.ops.pip_hashes import require_pins

        require_pins(wishes)
    again = options.upgrade or options.upgrade_package or options.reinstall or options.reinstall_package
    # What a project overrides or excludes is not in the metadata of what is installed.
    if not again and not wishes.projects:
        present = is_satisfied(
            environment.root, installed, wishes.roots, interpreter.marker_environment, deps=options.deps
        )
        if present:
            return ()
    newer = typed_moments(options.exclude_newer_package, options.exclude_newer_index)
    preferred, extra_roots = _preferences(installed, options)
    targets = Targets((interpreter.target(),))
    configuration = context.configuration
    direct = wishes.direct(targets)
    kept = {
        name: (source,)
        for name, source in kept_sources(environment.root, installed).items()
        if name not in direct and not _is_replaced(name, source, wishes.roots, options)
    }
    request = Request(
        roots=(*wishes.roots, *extra_roots),
        targets=targets,
        demanded=targets.everything,
        preferred=preferred,
        direct={**kept, **direct},
        resolution=configuration.resolution,
        only_binary=frozenset(configuration.only_binary),
        no_binary=frozenset(configuration.no_binary),
        exclude_newer=exclude_newer(context),
        bound=wishes.bound,
        prerelease=options.prerelease or ("allow" if files.says("pre") else "explicit"),
        dependencies=options.deps,
    )
    resolved = resolve(context, wishes.adjusted(request, newer), builder)
    packages = lock_packages(resolved)
    if learned is not None:
        learned.update({package.name: resolved.provider.metadata_of(package) for package in packages})
    if hashed:
        from hutch.ops.pip_hashes import limit_to_hashes

        packages = limit_to_hashes(packages, wishes)
    # What stays as it was installed from elsewhere needs nothing.
    return tuple(package for package in packages if package.name not in kept)


def _preferences(
    installed: Mapping[NormalizedName, Installed], options: PipInstallOptions
) -> tuple[dict[str, tuple[str, ...]], tuple[Root, ...]]:
    from hutch.ops.resolve import Root
    from hutch.spec import parse_requirement

    extra = []
    preferred: dict[str, tuple[str, ...]]
    preferred = {} if options.upgrade else {name: (one.version,) for name, one in installed.items()}
    for text in options.upgrade_package:
        requirement = parse_requirement(text)
        preferred.pop(requirement.name, None)
        if requirement.specifiers:
            extra.append(Root(requirement=requirement, constraint=True, asker="--upgrade-package"))
    return preferred, tuple(extra)


def _is_replaced(name: str, source: Direct, roots: Iterable[Root], options: PipInstallOptions) -> bool:
    """Was an installed source of its own asked for in another version, or anew?"""
    from hutch.spec import admits, normalize

    asked = [root for root in roots if root.requirement.name == name]
    if any(not admits(root.requirement.specifiers, source.version) for root in asked):
        return True
    named = {normalize(each) for each in options.reinstall_package}
    return name in named or (bool(asked) and (options.upgrade or options.reinstall))


# -- installing ---------------------------------------------------------------------------------


def carry_out(
    context: Context,
    packages: Collection[LockedPackage],
    environment: Environment,
    interpreter: Interpreter,
    builder: Builder,
    *,
    base: str,
    requested: Collection[str],
    keep: Collection[str] | None,
    reinstall: frozenset[str],
    dry_run: bool,
    start: float,
) -> SyncOutcome:
    """Plan, fetch, install. What is neither in ``packages`` nor in ``keep`` (None: everything) is removed.

    ``base`` is the directory from which the paths of the entries are told.
    """
    from hutch.env import DamagedWheel, EnvironmentChanged, Wanted, plan_changes
    from hutch.ops.install import choose_files, install
    from hutch.ops.placed import Placer, changed_places

    indexed = [package for package in packages if not package.is_direct]
    chosen = {
        one.name: one for one in choose_files(indexed, interpreter, built=context.configuration.no_binary)
    }
    placed: tuple[Placed, ...] = ()
    if len(indexed) < len(packages):
        placed = Placer(context, builder, interpreter, base).place(packages)
    wanted = [
        Wanted(name=name, version=one.version, requested=name in requested) for name, one in chosen.items()
    ]
    wanted += [one.wanted(one.name in requested) for one in placed]
    for last in (False, False, True):
        present = environment.installed()
        plan = plan_changes(
            present,
            wanted,
            # What is there now: another command may have installed something since this one began.
            keep=frozenset(present if keep is None else keep),
            reinstall=reinstall | changed_places(environment, placed),
        )
        if not plan or dry_run:
            break
        extra = {one.name: one.make() for one in placed if one.name in plan.needs()}
        try:
            install(context, environment, plan, chosen, extra, builder, interpreter)
            break
        except (EnvironmentChanged, DamagedWheel):  # while ours was fetching: look again
            if last:
                raise
    if not environment.remembers and not dry_run:
        from hutch.ops.pip_folder import tidy

        tidy(environment)
    elif placed and not dry_run:
        _remember(environment, placed)
    return _outcome(environment, interpreter, plan, dry_run, start)


def _remember(environment: Environment, placed: Iterable[Placed]) -> None:
    """Write down the states of the directories that are installed now, beside those known before."""
    from hutch.env import read_places, write_places

    known = read_places(environment.root)
    states = {**known, **{one.name: one.state for one in placed if one.state}}
    if states != known:
        write_places(environment.root, states)


def _outcome(
    environment: Environment, interpreter: Interpreter, plan: Plan, dry_run: bool, start: float
) -> SyncOutcome:
    summary = plan.summary
    return SyncOutcome(
        environment=os.path.abspath(environment.root),
        python=interpreter.version,
        installed=summary.added,
        removed=summary.removed,
        updated=summary.changed,
        reinstalled=summary.reinstalled,
        unchanged=plan.unchanged,
        dry_run=dry_run,
        seconds=time.monotonic() - start,
    )
