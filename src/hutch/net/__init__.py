"""Requests, credentials, retries, transports.

Everything that goes over the network goes through a ``Client``: hand it a ``Request`` and a
call-back, and pump. The client knows manners (redirects, retries, credentials by origin, limits); a
``Transport`` below it only moves bytes, over libcurl or the standard library, or out of memory in
tests. A 404 is a ``Response``; what did not arrive is a ``NetworkProblem``.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.net.client import Client
    from hutch.net.clock import Clock, SystemClock
    from hutch.net.credentials import Credential, index_credential
    from hutch.net.default_index import default_index_url
    from hutch.net.git import (
        GitFailed,
        InvalidRepository,
        NoGit,
        NoGitLfs,
        NoSuchRevision,
        Repository,
        absolute_path,
        check_revision,
    )
    from hutch.net.messages import Request, Response, Resume, Transport
    from hutch.net.opening import open_client
    from hutch.net.options import NetOptions, options_from
    from hutch.net.problems import (
        CannotSave,
        FetchFailed,
        InsecureAddress,
        InvalidAddress,
        OfflineProblem,
        TooLarge,
        TransferFailed,
    )
    from hutch.net.urls import Address, join_url, origin_of, parse_url, without_credentials

__all__ = [
    "Address",
    "CannotSave",
    "Client",
    "Clock",
    "Credential",
    "FetchFailed",
    "GitFailed",
    "InsecureAddress",
    "InvalidAddress",
    "InvalidRepository",
    "NetOptions",
    "NoGit",
    "NoGitLfs",
    "NoSuchRevision",
    "OfflineProblem",
    "Repository",
    "Request",
    "Response",
    "Resume",
    "SystemClock",
    "TooLarge",
    "TransferFailed",
    "Transport",
    "absolute_path",
    "check_revision",
    "default_index_url",
    "index_credential",
    "join_url",
    "open_client",
    "options_from",
    "origin_of",
    "parse_url",
    "without_credentials",
]

_HOME = {
    "Address": "urls",
    "CannotSave": "problems",
    "Client": "client",
    "Clock": "clock",
    "Credential": "credentials",
    "FetchFailed": "problems",
    "GitFailed": "git",
    "InsecureAddress": "problems",
    "InvalidAddress": "problems",
    "InvalidRepository": "git",
    "NetOptions": "options",
    "NoGit": "git",
    "NoGitLfs": "git",
    "NoSuchRevision": "git",
    "OfflineProblem": "problems",
    "Repository": "git",
    "Request": "messages",
    "Response": "messages",
    "Resume": "messages",
    "SystemClock": "clock",
    "TooLarge": "problems",
    "TransferFailed": "problems",
    "Transport": "messages",
    "absolute_path": "git",
    "check_revision": "git",
    "default_index_url": "default_index",
    "index_credential": "credentials",
    "join_url": "urls",
    "open_client": "opening",
    "options_from": "options",
    "origin_of": "urls",
    "parse_url": "urls",
    "without_credentials": "urls",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOME, __all__)
