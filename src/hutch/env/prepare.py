"""From a plan to a change of the tree: every path that goes and comes, checked before anything is touched.

The check costs little because most packages have a top-level directory of their own: where nothing lies
and no other wheel of the plan comes, nothing below it need be looked at. What is contested is looked at
file by file.
"""

from __future__ import annotations

import os
import stat

from hutch.env.link import damaged_file
from hutch.env.placement import Placement, place
from hutch.env.problems import CannotWrite, Clash, ClobberProblem, DamagedWheel, EnvironmentChanged
from hutch.env.records import Owners
from hutch.env.removal import find_moves, is_protected
from hutch.events import Emit, Notice
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    from hutch.env.environment import Environment
    from hutch.env.installed import Installed
    from hutch.env.plan import Plan

    OnClobber = Literal["refuse", "keep"]

__all__ = ["Change", "prepare"]

ENVIRONMENT = "the environment"


@dataclass(slots=True, kw_only=True)
class Change:
    """What `apply` does: ``moves`` are taken away, then the ``placements`` are made.

    ``fresh`` covers every path that does not exist after the moves and does after the links. ``installed``
    is what was there when this was computed, by name.
    """

    moves: list[str]
    fresh: list[str]
    placements: list[Placement] = field(default_factory=list)
    installed: Mapping[str, Installed] = field(default_factory=dict)


def prepare(plan: Plan, environment: Environment, on_clobber: OnClobber, emit: Emit) -> Change:
    """The change that ``plan`` means on the disk as it is; to be called under the lock.

    Raises `EnvironmentChanged`, `DamagedWheel`, `ClobberProblem`, `InvalidCommand`, `CannotWrite`; nothing
    has been changed then.
    """
    installed: dict[str, Installed] = {str(name): one for name, one in environment.installed().items()}
    _check_current(plan, environment, installed)
    structure = _structure(environment)
    _check_structure(environment.root, structure)
    removed = {step.name for step in plan.removals}
    owners = Owners(
        environment.root,
        environment.purelib,
        [
            (f"{one.name} {one.version}", one.dist_info)
            for name, one in installed.items()
            if name not in removed and one.kind == "dist-info"
        ],
    )
    dist_infos = [where for step in plan.removals for where in step.dist_infos]
    try:
        moves = find_moves(environment.root, structure, environment.scripts, dist_infos, owners)
        _check_store(plan)
        placements = [place(step, environment) for step in plan.links]
        _tell_startup(plan, placements, emit)
        change = _Check(environment, moves, placements, owners, on_clobber, emit).change()
        change.installed = installed
        return change
    except OSError as error:
        raise CannotWrite(error.filename or environment.root, error.strerror or str(error)) from error


def _check_current(plan: Plan, environment: Environment, installed: Mapping[str, Installed]) -> None:
    changes: list[str] = []
    removed = {}
    for step in plan.removals:
        removed[step.name] = step
        present = installed.get(step.name)
        if present is None:
            changes.append(f"{step.name} {step.version} is no longer there")
        elif {present.dist_info, *present.others} != set(step.dist_infos):
            changes.append(f"{step.name} is {present.version} now, and was {step.version}")
    for link in plan.links:
        present = installed.get(link.name)
        if present is not None and link.name not in removed:
            changes.append(f"{link.name} {present.version} has been installed")
    if changes:
        raise EnvironmentChanged(environment.root, tuple(changes))


def _structure(environment: Environment) -> list[str]:
    """The directories of the environment itself: they stay, and must be real ones."""
    found: dict[str, None] = {}
    for directory in (environment.purelib, environment.scripts, environment.include):
        parts = directory.split("/")
        for length in range(1, len(parts) + 1):
            found["/".join(parts[:length])] = None
    return list(found)


def _check_structure(root: str, structure: Iterable[str]) -> None:
    for directory in structure:
        path = os.path.join(root, directory)
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            continue  # made when it is needed
        if not stat.S_ISDIR(mode):
            # Writing through it would write somewhere else.
            raise CannotWrite(path, "it is not a directory of the environment itself")


def _check_store(plan: Plan) -> None:
    """Compare every file that is going to be linked with what it was when it was unpacked."""
    damaged: list[tuple[str, str, str, str]] = []
    for step in plan.links:
        if step.wheel is None:
            continue
        file = damaged_file(step.wheel.files, step.wheel.manifest.files)
        for scheme, rows in step.wheel.manifest.data:
            file = file or damaged_file(os.path.join(step.wheel.folder, "data", scheme), rows)
        if file is not None:
            damaged.append((step.name, step.version, step.wheel.sha256, file))
    if damaged:
        raise DamagedWheel(tuple(damaged))


def _tell_startup(plan: Plan, placements: list[Placement], emit: Emit) -> None:
    """Code that runs at every start of Python is how the worst packages of late got in: say it."""
    editable = {link.name for link in plan.links if "dir_info" in (link.direct_url or {})}
    for one in placements:
        if one.name not in editable and (files := one.startup_files()):
            text = f"{one.label} runs code whenever Python starts in this environment ({', '.join(files)})"
            emit(Notice(text, warning=True))


class _Check:
    """The one pass over what comes, against what lies there and against each other."""

    def __init__(
        self,
        environment: Environment,
        moves: list[str],
        placements: list[Placement],
        owners: Owners,
        on_clobber: OnClobber,
        emit: Emit,
    ) -> None:
        self._root = environment.root
        self._site = environment.purelib
        self._scripts = environment.scripts
        self._moves = moves
        # On macOS and Windows `Foo` and `foo` are one: there paths are compared as the file system does.
        self._fold = os.path.lexists(os.path.join(environment.root, "PYVENV.CFG"))
        self._moved = {self._key(path) for path in moves}
        self._placements = placements
        self._owners = owners
        self._keep = on_clobber == "keep"
        self._emit = emit
        self._fresh: dict[str, None] = {}
        self._clashes: list[Clash] = []
        self._claimed: dict[str, tuple[Placement, str, bool]] = {}
        self._kinds: dict[str, str] = {"": "directory"}
        self._spots: dict[str, str | None] = {}

    def change(self) -> Change:
        contested = self._contested()
        for one in self._placements:
            for path, digest, command in one.contested_paths(contested):
                self._claim(one, path, digest, command)
        self._check_kinds()
        if self._clashes:
            raise ClobberProblem(tuple(self._clashes))
        return Change(moves=self._moves, fresh=list(self._fresh), placements=self._placements)

    def _contested(self) -> set[str]:
        """The top-level names of `site-packages` where more than one wheel, or anything at all, is to be."""
        seen: dict[str, str] = {}
        contested: set[str] = set()
        for one in self._placements:
            for top in one.tops():
                key = self._key(top)
                if key in seen:
                    contested.update((top, seen[key]))
                seen[key] = top
            contested.update(one.tops_of_parts())
        for top in seen.values():
            if top in contested:
                continue
            path = f"{self._site}/{top}"
            if self._kind(path) == "absent":
                self._fresh[self._first_absent(path)] = None
            else:
                contested.add(top)
        return contested

    def _claim(self, one: Placement, path: str, digest: str, command: bool) -> None:
        if is_protected(path, self._scripts):
            self._clashes.append(Clash(path=path, owner=ENVIRONMENT, newcomer=one.label))
            return
        known = self._claimed.get(self._key(path))
        if known is not None:
            self._settle_between(one, known[0], path, same=known[1] == digest, commands=command and known[2])
            return
        self._claimed[self._key(path)] = (one, digest, command)
        parent = path.rpartition("/")[0]
        spot = self._spots.get(parent, "?")
        if spot == "?":
            spot = self._spots[parent] = self._settle_directory(one, parent)
        if spot is not None:
            self._fresh[spot] = None
        elif self._kind(path) == "absent":
            self._fresh[path] = None
        else:
            self._settle_with_disk(one, path, digest, command)

    def _settle_directory(self, one: Placement, directory: str) -> str | None:
        """None if ``directory`` is there; else the first path on the way to it that is to be made."""
        parts = directory.split("/") if directory else []
        for length in range(1, len(parts) + 1):
            path = "/".join(parts[:length])
            kind = self._kind(path)
            if kind == "other":
                # A file or a link where a directory is to be: writing through a link is out of the question.
                owners = self._owners.of(path)
                if owners or is_protected(path, self._scripts):
                    owner = owners[0][0] if owners else ENVIRONMENT
                    self._clashes.append(Clash(path=path, owner=owner, newcomer=one.label))
                    return path
                self._move(path)
                return path
            if kind == "absent":
                return path
        return None

    def _settle_between(
        self, one: Placement, other: Placement, path: str, *, same: bool, commands: bool
    ) -> None:
        """Two wheels of the plan want ``path``; ``other`` came first and has it so far."""
        if same:
            one.skip(path, owned=True)
        elif commands and one.requires(other.name):
            other.skip(path, owned=False)
            self._claimed[self._key(path)] = (one, "", True)
        elif commands and other.requires(one.name):
            one.skip(path, owned=False)
        elif self._keep:
            one.skip(path, owned=False)
            self._emit(Notice(f"{path} of {one.label} was left out: {other.label} has it", warning=True))
        else:
            self._clashes.append(Clash(path=path, owner=other.label, newcomer=one.label))

    def _settle_with_disk(self, one: Placement, path: str, digest: str, command: bool) -> None:
        """Something is at ``path`` already."""
        owners = self._owners.of(path)
        if not owners:
            below = self._owners.below(path) if self._kind(path) == "directory" else None
            if below is None:
                self._move(path)
                self._fresh[path] = None
            else:
                self._clashes.append(Clash(path=path, owner=below, newcomer=one.label))
            return
        owner = owners[0][0]
        if digest and any(known == f"sha256={digest}" for _, known in owners):
            one.skip(path, owned=True)
        elif command and all(one.requires(label.partition(" ")[0]) for label, _ in owners):
            self._move(path)
            self._fresh[path] = None
        elif command and any(self._installed_requires(label, one.name) for label, _ in owners):
            one.skip(path, owned=False)
        elif self._keep:
            one.skip(path, owned=False)
            self._emit(Notice(f"{path} of {one.label} was left out: {owner} has it", warning=True))
        else:
            self._clashes.append(Clash(path=path, owner=owner, newcomer=one.label))

    def _installed_requires(self, label: str, name: str) -> bool:
        from hutch.env.placement import reads_requirement

        where = self._owners.dist_info(label)
        return where is not None and reads_requirement(os.path.join(self._root, where, "METADATA"), name)

    def _check_kinds(self) -> None:
        """No path of one wheel may be a directory of another."""
        directories: dict[str, str] = {}
        for path, (one, _, _) in self._claimed.items():
            parent = path.rpartition("/")[0]
            while parent and parent not in directories:
                directories[parent] = one.label
                parent = parent.rpartition("/")[0]
        for path in self._claimed.keys() & directories.keys():
            newcomer = self._claimed[path][0].label
            self._clashes.append(Clash(path=path, owner=directories[path], newcomer=newcomer))

    def _move(self, path: str) -> None:
        self._moves.append(path)
        self._moved.add(self._key(path))
        self._kinds.clear()
        self._kinds[""] = "directory"

    def _key(self, path: str) -> str:
        return path.casefold() if self._fold else path

    def _kind(self, path: str) -> str:
        """What is at ``path`` once the moves are done: ``absent``, ``directory`` or ``other``."""
        kind = self._kinds.get(path)
        if kind is None:
            if self._key(path) in self._moved or self._kind(path.rpartition("/")[0]) != "directory":
                kind = "absent"
            else:
                try:
                    mode = os.lstat(f"{self._root}/{path}").st_mode
                    kind = "directory" if stat.S_ISDIR(mode) else "other"
                except (FileNotFoundError, NotADirectoryError):
                    kind = "absent"
            self._kinds[path] = kind
        return kind

    def _first_absent(self, path: str) -> str:
        while (parent := path.rpartition("/")[0]) and self._kind(parent) == "absent":
            path = parent
        return path
