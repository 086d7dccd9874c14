"""The configured indexes, asked in order.

The first place that *has* a project owns it: later ones are not asked, whatever versions they have,
so that nobody can put a public project before a private one of that name. A place that fails is not
one that does not have it. See docs/explanation/network.md and docs/adr/0008.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.events import Notice
from hutch.index.options import IndexOptions
from hutch.index.owners import Claim
from hutch.index.page import File, Missing, Page
from hutch.index.sources import Desk, SimpleSource, Unknown
from hutch.spec import NormalizedName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from hutch.index.sources import Found, Source
    from hutch.net import Client, Clock
    from hutch.store import Store

__all__ = ["Indexes"]

Outcome = Page | Missing | Problem
Answered: TypeAlias = "Callable[[Outcome], None]"


class Indexes:
    """Pages of projects. One answer a project and process: two questions never get two answers.

    ``refresh`` asks for each page again, however fresh it is. ``environ`` may hold
    ``HUTCH_INDEX_<NAME>_USERNAME`` and ``_PASSWORD``. ``readers`` is how many processes read pages, where
    somebody knows better.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        options: tuple[IndexOptions, ...],
        *,
        refresh: bool = False,
        offline: bool | None = None,
        now: Clock | None = None,
        environ: Mapping[str, str] | None = None,
        readers: int | None = None,
    ) -> None:
        self._client = client
        self._desk = Desk(
            client,
            store.tables,
            now or client.clock,
            offline=client.options.offline if offline is None else offline,
            refresh=refresh,
            readers=readers,
        )
        self._sources = [
            _source(each, client, environ or {})
            for each in sorted(options, key=lambda each: (each.supplemental, each.default))
        ]
        self._answers: dict[tuple[str, str], Outcome] = {}
        self._pending: dict[tuple[str, str], list[Answered]] = {}

    def fetch_page(self, name: NormalizedName, done: Answered, *, index: str | None = None) -> None:
        """Answer with the page of ``name``, from the pump of the client.

        ``index`` names the one index to ask (of a project that is bound to it).
        """
        key = (name, index or "")
        known = self._answers.get(key)
        if known is not None:
            self._client.soon(done, known)
            return
        waiting = self._pending.get(key)
        if waiting is not None:
            waiting.append(done)
            return
        self._pending[key] = [done]
        places = self._places(index)
        if isinstance(places, Problem):
            self._client.soon(lambda problem: self._answer(key, problem), places)
            return
        self._ask(key, places, 0, Claim(), pumped=False)

    def read_page(self, name: NormalizedName, *, index: str | None = None) -> Page | Missing | None:
        """The page, if it can be had without the network: known, local, or cached and fresh."""
        key = (name, index or "")
        known = self._answers.get(key)
        if known is not None:
            return None if isinstance(known, Problem) else known
        places = self._places(index)
        if isinstance(places, Problem):
            return None
        claim = Claim()
        for place in places:
            if not claim.asks(place.options):
                continue
            found = place.read(name, self._desk)
            if isinstance(found, (Problem, Unknown)):
                return None
            claim.take(place.options, found)
        outcome = claim.page or _missing(name, places)
        self._answers[key] = outcome
        self._tell(outcome)
        return outcome

    def remembered_page(self, name: NormalizedName, *, index: str | None = None) -> Page | None:
        """The page as it was last seen, however long ago; None where it never was."""
        places = self._places(index)
        for place in [] if isinstance(places, Problem) else places:
            page = place.remembered(name, self._desk)
            if page is not None:
                return page
        return None

    def known_file(self, name: str, version: str, filename: str) -> tuple[Page, File] | None:
        """A file of a page that this process has looked at, with the page."""
        for (asked, _), page in self._answers.items():
            if asked == name and isinstance(page, Page) and version in page.versions:
                for file in page.files_of(page.versions.index(version)):
                    if file.filename == filename:
                        return page, file
        return None

    def believed(self) -> dict[str, tuple[float, tuple[int, int, int] | None]] | None:
        """The tables of the cache that all answers came from: until when each holds, in seconds since the
        epoch, and the size, date and inode of what was read; None where some came from elsewhere."""
        plain = all(isinstance(each, SimpleSource) and not each.is_local for each in self._sources)
        return None if self._desk.fetched or not plain else self._desk.believed

    def rest(self) -> None:
        """Many pages will not be asked for from here on: those who read them may go home."""
        if self._desk.readers is not None:
            self._desk.readers.rest()

    # -- one project ---------------------------------------------------------------------------

    def _places(self, index: str | None) -> list[Source] | Problem:
        """The places to ask in order: those that can own a name, then those that join its owner."""
        if index is None:
            places = [each for each in self._sources if not each.options.explicit]
            return sorted(places, key=lambda each: each.options.joins)
        places = [each for each in self._sources if each.options.name == index]
        if not places and index == "default":
            places = [each for each in self._sources if each.options.default]
        if not places:
            from hutch.index.problems import InvalidIndex

            return InvalidIndex(f"there is no index named `{index}`")
        return places

    def _ask(
        self, key: tuple[str, str], places: list[Source], position: int, claim: Claim, *, pumped: bool
    ) -> None:
        """Ask the places from ``position`` on; ``pumped`` tells that a call-back of the client asks."""
        name = NormalizedName(key[0])
        while position < len(places) and not claim.asks(places[position].options):
            position += 1
        if position == len(places):
            outcome = claim.page or _missing(name, places)
            if pumped:
                self._answer(key, outcome)
            else:
                self._client.soon(lambda found: self._answer(key, found), outcome)
            return
        place = places[position]

        def answered(found: Found) -> None:
            if isinstance(found, Problem):
                if not claim.stands_without(found) and not self._is_joined_offline(
                    name, found, places[position + 1 :]
                ):
                    self._answer(key, found)
                    return
                found = None
            claim.take(place.options, found)
            self._ask(key, places, position + 1, claim, pumped=True)

        place.ask(name, self._desk, answered)

    def _is_joined_offline(self, name: NormalizedName, problem: Problem, rest: list[Source]) -> bool:
        """Without a network, files that the user put beside the index are enough."""
        from hutch.net import OfflineProblem

        return isinstance(problem, OfflineProblem) and any(
            place.options.joins and isinstance(place.read(name, self._desk), Page) for place in rest
        )

    def _answer(self, key: tuple[str, str], outcome: Outcome) -> None:
        self._answers[key] = outcome
        self._tell(outcome)
        for done in self._pending.pop(key, []):
            done(outcome)

    def _tell(self, outcome: Outcome) -> None:
        """PEP 792: a project in quarantine is probably malware."""
        if isinstance(outcome, Page) and outcome.status == "quarantined":
            reason = f": {outcome.status_reason}" if outcome.status_reason else ""
            text = f"{outcome.name} is in quarantine on the index {outcome.index}{reason}"
            self._client.emit(Notice(text, warning=True))


def _source(options: IndexOptions, client: Client, environ: Mapping[str, str]) -> Source:
    if options.kind == "simple":
        return SimpleSource(options, client, environ)
    from hutch.index.flat import FlatSource

    return FlatSource(options, client, environ)


def _missing(name: NormalizedName, places: list[Source]) -> Missing:
    return Missing(name=name, asked=tuple([place.options.name for place in places]))
