"""A requirement that comes from a place: a directory, an archive, a repository. What is its name?"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.requirements_file import Asked

__all__ = ["NoName", "located", "name_in_url", "name_of_archive"]

_REPOSITORIES = ("git+", "hg+", "svn+", "bzr+")


class NoName(ValueError):
    """Nothing says which package lies there; the message is for people."""


def located(
    asked: Asked, read: Callable[[str], str | None]
) -> tuple[str, str, dict[str, Any] | None, list[str]]:
    """(the requirement in hutch's words, its name, its source, notes) of one that has a place.

    A URL is part of the requirement; a path is a source. Raises ``NoName``.
    """
    from hutch.project.dialects.requirements_layers import join_path
    from hutch.spec import is_valid_name, normalize, render_marker

    given, requirement = asked.given, asked.given.requirement
    location = given.location or (requirement.url if requirement is not None else None) or ""
    extras = requirement.extras if requirement is not None else given.extras
    marker = requirement.marker if requirement is not None else given.marker
    notes: list[str] = []
    is_path = not location.startswith(_REPOSITORIES) and (
        "://" not in location or location.lower().startswith("file:")
    )
    if location.startswith(_REPOSITORIES[1:]):
        raise NoName(f"hutch takes packages from git, and from no {location.partition('+')[0]} repository")
    name = requirement.name if requirement is not None else name_in_url(location)
    if requirement is None and not extras:
        extras = _extras_in_url(location)
    source: dict[str, Any] | None = None
    url = ""
    if is_path:
        path, subdirectory = _path(location)
        if asked.container and join_path("", path) is not None:
            beside = join_path(asked.container, path)
            # pip takes paths from the directory of the file, and from where it stands if nothing is there.
            path = beside if beside is not None and _is_there(beside, read) else join_path("", path) or ""
        name = name or _name_at(path, subdirectory, read)
        source = {"path": path or "."}
        if subdirectory:
            source["subdirectory"] = subdirectory
        if given.editable:
            source["editable"] = True
    else:
        url = _clean_url(location)
        if given.editable:
            notes.append(
                f"{name or location} is installed, not editable: only a directory is used where it lies"
            )
    if not name or not is_valid_name(name):
        raise NoName(f"nothing says the name of what is at `{location}`; write `name @ {location}`")
    words = name + (f"[{','.join(extras)}]" if extras else "") + (f" @ {url}" if url else "")
    if marker is not None:
        words += f" ; {render_marker(marker)}"
    return words, normalize(name), source, notes


def _path(location: str) -> tuple[str, str]:
    """The path and the subdirectory of a path or a ``file:`` URL."""
    path, _, fragment = location.partition("#")
    if path.lower().startswith("file:"):
        from urllib.parse import unquote

        path = unquote(path[5:])
        path = path[2:] if path.startswith("//") else path
    parts = dict(part.partition("=")[::2] for part in fragment.split("&"))
    return path.rstrip("/") or path, parts.get("subdirectory", "")


def _is_there(path: str, read: Callable[[str], str | None]) -> bool:
    from hutch.project.dialects.requirements_layers import names_beside

    if path.lower().endswith((".whl", ".zip", ".gz")):
        folder, _, name = path.rpartition("/")
        return name in names_beside(read)(folder)
    return any(read(f"{path}/{name}" if path else name) is not None for name in _OF_SOURCES)


_OF_SOURCES = ("pyproject.toml", "setup.py", "setup.cfg")


def _name_at(path: str, subdirectory: str, read: Callable[[str], str | None]) -> str | None:
    from hutch.project.dialects.references import name_of_project

    if found := name_of_archive(path):
        return found
    return name_of_project(read, "/".join(part for part in (path, subdirectory) if part))


def name_of_archive(path: str) -> str | None:
    """The name of a wheel or an sdist by the name of its file."""
    import re

    name = path.rpartition("/")[2]
    if name.lower().endswith(".whl"):
        return name.partition("-")[0] or None
    found = re.fullmatch(
        r"([A-Za-z0-9][A-Za-z0-9._-]*?)-v?\d[^-]*\.(?:tar\.gz|tgz|zip|tar\.bz2|tar\.xz)", name
    )
    return found[1] if found else None


def name_in_url(url: str) -> str | None:
    """The name that a URL says: by ``#egg=``, by the name of its file, by that of its repository."""
    address, _, fragment = url.partition("#")
    for part in fragment.split("&"):
        if part.startswith("egg="):
            from urllib.parse import unquote

            return unquote(part[4:]).partition("[")[0].strip() or None
    if "://" not in address:
        return None
    if not address.startswith(_REPOSITORIES):
        from urllib.parse import unquote

        return name_of_archive(unquote(address.partition("?")[0]))
    last = address.rpartition("/")[2].partition("@")[0].removesuffix(".git")
    return last or None


def _extras_in_url(url: str) -> tuple[str, ...]:
    from urllib.parse import unquote

    inside = unquote(url.partition("#egg=")[2].partition("&")[0]).partition("[")[2].rstrip("] ")
    return tuple(each.strip() for each in inside.split(",") if each.strip())


def _clean_url(location: str) -> str:
    """The URL without the name in its fragment, which stands before it now."""
    address, _, fragment = location.partition("#")
    kept = "&".join(part for part in fragment.split("&") if part and not part.startswith("egg="))
    return f"{address}#{kept}" if kept else address
