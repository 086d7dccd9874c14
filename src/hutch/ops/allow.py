"""``hutch allow`` and ``hutch deny``: what the user says of a project, for `hutch.ops.trust` to keep."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = [
    "AllowOptions",
    "AllowOutcome",
    "CannotKeepTrust",
    "DenyOptions",
    "NothingToTrust",
    "allow",
    "deny",
    "project_around",
]


class NothingToTrust(Problem):
    """There is neither an environment nor a project."""

    code = "nothing-to-trust"

    def __init__(self, directory: str) -> None:
        super().__init__(
            f"there is neither a project nor a .venv in {directory}",
            hint="hutch allow PATH names another directory",
        )


class CannotKeepTrust(Problem):
    """The answer cannot be written down."""

    code = "cannot-keep-trust"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"cannot remember it in {path}", why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowOptions:
    """The options of ``allow``."""

    path: str | None = None
    list: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyOptions:
    """The options of ``deny``."""

    path: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowOutcome:
    """What is said of a project now.

    ``environment`` is its environment, or what leads to it, if there is one; ``central`` the one that it has
    in the central place, which nothing in the project may lead to; ``env_files`` are loaded on entering, each
    with the names that it sets and those that it may not set.
    """

    project: str
    allowed: bool
    before: str
    environment: str | None = None
    central: str | None = None
    scripts: tuple[str, ...] = ()
    """Those of ``env_files`` that are run: scripts of the project's activation."""
    env_files: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    dry_run: bool = False
    projects: tuple[tuple[str, str], ...] | None = None
    """(project, verdict) of all that was ever said: allowed, denied, lapsed, gone."""

    def to_json(self) -> dict[str, Any]:
        if self.projects is not None:
            return {"projects": [{"path": path, "trust": said} for path, said in self.projects]}
        return {
            "project": self.project,
            "allowed": self.allowed,
            "before": self.before,
            "environment": self.environment,
            "env_files": [
                {
                    "file": file,
                    "sets": list(names),
                    "refused": list(refused),
                    **({"script": True} if file in self.scripts else {}),
                }
                for file, names, refused in self.env_files
            ],
            "dry_run": self.dry_run,
        }


def allow(context: Context, options: AllowOptions) -> AllowOutcome:
    """Trust a project, with the env files as they are now; or list all that was said."""
    if options.list:
        if options.path is not None:
            raise UsageProblem("--list lists all projects", hint="leave PATH out")
        from hutch.ops.trust import every_mark

        known = tuple(every_mark(context.configuration.data_dir))
        return AllowOutcome(project="", allowed=True, before="", projects=known)
    from hutch.ops.env_files import find_env_files
    from hutch.ops.trust import (
        allow_env_files,
        allow_environment,
        forget_env_files,
        trusted_env_files,
        verdict,
    )

    root = project_around(context, options.path)
    data = context.configuration.data_dir
    before = verdict(data, root)
    files = find_env_files(root, context.environ, context.flags)
    if before == "allowed" and files is not None and trusted_env_files(data, root) != files.digest:
        before = "lapsed" if trusted_env_files(data, root) else "without env files"
    if not options.dry_run:
        try:
            allow_environment(data, root)
            if files is not None:
                allow_env_files(data, root, files.digest)
            else:
                forget_env_files(data, root)
        except OSError as error:
            raise CannotKeepTrust(os.path.join(data, "trust"), error.strerror or str(error)) from None
    return AllowOutcome(
        project=root,
        allowed=True,
        before=before,
        environment=_environment(root),
        central=_in_central_place(data, root),
        env_files=() if files is None else files.shown,
        scripts=() if files is None else files.scripts,
        dry_run=options.dry_run,
    )


def deny(context: Context, options: DenyOptions) -> AllowOutcome:
    """Trust a project no longer, and never ask."""
    from hutch.ops import trust

    data = context.configuration.data_dir
    if options.path is not None and not os.path.lexists(context.path(options.path)):
        root = os.path.realpath(context.path(options.path))  # gone, and to be forgotten
    else:
        root = project_around(context, options.path)
    before = trust.verdict(data, root) if os.path.isdir(root) else "gone"
    if not options.dry_run:
        try:
            trust.deny(data, root)
        except OSError as error:
            raise CannotKeepTrust(os.path.join(data, "trust"), error.strerror or str(error)) from None
    return AllowOutcome(
        project=root, allowed=False, before=before, environment=_environment(root), dry_run=options.dry_run
    )


def project_around(context: Context, path: str | None) -> str:
    """The project that is meant: the directory that was named, or the nearest that has something to trust."""
    from hutch.ops.manifests import manifest_in

    if path is not None:
        named = context.path(path)
        if not os.path.isdir(named):
            raise UsageProblem(f"{path} is no directory", hint="name the directory of a project")
        if _environment(named) is None and manifest_in(named) is None:
            raise NothingToTrust(named)
        return os.path.realpath(named)
    here = context.directory
    while _environment(here) is None and os.path.dirname(here) != here:
        here = os.path.dirname(here)
    found = [here] if _environment(here) is not None else []
    project = _project(context)
    if project is not None:
        found.append(project)
    if not found:
        raise NothingToTrust(context.directory)
    return os.path.realpath(max(found, key=len))


def _project(context: Context) -> str | None:
    """The project or workspace around; also one whose manifest cannot be read, which is no matter here."""
    try:
        return context.root
    except Problem:
        from hutch.ops.manifests import find_root

        return find_root(context.directory)


def _in_central_place(data: str, root: str) -> str | None:
    from hutch.ops.env_places import central_place

    path = central_place(data, root)
    return path if os.path.isfile(os.path.join(path, "pyvenv.cfg")) else None


def _environment(root: str) -> str | None:
    for name in (".venv", ".python-envs"):
        path = os.path.join(root, name)
        if os.path.lexists(path):
            return path
    return None
