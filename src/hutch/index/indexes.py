"""The configured indexes, asked in order, with a cache of digested pages.

The first index that *has* a project owns it: later ones are not asked, whatever versions they have,
so that nobody can put a public project before a private one of that name. An index that fails is
not one that does not have it. Files from find-links are beside that: the user put them there, and
they join the versions of the owner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hutch.errors import Problem
from hutch.events import Notice
from hutch.index.caching import CachedPage, read_cached, write_cached
from hutch.index.options import IndexOptions
from hutch.index.page import Missing, Page
from hutch.index.sources import ACCEPT, LARGEST_PAGE, FlatSource, SimpleSource
from hutch.spec import NormalizedName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.net import Client, Clock, Response
    from hutch.store import Store

__all__ = ["Indexes"]

Outcome = Page | Missing | Problem
Answered = Callable[[Outcome], None]


class Indexes:
    """Pages of projects. One answer a project and process: two questions never get two answers.

    ``refresh`` asks for each page again, however fresh it is. ``environ`` may hold
    ``HUTCH_INDEX_<NAME>_USERNAME`` and ``_PASSWORD``.
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
    ) -> None:
        self._client = client
        self._tables = store.tables
        self._refresh = refresh
        self._offline = client.options.offline if offline is None else offline
        self._clock = now or client.clock
        simple = sorted((each for each in options if each.kind == "simple"), key=lambda each: each.default)
        self._indexes = [SimpleSource(each, client, environ or {}) for each in simple]
        self._flats = [FlatSource(each, client, environ or {}) for each in options if each.kind == "flat"]
        self._answers: dict[tuple[str, str], Outcome] = {}
        self._pending: dict[tuple[str, str], list[Answered]] = {}
        self._flats_wait: list[Callable[[], None]] | None = None

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
        candidates = self._candidates(index)
        if isinstance(candidates, Problem):
            self._client.soon(lambda problem: self._answer(key, problem), candidates)
            return
        self._with_flats(lambda: self._ask(key, candidates, 0))

    def read_page(self, name: NormalizedName, *, index: str | None = None) -> Page | Missing | None:
        """The page, if it can be had without the network: known, local, or cached and fresh."""
        key = (name, index or "")
        known = self._answers.get(key)
        if isinstance(known, Problem):
            return None
        if known is not None:
            return known
        candidates = self._candidates(index)
        if isinstance(candidates, Problem) or not all(flat.loaded for flat in self._flats):
            return None
        owner: Page | None = None
        for each in candidates:
            found = each.read(name) if each.is_local else read_cached(self._tables, each, name)
            if found is None or isinstance(found, Problem):
                return None
            if isinstance(found, CachedPage):
                if not self._is_fresh(found):
                    return None
                found = found.page
            if found is not None and isinstance(found, Page):
                owner = found
                break
        outcome = self._merged(name, owner, candidates, bound=index)
        self._answers[key] = outcome
        return outcome

    # -- one project ---------------------------------------------------------------------------

    def _candidates(self, index: str | None) -> list[SimpleSource] | Problem:
        if index is None:
            return [each for each in self._indexes if not each.options.explicit]
        found = [each for each in self._indexes if each.options.name == index]
        if not found and not any(flat.options.name == index for flat in self._flats):
            from hutch.index.problems import InvalidIndex

            return InvalidIndex(f"there is no index named `{index}`")
        return found

    def _ask(self, key: tuple[str, str], candidates: list[SimpleSource], position: int) -> None:
        name = NormalizedName(key[0])
        if position == len(candidates):
            self._answer(key, self._merged(name, None, candidates, bound=key[1] or None))
            return

        def answered(outcome: Page | Problem | None) -> None:
            if outcome is None:
                self._ask(key, candidates, position + 1)
            elif isinstance(outcome, Problem):
                self._answer(key, outcome)
            else:
                self._answer(key, self._merged(name, outcome, candidates, bound=key[1] or None))

        index = candidates[position]
        if index.is_local:
            found = index.read(name)
            self._client.soon(answered, None if isinstance(found, Missing) else found)
        else:
            self._ask_remote(index, name, answered)

    def _answer(self, key: tuple[str, str], outcome: Outcome) -> None:
        self._answers[key] = outcome
        if isinstance(outcome, Page) and outcome.status == "quarantined":
            reason = f": {outcome.status_reason}" if outcome.status_reason else ""
            text = f"{outcome.name} is in quarantine on the index {outcome.index}{reason}"
            self._client.emit(Notice(text, warning=True))
        for done in self._pending.pop(key, []):
            self._client.soon(done, outcome)

    def _merged(
        self, name: NormalizedName, owner: Page | None, candidates: list[SimpleSource], *, bound: str | None
    ) -> Page | Missing:
        """The owner's page with what find-links have; ``bound`` is the one index that was named."""
        if bound is None:
            flats = [flat for flat in self._flats if not flat.options.explicit]
        else:
            flats = [flat for flat in self._flats if flat.options.name == bound]
        for flat in flats:
            extra = flat.read(name)
            if extra is None:
                continue
            if owner is None:
                owner = extra
            else:
                from hutch.index.joining import joined

                owner = joined(owner, extra)
        if owner is not None:
            return owner
        asked = [each.options.name for each in candidates] + [flat.options.name for flat in flats]
        return Missing(name=name, asked=tuple(asked))

    # -- one index over the network --------------------------------------------------------------

    def _ask_remote(
        self, index: SimpleSource, name: NormalizedName, done: Callable[[Page | Problem | None], None]
    ) -> None:
        cached = read_cached(self._tables, index, name)
        if cached is not None and (self._offline or self._is_fresh(cached)):
            self._client.soon(done, cached.page)
            return
        if self._offline:
            from hutch.net import OfflineProblem

            if any(flat.read(name) for flat in self._flats):
                self._client.soon(done, None)
                return
            what = f"the page of {name} is not in the cache, and the network is switched off"
            self._client.soon(done, OfflineProblem(what, hint="run the command once without --offline"))
            return
        self._request(index, name, cached, done, once_more=True)

    def _request(
        self,
        index: SimpleSource,
        name: NormalizedName,
        cached: CachedPage | None,
        done: Callable[[Page | Problem | None], None],
        *,
        once_more: bool,
    ) -> None:
        from hutch.net import Request

        headers = {"Accept": ACCEPT}
        if cached is not None and once_more:
            if cached.etag:
                headers["If-None-Match"] = cached.etag
            if cached.modified:
                headers["If-Modified-Since"] = cached.modified
        if not once_more or self._refresh:
            headers["Cache-Control"] = "no-cache" if not once_more else "max-age=0"

        def answered(response: Response | Problem) -> None:
            if isinstance(response, Problem):
                done(response)
            elif response.status == 304 and cached is not None:
                self._remember(index, name, response, cached.page, cached)
                done(cached.page)
            elif response.status in (404, 410, *index.options.absent_statuses):
                self._remember(index, name, response, None)
                done(None)
            elif response.status != 200:
                done(index.refusal(name, response.status))
            else:
                page = index.parse(name, response)
                if isinstance(page, Page):
                    self._remember(index, name, response, page)
                elif once_more:
                    # What came may have been damaged by a cache on the way: ask past it, once.
                    self._request(index, name, cached, done, once_more=False)
                    return
                done(page)

        url = f"{index.url}{name}/"
        purpose = f"the page of {name}"
        self._client.submit(
            Request(url=url, headers=headers, max_bytes=LARGEST_PAGE, purpose=purpose), answered
        )

    def _remember(
        self,
        index: SimpleSource,
        name: NormalizedName,
        response: Response,
        page: Page | None,
        old: CachedPage | None = None,
    ) -> None:
        try:
            write_cached(self._tables, index, name, response, page, now=self._clock.time(), old=old)
        except ValueError:
            pass  # something nested too deeply to be marshalled: not worth keeping

    def _is_fresh(self, cached: CachedPage) -> bool:
        if self._offline:
            return True
        return not self._refresh and cached.age(self._clock.time()) < cached.max_age

    # -- find-links ------------------------------------------------------------------------------

    def _with_flats(self, then: Callable[[], None]) -> None:
        """Call ``then`` when the pages of find-links are here."""
        missing = [flat for flat in self._flats if not flat.loaded]
        if not missing:
            then()
            return
        if self._flats_wait is not None:
            self._flats_wait.append(then)
            return
        self._flats_wait = [then]
        left = len(missing)

        def loaded() -> None:
            nonlocal left
            left -= 1
            if not left:
                waiting, self._flats_wait = self._flats_wait or [], None
                for each in waiting:
                    each()

        for flat in missing:
            flat.load(self._client, self._offline, loaded)
