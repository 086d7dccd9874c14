"""Links on pages: where they lead, and which are followed."""

from __future__ import annotations

__all__ = ["resolve_link"]


def resolve_link(base: str, link: str) -> str:
    """The absolute URL of ``link`` on the page ``base``; ``ValueError`` if we do not follow it.

    A page from the network may only name http and https; a page on this machine also files.
    Credentials in a link are dropped: whom we tell what is ours to say.
    """
    from hutch.net import InvalidAddress, join_url, parse_url

    try:
        link = link.strip(" \t\r\n")
        whole = join_url(base, link)
        if whole[:5].lower() == "file:":
            if base[:5].lower() != "file:":
                raise ValueError(link)
            return whole
        fragment = whole.partition("#")[2]
        return parse_url(whole).url + ("#" + fragment if fragment else "")
    except InvalidAddress:
        raise ValueError(link)
