"""``hutch outdated``: for each package what is locked, what an upgrade would give, and what is newest.

The upgrade is solved for, so what is said of it is what ``hutch upgrade`` does. Where the newest
version of all is not in it, the reasons are looked for in what the upgrade would have: requirements of
the user and of other packages, ``Requires-Python``, files. Where none of these rules it out, the
version's own requirements must; they are read, and compared with what is chosen.
"""

from __future__ import annotations

from hutch.ops.lock import LockOptions, make_or_read_lock
from hutch.ops.lock_file import read_lock
from hutch.ops.moments import exclude_newer, newer_than
from hutch.ops.outdated_outcome import Held, Outdated, OutdatedOutcome
from hutch.ops.scripted import for_scripts
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.index import Page
    from hutch.lock import Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.project import Declared
    from hutch.spec import CoreMetadata, Targets

__all__ = ["Held", "Outdated", "OutdatedOptions", "OutdatedOutcome", "outdated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedOptions:
    """The options of ``outdated``; ``direct`` leaves out what the project does not ask for itself."""

    direct: bool = False
    script: str | None = None


@for_scripts
def outdated(context: Context, options: OutdatedOptions) -> OutdatedOutcome:
    """Compare the lock with what the indexes have now."""
    checkout = context.checkout
    old = read_lock(context, checkout)
    context.ask_again()
    new = make_or_read_lock(context, checkout, LockOptions(upgrade=True, dry_run=True)).lock
    if context.env is not None:
        from hutch.ops.env_part import part_of_environment

        old, new = (part_of_environment(context, checkout, each) for each in (old, new))
    return _Look(context, checkout, old, new, options).outcome()


class _Look:
    """One comparison: the old lock, the new one, the pages that the solve has fetched."""

    def __init__(
        self, context: Context, checkout: Checkout, old: Lock, new: Lock, options: OutdatedOptions
    ) -> None:
        from hutch.spec import Targets, parse_target

        self.context = context
        self.checkout = checkout
        self.manifest = checkout.manifest
        self.old = old
        self.new = new
        self.options = options
        self.targets: Targets = Targets(tuple(parse_target(name) for name in new.targets))
        self.wheres = _wheres(new) if context.env is not None and not checkout.members else None
        requirements = self.manifest.requirements().items()
        meant = [each for where, each in requirements if self.wheres is None or where in self.wheres]
        found = [*(one for each in meant for one in each), *self.manifest.settings.constraints]
        self.declared: tuple[Declared, ...] = tuple(
            {(one.filename, one.path, one.text): one for one in found}.values()
        )
        self.direct = frozenset(root.name for root in new.roots)
        if checkout.members:  # roots are the members themselves; what they ask for stands in their manifests
            self.direct |= frozenset(one.requirement.name for one in self.declared)
        self.pages = self._pages()
        self.installed = _installed(context, checkout)

    def outcome(self) -> OutdatedOutcome:
        unexplained: list[Outdated] = []
        found: dict[str, Outdated] = {}
        for name, page in self.pages.items():
            one = self._one(name, page)
            if one is None:
                continue
            found[name] = one
            if not one.held and one.newest not in one.allowed:
                unexplained.append(one)
        for name, held in self._own_needs(unexplained).items():
            found[name] = replace(found[name], held=held)
        packages, looked_at = [found[name] for name in sorted(found)], len(self.pages)
        if self.old.conda is not None:
            from hutch.ops.conda_outdated import outdated_of_conda

            more, number = outdated_of_conda(
                self.context,
                self.manifest,
                self.old,
                self.new,
                direct=self.options.direct,
                installed=_installed_records(self.context, self.checkout),
                wheres=self.wheres,
            )
            packages = sorted([*packages, *more], key=lambda one: (one.name, one.kind))
            looked_at += number
        return OutdatedOutcome(packages=tuple(packages), looked_at=looked_at)

    def _pages(self) -> dict[str, Page]:
        """The pages of the packages that come from an index: known from the solve, or fetched together."""
        from hutch.errors import Problem
        from hutch.index import Page
        from hutch.ops.alternatives import bound_indexes, index_names

        bound = bound_indexes(self.manifest)
        names = {package.name for package in self.old.packages if not package.is_direct}
        if self.options.direct:
            names &= self.direct
        wanted = [(name, index) for name in sorted(names) for index in index_names(bound, name)]
        answers: dict[tuple[str, str | None], object] = {}
        for key in wanted:
            known = self.context.indexes.read_page(key[0], index=key[1])
            if known is not None:
                answers[key] = known
                continue

            def answered(answer: object, key: tuple[str, str | None] = key) -> None:
                answers[key] = answer

            self.context.indexes.fetch_page(key[0], answered, index=key[1])
        while len(answers) < len(wanted) and self.context.client.pump(None):
            pass
        for answer in answers.values():
            if isinstance(answer, Problem):
                raise answer
        found: dict[str, Page] = {}
        for name, index in wanted:
            page = answers.get((name, index))
            used = len(index_names(bound, name)) == 1 or any(
                isinstance(page, Page) and page.index_url == package.index for package in self.old.named(name)
            )
            # Of several indexes, the one that has the newest version.
            if isinstance(page, Page) and used:
                found[name] = max(found.get(name, page), page, key=lambda each: each.keys[-1:])
        return found

    def _one(self, name: str, page: Page) -> Outdated | None:
        """What there is to say of a package; None where it is the newest."""
        locked, allowed = _versions(self.old, name), _versions(self.new, name)
        place = _newest(page, any_prerelease=_has_prerelease(page, locked))
        if place is None:
            return None
        newest = page.versions[place]
        if allowed and page.keys[place] < max(_keys(allowed)):
            newest = max(allowed, key=_key)  # a pre-release that somebody asked for, or a yanked one
            place = page.versions.index(newest) if newest in page.versions else place
        if set(locked) == {newest} or (locked == allowed and newest in locked):
            return None
        return Outdated(
            name=name,
            locked=locked,
            installed=self.installed.get(name),
            allowed=allowed,
            newest=newest,
            direct=name in self.direct,
            held=() if newest in allowed or not allowed else self._held(name, page, place),
        )

    # -- what holds it back -------------------------------------------------------------------------

    def _held(self, name: str, page: Page, place: int) -> tuple[Held, ...]:
        from hutch.spec import admits_key, render_specifiers

        key = page.keys[place]
        found = []
        overriding = self._overrides(name)
        for one in overriding or self.declared:
            if one.requirement.name == name and not admits_key(one.requirement.specifiers, key):
                found.append(
                    Held(kind="requirement", text=one.text, file=one.filename, line=one.line or None)
                )
        for package in () if overriding else self.new.packages:
            if package.is_direct or all(edge.name != name for edge in package.dependencies):
                continue
            metadata = self._metadata(package.name, package.version or "")
            for requirement in metadata.requirements if metadata else ():
                if requirement.name == name and not admits_key(requirement.specifiers, key):
                    wanted = f"{name} {render_specifiers(requirement.specifiers)}"
                    text = f"{package.name} {package.version} needs {wanted}"
                    found.append(Held(kind="package", text=text))
        found += self._held_by_files(name, page, place)
        return tuple(dict.fromkeys(found))

    def _limit(self, page: Page) -> str | None:
        """The moment after which uploads do not count: the package's own, its index's, or everybody's."""
        own = newer_than(self.manifest.settings)
        packages, indexes = own.get("newer_packages", {}), own.get("newer_indexes", {})
        if page.name in packages:
            found: str | None = packages[page.name]
            return found
        return indexes.get(page.index, exclude_newer(self.context))  # type: ignore[no-any-return]

    def _overrides(self, name: str) -> tuple[Declared, ...]:
        """What holds instead of all that anybody asks of the package."""
        found = (one.declared for one in self.manifest.settings.overrides if one.parent is None)
        return tuple(one for one in found if one.requirement.name == name)

    def _held_by_files(self, name: str, page: Page, place: int) -> list[Held]:
        """Files that came too late, ask for another Python, or are for other systems."""
        targets, files = self.targets, page.files_of(place)
        limit = self._limit(page)
        if limit is not None and not any(f.upload_time is not None and f.upload_time < limit for f in files):
            return [Held(kind="date", text=f"came after exclude-newer ({limit})")]
        admitted = with_file = 0
        texts = []
        configuration = self.context.configuration
        wheels_only = bool({name, ":all:"} & set(configuration.only_binary))
        for file in files:
            mask = targets.requires_python_mask_of(file.requires_python)
            admitted |= mask
            if mask != targets.everything and file.requires_python:
                texts.append(file.requires_python)
            with_file |= mask & (
                targets.wheel_mask(file.tags) if file.tags else 0 if wheels_only else targets.everything
            )
        found = []
        if texts and admitted != targets.everything:
            line = self.manifest.line("project", "requires-python") if self.manifest.requires_python else None
            where = (
                "" if not admitted else f", and {targets.name(targets.everything & ~admitted)} is locked for"
            )
            found.append(
                Held(
                    kind="python",
                    text=f"requires Python {texts[0]}{where}",
                    file=self.manifest.filename if line else None,
                    line=line,
                )
            )
        if without := admitted & ~with_file:
            found.append(
                Held(
                    kind="files",
                    text=f"has no {'wheel' if wheels_only else 'file'} for {targets.name(without)}",
                )
            )
        return found

    def _own_needs(self, unexplained: list[Outdated]) -> dict[str, tuple[Held, ...]]:
        """What newest versions ask for that is not what is chosen; their metadata come in one wave."""
        from hutch.errors import Problem
        from hutch.index import fetch_metadata
        from hutch.spec import CoreMetadata, admits, render_specifiers

        context = self.context
        under_way = 0
        answers: dict[str, CoreMetadata | Problem] = {}
        for one in unexplained:
            page = self.pages[one.name]
            file = next((f for f in page.files_of(page.versions.index(one.newest)) if f.tags), None)
            if file is None or self._metadata(one.name, one.newest) is not None:
                continue

            def answered(answer: CoreMetadata | Problem, name: str = one.name) -> None:
                answers[name] = answer

            under_way += 1
            fetch_metadata(context.client, context.store, page, file, answered)
        while len(answers) < under_way and context.client.pump(None):
            pass
        held: dict[str, tuple[Held, ...]] = {}
        for one in unexplained:
            metadata = answers.get(one.name) or self._metadata(one.name, one.newest)
            found = []
            for requirement in metadata.requirements if isinstance(metadata, CoreMetadata) else ():
                chosen = _versions(self.new, requirement.name)
                if chosen and not any(admits(requirement.specifiers, version) for version in chosen):
                    wanted = f"{requirement.name} {render_specifiers(requirement.specifiers)}"
                    text = f"it needs {wanted}, and {', '.join(chosen)} is chosen"
                    found.append(Held(kind="itself", text=text))
            held[one.name] = tuple(found) or (
                Held(kind="itself", text=f"does not fit; hutch lock -P '{one.name}=={one.newest}' says why"),
            )
        return held

    def _metadata(self, name: str, version: str) -> CoreMetadata | None:
        """What the store knows of a version; the solve has read those that it chose."""
        from hutch.index import Page, read_metadata

        page = self.pages.get(name) or self.context.indexes.read_page(name)  # type: ignore[arg-type]
        if not isinstance(page, Page) or version not in page.versions:
            return None
        for file in page.files_of(page.versions.index(version)):
            known = read_metadata(self.context.store, page, file)
            if known is not None:
                return known
        return None


def _wheres(lock: Lock) -> frozenset[str]:
    """The lists of which a lock has anything."""
    conda = lock.conda.roots if lock.conda is not None else ()
    edges = lock.conda.edges if lock.conda is not None else ()
    return frozenset(each.where for found in (lock.roots, conda, edges) for each in found if each.where)


def _key(version: str) -> Any:
    from hutch.spec import version_key

    return version_key(version)


def _keys(versions: tuple[str, ...]) -> list[Any]:
    return [_key(version) for version in versions]


def _versions(lock: Lock, name: str) -> tuple[str, ...]:
    """The versions of a package in a lock, ascending."""
    found = {package.version for package in lock.named(name) if package.version}
    return tuple(sorted(found, key=_key))


def _has_prerelease(page: Page, versions: tuple[str, ...]) -> bool:
    return any(
        page.prerelease >> place & 1 for place, version in enumerate(page.versions) if version in versions
    )


def _newest(page: Page, *, any_prerelease: bool) -> int | None:
    """The newest version that one would take: neither yanked nor, where there are others, a pre-release."""
    everything = (1 << len(page.versions)) - 1
    usable = everything & ~page.yanked & (page.wheels | page.sdists)
    final = usable & ~page.prerelease
    places = usable if any_prerelease or not final else final
    return places.bit_length() - 1 if places else None


def _installed_records(context: Context, checkout: Checkout) -> dict[str, str]:
    """What the project's prefix has of conda, by name."""
    from hutch.env import prefix_packages
    from hutch.errors import Problem
    from hutch.ops.environments import environment_root

    try:
        found = prefix_packages(environment_root(context, checkout))
    except (Problem, OSError):
        return {}
    return {f"conda:{each.record.name}": each.record.version for each in found}


def _installed(context: Context, checkout: Checkout) -> dict[str, str]:
    """What the project's environment has, by name; nothing where there is none."""
    from hutch.errors import Problem
    from hutch.ops.environments import environment_root, usable_environment

    try:
        environment = usable_environment(context, environment_root(context, checkout))
    except Problem:
        return {}
    if environment is None:
        return {}
    return {name: one.version for name, one in environment.installed().items()}
