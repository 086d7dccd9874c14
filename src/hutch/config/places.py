"""Places as people write them (URLs, paths, ``~``) as URLs, and whether they are there."""

from __future__ import annotations

import os

__all__ = ["absolute", "as_path", "as_url", "is_missing", "is_url"]

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-~")
"""What stands in a URL as it stands in a path."""


def is_url(place: str) -> bool:
    """Whether ``place`` is a URL; ``C:\\wheels`` is not."""
    scheme, mark, _ = place.partition(":")
    return (
        bool(mark)
        and len(scheme) > 1
        and scheme.replace("+", "").replace("-", "").isalnum()
        and (place.startswith(f"{scheme}://") or scheme.lower() == "file")
    )


def absolute(place: str, base: str, home: str | None = None) -> str:
    """A path made absolute from ``base``, ``~`` being ``home``; a URL as it is."""
    return place if is_url(place) else as_path(place, base, home)


def as_path(path: str, base: str, home: str | None = None) -> str:
    """``path`` made absolute."""
    if home and (path == "~" or path.startswith(("~/", "~\\"))):
        path = home.rstrip("/\\") + path[1:]
    return os.path.normpath(os.path.join(base, path))


def as_url(place: str, base: str, home: str | None = None) -> str:
    """A URL for ``place``; paths become ``file://``."""
    if is_url(place):
        if place.lower().startswith("file:") and not place.lower().startswith("file://"):
            return as_url(place[5:], base, home)  # file:wheels, which pip takes for a relative path
        return place
    path = as_path(place, base, home).replace("\\", "/") if os.name == "nt" else as_path(place, base, home)
    if path.startswith("/") and os.name != "nt" and _PLAIN.issuperset(path):
        return f"file://{path}"
    from urllib.parse import quote

    if path.startswith("//") and os.name == "nt":
        return "file:" + quote(path)  # a share: file://server/share
    return (
        "file://" + ("" if path.startswith("/") else "/") + quote(path, safe="/:" if os.name == "nt" else "/")
    )


def is_missing(url: str) -> bool:
    """Whether a ``file://`` URL names nothing that exists."""
    if not url.lower().startswith("file://"):
        return False
    host, slash, path = url[7:].partition("#")[0].partition("?")[0].partition("/")
    path = slash + path
    if "%" in path:
        from urllib.parse import unquote

        path = unquote(path)
    if os.name == "nt":
        path = f"//{host}{path}" if host and host != "localhost" else path.lstrip("/")
    return not os.path.exists(path)
