"""The conda part of a lock in the forms of other tools: ``@EXPLICIT`` lists (CEP 23), ``environment.yml``
(CEP 24), ``conda-lock.yml`` and ``pixi.lock``. Values in, text out.

Wheels are in none of them but ``environment.yml``, whose list for pip the caller gives.
"""

from __future__ import annotations

from hutch.lock.environment_yml import quoted
from hutch.lock.urls import channel_without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hutch.lock.conda_model import CondaLock
    from hutch.spec import CondaRecord

__all__ = ["export_conda_environment", "export_conda_lock", "export_explicit", "export_pixi_lock"]


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
        lines += ["variables:", *(f"  {key}: {quoted(value)}" for key, value in set_)]
    if prefix is not None:
        lines.append(f"prefix: {quoted(prefix)}")
    return "\n".join(lines) + "\n"


def export_conda_lock(part: CondaLock) -> str:
    """``conda-lock.yml`` of version 1: an entry for each record and platform."""
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
    return "\n".join(lines) + "\n"


def export_pixi_lock(part: CondaLock) -> str:
    """``pixi.lock`` of version 6: an environment for the project, and one with each group."""
    wheres = sorted({where for package in part.packages for where, _ in package.reached if ":" in where})
    environments = [("default", frozenset(("project",)))]
    environments += [(where.partition(":")[2], frozenset(("project", where))) for where in wheres]
    lines = ["version: 6", "environments:"]
    for name, chosen in environments:
        lines += [f"  {quoted(name)}:", "    channels:"]
        lines += [f"    - url: {quoted(channel_without_credentials(each) + '/')}" for each in part.channels]
        lines.append("    packages:")
        for target in part.targets:
            records = sorted(part.on(target.name, chosen), key=lambda record: (record.name, _url(record)))
            lines.append(f"      {target.name}:" if records else f"      {target.name}: []")
            lines += [f"      - conda: {quoted(_url(record))}" for record in records]
    lines.append("packages:")
    for package in sorted(part.packages, key=lambda each: (each.record.name, _url(each.record))):
        record = package.record
        lines.append(f"- conda: {quoted(_url(record))}")
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
    return f"{channel_without_credentials(record.channel)}/{record.subdir}/{record.filename}"


def _text(text: str) -> str:
    return quoted(text) if text else "''"
