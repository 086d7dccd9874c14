"""``hutch config show``: every setting, its value, and who said so."""

from __future__ import annotations

import os

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from hutch.build import SandboxReport
    from hutch.ops.context import Context

    Row: TypeAlias = tuple[str, object, str]

__all__ = ["ConfigShowOutcome", "SandboxPart", "config_show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxPart:
    """One part of the sandbox for builds on this machine: what it keeps from whom, by which means (empty
    where it does not), and why not."""

    name: str
    means: str
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigShowOutcome:
    """(setting, value, origin) rows, values as text and as data; secrets are never in them. ``files`` are
    those that may say something, and whether they are there; ``sandbox`` is what the
    machine can do, whatever the settings say."""

    rows: tuple[tuple[str, object, str], ...]
    values: tuple[tuple[str, object, str], ...] = ()
    files: tuple[tuple[str, bool], ...] = ()
    sandbox: tuple[SandboxPart, ...] = ()

    def to_json(self) -> dict[str, Any]:
        plain = {name: (value, rung) for name, value, rung in self.values}
        return {
            "settings": [
                {
                    "name": name,
                    "value": value,
                    "data": plain.get(name, (value, ""))[0],
                    "source": plain.get(name, (value, ""))[1],
                    "origin": origin,
                }
                for name, value, origin in self.rows
            ],
            "files": [{"path": path, "exists": exists} for path, exists in self.files],
            "sandbox": [
                {"part": one.name, "means": one.means or None, "missing": one.missing or None}
                for one in self.sandbox
            ],
        }


def config_show(context: Context) -> ConfigShowOutcome:
    """The configuration that a command run here would have, and the sandbox that its builds would."""
    from hutch.build import probe_sandbox

    data = context.configuration.to_json()
    rows: tuple[Row, ...] = tuple(context.configuration.rows())
    values: tuple[Row, ...] = tuple((name, one["value"], one["source"]) for name, one in data.items())
    if context.configuration.python is None:
        rows, values = _with_pin(context, rows, values)
    return ConfigShowOutcome(
        rows=rows,
        values=values,
        files=tuple((path, os.path.isfile(path)) for path in _files(context)),
        sandbox=_parts(probe_sandbox()),
    )


def _with_pin(
    context: Context, rows: tuple[Row, ...], values: tuple[Row, ...]
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The same, with the Python that a file pins: no setting says one."""
    from hutch.interpreters import global_pins, nearest_pin
    from hutch.ops.searching import search_options

    search = search_options(context)
    pin = nearest_pin(search.directory) or next(global_pins(search.global_pin, search.pyenv_root), None)
    if pin is None:
        return rows, values
    shown = ", ".join(pin.names)
    return (
        tuple((name, shown, pin.origin) if name == "python" else (name, v, o) for name, v, o in rows),
        tuple((name, shown, "pin") if name == "python" else (name, v, o) for name, v, o in values),
    )


def _files(context: Context) -> tuple[str, ...]:
    manifest = (os.path.join(context.root, "pyproject.toml"),) if context.root else ()
    return tuple(dict.fromkeys((*context.configuration.files_looked_for, *manifest)))


def _parts(found: SandboxReport) -> tuple[SandboxPart, ...]:
    missing = "; ".join((*found.missing, *((found.failed,) if found.failed else ())))
    files = {
        "landlock": f"Landlock, version {found.landlock}",
        "mounts": "a namespace in which everything else is read-only",
    }
    network = {
        "namespace": "a network namespace of its own",
        "seccomp": "seccomp: no sockets but local ones",
        "landlock": f"Landlock, version {found.landlock}: TCP alone",
    }
    hidden = "homes, temporary directories and sockets of others are covered" if found.mounts else ""
    processes = "a process namespace, which ends with the build" if found.processes else ""
    return tuple(
        SandboxPart(name=name, means=means, missing="" if means else missing or "nothing here can do it")
        for name, means in (
            ("files", files.get(found.files, "")),
            ("network", network.get(found.network, "")),
            ("hidden", hidden),
            ("processes", processes),
        )
    )
