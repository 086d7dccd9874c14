"""Settings in layers, with where each value came from.

``load_configuration`` reads what there is (hutch's files, pip's files, the environment, flags) and
gives a ``Configuration``: values, and the frozen options that other rooms declare (``.net``,
``.indexes``). No room below ever looks at the environment or a configuration file by itself.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.config.configuration import Configuration
    from hutch.config.directories import Directories, find_directories, find_home, system_here
    from hutch.config.load import load_configuration
    from hutch.config.model import ConfigFault, ConfigProblem, Origin, Value
    from hutch.config.pip import pip_files
    from hutch.config.settings import SETTINGS, Setting

__all__ = [
    "SETTINGS",
    "ConfigFault",
    "ConfigProblem",
    "Configuration",
    "Directories",
    "Origin",
    "Setting",
    "Value",
    "find_directories",
    "find_home",
    "load_configuration",
    "pip_files",
    "system_here",
]

_HOME = {
    "SETTINGS": "settings",
    "ConfigFault": "model",
    "ConfigProblem": "model",
    "Configuration": "configuration",
    "Directories": "directories",
    "Origin": "model",
    "Setting": "settings",
    "Value": "model",
    "find_directories": "directories",
    "find_home": "directories",
    "load_configuration": "load",
    "pip_files": "pip",
    "system_here": "directories",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOME, __all__)
