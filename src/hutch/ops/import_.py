"""``hutch import``: a manifest of another tool becomes a ``pyproject.toml`` in hutch's words."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.ops.checkout import MANIFEST, Neighbours, NoProject, read_text, write_text
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context
    from hutch.project import Manifest

__all__ = ["ImportOptions", "ImportOutcome", "import_project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The options of ``import``."""

    file: str | None = None
    remove_old: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """``source`` was read, ``path`` written. ``diff`` is what changed. ``notes`` are (place, sentence) of
    what has no equivalent, ``made_up`` what ``[project]`` has to say and ``source`` does not; ``left`` are
    tables of other tools that are still there and files that stay beside, ``lock`` is the lock whose versions
    are kept. ``passwords`` are the places of addresses with one in them; the diff does not show them."""

    source: str
    path: str
    diff: str
    notes: tuple[tuple[str, str], ...] = ()
    made_up: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    lock: str | None = None
    passwords: tuple[str, ...] = ()
    ignores_others: bool = False
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "path": self.path,
            "notes": [{"place": place, "text": text} for place, text in self.notes],
            "made_up": list(self.made_up),
            "left": list(self.left),
            "removed": list(self.gone),
            "passwords": list(self.passwords),
            "lock": self.lock,
            "diff": self.diff,
            "dry_run": self.dry_run,
        }


def import_project(context: Context, options: ImportOptions) -> ImportOutcome:
    """Write what hutch has understood all along into a ``pyproject.toml``; the original stays."""
    from hutch.net import hide_credentials
    from hutch.ops.notes import note_lines
    from hutch.project import import_manifest, parse_manifest

    directory, filename = _source(context, options.file)
    source = os.path.join(directory, *filename.split("/"))
    path = os.path.join(directory, MANIFEST)
    text = read_text(source)
    _refuse_way_out(path, directory)
    there = os.path.lexists(path)
    old = text if filename == MANIFEST else read_text(path) if there else ""
    read = Neighbours(directory)
    imported = import_manifest(
        text,
        filename,
        read=read,
        into=old,
        name=_project_name(os.path.basename(directory)),
        remove_old=options.remove_old,
    )
    if not options.dry_run:
        write_text(path, imported.text)
    before = parse_manifest(text, filename=filename, read=Neighbours(directory))
    return ImportOutcome(
        source=source,
        path=path,
        diff=hide_credentials(_diff(old, imported.text)),
        notes=tuple((place, note.text) for place, note in note_lines(before)),
        passwords=_passwords(imported.text),
        made_up=imported.made_up,
        left=imported.left if filename == MANIFEST else (filename,),
        gone=imported.gone,
        lock=_lock_beside(directory, parse_manifest(imported.text, read=Neighbours(directory))),
        ignores_others=imported.ignores_others,
        dry_run=options.dry_run,
    )


def _passwords(text: str) -> tuple[str, ...]:
    """The places in the new manifest, which is to be shared, of addresses with a password in them."""
    from hutch.net import hide_credentials

    lines = enumerate(text.splitlines(), 1)
    return tuple(f"{MANIFEST}:{number}" for number, line in lines if hide_credentials(line) != line)


def _source(context: Context, file: str | None) -> tuple[str, str]:
    """The directory of the project, and its manifest from there (with ``/``)."""
    if file is not None:
        path = context.path(file)
        if os.path.isdir(path):
            from hutch.ops.manifests import manifest_in

            found = manifest_in(path)
            if found is None:
                raise UsageProblem(
                    f"{file} has nothing that could be imported", why="there is no manifest in it"
                )
            return path, found
        if not os.path.isfile(path):
            raise UsageProblem(f"there is no {file}", hint="give the path of a manifest")
        from hutch.ops.manifests import named_manifest

        return named_manifest(path)
    if context.root is None:
        raise NoProject(context.directory)
    if context.member != ".":
        return os.path.normpath(os.path.join(context.root, context.member)), MANIFEST
    return context.root, context.manifest_file


def _refuse_way_out(path: str, directory: str) -> None:
    """A checkout may say that its ``pyproject.toml`` is a file of the user's."""
    target, inside = os.path.realpath(path), os.path.realpath(directory)
    if os.path.islink(path) and not target.startswith(inside + os.sep):
        raise UsageProblem(
            f"{path} is a link to {target}, which is outside of the project",
            why="an import would write there",
            hint="remove the link",
        )


def _project_name(text: str) -> str:
    """A valid name from that of a directory."""
    import re

    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._") or "project"


def _diff(old: str, new: str) -> str:
    import difflib

    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"a/{MANIFEST}" if old else "/dev/null",
        f"b/{MANIFEST}",
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lock_beside(directory: str, manifest: Manifest) -> str | None:
    """The lock of another tool from which `hutch lock` starts; None where hutch has its own, or none is."""
    from hutch.ops.foreign_lock import find_foreign_lock, lock_left_behind

    found = find_foreign_lock(directory, manifest) or lock_left_behind(directory, manifest)
    return os.path.relpath(found.path, directory).replace(os.sep, "/") if found is not None else None
