"""The content-addressed store: what hutch keeps from one command to the next, safe with N processes.

``Store(root)`` has ``tables`` (small values that may be lost at any time), ``wheels`` (unpacked once, checked
before anything of them is visible), ``built`` (which wheel a source was built into), locks and scratch
folders. ``open_archive`` and ``read_tar`` read any archive as strictly as those of wheels. Everything in the
store can be made again; what is damaged is absent. The layout on disk, and what a crash leaves, is in
docs/explanation/store.md. Importing the door loads nothing.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store.archive import Archive, ArchiveFault, Limits, Member, TooMuch, open_archive
    from hutch.store.built import Built
    from hutch.store.bytecode import Bytecode, bytecode_tag, source_of
    from hutch.store.clean_conda import CondaLeaving, CondaLeavings, remove_conda, survey_conda
    from hutch.store.cleaning import Freed, Size, is_ours
    from hutch.store.conda import CondaPackages, StoredConda
    from hutch.store.conda_manifest import CondaManifest, Prefixed
    from hutch.store.conda_read import split_conda_name
    from hutch.store.folder import Store
    from hutch.store.limit import Limit, parse_limit, shown_size, usual_limit
    from hutch.store.locks import hold
    from hutch.store.manifest import Manifest, ManifestFile, Script
    from hutch.store.members import TreeLimits, TreeMember, TreeWriter
    from hutch.store.packed import PackFault, TooLong, Unpacked, zstd
    from hutch.store.problems import InvalidCondaPackage, InvalidWheel, NotAStore, StoreBusy, StoreProblem
    from hutch.store.prune import Pruned
    from hutch.store.repack import repack_wheel
    from hutch.store.scratch import sweep, working_folder
    from hutch.store.tables import Tables, pack_dated
    from hutch.store.tar import Content, TarFault, TarMember, read_tar
    from hutch.store.unarchive import read_into_tree
    from hutch.store.verify import Damage, Verified
    from hutch.store.wheels import StoredWheel, Wheels

__all__ = [
    "Archive",
    "ArchiveFault",
    "Built",
    "Bytecode",
    "CondaLeaving",
    "CondaLeavings",
    "CondaManifest",
    "CondaPackages",
    "Content",
    "Damage",
    "Freed",
    "InvalidCondaPackage",
    "InvalidWheel",
    "Limit",
    "Limits",
    "Manifest",
    "ManifestFile",
    "Member",
    "NotAStore",
    "PackFault",
    "Prefixed",
    "Pruned",
    "Script",
    "Size",
    "Store",
    "StoreBusy",
    "StoreProblem",
    "StoredConda",
    "StoredWheel",
    "Tables",
    "TarFault",
    "TarMember",
    "TooLong",
    "TooMuch",
    "TreeLimits",
    "TreeMember",
    "TreeWriter",
    "Unpacked",
    "Verified",
    "Wheels",
    "bytecode_tag",
    "hold",
    "is_ours",
    "open_archive",
    "pack_dated",
    "parse_limit",
    "read_into_tree",
    "read_tar",
    "remove_conda",
    "repack_wheel",
    "shown_size",
    "source_of",
    "split_conda_name",
    "survey_conda",
    "sweep",
    "usual_limit",
    "working_folder",
    "zstd",
]

_HOMES = {
    "Archive": "archive",
    "ArchiveFault": "archive",
    "Built": "built",
    "Bytecode": "bytecode",
    "CondaLeaving": "clean_conda",
    "CondaLeavings": "clean_conda",
    "CondaManifest": "conda_manifest",
    "CondaPackages": "conda",
    "Content": "tar",
    "Damage": "verify",
    "Freed": "cleaning",
    "InvalidCondaPackage": "problems",
    "InvalidWheel": "problems",
    "Limit": "limit",
    "Limits": "archive",
    "Manifest": "manifest",
    "ManifestFile": "manifest",
    "Member": "archive",
    "NotAStore": "problems",
    "PackFault": "packed",
    "Prefixed": "conda_manifest",
    "Pruned": "prune",
    "Script": "manifest",
    "Size": "cleaning",
    "Store": "folder",
    "StoreBusy": "problems",
    "StoreProblem": "problems",
    "StoredConda": "conda",
    "StoredWheel": "wheels",
    "Tables": "tables",
    "pack_dated": "tables",
    "TarFault": "tar",
    "TarMember": "tar",
    "TooLong": "packed",
    "TooMuch": "archive",
    "TreeLimits": "members",
    "TreeMember": "members",
    "TreeWriter": "members",
    "Unpacked": "packed",
    "Verified": "verify",
    "Wheels": "wheels",
    "bytecode_tag": "bytecode",
    "hold": "locks",
    "is_ours": "cleaning",
    "open_archive": "archive",
    "parse_limit": "limit",
    "read_into_tree": "unarchive",
    "read_tar": "tar",
    "remove_conda": "clean_conda",
    "repack_wheel": "repack",
    "shown_size": "limit",
    "source_of": "bytecode",
    "split_conda_name": "conda_read",
    "survey_conda": "clean_conda",
    "sweep": "scratch",
    "usual_limit": "limit",
    "working_folder": "scratch",
    "zstd": "packed",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
