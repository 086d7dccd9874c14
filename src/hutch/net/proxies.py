"""Which proxy, if any, stands between us and a host; the same answer for every transport."""

from __future__ import annotations

from hutch.net.options import NetOptions
from hutch.net.urls import Address

__all__ = ["proxy_for"]


def proxy_for(address: Address, options: NetOptions) -> str | None:
    """The proxy's URL (``http://host:port`` if it names no scheme), None for a direct connection.

    ``no_proxy`` is a list of hosts, of domains that cover those below them (``.corp.example`` or
    ``corp.example``), of ``host:port``, of networks in CIDR notation, or ``*``.
    """
    if options.proxy is not None:
        proxy: str | None = options.proxy
    else:
        known = dict(options.proxies)
        proxy = known.get(address.scheme) or known.get("all")
        if proxy and _is_exempt(address, options.no_proxy):
            return None
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_exempt(address: Address, no_proxy: str) -> bool:
    for entry in no_proxy.replace(",", " ").split():
        pattern = entry.lower()
        if pattern == "*":
            return True
        if "/" in pattern and _in_network(address.host, pattern):
            return True
        name, _, port = pattern.rpartition(":") if pattern.count(":") == 1 else (pattern, "", "")
        if port and port != str(address.port):
            continue
        name = name.strip("[]").removeprefix("*").lstrip(".")
        if name and (address.host == name or address.host.endswith("." + name)):
            return True
    return False


def _in_network(host: str, network: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
