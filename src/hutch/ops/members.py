"""A workspace as one project: what its members ask for, under names that one lock can have.

PEP 751 knows extras and groups, and nothing of members. So each member is a group of the lock, its own
extras and groups get the member's name in front, and a manifest is put together that says all of it. To
whatever locks and selects, a workspace is then a project like any other. See
``docs/explanation/workspaces.md``.
"""

from __future__ import annotations

import os

from hutch.ops.checkout import LOCK, MANIFEST, Checkout, Neighbours, read_manifest, read_text
from hutch.ops.workspace import Found, InvalidWorkspace, find_members
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hutch.ops.context import Context
    from hutch.ops.memory import Memory
    from hutch.project import Declared, Manifest, WorkspaceTable
    from hutch.spec import NormalizedName, Specifiers

__all__ = ["Member", "Workspace", "read_workspace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One project of a workspace. ``path`` is its folder from the root, ``.`` for the root itself.

    ``wheres`` says what its lists are called in the lock: ``project`` → ``group:api``. ``installs`` tells
    whether it is itself installed: it is a package, or another member needs it.
    """

    name: NormalizedName
    path: str
    text: str
    manifest: Manifest
    is_project: bool = True
    installs: bool = False
    editable: bool = True
    wheres: Mapping[str, str] = field(default_factory=dict)

    def requirements(self) -> dict[str, tuple[Declared, ...]]:
        """Its lists, by what the lock calls them."""
        return {self.wheres[where]: found for where, found in self.manifest.requirements().items()}

    def place(self, *path: str | int) -> str:
        """Where something stands in its manifest, for a sentence."""
        return f"{self.manifest.filename}:{self.manifest.line(*path)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace(Checkout):
    """A workspace on disk. ``manifest`` says what all members ask for; ``focus`` is the member whose
    manifest is to be edited and whose lists are meant, where none is named."""

    focus: str
    projects: tuple[Member, ...]
    found: Found
    overlay: Mapping[str, str | None] = field(default_factory=dict)
    lock_at: str | None = None
    before: tuple[tuple[str, object], ...] = ()

    @property
    def lock_path(self) -> str:
        return self.lock_at or os.path.join(self.root, LOCK)

    @property
    def members(self) -> tuple[Member, ...]:
        return self.projects

    @property
    def table(self) -> WorkspaceTable:
        """``[tool.hutch.workspace]``."""
        table = self.projects[0].manifest.settings.workspace
        assert table is not None
        return table

    @property
    def current(self) -> Member:
        """The member that is meant where none is named."""
        return next(one for one in self.projects if one.path == self.focus)

    @property
    def name(self) -> str:
        return self.projects[0].manifest.name or os.path.basename(self.root)

    @property
    def own(self) -> Manifest:
        return self.current.manifest

    @property
    def directory(self) -> str:
        return os.path.normpath(os.path.join(self.root, self.focus))

    @property
    def manifest_path(self) -> str:
        return os.path.join(self.directory, MANIFEST)

    @property
    def texts(self) -> dict[str, str]:
        return {
            os.path.normpath(os.path.join(self.root, path, MANIFEST)): text
            for path, text in self.overlay.items()
            if text is not None
        }

    @property
    def home(self) -> str:
        return self.directory if self.table.environments == "member" else self.root

    @property
    def stamps(self) -> tuple[tuple[str, object], ...]:
        return self.before

    @property
    def pythons(self) -> tuple[Specifiers, ...]:
        return tuple(dict.fromkeys(one.manifest.requires_python for one in self.projects if one.is_project))

    @property
    def requires_python(self) -> Specifiers:
        """What an environment has to be for all members, or for the one that it is for."""
        current = self.current
        if self.table.environments == "member" and current.is_project:
            return current.manifest.requires_python
        together = tuple(dict.fromkeys(one for each in self.pythons for one in each))
        for specifiers in (together, current.manifest.requires_python):
            if specifiers and _lowest(specifiers) is not None:
                return specifiers
        return self.manifest.requires_python

    @property
    def together(self) -> frozenset[str]:
        defaults = (
            one.wheres[f"group:{name}"] for one in self.projects for name in one.manifest.default_groups
        )
        mains = (one.wheres["project"] for one in self.projects if one.is_project)
        return frozenset((*mains, *defaults))

    @property
    def watched(self) -> tuple[str, ...]:
        manifests = (os.path.normpath(os.path.join(self.root, one.path, MANIFEST)) for one in self.projects)
        lock = (self.foreign.path,) if self.foreign is not None else ()
        return (*manifests, *self.others, *self.found.watched, *lock)

    def told(self, where: str) -> str:
        for one in self.projects:
            for local, known in one.wheres.items():
                if known == where:
                    if local == "project":
                        return f"member {one.name}"
                    words = local.replace(":", " ")
                    return words if one.path == "." else f"{words} of {one.name}"
        return where.replace(":", " ")

    def whose(self, where: str) -> tuple[Member, str] | None:
        """The member that has the list, and what it calls it."""
        for one in self.projects:
            for local, known in one.wheres.items():
                if known == where:
                    return one, local
        return None

    def at(self, member: str) -> Workspace:
        text = next(one.text for one in self.projects if one.path == member)
        return replace(self, focus=member, text=text)

    def edited(self, context: Context, text: str, beside: Mapping[str, str] | None = None) -> Workspace:
        return self.with_texts(context, {self.focus: text})

    def with_own(self, manifest: Manifest) -> Workspace:
        projects = (
            replace(one, manifest=manifest) if one.path == self.focus else one for one in self.projects
        )
        return replace(self, projects=tuple(projects))

    def with_texts(self, context: Context, texts: Mapping[str, str]) -> Workspace:
        return read_workspace(context, self.root, self.focus, {**self.overlay, **texts})


def read_workspace(
    context: Context, root: str, focus: str, overlay: Mapping[str, str | None] | None = None
) -> Workspace:
    """Read the manifests of all members; ``overlay`` has those that are not yet on the disk, by path, and
    None for those that are about to go."""
    from hutch.ops.memory import Memory
    from hutch.ops.quick import stamp

    overlay = overlay or {}
    before: list[tuple[str, object]] = []

    def text_of(path: str) -> str:
        file = os.path.normpath(os.path.join(root, path, MANIFEST))
        before.append((file, stamp(file)))
        text = overlay.get(path)
        return text if text is not None else read_text(file)

    with Memory(context) as memory:  # one for all: it is read and written whole
        return _read(context, root, focus, overlay, before, text_of, memory)


def _read(
    context: Context,
    root: str,
    focus: str,
    overlay: Mapping[str, str | None],
    before: list[tuple[str, object]],
    text_of: Callable[[str], str],
    memory: Memory,
) -> Workspace:
    from hutch.ops.foreign_lock import find_foreign_lock, lock_left_behind
    from hutch.ops.merged import merged_manifest, settled_members

    text = text_of(".")
    beside = Neighbours(root)
    manifest = read_manifest(context, text, memory=memory, read=beside)
    table = manifest.settings.workspace
    assert table is not None
    place = f"{MANIFEST}:{manifest.line('tool', 'hutch', 'workspace')}"
    found = find_members(root, table, place, overlay)
    read = [
        Member(
            name=_name(manifest.name or os.path.basename(root)),
            path=".",
            text=text,
            manifest=manifest,
            is_project=manifest.name is not None,
        )
    ]
    faults = []
    for path in found.paths:
        text = text_of(path)
        near = Neighbours(os.path.join(root, path))
        member = read_manifest(context, text, f"{path}/{MANIFEST}", memory, read=near)
        beside.asked.update(near.asked)
        if member.name is None:
            faults.append(f"{path}/{MANIFEST} has no [project] table with a name")
            continue
        read.append(Member(name=_name(member.name), path=path, text=text, manifest=member))
    faults += _twice(read)
    if faults:
        raise InvalidWorkspace(f"the workspace of {place} cannot be read", why=tuple(faults))
    members = settled_members(read, root)
    merged = merged_manifest(members)
    foreign = find_foreign_lock(root, merged)
    return Workspace(
        root=root,
        text=next(one.text for one in members if one.path == focus),
        manifest=merged,
        foreign=foreign,
        seed=foreign or lock_left_behind(root, merged),
        others=tuple(beside.asked),
        focus=focus,
        projects=members,
        found=found,
        overlay=overlay,
        before=tuple(before),
    )


def _name(text: str) -> NormalizedName:
    from hutch.spec import normalize

    return normalize(text)


def _twice(members: Iterable[Member]) -> list[str]:
    """Members that have one name: nobody could say which is meant."""
    known: dict[str, Member] = {}
    faults = []
    for one in members:
        if not one.is_project:
            continue
        if one.name in known:
            places = f"{known[one.name].place('project', 'name')} and {one.place('project', 'name')}"
            faults.append(f"two members have the name {one.name}: {places}")
        known[one.name] = one
    return faults


def _lowest(specifiers: Specifiers) -> tuple[int, int, int] | None:
    """The lowest release of Python that is admitted, None where there is none."""
    from hutch.spec import lowest_python

    return lowest_python(specifiers)
