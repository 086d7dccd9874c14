"""How the network is to be used: one frozen value, made by configuration."""

from __future__ import annotations

from hutch.net.credentials import Credential, KnownIndex
from hutch.net.keyring import KeyringOptions
from hutch.values import dataclass, field, fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal


__all__ = ["NetOptions", "options_from", "spare_sockets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetOptions:
    """Options of a ``Client``.

    ``timeout`` and ``connect_timeout`` are seconds without any progress; ``retries`` further
    attempts follow a failed one. ``ca_bundle`` is a file or directory of certificates to trust
    instead of the system's; ``ca_file``/``ca_directory`` come from the environment and are used
    where they exist. ``client_cert`` is a PEM file with certificate and key. ``proxy`` overrides
    ``proxies`` (scheme → URL, from the environment). ``trusted_hosts`` are ``host`` or
    ``host:port`` for which plain http and unverified certificates are accepted; of them
    ``unproven_hosts`` are so by the word of a project alone, and are told no password. ``netrc`` is the
    file to take passwords from, None for none; ``saved`` what ``hutch auth login`` keeps;
    ``tool_logins`` files of other tools, as (tool, path). ``indexes`` are those that are configured, for
    what is known by their names. ``keyring`` says whether the system's keyring is asked. ``parallel``
    limits requests under way.
    """

    timeout: float = 30.0
    connect_timeout: float = 10.0
    retries: int = 4
    offline: bool = False
    parallel: int = 50
    ca_bundle: str | None = None
    ca_file: str | None = None
    ca_directory: str | None = None
    client_cert: str | None = None
    proxy: str | None = field(default=None, repr=False)
    proxies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    no_proxy: str = ""
    trusted_hosts: tuple[str, ...] = ()
    unproven_hosts: tuple[str, ...] = ()
    netrc: str | None = None
    saved: str | None = None
    tool_logins: tuple[tuple[str, str], ...] = ()
    indexes: tuple[KnownIndex, ...] = ()
    keyring: KeyringOptions = field(default_factory=KeyringOptions)
    credentials: tuple[Credential, ...] = field(default=(), repr=False)
    transport: Literal["auto", "curl", "standard"] = "auto"
    user_agent: str = "hutch"


def options_from(environ: Mapping[str, str], *, home: str | None = None, **overrides: Any) -> NetOptions:
    """Options with what the environment says about certificates, proxies and netrc.

    Read: ``SSL_CERT_FILE``, ``SSL_CERT_DIR``, ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE``,
    ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY`` (either case; ``HTTP_PROXY`` only in
    lower case when a CGI server set it) and ``NETRC``. ``overrides`` are fields of ``NetOptions``; a
    value of None there changes nothing.
    """
    import os.path

    known = {each.name for each in fields(NetOptions)}
    values: dict[str, Any] = {}
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = environ.get(variable)
        if path and "ca_file" not in values and os.path.isfile(path):
            values["ca_file"] = path
        elif path and "ca_directory" not in values and os.path.isdir(path):
            values["ca_directory"] = path  # requests accepts a directory there
    directory = environ.get("SSL_CERT_DIR", "").split(os.pathsep)[0]
    if directory and os.path.isdir(directory):
        values["ca_directory"] = directory
    proxies = []
    for scheme in ("http", "https", "all"):
        proxy = environ.get(f"{scheme}_proxy") or environ.get(f"{scheme.upper()}_PROXY")
        if scheme == "http" and "REQUEST_METHOD" in environ:
            proxy = environ.get("http_proxy")  # a CGI client may set HTTP_PROXY by a header
        if proxy:
            proxies.append((scheme, proxy))
    values["proxies"] = tuple(proxies)
    values["no_proxy"] = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    netrc = environ.get("NETRC")
    home = home or environ.get("HOME") or environ.get("USERPROFILE")
    if netrc and home and netrc.startswith("~/"):
        netrc = home + netrc[1:]
    elif not netrc:
        names = ("_netrc", ".netrc") if os.name == "nt" else (".netrc", "_netrc")
        paths = [os.path.join(home, name) for name in names] if home else []
        netrc = next((path for path in paths if os.path.isfile(path)), None)
    values["netrc"] = netrc
    for name, value in overrides.items():
        if name not in known:
            raise TypeError(f"NetOptions has no field {name!r}")
        if value is not None:
            values[name] = value
    return NetOptions(**values)


def spare_sockets() -> int:
    """How many connections this process may hold, leaving descriptors for files and pipes."""
    try:
        import resource
    except ImportError:  # Windows
        return 256
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 256 if soft in (-1, resource.RLIM_INFINITY) else max(2, min(256, (soft - 32) // 3))
