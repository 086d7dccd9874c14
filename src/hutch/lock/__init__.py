"""The lock: its model, ``pylock.toml`` (PEP 751) in and out, what to install from it, and exports.

All of it is values and text: callers read and write the file. ``docs/explanation/lock.md`` says
what is in a lock and why.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock.carrying import keep_identities
    from hutch.lock.check import Violation, check_lock, selected_on
    from hutch.lock.check_conda import CondaLaw, distributions_of
    from hutch.lock.choices import broken_choices
    from hutch.lock.compiled import render_compiled
    from hutch.lock.conda_exports import (
        ExportedWheel,
        export_conda_environment,
        export_conda_lock,
        export_explicit,
        export_pixi_lock,
    )
    from hutch.lock.conda_model import (
        CondaEdge,
        CondaEnvironment,
        CondaLock,
        CondaRoot,
        CondaTarget,
        CondaWorld,
        LockedConda,
    )
    from hutch.lock.conda_select import (
        NotLockedForPlatform,
        SelectedConda,
        choose_conda_target,
        chosen_wheres,
        select_conda,
    )
    from hutch.lock.conda_worlds import (
        FIRST,
        NotSolvedTogether,
        choices_of,
        chosen_lock,
        environment_lock,
        world_of,
    )
    from hutch.lock.diff import Change, diff_locks
    from hutch.lock.environment_yml import export_environment_yml
    from hutch.lock.foreign.conda_records import parse_conda_lock, parse_explicit, parse_pixi_lock
    from hutch.lock.inputs import digest_inputs
    from hutch.lock.lockfile import Lock, render_lock
    from hutch.lock.markers import apart_marker, assuming, reach_marker
    from hutch.lock.merging import has_merge_markers, salvage, salvage_conda, sides_of_conflict
    from hutch.lock.model import (
        Edge,
        LockedArchive,
        LockedDirectory,
        LockedFile,
        LockedPackage,
        LockedVcs,
        RootEdge,
    )
    from hutch.lock.parse import parse_lock
    from hutch.lock.pipfile_lock import export_pipfile_lock
    from hutch.lock.problems import InvalidLock, LockFault, MergeMarkers, NewerLock
    from hutch.lock.reaching import covered_targets, flattened
    from hutch.lock.requirements import export_constraints, export_requirements
    from hutch.lock.selecting import (
        AmbiguousLock,
        ContradictingSelection,
        LockHasNoEdges,
        LockIncomplete,
        NoFileFits,
        NotLockedFor,
        UnknownSelection,
        choose_file,
        select,
    )
    from hutch.lock.shadow import lock_from_tuple, lock_to_tuple
    from hutch.lock.urls import channel_without_credentials, filename_of, without_credentials

__all__ = [
    "AmbiguousLock",
    "ContradictingSelection",
    "Change",
    "export_conda_environment",
    "export_conda_lock",
    "export_explicit",
    "export_pixi_lock",
    "parse_conda_lock",
    "parse_explicit",
    "parse_pixi_lock",
    "CondaLaw",
    "distributions_of",
    "CondaEdge",
    "ExportedWheel",
    "CondaEnvironment",
    "CondaWorld",
    "CondaLock",
    "CondaRoot",
    "CondaTarget",
    "LockedConda",
    "NotLockedForPlatform",
    "SelectedConda",
    "choose_conda_target",
    "chosen_wheres",
    "FIRST",
    "NotSolvedTogether",
    "choices_of",
    "chosen_lock",
    "environment_lock",
    "world_of",
    "select_conda",
    "channel_without_credentials",
    "salvage_conda",
    "sides_of_conflict",
    "Edge",
    "InvalidLock",
    "Lock",
    "LockFault",
    "LockHasNoEdges",
    "LockIncomplete",
    "LockedArchive",
    "LockedDirectory",
    "LockedFile",
    "LockedPackage",
    "LockedVcs",
    "MergeMarkers",
    "NewerLock",
    "NoFileFits",
    "NotLockedFor",
    "RootEdge",
    "UnknownSelection",
    "Violation",
    "assuming",
    "broken_choices",
    "check_lock",
    "choose_file",
    "diff_locks",
    "digest_inputs",
    "covered_targets",
    "export_constraints",
    "export_environment_yml",
    "export_pipfile_lock",
    "export_requirements",
    "filename_of",
    "flattened",
    "has_merge_markers",
    "keep_identities",
    "lock_from_tuple",
    "lock_to_tuple",
    "parse_lock",
    "apart_marker",
    "reach_marker",
    "render_compiled",
    "render_lock",
    "salvage",
    "select",
    "selected_on",
    "without_credentials",
]

_HOME = {
    "AmbiguousLock": "selecting",
    "ContradictingSelection": "selecting",
    "Change": "diff",
    "ExportedWheel": "conda_exports",
    "export_conda_environment": "conda_exports",
    "export_conda_lock": "conda_exports",
    "export_explicit": "conda_exports",
    "export_pixi_lock": "conda_exports",
    "parse_conda_lock": "foreign.conda_records",
    "parse_explicit": "foreign.conda_records",
    "parse_pixi_lock": "foreign.conda_records",
    "CondaLaw": "check_conda",
    "distributions_of": "check_conda",
    "CondaEdge": "conda_model",
    "CondaEnvironment": "conda_model",
    "CondaWorld": "conda_model",
    "CondaLock": "conda_model",
    "CondaRoot": "conda_model",
    "CondaTarget": "conda_model",
    "LockedConda": "conda_model",
    "NotLockedForPlatform": "conda_select",
    "SelectedConda": "conda_select",
    "choose_conda_target": "conda_select",
    "chosen_wheres": "conda_select",
    "FIRST": "conda_worlds",
    "NotSolvedTogether": "conda_worlds",
    "choices_of": "conda_worlds",
    "chosen_lock": "conda_worlds",
    "environment_lock": "conda_worlds",
    "world_of": "conda_worlds",
    "select_conda": "conda_select",
    "channel_without_credentials": "urls",
    "salvage_conda": "merging",
    "sides_of_conflict": "merging",
    "Edge": "model",
    "InvalidLock": "problems",
    "Lock": "lockfile",
    "LockFault": "problems",
    "LockHasNoEdges": "selecting",
    "LockIncomplete": "selecting",
    "LockedArchive": "model",
    "LockedDirectory": "model",
    "LockedFile": "model",
    "LockedPackage": "model",
    "LockedVcs": "model",
    "MergeMarkers": "problems",
    "NewerLock": "problems",
    "NoFileFits": "selecting",
    "NotLockedFor": "selecting",
    "RootEdge": "model",
    "UnknownSelection": "selecting",
    "Violation": "check",
    "assuming": "markers",
    "broken_choices": "choices",
    "check_lock": "check",
    "selected_on": "check",
    "choose_file": "selecting",
    "diff_locks": "diff",
    "digest_inputs": "inputs",
    "covered_targets": "reaching",
    "export_constraints": "requirements",
    "export_environment_yml": "environment_yml",
    "export_pipfile_lock": "pipfile_lock",
    "export_requirements": "requirements",
    "flattened": "reaching",
    "filename_of": "urls",
    "has_merge_markers": "merging",
    "keep_identities": "carrying",
    "lock_from_tuple": "shadow",
    "lock_to_tuple": "shadow",
    "parse_lock": "parse",
    "apart_marker": "markers",
    "reach_marker": "markers",
    "render_compiled": "compiled",
    "render_lock": "lockfile",
    "salvage": "merging",
    "select": "selecting",
    "without_credentials": "urls",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOME, __all__)
