"""Pythons that hutch installs: which builds there are, how an archive becomes an installation, where it lies.

No network here: what is fetched, and from where, is decided by ``ops``. See
docs/explanation/installed-pythons.md. The door is lazy.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters.managed.aliases import exact_path, version_behind
    from hutch.interpreters.managed.builds import (
        Build,
        InvalidTable,
        best_build,
        fitting_builds,
        parse_versions,
    )
    from hutch.interpreters.managed.host import Host, host_here
    from hutch.interpreters.managed.install import install_archive
    from hutch.interpreters.managed.mirrors import (
        Mirror,
        addresses,
        mirror_from,
        parse_sums,
        sums_addresses,
    )
    from hutch.interpreters.managed.place import (
        CannotInstall,
        Installed,
        Pythons,
        as_build,
    )
    from hutch.interpreters.managed.problems import CannotRunHere, InvalidPythonArchive, NotWhatItSays
    from hutch.interpreters.managed.programs import Named, name_programs, programs_folder, unname_programs
    from hutch.interpreters.managed.table import read_table, shipped_table

__all__ = [
    "Build",
    "CannotInstall",
    "CannotRunHere",
    "Host",
    "Installed",
    "InvalidPythonArchive",
    "InvalidTable",
    "Mirror",
    "Named",
    "NotWhatItSays",
    "Pythons",
    "addresses",
    "as_build",
    "best_build",
    "exact_path",
    "fitting_builds",
    "host_here",
    "install_archive",
    "mirror_from",
    "name_programs",
    "parse_sums",
    "parse_versions",
    "programs_folder",
    "read_table",
    "shipped_table",
    "sums_addresses",
    "unname_programs",
    "version_behind",
]

_HOMES = {
    "Build": "builds",
    "CannotInstall": "place",
    "CannotRunHere": "problems",
    "Host": "host",
    "Installed": "place",
    "InvalidPythonArchive": "problems",
    "InvalidTable": "builds",
    "Mirror": "mirrors",
    "Named": "programs",
    "NotWhatItSays": "problems",
    "Pythons": "place",
    "addresses": "mirrors",
    "as_build": "place",
    "best_build": "builds",
    "exact_path": "aliases",
    "fitting_builds": "builds",
    "host_here": "host",
    "install_archive": "install",
    "mirror_from": "mirrors",
    "name_programs": "programs",
    "parse_sums": "mirrors",
    "parse_versions": "builds",
    "programs_folder": "programs",
    "read_table": "table",
    "shipped_table": "table",
    "sums_addresses": "mirrors",
    "unname_programs": "programs",
    "version_behind": "aliases",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
