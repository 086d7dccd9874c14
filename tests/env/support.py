"""What several test modules of this room do: plan and apply, and look at the whole tree."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from hutch.env import Environment, Plan, Wanted, apply_plan, plan_changes


def sync(environment: Environment, *wanted: Wanted, **options: Any) -> Plan:
    """Plan and apply what is wanted, and nothing else."""
    plan_options = {key: options.pop(key) for key in ("keep", "reinstall") if key in options}
    plan = plan_changes(environment.installed(), wanted, **plan_options)
    apply_plan(plan, environment, **options)
    return plan


def tree(root: str | Path) -> dict[str, str]:
    """Every path below ``root`` but the lock's directory: what it is, and its content by hash."""
    found: dict[str, str] = {}
    for directory, directories, files in os.walk(root):
        for name in [*directories, *files]:
            path = os.path.join(directory, name)
            where = os.path.relpath(path, root)
            if where.split(os.sep)[0] == ".hutch":
                continue
            if os.path.islink(path):
                found[where] = "-> " + os.readlink(path)
            elif os.path.isdir(path):
                found[where] = "directory"
            else:
                with open(path, "rb") as file:
                    found[where] = hashlib.sha256(file.read()).hexdigest()
    return found
