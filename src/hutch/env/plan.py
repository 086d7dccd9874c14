"""A change of an environment as a value: what is removed, what is linked, and why.

Nothing here touches the disk. `plan_changes` compares what is installed with what is wanted; wheels need
not be at hand yet: `Plan.needs` tells which, `Plan.supply` puts them in, and only then `apply_plan` takes it.
"""

from __future__ import annotations

from hutch.env.problems import CannotRemove
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Literal

    from hutch.env.installed import Installed
    from hutch.env.kept import Kept
    from hutch.spec import CondaRecord, NormalizedName
    from hutch.store import Bytecode, StoredConda, StoredWheel

    # Why a step is there: ``changed`` is another version or origin, ``repaired`` a broken installation.
    Reason = Literal["new", "changed", "reinstalled", "repaired", "restored", "unwanted"]

__all__ = [
    "CondaLink",
    "Link",
    "Noted",
    "Plan",
    "Remove",
    "Summary",
    "Wanted",
    "WantedEditable",
    "plan_changes",
    "removal",
    "same_version",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A distribution that shall be in the environment.

    ``wheel`` may be None while planning. ``direct_url`` is the content of `direct_url.json` (PEP 610) for
    what does not come from an index; ``requested`` says that the user named it (PEP 376's REQUESTED).
    """

    name: str
    version: str
    wheel: StoredWheel | None = None
    direct_url: Mapping[str, object] | None = field(default=None, hash=False)
    requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEditable:
    """A project that is worked on in ``directory`` (absolute): its editable wheel and where it came from."""

    name: str
    version: str
    directory: str
    wheel: StoredWheel | None = None
    direct_url: Mapping[str, object] | None = field(default=None, hash=False)
    requested: bool = True

    def origin(self) -> Mapping[str, object]:
        """Its `direct_url.json`."""
        if self.direct_url is not None:
            return self.direct_url
        from pathlib import Path

        return {"url": Path(self.directory).as_uri(), "dir_info": {"editable": True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Take a distribution out. ``dist_infos`` are its directories, relative to the environment."""

    name: str
    version: str
    dist_infos: tuple[str, ...]
    reason: Reason = "unwanted"

    def to_json(self) -> dict[str, object]:
        """For ``--json``."""
        said: dict[str, object] = {
            "action": "remove",
            "name": self.name,
            "version": self.version,
            "reason": self.reason,
        }
        if self.name.startswith("conda:"):
            version, _, build = self.version.partition(" ")
            said |= {"kind": "conda", "name": self.name[6:], "version": version, "build": build}
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaLink:
    """A package of a channel on its way into a prefix: what the channel says of it, what the user asked for
    (MatchSpecs), and the package, which may be None while planning."""

    record: CondaRecord
    requested: tuple[str, ...] = ()
    package: StoredConda | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What the history of a prefix says of a change in conda's own form.

    ``strays`` are files of nobody's (paths in the prefix) that go with it.
    """

    command: str = ""
    update: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    neutered: tuple[str, ...] = ()
    managed: bool = True
    strays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Put the files of a wheel in, or those of an installation that was kept.

    ``bytecode`` is what the store has compiled of the wheel for the Python of the environment.
    """

    name: str
    version: str
    wheel: StoredWheel | None
    kept: Kept | None = None
    bytecode: Bytecode | None = None
    direct_url: Mapping[str, object] | None = field(default=None, hash=False)
    requested: bool = False
    reason: Reason = "new"
    conda: CondaLink | None = None

    def to_json(self) -> dict[str, object]:
        """For ``--json``."""
        said: dict[str, object] = {
            "action": "install",
            "name": self.name,
            "version": self.version,
            "reason": self.reason,
        }
        if self.conda is not None:
            record = self.conda.record
            said |= {"kind": "conda", "name": record.name, "version": record.version, "build": record.build}
            said |= {"subdir": record.subdir, "channel": record.channel, "url": record.url}
            said["sha256"] = record.sha256
        if self.wheel is not None:
            said["sha256"] = self.wheel.sha256
        if self.direct_url is not None:
            said["direct_url"] = dict(self.direct_url)
        return said


Step = Remove | Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A plan in the words of a user: (name, version) added and removed, (name, old, new) changed."""

    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    changed: tuple[tuple[str, str, str], ...]
    reinstalled: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps, removals first, each kind in the order of names; ``unchanged`` distributions stay.

    Of a prefix: ``respecified`` are records (by path) of packages that stay and for which the user has asked
    in other words now, ``noted`` is what conda's own history is told.
    """

    steps: tuple[Step, ...]
    unchanged: int = 0
    respecified: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    noted: Noted | None = None

    def __bool__(self) -> bool:
        return bool(self.steps or self.respecified)

    @property
    def removals(self) -> tuple[Remove, ...]:
        """What goes, the old version of what changes included."""
        return tuple(step for step in self.steps if isinstance(step, Remove))

    @property
    def links(self) -> tuple[Link, ...]:
        """What comes."""
        return tuple(step for step in self.steps if isinstance(step, Link))

    def needs(self) -> tuple[str, ...]:
        """The names (normalised, as in the steps) of links whose wheel is still to be fetched or built."""
        return tuple(step.name for step in self.links if not (step.wheel or step.kept or step.conda))

    def needs_conda(self) -> tuple[CondaRecord, ...]:
        """The records of links whose package is still to be fetched."""
        links = (step.conda for step in self.links if step.kept is None)
        return tuple(each.record for each in links if each is not None and each.package is None)

    def supply_conda(self, packages: Mapping[str, StoredConda]) -> Plan:
        """The same plan with ``packages``, by name, put into the steps of conda packages."""
        steps: list[Step] = []
        for step in self.steps:
            if isinstance(step, Link) and step.conda is not None:
                package = packages.get(step.conda.record.name, step.conda.package)
                step = replace(step, conda=replace(step.conda, package=package))
            steps.append(step)
        return replace(self, steps=tuple(steps))

    def supply(self, wheels: Mapping[str, StoredWheel]) -> Plan:
        """The same plan with ``wheels`` put into the steps of those names."""
        steps = tuple(
            replace(step, wheel=wheels[step.name]) if isinstance(step, Link) and step.name in wheels else step
            for step in self.steps
        )
        return replace(self, steps=steps)

    def with_bytecode(self, bytecode: Mapping[str, Bytecode]) -> Plan:
        """The same plan with ``bytecode`` put into the steps of those names."""
        steps = tuple(
            replace(step, bytecode=bytecode.get(step.name)) if isinstance(step, Link) else step
            for step in self.steps
        )
        return replace(self, steps=steps)

    @property
    def summary(self) -> Summary:
        """What the steps amount to."""
        old = {step.name: step.version for step in self.removals}
        new = {step.name: step.version for step in self.links}
        both = sorted(old.keys() & new.keys())
        return Summary(
            added=tuple((name, new[name]) for name in sorted(new.keys() - old.keys())),
            removed=tuple((name, old[name]) for name in sorted(old.keys() - new.keys())),
            changed=tuple((name, old[name], new[name]) for name in both if old[name] != new[name]),
            reinstalled=tuple((name, new[name]) for name in both if old[name] == new[name]),
        )

    def to_json(self) -> dict[str, object]:
        """For ``--json`` and ``--dry-run``."""
        return {"steps": [step.to_json() for step in self.steps], "unchanged": self.unchanged}


def plan_changes(
    installed: Mapping[NormalizedName, Installed],
    wanted: Iterable[Wanted | WantedEditable],
    *,
    keep: Collection[str] = frozenset(),
    reinstall: Collection[str] = frozenset(),
) -> Plan:
    """The steps from ``installed`` to ``wanted``.

    What is installed and neither wanted nor in ``keep`` is removed. Names in ``reinstall`` are replaced
    though version and origin are right. All names are normalised. Raises `CannotRemove` for what would
    have to be uninstalled and does not say what belongs to it.
    """
    from hutch.spec import normalize

    removals: dict[str, Remove] = {}
    links: dict[str, Link] = {}
    unchanged = 0
    targets = {normalize(one.name): one for one in wanted}
    for name in sorted(targets):
        target = targets[name]
        origin = target.origin() if isinstance(target, WantedEditable) else target.direct_url
        present = installed.get(name)
        reason: Reason = "new"
        if present is not None:
            difference = _difference(present, target.version, origin)
            if difference is None and name not in reinstall:
                unchanged += 1
                continue
            reason = difference or "reinstalled"
            removals[name] = removal(name, present, reason)
        links[name] = Link(
            name=name,
            version=target.version,
            wheel=target.wheel,
            direct_url=origin,
            requested=target.requested,
            reason=reason,
        )
    for name, present in installed.items():
        if name in targets:
            continue
        if name in keep:
            unchanged += 1
            continue
        removals[name] = removal(name, present, "unwanted")
    steps: list[Step] = [removals[name] for name in sorted(removals)]
    steps += [links[name] for name in sorted(links)]
    return Plan(steps=tuple(steps), unchanged=unchanged)


def _difference(present: Installed, version: str, origin: Mapping[str, object] | None) -> Reason | None:
    """Why what is present will not do, or None if it will."""
    if present.kind == "dist-info" and (not present.complete or present.others):
        return "repaired"
    if present.kind != "dist-info" or not same_version(present.version, version):
        return "changed"
    if (present.direct_url or None) != (dict(origin) if origin else None):
        return "changed"
    return None


def same_version(one: str, other: str) -> bool:
    """Whether two spellings are one version (PEP 440)."""
    if one == other:
        return True
    from hutch.spec import InvalidVersion, version_key

    try:
        return version_key(one) == version_key(other)
    except InvalidVersion:  # a version of another century compares by its text
        return False


def removal(name: str, present: Installed, reason: Reason) -> Remove:
    """The step that takes ``present`` out. Raises `CannotRemove`."""
    # Without a RECORD, pip's and our own broken installations may go (their files are replaced or stay
    # behind); what conda or a distribution's package manager put here is theirs (PEP 627).
    # A lost power may have left half of the word, too.
    if present.kind == "conda":
        return Remove(name=name, version=present.version, dist_infos=(present.dist_info,), reason=reason)
    known = any(name.startswith(present.installer) for name in ("hutch", "pip", "uv"))
    foreign = not present.complete and not known
    if present.kind != "dist-info" or foreign:
        raise CannotRemove(name, present.version, present.kind, present.dist_info)
    return Remove(
        name=name, version=present.version, dist_infos=(present.dist_info, *present.others), reason=reason
    )
