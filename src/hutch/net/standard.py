"""The transport over the standard library: ``http.client``, ``ssl`` and a few threads.

It stands in where pycurl is missing (musl, PyPy). HTTP/1.1 with kept-alive connections; worker
threads move the bytes, and all call-backs run inside ``pump`` in the caller's thread.
"""

from __future__ import annotations

import http.client
import io
import queue
import socket
import ssl
import threading
from collections import deque

from hutch.errors import Problem
from hutch.net.certificates import certificate_paths, certificates_by_origin
from hutch.net.messages import Done, Request, Response
from hutch.net.options import NetOptions, spare_sockets
from hutch.net.problems import InvalidAddress, TransferFailed
from hutch.net.proxies import proxy_for
from hutch.net.receiving import HEADERS_TOO_LARGE, TOO_SLOW, Pace, Receiver, Refused, wire_headers
from hutch.net.urls import Address, parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


__all__ = ["StandardTransport"]

_THREADS = 16
_CHUNK = 256 * 1024
_MOST_INTERIM = 8
_MOMENT = 0.002  # seconds between two looks at what cannot be waited for


class _Paced(io.RawIOBase):
    """The bytes of a socket, as long as they come fast enough: a header may trickle as well as a body."""

    def __init__(self, raw: Any, patience: float) -> None:
        self._raw = raw
        self._pace = Pace(patience)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        count: int | None = self._raw.readinto(buffer)
        if count and not self._pace.keeps(count):
            raise TimeoutError(TOO_SLOW)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that does not say "wait a moment" (1xx) without end, which ``http.client`` would."""

    _heads = 0

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        raw: Any = self.fp.detach()
        self.fp = io.BufferedReader(_Paced(raw, sock.gettimeout() or 60.0))

    def _read_status(self) -> tuple[str, int, str]:
        self._heads += 1
        if self._heads > _MOST_INTERIM:
            raise http.client.BadStatusLine("too many interim answers")
        base: Any = super()
        found: tuple[str, int, str] = base._read_status()
        return found


class _Pool:
    """Idle kept-alive connections by origin and proxy; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str | None], deque[http.client.HTTPConnection]] = {}

    def take(self, key: tuple[str, str | None]) -> http.client.HTTPConnection | None:
        with self._lock:
            known = self._idle.get(key)
            return known.pop() if known else None

    def give(self, key: tuple[str, str | None], connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._idle.setdefault(key, deque()).append(connection)

    def close(self) -> None:
        with self._lock:
            for known in self._idle.values():
                for connection in known:
                    connection.close()
            self._idle.clear()


class StandardTransport:
    """Requests over ``http.client``. Workers start when there is work, and end with ``close``."""

    def __init__(self, options: NetOptions) -> None:
        self._options = options
        self._pool = _Pool()
        self._jobs: queue.SimpleQueue[tuple[Request, Done] | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[Done, Response | Problem]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._under_way = 0
        self._contexts: dict[tuple[bool, tuple[str, str]], ssl.SSLContext] = {}
        self._certificates_of = certificates_by_origin(options)
        self._context_lock = threading.Lock()
        self._most_threads = min(_THREADS, options.parallel, spare_sockets())
        self._closed = False

    def submit(self, request: Request, done: Done) -> None:
        """Hand ``request`` to a worker."""
        self._under_way += 1
        self._jobs.put((request, done))
        if len(self._threads) < min(self._most_threads, self._under_way):
            # Daemons: a worker that waits for a silent server must not hold up Ctrl-C.
            thread = threading.Thread(target=self._work, name="hutch-net", daemon=True)
            self._threads.append(thread)
            thread.start()

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        """Call back for what ended. See ``Transport.pump``."""
        if not self._under_way:
            return False
        wait = timeout
        if watched:
            wait = _MOMENT if timeout is None else min(timeout, _MOMENT)
        while True:
            try:
                done, outcome = self._results.get(block=wait is None or wait > 0, timeout=wait)
            except queue.Empty:
                return True
            self._under_way -= 1
            done(outcome)
            wait = 0.0
            if not self._under_way:
                return True

    def close(self) -> None:
        """Send the workers home; connections in use close when their worker is done with them."""
        if self._closed:
            return
        self._closed = True
        self._under_way = 0
        for _ in self._threads:
            self._jobs.put(None)
        self._pool.close()

    # -- in the workers -----------------------------------------------------------------------

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._closed:
                return
            request, done = job
            try:
                outcome = self._fetch(request)
            except Problem as problem:
                outcome = problem
            except Exception as error:
                # A thread that died silently would leave the caller waiting for ever.
                outcome = TransferFailed("protocol", f"{type(error).__name__}: {_tidy(error)}")
            self._results.put((done, outcome))

    def _fetch(self, request: Request) -> Response | Problem:
        address = parse_url(request.url)
        proxy = proxy_for(address, self._options)
        key = (address.origin, proxy)
        kept = self._pool.take(key)
        if kept is not None:
            outcome = self._attempt(kept, key, address, request, proxy, reused=True)
            # A kept connection may have been closed by the server meanwhile: that is not a failure
            # of the request, which it has not seen. Once more, on a new one.
            if not (isinstance(outcome, TransferFailed) and outcome.reused):
                return outcome
        try:
            connection = self._connect(address, proxy)
        except InvalidAddress:
            return TransferFailed("proxy", "the address of the proxy is malformed")
        return self._attempt(connection, key, address, request, proxy, reused=False)

    def _attempt(
        self,
        connection: http.client.HTTPConnection,
        key: tuple[str, str | None],
        address: Address,
        request: Request,
        proxy: str | None,
        *,
        reused: bool,
    ) -> Response | Problem:
        receiver = Receiver(request)
        keep = False
        try:
            keep = self._exchange(connection, address, request, receiver, proxy)
            return receiver.finish()
        except Refused as refused:
            if refused.problem is None:
                return receiver.finish()
            receiver.abandon()
            return refused.problem
        except (OSError, http.client.HTTPException) as error:
            unseen = reused and not receiver.begun
            return _translate(error, receiver, reused=unseen, patience=self._options.timeout)
        finally:
            if keep and not self._closed:
                self._pool.give(key, connection)
            else:
                connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        address: Address,
        request: Request,
        receiver: Receiver,
        proxy: str | None,
    ) -> bool:
        """Send, receive; True if the connection can carry another request."""
        headers = wire_headers(request)
        target = address.target
        if proxy is not None and address.scheme == "http":
            target = address.url
            if secret := _proxy_authorization(proxy):
                headers["Proxy-Authorization"] = secret
        headers["Host"] = address.netloc
        connection.response_class = _Response
        if connection.sock is None:
            connection.connect()
            # Connecting may be given up sooner than waiting for an answer.
            sock: Any = connection.sock
            sock.settimeout(self._options.timeout)
        connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        if request.body is not None:
            headers["Content-Length"] = str(len(request.body))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(request.body)
        response = connection.getresponse()
        found: dict[str, str] = {}
        for name, value in response.getheaders():
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found and key != "content-length" else value
        receiver.begin(response.status, found)
        while chunk := response.read1(_CHUNK):
            receiver.write(chunk)
        if request.method != "HEAD" and response.status not in (204, 304) and receiver.missing():
            raise http.client.IncompleteRead(b"", receiver.missing())
        # Until 3.13 an answer whose last byte was read by ``read1`` does not know that it is over.
        response.close()
        return not response.will_close

    def _connect(self, address: Address, proxy: str | None) -> http.client.HTTPConnection:
        timeout = self._options.connect_timeout
        if proxy is None:
            if address.scheme == "http":
                return http.client.HTTPConnection(address.host, address.port, timeout=timeout)
            context = self._context(address)
            return http.client.HTTPSConnection(address.host, address.port, timeout=timeout, context=context)
        via = parse_url(proxy)
        if address.scheme == "http":
            return http.client.HTTPConnection(via.host, via.port, timeout=timeout)
        connection = http.client.HTTPSConnection(
            via.host, via.port, timeout=timeout, context=self._context(address)
        )
        secret = _proxy_authorization(proxy)
        connection.set_tunnel(
            address.host, address.port, headers={"Proxy-Authorization": secret} if secret else None
        )
        return connection

    def _context(self, address: Address) -> ssl.SSLContext:
        trusted = self._options.trusted_hosts
        verify = address.host not in trusted and address.netloc not in trusted
        special = self._certificates_of.get(address.origin, ("", ""))
        with self._context_lock:
            if (verify, special) not in self._contexts:
                self._contexts[verify, special] = self._make_context(verify, *special)
            return self._contexts[verify, special]

    def _make_context(self, verify: bool, authorities: str, shown: str) -> ssl.SSLContext:
        file, directory = (authorities, None) if authorities else certificate_paths(self._options)
        try:
            context = ssl.create_default_context(cafile=file, capath=directory)
        except (OSError, ssl.SSLError) as error:
            place = file or directory or "the system's store"
            raise TransferFailed("tls", f"cannot read certificates from {place}: {_tidy(error)}")
        context.set_alpn_protocols(["http/1.1"])
        client = shown or self._options.client_cert
        if client:
            try:
                context.load_cert_chain(client)
            except (OSError, ssl.SSLError) as error:
                raise TransferFailed("tls", f"cannot read {client}: {_tidy(error)}")
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _proxy_authorization(proxy: str) -> str | None:
    from hutch.net.credentials import authorization, credential_from_userinfo

    address = parse_url(proxy)
    found = credential_from_userinfo(address.origin, "/", address.userinfo or "")
    return authorization(found) if found is not None else None


def _translate(error: Exception, receiver: Receiver, *, reused: bool, patience: float) -> TransferFailed:
    """The failure in our words; ``receiver`` is closed and asked what it has."""
    kind: Any = "broken"
    detail = _tidy(error) or type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        kind, detail = "tls", error.verify_message
    elif isinstance(error, ssl.SSLError) and not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        kind = "tls"
    elif isinstance(error, socket.gaierror):
        kind, detail = "name", "its name could not be resolved"
    elif isinstance(error, TimeoutError):
        detail = TOO_SLOW if detail == TOO_SLOW else f"nothing came for {patience:g} seconds"
        kind, reused = "timeout", False
    elif isinstance(error, ConnectionRefusedError):
        kind, detail = "connect", "nobody listens there"
    elif isinstance(error, ConnectionError):
        detail = "the connection was cut"
    elif isinstance(error, OSError) and "Tunnel connection failed" in str(error):
        kind = "proxy"
    elif isinstance(error, (http.client.BadStatusLine, http.client.LineTooLong)) and not isinstance(
        error, http.client.RemoteDisconnected
    ):
        kind, detail = "protocol", "what came is not HTTP"
    elif detail.startswith("got more than"):  # headers; ``http.client`` has no type of its own for it
        kind, detail = "protocol", HEADERS_TOO_LARGE
    elif isinstance(error, http.client.IncompleteRead):
        detail = "the answer ended too early"
    elif isinstance(error, http.client.InvalidURL):
        kind = "protocol"
    elif isinstance(error, OSError) and not isinstance(error, ConnectionError) and not receiver.begun:
        kind = "connect"  # no route, network unreachable
    return TransferFailed(
        kind,
        detail,
        received=receiver.abandon(),
        validator=receiver.validator,
        reused=reused and kind == "broken",
    )


def _tidy(error: object) -> str:
    return "".join(character for character in str(error) if character.isprintable())[:300]
