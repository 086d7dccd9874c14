"""``hutch env create``: an environment by name, with what is to be in it, or nothing at all."""

from __future__ import annotations

import os
import time

from hutch.ops.named import NameIsTaken
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.ops.outcomes import SyncOutcome

__all__ = ["EnvCreateOptions", "EnvCreateOutcome", "NameIsTaken", "env_create", "tell_store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvCreateOptions:
    """The options of ``env create``."""

    env_name: str | None = None
    name: str | None = None
    prefix: str | None = None
    requirements: tuple[str, ...] = ()
    requirement: tuple[str, ...] = ()
    constraint: tuple[str, ...] = ()
    editable: tuple[str, ...] = ()
    conda: tuple[str, ...] = ()
    file: str | None = None
    channel: tuple[str, ...] = ()
    override_channels: bool = False
    prompt: str | None = None
    system_site_packages: bool = False
    seed: bool = False
    clear: bool = False
    link_mode: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvCreateOutcome:
    """The environment that was made, or would be; ``replaced`` says whether there was one of that name."""

    env_name: str
    path: str
    python: str
    interpreter: str
    installed: tuple[tuple[str, str], ...] = ()
    replaced: bool = False
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.env_name,
            "path": self.path,
            "python": self.python,
            "interpreter": self.interpreter,
            "installed": [{"name": name, "version": version} for name, version in self.installed],
            "replaced": self.replaced,
            "dry_run": self.dry_run,
        }


def env_create(context: Context, options: EnvCreateOptions) -> EnvCreateOutcome:
    """Make the environment complete in a place beside it, then give it its name."""
    from hutch.ops.env_create_conda import means_conda

    options = _in_place(options)
    if options.prefix is not None or means_conda(options):
        return _of_conda(context, options)
    from hutch.env import CannotWrite, NameTaken, publish, settle_folder, staged
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.named import check_new_name, is_environment

    start = time.monotonic()
    name = options.env_name or ""
    place = check_new_name(context, name)
    folder = os.path.dirname(place)
    settle_folder(folder)
    replaced = os.path.lexists(place)
    if replaced and not is_environment(place):
        from hutch.env import NotAnEnvironment
        from hutch.ops.environments import LEFT_ALONE

        raise NotAnEnvironment(place, "something else has that name", hint=LEFT_ALONE)
    if replaced and not options.clear:
        raise NameIsTaken(name, place)
    interpreter = any_interpreter(context, None, making=name)
    try:
        with staged(folder) as stage:
            made = _make(context, options, os.path.join(stage, name), place, interpreter)
            if not options.dry_run:
                publish(os.path.join(stage, name), place, instead=options.clear)
    except CannotWrite as problem:
        # What was being made is gone, and nobody knows the place where it was.
        raise CannotWrite(place, problem.reason) from problem
    except NameTaken as error:
        raise NameIsTaken(name, place) from error
    except OSError as error:
        raise CannotWrite(str(error.filename or folder), error.strerror or str(error)) from error
    if not options.dry_run:
        tell_store(context, place)
    return EnvCreateOutcome(
        env_name=name,
        path=place,
        python=interpreter.version,
        interpreter=interpreter.base_executable,
        installed=made.installed if made is not None else (),
        replaced=replaced,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _in_place(options: EnvCreateOptions) -> EnvCreateOptions:
    """The options with the name as NAME: where -n or --prefix says the place, the first word is a package."""
    from hutch.errors import UsageProblem

    if options.name is None and options.prefix is None:
        if not options.env_name:
            raise UsageProblem("the new environment has no name", hint="hutch env create NAME PACKAGE…")
        return options
    if options.name is not None and options.prefix is not None:
        raise UsageProblem("--name and --prefix name two environments", hint="leave one of them out")
    first = (options.env_name,) if options.env_name else ()
    return replace(options, env_name=options.name, requirements=(*first, *options.requirements))


def _of_conda(context: Context, options: EnvCreateOptions) -> EnvCreateOutcome:
    from hutch.ops.env_create_conda import env_create_conda

    start = time.monotonic()
    change = env_create_conda(context, options).change
    installed = tuple(
        (link.name.removeprefix("conda:"), link.version.partition(" ")[0]) for link in change.plan.links
    )
    return EnvCreateOutcome(
        env_name=options.env_name or "",
        path=change.root,
        python=dict(installed).get("python", ""),
        interpreter="",
        installed=installed,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _make(
    context: Context, options: EnvCreateOptions, stage: str, place: str, interpreter: Interpreter
) -> SyncOutcome | None:
    """The environment in ``stage``, with all that is asked for, as it has to be in ``place``."""
    from hutch.env import create_environment, open_environment, repoint
    from hutch.ops.asked import Asked, typed_python, write_asked

    create_environment(
        stage,
        interpreter,
        prompt=options.prompt or options.env_name,
        system_site_packages=options.system_site_packages,
    )
    write_asked(stage, Asked(python=typed_python(context, interpreter)))
    outcome = _install(context, options, stage)
    if not options.dry_run:
        repoint(open_environment(stage), place=place, before=stage)
    return outcome


def _install(context: Context, options: EnvCreateOptions, stage: str) -> SyncOutcome | None:
    from hutch.ops.pip_install import PipInstallOptions, pip_install

    wanted = PipInstallOptions(
        requirements=(*options.requirements, *(("pip",) if options.seed else ())),
        requirement=options.requirement,
        constraint=options.constraint,
        editable=options.editable,
        dry_run=options.dry_run,
    )
    if not wanted.names_anything:
        return None
    context.within = stage
    try:
        return replace(pip_install(context, wanted), environment=stage)
    finally:
        context.within = None


def tell_store(context: Context, place: str) -> None:
    """Have the store know that the environment at ``place`` has files of it."""
    from hutch.env import open_present
    from hutch.ops.occasions import note_root

    note_root(context, open_present(place))
