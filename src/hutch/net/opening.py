"""A client for this process, whose transport is loaded at the first request."""

from __future__ import annotations

from hutch.events import Emit, silent
from hutch.net.client import Client
from hutch.net.clock import Clock
from hutch.net.messages import Done, Request, Transport
from hutch.net.options import NetOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LazyTransport", "open_client"]


def open_client(
    options: NetOptions | None = None,
    emit: Emit = silent,
    *,
    clock: Clock | None = None,
    apart: bool = False,
) -> Client:
    """A client over libcurl, or over the standard library where pycurl is missing; its transport in a process
    ``apart``, if there can be one."""
    options = options or NetOptions()
    return Client(LazyTransport(options, apart=apart), options, emit, clock=clock)


class LazyTransport:
    """The best transport there is, loaded at the first request: a warm run makes none."""

    def __init__(self, options: NetOptions, *, apart: bool = False) -> None:
        self._options = options
        self._apart = apart
        self._transport: Transport | None = None

    def submit(self, request: Request, done: Done) -> None:
        """See ``Transport.submit``."""
        self.get_ready().submit(request, done)

    def get_ready(self) -> Transport:
        """Load it now: there will be requests."""
        if self._transport is None:
            self._transport = self._start() if self._apart else self._load()
        return self._transport

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        """See ``Transport.pump``."""
        return self._transport.pump(timeout, watched) if self._transport is not None else False

    def close(self) -> None:
        """See ``Transport.close``."""
        if self._transport is not None:
            self._transport.close()

    def _start(self) -> Transport:
        from hutch.net.apart import ApartTransport, may_be_apart

        if may_be_apart():
            try:
                return ApartTransport(self._load)
            except OSError:
                pass  # no more processes for this user, or no descriptors
        return self._load()

    def _load(self) -> Transport:
        if self._options.transport != "standard":
            try:
                from hutch.net.curl import CurlTransport

                return CurlTransport(self._options)
            except ImportError:
                if self._options.transport == "curl":
                    raise
        from hutch.net.standard import StandardTransport

        return StandardTransport(self._options)
