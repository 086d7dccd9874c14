"""Whether a project asks conda's channels for packages: then its environment is a conda prefix.

A module of its own, because every `lock` and `sync` asks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project import Manifest

__all__ = ["asks_conda"]


def asks_conda(manifest: Manifest) -> bool:
    """Whether packages of channels are asked for."""
    conda = manifest.settings.conda
    return conda is not None and bool(conda.dependencies)
