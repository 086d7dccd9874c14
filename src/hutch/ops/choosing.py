"""Which members of a workspace a command is about, and which of their lists that means."""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem
from hutch.ops.selection import Selection, SelectionOptions, known_name, selection_of_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.interpreters import Interpreter
    from hutch.lock import Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.members import Member

__all__ = [
    "ContradictingMembers",
    "MemberNeedsPython",
    "chosen_members",
    "focused",
    "named_member",
    "no_such_member",
    "refuse_members_apart",
    "select_lists",
    "selection_of",
    "suiting",
    "tell_left_out",
    "without_chosen",
]


class MemberNeedsPython(Problem):
    """A member is asked for that does not admit the Python of the environment."""

    code = "member-needs-python"

    def __init__(self, member: Member, version: str) -> None:
        from hutch.spec import render_specifiers

        wanted = render_specifiers(member.manifest.requires_python)
        super().__init__(
            f"{member.name} does not run on Python {version}",
            why=f"{member.place('project', 'requires-python')} asks for {wanted}",
            hint=(
                f"--python '{wanted}' takes another Python",
                'environments = "member" in [tool.hutch.workspace] gives each member its own environment',
            ),
        )


class ContradictingMembers(Problem):
    """Members, or lists of theirs, are wanted together that the workspace holds apart."""

    code = "contradicting-members"

    def __init__(self, told: list[str], hints: list[str]) -> None:
        names = ", ".join(f"the {each}" for each in told[:-1])
        super().__init__(
            f"{names} and the {told[-1]} cannot be installed together",
            why="the workspace holds them apart: conflicts in [tool.hutch]",
            hint=tuple(hints) or "choose fewer groups and extras at once",
        )


def named_member(checkout: Checkout, name: str) -> Member:
    """The member of that name; a problem where there is none."""
    from hutch.spec import normalize

    normal = normalize(name)
    found = [one for one in checkout.members if one.is_project and one.name == normal]
    if found:
        return found[0]
    if not checkout.members:
        raise UsageProblem(
            f"--package {name}: this project is no workspace",
            hint="[tool.hutch.workspace] with members = [...] makes it one",
        )
    raise no_such_member(name, tuple(one.name for one in checkout.members if one.is_project))


def no_such_member(name: str, names: tuple[str, ...]) -> UsageProblem:
    """A name that no member has."""
    import difflib

    near = difflib.get_close_matches(name.lower(), names, n=1)
    return UsageProblem(
        f"there is no member named {name}",
        why=f"members: {', '.join(sorted(names))}",
        hint=f"did you mean {near[0]}?" if near else (),
    )


def focused(context: Context, names: Iterable[str], *, all_packages: bool = False) -> Checkout:
    """The project, with the one member in focus that is named: for edits, and for the environment that is
    meant. Of several it is the root."""
    checkout = context.checkout
    named = list(dict.fromkeys(names))
    if not checkout.members:
        own = checkout.manifest.name
        from hutch.spec import normalize

        for name in named:
            if own is None or normalize(own) != normalize(name):
                named_member(checkout, name)
        return checkout
    members = [named_member(checkout, name) for name in named]
    if members or all_packages:
        checkout = checkout.at(members[0].path if len(members) == 1 and not all_packages else ".")
        context.checkout = checkout
    return checkout


def chosen_members(checkout: Checkout, options: SelectionOptions) -> tuple[Member, ...]:
    """The members that are meant: those named, all, or the one that the user stands in.

    In a root that is no project itself that is all of them; such a root is a member of its own kind, with
    groups and nothing else.
    """
    if options.package and options.all_packages:
        raise UsageProblem("--package and --all-packages exclude each other", hint="leave one of them out")
    if options.package:
        found = [named_member(checkout, name) for name in options.package]
        return tuple({one.name: one for one in found}.values())
    current = next(one for one in checkout.members if one.manifest is checkout.own)
    whole = current.path == "." and "pdm" in current.manifest.dialects  # PDM installs all from its root
    if options.all_packages or not current.is_project or whole:
        return checkout.members
    return (current,)


def selection_of(
    options: SelectionOptions,
    checkout: Checkout,
    interpreter: Interpreter | None = None,
    lock: Lock | None = None,
) -> Selection:
    """The selection that ``--group``, ``--extra`` and their like describe; unknown names are refused.

    Of a workspace it is that of the members that are meant, and that run on ``interpreter`` if that is given.
    A ``lock`` of another tool says what is installed unasked.
    """
    if not checkout.members:
        return selection_of_project(options, checkout.manifest, lock)
    members = chosen_members(checkout, options)
    if interpreter is not None:
        members, _ = suiting(members, options, interpreter)
    return select_lists(members, options)


def suiting(
    members: tuple[Member, ...], options: SelectionOptions, interpreter: Interpreter
) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """(Those that the interpreter suits, those that have to be left out); a problem for one that is named."""
    from hutch.spec import admits

    good: list[Member] = []
    bad: list[Member] = []
    for one in members:
        specifiers = one.manifest.requires_python
        (good if not specifiers or admits(specifiers, interpreter.version) else bad).append(one)
    if bad and (options.package or not any(one.is_project for one in good)):
        raise MemberNeedsPython(bad[0], interpreter.version)
    return tuple(good), tuple(bad)


def select_lists(members: Iterable[Member], options: SelectionOptions) -> Selection:
    """What ``--group``, ``--extra`` and their like mean for these members; each for those that have it."""
    members = tuple(members)
    excluded = _lists(members, "group", options.no_group)
    only = _lists(members, "group", ("dev",) if options.only_dev else options.only_group)
    if only:
        return _selection(only - excluded)
    chosen = {one.wheres["project"] for one in members if one.is_project}
    chosen |= _lists(members, "group", options.group) | _lists(members, "extra", options.extra)
    for one in members:
        named = one.manifest.groups if options.all_groups else one.manifest.default_groups
        chosen |= {one.wheres[f"group:{name}"] for name in named if options.dev or name != "dev"}
        if options.all_extras:
            chosen |= {one.wheres[f"extra:{name}"] for name in one.manifest.optional_dependencies}
    return _selection(chosen - excluded)


def _lists(members: Iterable[Member], kind: str, names: tuple[str, ...]) -> set[str]:
    from hutch.spec import normalize

    found: set[str] = set()
    for name in names:
        where = f"{kind}:{normalize(name)}"
        here = {one.wheres[where] for one in members if where in one.wheres}
        if not here:
            there = {
                local.partition(":")[2] for one in members for local in one.wheres if local.startswith(kind)
            }
            known_name(kind, name, there)
        found |= here
    return found


def _selection(wheres: Iterable[str]) -> Selection:
    found = sorted(set(wheres))
    return Selection(
        groups=tuple(where[6:] for where in found if where.startswith("group:")),
        extras=tuple(where[6:] for where in found if where.startswith("extra:")),
    )


def tell_left_out(
    context: Context, checkout: Checkout, options: SelectionOptions, interpreter: Interpreter
) -> None:
    """Say which members are not installed because they do not run on this Python."""
    from hutch.events import Notice
    from hutch.spec import render_specifiers

    _, bad = suiting(chosen_members(checkout, options), options, interpreter)
    for one in bad:
        wanted = render_specifiers(one.manifest.requires_python)
        text = f"{one.name} is left out: it needs Python {wanted}, and this is {interpreter.version}"
        context.emit(Notice(text))


def without_chosen(
    packages: tuple[LockedPackage, ...], checkout: Checkout, options: SelectionOptions, *, every: bool
) -> tuple[LockedPackage, ...]:
    """The entries without those of the chosen members themselves, or of ``every`` member."""
    members = checkout.members if every else chosen_members(checkout, options)
    names = {one.name for one in members if one.installs}
    return tuple(one for one in packages if one.directory is None or one.name not in names)


def refuse_members_apart(lock: Lock, checkout: Checkout, selection: Selection) -> None:
    """A problem where lists are chosen together that the lock holds apart, in the words of members."""
    chosen = {f"extra:{name}" for name in selection.extras} | {f"group:{name}" for name in selection.groups}
    for conflict in lock.conflicts:
        if not chosen.issuperset(conflict):
            continue
        told = [checkout.told(where) for where in conflict]
        members = {one.wheres["project"]: one.name for one in checkout.members}
        hints = [f"--package {members[where]}" for where in conflict if where in members]
        raise ContradictingMembers(told, hints)
