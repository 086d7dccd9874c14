"""``hutch pip install``: put packages into an environment, and leave alone what is there."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.ops.outcomes import SyncOutcome
from hutch.ops.pip_install_options import PipInstallOptions
from hutch.values import replace

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
    from hutch.spec import CoreMetadata, NormalizedName, Target

__all__ = ["PipInstallOptions", "carry_out", "choose_packages", "pip_install", "reinstalled"]


def pip_install(context: Context, options: PipInstallOptions) -> SyncOutcome:
    """Install what is asked for; what is installed stays as it is wherever it fits."""
    start = time.monotonic()
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.pip_files import read_files, set_flags
    from hutch.ops.pip_inputs import gather
    from hutch.ops.pip_install_options import (
        add_more,
        build_constraints,
        foreign_target,
        place_of,
        settled,
        source_folder,
    )
    from hutch.ops.pip_pylock import is_lock

    options = settled(context, options)
    locks = [name for name in options.requirement if is_lock(name)]
    if locks:
        return _install_lock(context, options, locks, start)
    files = read_files(context, options.requirement, options.constraint)
    set_flags(context, files)
    environment, interpreter = place_of(context, options)
    foreign = foreign_target(options, interpreter)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(
        context, interpreter, settings=settings, constraints=build_constraints(context, options)
    )
    wishes = gather(
        context,
        files,
        builder,
        base=context.directory,
        words=options.requirements,
        editables=options.editable,
        extras=options.extra,
        all_extras=options.all_extras,
        source_folder="" if options.dry_run else source_folder(context, options, environment),
    )
    add_more(context, options, files, builder, wishes)
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
        target=foreign[0] if foreign is not None else None,
    )
    supported = foreign[1] if foreign is not None else None
    requested = {root.requirement.name for root in wishes.roots if not root.constraint}
    if options.only_deps:
        packages = tuple(package for package in packages if package.name not in requested)
    outcome = carry_out(
        context,
        packages,
        environment,
        interpreter,
        builder,
        base=context.directory,
        requested=requested,
        keep=None,
        reinstall=reinstalled(packages, options.reinstall, options.reinstall_package),
        dry_run=options.dry_run,
        start=start,
        supported=supported,
    )
    if environment.remembers and not options.dry_run:
        from hutch.ops.asked import add_requirements

        add_requirements(environment.root, wishes.roots)
    if options.warn_conflicts and options.deps and foreign is None:
        from hutch.ops.pip_conflicts import tell_conflicts

        tell_conflicts(context, environment, interpreter.marker_environment, outcome)
    if options.report is None:
        return outcome
    from hutch.ops.install import choose_files
    from hutch.ops.pip_report import report_of, write_report
    from hutch.ops.placed import Placer

    chosen = choose_files(
        (one for one in packages if not one.is_direct),
        interpreter,
        built=context.configuration.no_binary,
        supported=supported,
    )
    placed = Placer(context, builder, interpreter, context.directory).place(packages)
    report = report_of(outcome, packages, chosen, placed, learned, wishes.roots, interpreter)
    if os.path.basename(options.report) == "-":
        return replace(outcome, report=report)
    write_report(context.path(options.report), report)
    return outcome


def _install_lock(
    context: Context, options: PipInstallOptions, locks: list[str], start: float
) -> SyncOutcome:
    """``-r pylock.toml``: what a lock says, beside what is there."""
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.pip_install_options import build_constraints, place_of
    from hutch.ops.pip_pylock import of_lock

    named = (options.requirements, options.editable, options.group, options.requirements_from_script)
    if len(options.requirement) > 1 or any(named) or options.constraint:
        raise UsageProblem(f"{locks[0]} is a whole lock", why="it cannot be combined with anything else")
    environment, interpreter = place_of(context, options)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(
        context, interpreter, settings=settings, constraints=build_constraints(context, options)
    )
    base = os.path.dirname(context.path(locks[0]))
    packages = of_lock(context, locks[0], base, interpreter)
    return carry_out(
        context,
        packages,
        environment,
        interpreter,
        builder,
        base=base,
        requested=(),
        keep=None,
        reinstall=reinstalled(packages, options.reinstall, options.reinstall_package),
        dry_run=options.dry_run,
        start=start,
    )


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
    *,
    target: Target | None = None,
) -> tuple[LockedPackage, ...]:
    """The entries to install; none where what is installed is enough already. Their metadata are ``learned``
    on the way. ``target`` is for which Python, if not that of ``interpreter``."""
    from hutch.ops.locking import lock_packages
    from hutch.ops.moments import typed_moments
    from hutch.ops.pip_present import is_satisfied, kept_sources
    from hutch.ops.resolve import resolve
    from hutch.spec import Targets

    hashed = options.require_hashes or (files.require_hashes and not options.no_require_hashes)
    if hashed:
        from hutch.ops.pip_hashes import require_pins

        require_pins(wishes)
    again = options.upgrade or options.upgrade_package or options.reinstall or options.reinstall_package
    # What a project overrides or excludes is not in the metadata of what is installed.
    if not again and not wishes.projects and target is None:
        present = is_satisfied(
            environment.root, installed, wishes.roots, interpreter.marker_environment, deps=options.deps
        )
        if present:
            return ()
    newer = typed_moments(options.exclude_newer_package, options.exclude_newer_index)
    preferred, extra_roots = _preferences(installed, options, wishes)
    if environment.remembers and target is None:
        from hutch.ops.asked import limits

        named = [root.requirement.name for root in wishes.roots if not root.constraint]
        extra_roots += limits(environment.root, installed, named)
    targets = Targets((target or interpreter.target(),))
    request = wishes.request(context, targets, prerelease=options.prerelease, files=(files,))
    kept = {
        name: (source,)
        for name, source in kept_sources(environment.root, installed).items()
        if name not in request.direct and not _is_replaced(name, source, wishes.roots, options)
    }
    if target is None and environment.kept:
        from hutch.ops.pip_prefix import check_asked, conda_sources

        conda = conda_sources(environment, installed)
        check_asked(context, environment, conda, wishes.roots, again=bool(again))
        kept |= {name: (source,) for name, source in conda.items()}
    request = replace(
        request,
        roots=(*request.roots, *extra_roots),
        preferred=preferred,
        direct={**kept, **request.direct},
        only_binary=frozenset({":all:"}) if target is not None else request.only_binary,
        dependencies=options.deps,
        prefer_binary=options.prefer_binary or files.says("prefer-binary"),
    )
    resolved = resolve(context, wishes.adjusted(request, newer), builder)
    packages = lock_packages(resolved)
    if learned is not None:
        learned.update({package.name: resolved.provider.metadata_of(package) for package in packages})
    if hashed or any(wishes.hashes.values()):
        from hutch.ops.pip_hashes import limit_to_hashes

        packages = limit_to_hashes(packages, wishes, required=hashed)
    # What stays as it was installed from elsewhere needs nothing.
    return tuple(package for package in packages if package.name not in kept)


def _preferences(
    installed: Mapping[NormalizedName, Installed], options: PipInstallOptions, wishes: Wishes
) -> tuple[dict[str, tuple[str, ...]], tuple[Root, ...]]:
    """The versions to keep where they fit, and limits of what is chosen anew.

    What nobody named is chosen anew only where it has to be, as for pip, or with ``eager``.
    """
    from hutch.ops.resolve import Root
    from hutch.spec import parse_requirement

    extra = []
    preferred: dict[str, tuple[str, ...]]
    preferred = {name: (one.version,) for name, one in installed.items()}
    if options.ignore_installed or (options.upgrade and options.upgrade_strategy == "eager"):
        preferred = {}
    elif options.upgrade:
        for root in wishes.roots:
            if not root.constraint:
                preferred.pop(root.requirement.name, None)
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
    supported: Mapping[str, int] | None = None,
) -> SyncOutcome:
    """Plan, fetch, install. What is neither in ``packages`` nor in ``keep`` (None: everything) is removed.

    ``base`` is the directory from which the paths of the entries are told, ``supported`` are the tags of the
    files where these are for another Python.
    """
    from hutch.env import DamagedWheel, EnvironmentChanged, Wanted, plan_changes
    from hutch.ops.install import choose_files, install
    from hutch.ops.placed import Placer, changed_places

    indexed = [package for package in packages if not package.is_direct]
    chosen = {
        one.name: one
        for one in choose_files(
            indexed, interpreter, built=context.configuration.no_binary, supported=supported
        )
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
            keep=frozenset(present if keep is None else {*keep, *_of_conda(environment)}),
            reinstall=reinstall | changed_places(environment, placed),
        )
        changed = environment
        if environment.kept:
            from hutch.ops.pip_prefix import both_kinds, refuse_conda

            refuse_conda(context, environment, plan)
            changed, plan = both_kinds(environment, plan)
        if not plan or dry_run:
            break
        extra = {one.name: one.make() for one in placed if one.name in plan.needs()}
        try:
            install(context, changed, plan, chosen, extra, builder, interpreter)
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


def _of_conda(environment: Environment) -> Iterable[str]:
    """What stays though nobody asks for it."""
    if not environment.kept:
        return ()
    from hutch.ops.pip_prefix import of_conda

    return of_conda(environment)


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
