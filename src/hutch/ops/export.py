"""``hutch export``: the lock, or a part of it, for other tools."""

from __future__ import annotations

from hutch.ops.checkout import write_text
from hutch.ops.choosing import selection_of
from hutch.ops.selection import SelectionOptions
from hutch.ops.sync import current_lock
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["ExportOptions", "ExportOutcome", "export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions(SelectionOptions):
    """The options of ``export``."""

    format: str = "requirements"
    output_file: str | None = None
    hashes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOutcome:
    """The text; ``path`` is where it was written, None for standard output."""

    text: str
    path: str | None
    packages: int

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "packages": self.packages, "text": self.text}


def export(context: Context, options: ExportOptions) -> ExportOutcome:
    """Write the chosen part of the lock as requirements with hashes, or as a lock of its own."""
    from hutch.lock import export_requirements
    from hutch.ops.choosing import focused

    checkout = focused(context, options.package, all_packages=options.all_packages)
    lock, _ = current_lock(context, checkout, options)
    selection = selection_of(options, checkout, lock=lock)
    if options.format == "pylock":
        from hutch.ops.narrow import narrowed

        part = narrowed(lock, selection)
        text, count = part.render(), len(part.packages)
    else:
        text = export_requirements(
            lock,
            extras=selection.extras,
            groups=selection.groups,
            only=selection.only_groups,
            hashes=options.hashes,
            header="made by `hutch export` from pylock.toml; do not edit",
            project=checkout.manifest.name,
        )
        count = sum(1 for line in text.splitlines() if line[:1] not in ("", "#", " ", "-"))
    path = None
    if options.output_file is not None:
        target = context.path(options.output_file)
        write_text(target, text)
        path = target
    return ExportOutcome(text=text, path=path, packages=count)
