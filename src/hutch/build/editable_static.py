"""Sparing the backend questions whose answer is known, so that editable installs are quick.

The backend is always called to *build*: what it puts into an editable wheel is its own affair, and only
it can be right. But for some backends ``get_requires_for_build_*``, a start of Python of its own, can
only answer "nothing" for a project that is plain enough, and this tells which. In doubt: ask.
"""

from __future__ import annotations

from hutch.build.backend import BuildSystem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["asks_for_nothing"]


def asks_for_nothing(system: BuildSystem, pyproject: Mapping[str, object] | None) -> bool:
    """Whether every ``get_requires_for_build_*`` of the backend is surely empty for this project.

    `poetry-core` and `uv_build` never ask for anything; `flit_core` only where it has to import the
    module to learn its version or description. All of this only where the backend is not in the tree.
    """
    if system.backend_path or pyproject is None:
        return False
    match system.backend:
        case "poetry.core.masonry.api" | "uv_build":
            return True
        case "flit_core.buildapi":
            project = pyproject.get("project")
            return isinstance(project, dict) and "version" in project and not project.get("dynamic")
        case _:
            return False
