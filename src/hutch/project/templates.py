"""The manifests that ``hutch init`` writes: short, valid, nothing to delete."""

from __future__ import annotations

__all__ = ["render_app", "render_library"]


def render_app(
    name: str, *, requires_python: str, description: str = "", dependencies: tuple[str, ...] = ()
) -> str:
    """A manifest for a program that is run from its checkout: no build system, nothing to build."""
    return _project(name, requires_python, description, dependencies)


def render_library(
    name: str, *, requires_python: str, description: str = "", dependencies: tuple[str, ...] = ()
) -> str:
    """A manifest for something that is built and published; the modules live in ``src/``.

    The backend is one that needs no configuration for that layout and has no dependencies.
    """
    build = '\n[build-system]\nrequires = ["flit_core >=3.12,<5"]\nbuild-backend = "flit_core.buildapi"\n'
    return _project(name, requires_python, description or f"What {name} does", dependencies) + build


def _project(name: str, requires_python: str, description: str, dependencies: tuple[str, ...]) -> str:
    from hutch.project.edit import quote

    lines = ["[project]", f"name = {quote(name)}", 'version = "0.1.0"']
    if description:
        lines.append(f"description = {quote(description)}")
    lines.append(f"requires-python = {quote(requires_python)}")
    if dependencies:
        lines += ["dependencies = [", *(f"    {quote(text)}," for text in dependencies), "]"]
    else:
        lines.append("dependencies = []")
    return "\n".join(lines) + "\n"
