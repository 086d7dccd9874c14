"""Going back to a generation: a plan like any other, whose files come from what later changes have kept.

What is still installed as it was stays; what is not comes back from `.hutch`, so that no store and no network
is needed; only what somebody else removed has to come from the store.
"""

from __future__ import annotations

import os

from hutch.env.generations import PINNED, Package, Record, read_history
from hutch.env.kept import find_kept
from hutch.env.plan import Link, Plan, Remove
from hutch.env.problems import CannotRestore, NoGeneration
from hutch.env.recording import foreign_steps, packages_now
from hutch.env.records import record_path
from hutch.plain import without_waiting
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hutch.env.environment import Environment
    from hutch.env.generations import Step
    from hutch.env.installed import Installed
    from hutch.env.kept import Kept
    from hutch.store import StoredWheel

__all__ = ["Rollback", "pin", "pinned_generation", "plan_rollback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """A way back to ``target``. ``foreign`` is what somebody else changed since hutch last did."""

    target: Record
    plan: Plan
    foreign: tuple[Step, ...] = ()


def plan_rollback(
    environment: Environment, number: int | None, find: Callable[[str], StoredWheel | None]
) -> Rollback:
    """The plan that makes ``environment`` what it was in the generation ``number``.

    Without a number it is the one before the last; after a rollback, the one before that which was gone back
    to. ``find`` looks for a wheel in the store. Raises `NoGeneration`, `CannotRestore`, `CannotRemove`.
    """
    root = environment.root
    history = read_history(root)
    target = _target(root, history, number)
    later = [record for record in history if record.number > target.number]
    installed = {str(name): one for name, one in environment.installed().items()}
    now = {one.name: one for one in packages_now(root, installed, history[-1])}
    wanted = {one.name: one for one in target.packages}
    if environment.prefix and any(map(_is_of_conda, now)) and not any(map(_is_of_conda, wanted)):
        # Written by a command that saw the packages of indexes alone: of the others it says nothing.
        raise CannotRestore(root, target.number, ("the packages of conda, which it did not look at",))
    removals: list[Remove] = []
    links: list[Link] = []
    lost: list[str] = []
    for name in sorted(wanted.keys() | now.keys()):
        old, present = wanted.get(name), now.get(name)
        if old is not None and present is not None and _is_there(root, old, installed[name]):
            continue
        if present is not None:
            removals.append(_remove(installed[name], name, unwanted=old is None))
        if old is not None:
            link = _link(root, old, later, find, changed=present is not None)
            if link is None:
                lost.append(f"{old.name} {old.version}")
            else:
                links.append(link)
    if lost:
        raise CannotRestore(root, target.number, tuple(lost))
    plan = Plan(steps=(*removals, *links), unchanged=len(wanted) - len(links))
    return Rollback(target=target, plan=plan, foreign=foreign_steps(history[-1], now.values()))


def _is_of_conda(name: str) -> bool:
    return name.startswith("conda:")


def _target(root: str, history: tuple[Record, ...], number: int | None) -> Record:
    numbers = tuple(record.number for record in history)
    if number is None:
        if not history:
            raise NoGeneration(root, None, numbers)
        newest = history[-1]
        # Twice back is two generations back, and not forth again.
        start = newest.restores if newest.restores is not None else newest.number
        state = next((record for record in history if record.number == start), newest)
        earlier = [
            record
            for record in history
            if record.number < start and not _are_same(record.packages, state.packages)
        ]
        if not earlier:
            raise NoGeneration(root, None, numbers)
        return earlier[-1]
    for record in history:
        if record.number == number:
            return record
    raise NoGeneration(root, number, numbers)


def _are_same(one: tuple[Package, ...], other: tuple[Package, ...]) -> bool:
    return len(one) == len(other) and all(
        a.name == b.name and a.is_same(b) for a, b in zip(one, other, strict=True)
    )


def _is_there(root: str, old: Package, present: Installed) -> bool:
    """Whether the very installation is still in its place."""
    if present.dist_info != old.dist_info or present.others or present.kind != "dist-info":
        if present.kind != "conda":
            return present.dist_info == old.dist_info and present.kind != "dist-info"
        if present.dist_info != old.dist_info:
            return False
    if not present.complete or present.record_size != old.size:
        return False
    if not old.digest:
        return True
    from hashlib import sha256

    try:
        with open(os.path.join(root, record_path(root, old.dist_info)), "rb") as file:
            return sha256(file.read()).hexdigest()[:16] == old.digest
    except OSError:
        return False


def _remove(present: Installed, name: str, *, unwanted: bool) -> Remove:
    from hutch.env.plan import removal

    return removal(name, present, "unwanted" if unwanted else "changed")


def _link(
    root: str,
    old: Package,
    later: list[Record],
    find: Callable[[str], StoredWheel | None],
    *,
    changed: bool,
) -> Link | None:
    kept = find_kept(root, later, old)
    wheel = None
    if kept is None or (changed and _lies_partly(root, kept)):
        wheel = find(old.sha256) if old.sha256 else None
    if wheel is None:
        if kept is None:
            return None
        return Link(name=old.name, version=old.version, wheel=None, kept=kept, reason="restored")
    origin: Mapping[str, object] | None = old.direct_url
    return Link(
        name=old.name,
        version=old.version,
        wheel=wheel,
        direct_url=origin,
        requested=old.requested,
        reason="restored",
    )


def _lies_partly(root: str, kept: Kept) -> bool:
    """Whether some of its files are still in their places, from where they go when the package changes.

    So it is where another package was allowed to replace a file of it.
    """
    return any(file.source == os.path.join(root, file.path) for file in kept.files)


def pinned_generation(root: str) -> int | None:
    """The generation that the environment was rolled back to, and stays at; None if it follows its lock."""
    try:
        with open(os.path.join(root, PINNED), "rb", opener=without_waiting) as file:
            text = file.read(32).strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else 0


def pin(root: str, number: int) -> None:
    """Let the environment stay as it is: it is the generation ``number`` already."""
    import contextlib

    from hutch.env.state import forget_state

    path = os.path.join(root, PINNED)
    with contextlib.suppress(OSError):
        forget_state(root)
        with open(path + ".new", "wb") as file:
            file.write(b"%d\n" % number)
        os.replace(path + ".new", path)
