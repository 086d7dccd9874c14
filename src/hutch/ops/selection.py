"""Which part of a lock is wanted: groups and extras, as the command line chooses them."""

from __future__ import annotations

from collections.abc import Iterable

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project import Manifest

__all__ = ["Selection", "selection_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Normalised names of groups and extras; ``only_groups`` leaves the project's dependencies out."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    only_groups: bool = False


def selection_of(options: object, manifest: Manifest) -> Selection:
    """The selection that ``--group``, ``--extra`` and their like describe; unknown names are refused."""
    groups, extras = set(manifest.groups), set(manifest.optional_dependencies)
    asked = {
        name: tuple(_known("group", value, groups) for value in getattr(options, name))
        for name in ("group", "no_group", "only_group")
    }
    chosen_extras = tuple(_known("extra", value, extras) for value in getattr(options, "extra", ()))
    if getattr(options, "all_extras", False):
        chosen_extras = tuple(extras)
    only = asked["only_group"]
    if getattr(options, "only_dev", False):
        only = (_known("group", "dev", groups),)
    if only:
        return Selection(groups=_sorted(set(only) - set(asked["no_group"])), only_groups=True)
    chosen = set(manifest.default_groups) | set(asked["group"])
    if getattr(options, "all_groups", False):
        chosen = set(groups)
    if not getattr(options, "dev", True):
        chosen.discard("dev")
    chosen -= set(asked["no_group"])
    return Selection(groups=_sorted(chosen), extras=_sorted(chosen_extras))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _known(kind: str, name: str, known: Iterable[str]) -> str:
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
