"""The conda part of a lock in the forms of other tools: ``@EXPLICIT`` lists (CEP 23), ``environment.yml``
(CEP 24), ``conda-lock.yml`` and ``pixi.lock``. Values in, text out.

Which wheel is for which platform the caller says; of ``environment.yml`` it gives the list for pip.
"""

from __future__ import annotations

from hutch.lock.environment_yml import quoted
from hutch.lock.urls import channel_without_credentials
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hutch.lock.conda_model import CondaLock, Reached
    from hutch.spec import CondaRecord

__all__ = [
    "ExportedWheel",
    "export_conda_environment",
    "export_conda_lock",
    "export_explicit",
    "export_pixi_lock",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedWheel:
    """What of an index is installed on some platforms: a file (``place`` is its address), a commit or a
    directory. ``needs`` are requirements."""

    name: str
    version: str
    place: str
    sha256: str = ""
    requires_python: str = ""
    needs: tuple[str, ...] = ()
    reached: Reached = ()


def export_explicit(records: Iterable[CondaRecord], subdir: str, *, digest: str = "md5") -> str:
    """An ``@EXPLICIT`` list: an address a line, with its ``md5`` (as conda writes it), its ``sha256``, or
    neither; in the order that is given, which is that of installing."""
    lines = [
        "# This file may be used to create an environment using:",
        "# $ conda create --name <env> --file <this file>",
    ]
    lines += [f"# platform: {subdir}", "@EXPLICIT"]
    for record in records:
        mark = ""
        if digest == "sha256" and record.sha256:
            mark = f"#sha256:{record.sha256}"
        elif digest == "md5" and record.md5:
            mark = f"#{record.md5}"
        lines.append(f"{_url(record)}{mark}")
    return "\n".join(lines) + "\n"


def export_conda_environment(
    name: str,
    channels: Iterable[str],
    packages: Iterable[CondaRecord | str],
    *,
    builds: bool = True,
    pip: Iterable[str] = (),
    variables: Iterable[tuple[str, str]] = (),
    prefix: str | None = None,
) -> str:
    """An ``environment.yml``: of records their exact version, with the build unless not wanted; of texts
    (``--from-history``) what they say."""
    lines = [f"name: {quoted(name)}", "channels:"]
    lines += [f"  - {quoted(channel_without_credentials(channel))}" for channel in channels]
    lines.append("dependencies:")
    for each in packages:
        if isinstance(each, str):
            lines.append(f"  - {quoted(each)}")
        else:
            words = f"{each.name}={each.version}" + (f"={each.build}" if builds else "")
            lines.append(f"  - {quoted(words)}")
    asked = list(pip)
    if asked:
        lines += ["  - pip:", *(f"      - {quoted(line)}" for line in asked)]
    set_ = list(variables)
    if set_:
        lines += ["variables:", *(f"  {quoted(key)}: {quoted(value)}" for key, value in set_)]
    if prefix is not None:
        lines.append(f"prefix: {quoted(prefix)}")
    return "\n".join(lines) + "\n"


def export_conda_lock(part: CondaLock, wheels: Iterable[ExportedWheel] = ()) -> str:
    """``conda-lock.yml`` of version 1: an entry for each record, or wheel, and platform."""
    from hutch.spec import short_sha256

    asked = repr(sorted((root.spec, root.where, root.targets) for root in part.roots))
    digest = short_sha256(f"{part.channels}{asked}".encode())
    lines = ["version: 1", "metadata:", "  content_hash:"]
    lines += [f"    {target.name}: {quoted(digest)}" for target in part.targets]
    lines.append("  channels:")
    for channel in part.channels:
        lines += [f"  - url: {quoted(channel_without_credentials(channel))}", "    used_env_vars: []"]
    lines += ["  platforms:", *(f"  - {target.name}" for target in part.targets), "  sources: []", "package:"]
    for record, platform, category in _entries(part):
        lines += [
            f"- name: {quoted(record.name)}",
            f"  version: '{record.version}'",
            "  manager: conda",
            f"  platform: {platform}",
        ]
        needs = [spec.partition(" ") for spec in record.depends if not spec.startswith("__")]
        if needs:
            lines.append("  dependencies:")
            lines += [
                f"    {quoted(name)}: {_text(rest)}"
                for name, rest in sorted({n: r for n, _, r in needs}.items())
            ]
        else:
            lines.append("  dependencies: {}")
        lines += [f"  url: {quoted(_url(record))}", "  hash:"]
        lines += [f"    {key}: {quoted(value)}" for key, value in _hashes(record)]
        lines += [
            f"  category: {quoted(category)}",
            f"  optional: {'false' if category == 'main' else 'true'}",
        ]
    for wheel in sorted(wheels, key=lambda each: (each.name, each.place)):
        for where, platforms in wheel.reached:
            for platform in platforms:
                lines += _pip_entry(wheel, platform, where.partition(":")[2] or "main")
    return "\n".join(lines) + "\n"


def _pip_entry(wheel: ExportedWheel, platform: str, category: str) -> list[str]:
    lines = [
        f"- name: {quoted(wheel.name)}",
        f"  version: '{wheel.version}'",
        "  manager: pip",
        f"  platform: {platform}",
    ]
    needs = {need.partition(" ")[0]: need.partition(" ")[2] for need in wheel.needs}
    lines.append("  dependencies:" if needs else "  dependencies: {}")
    lines += [f"    {quoted(name)}: {_text(rest)}" for name, rest in sorted(needs.items())]
    lines += [f"  url: {quoted(wheel.place)}", "  hash:" if wheel.sha256 else "  hash: {}"]
    lines += [f"    sha256: {quoted(wheel.sha256)}"] if wheel.sha256 else []
    optional = "false" if category == "main" else "true"
    return [*lines, f"  category: {quoted(category)}", f"  optional: {optional}"]


def export_pixi_lock(
    part: CondaLock, wheels: Iterable[ExportedWheel] = (), *, indexes: Iterable[str] = ()
) -> str:
    """``pixi.lock`` of version 6: the environments that the part notes; without such, one for the project,
    and one with each group. Wheels of a noted environment are reached from ``environment:NAME``."""
    found = sorted(wheels, key=lambda each: (each.name, each.place))
    asked = [f"    - {quoted(index)}" for index in indexes] if found else []
    every = (*(package.reached for package in part.packages), *(wheel.reached for wheel in found))
    wheres = sorted({where for reached in every for where, _ in reached if ":" in where})
    environments = [("default", frozenset(("project",)), "", part.channels)]
    environments += [
        (where.partition(":")[2], frozenset(("project", where)), "", part.channels) for where in wheres
    ]
    if part.worlds:
        environments = []
        for noted in sorted(part.environments, key=lambda each: (each.name != "default", each.name)):
            world = part.world(noted.world)
            channels = world.channels if world is not None and world.channels else part.channels
            chosen = frozenset((*noted.wheres, f"environment:{noted.name}"))
            environments.append((noted.name.rpartition(":")[2], chosen, noted.world, channels))
    lines = ["version: 6", "environments:"]
    for name, chosen, of, channels in environments:
        lines += [f"  {quoted(name)}:", "    channels:"]
        lines += [f"    - url: {quoted(channel_without_credentials(each) + '/')}" for each in channels]
        lines += ["    indexes:", *asked] if asked else []
        lines.append("    packages:")
        for target in part.targets:
            if target.world != of:
                continue
            records = sorted(part.on(target.name, chosen), key=lambda record: (record.name, _url(record)))
            plain = target.name.removeprefix(f"{of}.")
            here = [
                wheel
                for wheel in found
                if any(where in chosen and target.name in names for where, names in wheel.reached)
            ]
            lines.append(f"      {plain}:" if records or here else f"      {plain}: []")
            lines += [f"      - conda: {quoted(_url(record))}" for record in records]
            lines += [f"      - pypi: {quoted(wheel.place)}" for wheel in here]
    lines.append("packages:")
    for package in sorted(part.packages, key=lambda each: (each.record.name, _url(each.record))):
        record = package.record
        lines.append(f"- conda: {quoted(_url(record))}")
        if record.channel.startswith("file://"):  # rattler takes these apart no further
            lines.append(f"  subdir: {quoted(record.subdir)}")
        lines += [f"  {key}: {quoted(value)}" for key, value in reversed(list(_hashes(record)))]
        for key, specs in (("depends", record.depends), ("constrains", record.constrains)):
            if specs:
                lines += [f"  {key}:", *(f"  - {quoted(spec)}" for spec in specs)]
        if record.purls is not None:
            lines += (
                ["  purls:", *(f"  - {quoted(each)}" for each in record.purls)]
                if record.purls
                else ["  purls: []"]
            )
        lines += [f"  {key}: {n}" for key, n in (("size", record.size), ("timestamp", record.timestamp)) if n]
    for wheel in found:
        lines += [f"- pypi: {quoted(wheel.place)}", f"  name: {quoted(wheel.name)}"]
        lines += [f"  version: {quoted(wheel.version)}"] if wheel.version else []
        lines += [f"  sha256: {quoted(wheel.sha256)}"] if wheel.sha256 else []
        lines += ["  requires_dist:", *(f"  - {quoted(need)}" for need in wheel.needs)] if wheel.needs else []
        if wheel.requires_python:
            lines.append(f"  requires_python: {quoted(wheel.requires_python)}")
    return "\n".join(lines) + "\n"


def _entries(part: CondaLock) -> Iterator[tuple[CondaRecord, str, str]]:
    """Each record on each platform, with the category by which it is there."""
    found = []
    for package in part.packages:
        for where, targets in package.reached:
            category = where.partition(":")[2] or "main"
            found += [(package.record, target, category) for target in targets]
    return iter(sorted(found, key=lambda each: (each[0].name, each[1], each[2], each[0].label)))


def _hashes(record: CondaRecord) -> Iterator[tuple[str, str]]:
    if record.md5:
        yield "md5", record.md5
    if record.sha256:
        yield "sha256", record.sha256


def _url(record: CondaRecord) -> str:
    if record.base:
        return record.url
    return f"{channel_without_credentials(record.channel)}/{record.subdir}/{record.filename}"


def _text(text: str) -> str:
    return quoted(text) if text else "''"
