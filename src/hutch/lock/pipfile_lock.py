"""A lock as ``Pipfile.lock``, for Pipenv: a table for each category of the ``Pipfile`` that lies beside it.

Pipenv's own order and form (JSON, four spaces, keys sorted). Spec: Pipenv's documentation, pipfile-spec 6.
"""

from __future__ import annotations

from hutch.lock.urls import without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.lock.lockfile import Lock
    from hutch.lock.model import LockedPackage

__all__ = ["export_pipfile_lock"]


def export_pipfile_lock(
    categories: Mapping[str, Lock],
    *,
    digest: str,
    requires: Mapping[str, str],
    sources: list[dict[str, Any]],
    hashes: bool = True,
) -> str:
    """The text; ``categories`` are flat locks by their names (``default``, ``develop``, others).

    ``digest`` is Pipenv's own of the ``Pipfile``, ``requires`` and ``sources`` are its tables.
    """
    import json

    meta = {
        "hash": {"sha256": digest},
        "pipfile-spec": 6,
        "requires": dict(requires),
        "sources": [{**each, "url": _shareable(str(each.get("url", "")))} for each in sources],
    }
    urls = {str(each.get("url", "")).rstrip("/"): str(each.get("name", "")) for each in sources}
    first = str(sources[0].get("name", "")) if sources else ""
    document: dict[str, Any] = {"_meta": meta}
    for category, lock in categories.items():
        extras: dict[str, set[str]] = {}
        for root in lock.roots:
            extras.setdefault(root.name, set()).update(root.extras)
        for edge in (edge for package in lock.packages for edge in package.dependencies):
            extras.setdefault(edge.name, set()).update(edge.extras)
        asked = {root.name for root in lock.roots}  # Pipenv looks for the rest wherever there is a source
        document[category] = {}
        for package in lock.packages:
            entry = _entry(package, extras.get(package.name, set()), hashes)
            if "version" in entry and package.name in asked:
                entry["index"] = urls.get((package.index or "").rstrip("/"), first)
            document[category][str(package.name)] = entry
    return json.dumps(document, indent=4, separators=(",", ": "), sort_keys=True) + "\n"


def _shareable(url: str) -> str:
    """The address of a source without a password; ``${NAME}`` stays, for Pipenv fills that in."""
    import re

    from hutch.lock.urls import without_credentials

    user = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    return url if not re.sub(r"\$\{\w+\}|\$\w+|:", "", user) else without_credentials(url)


def _entry(package: LockedPackage, extras: set[str], hashes: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if extras:
        found["extras"] = sorted(extras)
    if package.marker:
        found["markers"] = package.marker
    if package.vcs is not None:
        found[package.vcs.kind] = without_credentials(package.vcs.url or package.vcs.path or "")
        found["ref"] = package.vcs.commit_id
        if package.vcs.subdirectory:
            found["subdirectory"] = package.vcs.subdirectory
        return found
    if package.directory is not None:
        path = package.directory.path
        found["path"] = path if path.startswith((".", "/")) else f"./{path}"
        if package.directory.editable:
            found["editable"] = True
        if package.directory.subdirectory:
            found["subdirectory"] = package.directory.subdirectory
        return found
    if package.archive is not None:
        place = package.archive.url or package.archive.path or ""
        found["file" if package.archive.url else "path"] = without_credentials(place)
        proofs = [f"{name}:{digest}" for name, digest in package.archive.hashes if name == "sha256"]
    else:
        found["version"] = f"=={package.version}"
        files = (*package.wheels, *((package.sdist,) if package.sdist is not None else ()))
        known = [*package.loose_hashes, *(one for file in files for one in file.hashes)]
        proofs = [f"{name}:{digest}" for name, digest in known if name == "sha256"]
    if proofs and hashes:
        found["hashes"] = sorted(set(proofs))
    return found
