"""Which files of a version count, for which targets, and which of them speaks for it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index import File, Page
    from hutch.provide.library import ProviderOptions
    from hutch.spec import Targets

__all__ = ["Files"]

MOST_SOURCES_FOR_WISHES = 3
"""So many source distributions of a package are read, or built, for targets that nobody insists on."""


class Files:
    """The files of pages, as the options let them count."""

    __slots__ = ("_far", "_options")

    def __init__(self, options: ProviderOptions) -> None:
        self._options = options
        self._far: dict[str, set[str]] = {}

    def of(self, page: Page, place: int) -> tuple[File, ...]:
        """The files of a version that came early enough."""
        files = page.files_of(place)
        newest = self.newest(page)
        if newest is None:
            return files
        return tuple(f for f in files if f.upload_time is not None and f.upload_time < newest)

    def newest(self, page: Page) -> str | None:
        """The time before which files of a page count: by package, else by index, else for all."""
        options = self._options
        if page.name in options.newer_packages:
            return options.newer_packages[page.name]
        return options.newer_indexes.get(page.index, options.exclude_newer)

    def is_too_far(self, page: str, file: File, wanted: int) -> bool:
        """Have wishes come down, by themselves, over so many sources that this one is not worth a build?

        A Python that is too new for a project can in theory be served by its first releases, which name no
        upper bound, and each of them would be built to learn why not. Which sources were built before plays
        no part in the answer.
        """
        demanded = self._options.demanded
        if file.tags or not demanded or wanted & demanded:
            return False
        tried = self._far.setdefault(page, set())
        if len(tried) >= MOST_SOURCES_FOR_WISHES:
            return file.filename not in tried
        tried.add(file.filename)
        return False

    def look(self, name: str, page: Page, place: int, targets: Targets) -> tuple[int, File | None, str]:
        """(the targets with a file, the file that speaks for the version, why there is none elsewhere)."""
        options = self._options
        wheels_allowed = not {name, ":all:"} & options.no_binary
        sdists_allowed = not {name, ":all:"} & options.only_binary
        available = 0
        # The wheel of the first target speaks for the version, whoever locks; by default that is Linux
        # on x86-64, whose wheels tell most where those of one version differ.
        best: tuple[int, File] | None = None
        stranger: File | None = None
        for file in self.of(page, place):
            mask = targets.requires_python_mask_of(self.requires_python_of(page, place, file))
            if file.tags:
                if not wheels_allowed:
                    continue
                mask &= targets.wheel_mask(file.tags)
                rank = mask & -mask
                if not mask and file.metadata and (stranger is None or stranger.filename < file.filename):
                    stranger = file
            else:
                if not sdists_allowed:
                    continue
                rank = targets.everything + 1
            available |= mask
            if mask and (best is None or rank < best[0]):
                best = rank, file
        if stranger is not None and best is not None and not best[1].tags:
            # A wheel that installs nowhere here says what its version needs, and no build has to.
            best = 0, stranger
        kinds = "wheel" if not sdists_allowed else "file"
        reason = f"has no {kinds}"
        alike = targets.alike(available)
        if apart := available & ~alike:
            lost = targets.closure(apart) & ~available
            reason = f"lacks a {kinds} for {targets.name(lost)}, which no marker tells from its like"
        return alike, best[1] if best else None, reason

    def requires_python_of(self, page: Page, place: int, file: File) -> str | None:
        """The ``requires-python`` of a file, as its page says or the project knows better."""
        return self._options.adjustments.requires_python(
            page.name, page.versions[place], file.requires_python
        )
