"""Is everything in an environment as it was installed? Every file against its RECORD, and what makes it one.

Quick: existence and size, and for what came from the store the date, by which an edit of equal size is found
(a file of another date is hashed before it is called changed). Deep: every file is hashed.
"""

from __future__ import annotations

import os
import stat

from hutch.env.records import has_digest
from hutch.env.removal import is_protected
from hutch.trees import walk
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from hutch.env.environment import Environment
    from hutch.env.installed import Installed

    Kind = Literal[
        "missing",
        "changed",
        "no-record",
        "no-metadata",
        "twice",
        "command",
        "interpreter",
        "settings",
        "extra",
    ]

__all__ = ["Finding", "Verification", "verify_environment"]

# Files of others' making that belong to an environment as such.
USUAL = frozenset(["_virtualenv.pth", "_virtualenv.py", "_hutch_base.pth", "README.txt", "pydoc.bat"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it was installed.

    ``package`` is the normalised name of whose it is, or empty; ``path`` is relative to the environment.
    ``extra`` findings (files that nobody owns) are no faults.
    """

    kind: Kind
    package: str
    path: str
    detail: str

    @property
    def is_fault(self) -> bool:
        """Whether something is broken."""
        return self.kind != "extra"

    def to_json(self) -> dict[str, str]:
        """For ``--json``."""
        return {"kind": self.kind, "package": self.package, "path": self.path, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at, and found."""

    packages: int
    files: int
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What is broken."""
        return tuple(finding for finding in self.findings if finding.is_fault)


def verify_environment(
    environment: Environment, *, deep: bool = False, step: Callable[[str], None] = lambda name: None
) -> Verification:
    """Look at everything; changes nothing. ``step`` is told the name of each package that is done."""
    from hutch.env.generations import read_newest

    root = environment.root
    newest = read_newest(root)
    dates = {one.name: one for one in newest.packages if one.sha256} if newest is not None else {}
    findings = list(_check_itself(environment))
    owned: set[str] = set()
    installed = environment.installed()
    files = 0
    for name, one in installed.items():
        known = dates.get(str(name))
        same = known is not None and known.dist_info == one.dist_info and known.size == one.record_size
        date = _date(known.sha256) if known is not None and same else None
        found, paths = _check_package(environment, str(name), one, deep, date)
        findings += found
        owned |= paths
        files += len(paths)
        step(str(name))
    findings += _extra(environment, owned, list(installed.values()))
    return Verification(packages=len(installed), files=files, findings=tuple(findings))


def _date(sha256: str) -> int | None:
    from hutch.store.manifest import wheel_time

    try:
        return wheel_time(sha256) * 1_000_000_000
    except ValueError:
        return None


# -- the environment itself -------------------------------------------------------------------------


def _check_itself(environment: Environment) -> Iterator[Finding]:
    if environment.prefix:
        return  # its Python is a package of it like any other
    home = environment.home
    if not os.path.isdir(home):
        yield Finding(
            kind="interpreter",
            package="",
            path="pyvenv.cfg",
            detail=f"its Python is gone: there is no {home}",
        )
    elif not os.path.exists(environment.executable):
        path = os.path.relpath(environment.executable, environment.root)
        leads = os.path.islink(environment.executable)
        detail = f"leads to {os.readlink(environment.executable)}, which is gone" if leads else "is gone"
        yield Finding(kind="interpreter", package="", path=path, detail=detail)
    version = ".".join(environment.python_version.split(".")[:2])
    if not environment.windows and version and version not in environment.purelib:
        detail = f"says Python {version}, and the packages are in {environment.purelib}"
        yield Finding(kind="settings", package="", path="pyvenv.cfg", detail=detail)


# -- packages ---------------------------------------------------------------------------------------


def _check_package(
    environment: Environment, name: str, one: Installed, deep: bool, date: int | None
) -> tuple[list[Finding], set[str]]:
    """What is wrong with one distribution, and the paths that it owns."""
    from hutch.env.planted import check_link
    from hutch.env.records import LINKED, LINKED_RECORD, parse_rows, record_name

    root = environment.root
    findings: list[Finding] = []

    def say(kind: Kind, path: str, detail: str) -> None:
        findings.append(Finding(kind=kind, package=name, path=path, detail=detail))

    for other in one.others:
        say("twice", other, f"is installed twice: also in {one.dist_info}")
    if one.kind == "conda":
        return _check_conda(environment, name, one, deep, date)
    if one.kind != "dist-info":
        return findings, {one.dist_info}
    if not os.path.exists(os.path.join(root, one.dist_info, "METADATA")):
        say("no-metadata", f"{one.dist_info}/METADATA", "is missing")
    try:
        with open(os.path.join(root, one.dist_info, record_name(root, one.dist_info)), "rb") as file:
            content = file.read()
    except OSError:
        content = b""
    if not content:
        # What conda, and a system's package manager, install has none on purpose.
        if one.installer in ("", "hutch", "pip", "uv"):
            say("no-record", f"{one.dist_info}/RECORD", "is missing or empty")
        return findings, set()
    paths: set[str] = set()
    start = environment.scripts + "/"
    for path, digest, size in parse_rows(root, one.dist_info, content):
        paths.add(path)
        # virtualenv notes folders of bytecode, too, which need not be there.
        if path.endswith((".pyc", "/__pycache__", "/RECORD", f"/{LINKED_RECORD}")):
            continue
        if digest.startswith(LINKED):
            for fault, inner, detail in check_link(os.path.join(root, path), digest, deep=deep):
                say(fault, f"{path}{inner}", detail)
            continue
        kind, detail = _check_file(os.path.join(root, path), digest, size, deep, date)
        if kind is not None:
            say(kind, path, detail)
        elif path.startswith(start) and (detail := _check_command(environment, path)):
            say("command", path, detail)
    return findings, paths


def _check_conda(
    environment: Environment, name: str, one: Installed, deep: bool, date: int | None
) -> tuple[list[Finding], set[str]]:
    """The same of a package of a channel."""
    from hutch.env.conda_files import A_DIRECTORY, A_LINK
    from hutch.env.records import parse_rows

    findings: list[Finding] = []
    try:
        with open(os.path.join(environment.root, one.dist_info), "rb") as file:
            content = file.read()
    except OSError:
        content = b""
    paths: set[str] = set()
    for path, digest, size in parse_rows(environment.root, one.dist_info, content):
        paths.add(path)
        place = os.path.join(environment.root, path)
        detail = ""
        kind: Kind | None = "changed"
        if digest == A_LINK:
            if not os.path.lexists(place):
                kind, detail = "missing", "is missing"
            elif not os.path.islink(place):
                detail = "is no link"
        elif digest == A_DIRECTORY:
            if not os.path.isdir(place):
                kind, detail = "missing", "is missing"
        elif not path.endswith(".pyc"):
            kind, detail = _check_file(place, digest, size, deep, date)
        if kind is not None and detail:
            findings.append(Finding(kind=kind, package=name, path=path, detail=detail))
    if not paths:
        text = "cannot be read, or says nothing of files"
        if not content or not content.lstrip().startswith(b"{"):
            findings.append(Finding(kind="no-record", package=name, path=one.dist_info, detail=text))
    return findings, paths


def _check_file(
    path: str, digest: str, size: int | None, deep: bool, date: int | None
) -> tuple[Kind | None, str]:
    try:
        found = os.stat(path)
    except OSError:
        return "missing", "is missing"
    if not stat.S_ISREG(found.st_mode):
        return "changed", "is no file"
    if size is not None and found.st_size != size:
        return "changed", f"has {found.st_size} bytes instead of {size}"
    if (deep or (date is not None and found.st_mtime_ns != date)) and not has_digest(path, digest):
        return "changed", "has another content"
    return None, ""


def _check_command(environment: Environment, path: str) -> str:
    """Why the command cannot run, or runs in another environment; empty if it is well."""
    try:
        with open(os.path.join(environment.root, path), "rb") as file:
            first, second = file.readline(1024), file.readline(1024)
    except OSError:
        return ""
    if not first.startswith(b"#!"):
        return ""
    words = first[2:].decode("utf-8", "surrogateescape").split()
    if words[:1] == ["/bin/sh"] and second.startswith(b"'''exec' "):
        # A path that is too long for a first line, or has a space in it, stands in the second.
        import shlex

        try:
            words = shlex.split(second[9:].decode("utf-8", "surrogateescape"))
        except ValueError:
            return ""
    if not words or not os.path.isabs(words[0]):
        return ""
    interpreter = words[0]
    if not os.path.exists(interpreter):
        return f"wants {interpreter}, which is not there"
    bin_directory = os.path.dirname(interpreter)
    elsewhere = os.path.realpath(bin_directory) != os.path.realpath(
        os.path.join(environment.root, environment.scripts)
    )
    if elsewhere and os.path.exists(os.path.join(os.path.dirname(bin_directory), "pyvenv.cfg")):
        return f"runs in another environment: {os.path.dirname(bin_directory)}"
    return ""


# -- what nobody owns -------------------------------------------------------------------------------


def _extra(environment: Environment, owned: set[str], installed: list[Installed]) -> Iterator[Finding]:
    parents: set[str] = set()
    for path in owned:
        parent = path.rpartition("/")[0]
        while parent and parent not in parents:
            parents.add(parent)
            parent = parent.rpartition("/")[0]
    for one in installed:
        parents.update((one.dist_info, *one.others))
    for path in (
        _unowned(environment.root, environment.purelib, owned, parents) if environment.purelib else ()
    ):
        if os.path.basename(path) not in USUAL:
            yield Finding(kind="extra", package="", path=path, detail="belongs to no package")
    for path in _unowned(environment.root, environment.scripts, owned, parents):
        if not is_protected(path, environment.scripts):
            yield Finding(kind="extra", package="", path=path, detail="belongs to no package")


def _unowned(root: str, directory: str, owned: set[str], parents: set[str]) -> Iterator[str]:
    """The paths below ``directory`` that nobody owns, but bytecode; a directory stands for all in it."""
    try:
        with os.scandir(os.path.join(root, directory)) as entries:
            found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError:
        return
    for name, is_directory in found:
        path = f"{directory}/{name}"
        if path in owned or name == "__pycache__" or (name.endswith(".pyc") and not is_directory):
            continue
        if not is_directory:
            yield path
        elif path in parents:
            yield from _unowned(root, path, owned, parents)
        elif not _is_empty(os.path.join(root, path)):
            yield path + "/"


def _is_empty(path: str) -> bool:
    """Whether there is nothing in it but directories and bytecode."""
    for _, directories, files in walk(path):
        directories[:] = [name for name in directories if name != "__pycache__"]
        if any(not name.endswith(".pyc") for name in files):
            return False
    return True
