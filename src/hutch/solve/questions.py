"""What the solver may ask of the outside world, the shape of an answer, and what comes out.

A package is named by a text: ``"flask"``, or ``"flask[async]"`` for an extra of it, which is a
package of its own whose versions are those of ``flask``. A version is named by its place in
``Versions.labels``, oldest first. A set of targets is a mask, a set of versions too (see
``universe``).
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol, TypeAlias

    from hutch.solve.incompatibility import Incompatibility
    from hutch.solve.universe import Universe
else:
    Protocol = object


__all__ = [
    "Answer",
    "DependenciesOf",
    "Facts",
    "GivenUp",
    "Limit",
    "Need",
    "Options",
    "Question",
    "Resolution",
    "Versions",
    "VersionsOf",
]

Specifiers = tuple[tuple[str, str], ...]


class Versions(Protocol):
    """The versions of one package, oldest first, and what a specifier admits of them.

    All masks are over places: bit ``i`` stands for ``labels[i]``.
    """

    @property
    def labels(self) -> Sequence[str]:
        """The versions as text, oldest first."""

    @property
    def prereleases(self) -> int:
        """Versions that are taken only where somebody asks for a pre-release."""

    @property
    def yanked(self) -> int:
        """Versions that are taken only where somebody names them exactly."""

    @property
    def preferred(self) -> int:
        """Versions to be taken before better ones: those of an older lock."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What is known beforehand of where versions cannot be used."""

    def matching(self, specifiers: Specifiers) -> int:
        """The versions that ``specifiers`` admit, pre-releases and yanked ones included."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``versions`` cannot be used on ``targets``, and why: ``requires Python >=3.12``."""

    versions: int
    targets: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """On the targets of ``mask``, ``package`` has to be there in a version that is admitted.

    ``exactly`` (a place) ties an extra to its package. ``origin`` is whatever the caller wants to
    find again in a proof: the line of a manifest.
    """

    package: str
    mask: int
    specifiers: Specifiers = ()
    exactly: int | None = None
    prereleases: bool = False
    exact_text: bool = False
    constraint: bool = False
    origin: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of one version: where it can be used, and what it needs there.

    ``partial``: it cannot be used elsewhere than on ``available``, and what it needs was not found out; that
    is asked when one of those targets wants it.
    """

    available: int
    needs: tuple[Need, ...] = ()
    reason: str = "has no file for"
    partial: bool = False


@dataclass(frozen=True, slots=True)
class VersionsOf:
    """Which versions exist? Asked for many packages at once; answered by a mapping."""

    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DependenciesOf:
    """What does this version need on ``targets``?

    ``wanted`` are those that would take it now: what may be spent to know depends on them. ``soon``
    names what is likely asked next, as far as it has not said so before; it costs something, so call it
    only where fetching ahead pays.
    """

    package: str
    version: int
    targets: int
    wanted: int
    soon: Callable[[], tuple[tuple[str, int], ...]] = field(compare=False)


Question = VersionsOf | DependenciesOf
Answer: TypeAlias = "Mapping[str, Versions] | Facts"


# -- the whole conversation -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to choose where there is a choice.

    ``lowest`` turns the order round for all packages, or for those named, on the targets given.
    Packages in ``first`` are decided before others, in that order and however many lost to them: where Python
    itself is chosen, the newest is worth more than the newest of what runs on it. ``demanded`` targets must
    have a solution; the others are given up, with the proof, where they have none.
    """

    targets: int
    demanded: int
    lowest: Mapping[str, int] | bool = False
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The targets that have no solution, and the proof."""

    targets: int
    proof: Incompatibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What was chosen.

    ``chosen`` maps a package to (targets, place of the version) pairs with disjoint targets;
    ``needs`` tells what each chosen version needs. ``targets`` are those that have a solution.
    A package may have been chosen for targets that turn out not to need it: see ``reach``.
    """

    targets: int
    chosen: Mapping[str, tuple[tuple[int, int], ...]]
    needs: Mapping[tuple[str, int], tuple[Need, ...]]
    given_up: tuple[GivenUp, ...]
    universe: Universe
    tries: int = field(default=0)
