"""What other tools of this user know: uv's log-ins, Poetry's and PDM's passwords of sources.

    uv      credentials/credentials.toml   by address
    Poetry  config.toml, auth.toml         http-basic by the name of a source; repositories.NAME.url
    PDM     config.toml                    pypi.NAME.{url, username, password}

Passwords by name are what a checkout may not have for the asking: it is the project that says which address
is called ``corp``. So they count for an address that the user's own files say, and for others once
``hutch auth login NAME --from poetry`` has said that it is the right one. Tokens for uploading
(``pypi-token``) are not for this.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["ToolLogin", "read_tool_logins"]

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
    pypi = data.get("pypi")
    found = []
    for name, table in [("pypi", pypi if isinstance(pypi, dict) else {}), *_tables(pypi)]:
        known = {"username": _text(table, "username"), "password": _text(table, "password")}
        if any(known.values()):
            service = "pdm-pypi" if name == "pypi" else f"pdm-pypi-{name}"
            where = {"name": name, "url": _text(table, "url"), "service": service}
            found.append(ToolLogin(tool="pdm", place=path, **where, **known))
    return found


def _tables(found: object) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(found, dict):
        return []
    return [(str(name), table) for name, table in found.items() if isinstance(table, dict)]


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _read(path: str) -> dict[str, Any]:
    import tomllib

    from hutch.plain import read_plain

    try:
        return tomllib.loads(read_plain(path, _LARGEST).decode())
    except (OSError, ValueError, RecursionError):
        return {}
