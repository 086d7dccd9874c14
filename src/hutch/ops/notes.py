"""What another tool's manifest says and hutch has no words for: told, never dropped in silence."""

from __future__ import annotations

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.project import Manifest, Note

__all__ = ["note_lines", "tell_activation", "tell_warnings"]


def tell_warnings(context: Context, manifest: Manifest) -> None:
    """Warn of what is asked for and will not be installed."""
    for place, note in note_lines(manifest):
        if note.warn:
            context.emit(Notice(f"{place}: {note.text}", warning=True))


def tell_activation(context: Context, manifest: Manifest) -> None:
    """Warn of scripts and variables that nothing will read."""
    conda = manifest.settings.conda
    if conda is not None and conda.activation and not conda.dependencies:
        text = "scripts and variables are for environments of conda, and no package of conda is asked for"
        context.emit(Notice(f"{manifest.filename}: {text}: hutch add --conda python", warning=True))


def note_lines(manifest: Manifest) -> list[tuple[str, Note]]:
    """The notes of a manifest with the places that they are about: ``environment.yml:5``."""
    found = []
    for note in manifest.notes:
        origin = note.origin
        if isinstance(origin, tuple):
            name, line = manifest.filename, manifest.locator.document.line(origin)
        else:
            name, line = origin.filename or manifest.filename, origin.line
        found.append((name, line, note))
    found.sort(key=lambda each: (each[0] != manifest.filename, each[0], each[1]))
    return [(f"{name}:{line}", note) for name, line, note in found]
