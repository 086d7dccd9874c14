"""Pages, metadata and wheels for the provider and the installer: indexes, store and builds together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hutch.errors import Problem
from hutch.events import Building

if TYPE_CHECKING:
    from hutch.index import File, Page
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.spec import CoreMetadata

__all__ = ["StoreLibrary"]


class StoreLibrary:
    """``provide.Library`` over a context. Source distributions are read, and built only if they must be."""

    def __init__(self, context: Context, builder: Builder | None) -> None:
        self._context = context
        self._builder = builder

    def fetch_page(self, name: str, done: Callable[[object], None]) -> None:
        self._context.indexes.fetch_page(name, done)

    def may_fetch_ahead(self, file: File) -> bool:
        return bool(file.tags) and file.metadata is not False

    def fetch_metadata(self, page: Page, file: File, done: Callable[[CoreMetadata | Problem], None]) -> None:
        from hutch.index import fetch_metadata

        context = self._context
        if file.tags:
            fetch_metadata(context.client, context.store, page, file, done)
        else:
            self._fetch_sdist_metadata(page, file, done)

    def pump(self) -> bool:
        return self._context.client.pump(None)

    def _fetch_sdist_metadata(
        self, page: Page, file: File, done: Callable[[CoreMetadata | Problem], None]
    ) -> None:
        from hutch.index import fetch_file
        from hutch.spec import metadata_from_tuple, metadata_to_tuple

        tables = self._context.store.tables
        key = file.sha256 or f"{page.url}#{file.filename}"
        known = tables.read("metadata", key)
        if known is not None:
            try:
                done(metadata_from_tuple(known))  # type: ignore[arg-type]
                return
            except (TypeError, ValueError, IndexError):
                pass

        def fetched(answer: Path | Problem) -> None:
            if isinstance(answer, Problem):
                done(answer)
                return
            try:
                metadata = self._read_sdist(answer, page.name, file)
            except Problem as problem:
                done(problem)
                return
            finally:
                answer.unlink(missing_ok=True)
            tables.write("metadata", key, metadata_to_tuple(metadata))
            done(metadata)

        fetch_file(self._context.client, self._context.store, page, file, fetched)

    def _read_sdist(self, archive: Path, name: str, file: File) -> CoreMetadata:
        from hutch.build import prepare_metadata, unpack_sdist

        with self._context.store.scratch() as scratch:
            source = unpack_sdist(archive, Path(scratch) / "source")
            self._context.emit(Building(file.filename))
            return prepare_metadata(source, environments=self._builder, into=Path(scratch))
