"""A ``pylock.toml`` that PDM keeps as its own lock (``lock.format = "pylock"``).

It is a lock by PEP 751 in which the project's own dependencies are a group ``default``, and the edges of
``[packages.tool.pdm]`` lack those of extras. So what is wanted is said by the markers, as PDM reads it: an
entry to which no edges lead becomes a root of every group whose choice makes its marker hold.
"""

from __future__ import annotations

from hutch.lock.foreign.pdm_roots import choices_of, edge_of, roots_of_groups, roots_of_project
from hutch.lock.lockfile import Lock
from hutch.lock.model import Edge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hutch.lock.model import LockedPackage
    from hutch.project import Manifest

__all__ = ["is_of_pdm", "parse", "staleness"]


def is_of_pdm(text: bytes) -> bool:
    """Whether a ``pylock.toml`` is PDM's own: of the text of the file, without reading it as TOML."""
    return b'\ncreated-by = "pdm"' in text and b"\n[tool.hutch]" not in text


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text`` of the project ``manifest``. Raises ``InvalidLock`` with all that is wrong."""
    from hutch.lock.parse import parse_lock
    from hutch.values import replace

    lock = parse_lock(text, filename=filename)
    locked = frozenset((*lock.dependency_groups, *lock.extras))
    skipped = {one.declared.requirement.name for one in manifest.settings.excludes}
    names = {package.name for package in lock.packages}
    kept = [package for package in lock.packages if package.name not in skipped]
    packages = tuple(
        replace(
            package,
            marker=_of_place(package.marker, lock),
            dependencies=tuple(
                edge for edge in _edges(package) if edge.name in names and edge.name != package.name
            ),
            tool={},
        )
        for package in kept
    )
    roots = tuple(edge for edge in roots_of_project(manifest, locked) if edge.name not in skipped)
    said = [(package, list(_groups(package, lock))) for package in kept]
    return Lock(
        packages=packages,
        requires_python=lock.requires_python,
        environments=lock.environments,
        roots=roots + roots_of_groups(manifest, locked, packages, roots, said),
        created_by="pdm",
        by_edges=True,
        **choices_of(manifest, locked),
    )


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Why ``pdm lock --check`` would not have this lock."""
    from hutch.lock.foreign.pdm_stale import judge
    from hutch.lock.parse import not_toml
    from hutch.project.toml_text import read_toml

    try:
        data = read_toml(text)
    except ValueError as error:
        raise not_toml(text, "pylock.toml", error) from None
    tool: Any = data.get("tool")
    said = tool.get("pdm") if isinstance(tool, dict) else None
    said = said if isinstance(said, dict) else {}
    hashes = said.get("hashes")
    digest = next((f"{key}:{value}" for key, value in hashes.items()), "") if isinstance(hashes, dict) else ""
    return judge(said, digest, data.get("packages"), manifest, manifest_text)


def _edges(package: LockedPackage) -> Iterator[Edge]:
    """The edges that PDM writes, as far as they are requirements."""
    from hutch.errors import Problem

    said: Mapping[str, Any] = package.tool.get("pdm", {})
    lines = said.get("dependencies") if isinstance(said, dict) else None
    for line in lines if isinstance(lines, list) else ():
        try:
            yield edge_of(str(line))
        except Problem:
            continue  # they only say who needs whom; the markers say what is installed


def _groups(package: LockedPackage, lock: Lock) -> Iterator[tuple[str, str | None]]:
    """The groups and extras that need an entry, each with what is left of its marker then."""
    from hutch.lock.markers import assuming
    from hutch.spec import NEVER, parse_marker, render_marker

    marker = parse_marker(package.marker) if package.marker else None
    lists = [(name, frozenset[str](), frozenset((name,))) for name in lock.dependency_groups]
    lists += [(name, frozenset((name,)), frozenset[str]()) for name in lock.extras]
    for name, extras, groups in lists:
        left = assuming(marker, extras, groups)
        if left != NEVER:
            yield name, None if left is None else render_marker(left)


def _of_place(text: str | None, lock: Lock) -> str | None:
    """What of a marker is about the environment: which of several versions is meant there."""
    if not text or ("extras" not in text and "dependency_groups" not in text):
        return text
    from hutch.lock.markers import assuming
    from hutch.spec import parse_marker, render_marker

    left = assuming(parse_marker(text), lock.extras, lock.dependency_groups)
    return None if left is None else render_marker(left)
