"""Which Python is used here, and why: what ``hutch python find``, ``which``, ``list`` and ``pin`` go by.

By what can be known without starting anything (docs/adr/0025). The rules are those by which ``hutch run`` and
``hutch venv`` choose: what was asked for, the project's environment if it fits, pins, global pins, the best.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.interpreter import project_origin, teller
from hutch.ops.searching import search_options
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Choice, Glance
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.spec import Specifiers

__all__ = ["Here", "python_here", "required_here", "reason_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The Python; ``by`` is ``request``, ``environment``, ``pin``, ``global pin`` or ``search``.

    ``environment`` is the root of the environment that it is in ("" for none), ``env`` what it is called if
    it is not the project's first; ``name`` and ``origin`` are the words that were followed, and the file or
    variable that says them.
    """

    glance: Glance
    by: str
    name: str = ""
    origin: str = ""
    environment: str = ""
    of_project: bool = False
    env: str = ""


def python_here(context: Context, request: str | None = None, *, system: bool = False) -> Here:
    """What is used here, or what ``request`` means. With ``system`` it is in no environment.

    Raises NoInterpreter and its like.
    """
    from hutch.interpreters import NoInterpreter

    if context.env is None:
        # These commands have no `--env`; the variable is about plain `python`, too.
        from hutch.ops.shim_tables import is_plain_name

        one = context.environ.get("HUTCH_ENV")
        context.env = one if one and is_plain_name(one) else None
    try:
        choice, failed = _choice(context, request), None
    except NoInterpreter as problem:
        if request is not None or system:
            raise
        choice, failed = None, problem
    if request is None and not system:
        found = _environment(context, choice)
        if found is not None:
            return found
    if failed is not None:
        raise failed
    assert choice is not None
    if choice.environment and not system:
        from hutch.interpreters import look_at

        named = look_at(choice.environment, context.store, environ=context.environ)
        return Here(
            glance=named, by=choice.by, name=choice.name, origin=choice.origin, environment=named.prefix
        )
    return Here(glance=choice.glance, by=choice.by, name=choice.name, origin=choice.origin)


def _choice(context: Context, request: str | None) -> Choice:
    from hutch.interpreters import NoInterpreter, choose_interpreter
    from hutch.values import replace

    checkout = _checkout(context)
    asked, origin, said_by = request, "", ""
    required: Specifiers = ()
    if request is None:
        required = required_here(context)
        asked, origin = context.configuration.python, project_origin(context)
        said_by = context.configuration.origin("python").place if asked is not None else ""
        if asked is None and checkout is not None and checkout.manifest.settings.python is not None:
            asked, origin = checkout.manifest.settings.python, checkout.manifest_path
            said_by = origin
    search = search_options(context, checkout.home if checkout is not None and checkout.members else None)
    try:
        found = choose_interpreter(
            asked,
            requires_python=required,
            search=search,
            store=context.store,
            environ=context.environ,
            origin=origin,
            tell=teller(context),
        )
    except NoInterpreter as problem:
        if said_by.isupper():
            problem.hints = (*problem.hints, f"change {said_by}, which asks for it")
        raise
    return replace(found, origin=said_by) if found.by == "request" else found


def _checkout(context: Context) -> Checkout | None:
    """The project, if there is one that can be read: to look for a Python nobody needs it whole."""
    if context.root is None:
        return None
    try:
        return context.checkout
    except Problem:
        return None


def required_here(context: Context) -> Specifiers:
    """``requires-python`` of the project; () where there is none."""
    checkout = _checkout(context)
    return () if checkout is None else checkout.requires_python


def _environment(context: Context, choice: Choice | None) -> Here | None:
    """The environment that is used here: the project's if it fits, outside of projects the active one."""
    from hutch.interpreters import look_at, python_in

    root, origin = _environment_root(context)
    python = python_in(root) if root else None
    if python is None:
        return None
    try:
        glance = look_at(python, context.store, environ=context.environ)
    except Problem:
        return None
    if not (glance.is_virtual or glance.is_conda) or not _fits(context, glance, choice):
        return None
    project = _checkout(context) is not None
    return Here(
        glance=glance,
        by="environment",
        origin=origin,
        environment=root,
        of_project=project,
        env=context.env or "",
    )


def _environment_root(context: Context) -> tuple[str, str]:
    from hutch.env import open_present
    from hutch.ops.environments import came_along, environment_root

    checkout = _checkout(context)
    if checkout is not None:
        try:
            root = open_present(environment_root(context, checkout)).root
            return ("", "") if came_along(context, root) else (root, root)
        except Problem:
            return "", ""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        active = context.environ.get(name, "")
        if os.path.isabs(active):
            return active, name
    root = _nearest(context.directory)
    try:
        return (root, root) if root and not came_along(context, root) else ("", "")
    except Problem:
        return "", ""


def _nearest(directory: str) -> str:
    """The nearest ``.venv`` from here upwards, which `hutch pip` works on where there is no project."""
    while True:
        root = os.path.join(directory, ".venv")
        if os.path.isfile(os.path.join(root, "pyvenv.cfg")) and not os.path.islink(root):
            return root
        above = os.path.dirname(directory)
        if above == directory:
            return ""
        directory = above


def _fits(context: Context, glance: Glance, choice: Choice | None) -> bool:
    """Whether ``hutch run`` would keep an environment with this Python."""
    from hutch.interpreters import nearest_pin, pin_admits
    from hutch.spec import admits

    required = required_here(context)
    if required and not admits(required, glance.version):
        return False
    checkout = _checkout(context)
    if context.env is not None and checkout is not None:
        from hutch.interpreters import Pin
        from hutch.ops.env_selection import asked_python

        asked = asked_python(context, checkout)
        if asked is not None:
            return pin_admits(Pin(names=(asked[0],), origin=asked[1]), glance)
    if context.configuration.python is not None:
        return choice is not None and _alike(glance, choice.glance)
    if checkout is None:
        # One that is active was chosen by hand; a pin of this directory is no more than a default.
        return choice is None or not choice.environment or bool(context.environ.get("VIRTUAL_ENV"))
    if checkout.manifest.settings.python is not None:
        return True
    pin = nearest_pin(search_options(context, checkout.home if checkout.members else None).directory)
    return pin is None or pin_admits(pin, glance)


def _alike(one: Glance, other: Glance) -> bool:
    return (one.version, one.implementation, one.free_threaded) == (
        other.version,
        other.implementation,
        other.free_threaded,
    )


def reason_of(here: Here) -> str:
    """Why it is this one, in a few words; paths are whole."""
    if here.by == "environment":
        if here.origin in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            return "the active environment"
        if here.of_project and here.env:
            return f"the project's environment {here.env}"
        return "the project's environment" if here.of_project else f"the nearest environment, {here.origin}"
    if here.by == "request":
        return f"{here.origin} says {here.name}" if here.origin else f"`{here.name}` was asked for"
    if here.by == "search":
        return "nothing here asks for another, and it is the best there is"
    return f"{here.origin} says {here.name}"
