"""What a build asks of the rest of the house: an environment that holds its requirements.

Making one needs a resolve and an install, which need metadata, which may need a build. So this room
only says what it wants; `ops` hands in something that can (as pypa/build's `IsolatedEnv`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from hutch.build.members import Limits
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, Protocol
else:
    Protocol = object


__all__ = ["BuildEnvironment", "BuildEnvironments", "BuildOptions", "SandboxOptions"]

ConfigSettings = Mapping[str, "str | tuple[str, ...]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEnvironment:
    """An environment to build in: its interpreter, and the variables that make its programs found
    (`PATH`, `VIRTUAL_ENV`); they are laid over those of the build. ``readable`` are the directories that
    the interpreter needs beyond those that can be told from its path; ``bytecode`` those that it may
    leave the bytecode of modules in."""

    python: str
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    readable: tuple[str, ...] = ()
    bytecode: tuple[str, ...] = ()


class BuildEnvironments(Protocol):
    """Gives environments that hold at least ``requirements`` (PEP 508 texts, markers to be evaluated there).

    It may be called again with more before the first is given back: PEP 517 only tells the whole of what
    is needed when the backend runs. Equal requirements may give the same environment.
    """

    def needs(self, requirements: tuple[str, ...]) -> AbstractContextManager[BuildEnvironment]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """How much of the sandbox a build is in. ``auto``: what this system has of it; ``require``: no build
    where files or network cannot be closed off; ``off``. ``network`` leaves the network open; ``readable``
    and ``writable`` are further paths."""

    mode: Literal["auto", "require", "off"] = "auto"
    network: bool = False
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How to build. ``seconds`` is the limit for each call of the backend; ``requires`` is added to what
    the project says it needs to be built; ``passed`` are variables let through to the build; ``sandbox``
    what it is kept from; ``limits`` what its archive may unpack to; ``logs`` a directory for what failed
    builds said, made when it is needed; ``forbidden`` makes every need to build a problem; ``what`` names
    the project in messages. ``name`` and ``version``, if given, are what the source has to be (an index
    said so): anything else is refused."""

    config_settings: ConfigSettings = field(default_factory=dict, hash=False)
    seconds: float = 3600.0
    requires: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    sandbox: SandboxOptions = SandboxOptions()
    limits: Limits = Limits()
    logs: str = ""
    forbidden: bool = False
    what: str = ""
    name: str = ""
    version: str = ""
