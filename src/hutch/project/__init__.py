"""Manifests: the text of a ``pyproject.toml`` to a model, and edits of that text.

Nothing here touches the disk: callers hand in text and get values or new text. Reading
(``parse_manifest``) is on the path of every command; the edits, the line numbers and the templates
are imported when they are needed.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.adjustments import Adjustment, StatedMetadata
    from hutch.project.bounds import raise_lower_bound
    from hutch.project.conda_settings import (
        CondaCorrection,
        CondaDependency,
        CondaGroup,
        CondaPlatform,
        CondaSettings,
    )
    from hutch.project.declared import Declared
    from hutch.project.dialects.draft import Note
    from hutch.project.edit import (
        AmbiguousEdit,
        NoProjectTable,
        NotDeclared,
        add_requirement,
        add_source,
        declared_in,
        remove_requirement,
        remove_source,
        set_sources,
    )
    from hutch.project.editing import Editor
    from hutch.project.environments import DeclaredEnvironment
    from hutch.project.faults import CannotEdit, Fault, InvalidManifest
    from hutch.project.importing import Imported, NothingToImport, OwnManifestThere, import_manifest
    from hutch.project.loading import load_toml
    from hutch.project.manifest import BuildSystem, Manifest, Part, dialects_in, is_toml
    from hutch.project.parse import parse_manifest, parse_workspace_table, read_settings
    from hutch.project.python_version import parse_python_version, render_python_version
    from hutch.project.repair import replace_entry, set_requires_python
    from hutch.project.requirement_lines import Given, Unreadable, parse_given
    from hutch.project.requirements_file import (
        Asked,
        FileOption,
        InvalidRequirementsFile,
        RequirementsFile,
        decode_requirements,
        read_requirements,
    )
    from hutch.project.script import (
        Block,
        UnclosedBlock,
        add_block,
        find_block,
        parse_script,
        put_back,
        script_manifest,
    )
    from hutch.project.settings import (
        DeclaredIndex,
        ProjectSettings,
        Source,
        parse_indexes,
        parse_moment,
        resolve_moment,
    )
    from hutch.project.spans import scan
    from hutch.project.target_edit import add_member, add_targets
    from hutch.project.templates import render_app, render_library
    from hutch.project.workspace import WorkspaceTable, is_pattern, part_matches

__all__ = [
    "Adjustment",
    "AmbiguousEdit",
    "Asked",
    "FileOption",
    "Given",
    "InvalidRequirementsFile",
    "RequirementsFile",
    "Unreadable",
    "decode_requirements",
    "parse_given",
    "read_requirements",
    "Block",
    "BuildSystem",
    "CannotEdit",
    "CondaCorrection",
    "CondaDependency",
    "CondaGroup",
    "CondaPlatform",
    "CondaSettings",
    "Declared",
    "Editor",
    "DeclaredEnvironment",
    "DeclaredIndex",
    "Fault",
    "Imported",
    "InvalidManifest",
    "Manifest",
    "NoProjectTable",
    "NotDeclared",
    "NothingToImport",
    "OwnManifestThere",
    "import_manifest",
    "Note",
    "Part",
    "ProjectSettings",
    "Source",
    "UnclosedBlock",
    "WorkspaceTable",
    "add_block",
    "StatedMetadata",
    "add_requirement",
    "add_source",
    "set_sources",
    "add_member",
    "add_targets",
    "declared_in",
    "parse_indexes",
    "dialects_in",
    "find_block",
    "is_pattern",
    "is_toml",
    "load_toml",
    "parse_manifest",
    "parse_moment",
    "parse_workspace_table",
    "part_matches",
    "parse_python_version",
    "parse_script",
    "put_back",
    "raise_lower_bound",
    "remove_requirement",
    "remove_source",
    "render_app",
    "render_library",
    "render_python_version",
    "replace_entry",
    "read_settings",
    "resolve_moment",
    "scan",
    "script_manifest",
    "set_requires_python",
]

_HOME = {
    "Block": "script",
    "UnclosedBlock": "script",
    "add_block": "script",
    "find_block": "script",
    "parse_script": "script",
    "put_back": "script",
    "script_manifest": "script",
    "Adjustment": "adjustments",
    "AmbiguousEdit": "edit",
    "Asked": "requirements_file",
    "FileOption": "requirements_file",
    "Given": "requirement_lines",
    "InvalidRequirementsFile": "requirements_file",
    "RequirementsFile": "requirements_file",
    "Unreadable": "requirement_lines",
    "decode_requirements": "requirements_file",
    "parse_given": "requirement_lines",
    "read_requirements": "requirements_file",
    "BuildSystem": "manifest",
    "CannotEdit": "faults",
    "CondaCorrection": "conda_settings",
    "CondaDependency": "conda_settings",
    "CondaGroup": "conda_settings",
    "CondaPlatform": "conda_settings",
    "CondaSettings": "conda_settings",
    "Declared": "declared",
    "Editor": "editing",
    "DeclaredEnvironment": "environments",
    "DeclaredIndex": "settings",
    "Fault": "faults",
    "InvalidManifest": "faults",
    "Manifest": "manifest",
    "Part": "manifest",
    "NoProjectTable": "edit",
    "NotDeclared": "edit",
    "Note": "dialects.draft",
    "Imported": "importing",
    "NothingToImport": "importing",
    "OwnManifestThere": "importing",
    "import_manifest": "importing",
    "dialects_in": "manifest",
    "is_toml": "manifest",
    "ProjectSettings": "settings",
    "Source": "settings",
    "StatedMetadata": "adjustments",
    "add_requirement": "edit",
    "add_source": "edit",
    "set_sources": "edit",
    "add_member": "target_edit",
    "add_targets": "target_edit",
    "WorkspaceTable": "workspace",
    "is_pattern": "workspace",
    "parse_workspace_table": "parse",
    "part_matches": "workspace",
    "declared_in": "edit",
    "parse_indexes": "settings",
    "load_toml": "loading",
    "parse_manifest": "parse",
    "parse_moment": "settings",
    "read_settings": "parse",
    "parse_python_version": "python_version",
    "raise_lower_bound": "bounds",
    "remove_requirement": "edit",
    "remove_source": "edit",
    "render_app": "templates",
    "render_library": "templates",
    "render_python_version": "python_version",
    "resolve_moment": "settings",
    "replace_entry": "repair",
    "scan": "spans",
    "set_requires_python": "repair",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOME, __all__)
