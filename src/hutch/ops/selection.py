"""Which part of a lock is wanted: groups and extras, as the command line chooses them."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.lock import Lock
    from hutch.project import Manifest

__all__ = ["Selection", "SelectionOptions", "known_name", "selection_of_project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionOptions:
    """The options of every command that takes a part of a lock, named as on the command line."""

    group: tuple[str, ...] = ()
    no_group: tuple[str, ...] = ()
    only_group: tuple[str, ...] = ()
    all_groups: bool = False
    dev: bool = True
    only_dev: bool = False
    extra: tuple[str, ...] = ()
    all_extras: bool = False
    package: tuple[str, ...] = ()
    all_packages: bool = False
    locked: bool = False
    frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Normalised names of groups and extras; ``only_groups`` leaves the project's dependencies out."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    only_groups: bool = False


def selection_of_project(
    options: SelectionOptions, manifest: Manifest, lock: Lock | None = None
) -> Selection:
    """The selection that ``--group``, ``--extra`` and their like describe; unknown names are refused.

    What is installed unasked is what the manifest says, or a ``lock`` of another tool.
    """
    foreign = lock if lock is not None and lock.is_foreign else None
    groups, extras = set(manifest.groups), set(manifest.optional_dependencies)
    if "optional-dependencies" in manifest.dynamic:  # a build backend computes them: the lock knows them
        from hutch.spec import normalize

        extras |= {normalize(name) for name in (options.extra if lock is None else lock.extras)}

    def known(values: tuple[str, ...]) -> set[str]:
        return {known_name("group", value, groups) for value in values}

    excluded = known(options.no_group)
    chosen_extras = tuple(known_name("extra", value, extras) for value in options.extra)
    if options.all_extras:
        chosen_extras = tuple(extras)
    only = known(options.only_group)
    if options.only_dev:
        only = known(("dev",))
    if only:
        return Selection(groups=_sorted(only - excluded), only_groups=True)
    default: tuple[str, ...] = manifest.default_groups
    if foreign is not None:
        default = foreign.default_groups
        if not foreign.by_edges:  # what a pylock.toml calls so may be no group of the manifest
            default = tuple(name for name in manifest.default_groups if name in foreign.dependency_groups)
    chosen = set(default) | known(options.group)
    if foreign is not None and not chosen_extras:
        chosen_extras = foreign.default_extras
    if options.all_groups:
        chosen = set(groups)
    if not options.dev:
        chosen.discard("dev")
    return Selection(groups=_sorted(chosen - excluded), extras=_sorted(chosen_extras))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def known_name(kind: str, name: str, known: Iterable[str]) -> str:
    """The name as it is known; a problem where it is not."""
    from hutch.spec import normalize

    normal = normalize(name)
    names = set(known)
    if normal in names:
        return normal
    import difflib

    near = difflib.get_close_matches(normal, names, n=1)
    listed = ", ".join(sorted(names)) or f"this project has no {kind}s"
    raise UsageProblem(
        f"there is no {kind} named {name}",
        why=f"{kind}s: {listed}" if names else listed,
        hint=f"did you mean {near[0]}?" if near else (),
    )
