"""URLs as far as a package tool needs them: origin, target, joining, and never a secret.

Own code for the common case, because ``urllib.parse`` costs milliseconds to import and is lenient
where two parsers may differ: a host is letters, digits, dots, hyphens and underscores, or a
bracketed IPv6 address, and nothing else. See RFC 3986.
"""

from __future__ import annotations

from hutch.net.problems import InvalidAddress
from hutch.values import dataclass

__all__ = [
    "Address",
    "hide_credentials",
    "is_loopback",
    "join_url",
    "origin_of",
    "parse_url",
    "redact",
    "without_credentials",
]

_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")
_IPV6 = frozenset("0123456789abcdef:.")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed http or https URL. ``target`` is path and query, ready for a request line."""

    scheme: str
    host: str
    port: int
    target: str
    userinfo: str | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port: what credentials belong to. The default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def netloc(self) -> str:
        """Host, and port where it is not the default: for people and for ``Host``."""
        return self.origin.partition("://")[2]

    @property
    def url(self) -> str:
        """The whole URL, without user name and password."""
        return self.origin + self.target


def parse_url(url: str) -> Address:
    """Split an absolute http or https URL; raise ``InvalidAddress`` for anything else."""
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS:
        raise _invalid(url, "only http and https addresses are fetched")
    rest = rest.partition("#")[0]
    end = len(rest)
    for mark in "/?":
        at = rest.find(mark)
        if at >= 0:
            end = min(end, at)
    authority, target = rest[:end], rest[end:]
    if "\\" in authority:
        raise _invalid(url, "its host is not a host name")  # browsers take a backslash for a slash
    # The last @ ends the user info: everything behind it is the host, whatever stands before.
    userinfo, at_sign, hostport = authority.rpartition("@")
    host, port_text = _split_port(hostport)
    if host is None:
        raise _invalid(url, "its host is not a host name")
    port = _PORTS[scheme]
    if port_text:
        if not (port_text.isascii() and port_text.isdigit() and 0 < int(port_text[:9]) < 65536):
            raise _invalid(url, "its port is not a number")
        port = int(port_text)
    if not target.startswith("/"):
        target = "/" + target
    if not (target.isascii() and target.isprintable()) or " " in target or "\\" in target:
        target = _quote(url, target)
    return Address(scheme, host, port, target, userinfo if at_sign else None)


def _split_port(hostport: str) -> tuple[str | None, str]:
    if hostport.startswith("["):
        host, bracket, port = hostport[1:].partition("]")
        host = host.lower()
        if not bracket or not host or not _IPV6.issuperset(host) or (port and not port.startswith(":")):
            return None, ""
        return host, port[1:]
    host, _, port = hostport.partition(":")
    host = host.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except (UnicodeError, ValueError):
            return None, ""
    # An empty label ("a..b", "."), or a character that another parser might read as an end.
    if not host or not _HOST.issuperset(host) or host.startswith(("-", ".")) or ".." in host:
        return None, ""
    return host, port


def _quote(url: str, target: str) -> str:
    """Percent-encode what may not stand on a request line; refuse what is there to confuse."""
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in target):
        raise _invalid(url, "it has control characters")
    try:
        data = target.encode()
    except UnicodeEncodeError:
        raise _invalid(url, "it has characters that cannot be encoded")
    return "".join(chr(byte) if 32 < byte < 127 and byte != 0x5C else f"%{byte:02X}" for byte in data)


def _invalid(url: str, reason: str) -> InvalidAddress:
    return InvalidAddress(f"cannot use the address {redact(url)!r}", why=reason)


def origin_of(url: str) -> str:
    """The origin of an http or https URL: what credentials and trust belong to."""
    return parse_url(url).origin


def join_url(base: str, reference: str) -> str:
    """Resolve ``reference`` against the absolute URL ``base`` (RFC 3986, section 5)."""
    head = reference[:8].lower()
    if head.startswith(("https://", "http://")):
        return reference
    if reference.startswith("/") and not reference.startswith("//") and "/." not in reference:
        scheme, _, rest = base.partition("://")
        return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}{reference}"
    from urllib.parse import urljoin

    try:
        return urljoin(base, reference)
    except ValueError:
        raise _invalid(reference, "it is malformed")


def without_credentials(url: str) -> str:
    """``url`` without the user name and password before its host; any scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator or "@" not in rest:
        return url
    end = min((at for at in (rest.find("/"), rest.find("?"), rest.find("#")) if at >= 0), default=len(rest))
    return scheme + separator + rest[:end].rpartition("@")[2] + rest[end:]


def hide_credentials(text: str) -> str:
    """Text of any kind, with what stands before the hosts of URLs in it as ``****``.

    ``${NAME}`` stays, which is no secret, and so does a user name alone for ssh. The token in an address of
    conda (``/t/TOKEN/channel``) is hidden as well.
    """
    import re

    def hidden(found: re.Match[str]) -> str:
        scheme, said = found[1], found[2]
        bare = re.sub(r"\$\{\w+\}|:", "", said)
        return found[0] if not bare or ("ssh" in scheme and ":" not in said) else f"{scheme}****@"

    text = re.sub(r"(https?://[^\s?#]*?/t/)[^/\s?#`'\"]{6,}(?=/|$|[\s`'\"])", r"\1****", text)
    return re.sub(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/\s?#]+)@", hidden, text)


def redact(url: str) -> str:
    """``url`` as a message may show it: no credentials, no query, no control characters."""
    bare = without_credentials(url).partition("?")[0].partition("#")[0]
    if "@" in bare:
        # "http://host:@evil/", "user:pass@host" without a scheme: show nothing before the sign.
        bare = bare.rpartition("@")[2]
    head, mark, rest = bare.partition("/t/")  # what stands there in addresses of conda is a secret
    token, slash, tail = rest.partition("/")
    if mark and len(token) > 5 and slash:
        bare = f"{head}/t/****/{tail}"
    return "".join(character for character in bare if character.isprintable())[:300]


def is_loopback(host: str) -> bool:
    """Whether ``host`` can only be this machine."""
    if host in ("localhost", "::1") or host.endswith(".localhost"):
        return True
    parts = host.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(part.isdigit() and int(part) < 256 for part in parts)
