"""``hutch auth login|logout|list``: what is kept for which address, and where.

A password belongs to an address. A name is only what the configuration calls an address here, and the user is
shown which one it is before anything is kept.
"""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.net import KeyringProgram, SavedCredential
    from hutch.ops.context import Context

__all__ = [
    "AuthListOutcome",
    "AuthLoginOptions",
    "AuthLogoutOptions",
    "AuthOutcome",
    "AuthPlace",
    "auth_list",
    "auth_login",
    "auth_logout",
    "find_auth_place",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPlace:
    """What a password is for: an address, what it is called here (empty: it was given as one), the user name
    that stood in it, and what counts before anything that is kept for it."""

    url: str
    name: str = ""
    username: str = ""
    stronger: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.url})" if self.name else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthLoginOptions:
    """``place``: the name of an index, a URL, or None for the default index. ``token`` says that the user
    name is ``__token__``; ``stdin`` that the password is read and not asked for; ``from_tool`` whose it is.
    ``store`` is ``auto``, ``keyring`` or ``file``."""

    place: str | None = None
    username: str | None = None
    token: bool = False
    stdin: bool = False
    from_tool: str | None = None
    store: str = "auto"
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthLogoutOptions:
    """``place``: the name of an index, a URL, or None for the default index."""

    place: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthOutcome:
    """``kept`` is ``keyring`` or ``file``: where the password is, or was. ``why`` it is not in the keyring;
    ``left`` says what was not forgotten."""

    place: AuthPlace
    kept: str
    path: str
    why: str = ""
    left: str = ""
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "url": self.place.url,
            "index": self.place.name or None,
            "kept": self.kept,
            "path": self.path,
            "reason": self.why or self.left or None,
            "counts_before": self.place.stronger or None,
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthListOutcome:
    """(URL, user name, where its password is) of what is kept, and (name, URL, where its credential comes
    from) of each index; no secrets."""

    path: str
    saved: tuple[tuple[str, str, str], ...]
    indexes: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "saved": [{"url": url, "username": username, "kept": kept} for url, username, kept in self.saved],
            "indexes": [
                {"name": name, "url": url, "source": source or None} for name, url, source in self.indexes
            ],
        }


class NotKept(Problem):
    """There is no such log-in, or the keyring does not take one."""

    code = "no-login"


def find_auth_place(context: Context, text: str | None) -> AuthPlace:
    """The address that a name or a URL means here. Raises a ``Problem`` for one that no password is told."""
    from hutch.net import InsecureAddress, is_loopback, parse_url, without_credentials

    configuration = context.configuration
    name = ""
    if text is None or "://" not in text:
        known = {index.name: index for index in configuration.indexes}
        if text is None:
            name = next((index.name for index in configuration.indexes if index.default), "")
            if name == "default" and configuration.origin("index-url").rung == "default":
                raise UsageProblem(
                    "which index is it for?",
                    why="none is configured here, and everybody's wants no password",
                    hint="give its name or its address",
                )
        else:
            name = text
        if name not in known:
            raise UsageProblem(
                f"no index is called {name}" if name else "there is no default index",
                why="configured here: " + (", ".join(known) or "none"),
                hint="give its address instead, or configure it ([[index]] in a hutch.toml)",
            )
        url = known[name].url
    else:
        url = text
    if not url.lower().startswith(("http://", "https://")):
        raise UsageProblem(
            f"nobody is asked for a password at {without_credentials(url)}", why="it is not http or https"
        )
    address = parse_url(url)
    username, colon, _ = (address.userinfo or "").partition(":")
    if colon:
        raise UsageProblem(
            "a password does not belong into a URL on the command line",
            why="others see it there, and your shell remembers it",
            hint="leave it out: hutch asks for it, or reads it with --stdin",
        )
    net = configuration.net
    trusted = address.host in net.trusted_hosts or address.netloc in net.trusted_hosts
    if address.scheme == "http" and not is_loopback(address.host) and not trusted:
        raise InsecureAddress(
            f"no password is kept for {address.netloc} over plain http",
            host=address.host,
            why="anybody on the way could read it",
            hint=f"use https, or name {address.netloc} in trusted-host",
        )
    from urllib.parse import unquote

    path = address.target.partition("?")[0]
    stronger = [each for each in net.credentials if each.origin == address.origin and each.path == path]
    return AuthPlace(
        url=address.origin + path,
        name=name,
        username=unquote(username),
        stronger=stronger[-1].source if stronger else "",
    )


def _adopted(context: Context, place: AuthPlace, tool: str) -> tuple[str, str]:
    """The user name and the password that another tool has for the index that it calls so."""
    from hutch.net import KeyringProgram, read_tool_logins

    shown = {"poetry": "Poetry", "pdm": "PDM"}[tool]
    if not place.name:
        raise UsageProblem(f"{shown} knows passwords by the names of indexes", hint="give a name, not a URL")
    net = context.configuration.net
    files = [path for kind, path in net.tool_logins if kind == tool]
    missing = f"looked for in {', '.join(files)}" if files else f"{shown} has no files of settings here"
    for login in read_tool_logins(net.tool_logins):
        if login.tool != tool or login.name != place.name:
            continue
        if login.password:
            return login.username, login.password
        program = KeyringProgram(replace(net.keyring, provider=_asked(net.keyring.provider)))
        user = login.username or "__poetry_source_empty_username__"
        answer = program.get((login.service,), user)
        if answer.password:
            return login.username, answer.password
        missing = f"{login.place} has the user name alone, and {answer.missing or program.unusable}"
    raise NotKept(
        f"{shown} has no password for an index called {place.name}",
        why=missing,
        hint=f"hutch auth login {place.name}",
    )


def _asked(provider: str) -> str:
    """As said, but where it depends on a terminal, it was asked for now."""
    return "subprocess" if provider == "auto" else provider


def auth_login(
    context: Context,
    options: AuthLoginOptions,
    *,
    ask: Callable[[AuthPlace, str], tuple[str, str]],
    read: Callable[[], str],
) -> AuthOutcome:
    """Keep a password, in the keyring if that works and nothing else was said.

    ``ask`` gives the user name and the password for a place, of whom the name may be known; ``read`` gives a
    password from standard input.
    """
    said = [("--username", options.username), ("--token", options.token), ("--from", options.from_tool)]
    given = [word for word, value in said if value]
    given += ["--stdin"] if options.stdin and options.from_tool else []
    if len(given) > 1:
        raise UsageProblem(f"{' and '.join(given)} exclude each other")
    place = find_auth_place(context, options.place)
    username = "__token__" if options.token else options.username or place.username
    password = ""
    if options.dry_run:
        pass
    elif options.from_tool:
        username, password = _adopted(context, place, options.from_tool)
    elif options.stdin:
        if not username:
            raise UsageProblem("--stdin needs a user name", hint="--username NAME, or --token for a token")
        password = read()
    else:
        username, password = ask(place, username)
    return _keep(context, options, place, username, password)


def _keep(
    context: Context, options: AuthLoginOptions, place: AuthPlace, username: str, password: str
) -> AuthOutcome:
    from hutch.net import KeyringProgram, SavedCredential, read_saved, write_saved

    path = _path(context)
    before = [one for one in read_saved(path) if _same(one.url, place.url)]
    keyring = context.configuration.net.keyring
    why = ""
    kept = "file"
    if options.store != "file":
        provider = _asked(keyring.provider) if options.store == "keyring" else keyring.provider
        program = KeyringProgram(replace(keyring, provider=provider))
        why = program.unusable
        if not why and not options.dry_run:
            why = program.set(place.url, username, password)
        if why and options.store == "keyring":
            raise NotKept(
                f"the password for {place} is not kept", why=why, hint="--store file keeps it as plain text"
            )
        kept = "file" if why else "keyring"
    if not options.dry_run:
        secret = password if kept == "file" else None
        new = SavedCredential(url=place.url, username=username, password=secret)
        others = [one for one in read_saved(path) if not _same(one.url, place.url)]
        write_saved(path, [*others, new])
        for one in before:
            if one.password is None and (kept == "file" or one.username != username):
                _forget(context, one)
    return AuthOutcome(place=place, kept=kept, path=path, why=why, dry_run=options.dry_run)


def auth_logout(context: Context, options: AuthLogoutOptions) -> AuthOutcome:
    """Forget what is kept for an address."""
    from hutch.net import read_saved, write_saved

    path, place = _path(context), find_auth_place(context, options.place)
    saved = read_saved(path)
    gone = [one for one in saved if _same(one.url, place.url)]
    if not gone:
        raise NotKept(
            f"no log-in is kept for {place}",
            why="kept are: " + (", ".join(one.url for one in saved) or "none"),
            hint="`hutch auth list` shows where the credentials of each index come from",
        )
    left = ""
    if not options.dry_run:
        # First out of the keyring: what is not on the list would lie there unseen.
        left = "; ".join(filter(None, (_forget(context, one) for one in gone if one.password is None)))
        write_saved(path, [one for one in saved if one not in gone])
    kept = "keyring" if gone[0].password is None else "file"
    return AuthOutcome(place=place, kept=kept, path=path, left=left, dry_run=options.dry_run)


def _forget(context: Context, one: SavedCredential) -> str:
    from hutch.net import KeyringProgram

    keyring = context.configuration.net.keyring
    program: KeyringProgram = KeyringProgram(replace(keyring, provider=_asked(keyring.provider)))
    return program.delete(one.url, one.username)


def auth_list(context: Context) -> AuthListOutcome:
    """What is kept, and what each index is told."""
    from hutch.net import read_saved

    path = _path(context)
    indexes = []
    for index in context.configuration.indexes:
        if index.url.lower().startswith(("http://", "https://")):
            refusal = context.client.refusal(index.url)
            tool = {"poetry": "Poetry", "pdm": "PDM"}.get(refusal.tool, refusal.tool)
            source = context.client.credential_source(index.url)
            if not source and tool:
                source = f"none: {tool} has one for this name, not for this address"
            indexes.append((index.name, index.url, source))
    return AuthListOutcome(
        path=path,
        saved=tuple(
            (one.url, one.username, "keyring" if one.password is None else "file") for one in read_saved(path)
        ),
        indexes=tuple(indexes),
    )


def _path(context: Context) -> str:
    """The file; ``NoHome`` where there is no place for it."""
    return context.configuration.saved_credentials or context.configuration.directories.data


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")
