"""Writes ``pylock.toml``: the same lock, the same bytes.

The layout is part of the format (``docs/explanation/lock.md``): one package a block, one file and
one edge a line, everything sorted, nothing in it that changes without cause. Credentials are taken
out of every URL here, where the text is made.

Spec: PEP 751; TOML 1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hutch.lock.model import Edge, Lock, LockedArchive, LockedFile, LockedPackage, RootEdge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["FORMAT", "LOCK_VERSION", "filename_of", "quote", "render_lock", "without_credentials"]

LOCK_VERSION = "1.0"
FORMAT = 1
"""The version of ``[tool.hutch]``; a reader refuses a higher one."""

_HEADER = (
    "# Written by hutch from pyproject.toml: change that file, not this one. After a merge: hutch lock\n\n"
)


def render_lock(lock: Lock) -> str:
    """The text of ``lock``. Packages, files, edges and roots are sorted, whatever their order here."""
    lines = [_HEADER, f'lock-version = "{LOCK_VERSION}"\n']
    if lock.environments:
        lines.append(_string_lines("environments", lock.environments))
    if lock.requires_python:
        lines.append(f"requires-python = {quote(lock.requires_python)}\n")
    if not lock.is_foreign or lock.extras or lock.dependency_groups:
        lines.append(f"extras = {_strings(sorted(lock.extras))}\n")
        lines.append(f"dependency-groups = {_strings(sorted(lock.dependency_groups))}\n")
        lines.append(f"default-groups = {_strings(sorted(lock.default_groups))}\n")
    lines.append(f"created-by = {quote(lock.created_by)}\n")
    if not lock.packages:
        lines.append("packages = []\n")  # the key is required
    for package in sorted(lock.packages, key=order):
        lines.append(_package(package))
    if not lock.is_foreign:
        lines.append(_ours(lock))
    lines += (_table(("tool", name), value) for name, value in sorted(lock.tool.items()))
    return "".join(lines)


def order(package: LockedPackage) -> tuple[Any, ...]:
    """Sorts entries: by name, version, marker, and then by where they come from."""
    from hutch.errors import Problem
    from hutch.spec import version_key

    try:
        key: Any = (1, version_key(package.version)) if package.version else (0,)
    except Problem:
        key = (0,)
    direct = package.directory or package.vcs or package.archive
    return (package.name, key, package.version or "", package.marker or "", repr(direct) if direct else "")


def _package(package: LockedPackage) -> str:
    lines = [f"\n[[packages]]\nname = {quote(package.name)}\n"]
    if package.version is not None:
        lines.append(f"version = {quote(package.version)}\n")
    if package.marker:
        lines.append(f"marker = {quote(package.marker)}\n")
    if package.requires_python:
        lines.append(f"requires-python = {quote(package.requires_python)}\n")
    if package.vcs is not None:
        vcs = package.vcs
        pairs = [("type", vcs.kind), ("url", _clean(vcs.url)), ("path", vcs.path)]
        pairs += [("requested-revision", vcs.requested_revision), ("commit-id", vcs.commit_id)]
        lines.append(f"vcs = {_inline((*pairs, ('subdirectory', vcs.subdirectory)))}\n")
    if package.directory is not None:
        tree = package.directory
        editable = (("editable", True),) if tree.editable else ()
        lines.append(
            f"directory = {_inline((('path', tree.path), *editable, ('subdirectory', tree.subdirectory)))}\n"
        )
    if package.archive is not None:
        lines.append(f"archive = {_archive(package.archive)}\n")
    if package.index:
        lines.append(f"index = {quote(without_credentials(package.index))}\n")
    if package.sdist is not None:
        lines.append(f"sdist = {_file(package.sdist)}\n")
    if package.wheels:
        lines.append("wheels = [\n")
        lines += (f"  {_file(wheel)},\n" for wheel in sorted(package.wheels, key=_file_order))
        lines.append("]\n")
    if package.attestation_identities:
        lines.append("attestation-identities = [\n")
        lines += (f"  {_value(identity)},\n" for identity in package.attestation_identities)
        lines.append("]\n")
    if package.dependencies or package.yanked is not None:
        lines.append("\n[packages.tool.hutch]\n")
        if package.yanked is not None:
            lines.append(f"yanked = {quote(package.yanked)}\n")
        if package.dependencies:
            lines.append("dependencies = [\n")
            lines += (f"  {_edge(edge)},\n" for edge in sorted(package.dependencies, key=_edge_order))
            lines.append("]\n")
    lines += (_table(("packages", "tool", name), value) for name, value in sorted(package.tool.items()))
    return "".join(lines)


def _ours(lock: Lock) -> str:
    lines = [f"\n[tool.hutch]\nformat = {FORMAT}\ninputs = {quote(lock.inputs)}\n"]
    if lock.targets:
        lines.append(_string_lines("targets", lock.targets))
    if lock.roots:
        lines.append("roots = [\n")
        lines += (f"  {_edge(root)},\n" for root in sorted(lock.roots, key=_edge_order))
        lines.append("]\n")
    return "".join(lines)


def _file(file: LockedFile) -> str:
    name = "" if filename_of(file.url, file.path) == file.filename else f"name = {quote(file.filename)}, "
    place = (
        f"url = {quote(without_credentials(file.url))}" if file.url else f"path = {quote(file.path or '')}"
    )
    time = f", upload-time = {file.upload_time}" if file.upload_time else ""
    size = f", size = {file.size}" if file.size is not None else ""
    return f"{{ {name}{place}{time}{size}, hashes = {_hashes(file.hashes)} }}"


def _archive(archive: LockedArchive) -> str:
    place = (
        f"url = {quote(without_credentials(archive.url))}"
        if archive.url
        else f"path = {quote(archive.path or '')}"
    )
    time = f", upload-time = {archive.upload_time}" if archive.upload_time else ""
    size = f", size = {archive.size}" if archive.size is not None else ""
    below = f", subdirectory = {quote(archive.subdirectory)}" if archive.subdirectory else ""
    return f"{{ {place}{time}{size}, hashes = {_hashes(archive.hashes)}{below} }}"


def _hashes(hashes: tuple[tuple[str, str], ...]) -> str:
    return "{ " + ", ".join(f"{_key(name)} = {quote(digest)}" for name, digest in sorted(hashes)) + " }"


def _edge(edge: Edge | RootEdge) -> str:
    words = f"{{ name = {quote(edge.name)}"
    if edge.version is not None:
        words += f", version = {quote(edge.version)}"
    if edge.extras:
        words += f", extras = {_strings(sorted(edge.extras))}"
    if edge.marker:
        words += f", marker = {quote(edge.marker)}"
    if isinstance(edge, RootEdge) and edge.where != "project":
        words += f", where = {quote(edge.where)}"
    return words + " }"


def _edge_order(edge: Edge | RootEdge) -> tuple[str, ...]:
    where = edge.where if isinstance(edge, RootEdge) else ""
    return (edge.name, edge.version or "", ",".join(sorted(edge.extras)), edge.marker or "", where)


def _file_order(file: LockedFile) -> tuple[str, str]:
    return (file.filename, file.url or file.path or "")


# --- TOML ---

# What a basic string may hold as it is. Non-ASCII letters may stand there too, but they are rare
# enough that the slow road can decide about them.
_PLAIN = frozenset(chr(n) for n in range(32, 127)) - {'"', "\\"}


def quote(text: str) -> str:
    """A TOML basic string."""
    if _PLAIN.issuperset(text):
        return f'"{text}"'
    if '"' in text and "'" not in text and "\\" not in text and text.isascii() and text.isprintable():
        return f"'{text}'"  # a marker with double quotes stays readable
    out = []
    for character in text:
        if character in '"\\':
            out.append("\\" + character)
        elif character.isprintable():
            out.append(character)
        else:
            number = ord(character)
            out.append(f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")
    return '"' + "".join(out) + '"'


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else quote(name)


def _strings(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(quote, values)) + "]"


def _string_lines(key: str, values: Iterable[str]) -> str:
    return f"{key} = [\n" + "".join(f"  {quote(value)},\n" for value in values) + "]\n"


def _inline(pairs: Iterable[tuple[str, Any]]) -> str:
    return (
        "{ " + ", ".join(f"{_key(key)} = {_value(value)}" for key, value in pairs if value is not None) + " }"
    )


def _value(value: Any) -> str:
    """Any TOML value, in one line."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _inline(value.items()) if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(repr(value), repr(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _table(path: tuple[str, ...], value: Mapping[str, Any]) -> str:
    """Another tool's table, carried through."""
    header = ".".join(map(_key, path))
    return f"\n[{header}]\n" + "".join(f"{_key(key)} = {_value(item)}\n" for key, item in value.items())


# --- URLs ---


def without_credentials(url: str) -> str:
    """``url`` without user name and password. The user of an ssh URL is an account, and stays."""
    if "@" not in url:
        return url
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url
    end = min((at for at in (rest.find("/"), rest.find("?"), rest.find("#")) if at >= 0), default=len(rest))
    user, sign, host = rest[:end].rpartition("@")
    if not sign:
        return url
    if scheme.endswith("ssh"):
        host = user.partition(":")[0] + "@" + host
    return scheme + mark + host + rest[end:]


def _clean(url: str | None) -> str | None:
    return without_credentials(url) if url else url


def filename_of(url: str | None, path: str | None) -> str:
    """The file name that a URL or path says, as PEP 751 derives it where ``name`` is absent."""
    if url:
        name = url.partition("#")[0].partition("?")[0].rpartition("/")[2].partition(";")[0]
        if "%" in name:
            from urllib.parse import unquote

            return unquote(name)
        return name
    name = path or ""
    return name.rpartition("/")[2] if "/" in name else name.rpartition("\\")[2]
