"""Which requirements files make one project: a file for the project itself, one for each group, their locks.

``requirements.in`` is compiled to ``requirements.txt``: the first says what is asked for, the second is a
lock if it has hashes. A ``.txt`` without an ``.in`` is what somebody wrote, or both at once. Files of one
project are layers of one set of versions: what one takes from another by ``-r`` and ``-c`` is among them.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "DEVELOPMENT",
    "MAINS",
    "Layer",
    "compiled_from",
    "compiled_of",
    "find_layers",
    "join_path",
    "names_beside",
]

MAINS = ("requirements", "base", "main", "common", "core", "default", "app", "prod", "production")
"""Names in a folder ``requirements/`` that are the project's own, the first that is there."""

DEVELOPMENT = ("dev", "develop", "development", "devel", "local")
"""Groups that are installed unless somebody says otherwise."""

_GROUPS = frozenset(
    {
        *DEVELOPMENT,
        *("test", "tests", "testing", "ci", "doc", "docs", "documentation", "lint", "linting", "linters"),
        *(
            "format",
            "style",
            "quality",
            "qa",
            "typing",
            "types",
            "mypy",
            "check",
            "checks",
            "build",
            "release",
        ),
        *("deploy", "deployment", "prod", "production", "staging", "optional", "extra", "extras", "examples"),
        *("notebook", "notebooks", "benchmark", "benchmarks", "tools", "ops", "server", "web", "worker"),
        *("base", "common", "main", "core"),
    }
)
"""Names of groups, where there is only a ``.txt``: others are often lists for one Python or one system."""

_FOLDER = "requirements"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """``where`` is ``project`` or ``group:NAME``; ``source`` the file that says what is asked for, and
    ``compiled`` the one that may hold its versions, by their paths from the project."""

    where: str
    source: str
    compiled: str | None = None


def join_path(container: str, text: str) -> str | None:
    """The path, from the project, that ``text`` means in the file ``container``; None for one elsewhere."""
    if "://" in text or text.startswith(("/", "~", "file:")) or text[1:2] == ":":
        return None
    parts = container.split("/")[:-1]
    for part in text.replace("\\", "/").split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def names_beside(read: object) -> Callable[[str], Iterable[str]]:
    """Lists the files of a folder, where the one who reads files can."""
    found = getattr(read, "names", None)
    if callable(found):
        return found  # type: ignore[no-any-return]
    return lambda folder: ()


def compiled_of(source: str, read: Callable[[str], str | None]) -> str | None:
    """The ``.txt`` beside an ``.in``, and a ``.txt`` itself; None where there is none."""
    stem, _, ending = source.rpartition(".")
    if ending != "in":
        return source
    return f"{stem}.txt" if read(f"{stem}.txt") is not None else None


def compiled_from(manifest: str, read: Callable[[str], str | None]) -> tuple[Layer, ...]:
    """The files that pip-compile made from a ``pyproject.toml`` or the like, by the commands at their heads.

    One without ``--extra`` and ``--group`` has the versions of the project, one with it those of that list.
    """
    layers: dict[str, Layer] = {}
    names = names_beside(read)
    for folder in ("", _FOLDER):
        for name in sorted(names(folder), key=lambda each: (each != "requirements.txt", each)):
            path = f"{folder}/{name}" if folder else name
            if not name.endswith(".txt") or "requirements" not in path or (text := read(path)) is None:
                continue
            import re  # nearly nobody comes here

            command = re.search(r"^#\s+((?:uv )?pip[- ]compile .*)$", text[:2000], re.M)
            line = (
                command[1].replace("--extra ", "--extra=").replace("--group ", "--group=") if command else ""
            )
            words = line.split()
            if manifest not in words or "--all-extras" in words or "--all-groups" in words:
                continue
            chosen = [
                word[2:].replace("=", ":", 1) for word in words if word.startswith(("--extra=", "--group="))
            ]
            if len(chosen) < 2:
                where = re.sub(r"[-_.]+", "-", chosen[0]).lower() if chosen else "project"
                layers.setdefault(where, Layer(where=where, source=manifest, compiled=path))
    return tuple(sorted(layers.values(), key=lambda layer: layer.where != "project"))


def find_layers(filename: str, read: Callable[[str], str | None]) -> tuple[tuple[Layer, ...], list[str]]:
    """The layers of the project whose manifest is ``filename``, its own first; and files that are none.

    A manifest of another name than usual is a project alone: somebody named it.
    """
    names = names_beside(read)
    folder, _, name = filename.rpartition("/")
    stem = name.rpartition(".")[0]
    own = Layer(where="project", source=filename, compiled=compiled_of(filename, read))
    usual = stem == "requirements" or (folder.rpartition("/")[2] == _FOLDER and stem in MAINS)
    if not usual or (f"{stem}.in" in names(folder) and name != f"{stem}.in"):
        return (own,), []
    root = folder.rpartition("/")[0] if folder.rpartition("/")[2] == _FOLDER else folder
    inner = f"{root}/{_FOLDER}" if root else _FOLDER
    layers: dict[str, Layer] = {}
    others: list[str] = []
    for place, pattern in ((root, True), (inner, False)):
        known = sorted(names(place), key=lambda each: (not each.endswith(".in"), each))
        for each in known:
            path = f"{place}/{each}" if place else each
            group = _group(each, pattern)
            if group is None or path in (own.source, own.compiled) or f"group:{group}" in layers:
                continue
            if each.endswith(".txt") and group not in _GROUPS:
                others.append(path)
            else:
                where = f"group:{group}"
                layers[where] = Layer(where=where, source=path, compiled=compiled_of(path, read))
    return (own, *layers.values()), others


def _group(name: str, pattern: bool) -> str | None:
    """The group of ``requirements-dev.txt`` or ``dev-requirements.in`` (``pattern``), or of ``dev.txt``."""
    import re

    stem, _, ending = name.lower().rpartition(".")
    if ending not in ("in", "txt") or "constraints" in stem:
        return None
    if pattern:
        found = re.fullmatch(
            r"requirements[-_.]([a-z0-9][a-z0-9._-]*)|([a-z0-9][a-z0-9._-]*)[-_.]requirements", stem
        )
        if found is None:
            return None
        stem = found[1] or found[2]
    stem = re.sub(r"[-_.]+", "-", stem).strip("-")
    return stem if stem and re.fullmatch(r"[a-z0-9-]+", stem) else None
