"""The JSON form of the Simple API (PEP 691, 700, 714, 740, 792): bytes to entries."""

from __future__ import annotations

from hutch.spec import safe_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["MOST_FILES", "InvalidPage", "ProjectPage", "decoded", "parse_json", "wrong_version"]

_DENSITY = 12  # bytes to each bracket or comma at least; real pages have about sixty
_LARGE = 1 << 22
_MOST_PARTS = 500_000  # brackets and commas; a file has about fifteen, and each may become an object
MOST_FILES = 100_000  # five times as many as the largest project has
_BELOW = bytes(range(0xF0))
_NARROW = _BELOW + b"?" * 16


class InvalidPage(Exception):
    """The bytes are not a page; ``reason`` says why, in words that go behind "because"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProjectPage:
    """Entries of a page (dicts with the keys of PEP 691), its base for links, and its status."""

    __slots__ = ("base", "entries", "status", "status_reason")

    def __init__(self, entries: list[Any], base: str, status: str = "active", reason: str = "") -> None:
        self.entries = entries
        self.base = base
        self.status = status
        self.status_reason = reason


def wrong_version(version: str) -> InvalidPage:
    """The fault of a page of another major version than 1."""
    return InvalidPage(
        f"it speaks version {safe_text(version)[:20]} of the Simple API; hutch knows version 1"
    )


def decoded(body: bytes) -> str:
    """The text of a page. One character beyond the first 65,536 would make each of all take four bytes, so
    of a large page those, which are in nobody's file names, become question marks."""
    if len(body) > _LARGE and body.translate(None, _BELOW):
        body = body.translate(_NARROW)
    return body.decode("utf-8", "replace")


def parse_json(body: bytes, url: str) -> ProjectPage:
    """Read a project page in JSON. Raises ``InvalidPage``."""
    from hutch.light import from_json

    # A small answer may ask for gigabytes of little objects: count before making them.
    if len(body) > _LARGE:
        parts = sum(map(body.count, (b"{", b"[", b",")))
        if parts > len(body) // _DENSITY or parts > _MOST_PARTS:
            raise InvalidPage("it is made of more parts than any page has")
    try:
        page = from_json(decoded(body) if len(body) > _LARGE else body)
    except (ValueError, RecursionError):
        if body.lstrip()[:1] == b"<":
            raise InvalidPage("it said JSON and sent a web page")
        raise InvalidPage("it is not valid JSON")
    if type(page) is not dict:
        raise InvalidPage("it is JSON, but not an object")
    meta = page.get("meta")
    version = meta.get("api-version") if type(meta) is dict else None
    if type(version) is str and version.partition(".")[0] != "1":
        raise wrong_version(version)
    entries = page.get("files")
    if type(entries) is not list:
        raise InvalidPage("it has no list of files")
    if len(entries) > MOST_FILES:
        raise InvalidPage("it has more files than any project")
    status, reason = "active", ""
    marker = page.get("project-status")
    if type(marker) is dict and type(marker.get("status")) is str:
        status = safe_text(marker["status"])[:40]
        reason = safe_text(marker["reason"])[:400] if type(marker.get("reason")) is str else ""
    return ProjectPage(entries, url, status, reason)
