"""A packed conda prefix made whole where it was unpacked: the prefix put into its files, and told of it."""

from __future__ import annotations

import hashlib
import os

from hutch.env.conda_files import META, is_inside, parse_meta, render_meta
from hutch.env.conda_installed import meta_records
from hutch.env.conda_moving import write_anew
from hutch.env.conda_text import PrefixTooLong, repoint_command, rewrite
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env.environment import Environment
    from hutch.env.packing.prefix_manifest import Placed, PrefixPack

__all__ = ["make_prefix_whole", "too_long_for"]

_LARGEST = 1 << 31


def too_long_for(pack: PrefixPack, place: str) -> tuple[str, int] | None:
    """A binary that has less room than the path of ``place`` needs, and how much it has."""
    need = len(os.fsencode(place))
    binaries = ((one.path, len(one.hold.encode())) for one in pack.placed if one.mode == "binary")
    return min(((path, room) for path, room in binaries if room < need), key=lambda row: row[1], default=None)


def make_prefix_whole(tree: str, pack: PrefixPack, place: str, *, command: str) -> Environment:
    """The prefix at ``tree``, which will be at ``place``; ``command`` is its first generation. Raises
    `CannotRelocate`, OSError."""
    from hutch.env.conda_prefix import open_prefix

    now: dict[str, tuple[bytes, bytes]] = {}
    for one in pack.placed:
        path = os.path.join(tree, one.path)
        before = read_plain(path, _LARGEST)
        after = _placed(before, one, place)
        if after != before:
            write_anew(path, after)
        now[one.path] = (before, after)
    for where in meta_records(tree):
        _change_meta(tree, where, now)
    made = open_prefix(tree)
    _change_records(made, pack, now)
    os.makedirs(os.path.join(tree, ".hutch"), exist_ok=True)
    _begin_history(made, pack, command)
    return made


def _placed(content: bytes, how: Placed, place: str) -> bytes:
    from hutch.env.problems import CannotRelocate
    from hutch.store import Prefixed

    if how.mode in ("command", "wheel"):
        found = repoint_command(content, how.hold, place, of_conda=how.mode == "command")
        return content if found is None else found
    try:
        return rewrite(content, Prefixed(placeholder=how.hold, mode=how.mode), place)
    except PrefixTooLong as error:
        raise CannotRelocate(how.path, how.path, place, str(error)) from error


def _change_meta(tree: str, where: str, now: dict[str, tuple[bytes, bytes]]) -> None:
    """The record of a package says what its files are here; directories of it may be empty."""
    path = os.path.join(tree, where)
    data = parse_meta(read_plain(path, _LARGEST))
    paths_data = data.get("paths_data") if data is not None else None
    entries = paths_data.get("paths") if isinstance(paths_data, dict) else None
    if data is None or not isinstance(entries, list):
        return
    for each in entries:
        match each:
            case {"_path": str(folder), "path_type": "directory"} if is_inside(folder):
                os.makedirs(os.path.join(tree, folder), exist_ok=True)
    found = [_entry(each, now) for each in entries]
    if found != entries:
        files = data.get("files")
        facts = {key: value for key, value in data.items() if key not in ("files", "paths_data")}
        write_anew(path, render_meta(facts, files if isinstance(files, list) else [], found))


def _entry(entry: Any, now: dict[str, tuple[bytes, bytes]]) -> Any:
    path = entry.get("_path") if isinstance(entry, dict) else None
    if not isinstance(path, str) or path not in now:
        return entry
    before, after = now[path]
    if entry.get("sha256_in_prefix") != hashlib.sha256(before).hexdigest():
        return entry  # it was changed before it was packed
    digest = hashlib.sha256(after).hexdigest()
    more = {} if entry.get("prefix_placeholder") else {"sha256": digest}
    return {**entry, **more, "sha256_in_prefix": digest, "size_in_bytes": len(after)}


def _change_records(made: Environment, pack: PrefixPack, now: dict[str, tuple[bytes, bytes]]) -> None:
    """The RECORDs of wheels, for their commands."""
    from hutch.env.records import replace_rows
    from hutch.spec.digest import record_digest

    commands = {one.path for one in pack.placed if one.mode == "wheel"}
    then = {
        path: (record_digest(now[path][0]), record_digest(now[path][1]), len(now[path][1]))
        for path in commands
    }
    if not then:
        return
    for name, one in made.installed().items():
        if name.startswith("conda:") or one.kind != "dist-info":
            continue
        path = os.path.join(made.root, one.dist_info, "RECORD")
        try:
            before = read_plain(path)
        except OSError:
            continue
        after = replace_rows(made.root, one.dist_info, before, then)
        if after != before:
            write_anew(path, after)


def _begin_history(made: Environment, pack: PrefixPack, command: str) -> None:
    """One generation, in which the hashes of the wheels are known."""
    from hutch.env.recording import begin_history, packages_now
    from hutch.values import replace

    hashes = {(name, version, where): sha256 for name, version, sha256, where in pack.wheels}
    installed = {str(name): one for name, one in made.installed().items()}
    packages = []
    for one in packages_now(made.root, installed, None):
        there = installed[one.name]
        sha256 = hashes.get((one.name, one.version, one.dist_info), "")
        if one.dist_info.startswith(f"{META}/"):
            packages.append(one)
            continue
        packages.append(replace(one, sha256=sha256, requested=there.requested, direct_url=there.direct_url))
    begin_history(made.root, packages, command)
