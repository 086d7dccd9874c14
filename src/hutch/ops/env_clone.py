"""``hutch env clone`` and ``hutch env rename``: the same environment a second time, or under another name."""

from __future__ import annotations

import os
import time

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = ["EnvCloneOptions", "EnvCloneOutcome", "EnvRenameOptions", "env_clone", "env_rename"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvCloneOptions:
    """The options of ``env clone``; ``source`` is a name or a path."""

    source: str = ""
    new: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRenameOptions:
    """The options of ``env rename``."""

    old: str = ""
    new: str = ""
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvCloneOutcome:
    """What was made of what; ``renamed`` says that the first is gone."""

    source: str
    env_name: str
    path: str
    python: str
    packages: int
    renamed: bool = False
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "name": self.env_name,
            "path": self.path,
            "python": self.python,
            "packages": self.packages,
            "renamed": self.renamed,
            "dry_run": self.dry_run,
        }


def env_clone(context: Context, options: EnvCloneOptions) -> EnvCloneOutcome:
    """Make a second environment out of the files of a first one."""
    from hutch.ops.named import check_new_name
    from hutch.ops.occasions import occasion_of

    place = _new_place(context, check_new_name(context, options.new), options.new)
    prefix = _prefix(context, options.source)
    if prefix is not None:
        return _clone_prefix(context, options, prefix, place)
    source = _source(context, options.source)
    command = occasion_of(context).command
    return _carry_out(context, source, place, command=command, dry_run=options.dry_run)


def env_rename(context: Context, options: EnvRenameOptions) -> EnvCloneOutcome:
    """Give an environment another name: complete under the new one before the old one goes."""
    from hutch.env import is_prefix, open_environment, open_prefix, settle_folder
    from hutch.ops.env_remove import refuse_in_use
    from hutch.ops.named import check_new_name, named_environment

    old = named_environment(context, options.old)
    settle_folder(os.path.dirname(old))
    place = _new_place(context, check_new_name(context, options.new, instead=options.old), options.new)
    if not options.force:
        refuse_in_use(context, (old,), "rename")
    source = open_prefix(old) if is_prefix(old) else open_environment(old)
    return _carry_out(context, source, place, renamed=True, dry_run=options.dry_run)


def _prefix(context: Context, said: str) -> str | None:
    """The conda environment that is meant, if it is one: by its name, or where it is."""
    from hutch.env import is_prefix
    from hutch.ops.env_places import names_folder

    folder = names_folder(context.configuration.data_dir)
    root = context.path(said) if os.sep in said or said.startswith(".") else os.path.join(folder, said)
    return root if is_prefix(root) else None


def _clone_prefix(context: Context, options: EnvCloneOptions, source: str, place: str) -> EnvCloneOutcome:
    """The same packages, out of the store: a prefix has its own place in many of its files."""
    from hutch.ops.conda_change import CondaCreateOptions, conda_create

    start = time.monotonic()
    made = conda_create(context, CondaCreateOptions(prefix=place, clone=source, dry_run=options.dry_run))
    links = made.change.plan.links
    python = next((link.version.partition(" ")[0] for link in links if link.name == "conda:python"), "")
    return EnvCloneOutcome(
        source=source,
        env_name=options.new,
        path=place,
        python=python,
        packages=len(links),
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _new_place(context: Context, place: str, name: str) -> str:
    from hutch.env import settle_folder
    from hutch.ops.env_create import NameIsTaken

    settle_folder(os.path.dirname(place))
    if os.path.lexists(place):
        raise NameIsTaken(name, place, can_clear=False)
    return place


def _source(context: Context, said: str) -> Environment:
    """The environment that is meant: by its name, or where it is."""
    from hutch.env import NotAnEnvironment, open_environment, recover
    from hutch.ops.named import named_environment

    path = context.path(os.path.expanduser(said))
    by_path = os.sep in said or "/" in said or said in (".", "..") or said.startswith(".")
    root = path if by_path else named_environment(context, said)
    environment = open_environment(root)
    if by_path:
        from hutch.ops.environments import came_along

        if came_along(context, root):
            raise NotAnEnvironment(root, "its Python came with it, and hutch starts no such program unasked")
    recover(environment, context.emit)
    return environment


def _carry_out(
    context: Context,
    source: Environment,
    place: str,
    *,
    command: str = "",
    renamed: bool = False,
    dry_run: bool = False,
) -> EnvCloneOutcome:
    from hutch.env import (
        CannotWrite,
        NameTaken,
        clone_environment,
        discard,
        lock_environment,
        move_prefix,
        open_prefix,
        publish,
        staged,
    )
    from hutch.env.staging import WAS
    from hutch.ops.asked import begin_anew
    from hutch.ops.conda_made import made_for_a_project, note_made
    from hutch.ops.conda_noted import forget_prefix, note_prefix
    from hutch.ops.env_create import NameIsTaken, tell_store

    start = time.monotonic()
    folder, name = os.path.split(place)
    before = os.path.basename(source.root)
    packages = len(source.installed())
    if not dry_run:
        prompt = name if source.prompt == before or not renamed else None
        try:
            with staged(folder) as stage, lock_environment(source, emit=context.emit):
                made = os.path.join(stage, name)
                if source.prefix:
                    move_prefix(open_prefix(source.root), made, place=place)
                    note_made(made, of_project=made_for_a_project(source.root))
                else:
                    clone_environment(
                        source,
                        made,
                        place=place,
                        command=command,
                        history=renamed,
                        prompt=prompt,
                    )
                if renamed:
                    _write(os.path.join(made, WAS), before)
                else:
                    begin_anew(made)
                publish(made, place)
                if renamed:
                    discard(source.root)
                    os.unlink(os.path.join(place, WAS))
        except NameTaken as error:
            raise NameIsTaken(name, place, can_clear=False) from error
        except OSError as error:
            raise CannotWrite(str(error.filename or folder), error.strerror or str(error)) from error
        tell_store(context, place)
        if source.prefix:
            note_prefix(context, place)
            forget_prefix(context, source.root)
    return EnvCloneOutcome(
        source=before if renamed else source.root,
        env_name=name,
        path=place,
        python=source.python_version,
        packages=packages,
        renamed=renamed,
        dry_run=dry_run,
        seconds=time.monotonic() - start,
    )


def _write(path: str, text: str) -> None:
    with open(path, "x", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
