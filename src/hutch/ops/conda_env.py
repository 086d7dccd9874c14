"""``hutch conda env create|update|remove``: whole environments, by what an environment.yml says."""

from __future__ import annotations

import os
import time

from hutch.errors import Problem, UsageProblem
from hutch.ops.conda_only_fetch import only_fetch
from hutch.ops.conda_turns import takes_turns
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.ops.conda_enact import CondaChange
    from hutch.ops.conda_options import CondaCreateOptions, CondaRemoveOptions
    from hutch.ops.conda_pip_lines import IndexAsked
    from hutch.ops.context import Context

    Agrees = Callable[[CondaChange], bool]

__all__ = [
    "CondaEnvCreateOptions",
    "CondaEnvRemoveOptions",
    "CondaEnvRemoveOutcome",
    "CondaEnvUpdateOptions",
    "conda_create_by",
    "conda_env_create",
    "conda_env_remove",
    "conda_env_update",
    "read_file",
    "refuse_conda_itself",
    "whole_environment",
]

PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnvCreateOptions:
    """The options of ``conda env create``."""

    file: str | None = None
    prefix: str | None = None
    subdir: str | None = None
    no_pin: bool = False
    download_only: bool = False
    yes: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnvUpdateOptions:
    """The options of ``conda env update``."""

    file: str | None = None
    prefix: str | None = None
    prune: bool = False
    no_pin: bool = False
    download_only: bool = False
    override_frozen: bool = False
    yes: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnvRemoveOptions:
    """The options of ``conda env remove``."""

    prefix: str | None = None
    force: bool = False
    override_frozen: bool = False
    yes: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnvRemoveOutcome:
    """The environment that went, or would; ``agreed`` is whether the user wanted it."""

    root: str
    agreed: bool = True
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        """For ``--json``; conda's scripts look for ``success``."""
        gone = self.agreed and not self.dry_run
        return {"success": self.agreed, "prefix": self.root, "removed": gone, "dry_run": self.dry_run}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a file says for one platform."""

    env_name: str
    channels: tuple[str, ...]
    requested: dict[str, tuple[str, ...]]
    places: Mapping[str, str]
    index: IndexAsked | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


class CondaItself(Problem):
    """What was to be deleted is an installation of conda, with all that lies in it."""

    code = "conda-itself"

    def __init__(self, root: str, verb: str) -> None:
        super().__init__(
            f"{root} is conda's own environment, and is not {verb.removesuffix('e')}ed",
            why="conda lies in it, and may have other environments in it",
            hint="who wants to get rid of conda deletes the directory" if verb == "remove" else (),
        )


def refuse_conda_itself(root: str, verb: str) -> None:
    """Raise `CondaItself` for an installation of conda."""
    if any(os.path.lexists(os.path.join(root, name)) for name in ("condabin", "envs", "pkgs")):
        raise CondaItself(root, verb)


def conda_create_by(
    context: Context, options: CondaCreateOptions, agrees: Agrees | None = None
) -> CondaChange:
    """``conda create``; with an environment.yml as its only word (as mamba has it) what that says."""
    from hutch.ops.conda_change import conda_create
    from hutch.ops.conda_exact import is_exact

    said = CondaEnvCreateOptions(
        file=options.file[0] if len(options.file) == 1 else None,
        prefix=options.prefix,
        subdir=options.subdir,
        no_pin=options.no_pin,
        download_only=options.download_only,
        yes=options.yes,
        dry_run=options.dry_run,
    )
    more = options.specs or options.channel or options.clone
    if said.file is None or more or not said.file.endswith((".yml", ".yaml")) or is_exact(context, said.file):
        return conda_create(context, options, agrees)
    return conda_env_create(context, said, agrees)


@takes_turns
def conda_env_create(
    context: Context, options: CondaEnvCreateOptions, agrees: Agrees | None = None
) -> CondaChange:
    """Make what an environment.yml says, under its own name, unless ``-n`` or ``-p`` say another place."""
    from hutch.conda import subdir_here
    from hutch.ops.conda_change import CondaCreateOptions, create_exactly
    from hutch.ops.conda_enact import change_to
    from hutch.ops.conda_exact import is_exact
    from hutch.ops.conda_limits import Limits
    from hutch.ops.conda_place import new_place

    start = time.monotonic()
    only_fetch(context, options.download_only)
    if options.file is not None and is_exact(context, options.file):
        exact = CondaCreateOptions(
            file=(options.file,), subdir=options.subdir, yes=options.yes, dry_run=options.dry_run
        )
        return create_exactly(context, new_place(context, options.prefix), options.file, exact, agrees, start)
    asked = read_file(context, options.file, options.subdir or subdir_here())
    if context.named is None and options.prefix is None and asked.env_name:
        context.named = asked.env_name
    root = new_place(context, options.prefix)
    made = change_to(
        context,
        root,
        "create",
        asked.requested,
        limits=Limits(no_pin=options.no_pin),
        asked=tuple(word for words in asked.requested.values() for word in words),
        places=asked.places,
        channels=asked.channels,
        override=bool(asked.channels),
        subdir=options.subdir,
        index=asked.index,
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )
    return _with_variables(made, asked)


@takes_turns
def conda_env_update(
    context: Context, options: CondaEnvUpdateOptions, agrees: Agrees | None = None
) -> CondaChange:
    """Make an environment have what the file says, too; with ``prune`` nothing else."""
    from hutch.conda import subdir_here
    from hutch.ops.conda_enact import change_to
    from hutch.ops.conda_frozen import override_frozen
    from hutch.ops.conda_limits import Limits
    from hutch.ops.conda_place import read_prefix

    start = time.monotonic()
    only_fetch(context, options.download_only)
    if options.override_frozen:
        override_frozen(context)
    asked = read_file(context, options.file, subdir_here(), prune=options.prune)
    if context.named is None and options.prefix is None and asked.env_name:
        context.named = asked.env_name
    state = read_prefix(context, options.prefix)
    requested = asked.requested if options.prune else {**state.requested, **asked.requested}
    made = change_to(
        context,
        state.root,
        "update",
        {**dict.fromkeys(state.requested, ()), **requested},
        state,
        limits=Limits(no_pin=options.no_pin),
        asked=tuple(word for words in asked.requested.values() for word in words),
        places=asked.places,
        preferred=state.installed,
        free=asked.requested,
        channels=asked.channels,
        override=bool(asked.channels),
        keep_unasked=not options.prune,
        index=asked.index,
        dry_run=options.dry_run,
        agrees=None if options.yes else agrees,
        start=start,
    )
    return _with_variables(made, asked)


def _with_variables(made: CondaChange, asked: _Asked) -> CondaChange:
    """What the file says of variables is set by activation from now on."""
    from hutch.ops.conda_state import set_variables

    if made.agreed and not made.change.dry_run and not made.change.fetched:
        set_variables(made.change.root, asked.variables)
    return made


def read_file(context: Context, file: str | None, subdir: str, *, prune: bool = False) -> _Asked:
    """The words of the file for a platform. Raises ``InvalidManifest`` with every fault of it."""
    from hutch.events import Notice
    from hutch.ops.conda_pip_lines import read_pip_lines
    from hutch.plain import read_plain
    from hutch.project.environment_file import parse_environment

    said = file or next(
        (name for name in ("environment.yml", "environment.yaml") if os.path.exists(context.path(name))),
        "environment.yml",
    )
    path = context.path(said)
    if not path.endswith((".yml", ".yaml")):
        raise UsageProblem(f"{said} is no environment.yml", hint=f"hutch conda create --file {said}")
    try:
        text = read_plain(path, 4 << 20).decode("utf-8")
    except FileNotFoundError:
        hints = ("-f FILE names another", "without a file: hutch conda create -n NAME PACKAGE")
        raise UsageProblem(f"there is no {said} here", hint=() if file else hints) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageProblem(f"{said} cannot be read", why=why) from None
    found = parse_environment(text, said)
    for place, note in found.notes:
        context.emit(Notice(f"{place}: {note}", warning=True))
    return _Asked(
        env_name=found.env_name,
        channels=tuple(_at(path, channel) for channel in found.channels),
        requested=found.asked(subdir),
        places=found.places,
        index=read_pip_lines(context, path, found.pip, only=prune) if found.pip or prune else None,
        variables=found.variables(subdir),
    )


def _at(path: str, channel: str) -> str:
    """A folder is meant from where the file lies."""
    if channel.startswith(("./", "../")):
        return os.path.normpath(os.path.join(os.path.dirname(path), channel))
    return channel


def whole_environment(options: CondaRemoveOptions) -> CondaEnvRemoveOptions:
    """``conda remove --all`` as ``conda env remove``."""
    if options.names:
        raise UsageProblem(
            "--all removes the whole environment, and packages were named",
            hint="leave one of both out; with --keep-env the environment stays",
        )
    return CondaEnvRemoveOptions(
        prefix=options.prefix,
        override_frozen=options.override_frozen,
        yes=options.yes,
        dry_run=options.dry_run,
    )


def conda_env_remove(
    context: Context,
    options: CondaEnvRemoveOptions,
    agrees: Callable[[CondaEnvRemoveOutcome], bool] | None = None,
) -> CondaEnvRemoveOutcome:
    """Delete an environment, whole."""
    from hutch.env import CannotWrite, discard
    from hutch.env.locking import hold_lock
    from hutch.ops.conda_frozen import override_frozen, refuse_frozen
    from hutch.ops.conda_noted import forget_prefix
    from hutch.ops.conda_place import NoCondaEnvironment, present_place
    from hutch.ops.env_remove import refuse_in_use

    if context.named is None and options.prefix is None:
        raise NoCondaEnvironment("no environment was named", hint="-n NAME, or -p PATH")
    root = present_place(context, options.prefix)
    if options.override_frozen:
        override_frozen(context)
    refuse_frozen(context, root)
    refuse_conda_itself(root, "remove")
    if not options.force:
        refuse_in_use(context, (root,), "remove")
        if os.path.realpath(context.environ.get("CONDA_PREFIX", "/")) == os.path.realpath(root):
            from hutch.ops.env_remove import EnvironmentInUse

            raise EnvironmentInUse(os.path.basename(root), (), "remove", active=True)
    planned = CondaEnvRemoveOutcome(root=root, dry_run=options.dry_run)
    if options.dry_run:
        return planned
    if agrees is not None and not options.yes and not agrees(planned):
        return CondaEnvRemoveOutcome(root=root, agreed=False)
    try:
        with hold_lock(root, emit=context.emit, timeout=PATIENCE):
            discard(root)
    except OSError as error:
        raise CannotWrite(str(error.filename or root), error.strerror or str(error)) from error
    forget_prefix(context, root)
    return planned
