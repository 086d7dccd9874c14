"""``hutch env remove``: delete environments that hutch made, by name, of this project, or left behind."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem, some_lines
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["EnvRemoveOptions", "EnvRemoveOutcome", "EnvironmentInUse", "env_remove", "refuse_in_use"]

SHOWN = 3
PATIENCE = 30.0
"""Seconds to wait for a command that changes what is to be removed."""


class EnvironmentInUse(Problem):
    """An environment that was to go is the active one, or programs run out of it."""

    code = "environment-in-use"

    def __init__(self, name: str, users: tuple[str, ...], verb: str, *, active: bool) -> None:
        first = ("it is active in this shell",) if active else ()
        hint = f"deactivate, and {verb} it then" if active else "end them first"
        super().__init__(
            f"{name} is in use",
            why=(*first, *some_lines(users, SHOWN)),
            hint=(hint, f"--force to {verb} it now"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRemoveOptions:
    """The options of ``env remove``."""

    names: tuple[str, ...] = ()
    orphans: bool = False
    force: bool = False
    yes: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRemoveOutcome:
    """(name, path, bytes) of each that went, or would."""

    removed: tuple[tuple[str, str, int], ...] = ()
    dry_run: bool = False

    @property
    def bytes(self) -> int:
        """What the disk has free now; files that others link to do not count."""
        return sum(size for _, _, size in self.removed)

    def to_json(self) -> dict[str, Any]:
        rows = [{"name": name, "path": path, "bytes": size} for name, path, size in self.removed]
        return {"removed": rows, "bytes": self.bytes, "dry_run": self.dry_run}


def env_remove(
    context: Context,
    options: EnvRemoveOptions,
    agrees: Callable[[EnvRemoveOutcome], bool] | None = None,
) -> EnvRemoveOutcome:
    """Delete them: all, or none where one of the names is wrong. ``agrees`` is asked before anything goes."""
    from hutch.env import CannotWrite, discard, settle_folder
    from hutch.env.locking import hold_lock
    from hutch.ops.conda_noted import forget_prefix
    from hutch.ops.env_list import own_size
    from hutch.ops.env_places import names_folder

    folder = names_folder(context.configuration.data_dir)
    settle_folder(folder)
    wanted = dict.fromkeys(_wanted(context, options))
    if not options.force:
        for _, path in wanted:
            _refuse_frozen(context, path)
        refuse_in_use(context, (path for _, path in wanted), "remove")
    planned = EnvRemoveOutcome(
        removed=tuple((name, path, own_size(path)) for name, path in wanted), dry_run=options.dry_run
    )
    if options.dry_run or not wanted:
        return planned
    if agrees is not None and not options.yes and not agrees(planned):
        return EnvRemoveOutcome()
    for _, path in wanted:
        try:
            # Who changes it now comes to an end first.
            with hold_lock(path, emit=context.emit, timeout=PATIENCE):
                discard(path)
            _tidy(context, path)
            forget_prefix(context, path)
        except OSError as error:
            raise CannotWrite(str(error.filename or path), error.strerror or str(error)) from error
    return planned


def _refuse_frozen(context: Context, path: str) -> None:
    from hutch.ops.conda_frozen import FrozenEnvironment, refuse_frozen

    try:
        refuse_frozen(context, path)
    except FrozenEnvironment as problem:
        problem.hints = ("--force to remove it all the same",)
        raise


def _wanted(context: Context, options: EnvRemoveOptions) -> Iterable[tuple[str, str]]:
    from hutch.ops.named import named_environment

    if not (options.names or options.orphans or context.env):
        raise UsageProblem(
            "there is nothing to remove",
            why="no environment was named",
            hint="hutch env remove NAME, or --env NAME for one of this project, or --orphans",
        )
    for name in options.names:
        yield name, named_environment(context, name)
    if context.env:
        yield context.env, _of_project(context, context.env)
    if options.orphans:
        from hutch.ops.env_list import central_rows

        for row in central_rows(context):
            if row.orphan:
                yield row.env_name, row.path


def _of_project(context: Context, name: str) -> str:
    """The environment of that name of this project; only one that hutch makes by itself."""
    from hutch.ops.environments import environment_root
    from hutch.ops.named import NoSuchEnvironment, is_environment

    root = environment_root(context, context.checkout)
    if not is_environment(root):
        from hutch.ops.env_list import project_rows

        names = tuple(row.env_name for row in project_rows(context) if row.env_name)
        raise NoSuchEnvironment(name, names)
    return root


def refuse_in_use(context: Context, roots: Iterable[str], verb: str) -> None:
    """Raise ``EnvironmentInUse`` for the first of ``roots`` that somebody is in."""
    from hutch.ops.env_users import is_active, processes_in

    for root in roots:
        active = is_active(context.environ, root)
        # The shell that is in it started nothing out of it, and this command neither.
        users = tuple(f"process {number}: {words[:90]}" for number, words in processes_in(root))
        if active or users:
            raise EnvironmentInUse(os.path.basename(root), users, verb, active=active)


def _tidy(context: Context, path: str) -> None:
    """Of a project in the central place that has no environment left, nothing stays."""
    from hutch.ops.env_places import projects_folder

    folder = os.path.dirname(path)
    if os.path.dirname(folder) != projects_folder(context.configuration.data_dir):
        return
    if set(os.listdir(folder)) <= {"project.json"}:
        from hutch.trees import delete_tree

        delete_tree(folder)
