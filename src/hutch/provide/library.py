"""What who answers from package indexes is told: where pages and metadata come from, and how to answer."""

from __future__ import annotations

from hutch.provide.adjust import NO_ADJUSTMENTS, Adjustments
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from hutch.errors import Problem
    from hutch.index import File, Page
    from hutch.provide.places import Bound, Direct
    from hutch.spec import CoreMetadata, Targets
else:
    Protocol = object

__all__ = ["Library", "ProviderOptions", "TargetsCut"]


class TargetsCut(Exception):
    """A marker or a ``Requires-Python`` cuts through a target: split it, and solve again.

    Not a problem of anybody's: the driver catches it.
    """


class Library(Protocol):
    """Where pages and metadata come from; ``ops`` hands in indexes, a store and builds."""

    def fetch_page(
        self, name: str, done: Callable[[Page | object | Problem], None], index: str | None
    ) -> None:
        """Call back with a page, ``Missing``, or a problem; ``index`` names the only one to ask."""

    def fetch_metadata(self, page: Page, file: File, done: Callable[[CoreMetadata | Problem], None]) -> None:
        """Call back with the core metadata of a wheel or source distribution, or a problem."""

    def may_fetch_ahead(self, file: File) -> bool:
        """Is the metadata of the file cheap to have (no build, no whole download)?"""

    def remembered_page(self, name: str) -> Page | None:
        """The page as it was last seen, however long ago; None where it never was."""

    def remembered_metadata(self, page: Page, file: File) -> CoreMetadata | None:
        """The metadata of a wheel, if nobody has to be asked for them."""

    def pump(self) -> bool:
        """Wait for progress; False where nothing is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderOptions:
    """How to answer.

    ``preferred`` are the versions of an older lock; ``only_binary`` and ``no_binary`` name
    packages (``:all:`` for every one); ``exclude_newer`` is an ISO time, which packages and
    indexes may have of their own (None: every time is right). ``bound`` names the indexes of
    packages that come from these only, each for some targets. ``prerelease`` is ``allow`` (as good as
    final releases), ``disallow``, or ``explicit``: by the specification. Without ``dependencies`` no
    package needs another. ``likely`` are packages that will be asked about, as far as can be guessed.
    With ``prefer_binary`` versions that have a wheel go before those that have none.
    """

    targets: Targets
    demanded: int
    preferred: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    direct: Mapping[str, tuple[Direct, ...]] = field(default_factory=dict)
    only_binary: frozenset[str] = frozenset()
    no_binary: frozenset[str] = frozenset()
    exclude_newer: str | None = None
    newer_packages: Mapping[str, str | None] = field(default_factory=dict)
    newer_indexes: Mapping[str, str | None] = field(default_factory=dict)
    bound: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)
    adjustments: Adjustments = NO_ADJUSTMENTS
    lowest: Mapping[str, int] | bool = False
    prerelease: str = "explicit"
    dependencies: bool = True
    likely: frozenset[str] = frozenset()
    prefer_binary: bool = False
