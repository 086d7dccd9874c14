"""Where other tools keep this user's log-ins, by platform, and whether anybody is there to be asked."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.config.directories import System

__all__ = ["is_attended", "tool_login_files"]


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
