"""From a resolution to a lock: entries with their files, markers and edges."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.lock import Edge, Lock, LockedFile, LockedPackage, RootEdge, apart_marker, reach_marker
from hutch.provide import split_package
from hutch.solve import Need, reach
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from hutch.index import File
    from hutch.ops.resolve import Resolved
    from hutch.project import Manifest

    # By where it is asked for: the targets on which a (package, place) is needed.
    Reached: TypeAlias = Mapping[str, Mapping[tuple[str, int], int]]

__all__ = ["LockMaker", "lock_packages", "lock_parts", "make_lock"]


def make_lock(resolved: Resolved, manifest: Manifest, inputs: str, *, reached: Reached | None = None) -> Lock:
    """The lock that says what ``resolved`` chose, for the targets that have a solution.

    ``reached`` tells what is needed from where, if ``resolved`` alone does not say it.
    """
    return LockMaker(resolved, reached).make(manifest, inputs)


def lock_packages(resolved: Resolved, *, reached: Reached | None = None) -> tuple[LockedPackage, ...]:
    """The entries alone, for an environment that is made without a lock file."""
    return LockMaker(resolved, reached).packages()


def lock_parts(
    resolved: Resolved, reached: Reached
) -> tuple[tuple[LockedPackage, ...], tuple[RootEdge, ...]]:
    """The entries, and what the project asks for of them."""
    maker = LockMaker(resolved, reached)
    return maker.packages(), maker.roots()


class LockMaker:
    """Makes the entries of one resolution."""

    def __init__(self, resolved: Resolved, reached: Reached | None = None) -> None:
        self._resolved = resolved
        self._given = reached
        self._resolution = resolved.resolution
        self._targets = resolved.targets
        self._alive = resolved.resolution.targets
        self._texts: dict[tuple[int, int], str | None] = {}

    def packages(self) -> tuple[LockedPackage, ...]:
        by_where = self._reach_by_root()
        entries: dict[tuple[str, int], dict[str, int]] = {}
        extras: dict[tuple[str, int], dict[str, int]] = {}
        for where, active in by_where.items():
            for (package, place), mask in active.items():
                name, extra = split_package(package)
                if extra:
                    found = extras.setdefault((name, place), {})
                    found[extra] = found.get(extra, 0) | mask
                else:
                    entries.setdefault((name, place), {})[where] = mask
        self._several = {name for name, count in _counts(name for name, _ in entries).items() if count > 1}
        self._reached = {key: _union(masks.values()) for key, masks in entries.items()}
        packages = [
            self._package(name, place, masks, extras.get((name, place), {}))
            for (name, place), masks in entries.items()
        ]
        packages.sort(key=lambda package: (package.name, self._sort_key(package)))
        return tuple(packages)

    def make(self, manifest: Manifest, inputs: str) -> Lock:
        groups = tuple(sorted(manifest.groups))
        return Lock(
            packages=self.packages(),
            requires_python=_specifier_text(manifest),
            environments=self._targets.environments(self._alive),
            extras=tuple(sorted({*manifest.optional_dependencies, *self._computed_extras()})),
            dependency_groups=groups,
            default_groups=tuple(sorted(manifest.default_groups)),
            created_by="hutch",
            targets=tuple(self._targets.names(self._alive)),
            roots=self.roots(),
            inputs=inputs,
            conflicts=tuple(tuple(sorted(each)) for each in self._resolved.conflicts),
        )

    def _computed_extras(self) -> set[str]:
        """Extras that only a build backend knows."""
        wheres = {root.where for root, _ in self._resolved.roots}
        return {where.partition(":")[2] for where in wheres if where.startswith("extra:")}

    # -- who needs what -------------------------------------------------------------------------

    def _reach_by_root(self) -> dict[str, dict[tuple[str, int], int]]:
        if self._given is not None:
            return {where: dict(found) for where, found in self._given.items()}
        needs: dict[str, list[Need]] = {}
        for root, root_needs in self._resolved.roots:
            if not (root.constraint or root.implied):
                needs.setdefault(root.where, []).extend(root_needs)
        return {where: reach(self._resolution, found) for where, found in needs.items()}

    def _sort_key(self, package: LockedPackage) -> object:
        from hutch.spec import version_key

        return (version_key(package.version) if package.version else (), package.marker or "")

    # -- markers --------------------------------------------------------------------------------

    def _marker(self, mask: int, within: int | None = None) -> str | None:
        """The shortest marker; it has to be right on the targets of the lock alone."""
        within = self._alive if within is None else within
        key = (mask & within, within)
        if key not in self._texts:
            self._texts[key] = self._targets.render(*key)
        return self._texts[key]

    def _entry_marker(self, masks: dict[str, int], others: int) -> str | None:
        """The marker of an entry that is reached from each origin on a mask of targets; ``others`` is where
        lower versions of it are."""
        targets = self._targets
        if not targets.worlds:
            return reach_marker(masks, self._marker)
        parts = {where: targets.parts(mask) for where, mask in masks.items()}
        parted = targets.parts(others)
        return apart_marker(parts, targets.worlds, self._marker, parted, self._is_allowed)

    def _lower_than(self, name: str, place: int) -> int:
        """Where a lower version of a package is reached: whoever chooses that and more still needs it."""
        if not self._targets.worlds or name not in self._several:
            return 0
        return _union(mask for (other, at), mask in self._reached.items() if other == name and at < place)

    def _is_allowed(self, world: frozenset[str]) -> bool:
        return not any(conflict <= world for conflict in self._resolved.conflicts)

    # -- entries --------------------------------------------------------------------------------

    def _package(self, name: str, place: int, masks: dict[str, int], extras: dict[str, int]) -> LockedPackage:
        mask = 0
        for part in masks.values():
            mask |= part
        direct = self._resolved.provider.direct_at(name, place)
        common = {
            "name": name,
            "version": self._resolution.universe.label(name, place),
            "marker": self._entry_marker(masks, self._lower_than(name, place) & ~mask),
            "dependencies": self._edges(name, place, mask, extras),
        }
        if direct is not None:
            if direct.entry.directory is not None:  # PEP 751: what lies there may change its version
                common["version"] = None
            return replace(direct.entry, **common)  # type: ignore[arg-type]
        page, place = self._resolved.provider.page_at(name, place)
        wheels, sdist, requires, yanked = [], None, [], []
        options = self._resolved.provider.options
        for file in page.files_of(place):
            if file.tags:
                if self._targets.wheel_mask(file.tags) & mask and not {name, ":all:"} & options.no_binary:
                    wheels.append(_locked_file(file, page.index))
            elif not {name, ":all:"} & options.only_binary and sdist is None:
                sdist = _locked_file(file, page.index)
            requires.append(self._resolved.provider.requires_python_of(page, place, file))
            yanked.append(file.yanked)
        requires_python = requires[0] if requires and len(set(requires)) == 1 else None
        return LockedPackage(
            **common,  # type: ignore[arg-type]
            requires_python=_readable(requires_python),
            index=page.index_url,
            wheels=tuple(sorted(wheels, key=lambda file: file.filename)),
            sdist=sdist,
            yanked=yanked[0] if yanked and None not in yanked else None,
        )

    def _edges(self, name: str, place: int, mask: int, extras: dict[str, int]) -> tuple[Edge, ...]:
        """What the entry needs, its extras included as far as somebody asked for them."""
        found: dict[tuple[str, int | None], dict[str, int]] = {}
        self._gather(found, (name, place), mask)
        for extra, extra_mask in extras.items():
            self._gather(found, (f"{name}[{extra}]", place), extra_mask, skip=name)
        return tuple(
            Edge(
                name=below,  # type: ignore[arg-type]
                version=self._label(below, below_place),
                extras=tuple(sorted(extra for extra in needed if extra)),
                marker=self._marker_within(_union(needed.values()), mask),
            )
            for (below, below_place), needed in sorted(found.items(), key=lambda item: _edge_key(item[0]))
        )

    def _gather(
        self,
        found: dict[tuple[str, int | None], dict[str, int]],
        key: tuple[str, int],
        mask: int,
        skip: str = "",
    ) -> None:
        for need in self._resolution.needs.get(key, ()):
            below, extra = split_package(need.package)
            if below == skip or need.constraint:
                continue
            for targets, place in self._resolution.chosen.get(need.package, ()):
                here = mask & need.mask & targets
                if here:
                    by_extra = found.setdefault((below, place if below in self._several else None), {})
                    by_extra[extra] = by_extra.get(extra, 0) | here

    def _label(self, name: str, place: int | None) -> str | None:
        if place is None:
            return None
        direct = self._resolved.provider.direct_at(name, place)
        if direct is not None and direct.entry.directory is not None:
            return None
        return self._resolution.universe.label(name, place)

    def _marker_within(self, mask: int, whole: int) -> str | None:
        """The marker of an edge: shortest where the package itself is, so silent where it holds there."""
        return None if not whole & ~mask else self._marker(mask, whole)

    def roots(self) -> tuple[RootEdge, ...]:
        """What the project asks for, with what of it is chosen."""
        alive = self._resolution.targets
        found: dict[tuple[str, str, int | None], dict[str, int]] = {}
        for root, needs in self._resolved.roots:
            for need in needs:
                name, extra = split_package(need.package)
                if root.constraint or root.implied:
                    continue
                for targets, place in self._resolution.chosen.get(need.package, ()):
                    here = alive & need.mask & targets
                    if here:
                        key = (root.where, name, place if name in self._several else None)
                        by_extra = found.setdefault(key, {})
                        by_extra[extra] = by_extra.get(extra, 0) | here
        return tuple(
            RootEdge(
                name=name,  # type: ignore[arg-type]
                version=self._label(name, place),
                extras=tuple(sorted(extra for extra in needed if extra)),
                marker=self._marker_within(_union(needed.values()), alive),
                where=where,
            )
            for (where, name, place), needed in sorted(
                found.items(), key=lambda item: (_where_key(item[0][0]), _edge_key(item[0][1:]))
            )
        )


def _edge_key(key: tuple[str, int | None]) -> tuple[str, int]:
    return key[0], -1 if key[1] is None else key[1]


def _where_key(where: str) -> tuple[int, str]:
    return ("project", "extra", "group").index(where.partition(":")[0]), where


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _counts(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


class NoHash(Problem):
    """An index lists a file without a hash, so a lock cannot say which file it means."""

    code = "no-hash"

    def __init__(self, filename: str, index: str) -> None:
        self.filename = filename
        super().__init__(
            f"{filename} cannot be locked",
            why=f"the index {index} gives no hash of it, and a lock without hashes would accept any file",
            hint="put the file into a directory and name that in find-links",
        )


def _hashes(file: File, index: str) -> tuple[tuple[str, str], ...]:
    """What proves that a file is the one that was locked; of one on this machine it is found out here."""
    if file.hashes:
        return tuple(sorted(file.hashes))
    if not file.is_local:
        raise NoHash(file.filename, index)
    import hashlib
    from urllib.request import url2pathname

    from hutch.ops.checkout import UnreadableFile

    path = url2pathname(file.url.removeprefix("file://"))
    try:
        with open(path, "rb") as stream:
            return (("sha256", hashlib.file_digest(stream, "sha256").hexdigest()),)
    except OSError as error:
        raise UnreadableFile(path, "read", error.strerror or str(error)) from None


def _locked_file(file: File, index: str) -> LockedFile:
    return LockedFile(
        filename=file.filename,
        url=file.url,
        size=file.size,
        upload_time=file.upload_time,
        hashes=_hashes(file, index),
    )


def _specifier_text(manifest: Manifest) -> str | None:
    from hutch.spec import render_specifiers

    return render_specifiers(manifest.requires_python) or None


def _readable(requires_python: str | None) -> str | None:
    """What an index page says, as readers of the lock can read it; None for what nobody can."""
    if not requires_python:
        return None
    from hutch.spec import InvalidSpecifier, parse_legacy_specifiers, render_specifiers

    try:
        found, repaired = parse_legacy_specifiers(requires_python)
    except InvalidSpecifier:
        return None
    return requires_python if repaired is None else render_specifiers(found) or None
