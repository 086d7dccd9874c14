"""What a build asks of the rest of the house: an environment that holds its requirements.

Making one needs a resolve and an install, which need metadata, which may need a build. So this room
only says what it wants; `ops` hands in something that can (as pypa/build's `IsolatedEnv`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


__all__ = ["BuildEnvironment", "BuildEnvironments", "BuildOptions"]

ConfigSettings = Mapping[str, "str | tuple[str, ...]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEnvironment:
    """An environment to build in: its interpreter, and the variables that make its programs found
    (`PATH`, `VIRTUAL_ENV`); they are laid over those of the build."""

    python: str
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)


class BuildEnvironments(Protocol):
    """Gives environments that hold at least ``requirements`` (PEP 508 texts, markers to be evaluated there).

    It may be called again with more before the first is given back: PEP 517 only tells the whole of what
    is needed when the backend runs. Equal requirements may give the same environment.
    """

    def needs(self, requirements: tuple[str, ...]) -> AbstractContextManager[BuildEnvironment]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How to build. ``seconds`` is the limit for each call of the backend; ``requires`` is added to what
    the project says it needs to be built; ``passed`` are variables let through to the build;
    ``forbidden`` makes every need to build a problem; ``what`` names the project in messages. ``name`` and
    ``version``, if given, are what the source has to be (an index said so): anything else is refused."""

    config_settings: ConfigSettings = field(default_factory=dict, hash=False)
    seconds: float = 3600.0
    requires: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    forbidden: bool = False
    what: str = ""
    name: str = ""
    version: str = ""
