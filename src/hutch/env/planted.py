"""Directories of an environment that are links to trees of the store: is all there, and as it was put there?

What a link leads to has a manifest of its own (`hutch.store.linked`), so every file of it is known.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from hutch.store import StoredWheel

__all__ = ["check_link", "link_digest", "lost_files", "lost_links", "lost_packages", "trees_in_use"]


def link_digest(folder: str) -> str:
    """How a record names the tree in ``folder``: by its wheel and its own name."""
    from hutch.env.records import LINKED

    return LINKED + "/".join(folder.replace(os.sep, "/").rsplit("/", 2)[1:])


def lost_links(root: str, dist_info: str) -> list[str]:
    """The links of the distribution that are gone, or lead nowhere (paths relative to the environment)."""
    return [path for path, _ in _links(root, dist_info) if not os.path.isdir(os.path.join(root, path))]


def lost_packages(root: str, site: str) -> list[str]:
    """The distributions in ``site`` (a path in the environment) of which a link is gone or leads nowhere."""
    infos = [name for name in _names(os.path.join(root, site)) if name.endswith(".dist-info")]
    return [name[: -len(".dist-info")] for name in infos if lost_links(root, f"{site}/{name}")]


def trees_in_use(root: str) -> frozenset[str]:
    """The trees (``<sha256>/<name>``) that installed packages of the environment link to."""
    found: set[str] = set()
    library = os.path.join(root, "lib")
    sites = [os.path.join(library, name, "site-packages") for name in _names(library)]
    for site in (*sites, os.path.join(root, "Lib", "site-packages")):
        for name in _names(site):
            if name.endswith(".dist-info"):
                where = os.path.relpath(os.path.join(site, name), root).replace(os.sep, "/")
                found.update(digest.partition("=")[2] for _, digest in _links(root, where))
    return frozenset(found)


def _links(root: str, dist_info: str) -> Iterator[tuple[str, str]]:
    from hutch.env.records import LINKED, read_record, record_name

    if record_name(root, dist_info) != "RECORD":
        for path, digest in read_record(root, dist_info).items():
            if digest.startswith(LINKED):
                yield path, digest


def lost_files(link: str) -> tuple[str, ...]:
    """The files behind ``link`` that are not as they were published, by size and date; itself if it leads
    nowhere."""
    found = _behind(link)
    if found is None:
        return () if os.path.isdir(link) else (link,)
    tree, inside = found
    return tuple(path for path in tree.damage() if path.startswith(f"files/{inside}/"))


def check_link(
    link: str, digest: str, *, deep: bool = False
) -> Iterator[tuple[Literal["missing", "changed"], str, str]]:
    """What is wrong with the link, or with what is behind it: kind, path below the link, in words."""
    if not os.path.islink(link):
        yield "changed" if os.path.lexists(link) else "missing", "", "is no link to the store any more"
        return
    found = _behind(link)
    if found is None or link_digest(found[0].folder) != digest:
        if not os.path.isdir(link):
            yield "missing", "", f"leads to {os.readlink(link)}, which is gone from the store"
        else:
            yield "changed", "", f"leads to {os.readlink(link)}, and not to where it was put"
        return
    tree, inside = found
    start = f"files/{inside}/"
    damaged = [path for path in tree.damage(deep=deep) if path.startswith(start)]
    for path in tree.wrong_content(damaged):
        inner = path[len(start) - 1 :]
        if os.path.lexists(link + inner):
            yield "changed", inner, "has another content, in the store as well"
        else:
            yield "missing", inner, "is missing, in the store as well"


def _behind(link: str) -> tuple[StoredWheel, str] | None:
    from hutch.store.linked import tree_at

    try:
        return tree_at(os.readlink(link))
    except (OSError, ValueError):
        return None


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
