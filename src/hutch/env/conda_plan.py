"""A change of a prefix as a value: conda packages and distributions, in one plan."""

from __future__ import annotations

from hutch.env.conda_installed import PREFIX
from hutch.env.conda_prefix import PrefixPackage, prefix_packages, python_of
from hutch.env.plan import CondaLink, Link, Noted, Plan, Remove, plan_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from hutch.env.conda_prefix import PythonOfPrefix
    from hutch.env.environment import Environment
    from hutch.env.installed import Installed
    from hutch.env.plan import Reason, Step, Wanted, WantedEditable
    from hutch.spec import CondaRecord, NormalizedName

__all__ = ["plan_conda", "same_record"]


def plan_conda(
    environment: Environment,
    records: Iterable[CondaRecord] | None,
    wheels: Iterable[Wanted | WantedEditable] = (),
    *,
    requested: Mapping[str, tuple[str, ...]] | None = None,
    keep: Collection[str] = frozenset(),
    reinstall: Collection[str] = frozenset(),
    noted: Noted | None = None,
) -> Plan:
    """The steps to a prefix that has just these ``records`` (None: those that it has) and ``wheels``.

    ``environment`` is the prefix as it will be (its Python). ``requested`` are the MatchSpecs of the user by
    name; a name that is not in it keeps what was said before. Distributions in ``keep`` (normalised) stay;
    packages in ``reinstall`` (by either kind's name) are put in anew. Raises `CannotRemove`.
    """
    installed = environment.installed()
    present = {one.record.name: one for one in prefix_packages(environment.root)}
    requested = requested or {}
    steps: list[Step] = []
    respecified: dict[str, tuple[str, ...]] = {}
    unchanged = 0
    if records is None:
        unchanged = len(present)
    else:
        before = python_of([one.record for one in present.values()], windows=environment.windows)
        wanted = {record.name: record for record in records}
        after = python_of(wanted.values(), windows=environment.windows)
        for name in sorted(wanted.keys() | present.keys()):
            old, new = present.get(name), wanted.get(name)
            if old is None and PREFIX + name in installed:
                old = _unreadable(installed[_key(name)], name)
            reason = _reason(old, new, before, after, installed, name, reinstall)
            asked = requested.get(name, old.requested if old is not None else ())
            if reason is None:
                assert old is not None
                unchanged += 1
                if asked != old.requested:
                    respecified[old.where] = asked
                continue
            if old is not None:
                version = installed[_key(name)].version
                steps.append(
                    Remove(name=PREFIX + name, version=version, dist_infos=(old.where,), reason=reason)
                )
            if new is not None:
                steps.append(
                    Link(
                        name=PREFIX + name,
                        version=f"{new.version} {new.build}",
                        wheel=None,
                        requested=bool(asked),
                        reason=reason,
                        conda=CondaLink(record=new, requested=asked),
                    )
                )
    own = {name: one for name, one in installed.items() if not name.startswith(PREFIX)}
    # What lies in the directory of another Python is not there for this one.
    elsewhere = {
        name
        for name, one in own.items()
        if environment.purelib and one.dist_info.rpartition("/")[0] != environment.purelib
    }
    wheels = list(wheels)
    plan = plan_changes(own, wheels, keep=keep, reinstall={*reinstall, *elsewhere})
    steps += plan.steps
    ordered = [step for step in steps if isinstance(step, Remove)]
    return Plan(
        steps=(*ordered, *(step for step in steps if isinstance(step, Link))),
        unchanged=unchanged + plan.unchanged,
        respecified=respecified,
        noted=noted or Noted(),
    )


def _key(name: str) -> NormalizedName:
    from hutch.spec import NormalizedName

    return NormalizedName(PREFIX + name)


def _unreadable(one: Installed, name: str) -> PrefixPackage:
    """A package whose record says nothing: what its name tells is enough to take it out."""
    from hutch.spec import CondaRecord

    version, _, build = one.version.partition(" ")
    return PrefixPackage(record=CondaRecord(name=name, version=version, build=build), where=one.dist_info)


def _reason(
    old: PrefixPackage | None,
    new: CondaRecord | None,
    before: PythonOfPrefix | None,
    after: PythonOfPrefix | None,
    installed: Mapping[NormalizedName, Installed],
    name: str,
    reinstall: Collection[str],
) -> Reason | None:
    if old is None:
        return "new"
    if new is None:
        return "unwanted"
    if not same_record(old.record, new):
        return "changed"
    if not installed[_key(name)].complete:
        return "repaired"
    if name in reinstall or PREFIX + name in reinstall:
        return "reinstalled"
    # Its files lie in the directory of the Python that was, and its commands name that one.
    moved = before is not None and after is not None and before != after
    if moved and new.noarch == "python" and (before.site, before.minor) != (after.site, after.minor):  # type: ignore[union-attr]
        return "changed"
    return None


def same_record(one: CondaRecord, other: CondaRecord) -> bool:
    """Whether both are one package file: by its hash, where both are known, else by what it is called."""
    if (one.name, one.version, one.build, one.subdir) != (
        other.name,
        other.version,
        other.build,
        other.subdir,
    ):
        return False
    if one.sha256 and other.sha256:
        return one.sha256 == other.sha256
    return not (one.md5 and other.md5) or one.md5 == other.md5
