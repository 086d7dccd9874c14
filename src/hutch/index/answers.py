"""From the answer of an index to a page, whichever form it has."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index.json_page import ProjectPage
    from hutch.index.page import Page
    from hutch.net import Response
    from hutch.spec import NormalizedName

__all__ = ["digested", "page_of", "parse_page"]


def page_of(name: NormalizedName, index: str, response: Response) -> Page:
    """The page of ``name`` that an answer of the index of that name is. Raises ``InvalidPage``."""
    return digested(name, index, parse_page(response), response.url)


def digested(name: NormalizedName, index: str, found: ProjectPage, url: str) -> Page:
    from hutch.index.digest import digest

    return digest(
        found.entries,
        name=name,
        index=index,
        url=url.partition("?")[0],
        base=found.base,
        status=found.status,
        status_reason=found.status_reason,
    )


def parse_page(response: Response) -> ProjectPage:
    """The page that an answer is, in either form. Raises ``InvalidPage``."""
    from hutch.index.json_page import InvalidPage, parse_json

    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    first = response.body[:200].lstrip()[:1]
    if kind.endswith(("+json", "/json")):
        return parse_json(response.body, response.url)
    if (kind.endswith(("+html", "/html")) and first != b"{") or first == b"<":
        from hutch.index.html_page import parse_html

        return parse_html(response.body, response.url)
    if first == b"{":
        return parse_json(response.body, response.url)
    raise InvalidPage("it is neither JSON nor HTML")
