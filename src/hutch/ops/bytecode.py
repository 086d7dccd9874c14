"""Which bytecode is installed with a wheel, and when it is made: see docs/adr/0019."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.env import DamagedBytecode, Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.store import Bytecode, StoredWheel

__all__ = ["bytecode_for", "discard_bytecode", "sound_bytecode", "start_compiling"]

PATIENCE = 3600.0
"""Seconds that a command compiles at most, when it was asked to."""


def bytecode_for(
    context: Context,
    wheels: Mapping[str, StoredWheel],
    interpreter: Interpreter,
    environment: Environment | None = None,
) -> dict[str, Bytecode]:
    """What is to be linked with the ``wheels`` (by name) into an environment of ``interpreter``.

    What is missing is compiled now, or noted for the end of the command, as the setting ``compile`` says.
    """
    mode = context.configuration.compile
    if environment is not None and environment.python_outside:
        # A folder that is given away gets what was asked for, and nothing of our own accord.
        mode = mode if context.configuration.is_chosen("compile") else "off"
    if mode == "off" or not wheels:
        return {}
    from hutch.store import bytecode_tag

    tag = bytecode_tag(interpreter.cache_tag, interpreter.magic)
    if tag is None:
        return {}
    find = context.store.bytecode.find
    found = {name: find(wheel.sha256, tag) for name, wheel in wheels.items() if _has_modules(wheel)}
    missing = {
        name: wheel
        for name, wheel in wheels.items()
        if (found[name] is None if name in found else not context.store.bytecode.is_there(wheel.sha256, tag))
    }
    if missing and mode == "now":
        _compile(context, missing, interpreter, tag)
        found.update({name: find(wheel.sha256, tag) for name, wheel in missing.items()})
    elif missing and mode == "background":
        context.to_compile.setdefault((interpreter.base_executable, tag), set()).update(
            wheel.sha256 for wheel in missing.values()
        )
    checked = context.configuration.checks_content
    return {
        name: one
        for name, one in found.items()
        if one is not None and not (checked and one.damage(deep=True))
    }


def _has_modules(wheel: StoredWheel) -> bool:
    """Whether modules are put one by one: trees that directories link to have their bytecode in them."""
    return not wheel.links or any(row[0].endswith(".py") for row in wheel.manifest.files)


def sound_bytecode(
    context: Context, wheels: Mapping[str, StoredWheel], interpreter: Interpreter
) -> dict[str, Bytecode]:
    """As `bytecode_for`, without what is damaged: for those who do not try again."""
    known = bytecode_for(context, wheels, interpreter)
    return {name: one for name, one in known.items() if not one.damage()}


def _compile(context: Context, wheels: Mapping[str, StoredWheel], interpreter: Interpreter, tag: str) -> None:
    from hutch.events import Checked, Notice, PhaseEnded, PhaseStarted
    from hutch.store.compiling import compile_wheels

    context.emit(PhaseStarted("compile", len(wheels)))
    outcome = compile_wheels(
        context.store,
        wheels.values(),
        tag,
        [interpreter.base_executable],
        environ=context.environ,
        seconds=PATIENCE,
        step=lambda label: context.emit(Checked(label)),
    )
    context.emit(PhaseEnded("compile"))
    if outcome.stopped:
        context.emit(Notice(f"not all was compiled: {outcome.stopped}", warning=True))


def discard_bytecode(context: Context, damaged: DamagedBytecode, known: dict[str, Bytecode]) -> None:
    """Take what is damaged out of the store, and out of what is going to be linked."""
    from hutch.events import Notice

    for name, version, one in damaged.found:
        context.store.bytecode.discard(one.sha256, one.tag)
        known.pop(name, None)
        context.emit(Notice(f"the store's bytecode of {name} {version} was changed: it is not used"))


def start_compiling(context: Context) -> None:
    """At the end of a command: have another process compile what was missing, and do not wait for it."""
    wanted, context.to_compile = context.to_compile, {}
    # In a step of building an image, and in a container, nothing outlives the first process and its children.
    if context.throws_away or 1 in (os.getpid(), os.getppid()):
        return
    from hutch.store.backlog import request, start

    store = context.store
    # Both: a request that could not be noted is no reason to start anything.
    if [True for (python, tag), wheels in wanted.items() if request(store, python, tag, wheels)]:
        start(store, context.environ, disown=context.becomes_another)
