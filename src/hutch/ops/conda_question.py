"""One request to conda's channels: platforms as bits, what is asked, and the solver's answer made records."""

from __future__ import annotations

from hutch.conda import CondaProvider, conda_need, is_condition
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from hutch.conda import Channel, Repodata
    from hutch.conda.ahead import Ahead
    from hutch.lock import CondaLock, CondaRoot, CondaTarget, LockedConda
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request, Root
    from hutch.project import CondaPlatform
    from hutch.provide import IndexProvider
    from hutch.provide.joint import JointProvider
    from hutch.solve import Need, Resolution, Versions
    from hutch.spec import CondaRecord, Target, Targets

__all__ = ["CondaAsked", "CondaResolution", "JointPart", "Question", "Side", "asked_first", "asked_needs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaAsked:
    """A MatchSpec that somebody asks for. ``targets`` are names of platforms, none: all; ``place`` is where a
    reader finds it."""

    spec: str
    where: str = "project"
    targets: tuple[str, ...] = ()
    constraint: bool = False
    place: str = "this command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the project says of names that both sides have (``CondaSettings.sides`` and ``map``)."""

    sides: Callable[[str], tuple[str, ...]] | None = None
    map: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaResolution:
    """The records of each target, with what leads to them; ``joint`` is what came from an index."""

    channels: tuple[Channel, ...]
    targets: tuple[CondaTarget, ...]
    roots: tuple[CondaRoot, ...]
    packages: tuple[LockedConda, ...]
    joint: JointPart | None = None

    def records(self, target: str, wheres: frozenset[str] | None = None) -> tuple[CondaRecord, ...]:
        """The records that a target has, by name."""
        found = [each.record for each in self.packages if target in each.targets(wheres)]
        return tuple(sorted(found, key=lambda record: record.name))

    def to_lock(self) -> CondaLock:
        """What a lock says of it."""
        from hutch.lock import CondaLock

        return CondaLock(
            channels=tuple(channel.url for channel in self.channels),
            targets=self.targets,
            roots=self.roots,
            packages=self.packages,
            wheels=self.joint.met if self.joint is not None else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPart:
    """What of a resolution came from an index: the solver's answer and who gave it.

    ``met`` are (name in conda, name on the index) of what records need and versions of the index are.
    """

    resolution: Resolution
    roots: tuple[tuple[Root, tuple[Need, ...]], ...]
    targets: Targets
    provider: JointProvider
    index: IndexProvider
    met: tuple[tuple[str, str], ...] = ()
    reached: Mapping[str, Mapping[tuple[str, int], int]] = field(default_factory=dict)

    def versions(self) -> Iterator[tuple[str, str]]:
        """What was chosen on the index's side: names and versions."""
        from hutch.provide import split_package

        for package, pairs in self.resolution.chosen.items():
            name, extra = split_package(package)
            if extra or name.startswith("conda:"):
                continue
            for _, place in pairs:
                if self.provider.record_at(package, place) is None:
                    at = self.provider.version_at(package, place)
                    yield name, self.index.versions((name,))[name].labels[at]


class Question:
    """One request: platforms as bits, channels, what is asked; and the solver's answer made records again."""

    exclude_newer: str | None = None
    present: Mapping[str, CondaRecord] | None = None
    correct: Callable[[CondaRecord], CondaRecord] | None = None
    lowest = False
    whole: frozenset[str] = frozenset()
    """Lists of which it is told all that they reach, what the project has anyway included."""
    adjust: Callable[[Request], Request] | None = None
    """What the caller adds to the request of an index: sources, limits."""
    builder: Callable[[Target], Builder] | None = None
    """Who builds what has no wheel for a target."""
    ahead: Ahead | None = None
    """Who reads what the solve will ask for."""

    def __init__(
        self,
        context: Context,
        asked: tuple[CondaAsked, ...],
        platforms: Iterable[str | CondaPlatform],
        preferred: Mapping[str, Iterable[str]],
        channels: Iterable[str],
        priority: str | None,
        assumed: Mapping[str, str],
    ) -> None:
        from hutch.ops.channels import channel_priority, channels_of, configured_channels, repodata
        from hutch.spec import channel_is, parse_conda_spec

        self.context = context
        self.asked = asked
        self.preferred = preferred
        self.targets = self._targets(platforms, assumed)
        self.everything = (1 << len(self.targets)) - 1
        names = list(channels) or list(configured_channels(context))
        found = channels_of(context, names)
        self.from_channel: dict[str, str] = {}
        for each in asked:
            spec = parse_conda_spec(each.spec)
            if spec.channel:
                self.from_channel[spec.name] = spec.channel
                if not any(channel_is(spec.channel, channel.url) for channel in found):
                    names.append(spec.channel)
        # Who names a channel for one package asks it for others as well, if behind all others.
        self.channels = channels_of(context, names) if len(names) > len(found) else found
        self.priority = priority or channel_priority(context)
        subdirs = tuple(dict.fromkeys(target.subdir for target in self.targets))
        self.repodata: Repodata = repodata(context, self.channels, subdirs)

    def _targets(
        self, platforms: Iterable[str | CondaPlatform], assumed: Mapping[str, str]
    ) -> tuple[CondaTarget, ...]:
        from hutch.conda import subdir_here
        from hutch.lock import CondaTarget
        from hutch.ops.channels import virtual_packages
        from hutch.project import CondaPlatform

        found = []
        for each in tuple(platforms) or (subdir_here(),):
            platform = CondaPlatform(name=each, subdir=each) if isinstance(each, str) else each
            said = {**assumed, **dict(platform.requirements)}
            # What a project is locked for is not what one of its machines happens to have.
            anywhere = not isinstance(each, str)
            virtual = virtual_packages(self.context, platform.subdir, said, anywhere=anywhere)
            found.append(
                CondaTarget(
                    name=platform.name,
                    subdir=platform.subdir,
                    virtual=tuple((record.name, record.version, record.build) for record in virtual),
                )
            )
        return tuple(found)

    # -- what the solver is told ------------------------------------------------------------------

    @property
    def subdirs(self) -> dict[str, int]:
        """The targets of each subdir."""
        found: dict[str, int] = {}
        for at, target in enumerate(self.targets):
            found[target.subdir] = found.get(target.subdir, 0) | 1 << at
        return found

    def provider(self) -> tuple[Fetching, Callable[[str], Sequence[CondaRecord]]]:
        """Who answers for the channels, and what these have of a name."""
        from hutch.conda import Offer, Sorter
        from hutch.ops.channels import disallowed_packages
        from hutch.spec import CondaRecord

        masks = self.subdirs
        moment = _milliseconds(self.exclude_newer) if self.exclude_newer else None
        offer = Offer(
            self.repodata.records,
            masks,
            priority=self.priority,
            exclude_newer=moment,
            from_channel=self.from_channel,
            disallowed=disallowed_packages(self.context),
            present=self.present,
            correct=self.correct,
        )
        rows: dict[tuple[str, str, str], int] = {}
        for at, target in enumerate(self.targets):
            for row in target.virtual:
                rows[row] = rows.get(row, 0) | 1 << at
        provider = Fetching(
            self.repodata,
            offer.records,
            masks,
            [(CondaRecord(name=n, version=v, build=b), mask) for (n, v, b), mask in rows.items()],
            preferred=self.preferred,
            sort=Sorter(
                offer.records,
                rank_of=offer.rank if self.priority == "flexible" else None,
                lowest=(lambda name: True) if self.lowest else None,
            ).sort,
            mask_of=offer.mask,
        )
        return provider, offer.records

    def mask(self, asked: CondaAsked) -> int:
        """The targets that a MatchSpec is asked for on."""
        if not asked.targets:
            return self.everything
        return sum(1 << at for at, target in enumerate(self.targets) if target.name in asked.targets)

    def read_ahead(self, provider: Fetching) -> None:
        """Have another process read what the solve will ask for, where that is worth it."""
        self.context.wait_for_helpers()  # what one of an earlier solve keeps is at hand for this one
        if self.correct is not None:
            return  # which remembers here what it has corrected
        from hutch.conda.ahead import Ahead, is_worth_it
        from hutch.spec import parse_conda_spec

        if not is_worth_it(self.repodata):
            return
        names = asked_first(parse_conda_spec(each.spec).name for each in self.asked if not each.constraint)
        try:
            provider.ahead = self.ahead = Ahead(provider, self.repodata, names)
        except OSError:
            pass  # no more processes for this user, or no descriptors

    def leave(self) -> None:
        """Keep what was read, and send home who has read ahead; nobody waits for that before the end."""
        self.repodata.keep()
        if self.ahead is not None:
            self.ahead.dismiss()
            self.context.helpers.append(self.ahead)
            if self.context.becomes_another:
                self.context.wait_for_helpers()

    def refuse_unknown(self, provider: Fetching, records_of: Callable[[str], Sequence[CondaRecord]]) -> None:
        """`NoSuchCondaPackage` for the first name that nobody has, which is simpler than a conflict."""
        from hutch.spec import parse_conda_spec

        named = [(parse_conda_spec(each.spec).name, each) for each in self.asked if not each.constraint]
        provider.prepare(dict.fromkeys(name for name, _ in named if not name.startswith("__")))
        for name, each in named:
            if name.startswith("__") or provider.has(name) or records_of(name):
                continue
            from hutch.conda import subdir_here
            from hutch.ops.conda_elsewhere import hints_for
            from hutch.ops.conda_problems import NoneThatCounts, NoSuchCondaPackage

            rows = [row for found in self.repodata.records(name).values() for row in found]
            if rows:
                from hutch.ops.conda_phrases import for_platforms, manifest_of

                manifest = manifest_of(self.context) if ":" in each.place else None
                having = dict.fromkeys(row.subdir for row in rows if row.subdir not in self.subdirs)
                hint = f"ask for it where it is: {for_platforms(manifest, name, having)}" if manifest else ""
                raise NoneThatCounts(name, each.place, rows, self.subdirs, self.exclude_newer, hint)
            folders = all(channel.folder is not None for channel in self.channels)
            hints = hints_for(self.context, name, self.repodata.names(), folders=folders)
            channels = [channel.name for channel in self.channels]
            others = () if subdir_here() in self.subdirs else tuple(self.subdirs)
            raise NoSuchCondaPackage(name, each.place, channels, hints=hints, subdirs=others)

    def solve_alone(self) -> CondaResolution:
        """The answer where nothing but conda is asked."""
        provider, records_of = self.provider()
        self.read_ahead(provider)
        from hutch.provide import drive
        from hutch.solve import Options, Unsolvable, solve

        self.refuse_unknown(provider, records_of)
        needs = [
            (each, need)
            for each in self.asked
            if (mask := self.mask(each))
            for need in asked_needs(provider, each, mask)
        ]
        names = (need.package for each, need in needs if not each.constraint)
        first = asked_first(name for name in names if not is_condition(name))
        options = Options(targets=self.everything, demanded=self.everything, lowest=self.lowest, first=first)
        try:
            resolution = drive(solve([need for _, need in needs], options, emit=self.context.emit), provider)
        except Unsolvable as problem:
            from hutch.ops.conda_conflicts import conda_conflict

            raise conda_conflict(problem, self) from None
        return self.resolution(resolution, needs, provider.record_at)

    # -- the answer ---------------------------------------------------------------------------------

    def resolution(
        self,
        resolution: Resolution,
        needs: Sequence[tuple[CondaAsked, Need]],
        record_at: Callable[[str, int], CondaRecord | None],
    ) -> CondaResolution:
        """The chosen records with what leads to each."""
        from hutch.solve import reach

        by_where: dict[str, list[Need]] = {}
        for each, need in needs:
            by_where.setdefault(each.where, []).append(need)
        reached = {where: reach(resolution, found) for where, found in sorted(by_where.items())}
        return CondaResolution(
            channels=self.channels,
            targets=self.targets,
            roots=self.roots(),
            packages=self.packages(reached, record_at),
        )

    def packages(
        self,
        reached: Mapping[str, Mapping[tuple[str, int], int]],
        record_at: Callable[[str, int], CondaRecord | None],
    ) -> tuple[LockedConda, ...]:
        """The records that are reached from each list; what the project has anyway no list adds."""
        from hutch.lock import LockedConda

        found: dict[tuple[str, str, str], tuple[CondaRecord, dict[str, int]]] = {}
        for where, keys in reached.items():
            for (name, place), mask in keys.items():
                if name.removeprefix("conda:").startswith("__") or is_condition(name):
                    continue
                record = record_at(name, place)
                if record is not None:
                    key = (record.channel, record.subdir, record.filename)
                    masks = found.setdefault(key, (record, {}))[1]
                    masks[where] = masks.get(where, 0) | mask
        packages = []
        for record, masks in found.values():
            own = masks.get("project", 0)
            masks = {
                where: mask if where == "project" or where in self.whole else mask & ~own
                for where, mask in masks.items()
            }
            said = tuple((where, self.names(mask)) for where, mask in sorted(masks.items()) if mask)
            packages.append(LockedConda(record=record, reached=said))
        packages.sort(key=lambda each: (each.record.name, each.record.subdir, each.record.label))
        return tuple(packages)

    def roots(self) -> tuple[CondaRoot, ...]:
        """What was asked for, as a lock has it."""
        from hutch.lock import CondaRoot

        return tuple(
            CondaRoot(spec=each.spec, where=each.where, targets=each.targets)
            for each in self.asked
            if not each.constraint
        )

    def names(self, mask: int) -> tuple[str, ...]:
        """The targets of a mask."""
        return tuple(sorted(target.name for at, target in enumerate(self.targets) if mask >> at & 1))

    def where(self, mask: int) -> str:
        """The targets of a mask in a sentence; empty where it is all of them."""
        if not self.everything & ~mask:
            return ""
        return ", ".join(self.names(mask))


class Fetching(CondaProvider):
    """Answers for channels; names that are asked for together are fetched together."""

    def __init__(self, repodata: Repodata, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._repodata = repodata
        self.ahead: Ahead | None = None

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        names = (name.partition("[")[0] for name in packages if not name.startswith(("__", "?")))
        self.prepare(dict.fromkeys(names))
        return super().versions(packages)

    def prepare(self, names: Iterable[str]) -> None:
        """Have what channels say of ``names`` at hand."""
        if self.ahead is None:
            self._repodata.want(names)
            return
        from hutch.conda.ahead import needed

        ahead, left = self.ahead, [name for name in names if name not in self.candidates]
        if len(left) > 1:
            ahead.tell(wanted=left)  # from the last on, while the first is read here
        for name in left:
            ready = ahead.take(name)
            if ready is not None:
                self.take(name, *ready)
            else:
                ahead.tell(read_here=(name,))
                self._repodata.want((name,))
                ahead.tell(needed=needed(self.candidates_of(name)))

    def has(self, name: str) -> bool:
        """Whether it is known that there are records of ``name``."""
        return name in self.candidates and bool(self.candidates[name].records)

    def record_at(self, name: str, place: int) -> CondaRecord:
        """Which record a choice is."""
        return self.candidates_of(name).records[place]


def asked_needs(provider: CondaProvider, asked: CondaAsked, mask: int) -> list[Need]:
    """What is asked for as needs of the solver."""
    if asked.constraint:
        return [conda_need(asked.spec, mask, constraint=True, origin=asked)]
    return provider.needs(asked.spec, mask, origin=asked)


def asked_first(names: Iterable[str]) -> tuple[str, ...]:
    """What is decided first: what somebody asks for is worth more than the newest of what it needs, and the
    newest Python, where it is asked for, more than the newest of what runs on it."""
    return tuple(sorted(set(names), key=lambda name: (name != "python", name)))


def _milliseconds(moment: str) -> int:
    from datetime import UTC, datetime

    from hutch.project import resolve_moment

    text = resolve_moment(moment, datetime.now(UTC))
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
