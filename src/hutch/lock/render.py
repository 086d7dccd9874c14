"""The text of the entries and edges of a lock: the same entry, the same bytes.

The layout is part of the format (``docs/explanation/lock.md``): one package a block, one file and
one edge a line, everything sorted, nothing in it that changes without cause. Credentials are taken
out of every URL here, where the text is made.

Spec: PEP 751.
"""

from __future__ import annotations

from hutch.lock.model import Edge, LockedArchive, LockedFile, LockedPackage, RootEdge
from hutch.lock.toml import inline, quote, strings, table_text, toml_key, toml_value
from hutch.lock.urls import filename_of, without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["edge_order", "edge_text", "order", "package_text"]


def order(package: LockedPackage) -> tuple[Any, ...]:
    """Sorts entries: by name, version, marker, and then by where they come from."""
    from hutch.errors import Problem
    from hutch.spec import version_key

    try:
        key: Any = (1, version_key(package.version)) if package.version else (0,)
    except Problem:
        key = (0,)
    direct = package.directory or package.vcs or package.archive
    return (package.name, key, package.version or "", package.marker or "", repr(direct) if direct else "")


def package_text(package: LockedPackage) -> str:
    """The block of one entry."""
    lines = [f"\n[[packages]]\nname = {quote(package.name)}\n"]
    if package.version is not None:
        lines.append(f"version = {quote(package.version)}\n")
    if package.marker:
        lines.append(f"marker = {quote(package.marker)}\n")
    if package.requires_python:
        lines.append(f"requires-python = {quote(package.requires_python)}\n")
    if package.vcs is not None:
        vcs = package.vcs
        pairs = [
            ("type", vcs.kind),
            ("url", without_credentials(vcs.url) if vcs.url else None),
            ("path", vcs.path),
        ]
        pairs += [("requested-revision", vcs.requested_revision), ("commit-id", vcs.commit_id)]
        lines.append(f"vcs = {inline((*pairs, ('subdirectory', vcs.subdirectory)))}\n")
    if package.directory is not None:
        tree = package.directory
        editable = (("editable", True),) if tree.editable else ()
        lines.append(
            f"directory = {inline((('path', tree.path), *editable, ('subdirectory', tree.subdirectory)))}\n"
        )
    if package.archive is not None:
        lines.append(f"archive = {_archive(package.archive)}\n")
    if package.index:
        lines.append(f"index = {quote(without_credentials(package.index))}\n")
    if package.sdist is not None:
        lines.append(f"sdist = {_file(package.sdist)}\n")
    if package.wheels:
        lines.append("wheels = [\n")
        lines += (f"  {_file(wheel)},\n" for wheel in sorted(package.wheels, key=_file_order))
        lines.append("]\n")
    if package.attestation_identities:
        lines.append("attestation-identities = [\n")
        lines += (f"  {toml_value(identity)},\n" for identity in package.attestation_identities)
        lines.append("]\n")
    if package.dependencies or package.yanked is not None:
        lines.append("\n[packages.tool.hutch]\n")
        if package.yanked is not None:
            lines.append(f"yanked = {quote(package.yanked)}\n")
        if package.dependencies:
            lines.append("dependencies = [\n")
            lines += (f"  {edge_text(edge)},\n" for edge in sorted(package.dependencies, key=edge_order))
            lines.append("]\n")
    lines += (table_text(("packages", "tool", name), value) for name, value in sorted(package.tool.items()))
    return "".join(lines)


def _file(file: LockedFile) -> str:
    name = "" if filename_of(file.url, file.path) == file.filename else f"name = {quote(file.filename)}, "
    place = (
        f"url = {quote(without_credentials(file.url))}" if file.url else f"path = {quote(file.path or '')}"
    )
    time = f", upload-time = {file.upload_time}" if file.upload_time else ""
    size = f", size = {file.size}" if file.size is not None else ""
    return f"{{ {name}{place}{time}{size}, hashes = {_hashes(file.hashes)} }}"


def _archive(archive: LockedArchive) -> str:
    place = (
        f"url = {quote(without_credentials(archive.url))}"
        if archive.url
        else f"path = {quote(archive.path or '')}"
    )
    time = f", upload-time = {archive.upload_time}" if archive.upload_time else ""
    size = f", size = {archive.size}" if archive.size is not None else ""
    below = f", subdirectory = {quote(archive.subdirectory)}" if archive.subdirectory else ""
    return f"{{ {place}{time}{size}, hashes = {_hashes(archive.hashes)}{below} }}"


def _hashes(hashes: tuple[tuple[str, str], ...]) -> str:
    return "{ " + ", ".join(f"{toml_key(name)} = {quote(digest)}" for name, digest in sorted(hashes)) + " }"


def edge_text(edge: Edge | RootEdge) -> str:
    """The line of one edge."""
    words = f"{{ name = {quote(edge.name)}"
    if edge.version is not None:
        words += f", version = {quote(edge.version)}"
    if edge.extras:
        words += f", extras = {strings(sorted(edge.extras))}"
    if edge.marker:
        words += f", marker = {quote(edge.marker)}"
    if isinstance(edge, RootEdge) and edge.where != "project":
        words += f", where = {quote(edge.where)}"
    return words + " }"


def edge_order(edge: Edge | RootEdge) -> tuple[str, ...]:
    """Sorts edges."""
    where = edge.where if isinstance(edge, RootEdge) else ""
    return (edge.name, edge.version or "", ",".join(sorted(edge.extras)), edge.marker or "", where)


def _file_order(file: LockedFile) -> tuple[str, str]:
    return (file.filename, file.url or file.path or "")
