"""The lock files of other tools, by their names: which module reads one, and who makes it anew."""

from __future__ import annotations

from hutch.values import dataclass

__all__ = ["FORMATS", "PYLOCK", "PYLOCK_OF_PDM", "ForeignFormat", "format_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFormat:
    """A lock file of another tool: its name, its module in ``lock.foreign``, the command that makes it anew.

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

PYLOCK = ForeignFormat(filename="pylock.toml", module="pylock", dialect="", command="the tool that made it")
"""A ``pylock.toml`` of any other tool: ``maker_of`` says which."""

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
