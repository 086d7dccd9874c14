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
    options: NetOptions | None = None, emit: Emit = silent, *, clock: Clock | None = None
) -> Client:
    """A client over libcurl, or over the standard library where pycurl is missing."""
    options = options or NetOptions()
    return Client(LazyTransport(options), options, emit, clock=clock)


class LazyTransport:
    """The best transport there is, loaded at the first request: a warm run makes none."""

    def __init__(self, options: NetOptions) -> None:
        self._options = options
        self._transport: Transport | None = None

    def submit(self, request: Request, done: Done) -> None:
        """See ``Transport.submit``."""
        if self._transport is None:
            self._transport = self._load()
        self._transport.submit(request, done)

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        """See ``Transport.pump``."""
        return self._transport.pump(timeout, watched) if self._transport is not None else False

    def close(self) -> None:
        """See ``Transport.close``."""
        if self._transport is not None:
            self._transport.close()

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
