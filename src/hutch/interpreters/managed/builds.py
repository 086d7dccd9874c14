"""Builds of Python that can be had: the table of pbs-installer's `versions.json`, and the choice from it.

A table is foreign data: entries that are not what they should be are left out. Nothing here touches the disk
or the network; where the table is, and where the bytes come from, is for others.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hutch.interpreters.managed.host import Host
    from hutch.interpreters.request import PythonRequest
    from hutch.spec import Specifiers

__all__ = [
    "Build",
    "InvalidTable",
    "archive_form",
    "best_build",
    "builds_from",
    "fitting_builds",
    "parse_versions",
]

ENDINGS = (
    (".tar.gz", "gz"),
    (".tgz", "gz"),
    (".tar.zst", "zst"),
    (".tar.bz2", "bz2"),
    (".tar.xz", "xz"),
    (".zip", "zip"),
)
_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,200}"
_PRE = r"[a-z]+-(\d+\.\d+\.\d+(?:a|b|rc)\d+)[+-].*"
_MOST = 100_000
OLDEST = (3, 8)  # what hutch can make environments of


class InvalidTable(Problem):
    """What should be a table of builds is none."""

    code = "invalid-python-table"

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            "the table of Pythons cannot be read",
            why=f"{where}: {reason}",
            hint="hutch python install --refresh fetches a new one",
        )
        self.where = where
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One archive with an interpreter for one kind of machine.

    ``release`` is the implementation's own version (PyPy 7.3.17, GraalPy 25.0.2; "" for CPython), ``url``
    where its makers have it ("" in the table of a mirror, which need not say), ``sha256`` None where there is
    none. ``stripped`` archives hold nothing but the installation; the others are those of whole builds.
    """

    implementation: str
    version: str
    free_threaded: bool
    os: str
    machine: str
    libc: str
    filename: str
    url: str
    sha256: str | None
    release: str = ""
    stripped: bool = True

    @property
    def info(self) -> tuple[int, int, int]:
        """``(3, 12, 7)``."""
        return version_key(self.version)[:3]

    @property
    def key(self) -> str:
        """The name of its directory: ``cpython-3.12.7-linux-x86_64-gnu``. GraalPy's has its own version."""
        return self._key(self.release if self.implementation == "graalpy" else self.version)

    @property
    def alias(self) -> str:
        """The name that stands for the newest patch: ``cpython-3.12-linux-x86_64-gnu``."""
        return self._key(".".join(self.version.split(".")[:2]))

    def _key(self, version: str) -> str:
        threads = "+freethreaded" if self.free_threaded else ""
        return f"{self.implementation}-{version}{threads}-{self.os}-{self.machine}-{self.libc}"

    @property
    def is_prerelease(self) -> bool:
        """Whether it is an alpha, a beta or a release candidate."""
        return not self.version.replace(".", "").isdigit()

    @property
    def rank(self) -> tuple[object, ...]:
        """The greater the better, where nothing else was asked for."""
        return (
            not self.is_prerelease,
            {"cpython": 2, "pypy": 1}.get(self.implementation, 0),
            not self.free_threaded,
            version_key(self.version),
            version_key(self.release or "0"),
            self.sha256 is not None,
            self.stripped,
        )

    def describe(self) -> str:
        """For people: ``CPython 3.12.7``, ``CPython 3.13.1 (free-threaded)``, ``PyPy 3.10.16 (7.3.19)``."""
        name = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}.get(
            self.implementation, self.implementation
        )
        number = ".".join(self.version.split(".")[:2]) if self.implementation == "graalpy" else self.version
        more = [self.release] if self.release else []
        more += ["free-threaded"] if self.free_threaded else []
        return f"{name} {number}" + (f" ({', '.join(more)})" if more else "")


def version_key(text: str) -> tuple[int, int, int, int, int]:
    """Orders versions: ``3.13.0rc2`` is before ``3.13.0``."""
    import re

    matched = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:(a|b|rc)(\d+))?", text)
    if matched is None:
        return (0, 0, 0, 0, 0)
    stage = {"a": 0, "b": 1, "rc": 2, None: 3}[matched[4]]
    return (int(matched[1]), int(matched[2] or 0), int(matched[3] or 0), stage, int(matched[5] or 0))


def archive_form(filename: str) -> str | None:
    """How an archive of this name is packed (``gz``, ``zst``, ``zip`` …); None if it is none that we read."""
    lowered = filename.lower()
    return next((form for ending, form in ENDINGS if lowered.endswith(ending)), None)


def parse_versions(data: bytes, host: Host, *, where: str) -> tuple[Build, ...]:
    """The builds of a `versions.json` that are for ``host``. Raises InvalidTable where it is none at all."""
    import json

    try:
        table = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidTable(where, "it is no JSON") from error
    if not isinstance(table, list) or len(table) > _MOST:
        raise InvalidTable(where, "it is not the list that pbs-installer writes")
    found: dict[str, Build] = {}
    for entry in table:
        for build in _entry(entry):
            if host.runs(build.os, build.machine, build.libc):
                found.setdefault(build.filename, build)
    return tuple(found.values())


def _entry(entry: Any) -> Iterable[Build]:
    if not isinstance(entry, dict):
        return
    version, files = entry.get("python_version"), entry.get("files")
    if not isinstance(version, dict) or not isinstance(files, list):
        return
    numbers: list[Any] = [version.get(name) for name in ("major", "minor", "micro")]
    if not all(type(number) is int and 0 <= number < 10_000 for number in numbers):
        return
    if tuple(numbers) < OLDEST:
        return
    implementation = version.get("implementation")
    if implementation not in ("cpython", "pypy", "graalpy"):
        return
    for file in files:
        if isinstance(file, dict):
            found = _build(implementation, ".".join(map(str, numbers)), version, file)
            if found is not None:
                yield found


def _build(implementation: str, version: str, entry: Any, file: Any) -> Build | None:
    import re

    name, url, sha256 = file.get("filename"), file.get("url") or "", file.get("sha256")
    system, machine = file.get("platform"), file.get("arch")
    if not isinstance(name, str) or not re.fullmatch(_NAME, name) or archive_form(name) is None:
        return None
    if not isinstance(url, str) or (url and not re.match(r"(?i)https?://[^\s]+\Z", url)):
        return None
    if system not in ("linux", "macos", "windows") or not isinstance(machine, str):
        return None
    if not re.fullmatch(r"\w{1,20}", machine):
        return None
    if sha256 is not None and not (isinstance(sha256, str) and re.fullmatch("[0-9a-fA-F]{64}", sha256)):
        return None
    exact = re.fullmatch(_PRE, name)
    if exact is not None and exact[1].startswith(version):
        version = exact[1]
    release = re.match(r"(?:pypy[\d.]+-v|graalpy-(?:community-)?)(\d[\w.]*?)-", name)
    return Build(
        implementation=implementation,
        version=version,
        free_threaded=bool(entry.get("freethreaded")),
        os=system,
        machine=machine,
        libc=libc_of(system, name),
        filename=name,
        url=url,
        sha256=sha256.lower() if sha256 else None,
        release=release[1] if release and implementation != "cpython" else "",
        stripped=bool(file.get("install_only")),
    )


def libc_of(system: str, filename: str) -> str:
    """The C library that a build needs, as its name says: ``gnu``, ``musl``, ``gnueabihf``; else ``none``."""
    if system != "linux":
        return "none"
    for word in ("musl", "gnueabihf", "gnueabi"):
        if word in filename:
            return word
    return "gnu"


def fitting_builds(
    builds: Iterable[Build], request: PythonRequest | None, requires_python: Specifiers = ()
) -> list[Build]:
    """Those that are what is asked for, the best first; one a key."""
    from hutch.spec import admits

    release = _release(request)
    early = request is not None and _is_early(request)
    found: dict[str, Build] = {}
    for build in sorted(builds, key=lambda build: build.rank, reverse=True):
        if build.is_prerelease and not early:
            continue
        if request is not None:
            if request.implementation not in (None, build.implementation):
                continue
            if request.free_threaded and not build.free_threaded:
                continue
            if not admits(request.specifiers, build.version):
                continue
            if release and release != build.release:
                continue
        if not admits(requires_python, build.version):
            continue
        found.setdefault(build.key, build)
    return list(found.values())


def _is_early(request: PythonRequest) -> bool:
    """Whether a pre-release is asked for: ``3.14.0rc2``, ``3.15-dev``."""
    named = any(not version.replace(".", "").rstrip("*").isdigit() for _, version in request.specifiers)
    return named or request.text.lower().endswith("-dev")


def _release(request: PythonRequest | None) -> str:
    """What pyenv's names say of PyPy itself: ``pypy3.10-7.3.12``."""
    if request is None or request.implementation != "pypy":
        return ""
    import re

    matched = re.fullmatch(r"(?i)pypy[\d.]+-v?(\d+\.\d+\.\d+)", request.text.strip())
    return matched[1] if matched else ""


def best_build(
    builds: Iterable[Build], request: PythonRequest | None, requires_python: Specifiers = ()
) -> Build | None:
    """The newest that fits: a final release of CPython with the lock, unless something else is asked for.

    Another implementation is had by its name alone: where a table has no CPython, ``3.12`` is not GraalPy.
    """
    if request is None or request.implementation is None:
        builds = [build for build in builds if build.implementation == "cpython"]
    found = fitting_builds(builds, request, requires_python)
    return found[0] if found else None


def builds_from(table: Iterable[tuple[Any, ...]]) -> tuple[Build, ...]:
    """The digest of a table, as ``to_row`` made it, as builds again."""
    names = ROW
    return tuple(Build(**dict(zip(names, row, strict=True))) for row in table)


ROW = (
    "implementation",
    "version",
    "free_threaded",
    "os",
    "machine",
    "libc",
    "filename",
    "url",
    "sha256",
    "release",
    "stripped",
)


def to_row(build: Build) -> tuple[Any, ...]:
    """A build for the store's tables."""
    return tuple(getattr(build, name) for name in ROW)
