"""``hutch allow``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Trust a project, or list what was said of all."""
    from hutch.cli.ui.trust import print_trust, show_allow
    from hutch.ops.allow import AllowOptions, allow, list_trust

    if call.values["list"]:
        if call.values["path"]:
            from hutch.errors import UsageProblem

            raise UsageProblem("--list lists all projects", hint="leave PATH out")
        return call.finish(list_trust(call.context()), print_trust)
    return call.finish(allow(call.context(), call.options(AllowOptions)), show_allow)
