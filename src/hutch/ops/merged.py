"""The manifest of a whole workspace: the lists, sources and conflicts of its members under one roof."""

from __future__ import annotations

import os

from hutch.events import Notice
from hutch.ops.workspace import InvalidWorkspace
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.ops.context import Context
    from hutch.ops.members import Member
    from hutch.project import CondaSettings, Declared, Manifest, Source
    from hutch.spec import NormalizedName, Specifiers

__all__ = [
    "member_inputs",
    "merged_manifest",
    "moved_source",
    "self_declared",
    "settled_members",
    "tell_ignored",
]


def settled_members(read: list[Member], root: str) -> tuple[Member, ...]:
    """The members with the names of their lists, and whether each is installed and how."""
    from hutch.spec import normalize

    wheres = _wheres(read)
    names = {one.name: one for one in read if one.is_project}
    asked: dict[str, list[tuple[str, Source]]] = {}
    faults: list[str] = []
    hints: dict[str, None] = {}
    for one in read:
        for found in one.manifest.requirements().values():
            for declared in found:
                name = declared.requirement.name
                if name not in names or name == one.name:
                    continue
                sources = _sources_of(one, read[0], name)
                fault = _refused(declared, sources, names[name], root, one)
                if fault:
                    faults.append(fault)
                    hints[f"{name} = {{ workspace = true }} in [tool.hutch.sources]"] = None
                # In uv's workspaces all members are for the Pythons that all of them admit, and one that is
                # no package can be asked for: what it needs is installed.
                apart = "uv" not in read[0].manifest.dialects
                if apart and declared.requirement.marker is None and _older(one, names[name]):
                    faults.append(
                        f"{declared.place} asks for {name}, which is for Python {_said(names[name])};"
                        f" {one.place('project', 'requires-python')} admits older ones ({_said(one)})"
                    )
                    hints[
                        "raise requires-python of the member that asks, or limit what it asks for by a marker"
                    ] = None
                asked.setdefault(name, []).extend((declared.place, source) for source in sources)
                if apart and names[name].manifest.settings.package is False:
                    faults.append(
                        f"{declared.place} asks for {name}, and {names[name].manifest.filename} says that it"
                        " is no package (package = false)"
                    )
        for name, sources in one.manifest.settings.sources.items():
            for source in sources:
                if source.kind == "workspace" and normalize(name) not in names:
                    known = ", ".join(sorted(names)) or "none"
                    faults.append(f"{one.place(*source.path)}: there is no member {name}; members: {known}")
    if faults:
        raise InvalidWorkspace(
            "members of the workspace do not fit together",
            why=tuple(dict.fromkeys(faults)),
            hint=tuple(hints),
        )
    settled = []
    for one in read:
        said = [source for _, source in asked.get(one.name, ()) if one.is_project]
        settled.append(
            replace(
                one,
                wheres=wheres[one.path],
                installs=one.is_project and (one.manifest.is_package or bool(said)),
                editable=all(source.editable for source in said if source.kind == "workspace"),
            )
        )
    return tuple(settled)


def _older(one: Member, other: Member) -> bool:
    """Does it admit Pythons that are too old for the other?"""
    from hutch.spec import lowest_python

    mine = lowest_python(one.manifest.requires_python) if one.is_project else None
    theirs = lowest_python(other.manifest.requires_python)
    return mine is not None and theirs is not None and mine < theirs


def _said(member: Member) -> str:
    from hutch.spec import render_specifiers

    return render_specifiers(member.manifest.requires_python) or "any"


def _wheres(read: list[Member]) -> dict[str, dict[str, str]]:
    """What the lists of each member are called in the lock: short names, and no two alike."""
    root = read[0]
    found: dict[str, dict[str, str]] = {one.path: {} for one in read}
    for name in root.manifest.groups:
        found["."][f"group:{name}"] = f"group:{name}"
    for name in root.manifest.optional_dependencies:
        found["."][f"extra:{name}"] = f"extra:{name}"
    taken = set(found["."].values())

    def fresh(kind: str, name: str) -> str:
        number, where = 1, f"{kind}:{name}"
        while where in taken:
            number += 1
            where = f"{kind}:{name}-{number}"
        taken.add(where)
        return where

    ordered = sorted(read, key=lambda one: (one.name, one.path))
    for one in ordered:
        found[one.path]["project"] = fresh("group", one.name)
    for one in ordered:
        if one.path == ".":
            continue
        for name in sorted(one.manifest.groups):
            found[one.path][f"group:{name}"] = fresh("group", f"{one.name}-{name}")
        for name in sorted(one.manifest.optional_dependencies):
            found[one.path][f"extra:{name}"] = fresh("extra", f"{one.name}-{name}")
    return found


def _sources_of(one: Member, root: Member, name: NormalizedName) -> tuple[Source, ...]:
    said = one.manifest.settings.sources.get(name) or root.manifest.settings.sources.get(name) or ()
    if said or "pdm" not in root.manifest.dialects:
        return said
    from hutch.project import Source

    return (Source(kind="workspace", location="", editable=True),)  # PDM means its members by their names


def _refused(
    declared: Declared, sources: tuple[Source, ...], member: Member, root: str, asker: Member
) -> str:
    """Why a requirement of a member by another one cannot be meant; "" where it can."""
    if declared.requirement.url is not None:
        return f"{declared.place} names a URL for {member.name}, which is a member of this workspace"
    if not sources:
        return (
            f"{declared.place} asks for {member.name}, which is a member of this workspace ({member.path}),"
            " and does not say so: it would come from the index"
        )
    for source in sources:
        base = os.path.join(root, asker.path)
        if source.kind == "path":
            there = os.path.normpath(os.path.join(base, os.path.expanduser(source.location)))
            if there == os.path.normpath(os.path.join(root, member.path)):
                continue
        if source.kind != "workspace":
            return (
                f"{declared.place} takes {member.name} from another place ({source.kind}"
                f" {source.location}), and it is a member of this workspace"
            )
    return ""


# -- one manifest -----------------------------------------------------------------------------------


def merged_manifest(members: tuple[Member, ...]) -> Manifest:
    """What the root says, and the lists of all members."""
    from hutch.project.manifest import Part

    root = members[0].manifest
    extras: dict[str, tuple[Declared, ...]] = {}
    groups: dict[str, tuple[Declared, ...]] = {}
    for one in members:
        for where, found in one.requirements().items():
            kind, _, name = where.partition(":")
            if where == one.wheres["project"]:
                if not one.is_project:
                    continue
                found = (*([self_declared(one)] if one.installs else []), *found)
            (extras if kind == "extra" else groups)[name] = found
    settings = replace(
        root.settings,
        sources=_merged_sources(members),
        conflicts=_merged_conflicts(members),
        default_groups=_default_groups(members),
        conda=_conda(members),
    )
    return replace(
        root,
        name=None,
        version=None,
        dynamic=frozenset({"requires-python"}),  # that of no manifest alone: nobody is to give advice on it
        requires_python=_hull(members),
        dependencies=(),
        optional_dependencies=extras,  # type: ignore[arg-type]
        groups=groups,  # type: ignore[arg-type]
        settings=settings,
        is_package=False,
        parts=tuple(
            Part(name=one.name, path=one.path, manifest=one.manifest, wheres=one.wheres) for one in members
        ),
    )


def _conda(members: tuple[Member, ...]) -> CondaSettings | None:
    if all(one.manifest.settings.conda is None for one in members):
        return None
    from hutch.ops.conda_members import merged_conda

    return merged_conda(members)


def self_declared(member: Member) -> Declared:
    """The member as a requirement: it stands where its name does."""
    from hutch.project import Declared
    from hutch.spec import parse_requirement

    text = str(member.name)
    return Declared(
        requirement=parse_requirement(text),
        text=text,
        path=("project", "name"),
        filename=member.manifest.filename,
        locator=member.manifest.locator,
    )


def _hull(members: tuple[Member, ...]) -> Specifiers:
    """A ``requires-python`` that admits what any member admits, and hardly more."""
    from hutch.spec import lowest_python

    said = list(dict.fromkeys(one.manifest.requires_python for one in members if one.is_project))
    if len(said) == 1:
        return said[0]
    lowest = [lowest_python(each) for each in said if each]
    if len(lowest) < len(said) or not lowest or None in lowest:
        return ()
    major, minor, patch = min(each for each in lowest if each is not None)
    return ((">=", f"{major}.{minor}.{patch}" if patch else f"{major}.{minor}"),)


def _default_groups(members: tuple[Member, ...]) -> tuple[NormalizedName, ...]:
    """What an installer takes that is not asked for anything: the root project, or all members."""
    root = members[0]
    chosen = [root] if root.is_project else list(members)
    apart = {name for each in _merged_conflicts(members) for name in each}
    found: list[str] = []
    for one in chosen:
        wheres = [one.wheres["project"]] if one.is_project else []
        wheres += [one.wheres[f"group:{name}"] for name in one.manifest.default_groups]
        found += [where.partition(":")[2] for where in wheres if one is root or where not in apart]
    return tuple(found)  # type: ignore[arg-type]


def _merged_conflicts(members: tuple[Member, ...]) -> tuple[tuple[str, ...], ...]:
    from hutch.project import Fault, InvalidManifest

    names = {one.name: one for one in members if one.is_project}
    found: list[tuple[str, ...]] = []
    for one in members:
        for number, each in enumerate(one.manifest.settings.conflicts):
            translated = []
            for word in each:
                where, _, whose = word.partition("@")
                owner: Member | None = one
                if where.startswith("package:"):
                    owner, where = names.get(where[8:]), "project"  # type: ignore[call-overload]
                elif whose:
                    owner = names.get(whose)  # type: ignore[call-overload]
                known = owner.wheres.get(where) if owner is not None else None
                if known is None:
                    line = one.manifest.line("tool", "hutch", "conflicts", number)
                    told = f"there is no {word.replace(':', ' ', 1).replace('@', ' of member ')}"
                    fault = Fault(f"tool.hutch.conflicts[{number}]", line, told)
                    raise InvalidManifest(one.manifest.filename, (fault,))
                translated.append(known)
            found.append(tuple(sorted(translated)))
    return tuple(sorted(set(found)))


# -- sources ----------------------------------------------------------------------------------------


def _merged_sources(members: tuple[Member, ...]) -> dict[NormalizedName, tuple[Source, ...]]:
    """The sources of the root, then of the members, from the root; the root has the last word."""
    from hutch.ops.direct import SourceConflict
    from hutch.project import Source

    found: dict[NormalizedName, tuple[Source, ...]] = {}
    names = {one.name for one in members if one.is_project}
    for one in members:
        for name, sources in one.manifest.settings.sources.items():
            if name in names:
                continue
            seen = tuple(_from_root(source, one) for source in sources)
            if name not in found:
                found[name] = seen
            elif found[name] != seen and name not in members[0].manifest.settings.sources:
                other = found[name][0]
                told = [(str(s.place), f"{s.kind} {s.location}") for s in (other, seen[0])]
                raise SourceConflict(name, told[0], told[1])
    for one in members:
        if one.installs:
            place = one.place("project", "name")
            source = Source(kind="path", location=one.path, editable=one.editable, place=place)
            found[one.name] = (source,)
    return dict(sorted(found.items()))


def _from_root(source: Source, member: Member) -> Source:
    """A source of a member as the root would write it."""
    return replace(moved_source(source, member, "."), **_wheres_of_source(source, member))  # type: ignore[arg-type]


def moved_source(source: Source, member: Member, folder: str) -> Source:
    """A source of a member as somebody in another folder of the workspace would write it."""
    location = source.location
    named = source.kind == "path" or (source.kind == "git" and _is_path(location))
    if named and not location.startswith(("/", "~")) and not os.path.isabs(location):
        path = os.path.normpath(os.path.join(member.path, location))
        location = os.path.relpath(path, folder).replace(os.sep, "/")
    return replace(source, location=location, place=member.place(*source.path))


def _wheres_of_source(source: Source, member: Member) -> Mapping[str, str]:
    if source.where is None:
        return {}
    kind, _, name = member.wheres[source.where].partition(":")
    return {kind: name}


def _is_path(location: str) -> bool:
    """Is a repository named by its path? As ``ops.origins`` reads it."""
    if "://" in location:
        return False
    host, colon, _ = location.partition(":")
    return not (colon and len(host) > 1 and "/" not in host and not host.startswith((".", "-")))


def tell_ignored(context: Context, members: Iterable[Member]) -> None:
    """Warn of settings in members that count in the root alone: they are about the lock, and it is one."""
    for one in members:
        tool = one.manifest.tool.get("hutch")
        if one.path == "." or not isinstance(tool, dict):
            continue
        found = sorted(key for key in tool if key not in OF_MEMBERS)
        if found:
            verb = "counts" if len(found) == 1 else "count"
            place = one.place("tool", "hutch", found[0])
            text = f"{place}: {' and '.join(found)} {verb} in the root of the workspace alone"
            context.emit(Notice(text, warning=True))


OF_MEMBERS = ("conda", "conflicts", "default-groups", "other-tools", "package", "sources", "workspace")
"""What a member says for itself; all other settings are about a lock as a whole, or about a machine."""


def member_inputs(members: Iterable[Member]) -> dict[str, str]:
    """What of the members the answer of a lock depends on, beside what they ask for."""
    found = {}
    for one in members:
        asked = ",".join(sorted(op + version for op, version in one.manifest.requires_python))
        found[f"member {one.path}"] = (
            f"{one.name if one.is_project else ''} {asked} {one.installs} {one.editable}"
        )
    return found
