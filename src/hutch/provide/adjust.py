"""The project's word against that of a package: what a version needs, as the manifest corrects it.

Metadata is corrected once, where it comes in. Everything behind (the solver, the edges of the lock,
and the law by which the lock is judged) sees the corrected one and nothing else.
"""

from __future__ import annotations

from hutch.spec import CoreMetadata, admits, and_, parse_specifiers, render_specifiers, version_key
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.project import Adjustment, StatedMetadata
    from hutch.spec import Requirement, Specifiers

__all__ = ["NO_ADJUSTMENTS", "Adjustments"]


class Adjustments:
    """Overrides, excludes and corrected metadata, ready to be asked. Immutable, but for the memory of what
    was of use."""

    __slots__ = ("_excludes", "_overrides", "_stated", "_used")

    def __init__(
        self,
        overrides: Iterable[Adjustment] = (),
        excludes: Iterable[Adjustment] = (),
        stated: Iterable[StatedMetadata] = (),
    ) -> None:
        self._used: dict[tuple[str, str], list[Adjustment | StatedMetadata]] = {}
        self._overrides: dict[str, list[Adjustment]] = {}
        for one in overrides:
            self._overrides.setdefault(one.declared.requirement.name, []).append(one)
        self._excludes: dict[str, list[Adjustment]] = {}
        for one in excludes:
            self._excludes.setdefault(one.declared.requirement.name, []).append(one)
        self._stated: dict[str, list[StatedMetadata]] = {}
        for each in stated:
            self._stated.setdefault(each.name, []).append(each)

    def __bool__(self) -> bool:
        return bool(self._overrides or self._excludes or self._stated)

    def of(self, metadata: CoreMetadata) -> CoreMetadata:
        """The metadata with everything that the project knows better."""
        if not self:
            return metadata
        used = self._used[metadata.name, metadata.version] = []
        if stated := self._find(metadata.name, metadata.version):
            used.append(stated)
            if stated.requirements is not None:
                metadata = replace(metadata, requirements=stated.requirements)
            if stated.requires_python is not None:
                metadata = replace(metadata, requires_python=stated.requires_python)
            if stated.extras is not None:
                metadata = replace(metadata, extras=stated.extras)
        found: list[Requirement] = []
        for requirement in metadata.requirements:
            if excluded := self._excluded(requirement, metadata.name, metadata.version):
                used += excluded
            elif overrides := self.overrides_of(requirement.name, metadata.name, metadata.version):
                used += overrides
                found += (_apply(requirement, one) for one in overrides)
            else:
                found.append(requirement)
        return replace(metadata, requirements=tuple(found))

    def used_for(self, name: str, version: str) -> tuple[Adjustment | StatedMetadata, ...]:
        """What changed the metadata of a version."""
        return tuple(self._used.get((name, version), ()))

    def replaced(self, requirement: Requirement, parent: str = "", version: str = "") -> list[Requirement]:
        """What stands for a requirement that ``parent`` has (none: the project itself)."""
        chosen = self.overrides_of(requirement.name, parent, version)
        return [_apply(requirement, one) for one in chosen] if chosen else [requirement]

    def overrides_of(self, name: str, parent: str = "", version: str = "") -> list[Adjustment]:
        """The overrides of a requirement on ``name``: those for the parent alone before those for all."""
        found = self._overrides.get(name, ())
        scoped = [one for one in found if one.parent is not None and _about(one, parent, version)]
        return scoped or [one for one in found if one.parent is None]

    def _excluded(self, requirement: Requirement, parent: str, version: str) -> list[Adjustment]:
        found = self._excludes.get(requirement.name, ())
        return [one for one in found if one.parent is None or _about(one, parent, version)]

    def _find(self, name: str, version: str) -> StatedMetadata | None:
        """What is stated of a version: by its number before what holds for all."""
        general = None
        for one in self._stated.get(name, ()):
            if one.version is None:
                general = one
            elif version_key(one.version) == version_key(version):
                return one
        return general

    def whole(self, name: str, version: str, requires_python: str | None) -> CoreMetadata | None:
        """The metadata where enough is stated that nobody is asked; the page says ``requires_python``."""
        stated = self._find(name, version) if self._stated else None
        if stated is None or stated.requirements is None:
            return None
        python = parse_specifiers(requires_python) if requires_python and _readable(requires_python) else ()
        return CoreMetadata(
            name=name,  # type: ignore[arg-type]
            version=version,
            requires_python=python,
            extras=stated.extras or tuple(sorted(_extras(stated.requirements))),
            requirements=stated.requirements,
        )

    def requires_python(self, name: str, version: str, said: str | None) -> str | None:
        """The ``requires-python`` of a version, of whose file the index page says ``said``."""
        stated = self._find(name, version) if name in self._stated else None
        if stated is None or stated.requires_python is None:
            return said
        return render_specifiers(stated.requires_python)

    def states_python(self, name: str) -> bool:
        """Does any version of the package have another ``requires-python`` than its page says?"""
        return any(one.requires_python is not None for one in self._stated.get(name, ()))


NO_ADJUSTMENTS = Adjustments()


def _apply(requirement: Requirement, one: Adjustment) -> Requirement:
    by = one.declared.requirement
    return replace(
        requirement,
        specifiers=by.specifiers,
        extras=by.extras or requirement.extras,
        marker=and_(requirement.marker, by.marker),
        url=None,
    )


def _about(one: Adjustment, parent: str, version: str) -> bool:
    if one.parent is None or one.parent.name != parent:
        return False
    specifiers: Specifiers = one.parent.specifiers
    return not specifiers or admits(specifiers, version)


def _readable(text: str) -> bool:
    from hutch.spec import InvalidSpecifier

    try:
        parse_specifiers(text)
    except InvalidSpecifier:
        return False
    return True


def _extras(requirements: tuple[Requirement, ...]) -> set[str]:
    """The extras that markers speak of."""
    found: set[str] = set()
    stack = [requirement.marker for requirement in requirements if requirement.marker is not None]
    while stack:
        marker = stack.pop()
        if marker[0] in ("and", "or"):
            stack += marker[1:]  # type: ignore[arg-type]
        elif marker[1] == "extra":
            found.add(str(marker[2]))
    return found
