"""What other tools of this user know: uv's log-ins, Poetry's and PDM's passwords and certificates of sources.

    uv      credentials/credentials.toml   by address
    Poetry  config.toml, auth.toml         http-basic by the name of a source; repositories.NAME.url;
                                           certificates.NAME.{cert, client-cert}
    PDM     config.toml                    pypi.NAME.{url, username, password, ca_certs, client_cert}

Passwords by name are what a checkout may not have for the asking: it is the project that says which address
is called ``corp``. So they count for an address that the user's own files say, and for others once
``hutch auth login NAME --from poetry`` has said that it is the right one; so does a certificate that is shown
to the server. Authorities that are to be trusted for a name count for whatever address has it: they prove who
answers there and tell nobody anything. Tokens for uploading (``pypi-token``) are not for this.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["ToolCertificates", "ToolLogin", "read_tool_certificates", "read_tool_logins"]

_LARGEST = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLogin:
    """A user name and a password that ``tool`` has in ``place``, for ``name``, ``url`` or both.

    Without a password, the keyring may have it, under ``service``.
    """

    tool: str
    place: str
    name: str = ""
    url: str = ""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCertificates:
    """``ca``: the file of authorities that a tool trusts for the index ``name`` (at ``url``, if it says so);
    ``client``: the file with certificate and key that it shows there."""

    name: str
    url: str = ""
    ca: str = ""
    client: str = ""


def read_tool_certificates(files: Iterable[tuple[str, str]]) -> tuple[ToolCertificates, ...]:
    """The files of certificates that Poetry and PDM have for indexes; those that are there."""
    import os.path

    found: list[ToolCertificates] = []
    urls: dict[str, str] = {}

    def add(name: str, url: str, ca: str, client: str) -> None:
        paths = [os.path.expanduser(path) for path in (ca, client)]
        ca, client = (path if os.path.isabs(path) and os.path.isfile(path) else "" for path in paths)
        if ca or client:
            found.append(ToolCertificates(name=name, url=url, ca=ca, client=client))

    for tool, path in files:
        data = _read(path) if tool in ("poetry", "pdm") else {}
        if tool == "poetry":
            urls |= {name: _text(table, "url") for name, table in _tables(data.get("repositories"))}
            for name, table in _tables(data.get("certificates")):
                add(name, urls.get(name, ""), _text(table, "cert"), _text(table, "client-cert"))
        elif tool == "pdm":
            for name, table in _of_pdm(data):
                client = "" if _text(table, "client_key") else _text(table, "client_cert")
                add(name, _text(table, "url"), _text(table, "ca_certs"), client)
    return tuple(found)


def read_tool_logins(files: Iterable[tuple[str, str]]) -> tuple[ToolLogin, ...]:
    """All that the files, each (tool, path), say; one that cannot be read says nothing."""
    found: list[ToolLogin] = []
    readers = {"uv": _uv, "poetry": _poetry, "pdm": _pdm}
    urls: dict[str, str] = {}
    for tool, path in files:
        data = _read(path)
        if tool == "poetry":
            for name, table in _tables(data.get("repositories")):
                urls[name] = _text(table, "url")
        found += readers[tool](data, path, urls)
    return tuple(found)


def _uv(data: dict[str, Any], path: str, urls: dict[str, str]) -> list[ToolLogin]:
    rows = data.get("credential")
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("scheme", "basic") == "basic" and _text(row, "password"):
            known = {"username": _text(row, "username"), "password": _text(row, "password")}
            found.append(ToolLogin(tool="uv", place=path, url=_text(row, "service"), **known))
    return found


def _poetry(data: dict[str, Any], path: str, urls: dict[str, str]) -> list[ToolLogin]:
    found = []
    for name, table in _tables(data.get("http-basic")):
        known = {"username": _text(table, "username"), "password": _text(table, "password")}
        if any(known.values()):
            service = f"poetry-repository-{name}"
            where = {"name": name, "url": urls.get(name, ""), "service": service}
            found.append(ToolLogin(tool="poetry", place=path, **where, **known))
    return found


def _pdm(data: dict[str, Any], path: str, urls: dict[str, str]) -> list[ToolLogin]:
    found = []
    for name, table in _of_pdm(data):
        known = {"username": _text(table, "username"), "password": _text(table, "password")}
        if any(known.values()):
            service = "pdm-pypi" if name == "pypi" else f"pdm-pypi-{name}"
            where = {"name": name, "url": _text(table, "url"), "service": service}
            found.append(ToolLogin(tool="pdm", place=path, **where, **known))
    return found


def _of_pdm(data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    pypi = data.get("pypi")
    return [("pypi", pypi if isinstance(pypi, dict) else {}), *_tables(pypi)]


def _tables(found: object) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(found, dict):
        return []
    return [(str(name), table) for name, table in found.items() if isinstance(table, dict)]


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _read(path: str) -> dict[str, Any]:
    from hutch.plain import read_plain

    try:
        text = read_plain(path, _LARGEST).decode()
        if "=" not in text:
            return {}  # PDM leaves such files everywhere, and what reads TOML takes long to import
        import tomllib

        return tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return {}
