"""The solver's view of an index page: versions as places, sets of them as masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hutch.solve import Limit
from hutch.spec import matching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index import Page
    from hutch.solve import Versions
    from hutch.spec import VersionKey

__all__ = ["DirectVersions", "NoVersions", "PageVersions"]


class PageVersions:
    """The versions of a page; see ``solve.Versions``.

    ``everything`` is the mask of all targets; ``excluded`` tells which of them a
    ``Requires-Python`` rules out; ``hidden`` are versions that ``exclude-newer`` hides; ``prerelease`` is
    ``allow``, ``disallow`` or ``explicit``; the page speaks of the Python of the ``believed`` versions.
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
        prerelease: str = "explicit",
        believed: int = -1,
    ) -> None:
        self._page = page
        self.labels: Sequence[str] = page.versions
        # Asking for a pre-release is needed only where there is something else to have.
        final = (1 << len(page.versions)) - 1 & ~page.prerelease
        self.prereleases = page.prerelease if final and prerelease != "allow" else 0
        self.yanked = page.yanked & ~preferred
        self.preferred = preferred
        limits = []
        if hidden:
            limits.append(Limit(hidden, everything, "came after the date given by exclude-newer"))
        if prerelease == "disallow" and page.prerelease:
            limits.append(Limit(page.prerelease, everything, "is a pre-release, which is not allowed"))
        for text, places in page.requires_python:
            if (places := places & believed) and (mask := excluded(text)):
                limits.append(Limit(places, mask, f"requires Python {text}"))
        self.limits = tuple(limits)

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return matching(specifiers, self._page.keys)


class DirectVersions:
    """The versions of a package that comes from a directory, a repository or an archive.

    ``labels`` and ``keys`` are theirs; ``masks`` say on which targets each speaks for the package. On
    the others it comes from an index: ``rest`` are the versions there, whose places come first.
    """

    __slots__ = ("_keys", "_rest", "labels", "limits", "preferred", "prereleases", "yanked")

    def __init__(
        self,
        rest: Versions,
        labels: Sequence[str],
        keys: Sequence[VersionKey],
        masks: Sequence[int],
        everything: int,
    ) -> None:
        before = len(rest.labels)
        self._rest = rest
        self._keys = tuple(keys)
        self.labels: Sequence[str] = (*rest.labels, *labels)
        self.prereleases, self.yanked, self.preferred = rest.prereleases, rest.yanked, rest.preferred
        limits = list(rest.limits)
        direct = 0
        for number, mask in enumerate(masks):
            direct |= mask
            if everything & ~mask:
                reason = "is the version of a source that is for other targets"
                limits.append(Limit(1 << before + number, everything & ~mask, reason))
        if before and direct:
            limits.append(Limit((1 << before) - 1, direct, "is not what its source there has"))
        self.limits = tuple(limits)

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        mine = matching(specifiers, self._keys) << len(self._rest.labels)
        return self._rest.matching(specifiers) | mine


class NoVersions:
    """A package that nobody has."""

    labels: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    prereleases = yanked = preferred = 0

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return 0
