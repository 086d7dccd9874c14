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
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.ops.resolve import Root

__all__ = [
    "Asked",
    "LISTS",
    "SWITCHES",
    "add_requirements",
    "begin_anew",
    "forget_requirements",
    "go_back",
    "limits",
    "read_asked",
    "still_asked",
    "typed_python",
    "write_asked",
]

NAME = os.path.join(".hutch", "asked")
FORMAT = 1
LARGEST = 256 * 1024
MOST = 50
"""Generations of which it is known what was asked for."""
LISTS = ("group", "no_group", "only_group", "extra", "package")
SWITCHES = ("all_groups", "dev", "only_dev", "all_extras", "all_packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``requirements`` as they were typed, ``python`` as it was asked for (a version, never a path).

    ``selection`` are options of ``sync`` by field, where any was given. ``earlier`` are (generation, the
    requirements since then), the last of them those of now.
    """

    requirements: tuple[str, ...] = ()
    python: str | None = None
    selection: tuple[tuple[str, object], ...] = ()
    earlier: tuple[tuple[int, tuple[str, ...]], ...] = ()


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
            "earlier": list(earlier),
        }:
            return Asked(
                requirements=tuple(line for line in lines if isinstance(line, str)),
                python=python if python and _is_version(python) else None,
                selection=tuple(_options(said)),
                earlier=tuple(_generations(earlier)),
            )
    return None


def _generations(rows: Iterable[object]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for row in rows:
        match row:
            case [int(number), list(lines)] if all(isinstance(line, str) for line in lines):
                yield number, tuple(lines)


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
        "earlier": asked.earlier[-MOST:],
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


def typed_python(context: Context, interpreter: Interpreter) -> str | None:
    """The Python as it was asked for, by what it is: of a path the minor version that is there.

    The patch release may change behind a path, and the environment follows it.
    """
    asked = context.configuration.python
    if asked is None or not context.configuration.is_chosen("python"):
        return None
    if any(each in asked for each in "/\\~") or asked[:1] == ".":
        minor = ".".join(map(str, interpreter.python)) + ("t" if interpreter.free_threaded else "")
        return f"{interpreter.implementation}@{minor}"
    return asked


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
    _write_now(root, asked, tuple(lines[name] for name in sorted(lines)))


def forget_requirements(root: str, names: Iterable[str]) -> None:
    """Nobody asks for these any more."""
    asked = read_asked(root)
    gone = set(names)
    if asked is not None and any(_name(line) in gone for line in asked.requirements):
        _write_now(root, asked, tuple(line for line in asked.requirements if _name(line) not in gone))


def begin_anew(root: str) -> None:
    """What was asked for is what the first generation has: of an environment that was cloned."""
    asked = read_asked(root)
    if asked is not None:
        write_asked(root, replace(asked, earlier=((1, asked.requirements),)))


def go_back(root: str, generation: int) -> None:
    """What was asked for is what it was in that generation again."""
    asked = read_asked(root)
    if asked is None:
        return
    known = [lines for number, lines in asked.earlier if number <= generation]
    if known:
        _write_now(root, asked, known[-1])


def _write_now(root: str, asked: Asked, requirements: tuple[str, ...]) -> None:
    from hutch.env import read_history

    history = read_history(root)
    number = history[-1].number if history else 0
    earlier = tuple(row for row in asked.earlier if row[0] < number)
    now = replace(asked, requirements=requirements, earlier=(*earlier, (number, requirements)))
    if now == asked:
        return
    try:
        write_asked(root, now)
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
