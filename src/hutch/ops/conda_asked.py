"""Whether a project asks conda's channels for packages, and where: then its environment is a conda prefix.

A module of its own, because every `lock` and `sync` asks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project import CondaDependency, Manifest
    from hutch.project.spans import Path

__all__ = ["asks_conda", "line_of", "place_of"]


def asks_conda(manifest: Manifest) -> bool:
    """Whether packages of channels are asked for."""
    conda = manifest.settings.conda
    return conda is not None and bool(conda.dependencies)


def place_of(manifest: Manifest, each: CondaDependency) -> str:
    """Where a MatchSpec stands: ``pyproject.toml:9``."""
    if each.place:
        return each.place
    return line_of(manifest, each.path)


def line_of(manifest: Manifest, path: Path) -> str:
    """Where something stands in the manifest: ``pyproject.toml:9``."""
    return f"{manifest.locator.filename(path) or manifest.filename}:{manifest.line(*path)}"
