"""Locks of other tools, as values of ours: text in, ``Lock`` out, a module a format.

Each module has ``parse(text, filename, manifest) -> Lock`` and
``staleness(text, manifest, manifest_text) -> str | None``.
``parse`` makes a lock that is read by its edges (``Lock.by_edges``) wherever the format has edges; what the
format leaves out (edges, file names, addresses) stays out: ``ops`` asks the index for it. ``staleness`` says
in a sentence why the lock is not what the manifest asks for, by the tool's own rule; None where it is.
See ``docs/explanation/any-project.md``.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.lock.lockfile import Lock
    from hutch.project import Manifest

__all__ = ["FORMATS", "PYLOCK_OF_PDM", "ForeignFormat", "format_of", "parse_foreign", "staleness"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFormat:
    """A lock file of another tool: its name, the module here, and the command that makes it anew.

    ``dialect`` is that of the manifests that the tool reads: it may lock those, whatever else lies there.
    One that ``looks_beside`` is out of date as well where projects beside this one have changed.
    """

    filename: str
    module: str
    dialect: str
    command: str
    looks_beside: bool = False


PYLOCK_OF_PDM = ForeignFormat(filename="pylock.toml", module="pdm_pylock", dialect="pdm", command="pdm lock")
"""A ``pylock.toml`` that PDM made for itself: ``is_of_pdm`` tells."""

FORMATS = (
    ForeignFormat(filename="uv.lock", module="uv", dialect="uv", command="uv lock", looks_beside=True),
    ForeignFormat(filename="poetry.lock", module="poetry", dialect="poetry", command="poetry lock"),
    ForeignFormat(filename="pdm.lock", module="pdm", dialect="pdm", command="pdm lock"),
    ForeignFormat(filename="Pipfile.lock", module="pipfile", dialect="pipfile", command="pipenv lock"),
    ForeignFormat(filename="pixi.lock", module="pixi", dialect="pixi", command="pixi lock"),
    ForeignFormat(
        filename="conda-lock.yml", module="conda_lock", dialect="environment_yml", command="conda-lock"
    ),
    ForeignFormat(
        filename="requirements.txt",
        module="requirements",
        dialect="requirements",
        command="pip-compile --generate-hashes",
    ),
)
"""In the order in which they are taken where a manifest could belong to several."""


def format_of(filename: str) -> ForeignFormat | None:
    """The format of a lock file, by its name."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return next((each for each in FORMATS if each.filename == name), None)


def parse_foreign(kind: ForeignFormat, text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text`` of the project ``manifest``. Raises ``InvalidLock``."""
    module = __import__(f"hutch.lock.foreign.{kind.module}", fromlist=["parse"])
    lock: Lock = module.parse(text, filename, manifest)
    return lock


def staleness(
    kind: ForeignFormat,
    text: str,
    manifest: Manifest,
    manifest_text: str,
    read: Callable[[str], str | None] | None = None,
) -> str | None:
    """Why the lock does not answer the manifest, in a sentence; None where it does.

    ``read`` gives other files, by their paths from the lock.
    """
    module = __import__(f"hutch.lock.foreign.{kind.module}", fromlist=["staleness"])
    more = (read,) if kind.looks_beside and read is not None else ()
    reason: str | None = module.staleness(text, manifest, manifest_text, *more)
    return reason
