"""A lock as ``requirements.txt``, for pip and everything that reads its files.

The layout is pip-compile's (``name==version ; marker``, sorted hashes on continued lines, ``# via``
below), so that a project that changes over sees a small diff. The file is universal where the lock
is: markers stay, only the choice of extras and groups is made.
"""

from __future__ import annotations

from hutch.lock.urls import without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hutch.lock.lockfile import Lock
    from hutch.lock.model import Edge, LockedPackage, RootEdge

__all__ = ["export_constraints", "export_requirements"]


def export_requirements(
    lock: Lock,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] | None = None,
    only: bool = False,
    hashes: bool = True,
    annotate: bool = True,
    header: str | None = None,
    options: Iterable[str] = (),
    project: str | None = None,
    manifest: str = "pyproject.toml",
    more: Iterable[str] = (),
    skip: Collection[str] = (),
) -> str:
    """The text of a requirements file for a choice of ``extras`` and ``groups`` (None: the default ones).

    ``only`` leaves out what only the project's own dependencies need. ``options`` are lines such as
    ``--index-url …`` for the top; ``header`` is a comment (without ``#``, may have several lines).
    ``project`` and ``manifest`` are what ``# via`` calls the project and its file, ``more`` are lines for the
    end, ``skip`` names entries to leave out
    (the project itself, where only its dependencies are wanted). Packages without a hash (directories,
    repositories) are written as pip wants them; pip refuses to mix them with hashes, which is its rule.
    """
    from hutch.lock.markers import assuming
    from hutch.lock.selecting import LockHasNoEdges, refuse_contradiction
    from hutch.spec import NEVER, normalize, parse_marker, render_marker

    if only and lock.is_foreign:
        raise LockHasNoEdges
    extras = frozenset(map(normalize, extras))
    groups = frozenset(map(normalize, lock.default_groups if groups is None else groups))
    refuse_contradiction(lock, extras, groups)
    wheres = {f"extra:{name}" for name in extras} | {f"group:{name}" for name in groups}
    if not only:
        wheres.add("project")
    wanted = _reached(lock, wheres) if only else None
    entries: list[tuple[LockedPackage, str]] = []
    for package in lock.packages:
        if package.name in skip or (wanted is not None and package.name not in wanted):
            continue
        marker = assuming(parse_marker(package.marker), extras, groups) if package.marker else None
        if marker != NEVER:
            entries.append((package, render_marker(marker) if marker else ""))
    via, asked = _reasons(
        lock, [package for package, _ in entries], wheres, project or "the project", manifest
    )
    lines = [f"# {line}".rstrip() + "\n" for line in header.splitlines()] if header else []
    lines += [f"{option}\n" for option in options]
    if lines and entries:
        lines.append("\n")
    for package, marker_text in entries:
        lines.append(_entry(package, marker_text, asked.get(package.name, set()), hashes))
        if annotate:
            lines.append(_annotation(via.get(package.name, set())))
    lines += [f"{line}\n" for line in more]
    return "".join(lines)


def export_constraints(lock: Lock, *, header: str | None = None, skip: Collection[str] = ()) -> str:
    """The versions of a flat lock as a constraints file: no hashes, no extras, which pip does not take there.

    A directory can be no constraint, and is left out.
    """
    lines = [f"# {line}".rstrip() + "\n" for line in header.splitlines()] if header else []
    for package in lock.packages:
        if package.directory is None and package.name not in skip:
            lines.append(_entry(package, package.marker or "", set(), False))
    return "".join(lines)


def _entry(package: LockedPackage, marker: str, extras: set[str], hashes: bool) -> str:
    name = f"{package.name}[{','.join(sorted(extras))}]" if extras else str(package.name)
    suffix = f" ; {marker}" if marker else ""
    if package.directory is not None:
        return _directory(package, name, marker)
    if package.vcs is not None:
        return f"{name} @ {_vcs(package)}{suffix}\n"
    if package.archive is not None:
        place = (
            without_credentials(package.archive.url)
            if package.archive.url
            else _file_url(package.archive.path)
        )
        below = f"#subdirectory={package.archive.subdirectory}" if package.archive.subdirectory else ""
        proof = _proof(package.archive.hashes)
        return _continued(f"{name} @ {place}{below}{suffix}", [proof] if proof and hashes else [])
    proofs = {_proof(file.hashes) for file in (*package.wheels, *((package.sdist,) if package.sdist else ()))}
    proofs |= {_proof((one,)) for one in package.loose_hashes}
    return _continued(f"{name}=={package.version}{suffix}", sorted(filter(None, proofs)) if hashes else [])


def _continued(words: str, proofs: list[str]) -> str:
    return " \\\n    ".join([words, *(f"--hash={proof}" for proof in proofs)]) + "\n"


def _directory(package: LockedPackage, name: str, marker: str) -> str:
    assert package.directory is not None
    path = package.directory.path
    if package.directory.subdirectory:
        path = f"{path.rstrip('/')}/{package.directory.subdirectory}"
    if not path.startswith((".", "/", "\\")) and path[1:2] != ":":
        path = f"./{path}"
    extras = name.removeprefix(package.name)
    # A path line of pip takes no name, but extras and a marker behind it.
    words = f"{path}{extras}" + (f" ; {marker}" if marker else "")
    return f"-e {words}\n" if package.directory.editable else f"{words}\n"


def _vcs(package: LockedPackage) -> str:
    vcs = package.vcs
    assert vcs is not None
    place = without_credentials(vcs.url) if vcs.url else _file_url(vcs.path)
    below = f"#subdirectory={vcs.subdirectory}" if vcs.subdirectory else ""
    prefix = "" if place.startswith(f"{vcs.kind}+") else f"{vcs.kind}+"
    return f"{prefix}{place}@{vcs.commit_id}{below}"


def _file_url(path: str | None) -> str:
    return f"file://{path}" if path and path.startswith("/") else f"file:{path}"


def _proof(hashes: tuple[tuple[str, str], ...]) -> str | None:
    """The hash that pip accepts as proof; sha256 if there is one, as everybody has it."""
    known = dict(hashes)
    for algorithm in ("sha256", "sha384", "sha512"):
        if algorithm in known:
            return f"{algorithm}:{known[algorithm]}"
    return None


def _annotation(reasons: set[str]) -> str:
    if not reasons:
        return ""
    if len(reasons) == 1:
        return f"    # via {next(iter(reasons))}\n"
    return "    # via\n" + "".join(f"    #   {reason}\n" for reason in sorted(reasons))


def _reasons(
    lock: Lock, packages: list[LockedPackage], wheres: set[str], project: str, manifest: str
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By name: who needs it, and the extras that are asked of it."""
    via: dict[str, set[str]] = {}
    extras: dict[str, set[str]] = {}

    def note(edge: Edge | RootEdge, who: str) -> None:
        via.setdefault(edge.name, set()).add(who)
        extras.setdefault(edge.name, set()).update(edge.extras)

    for root in lock.roots:
        if root.where in wheres:
            part = root.where.partition(":")[2]
            note(root, f"{project} ({manifest}{':' + part if part else ''})")
    for package in packages:
        for edge in package.dependencies:
            if edge.name != package.name:  # foo[all] that names foo[x] is not its own reason
                note(edge, package.name)
    return via, extras


def _reached(lock: Lock, wheres: set[str]) -> set[str]:
    """The names that are reached from the roots in ``wheres`` on any target."""
    edges: dict[str, set[str]] = {}
    for package in lock.packages:
        edges.setdefault(package.name, set()).update(edge.name for edge in package.dependencies)
    found: set[str] = set()
    queue: list[str] = [root.name for root in lock.roots if root.where in wheres]
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += edges.get(name, ())
    return found
