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
    from hutch.net.credentials import Credential, KnownIndex, index_credential, variable_key
    from hutch.net.default_channel import default_channel_alias
    from hutch.net.default_index import default_index_url
    from hutch.net.doorman import Refusal
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
    from hutch.net.keyring import KeyringOptions, KeyringProgram
    from hutch.net.messages import Helpers, Request, Response, Resume, Transport
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
    from hutch.net.receiving import unpacked
    from hutch.net.refusals import about_refusal
    from hutch.net.saved import CannotKeep, SavedCredential, read_saved, write_saved
    from hutch.net.tool_logins import ToolLogin, read_tool_logins
    from hutch.net.urls import (
        Address,
        hide_credentials,
        is_loopback,
        join_url,
        origin_of,
        parse_url,
        without_credentials,
    )

__all__ = [
    "Address",
    "CannotKeep",
    "CannotSave",
    "Client",
    "Clock",
    "Credential",
    "FetchFailed",
    "GitFailed",
    "Helpers",
    "InsecureAddress",
    "InvalidAddress",
    "InvalidRepository",
    "KeyringOptions",
    "KeyringProgram",
    "KnownIndex",
    "NetOptions",
    "NoGit",
    "NoGitLfs",
    "NoSuchRevision",
    "OfflineProblem",
    "Refusal",
    "Repository",
    "Request",
    "Response",
    "Resume",
    "SavedCredential",
    "SystemClock",
    "TooLarge",
    "ToolLogin",
    "TransferFailed",
    "Transport",
    "about_refusal",
    "absolute_path",
    "check_revision",
    "default_channel_alias",
    "default_index_url",
    "hide_credentials",
    "index_credential",
    "is_loopback",
    "join_url",
    "open_client",
    "options_from",
    "origin_of",
    "parse_url",
    "read_saved",
    "read_tool_logins",
    "unpacked",
    "variable_key",
    "without_credentials",
    "write_saved",
]

_HOME = {
    "Address": "urls",
    "CannotKeep": "saved",
    "CannotSave": "problems",
    "Client": "client",
    "Clock": "clock",
    "Credential": "credentials",
    "FetchFailed": "problems",
    "GitFailed": "git",
    "Helpers": "messages",
    "InsecureAddress": "problems",
    "InvalidAddress": "problems",
    "InvalidRepository": "git",
    "KeyringOptions": "keyring",
    "KeyringProgram": "keyring",
    "KnownIndex": "credentials",
    "NetOptions": "options",
    "NoGit": "git",
    "NoGitLfs": "git",
    "NoSuchRevision": "git",
    "OfflineProblem": "problems",
    "Refusal": "doorman",
    "Repository": "git",
    "Request": "messages",
    "Response": "messages",
    "Resume": "messages",
    "SavedCredential": "saved",
    "SystemClock": "clock",
    "TooLarge": "problems",
    "ToolLogin": "tool_logins",
    "TransferFailed": "problems",
    "Transport": "messages",
    "about_refusal": "refusals",
    "absolute_path": "git",
    "check_revision": "git",
    "default_channel_alias": "default_channel",
    "default_index_url": "default_index",
    "hide_credentials": "urls",
    "index_credential": "credentials",
    "is_loopback": "urls",
    "join_url": "urls",
    "open_client": "opening",
    "options_from": "options",
    "origin_of": "urls",
    "parse_url": "urls",
    "read_saved": "saved",
    "read_tool_logins": "tool_logins",
    "unpacked": "receiving",
    "variable_key": "credentials",
    "without_credentials": "urls",
    "write_saved": "saved",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOME, __all__)
