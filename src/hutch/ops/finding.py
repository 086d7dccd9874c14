"""The project that the user stands in: one alone, or a workspace."""

from __future__ import annotations

import os

from hutch.ops.checkout import MANIFEST, Checkout, Neighbours, NoProject, read_manifest, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.project import Manifest

__all__ = ["find_checkout"]


def find_checkout(context: Context) -> Checkout:
    """Read the project that the user stands in."""
    root = context.root
    if root is None:
        raise NoProject(context.directory)
    if context.place is not None and (workspace := context.place.workspace) is not None:
        from hutch.ops.members import read_workspace
        from hutch.ops.separate import separate_member

        member = os.path.relpath(root, workspace).replace(os.sep, "/")
        return separate_member(read_workspace(context, workspace, member), member)
    if context.member != ".":
        from hutch.ops.members import read_workspace

        return read_workspace(context, root, context.member)
    file = context.manifest_file
    path = os.path.join(root, file)
    read = Neighbours(root)
    text = read_text(path)
    manifest = read_manifest(context, text, file, read=read)
    if manifest.settings.workspace is not None:
        from hutch.ops.members import read_workspace

        found = read_workspace(context, root, ".")
        if manifest.settings.workspace.locks == "shared":
            return found
        from hutch.ops.separate import separate_member

        return separate_member(found, ".")
    if file == MANIFEST and not _says_something(manifest):
        raise NoProject(context.directory, f"{path} has no [project] table")
    from hutch.ops.foreign_lock import find_foreign_lock, lock_left_behind

    lock = find_foreign_lock(root, manifest)
    return Checkout(
        root=root,
        text=text,
        manifest=manifest,
        file=file,
        others=tuple(read.asked),
        foreign=lock if lock is not None and lock.is_proof else None,
        seed=lock or lock_left_behind(root, manifest),
    )


def _says_something(manifest: Manifest) -> bool:
    """Is there a project, if only one that is never built? Poetry's applications need no name."""
    return (
        manifest.name is not None
        or manifest.is_package
        or manifest.settings.package is not None
        or any(manifest.requirements().values())
        or bool(manifest.groups)
    )
