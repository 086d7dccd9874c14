"""What a lock depends on beside the project's own manifest: directories and archives of this machine."""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hutch.ops.checkout import Checkout
    from hutch.ops.origins import Origin
    from hutch.project import Manifest

__all__ = ["computed_digests", "local_digests", "local_inputs", "manifest_of"]


def local_digests(checkout: Checkout) -> dict[str, str]:
    """For the digest of a lock's inputs: what was found of each directory and archive, by its path."""
    return local_inputs(checkout)[0]


def local_inputs(checkout: Checkout) -> tuple[dict[str, str], tuple[str, ...]]:
    """What the lock depends on beside the manifest: (a digest each, the files that were looked at).

    Directories count by what their manifests say, archives by what is in them; repositories and
    URLs only by their names, which stand in the manifest.
    """
    if not _names_paths(checkout.manifest):
        return {}, ()
    from hutch.ops.origins import relative_path

    digests: dict[str, str] = {}
    files: dict[str, None] = {}
    waiting = list(_local_origins(checkout.manifest, checkout.root, ""))
    seen = set()
    while waiting:
        origin = waiting.pop()
        path = os.path.normpath(os.path.join(origin.location, origin.subdirectory or ""))
        if path in seen:
            continue
        seen.add(path)
        shown = relative_path(path, checkout.root)
        if origin.kind == "archive":
            files[origin.location] = None
            digests[f"archive {shown}"] = _digest_of_file(origin.location)
            continue
        names = [os.path.join(path, name) for name in ("pyproject.toml", "setup.py", "setup.cfg")]
        names += _files_of_setuptools(path, names[0])
        files.update(dict.fromkeys(names))
        digests[f"directory {shown}"] = _digest_of_manifests(path, names, checkout.texts)
        try:
            manifest = manifest_of(path, shown, checkout.texts)
        except Problem:
            continue  # its text is in the digest; what is wrong with it is said when it is read
        if manifest is not None:
            waiting += _local_origins(manifest, path, f"{shown}/pyproject.toml")
    return digests, tuple(files)


def _names_paths(manifest: Manifest) -> bool:
    if any(source.kind == "path" for sources in manifest.settings.sources.values() for source in sources):
        return True
    found = (one.requirement.url for declared in manifest.requirements().values() for one in declared)
    return any(url is not None and url.startswith("file:") for url in found)


def _local_origins(manifest: Manifest, base: str, place: str) -> Iterator[Origin]:
    from hutch.ops.origins import origin_of_source, origin_of_url

    for sources in manifest.settings.sources.values():
        for source in sources:
            if source.kind == "path":
                origin = origin_of_source(source, base, place)
                if origin is not None:
                    yield origin
    for declared in manifest.requirements().values():
        for one in declared:
            if one.requirement.url is not None and one.requirement.url.startswith("file:"):
                yield origin_of_url(one.requirement.url, one.place)


def _files_of_setuptools(directory: str, manifest: str) -> list[str]:
    """Files that setuptools reads requirements and the like from: ``{ file = ["requirements.txt"] }``."""
    from hutch.ops.checkout import read_text
    from hutch.project import load_toml

    try:
        table: object = load_toml(read_text(manifest), manifest)
    except Problem:
        return []
    for key in ("tool", "setuptools", "dynamic"):
        table = table.get(key) if isinstance(table, dict) else None
    found: list[str] = []
    for value in table.values() if isinstance(table, dict) else ():
        named = value.get("file") if isinstance(value, dict) else None
        for name in [named] if isinstance(named, str) else named if isinstance(named, list) else []:
            if isinstance(name, str):
                found.append(os.path.normpath(os.path.join(directory, name)))
    return found


def computed_digests(checkout: Checkout) -> dict[str, str]:
    """The files that a build backend computes requirements of the project from; none of a static project."""
    manifest = checkout.manifest
    if not manifest.is_package or not manifest.dynamic & {"dependencies", "optional-dependencies"}:
        return {}
    from hutch.ops.origins import relative_path

    files = dict.fromkeys((checkout.manifest_path, *checkout.others))
    return {f"computed {relative_path(path, checkout.root)}": _digest_of_file(path) for path in files}


def _digest_of_file(path: str) -> str:
    import hashlib

    if not os.path.isfile(path):
        return "absent"
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "absent"


def _digest_of_manifests(directory: str, names: list[str], texts: Mapping[str, str]) -> str:
    """Of a static project what counts in it, of another one all that its metadata may come from."""
    from hutch.spec import short_sha256

    parts = []
    for path in names:
        if path in texts:
            parts.append(texts[path].encode())
            continue
        try:
            with open(path, "rb") as file:
                # Of a link to /dev/zero: nothing.
                parts.append(file.read(os.fstat(file.fileno()).st_size))
        except OSError:
            parts.append(b"")
    text = parts[0].decode("utf-8", "replace")
    told = _static_inputs(text)
    return short_sha256(told.encode() if told is not None else b"\0".join(parts))


def _static_inputs(text: str) -> str | None:
    from hutch.build import metadata_from_project
    from hutch.project import load_toml

    try:
        data = load_toml(text, "pyproject.toml")
    except Problem:
        return None
    found = metadata_from_project(data)
    if found is None:
        return None
    tool = data.get("tool")
    hutch = tool.get("hutch") if isinstance(tool, dict) else None
    sources = hutch.get("sources") if isinstance(hutch, dict) else None
    asked = sorted(requirement.render() for requirement in found.requirements)
    return repr((found.name, found.version, found.requires_python, found.extras, asked, sources))


def manifest_of(directory: str, shown: str, texts: Mapping[str, str] | None = None) -> Manifest | None:
    """The manifest of a source tree, None where it has none; its faults are problems.

    ``texts`` are those that are not written yet, by path.
    """
    from hutch.ops.checkout import read_text
    from hutch.project import parse_manifest

    path = os.path.join(directory, "pyproject.toml")
    if texts and path in texts:
        return parse_manifest(texts[path], filename=shown)
    return parse_manifest(read_text(path), filename=shown) if os.path.isfile(path) else None
