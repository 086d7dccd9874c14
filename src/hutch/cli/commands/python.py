"""``hutch python``: each verb belongs to a module of this folder that has a ``run`` of its own."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]

_OWNERS = {
    "dir": "python_found",
    "find": "python_found",
    "list": "python_found",
    "pin": "python_found",
    "which": "python_found",
    "install": "python_installed",
    "uninstall": "python_installed",
    "upgrade": "python_installed",
    "shell": "python_plain",
    "shim": "python_plain",
}
"""The module that does a verb, by the verb."""


def run(call: Call) -> int:
    """Hand the verb to its owner."""
    owner = __import__(f"hutch.cli.commands.{_OWNERS[call.command.path[1]]}", fromlist=["run"])
    code: int = owner.run(call)
    return code
