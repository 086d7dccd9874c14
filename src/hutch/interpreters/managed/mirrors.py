"""Where the archive of a build may be: its makers' address, or places of a mirror."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.interpreters.managed.builds import Build

__all__ = ["Mirror", "addresses", "mirror_from", "parse_sums", "sums_addresses"]

_FALLBACKS = (
    ("UV_PYTHON_INSTALL_MIRROR", ("cpython",)),
    ("UV_PYPY_INSTALL_MIRROR", ("pypy",)),
    ("PYTHON_BUILD_MIRROR_URL", ("cpython", "pypy", "graalpy")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A base address without a slash at its end; what of, and who said so.

    ``by_hash``: archives may be there under their hash alone, as pyenv's mirrors have them.
    """

    url: str
    origin: str
    implementations: tuple[str, ...] = ("cpython", "pypy", "graalpy")
    by_hash: bool = False


def mirror_from(setting: str | None, environ: Mapping[str, str]) -> tuple[Mirror, ...]:
    """The mirrors to ask: hutch's own setting, else those that uv and pyenv were told of.

    A folder stands as a ``file:`` URL here; ``setting`` is one already, or an address.
    """
    if setting:
        return (Mirror(url=setting.rstrip("/"), origin="python-mirror"),)
    found = []
    for variable, implementations in _FALLBACKS:
        url = environ.get(variable, "").strip().rstrip("/")
        if url.lower().startswith(("https://", "http://", "file://")):
            found.append(
                Mirror(
                    url=url,
                    origin=variable,
                    implementations=implementations,
                    by_hash=variable.startswith("PYTHON_BUILD"),
                )
            )
    return tuple(found)


def addresses(build: Build, mirrors: tuple[Mirror, ...]) -> tuple[str, ...]:
    """Where the archive may be, in the order in which to ask; without a mirror where its makers have it."""
    asked = [mirror for mirror in mirrors if build.implementation in mirror.implementations]
    if not asked:
        return (build.url,) if build.url else ()
    name = _quoted(build.filename)
    found = []
    for mirror in asked:
        if mirror.by_hash and build.sha256:
            found.append(f"{mirror.url}/{build.sha256}")
        found.append(f"{mirror.url}/{name}")
        release = _release(build)
        if release:
            found.append(f"{mirror.url}/{release}/{name}")
    return tuple(found)


def sums_addresses(build: Build, mirrors: tuple[Mirror, ...]) -> tuple[str, ...]:
    """Where a mirror may say the hashes of its files."""
    found = []
    for mirror in mirrors:
        if build.implementation in mirror.implementations:
            found.append(f"{mirror.url}/SHA256SUMS")
            if release := _release(build):
                found.append(f"{mirror.url}/{release}/SHA256SUMS")
    return tuple(found)


def parse_sums(text: str, filename: str) -> str | None:
    """The sha256 that a file as of ``sha256sum`` has for ``filename``; None if it has none, or two."""
    import re

    found = set()
    for line in text.split("\n"):
        matched = re.fullmatch(r"([0-9a-fA-F]{64})[ \t]+\*?(?:\./)?(\S+)\s*", line)
        if matched is not None and matched[2] == filename:
            found.add(matched[1].lower())
    return found.pop() if len(found) == 1 else None


def _release(build: Build) -> str:
    """The folder in which its makers have it: ``20241016``, ``pypy``, ``graal-25.0.2``."""
    parts = build.url.split("/")
    return parts[-2] if len(parts) > 4 else ""


def _quoted(filename: str) -> str:
    from urllib.parse import quote

    return quote(filename, safe="")
