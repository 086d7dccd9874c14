"""The HTML form of the Simple API (PEP 503, 592, 629, 658, 714): text to entries.

A page all of whose tags have the plain form that indexes write is read by one regular expression, any
other by a tokenizer (``html_tokens``); where the two could differ, the first is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hutch.index.html_tokens import Attributes, start_tags, unescape
from hutch.index.json_page import MOST_FILES, InvalidPage, ProjectPage, decoded, wrong_version
from hutch.spec import safe_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["parse_html", "parse_html_carefully"]

# An anchor with double-quoted attributes, as most indexes write them; or a title; or a tag that neither
# says anything here nor hides other tags. None of the parts can run beyond the next "<".
_PLAIN = re.compile(
    r"""<a((?:[ \t\n\f\r]+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<]*")?)*)[ \t\n\f\r]*>
    |(<title>)[^<]*</title>
    |<!doctype[ ][^<>"']*>
    |<meta[ \t\n\f\r][^<>"'&:]*(?:"[^"<>&:]*"[^<>"'&:]*)*>
    |<(?:/|(?!(?:a|base|meta|script|style|textarea|title|xmp|iframe|noembed|noframes|plaintext)[ \t\n\f\r/>]))
     [a-zA-Z][a-zA-Z0-9-]*(?:[ \t\n\f\r/][^<>"']*(?:(?:"[^"<>]*"|'[^'<>]*')[^<>"']*)*)?>""",
    re.I | re.X,
)
_ATTRIBUTE = re.compile(r'[ \t\n\f\r]([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?')
_FILE_LINK = re.compile(r"\.(?:whl|tar\.\w+|zip|tgz|tbz|txz|egg|exe|msi|rpm|deb|dmg|asc)(?:$|[?#])", re.I)
_ASKS = re.compile(r"<(?:form|input|script|iframe)\b|http-equiv[ \t]*=[ \t]*[\"']?refresh", re.I)
_DENSITY = 16


def parse_html(body: bytes, url: str) -> ProjectPage:
    """Read a project page (or a page of links to files) in HTML. Raises ``InvalidPage``."""
    if len(body) > 1 << 22 and body.count(b"<") + body.count(b'="') > len(body) // _DENSITY:
        raise InvalidPage("it is made of more parts than any page has")
    if body.count(b"<a") + body.count(b"<A") > MOST_FILES:
        raise InvalidPage("it has more links than any project has files")
    text = decoded(body)
    seen, entries = 0, []
    for found in _PLAIN.finditer(text):
        seen += 1 if found[2] is None else 2
        if found[1] and (entry := _entry(_plain_attributes(found[1]))) is not None:
            entries.append(entry)
    if seen != text.count("<"):
        return parse_html_carefully(text, url)
    return _page(entries, url, text)


def _plain_attributes(text: str) -> Attributes:
    attributes: Attributes = {}
    for name, value, given in _attributes(text):
        attributes.setdefault(name, unescape(value) if given else None)
    return attributes


def _attributes(text: str) -> Iterator[tuple[str, str, bool]]:
    for match in _ATTRIBUTE.finditer(text):
        yield match[1].lower(), match[2] or "", match[2] is not None


def parse_html_carefully(text: str, url: str) -> ProjectPage:
    """As ``parse_html``, by a tokenizer: slower, and right about comments, scripts and quoting."""
    entries: list[dict[str, Any]] = []
    found: dict[str, str] = {}
    for tag, attributes in start_tags(text):
        if tag == "a":
            entry = _entry(attributes)
            if entry is not None:
                entries.append(entry)
        elif tag == "base" and attributes.get("href"):
            found.setdefault("base", attributes["href"] or "")
        elif tag == "meta" and (attributes.get("name") or "").startswith("pypi:"):
            found.setdefault(attributes["name"] or "", attributes.get("content") or "")
    version = found.get("pypi:repository-version", "1.0")
    if version.partition(".")[0] != "1":
        raise wrong_version(version)
    base = url
    if "base" in found:
        from hutch.index.links import resolve_link

        try:
            base = resolve_link(url, found["base"])
        except ValueError:
            raise InvalidPage("its links are relative to a place that is not followed")
    page = _page(entries, base, text)
    page.status = safe_text(found.get("pypi:project-status", "active"))[:40]
    page.status_reason = safe_text(found.get("pypi:project-status-reason", ""))[:400]
    return page


def _page(entries: Iterable[Any], base: str, text: str) -> ProjectPage:
    entries = list(entries)
    if not entries and _ASKS.search(text):
        # A log-in page of a hotel or a proxy. A page without any link is a project without files.
        raise InvalidPage("it is a web page, and none of its links is a file")
    return ProjectPage(entries, base)


def _entry(attributes: Attributes) -> dict[str, Any] | None:
    """The entry that an anchor describes, in the words of the JSON form; None if it is no file."""
    link = attributes.get("href")
    if not link:
        return None
    link = link.strip()
    address, _, fragment = link.partition("#")
    filename = address.partition("?")[0].rpartition("/")[2]
    if not _FILE_LINK.search(filename):
        return None
    if "%" in filename:
        from urllib.parse import unquote

        filename = unquote(filename)
    entry: dict[str, Any] = {"filename": filename, "url": address, "hashes": _fragment(fragment)}
    requires_python = attributes.get("data-requires-python")
    if requires_python:
        entry["requires-python"] = requires_python
    if "data-yanked" in attributes:
        entry["yanked"] = attributes["data-yanked"] or True
    metadata = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
    if metadata:
        entry["core-metadata"] = True if metadata == "true" else _fragment(metadata) or None
    if attributes.get("data-upload-time"):
        entry["upload-time"] = attributes["data-upload-time"]
    return entry


def _fragment(text: str) -> dict[str, str]:
    """``sha256=…`` as a mapping; other words of a fragment (``egg=…``) mean nothing here."""
    hashes = {}
    for part in text.split("&"):
        algorithm, equals, value = part.partition("=")
        if equals and algorithm in ("sha256", "sha384", "sha512", "md5", "sha1"):
            hashes[algorithm] = value
    return hashes
