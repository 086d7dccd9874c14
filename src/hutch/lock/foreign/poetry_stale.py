"""``content-hash`` of a ``poetry.lock``: the digest of what in ``pyproject.toml`` has a say in it.

Poetry hashes its own table alone until 2.0, then with what ``[project]`` asks for, and since 2.3 with
``[dependency-groups]``. Which Poetry wrote a lock stands in its first line.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["content_hash", "why"]

_LEGACY = ("dependencies", "source", "extras", "dev-dependencies")
_PROJECT = ("requires-python", "dependencies", "optional-dependencies")


def why(text: str, lock: Mapping[str, Any], manifest_text: str) -> str | None:
    """Why the lock does not answer the manifest; None where it does."""
    from hutch.project.toml_text import read_toml

    metadata = lock.get("metadata")
    said = metadata.get("content-hash") if isinstance(metadata, dict) else None
    if not isinstance(said, str):
        return "it has no content-hash"
    try:
        data = read_toml(manifest_text)
    except ValueError:
        return "pyproject.toml is not TOML"
    if said in _possible(text, metadata if isinstance(metadata, dict) else {}, data):
        return None
    return "pyproject.toml has changed since: its content-hash is another one"


def _possible(text: str, metadata: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    """The digests that the lock may have: Poetry accepts that of today, and the one of its own time."""
    yield content_hash(data)
    if _written_by(text) < (2, 3):
        yield content_hash(data, groups=False)
    if str(metadata.get("lock-version", "1")).partition(".")[0] == "1" or _written_by(text)[0] < 2:
        yield content_hash(data, groups=False, project=False)


def _written_by(text: str) -> tuple[int, int]:
    """The version of Poetry in the first line of a lock; (0, 0) where there is none."""
    line = text.partition("\n")[0]
    words = line.partition("Poetry ")[2].split(" ")[0].split(".")
    if line.startswith("#") and len(words) > 1 and words[0].isdigit() and words[1].isdigit():
        return int(words[0]), int(words[1])
    return 0, 0


def content_hash(data: Mapping[str, Any], *, groups: bool = True, project: bool = True) -> str:
    """The SHA-256 of the sorted JSON of what counts, as Poetry computes it.

    ``groups`` and ``project``: with ``[dependency-groups]``, with ``[project]``.
    """
    import json
    from hashlib import sha256

    said = _table(data.get("project")) if project else {}
    relevant = {key: said[key] for key in _PROJECT if said.get(key) is not None}
    listed = _table(data.get("dependency-groups")) if groups else {}
    table = _table(_table(data.get("tool")).get("poetry"))
    own: dict[str, Any] = {}
    for key in (*_LEGACY, "group"):
        # What Poetry 1 always had counts even where it is absent; of a new project it does not.
        if table.get(key) is not None or (key in _LEGACY and not relevant and not listed):
            own[key] = table.get(key)
    content: dict[str, Any] = {}
    if relevant:
        content["project"] = relevant
    if listed:
        content["dependency-groups"] = listed
    whole = {**content, "tool": {"poetry": own}} if content else own
    # A date, which JSON has no word for, is nowhere in what counts: Poetry would fail, and so is no match.
    return sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
