"""What a change of a prefix writes beside its packages: conda's history, and the note against stray pip."""

from __future__ import annotations

import os
import posixpath
import time

from hutch.env.conda_files import META, is_conda, parse_meta, read_meta
from hutch.env.conda_installed import PREFIX
from hutch.env.plan import Link, Noted
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.env.conda_placement import CondaPlacement
    from hutch.env.environment import Environment
    from hutch.env.plan import Plan

__all__ = ["MANAGED", "history_entry", "managed_notes", "prefix_notes", "respecified"]

HISTORY = f"{META}/history"
MANAGED = """\
[externally-managed]
Error=The packages of this environment are installed by hutch, those of conda's channels and those
 of package indexes together. What pip installs here the next change would not know, and may remove
 or replace in parts.
 .
 To install a package of an index, run `hutch pip install NAME` with this environment active, or for one
 of conda's `hutch conda install NAME`; in the project that it belongs to, `hutch add NAME`. To let pip
 do it all the same: pip install --break-system-packages.
"""
_OURS = b"[externally-managed]\nError=The packages of this environment are installed by hutch,"
_NAME = "EXTERNALLY-MANAGED"
_LARGEST = 64 << 20


def managed_notes(environment: Environment) -> list[str]:
    """Our notes against stray pip that are there, of Pythons that go or are gone."""
    found = []
    for site in environment.sites:
        path = f"{posixpath.dirname(site)}/{_NAME}"
        if (_read(environment.root, path) or b"").startswith(_OURS):
            found.append(path)
    return found


def prefix_notes(
    plan: Plan,
    environment: Environment,
    placements: Iterable[Any],
    gone: Iterable[str],
) -> dict[str, bytes]:
    """Path and content of what is written anew; ``gone`` are notes of ours that go in any case."""
    noted = plan.noted or Noted()
    notes: dict[str, bytes] = {}
    before = _read(environment.root, HISTORY) or b""
    entry = history_entry(plan, environment.root, placements, noted)
    if entry or not before:
        if before and not before.endswith(b"\n"):
            before += b"\n"
        notes[HISTORY] = before + entry.encode("utf-8", "surrogateescape")
    if environment.purelib and noted.managed:
        path = f"{posixpath.dirname(environment.purelib)}/{_NAME}"
        if path in gone or not os.path.lexists(os.path.join(environment.root, path)):
            notes[path] = MANAGED.encode()
    return notes


def history_entry(plan: Plan, root: str, placements: Iterable[CondaPlacement], noted: Noted) -> str:
    """A revision as conda writes it: when, by what, what went and came, what was asked for."""
    went, came = [], []
    for step in plan.removals:
        if step.name.startswith(PREFIX):
            went += [_dist(read_meta(root, where) or {}) for where in step.dist_infos if is_conda(where)]
    for link, placement in zip(plan.links, placements, strict=True):
        if isinstance(link, Link) and link.name.startswith(PREFIX):
            came.append(_dist(parse_meta(placement.record) or {}))
    asked = noted.update or noted.remove or noted.neutered
    if not (went or came or asked):
        return ""
    lines = [time.strftime("==> %Y-%m-%d %H:%M:%S <==")]
    lines.append(f"# cmd: {_line(noted.command or 'hutch')}")
    lines += [f"-{each}" for each in sorted(went)]
    lines += [f"+{each}" for each in sorted(came)]
    for action, specs in (("update", noted.update), ("remove", noted.remove), ("neutered", noted.neutered)):
        if specs:
            lines.append(f"# {action} specs: {[_line(each) for each in specs]!r}")
    return "\n".join(lines) + "\n"


def _dist(data: Mapping[str, Any]) -> str:
    """``channel/subdir::name-version-build``."""
    name, version, build, subdir = (
        str(data.get(key) or "") for key in ("name", "version", "build", "subdir")
    )
    channel = str(data.get("channel") or "").rstrip("/").removesuffix(f"/{subdir}")
    return _line(f"{channel}/{subdir}::{name}-{version}-{build}")


def _line(text: str) -> str:
    """One line of it, whatever somebody has called something."""
    return " ".join(text.split())


def respecified(root: str, asked: Mapping[str, tuple[str, ...]]) -> dict[str, bytes]:
    """The records of packages that stay, with what the user has asked for."""
    import json

    found: dict[str, bytes] = {}
    for where, specs in asked.items():
        data = read_meta(root, where)
        if data is None:
            continue
        data = {**data, "requested_specs": list(specs)}
        data.pop("requested_spec", None)
        if specs:
            data["requested_spec"] = specs[0]
        found[where] = (json.dumps(data, indent=2, sort_keys=True) + "\n").encode()
    return found


def _read(root: str, path: str) -> bytes | None:
    try:
        return read_plain(os.path.join(root, path), _LARGEST)
    except (OSError, ValueError):
        return None
