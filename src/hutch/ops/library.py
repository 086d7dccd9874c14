"""Pages, metadata and wheels for the provider and the installer: indexes, store and builds together."""

from __future__ import annotations

from hutch.errors import Bug, Problem
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hutch.index import File, Page
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.spec import CoreMetadata

__all__ = ["MetadataNeedBuild", "StoreLibrary"]


class MetadataNeedBuild(Problem):
    """What a source distribution needs can only be learnt by a build, and there shall be none."""

    code = "metadata-need-build"
    passed_over = True  # another version may do

    def __init__(self, what: str) -> None:
        super().__init__(
            "would have to be built to learn what it needs, which build-policy forbids",
            why=f"{what} has no static metadata",
            hint="state them in tool.hutch.dependency-metadata, or allow builds",
        )


class StoreLibrary:
    """``provide.Library`` over a context. Source distributions are read, and built only if they must be."""

    def __init__(self, context: Context, builder: Builder | None) -> None:
        self._context = context
        self._builder = builder
        self._told: set[str] = set()
        self._remembered: dict[tuple[str, str | None, str | bool], CoreMetadata] = {}

    def fetch_page(self, name: str, done: Callable[[object], None], index: str | None = None) -> None:
        indexes = self._context.indexes
        known = indexes.read_page(name, index=index)  # type: ignore[arg-type]
        if known is not None:
            done(known)
        else:
            indexes.fetch_page(name, done, index=index)  # type: ignore[arg-type]

    def may_fetch_ahead(self, file: File) -> bool:
        return bool(file.tags) and file.metadata is not False

    def remembered_page(self, name: str) -> Page | None:
        return self._context.indexes.remembered_page(name)  # type: ignore[arg-type]

    def remembered_metadata(self, page: Page, file: File) -> CoreMetadata | None:
        from hutch.index import read_metadata

        known = read_metadata(self._context.store, page, file)
        if known is not None:
            self._remembered[file.filename, file.sha256, file.metadata] = known
        return known

    def fetch_metadata(self, page: Page, file: File, done: Callable[[CoreMetadata | Problem], None]) -> None:
        from hutch.index import fetch_metadata, read_metadata

        context = self._context
        if not file.tags:
            self._fetch_sdist_metadata(page, file, done)
            return
        known = self._remembered.get((file.filename, file.sha256, file.metadata))
        known = known or read_metadata(context.store, page, file)
        if known is not None:
            done(known)
        else:
            fetch_metadata(context.client, context.store, page, file, done, read=False)

    def pump(self) -> bool:
        return self._context.client.pump(None)

    def _fetch_sdist_metadata(
        self, page: Page, file: File, done: Callable[[CoreMetadata | Problem], None]
    ) -> None:
        from hutch.index import fetch_file, read_metadata, remember_metadata

        store = self._context.store
        # What a backend was told may change what it says: that is nobody else's to know.
        told = self._builder is not None and bool(self._builder.settings.of(page.name))
        known = read_metadata(store, page, file) if not told else None
        if known is not None:
            done(known)
            return
        scratch = store.scratch()
        directory = scratch.__enter__()

        def fetched(answer: object) -> None:
            try:
                if isinstance(answer, Problem):
                    done(answer)
                    return
                metadata = self._read_sdist(answer, page.name, file)  # type: ignore[arg-type]
            except Problem as problem:
                done(problem)
                return
            finally:
                scratch.__exit__(None, None, None)
            if not told:
                remember_metadata(store, file, metadata)
            done(metadata)

        fetch_file(self._context.client, store, file, fetched, into=directory)

    def _read_sdist(self, archive: Path, name: str, file: File) -> CoreMetadata:
        if self._builder is None:
            raise Bug("a source distribution is to be read, and nothing can build")
        return self._builder.metadata(archive, name, file.filename, before_build=self._ask_policy)

    def _ask_policy(self, what: str) -> None:
        """``build-policy``: may a source distribution be built to learn what it needs?"""
        if self._context.configuration.build_policy == "static":
            raise MetadataNeedBuild(what)
        if what not in self._told:
            self._told.add(what)
            text = f"building {what} to learn what it needs: no wheel fits, and its metadata are not static"
            self._context.emit(Notice(text))
