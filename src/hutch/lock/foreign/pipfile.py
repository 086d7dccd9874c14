"""``Pipfile.lock``: JSON, a table of packages for each category of the ``Pipfile``.

It has neither edges nor files: all entries of a category are wanted whose markers hold, and hashes are a flat
set over all files of a version. ``pipenv sync`` installs one category after the other, so that of two
versions of a name the later one stays.

Spec: Pipenv's documentation, "Pipfile & Pipfile.lock" (pipfile-spec 6).
"""

from __future__ import annotations

from hutch.lock.foreign.roots import groups_and_extras
from hutch.lock.lockfile import Lock
from hutch.lock.model import LockedArchive, LockedDirectory, LockedPackage, LockedVcs, RootEdge
from hutch.lock.problems import InvalidLock, LockFault, MergeMarkers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.lock.model import Hashes
    from hutch.project import Manifest

__all__ = ["parse", "pipfile_hashes", "staleness"]

_SPEC = 6
_HASHES = {"sha256": 64, "sha384": 96, "sha512": 128, "md5": 32, "sha1": 40, "sha224": 56}


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text``. Raises ``InvalidLock`` with all that is wrong."""
    data = _loads(text, filename)
    reader = _Reader(data)
    entries: list[tuple[str, LockedPackage]] = []
    for section, table in data.items():
        if section == "_meta":
            continue
        if not isinstance(table, dict):
            reader.fault(section, "should be a table of packages")
            continue
        where = _where(section)
        entries += ((where, found) for key in table if (found := reader.package(section, key, table[key])))
    if reader.faults:
        raise InvalidLock(filename, tuple(reader.faults))
    chosen: dict[str, Any] = dict(groups_and_extras(manifest))
    groups = {where.partition(":")[2] for where, _ in entries} - {""}
    chosen["dependency_groups"] = tuple(sorted(groups.union(chosen["dependency_groups"])))
    order = sorted({where for where, _ in entries}, key=_installed)
    return Lock(
        packages=_merged(sorted(entries, key=lambda entry: order.index(entry[0]))),
        roots=tuple(RootEdge(name=one.name, marker=one.marker, where=where) for where, one in entries),
        created_by="pipenv",
        by_edges=True,
        **chosen,
    )


def _where(section: str) -> str:
    if section == "default":
        return "project"
    from hutch.project.dialects.pipfile import group_name
    from hutch.spec import normalize

    return f"group:{'dev' if section == 'develop' else normalize(group_name(section))}"


def _installed(where: str) -> tuple[int, str]:
    """The place of a category in the order in which ``pipenv sync`` installs them."""
    return {"project": 0, "group:dev": 1}.get(where, 2), where


def _merged(entries: list[tuple[str, LockedPackage]]) -> tuple[LockedPackage, ...]:
    """One entry for each version of a name; of several versions the one of the later category wins.

    The markers of the entries are on the edges that lead to them; what is left here says which version.
    """
    from hutch.values import replace

    by_name: dict[str, list[tuple[str, LockedPackage]]] = {}
    for where, one in entries:
        by_name.setdefault(one.name, []).append((where, one))
    packages: list[LockedPackage] = []
    for found in by_name.values():
        same: list[tuple[list[str], LockedPackage]] = []
        for where, one in found:
            bare = replace(one, marker=None)
            for wheres, other in same:
                if _is_same(bare, other):
                    wheres.append(where)
                    break
            else:
                same.append(([where], bare))
        if len(same) == 1:
            packages.append(same[0][1])
            continue
        for wheres, one in same:
            others = [where for theirs, other in same if other is not one for where in theirs]
            packages.append(replace(one, marker=_only(wheres, others)))
    return tuple(packages)


def _is_same(one: LockedPackage, other: LockedPackage) -> bool:
    from hutch.values import replace

    return replace(one, index=None, loose_hashes=()) == replace(other, index=None, loose_hashes=())


def _only(wheres: list[str], others: list[str]) -> str:
    """The marker of a version that ``wheres`` have, where ``others`` have another.

    It is the one that counts if the latest of all categories that are chosen is one of its own.
    """
    alternatives = []
    for where in wheres:
        later = [each for each in others if _installed(each) > _installed(where)]
        name = where.partition(":")[2]
        terms = [f"'{name}' in dependency_groups"] if name else []
        terms += [f"'{each.partition(':')[2]}' not in dependency_groups" for each in later]
        alternatives.append(" and ".join(terms))
    return " or ".join(alternatives)


class _Reader:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self.faults: list[LockFault] = []
        meta = data.get("_meta")
        meta = meta if isinstance(meta, dict) else {}
        from hutch.project.dialects.indexes import letters_of

        sources = meta.get("sources")
        self.indexes: dict[str, str | None] = {}
        for source in sources if isinstance(sources, list) else ():
            if isinstance(source, dict) and isinstance(source.get("name"), str):
                # The first one is the default index, whatever is configured for that.
                self.indexes[source["name"]] = letters_of(source["name"]) if self.indexes else None

    def fault(self, path: str, reason: str) -> None:
        self.faults.append(LockFault(path, reason))

    def package(self, section: str, key: str, value: object) -> LockedPackage | None:
        """The entry ``key``, its marker that of the entry; None if it is wrong."""
        from hutch.spec import is_valid_name, normalize

        at = f"{section}.{key}"
        before = len(self.faults)
        if not isinstance(value, dict):
            self.fault(at, "should be a table")
            return None
        if not is_valid_name(key):
            self.fault(at, "is not the name of a package")
            return None
        hashes = self.hashes(value.get("hashes", []), f"{at}.hashes")
        marker = self.marker(value, at)
        version = self.version(value.get("version"), f"{at}.version")
        found: dict[str, Any] = {}
        if other := next((each for each in ("hg", "svn", "bzr") if each in value), None):
            self.fault(at, f"hutch takes packages from git, and from no {other} repository")
        elif "git" in value:
            found["vcs"] = self.vcs(value, at)
        elif "file" in value or "path" in value:
            found = self.place(value, at, hashes)
        else:  # without a version any is meant: Pipenv writes that of what it did not need itself
            index = value.get("index")
            found = {
                "index": self.indexes.get(index, index) if isinstance(index, str) else None,
                "loose_hashes": hashes,
                "version": version,
            }
        if len(self.faults) > before:
            return None
        return LockedPackage(name=normalize(key), marker=marker, **found)

    def hashes(self, value: object, at: str) -> Hashes:
        if not isinstance(value, list):
            self.fault(at, "should be an array of hashes")
            return ()
        found: set[tuple[str, str]] = set()
        for text in value:
            algorithm, _, digest = text.partition(":") if isinstance(text, str) else ("", "", "")
            digest = digest.lower()
            if _HASHES.get(algorithm) != len(digest) or set(digest) - set("0123456789abcdef"):
                self.fault(at, f"{text!r} is not a hash such as sha256:HEX")
            else:
                found.add((algorithm, digest))
        return tuple(sorted(found))

    def marker(self, value: dict[str, Any], at: str) -> str | None:
        from hutch.project.dialects.pipfile_entry import Wrong, marker_of

        try:
            return marker_of(value)
        except Wrong as wrong:
            self.fault(".".join((at, *wrong.path)), wrong.reason)
            return None

    def version(self, value: object, at: str) -> str | None:
        if value in (None, "", "*"):
            return None
        from hutch.errors import Problem
        from hutch.spec import version_key

        text = value.strip().lstrip("=").strip() if isinstance(value, str) else ""
        try:
            version_key(text)
        except Problem:
            self.fault(at, "should be one version, as in '==1.2'")
        return text

    def vcs(self, value: dict[str, Any], at: str) -> LockedVcs | None:
        from hutch.project.dialects.pipfile_entry import Wrong, parse_entry

        try:
            entry = parse_entry(
                "x", {key: value[key] for key in ("git", "ref", "subdirectory") if key in value}
            )
        except Wrong as wrong:
            self.fault(".".join((at, *wrong.path)), wrong.reason)
            return None
        commit = (entry.ref or "").lower()
        if len(commit) not in (40, 64) or set(commit) - set("0123456789abcdef"):
            self.fault(f"{at}.ref", "should be a commit in full: a name of one may move")
            return None
        url = entry.place[1] if entry.place is not None else ""
        if "://" not in url and "@" in url.partition(":")[0] and ":" in url:
            host, _, path = url.partition(":")
            url = f"ssh://{host}/{path.lstrip('/')}"  # git@host:path
        is_path = "://" not in url and (url.startswith((".", "/", "~")) or ":" not in url)
        return LockedVcs(
            kind="git",
            url=None if is_path else url,
            path=url if is_path else None,
            commit_id=commit,
            subdirectory=entry.subdirectory,
        )

    def place(self, value: dict[str, Any], at: str, hashes: Hashes) -> dict[str, Any]:
        """A directory, or an archive by its URL or path."""
        from hutch.project.dialects.pipfile_entry import Wrong, parse_entry
        from hutch.project.requirement_lines import ARCHIVES

        wanted = ("file", "path", "subdirectory", "editable")
        try:
            entry = parse_entry("x", {key: value[key] for key in wanted if key in value})
        except Wrong as wrong:
            self.fault(".".join((at, *wrong.path)), wrong.reason)
            return {}
        assert entry.place is not None
        kind, location = entry.place
        if kind == "git":
            return {"vcs": self.vcs({**value, "git": location}, at)}
        if kind == "url":
            url, _, fragment = location.partition("#")
            return {"archive": LockedArchive(url=url, hashes=_one(hashes, fragment), **_within(entry))}
        if location.lower().endswith(ARCHIVES):
            return {"archive": LockedArchive(path=location, hashes=_one(hashes, ""), **_within(entry))}
        return {"directory": LockedDirectory(path=location, editable=entry.editable, **_within(entry))}


def _within(entry: Any) -> dict[str, Any]:
    return {"subdirectory": entry.subdirectory}


def _one(hashes: Hashes, fragment: str) -> Hashes:
    """The hashes of an archive: those of the entry if they are of one file, else of the URL."""
    if len({algorithm for algorithm, _ in hashes}) == len(hashes) and hashes:
        return hashes
    algorithm, _, digest = fragment.partition("=")
    return ((algorithm, digest.lower()),) if _HASHES.get(algorithm) == len(digest) else ()


def _loads(text: str, filename: str) -> dict[str, Any]:
    import json

    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            raise MergeMarkers(filename, number)
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        fault = LockFault("", f"it is not JSON: {error.msg}", error.lineno)
        raise InvalidLock(filename, (fault,)) from None
    except (RecursionError, ValueError):
        raise InvalidLock(filename, (LockFault("", "it is nested too deeply", 1),)) from None
    if not isinstance(data, dict):
        raise InvalidLock(filename, (LockFault("", "should be an object", 1),))
    meta = data.get("_meta")
    spec = meta.get("pipfile-spec", _SPEC) if isinstance(meta, dict) else None
    if not isinstance(meta, dict):
        raise InvalidLock(filename, (LockFault("_meta", "is missing", 1),))
    if not isinstance(spec, int) or spec > _SPEC:
        reason = f"is {spec!r}, and hutch reads {_SPEC}"
        raise InvalidLock(filename, (LockFault("_meta.pipfile-spec", reason),))
    return data


# --- is it up to date? ---


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Why the lock is not that of the ``Pipfile``: by the hash that Pipenv keeps in it."""
    meta = _loads(text, "Pipfile.lock")["_meta"]
    kept = meta.get("hash")
    known = kept.get("sha256") if isinstance(kept, dict) else None
    if not isinstance(known, str):
        return "it has no hash of the Pipfile"
    if known.lower() in pipfile_hashes(manifest_text, meta.get("sources")):
        return None
    return f"the Pipfile has changed since: it was locked with the hash {known[:12]}…"


def pipfile_hashes(text: str, default_sources: object = None) -> tuple[str, ...]:
    """The hashes by which versions of Pipenv know the Pipfile ``text``, today's first.

    Today's normalises the names of packages; earlier ones did not, and the first knew no categories. A
    Pipfile without a source is hashed with Pipenv's own, which a lock has in it (``default_sources``).
    """
    import json

    from hutch.project.dialects.pipfile import HASHED_APART
    from hutch.project.toml_text import read_toml
    from hutch.spec import normalize, short_sha256

    try:
        data = read_toml(text)
    except ValueError:
        return ()

    def names(table: Any) -> Any:
        return {normalize(key): table[key] for key in table} if isinstance(table, dict) else table

    def digest(change: Callable[[Any], Any], *, categories: bool = True) -> str:
        hashed: dict[str, Any] = {
            "_meta": {
                "sources": data.get("source", default_sources),
                "requires": data.get("requires", {}),
            },
            "default": change(data.get("packages", {})),
            "develop": change(data.get("dev-packages", {})),
        }
        if categories:
            hashed |= {key: change(table) for key, table in data.items() if key not in HASHED_APART}
        content = json.dumps(hashed, sort_keys=True, separators=(",", ":"), default=str)
        return short_sha256(content.encode())

    return (digest(names), digest(_same), digest(_same, categories=False))


def _same(table: Any) -> Any:
    return table
