"""RECORD files and who owns what, by the "Recording installed projects" specification.

Paths become relative to the environment, with slashes and without ``..``; what leads out of the
environment has no such path and is dropped, so that nothing outside can be touched by mistake or malice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

__all__ = ["Owners", "inside", "read_record", "render_row", "resolve_path"]

Rows = dict[str, str]
"""Path relative to the environment -> ``sha256=...`` or ``""``."""


def resolve_path(directory: str, path: str) -> str | None:
    """``path`` of a RECORD in ``directory`` (relative to the environment) as relative to the environment.

    None if it leads out, or is absolute.

    >>> resolve_path("lib/python3.12/site-packages", "../../../bin/black")
    'bin/black'
    """
    if "\\" in path:
        path = path.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":":
        return None
    parts = directory.split("/") if directory else []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part and part != ".":
            parts.append(part)
    return "/".join(parts) or None


def inside(root: str, directory: str, path: str) -> str | None:
    """`resolve_path`, with ``lib64`` taken for what it links to, and absolute paths below ``root`` too."""
    if path.startswith("/") or path[1:2] == ":":
        start = root.replace("\\", "/").rstrip("/") + "/"
        path = path.replace("\\", "/")
        if not path.startswith(start):
            return None
        found = resolve_path("", path[len(start) :])
    else:
        found = resolve_path(directory, path)
    if found is not None and found.startswith("lib64/") and os.path.islink(os.path.join(root, "lib64")):
        return "lib/" + found[6:]
    return found


def read_record(root: str, dist_info: str) -> Rows:
    """The rows of the RECORD in ``dist_info``; empty if it is missing or cannot be read."""
    try:
        with open(os.path.join(root, dist_info, "RECORD"), "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
    except OSError:
        return {}
    directory = dist_info.rpartition("/")[0]
    rows: Rows = {}
    for path, digest in _parse(text):
        # The common row needs no resolving: 31,000 of them are read before a large environment is changed.
        if (
            ".." in path
            or "\\" in path
            or "//" in path
            or "./" in path
            or path.startswith("/")
            or path[1:2] == ":"
        ):
            found = inside(root, directory, path)
            if found is None:
                continue
        else:
            found = f"{directory}/{path}"
        rows[found] = digest
    return rows


def _parse(text: str) -> Iterator[tuple[str, str]]:
    if '"' in text:
        import csv

        try:
            for row in csv.reader(text.splitlines()):
                if row and row[0]:
                    yield row[0], row[1] if len(row) > 1 else ""
            return
        except csv.Error:
            pass
    for line in text.splitlines():
        path, _, rest = line.partition(",")
        if path:
            yield path, rest.partition(",")[0]


def render_row(path: str, digest: str, size: int | str) -> str:
    """One row; ``digest`` is the unpadded base64 of a SHA-256, or ``""``."""
    if "," in path or '"' in path:
        path = '"' + path.replace('"', '""') + '"'
    return f"{path},sha256={digest},{size}\n" if digest else f"{path},,\n"


class Owners:
    """Who owns a path, among distributions that stay. RECORDs are read when first asked, and once."""

    def __init__(self, root: str, distributions: Iterable[tuple[str, str]]) -> None:
        """``distributions`` are (``name version``, dist-info relative to the environment)."""
        self._root = root
        self._distributions = tuple(distributions)
        self._rows: dict[str, list[tuple[str, str]]] | None = None

    def of(self, path: str) -> list[tuple[str, str]]:
        """(``name version``, digest) for each owner of the file at ``path``."""
        return self._read().get(path, [])

    def below(self, directory: str) -> str | None:
        """One owner of something below ``directory``, if there is any."""
        start = directory + "/"
        return next((owners[0][0] for path, owners in self._read().items() if path.startswith(start)), None)

    def dist_info(self, label: str) -> str | None:
        """The dist-info directory of the owner called ``label``."""
        return next((where for name, where in self._distributions if name == label), None)

    def shared(self, paths: Iterable[str]) -> set[str]:
        """Those of ``paths`` that have an owner."""
        rows = self._read()
        return {path for path in paths if path in rows}

    def _read(self) -> dict[str, list[tuple[str, str]]]:
        if self._rows is None:
            self._rows = {}
            for label, dist_info in self._distributions:
                for path, digest in read_record(self._root, dist_info).items():
                    self._rows.setdefault(path, []).append((label, digest))
        return self._rows
