"""What a lock says of URLs: no secret, and the file name where it is plain."""

from __future__ import annotations

__all__ = ["channel_without_credentials", "filename_of", "without_credentials"]


def without_credentials(url: str) -> str:
    """``url`` without user name and password. The user of an ssh URL is an account, and stays."""
    if "@" not in url:
        return url
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url
    end = min((at for at in (rest.find("/"), rest.find("?"), rest.find("#")) if at >= 0), default=len(rest))
    user, sign, host = rest[:end].rpartition("@")
    if not sign:
        return url
    if scheme.endswith("ssh"):
        host = user.partition(":")[0] + "@" + host
    return scheme + mark + host + rest[end:]


def filename_of(url: str | None, path: str | None) -> str:
    """The file name that a URL or path says, as PEP 751 derives it where ``name`` is absent."""
    if url:
        name = url.partition("#")[0].partition("?")[0].rpartition("/")[2].partition(";")[0]
        if "%" in name:
            from urllib.parse import unquote

            return unquote(name)
        return name
    name = path or ""
    return name.rpartition("/")[2] if "/" in name else name.rpartition("\\")[2]


def channel_without_credentials(address: str) -> str:
    """The address of a conda channel, without user, password and token (``/t/TOKEN/`` before all)."""
    address = without_credentials(address)
    scheme, mark, rest = address.partition("://")
    if not mark or scheme == "file" or "/t/" not in rest:
        return address
    before, _, path = rest.partition("/t/")  # some servers have them behind a folder
    _, slash, behind = path.partition("/")
    return f"{scheme}://{before}/{behind}" if slash else address
