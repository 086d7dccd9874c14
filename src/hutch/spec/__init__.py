"""The words of the field as values: names, versions, requirements, markers, tags, targets, hashes.

Nothing here touches the world. What is asked thousands of times a second (version order, what a
specifier admits, markers over targets, wheel tags) is written without ``packaging``, which stays
the oracle that the tests compare with. The door is lazy: importing it costs nothing, and each name
brings only its own module.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .conda_records import CondaRecord, record_from_json
    from .conda_specs import CondaSpec, InvalidCondaSpec, channel_is, parse_conda_spec
    from .conda_versions import (
        CondaVersion,
        InvalidCondaVersion,
        compare_conda_versions,
        parse_conda_version,
        parse_version_spec,
    )
    from .defaults import default_targets
    from .digest import short_sha256
    from .hashes import (
        PROOF_ALGORITHMS,
        HashMismatch,
        InvalidHash,
        best_hash,
        parse_hash,
        render_hash,
        require_same_hash,
    )
    from .markers import (
        NEVER,
        InvalidMarker,
        Marker,
        and_,
        evaluate,
        mentions_extra,
        or_,
        parse_marker,
        render_marker,
    )
    from .metadata import (
        CoreMetadata,
        InvalidMetadata,
        metadata_from_tuple,
        metadata_to_tuple,
        parse_metadata,
        static_requirements,
    )
    from .names import (
        InvalidName,
        NormalizedName,
        is_file_name,
        is_valid_name,
        normalize,
        parse_name,
        safe_text,
    )
    from .platform_names import InvalidPlatform, parse_platform
    from .platforms import Platform
    from .requirements import (
        InvalidRequirement,
        Requirement,
        parse_requirement,
        parse_requirement_with,
        requirement_from_tuple,
        requirement_to_tuple,
    )
    from .specifiers import (
        InvalidSpecifier,
        Specifiers,
        admits,
        admits_key,
        admitted_intervals,
        lower_bound,
        matching,
        mentions_prerelease,
        parse_legacy_specifiers,
        parse_specifiers,
        pins_exactly,
        render_specifiers,
    )
    from .tags import (
        InvalidWheelName,
        TagFacts,
        WheelName,
        best_rank,
        parse_sdist_name,
        parse_wheel_name,
        split_wheel_name,
        supported_tags,
    )
    from .target_words import NoTargetsLeft, TargetWord, named_targets, parse_target_word, usual_target
    from .targets import InvalidTarget, NoTargets, Target, lowest_python, parse_target, slices
    from .universe import Targets
    from .versions import (
        InvalidVersion,
        VersionKey,
        base_version,
        canonical_version,
        is_local,
        is_prerelease,
        key_and_spelling,
        next_version,
        public_version,
        version_key,
    )

_HOME = {
    "CondaRecord": "conda_records", "record_from_json": "conda_records",
    "CondaSpec": "conda_specs", "InvalidCondaSpec": "conda_specs", "channel_is": "conda_specs",
    "parse_conda_spec": "conda_specs",
    "CondaVersion": "conda_versions", "InvalidCondaVersion": "conda_versions",
    "compare_conda_versions": "conda_versions", "parse_conda_version": "conda_versions",
    "parse_version_spec": "conda_versions",
    "short_sha256": "digest",
    "PROOF_ALGORITHMS": "hashes", "HashMismatch": "hashes", "InvalidHash": "hashes", "best_hash": "hashes",
    "parse_hash": "hashes", "render_hash": "hashes", "require_same_hash": "hashes",
    "NEVER": "markers", "InvalidMarker": "markers", "Marker": "markers", "and_": "markers",
    "evaluate": "markers", "mentions_extra": "markers", "or_": "markers", "parse_marker": "markers",
    "render_marker": "markers",
    "CoreMetadata": "metadata", "InvalidMetadata": "metadata", "metadata_from_tuple": "metadata",
    "metadata_to_tuple": "metadata", "parse_metadata": "metadata", "static_requirements": "metadata",
    "InvalidName": "names", "NormalizedName": "names", "is_file_name": "names",
    "is_valid_name": "names", "normalize": "names", "parse_name": "names", "safe_text": "names",
    "InvalidPlatform": "platform_names", "parse_platform": "platform_names",
    "Platform": "platforms",
    "InvalidRequirement": "requirements", "Requirement": "requirements", "parse_requirement": "requirements",
    "parse_requirement_with": "requirements",
    "requirement_from_tuple": "requirements", "requirement_to_tuple": "requirements",
    "InvalidSpecifier": "specifiers", "Specifiers": "specifiers", "admits": "specifiers",
    "admits_key": "specifiers", "admitted_intervals": "specifiers", "lower_bound": "specifiers",
    "matching": "specifiers", "mentions_prerelease": "specifiers",
    "parse_legacy_specifiers": "specifiers", "parse_specifiers": "specifiers", "pins_exactly": "specifiers",
    "render_specifiers": "specifiers",
    "InvalidWheelName": "tags", "TagFacts": "tags", "WheelName": "tags", "best_rank": "tags",
    "parse_sdist_name": "tags", "parse_wheel_name": "tags", "split_wheel_name": "tags",
    "supported_tags": "tags",
    "InvalidTarget": "targets", "NoTargets": "targets", "Target": "targets", "default_targets": "defaults",
    "lowest_python": "targets", "slices": "targets",
    "parse_target": "targets", "NoTargetsLeft": "target_words", "TargetWord": "target_words",
    "named_targets": "target_words", "parse_target_word": "target_words",
    "usual_target": "target_words",
    "Targets": "universe",
    "InvalidVersion": "versions", "VersionKey": "versions", "base_version": "versions",
    "canonical_version": "versions", "is_local": "versions", "is_prerelease": "versions",
    "key_and_spelling": "versions", "next_version": "versions", "public_version": "versions",
    "version_key": "versions",
}  # fmt: skip

__all__ = [
    "NEVER",
    "PROOF_ALGORITHMS",
    "CondaRecord",
    "CondaSpec",
    "CondaVersion",
    "CoreMetadata",
    "HashMismatch",
    "InvalidCondaSpec",
    "InvalidCondaVersion",
    "InvalidHash",
    "InvalidMarker",
    "InvalidMetadata",
    "InvalidName",
    "InvalidPlatform",
    "InvalidRequirement",
    "InvalidSpecifier",
    "InvalidTarget",
    "InvalidVersion",
    "InvalidWheelName",
    "Marker",
    "NoTargets",
    "NoTargetsLeft",
    "TargetWord",
    "named_targets",
    "parse_target_word",
    "usual_target",
    "NormalizedName",
    "Platform",
    "Requirement",
    "Specifiers",
    "TagFacts",
    "Target",
    "Targets",
    "VersionKey",
    "WheelName",
    "admits",
    "admits_key",
    "admitted_intervals",
    "and_",
    "base_version",
    "best_hash",
    "best_rank",
    "canonical_version",
    "channel_is",
    "compare_conda_versions",
    "default_targets",
    "evaluate",
    "is_local",
    "is_prerelease",
    "key_and_spelling",
    "is_file_name",
    "is_valid_name",
    "lower_bound",
    "lowest_python",
    "matching",
    "mentions_extra",
    "mentions_prerelease",
    "metadata_from_tuple",
    "metadata_to_tuple",
    "next_version",
    "normalize",
    "or_",
    "parse_conda_spec",
    "parse_conda_version",
    "parse_hash",
    "parse_legacy_specifiers",
    "parse_marker",
    "parse_metadata",
    "parse_name",
    "parse_platform",
    "parse_requirement",
    "parse_requirement_with",
    "parse_sdist_name",
    "parse_specifiers",
    "parse_target",
    "parse_version_spec",
    "parse_wheel_name",
    "pins_exactly",
    "public_version",
    "record_from_json",
    "render_hash",
    "render_marker",
    "render_specifiers",
    "require_same_hash",
    "requirement_from_tuple",
    "requirement_to_tuple",
    "safe_text",
    "slices",
    "short_sha256",
    "split_wheel_name",
    "static_requirements",
    "supported_tags",
    "version_key",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOME, __all__)
