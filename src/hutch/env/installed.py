"""What is installed: read from the `dist-info` directories themselves, as PEP 376, 610 and 627 lay them out.

One listing of `site-packages`, and for each distribution a listing of its directory and one or two small
reads. METADATA is opened only where the directory's name does not tell name and version.
"""

from __future__ import annotations

import os

from hutch.env.records import LINKED_RECORD
from hutch.plain import without_waiting
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Literal

    from hutch.spec import NormalizedName

    Kind = Literal["dist-info", "egg-info", "egg-link", "conda"]

__all__ = ["Installed", "read_installed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One distribution in an environment.

    ``dist_info`` is the directory (for legacy kinds the file or directory) relative to the environment, with
    slashes. ``complete`` is false when its RECORD is missing or empty (a power cut, a killed installer), or
    files of it are known to be lost; ``record_size`` are the bytes of its RECORD; ``linked`` says that
    directories of it are links into the store, and our own record is there instead; ``others`` are further
    `dist-info` directories of the same name, left by some accident.
    """

    name: str
    version: str
    dist_info: str
    installer: str = ""
    direct_url: Mapping[str, object] | None = field(default=None, hash=False)
    requested: bool = False
    kind: Kind = "dist-info"
    complete: bool = True
    record_size: int = 0
    linked: bool = False
    others: tuple[str, ...] = ()

    @property
    def editable(self) -> bool:
        """Whether it stands for a directory that is being worked on (PEP 660)."""
        if self.kind == "egg-link":
            return True
        directory = (self.direct_url or {}).get("dir_info")
        return isinstance(directory, dict) and directory.get("editable") is True

    @property
    def url(self) -> str | None:
        """Where it came from, if not from an index (PEP 610)."""
        url = (self.direct_url or {}).get("url")
        return url if isinstance(url, str) else None


def read_installed(
    root: str,
    directories: Iterable[str],
    *,
    broken: Collection[str] = frozenset(),
    without: Callable[[Installed], bool] | None = None,
) -> dict[NormalizedName, Installed]:
    """The distributions in ``directories`` (relative to ``root``) by normalised name, in its order.

    Those in ``broken`` are not complete, whatever they look like; those of which ``without`` is true are
    passed over.
    """
    from hutch.spec import normalize
    from hutch.values import replace

    found: dict[NormalizedName, Installed] = {}
    for directory in dict.fromkeys(_plain(root, each) for each in directories):
        for one in _read_directory(root, directory):
            if without is not None and without(one):
                continue
            name = normalize(one.name)
            other = found.get(name)
            found[name] = one if other is None else _together(other, one)
    for name in found.keys() & broken:
        found[name] = replace(found[name], complete=False)
    return dict(sorted(found.items()))


def _plain(root: str, directory: str) -> str:
    """``lib64`` of an environment is a link to ``lib``: the same directory is not read twice."""
    first, slash, rest = directory.partition("/")
    if first == "lib64" and os.path.islink(os.path.join(root, first)):
        return f"lib{slash}{rest}"
    return directory


def _together(one: Installed, other: Installed) -> Installed:
    """Two of one name: the complete one speaks, the other is to be removed with it."""
    from hutch.values import replace

    first, second = (other, one) if _rank(other) > _rank(one) else (one, other)
    return replace(first, others=(*first.others, second.dist_info, *second.others))


def _rank(one: Installed) -> tuple[bool, bool, str]:
    return one.kind == "dist-info", one.complete, one.dist_info


def _read_directory(root: str, directory: str) -> list[Installed]:
    found: list[Installed] = []
    base = os.path.join(root, directory)
    try:
        with os.scandir(base) as entries:
            names = [
                entry.name
                for entry in entries
                if entry.name.endswith((".dist-info", ".egg-info", ".egg-link"))
            ]
    except OSError:
        return found
    for name in sorted(names):
        if name.startswith(("~", ".")):
            continue  # what pip had moved aside when it was killed
        where = f"{directory}/{name}"
        if name.endswith(".dist-info"):
            one = _read_dist_info(os.path.join(base, name), where, name[: -len(".dist-info")])
        elif name.endswith(".egg-info"):
            one = _read_egg_info(os.path.join(base, name), where, name[: -len(".egg-info")])
        else:
            one = Installed(name=name[: -len(".egg-link")], version="0", dist_info=where, kind="egg-link")
        if one is not None:
            found.append(one)
    return found


def _read_dist_info(path: str, where: str, stem: str) -> Installed | None:
    try:
        files = set(os.listdir(path))
    except OSError:
        return None  # a file, or gone since
    name, _, version = stem.partition("-")
    if not version or "-" in version or not version[0].isdigit():
        name, version = _read_head(os.path.join(path, "METADATA"), stem)
    direct_url: Mapping[str, object] | None = None
    if "direct_url.json" in files:
        direct_url = _read_direct_url(os.path.join(path, "direct_url.json"))
    linked = LINKED_RECORD in files and "RECORD" not in files
    record = LINKED_RECORD if linked else "RECORD"
    record_size = _size(os.path.join(path, record)) if record in files else 0
    return Installed(
        name=name,
        version=version,
        dist_info=where,
        installer=_read_text(os.path.join(path, "INSTALLER")).strip() if "INSTALLER" in files else "",
        direct_url=direct_url,
        requested="REQUESTED" in files,
        complete=record_size > 0,
        record_size=record_size,
        linked=linked,
    )


def _read_egg_info(path: str, where: str, stem: str) -> Installed:
    metadata = os.path.join(path, "PKG-INFO") if os.path.isdir(path) else path
    name, version = _read_head(metadata, stem)
    return Installed(name=name, version=version, dist_info=where, kind="egg-info")


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _read_text(path: str) -> str:
    try:
        with open(path, "rb", opener=without_waiting) as file:
            return file.read(256).decode("utf-8", "replace")
    except OSError:
        return ""


def _read_direct_url(path: str) -> Mapping[str, object] | None:
    import json

    try:
        with open(path, "rb", opener=without_waiting) as file:
            value = json.loads(file.read(256 * 1024))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _read_head(path: str, stem: str) -> tuple[str, str]:
    """Name and version by the first lines of METADATA or PKG-INFO, else by the name of the directory."""
    name, _, version = stem.partition("-")
    said: dict[str, str] = {}
    try:
        with open(path, "rb", opener=without_waiting) as file:
            for line in file.read(4096).decode("utf-8", "replace").splitlines():
                if not line:
                    break
                key, colon, value = line.partition(":")
                if colon:
                    said.setdefault(key.lower(), value.strip())
    except OSError:
        pass
    return said.get("name") or name, said.get("version") or version.partition("-")[0] or "0"
