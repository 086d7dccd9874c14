"""``hutch lock --apply N``: make the edit that a conflict proposes, and lock with it."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
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

__all__ = ["lock_with_edit"]


@one_at_a_time
def lock_with_edit(context: Context, options: LockOptions) -> LockOutcome:
    """Solve; where that fails, write advice ``options.apply`` into the manifest, and the lock."""
    from hutch.ops.checkout import write_text
    from hutch.ops.conflicts import Conflict
    from hutch.ops.lock import make_or_read_lock, remember_lock

    number = options.apply
    assert number is not None
    options = replace(options, apply=None)
    checkout = context.checkout
    try:
        make_or_read_lock(context, checkout, replace(options, dry_run=True))
    except Conflict as problem:
        if not problem.suggestions:
            raise
        if not 1 <= number <= len(problem.suggestions):
            raise UsageProblem(
                f"--apply {number}: there is no such advice",
                why=tuple(f"{n}: {each.text}" for n, each in enumerate(problem.suggestions, 1)),
            ) from None
        suggestion = problem.suggestions[number - 1]
    else:
        raise NothingToApply("there is nothing to apply: the requirements can be met", hint="run hutch lock")
    if checkout.members:
        edited, texts = _in_members(context, checkout, suggestion)
    else:
        text = write_edits(checkout.text, suggestion.edits)
        edited, texts = checkout.edited(context, text), {checkout.manifest_path: text}
    locked = make_or_read_lock(context, edited, replace(options, dry_run=True))
    for edit in suggestion.edits:
        context.emit(Notice(f"{'would change' if options.dry_run else 'changed'} {edit.done}"))
    if options.dry_run:
        return locked.outcome
    for path, text in texts.items():
        write_text(path, text)
    write_text(checkout.lock_path, locked.text)
    remember_lock(context, locked.text, locked.lock)
    return replace(locked.outcome, dry_run=False, written=True, unchanged=False)


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
