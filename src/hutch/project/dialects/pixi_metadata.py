"""What a workspace of pixi says of itself, in the words of ``[project]``; and keys that have none."""

from __future__ import annotations

from hutch.project.dialects.conda_draft import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft
    from hutch.project.spans import Path

__all__ = ["note_others", "say_metadata"]

_SAME = ("version", "description", "requires-python", "readme")
_LINKS = {"homepage": "Homepage", "repository": "Repository", "documentation": "Documentation"}
_HANDLED = frozenset(
    (
        *("name", "authors", "license", *_SAME, *_LINKS),
        *("platforms", "exclude-newer", "pypi-options", "channels", "channel-priority"),
    )
)
_OF_FEATURES = frozenset(
    (
        *("dependencies", "host-dependencies", "build-dependencies", "run-dependencies", "pypi-dependencies"),
        *("target", "pypi-options", "tasks", "activation", "system-requirements", "constraints", "dev"),
    )
)
_OF_PLACES = frozenset(("channels", "platforms"))
_OF_THE_WHOLE = frozenset(("workspace", "project", "feature", "environments", "package", "$schema"))
_OF_PIXI = frozenset(
    (
        *("requires-pixi", "build-variants", "build-variants-files", "preview", "conda-pypi-map", "inputs"),
        *("solve-strategy", "s3-options", "license-file", "target", "activation", "dependencies", "build"),
        *("tool", "root", "outputs", "exclude-newer-package", "constraints"),
    )
)
"""Words of pixi that mean nothing to hutch, or not there."""
_REASONS = {
    "channel-priority": "the priority of channels is the same for all features: it is not taken from here",
    "requires-pixi": "a version of pixi: hutch does what it can",
}


def say_metadata(draft: Draft, table: dict[str, Any], path: Path) -> None:
    """Everything but the name."""
    for key in _SAME:
        if isinstance(table.get(key), str):
            draft.put(("project", key), table[key], (*path, key))
    if isinstance(table.get("license"), str):
        draft.put(("project", "license"), {"text": table["license"]}, (*path, "license"))
    authors = table.get("authors")
    for number, each in enumerate(authors if isinstance(authors, list) else ()):
        if not isinstance(each, str):
            draft.fault((*path, "authors", number), 'should be a string such as "Ada <ada@example.org>"')
            continue
        name, _, rest = each.partition("<")
        person = {"name": name.strip(), "email": rest.rpartition(">")[0].strip()}
        draft.add(
            ("project", "authors"),
            {key: text for key, text in person.items() if text},
            (*path, "authors", number),
        )
    for key, name in _LINKS.items():
        if isinstance(table.get(key), str):
            draft.put(("project", "urls", name), table[key], (*path, key))


def note_others(draft: Draft, table: dict[str, Any], path: Path, kind: str) -> None:
    """Tell of the keys of a ``workspace``, a ``feature``, a ``target`` or the ``whole`` that hutch does
    nothing with."""
    known = {
        "workspace": _HANDLED,
        "feature": _OF_FEATURES | _OF_PLACES,
        "target": _OF_FEATURES,
        "whole": _OF_FEATURES | _OF_THE_WHOLE,
    }[kind]
    for key, value in table.items():
        if not value or key in known:
            continue
        said = _REASONS.get(key, f"{key[:60]} has no words in hutch")
        near = meant(key, known) if key not in _REASONS and key not in _OF_PIXI else ""
        if near:
            draft.fault((*path, key), f"unknown key: {near} may be meant")
        else:
            draft.note((*path, key), said, warn=said not in _REASONS.values() and key not in _OF_PIXI)
