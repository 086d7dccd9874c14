"""Checks of where environments and the cache lie: file systems, paths, owners, bytecode."""

from __future__ import annotations

import os

from hutch.errors import some_lines
from hutch.ops.checks.values import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS", "network_type"]

_SYNCED = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud drive",
    "mobile documents",
    "nextcloud",
    "pcloud",
)
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "drvfs", "afs", "lustre", "ceph",
            "glusterfs", "fuse.glusterfs", "beegfs", "gpfs", "afpfs", "webdav", "davfs",
            "fuse.rclone")  # fmt: skip
_LOOKED_AT = 20_000


def _places(ground: Ground) -> list[tuple[str, str]]:
    """(what it is, where), of what hutch writes to."""
    found = []
    if ground.environment_root is not None:
        found.append(("the environment", ground.environment_root))
    if ground.configuration is not None:
        found.append(("the cache", ground.configuration.cache_dir))
    return found


def _existing(path: str) -> str:
    """The path, or what is above it and there."""
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _device(path: str) -> int | None:
    try:
        return os.stat(_existing(path)).st_dev
    except OSError:
        return None


@check(
    "cache-elsewhere",
    "Environments are on the same file system as the cache",
    group="hutch",
    severity="info",
    why="Files cannot be linked from one file system to another: each environment has copies, which take"
    " time and space.",
)
def cache_elsewhere(ground: Ground, say: Say) -> None:
    """Two devices."""
    configuration = ground.configuration
    if configuration is None or ground.environment_root is None or configuration.no_cache:
        return
    environment, cache = ground.environment_root, configuration.cache_dir
    if configuration.link_mode in ("copy", "tree", "symlink") or _device(environment) == _device(cache):
        return
    near = os.path.join(os.path.dirname(os.path.dirname(environment)) or environment, ".hutch-cache")
    say(
        "the environment is on another file system than the cache",
        seen=(f"the environment: {environment}", f"the cache: {cache}"),
        commands=(f"HUTCH_CACHE_DIR={near}, or cache-dir in your own hutch.toml", "HUTCH_LINK_MODE=copy"),
    )


@check(
    "slow-disk",
    "Neither the environment nor the cache is in a folder that is synchronised, or on a network",
    group="machine",
    severity="warning",
    why="An environment is tens of thousands of small files: a folder that is synchronised uploads them,"
    " and locks and half-loads them while they are used; on a network file system each one costs a round"
    " trip.",
)
def slow_disk(ground: Ground, say: Say) -> None:
    """OneDrive, Dropbox, iCloud; NFS, SMB, 9p."""
    for what, path in _places(ground):
        real = os.path.realpath(path)
        for part in real.split(os.sep):
            lowered = part.lower()
            if lowered in _SYNCED or lowered.startswith(("onedrive -", "dropbox (")):
                say(
                    f"{what} is in a folder that {part} synchronises",
                    seen=(path,),
                    commands=_elsewhere(what),
                )
                break
        else:
            kind = network_type(_existing(real))
            if kind:
                say(
                    f"{what} is on a network file system",
                    seen=(path, f"its type is {kind}"),
                    commands=_elsewhere(what),
                )


def _elsewhere(what: str) -> tuple[str, ...]:
    if what == "the cache":
        return ("HUTCH_CACHE_DIR=DIRECTORY, or cache-dir in your own hutch.toml",)
    return ('environment-place = "central" in hutch.toml', "HUTCH_PROJECT_ENVIRONMENT=DIRECTORY")


def network_type(path: str, mounts: str = "/proc/self/mounts") -> str:
    """The type of the file system that ``path`` is on, if that is one of a network; only Linux tells."""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as file:
            rows = [line.split(" ") for line in file]
    except OSError:
        return ""
    best, kind = "", ""
    for row in rows:
        if len(row) < 3:
            continue
        point = row[1].replace("\\040", " ")
        if (path == point or path.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
            best, kind = point, row[2]
    return kind if kind in _NETWORK else ""


@check(
    "odd-path",
    "The path of the environment gives no tool trouble",
    group="environment",
    severity="info",
    why="First lines of scripts are cut at 127 bytes and at spaces by the system: hutch writes others,"
    " pip and many tools do not. Windows has paths of 260 characters, unless told otherwise.",
)
def odd_path(ground: Ground, say: Say) -> None:
    """Length, spaces, letters."""
    root = ground.environment_root
    if root is None or not os.path.lexists(root):
        return
    seen = []
    line = len(os.fsencode(os.path.join(root, "bin", "python"))) + len("#!\n")
    if os.name == "nt" and len(root) > 140:
        seen.append(f"it has {len(root)} characters, to which those of packages are added")
    elif os.name != "nt" and line > 127:
        seen.append(f"a first line with it has {line} bytes")
    if any(each.isspace() for each in root):
        seen.append("it has a space in it")
    if not root.isascii():
        seen.append("it has letters that are not ASCII, which some builds cannot handle")
    if seen:
        say(
            "the path of the environment is one that some tools cannot handle",
            seen=(root, *seen),
            commands=('environment-place = "central" in hutch.toml', "HUTCH_PROJECT_ENVIRONMENT=DIRECTORY"),
        )


@check(
    "foreign-owner",
    "What is in the environment and in the cache belongs to you",
    group="machine",
    severity="error",
    why="Files that `sudo pip` or a container made belong to root: you can neither change nor remove"
    " them, and commands fail with `Permission denied`.",
)
def foreign_owner(ground: Ground, say: Say) -> None:
    """Files of root in what is one's own."""
    if not hasattr(os, "geteuid"):
        return
    me = os.geteuid()
    if me == 0:
        return
    for what, path in _places(ground):
        found = list(_of_others(path, me))
        if found:
            say(
                f"files in {what} belong to root",
                seen=some_lines(found, 5),
                commands=(f"sudo chown -R {me}:{os.getegid()} {_quoted(path)}",),
            )


def _of_others(root: str, me: int) -> Iterator[str]:
    """Up to a hundred paths below ``root`` that belong to root."""
    from hutch.trees import walk

    seen = told = 0
    for folder, directories, files in walk(root):
        for name in (".", *files, *directories):
            seen += 1
            try:
                owner = os.lstat(os.path.join(folder, name)).st_uid
            except OSError:
                continue
            if owner == 0 and owner != me and name != ".":
                told += 1
                yield os.path.join(folder, name)
        if seen > _LOOKED_AT or told > 100:
            return


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)


@check(
    "no-bytecode",
    "Modules are compiled once, and not at each start",
    group="environment",
    severity="info",
    why="Python compiles every module again at every start where it finds no bytecode and may write none:"
    " imports take two to three times as long.",
)
def no_bytecode(ground: Ground, say: Say) -> None:
    """`PYTHONDONTWRITEBYTECODE`, or a place that cannot be written; and no bytecode there."""
    environment, variable = ground.environment, ground.environ.get("PYTHONDONTWRITEBYTECODE", "")
    if environment is None or environment.python_outside:
        return
    site = os.path.join(environment.root, environment.purelib)
    writable = os.access(site, os.W_OK)
    if (not variable and writable) or ground.environ.get("PYTHONPYCACHEPREFIX"):
        return
    missing = _without_bytecode(site)
    if not missing:
        return
    seen = [f"PYTHONDONTWRITEBYTECODE={variable}"] if variable else [f"{site} cannot be written"]
    have = " and others have" if len(missing) > 4 else " has" if len(missing) == 1 else " have"
    seen.append(f"{', '.join(missing[:4])}{have} no bytecode")
    say(
        "Python compiles what is installed again at each start",
        seen=tuple(seen),
        commands=(
            "hutch sync --reinstall --compile",
            f"env -u PYTHONDONTWRITEBYTECODE {_quoted(environment.executable)} -m compileall {_quoted(site)}",
        )
        if writable
        else ("PYTHONPYCACHEPREFIX=FOLDER, with a folder that can be written",),
    )


def _without_bytecode(site: str) -> list[str]:
    """Packages at the top of ``site`` that have modules and no bytecode."""
    found = []
    try:
        names = sorted(os.listdir(site))
    except OSError:
        return []
    for name in names:
        path = os.path.join(site, name)
        if os.path.isfile(os.path.join(path, "__init__.py")):
            try:
                compiled = os.listdir(os.path.join(path, "__pycache__"))
            except OSError:
                compiled = []
            if not any(each.endswith(".pyc") for each in compiled):
                found.append(name)
    return found


CHECKS = (cache_elsewhere, slow_disk, odd_path, foreign_owner, no_bytecode)
