"""``hutch run``: a command in the project's environment, which is brought up to date first."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.ops.child import child_environment, execute, find_program
from hutch.ops.selection import SelectionOptions
from hutch.values import dataclass, fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.ops.context import Context
    from hutch.ops.named_scripts import NamedScript
    from hutch.ops.script import ScriptContext

__all__ = [
    "CommandNotFound",
    "RunOptions",
    "RunOutcome",
    "environment_to_run_in",
    "read_env_file",
    "run",
]


class CommandNotFound(Problem):
    """There is no such command in the environment or on PATH."""

    code = "command-not-found"

    def __init__(
        self,
        command: str,
        near: tuple[str, ...],
        script: NamedScript | None = None,
        *,
        prefix: bool = False,
        conda: bool = False,
    ) -> None:
        self.command = command
        if os.path.basename(command) != command or command.endswith(".py"):
            super().__init__(f"there is no file {command}")
            return
        hints = [f"did you mean {name}?" for name in near]
        whose = "this environment" if prefix else "the project's environment"
        why: tuple[str, ...] = (f"it is neither in {whose} nor on PATH",)
        if script is not None:
            why = (f"it is a script in {script.place}, and hutch does not run those by their names",)
            hints = [f"hutch run {script.command}"] if script.command else []
            hints.append(script.native)
        elif prefix:
            hints.append(f"hutch conda search '*{command}*' looks for a package with it")
        else:
            side = " (--conda: from a channel)" if conda else ""
            hints.append(f"hutch add {command}{side} installs it, if it is a package of that name")
        super().__init__(f"there is no command {command}", why=why, hint=tuple(hints[:2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions(SelectionOptions):
    """The options of ``run``; ``command`` holds the words of the child."""

    command: tuple[str, ...] = ()
    sync: bool = True
    env_file: tuple[str, ...] = ()
    with_packages: tuple[str, ...] = ()
    link_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """The child's exit code; where the child replaces this process nobody sees it."""

    exit_code: int

    def to_json(self) -> dict[str, int]:
        return {"exit_code": self.exit_code}


def run(context: Context, options: RunOptions) -> RunOutcome:
    """Bring the environment up to date and run the command in it."""
    if not options.command:
        raise UsageProblem("run needs a command", hint="hutch run python, or hutch run pytest -q")
    words = list(options.command)
    is_file = words[0].endswith((".py", ".pyw")) and os.path.isfile(context.path(words[0]))
    script = None
    if is_file:
        from hutch.ops.script import ScriptContext, has_block

        # An environment that was named is the one that is meant, whatever the script asks for.
        if context.named is None and has_block(context, words[0]):
            script = ScriptContext(context, words[0])
        words.insert(0, "python")
    environment, base = _environments(context, script, options)
    variables = dict(context.environ)
    prefix = next((one.root for one in (environment, base) if one is not None and one.prefix), None)
    if prefix is not None:
        from hutch.ops.conda_activation import prefix_variables

        variables = prefix_variables(variables, prefix)
    for one in (base, environment):
        if one is not None and not one.prefix:
            variables = child_environment(variables, one.root, one.scripts)
    for name in options.env_file:
        variables.update(read_env_file(context, name))
    if prefix is not None:
        from hutch.ops.conda_activation import find_in

        program = find_in(words[0], variables)
    else:
        program = find_program(words[0], variables)
    if program is None:
        from hutch.ops.named_scripts import find_script

        near = _near(words[0], os.path.join(environment.root, environment.scripts))
        named = find_script(context, words[0])
        raise CommandNotFound(words[0], near, named, conda=prefix is not None)
    if base is not None and _is_script_of(program, base):
        # Its first line names the Python below, which does not know of the packages above.
        words, program = [environment.executable, program, *words[1:]], environment.executable
    if prefix is not None:
        from hutch.ops.conda_activation import activating

        program, words = activating(prefix, program, words, variables)
    throw_away = script if script is not None else context
    stay = (script is not None or bool(options.with_packages)) and throw_away.throws_away
    context.becomes_another = throw_away.becomes_another = not stay
    if script is not None and not stay:
        script.close()
    if not stay:
        context.close()
    try:
        return RunOutcome(exit_code=execute(program, words, variables, stay=stay))
    finally:
        if script is not None and stay:
            script.close()


def environment_to_run_in(context: Context, options: RunOptions) -> Environment:
    """The project's environment, or the one that is named, brought up to date as for ``run``."""
    return _environments(context, None, options)[0]


def _environments(
    context: Context, script: ScriptContext | None, options: RunOptions
) -> tuple[Environment, Environment | None]:
    """The environment to run in, and the one below it (with ``--with``)."""
    base: Environment | None = None
    known_lock = ""
    named = _named(context, options) if script is None else None
    if named is not None:
        base = named
    elif script is not None:
        from hutch.ops.throwaway import script_environment

        if options.group or options.only_group or options.all_groups or options.extra or options.all_extras:
            raise UsageProblem("a script with inline metadata has no groups and no extras")
        base = script_environment(script, options)
        known_lock = script.checkout.lock_path
    elif context.root is not None or not options.with_packages:
        base = _environment(context, options)
        known_lock = context.checkout.lock_path
    if not options.with_packages:
        assert base is not None
        return base, None
    from hutch.interpreters import probe_interpreter
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.throwaway import extra_environment

    within = script if script is not None else context
    if base is not None:
        if base.prefix and not os.path.lexists(base.executable):
            raise UsageProblem(
                "--with: the environment has no Python to run packages of an index with",
                hint="hutch add --conda python",
            )
        interpreter = probe_interpreter(base.executable, within.store)
    else:
        interpreter = any_interpreter(context, None)
    return extra_environment(within, options.with_packages, interpreter, base, known_lock), base


def _named(context: Context, options: RunOptions) -> Environment | None:
    """The environment of ``-n``, or that of a ``.python-version`` where there is no project."""
    from hutch.ops.chosen import chosen_environment, pinned_environment, runnable_environment

    if context.named is None:
        pinned = pinned_environment(context) if context.root is None and context.env is None else None
        return runnable_environment(context, pinned) if pinned is not None else None
    chosen = ("group", "no_group", "only_group", "extra", "package")
    switches = ("all_groups", "only_dev", "all_extras", "all_packages", "locked", "frozen")
    if any(getattr(options, name) for name in (*chosen, *switches)):
        raise UsageProblem(
            f"{context.named} has no groups, extras or members, and no lock",
            why="it is an environment with a name, and of no project",
            hint="hutch run --env NAME is for another environment of a project",
        )
    return runnable_environment(context, chosen_environment(context))


def _is_script_of(program: str, base: Environment) -> bool:
    """Is it a script that an installer has put there for the Python of ``base``?"""
    if os.path.dirname(program) != os.path.join(base.root, base.scripts):
        return False
    try:
        with open(program, "rb") as file:
            first = file.readline(4096)
            second = file.readline(4096)
    except OSError:
        return False
    folder = os.fsencode(os.path.join(base.root, base.scripts))
    # A path that is too long for a first line stands in the second one, which a shell reads.
    return first.startswith(b"#!") and (
        folder in first or (first.startswith(b"#!/bin/sh") and folder in second)
    )


def _environment(context: Context, options: RunOptions) -> Environment:
    from hutch.env import lost_packages, open_present, recover
    from hutch.ops.environments import environment_root
    from hutch.ops.healing import healed
    from hutch.ops.occasions import is_pinned

    checkout = context.checkout
    if options.package or options.all_packages:
        from hutch.ops.choosing import focused

        checkout = focused(context, options.package, all_packages=options.all_packages)
    root = environment_root(context, checkout)
    if context.env is not None:
        from hutch.ops.env_selection import refuse_unknown

        refuse_unknown(context, checkout, root)
    if options.sync and not is_pinned(context, root):
        from hutch.ops.sync import SyncOptions, sync

        same = {field.name for field in fields(SyncOptions)}
        chosen = {f.name: getattr(options, f.name) for f in fields(RunOptions) if f.name in same}
        # Running something is no reason to take away what another choice of groups had installed.
        sync(context, SyncOptions(**chosen, inexact=True))
        return open_present(root)
    if not os.path.lexists(root):
        from hutch.ops.problems import NoEnvironment

        raise NoEnvironment(root)
    environment = open_present(root)
    recover(environment, context.emit)
    if environment.prefix:
        from hutch.ops.conda_made import refuse_foreign_prefix

        refuse_foreign_prefix(context, checkout, root)
        return environment
    environment = healed(context, environment)
    lost = lost_packages(root, environment.purelib)
    if lost:
        from hutch.events import Notice

        listed = ", ".join(lost[:3]) + (", ..." if len(lost) > 3 else "")
        text = f"{listed}: what {os.path.basename(root)} links to is gone from the cache"
        context.emit(Notice(f"{text}; hutch sync puts it in anew", warning=True))
    return environment


def _near(command: str, directory: str) -> tuple[str, ...]:
    import difflib

    try:
        names = os.listdir(directory)
    except OSError:
        return ()
    return tuple(difflib.get_close_matches(command, names, n=1, cutoff=0.75))


def read_env_file(context: Context, name: str) -> dict[str, str]:
    """The variables of the file ``name``, from where the user stands."""
    from hutch.ops.checkout import read_text
    from hutch.ops.dotenv import parse_env_file

    return parse_env_file(read_text(context.path(name)), name)
