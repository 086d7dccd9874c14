"""Which files of a conda prefix belong to a package, and which to its user."""

from __future__ import annotations

import os

__all__ = ["of_nobody"]


def of_nobody(root: str) -> list[str]:
    """Files in a prefix that are no package's, but for bytecode."""
    from hutch.env import open_prefix, prefix_packages

    known = {path for one in prefix_packages(root) for path in one.files}
    for name, one in open_prefix(root).installed().items():
        if not name.startswith("conda:"):
            known |= _recorded(root, one.dist_info)
    found = []
    for folder, folders, files in os.walk(root):
        below = os.path.relpath(folder, root).replace(os.sep, "/")
        if below == ".":
            folders[:] = [name for name in folders if name not in ("conda-meta", ".hutch")]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for each in (*files, *links):
            path = each if below == "." else f"{below}/{each}"
            if path not in known and not each.endswith(".pyc") and each != "EXTERNALLY-MANAGED":
                found.append(path)
    return sorted(found)


def _recorded(root: str, dist_info: str) -> set[str]:
    """The files of a distribution, relative to the prefix."""
    from hutch.env import record_rows
    from hutch.plain import read_plain

    try:
        text = read_plain(os.path.join(root, dist_info, "RECORD"), 64 << 20).decode("utf-8", "replace")
    except (OSError, ValueError):
        return set()
    site = os.path.dirname(dist_info)
    return {os.path.normpath(os.path.join(site, path)).replace(os.sep, "/") for path, _ in record_rows(text)}
