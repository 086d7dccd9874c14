"""The Simple API, find-links and core metadata of files.

``Indexes`` answers "which versions does this project have, and which files are they?" from the
configured indexes, in order, with a cache of digested pages; ``fetch_metadata`` and ``fetch_file``
bring what a file says and the file itself. What indexes send is foreign: entries that are not what
they should be are left out, pages that are no pages are problems.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index.downloads import fetch_file
    from hutch.index.freshness import holds
    from hutch.index.indexes import Indexes
    from hutch.index.metadata import (
        check_told,
        fetch_metadata,
        read_metadata,
        read_metadata_of,
        remember_metadata,
    )
    from hutch.index.options import IndexOptions, trusted_hosts
    from hutch.index.page import File, Missing, Page
    from hutch.index.problems import (
        FileUnavailable,
        IndexRefused,
        InvalidIndex,
        MetadataUnavailable,
        NotAnIndexPage,
    )
    from hutch.index.sdists import read_sdist_metadata

__all__ = [
    "holds",
    "File",
    "FileUnavailable",
    "IndexOptions",
    "IndexRefused",
    "Indexes",
    "InvalidIndex",
    "MetadataUnavailable",
    "Missing",
    "NotAnIndexPage",
    "Page",
    "fetch_file",
    "check_told",
    "fetch_metadata",
    "read_metadata",
    "read_metadata_of",
    "read_sdist_metadata",
    "remember_metadata",
    "trusted_hosts",
]

_HOME = {
    "holds": "freshness",
    "File": "page",
    "FileUnavailable": "problems",
    "IndexOptions": "options",
    "IndexRefused": "problems",
    "Indexes": "indexes",
    "InvalidIndex": "problems",
    "MetadataUnavailable": "problems",
    "Missing": "page",
    "NotAnIndexPage": "problems",
    "Page": "page",
    "fetch_file": "downloads",
    "check_told": "metadata",
    "fetch_metadata": "metadata",
    "read_metadata": "metadata",
    "read_metadata_of": "metadata",
    "read_sdist_metadata": "sdists",
    "remember_metadata": "metadata",
    "trusted_hosts": "options",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOME, __all__)
