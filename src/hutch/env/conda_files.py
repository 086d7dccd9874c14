"""`conda-meta/*.json`: what a conda package has put into a prefix, read as RECORDs are read.

Such a file stands for a `dist-info` directory in plans, journals and the history of an environment: its path
says what it is. Rows are (path, digest, size): digests as in a RECORD, but for links and directories.
"""

from __future__ import annotations

import os

from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

__all__ = ["A_DIRECTORY", "A_LINK", "META", "conda_rows", "is_conda", "is_inside", "read_meta", "render_meta"]

META = "conda-meta"
A_LINK, A_DIRECTORY = "link=", "directory="
"""In place of a digest, where there is no file to have one."""
_LARGEST = 256 << 20
_read: dict[str, tuple[tuple[int, int, int], dict[str, Any] | None]] = {}


def is_conda(where: str) -> bool:
    """Whether what is said to be a record of an installation is one of conda's."""
    return where.startswith(f"{META}/") and where.endswith(".json")


def read_meta(root: str, where: str) -> dict[str, Any] | None:
    """The content of one; None if it cannot be read."""
    try:
        path = os.path.join(root, where)
        facts = os.stat(path)
        stamp = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        known = _read.get(path)
        if known is None or known[0] != stamp:
            # A plan looks at each several times, and 300 of them have some megabytes.
            known = _read[path] = (stamp, parse_meta(read_plain(path, _LARGEST)))
        return known[1]
    except (OSError, ValueError):
        return None


def parse_meta(content: bytes) -> dict[str, Any] | None:
    """The same of its bytes."""
    import json

    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def render_meta(facts: dict[str, Any], files: Sequence[str], entries: Sequence[dict[str, Any]]) -> bytes:
    """The text of one: what is said of the package, and a line for each file."""
    import json

    # An indentation takes a writer of Python's own: where the many are there is none.
    head = json.dumps(facts, indent=2, sort_keys=True).removesuffix("\n}")
    one_line = json.JSONEncoder(sort_keys=True).encode
    named = ",\n".join(f"    {one_line(each)}" for each in files)
    paths = ",\n".join(f"    {one_line(each)}" for each in entries)
    text = f'{head},\n  "files": [\n{named}\n  ],\n'
    text += f'  "paths_data": {{"paths": [\n{paths}\n  ], "paths_version": 1}}\n}}\n'
    return text.encode()


def conda_rows(content: bytes) -> Iterator[tuple[str, str, int | None]]:
    """(path relative to the prefix, digest, size if it is known) of each file. What leads out is left out."""
    found = parse_meta(content) or {}
    seen: set[str] = set()
    # Of a text in which the prefix was put conda tells the size that it had before, hutch that it has.
    link = found.get("link")
    exact = isinstance(link, dict) and "/conda-v1/" in str(link.get("source"))
    match found.get("paths_data"):
        case {"paths": list(paths)}:
            pass
        case _:
            paths = []
    for entry in paths:
        match entry:
            case {"_path": str(path)} if is_inside(path):
                seen.add(path)
                yield path, *_digest(entry, exact)
    files = found.get("files")
    for path in files if isinstance(files, list) else ():
        if isinstance(path, str) and path not in seen and is_inside(path):
            yield path, "", None


def is_inside(path: str) -> bool:
    """Whether the path is one below the prefix, and none of what is not conda's packages' to have."""
    parts = path.split("/")
    odd = not path or path[0] == "/" or path[1:2] == ":" or "\\" in path or "\0" in path
    return not odd and not {"", ".", ".."}.intersection(parts) and parts[0].lower() not in (META, ".hutch")


def _digest(entry: dict[str, Any], exact: bool) -> tuple[str, int | None]:
    kind = entry.get("path_type")
    if kind == "softlink":
        return A_LINK, None
    if kind == "directory":
        return A_DIRECTORY, None
    changed = bool(entry.get("prefix_placeholder"))
    digest, size = entry.get("sha256_in_prefix"), entry.get("size_in_bytes")
    if not isinstance(digest, str) and not changed:
        digest = entry.get("sha256")
    known = isinstance(size, int) and (exact or not changed or entry.get("file_mode") == "binary")
    return _encoded(digest), size if known else None


def _encoded(digest: object) -> str:
    from hutch.spec.digest import record_text

    if not isinstance(digest, str) or len(digest) != 64:
        return ""
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        return ""
    return "sha256=" + record_text(raw)
