"""What is likely asked next, fetched before anybody asks.

Rounds cost more than bytes: each answer is followed by the requests that it makes likely, at once and
whatever the solver waits for. A requirement that was met makes a page likely, its extras included; a page
makes the metadata of its best candidate likely; metadata make the pages likely of what they need. What is
remembered of a page that has to be asked for again (what it was an hour ago, and the metadata of the best
candidate then) is followed in the same way, so that a graph which was seen before is asked for in one wave.

Nothing here changes an answer: what was fetched in vain was only fetched in vain, and it is bounded. A
package gets a few guesses, and a walk down its versions never asks for more than it has asked for already.
"""

from __future__ import annotations

from hutch.provide.needs import split_package
from hutch.spec import matching, mentions_extra

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.index import File, Page
    from hutch.provide.provider import IndexProvider
    from hutch.solve import DependenciesOf, Need
    from hutch.spec import CoreMetadata

    Specifiers = tuple[tuple[str, str], ...]

__all__ = ["Ahead"]

MOST_GUESSES = 3
"""For how many versions of a package metadata are asked because one requirement after the other is met; while
the solver walks down the versions of another package, for one more with each of those."""
WALK_FIRST = 2
WALK_MOST = 64
"""So many versions are asked for at once after so many that the solver had to wait for one by one."""


class Ahead:
    """The requirements met so far, and what they make likely. Sleeps until the network is in use."""

    def __init__(self, provider: IndexProvider) -> None:
        self._provider = provider
        self.awake = False
        self._asked: dict[str, dict[str, Specifiers]] = {}  # name → who asks ("" is the project) → for what
        self._extras: dict[str, set[str]] = {}
        self._metadata: dict[str, CoreMetadata] = {}  # of the best candidate, for extras that come later
        self._guesses: dict[str, list[tuple[Page, int]]] = {}
        self._tried: dict[str, int] = {}
        self._walked = 0
        self._stale: dict[str, Page] = {}
        self._due: list[tuple[CoreMetadata, set[str]]] = []

    # -- what comes -----------------------------------------------------------------------------

    def expect(self, needs: Iterable[Need]) -> None:
        """These are asked for whatever happens."""
        for need in needs:
            name, extra = split_package(need.package)
            known = dict.fromkeys((*self._asked.get(name, {}).get("", ()), *need.specifiers))
            self._meet(name, tuple(known), {extra} - {""}, "")

    def wake(self) -> None:
        """An answer has to be waited for: from now on look ahead."""
        if self.awake:
            return
        self.awake = True
        provider = self._provider
        for metadata in provider.metadata_known():
            self.metadata_came(metadata)
        for name in (*self._asked, *provider.options.likely):
            provider.want_page(name)
        for name in provider.pages_awaited():
            self.page_asked(name)
        for name in list(provider.pages):
            self.page_came(name)

    def page_asked(self, name: str) -> None:
        """A page is not at hand: follow what it was when it was last seen."""
        if self.awake and name not in self._stale and self._may_guess(name):
            page = self._provider.library.remembered_page(name)
            if page is not None:
                self._stale[name] = page
                self._guess(name, page)

    def page_came(self, name: str) -> None:
        """A page is here: its best candidate is the likeliest to be asked about."""
        if self.awake and self._may_guess(name):
            page = self._provider.pages.get(name)
            if page is not None:
                self._guess(name, page)

    def metadata_came(self, metadata: CoreMetadata) -> None:
        """Metadata are here: what they ask for will be asked about."""
        if self.awake:
            self._metadata[metadata.name] = metadata
            self._follow(metadata, {"", *self._extras.get(metadata.name, ())})

    # -- what follows ---------------------------------------------------------------------------

    def _meet(self, name: str, specifiers: Specifiers, extras: set[str], asker: str) -> bool:
        """Note a requirement; was anything new in it? What another version of the asker said is forgotten."""
        asked = self._asked.setdefault(name, {})
        wanted = self._extras.setdefault(name, set())
        new = asked.get(asker) != specifiers
        asked[asker] = specifiers
        fresh = extras - wanted
        wanted |= fresh
        if fresh and name in self._metadata:
            self._follow(self._metadata[name], fresh)
        return new

    def _follow(self, metadata: CoreMetadata, extras: set[str]) -> None:
        """Expect what the metadata ask for with these extras; what follows from that, after it.

        One after the other: a chain may have more links than Python's stack has room for.
        """
        self._due.append((metadata, extras))
        if len(self._due) > 1:
            return  # somebody below is at it
        try:
            for each in self._due:  # which grows
                self._expect_of(*each)
        finally:
            self._due = []

    def _expect_of(self, metadata: CoreMetadata, extras: set[str]) -> None:
        provider = self._provider
        if not provider.options.dependencies:
            return
        for requirement in metadata.requirements:
            marker = requirement.marker
            if marker is not None:
                asked = extras if mentions_extra(marker) else {""} & extras
                if not any(provider.scout.marker_mask(marker, extra) for extra in asked):
                    continue
            elif "" not in extras:
                continue
            name = requirement.name
            if self._meet(name, requirement.specifiers, set(requirement.extras), metadata.name):
                if name in provider.pages:
                    self.page_came(name)
                elif name in self._stale:
                    self._guess(name, self._stale[name])
                else:
                    provider.want_page(name)

    def _may_guess(self, name: str) -> bool:
        provider = self._provider
        return (name in self._asked or name in provider.options.likely) and name not in provider.parted

    def _admitted(self, name: str, page: Page) -> int:
        """The versions that all who ask would take, or else those that the last who asked would."""
        everything = mask = (1 << len(page.keys)) - 1
        last = everything
        for specifiers in self._asked.get(name, {}).values():
            last = matching(specifiers, page.keys) if specifiers else everything
            mask &= last
        return mask or last

    def _guess(self, name: str, page: Page) -> None:
        """Ask for the metadata of the version that the solver is likely to try first, if it is another."""
        provider = self._provider
        admitted = self._admitted(name, page)
        guesses = self._guesses.setdefault(name, [])
        if any(admitted >> place & 1 for seen, place in guesses if seen is page):
            return
        if sum(seen is page for seen, _ in guesses) >= MOST_GUESSES + self._walked:
            return
        admitted = admitted & ~page.prerelease & ~page.yanked or admitted
        for _ in range(3):
            place = provider.first_choice(name, page, admitted)
            if place < 0:
                return
            available, file, _ = provider.look_ahead(name, page, place)
            if available & (provider.options.demanded or -1) and file is not None:
                guesses.append((page, place))
                self._want(page, file)
                return
            admitted &= ~(1 << place)

    def _want(self, page: Page, file: File) -> None:
        provider = self._provider
        if not provider.library.may_fetch_ahead(file):
            return
        if page is provider.pages.get(page.name):
            provider.want_metadata(page.name, file.filename, file)
        elif (known := provider.library.remembered_metadata(page, file)) is not None:
            self.metadata_came(provider.options.adjustments.of(known))

    # -- walking down ---------------------------------------------------------------------------

    def metadata_asked(self, question: DependenciesOf, name: str) -> None:
        """The solver has to wait for the metadata of one version: fetch its next questions as well."""
        self.wake()
        for package, place in question.soon():
            self._want_place(split_package(package)[0], place)
        tried = self._tried[name] = self._tried.get(name, 0) + 1
        if tried > WALK_FIRST:
            # Its versions fall one after the other: as many at once as were asked for before, and so on.
            self._walk(name, question.version, min(1 << (tried - WALK_FIRST), WALK_MOST))

    def _walk(self, name: str, start: int, count: int) -> None:
        provider = self._provider
        page = provider.pages.get(name)
        if page is None or name in provider.parted:
            return
        # What other packages ask for changes with their versions, which may be what the solver walks down.
        admitted = matching(self._asked.get(name, {}).get("", ()), page.keys)
        admitted &= ~page.prerelease & ~page.yanked
        if provider.prefers_low(name):
            places = [place for place in range(start + 1, len(page.keys)) if admitted >> place & 1]
        else:
            places = [place for place in range(start - 1, -1, -1) if admitted >> place & 1]
        self._walked += len(places[:count])
        for place in places[:count]:
            self._want_place(name, place)

    def _want_place(self, name: str, place: int) -> None:
        provider = self._provider
        page = provider.pages.get(name)
        if page is not None and 0 <= place < len(page.versions) and name not in provider.parted:
            _, file, _ = provider.look_ahead(name, page, place)
            if file is not None:
                self._want(page, file)
