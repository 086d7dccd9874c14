"""What of the sandbox works on this machine, found out by setting it up."""

from __future__ import annotations

import os

from hutch.build.environment import SandboxOptions
from hutch.build.sandbox.plan import launch, why_not
from hutch.build.sandbox.report import SandboxReport

__all__ = ["probe_sandbox"]


def probe_sandbox() -> SandboxReport:
    """What of the sandbox works here: it is set up for nothing. Costs the start of a Python."""
    reason = why_not()
    if reason:
        return SandboxReport(missing=(reason,))
    from hutch.processes import running

    one = launch((), directory="/", variables={}, options=SandboxOptions())
    try:
        with (
            open(os.devnull, "wb") as nowhere,
            running(
                one.argv, environ={}, seconds=30.0, output=nowhere, passed=one.passed, gentle=True
            ) as under_way,
        ):
            under_way.wait()
        found = one.report()
    except OSError as error:
        return SandboxReport(missing=(f"it cannot be started: {error.strerror or error}",))
    finally:
        one.close()
    assert found is not None
    return found
