"""All checks there are, in the order in which they are run and told."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checks.values import Check

__all__ = ["PAGES", "all_checks"]

PAGES: tuple[str, ...] = (
    "variables",
    "path",
    "pythons",
    "pip_settings",
    "indexes",
    "project",
    "locks",
    "requirements",
    "imports",
    "builds",
    "environments",
    "machines",
    "installed",
    "prefixes",
    "bytecode",
    "disks",
    "editors",
    "house",
    "shims",
)
"""Modules of this package, each with its ``CHECKS``."""


def all_checks() -> tuple[Check, ...]:
    """Every check, by the groups of ``values.GROUPS``."""
    from importlib import import_module

    from hutch.ops.checks.values import GROUPS

    found: list[Check] = []
    for page in PAGES:
        found += import_module(f"hutch.ops.checks.{page}").CHECKS
    order = list(GROUPS)
    return tuple(sorted(found, key=lambda each: order.index(each.group)))
