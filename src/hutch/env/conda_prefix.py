"""What a conda prefix has: packages of both kinds, its Python, its records in conda's own form."""

from __future__ import annotations

import os

from hutch.env.conda_files import META, read_meta
from hutch.env.conda_installed import PREFIX, is_prefix, meta_records
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.env.environment import Environment
    from hutch.spec import CondaRecord

__all__ = [
    "PREFIX",
    "PrefixPackage",
    "PythonOfPrefix",
    "is_prefix",
    "open_present",
    "open_prefix",
    "prefix_packages",
    "python_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixPackage:
    """A conda package that is in a prefix: ``where`` its record there lies, what the user had asked for."""

    record: CondaRecord
    where: str
    requested: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PythonOfPrefix:
    """The Python of a prefix: its version, and where its packages are (relative to the prefix)."""

    version: str
    site: str

    @property
    def minor(self) -> str:
        """``3.12``."""
        return ".".join(self.version.split(".")[:2])


def python_of(records: Iterable[CondaRecord], *, windows: bool = False) -> PythonOfPrefix | None:
    """The Python among ``records``."""
    for record in records:
        if record.name == "python":
            minor = ".".join(record.version.split(".")[:2])
            free = "t" if record.build.endswith(("_cp313t", "_cp314t", "_cp315t")) else ""
            usual = "Lib/site-packages" if windows else f"lib/python{minor}{free}/site-packages"
            return PythonOfPrefix(record.version, _plain(record.site_packages) or usual)
    return None


def _plain(site: str) -> str:
    """The path of a record, which may be anything."""
    parts = site.strip("/").split("/")
    odd = site.startswith("/") or "\\" in site or {"", ".", ".."}.intersection(parts)
    return "" if odd else "/".join(parts)


def prefix_packages(root: str) -> tuple[PrefixPackage, ...]:
    """The conda packages in a prefix, by name."""
    from hutch.spec import record_from_json

    found = []
    for where in meta_records(root):
        data = read_meta(root, where) or {}
        url, name = data.get("url"), data.get("fn")
        channel, subdir = data.get("channel"), data.get("subdir")
        filename = name if isinstance(name, str) else ""
        folder = url.removesuffix(f"/{filename}") if isinstance(url, str) and filename else channel
        folder = folder.rstrip("/") if isinstance(folder, str) else ""
        elsewhere = ""
        if isinstance(subdir, str):
            if not folder.endswith(f"/{subdir}") and isinstance(channel, str) and "://" in channel:
                # Packages of some channels are in another place than what says so (CEP 15).
                folder, elsewhere = channel.rstrip("/"), folder
            folder = folder.removesuffix(f"/{subdir}")
        record = record_from_json(data, filename, channel=folder, base=elsewhere)
        if record is None or where != f"{META}/{record.name}-{record.version}-{record.build}.json":
            continue  # what it is called decides what it is, and this one says something else
        requested = data.get("requested_specs")
        if not isinstance(requested, list):
            requested = [data["requested_spec"]] if isinstance(data.get("requested_spec"), str) else []
        files = data.get("files")
        found.append(
            PrefixPackage(
                record=record,
                where=where,
                requested=tuple(each for each in requested if isinstance(each, str) and each != "None"),
                files=tuple(files) if isinstance(files, list) else (),
            )
        )
    return tuple(sorted(found, key=lambda one: one.record.name))


def open_prefix(
    root: str | os.PathLike[str],
    *,
    python: PythonOfPrefix | None = None,
    after: bool = False,
    windows: bool = os.name == "nt",
) -> Environment:
    """The conda prefix at ``root``, which need not be there yet.

    With ``after`` it is what it will be: with ``python``, or without any where that is None.
    """
    from hutch.env.environment import Environment

    root = os.path.abspath(root)
    present = _python_at(root, windows)
    python = python if after else present
    site = python.site if python is not None else ""
    sites = [present.site] if present is not None else []
    sites += _other_sites(root)
    outside = os.path.join(root, "python.exe") if windows else os.path.join(root, "bin", "python")
    return Environment(
        root=root,
        purelib=site,
        platlib=site,
        scripts="Scripts" if windows else "bin",
        include="include",
        windows=windows,
        settings={"version": python.version} if python is not None else {},
        python_outside=outside,
        kept=True,
        prefix=True,
        sites=tuple(dict.fromkeys(each for each in sites if each != site)),
    )


def open_present(path: str | os.PathLike[str]) -> Environment:
    """The environment at ``path``, be it a virtual one or a conda prefix. Raises `NotAnEnvironment`."""
    from hutch.env.environment import open_environment

    root = os.path.abspath(path)
    return open_prefix(root) if is_prefix(root) else open_environment(root)


def _python_at(root: str, windows: bool) -> PythonOfPrefix | None:
    from hutch.spec import record_from_json

    for where in meta_records(root):
        if where.startswith(f"{META}/python-") and where.count("-") == 3:
            record = record_from_json(read_meta(root, where) or {})
            if record is not None and record.name == "python":
                return python_of([record], windows=windows)
    return None


def _other_sites(root: str) -> list[str]:
    """What is left of Pythons that were there before."""
    try:
        names = sorted(os.listdir(os.path.join(root, "lib")))
    except OSError:
        return []
    return [
        f"lib/{name}/site-packages"
        for name in names
        if name.startswith("python") and os.path.isdir(os.path.join(root, "lib", name, "site-packages"))
    ]
