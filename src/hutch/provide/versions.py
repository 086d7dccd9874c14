"""The solver's view of an index page: versions as places, sets of them as masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hutch.solve import Limit
from hutch.spec import matching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index import Page

__all__ = ["NoVersions", "OneVersion", "PageVersions"]


class PageVersions:
    """The versions of a page; see ``solve.Versions``.

    ``everything`` is the mask of all targets; ``excluded`` tells which of them a
    ``Requires-Python`` rules out; ``hidden`` are versions that ``exclude-newer`` hides.
    """

    __slots__ = ("_page", "labels", "limits", "preferred", "prereleases", "yanked")

    def __init__(
        self,
        page: Page,
        everything: int,
        excluded: Callable[[str], int],
        *,
        preferred: int = 0,
        hidden: int = 0,
    ) -> None:
        self._page = page
        self.labels: Sequence[str] = page.versions
        # Asking for a pre-release is needed only where there is something else to have.
        final = (1 << len(page.versions)) - 1 & ~page.prerelease
        self.prereleases = page.prerelease if final else 0
        self.yanked = page.yanked & ~preferred
        self.preferred = preferred
        limits = []
        if hidden:
            limits.append(Limit(hidden, everything, "came after the date given by exclude-newer"))
        for text, places in page.requires_python:
            if mask := excluded(text):
                limits.append(Limit(places, mask, f"requires Python {text}"))
        self.limits = tuple(limits)

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return matching(specifiers, self._page.keys)


class OneVersion:
    """A package that comes from one place: a directory, an archive; its version satisfies by order."""

    __slots__ = ("_key", "labels", "limits", "preferred", "prereleases", "yanked")

    def __init__(self, version: str, key: object) -> None:
        self.labels = (version,)
        self._key = key
        self.limits: tuple[Limit, ...] = ()
        self.preferred = self.prereleases = self.yanked = 0

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return matching(specifiers, (self._key,))  # type: ignore[arg-type]


class NoVersions:
    """A package that nobody has."""

    labels: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    prereleases = yanked = preferred = 0

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return 0
