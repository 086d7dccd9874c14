"""The HTML form of the Simple API (PEP 503, 592, 629, 658, 714): text to entries.

``html.parser`` takes twenty times as long as one regular expression. So a page whose every anchor
has the plain form that indexes write is read by that expression, and any other by the parser; a
page where the two could differ is never read by the first.
"""

from __future__ import annotations

import re

from hutch.index.json_page import MOST_FILES, InvalidPage, ProjectPage
from hutch.spec import safe_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["parse_html", "parse_html_carefully"]

# An anchor with double-quoted attributes, as warehouse, devpi, Artifactory and the rest write them.
_ANCHOR = re.compile(r'<a((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"]*")?)*)\s*>')
_ATTRIBUTE = re.compile(r'\s([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?')
_ANY_ANCHOR = re.compile(r"<a[\s/>]", re.I)
# Where an anchor may stand and not be one, or not mean what it says, or something else matters.
_SPECIAL = re.compile(
    r"<!--|<!\[|<\?|<(?:script|style|base|textarea|title[^>]*>[^<]*<a|noscript|template|svg|math|iframe|xmp|plaintext"
    r"|meta[^>]*pypi:)",
    re.I,
)
_FILE_LINK = re.compile(r"\.(?:whl|tar\.\w+|zip|tgz|tbz|txz|egg|exe|msi|rpm|deb|dmg|asc)(?:$|[?#])", re.I)
_ASKS = re.compile(r"<(?:form|input|script|iframe)\b|http-equiv\s*=\s*[\"']?refresh", re.I)
_DENSITY = 16


def parse_html(body: bytes, url: str) -> ProjectPage:
    """Read a project page (or a page of links to files) in HTML. Raises ``InvalidPage``."""
    text = body.decode("utf-8", "replace")
    if len(body) > 1 << 22 and body.count(b"<") + body.count(b'="') > len(body) // _DENSITY:
        raise InvalidPage("it is made of more parts than any page has")
    if text.count("<a") + text.count("<A") > MOST_FILES:
        raise InvalidPage("it has more links than any project has files")
    if _SPECIAL.search(text):
        return parse_html_carefully(text, url)
    anchors = [match[1] for match in _ANCHOR.finditer(text)]
    if len(anchors) != len(_ANY_ANCHOR.findall(text)):
        return parse_html_carefully(text, url)
    links = []
    for anchor in anchors:
        attributes: dict[str, str | None] = {}
        for match in _ATTRIBUTE.finditer(anchor):
            name, value = match[1].lower(), match[2]
            if value is not None and "&" in value:
                import html

                value = html.unescape(value)
            attributes.setdefault(name, value)
        links.append(attributes)
    return _page(links, url, text)


def parse_html_carefully(text: str, url: str) -> ProjectPage:
    """As ``parse_html``, by ``html.parser``: slow, and right about comments, scripts and quoting."""
    from html.parser import HTMLParser

    links: list[dict[str, str | None]] = []
    found: dict[str, str] = {}

    class Anchors(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            attributes: dict[str, str | None] = {}
            for name, value in attrs:
                attributes.setdefault(name, value)
            if tag == "a":
                links.append(attributes)
            elif tag == "base" and attributes.get("href"):
                found.setdefault("base", attributes["href"] or "")
            elif tag == "meta" and (attributes.get("name") or "").startswith("pypi:"):
                found.setdefault(attributes["name"] or "", attributes.get("content") or "")

    parser = Anchors()
    try:
        parser.feed(text)
        parser.close()
    except (AssertionError, RecursionError):  # html.parser asserts on some declarations
        raise InvalidPage("it is not valid HTML")
    version = found.get("pypi:repository-version", "1.0")
    if version.partition(".")[0] != "1":
        raise InvalidPage(
            f"it speaks version {safe_text(version)[:20]} of the Simple API; hutch knows version 1"
        )
    base = url
    if "base" in found:
        from hutch.index.links import resolve_link

        try:
            base = resolve_link(url, found["base"])
        except ValueError:
            raise InvalidPage("its links are relative to a place that is not followed")
    page = _page(links, base, text)
    page.status = safe_text(found.get("pypi:project-status", "active"))[:40]
    page.status_reason = safe_text(found.get("pypi:project-status-reason", ""))[:400]
    return page


def _page(links: list[dict[str, str | None]], base: str, text: str) -> ProjectPage:
    entries = [entry for entry in map(_entry, links) if entry is not None]
    if not entries and _ASKS.search(text):
        # A log-in page of a hotel or a proxy. A page without any link is a project without files.
        raise InvalidPage("it is a web page, and none of its links is a file")
    return ProjectPage(list(entries), base)


def _entry(attributes: dict[str, str | None]) -> dict[str, Any] | None:
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
