"""``hutch upgrade``: newer versions within the requirements, and, if asked for, higher bounds."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.ops.checkout import Checkout
from hutch.ops.context import one_at_a_time
from hutch.ops.edit import apply_edit
from hutch.ops.lock import LockOptions
from hutch.ops.lock_file import NoLock, locked_names
from hutch.ops.outcomes import LockOutcome, SyncOutcome
from hutch.ops.script import keeps_lock
from hutch.ops.scripted import for_scripts
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.ops.outcomes import Change
    from hutch.project import Editor

__all__ = ["Raised", "UpgradeOptions", "UpgradeOutcome", "only", "upgrade", "upgrades"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeOptions:
    """The options of ``upgrade``; no ``names`` means everything. Names may be requirements: ``flask<4``.

    ``interactive`` is for the one who asks the user (see ``upgrades``); nothing here reads it.
    """

    names: tuple[str, ...] = ()
    all: bool = False
    interactive: bool = False
    bump: bool = False
    script: str | None = None
    sync: bool = True
    link_mode: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """A requirement whose lower bound was raised, in ``place`` (``pyproject.toml:8``)."""

    place: str
    before: str
    after: str

    def to_json(self) -> dict[str, str]:
        return {"place": self.place, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeOutcome:
    """What ``upgrade`` did, or would do; ``raised`` are the bounds."""

    lock: LockOutcome
    sync: SyncOutcome | None = None
    raised: tuple[Raised, ...] = ()
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "lock": self.lock.to_json(),
            "sync": self.sync.to_json() if self.sync else None,
            "raised": [each.to_json() for each in self.raised],
            "dry_run": self.dry_run,
        }


@for_scripts
@one_at_a_time
def upgrade(context: Context, options: UpgradeOptions) -> UpgradeOutcome:
    """Choose anew for the names (or for everything), write the lock and the bounds, and sync."""
    checkout = context.checkout
    if not keeps_lock(checkout):
        raise NoLock(checkout.lock_path, checkout.lock_hint)
    names = _names(context, checkout, options)
    raised: tuple[Raised, ...] = ()

    def finish(lock: Lock) -> Editor | None:
        nonlocal raised
        if not options.bump:
            return None
        editor, raised = _raise_bounds(checkout, lock, names)
        return editor

    lock_outcome, sync_outcome = apply_edit(
        context,
        checkout,
        checkout.editor_of(checkout.text),
        finish,
        sync=options.sync and options.script is None,
        dry_run=options.dry_run,
        select="project",
        lock_options=LockOptions(upgrade=not names, upgrade_package=options.names),
    )
    return UpgradeOutcome(lock=lock_outcome, sync=sync_outcome, raised=raised, dry_run=options.dry_run)


def upgrades(context: Context, options: UpgradeOptions) -> tuple[Change, ...]:
    """What there is to upgrade: the packages of the lock that would get another version."""
    changes = upgrade(context, replace(options, dry_run=True, bump=False)).lock.changes
    return tuple(change for change in changes if change.before is not None and change.after is not None)


def only(options: UpgradeOptions, names: tuple[str, ...]) -> UpgradeOptions:
    """The options for ``names`` alone, each with the limit that it was given."""
    from hutch.ops.conda_preferences import asked_name

    given = {asked_name(text)[0]: text for text in options.names}
    return replace(options, names=tuple(given.get(name, name) for name in names))


def _names(context: Context, checkout: Checkout, options: UpgradeOptions) -> frozenset[str]:
    """The packages that were named; each has to be in the lock."""
    if not options.names:
        return frozenset()
    if options.all:
        raise UsageProblem("--all and names exclude each other", hint="name packages, or leave the names out")
    from hutch.ops.conda_asked import asks_conda

    known = locked_names(context, checkout)
    if asks_conda(checkout.manifest):
        from hutch.ops.conda_preferences import asked_name, locked_packages
        from hutch.ops.lock_file import read_old_lock

        packages = locked_packages(read_old_lock(context, checkout).lock)
        known |= packages.keys()
        names = frozenset(asked_name(text)[0] for text in options.names)
        names = names.union(packages[name] for name in names if name in packages)
    else:
        from hutch.spec import parse_requirement

        names = frozenset(parse_requirement(text).name for text in options.names)
    if missing := sorted(names - known):
        import difflib

        near = difflib.get_close_matches(missing[0], sorted(known), n=1)
        raise UsageProblem(
            f"{', '.join(missing)}: not in the lock, so there is nothing to upgrade",
            hint=(*(f"did you mean {name}?" for name in near), "hutch tree shows what is there"),
        )
    return names


def _raise_bounds(checkout: Checkout, lock: Lock, names: frozenset[str]) -> tuple[Editor, tuple[Raised, ...]]:
    """The manifest with the versions of ``lock`` as lower bounds, and what that changed."""
    from hutch.project import raise_lower_bound
    from hutch.spec import admits, version_key

    editor, raised = checkout.editor_of(checkout.text), []
    found = checkout.own.requirements().items()
    entries = {one.path: (where, one) for where, declared in found for one in declared}
    for path, (where, one) in entries.items():
        name, specifiers = one.requirement.name, one.requirement.specifiers
        if not path or (names and name not in names):
            continue
        versions = [each.version for each in lock.named(name) if each.version and not each.is_direct]
        admitted = [version for version in versions if admits(specifiers, version)]
        if not admitted:
            continue
        words = raise_lower_bound(one.text, min(admitted, key=version_key))
        if words != one.text:
            editor.reword(one, where, words)
            raised.append(Raised(one.place, one.text, words))
    if lock.conda is not None and checkout.own.settings.conda is not None:
        from hutch.ops.conda_bounds import raise_conda_bounds

        raised += (Raised(*each) for each in raise_conda_bounds(editor, checkout.own, lock.conda, names))
    return editor, tuple(raised)
