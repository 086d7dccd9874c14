"""Where directories that are links, or could be, part: none that two distributions fill may be one.

Of what comes, a directory that another one of the plan fills too, or that is there as a real one, is made
as a directory, and what is in it is linked in turn, down to where they part. Of what is there, a package
that has a link where something else wants to put files is put in anew, in the same change: so there is one
way in which links become directories, and the journal and the undo know it already.
"""

from __future__ import annotations

import os
import stat

from hutch.env.records import Owners, fold_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hutch.env.environment import Environment
    from hutch.env.installed import Installed
    from hutch.env.placement import Placement
    from hutch.env.plan import Link, Plan, Remove
    from hutch.store import StoredWheel

__all__ = ["open_shared", "with_neighbours"]


def with_neighbours(
    plan: Plan, environment: Environment, installed: Mapping[str, Installed], *, fold: bool
) -> Plan:
    """The plan, with those packages put in anew that have a link where something comes into a directory."""
    going = {step.name for step in plan.removals}
    linked = {
        name: one for name, one in installed.items() if one.linked and name not in going and not one.others
    }
    if not linked or not plan.links:
        return plan
    from hutch.env.plan import Link, Plan, removal

    found: dict[str, Link] = {}
    owners = Owners(
        environment.root,
        environment.purelib,
        [(name, one.dist_info) for name, one in linked.items()],
        fold=fold,
    )
    for path in _links_in_the_way(plan, environment):
        for name, _ in owners.of(path):
            wheel = _wheel_behind(environment.root, path)
            if name not in found and wheel is not None:
                one = linked[name]
                found[name] = Link(
                    name=name,
                    version=one.version,
                    wheel=wheel,
                    direct_url=one.direct_url,
                    requested=one.requested,
                    reason="reinstalled",
                )
    if not found:
        return plan
    removals = [*plan.removals, *(removal(name, linked[name], "reinstalled") for name in found)]
    links = [*plan.links, *found.values()]
    removals.sort(key=_name_of)
    links.sort(key=_name_of)
    return Plan(steps=(*removals, *links), unchanged=plan.unchanged)


def _name_of(step: Remove | Link) -> str:
    return step.name


def _links_in_the_way(plan: Plan, environment: Environment) -> Iterator[str]:
    """Links of the environment that are directories of what comes."""
    site, root = environment.purelib, environment.root
    kinds: dict[str, bool] = {"": True}

    def is_real(directory: str) -> bool:
        return directory in kinds and kinds[directory]

    for step in plan.links:
        for path in sorted(_directories(step, site)):
            if path in kinds or not is_real(path.rpartition("/")[0]):
                continue
            try:
                mode = os.lstat(f"{root}/{site}/{path}").st_mode
            except OSError:
                kinds[path] = False
                continue
            kinds[path] = stat.S_ISDIR(mode)
            if stat.S_ISLNK(mode):
                yield f"{site}/{path}"


def _directories(step: Link, site: str) -> set[str]:
    """The directories below `site-packages` that the step makes, links included."""
    found: set[str] = set()
    if step.wheel is not None:
        manifest = step.wheel.manifest
        found.update(manifest.directories, step.wheel.links)
        for scheme, rows in manifest.data:
            if scheme in ("purelib", "platlib"):
                for row in rows:
                    found.update(_above(str(row[0])))
    elif step.kept is not None:
        start = site + "/"
        for file in step.kept.files:
            if file.path.startswith(start):
                inner = file.path[len(start) :]
                found.update(_above(inner), [inner] if file.link else [])
    return found


def _above(path: str) -> Iterator[str]:
    parent = path.rpartition("/")[0]
    while parent:
        yield parent
        parent = parent.rpartition("/")[0]


def _wheel_behind(root: str, link: str) -> StoredWheel | None:
    """The wheel whose tree the link leads into, as it would be linked again."""
    from hutch.store.linked import links_of, reduced, tree_at
    from hutch.store.wheels import StoredWheel

    try:
        found = tree_at(os.readlink(os.path.join(root, link)))
    except (OSError, ValueError):
        return None
    if found is None:
        return None
    whole, links = found[0], links_of(found[0].manifest)
    return StoredWheel(whole.sha256, whole.folder, reduced(whole.manifest, links), links=links)


def open_shared(
    placements: list[Placement], environment: Environment, moves: Collection[str], *, fold: bool
) -> None:
    """Make directories of those links of ``placements`` that something else comes into, or is in.

    ``moves`` are the paths that are taken away before.
    """
    linking = [(number, one) for number, one in enumerate(placements) if one.links]
    if not linking:
        return

    def key(path: str) -> str:
        return fold_path(path) if fold else path

    disk = _Disk(environment, moves, key)
    users: dict[str, set[object]] = {}
    for number, one in enumerate(placements):
        for path in (*one.directories, *one.links):
            users.setdefault(key(path), set()).add(number)
        start = one.site + "/"
        for part in one.parts:
            if part.path.startswith(start):
                # Of `.data`: not even the wheel itself writes through its links.
                for path in _above(part.path[len(start) :]):
                    users.setdefault(key(path), set()).add((number, "data"))
    changed = True
    while changed:
        changed = False
        for number, one in linking:
            for path in list(one.links):
                if len(users[key(path)]) > 1 or disk.is_directory(path):
                    for child in one.open(path):
                        users.setdefault(key(child), set()).add(number)
                    changed = True


class _Disk:
    """What of an environment is a real directory once the moves are done."""

    def __init__(self, environment: Environment, moves: Collection[str], key: Callable[[str], str]) -> None:
        self._root = environment.root
        self._site = environment.purelib
        self._key = key
        self._moved = {key(path) for path in moves}
        self._known: dict[str, bool] = {self._site: True}

    def is_directory(self, path: str) -> bool:
        """``path`` is relative to `site-packages`."""
        return self._look(f"{self._site}/{path}")

    def _look(self, path: str) -> bool:
        known = self._known.get(path)
        if known is None:
            known = (
                self._key(path) not in self._moved
                and self._look(path.rpartition("/")[0])
                and _is_real(f"{self._root}/{path}")
            )
            self._known[path] = known
        return known


def _is_real(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
