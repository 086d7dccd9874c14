"""Requirements that name a directory, an archive or a repository in ways that PEP 508 does not know.

PDM writes ``-e file:///${PROJECT_ROOT}/lib#egg=lib`` and ``name @ file:///${PROJECT_ROOT}/lib``, Hatch
``name @ {root:uri}/lib``; both take ``./lib``. In hutch's words that is a requirement by its name and a
source that says where it comes from.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.dialects.draft import Draft, Origin, Original

__all__ = ["is_reference", "name_of_project", "refer", "refer_in_place", "strings_of", "table_of"]

_ROOTS = ("file:///${PROJECT_ROOT}", "file://${PROJECT_ROOT}", "{root:uri}")
_REPOSITORIES = ("git+", "hg+", "svn+", "bzr+")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")


def is_reference(text: str) -> bool:
    """Whether ``refer`` has to look at it: it is no plain requirement."""
    start = text.lstrip()
    if start.startswith(("-e ", ".", "/", *_REPOSITORIES)) or any(root in text for root in _ROOTS):
        return True
    scheme, found, _ = start.partition("://")
    return bool(found) and scheme.isalnum()


def refer(text: str, original: Original, draft: Draft, origin: Origin) -> str | None:
    """The requirement that ``text`` means; where it comes from goes to the sources of the draft.

    None where it cannot be said, which is then a fault of the original.
    """
    line = text.strip()
    editable = line.startswith("-e ")
    line = line[3:].strip() if editable else line
    head, marker = _split_marker(line)
    name, _, place = head.rpartition(" @ ")
    if not name and not is_reference(head):
        if editable:
            draft.fault(origin, "-e is for directories and repositories: -e file:///${PROJECT_ROOT}/lib")
            return None
        return line
    place, _, fragment = place.strip().partition("#")
    parts = dict(part.partition("=")[::2] for part in fragment.split("&") if part)
    name = (name or _unquoted(parts.get("egg", ""))).strip()
    ending = f" ; {marker}" if marker else ""
    subdirectory = parts.get("subdirectory")
    path = _path_of(place)
    if path is None:
        name = name or _name_of_url(place)
        if not name:
            draft.fault(origin, "does not say the name of what it installs; write name @ URL")
            return None
        if editable:
            draft.note(origin, f"{name} is installed from its repository as a package, not as a checkout")
        shown = f"#subdirectory={subdirectory}" if subdirectory else ""
        return f"{name} @ {_with_scheme(place)}{shown}{ending}"
    if not name:
        inner = f"{path}/{subdirectory}" if subdirectory else path
        found, extras = _split_extras(inner)
        path = path if subdirectory else found
        name = (name_of_project(original.read, found) or found.rstrip("/").rpartition("/")[2]) + extras
    if not name.strip("./"):
        draft.fault(origin, "does not say the name of what it installs; write name @ file:///…")
        return None
    source: dict[str, Any] = {"path": path or "."}
    if editable:
        source["editable"] = True
    if subdirectory:
        source["subdirectory"] = subdirectory
    key = _normal(_split_extras(name)[0])
    if not draft.put(("tool", "hutch", "sources", key), source, origin):
        said = draft.get("tool", "hutch", "sources", key)
        if said != source:
            draft.note(origin, f"{key} has another source already, which is taken")
    return f"{name}{ending}"


def refer_in_place(original: Original, draft: Draft, *path: str) -> None:
    """Do so with each string of the array at ``path`` of the draft that needs it."""
    items = draft.get(*path)
    if not isinstance(items, list):
        return
    for number, item in enumerate(items):
        if isinstance(item, str) and is_reference(item):
            found = refer(item, original, draft, (*path, number))
            if found is not None:
                items[number] = found


def name_of_project(read: Callable[[str], str | None], directory: str) -> str | None:
    """What the project in ``directory`` (relative, with ``/``) calls itself, if its files say it plainly."""
    base = directory.rstrip("/")
    if base.endswith(_ARCHIVES):
        return _name_of_url(base) or None
    base = "" if base in ("", ".") else f"{base}/"
    text = read(f"{base}pyproject.toml")
    if text is not None:
        from hutch.project.toml_text import read_toml

        try:
            data = read_toml(text)
        except ValueError:
            return None
        for keys in (
            ("project", "name"),
            ("tool", "poetry", "name"),
            ("tool", "flit", "metadata", "dist-name"),
            ("tool", "flit", "metadata", "module"),
        ):
            found: Any = data
            for key in keys:
                found = found.get(key) if isinstance(found, dict) else None
            if isinstance(found, str):
                return found
    from hutch.project.dialects.setup_cfg import read_setup_cfg
    from hutch.project.dialects.setup_py import read_setup_py

    script = read(f"{base}setup.py")
    said = read_setup_py(script).values.get("name") if script is not None else None
    if isinstance(said, str):
        return said
    config = read(f"{base}setup.cfg")
    entry = read_setup_cfg(config).get("metadata", "name") if config is not None else None
    return entry.text if entry is not None else None


def table_of(draft: Draft, table: Any, path: tuple[str, ...]) -> dict[str, Any]:
    """The table at the last key of ``path`` in ``table``; what is none is a fault."""
    found = table.get(path[-1], {})
    if isinstance(found, dict):
        return found
    draft.fault(path, "should be a table")
    return {}


def strings_of(draft: Draft, value: object, path: tuple[str | int, ...]) -> list[tuple[int, str]]:
    """The strings of an array with their places; what is none is a fault."""
    if value is None:
        return []
    if not isinstance(value, list):
        draft.fault(path, "should be an array of strings")
        return []
    for number, item in enumerate(value):
        if not isinstance(item, str):
            draft.fault((*path, number), "should be a string")
    return [(number, item) for number, item in enumerate(value) if isinstance(item, str)]


def _split_marker(line: str) -> tuple[str, str]:
    head, found, marker = line.partition(" ;")
    if not found:
        head, found, marker = line.partition("; ")
    return head.strip(), marker.strip()


def _path_of(place: str) -> str | None:
    """The path from the manifest that a URL or a path means; None for what is elsewhere."""
    for root in _ROOTS:
        if place.startswith(root):
            return _unquoted(place[len(root) :].lstrip("/"))
    if place.startswith(_REPOSITORIES) or "://" in place:
        return None
    return place.removeprefix("./")


def _split_extras(text: str) -> tuple[str, str]:
    if text.endswith("]") and "[" in text:
        name, _, extras = text.rpartition("[")
        return name.strip(), f"[{extras}"
    return text.strip(), ""


def _name_of_url(url: str) -> str:
    """The name that the last part of a URL begins with."""
    last = url.rstrip("/").rpartition("/")[2]
    if url.startswith(_REPOSITORIES):
        return last.partition("@")[0].removesuffix(".git")
    if last.endswith(".whl"):
        return last.partition("-")[0]
    ending = next((each for each in _ARCHIVES if last.endswith(each)), None)
    if ending is None:
        return ""
    name, _, version = last[: -len(ending)].rpartition("-")
    return name if version[:1].isdigit() else ""


def _with_scheme(url: str) -> str:
    """``git+git@host:owner/name`` is ssh's own way to write ``git+ssh://git@host/owner/name``."""
    kind, plus, rest = url.partition("+")
    if not plus or "://" in rest or "@" not in rest:
        return url
    host, colon, path = rest.partition(":")
    return f"{kind}+ssh://{host}/{path}" if colon else url


def _unquoted(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _normal(name: str) -> str:
    from hutch.spec import normalize

    return normalize(name)
