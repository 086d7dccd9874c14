"""The conda part of a lock, as values: records, for which targets, and on whose behalf.

A record is a file of a channel, for one subdir; which targets have it is said beside it, by what leads there
(``project``, ``extra:NAME``, ``group:NAME``), as the markers of ``[[packages]]`` say it for wheels. See
``docs/explanation/conda.md``.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hutch.spec import CondaRecord

__all__ = [
    "CONDA_FIELDS",
    "CondaEdge",
    "CondaEnvironment",
    "CondaLock",
    "CondaRoot",
    "CondaTarget",
    "CondaWorld",
    "LockedConda",
    "Reached",
]

CONDA_FIELDS = (
    *("name", "version", "build", "build_number", "subdir", "channel", "filename", "sha256", "md5", "size"),
    *("depends", "constrains", "timestamp", "noarch", "track_features", "license", "purls", "site_packages"),
    *("base", "extra_depends"),
)
"""The fields of a record, in the order in which the shadow has them."""

Reached = tuple[tuple[str, tuple[str, ...]], ...]
"""(``project``, names of targets) pairs: from where a record is reached, and on which targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaTarget:
    """One platform of conda. ``name`` is its subdir, unless the project has several of that subdir; that of
    another ``world`` than the first begins with the name of it (``py311.linux-64``).

    ``virtual`` are (name, version, build) of the virtual packages that were assumed; ``python`` is the name
    of the ``spec.Target`` by which wheels were chosen there, empty where there are none.
    """

    name: str
    subdir: str
    virtual: tuple[tuple[str, str, str], ...] = ()
    python: str = ""
    world: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaWorld:
    """What was solved for together, apart from other worlds: it has targets of its own.

    ``wheres`` (``project``, ``group:x``) are what can be chosen there; without ``project`` it is for
    environments that have none of the project's own dependencies. ``channels`` are those of the lock, unless
    said.
    """

    name: str
    wheres: tuple[str, ...]
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnvironment:
    """An environment of the project: the ``world`` that it is in, and what is chosen there. One that nobody
    declared, but that is a world of its own, has the name of its list (``group:gpu``).

    Where its choice of groups does not tell it from another environment, markers of wheels know it by a
    ``group`` of the lock that is for it alone.
    """

    name: str
    world: str
    wheres: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRoot:
    """A MatchSpec that the project asks for. No ``targets``: on all of them."""

    spec: str
    where: str = "project"
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEdge:
    """A need across the border, which neither MatchSpecs nor the edges of wheels tell.

    Of a ``wheel`` (in ``version``, where the lock has several), or of the project itself (``where``), whose
    requirement the package ``conda`` meets; with ``extra`` the other way round: what that extra of ``conda``
    adds is a wheel. ``asks`` are the specifiers of the requirement.
    """

    conda: str
    wheel: str = ""
    version: str | None = None
    where: str = ""
    extra: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedConda:
    """A record, and where it is wanted."""

    record: CondaRecord
    reached: Reached

    def targets(self, wheres: frozenset[str] | None = None) -> tuple[str, ...]:
        """The targets that have it, with what is chosen (None: whatever is)."""
        found: dict[str, None] = {}
        for where, names in self.reached:
            if wheres is None or where in wheres:
                found.update(dict.fromkeys(names))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaLock:
    """All that a lock says of conda. ``channels`` are addresses, the best first, without credentials.

    ``wheels`` are (name in conda, name on the index) of what records need and wheels are; ``edges`` are what
    Python's requirements ask of records. Without ``worlds`` all was solved for together, and any choice is
    right on any target; with them each target is of one, and ``environments`` has the first (``default``).

    Of a lock that comes from its shadow, packages are unpacked when they are first asked for.
    """

    channels: tuple[str, ...] = ()
    targets: tuple[CondaTarget, ...] = ()
    roots: tuple[CondaRoot, ...] = ()
    packages: tuple[LockedConda, ...] = ()
    wheels: tuple[tuple[str, str], ...] = ()
    edges: tuple[CondaEdge, ...] = ()
    worlds: tuple[CondaWorld, ...] = ()
    environments: tuple[CondaEnvironment, ...] = ()
    _packed: bytes = field(default=b"", init=False, repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        # Only reached for a slot that was left empty, which only conda_shadow.py does.
        if name == "packages":
            packages = _unpacked(self._packed)
            object.__setattr__(self, "packages", packages)
            return packages
        raise AttributeError(name)

    def target(self, name: str) -> CondaTarget | None:
        """The target of this name."""
        return next((target for target in self.targets if target.name == name), None)

    def world(self, name: str) -> CondaWorld | None:
        """The world of this name; None in a lock that has none."""
        return next((world for world in self.worlds if world.name == name), None)

    def environment(self, name: str) -> CondaEnvironment | None:
        """The environment of this name, where it is noted."""
        return next((each for each in self.environments if each.name == name), None)

    def on(self, target: str, wheres: frozenset[str] | None = None) -> Iterator[CondaRecord]:
        """The records that a target has, with what is chosen."""
        for package in self.packages:
            if target in package.targets(wheres):
                yield package.record

    def requested(self, name: str, target: str, wheres: frozenset[str] | None = None) -> tuple[str, ...]:
        """The MatchSpecs by which somebody asked for the package ``name`` on a target."""
        from hutch.spec import parse_conda_spec

        return tuple(
            root.spec
            for root in self.roots
            if (not root.targets or target in root.targets)
            and (wheres is None or root.where in wheres)
            and parse_conda_spec(root.spec).name == name
        )

    def preferences(self) -> dict[str, tuple[str, ...]]:
        """What it holds by name, as ``VERSION BUILD``: what a new solve should rather keep."""
        found: dict[str, tuple[str, ...]] = {}
        for package in self.packages:
            record = package.record
            label = f"{record.version} {record.build}"
            if label not in found.get(record.name, ()):
                found[record.name] = (*found.get(record.name, ()), label)
        return found


def _unpacked(packed: bytes) -> tuple[LockedConda, ...]:
    """The records of a part, from the tuples that conda_shadow.py makes."""
    import marshal

    from hutch.spec import CondaRecord

    return tuple(
        LockedConda(record=CondaRecord(**dict(zip(CONDA_FIELDS, values, strict=True))), reached=reached)
        for values, reached in marshal.loads(packed)
    )
