"""What leaves a prefix with a package: what needs it, and what was there for its sake alone."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.env import PrefixPackage
    from hutch.spec import CondaRecord

__all__ = ["leaving", "needed_names"]


def needed_names(record: CondaRecord) -> tuple[str, ...]:
    """The names of what a record depends on, virtual packages left out."""
    from hutch.spec import parse_conda_spec

    names = (parse_conda_spec(text).name for text in record.depends)
    return tuple(dict.fromkeys(name for name in names if name and not name.startswith("__")))


def leaving(packages: Iterable[PrefixPackage], names: frozenset[str]) -> frozenset[str]:
    """The names of all that goes when ``names`` go.

    What needs one of them goes as well; then what was needed by what went, unless the user asked for it or
    somebody else needs it. What nobody needed before stays.
    """
    packages = tuple(packages)
    needs = {one.record.name: set(needed_names(one.record)) for one in packages}
    gone = set(names)
    while more := {name for name, its in needs.items() if name not in gone and its & gone}:
        gone |= more
    asked = {one.record.name for one in packages if one.requested}
    needed_before = {each for its in needs.values() for each in its}
    roots = {name for name in needs if name not in gone and (name in asked or name not in needed_before)}
    stays = _reached(needs, roots)
    # In a ring of packages that need each other none is nobody's: only what these reached can go.
    once = _reached(needs, gone)
    return frozenset(gone | {name for name in once if name in needs and name not in stays})


def _reached(needs: Mapping[str, set[str]], roots: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found
