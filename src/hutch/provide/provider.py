"""Answers from package indexes, fetching ahead.

Pages and metadata come through call-backs of one event loop (``Client.pump``). While the solver
waits for one answer, everything that it is likely to ask next is fetched as well (see ``ahead``). On a
link with latency this makes a lock cost about as many rounds as the graph is deep, whatever the order in
which the solver asks.

What is fetched ahead never changes an answer: answers are computed from pages and metadata alone,
and both are the same whenever they come.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.events import Emit, silent
from hutch.provide.ahead import Ahead
from hutch.provide.files import Files
from hutch.provide.library import TargetsCut
from hutch.provide.needs import needs_of_metadata, split_package
from hutch.provide.places import Places
from hutch.provide.versions import FixedVersions, JoinedVersions, NoVersions, PageVersions
from hutch.solve import DependenciesOf, Facts, Versions
from hutch.spec import render_specifiers, version_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hutch.index import File, Page
    from hutch.lock import LockedPackage
    from hutch.provide.library import Library, ProviderOptions
    from hutch.provide.needs import Known
    from hutch.provide.places import Direct
    from hutch.solve import Need
    from hutch.spec import CoreMetadata

__all__ = ["IndexProvider"]


class IndexProvider:
    """Answers the solver from a ``Library``; one for all solves of a command, so nothing is read twice."""

    def __init__(self, library: Library, options: ProviderOptions, *, emit: Emit = silent) -> None:
        self.library = library
        self._emit = emit
        self.pages: dict[str, Page | None] = {}
        self.missing: dict[str, object] = {}
        self._problems: dict[object, Problem] = {}
        self._wanted_pages: set[str] = set()
        self._metadata: dict[tuple[str, str], CoreMetadata] = {}
        self._wanted_metadata: set[tuple[str, str]] = set()
        self._ahead = Ahead(self)
        self.index_labels: Mapping[str, str] = {}
        self.set_options(options)

    def set_options(self, options: ProviderOptions) -> None:
        """Answer for other targets from now on; pages and metadata are kept."""
        self.options = options
        self._targets = options.targets
        # Looking ahead must not leave cuts behind: what is met there depends on the network's timing.
        self.scout = options.targets.scout()
        self._versions: dict[str, Versions] = {}
        self._needs: Known = {}
        self._extras: dict[tuple[str, str], bool] = {}  # has the newest version this extra?
        self._limits: dict[str, int] = {}
        self._usable: dict[tuple[str, int], tuple[int, File | None, str]] = {}
        self._likely: dict[tuple[str, int], tuple[int, File | None, str]] = {}
        self._files = Files(options)
        self._places = Places(options.bound, options.direct, options.targets, self.pages)

    # -- versions -----------------------------------------------------------------------------

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        for package in packages:
            self.want_page(split_package(package)[0])
        return {package: self._versions_of(split_package(package)[0]) for package in packages}

    def _versions_of(self, name: str) -> Versions:
        found = self._versions.get(name)
        if found is None:
            found = self._versions[name] = self._make_versions(name)
        return found

    def _make_versions(self, name: str) -> Versions:
        if name not in self._places.parted:
            return self._page_versions(name)
        parts: list[tuple[Versions, int, str]] = []
        for key, direct, mask in self._places.of(name):
            if direct is not None:
                versions: Versions = FixedVersions(direct.version, version_key(direct.version))
                parts.append((versions, mask, "is the version of a source that is for other targets"))
            else:
                reason = "is not what its source there has"
                if index := key.partition("@")[2]:
                    reason = f"is in the index {index}, which is for other targets"
                parts.append((self._page_versions(key), mask, reason))
        return JoinedVersions(parts, self._targets.everything)

    def direct_at(self, name: str, place: int) -> Direct | None:
        """The direct source that a version stands for."""
        return self._places.at(name, place)[1] if name in self.options.direct else None

    def page_at(self, name: str, place: int) -> tuple[Page, int]:
        """The page that a version is of, and its place there."""
        key, _, place = self._places.at(name, place)
        page = self.pages[key]
        assert page is not None
        return page, place

    def pages_of(self, name: str) -> tuple[Page, ...]:
        """The pages of a package that have been read; there are several where it has several indexes."""
        keys = [key for key, direct, _ in self._places.of(name) if direct is None]
        return tuple(page for key in keys if (page := self.pages.get(key)) is not None)

    def asked_in_vain(self, name: str) -> tuple[str, ...] | None:
        """The indexes that do not have a package; None where one has it."""
        keys = [key for key, direct, _ in self._places.of(name) if direct is None]
        if not keys or any(key not in self.missing for key in keys):
            return None
        return tuple(dict.fromkeys(one for key in keys for one in getattr(self.missing[key], "asked", ())))

    def _page_versions(self, key: str) -> Versions:
        page = self.page(key)
        if page is None:
            return NoVersions()
        preferred = 0
        if wanted := self.options.preferred.get(page.name):
            places = {version: place for place, version in enumerate(page.versions)}
            for version in wanted:
                if version in places:
                    preferred |= 1 << places[version]
        if self.options.prefer_binary and not preferred:
            preferred = self._with_wheels(page)
        return PageVersions(
            page,
            self._targets.everything,
            self._excluded,
            preferred=preferred,
            hidden=(hidden := self._hidden(page)),
            dateless=self._dateless(page, hidden),
            prerelease=self.options.prerelease,
            believed=self._believed(page),
        )

    def _with_wheels(self, page: Page) -> int:
        """The versions that somebody would take anyway, and that have a wheel for one of the targets."""
        found = 0
        left = page.wheels & ~page.yanked & ~page.prerelease
        while left:
            place = left.bit_length() - 1
            left &= ~(1 << place)
            available, file, _ = self._files.look(page.name, page, place, self.scout)
            if available and file is not None and file.tags:
                found |= 1 << place
        return found

    def _believed(self, page: Page) -> int:
        """The versions whose ``requires-python`` is what their page says."""
        everything = (1 << len(page.versions)) - 1
        adjustments = self.options.adjustments
        if not adjustments.states_python(page.name):
            return everything
        return everything & ~sum(
            1 << place
            for place, version in enumerate(page.versions)
            if adjustments.requires_python(page.name, version, "?") != "?"
        )

    def _excluded(self, text: str) -> int:
        """The targets that a ``Requires-Python`` rules out; none where it cuts through a target.

        Nothing is said beforehand of such a text: most versions that have it are never asked about.
        """
        found = self._limits.get(text)
        if found is None:
            mask = self.scout.everything & ~self.scout.requires_python_mask_of(text)
            found = self._limits[text] = 0 if self.scout.requires_python_cuts_of(text) else mask
        return found

    def _hidden(self, page: Page) -> int:
        """The versions all of whose files came after ``exclude_newer``."""
        if self._files.newest(page) is None:
            return 0
        return sum(1 << place for place in range(len(page.versions)) if not self._files.of(page, place))

    def _dateless(self, page: Page, hidden: int) -> int:
        """Those of the hidden versions of which the page gives no date at all."""
        places = [place for place in range(len(page.versions)) if hidden >> place & 1] if hidden else []
        dated = (any(file.upload_time is not None for file in page.files_of(place)) for place in places)
        return sum(1 << place for place, known in zip(places, dated, strict=True) if not known)

    def page(self, key: str) -> Page | None:
        """The page of a project, waiting for it; None where no index has it."""
        self.want_page(key.partition("@")[0])
        self._wait(lambda: key in self.pages or key in self._problems)
        if key in self._problems:
            raise self._problems[key]
        return self.pages[key]

    def want_page(self, name: str) -> None:
        """See that the page of a project comes, or has come."""
        if name in self._wanted_pages and name not in self._places.parted:
            return
        for key, index in self._places.pages_of(name):
            if key not in self._wanted_pages:
                self._fetch_page(key, name, index)

    def _fetch_page(self, key: str, name: str, index: str | None) -> None:
        self._wanted_pages.add(key)

        def done(answer: object) -> None:
            if isinstance(answer, Problem):
                self._problems[key] = answer
            elif hasattr(answer, "files_of"):
                self.pages[key] = answer  # type: ignore[assignment]
                self._ahead.page_came(key)
            else:
                self.pages[key] = None
                self.missing[key] = answer

        self.library.fetch_page(name, done, index)
        if key not in self.pages:
            self._ahead.page_asked(key)

    # -- facts --------------------------------------------------------------------------------

    def needs_source(self, question: DependenciesOf) -> bool:
        """Would the answer take a source distribution that has not been read, and perhaps a build?"""
        name, _ = split_package(question.package)
        if self.direct_at(name, question.version) is not None:
            return False
        available, file, _ = self._use(name, question.version)
        if not available or file is None or file.tags:
            return False
        return (self._places.at(name, question.version)[0], file.filename) not in self._metadata

    def facts(self, question: DependenciesOf) -> Facts:
        name, extra = split_package(question.package)
        if (direct := self.direct_at(name, question.version)) is not None:
            return self._direct_facts(direct, extra, question.version)
        available, file, reason = self._use(name, question.version)
        if not available or file is None:
            return Facts(0, (), reason)
        key = (self._places.at(name, question.version)[0], file.filename)
        if key not in self._metadata:
            if self._files.is_too_far(key[0], file, question.wanted):
                demanded = self.options.demanded
                return Facts(
                    available & demanded, (), "has no wheel, and no other target wants it", partial=True
                )
            self.want_metadata(*key, file)
            if key not in self._metadata:
                self._ahead.metadata_asked(question, name)
                self._wait(lambda: key in self._metadata or key in self._problems)
        if key in self._problems:
            problem = self._problems[key]
            if problem.exit_code == 1 and getattr(problem, "passed_over", False):
                return Facts(0, (), problem.what)
            if not question.wanted & self.options.demanded:
                # Only wishes came down to it: that costs them their place in the lock, not all the lock.
                if problem.code == "build-failed":
                    return Facts(0, (), f"could not be built to learn what it needs ({problem.what})")
                if problem.code == "invalid-metadata":
                    return Facts(0, (), f"has metadata that cannot be read ({problem.what})")
            raise problem
        metadata = self._metadata[key]
        needs = needs_of_metadata(metadata, extra, question.version, self._targets, self._needs)
        if not self.options.dependencies:
            needs = tuple(need for need in needs if need.exactly is not None)
        for requirement in metadata.requirements:
            if requirement.url is not None:
                return Facts(0, (), "asks for a file at a URL, which a package of an index may not")
        if metadata.requires_python:
            admitted = self._targets.requires_python_mask(metadata.requires_python)
            if available & ~admitted:
                reason = f"requires Python {render_specifiers(metadata.requires_python)}"
            available &= admitted
        demanded = self.options.demanded
        if extra and not question.wanted & demanded and self._came_later(key[0], extra, metadata):
            # To go back to a time before the extra is no way to give a wish what was asked for.
            available, reason = available & demanded, f"is older than the extra {extra}"
        self._check_cuts()
        return Facts(available, needs, reason)

    def _came_later(self, page_key: str, extra: str, metadata: CoreMetadata) -> bool:
        """Does this version lack an extra that the newest version has?"""
        if extra in metadata.extras:
            return False
        known = self._extras.get((page_key, extra))
        if known is None:
            page = self.pages[page_key]
            assert page is not None
            final = [i for i in range(len(page.versions)) if not (page.prerelease | page.yanked) >> i & 1]
            looks = (self._files.look(metadata.name, page, i, self._targets) for i in reversed(final))
            newest = next((file for available, file, _ in looks if available and file is not None), None)
            known = newest is not None and extra in self._extras_in(page_key, newest)
            self._extras[page_key, extra] = known
        return known

    def _extras_in(self, page_key: str, file: File) -> tuple[str, ...]:
        """The extras of a version, as far as they can be read."""
        key = (page_key, file.filename)
        self.want_metadata(*key, file)
        self._wait(lambda: key in self._metadata or key in self._problems)
        return self._metadata[key].extras if key in self._metadata else ()

    def _direct_facts(self, direct: Direct, extra: str, place: int) -> Facts:
        targets = self._targets
        needs = needs_of_metadata(direct.metadata, extra, place, targets)
        if not self.options.dependencies:
            needs = tuple(need for need in needs if need.exactly is not None)
        available, reason = targets.everything, ""
        if direct.tags:
            available, reason = targets.alike(targets.wheel_mask(direct.tags)), "has no other file"
        if direct.metadata.requires_python:
            admitted = targets.requires_python_mask(direct.metadata.requires_python)
            if available & ~admitted:
                reason = f"requires Python {render_specifiers(direct.metadata.requires_python)}"
            available &= admitted
        self._check_cuts()
        return Facts(available, needs, reason)

    def metadata_of(self, entry: LockedPackage) -> CoreMetadata:
        """The core metadata by which an entry of the lock was judged; it has been asked for before."""
        if entry.is_direct:
            return next(d for d in self.options.direct[entry.name] if d.is_entry(entry)).metadata
        if entry.name not in self._places.parted:
            page = self.pages[entry.name]
            assert page is not None
            return self.metadata_at(entry.name, page.versions.index(entry.version or ""))
        for place in self._places.find(entry):
            _, file, _ = self._use(entry.name, place)
            if file is not None and (self._places.at(entry.name, place)[0], file.filename) in self._metadata:
                return self.metadata_at(entry.name, place)
        raise AssertionError(f"{entry.name} is of an index that was not asked")

    def metadata_at(self, name: str, place: int) -> CoreMetadata:
        """The core metadata of a version by its place."""
        if (direct := self.direct_at(name, place)) is not None:
            return direct.metadata
        _, file, _ = self._use(name, place)
        assert file is not None
        return self._metadata[self._places.at(name, place)[0], file.filename]

    def _check_cuts(self) -> None:
        if self._targets.cuts:
            raise TargetsCut

    def _use(self, name: str, place: int) -> tuple[int, File | None, str]:
        """(targets with a file, the file that speaks for the version, why not elsewhere)."""
        key = (name, place)
        found = self._usable.get(key)
        if found is None:
            found = self._usable[key] = self._files.look(name, *self.page_at(name, place), self._targets)
        return found

    # -- for looking ahead ---------------------------------------------------------------------

    def expect(self, needs: Iterable[Need]) -> None:
        """The solver will ask about these: fetch them along with the first thing that it waits for."""
        self._ahead.expect(needs)

    @property
    def parted(self) -> frozenset[str]:
        """The packages that may come from several places."""
        return self._places.parted

    def metadata_known(self) -> list[CoreMetadata]:
        """The metadata that were read so far."""
        return list(self._metadata.values())

    def pages_awaited(self) -> list[str]:
        """The pages that were asked for and are not here."""
        return [key for key in self._wanted_pages if key not in self.pages and key not in self._problems]

    def prefers_low(self, name: str) -> bool:
        """Do low versions of a package go before high ones?"""
        lowest = self.options.lowest
        return lowest if isinstance(lowest, bool) else name in lowest

    def first_choice(self, name: str, page: Page, places: int) -> int:
        """Of these versions the one that is tried first; -1 where there is none."""
        for version in self.options.preferred.get(name, ()):
            if version in page.versions and places >> (place := page.versions.index(version)) & 1:
                return place
        return (places & -places if self.prefers_low(name) else places).bit_length() - 1

    def look_ahead(self, name: str, page: Page, place: int) -> tuple[int, File | None, str]:
        """The same as ``_use``, of a page that need not be the one that counts."""
        if page is not self.pages.get(name):
            return self._files.look(name, page, place, self.scout)
        key = (name, place)
        found = self._usable.get(key) or self._likely.get(key)
        if found is None:
            found = self._likely[key] = self._files.look(name, page, place, self.scout)
        return found

    def requires_python_of(self, page: Page, place: int, file: File) -> str | None:
        """See ``Files``."""
        return self._files.requires_python_of(page, place, file)

    # -- metadata -----------------------------------------------------------------------------

    def want_metadata(self, page_key: str, filename: str, file: File) -> None:
        """See that the metadata of a file come, or have come."""
        key = (page_key, filename)
        if key in self._wanted_metadata:
            return
        self._wanted_metadata.add(key)
        page = self.pages[page_key]
        assert page is not None

        def done(answer: CoreMetadata | Problem) -> None:
            if isinstance(answer, Problem):
                self._problems[key] = answer
                return
            answer = self._metadata[key] = self.options.adjustments.of(answer)
            self._ahead.metadata_came(answer)

        if self.options.adjustments and (stated := self._stated(page, file)) is not None:
            done(stated)
            return

        self.library.fetch_metadata(page, file, done)

    def _stated(self, page: Page, file: File) -> CoreMetadata | None:
        """The metadata of a file's version where the project states them: then nobody is asked."""
        for place, version in enumerate(page.versions):
            if file in page.files_of(place):
                return self.options.adjustments.whole(page.name, version, file.requires_python)
        return None

    def _wait(self, ready: Callable[[], bool]) -> None:
        if not ready():
            self._ahead.wake()
        while not ready():
            if not self.library.pump() and not ready():
                raise AssertionError("waiting for an answer that nobody will give")
