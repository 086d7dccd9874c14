"""What the files and folders of a store are called; see docs/explanation/store.md."""

from __future__ import annotations

__all__ = [
    *(
        "BYTECODE",
        "CACHEDIR_TAG",
        "CONDA",
        "DATED",
        "FORMATS",
        "LOGS",
        "MARKER",
        "MARKER_TEXT",
        "MUTEX",
        "SCRATCH",
        "TREES",
        "WHEELS",
    ),
    "kind_of_folder",
    "sentinel",
]

# Version of what is inside the tables of a kind; a room that changes its values adds one here.
FORMATS = {
    "index": 1,
    "pages": 1,
    "metadata": 1,
    "requirements": 3,
    "interpreters": 1,
    "locks": 3,
    "masks": 1,
    "venvs": 1,
    "plans": 3,
    "built": 1,
    "compile": 1,
    "code": 1,
    "pythons": 1,
    "repodata": 4,
    "shards": 3,
}
DATED = frozenset({"pages", "repodata"})
"""Kinds whose tables have a tail and a date (see ``tables``)."""
BYTECODE = "bytecode-v1"
CONDA = "conda-v1"
"""Unpacked packages of conda's channels."""
WHEELS, TREES, SCRATCH, MUTEX, LOGS = "wheels-v2", "trees-v1", "scratch-v1", "mutex-v1", "logs-v1"

MARKER = ".hutch-store"
MARKER_TEXT = b"This folder is a store of hutch. `hutch cache clean` empties it.\n"
CACHEDIR_TAG = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# This file marks a cache of hutch, which can be made again and need not be kept in backups.\n"
)

_KINDS = frozenset(
    [
        *FORMATS,
        "wheels",
        "conda",
        "bytecode",
        "trees",
        "archives",
        "git",
        "envs",
        "roots",
        "scratch",
        "mutex",
        "logs",
    ]
)


def sentinel(root: str) -> str:
    """The file in the store that changes whenever a tree is taken away: one look for all links to trees."""
    return f"{root}/{TREES}/.removed"


def kind_of_folder(name: str) -> str | None:
    """The kind of thing in the folder ``<kind>-v<format>``, whatever the format; None if not ours."""
    kind, dash, number = name.rpartition("-v")
    return kind if dash and number.isdecimal() and kind in _KINDS else None
