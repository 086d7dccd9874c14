"""``hutch lock --apply N``: make the edit that a conflict proposes, and lock with it."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.events import Notice
from hutch.ops.context import one_at_a_time
from hutch.ops.edits import NothingToApply, write_edits
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.edits import Suggestion
    from hutch.ops.lock import LockOptions
    from hutch.ops.outcomes import LockOutcome
    from hutch.spec import Requirement

__all__ = ["chosen_advice", "lock_with_edit", "tell_edits", "wanted_with"]

ASKER = "this command"


@one_at_a_time
def lock_with_edit(context: Context, options: LockOptions) -> LockOutcome:
    """Solve; where that fails, write advice ``options.apply`` into the manifest, and the lock."""
    from hutch.ops.checkout import write_text
    from hutch.ops.conflicts import Conflict
    from hutch.ops.lock import make_or_read_lock
    from hutch.ops.lock_file import remember_lock

    number = options.apply
    assert number is not None
    options = replace(options, apply=None)
    checkout = context.checkout
    try:
        make_or_read_lock(context, checkout, replace(options, dry_run=True))
    except Conflict as problem:
        suggestion = chosen_advice(problem, number)
    else:
        raise NothingToApply("there is nothing to apply: the requirements can be met", hint="run hutch lock")
    _refuse_translated(checkout)
    if checkout.members:
        edited, texts = _in_members(context, checkout, suggestion)
    else:
        text = write_edits(checkout.text, suggestion.edits)
        edited, texts = checkout.edited(context, text), {checkout.manifest_path: text}
    locked = make_or_read_lock(context, edited, replace(options, dry_run=True))
    tell_edits(context, suggestion, dry_run=options.dry_run)
    if options.dry_run:
        return locked.outcome
    for path, text in texts.items():
        write_text(path, text)
    write_text(checkout.lock_path, locked.text)
    remember_lock(context, locked.text, locked.lock)
    return replace(locked.outcome, dry_run=False, written=True, unchanged=False)


def chosen_advice(problem: Problem, number: int) -> Suggestion:
    """The advice of a conflict by its line; the conflict itself where it gives none."""
    suggestions: tuple[Suggestion, ...] = getattr(problem, "suggestions", ())
    if not suggestions:
        raise problem
    if not 1 <= number <= len(suggestions):
        raise UsageProblem(
            f"--apply {number}: there is no such advice",
            why=tuple(f"{n}: {each.text}" for n, each in enumerate(suggestions, 1)),
        ) from None
    return suggestions[number - 1]


def tell_edits(context: Context, suggestion: Suggestion, *, dry_run: bool) -> None:
    """A line for each change."""
    for edit in suggestion.edits:
        context.emit(Notice(f"{'would change' if dry_run else 'changed'} {edit.done}"))


def wanted_with(
    suggestion: Suggestion, checkout: Checkout, wanted: list[Requirement]
) -> tuple[str, list[Requirement]]:
    """The manifest and the requirements that are to be added to it, both with advice followed: some of it
    is about entries of the file, some about what was typed."""
    from hutch.spec import parse_requirement

    _refuse_translated(checkout)
    entries = []
    for edit in suggestion.edits:
        if ASKER in edit.places:
            if edit.kind not in ("raise", "lower", "marker"):
                raise NothingToApply(f"{edit.text}: then there is nothing to add", hint="take other advice")
            better = parse_requirement(edit.text.strip('"'))
            wanted = [
                replace(one, specifiers=better.specifiers, marker=better.marker or one.marker)
                if one.name == better.name
                else one
                for one in wanted
            ]
            edit = replace(edit, writable=bool(edit.declared))
            if not edit.declared:
                continue
        entries.append(edit)
    own = checkout.own.filename if checkout.members else None
    return write_edits(checkout.text, entries, own), wanted


def _refuse_translated(checkout: Checkout) -> None:
    """A problem where the manifest is another tool's: advice is about entries that PEP 621 has."""
    found = (one for declared in checkout.own.requirements().values() for one in declared)
    if any(one.locator is not None and one.locator.at(one.path) != one.path for one in found):
        from hutch.project import CannotEdit

        why = "it is written for another tool; advice goes into [project] and [dependency-groups] alone"
        raise CannotEdit(checkout.own.filename, "apply advice to", why, "edit it, then run hutch lock")


def _in_members(
    context: Context, checkout: Checkout, suggestion: Suggestion
) -> tuple[Checkout, dict[str, str]]:
    """The workspace with the edits made, and the manifests that they change, by path."""
    from hutch.ops.checkout import MANIFEST

    texts = {
        one.path: write_edits(one.text, suggestion.edits, one.manifest.filename) for one in checkout.members
    }
    changed = {one.path: texts[one.path] for one in checkout.members if texts[one.path] != one.text}
    paths = {
        os.path.normpath(os.path.join(checkout.root, path, MANIFEST)): text for path, text in changed.items()
    }
    return checkout.with_texts(context, changed), paths
