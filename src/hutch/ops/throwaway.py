"""Environments that are thrown away: for scripts with inline metadata, and for ``run --with``.

They are kept in the store by what is in them: the lock of a script, or its requirements and whatever
else decides what is chosen for them, and the interpreter. One that is there is never changed, so
programs may run in it while others are made; ``hutch cache clean`` removes them.
"""

from __future__ import annotations

import os

from hutch.events import Notice
from hutch.ops.checkout import Checkout
from hutch.ops.script import ENVIRONMENTS, ScriptContext
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.ops.selection import SelectionOptions

__all__ = ["extra_environment", "script_environment"]

READY = "throw-away-1"
PATIENCE = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extra(Checkout):
    """The requirements of ``--with``; what ``known_lock`` has is preferred."""

    place: str
    known_lock: str
    below: Interpreter | None = None

    @property
    def interpreter(self) -> Interpreter | None:
        return self.below

    @property
    def name(self) -> str:
        return "--with"

    @property
    def lock_path(self) -> str:
        return self.known_lock

    @property
    def environment(self) -> str:
        return self.place


def script_environment(context: ScriptContext, options: SelectionOptions) -> Environment:
    """The environment of a script.

    A lock beside the script decides, and is brought up to date like a project's; without one the newest
    versions that fit are chosen when the environment is made.
    """
    from hutch.ops.interpreter import project_interpreter
    from hutch.ops.lock import current_inputs
    from hutch.ops.lock_file import NoLock
    from hutch.ops.sync import SyncOptions, current_lock
    from hutch.values import replace

    checkout = context.checkout
    interpreter = project_interpreter(context, checkout)
    lock: Lock | None = None
    if os.path.exists(checkout.lock_path):
        with context.exclusively():
            checkout = context.checkout
            chosen = SyncOptions(locked=options.locked, frozen=options.frozen)
            lock, _ = current_lock(context, checkout, chosen)
        asked = checkout.rendered(lock)
    elif options.locked or options.frozen:
        raise NoLock(checkout.lock_path, checkout.lock_hint)
    else:
        asked = current_inputs(context, checkout)
    key = _key("script", asked, interpreter)

    def placed(place: str) -> Checkout:
        return replace(checkout, place=place)

    return _ready(context, key, interpreter, placed, lock)


def extra_environment(
    context: Context,
    requirements: tuple[str, ...],
    interpreter: Interpreter,
    base: Environment | None,
    known_lock: str = "",
) -> Environment:
    """An environment with ``requirements`` that also sees what ``base`` has.

    The versions of ``known_lock`` (that of ``base``) are preferred, so that both agree where they can.
    """
    from hutch.ops.checkout import read_text
    from hutch.ops.lock import current_inputs
    from hutch.project import parse_script
    from hutch.project.edit import quote
    from hutch.values import replace

    listed = ", ".join(quote(each) for each in requirements)
    manifest = parse_script(f"[project]\ndependencies = [{listed}]\n", filename="--with")
    placed_by_hand = tuple(replace(one, locator=None) for one in manifest.dependencies)
    manifest = replace(manifest, dependencies=placed_by_hand)
    known_lock = known_lock if known_lock and os.path.exists(known_lock) else os.path.join(os.devnull, "none")
    checkout = _Extra(
        root=context.directory,
        text="",
        manifest=manifest,
        place=os.devnull,
        known_lock=known_lock,
        # The Python of a prefix is none that anybody would find or ask for: it is a package of conda.
        below=interpreter if base is not None and base.prefix else None,
    )
    asked = [current_inputs(context, checkout)]
    if base is not None:
        asked += [base.root, read_text(known_lock) if os.path.exists(known_lock) else ""]
    key = _key("with", "\0".join(asked), interpreter)

    def placed(place: str) -> Checkout:
        return replace(checkout, place=place)

    return _ready(context, key, interpreter, placed, None, base=base)


def _key(kind: str, asked: str, interpreter: Interpreter) -> str:
    from hutch.spec import short_sha256

    text = "\0".join((READY, asked, interpreter.base_executable, interpreter.version))
    digest = short_sha256(text.encode("utf-8", "surrogateescape"))
    return f"{kind}-{digest[:24]}"


def _ready(
    context: Context,
    key: str,
    interpreter: Interpreter,
    placed: Callable[[str], Checkout],
    lock: Lock | None,
    *,
    base: Environment | None = None,
) -> Environment:
    """The environment ``key``: as it is, or made from ``lock`` (if None, one for this machine alone)."""
    from hutch.env import create_environment, open_environment
    from hutch.env.state import write_state
    from hutch.lock import NotLockedFor
    from hutch.ops.lock import LockOptions, make_or_read_lock
    from hutch.ops.sync import SyncOptions, sync_lock

    root = os.path.join(context.store.root, ENVIRONMENTS, key)
    if is_ready(root) and not context.configuration.refresh:
        return open_environment(root)

    def waiting(holder: str) -> None:
        context.emit(Notice(f"waiting for {holder or 'another command'}, which makes the same environment"))

    context.store.prepare()
    root = os.path.join(context.store.root, ENVIRONMENTS, key)  # elsewhere, if nothing could be made there
    with context.store.lock(f"env-{key}", timeout=PATIENCE, waiting=waiting):
        ready = is_ready(root) or _is_still_ready(context, root)
        if ready and not context.configuration.refresh:
            return open_environment(root)
        checkout = placed(root)
        if lock is None:
            here = LockOptions(target=(interpreter.target().name,), dry_run=True)
            lock = make_or_read_lock(context, checkout, here).lock
        os.makedirs(os.path.dirname(root), exist_ok=True)
        if not os.path.lexists(root):
            create_environment(root, interpreter, prompt=checkout.name)
        try:
            sync_lock(context, checkout, lock, SyncOptions())
        except NotLockedFor as problem:
            problem.hints = (f"{checkout.lock_hint}, with [tool.hutch] targets that cover this machine",)
            raise
        environment = open_environment(root)
        if base is not None:
            _put_above(environment, base)
        write_state(root, _ready_mark(root))
        return environment


def _ready_mark(root: str) -> tuple[object, ...]:
    """What the state of an environment says that is made to the end: its links lead somewhere as long as
    nothing was taken from the trees of the store, which it lies in itself."""
    from hutch.ops.quick import stamp
    from hutch.store.layout import sentinel

    return READY, stamp(sentinel(os.path.dirname(os.path.dirname(root))))


def is_ready(root: str) -> bool:
    """Was the environment made to the end, and is its Python still there? It counts as used then."""
    from hutch.env.state import read_state, use_state

    python = os.path.join(root, "Scripts", "python.exe") if os.name == "nt" else f"{root}/bin/python"
    if read_state(root) != _ready_mark(root) or not os.path.exists(python):
        return False
    use_state(root)
    return True


def _is_still_ready(context: Context, root: str) -> bool:
    """Was it ready before the machine was started again, or before something was taken from the trees of
    the store, and has it lost nothing since?"""
    from hutch.env import lost_packages, open_environment, recover
    from hutch.env.settling import is_settled
    from hutch.env.state import read_old_state, write_state

    state = read_old_state(root)
    if not isinstance(state, tuple) or state[:1] != (READY,):
        return False
    environment = open_environment(root)
    if recover(environment, context.emit) or lost_packages(root, environment.purelib):
        return False
    write_state(root, _ready_mark(root), settled=is_settled(root))
    return is_ready(root)


def _put_above(environment: Environment, base: Environment) -> None:
    """Let ``environment`` see the packages of ``base`` behind its own, with what their .pth files add."""
    from hutch.ops.checkout import write_text

    below = os.path.join(base.root, base.purelib)
    path = os.path.join(environment.root, environment.purelib, "_hutch_base.pth")
    write_text(path, f"import site; site.addsitedir({below!r})\n")
