"""What ``hutch pip download``, ``wheel`` and ``lock`` have in common: ask, solve, and get the entries."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedPackage
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.resolve import Resolved
    from hutch.spec import Target

__all__ = ["PipChoice", "PipWanted", "choose", "limit", "without_editables"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipWanted:
    """The options of all three: what is wanted, and within which limits."""

    requirements: tuple[str, ...] = ()
    requirement: tuple[str, ...] = ()
    constraint: tuple[str, ...] = ()
    build_constraint: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    requirements_from_script: tuple[str, ...] = ()
    deps: bool = True
    only_deps: bool = False
    require_hashes: bool = False
    no_require_hashes: bool = False
    prefer_binary: bool = False
    uploaded_prior_to: str | None = None
    prerelease: str | None = None
    exclude_newer_package: tuple[str, ...] = ()
    exclude_newer_index: tuple[str, ...] = ()
    config_settings: tuple[str, ...] = ()
    config_settings_package: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PipChoice:
    """The entries, and by whom they can be built. ``base`` is where their paths are told from;
    ``resolved`` is None where a lock said them."""

    packages: tuple[LockedPackage, ...]
    interpreter: Interpreter
    builder: Builder
    base: str
    resolved: Resolved | None = None


def limit(context: Context, options: PipWanted) -> None:
    """Make what is another way to say a setting that setting; before any setting is looked at."""
    if options.uploaded_prior_to is not None:
        context.flags["exclude-newer"] = options.uploaded_prior_to


def choose(
    context: Context,
    options: PipWanted,
    verb: str,
    *,
    target: Target | None = None,
    wheels_only: bool = False,
    editables: tuple[str, ...] = (),
    base: str | None = None,
) -> PipChoice:
    """Solve for ``target``, the interpreter's own if it is None. Paths of entries are told from ``base``."""
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.locking import lock_packages
    from hutch.ops.moments import typed_moments
    from hutch.ops.pip_files import read_files, set_flags
    from hutch.ops.pip_hashes import limit_to_hashes, require_pins
    from hutch.ops.pip_inputs import gather
    from hutch.ops.pip_install_options import add_more, build_constraints
    from hutch.ops.pip_pylock import is_lock, of_lock
    from hutch.ops.resolve import resolve
    from hutch.spec import Targets

    lists = (options.requirement, options.group, options.requirements_from_script)
    if not any((options.requirements, *lists, editables)):
        raise UsageProblem(
            f"there is nothing to {verb}",
            why="neither a requirement, nor -r FILE, nor --group NAME was given",
            hint=f"hutch pip {verb} -r requirements.txt",
        )
    limit(context, options)
    newer = typed_moments(options.exclude_newer_package, options.exclude_newer_index)
    locks = [name for name in options.requirement if is_lock(name)]
    if locks and (len(options.requirement) > 1 or any((options.requirements, *lists[1:], editables))):
        raise UsageProblem(f"{locks[0]} is a whole lock", why="it cannot be combined with other files")
    files = read_files(context, () if locks else options.requirement, options.constraint)
    set_flags(context, files)
    interpreter = any_interpreter(context, None)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(
        context, interpreter, settings=settings, constraints=build_constraints(context, options)
    )
    if locks:
        base = os.path.dirname(context.path(locks[0]))
        packages = of_lock(context, locks[0], base, interpreter)
        return PipChoice(packages=packages, interpreter=interpreter, builder=builder, base=base)
    wishes = gather(
        context,
        files,
        builder,
        base=base or context.directory,
        words=options.requirements,
        editables=editables,
        source_folder="",
    )
    add_more(context, options, files, builder, wishes)
    hashed = options.require_hashes or (files.require_hashes and not options.no_require_hashes)
    if hashed:
        require_pins(wishes)
    targets = Targets((target or interpreter.target(),))
    request = wishes.request(context, targets, prerelease=options.prerelease, files=(files,))
    request = replace(
        request,
        only_binary=frozenset({":all:"}) if wheels_only else request.only_binary,
        dependencies=options.deps,
        prefer_binary=options.prefer_binary or files.says("prefer-binary"),
    )
    resolved = resolve(context, wishes.adjusted(request, newer), builder)
    packages = lock_packages(resolved)
    packages = limit_to_hashes(packages, wishes, required=hashed)
    if options.only_deps:
        named = {root.requirement.name for root in wishes.roots if not root.constraint}
        packages = tuple(package for package in packages if package.name not in named)
    return PipChoice(
        packages=packages,
        interpreter=interpreter,
        builder=builder,
        base=base or context.directory,
        resolved=resolved,
    )


def without_editables(packages: tuple[LockedPackage, ...]) -> tuple[LockedPackage, ...]:
    """What is editable is a directory like others here: there is no environment to be edited in."""
    return tuple(
        replace(package, directory=replace(package.directory, editable=False))
        if package.directory is not None
        else package
        for package in packages
    )
