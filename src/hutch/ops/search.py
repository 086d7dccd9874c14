"""``hutch search``: which versions of a package there are, on an index and in conda's channels."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from hutch.conda import Channel, Repodata
    from hutch.index import Page
    from hutch.ops.context import Context
    from hutch.project import CondaSettings
    from hutch.spec import CondaRecord

__all__ = ["FoundSide", "FoundVersion", "NothingFound", "SearchOptions", "SearchOutcome", "search"]

MOST = 5


class NothingFound(Problem):
    """Neither an index nor a channel has a package of this name."""

    code = "nothing-found"

    def __init__(self, name: str, asked: Sequence[str], near: Sequence[str]) -> None:
        self.near = tuple(near)
        hints = [f"did you mean {each}?" for each in near] or ["look at the spelling"]
        super().__init__(
            f"there is no package {name}",
            why=f"these were asked: {', '.join(asked)}" if asked else (),
            hint=tuple(hints),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """The options of ``search``; ``channel`` are asked instead of the project's, or the configured ones."""

    name: str = ""
    all: bool = False
    conda: bool = False
    pypi: bool = False
    channel: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVersion:
    """A version, the platforms that have it (of an index: none are named), and whether it is locked."""

    version: str
    platforms: tuple[str, ...] = ()
    builds: int = 0
    locked: bool = False
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "platforms": list(self.platforms),
            "builds": self.builds,
            "locked": self.locked,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSide:
    """What one index, or one channel, has: the newest versions first. ``older`` are not told."""

    kind: str
    name: str
    source: str
    versions: tuple[FoundVersion, ...]
    older: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "source": self.source,
            "versions": [each.to_json() for each in self.versions],
            "older": self.older,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOutcome:
    """Both sides of a name, conda's first where the project has packages of conda."""

    name: str
    sides: tuple[FoundSide, ...]

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "sides": [side.to_json() for side in self.sides]}


def search(context: Context, options: SearchOptions) -> SearchOutcome:
    """Look a name up on both sides, or on the one that was named; names that differ are one package."""
    from hutch.errors import UsageProblem
    from hutch.spec import is_valid_name

    name = options.name.strip()
    if not name or not set(name.lower()) <= _LETTERS:
        raise UsageProblem(f"{name or 'nothing'} is no name of a package", hint="hutch search numpy")
    look = _Look(context, options, name)
    found: list[FoundSide] = []
    asked: list[str] = []
    if not options.pypi:
        found += look.channels(asked)
    if not options.conda and is_valid_name(name):
        found += look.indexes(asked)
    if not found:
        raise NothingFound(name, asked, look.near())
    if not look.has_conda:
        found.sort(key=lambda side: side.kind == "conda")
    return SearchOutcome(name=name, sides=tuple(found))


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")


class _Look:
    def __init__(self, context: Context, options: SearchOptions, name: str) -> None:
        self.context = context
        self.options = options
        self.name = name
        self.settings: CondaSettings | None = None
        self.platforms: tuple[str, ...] = ()
        self.locked: set[tuple[str, str, str]] = set()
        self._near: list[str] = []
        self._distributions: set[str] = set()
        if context.root is not None:
            self._read_project()

    @property
    def has_conda(self) -> bool:
        """Whether the project asks channels."""
        return self.settings is not None and bool(self.settings.dependencies)

    def _read_project(self) -> None:
        from hutch.ops.lock_file import read_old_lock

        checkout = self.context.checkout
        self.settings = checkout.manifest.settings.conda
        lock = read_old_lock(self.context, checkout).lock
        for package in lock.packages if lock is not None else ():
            self.locked.add(("pypi", package.name, package.version or ""))
        if lock is not None and lock.conda is not None:
            self.platforms = tuple(dict.fromkeys(target.subdir for target in lock.conda.targets))
            self.locked |= {("conda", one.record.name, one.record.version) for one in lock.conda.packages}

    def near(self) -> tuple[str, ...]:
        """What may have been meant."""
        from hutch.ops.unknown import near_names

        return tuple(dict.fromkeys((*self._near, *near_names(self.name))))[:3]

    # -- channels -----------------------------------------------------------------------------------

    def channels(self, asked: list[str]) -> list[FoundSide]:
        """What the channels have, by their order; nothing where they cannot be asked and nobody said so."""
        import difflib

        from hutch.conda import subdir_here
        from hutch.conda.names import NameMap
        from hutch.ops.channels import channels_of, configured_channels, repodata

        said = self.settings.channels or () if self.settings is not None else ()
        named = bool(self.options.channel or self.options.conda or self.has_conda)
        subdirs = self.platforms
        if not subdirs and self.settings is not None and self.settings.platforms:
            subdirs = tuple(dict.fromkeys(platform.subdir for platform in self.settings.platforms))
        subdirs = subdirs or (subdir_here(),)
        try:
            names = self.options.channel or said or configured_channels(self.context)
            channels = channels_of(self.context, names)
            known = repodata(self.context, channels, subdirs)
            every = known.names()

            def records_of(name: str) -> list[CondaRecord]:
                known.want([name])
                return [each for records in known.records(name).values() for each in records]

            mapped = NameMap(records_of, user=self.settings.map if self.settings is not None else None)
            meant = [self.name.lower()]
            other = mapped.package(self.name.lower())
            if other is not None and other not in meant:
                meant.append(other)
            found = [
                side
                for name in meant
                if name in every
                for side in self._of_channels(name, channels, self._records(known, name))
            ]
        except Problem as problem:
            if named:
                raise
            self._tell(problem, "conda's channels")
            return []
        asked += [channel.name for channel in channels]
        if not found:
            self._near = difflib.get_close_matches(self.name.lower(), every, n=3, cutoff=0.75)
        self._distributions = {name for each in found if (name := mapped.distribution(each.name))}
        return found

    @staticmethod
    def _records(known: Repodata, name: str) -> Mapping[str, Sequence[CondaRecord]]:
        known.want([name])
        return known.records(name)

    def _of_channels(
        self, name: str, channels: Sequence[Channel], records: Mapping[str, Sequence[CondaRecord]]
    ) -> Iterable[FoundSide]:
        from hutch.ops.conda_known import newest_first

        for channel in channels:
            mine = [each for each in records.get(channel.url, ()) if not each.track_features]
            versions: dict[str, list[CondaRecord]] = {}
            for record in newest_first(mine):
                versions.setdefault(record.version, []).append(record)
            if not versions:
                continue
            rows = [
                FoundVersion(
                    version=version,
                    platforms=tuple(sorted({each.subdir for each in found})),
                    builds=len(found),
                    locked=("conda", name, version) in self.locked,
                )
                for version, found in versions.items()
            ]
            kept = rows if self.options.all else _shown(rows)
            yield FoundSide(
                kind="conda",
                name=name,
                source=channel.name,
                versions=tuple(kept),
                older=len(rows) - len(kept),
            )

    # -- indexes ------------------------------------------------------------------------------------

    def indexes(self, asked: list[str]) -> list[FoundSide]:
        """What the index has of the name, and of what the channels' packages are there."""
        from hutch.net import hide_credentials
        from hutch.spec import normalize

        found = []
        asked += [index.name for index in self.context.configuration.indexes][:1]
        for name in dict.fromkeys((normalize(self.name), *sorted(self._distributions))):
            page = self._page(name)
            if page is None:
                continue
            rows = []
            for at in range(len(page.versions) - 1, -1, -1):
                note = "pre-release" if page.prerelease >> at & 1 else ""
                note = "yanked" if page.yanked >> at & 1 else note
                version = page.versions[at]
                rows.append(
                    FoundVersion(version=version, locked=("pypi", name, version) in self.locked, note=note)
                )
            if not rows:
                continue
            kept = rows if self.options.all else _shown(rows)
            found.append(
                FoundSide(
                    kind="pypi",
                    name=name,
                    source=hide_credentials(page.index_url or page.index or "index"),
                    versions=tuple(kept),
                    older=len(rows) - len(kept),
                )
            )
        return found

    def _page(self, name: str) -> Page | None:
        from hutch.index import Page

        answers: list[object] = []
        self.context.indexes.fetch_page(name, answers.append)  # type: ignore[arg-type]
        while not answers and self.context.client.pump(None):
            pass
        if answers and isinstance(answers[0], Problem):
            if self.options.pypi or not self.has_conda:
                raise answers[0]
            self._tell(answers[0], "the index")
        return answers[0] if answers and isinstance(answers[0], Page) else None

    def _tell(self, problem: Problem, what: str) -> None:
        from hutch.events import Notice

        self.context.emit(Notice(f"{what} could not be asked: {problem.what}", warning=True))


def _shown(rows: list[FoundVersion]) -> list[FoundVersion]:
    """The newest, and what is locked; pre-releases and what was yanked where there is nothing else."""
    usual = [row for row in rows if not row.note] or rows
    newest = usual[:MOST]
    return [row for row in rows if row in newest or row.locked]
