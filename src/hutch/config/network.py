"""How the network is used: the options of ``net``, and where other tools keep this user's log-ins."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.config.configuration import Configuration
    from hutch.config.directories import System
    from hutch.index import IndexOptions
    from hutch.net import Credential, KnownIndex, NetOptions

__all__ = ["is_attended", "net_options", "tool_login_files"]


def net_options(
    configuration: Configuration,
    indexes: tuple[IndexOptions, ...],
    credentials: tuple[Credential, ...],
    known: tuple[KnownIndex, ...],
    *,
    environ: Mapping[str, str],
    home: str | None,
    system: System,
    directory: str,
    without_files: bool,
) -> NetOptions:
    """What the settings say of the network, with the credentials of the indexes.

    ``directory`` is that of the project, ``without_files`` leaves the files of other tools alone.
    """
    from hutch.index import trusted_hosts
    from hutch.net import KeyringOptions, options_from

    def get(name: str) -> Any:
        return configuration.values[name].value

    trusted = get("trusted-host")
    unverified = trusted_hosts(indexes)
    # Of an index that a project calls good without a certificate, nobody knows who answers.
    unproven = unverified if configuration.origin("index").rung == "project" else ()
    said = {
        name.replace("-", "_"): get(name)
        for name in ("timeout", "connect-timeout", "retries", "parallel", "offline", "proxy")
    }
    said["parallel"] = min(said["parallel"], _connections())
    return options_from(
        environ,
        home=home,
        ca_bundle=configuration.path("ca-bundle"),
        client_cert=configuration.path("client-cert"),
        trusted_hosts=tuple(dict.fromkeys((*trusted, *unverified))),
        unproven_hosts=tuple(each for each in unproven if each not in trusted),
        credentials=credentials,
        indexes=known,
        saved=configuration.saved_credentials,
        tool_logins=() if without_files else tool_login_files(environ, system, home),
        keyring=KeyringOptions(
            provider=get("keyring-provider"),
            terminal=is_attended(environ),
            apart=(directory,) if directory != home else (),
            timeout=float(said["timeout"]),
            environ=environ,
        ),
        **said,
    )


def _connections() -> int:
    """How many connections the system's limit of open files leaves room for."""
    try:
        import resource
    except ImportError:  # Windows
        return 1 << 20
    few = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1 << 20 if few < 0 else max(2, few // 3)


def tool_login_files(
    environ: Mapping[str, str], system: System, home: str | None
) -> tuple[tuple[str, str], ...]:
    """(tool, path) of the files that are there, the stronger first.

    uv: ``credentials.toml`` in ``UV_CREDENTIALS_DIR`` or its data directory. Poetry: ``auth.toml`` and
    ``config.toml`` in ``POETRY_CONFIG_DIR`` or its configuration directory. PDM: ``PDM_CONFIG_FILE`` or
    ``config.toml`` there.
    """
    support = f"{home}/Library/Application Support" if home else ""
    if system == "windows":
        roaming = environ.get("APPDATA") or (f"{home}/AppData/Roaming" if home else "")
        local = environ.get("LOCALAPPDATA") or (f"{home}/AppData/Local" if home else "")
        uv, poetry, pdm = _in(roaming, "uv/data"), _in(roaming, "pypoetry"), _in(local, "pdm/pdm")
    else:
        # uv goes by XDG on macOS as well; the two others by what is usual there.
        uv = _in(_xdg(environ, "XDG_DATA_HOME") or (f"{home}/.local/share" if home else ""), "uv")
        settings = _xdg(environ, "XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
        base = support if system == "macos" else settings
        poetry, pdm = _in(base, "pypoetry"), _in(base, "pdm")
    uv = environ.get("UV_CREDENTIALS_DIR") or _in(uv, "credentials")
    poetry = environ.get("POETRY_CONFIG_DIR") or poetry
    files = (
        ("uv", _in(uv, "credentials.toml")),
        ("poetry", _in(poetry, "config.toml")),  # what it calls which address, before who is known there
        ("poetry", _in(poetry, "auth.toml")),
        ("pdm", environ.get("PDM_CONFIG_FILE") or _in(pdm, "config.toml")),
    )
    return tuple((tool, path) for tool, path in files if os.path.isabs(path) and os.path.isfile(path))


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else ""


def _xdg(environ: Mapping[str, str], variable: str) -> str:
    path = environ.get(variable, "")
    return path.rstrip("/") if path.startswith("/") else ""


def is_attended(environ: Mapping[str, str]) -> bool:
    """Whether somebody sits at a terminal, and may be asked by a window of his keyring."""
    if environ.get("CI", "").strip().lower() not in ("", "0", "false", "no"):
        return False
    try:
        return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    except ValueError:  # closed
        return False
