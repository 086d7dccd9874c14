"""Which Python a project gets: the one asked for, else one that fits."""

from __future__ import annotations

import os

from hutch.ops.searching import search_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.interpreters import Interpreter
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = ["any_interpreter", "project_interpreter", "project_origin", "teller"]


class _Occupied:
    """Where facts are kept, for somebody with other things to do while an interpreter is asked for them."""

    def __init__(self, context: Context, meanwhile: Callable[[], bool]) -> None:
        self.tables = context.store.tables
        self.meanwhile = meanwhile


def project_interpreter(
    context: Context, checkout: Checkout, meanwhile: Callable[[], bool] | None = None
) -> Interpreter:
    """The interpreter that the project's environment has, or would get.

    What was asked for (``--python``, ``HUTCH_PYTHON``, the configuration, ``.python-version`` and its like)
    comes first; then that of the environment which is there, if it fits; then the best that is found.
    ``meanwhile`` is called while an interpreter has to be waited for, as long as it gives True.
    """
    from hutch.interpreters import probe_interpreter
    from hutch.ops.environments import environment_root, usable_environment

    if checkout.interpreter is not None:
        return checkout.interpreter
    store = context.store if meanwhile is None else _Occupied(context, meanwhile)
    manifest, request = checkout.manifest, context.configuration.python
    origin = project_origin(context)
    if context.env is not None:
        from hutch.ops.env_selection import asked_python

        of_environment = asked_python(context, checkout)
        if of_environment is not None:
            return _for_environment(context, checkout, *of_environment)
    # Who names a Python for a workspace may have one that some of its members do not admit.
    requires_python = checkout.requires_python if request is None else manifest.requires_python
    if request is None:
        environment = usable_environment(context, environment_root(context, checkout))
        if environment is not None:
            found = probe_interpreter(environment.executable, store)
            if fits(found, requires_python) and _is_pinned(context, checkout, found):
                return found
        request, origin = manifest.settings.python, checkout.manifest_path
    elif not origin and os.path.isabs(request) and os.path.isfile(request):
        found = probe_interpreter(request, store)
        if fits(found, requires_python):
            return found
    from hutch.interpreters import NoInterpreter, find_interpreter
    from hutch.ops.pythons.missing import found_or_installed

    try:
        return found_or_installed(
            context,
            lambda: find_interpreter(
                request,
                requires_python=requires_python,
                search=search_options(context, checkout.home if checkout.members else None),
                store=store,
                origin=origin,
                tell=teller(context),
            ),
        )
    except NoInterpreter as problem:
        if manifest.dialects and requires_python and not checkout.members:
            # In another tool's words it is not called requires-python.
            place = f"{manifest.filename}:{manifest.line('project', 'requires-python')}"
            problem.hints = (*problem.hints, f"change the Python that {place} asks for")
        raise


def _for_environment(context: Context, checkout: Checkout, request: str, origin: str) -> Interpreter:
    """The Python that one of the project's other environments is for: the one it has, while that is such."""
    from hutch.interpreters import Pin, find_interpreter, pin_admits, probe_interpreter
    from hutch.ops.environments import environment_root, usable_environment

    environment = usable_environment(context, environment_root(context, checkout))
    if environment is not None:
        found = probe_interpreter(environment.executable, context.store)
        if fits(found, checkout.requires_python) and pin_admits(Pin(names=(request,), origin=origin), found):
            return found
    from hutch.ops.pythons.missing import found_or_installed

    return found_or_installed(
        context,
        lambda: find_interpreter(
            request,
            requires_python=checkout.requires_python,
            search=search_options(context, checkout.home if checkout.members else None),
            store=context.store,
            origin=origin,
            tell=teller(context),
        ),
    )


def _is_pinned(context: Context, checkout: Checkout, interpreter: Interpreter) -> bool:
    """Whether the files that pin a Python, if there are any, mean one like this."""
    if checkout.manifest.settings.python is not None:
        return True
    from hutch.interpreters import nearest_pin, pin_admits

    pin = nearest_pin(search_options(context, checkout.home if checkout.members else None).directory)
    return pin is None or pin_admits(pin, interpreter)


def project_origin(context: Context) -> str:
    """The file of the project that asks for a Python; empty where it is the user who does."""
    origin = context.configuration.origin("python")
    return origin.place if origin.rung == "project" else ""


def any_interpreter(context: Context, request: str | None, *, making: str = "") -> Interpreter:
    """An interpreter outside of any project.

    ``making`` names an environment that there will be in a moment, and that may be pinned already.
    """
    from hutch.interpreters import find_interpreter
    from hutch.ops.pythons.missing import found_or_installed

    return found_or_installed(
        context,
        lambda: find_interpreter(
            request or context.configuration.python,
            requires_python=(),
            search=search_options(context),
            store=context.store,
            origin="" if request else project_origin(context),
            tell=teller(context, making),
        ),
    )


def teller(context: Context, making: str = "") -> Callable[[str], None]:
    """Warns of names in files that are passed over, but for one that there will be in a moment."""
    from hutch.events import Notice

    def tell(text: str) -> None:
        if not making or f" names {making}, " not in text:
            context.emit(Notice(text, warning=True))

    return tell


def fits(interpreter: Interpreter, requires_python: tuple[tuple[str, str], ...]) -> bool:
    """Does the project admit this interpreter?"""
    from hutch.spec import admits

    return not requires_python or admits(requires_python, interpreter.version)
