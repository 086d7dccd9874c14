"""What can be wrong with an index.

Problem
├── InvalidIndex                an index that is configured in a way that cannot be      exit 1
├── MetadataUnavailable         a file does not give its metadata away                   exit 1
└── NetworkProblem
    ├── IndexRefused            401, 403 or another "no" that is not "I do not have it"  exit 3
    ├── FileUnavailable         a file that an index lists cannot be had                 exit 3
    └── NotAnIndexPage          what came is not a page of the Simple API                exit 3
"""

from __future__ import annotations

from hutch.errors import NetworkProblem, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.net import Refusal

__all__ = ["FileUnavailable", "IndexRefused", "InvalidIndex", "MetadataUnavailable", "NotAnIndexPage"]


class InvalidIndex(Problem):
    """An index whose configuration cannot be."""

    code = "invalid-index"


class IndexRefused(NetworkProblem):
    """The index said no. Indexes after it are not asked: a name may be public there and private here.

    ``refusal`` is what is known of the credentials for it.
    """

    code = "index-refused"

    def __init__(self, *, name: str, index: str, url: str, status: int, refusal: Refusal) -> None:
        from hutch.net import about_refusal, parse_url

        address = parse_url(url)
        host = address.netloc
        # A name that hutch gives to an address without one means another address in the next command.
        named = "" if index == "default" or index.startswith(("extra-", "find-links-")) else index
        place = named or address.origin + address.target.partition("?")[0]
        why: tuple[str, ...] = (
            "later indexes are not asked, because they might hold another project of that name",
        )
        hints: tuple[str, ...] = ()
        if status in (401, 403):
            said, hints = about_refusal(place, named, host, status, refusal)
            why = (*said, *why)
        what = f"the index {index} ({host}) answered {status} for {name}"
        super().__init__(what, why=why, hint=hints)
        self.name = name
        self.index = index
        self.host = host
        self.status = status


class NotAnIndexPage(NetworkProblem):
    """What came is not a page of the Simple API."""

    code = "not-an-index-page"

    def __init__(self, *, name: str, index: str, reason: str) -> None:
        super().__init__(
            f"the index {index} did not answer with its page of {name}",
            why=reason,
            hint="check the address of the index, and whether this network wants a log-in first",
        )
        self.name = name
        self.index = index
        self.reason = reason


class MetadataUnavailable(Problem):
    """The metadata of a file cannot be had, or is that of another project or version."""

    code = "metadata-unavailable"

    def __init__(self, *, filename: str, reason: str) -> None:
        super().__init__(f"the metadata of {filename} cannot be used", why=reason)
        self.filename = filename
        self.reason = reason


class FileUnavailable(NetworkProblem):
    """A file that an index lists cannot be had."""

    code = "file-unavailable"

    def __init__(
        self,
        *,
        filename: str,
        url: str,
        status: int | None = None,
        reason: str = "",
        refusal: Refusal | None = None,
    ) -> None:
        from hutch.net.urls import redact

        place = redact(url)
        why: tuple[str, ...] = (reason or f"{place} answered {status}",)
        hints: tuple[str, ...] = ()
        if refusal is not None and status in (401, 403):
            from hutch.net import about_refusal, parse_url

            address = parse_url(url)
            origin = f"{address.origin}/"
            said, hints = about_refusal(origin, "", address.netloc, status, refusal)
            why = (*why, *said)
        super().__init__(f"cannot get {filename}", why=why, hint=hints)
        self.filename = filename
        self.status = status
