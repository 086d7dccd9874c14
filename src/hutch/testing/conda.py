"""Real packages of conda, made in memory, and channels of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zipfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.spec import CondaRecord

__all__ = ["PLACEHOLDER", "CondaPackage", "index_channel", "tar_of"]

PLACEHOLDER = ("/opt/anaconda1anaconda2anaconda3/" + "placehold_" * 30)[:255]
_DATE = 1_760_000_000


class CondaPackage:
    """A package: what is in it, and what its `info/` says. Every part can be changed before it is packed."""

    def __init__(
        self,
        name: str,
        version: str = "1.0",
        build: str = "0",
        *,
        subdir: str = "noarch",
        files: Mapping[str, bytes | str] | None = None,
        links: Mapping[str, str] | None = None,
        modes: Mapping[str, int] | None = None,
        directories: Iterable[str] = (),
        depends: Iterable[str] = (),
        noarch: str = "",
        entry_points: Iterable[str] = (),
        placeholder: str = PLACEHOLDER,
        form: str = "conda",
        **index: Any,
    ) -> None:
        self.name, self.version, self.build, self.subdir, self.form = name, version, build, subdir, form
        self.files = {
            path: data.encode() if isinstance(data, str) else data for path, data in (files or {}).items()
        }
        self.links = dict(links or {})
        self.modes = dict(modes or {})
        self.index: dict[str, Any] = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": 0,
            "subdir": subdir,
            "depends": list(depends),
            "constrains": [],
            "timestamp": _DATE * 1000,
            "license": "MIT",
            "arch": "x86_64" if subdir == "linux-64" else None,
            "platform": "linux" if subdir == "linux-64" else None,
            **({"noarch": noarch} if noarch else {}),
            **index,
        }
        self.paths: list[dict[str, Any]] = []
        for path, content in self.files.items():
            entry: dict[str, Any] = {
                "_path": path,
                "path_type": "hardlink",
                "sha256": hashlib.sha256(content).hexdigest(),
                "size_in_bytes": len(content),
            }
            if placeholder.encode() in content:
                mode = "binary" if b"\0" in content else "text"
                entry |= {"prefix_placeholder": placeholder, "file_mode": mode}
            self.paths.append(entry)
        for path in self.links:
            self.paths.append({"_path": path, "path_type": "softlink", "size_in_bytes": 0})
        for path in directories:
            self.paths.append({"_path": path, "path_type": "directory"})
        self.info: dict[str, bytes] = {}
        if noarch == "python":
            link = {
                "noarch": {"type": "python", "entry_points": list(entry_points)},
                "package_metadata_version": 1,
            }
            self.info["info/link.json"] = json.dumps(link).encode()

    @property
    def stem(self) -> str:
        """``name-version-build``."""
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def filename(self) -> str:
        """The name of its file."""
        return f"{self.stem}.{self.form}"

    def infos(self) -> dict[str, bytes]:
        """The files of `info/`; what `info` has already is taken as it is."""
        listed = "\n".join([*self.files, *self.links]) + "\n"
        return {
            "info/index.json": json.dumps(self.index).encode(),
            "info/paths.json": json.dumps({"paths": self.paths, "paths_version": 1}).encode(),
            "info/files": listed.encode(),
            "info/about.json": json.dumps({"summary": f"the package {self.name}"}).encode(),
            **self.info,
        }

    def data(self) -> bytes:
        """The archive."""
        infos = {path: content for path, content in self.infos().items() if content != b"-"}
        if self.form == "tar.bz2":
            import bz2

            return bz2.compress(tar_of({**infos, **self.files}, self.links, self.modes))
        return self.zipped(tar_of(infos), tar_of(self.files, self.links, self.modes))

    def zipped(self, info: bytes, package: bytes) -> bytes:
        """A `.conda` of two tars."""
        from hutch.store import zstd

        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_member("metadata.json"), json.dumps({"conda_pkg_format_version": 2}))
            archive.writestr(_member(f"pkg-{self.stem}.tar.zst"), zstd().compress(package))
            archive.writestr(_member(f"info-{self.stem}.tar.zst"), zstd().compress(info))
        return buffer.getvalue()

    def write(self, channel: str | os.PathLike[str]) -> CondaRecord:
        """Put it into the folder of a channel; the record of it there."""
        from pathlib import Path

        from hutch.spec.conda_records import record_from_json

        data = self.data()
        folder = os.path.join(os.fspath(channel), self.subdir)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, self.filename), "wb") as file:
            file.write(data)
        entry = {
            **{key: value for key, value in self.index.items() if value is not None},
            "sha256": hashlib.sha256(data).hexdigest(),
            "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
            "size": len(data),
        }
        address = Path(os.path.abspath(channel)).as_uri()
        record = record_from_json(entry, self.filename, channel=address, subdir=self.subdir)
        assert record is not None
        return record


def index_channel(channel: str | os.PathLike[str], packages: Iterable[CondaPackage]) -> list[CondaRecord]:
    """Write the packages, and a `repodata.json` for each subdir; their records."""
    records = []
    by_subdir: dict[str, dict[str, dict[str, Any]]] = {"noarch": {}}
    for package in packages:
        record = package.write(channel)
        records.append(record)
        entry = {key: value for key, value in package.index.items() if value is not None}
        entry |= {"sha256": record.sha256, "md5": record.md5, "size": record.size}
        by_subdir.setdefault(package.subdir, {})[package.filename] = entry
    for subdir, entries in by_subdir.items():
        folder = os.path.join(os.fspath(channel), subdir)
        os.makedirs(folder, exist_ok=True)
        repodata = {
            "info": {"subdir": subdir},
            "packages": {name: each for name, each in entries.items() if name.endswith(".tar.bz2")},
            "packages.conda": {name: each for name, each in entries.items() if name.endswith(".conda")},
            "repodata_version": 1,
        }
        with open(os.path.join(folder, "repodata.json"), "w", encoding="utf-8") as file:
            json.dump(repodata, file)
    return records


def _member(name: str) -> zipfile.ZipInfo:
    """A file of always the same date: the same package is the same archive, whenever it is made."""
    return zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))


def tar_of(
    files: Mapping[str, bytes],
    links: Mapping[str, str] | None = None,
    modes: Mapping[str, int] | None = None,
    odd: Iterable[tarfile.TarInfo] = (),
) -> bytes:
    """A tar of these files and links, and of whatever else is ``odd``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode, member.mtime = len(data), (modes or {}).get(path, 0o644), _DATE
            archive.addfile(member, io.BytesIO(data))
        for path, target in (links or {}).items():
            member = tarfile.TarInfo(path)
            member.type, member.linkname, member.mtime = tarfile.SYMTYPE, target, _DATE
            archive.addfile(member)
        for member in odd:
            archive.addfile(member, io.BytesIO(b"\0" * member.size) if member.size else None)
    return buffer.getvalue()
