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

__all__ = ["FileUnavailable", "IndexRefused", "InvalidIndex", "MetadataUnavailable", "NotAnIndexPage"]


class InvalidIndex(Problem):
    """An index whose configuration cannot be."""

    code = "invalid-index"


class IndexRefused(NetworkProblem):
    """The index said no. Indexes after it are not asked: a name may be public there and private here.

    ``known`` says that hutch has a credential for it, which the index did not take; ``withheld`` that it has
    one and did not send it, because only the project says that the host needs no certificate.
    """

    code = "index-refused"

    def __init__(
        self, *, name: str, index: str, host: str, status: int, known: bool = False, withheld: bool = False
    ) -> None:
        key = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in index).upper()
        why: tuple[str, ...] = (
            "later indexes are not asked, because they might hold another project of that name",
        )
        hints: tuple[str, ...] = ()
        if status in (401, 403) and withheld:
            why = (f"it was told no password: only the project says that {host} needs no certificate", *why)
            hints = (f"if you trust that network, name {host} in trusted-host of a hutch.toml of your own",)
        elif status in (401, 403) and known:
            hints = (f"look at the user name and the password or token that hutch has for {host}",)
        elif status in (401, 403):
            hints = (
                f"set HUTCH_INDEX_{key}_USERNAME and HUTCH_INDEX_{key}_PASSWORD, or name {host} in ~/.netrc",
            )
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

    def __init__(self, *, filename: str, url: str, status: int | None = None, reason: str = "") -> None:
        from hutch.net.urls import redact

        place = redact(url)
        super().__init__(f"cannot get {filename}", why=reason or f"{place} answered {status}")
        self.filename = filename
        self.status = status
