"""Where a workspace is: its root from within a member, its members from the root.

A workspace is a manifest with ``[tool.hutch.workspace]`` and the projects that its patterns mean. Whoever
stands in one of them stands in the workspace. See ``docs/explanation/workspaces.md``.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hutch.ops.origins import Origin
    from hutch.project import WorkspaceTable

__all__ = [
    "Found",
    "InvalidWorkspace",
    "NotAMember",
    "Place",
    "find_members",
    "find_place",
    "member_origin",
    "members_with_names",
    "outer_workspace",
    "table_in",
]

MANIFEST = "pyproject.toml"
# What is left of a package when a branch without it is checked out, and no sign of a project.
_LEFTOVERS = frozenset({"__pycache__", ".venv", "build", "dist", "node_modules"})


class InvalidWorkspace(Problem):
    """The members that a workspace names are not what they have to be."""

    code = "invalid-workspace"


class NotAMember(Problem):
    """A project asks for a member of a workspace, and there is none to ask."""

    code = "not-a-member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The project that somebody stands in: ``root`` is that of its workspace, or its own.

    ``member`` is the folder of the project from there, ``.`` for the root itself. Where each member has its
    own lock, ``root`` is that of the member, and ``workspace`` that of the workspace.
    """

    root: str
    member: str = "."
    workspace: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The folders of the members from the root, sorted, and all that was looked at to find them:
    what changes when a folder comes or goes."""

    paths: tuple[str, ...]
    watched: tuple[str, ...]


def find_place(directory: str) -> Place | None:
    """The project around ``directory``, and the workspace that it is a member of."""
    from hutch.ops.manifests import find_root

    nearest = find_root(directory)
    if nearest is None:
        return None
    outer = outer_workspace(nearest)
    if outer is None:
        return Place(root=nearest)
    root, table = outer
    member = os.path.relpath(nearest, root).replace(os.sep, "/")
    if not table.admits(member):
        return Place(root=nearest)
    _refuse_nested(root, member)
    if table.locks == "member":
        return Place(root=nearest, workspace=root)
    return Place(root=root, member=member)


def member_origin(name: str, directory: str, place: str, *, editable: bool) -> Origin:
    """The member that the project in ``directory`` means by ``{ workspace = true }``; ``place`` says so."""
    from hutch.ops.origins import Origin

    what = f"{place}: {name} is to be a member of the workspace"
    found = find_place(directory) if os.path.isdir(directory) else None
    root = (found.workspace or found.root) if found is not None else directory
    table = table_in(root)
    if table is None:
        outer = outer_workspace(directory)
        if outer is None:
            raise NotAMember(
                f"{what}, and this project is in none",
                hint=(
                    f'{name} = {{ path = "../{name}", editable = true }}',
                    "[tool.hutch.workspace] in a manifest above, with this folder among its members",
                ),
            )
        path = os.path.relpath(directory, outer[0]).replace(os.sep, "/")
        excluded = "excludes it" if outer[1].excludes(path) else "does not have it as a member"
        raise NotAMember(
            f"{what}, and this project is in none",
            why=f"{os.path.join(outer[0], MANIFEST)} {excluded}: {path}",
            hint=f"members = [{', '.join(repr_toml(each) for each in (*outer[1].members, path))}] there",
        )
    folder = members_with_names(root, table).get(name)
    if folder is None:
        raise NotAMember(f"{what}, and {root} has no such member", hint="hutch tree shows the members")
    return Origin(kind="directory", location=folder, editable=editable)


def members_with_names(root: str, table: WorkspaceTable) -> dict[str, str]:
    """The folders of the projects of a workspace, by their names; nothing else of them is read."""
    found = {}
    for path in (".", *find_members(root, table, os.path.join(root, MANIFEST)).paths):
        folder = os.path.normpath(os.path.join(root, path))
        name = _name_in(folder)
        if name is not None:
            found[name] = folder
    return found


def repr_toml(text: str) -> str:
    """The text as a string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _name_in(folder: str) -> str | None:
    """The name of the project there."""
    from hutch.ops.checkout import read_text
    from hutch.project import load_toml
    from hutch.spec import normalize

    path = os.path.join(folder, MANIFEST)
    project = load_toml(read_text(path), path).get("project")
    name = project.get("name") if isinstance(project, dict) else None
    return normalize(name) if isinstance(name, str) else None


def outer_workspace(directory: str) -> tuple[str, WorkspaceTable] | None:
    """The nearest workspace above ``directory``, whether it has this as a member or not."""
    from hutch.ops.manifests import find_root

    above = os.path.dirname(directory)
    while above != directory:
        root = find_root(above)
        if root is None:
            return None
        table = table_in(root)
        if table is not None:
            return root, table
        directory, above = root, os.path.dirname(root)
    return None


def table_in(root: str) -> WorkspaceTable | None:
    """``[tool.hutch.workspace]`` of the manifest there, read for itself."""
    from hutch.ops.checkout import read_text

    path = os.path.join(root, MANIFEST)
    if not os.path.isfile(path):
        return None
    text = read_text(path)
    if "workspace" not in text:  # spares the parser most of the time
        return None
    from hutch.project import parse_workspace_table

    return parse_workspace_table(text, path)


def _refuse_nested(root: str, member: str) -> None:
    if table_in(os.path.join(root, member)) is not None:
        raise InvalidWorkspace(
            f"{member} is a workspace inside a workspace",
            why=f"{os.path.join(root, MANIFEST)} has it as a member, and it has members itself",
            hint=(f'exclude = ["{member}"] in the outer one', "take the table out of the inner one"),
        )


def find_members(
    root: str, table: WorkspaceTable, place: str, overlay: Mapping[str, str | None] | None = None
) -> Found:
    """The folders that the patterns mean; a problem tells of all that are no projects.

    ``place`` is where the patterns stand, for problems; ``overlay`` has manifests that are about to come,
    by folder, or to go (None).
    """
    overlay = overlay or {}
    found: dict[str, str] = {}
    watched: dict[str, None] = {}
    faults: list[str] = []
    real = os.path.realpath(root)
    for pattern in table.members:
        parts = pattern.split("/")
        for path in _walk(root, "", parts, watched):
            if path in found or path in overlay or path == "" or table.excludes(path):
                continue
            folder = os.path.join(root, path)
            manifest = os.path.join(folder, MANIFEST)
            watched[manifest] = None
            if not os.path.isfile(manifest):
                if "**" not in parts and not _is_leftover(folder):
                    faults.append(f"{path} (by {pattern}) has no {MANIFEST}")
                continue
            inside = os.path.realpath(folder)
            if inside != real and not inside.startswith(real + os.sep):
                faults.append(f"{path} (by {pattern}) is a link that leads out of the workspace, to {inside}")
                continue
            found[path] = pattern
        literal = not any(_is_wild(part) for part in parts)
        if literal and overlay.get(pattern) is None and not os.path.isdir(os.path.join(root, pattern)):
            faults.append(f"there is no folder {pattern}")
    coming = (
        path for path, text in overlay.items() if text is not None and path != "." and table.admits(path)
    )
    found.update((path, path) for path in coming)
    if faults:
        raise InvalidWorkspace(
            f"{place} names members that are none",
            why=tuple(faults),
            hint=("hutch init FOLDER makes a project there", "exclude it in [tool.hutch.workspace]"),
        )
    for path in found:
        if path not in overlay:
            _refuse_nested(root, path)
    return Found(paths=tuple(sorted(found)), watched=tuple(watched))


def _walk(root: str, path: str, parts: list[str], watched: dict[str, None]) -> Iterator[str]:
    """The folders below ``path`` that the parts of a pattern mean; what was listed goes to ``watched``."""
    if not parts:
        yield path
        return
    first, rest = parts[0], parts[1:]
    folder = os.path.join(root, path) if path else root
    if first != "**" and not _is_wild(first):
        below = f"{path}/{first}" if path else first
        if os.path.isdir(os.path.join(root, below)):
            yield from _walk(root, below, rest, watched)
        else:
            watched[os.path.join(root, below)] = None
        return
    from hutch.project import part_matches

    if first == "**":
        yield from _walk(root, path, rest, watched)
    watched[folder] = None
    for name, is_link in _folders(folder):
        below = f"{path}/{name}" if path else name
        if first == "**":
            if part_matches("*", name) and not is_link:  # which may lead in a circle
                yield from _walk(root, below, parts, watched)
        elif part_matches(first, name):
            yield from _walk(root, below, rest, watched)


def _folders(folder: str) -> list[tuple[str, bool]]:
    """The folders in a folder, each with whether it is a link to one."""
    try:
        with os.scandir(folder) as entries:
            return sorted((entry.name, entry.is_symlink()) for entry in entries if entry.is_dir())
    except OSError:
        return []


def _is_wild(part: str) -> bool:
    from hutch.project import is_pattern

    return is_pattern(part)


def _is_leftover(folder: str) -> bool:
    """Is there nothing in it but what tools leave behind?"""
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return all(
        name in _LEFTOVERS or name.startswith(".venv-") or name.endswith(".egg-info") for name in names
    )
