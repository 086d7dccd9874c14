"""Sources of CPython to build from: a folder, an archive, or what the source mirror has of a version."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["NoSource", "Source", "find_source", "refuse_spaces"]

_ENDINGS = (".tar.xz", ".tgz", ".tar.bz2", ".tar.gz")


class NoSource(Problem):
    """There is no source of the version that is asked for."""

    code = "no-python-source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source tree, and what is written down of it."""

    tree: str
    filename: str = ""
    sha256: str = ""
    origin: str = ""


def find_source(
    context: Context, source: str, folder: str, *, sha256: str | None, allow_unverified: bool
) -> Source:
    """The tree of a folder, of an archive or of a version of the mirror; archives are unpacked in ``folder``.

    Raises NoSource, NotASource, HashMismatch.
    """
    from hutch.interpreters.managed.builds import archive_form
    from hutch.interpreters.managed.source import NotASource, has_been_built

    path = context.path(source)
    if os.path.isdir(path):
        if sha256:
            raise UsageProblem("--sha256 is about an archive", why=f"{source} is a folder")
        if has_been_built(path):
            raise NotASource(source, "somebody has built in it; make distclean there, or name the archive")
        refuse_spaces(path)
        return Source(tree=path, origin=path)
    if archive_form(source) is not None:
        if not os.path.isfile(path):
            raise NoSource(f"there is no file {source}")
        return _unpacked(context, path, folder, sha256, path)
    if "/" in source or os.sep in source:
        raise NoSource(f"there is no folder {source}")
    return _from_mirror(context, source, folder, sha256, allow_unverified)


def _unpacked(context: Context, path: str, folder: str, sha256: str | None, origin: str) -> Source:
    import hashlib

    from hutch.interpreters.managed.source import unpack_source
    from hutch.ops.limits import source_limits
    from hutch.spec import HashMismatch

    name = os.path.basename(path)
    with open(path, "rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 is not None and actual != sha256:
        raise HashMismatch(expected=f"sha256:{sha256}", actual=f"sha256:{actual}", what=name)
    into = os.path.join(folder, "source")
    os.mkdir(into)
    tree = unpack_source(path, into, limits=source_limits(context))
    return Source(tree=tree, filename=name, sha256=actual, origin=origin)


def _from_mirror(
    context: Context, version: str, folder: str, sha256: str | None, allow_unverified: bool
) -> Source:
    """The archive of a version, as the makers of CPython name it."""
    import re

    from hutch.ops.pythons.fetching import fetch_archive, stated_hash

    version = version.removeprefix("cpython-").removeprefix("cpython@").removeprefix("v")
    if not re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?", version):
        raise UsageProblem(
            f"{version[:60]} names no source of CPython",
            hint="an exact version (3.13.5), a folder, or an archive (Python-3.13.5.tar.xz)",
        )
    mirror = context.configuration.python_source_mirror
    if mirror is None:
        raise NoSource(
            f"hutch does not know where the source of Python {version} is",
            why="no python-source-mirror is set",
            hint=(
                "name the archive or the folder: hutch python install --build ./Python-3.13.5.tar.xz",
                "HUTCH_PYTHON_SOURCE_MIRROR=PLACE, with Python-3.13.5.tar.xz or 3.13.5/Python-3.13.5.tar.xz",
            ),
        )
    base = mirror.rstrip("/")
    release = re.sub(r"(?:a|b|rc)\d+$", "", version)
    places = [
        (f"{base}/{middle}", f"Python-{version}{ending}")
        for ending in _ENDINGS
        for middle in ("", f"{release}/")
    ]
    for place, filename in places:
        expected = sha256 or stated_hash(context, place, filename)
        path = fetch_archive(
            context, place + filename, filename, expected, folder, allow_unverified=allow_unverified
        )
        if path is not None:
            from hutch.net import without_credentials

            return _unpacked(context, path, folder, expected, without_credentials(place + filename))
    from hutch.net import hide_credentials

    raise NoSource(
        f"the source mirror has no Python {version}",
        why=tuple(f"not there: {hide_credentials(place + name)}" for place, name in places[:2]),
        hint="name the archive or the folder",
    )


def refuse_spaces(path: str) -> None:
    """Raise NoSource for a place whose name the makefile of CPython cannot bear."""
    if any(letter in path for letter in " \t\n'\"\\$`;&|<>()*?#~") or not path.isascii():
        raise NoSource(
            "CPython cannot be built in a folder of this name",
            why=f"{path!r} has a space, a quote or a letter in it that its makefile cannot bear",
            hint="HUTCH_DATA_DIR names another place",
        )
