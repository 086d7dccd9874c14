"""The transport over libcurl: one thread, many transfers, HTTP/2 where the server has it.

pycurl's multi interface runs all transfers inside ``pump``. Connections, name look-ups, TLS sessions
and parsed certificates are shared by all transfers of one multi handle. Everything that has manners
is switched off in libcurl (redirects, netrc, proxies from the environment, decoding), so that every
transport behaves alike.
"""

from __future__ import annotations

from time import monotonic, sleep

from hutch.errors import Problem
from hutch.light import deque
from hutch.net.certificates import certificate_paths, certificates_by_origin, uses_system_store
from hutch.net.messages import Done, Request, Response
from hutch.net.options import NetOptions, spare_sockets
from hutch.net.problems import FailureKind, TransferFailed
from hutch.net.proxies import proxy_for
from hutch.net.receiving import HEADERS_TOO_LARGE, TOO_SLOW, Pace, Receiver, Refused, wire_headers
from hutch.net.urls import Address, parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


__all__ = ["CurlTransport", "import_pycurl"]

# libcurl's numbers (CURLcode) that mean something to a user; the rest is "protocol".
_KINDS: dict[int, FailureKind] = {
    5: "proxy",  # the proxy's name could not be resolved
    6: "name",
    7: "connect",
    16: "broken",  # HTTP/2 framing
    18: "broken",  # partial file
    28: "timeout",
    35: "connect",  # a handshake that broke off; a refused certificate is 60
    52: "broken",  # got nothing
    55: "broken",  # send error
    56: "broken",  # receive error
    58: "tls",
    60: "tls",
    77: "tls",  # the CA file
    92: "broken",  # HTTP/2 stream
    97: "proxy",
    100: "protocol",
}
_WORDS = {
    6: "its name could not be resolved",
    7: "nobody listens there",
    18: "the answer ended too early",
    100: HEADERS_TOO_LARGE,
}
_CUT = ("Recv failure", "Send failure", "Connection reset", "Empty reply")
_IDLE_HANDLES = 64


class _Transfer:
    """One request under way."""

    __slots__ = (
        "crash",
        "done",
        "handle",
        "headers",
        "last",
        "late",
        "pace",
        "receiver",
        "refused",
        "sent",
        "status",
    )

    def __init__(self, request: Request, done: Done) -> None:
        self.pace = Pace(0.0)  # begins anew when it is sent
        self.receiver = Receiver(request)
        self.done = done
        self.handle: Any = None
        self.status = 0
        self.headers: dict[str, str] = {}
        self.refused: Refused | None = None
        self.last = 0.0
        self.late = False
        self.crash: BaseException | None = None
        self.sent = 0.0

    def on_header(self, line: bytes) -> None:
        text = line.decode("latin-1").rstrip("\r\n")
        if text.startswith("HTTP/"):
            # Another head begins: the one before was a proxy's word on the tunnel, or 100 Continue.
            parts = text.split(" ", 2)
            self.status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
            self.headers = {}
            return
        name, colon, value = text.partition(":")
        if colon:
            key, value = name.strip().lower(), value.strip()
            known = self.headers.get(key)
            single = known is None or key == "content-length"
            self.headers[key] = value if single else f"{known}, {value}"

    def on_body(self, data: bytes) -> int | None:
        self.last = monotonic()
        try:
            if not self.receiver.begun:
                self.receiver.begin(self.status, self.headers)
            self.receiver.write(data)
        except Refused as refused:
            self.refused = refused
            return 0
        except BaseException as error:
            # Ctrl-C, most likely: libcurl would print it and go on.
            self.crash = error
            return 0
        if not self.pace.keeps(len(data)):
            self.late = True
            return 0
        return None


class CurlTransport:
    """Requests over libcurl. Raises ``ImportError`` where pycurl is not installed."""

    def __init__(self, options: NetOptions) -> None:
        pycurl = import_pycurl()
        self._curl = pycurl
        self._options = options
        self._certificates = certificate_paths(options)
        self._certificates_of = certificates_by_origin(options)
        self._native = uses_system_store(options)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
        self._parallel = min(options.parallel, spare_sockets())
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, self._parallel)
        self._multi.setopt(pycurl.M_MAXCONNECTS, 2 * self._parallel)
        self._idle: list[Any] = []
        self._running: dict[Any, _Transfer] = {}
        self._waiting: deque[_Transfer] = deque()
        self._finished: list[tuple[_Transfer, Response | Problem]] = []
        self._added = False
        self._left = monotonic()
        self._closed = False

    def submit(self, request: Request, done: Done) -> None:
        """Begin ``request``, or queue it behind others if there are too many."""
        self._waiting.append(_Transfer(request, done))
        self._start_waiting()

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        """Move bytes; call back for what ended. See ``Transport.pump``."""
        if not self._running and not self._finished and not self._waiting:
            return False
        self._forgive_absence()
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            self._perform()
            if self._finished:
                self._call_back()
                break
            now = monotonic()
            if deadline is not None and now >= deadline:
                break
            if self._select(min(1.0, deadline - now) if deadline is not None else 1.0, watched):
                break
            self._give_up_stalled()
        self._left = monotonic()
        return True

    def close(self) -> None:
        """Drop all transfers and connections."""
        if self._closed:
            return
        self._closed = True
        for handle, transfer in self._running.items():
            self._multi.remove_handle(handle)
            handle.close()
            transfer.receiver.abandon()
        for handle in self._idle:
            handle.close()
        self._running.clear()
        self._idle.clear()
        self._waiting.clear()
        self._finished.clear()
        self._multi.close()

    # -- inside -------------------------------------------------------------------------------

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < self._parallel:
            transfer = self._waiting.popleft()
            try:
                handle = self._prepare(transfer)
            except Problem as problem:
                self._finished.append((transfer, problem))
                continue
            self._running[handle] = transfer
            self._multi.add_handle(handle)
            self._added = True

    def _prepare(self, transfer: _Transfer) -> Any:
        curl, options, request = self._curl, self._options, transfer.receiver.request
        address = parse_url(request.url)
        handle = self._idle.pop() if self._idle else curl.Curl()
        transfer.handle, transfer.last = handle, monotonic()
        transfer.pace = Pace(options.timeout)
        setopt = handle.setopt
        setopt(curl.URL, address.url)
        setopt(curl.NOSIGNAL, 1)
        setopt(curl.FOLLOWLOCATION, 0)
        setopt(curl.PROTOCOLS, curl.PROTO_HTTPS | curl.PROTO_HTTP)
        setopt(curl.NETRC, curl.NETRC_IGNORED)
        setopt(curl.PATH_AS_IS, 1)
        setopt(curl.HTTP_CONTENT_DECODING, 0)
        setopt(curl.CONNECTTIMEOUT_MS, int(options.connect_timeout * 1000))
        setopt(curl.TCP_KEEPALIVE, 1)
        setopt(curl.BUFFERSIZE, 256 * 1024)
        # Without "Expect: 100-continue", which costs a round with servers that ignore it.
        headers = [f"{name}: {value}" for name, value in wire_headers(request).items()] + ["Expect:"]
        setopt(curl.HTTPHEADER, headers)
        if request.method == "HEAD":
            setopt(curl.NOBODY, 1)
        elif request.body is not None:
            setopt(curl.POSTFIELDS, request.body)
        if request.method not in ("GET", "HEAD"):
            setopt(curl.CUSTOMREQUEST, request.method)
        proxy = proxy_for(address, options)
        setopt(curl.PROXY, proxy or "")
        setopt(curl.NOPROXY, "")
        if address.scheme == "https":
            self._prepare_tls(handle, address)
        setopt(curl.HEADERFUNCTION, transfer.on_header)
        setopt(curl.WRITEFUNCTION, transfer.on_body)
        return handle

    def _prepare_tls(self, handle: Any, address: Address) -> None:
        curl, options, setopt = self._curl, self._options, handle.setopt
        setopt(curl.HTTP_VERSION, curl.CURL_HTTP_VERSION_2TLS)
        # Wait for the first connection to say whether it can carry the others (HTTP/2).
        setopt(curl.PIPEWAIT, 1)
        file, directory = self._certificates
        authorities, shown = self._certificates_of.get(address.origin, ("", ""))
        if authorities:
            file, directory = authorities, None
        if file:
            setopt(curl.CAINFO, file)
        if directory:
            setopt(curl.CAPATH, directory)
        if self._native and not authorities:
            setopt(curl.SSL_OPTIONS, curl.SSLOPT_NATIVE_CA)
        if shown or options.client_cert:
            setopt(curl.SSLCERT, shown or options.client_cert)
        if address.host in options.trusted_hosts or address.netloc in options.trusted_hosts:
            setopt(curl.SSL_VERIFYPEER, 0)
            setopt(curl.SSL_VERIFYHOST, 0)

    def _perform(self) -> None:
        status, _ = self._multi.perform()
        while status == self._curl.E_CALL_MULTI_PERFORM:
            status, _ = self._multi.perform()
        left = 1
        while left:
            left, good, bad = self._multi.info_read()
            for handle in good:
                self._end(handle, 0, "")
            for handle, code, message in bad:
                self._end(handle, code, message)

    def _end(self, handle: Any, code: int, message: str) -> None:
        transfer = self._running.pop(handle)
        self._multi.remove_handle(handle)
        if transfer.crash is not None:
            transfer.receiver.abandon()
            raise transfer.crash
        self._finished.append((transfer, self._outcome(transfer, code, message)))
        if len(self._idle) < _IDLE_HANDLES:
            handle.reset()
            self._idle.append(handle)
        else:
            handle.close()

    def _outcome(self, transfer: _Transfer, code: int, message: str) -> Response | Problem:
        receiver = transfer.receiver
        refused = transfer.refused
        if refused is None and code == 0:
            try:
                if not receiver.begun:  # an answer without a body may end with its headers
                    receiver.begin(transfer.status, transfer.headers)
                return receiver.finish()
            except Refused as error:
                refused = error
        if refused is not None:
            if refused.problem is None:
                return receiver.finish()
            receiver.abandon()
            return refused.problem
        kind: FailureKind = "timeout" if transfer.late else _KINDS.get(code, "protocol")
        message = _WORDS.get(code, message)
        if transfer.late:
            message = TOO_SLOW
        elif code in (35, 52, 55, 56) and any(words in message for words in _CUT):
            message = "the connection was cut"
        elif code == 56 and "response headers" in message:
            kind, message = "protocol", HEADERS_TOO_LARGE
        tunnel = transfer.handle.getinfo(self._curl.HTTP_CONNECTCODE)
        if tunnel and tunnel != 200:
            kind, message = "proxy", f"the proxy answered {tunnel}"
        return TransferFailed(
            kind,
            _tidy(message) or f"libcurl error {code}",
            received=receiver.abandon(),
            validator=receiver.validator,
        )

    def _select(self, wait: float, watched: Sequence[int]) -> bool:
        """Wait for the network; whether one of ``watched`` can be read."""
        soon = self._multi.timeout()  # milliseconds until libcurl has something to do, -1 for never
        if soon >= 0:
            wait = min(wait, soon / 1000)
        if watched:
            return self._select_with(wait, watched)
        if wait and self._multi.select(wait) == -1:
            sleep(min(wait, 0.005))  # no socket to wait for yet: a name is being looked up
        return False

    def _select_with(self, wait: float, watched: Sequence[int]) -> bool:
        import select

        reading, writing, odd = self._multi.fdset()
        if not (reading or writing or odd):
            wait = min(wait, 0.005)
        ready, _, _ = select.select([*reading, *watched], writing, odd, wait)
        return any(each in watched for each in ready)

    def _forgive_absence(self) -> None:
        """The time that nobody pumped (a build ran) is not the server's silence."""
        now = monotonic()
        gap = now - self._left
        if gap > 0.5:
            for transfer in self._running.values():
                transfer.last += gap
                transfer.pace.forgive(gap)

    def _give_up_stalled(self) -> None:
        limit = monotonic() - self._options.timeout
        for handle, transfer in [pair for pair in self._running.items() if pair[1].last < limit]:
            sent = handle.getinfo(self._curl.SIZE_UPLOAD_T)
            if sent > transfer.sent:  # an upload makes progress without a call-back
                transfer.sent, transfer.last = sent, monotonic()
                continue
            self._end(handle, 28, f"nothing came for {self._options.timeout:g} seconds")

    def _call_back(self) -> None:
        # Only as many as are finished now: a call-back may submit more, which may end at once. Short answers
        # go first: they take least, and lead to more requests. What was submitted is sent before the next
        # call-back, which may take its time.
        for _ in range(len(self._finished)):
            transfer, outcome = self._finished.pop(self._shortest())
            self._added = False
            transfer.done(outcome)
            self._start_waiting()
            if self._added:
                self._perform()

    def _shortest(self) -> int:
        sizes = [0 if isinstance(outcome, Problem) else outcome.size for _, outcome in self._finished]
        return sizes.index(min(sizes))


def import_pycurl() -> Any:
    """pycurl without its wrapper for asyncio, which we do not use.

    Since 7.46 pycurl imports that wrapper (and with it ``dataclasses`` and ``inspect``) whenever it is
    imported, which takes twice as long as all the rest of it. And it looks for what ``datetime`` has in C,
    which is there without what that has in Python.
    """
    import sys

    name = "pycurl.async_multi"
    known = sys.modules.get("pycurl")
    if known is not None:
        return known
    stand_in: Any = type(sys)(name)
    stand_in.AsyncCurlMulti = None
    stand_ins = {name: stand_in}
    if "datetime" not in sys.modules:
        try:
            stand_ins["datetime"] = __import__("_datetime")
        except ImportError:
            pass  # not everywhere in C
    sys.modules.update(stand_ins)
    try:
        import pycurl
    finally:
        for name in stand_ins:
            del sys.modules[name]  # whoever wants the real one gets it
    return pycurl


def _tidy(message: str) -> str:
    return "".join(character for character in message if character.isprintable())[:300]
