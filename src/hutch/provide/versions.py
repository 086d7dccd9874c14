"""The solver's view of an index page: versions as places, sets of them as masks."""

from __future__ import annotations

from hutch.solve import Limit
from hutch.spec import matching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hutch.index import Page
    from hutch.solve import Versions
    from hutch.spec import VersionKey

__all__ = ["FixedVersions", "JoinedVersions", "NoVersions", "PageVersions"]


class PageVersions:
    """The versions of a page; see ``solve.Versions``.

    ``everything`` is the mask of all targets; ``excluded`` tells which of them a
    ``Requires-Python`` rules out; ``hidden`` are versions that ``exclude-newer`` hides, and of them
    ``dateless`` those that have no date; ``prerelease`` is
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
        dateless: int = 0,
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
        if hidden & ~dateless:
            limits.append(Limit(hidden & ~dateless, everything, "came after the date given by exclude-newer"))
        if dateless:
            reason = "is left out by exclude-newer, because its index does not say when it came"
            limits.append(Limit(dateless, everything, reason))
        if prerelease == "disallow" and page.prerelease:
            limits.append(Limit(page.prerelease, everything, "is a pre-release, which is not allowed"))
        for text, places in page.requires_python:
            if (places := places & believed) and (mask := excluded(text)):
                limits.append(Limit(places, mask, f"requires Python {text}"))
        self.limits = tuple(limits)

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return matching(specifiers, self._page.keys)


class FixedVersions:
    """The one version that a directory, a repository or an archive has, as ``labels`` and ``keys``."""

    __slots__ = ("_keys", "labels")

    limits: tuple[Limit, ...] = ()
    prereleases = yanked = preferred = 0

    def __init__(self, label: str, key: VersionKey) -> None:
        self.labels: Sequence[str] = (label,)
        self._keys = (key,)

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return matching(specifiers, self._keys)


class JoinedVersions:
    """The versions of a package that comes from several places, one place's behind the other's.

    ``parts`` are the versions of each place, the mask of the targets for which it speaks, and what is
    said of them on the other targets.
    """

    __slots__ = ("_parts", "labels", "limits", "preferred", "prereleases", "yanked")

    def __init__(self, parts: Sequence[tuple[Versions, int, str]], everything: int) -> None:
        labels: list[str] = []
        limits: list[Limit] = []
        self._parts: list[tuple[Versions, int]] = []
        self.prereleases = self.yanked = self.preferred = 0
        for versions, mask, reason in parts:
            first = len(labels)
            self._parts.append((versions, first))
            labels += versions.labels
            self.prereleases |= versions.prereleases << first
            self.yanked |= versions.yanked << first
            self.preferred |= versions.preferred << first
            limits += (Limit(each.versions << first, each.targets, each.reason) for each in versions.limits)
            if versions.labels and everything & ~mask:
                places = (1 << len(versions.labels)) - 1 << first
                limits.append(Limit(places, everything & ~mask, reason))
        self.labels: Sequence[str] = tuple(labels)
        self.limits = tuple(limits)

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        found = 0
        for versions, first in self._parts:
            found |= versions.matching(specifiers) << first
        return found


class NoVersions:
    """A package that nobody has."""

    labels: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    prereleases = yanked = preferred = 0

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return 0
