"""What distributions of a package index, which are in a prefix, need of conda's packages that go."""

from __future__ import annotations

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hutch.ops.context import Context
    from hutch.spec import Requirement

__all__ = ["tell_needed"]


def tell_needed(context: Context, root: str, gone: Collection[str]) -> None:
    """Say which distributions of an index need something that goes: conda does not know them."""
    lines = [
        f"{name} {version} needs {requirement.name}, which goes"
        for name, version, package, requirement in _needs(context, root)
        if package in gone
    ]
    for line in dict.fromkeys(lines):
        context.emit(Notice(line, warning=True))


def _needs(context: Context, root: str) -> Iterator[tuple[str, str, str, Requirement]]:
    """Name and version of a distribution, and the conda package that meets a requirement of it."""
    from hutch.env import open_prefix
    from hutch.env.conda_mixing import conda_owned
    from hutch.errors import Problem
    from hutch.interpreters import probe_interpreter
    from hutch.ops.pip_present import metadata_of
    from hutch.spec import evaluate

    environment = open_prefix(root)
    own = {
        name: one
        for name, one in environment.installed().items()
        if not name.startswith("conda:") and one.kind == "dist-info"
    }
    if not own:
        return
    distributions = conda_owned(root).distributions
    try:
        markers = probe_interpreter(environment.executable, context.store).marker_environment
    except Problem:
        return  # without its Python there is nobody who needs anything
    for name, one in own.items():
        metadata = metadata_of(root, one)
        for requirement in metadata.requirements if metadata is not None else ():
            row = distributions.get(requirement.name)
            met = requirement.marker is None or evaluate(requirement.marker, markers)
            if row is not None and met and requirement.name not in own:
                yield str(name), one.version, row[0], requirement
