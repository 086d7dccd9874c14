"""``hutch pip uninstall``: take packages out, in one change that ``env rollback`` takes back."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.events import Notice, PhaseEnded, PhaseStarted
from hutch.ops.outcomes import SyncOutcome
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hutch.env import Environment, Installed, Plan
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["PipUninstallOptions", "pip_uninstall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipUninstallOptions:
    """The options of ``pip uninstall``, named as on the command line."""

    names: tuple[str, ...] = ()
    requirement: tuple[str, ...] = ()
    yes: bool = False
    system: bool = False
    target: str | None = None
    prefix: str | None = None
    break_system_packages: bool = False
    dry_run: bool = False


def pip_uninstall(
    context: Context,
    options: PipUninstallOptions,
    agrees: Callable[[SyncOutcome], bool] | None = None,
) -> SyncOutcome:
    """Remove what is named and is there; what is not is told, and passed over.

    ``agrees`` is asked about what would be done, before anything is.
    """
    start = time.monotonic()
    names = _names(context, options)
    environment, interpreter = _place(context, options)
    plan = _plan(context, environment, names)
    _tell_absent(context, environment, names)

    def outcome(removed: tuple[tuple[str, str], ...], dry_run: bool) -> SyncOutcome:
        return SyncOutcome(
            environment=os.path.abspath(environment.root),
            python=interpreter.version,
            removed=removed,
            unchanged=plan.unchanged,
            dry_run=dry_run,
            seconds=time.monotonic() - start,
        )

    planned = plan.summary.removed
    if planned and not options.dry_run:
        if agrees is not None and not agrees(outcome(planned, dry_run=True)):
            return outcome((), dry_run=False)
        planned = _carry_out(context, environment, names, plan).summary.removed
        if environment.remembers:
            from hutch.ops.asked import forget_requirements

            forget_requirements(environment.root, (name for name, _ in planned))
    return outcome(planned, options.dry_run)


def _place(context: Context, options: PipUninstallOptions) -> tuple[Environment, Interpreter]:
    if options.target is None and options.prefix is None:
        from hutch.ops.pip_environment import pip_environment

        return pip_environment(
            context,
            dry_run=options.dry_run,
            system=options.system,
            break_system_packages=options.break_system_packages,
        )
    from hutch.ops.pip_folder import folder_environment

    root = context.path(str(options.target if options.target is not None else options.prefix))
    if not os.path.isdir(root):
        raise UsageProblem(f"{root} is not there", hint="name the folder that `pip install` was given")
    return folder_environment(context, options.target, options.prefix, dry_run=options.dry_run)


def _names(context: Context, options: PipUninstallOptions) -> tuple[str, ...]:
    """The packages that are meant, normalised, in the order in which they were named."""
    from hutch.ops.pip_files import read_files
    from hutch.project import Unreadable, parse_given
    from hutch.spec import is_valid_name, normalize

    found: dict[str, None] = {}
    for text in options.names:
        try:
            given = parse_given(text)
            name = str(given.requirement.name) if given.requirement is not None else ""
        except Unreadable:
            name = ""
        if not name and is_valid_name(text):
            name = text
        if name:
            found[str(normalize(name))] = None
        else:
            told = f"Invalid requirement: {text!r} ignored - the uninstall command expects named requirements"
            context.emit(Notice(told, warning=True))
    for asked in read_files(context, options.requirement).asked:
        requirement = asked.given.requirement
        name = str(requirement.name) if requirement is not None else _egg(asked.given.location or "")
        if name and not asked.constraint:
            found[str(normalize(name))] = None
    if not found:
        raise UsageProblem(
            "there is nothing to uninstall",
            why="no package was named, neither as a word nor in a file",
            hint="hutch pip uninstall requests",
        )
    return tuple(found)


def _egg(location: str) -> str:
    """The name that ``#egg=name`` tells."""
    for part in location.partition("#")[2].split("&"):
        if part.startswith("egg="):
            return part[4:].partition("[")[0]
    return ""


def _plan(context: Context, environment: Environment, names: Iterable[str]) -> Plan:
    """The change. Raises CannotRemove for what does not say what belongs to it."""
    from hutch.env import CannotRemove, plan_changes

    installed: dict[str, Installed] = {str(name): one for name, one in environment.installed().items()}
    for name in names:
        one = installed.get(name)
        # Without a RECORD its files would stay behind, and nobody would know whose they are.
        if one is not None and (one.kind != "dist-info" or not one.complete):
            problem = CannotRemove(name, one.version, one.kind, one.dist_info)
            problem.hints = (_way_out(name, one),)
            raise problem
    plan = plan_changes(installed, (), keep=installed.keys() - set(names))  # type: ignore[arg-type]
    if environment.kept:
        from hutch.ops.pip_prefix import refuse_conda

        refuse_conda(context, environment, plan)
    return plan


def _way_out(name: str, one: Installed) -> str:
    """How to get rid of what does not say which files are its own."""
    if one.kind == "egg-link":
        return "python setup.py develop --uninstall, in the directory of the project"
    if one.kind == "egg-info":
        return f"install it over itself, then it can be removed: hutch pip install {name}"
    if one.installer and not any(each.startswith(one.installer) for each in ("hutch", "pip", "uv")):
        return f"{one.installer} installed it, and can remove it"
    again = f"hutch pip install --reinstall-package {name} --no-deps {name}=={one.version}"
    return f"{again} makes it whole again, and then it can be removed"


def _tell_absent(context: Context, environment: Environment, names: Iterable[str]) -> None:
    """Say what is not there, or lies outside of the environment."""
    installed = environment.installed()
    absent = [name for name in names if name not in installed]
    if not absent:
        return
    seen = {}
    if environment.system_site_packages or (environment.python_outside and environment.kept):
        from hutch.interpreters import probe_installation, probe_interpreter
        from hutch.ops.pip_dists import find_dists

        # Not that of the environment: a .pth file of it may run anything.
        below = probe_interpreter(environment.executable, context.store).base_executable
        paths = probe_installation(below, context.environ).paths
        seen = {str(one.name): one for one in find_dists(paths)}
    for name in absent:
        one = seen.get(name)
        if one is None:
            context.emit(Notice(f"Skipping {name} as it is not installed", warning=True))
        else:
            where = f"{one.location}, outside of {environment.root}"
            context.emit(Notice(f"Not uninstalling {name} at {where}", warning=True))


def _carry_out(context: Context, environment: Environment, names: tuple[str, ...], plan: Plan) -> Plan:
    from hutch.env import EnvironmentChanged, apply_plan, read_places, write_places
    from hutch.ops.occasions import note_root, occasion_of

    context.emit(PhaseStarted("install", len(plan.steps)))
    for last in (False, False, True):
        changed = environment
        if environment.kept:
            from hutch.ops.pip_prefix import both_kinds

            changed, plan = both_kinds(environment, plan)
        try:
            apply_plan(
                plan,
                changed,
                emit=context.emit,
                occasion=occasion_of(context, remembered=environment.remembers),
            )
            break
        except EnvironmentChanged:  # another command was at work: look again
            if last:
                raise
            plan = _plan(context, environment, names)
    context.emit(PhaseEnded("install"))
    if not environment.remembers:
        from hutch.ops.pip_folder import tidy

        tidy(environment)
        return plan
    note_root(context, environment)
    known = read_places(environment.root)
    if not known.keys().isdisjoint(names):
        write_places(environment.root, {name: state for name, state in known.items() if name not in names})
    return plan
