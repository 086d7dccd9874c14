"""``hutch pip sync``: make an environment exactly what a file of pins, or a lock, says."""

from __future__ import annotations

import os
import time

from hutch.errors import Problem, UsageProblem
from hutch.ops.outcomes import SyncOutcome
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hutch.env import Environment, Installed
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedPackage
    from hutch.ops.context import Context
    from hutch.ops.pip_inputs import Wishes
    from hutch.spec import NormalizedName

__all__ = ["NotAgreed", "PipSyncOptions", "pip_sync"]

KEPT = frozenset(("hutch", "pip", "setuptools", "wheel"))
"""Tools of the environment itself, which stay unless the file names them in another version."""


class NotAgreed(Problem):
    """Whoever was asked said no."""

    code = "not-agreed"

    def __init__(self) -> None:
        super().__init__("nothing was changed", why="the answer was no")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSyncOptions:
    """The options of ``pip sync``, named as on the command line."""

    files: tuple[str, ...] = ()
    constraint: tuple[str, ...] = ()
    target: str | None = None
    prefix: str | None = None
    python_executable: str | None = None
    system: bool = False
    break_system_packages: bool = False
    ask: bool = False
    force: bool = False
    reinstall: bool = False
    reinstall_package: tuple[str, ...] = ()
    require_hashes: bool = False
    config_settings: tuple[str, ...] = ()
    config_settings_package: tuple[str, ...] = ()
    pip_args: str | None = None
    config: str | None = None
    dry_run: bool = False


def pip_sync(
    context: Context, options: PipSyncOptions, agrees: Callable[[object], bool] | None = None
) -> SyncOutcome:
    """Install what the files name and nothing else, and remove the rest; with ``--ask`` only if whoever is
    there ``agrees`` with what would change."""
    start = time.monotonic()
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.pip_files import read_files, set_flags
    from hutch.ops.pip_inputs import gather
    from hutch.ops.pip_install import PipInstallOptions, carry_out, choose_packages, reinstalled
    from hutch.ops.pip_pylock import is_lock, of_lock
    from hutch.spec import evaluate

    options = _settled(context, options, can_ask=agrees is not None)
    locks = [name for name in options.files if is_lock(name)]
    if locks and len(options.files) > 1:
        raise UsageProblem(f"{locks[0]} is a whole lock", why="it cannot be combined with other files")
    files = read_files(context, () if locks else options.files, options.constraint)
    if files.manifests:
        raise UsageProblem(
            f"{os.path.basename(files.manifests[0])} holds no pins",
            hint=("hutch sync, for a project", "hutch pip compile makes a file of pins of it"),
        )
    set_flags(context, files)
    environment, interpreter = _place(context, options)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(context, interpreter, settings=settings)
    installed = environment.installed()
    again = PipInstallOptions(
        deps=False,
        reinstall=options.reinstall,
        reinstall_package=options.reinstall_package,
        require_hashes=options.require_hashes,
    )
    keep = set(KEPT)
    requested: set[str] = set()
    base = context.directory
    packages: tuple[LockedPackage, ...]
    if locks:
        base = os.path.dirname(context.path(locks[0]))
        packages = of_lock(context, locks[0], base, interpreter)
    else:
        keep |= _tools_of_pip_tools(environment.root, installed, interpreter)
        source = "" if options.dry_run else os.path.join(environment.root, "src")
        wishes = gather(context, files, builder, base=base, source_folder=source)
        if options.force:
            _last_wins(wishes)
        packages = choose_packages(
            context, wishes, files, environment, interpreter, builder, installed, again
        )
        for root in wishes.roots:
            marker = root.requirement.marker
            if not root.constraint and (marker is None or evaluate(marker, interpreter.marker_environment)):
                requested.add(root.requirement.name)

    def go(*, dry_run: bool) -> SyncOutcome:
        return carry_out(
            context,
            packages,
            environment,
            interpreter,
            builder,
            base=base,
            requested=requested,
            keep=keep | requested,
            reinstall=reinstalled(packages, options.reinstall, options.reinstall_package),
            dry_run=dry_run,
            start=start,
        )

    if options.ask and not options.dry_run:
        planned = go(dry_run=True)
        changes = (*planned.installed, *planned.removed, *planned.updated, *planned.reinstalled)
        if changes and agrees is not None and not agrees(planned):
            raise NotAgreed
    return go(dry_run=options.dry_run)


def _settled(context: Context, options: PipSyncOptions, *, can_ask: bool) -> PipSyncOptions:
    """The options without what is another way to say something, and checked."""
    from hutch.ops.pip_tools import take_pip_args

    if options.ask and not options.dry_run and not can_ask:
        raise UsageProblem(
            "--ask asks questions, and there is no terminal to ask on", hint="--dry-run, or without --ask"
        )
    if options.pip_args is not None:
        take_pip_args(context, options.pip_args)
    if options.python_executable is not None:
        if context.flags.get("python") is not None:
            raise UsageProblem("--python-executable and --python say the same", hint="give one of them")
        context.flags["python"] = options.python_executable
    files = options.files
    if not files:
        if not os.path.isfile(context.path("requirements.txt")):
            raise UsageProblem(
                "there is nothing to sync to",
                why="no file was named, and there is no requirements.txt here",
                hint="hutch pip sync FILE",
            )
        files = ("requirements.txt",)
    asking = [name for name in files if name.endswith(".in")]
    if asking and not options.force:
        raise UsageProblem(
            f"{asking[0]} asks for packages, and pins none",
            why="what they need besides would be removed",
            hint=(f"hutch pip sync {asking[0][:-3]}.txt", "--force takes it nevertheless"),
        )
    return replace(options, files=files)


def _place(context: Context, options: PipSyncOptions) -> tuple[Environment, Interpreter]:
    """The environment, or the folder that was named."""
    if options.target is not None or options.prefix is not None:
        from hutch.ops.pip_folder import folder_environment

        return folder_environment(context, options.target, options.prefix, dry_run=options.dry_run)
    from hutch.ops.pip_environment import pip_environment

    return pip_environment(
        context,
        dry_run=options.dry_run,
        system=options.system,
        break_system_packages=options.break_system_packages,
        can_make=True,
    )


def _tools_of_pip_tools(
    root: str, installed: Mapping[NormalizedName, Installed], interpreter: Interpreter
) -> set[str]:
    """pip-tools and pip-review stay with what they need, if they are there: as with pip-sync itself."""
    from hutch.ops.pip_present import metadata_of
    from hutch.spec import evaluate, normalize

    todo = [name for name in map(normalize, ("pip-tools", "pip-review")) if name in installed]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in found or name not in installed:
            continue
        found.add(name)
        metadata = metadata_of(root, installed[name])
        for below in metadata.requirements if metadata is not None else ():
            marker = below.marker
            if marker is None or evaluate(marker, {**interpreter.marker_environment, "extra": ""}):
                todo.append(below.name)
    return found


def _last_wins(wishes: Wishes) -> None:
    """Of what several files pin differently, the last: what ``--force`` asks for."""
    last = {root.requirement.name: root for root in wishes.roots if not root.constraint}
    wishes.roots[:] = [
        root for root in wishes.roots if root.constraint or last[root.requirement.name] is root
    ]
