"""The targets of a lock: which they are, and which of them must be served."""

from __future__ import annotations

from hutch.errors import Bug, Problem
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.lock import LockOptions
    from hutch.spec import Specifiers, Target, Targets

__all__ = [
    "GroupLost",
    "named_words",
    "refuse_lost_groups",
    "targets_of",
    "warn_of_uncovered",
]


class GroupLost(Problem):
    """Not one of the targets that a word stands for has a solution."""

    code = "no-target-served"

    def __init__(self, word: str, reasons: tuple[str, ...]) -> None:
        self.word = word
        super().__init__(
            f"no target of `{word}` can be served",
            why=reasons[:5],
            hint="hutch lock --explain-targets tells of each target",
        )


def targets_of(
    named: tuple[str, ...],
    requires_python: Specifiers,
    interpreter: Interpreter,
    pythons: tuple[Specifiers, ...] = (),
) -> tuple[Targets, dict[int, str]]:
    """The targets to lock for, and why some of them must have a solution, by place.

    The machine that locks must, and what is named whole. What a word stands for beside others, and what
    is there by default, is wished for. Of a workspace ``pythons`` are what each of its members admits:
    a default target that suits none of them is left out.
    """
    from hutch.ops.asking import is_part
    from hutch.spec import default_targets, named_targets

    machine = interpreter.target()
    demanded: dict[int, str] = {}
    if named:
        targets, words = named_targets(named, requires_python)
        whole = {target for word in words if word.one for target in word.targets}
        for place, target in enumerate(targets.targets):
            if any(is_part(target, one) for one in whole):
                demanded[place] = "named"
    else:
        targets = default_targets(requires_python, machine)
        if len(pythons) > 1:
            targets = _suiting(targets, pythons)
    mine = targets.index_of(machine)
    if mine is not None:
        demanded.setdefault(mine, "this machine")
    elif not named:
        raise Bug(f"{machine.name} was chosen for the project, and is not among its targets")
    return targets, demanded


def named_words(context: Context, checkout: Checkout, options: LockOptions) -> tuple[str, ...]:
    """The targets that somebody asked for; none means the default ones."""
    return options.target or checkout.manifest.settings.targets or context.configuration.targets


def _suiting(targets: Targets, pythons: tuple[Specifiers, ...]) -> Targets:
    """The targets of which any member admits a patch release."""
    from hutch.spec import Targets, slices

    found = tuple(
        target
        for target in targets.targets
        if any(
            admitted
            for each in pythons
            for _, _, admitted in slices(each, target.python, target.low, target.high)
        )
    )
    return Targets(found) if found else targets


def refuse_lost_groups(lock: Lock, named: tuple[str, ...], dropped: tuple[tuple[str, str], ...]) -> None:
    """``GroupLost`` where nothing is left of what somebody named."""
    from hutch.ops.asking import is_part
    from hutch.spec import parse_target, parse_target_word

    alive = [parse_target(name) for name in lock.targets]
    gone = [(parse_target(name), reason) for name, reason in dropped]
    for text in named:
        word = parse_target_word(text)
        reasons = [r for target, r in gone if any(is_part(target, one) for one in word.targets)]
        if reasons and not any(is_part(target, one) for target in alive for one in word.targets):
            raise GroupLost(text, tuple(dict.fromkeys(reasons)))


def warn_of_uncovered(context: Context, lock: Lock, machine: Target) -> None:
    """Tell that the lock was not proven for this machine, where its markers cannot.

    A C library, its age and free threading are no marker: such a lock can be installed from, and may
    have to build what has no file.
    """
    from hutch.spec import Targets, parse_target, usual_target

    if lock.is_foreign or not lock.targets:
        return
    targets = Targets(tuple(parse_target(name) for name in lock.targets))
    if targets.index_of(machine) is None:
        name = usual_target(machine).name
        text = f"no target of the lock covers this machine ({name}), so nothing is proven for it"
        context.emit(Notice(f"{text}; hutch lock --add-target {name} adds it", warning=True))
