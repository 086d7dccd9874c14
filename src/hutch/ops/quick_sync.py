"""A new environment from a lock that was installed before, at a glance: what ``ops.quick`` does for one that
is there.

A sync that made an environment writes down what it came to: the wheels by their digests, and on which files
and variables that depended, by the project. Where all of those are as they were and there is no environment,
the same is installed again without reading manifest, lock or settings: they cannot say anything else. How it
is installed is not short at all: the same plan, the same journal, the same looks at each file (ADR 16).

In every doubt, and wherever anything goes wrong, somebody looks properly: what was made up to then is a new
environment with nothing in it.
"""

from __future__ import annotations

import os

from hutch.ops.quick import current_stamps, find_root, stamps_of, surroundings, value_of_state
from hutch.ops.quick_lock import cache_at_hand
from hutch.ops.quick_venv import PLAIN, is_own, remember_venv, venv_at_once, whose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from hutch.env import Environment, Occasion, Plan
    from hutch.env.link import LinkMode
    from hutch.env.looks import Looks
    from hutch.events import Emit
    from hutch.interpreters import Interpreter
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.store import Bytecode, Store, StoredWheel

    # name, version, sha256 of the wheel, whether the user asked for it, where it came from if no index
    Package: TypeAlias = tuple[str, str, str, bool, dict[str, Any] | None]

__all__ = ["Done", "remember_installation", "sync_at_once"]

KIND = "plans"
# Besides what `surroundings` knows: whether there is to be bytecode.
MORE = ("PYTHONDONTWRITEBYTECODE", "CI")

Done = tuple[str, str, tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]
"""The environment, the version of its Python, what was installed (names with versions), and what is told of
the files that it was taken from: the same as ``SyncOutcome`` has."""


def sync_at_once(
    directory: str,
    environ: Mapping[str, str],
    selection: tuple[object, ...],
    words: tuple[str, ...],
    emit: Emit,
) -> Done | str | None:
    """Make and fill the environment of the project in ``directory``; None where somebody has to look, and its
    path alone where it was made, and somebody else has to fill it."""
    root, cache = find_root(directory), cache_at_hand(environ)
    if root is None or cache is None or os.name == "nt" or environ.get("HUTCH_PROJECT_ENVIRONMENT"):
        return None
    place = os.path.join(root, ".venv")
    said = " ".join(words)
    if os.path.lexists(os.path.join(root, ".python-envs")):
        return None  # it may say that the environment is elsewhere
    if os.path.lexists(place) or not is_own(cache) or not PLAIN.issuperset(said.replace(" ", "")):
        return None
    from hutch.store import Store

    store = Store(cache)
    if not is_own(store.tables.path(KIND, _key(root))):
        return None
    known = store.tables.read(KIND, _key(root))
    if not isinstance(known, tuple) or len(known) != 7 or known[:2] != (whose(root), selection):
        return None
    _, _, known_surroundings, stamps, packages, (tag, compiles), settings = known
    link_mode, generations, clobber, *told = settings
    if known_surroundings != surroundings(environ, MORE) or not current_stamps(stamps):
        return None
    found = _in_store(store, packages, tag)
    if found is None:
        return None
    from hutch.env.looks import Looks, files_of

    # The look at all their files begins now, and goes on while the environment is made.
    stored: Iterable[StoredWheel | Bytecode] = (*found[0].values(), *found[1].values())
    looks = Looks(files for one in stored for files in files_of(one))
    try:
        made = venv_at_once(directory, environ, None)
        if made is None or made[0] != place:
            return None
        from hutch.env import Occasion

        occasion = Occasion(command=said, generations=generations, pinned=False, new=True)
        environment = _filled(place, _plan(packages, *found), occasion, link_mode, clobber, emit, looks)
    finally:
        looks.dismiss()
    if environment is None:
        return place
    from hutch.env.state import write_state
    from hutch.store.roots import register

    register(store.root, place)
    known_now = ((selection, True),)
    value = value_of_state(root, known_now, surroundings(environ), stamps, environment, store.root)
    write_state(place, value, settled=False)  # it has seen no start of the machine yet
    if compiles:
        _compile(store, environ, made[2], tag, [w for name, w in found[0].items() if name not in found[1]])
    taken, passed_over = told
    return place, made[1], tuple((each[0], each[1]) for each in packages), taken, passed_over


def _filled(
    place: str,
    plan: Plan,
    occasion: Occasion,
    link_mode: LinkMode,
    clobber: Iterable[str],
    emit: Emit,
    looks: Looks,
) -> Environment | None:
    """The new environment with all that is planned in it; None if it stays empty: a file of the store is
    damaged, the disk is full, and whoever looks properly heals or tells."""
    from hutch.env import apply_plan, open_environment
    from hutch.errors import Problem

    environment = open_environment(place)
    allowed = frozenset(clobber)
    try:
        apply_plan(
            plan,
            environment,
            link_mode=link_mode,
            allow_clobber=allowed,
            emit=emit,
            occasion=occasion,
            looks=looks,
        )
    except Problem:
        return None
    return environment


def _compile(
    store: Store, environ: Mapping[str, str], python: str, tag: str, missing: Sequence[StoredWheel]
) -> None:
    """Have what has no bytecode compiled by a process that nobody waits for, as ``ops.bytecode`` does."""
    if not missing or 1 in (os.getpid(), os.getppid()):
        return
    from hutch.store.backlog import request, start

    if request(store, python, tag, {wheel.sha256 for wheel in missing}):
        start(store, environ)


def _in_store(
    store: Store, packages: Iterable[Package], tag: str | None
) -> tuple[dict[str, StoredWheel], dict[str, Bytecode]] | None:
    """The wheels, and their bytecode as far as there is any; None if a wheel would have to be fetched."""
    wheels: dict[str, StoredWheel] = {}
    bytecode: dict[str, Bytecode] = {}
    for name, _, sha256, _, _ in packages:
        wheel = store.wheels.find(sha256)
        if wheel is None:
            return None
        wheels[name] = wheel
        compiled = store.bytecode.find(sha256, tag) if tag is not None else None
        if compiled is not None:
            bytecode[name] = compiled
    return wheels, bytecode


def _plan(
    packages: Iterable[Package], wheels: Mapping[str, StoredWheel], bytecode: Mapping[str, Bytecode]
) -> Plan:
    from hutch.env import Link, Plan

    links = (
        Link(name=name, version=version, wheel=wheels[name], requested=requested, direct_url=direct_url)
        for name, version, _, requested, direct_url in packages
    )
    return Plan(steps=tuple(links)).with_bytecode(bytecode)


def remember_installation(
    context: Context,
    checkout: Checkout,
    environment: Environment,
    interpreter: Interpreter,
    selection: tuple[object, ...],
    plan: Plan,
    digests: Mapping[str, str | None],
    began: float,
    told: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    """Write down what a sync has put into a new environment, for the next time that there is none.

    ``plan`` is what was put into it, ``digests`` are the wheels of all, ``told`` is what ``Done`` tells of
    files. Only for a command without flags that had nothing to say, and in a project without anything else
    that lies on this machine than itself.
    """
    configuration = context.configuration
    packages = []
    for one in plan.links:
        sha256 = digests.get(one.name)
        if sha256 is None or one.kept is not None:
            return
        origin = dict(one.direct_url) if one.direct_url is not None else None
        packages.append((str(one.name), str(one.version), sha256, one.requested, origin))
    plain = not (context.flags or context.noticed or checkout.members or checkout.environment)
    if not plain or context.environ.get("HUTCH_PROJECT_ENVIRONMENT") or os.name == "nt":
        return
    if configuration.no_cache or context.store.is_temporary or context.store.layers:
        return
    if environment.root != os.path.join(checkout.root, ".venv") or configuration.checks_content:
        return
    from hutch.ops.planting import link_mode_for
    from hutch.store import bytecode_tag

    mode = link_mode_for(context, environment)
    if mode == "tree":
        return
    compile_mode = configuration.compile
    tag = bytecode_tag(interpreter.cache_tag, interpreter.magic) if compile_mode != "off" else None
    if compile_mode == "now":
        return
    value = (
        whose(checkout.root),
        selection,
        surroundings(context.environ, MORE),
        stamps_of(context, checkout, checkout.root),
        tuple(packages),
        (tag, tag is not None and compile_mode == "background"),
        (mode, configuration.generations, tuple(sorted(configuration.allow_clobber)), *told),
    )
    context.store.tables.write(KIND, _key(checkout.root), value)
    remember_venv(context, interpreter, began)


def _key(root: str) -> str:
    from hutch.spec.digest import short_sha256

    return short_sha256(os.fsencode(root))[:32]
