"""An environment on disk: made without starting Python, changed by a plan, a journal and links.

Make one with `create_environment`, open one with `open_environment`. A change goes `plan_changes` ->
`apply_plan`: the plan is a value, applying it is all or nothing, and `recover` puts right what a killed
process left. The page `docs/explanation/environment.md` tells the whole story.

What is not here: which packages are wanted (`ops`), where their files come from (`store`), what an
interpreter is (`interpreters`), the text of activation scripts (`shell`).
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env.apply import apply_plan
    from hutch.env.cloning import clone_environment
    from hutch.env.conda_moving import move_prefix
    from hutch.env.conda_plan import plan_conda
    from hutch.env.conda_prefix import (
        PREFIX,
        PrefixPackage,
        is_prefix,
        open_prefix,
        open_present,
        prefix_packages,
        python_of,
    )
    from hutch.env.create import create_environment
    from hutch.env.environment import (
        Environment,
        is_unfinished,
        open_conda,
        open_environment,
    )
    from hutch.env.generations import Occasion, Package, Record, read_history, unpin, wheels_in_use
    from hutch.env.glance import find_gutted
    from hutch.env.installed import Installed, read_installed
    from hutch.env.kept import kept_bytes
    from hutch.env.launchers import LauncherFacts, render_launcher
    from hutch.env.plan import CondaLink, Link, Noted, Plan, Remove, Wanted, WantedEditable, plan_changes
    from hutch.env.planted import lost_packages, trees_in_use
    from hutch.env.problems import (
        CannotRelocate,
        CannotRemove,
        CannotRestore,
        CannotWrite,
        ClobberProblem,
        DamagedBytecode,
        DamagedJournal,
        DamagedWheel,
        EnvironmentBusy,
        EnvironmentChanged,
        InvalidCommand,
        NoGeneration,
        NotAnEnvironment,
        WrongWheel,
    )
    from hutch.env.recording import foreign_steps, packages_now
    from hutch.env.records import LINKED, LINKED_RECORD, installed_size, record_rows
    from hutch.env.recovery import lock_environment, recover
    from hutch.env.repointing import Repointed, find_moved, former_place, repoint
    from hutch.env.rollback import Rollback, pin, pinned_generation, plan_rollback
    from hutch.env.staging import NameTaken, discard, publish, settle_folder, staged
    from hutch.env.state import read_places, read_state, write_places, write_state
    from hutch.env.verify import Finding, Verification, verify_environment

_HOMES = {
    "apply_plan": "apply",
    "clone_environment": "cloning",
    "create_environment": "create",
    "move_prefix": "conda_moving",
    "plan_conda": "conda_plan",
    "PREFIX": "conda_prefix",
    "PrefixPackage": "conda_prefix",
    "is_prefix": "conda_prefix",
    "open_prefix": "conda_prefix",
    "prefix_packages": "conda_prefix",
    "python_of": "conda_prefix",
    "CondaLink": "plan",
    "Noted": "plan",
    "CannotRelocate": "problems",
    "Environment": "environment",
    "Occasion": "generations",
    "find_gutted": "glance",
    "foreign_steps": "recording",
    "LINKED": "records",
    "LINKED_RECORD": "records",
    "installed_size": "records",
    "record_rows": "records",
    "packages_now": "recording",
    "pin": "rollback",
    "Package": "generations",
    "Record": "generations",
    "read_history": "generations",
    "lost_packages": "planted",
    "trees_in_use": "planted",
    "wheels_in_use": "generations",
    "is_unfinished": "environment",
    "open_conda": "environment",
    "open_environment": "environment",
    "open_present": "conda_prefix",
    "Installed": "installed",
    "read_installed": "installed",
    "recover": "recovery",
    "LauncherFacts": "launchers",
    "render_launcher": "launchers",
    "lock_environment": "recovery",
    "Link": "plan",
    "Plan": "plan",
    "Remove": "plan",
    "Wanted": "plan",
    "WantedEditable": "plan",
    "plan_changes": "plan",
    "CannotRemove": "problems",
    "CannotWrite": "problems",
    "ClobberProblem": "problems",
    "DamagedJournal": "problems",
    "DamagedBytecode": "problems",
    "DamagedWheel": "problems",
    "EnvironmentBusy": "problems",
    "EnvironmentChanged": "problems",
    "InvalidCommand": "problems",
    "NotAnEnvironment": "problems",
    "WrongWheel": "problems",
    "Repointed": "repointing",
    "find_moved": "repointing",
    "former_place": "repointing",
    "repoint": "repointing",
    "NameTaken": "staging",
    "discard": "staging",
    "publish": "staging",
    "settle_folder": "staging",
    "staged": "staging",
    "read_places": "state",
    "read_state": "state",
    "write_places": "state",
    "write_state": "state",
    "Rollback": "rollback",
    "pinned_generation": "rollback",
    "plan_rollback": "rollback",
    "unpin": "generations",
    "Finding": "verify",
    "Verification": "verify",
    "verify_environment": "verify",
    "NoGeneration": "problems",
    "CannotRestore": "problems",
    "kept_bytes": "kept",
}

__all__ = [
    "PREFIX",
    "CannotRelocate",
    "CannotRemove",
    "CannotRestore",
    "CannotWrite",
    "ClobberProblem",
    "CondaLink",
    "DamagedJournal",
    "DamagedBytecode",
    "DamagedWheel",
    "Environment",
    "EnvironmentBusy",
    "EnvironmentChanged",
    "Finding",
    "Installed",
    "InvalidCommand",
    "LINKED",
    "LINKED_RECORD",
    "LauncherFacts",
    "Link",
    "NameTaken",
    "NoGeneration",
    "NotAnEnvironment",
    "Noted",
    "Occasion",
    "Package",
    "Plan",
    "PrefixPackage",
    "Record",
    "Remove",
    "Repointed",
    "Rollback",
    "Verification",
    "Wanted",
    "WantedEditable",
    "WrongWheel",
    "apply_plan",
    "clone_environment",
    "create_environment",
    "discard",
    "find_gutted",
    "find_moved",
    "foreign_steps",
    "former_place",
    "installed_size",
    "is_prefix",
    "is_unfinished",
    "kept_bytes",
    "lock_environment",
    "lost_packages",
    "move_prefix",
    "open_conda",
    "open_environment",
    "open_present",
    "open_prefix",
    "packages_now",
    "pin",
    "pinned_generation",
    "plan_changes",
    "plan_conda",
    "plan_rollback",
    "prefix_packages",
    "publish",
    "python_of",
    "read_history",
    "read_installed",
    "read_places",
    "read_state",
    "record_rows",
    "recover",
    "render_launcher",
    "repoint",
    "settle_folder",
    "staged",
    "trees_in_use",
    "unpin",
    "verify_environment",
    "wheels_in_use",
    "write_places",
    "write_state",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
