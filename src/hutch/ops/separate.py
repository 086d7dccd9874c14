"""Members of a workspace with locks of their own (``locks = "member"``): each is a project by itself.

What is left of the workspace is that its members find each other, and that the settings of the root count.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.checkout import LOCK, Checkout
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.ops.context import Context
    from hutch.ops.members import Member, Workspace
    from hutch.project import Manifest, Source
    from hutch.spec import NormalizedName

__all__ = ["SeparateLocks", "SeparateMember", "separate_member", "separate_members"]


class SeparateLocks(Problem):
    """Each member of a workspace has a lock of its own, and none is meant here."""

    code = "separate-locks"

    def __init__(self, root: str, members: tuple[str, ...]) -> None:
        self.root = root
        self.members = members
        super().__init__(
            "each member of this workspace has its own lock, and the root is no project",
            why=f"members: {', '.join(members) or 'none'}",
            hint=("--package NAME, or --all-packages", "do it in the folder of a member"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparateMember(Checkout):
    """One such member. ``manifest`` has the settings of the root, and paths in the place of members."""

    member: Member
    workspace: Workspace
    lock_at: str | None = None

    @property
    def lock_path(self) -> str:
        return self.lock_at or os.path.join(self.root, LOCK)

    @property
    def texts(self) -> dict[str, str]:
        return self.workspace.texts

    @property
    def own(self) -> Manifest:
        return self.member.manifest

    @property
    def neighbours(self) -> tuple[Member, ...]:
        return self.workspace.members

    @property
    def watched(self) -> tuple[str, ...]:
        return self.workspace.watched

    @property
    def stamps(self) -> tuple[tuple[str, object], ...]:
        return self.workspace.stamps

    def edited(self, context: Context, text: str, beside: Mapping[str, str] | None = None) -> SeparateMember:
        return separate_member(self.workspace.with_texts(context, {self.member.path: text}), self.member.path)

    def with_own(self, manifest: Manifest) -> SeparateMember:
        member = replace(self.member, manifest=manifest)
        return replace(self, member=member, manifest=_effective(member, self.workspace))


def separate_member(workspace: Workspace, path: str) -> SeparateMember:
    """The member in that folder, as a project by itself."""
    member = next(one for one in workspace.members if one.path == path)
    if not member.is_project:
        raise SeparateLocks(workspace.root, tuple(one.name for one in workspace.members if one.is_project))
    return SeparateMember(
        root=os.path.normpath(os.path.join(workspace.root, path)),
        text=member.text,
        manifest=_effective(member, workspace),
        member=member,
        workspace=workspace,
    )


def separate_members(directory: str, names: Iterable[str]) -> tuple[str, ...] | None:
    """The folders of the members that are named (of all, where none is), if they have locks of their own."""
    from hutch.ops.choosing import no_such_member
    from hutch.ops.workspace import find_place, members_with_names, table_in

    place = find_place(directory)
    root = (place.workspace or place.root) if place is not None else None
    table = table_in(root) if root is not None else None
    if root is None or table is None or table.locks != "member":
        return None
    from hutch.spec import normalize

    known = members_with_names(root, table)
    wanted: list[str] = [normalize(name) for name in names]
    for name in wanted:
        if name not in known:
            raise no_such_member(name, tuple(known))
    return tuple(known[name] for name in wanted or sorted(known))


def _effective(member: Member, workspace: Workspace) -> Manifest:
    root, own = workspace.members[0].manifest.settings, member.manifest.settings
    settings = replace(
        root,
        sources=_sources(member, workspace),
        conflicts=own.conflicts,
        default_groups=own.default_groups,
        package=own.package,
        workspace=None,
    )
    return replace(member.manifest, settings=settings)


def _sources(member: Member, workspace: Workspace) -> dict[NormalizedName, tuple[Source, ...]]:
    """Its own sources and those of the root, from its folder; the root has the last word."""
    from hutch.ops.merged import moved_source

    paths = {one.name: one.path for one in workspace.members if one.is_project}
    found: dict[NormalizedName, tuple[Source, ...]] = {}
    for one in (member, workspace.members[0]):
        for name, sources in one.manifest.settings.sources.items():
            made = []
            for source in sources:
                if source.kind == "workspace":
                    source = replace(source, kind="path", location=os.path.relpath(paths[name], member.path))
                    made.append(replace(source, place=one.place(*source.path)))
                elif one is not member:
                    made.append(moved_source(source, one, member.path))
                else:
                    made.append(source)
            found[name] = tuple(made)
    return found
