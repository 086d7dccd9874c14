"""``hutch conda info``: what conda's own command tells of a machine, for people and for scripts."""

from __future__ import annotations

import os
import sys

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["CondaInfoOptions", "CondaInfoOutcome", "conda_info", "root_prefix"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaInfoOptions:
    """The options of ``conda info``."""

    envs: bool = False
    all: bool = False
    base: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaInfoOutcome:
    """What is known; ``form`` is ``table``, ``envs``, ``all`` or ``base``."""

    active: str
    active_name: str
    environments: tuple[tuple[str, str, bool], ...]
    envs_dir: str
    store: str
    platform: str
    channels: tuple[str, ...]
    virtual: tuple[tuple[str, str, str], ...]
    config_files: tuple[str, ...]
    offline: bool
    root: str
    form: str = "table"

    def to_json(self) -> dict[str, Any]:
        """Under the names that scripts look for in conda's."""
        import hutch

        return {
            "active_prefix": self.active or None,
            "active_prefix_name": self.active_name or None,
            "channels": list(self.channels),
            "conda_version": None,
            "config_files": list(self.config_files),
            "default_prefix": self.active or self.root,
            "envs": [path for _, path, _ in self.environments],
            "envs_dirs": [self.envs_dir],
            "hutch_version": hutch.__version__,
            "offline": self.offline,
            "pkgs_dirs": [self.store],
            "platform": self.platform,
            "python_version": ".".join(map(str, sys.version_info[:3])),
            "root_prefix": self.root,
            "virtual_pkgs": [list(row) for row in self.virtual],
        }


def conda_info(context: Context, options: CondaInfoOptions) -> CondaInfoOutcome:
    """Look; no channel is asked."""
    from hutch.conda import subdir_here
    from hutch.errors import Problem
    from hutch.ops.channels import channel_names, configured_channels, virtual_packages
    from hutch.ops.conda_list import conda_env_list
    from hutch.ops.conda_place import prefix_name
    from hutch.ops.env_places import names_folder

    configuration = context.configuration
    subdir = context.environ.get("CONDA_SUBDIR") or subdir_here()
    try:
        channels, _ = channel_names(context).channels(configured_channels(context))
    except Problem:
        channels = ()
    active = context.environ.get("CONDA_PREFIX", "")
    return CondaInfoOutcome(
        active=active,
        active_name=prefix_name(context, active) if active else "",
        environments=conda_env_list(context).environments,
        envs_dir=names_folder(configuration.data_dir),
        store=context.store.root,
        platform=subdir,
        channels=tuple(f"{channel.url}/{part}" for channel in channels for part in (subdir, "noarch")),
        virtual=tuple((one.name, one.version, one.build) for one in virtual_packages(context, subdir)),
        config_files=configuration.condarc.files,
        offline=configuration.offline,
        root=root_prefix(context),
        form="base" if options.base else "envs" if options.envs else "all" if options.all else "table",
    )


def root_prefix(context: Context) -> str:
    """Of the installation that is there, or the directory above hutch's environments."""
    from hutch.ops.env_places import names_folder

    base = context.environ.get("CONDA_ROOT") or ""
    return base or os.path.dirname(names_folder(context.configuration.data_dir))
