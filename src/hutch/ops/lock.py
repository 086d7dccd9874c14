"""``hutch lock``: choose a version of every package for every target, and write them down."""

from __future__ import annotations

import os
import time

from hutch.errors import Problem
from hutch.ops.checkout import LOCK, Checkout, write_text
from hutch.ops.context import one_at_a_time
from hutch.ops.lock_file import NoLock, read_old_lock, recall_lock, remember_lock
from hutch.ops.outcomes import Change, LockOutcome
from hutch.ops.scripted import for_scripts
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.ops.lock_file import OldLock
    from hutch.project import Manifest

__all__ = [
    "LockOptions",
    "LockOutdated",
    "Locked",
    "current_inputs",
    "lock",
    "make_or_read_lock",
]


class LockOutdated(Problem):
    """The lock is not what the manifest asks for, and was not to be changed."""

    code = "lock-outdated"

    def __init__(self, why: str, hint: str = "run hutch lock", *, name: str = LOCK) -> None:
        super().__init__(f"{name} is not up to date", why=why, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOptions:
    """The options of ``lock``; ``upgrade_package`` holds names or requirements."""

    check: bool = False
    upgrade: bool = False
    upgrade_package: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    resolution: str | None = None
    apply: int | None = None
    add_target: tuple[str, ...] = ()
    explain_targets: bool = False
    script: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A lock that is up to date, and how it came to be.

    ``recalled`` are the text of the lock before (None: there was none) and the key of the answer, where it
    was remembered.
    """

    lock: Lock
    text: str
    outcome: LockOutcome
    recalled: tuple[str | None, str] | None = None


@for_scripts
@one_at_a_time
def lock(context: Context, options: LockOptions) -> LockOutcome:
    """Bring the lock up to date; with ``check`` only say whether it is."""
    without_builds = bool(context.configuration.no_build) and not options.check
    context.store.tables.busy = True  # the answer first
    if options.check and context.checkout.foreign is not None:
        return _check_foreign(context, context.checkout)
    if context.checkout.manifest.notes:
        from hutch.ops.notes import tell_warnings

        tell_warnings(context, context.checkout.manifest)
    if context.flags or options != LockOptions():
        return make_or_read_lock(context, context.checkout, options, without_builds=without_builds).outcome
    from hutch.ops.seen import Seen

    seen = Seen(context.root)
    seen.look(context, context.checkout)
    found = make_or_read_lock(context, context.checkout, options, without_builds=without_builds)
    outcome = found.outcome
    if outcome.written:
        _tell_passed_over(context)
    if not context.noticed and seen.unchanged(context.checkout, lock_written=outcome.written):
        from hutch.ops.quick_lock import remember_lock_in_place

        known = remember_lock_in_place(context, context.checkout, outcome.packages, outcome.targets)
        if known and found.recalled is not None:
            from hutch.ops.quick_answer import remember_answer_in_place

            remember_answer_in_place(context, context.checkout, *found.recalled, found.text, outcome)
    return outcome


def _tell_passed_over(context: Context) -> None:
    """Whose words the new lock goes by, where more than one manifest lies here."""
    from hutch.ops.outcomes import told_of_files

    if over := told_of_files(context.checkout).get("passed_over"):
        from hutch.events import Notice

        names = f"{', '.join(over)} {'lies' if len(over) == 1 else 'lie'} here too"
        text = f"made from {context.checkout.file}; {names} (--manifest FILE takes another)"
        context.emit(Notice(text))


def _check_foreign(context: Context, checkout: Checkout) -> LockOutcome:
    """Whether the lock of another tool, which says what is installed here, is up to date by its own rule."""
    from hutch.ops.foreign_reading import read_foreign_lock, refuse_stale

    assert checkout.foreign is not None
    refuse_stale(checkout, context)
    found = read_foreign_lock(context, checkout)
    return LockOutcome(
        path=checkout.foreign.path, packages=len(found.packages), targets=len(found.targets), unchanged=True
    )


def make_or_read_lock(
    context: Context, checkout: Checkout, options: LockOptions, *, without_builds: bool = False
) -> Locked:
    """The lock of the checkout, made anew if it is not up to date, or if it is not ``without_builds`` where
    none are allowed."""
    start = time.monotonic()
    from hutch.ops.adjusting import tell_expired
    from hutch.ops.interpreter import project_interpreter

    tell_expired(context, checkout.manifest)
    if checkout.neighbours:
        from hutch.ops.merged import tell_ignored

        tell_ignored(context, checkout.neighbours)
    old = read_old_lock(context, checkout)
    if old.broken is not None and options.check:
        raise old.broken
    inputs = _inputs(context, checkout, options)
    from hutch.ops.conda_asked import asks_conda

    conda = asks_conda(checkout.manifest)
    fresh = not (options.upgrade or options.upgrade_package or options.explain_targets)
    if without_builds and old.lock is not None:
        from hutch.ops.forbidden import needs_build

        fresh = fresh and not needs_build(context, old.lock)
    answers = None
    same = old.lock is not None and fresh and old.lock.inputs == inputs
    if (
        not same
        and old.broken is None
        and options == LockOptions()
        and not (without_builds or conda or old.seed is not None)
    ):
        from hutch.ops.answers import Answers

        answers = Answers(context, checkout, inputs, old.text)
        if (known := answers.recall()) is not None:
            assert answers.key is not None
            locked = _recalled(context, checkout, old, *known, start)
            return replace(locked, recalled=(old.text, answers.key))
    interpreter = None
    if conda:
        pass  # its Python is a package, too
    elif not options.check and not same:
        from hutch.ops.first_requests import FirstRequests

        ahead = FirstRequests(context, checkout, old)
        interpreter = project_interpreter(context, checkout, ahead)
        ahead.begin()
    else:
        interpreter = project_interpreter(context, checkout)
    from hutch.ops.targets import named_words

    named = named_words(context, checkout, options)
    if same and old.lock is not None and (named or _covers(old.lock, checkout, interpreter)):
        assert old.text is not None
        outcome = LockOutcome(
            path=checkout.lock_path,
            packages=old.lock.count,
            targets=old.lock.places,
            unchanged=True,
            dry_run=options.dry_run,
            seconds=time.monotonic() - start,
        )
        if options.check:
            from hutch.ops.lawful import check_again

            outcome = replace(outcome, evidence=check_again(context, checkout, old.lock))
            _tell_undeclared(context, checkout)
        return Locked(lock=old.lock, text=old.text, outcome=outcome)
    if options.check:
        if old.lock is None:
            raise NoLock(checkout.lock_path, checkout.lock_hint)
        manifest = "a manifest of the workspace" if checkout.members else checkout.manifest.filename
        raise LockOutdated(
            f"{manifest} or the configuration asks for something else than when it was made",
            checkout.lock_hint,
            name=os.path.basename(checkout.lock_path),
        )
    dropped: tuple[tuple[str, str], ...] = ()
    if interpreter is None:
        from hutch.ops.conda_lock import solve_conda_lock

        new = solve_conda_lock(context, checkout, options, old, inputs)
    else:
        from hutch.ops.lock_solve import solve_lock

        new, dropped = solve_lock(context, checkout, options, interpreter, old, inputs)
    if named and dropped:
        from hutch.ops.targets import refuse_lost_groups

        refuse_lost_groups(new, named, dropped)
    if old.broken is not None:
        from hutch.events import Notice

        some = old.versions or old.records
        kept = "; the versions of both sides were kept where they fit" if some else ""
        context.emit(Notice(f"{old.broken.what}, and is made anew{kept}", warning=True))
    if old.seed is not None and not options.upgrade:
        _tell_kept(context, checkout, old.seed, new)
    from hutch.lock import keep_identities

    new = keep_identities(new, old.lock)
    if not options.dry_run:
        _tell_undeclared(context, checkout)
    text = checkout.rendered(new)
    changed = text != old.text
    if changed and not options.dry_run:
        write_text(checkout.lock_path, text)
        remember_lock(context, text, new)
        if answers is not None and interpreter is not None:
            answers.remember(interpreter, text, dropped)
    return Locked(
        lock=new,
        text=text,
        outcome=LockOutcome(
            path=checkout.lock_path,
            packages=new.count,
            targets=new.places,
            changes=_changes(old.lock or old.seed, new),
            dropped=dropped,
            written=changed and not options.dry_run,
            unchanged=not changed,
            dry_run=options.dry_run,
            seconds=time.monotonic() - start,
        ),
    )


def _recalled(
    context: Context,
    checkout: Checkout,
    old: OldLock,
    text: str,
    dropped: tuple[tuple[str, str], ...],
    start: float,
) -> Locked:
    """A lock that was made before, put in its place."""
    from hutch.lock import parse_lock

    lock = recall_lock(context, text)
    if lock is None:
        lock = parse_lock(text, filename=LOCK)
        remember_lock(context, text, lock)
    write_text(checkout.lock_path, text)
    return Locked(
        lock=lock,
        text=text,
        outcome=LockOutcome(
            path=checkout.lock_path,
            packages=lock.count,
            targets=lock.places,
            changes=_changes(old.lock, lock),
            dropped=dropped,
            written=True,
            seconds=time.monotonic() - start,
        ),
    )


def _tell_kept(context: Context, checkout: Checkout, seed: Lock, new: Lock) -> None:
    """How much of what another tool has locked is the same now."""
    from hutch.events import Notice

    assert checkout.seed is not None
    before: dict[str, tuple[str, ...]] = {str(name): found for name, found in seed.preferences().items()}
    after: dict[str, tuple[str, ...]] = {str(name): found for name, found in new.preferences().items()}
    for lock, found in ((seed, before), (new, after)):
        for name, labels in lock.conda.preferences().items() if lock.conda is not None else ():
            found[f"conda:{name}"] = labels
    same = sum(1 for name, versions in before.items() if set(versions) & set(after.get(name, ())))
    gone = sum(1 for name in before if name not in after)
    kept = f"all {same}" if same == len(before) else f"{same} of {len(before)}"
    more = f"; {gone} are not needed on these targets" if gone else ""
    context.emit(Notice(f"kept {kept} versions of {checkout.seed.name}{more}"))


def _tell_undeclared(context: Context, checkout: Checkout) -> None:
    if checkout.members:
        from hutch.ops.imports import tell_undeclared

        tell_undeclared(context, checkout)


def _covers(lock: Lock, checkout: Checkout, interpreter: Interpreter | None) -> bool:
    """Was the lock made for this machine too? One that was not is not up to date here."""
    if interpreter is None:
        from hutch.ops.conda_lock import covers_this_machine

        return covers_this_machine(lock, checkout.manifest)
    from hutch.spec import Targets, parse_target

    machine = interpreter.target()
    return Targets(tuple(parse_target(name) for name in lock.targets)).index_of(machine) is not None


def _inputs(context: Context, checkout: Checkout, options: LockOptions) -> str:
    """The digest of all that the lock depends on, the index's answers excepted.

    The machine is not in it: default targets serve nearly every machine, and two that need targets of
    their own would otherwise lock for each other's sake for ever.
    """
    from hutch.lock import digest_inputs
    from hutch.ops.adjusting import adjustment_inputs
    from hutch.ops.local import computed_digests, local_digests
    from hutch.ops.targets import named_words

    manifest, configuration = checkout.manifest, context.configuration
    settings = manifest.settings
    return digest_inputs(
        requirements={
            where: tuple(declared.requirement for declared in found)
            for where, found in manifest.requirements().items()
        },
        requires_python=manifest.requires_python,
        targets=named_words(context, checkout, options),
        constraints=tuple(declared.requirement for declared in settings.constraints),
        sources={str(name): sources for name, sources in settings.sources.items()},
        name=manifest.name,
        package=manifest.is_package,
        indexes=configuration.indexes,
        resolution=options.resolution or configuration.resolution,
        exclude_newer=configuration.exclude_newer,
        default_groups=manifest.default_groups,
        only_binary=configuration.locked_only_binary,
        no_binary=configuration.locked_no_binary,
        others={
            **({} if configuration.prerelease == "explicit" else {"prerelease": configuration.prerelease}),
            **adjustment_inputs(settings, configuration.build_policy),
            **local_digests(checkout),
            **computed_digests(checkout),
            **_members(checkout),
            **_conda(manifest),
        },
    )


def _members(checkout: Checkout) -> dict[str, str]:
    if not checkout.members:
        return {}
    from hutch.ops.merged import member_inputs

    return member_inputs(checkout.members)


def _conda(manifest: Manifest) -> dict[str, str]:
    """What is asked of conda's channels."""
    from hutch.ops.conda_asked import asks_conda

    if not asks_conda(manifest):
        return {}
    from hutch.ops.conda_project import conda_key

    assert manifest.settings.conda is not None
    return {"conda": conda_key(manifest.settings.conda, manifest.settings.environments)}


def current_inputs(context: Context, checkout: Checkout) -> str:
    """The digest that an up-to-date lock of the checkout has."""
    return _inputs(context, checkout, LockOptions())


def _changes(old: Lock | None, new: Lock) -> tuple[Change, ...]:
    from hutch.lock import diff_locks

    return tuple(
        Change(c.name, ", ".join(c.before) or None, ", ".join(c.after) or None) for c in diff_locks(old, new)
    )
