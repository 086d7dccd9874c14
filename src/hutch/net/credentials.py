"""Whom to tell which password: by origin, and to nobody else.

Of what is said, the first that says something counts:

    variables named after an index   HUTCH_INDEX_<NAME>_…, then those of uv, Poetry and PDM
    the user info of its URL
    what ``hutch auth login`` keeps
    log-ins of other tools           uv's, Poetry's, PDM's, by address
    the user's netrc
    the system's keyring             after a 401 alone (the client asks it)

A password is never part of a message, a repr, or anything that is written.
"""

from __future__ import annotations

from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hutch.net.netrc import NetrcEntry
    from hutch.net.tool_logins import ToolLogin

__all__ = [
    "Credential",
    "KnownIndex",
    "Wallet",
    "authorization",
    "credential_from_userinfo",
    "index_credential",
    "tool_logins_for",
    "variable_key",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A user name and password for the URLs of one origin, best for those below ``path``.

    ``source`` says for people where it comes from; of one without a password the rest may be known
    elsewhere (``service`` in the keyring, if it has a name there).
    """

    origin: str
    path: str = "/"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    source: str = field(default="", compare=False)
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIndex:
    """An index that is configured: what it is called, where it is, and whether the user (and not a project,
    or nobody) says so."""

    name: str
    url: str
    own: bool = False


def authorization(credential: Credential) -> str:
    """The value of the ``Authorization`` header (RFC 7617)."""
    from binascii import b2a_base64

    pair = f"{credential.username}:{credential.password}".encode()
    return "Basic " + b2a_base64(pair, newline=False).decode("ascii")


def credential_from_userinfo(
    origin: str, target: str, userinfo: str, source: str = "its URL"
) -> Credential | None:
    """The credential that stands before a URL's host, percent-decoded; None if it is empty."""
    username, _, password = userinfo.partition(":")
    if not username and not password:
        return None
    if "%" in userinfo:
        from urllib.parse import unquote

        username, password = unquote(username), unquote(password)
    path = target.partition("?")[0]
    return Credential(origin=origin, path=path, username=username, password=password, source=source)


def variable_key(name: str) -> str:
    """The name of an index as it stands in variables: upper case, and an underscore for all but letters and
    digits."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name).upper()


def index_credential(
    name: str, url: str, environ: Mapping[str, str], source: str = "its URL"
) -> Credential | None:
    """What variables say for the index ``name`` at ``url``; else the user info of ``url``, which ``source``
    has. None if there is neither.

    Read are ``HUTCH_INDEX_<NAME>_USERNAME`` and ``_PASSWORD``, then uv's, Poetry's and PDM's variables of
    the same meaning. What one of the two leaves out is taken from the URL.
    """
    if not url.lower().startswith(("http://", "https://")):
        return None
    from hutch.net.urls import parse_url

    address = parse_url(url)
    known = credential_from_userinfo(address.origin, address.target, address.userinfo or "", source)
    key = variable_key(name)
    pairs = [f"{prefix}_{key}" for prefix in ("HUTCH_INDEX", "UV_INDEX", "POETRY_HTTP_BASIC")]
    if key == "PYPI":
        pairs.append("PDM_PYPI")
    for pair in pairs:
        username, password = environ.get(f"{pair}_USERNAME"), environ.get(f"{pair}_PASSWORD")
        if username or password:
            return Credential(
                origin=address.origin,
                path=address.target.partition("?")[0],
                username=username if username is not None else known.username if known else "__token__",
                password=password if password is not None else known.password if known else "",
                source=f"{pair}_{'PASSWORD' if password else 'USERNAME'}",
            )
    return known


def tool_logins_for(
    logins: Iterable[ToolLogin], indexes: Sequence[KnownIndex]
) -> tuple[tuple[Credential, ...], dict[str, ToolLogin]]:
    """Of what other tools know: what belongs to an address, and what belongs only to the name of an index
    whose address a project says (by that address, for a message)."""
    from hutch.net.problems import InvalidAddress
    from hutch.net.urls import parse_url

    found: list[Credential] = []
    by_name: dict[str, ToolLogin] = {}
    for login in logins:
        urls = [login.url] if login.url else []
        urls += [each.url for each in indexes if each.own and login.name and each.name == login.name]
        for url in urls:
            try:
                address = parse_url(url)
            except InvalidAddress:
                continue
            found.append(
                Credential(
                    origin=address.origin,
                    path=address.target.partition("?")[0],
                    username=login.username,
                    password=login.password,
                    source=login.place,
                    service=login.service,
                )
            )
        for index in indexes:
            if login.name and index.name == login.name and not index.own:
                by_name.setdefault(index.url, login)
    return tuple(found), by_name


class Wallet:
    """The credentials of a process, asked by origin and path.

    What is given counts before what lies in files, and those are read when a host is asked for which
    nothing is given.
    """

    def __init__(
        self,
        credentials: Iterable[Credential] = (),
        *,
        saved: str | None = None,
        tools: tuple[tuple[str, str], ...] = (),
        netrc: str | None = None,
        indexes: tuple[KnownIndex, ...] = (),
    ) -> None:
        self._given: dict[str, list[Credential]] = {}
        self._saved_path = saved
        self._tool_paths = tools
        self._netrc_path = netrc
        self._indexes = indexes
        self._files: tuple[tuple[Credential, ...], tuple[Credential, ...]] | None = None
        self._netrc: tuple[NetrcEntry, ...] | None = None
        self.by_name: dict[str, ToolLogin] = {}
        for credential in credentials:
            self.add(credential)

    def add(self, credential: Credential) -> None:
        """Remember a credential; a later one for the same place replaces it."""
        known = self._given.setdefault(credential.origin, [])
        known[:] = [each for each in known if each.path != credential.path]
        known.append(credential)

    def find(self, origin: str, host: str, target: str) -> Credential | None:
        """The credential for a URL, None if there is none.

        Of several for one origin (two projects of one forge), the one whose path has most leading segments
        in common with the URL. One that is a user name alone gets its password from what comes after it.
        """
        first: Credential | None = None
        for known in self._ranked(origin, host):
            best = _nearest(known, target, first.username if first is not None else None)
            if best is None:
                continue
            if first is not None:
                return replace(first, password=best.password, source=best.source) if best.password else first
            if best.password or not best.username:
                return best
            first = best
        return first

    def saved_for(self, origin: str, target: str) -> Credential | None:
        """What ``hutch auth login`` keeps for the place that a URL lies below, password or not."""
        path = target.partition("?")[0]
        below = [
            each
            for each in self._read_files()[0]
            if each.origin == origin and (path.rstrip("/") + "/").startswith(each.path.rstrip("/") + "/")
        ]
        return max(below, key=lambda each: len(each.path), default=None)

    def _ranked(self, origin: str, host: str) -> Iterable[list[Credential]]:
        """What is known of an origin, source by source; later ones are only read when they are asked for."""
        yield self._given.get(origin, [])
        for known in self._read_files():
            yield [each for each in known if each.origin == origin]
        if self._netrc_path is None:
            return
        if self._netrc is None:
            from hutch.net.netrc import read_netrc

            self._netrc = read_netrc(self._netrc_path)
        entries = [each for each in self._netrc if each.host == host]
        if not entries and self._is_own(origin):
            entries = [each for each in self._netrc if each.host is None]
        # As for pip and uv, the last of several counts, unless a user name tells which.
        yield [
            Credential(origin=origin, username=each.username, password=each.password, source=self._netrc_path)
            for each in reversed(entries)
        ]

    def _is_own(self, origin: str) -> bool:
        """Whether it is the user who has named a host as an index: the ``default`` entry of a netrc is for
        those, and not for every host that a page, a redirect or a checkout names."""
        from hutch.net.urls import parse_url

        return any(each.own and parse_url(each.url).origin == origin for each in self._indexes)

    def _read_files(self) -> tuple[tuple[Credential, ...], tuple[Credential, ...]]:
        """What ``hutch auth login`` keeps, and what other tools know."""
        if self._files is None:
            self._files = (_saved(self._saved_path), ())
            if self._tool_paths:
                from hutch.net.tool_logins import read_tool_logins

                logins = read_tool_logins(self._tool_paths)
                found, self.by_name = tool_logins_for(logins, self._indexes)
                self._files = (self._files[0], found)
        return self._files


def _saved(path: str | None) -> tuple[Credential, ...]:
    if path is None:
        return ()
    from hutch.net.problems import InvalidAddress
    from hutch.net.saved import CannotKeep, read_saved
    from hutch.net.urls import parse_url

    try:
        saved = read_saved(path)
    except CannotKeep:
        return ()  # the commands of `hutch auth` say so; others go on without
    found = []
    for one in saved:
        try:
            address = parse_url(one.url)
        except InvalidAddress:
            continue
        found.append(
            Credential(
                origin=address.origin,
                path=address.target,
                username=one.username,
                password=one.password or "",
                source="hutch auth login",
                service=one.url if one.password is None else "",
            )
        )
    return tuple(found)


def _nearest(known: list[Credential], target: str, username: str | None) -> Credential | None:
    """Of the credentials for one origin the one nearest to a path; those of ``username`` alone, if given."""
    fitting = [each for each in known if username is None or each.username == username]
    segments = target.partition("?")[0].split("/")
    return max(fitting, key=lambda each: _common(each.path.split("/"), segments), default=None)


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
