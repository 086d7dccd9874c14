"""What can go wrong between us and a server, as data.

    Problem
    ├── InvalidAddress        a URL that we do not follow          exit 1
    ├── CannotSave            the disk did not take the bytes      exit 1
    └── NetworkProblem                                             exit 3
        ├── TransferFailed    one attempt, told by a transport to the client
        ├── FetchFailed       what the client tells after all its attempts
        ├── TooLarge          more bytes than the caller or good sense allows
        ├── OfflineProblem    the network was needed and is switched off
        └── InsecureAddress   plain http, or a step down from https

No message here ever holds a user name, a password, or the query of a URL.
"""

from __future__ import annotations

from hutch.errors import NetworkProblem, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar, Literal, TypeAlias

    FailureKind: TypeAlias = Literal[
        "name",  # the host's name could not be resolved
        "connect",  # nobody listens there, or the route is closed
        "tls",  # the certificate or the handshake was refused
        "timeout",  # nothing came for too long
        "broken",  # the connection ended before the answer did
        "protocol",  # what came is not HTTP, or not the part that was asked for
        "proxy",  # the proxy refused
        "status",  # the server answered 5xx or 429 to the end
        "redirect",  # too many redirects, or one to nowhere
        "memory",  # only for tests: a fault that has no other name
    ]
else:
    FailureKind = str

__all__ = [
    "CannotSave",
    "FailureKind",
    "FetchFailed",
    "InsecureAddress",
    "InvalidAddress",
    "OfflineProblem",
    "TooLarge",
    "TransferFailed",
]


class InvalidAddress(Problem):
    """A URL that is malformed, or of a kind that is not fetched."""

    code = "invalid-url"


class CannotSave(Problem):
    """The disk did not take what the network brought."""

    code = "cannot-save"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot write {path}", why=reason)
        self.path = path


class TransferFailed(NetworkProblem):
    """One attempt failed. ``received`` bytes are already in the file that the request named.

    ``status`` is the answer's, if one had begun; ``validator`` is what ``If-Range`` may say to go
    on where it stopped (a strong ETag, or a date).
    """

    code = "transfer-failed"

    def __init__(
        self,
        kind: FailureKind,
        detail: str,
        *,
        received: int = 0,
        validator: str | None = None,
        reused: bool = False,
    ) -> None:
        super().__init__(detail)
        self.kind: FailureKind = kind
        self.detail = detail
        self.received = received
        self.validator = validator
        self.reused = reused


class FetchFailed(NetworkProblem):
    """A server or the way to it failed, after all attempts."""

    code = "fetch-failed"

    def __init__(
        self,
        what: str,
        *,
        host: str,
        kind: FailureKind,
        status: int | None = None,
        attempts: int = 1,
        why: str | tuple[str, ...] = (),
        hint: str | tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, why=why, hint=hint)
        self.host = host
        self.kind: FailureKind = kind
        self.status = status
        self.attempts = attempts


class TooLarge(NetworkProblem):
    """An answer grew beyond its limit, or unpacked to many times what was sent."""

    code = "response-too-large"

    def __init__(self, what: str, *, limit: int) -> None:
        super().__init__(what)
        self.limit = limit


class OfflineProblem(NetworkProblem):
    """The network is needed, and ``--offline`` forbids it."""

    code: ClassVar[str] = "offline"


class InsecureAddress(NetworkProblem):
    """Plain http to another machine, or a redirect from https to http."""

    code = "insecure-url"

    def __init__(self, what: str, *, host: str, why: str | tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(what, why=why, hint=hint or ())
        self.host = host
