"""Checks of the environment itself: its Python, its place, whose it is, and which one is active."""

from __future__ import annotations

import os
import shlex

from hutch.errors import some_words
from hutch.ops.checks.values import Fix, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS", "sync_fix", "typed_name"]

_LISTED = 20


def sync_fix(ground: Ground, plan: str, *, key: str = "sync", reinstall: tuple[str, ...] = ()) -> Fix | None:
    """A fix that makes the environment what the lock says; None where there is no lock to go by."""
    if ground.checkout is None or ground.lock is None or ground.context.named is not None:
        return None

    def apply() -> str:
        from hutch.ops.drift import last_options
        from hutch.ops.sync import sync
        from hutch.values import replace

        environment = ground.environment
        options = last_options(environment)
        done = sync(ground.command, replace(options, frozen=True, reinstall_package=reinstall))
        number = sum(map(len, (done.installed, done.removed, done.updated, done.reinstalled)))
        return f"made it what the lock says: {number} package{'s' if number != 1 else ''} changed"

    return Fix(plan=(plan,), apply=apply, key=key, undo="hutch env rollback")


def typed_name(ground: Ground, environment: Environment) -> str:
    """The environment as one types it."""
    relative = os.path.relpath(environment.root, ground.context.directory)
    return environment.root if relative.startswith("..") else relative


@check(
    "cut-off-change",
    "No change of the environment was cut off",
    group="environment",
    severity="error",
    fix_class="safe",
    why="A killed command has left it half as it was and half as it was to be. The next that changes it first"
    " undoes that; what runs in it until then may miss anything.",
)
def cut_off_change(ground: Ground, say: Say) -> None:
    """A journal that is there, though nobody is at work."""
    from hutch.env import recover
    from hutch.env.locking import is_locked

    environment = ground.environment
    if environment is None or not ground.is_cut_off or is_locked(environment.root):
        return

    def apply() -> str:
        recover(environment, ground.command.emit)
        return "undid it"

    say(
        f"a change of {typed_name(ground, environment)} was cut off",
        seen=(os.path.join(environment.root, ".hutch", "journal"),),
        fix=Fix(plan=("undo what was done of it",), apply=apply, key=f"journal {environment.root}"),
    )


# -- its Python -----------------------------------------------------------------------------------------


@check(
    "broken-environment",
    "The Python of the environment is there, and the one that its packages are for",
    group="environment",
    severity="error",
    fix_class="safe",
    why="When a Python is upgraded or removed, the environments made of it lead nowhere: nothing in them"
    " starts, or they have another Python that does not see their packages.",
)
def broken_environment(ground: Ground, say: Say) -> None:
    """A link that leads nowhere, a home that is gone, packages of another minor version."""
    from hutch.ops.mending import broken_python, same_minor, take_python

    environment = ground.environment
    if environment is None or environment.python_outside:
        return
    seen = broken_python(ground.context, environment)
    if not seen:
        if not ground.is_foreign and ground.python is None and (problem := ground.problems.get("python")):
            say(
                f"the Python of {typed_name(ground, environment)} does not work",
                seen=(problem.what, *problem.why),
                commands=_rebuild(ground, environment),
            )
        return
    interpreter = same_minor(ground.context, environment)
    fix: Fix | None = None
    if interpreter is not None:
        known = interpreter

        def apply() -> str:
            return take_python(ground.command, environment, known)

        plan = f"point it to Python {known.version}, {known.base_executable}; its packages stay"
        fix = Fix(plan=(plan,), apply=apply, key=f"python {environment.root}")
    else:
        fix = sync_fix(ground, "make it anew with a Python that is here, as the lock says")
    say(
        f"the Python of {typed_name(ground, environment)} is gone"
        if "which is gone" in seen or "there is no" in seen
        else f"{typed_name(ground, environment)} has another Python than its packages are for",
        seen=(seen,),
        commands=() if fix is not None else _rebuild(ground, environment),
        fix=fix,
    )


def _rebuild(ground: Ground, environment: Environment) -> tuple[str, ...]:
    """What makes it anew by hand, with what is installed."""
    if ground.lock is not None and ground.context.named is None:
        return ("hutch sync",)
    names = [
        f"{one.name}=={one.version}"
        for one in ground.installed.values()
        if one.kind == "dist-info" and not one.editable and one.url is None
    ]
    if ground.context.named is not None:
        return (" ".join(["hutch env create --clear", ground.context.named, *map(shlex.quote, names)]),)
    venv = f"hutch venv --clear {shlex.quote(typed_name(ground, environment))}"
    if not names:
        return (venv,)
    if len(names) > _LISTED:
        return (f"hutch pip freeze > packages.txt; {venv}; hutch pip install -r packages.txt",)
    return (f"{venv} && hutch pip install {' '.join(map(shlex.quote, names))}",)


# -- its place ------------------------------------------------------------------------------------------


@check(
    "moved-environment",
    "The environment is where it was made",
    group="environment",
    severity="error",
    fix_class="safe",
    why="Its commands name the place where it was made: after a move they cannot start, and in a copy they"
    " run in the original.",
)
def moved_environment(ground: Ground, say: Say) -> None:
    """The place in its own texts, and the first lines of its commands."""
    from hutch.env import find_moved
    from hutch.env.repointing import foreign_commands
    from hutch.ops.mending import settle_here

    environment = ground.environment
    if environment is None or environment.python_outside:
        return
    before = find_moved(environment)
    commands = foreign_commands(environment, before)
    if not before and not commands:
        return
    seen = [f"it is {environment.root}"]
    if before:
        seen.append(f"it was made as {before}")
    if commands:
        shown = some_words(commands, 3)
        seen.append(f"commands of another place: {shown}")
    copied = before and os.path.lexists(os.path.join(before, "pyvenv.cfg"))
    how = "is a copy of another" if copied else "was moved" if before else "has commands that cannot start"

    def apply() -> str:
        return settle_here(ground.command, environment)

    say(
        f"{typed_name(ground, environment)} {how}",
        seen=tuple(seen),
        severity=None if commands or not environment.relocatable else "info",
        fix=Fix(
            plan=("write its commands, activation scripts and pyvenv.cfg anew for this place",),
            apply=apply,
            key=f"place {environment.root}",
        ),
    )


# -- whose it is ----------------------------------------------------------------------------------------


@check(
    "committed-environment",
    "No environment is under version control",
    group="environment",
    severity="warning",
    fix_class="ask",
    why="It holds paths and compiled files of one machine: others get thousands of files that do not work for"
    " them, and whoever clones the repository is offered a Python to run.",
)
def committed_environment(ground: Ground, say: Say) -> None:
    """A `pyvenv.cfg` that git knows."""
    root = ground.root or ground.context.directory
    listed = ground.git(root, "ls-files", "-z", "--", "pyvenv.cfg", "*/pyvenv.cfg")
    for path in (listed or "").split("\0"):
        if not path.endswith("pyvenv.cfg") or "/tests/" in f"/{path}":
            continue
        folder = os.path.dirname(path) or "."
        quoted = shlex.quote(folder)
        say(
            f"{folder} is in the repository",
            seen=(os.path.join(root, path), "git ls-files has it"),
            commands=(f"git rm -r -q --cached {quoted}", f"echo '*' > {shlex.quote(folder + '/.gitignore')}"),
            fix=_untracking(ground, root, folder),
        )


def _untracking(ground: Ground, root: str, folder: str) -> Fix | None:
    """Have git forget an environment, and leave it alone from then on; its files stay."""
    place = os.path.normpath(os.path.join(root, folder))
    if folder == "." or os.path.realpath(place) != os.path.join(os.path.realpath(root), folder):
        return None

    def apply() -> str:
        from hutch.errors import Problem
        from hutch.ops.checkout import write_text

        ignore = os.path.join(place, ".gitignore")
        if not os.path.lexists(ignore):
            write_text(ignore, "*\n")
        if ground.git(root, "rm", "-r", "-q", "--cached", "--", folder) is None:
            raise Problem(f"git does not take {folder} out of its index")
        return f"git has forgotten {folder}; its files stay, and the next commit takes them out"

    return Fix(
        plan=(f"take {folder} out of git's index, and write {folder}/.gitignore; its files stay",),
        apply=apply,
        undo=f"git add -f {shlex.quote(folder)}",
    )


# -- is it the right one --------------------------------------------------------------------------------


@check(
    "wrong-python",
    "The environment has a Python that the project admits",
    group="environment",
    severity="warning",
    fix_class="ask",
    why="What runs here is not what the project says it runs with: requirements may differ, and syntax may be"
    " missing.",
)
def wrong_python(ground: Ground, say: Say) -> None:
    """`requires-python` and the nearest pin, beside the version of the environment."""
    from hutch.interpreters import nearest_pin, pin_admits
    from hutch.ops.interpreter import fits
    from hutch.ops.searching import search_options
    from hutch.spec import render_specifiers

    environment, checkout, python = ground.environment, ground.checkout, ground.python
    if environment is None or checkout is None or python is None or ground.context.named is not None:
        return
    seen = ""
    if not fits(python, checkout.requires_python):
        seen = f"the project requires Python {render_specifiers(checkout.requires_python)}"
    elif checkout.manifest.settings.python is None and ground.context.env is None:
        pin = nearest_pin(search_options(ground.context).directory)
        if pin is not None and not pin_admits(pin, python):
            seen = f"{pin.origin} asks for {', '.join(pin.names)}"
    if seen:
        say(
            f"{typed_name(ground, environment)} has Python {python.version}",
            seen=(seen, f"{environment.root}: {python.describe()}"),
            commands=("hutch sync",),
            fix=sync_fix(ground, "make it anew with a Python that fits, as the lock says"),
        )


@check(
    "wrong-environment-active",
    "The environment that is active is the one of the project",
    group="environment",
    severity="warning",
    why="pip, python and editors started from this shell work in the active environment, and not in that of"
    " the project that you stand in.",
)
def wrong_environment_active(ground: Ground, say: Say) -> None:
    """`VIRTUAL_ENV`, `CONDA_PREFIX` and PATH, beside the project."""
    active, conda = ground.environ.get("VIRTUAL_ENV", ""), ground.environ.get("CONDA_PREFIX", "")
    if active and not os.path.isdir(active):
        say(
            "an environment is active that is gone",
            seen=(f"VIRTUAL_ENV={active}, which is not there",),
            commands=("deactivate",),
        )
        return
    if active and ground.environment is not None and ground.checkout is not None:
        root = ground.environment.root
        if os.path.realpath(active) != os.path.realpath(root):
            say(
                "another environment is active than the project's",
                seen=(f"VIRTUAL_ENV={active}", f"the project's is {root}"),
                commands=(
                    "deactivate",
                    f". {shlex.quote(typed_name(ground, ground.environment))}/bin/activate",
                ),
            )
            return
    if not active:
        return
    pythons = ground.on_path("python")
    first = os.path.dirname(pythons[0]) if pythons else ""
    own = os.path.join(active, "Scripts" if os.name == "nt" else "bin")
    if first and os.path.realpath(first) != os.path.realpath(own):
        say(
            "an environment is active, and PATH has another Python before its own",
            seen=(
                f"VIRTUAL_ENV={active}",
                f"python is {pythons[0]}",
                *((f"CONDA_PREFIX={conda}",) if conda else ()),
            ),
            commands=("deactivate, and activate it again", "hutch run COMMAND needs no activation"),
        )


@check(
    "conda-base",
    "The project has an environment of its own, and not the base of conda",
    group="environment",
    severity="warning",
    why="The base environment is what conda itself runs with: packages of a project that are put there can"
    " break conda, and every other project sees them.",
)
def conda_base(ground: Ground, say: Say) -> None:
    """`base` is active, and the project has nothing of its own."""
    environ = ground.environ
    if environ.get("CONDA_DEFAULT_ENV") != "base" or environ.get("VIRTUAL_ENV") or ground.root is None:
        return
    if ground.environment is None:
        say(
            "the base environment of conda is active, and the project has none of its own",
            seen=(f"CONDA_PREFIX={environ.get('CONDA_PREFIX', '')}", f"the project is {ground.root}"),
            commands=("hutch sync", "conda config --set auto_activate_base false"),
        )


CHECKS = (
    cut_off_change,
    broken_environment,
    moved_environment,
    wrong_python,
    wrong_environment_active,
    conda_base,
    committed_environment,
)
