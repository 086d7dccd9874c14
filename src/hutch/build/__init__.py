"""A PEP 517 frontend: source trees and source distributions become metadata, wheels and sdists.

`prepare_metadata` answers without running anything where it can; `build_wheel`, `build_editable` and
`build_sdist` call the backend in a process group of its own, with chosen variables and a time limit;
`unpack_sdist` takes an archive apart by our own rules. Environments to build in are handed in
(`BuildEnvironments`). The door is lazy: importing it costs nothing.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.build.backend import BuildSystem, read_build_system
    from hutch.build.environment import BuildEnvironment, BuildEnvironments, BuildOptions, SandboxOptions
    from hutch.build.keys import build_key, source_files, tree_digest
    from hutch.build.make import build_editable, build_sdist, build_wheel
    from hutch.build.members import Limits
    from hutch.build.metadata import prepare_metadata, read_wheel_metadata
    from hutch.build.problems import (
        BuildFailed,
        BuildForbidden,
        InvalidBuildSystem,
        InvalidSdist,
        NoEditable,
        NoSandbox,
        NotASource,
        WrongProject,
    )
    from hutch.build.requires import build_requirements
    from hutch.build.sandbox import SandboxReport, probe_sandbox
    from hutch.build.sdist import unpack_sdist
    from hutch.build.static import metadata_from_project, read_static_metadata, stated_requirements

_HOMES = {
    "BuildEnvironment": "environment",
    "BuildEnvironments": "environment",
    "BuildFailed": "problems",
    "BuildForbidden": "problems",
    "BuildOptions": "environment",
    "BuildSystem": "backend",
    "InvalidBuildSystem": "problems",
    "InvalidSdist": "problems",
    "Limits": "members",
    "NoEditable": "problems",
    "NoSandbox": "problems",
    "NotASource": "problems",
    "SandboxOptions": "environment",
    "SandboxReport": "sandbox",
    "WrongProject": "problems",
    "build_editable": "make",
    "build_key": "keys",
    "build_requirements": "requires",
    "build_sdist": "make",
    "build_wheel": "make",
    "metadata_from_project": "static",
    "prepare_metadata": "metadata",
    "probe_sandbox": "sandbox",
    "read_build_system": "backend",
    "read_static_metadata": "static",
    "stated_requirements": "static",
    "read_wheel_metadata": "metadata",
    "source_files": "keys",
    "tree_digest": "keys",
    "unpack_sdist": "sdist",
}

__all__ = [
    "BuildEnvironment",
    "BuildEnvironments",
    "BuildFailed",
    "BuildForbidden",
    "BuildOptions",
    "BuildSystem",
    "InvalidBuildSystem",
    "InvalidSdist",
    "Limits",
    "NoEditable",
    "NoSandbox",
    "NotASource",
    "SandboxOptions",
    "SandboxReport",
    "WrongProject",
    "build_editable",
    "build_key",
    "build_requirements",
    "build_sdist",
    "build_wheel",
    "metadata_from_project",
    "prepare_metadata",
    "probe_sandbox",
    "read_build_system",
    "read_static_metadata",
    "read_wheel_metadata",
    "source_files",
    "stated_requirements",
    "tree_digest",
    "unpack_sdist",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
