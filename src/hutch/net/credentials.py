"""Whom to tell which password: by origin, and to nobody else.

Three sources, the first that knows wins: what the configuration says of an index (its own
environment variables, or the user info of its URL), and the user's netrc. A password is never part
of a message, a repr, or anything that is written.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Credential",
    "Keyring",
    "authorization",
    "credential_from_userinfo",
    "index_credential",
    "read_netrc",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A user name and password for the URLs of one origin, best for those below ``path``."""

    origin: str
    path: str = "/"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def authorization(credential: Credential) -> str:
    """The value of the ``Authorization`` header (RFC 7617)."""
    from binascii import b2a_base64

    pair = f"{credential.username}:{credential.password}".encode()
    return "Basic " + b2a_base64(pair, newline=False).decode("ascii")


def credential_from_userinfo(origin: str, target: str, userinfo: str) -> Credential | None:
    """The credential that stands before a URL's host, percent-decoded; None if it is empty."""
    username, _, password = userinfo.partition(":")
    if not username and not password:
        return None
    if "%" in userinfo:
        from urllib.parse import unquote

        username, password = unquote(username), unquote(password)
    return Credential(origin=origin, path=target.partition("?")[0], username=username, password=password)


def index_credential(name: str, url: str, environ: Mapping[str, str]) -> Credential | None:
    """What ``HUTCH_INDEX_<NAME>_USERNAME`` and ``_PASSWORD`` say for the index ``name`` at ``url``.

    NAME is upper case, with every other character than letters and digits an underscore. Where the
    variables are not set, the user info of ``url`` counts. None if there is neither.
    """
    if not url.lower().startswith(("http://", "https://")):
        return None
    from hutch.net.urls import parse_url

    address = parse_url(url)
    key = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name).upper()
    username = environ.get(f"HUTCH_INDEX_{key}_USERNAME")
    password = environ.get(f"HUTCH_INDEX_{key}_PASSWORD")
    if username is None and password is None:
        return credential_from_userinfo(address.origin, address.target, address.userinfo or "")
    known = credential_from_userinfo(address.origin, address.target, address.userinfo or "")
    return Credential(
        origin=address.origin,
        path=address.target.partition("?")[0],
        username=username if username is not None else (known.username if known else "__token__"),
        password=password if password is not None else (known.password if known else ""),
    )


class Keyring:
    """The credentials of a process, asked by origin and path."""

    def __init__(self, credentials: Iterable[Credential] = (), *, netrc: str | None = None) -> None:
        self._by_origin: dict[str, list[Credential]] = {}
        self._netrc_path = netrc
        self._netrc: dict[str, tuple[str, str]] | None = None
        for credential in credentials:
            self.add(credential)

    def add(self, credential: Credential) -> None:
        """Remember a credential; a later one for the same place replaces it."""
        known = self._by_origin.setdefault(credential.origin, [])
        known[:] = [each for each in known if each.path != credential.path]
        known.append(credential)

    def find(self, origin: str, host: str, target: str) -> Credential | None:
        """The credential for a URL, None if there is none.

        Of several for one origin (two projects of one forge), the one whose path has most leading
        segments in common with the URL.
        """
        known = self._by_origin.get(origin)
        if known:
            segments = target.partition("?")[0].split("/")
            return max(known, key=lambda each: _common(each.path.split("/"), segments))
        if self._netrc_path is None:
            return None
        if self._netrc is None:
            self._netrc = read_netrc(self._netrc_path)
        pair = self._netrc.get(host)
        return pair and Credential(origin=origin, username=pair[0], password=pair[1])


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def read_netrc(path: str) -> dict[str, tuple[str, str]]:
    """Host → (user name, password) of a netrc file; an unreadable or broken one knows nobody.

    The ``default`` entry is passed over on purpose: it would tell a password to every host that a
    page or a redirect names.
    """
    import netrc

    try:
        hosts = netrc.netrc(path).hosts
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return {}
    return {
        host.lower(): (login or account or "", password or "")
        for host, (login, account, password) in hosts.items()
        if host != "default"
    }
