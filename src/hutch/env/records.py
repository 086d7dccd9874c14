"""RECORD files and who owns what, by the "Recording installed projects" specification.

Paths become relative to the environment, with slashes and without ``..``; what leads out of the
environment has no such path and is dropped, so that nothing outside can be touched by mistake or malice.
"""

from __future__ import annotations

import os
import stat

from hutch.env.conda_files import conda_rows, is_conda
from hutch.plain import read_plain, without_waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = [
    "LINKED",
    "LINKED_RECORD",
    "Owners",
    "fold_path",
    "has_digest",
    "inside",
    "installed_size",
    "parse_rows",
    "read_record",
    "record_name",
    "record_path",
    "record_rows",
    "render_row",
    "replace_rows",
    "resolve_path",
    "without_rows",
]

LINKED_RECORD = "hutch.record"
"""What stands in for RECORD where directories are links to trees of the store: who knows RECORD alone (pip,
uv) refuses to uninstall then, and does not delete through the links (PEP 627). It has the same form."""
LINKED = "tree="
"""How the digest of a link begins in it; the name of the tree follows."""

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
        elif part[1:2] == ":":
            return None  # a drive, wherever it comes to stand
        elif part and part != ".":
            parts.append(part)
    return "/".join(parts) or None


def inside(root: str, directory: str, path: str) -> str | None:
    """`resolve_path`, with ``lib64`` taken for what it links to, and absolute paths below ``root`` too."""
    if "\0" in path:
        return None  # nothing can have such a name
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


def record_path(root: str, dist_info: str) -> str:
    """The path of the record of what is installed there, relative to the environment."""
    return dist_info if is_conda(dist_info) else f"{dist_info}/{record_name(root, dist_info)}"


def record_name(root: str, dist_info: str) -> str:
    """What the record in ``dist_info`` is called: RECORD, unless there is only our own."""
    folder = os.path.join(root, dist_info)
    if not os.path.lexists(f"{folder}/RECORD") and os.path.lexists(f"{folder}/{LINKED_RECORD}"):
        return LINKED_RECORD
    return "RECORD"


def read_record(root: str, dist_info: str, *, elsewhere: bool = False) -> Rows:
    """The rows of the RECORD in ``dist_info``; empty if it is missing or cannot be read.

    With ``elsewhere`` rows of `site-packages` may be left out, which saves most of the work.
    """
    try:
        content = read_plain(os.path.join(root, record_path(root, dist_info)))
    except OSError:
        return {}
    if is_conda(dist_info):
        return {path: digest for path, digest, _ in conda_rows(content)}
    text = content.decode("utf-8", "surrogateescape")
    directory = dist_info.rpartition("/")[0]
    if elsewhere and '"' not in text:
        text = "\n".join(line for line in text.split("\n") if line.startswith(".."))
    rows: Rows = {}
    for path, digest, _ in _parse(text):
        # The common row needs no resolving: 31,000 of them are read before a large environment is changed.
        if (
            ".." in path
            or ":" in path
            or "\\" in path
            or "//" in path
            or "./" in path
            or path.startswith("/")
            or "\0" in path
        ):
            found = inside(root, directory, path)
            if found is None:
                continue
        else:
            found = f"{directory}/{path}"
        rows[found] = digest
    return rows


def installed_size(root: str, dist_info: str) -> int | None:
    """The bytes that the files of what is installed there have; None where no record says which those are.

    What others have links to counts as well: so much of it would be elsewhere without the store.
    """
    rows = read_record(root, dist_info)
    total = 0
    for path in {*rows, record_path(root, dist_info)} if rows or is_conda(dist_info) else ():
        try:
            found = os.lstat(os.path.join(root, path))
        except (OSError, ValueError):
            continue
        total += 0 if stat.S_ISDIR(found.st_mode) else found.st_size
    return total or None


def parse_rows(root: str, dist_info: str, content: bytes) -> Iterator[tuple[str, str, int | None]]:
    """(path relative to the environment, hash, size if told) of each row of the RECORD of ``dist_info``.

    What leads out of the environment is left out.
    """
    if is_conda(dist_info):
        yield from conda_rows(content)
        return
    directory = dist_info.rpartition("/")[0]
    for path, digest, size in _parse(content.decode("utf-8", "surrogateescape")):
        found = inside(root, directory, path)
        if found is not None:
            size = size.strip()
            yield found, digest, int(size) if size.isdecimal() and len(size) < 20 else None


def record_rows(text: str) -> Iterator[tuple[str, str]]:
    """(path as it stands there, hash) of each row of a RECORD."""
    for path, digest, _ in _parse(text):
        yield path, digest


def has_digest(path: str, digest: str) -> bool:
    """Whether the file has this hash (``sha256=…``, as in a RECORD); true where none is known."""
    import hashlib

    from hutch.spec.digest import record_text

    algorithm, _, expected = digest.partition("=")
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return True
    try:
        with open(path, "rb", opener=without_waiting) as file:
            found = hashlib.file_digest(file, algorithm).digest()
    except OSError:
        return False
    return record_text(found) == expected.rstrip("=")


def _parse(text: str) -> Iterator[tuple[str, str, str]]:
    if '"' in text:
        import csv
        import io

        try:
            for row in csv.reader(io.StringIO(text, newline="")):
                if row and row[0]:
                    yield row[0], row[1] if len(row) > 1 else "", row[2] if len(row) > 2 else ""
            return
        except csv.Error:
            pass
    # Not `splitlines`, which splits at a dozen other characters.
    for line in text.split("\n"):
        path, _, rest = line.partition(",")
        if path:
            digest, _, size = rest.partition(",")
            yield path.rstrip("\r"), digest, size


def fold_path(path: str) -> str:
    """What all spellings of a path have in common that are one file where letter case does not count."""
    if path.isascii():
        return path.lower()
    from unicodedata import normalize

    return normalize("NFC", normalize("NFC", path).casefold())


def without_rows(root: str, dist_info: str, content: bytes, paths: Collection[str], *, fold: bool) -> bytes:
    """The RECORD ``content`` without the rows of ``paths`` (relative to the environment)."""
    import csv
    import io

    directory = dist_info.rpartition("/")[0]
    gone = {fold_path(path) if fold else path for path in paths}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    text = content.decode("utf-8", "surrogateescape")
    for path, digest, size in _parse(text):
        found = inside(root, directory, path)
        if found is None or (fold_path(found) if fold else found) not in gone:
            writer.writerow((path, digest, size))
    return out.getvalue().encode("utf-8", "surrogateescape")


def replace_rows(
    root: str, dist_info: str, content: bytes, then: Mapping[str, tuple[str, str, int]]
) -> bytes:
    """The RECORD ``content`` with other rows for the paths in ``then`` (relative to the environment).

    ``then`` has (digest that the row has to have, digest and size that it gets; digests without algorithm). A
    row that says anything else speaks of a file that somebody has edited, and stays.
    """
    directory = dist_info.rpartition("/")[0]
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    for number, line in enumerate(lines):
        if not any(path.rpartition("/")[2] in line for path in then):
            continue
        for path, digest, _ in _parse(line + "\n"):
            found = inside(root, directory, path)
            now, new, size = then.get(found or "", ("", "", 0))
            if now and digest.rstrip("=") == f"sha256={now}":
                lines[number] = render_row(path, new, size).removesuffix("\n")
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def render_row(path: str, digest: str, size: int | str) -> str:
    """One row; ``digest`` is the unpadded base64 of a SHA-256, or ``""``."""
    if "," in path or '"' in path:
        path = '"' + path.replace('"', '""') + '"'
    return f"{path},sha256={digest},{size}\n" if digest else f"{path},,\n"


class Owners:
    """Who owns a path, among the distributions that stay.

    Asked about a handful of paths in an environment of tens of thousands, it must not parse them all: the
    RECORDs are read when the first question comes, but only their first components are looked at, and a
    RECORD is parsed when one of its own is asked for.
    """

    def __init__(
        self, root: str, site: str, distributions: Iterable[tuple[str, str]], *, fold: bool = False
    ) -> None:
        """``distributions`` are (``name version``, dist-info relative to the environment).

        ``fold``: paths that differ in letter case only are one file here.
        """
        self._root = root
        self._site = site + "/"
        self._fold = fold
        self._distributions = tuple(distributions)
        self._by_top: dict[str, list[int]] | None = None
        self._rows: dict[tuple[int, bool], Rows] = {}

    def of(self, path: str) -> list[tuple[str, str]]:
        """(``name version``, digest as in RECORD) for each owner of the file at ``path``."""
        found: list[tuple[str, str]] = []
        key = self._key(path)
        for number in self._candidates(path):
            digest = self._read(number, path).get(key)
            if digest is not None:
                found.append((self._distributions[number][0], digest))
        return found

    def below(self, directory: str) -> str | None:
        """One owner of something below ``directory``, if there is any."""
        start = self._key(directory) + "/"
        for number in self._candidates(directory):
            if any(path.startswith(start) for path in self._read(number)):
                return self._distributions[number][0]
        return None

    def dist_info(self, label: str) -> str | None:
        """The dist-info directory of the owner called ``label``."""
        return next((where for name, where in self._distributions if name == label), None)

    def shared(self, paths: Iterable[str]) -> set[str]:
        """Those of ``paths`` that have an owner."""
        by_key: dict[str, list[str]] = {}
        for path in paths:
            by_key.setdefault(self._key(path), []).append(path)
        found: set[str] = set()
        for top in {self._top(path) for key in by_key.values() for path in key}:
            for number in self._with_top(top):
                found |= self._read(number, "" if top == ".." else self._site).keys() & by_key.keys()
        return {path for key in found for path in by_key[key]}

    def _key(self, path: str) -> str:
        return fold_path(path) if self._fold else path

    def _top(self, path: str) -> str:
        """The first component below `site-packages`, or ``..`` for what is elsewhere."""
        if self._key(path).startswith(self._key(self._site)):
            return self._key(path[len(self._site) :].partition("/")[0])
        return ".."

    def _candidates(self, path: str) -> list[int]:
        return self._with_top(self._top(path))

    def _with_top(self, top: str) -> list[int]:
        if self._by_top is None:
            self._by_top = {}
            for number, (_, dist_info) in enumerate(self._distributions):
                for name in _tops(self._root, dist_info):
                    self._by_top.setdefault(self._key(name), []).append(number)
        return sorted({*self._by_top.get(top, ()), *self._by_top.get("", ())})

    def _read(self, number: int, path: str | None = None) -> Rows:
        """The rows of a distribution, or at least those where ``path`` would be."""
        elsewhere = path is not None and not self._key(path).startswith(self._key(self._site))
        rows = self._rows.get((number, False)) or self._rows.get((number, elsewhere))
        if rows is None:
            dist_info = self._distributions[number][1]
            rows = read_record(self._root, dist_info, elsewhere=elsewhere)
            if self._fold:
                rows = {fold_path(each): digest for each, digest in rows.items()}
            self._rows[number, elsewhere] = rows
        return rows


def _tops(root: str, dist_info: str) -> set[str]:
    """The first components of a RECORD's paths; ``""`` (which may be anything) if it is not a plain one."""
    if is_conda(dist_info):
        return {""}
    try:
        path = os.path.join(root, dist_info, record_name(root, dist_info))
        text = read_plain(path).decode("utf-8", "surrogateescape")
    except OSError:
        return set()
    odd = ('"', "\\", "/./", "//", "\n/", "\n./", "/site-packages/")
    if any(each in text for each in odd) or text.startswith(("/", "./")):
        return {""}
    tops = {line.partition("/")[0] for line in text.split("\n")}
    # A file in `site-packages` itself has its digest on the line as well.
    return {top.partition(",")[0] for top in tops}
