"""What was asked of an environment: requirements of one that has a name, groups and extras of a project's.

Kept in `.hutch/asked`, beside the environment's history, and read as what a stranger may have written: it may
come with a checkout.
"""

from __future__ import annotations

import os

from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from hutch.env import Installed
    from hutch.ops.resolve import Root

__all__ = ["Asked", "add_requirements", "limits", "read_asked", "still_asked", "write_asked"]

NAME = os.path.join(".hutch", "asked")
FORMAT = 1
LARGEST = 256 * 1024
LISTS = ("group", "no_group", "only_group", "extra", "package")
SWITCHES = ("all_groups", "dev", "only_dev", "all_extras", "all_packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``requirements`` as they were typed, ``python`` as it was asked for (a version, never a path).

    ``selection`` are options of ``sync`` by field, where any was given.
    """

    requirements: tuple[str, ...] = ()
    python: str | None = None
    selection: tuple[tuple[str, object], ...] = ()


def read_asked(root: str) -> Asked | None:
    """What was asked of the environment at ``root``; None where nobody has written that down."""
    import json

    from hutch.plain import read_plain

    try:
        value = json.loads(read_plain(os.path.join(root, NAME), LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    match value:
        case {
            "format": 1,
            "requirements": list(lines),
            "python": str() | None as python,
            "selection": dict() as said,
        }:
            return Asked(
                requirements=tuple(line for line in lines if isinstance(line, str)),
                python=python if python and _is_version(python) else None,
                selection=tuple(_options(said)),
            )
    return None


def _options(said: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name in LISTS:
        value = said.get(name)
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            yield name, tuple(value)
    for name in SWITCHES:
        if isinstance(said.get(name), bool):
            yield name, said[name]


def _is_version(text: str) -> bool:
    """Whether it asks for a Python by what it is, and names no program."""
    return len(text) < 80 and not any(each in text for each in "/\\~") and text[:1] != "."


def write_asked(root: str, asked: Asked) -> None:
    """Write it down, in one step. Raises OSError."""
    import json

    value = {
        "format": FORMAT,
        "requirements": asked.requirements,
        "python": asked.python,
        "selection": dict(asked.selection),
    }
    path = os.path.join(root, NAME)
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "x", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    try:
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def add_requirements(root: str, roots: Iterable[Root]) -> None:
    """Remember what was asked for now, in the place of what was asked of the same packages before.

    Only where somebody has begun to: other environments are none of hutch's own.
    """
    from hutch.config.values import redacted

    asked = read_asked(root)
    if asked is None:
        return
    new = {
        str(one.requirement.name): redacted(one.requirement.render()) for one in roots if not one.constraint
    }
    lines = {_name(line): line for line in asked.requirements}
    lines.update(new)
    try:
        write_asked(root, replace(asked, requirements=tuple(lines[name] for name in sorted(lines))))
    except OSError:
        pass  # a read-only place: it is installed all the same


def still_asked(asked: Asked, installed: Mapping[Any, Installed]) -> tuple[str, ...]:
    """The requirements of what is still there."""
    names = {str(name) for name in installed}
    return tuple(line for line in asked.requirements if _name(line) in names)


def limits(root: str, installed: Mapping[Any, Installed], asked_now: Iterable[str]) -> tuple[Root, ...]:
    """What was asked for earlier, as limits of what is chosen now: nobody has taken it back."""
    asked = read_asked(root)
    if asked is None:
        return ()
    from hutch.errors import Problem
    from hutch.ops.resolve import Root
    from hutch.spec import parse_requirement

    now = set(asked_now)
    found = []
    for line in still_asked(asked, installed):
        try:
            requirement = parse_requirement(line)
        except Problem:
            continue
        if requirement.specifiers and requirement.url is None and str(requirement.name) not in now:
            plain = replace(requirement, extras=())
            found.append(Root(requirement=plain, constraint=True, asker="this environment"))
    return tuple(found)


def _name(line: str) -> str:
    from hutch.errors import Problem
    from hutch.spec import parse_requirement

    try:
        return str(parse_requirement(line).name)
    except Problem:
        return line
