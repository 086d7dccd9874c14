"""The dialect of Flit: ``[tool.flit.metadata]``, which is older than ``[project]``.

With ``[project]`` there is nothing to say: version and description are dynamic, and Flit is asked.

Spec: Flit's "Old style metadata".
"""

from __future__ import annotations

from hutch.project.dialects.references import strings_of, table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original

__all__ = ["translate"]

_AT = ("tool", "flit", "metadata")


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what ``[tool.flit.metadata]`` says."""
    table = draft.get("tool", "flit")
    if not isinstance(table, dict):
        draft.fault(("tool", "flit"), "should be a table")
        return
    if "metadata" not in table:
        return
    metadata = table_of(draft, table, _AT)
    if isinstance(draft.get("project"), dict):
        draft.note(_AT, "[project] says what the project is; Flit allows only one of the two")
        return
    draft.put(("project",), {}, _AT)
    _name(draft, metadata)
    if isinstance(metadata.get("requires-python"), str):
        value = metadata["requires-python"]
        draft.put(("project", "requires-python"), value, (*_AT, "requires-python"))
    for number, text in strings_of(draft, metadata.get("requires"), (*_AT, "requires")):
        draft.add(("project", "dependencies"), text, (*_AT, "requires", number))
    extras = table_of(draft, metadata, (*_AT, "requires-extra"))
    for extra, items in extras.items():
        _extra(draft, extra, items, (*_AT, "requires-extra", extra))
    if "dev-requires" in metadata:
        if "dev" in extras:
            draft.fault(
                (*_AT, "dev-requires"), "requires-extra has dev already; Flit allows only one of the two"
            )
        else:
            _extra(draft, "dev", metadata["dev-requires"], (*_AT, "dev-requires"))
    for name, target in table_of(draft, table, ("tool", "flit", "scripts")).items():
        draft.put(("project", "scripts", name), target, ("tool", "flit", "scripts", name))
    _description(draft, metadata)
    for group, entries in table_of(draft, table, ("tool", "flit", "entrypoints")).items():
        draft.put(("project", "entry-points", group), entries, ("tool", "flit", "entrypoints", group))
    if draft.get("build-system") is None:
        system = {"requires": ["flit_core >=2,<4"], "build-backend": "flit_core.buildapi"}
        draft.put(("build-system",), system, _AT)


def _name(draft: Draft, metadata: dict[str, Any]) -> None:
    """The name, or that of the module; version and description are in the module."""
    key = "dist-name" if "dist-name" in metadata else "module"
    if key not in metadata:
        draft.fault(_AT, "has no module")
    draft.put(("project", "name"), metadata.get(key, "unnamed"), (*_AT, key))
    draft.put(("project", "dynamic"), ["version", "description"], (*_AT, "module"))


def _description(draft: Draft, metadata: dict[str, Any]) -> None:
    """Who made it, where it is told of: what [project] says of it in other words."""
    for key in ("author", "maintainer"):
        person = {"name": metadata.get(key), "email": metadata.get(f"{key}-email")}
        said = {part: text for part, text in person.items() if isinstance(text, str)}
        if said:
            draft.put(("project", f"{key}s"), [said], (*_AT, key))
    for key, path in (("description-file", ("readme",)), ("home-page", ("urls", "Homepage"))):
        if isinstance(metadata.get(key), str):
            draft.put(("project", *path), metadata[key], (*_AT, key))
    if isinstance(metadata.get("license"), str):
        draft.put(("project", "license"), {"text": metadata["license"]}, (*_AT, "license"))
    if isinstance(metadata.get("keywords"), str):
        words = [word.strip() for word in metadata["keywords"].split(",")]
        draft.put(("project", "keywords"), [word for word in words if word], (*_AT, "keywords"))
    for number, text in strings_of(draft, metadata.get("classifiers"), (*_AT, "classifiers")):
        draft.add(("project", "classifiers"), text, (*_AT, "classifiers", number))
    for name, url in table_of(draft, metadata, (*_AT, "urls")).items():
        draft.put(("project", "urls", name), url, (*_AT, "urls", name))


def _extra(draft: Draft, extra: str, items: object, at: tuple[str, ...]) -> None:
    draft.put(("project", "optional-dependencies", extra), [], at)
    for number, text in strings_of(draft, items, at):
        draft.add(("project", "optional-dependencies", extra), text, (*at, number))
