"""Archives of real interpreters, in the layouts of those who publish some, from the Pythons of this machine.

They hold what an interpreter needs to start, to make environments and to build extension modules; the
library's own tests, graphical things and static libraries are left out, which makes of 300 MB fifteen.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

_LEFT_OUT = re.compile(
    r"(^|/)(__pycache__|test|tests|idlelib|turtledemo|tkinter|lib2to3|ensurepip|site-packages|dist-packages|man|doc)(/|$)"
    r"|\.(a|o|pyc|pyo)$|^lib/python[^/]*/config-[^/]*/(?!Makefile)|^lib/libpython.*\.so|_tkinter|_test"
)


@dataclass(frozen=True)
class Archive:
    """One archive of a mirror, as the table of builds describes it."""

    path: Path
    version: tuple[int, int, int]
    sha256: str
    implementation: str = "cpython"
    freethreaded: bool = False
    install_only: bool = True

    @property
    def name(self) -> str:
        return self.path.name

    def entry(self, **changes: object) -> dict[str, object]:
        """A file of `versions.json`."""
        return {
            "arch": MACHINE,
            "filename": self.name,
            "install_only": self.install_only,
            "platform": "linux",
            "sha256": self.sha256,
            "url": f"https://pythons.example/releases/download/20261021/{self.name.replace('+', '%2B')}",
            **changes,
        }


MACHINE = {"amd64": "x86_64", "arm64": "aarch64"}.get(os.uname().machine, os.uname().machine)
TRIPLE = f"{MACHINE}-unknown-linux-gnu"


def table(archives: Iterable[Archive], **changes: object) -> bytes:
    """`versions.json` with these archives."""
    entries = []
    for one in archives:
        major, minor, micro = one.version
        version = {
            "freethreaded": one.freethreaded,
            "implementation": one.implementation,
            "major": major,
            "minor": minor,
            "micro": micro,
        }
        entries.append({"files": [one.entry(**changes)], "python_version": version})
    return json.dumps(entries).encode()


def version_of(prefix: Path) -> tuple[int, int, int]:
    """The version of the installation at ``prefix``, as it says itself."""
    program = prefix / "bin" / "python3"
    said = subprocess.run(
        [program, "-I", "-c", "import sys; print(*sys.version_info[:3])"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    major, minor, micro = map(int, said.split())
    return major, minor, micro


def members_of(prefix: Path) -> Iterable[tuple[str, Path]]:
    """What of an installation goes into an archive: (path in it, file)."""
    for folder, names, files in os.walk(prefix):
        inside = os.path.relpath(folder, prefix)
        names[:] = sorted(n for n in names if not _LEFT_OUT.search(_join(inside, n)))
        links = [name for name in names if os.path.islink(os.path.join(folder, name))]
        names[:] = [name for name in names if name not in links]
        for name in sorted([*files, *links]):
            path = _join(inside, name)
            if not _LEFT_OUT.search(path):
                yield path, Path(folder, name)


def _join(inside: str, name: str) -> str:
    return name if inside == "." else f"{inside}/{name}"


def pack(
    prefix: Path,
    into: Path,
    *,
    name: str = "",
    top: str = "python",
    edit: Callable[[str, bytes], bytes] = lambda path, data: data,
    members: Callable[[Path], Iterable[tuple[str, Path]]] = members_of,
    extra: Iterable[tuple[str, bytes]] = (),
) -> Archive:
    """An archive of the installation at ``prefix`` in ``into``; ``edit`` may change small files."""
    version = version_of(prefix)
    number = ".".join(map(str, version))
    path = into / (name or f"cpython-{number}+20261021-{TRIPLE}-install_only.tar.gz")
    into.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for inside, file in members(prefix):
            info = tar.gettarinfo(file, f"{top}/{inside}")
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            if info.isreg():
                content = file.read_bytes()
                if len(content) < 1 << 20:
                    content = edit(inside, content)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                if info.islnk():
                    info = tar.gettarinfo(file.resolve(), f"{top}/{inside}")
                tar.addfile(info)
        for inside, content in extra:
            info = tarfile.TarInfo(inside)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    path.write_bytes(compressed(data.getvalue(), path.name))
    return Archive(path=path, version=version, sha256=digest(path))


def compressed(data: bytes, name: str) -> bytes:
    """``data`` packed as the name says, quickly rather than well."""
    if name.endswith(".gz"):
        import gzip

        return gzip.compress(data, 1, mtime=0)
    if name.endswith(".bz2"):
        import bz2

        return bz2.compress(data, 1)
    if name.endswith(".zst"):
        import sys

        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd

        return bytes(zstd.compress(data, 1))
    raise ValueError(name)


def digest(path: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def renamed(one: Archive, name: str, **changes: object) -> Archive:
    """The same bytes under another name, and perhaps described as something else."""
    path = one.path.with_name(name)
    path.write_bytes(one.path.read_bytes())
    return replace(one, path=path, **changes)  # type: ignore[arg-type]


def _is_pyenv(home: Path, version: str) -> Path | None:
    prefix = home / ".pyenv" / "versions" / version
    return prefix if (prefix / "bin" / "python3").exists() else None


def debian_members(prefix: Path) -> Iterable[tuple[str, Path]]:
    """Debian's Python, laid out as an installation of its own: it finds its library from where it is."""
    (program,) = {file.resolve() for file in (prefix / "bin").glob("python3.1?") if file.exists()}
    minor = program.name.removeprefix("python")
    yield f"bin/python{minor}", program
    for inside, file in members_of(prefix / "lib" / f"python{minor}"):
        if not _LEFT_OUT.search(f"lib/python{minor}/{inside}") and file.exists():
            yield f"lib/python{minor}/{inside}", file.resolve()


def shelf(home: Path, into: Path) -> tuple[Path, list[Archive]]:
    """A folder with archives of the Pythons of this machine, and what is in it; made once a process.

    3.12.1 and 3.13.0 of pyenv; and two patch releases of one minor, 3.11.2 of Debian and 3.11.7 of pyenv.
    Fewer where they are not there.
    """
    found = []
    for version in ("3.11.7", "3.12.1", "3.13.0"):
        prefix = _is_pyenv(home, version)
        if prefix is not None:
            name = f"cpython-{version}+20261021-{TRIPLE}-install_only.tar.gz"
            found.append(_once(into / name, lambda prefix=prefix: pack(prefix, into), version))  # type: ignore[misc]
    if Path("/usr/bin/python3.11").exists() and Path("/usr/lib/python3.11/os.py").exists():
        version = ".".join(map(str, version_of(Path("/usr"))))
        if version.startswith("3.11."):
            name = f"cpython-{version}+20261021-{TRIPLE}-install_only.tar.gz"
            made = _once(into / name, lambda: pack(Path("/usr"), into, members=debian_members), version)
            found.append(made)
    return into, found


def _once(path: Path, make: Callable[[], Archive], version: str) -> Archive:
    if not path.exists():
        return make()
    major, minor, micro = map(int, version.split("."))
    return Archive(path=path, version=(major, minor, micro), sha256=digest(path))
