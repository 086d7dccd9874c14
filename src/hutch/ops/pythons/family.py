"""Which tool installs packages on this machine, for advice: asked by who builds a Python and by doctor."""

from __future__ import annotations

from hutch.plain import read_plain

__all__ = ["package_family"]


def package_family() -> str | None:
    """Which tool installs packages on this machine; None where that is not known."""
    from hutch.config.directories import system_here
    from hutch.interpreters.managed.needs import family_of

    text = ""
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            text = read_plain(path, 1 << 16).decode("utf-8", "replace")
            break
        except OSError:
            continue
    return family_of(system_here(), text)
