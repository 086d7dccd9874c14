"""Put packages of a conda prefix in anew, as their records say, and take out what pip has put over them.

The records of `conda-meta` say address and hash: what the store does not have is fetched by them, so no
channel need be asked what it has now. One change, journalled like any other; `hutch env rollback` undoes it.
"""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from hutch.env import Environment, Plan, Wanted
    from hutch.ops.context import Context

__all__ = ["UnreadableRecord", "repair_prefix", "stored_wheels"]


class UnreadableRecord(Problem):
    """What a conda package is cannot be read, so it cannot be put in anew by that."""

    code = "unreadable-record"

    def __init__(self, root: str, names: tuple[str, ...]) -> None:
        super().__init__(
            f"the records of {', '.join(names)} in {root} cannot be read",
            why="they say where the packages came from, and what belongs to them",
            hint="hutch conda install with these names puts them in anew",
        )


def repair_prefix(
    context: Context,
    root: str,
    *,
    anew: Collection[str] = frozenset(),
    gone: Collection[str] = frozenset(),
    strays: Collection[str] = frozenset(),
    wheels: Collection[Wanted] = (),
) -> Plan:
    """Put the conda packages ``anew`` in again, and ``wheels``; distributions in ``gone`` (normalised names)
    and the files ``strays`` of nobody's go. Everything else stays. What was done."""
    from hutch.env import apply_plan, lock_environment
    from hutch.ops.conda_directory import open_present_prefix
    from hutch.ops.conda_fetch import fetch_packages
    from hutch.ops.occasions import note_root, occasion_of

    environment = open_present_prefix(context, root)
    plan = _planned(context, environment, anew, gone, strays, wheels)
    packages = fetch_packages(context, plan.needs_conda())
    damaged = [record for record in plan.needs_conda() if packages[record.name].damage(deep=True)]
    for record in damaged:
        # What is to be whole again is not made of something that is not.
        context.store.conda.discard(packages[record.name].sha256)
    packages |= fetch_packages(context, damaged)
    with lock_environment(environment, emit=context.emit):
        plan = _planned(context, environment, anew, gone, strays, wheels)
        missing = [record for record in plan.needs_conda() if record.name not in packages]
        packages |= fetch_packages(context, missing)
        apply_plan(plan.supply_conda(packages), environment, emit=context.emit, occasion=occasion_of(context))
    note_root(context, environment)
    return plan


def stored_wheels(context: Context, environment: Environment) -> dict[str, Wanted]:
    """The distributions of the prefix that can be put in anew as they are: hutch has put them in, of wheels
    that the store still has."""
    from hutch.env import Wanted
    from hutch.env.generations import read_newest

    newest = read_newest(environment.root)
    found: dict[str, Wanted] = {}
    for one in newest.packages if newest is not None else ():
        if not one.sha256 or one.dist_info.startswith("conda-meta/"):
            continue
        stored = context.store.wheels.find(one.sha256, check=True)
        if stored is not None:
            found[one.name] = Wanted(
                name=one.name,
                version=one.version,
                wheel=stored,
                direct_url=one.direct_url,
                requested=one.requested,
            )
    return found


def _planned(
    context: Context,
    environment: Environment,
    anew: Collection[str],
    gone: Collection[str],
    strays: Collection[str],
    wheels: Collection[Wanted],
) -> Plan:
    from hutch.env import plan_conda, prefix_packages
    from hutch.env.conda_prefix import PREFIX
    from hutch.env.plan import Noted
    from hutch.ops.occasions import said_command

    installed = environment.installed()
    records = [one.record for one in prefix_packages(environment.root)]
    known = {PREFIX + record.name for record in records}
    lost = tuple(
        str(name)[len(PREFIX) :] for name in installed if name.startswith(PREFIX) and name not in known
    )
    if lost:
        raise UnreadableRecord(environment.root, lost)
    again = {one.name for one in wheels}
    keep = {
        name
        for name in installed
        if not name.startswith(PREFIX) and str(name) not in gone and str(name) not in again
    }
    return plan_conda(
        environment,
        records,
        wheels,
        keep=keep,
        reinstall={PREFIX + name for name in anew} | again,
        # Whose the environment is does not change by that: who keeps pip out of it, or not, goes on so.
        noted=Noted(
            command=f"hutch {said_command(context.words)}", managed=False, strays=tuple(sorted(strays))
        ),
    )
