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

    ``environment`` is the root of the environment that it is in ("" for none); ``name`` and ``origin`` are
    the words that were followed, and the file or variable that says them.
    """

    glance: Glance
    by: str
    name: str = ""
    origin: str = ""
    environment: str = ""


def python_here(context: Context, request: str | None = None, *, system: bool = False) -> Here:
    """What is used here, or what ``request`` means. With ``system`` it is in no environment.

    Raises NoInterpreter and its like.
    """
    from hutch.interpreters import NoInterpreter

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
    return Here(glance=choice.glance, by=choice.by, name=choice.name, origin=choice.origin)


def _choice(context: Context, request: str | None) -> Choice:
    from hutch.interpreters import choose_interpreter
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
    found = choose_interpreter(
        asked,
        requires_python=required,
        search=search_options(context, checkout.home if checkout is not None and checkout.members else None),
        store=context.store,
        environ=context.environ,
        origin=origin,
        tell=teller(context),
    )
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
    if not glance.is_virtual or not _fits(context, glance, choice):
        return None
    return Here(glance=glance, by="environment", origin=origin, environment=root)


def _environment_root(context: Context) -> tuple[str, str]:
    checkout = _checkout(context)
    if checkout is not None:
        from hutch.env import open_environment
        from hutch.ops.environments import came_along, environment_root

        try:
            root = open_environment(environment_root(context, checkout)).root
            return ("", "") if came_along(context, root) else (root, root)
        except Problem:
            return "", ""
    active = context.environ.get("VIRTUAL_ENV", "")
    return (active, "VIRTUAL_ENV") if os.path.isabs(active) else ("", "")


def _fits(context: Context, glance: Glance, choice: Choice | None) -> bool:
    """Whether ``hutch run`` would keep an environment with this Python."""
    from hutch.interpreters import nearest_pin, pin_admits
    from hutch.spec import admits

    required = required_here(context)
    if required and not admits(required, glance.version):
        return False
    if context.configuration.python is not None:
        return choice is not None and _alike(glance, choice.glance)
    checkout = _checkout(context)
    if checkout is None:
        # The active environment was chosen by hand; a pin of this directory is no more than a default.
        return True
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
        return "the active environment" if here.origin == "VIRTUAL_ENV" else "the project's environment"
    if here.by == "request":
        return f"{here.origin} says {here.name}" if here.origin else f"`{here.name}` was asked for"
    if here.by == "search":
        return "nothing here asks for another, and it is the best there is"
    return f"{here.origin} says {here.name}"
