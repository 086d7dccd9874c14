"""Whether a project asks conda's channels for packages, and where: then its environment is a conda prefix.

A module of its own, because every `lock` and `sync` asks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project import CondaDependency, Manifest

__all__ = ["asks_conda", "place_of"]


def asks_conda(manifest: Manifest) -> bool:
    """Whether packages of channels are asked for."""
    conda = manifest.settings.conda
    return conda is not None and bool(conda.dependencies)


def place_of(manifest: Manifest, each: CondaDependency) -> str:
    """Where a MatchSpec stands: ``pyproject.toml:9``."""
    if each.place:
        return each.place
    return f"{manifest.locator.filename(each.path) or manifest.filename}:{manifest.line(*each.path)}"
