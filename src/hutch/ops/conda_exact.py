"""Environments of just these packages, without a solve: a clone, an ``@EXPLICIT`` list, the lock of
conda-lock or pixi. Every file is compared with the hash that stands there."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.ops.conda_both import Choice
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord

__all__ = ["carry_over", "cloned", "exact_records", "is_exact"]

LARGEST = 64 << 20


class NotInStore(Problem):
    """A distribution of a prefix that is to be cloned is not in the store."""

    code = "not-in-store"

    def __init__(self, root: str, names: Sequence[str]) -> None:
        super().__init__(
            f"{root} cannot be cloned: {', '.join(names[:6])} did not come there by hutch",
            why="their files may have been changed since, and the store has no sound copy",
            hint=(
                "hutch conda env export writes an environment.yml of both kinds",
                "hutch env pack, and hutch env unpack -n NAME, take it along as it is",
            ),
        )


def is_exact(context: Context, name: str) -> bool:
    """Whether the file names every package by its address."""
    base = os.path.basename(name)
    if base == "pixi.lock" or base.endswith(("conda-lock.yml", "conda-lock.yaml")):
        return True
    if base.endswith((".yml", ".yaml")):
        return False
    try:
        return any(line.strip() == "@EXPLICIT" for line in _text(context, name).splitlines())
    except UsageProblem:
        return False  # whoever reads it says why it cannot be read


def exact_records(context: Context, name: str, subdir: str, *, fetched: bool) -> tuple[CondaRecord, ...]:
    """The packages that the file names for a platform. What a list does not tell of them (what they
    need) is read from the packages, if they may be ``fetched``."""
    from hutch.lock import parse_conda_lock, parse_explicit, parse_pixi_lock
    from hutch.ops.conda_addresses import filled, from_channels, with_hashes
    from hutch.ops.conda_loose import loose_lines, loose_records

    text = _text(context, name)
    base = os.path.basename(name)
    if not base.endswith((".lock", ".yml", ".yaml")):
        loose = loose_lines(text)
        records = parse_explicit("\n".join("" if line in loose else line for line in text.splitlines()), name)
        others = [one.filename for one in records if one.subdir not in (subdir, "noarch")]
        if others:
            raise UsageProblem(f"{name} is for another platform", why=f"{others[0]} is not for {subdir}")
        records = from_channels(context, records)
        if fetched:
            records = filled(context, with_hashes(context, records))
        return (*records, *loose_records(context, tuple(loose.values()), subdir))
    lock = parse_pixi_lock(text, name) if base == "pixi.lock" else parse_conda_lock(text, name)
    _refuse_wheels(name, text, base)
    target = next((each.name for each in lock.targets if each.subdir == subdir), None)
    if target is None:
        known = ", ".join(sorted({each.subdir for each in lock.targets}))
        raise UsageProblem(f"{name} has nothing for {subdir}", why=f"it is for {known or 'no platform'}")
    wheres = frozenset(("project",))
    return from_channels(context, (one.record for one in lock.packages if target in one.targets(wheres)))


def _refuse_wheels(name: str, text: str, base: str) -> None:
    """A lock with packages of an index is not installed in part."""
    from hutch.project.yaml_text import read_yaml

    data = read_yaml(text, lines=False).value  # it was read before, so it can be
    rows = data.get("packages" if base == "pixi.lock" else "package") if isinstance(data, dict) else None
    tables = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if any(row.get("manager") == "pip" or "pypi" in row or row.get("kind") == "pypi" for row in tables):
        raise UsageProblem(
            f"{name} has packages of an index, too",
            why="an environment with a name would lack them",
            hint="in its directory, hutch sync installs both kinds",
        )


def _text(context: Context, name: str) -> str:
    from hutch.plain import read_plain

    try:
        return read_plain(context.path(name), LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageProblem(f"{name} cannot be read", why=why) from None


def cloned(context: Context, root: str, records: Sequence[CondaRecord]) -> Choice:
    """The same packages of both kinds, out of the store: files of the prefix may have been changed."""
    from hutch.env import Wanted, open_prefix, read_history
    from hutch.ops.asked import read_asked
    from hutch.ops.conda_both import Choice
    from hutch.ops.resolve import Root
    from hutch.spec import parse_requirement

    installed = {
        str(name): one for name, one in open_prefix(root).installed().items() if not name.startswith("conda:")
    }
    if not installed:
        return Choice(records=tuple(records))
    history = read_history(root)
    known = {one.name: one.sha256 for one in history[-1].packages} if history else {}
    extra, wheels, lost = {}, [], []
    for name, one in installed.items():
        sha256 = known.get(name, "")
        stored = context.store.wheels.find(sha256, check=True) if sha256 else None
        if stored is None or stored.manifest.version != one.version:
            lost.append(name)
            continue
        extra[name] = stored
        wheels.append(
            Wanted(name=name, version=one.version, direct_url=one.direct_url, requested=one.requested)
        )
    if lost:
        raise NotInStore(root, lost)
    asked = read_asked(root)
    roots = tuple(
        Root(requirement=parse_requirement(line))
        for line in (asked.requirements if asked is not None else ())
    )
    return Choice(records=tuple(records), wheels=tuple(wheels), how={"extra": extra}, roots=roots)


def carry_over(source: str, root: str, names: Sequence[str] = ("pinned", "state")) -> None:
    """What the user has given the one prefix, pins and variables, goes to the other. Raises `CannotWrite`."""
    from hutch.env import CannotWrite
    from hutch.plain import read_plain

    for name in names:
        place = os.path.join(source, "conda-meta", name)
        try:
            content = read_plain(place, LARGEST)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise CannotWrite(os.path.join(root, "conda-meta", name), f"{place}: {why}") from error
        path = os.path.join(root, "conda-meta", name)
        try:
            with open(path, "wb") as file:
                file.write(content)
        except OSError as error:
            raise CannotWrite(path, error.strerror or str(error)) from error
