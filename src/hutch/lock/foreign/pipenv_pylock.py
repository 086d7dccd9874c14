"""A ``pylock.toml`` that Pipenv keeps beside its ``Pipfile.lock``, or in its place (``use_pylock = true``).

It is a lock by PEP 751, whose markers say which category wants an entry. It does not know from which Pipfile
it was made, so what it is judged by are the requirements: each has to be met by a version of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock.lockfile import Lock
    from hutch.project import Manifest

__all__ = ["is_of_pipenv", "parse", "staleness"]


def is_of_pipenv(text: bytes) -> bool:
    """Whether Pipenv wrote a ``pylock.toml``: of the text of the file, without reading it as TOML."""
    return b'\ncreated-by = "pipenv"' in text and b"\n[tool.hutch]" not in text


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text``. Raises ``InvalidLock`` with all that is wrong."""
    from hutch.lock.parse import parse_lock
    from hutch.values import replace

    lock = parse_lock(text, filename=filename)
    # Pipenv calls its packages the default group, to which no marker refers.
    unasked = tuple(group for group in manifest.default_groups if group in lock.dependency_groups)
    return replace(lock, default_groups=unasked)


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Which requirement of the Pipfile the lock does not meet."""
    from hutch.spec import admits

    lock = parse(text, "pylock.toml", manifest)
    for found in manifest.requirements().values():
        for declared in found:
            requirement = declared.requirement
            locked = lock.named(requirement.name)
            if not locked:
                return f"{declared.place} asks for {requirement.name}, which is not in it"
            versions = [package.version for package in locked if package.version is not None]
            if versions and not any(admits(requirement.specifiers, version) for version in versions):
                words = requirement.render().partition(";")[0].strip()
                return f"{declared.place} asks for {words}, and it has {versions[0]}"
    return None
