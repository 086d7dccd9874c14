"""A conda prefix under another path: what names the path written anew, in what is there and what is kept.

Which files those are their records say. Each is taken back to what the package has (the hash of which is in
the record, so that it is known to be that), and written for the new place from there; so nothing of it adds
up, however often a prefix is moved. A file that somebody has changed has the path replaced, and stays so.
Nothing of the prefix itself is touched: a copy is made, of links where that can be.
"""

from __future__ import annotations

import hashlib
import os
import stat

from hutch.env.conda_files import META, is_conda, is_inside, parse_meta, render_meta
from hutch.env.conda_installed import meta_records
from hutch.env.conda_text import PrefixTooLong, original, replace_path, repoint_command, rewrite
from hutch.plain import read_plain
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from hutch.env.environment import Environment
    from hutch.env.generations import Record
    from hutch.store import Prefixed

    Places = Sequence[tuple[str, dict[str, int]]]

__all__ = ["COMMANDS", "move_prefix", "prefixed_by", "write_anew"]

COMMANDS = ("unix_python_entry_point", "windows_python_entry_point_script")
"""Files that conda makes of a name, and that have the Python of the prefix in their first line."""


def move_prefix(source: Environment, target: str, *, place: str) -> None:
    """Make the same prefix at ``target``, where nothing is, with texts for ``place``, and with its history.

    The caller holds the lock of ``source``. Raises `CannotRelocate`, OSError, and leaves what was made to the
    caller to delete.
    """
    from hutch.env.cloning import copy_with_history

    copy_with_history(source.root, target)
    _retarget_links(target, source.root, place)
    _Mover(source, target, place).run()


def prefixed_by(entry: dict[str, Any]) -> Prefixed | None:
    """How an entry of a record says that the prefix is in its file."""
    from hutch.store import Prefixed

    match entry:
        case {"prefix_placeholder": str(placeholder)} if placeholder:
            mode = entry.get("file_mode")
            return Prefixed(placeholder=placeholder, mode="binary" if mode == "binary" else "text")
    return None


def write_anew(path: str, content: bytes) -> None:
    """Another content for a file, which others may have links to."""
    mode = stat.S_IMODE(os.lstat(path).st_mode)
    temporary = f"{path}.hutch-new"
    with open(temporary, "xb") as file:
        file.write(content)
    os.chmod(temporary, mode)
    os.replace(temporary, path)


def _retarget_links(tree: str, old: str, place: str) -> None:
    """Links that name the old place by its whole path."""
    waiting = [tree]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_symlink():
                    target = os.readlink(entry.path)
                    if target == old or target.startswith(old + os.sep):
                        os.unlink(entry.path)
                        os.symlink(place + target[len(old) :], entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


class _Mover:
    """The copy at ``tree``, whose files speak of where ``source`` is."""

    def __init__(self, source: Environment, tree: str, place: str) -> None:
        self.source = source
        self.tree = tree
        self.before, self.place = source.root, place
        self.windows = source.windows
        self.done: dict[str, tuple[str, str, int]] = {}
        self.changed: dict[tuple[str, int, str], tuple[int, str]] = {}

    def run(self) -> None:
        from hutch.env.generations import kept_directory, read_history

        history = read_history(self.tree)
        kept = [
            (kept_directory(self.tree, record.name), {path: at for at, path in enumerate(record.moves)})
            for record in history
        ]
        for where in meta_records(self.tree):
            self._conda(where, os.path.join(self.tree, where), ())
        for name, one in self.source.installed().items():
            if not name.startswith("conda:") and one.kind == "dist-info":
                self._wheel(one.dist_info, os.path.join(self.tree, one.dist_info, "RECORD"), ())
        for number, (folder, moves) in enumerate(kept):
            for where, location in _records_in(folder, moves):
                if is_conda(where):
                    self._conda(where, location, kept[number:])
                else:
                    self._wheel(where, location, kept[number:])
        self._history(history)

    # -- packages of conda --------------------------------------------------------------------------

    def _conda(self, where: str, location: str, places: Places) -> None:
        before = _read(location)
        data = parse_meta(before) if before is not None else None
        match data:
            case {"paths_data": {"paths": list(entries)}}:
                pass
            case _:
                return
        assert before is not None
        assert data is not None
        link = data.get("link")
        exact = isinstance(link, dict) and "/conda-v1/" in str(link.get("source"))
        found = [self._entry(each, str(data.get("name")), exact, places) for each in entries]
        if found == entries:
            return
        files = data.get("files")
        facts = {key: value for key, value in data.items() if key not in ("files", "paths_data")}
        after = render_meta(facts, files if isinstance(files, list) else [], found)
        self._put_record(where, location, before, after)

    def _entry(self, entry: Any, label: str, exact: bool, places: Places) -> Any:
        """The entry as it is for the new place, where its file is written for that."""
        match entry:
            case {"_path": str(path)} if is_inside(path):
                how, command = prefixed_by(entry), entry.get("path_type") in COMMANDS
            case _:
                return entry
        location = self._location(path, places) if how is not None or command else None
        if location is None:
            return entry
        sha256 = entry.get("sha256")
        row = self._file(location, f"{label}: {path}", how, sha256 if isinstance(sha256, str) else "")
        if row is None or entry.get("sha256_in_prefix") not in (row[0], None):
            return entry  # somebody has changed it, and it is not what the package has brought
        entry = {**entry, "sha256_in_prefix": row[1]}
        if command:
            entry["sha256"] = row[1]
        if (exact or command) and isinstance(entry.get("size_in_bytes"), int):
            entry["size_in_bytes"] = row[2]
        return entry

    def _location(self, path: str, places: Places) -> str | None:
        from hutch.env.kept import find_file

        found = (find_file(places, path) if places else None) or os.path.join(self.tree, path)
        return found if os.path.isfile(found) and not os.path.islink(found) else None

    def _file(
        self, location: str, label: str, how: Prefixed | None, sha256: str
    ) -> tuple[str, str, int] | None:
        """The hashes of a file before and after, and its size; written once, whoever has it."""
        if location in self.done:
            return self.done[location]
        content = _read(location)
        if content is None:
            return None
        after = content
        if os.fsencode(self.before) in content or how is not None:
            after = self._content(content, label, how, sha256)
        if after != content:
            write_anew(location, after)
        row = (hashlib.sha256(content).hexdigest(), hashlib.sha256(after).hexdigest(), len(after))
        self.done[location] = row
        return row

    def _content(self, content: bytes, label: str, how: Prefixed | None, sha256: str) -> bytes:
        from hutch.env.problems import CannotRelocate, CannotWrite

        if how is None:
            found = repoint_command(content, self.before, self.place, of_conda=True)
            return replace_path(content, self.before, self.place) if found is None else found
        name, _, path = label.partition(": ")
        first = original(content, how, self.before, sha256, windows=self.windows)
        if first is None:
            reason = f"{path} of {name} is another file than was installed, and has the old path in it"
            raise CannotWrite(self.place, reason)
        if not first[1] and how.mode != "binary":
            return replace_path(content, self.before, self.place)
        try:
            return rewrite(first[0], how, self.place, windows=self.windows)
        except PrefixTooLong as error:
            raise CannotRelocate(name, path, self.place, str(error)) from error

    # -- wheels -------------------------------------------------------------------------------------

    def _wheel(self, dist_info: str, location: str, places: Places) -> None:
        from hutch.env.launchers import LauncherFacts, rewrite_launcher
        from hutch.env.records import parse_rows, replace_rows
        from hutch.spec.digest import record_digest

        before = _read(location)
        if before is None:
            return
        then: dict[str, tuple[str, str, int]] = {}
        for path, _, _ in parse_rows(self.tree, dist_info, before):
            if not path.startswith(f"{self.source.scripts}/"):
                continue
            there = self._location(path, places)
            content = _read(there) if there is not None else None
            if there is None or content is None:
                continue
            if self.windows and content.startswith(b"MZ"):
                python = os.path.join(self.place, "python.exe")
                facts = LauncherFacts(python=python, windows=True, relocatable=False)
                after = rewrite_launcher(content, facts, self.before)
            else:
                after = repoint_command(content, self.before, self.place, of_conda=False)
            if after is None or after == content:
                continue
            write_anew(there, after)
            then[path] = (record_digest(content), record_digest(after), len(after))
        if then:
            after = replace_rows(self.tree, dist_info, before, then)
            self._put_record(dist_info, location, before, after)

    # -- what is known of them ----------------------------------------------------------------------

    def _put_record(self, where: str, location: str, before: bytes, after: bytes) -> None:
        if before != after:
            write_anew(location, after)
            self.changed[where, len(before), _short(before)] = (len(after), _short(after))

    def _history(self, history: Sequence[Record]) -> None:
        """Each generation knows a package by the length and the hash of its record: it is the same still."""
        from hutch.env.generations import write_foreign

        by_size = {(where, size): now for (where, size, _), now in self.changed.items()}
        for record in history:
            packages = []
            for one in record.packages:
                if one.digest:
                    now = self.changed.get((one.dist_info, one.size, one.digest))
                else:
                    now = by_size.get((one.dist_info, one.size))
                if now is not None:
                    one = replace(one, size=now[0], digest=now[1] if one.digest else "")
                packages.append(one)
            if tuple(packages) != record.packages:
                write_foreign(self.tree, replace(record, packages=tuple(packages)))


def _records_in(folder: str, moves: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Records of installations among what a change has taken away, as they are called, and where they lie."""
    for path, number in moves.items():
        location = os.path.join(folder, str(number))
        if is_conda(path):
            yield path, location
        elif os.path.isdir(location) and not os.path.islink(location):
            if path == META:
                for name in sorted(os.listdir(location)):
                    if is_conda(f"{META}/{name}"):
                        yield f"{META}/{name}", os.path.join(location, name)
            else:
                yield from _dist_infos(path, location)


def _dist_infos(path: str, location: str) -> Iterator[tuple[str, str]]:
    from hutch.trees import walk

    if path.endswith(".dist-info"):
        yield path, os.path.join(location, "RECORD")
        return
    if "/site-packages/" in path:
        return  # a part of a distribution, whose record lies elsewhere
    for here, folders, _ in walk(location):
        below = os.path.relpath(here, location).replace(os.sep, "/")
        start = path if below == "." else f"{path}/{below}"
        for name in folders:
            if name.endswith(".dist-info") and start.endswith("site-packages"):
                yield f"{start}/{name}", os.path.join(here, name, "RECORD")


def _read(path: str) -> bytes | None:
    try:
        return read_plain(path, 1 << 30)
    except (OSError, ValueError):
        return None


def _short(content: bytes) -> str:
    from hutch.spec.digest import short_sha256

    return short_sha256(content)[:16]
