"""Requirements files as a lock: each line one version, with the hashes of its files.

A project may have several, one for each layer (``requirements.txt``, ``requirements-dev.txt``). ``gather``
puts them into one text, and that is what is parsed. Comments (``# via``) are for people; there are no edges:
all lines are wanted whose markers hold. Files that pin versions and have no hashes prove nothing: they are no
lock, and their versions are kept when one is made.

Spec: pip's reference, "Requirements File Format", "Hash-checking Mode".
"""

from __future__ import annotations

from hutch.lock.foreign.roots import groups_and_extras
from hutch.lock.lockfile import Lock
from hutch.lock.model import LockedArchive, LockedDirectory, LockedPackage, LockedVcs, RootEdge
from hutch.lock.problems import InvalidLock, LockFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project import Asked, Manifest
    from hutch.project.dialects.requirements_layers import Layer

__all__ = ["gather", "is_lock", "parse", "staleness"]

_UNSAFE = frozenset({"pip", "setuptools", "distribute"})
"""What pip-compile leaves out of its output unless it is told otherwise."""


def gather(manifest: str, read: Callable[[str], str | None]) -> str:
    """The files that may lock the project whose manifest is ``manifest``, as one text."""
    import json

    from hutch.project.dialects.requirements_layers import compiled_from, find_layers

    found: dict[str, Any] = {"layers": [], "files": {}}
    is_list = manifest.endswith((".txt", ".in"))
    for layer in find_layers(manifest, read)[0] if is_list else compiled_from(manifest, read):
        if layer.compiled is not None:
            found["layers"].append((layer.where, layer.compiled, layer.source))
            _collect(layer.compiled, read, found["files"])
    return json.dumps(found)


def _collect(path: str, read: Callable[[str], str | None], files: dict[str, str]) -> None:
    """The file, those that it includes, and what says the names of directories in it."""
    import re

    from hutch.project.dialects.requirements_layers import join_path

    text = read(path) if path not in files else None
    if text is None:
        return
    files[path] = text
    for found in re.finditer(r"^(?:-r|--requirement)[ \t=]*([^\s#]+)", text, re.M):
        if (target := join_path(path, found[1].strip("'\""))) is not None:
            _collect(target, read, files)
    for found in re.finditer(r"^(?:-e|--editable)[ \t=]*([^\s#;\[]+)|^(\.[^\s#;\[]*)", text, re.M):
        for folder in _folders(path, found[1] or found[2]):
            for name in ("pyproject.toml", "setup.py", "setup.cfg"):
                place = f"{folder}/{name}" if folder else name
                if (said := read(place)) is not None:
                    files[place] = said


def _folders(container: str, text: str) -> set[str]:
    """The directories that a path or a ``file:`` URL may mean in the file ``container``."""
    from hutch.project.dialects.requirements_layers import join_path

    if text.startswith("file:///"):
        from urllib.parse import unquote

        return {unquote(text[7:]).rstrip("/")}
    return {each for each in (join_path(container, text), join_path("", text)) if each is not None}


def is_lock(text: str) -> bool:
    """Whether the project's own file pins every version and has hashes for it."""
    try:
        layers = _layers(text, "requirements.txt")
    except InvalidLock:
        return False
    return any(layer.where == "project" and _is_locked(asked) for layer, asked in layers)


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock that ``gather`` made the text of. Raises ``InvalidLock``.

    Where the project's own file has no hashes there are versions alone, for whoever makes a lock from them;
    else a layer without hashes is not in it.
    """
    layers = _layers(text, filename)
    read: Callable[[str], str | None] = _gathered(text)["files"].get
    locked = any(layer.where == "project" and _is_locked(asked) for layer, asked in layers)
    found: dict[LockedPackage, None] = {}
    roots: list[tuple[str, LockedPackage, Asked]] = []
    faults: list[LockFault] = []
    for layer, asked in layers:
        if locked and not _is_locked(asked):
            continue
        for one in asked:
            if not locked and not _is_indexed(one):
                continue  # only versions are wanted
            try:
                package = _package(one, read)
            except ValueError as error:
                faults.append(LockFault(one.place, str(error)))
                continue
            if package is not None:
                found.setdefault(package)
                roots.append((layer.where, package, one))
    if faults:
        raise InvalidLock(filename, tuple(faults))
    packages = _united(found)
    versions: dict[str, int] = {}
    for package in packages:
        versions[package.name] = versions.get(package.name, 0) + 1
    chosen: dict[str, Any] = dict(groups_and_extras(manifest))
    there = {layer.where.partition(":")[2] for layer, asked in layers if not locked or _is_locked(asked)}
    for key in ("extras", "dependency_groups", "default_groups"):
        chosen[key] = tuple(group for group in chosen[key] if group in there)
    return Lock(
        packages=packages,
        roots=tuple(
            RootEdge(
                name=package.name,
                version=package.version if versions[package.name] > 1 else None,
                marker=_marker(one),
                where=where,
            )
            for where, package, one in roots
        ),
        created_by="pip-tools",
        by_edges=True,
        **chosen,
    )


def _united(found: dict[LockedPackage, None]) -> tuple[LockedPackage, ...]:
    """One entry for a version, whichever file says it: with the hashes of all."""
    from hutch.values import replace

    by_version: dict[LockedPackage, set[tuple[str, str]]] = {}
    for package in found:
        bare = replace(package, loose_hashes=())
        by_version.setdefault(bare, set()).update(package.loose_hashes)
    return tuple(replace(bare, loose_hashes=tuple(sorted(hashes))) for bare, hashes in by_version.items())


def _layers(text: str, filename: str) -> list[tuple[Layer, tuple[Asked, ...]]]:
    """What each file of the gathered ``text`` asks for, with what it includes."""
    from hutch.errors import Problem
    from hutch.project.dialects.requirements_layers import Layer, join_path
    from hutch.project.requirements_file import InvalidRequirementsFile, read_requirements

    gathered = _gathered(text)
    files: dict[str, str] = gathered["files"]

    def read(path: str) -> bytes:
        if path not in files:
            raise Problem(f"{path} cannot be read", why="nothing is there")
        return _without_constraints(files[path]).encode("utf-8", "surrogatepass")

    def join(container: str, text: str) -> str:
        path = join_path(container, text)
        if path is None:
            raise Problem(f"{text} is not a file of this project")
        return path

    found: list[tuple[Layer, tuple[Asked, ...]]] = []
    for where, compiled, source in gathered["layers"]:
        layer = Layer(where=where, source=source, compiled=compiled)
        try:
            said = read_requirements(compiled, read, join=join, shown=lambda path: path, environ={})
        except InvalidRequirementsFile as problem:
            faults = tuple(LockFault(f"{each.path}:{each.line}", each.reason) for each in problem.faults)
            raise InvalidLock(filename, faults) from None
        found.append((layer, tuple(one for one in said.asked if not one.constraint)))
    return found


def _gathered(text: str) -> dict[str, Any]:
    import json

    if not text.startswith('{"layers"'):  # a file by itself
        return {
            "layers": [("project", "requirements.txt", "requirements.txt")],
            "files": {"requirements.txt": text},
        }
    found: dict[str, Any] = json.loads(text)
    return found


def _without_constraints(text: str) -> str:
    import re

    return re.sub(r"^(?:-c|--constraint)[ \t=]*[^\s#]+", "", text, flags=re.M)


def _is_locked(asked: tuple[Asked, ...]) -> bool:
    """Whether every line is one version, one archive or one commit, and proves it, or a directory."""
    try:
        return any(one.hashes for one in asked) and all(map(_is_proven, asked))
    except ValueError:
        return False


def _is_proven(asked: Asked) -> bool:
    """Is it sure what the line means?"""
    if _is_indexed(asked):
        return _pinned(asked) is not None and bool(asked.hashes)
    requirement = asked.given.requirement
    location = asked.given.location or (requirement.url if requirement is not None else None) or ""
    if location.startswith("git+"):
        return _is_commit(location.partition("#")[0].rpartition("@")[2])
    return "://" not in location or location.lower().startswith("file:") or bool(_hashes(asked))


def _is_commit(text: str) -> bool:
    return len(text) in (40, 64) and not set(text.lower()) - set("0123456789abcdef")


def _is_indexed(asked: Asked) -> bool:
    requirement = asked.given.requirement
    return requirement is not None and requirement.url is None and not asked.given.editable


def _pinned(asked: Asked) -> str | None:
    """The one version that a line allows."""
    from hutch.spec import pins_exactly

    requirement = asked.given.requirement
    return pins_exactly(requirement.specifiers) if requirement is not None else None


def _marker(asked: Asked) -> str | None:
    from hutch.spec import render_marker

    requirement = asked.given.requirement
    marker = requirement.marker if requirement is not None else asked.given.marker
    return render_marker(marker) if marker is not None else None


def _package(asked: Asked, read: Callable[[str], str | None]) -> LockedPackage | None:
    """The entry of a line; None of one that says no version. ValueError where it cannot be installed."""
    from hutch.spec import normalize

    if _is_indexed(asked):
        version = _pinned(asked)
        requirement = asked.given.requirement
        if version is None or requirement is None:
            return None
        return LockedPackage(
            name=requirement.name, version=version, loose_hashes=tuple(sorted(set(asked.hashes)))
        )
    from hutch.project.dialects.requirements_places import NoName, located

    try:
        words, name, source, _ = located(asked, read)
    except NoName as error:
        raise ValueError(str(error)) from None
    name = normalize(name)
    if source is not None:
        path = source["path"]
        if path.lower().endswith((".whl", ".zip", ".gz", ".bz2", ".xz", ".tgz")):
            return LockedPackage(name=name, archive=LockedArchive(path=path, hashes=_hashes(asked)))
        directory = LockedDirectory(
            path=path, editable=asked.given.editable, subdirectory=source.get("subdirectory")
        )
        return LockedPackage(name=name, directory=directory)
    url = words.partition(" @ ")[2].partition(" ; ")[0]
    address, _, fragment = url.partition("#")
    within = dict(part.partition("=")[::2] for part in fragment.split("&")).get("subdirectory")
    if not address.startswith("git+"):
        archive = LockedArchive(url=address, hashes=_hashes(asked), subdirectory=within)
        return LockedPackage(name=name, archive=archive)
    place, _, commit = address[4:].rpartition("@")
    if not _is_commit(commit):
        raise ValueError("should name a commit in full: another name of one may move")
    return LockedPackage(
        name=name, vcs=LockedVcs(kind="git", url=place, commit_id=commit.lower(), subdirectory=within)
    )


def _hashes(asked: Asked) -> tuple[tuple[str, str], ...]:
    """The hashes of an archive, one of a kind: it is one file. Its URL may have one, too."""
    from hutch.errors import Problem
    from hutch.spec import parse_hash

    requirement = asked.given.requirement
    url = asked.given.location or (requirement.url if requirement is not None else None) or ""
    found: dict[str, str] = {}
    said = list(asked.hashes)
    for part in url.partition("#")[2].split("&"):
        if part.startswith(("sha256=", "sha384=", "sha512=")):
            try:
                said.append(parse_hash(part.replace("=", ":", 1)))
            except Problem as problem:
                raise ValueError(problem.what) from None
    for algorithm, digest in said:
        if found.setdefault(algorithm, digest) != digest:
            raise ValueError(f"has two hashes of the kind {algorithm}, and is one file")
    return tuple(sorted(found.items()))


# --- is it up to date? ---


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Why the versions are not those that the manifest asks for: each of its requirements has to be met.

    One with a marker may be absent: files are compiled for one Python on one system.
    """
    from hutch.spec import admits

    read: Callable[[str], str | None] = _gathered(text)["files"].get
    for layer, asked in _layers(text, "requirements.txt"):
        if layer.source == layer.compiled or not _is_locked(asked):
            continue
        pins: dict[str, list[str | None]] = {}
        for one in asked:
            try:
                package = _package(one, read)
            except ValueError:
                continue
            if package is not None:
                pins.setdefault(package.name, []).append(package.version)
        for declared in manifest.requirements().get(layer.where, ()):
            requirement = declared.requirement
            found = pins.get(requirement.name)
            if found is None:
                if requirement.marker is None and requirement.name not in _UNSAFE:
                    return f"{declared.place} asks for {requirement.name}, which is not in {layer.compiled}"
            elif not any(each is None or admits(requirement.specifiers, each) for each in found):
                words = requirement.render().partition(";")[0].strip()
                return f"{declared.place} asks for {words}, and {layer.compiled} has {found[0]}"
    return None
