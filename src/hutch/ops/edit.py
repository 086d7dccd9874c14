"""An edit of the manifest that is locked and installed, or undone.

The manifest and the lock are written when the solve is done, and put back if the installation
fails: a failed ``add`` leaves the project as it was.
"""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.ops.checkout import Checkout, read_text, write_text
from hutch.ops.lock import LockOptions, make_or_read_lock
from hutch.ops.outcomes import LockOutcome, SyncOutcome
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.project import Declared, Editor, Manifest, ProjectSettings

__all__ = ["EditOptions", "EditOutcome", "apply_edit", "edited_checkout", "where_of", "write_edit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOptions:
    """What ``add`` and ``remove`` have in common: which list, and how far to go."""

    dev: bool = False
    group: str | None = None
    optional: str | None = None
    conda: bool = False
    package: str | None = None
    script: str | None = None
    frozen: bool = False
    sync: bool = True
    link_mode: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOutcome:
    """Where the manifest was edited; nothing is locked or synced where that was not wanted.

    ``manifest`` is its path from the root of the project.
    """

    where: str
    manifest: str = "pyproject.toml"
    script: str | None = None
    lock: LockOutcome | None = None
    sync: SyncOutcome | None = None
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "where": self.where,
            "manifest": self.manifest,
            "script": self.script,
            "lock": self.lock.to_json() if self.lock else None,
            "sync": self.sync.to_json() if self.sync else None,
            "dry_run": self.dry_run,
        }


def edited_checkout(context: Context, options: EditOptions) -> Checkout:
    """The project whose manifest is to be edited: of a workspace, the member that is named or stood in."""
    checkout = context.checkout
    if options.package is not None:
        from hutch.ops.choosing import focused

        checkout = focused(context, (options.package,))
    lists = options.dev or options.group or options.conda  # what conda is asked for there is for all members
    if checkout.members and checkout.own.name is None and not lists:
        names = sorted(one.name for one in checkout.members if one.is_project)
        raise UsageProblem(
            "the root of this workspace is no project, and has no dependencies of its own",
            why=f"members: {', '.join(names) or 'none'}",
            hint=("--package NAME says which member is meant", "--dev is for the group of the root"),
        )
    return checkout


def where_of(options: EditOptions) -> str:
    """``--dev``, ``--group`` and ``--optional`` as a place in the manifest."""
    from hutch.spec import parse_name

    if options.dev:
        return "group:dev"
    if options.group:
        return f"group:{parse_name(options.group)}"
    return f"extra:{parse_name(options.optional)}" if options.optional else "project"


def apply_edit(
    context: Context,
    checkout: Checkout,
    editor: Editor,
    finish: Callable[[Lock], Editor | None],
    *,
    sync: bool,
    dry_run: bool,
    select: str,
    lock_options: LockOptions | None = None,
    keep_lock: bool = True,
) -> tuple[LockOutcome, SyncOutcome | None]:
    """Lock with the manifest as ``editor`` has it, let ``finish`` polish it, write both, and sync.

    ``finish`` sees the lock and may return better texts that ask for the same versions (bounds).
    ``lock_options`` may say what is chosen anew. Without ``keep_lock`` no lock is written.
    """
    from hutch.lock import Lock as LockValue
    from hutch.ops.lock import current_inputs
    from hutch.ops.seen import Seen
    from hutch.ops.sync import SyncOptions, sync_lock

    seen = Seen(checkout.root)
    seen.look(context, checkout)
    edited = _edited(context, checkout, editor)
    locked = make_or_read_lock(context, edited, replace(lock_options or LockOptions(), dry_run=True))
    lock: LockValue = locked.lock
    better = finish(lock)
    if better is not None and better.texts != editor.texts:
        solved_for, edited = edited, _edited(context, checkout, better)
        if lock.inputs:
            lock = replace(lock, inputs=current_inputs(context, edited))
        if lock.conda is not None:
            from hutch.ops.conda_wording import reworded

            conda = reworded(lock.conda, solved_for.manifest, edited.manifest)
            lock = replace(lock, conda=conda)
    outcome = replace(locked.outcome, dry_run=dry_run)
    if dry_run:
        return outcome, None
    old_lock = read_text(checkout.lock_path) if os.path.exists(checkout.lock_path) else None
    new_lock = edited.rendered(lock)
    _refuse_edits(checkout)
    beside = _beside(checkout, edited)
    try:
        if edited.text != checkout.text:
            write_text(checkout.manifest_path, edited.source)
        for path, text in beside.items():
            write_text(path, text[1])
        if keep_lock and new_lock != old_lock:
            write_text(checkout.lock_path, new_lock)
            from hutch.ops.lock_file import remember_lock

            remember_lock(context, new_lock, lock)
            outcome = replace(outcome, written=True, unchanged=False)
        if checkout.foreign is not None:
            if checkout.foreign.path != checkout.lock_path:
                from hutch.events import Notice

                behind, again = checkout.foreign.name, checkout.foreign.format.command
                told = f"{behind} is behind {checkout.own.filename} now: {again} makes it anew"
                context.emit(Notice(f"{told}; hutch goes by pylock.toml from here on"))
            edited = replace(edited, foreign=None)
        if not sync:
            return outcome, None
        seen.renew(checkout.manifest_path, checkout.lock_path)
        kind, _, name = select.partition(":")
        options = SyncOptions()
        if context.env is not None:
            from hutch.ops.env_selection import chosen_options

            options = chosen_options(context, edited, options)
        elsewhere = _environments_with(context, edited, lock, kind, name)
        if elsewhere:
            from hutch.events import Notice

            told = f"what the {kind} {name} has is in the environment{'s' * (len(elsewhere) > 1)}"
            context.emit(Notice(f"{told} {', '.join(elsewhere)}: hutch sync --env {elsewhere[0]}"))
        else:
            options = replace(
                options,
                group=(*options.group, *((name,) if kind == "group" and name in edited.own.groups else ())),
                extra=(*options.extra, *((name,) if kind == "extra" else ())),
            )
        try:
            return outcome, sync_lock(context, edited, lock, options, seen=seen, typed=options)
        except Problem as problem:
            from hutch.events import Notice
            from hutch.lock import NotLockedForPlatform

            # Who writes what a machine with a certain card shall have need not sit at it.
            if not isinstance(problem, NotLockedForPlatform) or not problem.lacking:
                raise
            told = f"written and locked; not installed here, for {problem.why[0]}"
            context.emit(Notice(told, warning=True))
            return outcome, None
    except BaseException:
        if _now(checkout.manifest_path) == edited.source:  # else somebody else has edited it meanwhile
            write_text(checkout.manifest_path, checkout.source)
        if old_lock is not None:
            write_text(checkout.lock_path, old_lock)
        elif keep_lock:
            _remove(checkout.lock_path)
        for path, (before, after) in beside.items():
            if _now(path) == after:
                write_text(path, before) if before is not None else _remove(path)
        raise


def _environments_with(context: Context, checkout: Checkout, lock: Lock, kind: str, name: str) -> list[str]:
    """The declared environments that a group or an extra is for, where the project's first is not.

    They are told of, and not mixed into the first. Where one is named, or none has it, nothing is told.
    """
    if context.env is not None or kind not in ("group", "extra") or name in lock.default_groups:
        return []
    return [
        each
        for each, declared in checkout.manifest.settings.environments.items()
        if name in (declared.extras if kind == "extra" else (*declared.groups, *declared.only_groups))
    ]


def write_edit(context: Context, checkout: Checkout, editor: Editor) -> None:
    """Write what was edited, and nothing else."""
    edited = _edited(context, checkout, editor)
    write_text(checkout.manifest_path, edited.source)
    for path, (_, text) in _beside(checkout, edited).items():
        write_text(path, text)


def _beside(checkout: Checkout, edited: Checkout) -> dict[str, tuple[str | None, str]]:
    """The other files that an edit changes: by path, what they say (None: there is none), what they shall."""
    found = {}
    for name, text in edited.beside.items():
        path = os.path.normpath(os.path.join(checkout.directory, name))
        before = _now(path)
        if text != before:
            found[path] = before, text
    return found


def _refuse_edits(checkout: Checkout) -> None:
    """A problem if the manifest is no longer what was read: an editor saved it while we were at work."""
    if _now(checkout.manifest_path) != checkout.source:
        from hutch.ops.checkout import UnreadableFile

        why = "it was changed by somebody else since this command has read it; it stays as it is now"
        raise UnreadableFile(checkout.manifest_path, "write", why, "run the command again")


def _now(path: str) -> str | None:
    return read_text(path) if os.path.exists(path) else None


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _edited(context: Context, checkout: Checkout, editor: Editor) -> Checkout:
    if not editor.beside and editor.text == checkout.text:
        return checkout
    edited = checkout.edited(context, editor.text, editor.beside)
    if edited.text != checkout.text or editor.beside:
        edited = edited.with_own(_placed_as_before(edited.own, checkout.own))
    return edited


def _placed_as_before(manifest: Manifest, before: Manifest) -> Manifest:
    """The edited manifest, its requirements where the user finds them: the edit may never be written."""
    known = {(where, one.text): one for where, declared in before.requirements().items() for one in declared}

    def placed(where: str, declared: tuple[Declared, ...]) -> tuple[Declared, ...]:
        return tuple(
            known.get((where, one.text)) or replace(one, filename="this command", locator=None)
            for one in declared
        )

    return replace(
        manifest,
        dependencies=placed("project", manifest.dependencies),
        optional_dependencies={
            extra: placed(f"extra:{extra}", declared)
            for extra, declared in manifest.optional_dependencies.items()
        },
        groups={group: placed(f"group:{group}", declared) for group, declared in manifest.groups.items()},
        settings=_settings_as_before(manifest, before),
    )


def _settings_as_before(manifest: Manifest, before: Manifest) -> ProjectSettings:
    """Likewise what conda is asked for."""
    conda = manifest.settings.conda
    if conda is None:
        return manifest.settings
    from hutch.ops.conda_project import place_of

    asked = before.settings.conda.dependencies if before.settings.conda is not None else ()
    known = {each: place_of(before, each) for each in asked}
    placed = tuple(replace(each, place=known.get(each, "this command")) for each in conda.dependencies)
    return replace(manifest.settings, conda=replace(conda, dependencies=placed))
