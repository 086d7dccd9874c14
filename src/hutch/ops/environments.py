"""The project's environment: where it is, whether it will do, making it."""

from __future__ import annotations

import os

from hutch.events import Notice
from hutch.ops.env_places import VENV, beside, central_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = [
    "came_along",
    "environment_root",
    "first_environment",
    "has_another_python",
    "project_environment",
    "refuse_way_out",
    "usable_environment",
]

LEFT_ALONE = "move it away; hutch deletes nothing that it did not make"
OTHER_PLACE = "set HUTCH_PROJECT_ENVIRONMENT to have the environment in another directory"


def environment_root(context: Context, checkout: Checkout) -> str:
    """Where the environment that is meant is, or will be: the project's first, or beside it (``--env``)."""
    if checkout.environment is not None:
        return checkout.environment
    first = first_environment(context, checkout)
    if context.env is None:
        return first
    from hutch.ops.named import check_env_name

    check_env_name(context.env)
    root = beside(first, context.env)
    refuse_way_out(root)
    return root


def first_environment(context: Context, checkout: Checkout) -> str:
    """The project's environment when nobody names another: what a variable says, the central place where a
    setting or a redirect of our own does, else ``.venv``.

    The quick paths (`ops.quick`) have to come to the same.
    """
    home = checkout.home
    place = context.environ.get("HUTCH_PROJECT_ENVIRONMENT")
    if place:
        return os.path.join(home, place)
    root = os.path.join(home, VENV)
    if context.configuration.environment_place == "central":
        return central_place(context.configuration.data_dir, home)
    if os.path.isdir(root) and not os.path.islink(root):
        return root
    from hutch.ops.redirects import redirected

    central = redirected(context, home)
    if central is None:
        refuse_way_out(root)
    return central or root


def refuse_way_out(root: str) -> None:
    """Refuse a ``.venv`` that is a link to somewhere else: it may have come with the checkout.

    Whoever made it can say so; else a repository could have another project's environment emptied.
    """
    if not os.path.islink(root):
        return
    from hutch.interpreters import lies_in

    if os.path.exists(root) and not lies_in(root, os.path.dirname(root)):
        from hutch.env import NotAnEnvironment

        target = os.path.realpath(root)
        raise NotAnEnvironment(
            root,
            f"it is a link to {target}, which is outside of the project",
            hint=f"if you want that one, set HUTCH_PROJECT_ENVIRONMENT={target}",
        )


def came_along(context: Context, root: str) -> bool:
    """Would asking the Python of the environment at ``root`` what it is start a program of the checkout?"""
    from hutch.env import NotAnEnvironment, open_environment
    from hutch.interpreters import starts_foreign_code
    from hutch.ops.searching import search_options

    name = os.path.basename(root)
    if name != VENV and not name.startswith(f"{VENV}-"):
        return False  # named by the user, or made by hutch in its cache
    try:
        executable = open_environment(root).executable
    except NotAnEnvironment:
        from hutch.ops.conda_made import prefix_came_along

        return prefix_came_along(context, os.path.dirname(root), root)
    return starts_foreign_code(executable, os.path.dirname(root), search_options(context))


def usable_environment(context: Context, root: str) -> Environment | None:
    """The environment at ``root`` if there is one whose interpreter works; None where there is nothing.

    Raises ``NotAnEnvironment`` where something else is there: it is never deleted.
    """
    from hutch.env import NotAnEnvironment, is_prefix, is_unfinished, open_environment
    from hutch.interpreters import BrokenInterpreter, probe_interpreter

    if os.path.lexists(f"{root}.before"):
        from hutch.ops.conda_swap import put_back

        put_back(context, root)
    if is_unfinished(root) or is_prefix(root):
        return None
    try:
        environment = open_environment(root)
        if came_along(context, root):
            return None
        if environment.home and not os.path.isdir(environment.home):
            return None  # it may start all the same, by a link: half of a repair, or of an upgrade
        interpreter = probe_interpreter(environment.executable, context.store)
        if has_another_python(environment, interpreter):
            return None
    except BrokenInterpreter:
        return None
    except NotAnEnvironment as problem:
        problem.hints = (LEFT_ALONE, OTHER_PLACE)
        raise
    return environment


def has_another_python(environment: Environment, interpreter: Interpreter) -> bool:
    """Whether the interpreter that works there now looks for packages where there are none.

    So it is when a link such as ``/opt/homebrew/bin/python3`` leads to the next minor version one day.
    """
    if environment.python_outside or interpreter.layout.purelib == environment.purelib:
        return False
    there = os.path.join(environment.root, environment.purelib)
    return os.path.isdir(there) and not os.path.isdir(
        os.path.join(environment.root, interpreter.layout.purelib)
    )


def project_environment(
    context: Context, checkout: Checkout, interpreter: Interpreter, *, dry_run: bool = False
) -> tuple[Environment | None, bool]:
    """The project's environment with this interpreter, and whether it was (or would be) made.

    One that was moved is put right, and so is one whose Python is gone, where ``interpreter`` is of the same
    kind; else, and where it belongs to another Python, it is made anew. In a dry run nothing is made, and a
    missing one is None.
    """
    from hutch.env import create_environment, find_moved, is_prefix, is_unfinished, recover

    root = environment_root(context, checkout)
    environment = usable_environment(context, root)
    if environment is None and not dry_run and not is_prefix(root):
        environment = _with_python(context, root, interpreter)
    if environment is not None and _same_python(context, environment, interpreter):
        if not dry_run:
            recover(environment, context.emit)
            if find_moved(environment):
                from hutch.ops.healing import heal_place

                environment = heal_place(context, environment)
            if context.configuration.environment_redirect != "none":
                from hutch.ops.redirects import make_known

                make_known(context, checkout, root)
        return environment, environment.root == context.made
    if dry_run:
        return None, True
    if is_prefix(root):
        _refuse_others(root)
    replaces = not is_unfinished(root)
    if replaces:
        context.emit(
            Notice(
                f"making {os.path.basename(root)} anew: {_why_anew(context, root, environment, interpreter)}"
            )
        )
    from hutch.ops.redirects import make_known, make_room

    make_room(context, checkout, root)
    name = f"{checkout.name}-{context.env}" if context.env else checkout.name
    if is_prefix(root):
        from hutch.ops.conda_swap import stepping_aside

        with stepping_aside(context, root):
            made = create_environment(root, interpreter, prompt=name)
    else:
        made = create_environment(root, interpreter, prompt=name, clear=replaces)
    make_known(context, checkout, root)
    from hutch.ops.trust import made_here

    made_here(context.environ, root, context.configuration.data_dir, checkout.home)
    return made, True


def _refuse_others(root: str) -> None:
    """A conda environment that hutch did not make for a project makes no room for a virtual one."""
    from hutch.env import NotAnEnvironment
    from hutch.ops.conda_made import made_for_a_project

    reason = "it is a conda environment, and the project asks conda for nothing"
    if made_for_a_project(root):
        from hutch.ops.conda_owned import of_nobody

        own = of_nobody(root)
        if not own:
            return
        reason = f"it is a conda environment with files that are no package's: {', '.join(own[:4])}"
    problem = NotAnEnvironment(root, reason)
    problem.hints = (LEFT_ALONE, OTHER_PLACE)
    raise problem


def _with_python(context: Context, root: str, interpreter: Interpreter) -> Environment | None:
    """The environment at ``root``, whose Python is gone, with ``interpreter`` instead, if that will do."""
    from hutch.env import is_unfinished, open_environment

    if is_unfinished(root) or came_along(context, root):
        return None
    from hutch.ops.healing import heal_python

    return heal_python(context, open_environment(root), interpreter)


def _same_python(context: Context, environment: Environment, interpreter: Interpreter) -> bool:
    """To the patch release: `project_interpreter` gives that of the environment wherever that will do."""
    from hutch.interpreters import probe_interpreter

    present = probe_interpreter(environment.executable, context.store)
    return (
        present.implementation == interpreter.implementation
        and present.version == interpreter.version
        and present.free_threaded == interpreter.free_threaded
    )


def _why_anew(context: Context, root: str, environment: Environment | None, interpreter: Interpreter) -> str:
    if environment is None and came_along(context, root):
        return "its Python came with the project, and hutch starts no such program unasked"
    if environment is None:
        from hutch.env import is_prefix, open_environment

        if is_prefix(root):
            return "it is a conda environment, and the project asks conda for nothing"
        former = open_environment(root)
        if os.path.exists(former.executable):
            return f"it was made for Python {former.python_version}, and has another one now, or a broken one"
        return "its Python is gone"
    return f"it has Python {environment.python_version}, and the project gets {interpreter.version}"
