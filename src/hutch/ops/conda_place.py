"""Which conda environment a command means, what is in it, and what its user has asked for so far."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hutch.env import PrefixPackage
    from hutch.ops.conda_turns import Mark
    from hutch.ops.context import Context

__all__ = [
    "PrefixState",
    "channels_for",
    "find_by_name",
    "flag_of",
    "known_prefixes",
    "new_place",
    "prefix_name",
    "present_place",
    "read_prefix",
    "refuse_override",
]


class NoCondaEnvironment(Problem):
    """Nobody says which environment is meant, or it is not there."""

    code = "no-conda-environment"


class PlaceIsTaken(Problem):
    """Where a new environment was to be there is one already."""

    code = "environment-place-taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixState:
    """A prefix as it is: its packages of conda, by name."""

    root: str
    packages: tuple[PrefixPackage, ...]
    mark: Mark = ()
    """What tells whether somebody has changed it since."""

    @property
    def requested(self) -> dict[str, tuple[str, ...]]:
        """The MatchSpecs that its user has asked for, by name."""
        return {one.record.name: one.requested for one in self.packages if one.requested}

    @property
    def installed(self) -> dict[str, tuple[str, ...]]:
        """``VERSION BUILD`` by name, to be preferred by a solve."""
        return {one.record.name: (f"{one.record.version} {one.record.build}",) for one in self.packages}

    @property
    def subdir(self) -> str | None:
        """The platform that it is for, as far as its packages tell."""
        return next((one.record.subdir for one in self.packages if one.record.subdir != "noarch"), None)

    @property
    def channels(self) -> tuple[str, ...]:
        """Where its packages are from: the channel of most of them first."""
        count: dict[str, int] = {}
        for one in self.packages:
            if one.record.channel:
                count[one.record.channel] = count.get(one.record.channel, 0) + 1
        return tuple(sorted(count, key=lambda url: (-count[url], url)))


def new_place(context: Context, prefix: str | None) -> str:
    """Where a new environment goes; a problem where something is there already."""
    from hutch.env import is_prefix
    from hutch.ops.conda_moves import settle_moves

    _refuse_both(context, prefix)
    settle_moves(context)
    if prefix is not None:
        root = context.path(prefix)
        if is_prefix(root):
            raise PlaceIsTaken(
                f"there is a conda environment in {root}",
                why="a new one does not replace it",
                hint="hutch conda install -p … changes it; hutch conda env remove -p … makes room",
            )
        return root
    if context.named is None:
        verb, specs = context.words[:2], " ".join(context.words[2:])
        hint = (
            f"hutch {' '.join(verb)} -n NAME {specs}".rstrip() if verb == ("conda", "create") else "-n NAME"
        )
        raise UsageProblem("the new environment has no name", hint=(hint, "-p PATH makes it in a directory"))
    from hutch.ops.named import NameIsTaken, check_new_name, is_environment

    root = check_new_name(context, context.named)
    if is_environment(root):
        raise NameIsTaken(context.named, root, can_clear=False)
    return root


def present_place(context: Context, prefix: str | None) -> str:
    """The environment that is meant: ``-n``, ``-p``, or the active one (``CONDA_PREFIX``)."""
    from hutch.env import is_prefix
    from hutch.ops.conda_moves import settle_moves

    _refuse_both(context, prefix)
    settle_moves(context)
    if prefix is not None:
        root = context.path(prefix)
    elif context.named is not None:
        root = find_by_name(context, context.named)
    else:
        root = context.environ.get("CONDA_PREFIX", "")
        if not root:
            raise NoCondaEnvironment(
                "no environment was named, and none of conda's is active",
                hint="-n NAME, or -p PATH; hutch conda env list shows them",
            )
    if not is_prefix(root):
        from hutch.ops.conda_directory import what_it_is_instead

        if not os.path.lexists(root):
            raise NoCondaEnvironment(
                f"there is no environment in {root}", hint=f"hutch conda create -p {root}"
            )
        raise what_it_is_instead(root)
    return root


def find_by_name(context: Context, name: str) -> str:
    """hutch's own environment of that name, or the one that conda has noted."""
    from hutch.ops.named import NoSuchEnvironment, named_environment

    try:
        return named_environment(context, name)
    except NoSuchEnvironment:
        if name in ("base", "root"):
            for path in conda_roots(context):
                if is_base(path):
                    return path
        folders = _named_folders(context)
        for path in known_prefixes(context):
            folder = os.path.dirname(path)
            if os.path.basename(path) == name and (os.path.basename(folder) == "envs" or folder in folders):
                return path
        if context.words[:1] != ("conda",):
            raise
        known = {os.path.basename(path) for path in known_prefixes(context) if prefix_name(context, path)}
        makes = name not in ("base", "root") and context.words[1:2] in (
            ("install",),
            ("update",),
            ("activate",),
        )
        hint = f"hutch conda create -n {name} makes it" if makes else "hutch conda env list shows them"
        raise NoSuchEnvironment(name, tuple(sorted(known)), hint) from None


def flag_of(context: Context, prefix: str | None) -> str:
    """How the user has said which environment is meant, with a blank before it, for a hint."""
    import shlex

    if prefix is not None:
        return f" -p {shlex.quote(prefix)}"
    return f" -n {context.named}" if context.named is not None else ""


def _refuse_both(context: Context, prefix: str | None) -> None:
    if prefix is not None and context.named is not None:
        raise UsageProblem("--name and --prefix name two environments", hint="leave one of them out")


def read_prefix(context: Context, prefix: str | None) -> PrefixState:
    """The prefix that is meant, with what was cut off in it undone."""
    from hutch.env import prefix_packages
    from hutch.ops.conda_directory import open_present_prefix
    from hutch.ops.conda_turns import prefix_mark

    root = open_present_prefix(context, present_place(context, prefix)).root
    mark = prefix_mark(root)
    return PrefixState(root=root, packages=prefix_packages(root), mark=mark)


def channels_for(
    context: Context, named: Sequence[str], override: bool, before: Iterable[str] = ()
) -> tuple[str, ...]:
    """The channels to ask, best first: those of the command, those that are configured, and those that the
    environment's packages are ``before`` this from. Where nobody says any, an environment stays with its own.
    """
    from hutch.ops.channels import channel_names, configured_channels

    if override:
        if not named:
            raise UsageProblem("--override-channels leaves no channel", hint="-c CHANNEL names one")
        refuse_override(context)
        return tuple(named)
    before = tuple(before)
    configuration = context.configuration
    value = configuration.values["conda-channels"].value
    said = bool(value) or bool(configuration.condarc.words("channels"))
    if before and not named and not said:
        return before
    found = (*named, *configured_channels(context))
    urls = {channel.url for channel in channel_names(context).channels(found)[0]}
    return (*found, *(url for url in before if url not in urls))


def refuse_override(context: Context) -> None:
    """Who administers a machine may say that no command passes its channels over."""
    condarc = context.configuration.condarc
    if condarc.switch("override_channels_enabled") is False:
        raise UsageProblem(
            "--override-channels is not allowed here",
            why=f"override_channels_enabled is false ({condarc.places['override_channels_enabled'][0]})",
        )


def known_prefixes(context: Context) -> tuple[str, ...]:
    """All conda environments that are known here: hutch's by their names, then those that conda has noted."""
    from hutch.env import is_prefix
    from hutch.ops.conda_moves import settle_moves
    from hutch.ops.env_others import conda_rows
    from hutch.ops.env_places import names_folder
    from hutch.ops.named import named_environments

    settle_moves(context)
    folder = names_folder(context.configuration.data_dir)
    own = [os.path.join(folder, name) for name in named_environments(context)]
    noted = [row.path for row in conda_rows(context)]
    noted += [path for path in conda_roots(context) if is_base(path)]
    for folder in _named_folders(context):
        try:
            noted += sorted(os.path.join(folder, name) for name in os.listdir(folder))
        except OSError:
            continue
    return tuple(dict.fromkeys(path for path in (*own, *noted) if is_prefix(path)))


def conda_roots(context: Context) -> tuple[str, ...]:
    """Where an installation of conda or mamba may be: as its variables say, in the usual places, as noted."""
    from hutch.interpreters import conda_roots as usual
    from hutch.ops.env_others import conda_rows

    home = context.environ.get("HOME") or context.environ.get("USERPROFILE") or ""
    noted = [row.path for row in conda_rows(context) if is_base(row.path)]
    return tuple(dict.fromkeys((*usual(context.environ, home), *noted)))


def is_base(root: str) -> bool:
    """Whether conda itself lies in an environment: `base`."""
    from hutch.env import is_prefix

    return os.path.isdir(os.path.join(root, "condabin")) and is_prefix(root)


def envs_folders(context: Context) -> tuple[str, ...]:
    """The folders where conda looks for environments by their names: `envs_dirs`."""
    home = context.environ.get("HOME") or context.environ.get("USERPROFILE") or "~"
    words = context.configuration.condarc.words("envs_dirs")
    places = (home + word[1:] if word.startswith(("~/", "~\\")) else word for word in words)
    return tuple(os.path.normpath(place) for place in places if os.path.isabs(place))


def _named_folders(context: Context) -> tuple[str, ...]:
    """Those, and the ones of each conda and mamba that is here."""
    home = context.environ.get("HOME") or context.environ.get("USERPROFILE") or ""
    own = (os.path.join(root, "envs") for root in (*conda_roots(context), os.path.join(home, ".conda")))
    return tuple(dict.fromkeys((*envs_folders(context), *filter(os.path.isabs, own))))


def prefix_name(context: Context, root: str) -> str:
    """What an environment is called: its name with hutch or conda; empty for one that only has a place."""
    if is_base(root):
        return "base"
    folder = os.path.dirname(os.path.abspath(root))
    return os.path.basename(root) if os.path.basename(folder) == "envs" else ""
