"""What a conda package says of its own files: `info/paths.json`, or the three lists that were before it.

Compared with what was in the archive, to the last file, before anything of the package is an entry.
"""

from __future__ import annotations

import posixpath

from hutch.store.conda_manifest import Prefixed
from hutch.store.paths import fault_of_name
from hutch.store.problems import InvalidCondaPackage
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Paths", "check_links", "compare", "read_paths"]

_OLD_PLACEHOLDER = "/opt/anaconda1anaconda2anaconda3"
"""What stands for the prefix where `has_prefix` names a path alone."""
_KINDS = ("hardlink", "softlink", "directory")
_MOST_LINKS = 40


@dataclass(slots=True)
class Paths:
    """Each path with its kind, and what else is said of it."""

    kinds: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    prefixed: dict[str, Prefixed] = field(default_factory=dict)
    no_link: set[str] = field(default_factory=set)


def read_paths(filename: str, info: Mapping[str, bytes], paths: Mapping[str, Any] | None) -> Paths:
    """What `paths.json` says (``paths``), or `files`, `has_prefix` and `no_link` do. Raises
    `InvalidCondaPackage`."""
    if paths is None:
        return _read_old(filename, info)
    entries = paths.get("paths")
    if not isinstance(entries, list):
        raise InvalidCondaPackage(filename, "its info/paths.json has no paths")
    found = Paths()
    for entry in entries:
        match entry:
            case {"_path": str(path)}:
                kind = entry.get("path_type", "hardlink")
            case _:
                raise InvalidCondaPackage(filename, "its info/paths.json cannot be read")
        _add(filename, found, path, kind)
        size, digest = entry.get("size_in_bytes"), entry.get("sha256")
        if isinstance(size, int) and kind == "hardlink":
            found.sizes[path] = size
        if isinstance(digest, str) and digest and kind == "hardlink":
            found.hashes[path] = digest.lower()
        if entry.get("no_link") is True:
            found.no_link.add(path)
        placeholder = entry.get("prefix_placeholder")
        if placeholder:
            _add_prefix(filename, found, path, placeholder, entry.get("file_mode", "text"))
    return found


def _read_old(filename: str, info: Mapping[str, bytes]) -> Paths:
    if "info/files" not in info:
        raise InvalidCondaPackage(filename, "it has neither info/paths.json nor info/files")
    found = Paths()
    for path in _lines(filename, info, "info/files"):
        _add(filename, found, path, "")
    for name in ("info/no_link", "info/no_softlink"):
        found.no_link.update(_lines(filename, info, name))
    for line in _lines(filename, info, "info/has_prefix"):
        placeholder, mode, path = _split_prefix(filename, line)
        _add_prefix(filename, found, path, placeholder, mode)
    return found


def _split_prefix(filename: str, line: str) -> tuple[str, str, str]:
    """``placeholder mode path``, any of them in quotes; or a path alone."""
    import shlex

    try:
        parts = [part.strip("\"'") for part in shlex.split(line, posix=False)]
    except ValueError as error:
        raise InvalidCondaPackage(filename, f"its info/has_prefix cannot be read: {line[:80]}") from error
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    if len(parts) == 1:
        return _OLD_PLACEHOLDER, "text", parts[0]
    raise InvalidCondaPackage(filename, f"its info/has_prefix cannot be read: {line[:80]}")


def _lines(filename: str, info: Mapping[str, bytes], name: str) -> list[str]:
    try:
        text = info.get(name, b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidCondaPackage(filename, f"its {name} is not in UTF-8") from error
    lines = (line.strip() for line in text.split("\n"))
    return [line for line in lines if line and not line.startswith("#")]


def _add(filename: str, found: Paths, path: str, kind: object) -> None:
    fault = fault_of_name(path)
    if fault is not None:
        raise InvalidCondaPackage(filename, f"'{path}' {fault}")
    if kind and kind not in _KINDS:
        raise InvalidCondaPackage(filename, f"'{path}' is of a kind that nobody knows, {str(kind)[:40]}")
    if path in found.kinds:
        raise InvalidCondaPackage(filename, f"'{path}' is told of twice")
    found.kinds[path] = str(kind)


def _add_prefix(filename: str, found: Paths, path: str, placeholder: object, mode: object) -> None:
    if path not in found.kinds:
        raise InvalidCondaPackage(filename, f"'{path}' has a prefix, and is none of its files")
    if (
        not isinstance(placeholder, str)
        or not isinstance(mode, str)
        or mode not in ("text", "binary")
        or len(placeholder) < 2
        or not placeholder.isprintable()
    ):
        raise InvalidCondaPackage(filename, f"'{path}' has a prefix that cannot be replaced")
    found.prefixed[path] = Prefixed(placeholder=placeholder, mode=mode)


def compare(
    filename: str,
    paths: Paths,
    sizes: Mapping[str, int],
    hashes: Mapping[str, str],
    links: Mapping[str, str],
) -> None:
    """Each path that is told of is there, as it is told, and nothing else. Raises `InvalidCondaPackage`."""
    faults: list[str] = []
    for path, kind in paths.kinds.items():
        if path in links:
            if kind not in ("softlink", ""):
                faults.append(f"'{path}' is a link, and should be a {kind}")
            elif path in paths.prefixed:
                faults.append(f"'{path}' is a link, and should have a prefix in it")
        elif path in hashes:
            if kind in ("softlink", "directory"):
                faults.append(f"'{path}' is a file, and should be a {kind}")
            elif paths.sizes.get(path, sizes[path]) != sizes[path]:
                faults.append(f"'{path}' has {sizes[path]} bytes instead of {paths.sizes[path]}")
            elif paths.hashes.get(path, hashes[path]) != hashes[path]:
                faults.append(f"'{path}' does not have the hash that is told of it")
            elif not kind:
                paths.kinds[path] = "hardlink"
        elif kind != "directory":
            faults.append(f"'{path}' is told of, and is not there")
    for path in (*hashes, *links):
        if path not in paths.kinds:
            faults.append(f"'{path}' is there, and is not told of")
    if faults:
        raise InvalidCondaPackage(filename, tuple(faults))


def check_links(filename: str, links: Mapping[str, str]) -> None:
    """No link may lead out of the package, through others neither. Raises `InvalidCondaPackage`."""
    for path, target in links.items():
        if not target or "\0" in target or "\\" in target or target.startswith("/") or target[1:2] == ":":
            raise InvalidCondaPackage(filename, f"'{path}' is a link to '{target}', which is no place in it")
        reason = _follow(links, posixpath.dirname(path), target)
        if reason:
            raise InvalidCondaPackage(filename, f"'{path}' is a link to '{target}', which {reason}")


def _follow(links: Mapping[str, str], start: str, target: str) -> str:
    """What is wrong with following ``target`` from the directory ``start``; empty if it stays inside."""
    here = [part for part in start.split("/") if part]
    left = [part for part in reversed(target.split("/")) if part not in ("", ".")]
    steps = 0
    while left:
        part = left.pop()
        if part == "..":
            if not here:
                return "leads out"
            here.pop()
            continue
        here.append(part)
        further = links.get("/".join(here))
        # The last one may be a link that is made later, and leads to itself: that breaks nothing but it.
        if further is not None and left:
            steps += 1
            if steps > _MOST_LINKS:
                return "leads round and round"
            here.pop()
            left += [each for each in reversed(further.split("/")) if each not in ("", ".")]
    return ""
