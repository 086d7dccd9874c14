"""Where an editable project came from, asked of git: what ``pip freeze`` writes behind ``-e``."""

from __future__ import annotations

import os

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist

__all__ = ["ask_git", "editable_requirement", "head_of"]

SECONDS = 20.0


def editable_requirement(context: Context, one: Dist) -> tuple[str, tuple[str, ...]]:
    """A requirement, and the comments before it: a repository with its commit, else the directory."""
    location = os.path.normcase(os.path.abspath(one.editable_location or ""))
    if not _in_repository(location):
        return location, (f"# Editable install with no version control ({one.pin})",)
    top = _git(context, location, "rev-parse", "--show-toplevel")
    if top is None:
        if _has_git(context):
            return location, (f"# Editable install with no version control ({one.pin})",)
        context.emit(
            Notice(
                f"cannot determine version of editable source in {location} (git command not found in path)",
                warning=True,
            )
        )
        return location, ()
    said = _git(context, location, "config", "--get-regexp", r"remote\..*\.url") or ""
    remotes = [line.partition(" ") for line in said.splitlines() if " " in line]
    if not remotes:
        return location, (f"# Editable Git install with no remote ({one.pin})",)
    url = next((url for name, _, url in remotes if name == "remote.origin.url"), remotes[0][2]).strip()
    address = _as_url(url)
    if address is None:
        from hutch.ops.pip_urls import shown_url

        return location, (
            f"# Editable Git install ({one.pin}) with either a deleted local remote or invalid URI:",
            f"# '{shown_url(url)}'",
        )
    commit = _git(context, location, "rev-parse", "HEAD")
    if commit is None:
        context.emit(Notice(f"Could not determine repository location of {location}", warning=True))
        return location, ("## !! Could not determine repository location",)
    text = f"git+{address}@{commit}#egg={one.raw_name.replace('-', '_')}"
    inside = _subdirectory(location, os.path.normpath(top))
    return f"{text}&subdirectory={inside}" if inside else text, ()


def head_of(context: Context, folder: str) -> tuple[str | None, str | None]:
    """Of a checkout, the repository that it is from (without a password) and its commit."""
    from hutch.ops.pip_urls import shown_url

    address = _git(context, folder, "config", "--get", "remote.origin.url")
    return shown_url(address) if address else None, _git(context, folder, "rev-parse", "HEAD")


def _in_repository(location: str) -> bool:
    """Whether the directory, or one above it, is one of git's."""
    here = location
    while True:
        if os.path.lexists(os.path.join(here, ".git")):
            return True
        above = os.path.dirname(here)
        if above == here:
            return False
        here = above


def _as_url(url: str) -> str | None:
    """A remote of git as a URL: itself, a directory, or ``user@host:path``."""
    from hutch.ops.pip_urls import shown_url

    scheme, mark, _ = url.partition("://")
    if mark and scheme.replace("_", "").isalnum():
        return shown_url(url)
    if os.path.isabs(url) and os.path.exists(url):
        from pathlib import Path

        return Path(url).as_uri()
    host, colon, path = url.partition(":")
    name = host.rpartition("@")[2]
    if colon and name and "/" not in host and not path.startswith("/") and path[:1].isalnum():
        return f"ssh://{host}/{path}"
    return None


def _subdirectory(location: str, top: str) -> str | None:
    """Where in the repository the project is; None for its root."""
    here = location
    while not any(os.path.isfile(os.path.join(here, name)) for name in ("pyproject.toml", "setup.py")):
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above
    if os.path.realpath(here) == os.path.realpath(top):
        return None
    return os.path.relpath(os.path.realpath(here), os.path.realpath(top))


def _has_git(context: Context) -> bool:
    import shutil

    from hutch.net import absolute_path

    return shutil.which("git", path=absolute_path(context.environ)) is not None


def ask_git(context: Context, directory: str, *words: str) -> str | None:
    """A question to git that runs nothing of the repository; None where it has no answer."""
    return _git(context, directory, *words)


def _git(context: Context, directory: str, *words: str) -> str | None:
    """The same, for this page."""
    import subprocess

    from hutch.net import absolute_path

    environ = {name: value for name, value in context.environ.items() if not name.startswith("GIT_")}
    environ |= {"PATH": absolute_path(context.environ), "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    settings = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "core.pager=cat")
    try:
        done = subprocess.run(
            ["git", *settings, *words],
            cwd=directory,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode != 0:
        return None
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\r\n")
