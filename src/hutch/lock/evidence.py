"""What an entry of a lock has to answer for, prepared once and looked at for each target."""

from __future__ import annotations

from hutch.spec import evaluate, parse_specifiers, split_wheel_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hutch.lock.model import LockedPackage
    from hutch.spec import CoreMetadata, Marker, Requirement, Specifiers

__all__ = ["Evidence", "installable_tags"]


class Evidence:
    """One entry, and its core metadata if they are at hand.

    ``tags`` are the tags of its wheels, ``pythons`` the Pythons it is for (empty: no word of any).
    """

    __slots__ = ("_asks", "_requirements", "label", "lacks_hash", "pythons", "tags", "version")

    def __init__(self, package: LockedPackage, metadata: CoreMetadata | None) -> None:
        self.version = package.version or (metadata.version if metadata is not None else "")
        self.label = f"{package.name} {self.version}"
        self.pythons: Specifiers = (
            parse_specifiers(package.requires_python) if package.requires_python else ()
        )
        self.tags = installable_tags([file.filename for file in package.wheels])
        self.lacks_hash = not all(file.hashes for file in package.wheels)
        if package.sdist is not None and not package.sdist.hashes:
            self.lacks_hash = True
        self._requirements = metadata.requirements if metadata is not None else ()
        self._asks: dict[str, list[tuple[Requirement, Marker | None]]] = {}

    def asks(self, extra: str, local: Collection[Marker]) -> list[tuple[Requirement, Marker | None]]:
        """The requirements that may count with ``extra`` (none: the empty text), on any target at all.

        Each with its marker, or None where that is true everywhere. ``local`` are the markers that say
        something of the target; the outcome of the others is known here and now.
        """
        found = self._asks.get(extra)
        if found is None:
            found = self._asks[extra] = []
            extras = (extra,) if extra else ()
            for requirement in self._requirements:
                marker = requirement.marker
                if marker is None:
                    found.append((requirement, None))
                elif marker in local:
                    if _may_hold(marker, extras):
                        found.append((requirement, marker))
                elif evaluate(marker, {}, extras):
                    found.append((requirement, None))
        return found


def _may_hold(marker: Marker, extras: Collection[str]) -> bool:
    """Can the marker be true somewhere, with these extras? Whatever it says of the target, may be."""
    kind = marker[0]
    if kind == "and":
        return all(_may_hold(part, extras) for part in marker[1:])  # type: ignore[arg-type]
    if kind == "or":
        return any(_may_hold(part, extras) for part in marker[1:])  # type: ignore[arg-type]
    return marker[1] not in ("extra", "extras") or evaluate(marker, {}, extras)


def installable_tags(filenames: Iterable[str]) -> tuple[str, ...]:
    """The different tags of these wheels, as in their names; a name that is none of a wheel has none."""
    parts = map(split_wheel_name, filenames)
    return tuple(dict.fromkeys([each[-1] for each in parts if each is not None]))
