"""``hutch env list``: the environments with names, those of this project, and with ``--all`` everybody's.

Nothing is started: the Python of an environment is what its `pyvenv.cfg` says, and it is called broken where
the interpreter is gone.
"""

from __future__ import annotations

import os
import stat

from hutch.ops.env_places import VENV, central_place, env_of, names_folder, projects_folder
from hutch.ops.env_rows import describe
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.env_rows import EnvRow

__all__ = [
    "EnvListOptions", "EnvListOutcome", "central_rows", "env_list", "own_size", "project_rows",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvListOptions:
    """The options of ``env list``."""

    all: bool = False
    size: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvListOutcome:
    """The environments, kind by kind; ``hidden`` is how many ``--all`` would show besides."""

    rows: tuple[EnvRow, ...]
    sizes: bool = False
    folder: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"environments": [row.to_json() for row in self.rows]}


def env_list(context: Context, options: EnvListOptions) -> EnvListOutcome:
    """All environments that hutch has made and knows of; with ``all`` those of pyenv and conda, too."""
    from hutch.ops.env_users import is_active

    folder = names_folder(context.configuration.data_dir)
    rows = [*named_rows(context), *project_rows(context)]
    if options.all:
        here = {row.path for row in rows}
        rows += [row for row in central_rows(context) if row.path not in here]
        from hutch.ops.env_others import conda_rows, pyenv_rows

        rows += [*pyenv_rows(context), *conda_rows(context)]
    rows = [replace(row, active=is_active(context.environ, row.path)) for row in rows]
    active = context.environ.get("VIRTUAL_ENV")
    if active and not any(row.active for row in rows) and os.path.isdir(active):
        rows.append(replace(describe(active, os.path.basename(active), "active"), active=True))
    if options.size:
        rows = [replace(row, size=own_size(row.path)) for row in rows]
    return EnvListOutcome(rows=tuple(rows), sizes=options.size, folder=folder)


def named_rows(context: Context) -> Iterator[EnvRow]:
    """The environments with names."""
    from hutch.env import settle_folder
    from hutch.ops.named import named_environments

    folder = names_folder(context.configuration.data_dir)
    settle_folder(folder)
    for name in named_environments(context):
        yield describe(os.path.join(folder, name), name, "named")


def project_rows(context: Context) -> Iterator[EnvRow]:
    """The environments of the project around here, the first first; none where there is no project."""
    from hutch.errors import Problem
    from hutch.ops.environments import first_environment

    if context.root is None:
        return
    try:
        home = context.checkout.home
        firsts = [first_environment(context, context.checkout)]
    except Problem:
        return
    # One that was made before a setting said otherwise is the project's as well.
    firsts += [os.path.join(home, VENV), central_place(context.configuration.data_dir, home)]
    for first in dict.fromkeys(firsts):
        for path in _beside(first):
            row = describe(path, env_of(first, path) or "", "project", project=home)
            yield row if first == firsts[0] else replace(row, passed_over=True)


def _beside(first: str) -> Iterator[str]:
    from hutch.env import is_prefix

    folder, name = os.path.split(first)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for each in names:
        path = os.path.join(folder, each)
        if each != name and not each.startswith(f"{name}-"):
            continue
        if os.path.lexists(os.path.join(path, "pyvenv.cfg")) or is_prefix(path):
            yield path


def central_rows(context: Context) -> Iterator[EnvRow]:
    """All environments in the central place, with whose they are."""
    from hutch.ops.env_owners import read_owner

    folder = projects_folder(context.configuration.data_dir)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        place = os.path.join(folder, name)
        owner = read_owner(place)
        for path in _environments_in(place):
            orphan = owner is None or not os.path.isdir(owner)
            called = os.path.basename(path)
            yield describe(path, called, "central", project=owner or "", orphan=orphan)


def _environments_in(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if os.path.lexists(os.path.join(path, "pyvenv.cfg")) and not os.path.islink(path):
            yield path


def own_size(path: str) -> int:
    """The bytes that the disk would have free without it: files that others have links to do not count."""
    total = 0
    inside: dict[tuple[int, int], tuple[int, int, int]] = {}
    waiting = [path]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(found.st_mode):
                        waiting.append(entry.path)
                    elif found.st_nlink <= 1:
                        total += _on_disk(found)
                    else:
                        key = (found.st_dev, found.st_ino)
                        seen = inside.get(key, (0, 0, 0))[0]
                        inside[key] = (seen + 1, found.st_nlink, _on_disk(found))
        except OSError:
            continue
    return total + sum(size for seen, links, size in inside.values() if seen >= links)


def _on_disk(found: os.stat_result) -> int:
    return getattr(found, "st_blocks", 0) * 512 or found.st_size
