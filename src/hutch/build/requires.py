"""What building a source needs: what its ``[build-system]`` says, and what its backend says besides."""

from __future__ import annotations

from pathlib import Path

from hutch.build.backend import read_build_system
from hutch.build.environment import BuildEnvironments, BuildOptions
from hutch.build.scratch import scratch_directory
from hutch.build.session import Session, asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

__all__ = ["build_requirements"]

_DEFAULT = BuildOptions()


def build_requirements(
    source: str | os.PathLike[str],
    kinds: Iterable[str],
    *,
    environments: BuildEnvironments,
    options: BuildOptions = _DEFAULT,
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """``build-system.requires`` of a source directory, and what its backend asks for by kind (``wheel``,
    ``sdist``, ``editable``). Raises what ``prepare_metadata`` raises."""
    tree = Path(source).absolute()
    system = read_build_system(tree)
    requires = tuple(dict.fromkeys((*system.requires, *options.requires)))
    found: dict[str, tuple[str, ...]] = {}
    with scratch_directory(None) as scratch, environments.needs(requires) as environment:
        for kind in kinds:
            found[kind] = asked_for(Session(tree, system, environment, options, scratch), kind)
    return tuple(system.requires), found
