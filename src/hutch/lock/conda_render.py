"""The text of a lock's conda part: ``[tool.hutch.conda]`` and a block for each record.

The layout is part of the format (``docs/explanation/lock.md``): one record a block, one dependency a line,
everything sorted, nothing in it that changes without cause.
"""

from __future__ import annotations

from hutch.lock.conda_model import (
    CondaEdge,
    CondaEnvironment,
    CondaLock,
    CondaRoot,
    CondaTarget,
    CondaWorld,
    LockedConda,
)
from hutch.lock.toml import inline, quote, string_lines, strings, toml_key
from hutch.lock.urls import channel_without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["conda_order", "conda_text", "root_order"]


def conda_text(part: CondaLock) -> str:
    """The tables of the conda part."""
    lines = ["\n[tool.hutch.conda]\n"]
    if part.channels:
        lines.append(string_lines("channels", map(channel_without_credentials, part.channels)))
    if part.worlds:
        lines.append("worlds = [\n")
        lines += (f"  {_world(each)},\n" for each in sorted(part.worlds, key=lambda world: world.name))
        lines.append("]\n")
    if part.environments:
        lines.append("environments = [\n")
        lines += (
            f"  {_environment(each)},\n" for each in sorted(part.environments, key=lambda each: each.name)
        )
        lines.append("]\n")
    if part.targets:
        lines.append("targets = [\n")
        lines += (f"  {_target(each)},\n" for each in sorted(part.targets, key=lambda target: target.name))
        lines.append("]\n")
    if part.roots:
        lines.append("roots = [\n")
        lines += (f"  {_root(each)},\n" for each in sorted(part.roots, key=root_order))
        lines.append("]\n")
    if part.wheels:
        lines.append("wheels = [\n")
        lines += (f"  {inline((('conda', conda), ('name', name)))},\n" for conda, name in sorted(part.wheels))
        lines.append("]\n")
    if part.edges:
        lines.append("edges = [\n")
        lines += (f"  {_edge(each)},\n" for each in sorted(part.edges, key=_edge_order))
        lines.append("]\n")
    lines += (_package(each) for each in sorted(part.packages, key=conda_order))
    return "".join(lines)


def conda_order(package: LockedConda) -> tuple[str, ...]:
    """Sorts records: by name, subdir, version and build, and then by where they come from."""
    record = package.record
    return (record.name, record.subdir, record.version, record.build, record.channel, record.filename)


def root_order(root: CondaRoot) -> tuple[Any, ...]:
    """Sorts what the project asks for."""
    return (root.spec, root.where, root.targets)


def _target(target: CondaTarget) -> str:
    virtual = ["=".join(each) for each in sorted(target.virtual)]
    pairs: list[tuple[str, Any]] = [("name", target.name)]
    if target.subdir != target.name:
        pairs.append(("subdir", target.subdir))
    if target.world:
        pairs.append(("world", target.world))
    if target.python:
        pairs.append(("python", target.python))
    if virtual:
        pairs.append(("virtual", virtual))
    return inline(pairs)


def _world(world: CondaWorld) -> str:
    pairs: list[tuple[str, Any]] = [("name", world.name), ("has", sorted(world.wheres))]
    if world.channels:
        pairs.append(("channels", [channel_without_credentials(each) for each in world.channels]))
    return inline(pairs)


def _environment(each: CondaEnvironment) -> str:
    pairs = [("name", each.name), ("world", each.world), ("has", sorted(each.wheres))]
    return inline([*pairs, *([("group", each.group)] if each.group else [])])


def _root(root: CondaRoot) -> str:
    pairs: list[tuple[str, Any]] = [("spec", root.spec)]
    if root.where != "project":
        pairs.append(("where", root.where))
    if root.targets:
        pairs.append(("targets", sorted(root.targets)))
    return inline(pairs)


def _edge(edge: CondaEdge) -> str:
    keys = ("where", "wheel", "version", "conda", "extra", "asks")
    pairs = [(key, getattr(edge, key)) for key in (keys if not edge.extra else ("conda", "extra", "wheel"))]
    return inline([(key, value) for key, value in pairs if value])


def _edge_order(edge: CondaEdge) -> tuple[str, ...]:
    return (edge.where, edge.wheel, edge.version or "", edge.conda, edge.extra, edge.asks)


def _package(package: LockedConda) -> str:
    record = package.record
    lines = ["\n[[tool.hutch.conda.packages]]\n"]
    for key, value in (
        ("name", record.name),
        ("version", record.version),
        ("build", record.build),
        ("build-number", record.build_number or None),
        ("channel", channel_without_credentials(record.channel)),
        ("subdir", record.subdir),
        ("file", record.filename),
        ("base", record.base or None),
        ("sha256", record.sha256 or None),
        ("md5", record.md5 or None),
        ("size", record.size),
        ("timestamp", record.timestamp or None),
        ("noarch", record.noarch or None),
        ("site-packages", record.site_packages or None),
    ):
        if value is not None:
            lines.append(f"{key} = {quote(value) if isinstance(value, str) else value}\n")
    if record.track_features:
        lines.append(f"track-features = {strings(record.track_features)}\n")
    if record.purls is not None:
        lines.append(f"purls = {strings(record.purls)}\n")
    for key, specs in (("depends", record.depends), ("constrains", record.constrains)):
        if specs:
            lines.append(string_lines(key, specs))
    if record.extra_depends:
        extras = ", ".join(f"{toml_key(name)} = {strings(specs)}" for name, specs in record.extra_depends)
        lines.append(f"extra-depends = {{ {extras} }}\n")
    reached = dict(package.reached)
    if set(reached) <= {"project"}:
        lines.append(f"targets = {strings(sorted(reached.get('project', ())))}\n")
    else:
        said = (f"{toml_key(where)} = {strings(sorted(names))}" for where, names in sorted(reached.items()))
        lines.append(f"targets = {{ {', '.join(said)} }}\n")
    return "".join(lines)
