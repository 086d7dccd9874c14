"""A client with manners over any transport.

It adds who we are and what we may say to whom (credentials by origin), follows redirects by hand,
tries again what may work the next time, goes on with a download where it stopped, and says in plain
words, without secrets, what did not work in the end.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.events import Emit, Fetched, Notice, silent
from hutch.net.clock import Clock, SystemClock
from hutch.net.credentials import Credential, Wallet, authorization, credential_from_userinfo
from hutch.net.doorman import Doorman, Refusal
from hutch.net.messages import Done, Helpers, Request, Response, Resume, Transport
from hutch.net.options import NetOptions
from hutch.net.problems import FetchFailed, InsecureAddress, InvalidAddress, OfflineProblem, TransferFailed
from hutch.net.retries import (
    LONGEST_WAIT,
    MIRROR_RETRIES,
    MIRROR_WAIT,
    is_passing,
    pause_before,
    retry_after,
    worth_retrying,
)
from hutch.net.urls import Address, is_loopback, join_url, parse_url, redact
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from typing import Any, TypeVar

    from hutch.net.background import Background
    from hutch.net.places import Places

    _Value = TypeVar("_Value")

__all__ = ["Client"]

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 10
_MOMENT = 0.002
_PROGRESS = 32 * 1024  # bytes of one attempt that make it none; or a byte a try could go on for ever


class _Exchange:
    """One request of the caller's, over all its redirects and attempts."""

    __slots__ = ("address", "attempts", "credential", "done", "redirects", "request", "resume", "url")

    def __init__(self, request: Request, done: Done) -> None:
        self.request = request
        self.done = done
        self.url = request.url
        self.address: Address | None = None
        self.attempts = 0
        self.redirects = 0
        self.resume = request.resume
        self.credential: Credential | None = None  # what was told with the last try


class Client:
    """Submit requests, then ``pump`` until what you wait for has come. For one thread only.

    ``without_ranges`` are origins that were seen to ignore ranges, for whoever asks for parts.
    """

    def __init__(
        self,
        transport: Transport,
        options: NetOptions | None = None,
        emit: Emit = silent,
        *,
        clock: Clock | None = None,
        seed: int | None = None,
    ) -> None:
        self.options = options or NetOptions()
        self.clock: Clock = clock or SystemClock()
        self.emit = emit
        self._transport = transport
        self._wallet = Wallet(
            self.options.credentials,
            saved=self.options.saved,
            tools=self.options.tool_logins,
            netrc=self.options.netrc,
            indexes=self.options.indexes,
        )
        self._doorman = Doorman(self._wallet, self.options)
        self._trusted = set(self.options.trusted_hosts)
        self._seed = seed
        self._random: Random | None = None
        self._later: list[tuple[float, int, _Exchange]] = []
        self._ready: list[tuple[Done, Response | Problem]] = []
        self._not_before: dict[str, float] = {}
        self._down: dict[str, FetchFailed] = {}
        self._told: dict[str, float] = {}
        self._places: Places | None = None
        self._sequence = 0
        self._calls = 0
        self._workers: Background | None = None
        self._spare: list[Callable[[], bool]] = []
        self._helpers: list[Helpers] = []
        self.without_ranges: set[str] = set()

    # -- for everybody ------------------------------------------------------------------------

    def submit(self, request: Request, done: Done) -> None:
        """Begin ``request``; ``done`` gets a ``Response`` or a ``Problem``, once, from ``pump``."""
        if self.options.offline:
            name = request.purpose or redact(request.url)
            problem = OfflineProblem(
                f"{name} is not in the cache, and the network is switched off",
                hint="run the command once without --offline",
            )
            self._ready.append((done, problem))
            return
        exchange = _Exchange(request, done)
        try:
            self._aim(exchange, request.url, before=None)
        except Problem as problem:
            self._ready.append((done, problem))
            return
        self._send(exchange)

    def pump(self, timeout: float | None = None) -> bool:
        """Run what is ready, waiting up to ``timeout`` seconds for it (None: as long as it takes).

        Returns False when nothing is under way, so that ``while client.pump(): pass`` drains.
        """
        deadline = None if timeout is None else self.clock.monotonic() + timeout
        before = self._calls
        while True:
            self._run_ready()
            self._resend_due()
            # Once something was called back, let the network move without waiting, and return.
            wait = 0.0 if self._calls != before else self._wait(deadline)
            spare = wait != 0.0 and bool(self._spare)
            watched = [descriptor for each in self._owing for descriptor in each.descriptors()]
            patience = 0.0 if spare else wait
            busy = self._transport.pump(patience, watched) if watched else self._transport.pump(patience)
            self._run_ready()
            if self._calls != before:
                return True
            if self._ready:
                continue
            if spare and (busy or watched):
                # Nothing is here yet: what else is there to do? If there is nothing, wait.
                for work in list(self._spare):
                    if not work():
                        self._spare.remove(work)
                continue
            if not busy and not self._later and not self._jobs and not watched:
                return False
            if deadline is not None and self.clock.monotonic() >= deadline:
                return True
            if not busy:
                self._idle(self._wait(deadline))

    def fetch(self, request: Request) -> Response:
        """Submit, pump until the answer is here, return it; raise the problem if there is one."""
        outcome: list[Response | Problem] = []
        self.submit(request, outcome.append)
        while not outcome:
            self.pump()
        if isinstance(outcome[0], Problem):
            raise outcome[0]
        return outcome[0]

    def background(
        self, job: Callable[[], _Value], done: Callable[[_Value | Problem], None], *, weight: int = 0
    ) -> None:
        """Run ``job`` in a thread; ``done`` gets its value, or the ``Problem`` it raised, from ``pump``.

        For work that would keep the network waiting: unpacking an archive, hashing a large file. Of those
        that have to wait the one with the largest ``weight`` (bytes, say) is next.
        """
        if self._workers is None:
            from hutch.net.background import Background

            self._workers = Background()
        self._workers.submit(job, done, weight=weight)

    def when_idle(self, work: Callable[[], bool]) -> None:
        """Call ``work`` while answers are waited for, again and again until it gives False.

        For what has to be done some time, in steps of a millisecond.
        """
        if work not in self._spare:
            self._spare.append(work)

    def helped_by(self, helpers: Helpers) -> None:
        """Wait for these as well; ``close`` dismisses them."""
        self._helpers.append(helpers)

    def soon(self, done: Callable[[Any], None], value: Any) -> None:
        """Call ``done(value)`` from the next ``pump``: for answers that need no network."""
        self._ready.append((done, value))

    def refusal(self, url: str) -> Refusal:
        """What there is to say of credentials where the server of ``url`` refused."""
        return self._doorman.refusal(parse_url(url))

    def credential_source(self, url: str) -> str:
        """Where the credential for ``url`` comes from; empty if none is known."""
        return self._doorman.source(parse_url(url))

    def log_in_for(self, url: str) -> tuple[str, str] | None:
        """The user name and password that ``hutch auth login`` keeps for the place that ``url`` lies below:
        for programs that have ways of their own to find others."""
        address = parse_url(url)
        if address.scheme == "http" and not self._may_be_plain(address):
            return None
        return self._doorman.log_in(address)

    def add_credential(self, credential: Credential) -> None:
        """Remember a credential for the URLs of its origin."""
        self._wallet.add(credential)

    def close(self) -> None:
        """Close the transport and wait for background jobs; no call-back runs after this."""
        self._ready.clear()
        self._later.clear()
        self._transport.close()
        for each in self._helpers:
            each.dismiss()
        if self._workers is not None:
            self._workers.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pass_over(self, place: str, problem: Problem) -> None:
        """A mirror (``Request.place``) has nothing that is of use: it is not asked again."""
        places = self._mirrors()
        if place not in places.failed:
            why = problem.why[0] if problem.why else problem.what
            self.emit(Notice(f"the mirror {place} is not asked any more: {why}"))
        for each in places.pass_over(place, problem):
            self._send(each)

    # -- sending ------------------------------------------------------------------------------

    def _aim(self, exchange: _Exchange, url: str, *, before: Address | None) -> None:
        """Point ``exchange`` at ``url``, after checking that we go there. Raises a ``Problem``."""
        address = parse_url(url)
        if before is None and address.userinfo:
            credential = credential_from_userinfo(address.origin, address.target, address.userinfo)
            if credential is not None:
                self._wallet.add(credential)
        if address.scheme == "http" and not exchange.request.verified and not self._may_be_plain(address):
            if before is not None and before.scheme == "https":
                what = f"{before.netloc} redirects from https to http ({address.netloc})"
            else:
                what = f"refusing to fetch from {address.netloc} over plain http"
            raise InsecureAddress(
                what,
                host=address.host,
                why="anybody on the way could change what comes",
                hint=f"use https, or name {address.netloc} in trusted-host",
            )
        exchange.url = address.url
        exchange.address = address

    def _may_be_plain(self, address: Address) -> bool:
        return is_loopback(address.host) or address.host in self._trusted or address.netloc in self._trusted

    def _send(self, exchange: _Exchange) -> None:
        address = exchange.address
        assert address is not None
        down = self._down.get(address.origin)
        if down is not None:
            problem = self._unreachable(exchange, down.kind, down.why[0], 1)
            self._ready.append((exchange.done, problem))
            if exchange.request.place:
                self.pass_over(exchange.request.place, problem)
            return
        if exchange.request.place and self._is_held(exchange):
            return
        wait_until = self._not_before.get(address.origin, 0.0)
        if wait_until > self.clock.monotonic():
            self._postpone(exchange, wait_until)
            return
        exchange.attempts += 1
        request = exchange.request
        headers = {"User-Agent": self.options.user_agent, **request.headers}
        if exchange.redirects and parse_url(request.url).origin != address.origin:
            # What the caller said to the first host is not for the second.
            headers = {
                name: value
                for name, value in headers.items()
                if name.lower() not in ("authorization", "cookie", "proxy-authorization")
            }
        if not any(name.lower() == "authorization" for name in headers):
            exchange.credential = self._doorman.credential(address)
            if exchange.credential is not None:
                headers["Authorization"] = authorization(exchange.credential)
        sent = replace(request, url=exchange.url, headers=headers, resume=exchange.resume)
        self._transport.submit(sent, lambda outcome: self._answered(exchange, outcome))

    def _mirrors(self) -> Places:
        if self._places is None:
            from hutch.net.places import Places

            self._places = Places()
        return self._places

    def _is_held(self, exchange: _Exchange) -> bool:
        """Whether it is not to be sent: its mirror has failed, or somebody else is to try it first."""
        places = self._mirrors()
        failed = places.failed.get(exchange.request.place)
        if failed is None:
            return places.holds(exchange)
        kind = failed.kind if isinstance(failed, FetchFailed) else "status"
        why = failed.why[0] if failed.why else failed.what
        self._ready.append((exchange.done, self._unreachable(exchange, kind, why, 1)))
        return True

    @property
    def _jobs(self) -> int:
        return self._workers.left if self._workers is not None else 0

    @property
    def _owing(self) -> list[Helpers]:
        return [each for each in self._helpers if each.left] if self._helpers else []

    def _jitter(self) -> Random:
        if self._random is None:
            from random import Random

            self._random = Random(self._seed)
        return self._random

    def _postpone(self, exchange: _Exchange, until: float) -> None:
        self._sequence += 1
        from heapq import heappush

        heappush(self._later, (until, self._sequence, exchange))

    # -- answers ------------------------------------------------------------------------------

    def _answered(self, exchange: _Exchange, outcome: Response | Problem) -> None:
        if isinstance(outcome, TransferFailed):
            self._failed(exchange, outcome)
        elif isinstance(outcome, Problem):
            self._finish(exchange, outcome)
        elif outcome.status in _REDIRECTS and "location" in outcome.headers:
            self._redirect(exchange, outcome)
        elif is_passing(outcome.status):
            self._refused(exchange, outcome)
        elif outcome.status == 416 and exchange.resume is not None:
            # The file changed, or the part that we had was already the whole: begin anew.
            exchange.resume = None
            self._send(exchange)
        elif outcome.status == 401 and self._knock_again(exchange, outcome):
            pass
        elif outcome.status == 407:
            self._finish(exchange, self._unreachable(exchange, "proxy", "the proxy asks for a password", 1))
        else:
            self._finish(exchange, outcome)

    def _knock_again(self, exchange: _Exchange, response: Response) -> bool:
        """After a 401: whether there is, or comes out of the keyring, something else to say."""
        address = exchange.address
        assert address is not None

        def knows_more() -> bool:
            return self._doorman.credential(address) not in (None, exchange.credential)

        def go_on() -> None:
            if knows_more():
                exchange.attempts = 0
                self._send(exchange)
            else:
                self._finish(exchange, response)

        if knows_more():  # it came while this was under way
            go_on()
            return True
        return self._doorman.look_further(address, exchange.credential, self.background, go_on)

    def _redirect(self, exchange: _Exchange, response: Response) -> None:
        exchange.redirects += 1
        before = exchange.address
        assert before is not None
        if exchange.redirects > _MOST_REDIRECTS or exchange.request.method not in ("GET", "HEAD"):
            reason = f"it redirects more than {_MOST_REDIRECTS} times"
            if exchange.request.method not in ("GET", "HEAD"):
                reason = f"it redirects a {exchange.request.method}"
            self._finish(exchange, self._unreachable(exchange, "redirect", reason, 1))
            return
        try:
            self._aim(exchange, join_url(exchange.url, response.headers["location"]), before=before)
        except InvalidAddress as problem:
            reason = f"it redirects to {redact(response.headers['location'])!r}: {', '.join(problem.why)}"
            self._finish(exchange, self._unreachable(exchange, "redirect", reason, 1))
            return
        except Problem as problem:
            self._finish(exchange, problem)
            return
        exchange.attempts = 0
        self._send(exchange)

    def _refused(self, exchange: _Exchange, response: Response) -> None:
        """A status that says "not now"."""
        address = exchange.address
        assert address is not None
        asked = retry_after(response.headers.get("retry-after"), self.clock)
        place = exchange.request.place
        if asked is not None and asked > (MIRROR_WAIT if place else LONGEST_WAIT):
            why = f"it answered {response.status} and asks to wait {asked:.0f} seconds"
            self._give_up(exchange, why, response.status)
            return
        if not worth_retrying(response.status, exchange.attempts, self._retries(exchange)):
            self._give_up(exchange, f"it answered {response.status} each time", response.status)
            return
        pause = pause_before(exchange.attempts + 1, jitter=self._jitter())
        if asked is not None:
            # Never sooner than it asks, and nobody else of ours before that either.
            pause = max(asked + 0.1 * self._jitter().random(), pause)
            self._not_before[address.origin] = self.clock.monotonic() + asked
        self._try_again(exchange, f"{address.netloc} answered {response.status}", pause)

    def _give_up(self, exchange: _Exchange, why: str, status: int) -> None:
        self._finish(exchange, self._unreachable(exchange, "status", why, exchange.attempts, status))

    def _failed(self, exchange: _Exchange, failure: TransferFailed) -> None:
        address = exchange.address
        assert address is not None
        if failure.received and (failure.validator or exchange.request.verified):
            previous = exchange.resume.offset if exchange.resume else 0
            if failure.received >= previous + _PROGRESS:
                exchange.attempts = min(exchange.attempts, 1)  # progress: the way is not closed
            exchange.resume = Resume(failure.received, failure.validator)
        elif failure.received or failure.kind == "protocol":
            exchange.resume = None  # nobody can say that the rest would belong to what is here
        if not worth_retrying(failure.kind, exchange.attempts, self._retries(exchange)):
            problem = self._unreachable(exchange, failure.kind, failure.detail, exchange.attempts)
            if failure.kind in ("name", "connect", "tls"):
                self._down[address.origin] = problem
            self._finish(exchange, problem)
            return
        pause = pause_before(exchange.attempts + 1, jitter=self._jitter())
        self._try_again(exchange, f"{address.netloc}: {failure.detail}", pause)

    def _retries(self, exchange: _Exchange) -> int:
        return min(self.options.retries, MIRROR_RETRIES) if exchange.request.place else self.options.retries

    def _try_again(self, exchange: _Exchange, reason: str, pause: float) -> None:
        now = self.clock.monotonic()
        if now >= self._told.get(reason, now):  # of many that wait for the same, one is told
            self.emit(Notice(f"{reason}; trying again in {pause:.1f} s"))
            self._told[reason] = now + pause
        self._postpone(exchange, now + pause)

    def _finish(self, exchange: _Exchange, outcome: Response | Problem) -> None:
        if isinstance(outcome, Response) and outcome.status < 300:
            self.emit(Fetched(exchange.request.purpose or redact(exchange.url), outcome.size))
        if place := exchange.request.place:
            if isinstance(outcome, FetchFailed):
                self.pass_over(place, outcome)
            else:
                for each in self._mirrors().answered(exchange):
                    self._send(each)
        self._calls += 1
        exchange.done(outcome)

    def _unreachable(
        self, exchange: _Exchange, kind: Any, reason: str, attempts: int, status: int | None = None
    ) -> FetchFailed:
        address = exchange.address
        host = address.netloc if address else "?"
        name = exchange.request.purpose or redact(exchange.url)
        tries = f" (tried {attempts} times)" if attempts > 1 else ""
        if address is not None and kind in ("name", "connect") and not reason.startswith(_PROXY):
            from hutch.net.proxies import proxy_for

            if proxy := proxy_for(address, self.options):
                reason = f"{_PROXY}{redact(proxy).partition('://')[2]}: {reason}"
        return FetchFailed(
            f"could not fetch {name} from {host}",
            host=host,
            kind=kind,
            status=status,
            attempts=attempts,
            why=f"{reason}{tries}",
            hint=_HINTS.get("proxy" if reason.startswith(_PROXY) else kind, ()),
        )

    # -- waiting ------------------------------------------------------------------------------

    def _run_ready(self) -> None:
        for each in self._owing:
            each.collect()
        # Only those that are ready now: a call-back may add more, and the network wants its turn.
        for _ in range(len(self._ready)):
            done, value = self._ready.pop(0)
            self._calls += 1
            done(value)
        while self._workers is not None and (ended := self._workers.ended()) is not None:
            self._calls += 1
            ended[0](ended[1])

    def _resend_due(self) -> None:
        if not self._later:
            return
        from heapq import heappop

        now = self.clock.monotonic()
        while self._later and self._later[0][0] <= now:
            self._send(heappop(self._later)[2])

    def _wait(self, deadline: float | None) -> float | None:
        """How long the transport may wait: until the next repetition or the caller's deadline."""
        now = self.clock.monotonic()
        ends = [deadline] if deadline is not None else []
        if self._later:
            ends.append(self._later[0][0])
        if self._jobs:
            ends.append(now + 0.01)  # a thread cannot wake the transport
        if self._ready:
            return 0.0
        return max(min(ends) - now, 0.0) if ends else None

    def _idle(self, wait: float | None) -> None:
        """Nothing is on the network: wait for a helper, a thread, or for the time of the next repetition."""
        if self._owing:
            from select import select

            if self._jobs:  # no thread wakes this
                wait = _MOMENT if wait is None else min(wait, _MOMENT)
            select([descriptor for each in self._owing for descriptor in each.descriptors()], [], [], wait)
        elif self._jobs and self._workers is not None:
            ended = self._workers.ended(wait if wait is not None else 1.0)
            if ended is not None:
                self._ready.append(ended)
        elif wait:
            self.clock.sleep(wait)


_PROXY = "the proxy "
_HINTS: dict[str, str] = {
    "name": "check the address, and the connection to the network",
    "connect": "check the address, and the connection to the network",
    "tls": "if a company's proxy opens TLS, name its certificate in ca-bundle or SSL_CERT_FILE",
    "proxy": "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY (and proxy_servers in ~/.condarc)",
}
