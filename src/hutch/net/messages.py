"""What goes over the wire: requests, responses, and the protocol of whoever carries them."""

from __future__ import annotations

from os import PathLike

from hutch.errors import Problem
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol, TypeAlias
else:
    Protocol = object


__all__ = ["MEBIBYTE", "Done", "Helpers", "Request", "Response", "Resume", "Transport"]

MEBIBYTE = 1 << 20
_NOTHING: Mapping[str, str] = {}  # nobody writes to it: the field is a Mapping


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a file that already holds ``offset`` bytes.

    ``validator`` is what the server called that version (for ``If-Range``); without one, the caller
    must know a digest of the whole.
    """

    offset: int
    validator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing to fetch.

    ``into`` streams the body of a 200 or 206 to that file, as it was sent; otherwise the body is
    kept in memory, unpacked. ``byte_range`` is ``(first, last)``, ``(first, None)``, or ``-n`` for
    the last n bytes. ``max_bytes`` limits the body, after unpacking. ``purpose`` is what a person
    would call it ("the page of flask"). ``verified`` says that the caller compares the body with a
    digest from a trusted place, so that even plain http may bring it. ``packed`` says that the body may
    stay as it was sent, which ``unpacked`` unpacks. ``place`` is the mirror that is asked, as people
    may read it, where there is another one to ask instead.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    method: str = "GET"
    body: bytes | None = None
    into: str | PathLike[str] | None = None
    byte_range: tuple[int, int | None] | int | None = None
    max_bytes: int = 64 * MEBIBYTE
    resume: Resume | None = None
    purpose: str = ""
    verified: bool = False
    packed: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer, whatever its status.

    ``headers`` have lower-case names. ``url`` is where the answer came from, after redirects.
    ``path`` and ``sha256`` (hex) tell of a body that went to a file; ``size`` counts its bytes, or
    those of ``body``. ``resumed`` is true if part of the file came from an earlier attempt.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    url: str = ""
    path: str | PathLike[str] | None = None
    sha256: str | None = None
    size: int = 0
    resumed: bool = False


Done: TypeAlias = "Callable[[Response | Problem], None]"


class Transport(Protocol):
    """Moves requests and answers, and knows no manners: no redirects, no retries, no secrets.

    All call-backs run inside ``pump``, in the caller's thread. A problem given to a call-back is a
    ``TransferFailed``, a ``TooLarge`` or a ``CannotSave``.
    """

    def submit(self, request: Request, done: Done) -> None:
        """Begin ``request``; ``done`` is called once, from a later ``pump``."""

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        """Run what is ready, waiting up to ``timeout`` seconds (None: as long as it takes).

        Returns False when nothing was under way. Where one of the descriptors ``watched`` can be read it need
        not wait any longer; who cannot look at them does not wait longer than a moment.
        """

    def close(self) -> None:
        """Drop everything; no call-back runs after this."""


class Helpers(Protocol):
    """Processes that work for somebody who waits for a client: their answers are waited for as well."""

    @property
    def left(self) -> int:
        """How many answers are owed."""
        return 0

    def descriptors(self) -> Sequence[int]:
        """Where answers come from."""

    def collect(self) -> None:
        """Take the answers that are here, and hand them to ``Client.soon``."""

    def dismiss(self) -> None:
        """Send them home; nothing is called back after this."""
