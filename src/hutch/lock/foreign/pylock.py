"""A ``pylock.toml`` that another tool keeps: pip, uv, Pipenv.

It is a lock by PEP 751, whose markers say which extra or group wants an entry. It does not know what it was
made from, so what it is judged by are the requirements: each has to be met by a version of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock.lockfile import Lock
    from hutch.project import Manifest

__all__ = ["maker_of", "parse", "staleness"]


def maker_of(text: bytes) -> str | None:
    """Who made a ``pylock.toml``, if not hutch: of the text of the file, without reading it as TOML."""
    if b"\n[tool.hutch]" in text:
        return None
    import re  # not for our own

    found = re.search(rb'^created-by *= *"([\w .-]+)"', text, re.M)
    if found is None or found[1].startswith(b"hutch"):
        return None
    return found[1].decode()


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text``. Raises ``InvalidLock`` with all that is wrong."""
    from hutch.lock.parse import parse_lock
    from hutch.values import replace

    lock = parse_lock(text, filename=filename)
    # Pipenv calls its packages the default group, to which no marker refers.
    unasked = tuple(group for group in manifest.default_groups if group in lock.dependency_groups)
    return replace(lock, default_groups=unasked)


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Which requirement the lock does not meet, of those lists that it knows.

    One with a marker may be absent: most tools lock for one Python on one system.
    """
    from hutch.spec import admits

    lock = parse(text, "pylock.toml", manifest)
    known = {"project", *(f"extra:{each}" for each in lock.extras)}
    known.update(f"group:{each}" for each in lock.dependency_groups)
    for where, found in manifest.requirements().items():
        for declared in found if where in known else ():
            requirement = declared.requirement
            locked = lock.named(requirement.name)
            if not locked:
                if requirement.marker is None:
                    return f"{declared.place} asks for {requirement.name}, which is not in it"
                continue
            versions = [package.version for package in locked if package.version is not None]
            if versions and not any(admits(requirement.specifiers, version) for version in versions):
                words = requirement.render().partition(";")[0].strip()
                return f"{declared.place} asks for {words}, and it has {versions[0]}"
    return None
