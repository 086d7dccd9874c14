"""Where a package comes from, if not from an index: a directory, an archive, a commit of a repository.

Two places say it: a direct reference (``name @ URL``, PEP 508) and ``[tool.hutch.sources]``. Both become
an ``Origin`` here, with every path absolute; nothing is fetched and no file is read.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from hutch.project import Source

__all__ = ["ARCHIVES", "InvalidSource", "Origin", "origin_of_source", "origin_of_url", "relative_path"]

ARCHIVES = (".whl", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".zip")


class InvalidSource(Problem):
    """A direct reference or an entry of ``[tool.hutch.sources]`` that leads to no package."""

    code = "invalid-source"

    def __init__(
        self, what: str, *, why: str | tuple[str, ...] = (), hint: str | tuple[str, ...] = ()
    ) -> None:
        super().__init__(what, why=why, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One place. ``location`` is an absolute path, or a URL as it was written (a secret may be in it).

    ``revision`` is of ``revision_kind`` (None: whatever it turns out to be).
    """

    kind: Literal["directory", "archive", "git"]
    location: str
    editable: bool = False
    subdirectory: str | None = None
    revision: str | None = None
    revision_kind: Literal["rev", "branch", "tag"] | None = None
    submodules: bool = True
    lfs: bool = False
    hashes: tuple[tuple[str, str], ...] = ()

    @property
    def is_path(self) -> bool:
        """Does it lie on this machine, by its path?"""
        return "://" not in self.location

    @property
    def is_local(self) -> bool:
        """Is it a place on this machine, by a path or by a URL?"""
        return self.is_path or self.location.lower().startswith("file:")

    @property
    def bare(self) -> str:
        """The location without a secret."""
        from hutch.lock import without_credentials

        return without_credentials(self.location)

    @property
    def identity(self) -> tuple[object, ...]:
        """What two names of one place have in common."""
        return self.kind, self.bare.rstrip("/"), self.subdirectory, self.revision

    def __str__(self) -> str:
        shown = self.bare
        if self.revision:
            shown += f" at {self.revision}"
        return f"{shown}, in {self.subdirectory}" if self.subdirectory else shown


def origin_of_url(url: str, place: str) -> Origin:
    """The origin that a direct reference names; ``place`` is where it stands, for problems."""
    from urllib.parse import parse_qsl, unquote

    _refuse_controls(url, place)
    bare, _, fragment = url.partition("#")
    said = dict(parse_qsl(fragment))
    below = _subdirectory(said.get("subdirectory"), place)
    scheme, mark, rest = bare.partition("://")
    scheme = scheme.lower()
    if scheme == "file" or bare.startswith("file:"):
        path = _local_path(bare, place)
        if os.path.isfile(path) or path.endswith(ARCHIVES):
            return _archive(path, path, below, _hashes(said), place)
        return Origin(kind="directory", location=path, subdirectory=below)
    if not mark:
        raise InvalidSource(
            f"{place} names no place: {_shown(url)}",
            why="a direct reference is a whole URL (https://…, git+https://…, file:///…)",
            hint='a path belongs into [tool.hutch.sources]: name = { path = "../name" }',
        )
    if scheme.startswith("git+"):
        return _git(scheme.removeprefix("git+"), rest, below, place)
    if scheme in ("hg+https", "hg+ssh", "svn+https", "svn+ssh", "bzr+https", "bzr+ssh") or "+" in scheme:
        raise InvalidSource(
            f"{place} asks for a repository that hutch cannot read: {_shown(url)}",
            why=f"of {scheme.partition('+')[0]} repositories hutch knows nothing; it knows git",
            hint="name an archive of it, or a checkout by its path",
        )
    if scheme not in ("http", "https"):
        raise InvalidSource(
            f"{place} asks for a URL that hutch does not fetch: {_shown(url)}",
            why="https, http, file, and git+https, git+ssh, git+file are",
        )
    name = unquote(bare.partition("?")[0].rpartition("/")[2])
    return _archive(bare, name, below, _hashes(said), place)


def origin_of_source(source: Source, base: str, place: str) -> Origin | None:
    """The origin that an entry of ``[tool.hutch.sources]`` names; None for an index.

    ``base`` is the directory of the manifest that it stands in.
    """
    _refuse_controls(source.location, place)
    below = _subdirectory(source.subdirectory, place)
    if source.kind == "path":
        path = os.path.normpath(os.path.join(base, os.path.expanduser(source.location)))
        if os.path.isfile(path) or (path.endswith(ARCHIVES) and not os.path.isdir(path)):
            if source.editable:
                raise InvalidSource(
                    f"{place}: {source.location} is an archive",
                    why="only a directory can be installed as editable",
                    hint="leave editable out, or name a directory",
                )
            return _archive(path, path, below, (), place)
        return Origin(kind="directory", location=path, editable=source.editable, subdirectory=below)
    if source.kind == "url":
        if source.location.startswith("git+"):
            raise InvalidSource(f"{place}: a repository is a source of kind git", hint="{ git = … }")
        found = origin_of_url(source.location, place)
        return found if below is None else _below(found, below)
    if source.kind == "git":
        return _git_source(source, base, below, place)
    return None


def relative_path(path: str, root: str) -> str:
    """A path as the lock has it: from the lock's directory, with slashes; absolute on another drive."""
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:
        return path.replace(os.sep, "/")


def _below(origin: Origin, subdirectory: str) -> Origin:
    from hutch.values import replace

    return replace(origin, subdirectory=subdirectory)


def _archive(
    location: str, name: str, below: str | None, hashes: tuple[tuple[str, str], ...], place: str
) -> Origin:
    if not name.lower().endswith(ARCHIVES):
        raise InvalidSource(
            f"{place} asks for a file that is no package: {_shown(location)}",
            why="a wheel ends with .whl, a source distribution with .tar.gz or .zip",
            hint="a repository begins with git+",
        )
    if name.lower().endswith(".whl"):
        from hutch.spec import split_wheel_name

        filename = os.path.basename(name)
        if split_wheel_name(filename) is None:
            raise InvalidSource(
                f"{place} asks for a wheel whose name is not one of a wheel: {_shown(filename)}",
                why="it tells name, version and where it fits: lib-1.0-py3-none-any.whl",
                hint="give the file the name that it had when it was built",
            )
    return Origin(kind="archive", location=location, subdirectory=below, hashes=hashes)


def _git(scheme: str, rest: str, below: str | None, place: str) -> Origin:
    """``git+https://host/path@revision``: the sign after the host is that of the revision."""
    from hutch.net import check_revision

    host, slash, path = rest.partition("/")
    path, sign, revision = path.rpartition("@") if "@" in path else (path, "", "")
    location = f"{scheme}://{host}{slash}{path}"
    if scheme == "file":
        _local_path(location, place)
    origin = Origin(kind="git", location=location, subdirectory=below, revision=revision or None)
    if sign:
        check_revision(origin.bare, revision)
    _check_repository(location)
    return origin


def _git_source(source: Source, base: str, below: str | None, place: str) -> Origin:
    from hutch.net import check_revision

    location = source.location.removeprefix("git+")
    scheme, mark, _ = location.partition("://")
    if mark and scheme.lower() == "file":
        _local_path(location, place)
    elif not mark:
        host, colon, path = location.partition(":")
        if path.startswith(":"):
            raise InvalidSource(
                f"{place}: {host} is not a protocol that hutch lets git use",
                why=f"git = {_shown(location)!r}",
            )
        if colon and len(host) > 1 and "/" not in host and not host.startswith((".", "-")):
            location = f"ssh://{host}/{path.lstrip('/')}"  # git@host:path
        elif location.startswith("-"):
            raise InvalidSource(
                f"{place}: {location} begins with '-', and git would take it for an option",
                hint="a repository is a URL, git@host:path, or a path",
            )
        else:
            location = os.path.normpath(os.path.join(base, os.path.expanduser(location)))
    origin = Origin(
        kind="git",
        location=location,
        subdirectory=below,
        revision=source.revision,
        revision_kind=source.revision_kind,
        submodules=source.submodules,
        lfs=source.lfs,
    )
    if source.revision is not None:
        check_revision(origin.bare, source.revision)
    _check_repository(location)
    return origin


def _check_repository(location: str) -> None:
    """What git must not be given is refused before anything else is done."""
    from hutch.net import Repository

    Repository(location, "", environ={})


def _subdirectory(text: str | None, place: str) -> str | None:
    if text is None or text.strip("/") in ("", "."):
        return None
    parts = text.replace("\\", "/").split("/")
    if text.startswith(("/", "\\", "-")) or ".." in parts or ":" in parts[0]:
        raise InvalidSource(f"{place}: the subdirectory {text} leads out of its source")
    return "/".join(part for part in parts if part not in ("", "."))


def _local_path(url: str, place: str) -> str:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    parts = urlsplit(url)
    path = url2pathname(parts.path)
    if parts.netloc not in ("", "localhost") or not os.path.isabs(path):
        raise InvalidSource(
            f"{place} names no file of this machine: {_shown(url)}",
            why="a file URL has three slashes and an absolute path: file:///home/me/name",
            hint='for a relative path, use [tool.hutch.sources]: name = { path = "../name" }',
        )
    return os.path.normpath(path)


def _hashes(said: dict[str, str]) -> tuple[tuple[str, str], ...]:
    from hutch.spec import PROOF_ALGORITHMS

    return tuple(
        sorted((name, value.lower()) for name, value in said.items() if name.lower() in PROOF_ALGORITHMS)
    )


def _refuse_controls(text: str, place: str) -> None:
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text):
        raise InvalidSource(f"{place}: the address of a source has control characters")


def _shown(url: str) -> str:
    from hutch.lock import without_credentials
    from hutch.spec import safe_text

    return safe_text(without_credentials(url))
