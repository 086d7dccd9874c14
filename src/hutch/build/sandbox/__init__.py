"""Builds of strangers, kept where they can do little harm.

`Sandbox` is what a build is allowed; `launch` makes of it and a command what has to be started
instead. `start`, `mounts`, `landlock` and `system` run between hutch and the build, in a process that uses
as little as it can; all that differs between systems is in `plan.py`: Linux has a sandbox, others have none.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.build.sandbox.plan import Launch, launch
    from hutch.build.sandbox.probe import probe_sandbox
    from hutch.build.sandbox.report import SandboxReport
    from hutch.build.sandbox.roots import source_roots

_HOMES = {
    "Launch": "plan",
    "SandboxReport": "report",
    "launch": "plan",
    "probe_sandbox": "probe",
    "source_roots": "roots",
}

__all__ = ["Launch", "SandboxReport", "launch", "probe_sandbox", "source_roots"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
