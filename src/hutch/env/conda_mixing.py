"""What pip has done to a conda prefix: which of its distributions lie over which packages of conda.

pip knows nothing of `conda-meta`. Where conda's package has a `dist-info` with a RECORD, pip takes that out
by it and puts its own there; `conda-meta` goes on speaking of what was. Nothing here changes anything.
"""

from __future__ import annotations

import os
import posixpath

from hutch.env.conda_files import A_DIRECTORY, conda_rows
from hutch.env.conda_installed import PREFIX, meta_records
from hutch.env.records import has_digest, read_record
from hutch.env.removal import is_protected
from hutch.plain import read_plain
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env.environment import Environment
    from hutch.env.installed import Installed

__all__ = ["CondaOwned", "Mixed", "conda_owned", "find_mixed", "find_stranded"]

_LARGEST = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """A distribution that lies over packages of conda.

    ``conda`` are the names of those, ``known`` the version that conda has of the same distribution (empty
    where none has its name), ``files`` the paths that both have. ``rewritten``: its `dist-info` is at the
    very path of conda's, so that ``strays`` (paths of its RECORD that conda does not know) are all that is
    its own.
    """

    name: str
    version: str
    installer: str
    conda: tuple[str, ...]
    known: str = ""
    files: tuple[str, ...] = ()
    rewritten: bool = False
    strays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaOwned:
    """What the records of a prefix say: the package of each path, the digests, and of each distribution (by
    its normalised name) the package that brings it and its `dist-info`."""

    owners: dict[str, str]
    digests: dict[str, str]
    distributions: dict[str, tuple[str, str, str]]
    """Normalised name → (conda's name, version, `dist-info` or ``""`` where only the name tells)."""


def conda_owned(root: str) -> CondaOwned:
    """Read all of `conda-meta`."""
    from hutch.spec import normalize

    owners: dict[str, str] = {}
    digests: dict[str, str] = {}
    distributions: dict[str, tuple[str, str, str]] = {}
    by_name: dict[str, tuple[str, str, str]] = {}
    for where in meta_records(root):
        parts = posixpath.basename(where).removesuffix(".json").rsplit("-", 2)
        if len(parts) != 3:
            continue
        name, version, _ = parts
        by_name[str(normalize(name))] = (name, version, "")
        try:
            content = read_plain(os.path.join(root, where), _LARGEST)
        except (OSError, ValueError):
            continue
        for path, digest, _ in conda_rows(content):
            if digest == A_DIRECTORY:
                continue
            owners[path] = name
            digests[path] = digest
            folder, _, last = path.rpartition("/")
            if last == "METADATA" and folder.endswith(".dist-info"):
                stem = posixpath.basename(folder)[: -len(".dist-info")]
                each, _, number = stem.partition("-")
                distributions[str(normalize(each))] = (name, number, folder)
    brought = {name for name, _, _ in distributions.values()}
    for each, row in by_name.items():
        if each not in distributions and row[0] not in brought:
            distributions[each] = row
    return CondaOwned(owners=owners, digests=digests, distributions=distributions)


def find_mixed(environment: Environment, owned: CondaOwned | None = None) -> tuple[Mixed, ...]:
    """Distributions of pip's, uv's or whose ever that lie over packages of conda, by name."""
    root = environment.root
    owned = owned or conda_owned(root)
    found: dict[str, Mixed] = {}
    own = {
        str(name): one for name, one in environment.installed().items() if not str(name).startswith(PREFIX)
    }
    theirs: set[str] = set()
    for name, one in own.items():
        if one.kind != "dist-info" or one.installer in ("", "conda"):
            continue
        paths = set(read_record(root, one.dist_info))
        theirs |= paths
        shared = sorted(path for path in paths if path in owned.owners and not path.endswith(".pyc"))
        row = owned.distributions.get(name)
        over = {owned.owners[path] for path in shared} | ({row[0]} if row is not None else set())
        if over:
            found[name] = Mixed(
                name=name,
                version=one.version,
                installer=one.installer,
                conda=tuple(sorted(over)),
                known=row[1] if row is not None else "",
                files=tuple(shared),
            )
    for name, (package, version, folder) in owned.distributions.items():
        if not folder or name in found:
            continue
        installer = _installer(root, folder)
        path = f"{folder}/INSTALLER"
        if installer in ("", "conda") or _is_as_put_in(root, path, owned):
            continue
        rows = read_record(root, folder)
        strays = [
            path
            for path in rows
            if path not in owned.owners
            and path not in theirs
            and not path.endswith(".pyc")
            and not is_protected(path, environment.scripts, prefix=True)
            and os.path.lexists(os.path.join(root, path))
        ]
        shared = sorted(path for path in rows if owned.owners.get(path) == package)
        found[name] = Mixed(
            name=name,
            version=version,
            installer=installer,
            conda=(package,),
            known=version,
            files=tuple(shared),
            rewritten=True,
            strays=tuple(sorted(strays)),
        )
    return tuple(found[name] for name in sorted(found))


def find_stranded(environment: Environment) -> dict[str, Installed]:
    """Distributions in the directory of a Python that the prefix no longer has, by name."""
    return {
        str(name): one
        for name, one in environment.installed().items()
        if not str(name).startswith(PREFIX)
        and environment.purelib
        and posixpath.dirname(one.dist_info) != environment.purelib
    }


def _installer(root: str, folder: str) -> str:
    try:
        return read_plain(os.path.join(root, folder, "INSTALLER"), 4096).decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return ""


def _is_as_put_in(root: str, path: str, owned: CondaOwned) -> bool:
    """Whether the file is the one of conda's package."""
    digest = owned.digests.get(path, "")
    return path in owned.owners and (not digest or has_digest(os.path.join(root, path), digest))
