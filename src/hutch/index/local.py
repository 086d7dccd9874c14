"""Indexes and files on this machine: ``file://`` URLs, and directories of wheels.

A directory that is not there is empty: a company's configuration names places that not every laptop
has.
"""

from __future__ import annotations

import os

from hutch.index.json_page import InvalidPage, ProjectPage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["file_url", "local_path", "read_directory", "read_local_page"]

_LARGEST = 32 << 20


def file_url(path: str) -> str:
    """The ``file://`` URL of an absolute path."""
    from urllib.parse import quote

    text = path.replace(os.sep, "/")
    return "file://" + quote(text if text.startswith("/") else "/" + text, safe="/:~+!@,=")


def local_path(url: str) -> str:
    """The path that a ``file://`` URL names, or ``url`` itself if it is a path."""
    if url[:5].lower() != "file:":
        return os.path.abspath(os.path.expanduser(url))
    rest = url[5:].partition("#")[0].partition("?")[0]
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest
        if host and host.lower() != "localhost":
            rest = f"//{host}{rest}"  # a share, on Windows
    path = rest
    if "%" in rest:
        from urllib.parse import unquote

        path = unquote(rest)
    if os.name == "nt" and path[:1] == "/" and path[2:3] == ":":
        path = path[1:]
    return os.path.normpath(path)


def read_local_page(root: str, name: str) -> ProjectPage | None:
    """The page of ``name`` in a Simple API that lies in the directory ``root``; None if it has none.

    That is ``NAME/index.json`` or ``NAME/index.html``, else the files in ``NAME/``. Raises
    ``InvalidPage`` and ``OSError``.
    """
    from hutch.index.html_page import parse_html
    from hutch.index.json_page import parse_json

    directory = os.path.join(root, name)
    base = file_url(directory) + "/"
    for filename, parse in (("index.json", parse_json), ("index.html", parse_html)):
        try:
            with open(os.path.join(directory, filename), "rb") as stream:
                body = stream.read(_LARGEST + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if len(body) > _LARGEST:
            raise InvalidPage("it is larger than any page")
        return parse(body, base)
    entries = read_directory(directory)
    return ProjectPage(entries, base) if entries else None


def read_directory(directory: str) -> list[dict[str, Any]]:
    """Entries for the files in ``directory``, by name; none if there is no such directory."""
    entries = []
    try:
        with os.scandir(directory) as found:
            for each in found:
                if each.name.endswith((".whl", ".gz", ".zip", ".tgz", ".bz2", ".xz")) and each.is_file():
                    url = file_url(os.path.join(os.path.abspath(directory), each.name))
                    entries.append({"filename": each.name, "url": url, "size": each.stat().st_size})
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(entries, key=lambda entry: str(entry["filename"]))
