"""Which projects the user has trusted, and which not: what the shell hook and the shim go by.

A project's answer is a small file, in a folder below ``<data>/trust/at`` that is called as the project is:
``/home/me/demo`` is trusted if ``<data>/trust/at/home/me/demo/.hutch-allowed`` says so. So no list is to be
searched, no name to be quoted, a parent says nothing of its children, and a shell needs one ``-f`` to see
that an answer has come or gone. What it covers and when it lapses: ``docs/adr/0028-what-trust-covers.md``.

    hutch trust 1
    root 1234            the inode of the project's folder: another folder of that name is another project
    environment 5678     the inode of .venv (or of .python-envs), - if there was none
    made 17.000000042    the date of its pyvenv.cfg (or of that file): inodes are used again, - if none
    path /home/me/demo   for `hutch allow --list`

Imports next to nothing: the hook asks for this on entering a project.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "ALLOWED",
    "DENIED",
    "ENV_FILES",
    "allow_environment",
    "allow_env_files",
    "deny",
    "environment_in",
    "every_mark",
    "forget",
    "forget_env_files",
    "is_trusted",
    "mark_path",
    "made_here",
    "trusted_env_files",
    "verdict",
]

ALLOWED, DENIED, ENV_FILES = ".hutch-allowed", ".hutch-denied", ".hutch-env-files"
_NAMES = (ALLOWED, DENIED, ENV_FILES)
_FIRST = "hutch trust 1"
_LARGEST = 16384
_ENVIRONMENTS = (".venv", ".python-envs")


def is_trusted(data_dir: str, root: str) -> bool:
    """Whether the user has said that the environment of the project in ``root`` may be used unasked.

    False, too, if the answer has lapsed, or lies where somebody else could have written it.
    """
    return verdict(data_dir, root) == "allowed"


def verdict(data_dir: str, root: str) -> str:
    """``allowed``, ``denied``, ``unknown``, or ``lapsed``: allowed once, and not as it was then."""
    root = os.path.realpath(root)
    if not _is_private(os.path.join(data_dir, "trust")):
        return "unknown"
    if _read(mark_path(data_dir, root, DENIED)) is not None:
        return "denied"
    said = _read(mark_path(data_dir, root, ALLOWED))
    if said is None:
        return "unknown"
    same = said.get("root") == _inode(root) and said.get("environment") == _environment(root)
    return "allowed" if same and said.get("made") == _made(root) else "lapsed"


def allow_environment(data_dir: str, root: str) -> str:
    """Trust the project in ``root`` as it is now; the path of the mark. Raises ``OSError``."""
    root = os.path.realpath(root)
    path = mark_path(data_dir, root, ALLOWED)
    inode = _inode(root)
    if "\n" in root or any(name in root.split(os.sep) for name in _NAMES):
        raise OSError(None, "hutch cannot keep an answer for a path like this")
    _make_private(data_dir)
    what = f"root {inode}\nenvironment {_environment(root)}\nmade {_made(root)}\npath {root}\n"
    _write(path, f"{_FIRST}\n{what}")
    _remove(mark_path(data_dir, root, DENIED))
    return path


def allow_env_files(data_dir: str, root: str, digest: str) -> None:
    """Trust env files of exactly these contents (`hutch.ops.env_files` says what ``digest`` is of)."""
    _make_private(data_dir)
    _write(mark_path(data_dir, root, ENV_FILES), f"{_FIRST}\ncontents {digest}\n")


def trusted_env_files(data_dir: str, root: str) -> str | None:
    """The digest of the env files that are trusted, of a project that is."""
    if not is_trusted(data_dir, root):
        return None
    said = _read(mark_path(data_dir, root, ENV_FILES))
    return None if said is None else said.get("contents")


def deny(data_dir: str, root: str) -> bool:
    """Never use anything of the project in ``root`` unasked; whether it was trusted before."""
    root = os.path.realpath(root)
    was = os.path.lexists(mark_path(data_dir, root, ALLOWED))
    if os.path.isdir(root):
        _make_private(data_dir)
        _write(mark_path(data_dir, root, DENIED), f"{_FIRST}\nroot {_inode(root)}\npath {root}\n")
    else:
        _remove(mark_path(data_dir, root, DENIED))
    forget(data_dir, root)
    return was


def forget(data_dir: str, root: str) -> None:
    """Take a trust back that has lapsed: the next question is a new one."""
    _remove(mark_path(data_dir, root, ENV_FILES))
    _remove(mark_path(data_dir, root, ALLOWED))


def forget_env_files(data_dir: str, root: str) -> None:
    """The same for the env files alone."""
    _remove(mark_path(data_dir, root, ENV_FILES))


def environment_in(root: str) -> str | None:
    """The environment of the project in ``root``: ``.venv``, or where it or ``.python-envs`` points."""
    venv = os.path.join(root, ".venv")
    if _is_environment(venv):
        return venv
    for name in _ENVIRONMENTS:
        lines = [line.strip() for line in _text(os.path.join(root, name)).splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        if lines:
            path = os.path.normpath(os.path.join(root, lines[-1]))
            return path if _is_environment(path) else None
    return None


def _is_environment(path: str) -> bool:
    return any(os.path.isfile(os.path.join(path, mark)) for mark in ("pyvenv.cfg", "conda-meta/history"))


def _leads_elsewhere(root: str, environment: str) -> bool:
    """Whether something in ``root``, perhaps of a checkout, is or leads to another than ``environment``."""
    if not any(os.path.lexists(os.path.join(root, name)) for name in _ENVIRONMENTS):
        return False
    found = environment_in(root)
    return found is None or os.path.realpath(found) != os.path.realpath(environment)


def _text(path: str) -> str:
    from hutch.plain import read_plain

    try:
        return read_plain(path, _LARGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def made_here(
    environ: Mapping[str, str], environment: str, data_dir: str | None = None, project: str | None = None
) -> None:
    """Hutch has just made ``environment``, or a file that leads to it, as its user wanted: that is trust in a
    ``.venv``, and in what ``project`` has in the central place, unless denied.

    It must not fail: who cannot write it down is asked by the hook.
    """
    root, name = os.path.split(environment)
    if name != ".venv" and project is None:
        return
    try:
        from hutch.ops.env_places import data_at_hand, project_folder

        data_dir = data_dir or data_at_hand(environ)
        if data_dir is None:
            return
        if name != ".venv" and project is not None:
            if root != project_folder(data_dir, project) or _leads_elsewhere(project, environment):
                return
            root = project
        if verdict(data_dir, root) in ("unknown", "lapsed"):
            allow_environment(data_dir, root)
    except OSError:
        pass


def every_mark(data_dir: str) -> Iterator[tuple[str, str]]:
    """(path of the project, verdict) of all that was ever said; ``gone`` where there is no such folder."""
    top = os.path.join(data_dir, "trust", "at")
    for folder, folders, files in os.walk(top):
        folders.sort()
        name = DENIED if DENIED in files else ALLOWED
        said = _read(os.path.join(folder, name)) if name in files else None
        root = said.get("path") if said else None
        if root:
            yield root, verdict(data_dir, root) if os.path.isdir(root) else "gone"


def mark_path(data_dir: str, root: str, name: str) -> str:
    """The file in which an answer stands. ``root`` has no links in it."""
    drive, rest = os.path.splitdrive(os.path.realpath(root))
    parts = [part for part in drive.replace(":", "").replace("\\", "/").split("/") if part]
    return os.path.join(data_dir, "trust", "at", *parts, rest.strip("/\\"), name)


def _inode(path: str) -> str:
    return str(os.stat(path).st_ino)


def _environment(root: str) -> str:
    """What says that the environment is still the one that was there."""
    for name in _ENVIRONMENTS:
        try:
            return _inode(os.path.join(root, name))
        except OSError:
            pass
    return "-"


def _made(root: str) -> str:
    """When that environment was made, as far as its files tell."""
    if not os.path.lexists(os.path.join(root, ".venv", "pyvenv.cfg")):
        first = _first_line(os.path.join(root, ".venv", "conda-meta", "history"))
        if first:
            return first  # its date is that of the last change
    for name in (".venv/pyvenv.cfg", *_ENVIRONMENTS):
        try:
            seconds, rest = divmod(os.stat(os.path.join(root, name)).st_mtime_ns, 1_000_000_000)
        except OSError:
            continue
        return f"{seconds}.{rest:09}"
    return "-"


def _first_line(path: str) -> str:
    """When conda says that an environment was made, as one word: ``==> 2026-11-21 01:02:03 <==``."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return ""
        with open(path, "rb") as file:
            line = file.readline(80).decode("ascii", "replace")
    except OSError:
        return ""
    return "".join(each for each in line if each.isalnum())


def _is_private(path: str) -> bool:
    try:
        return _is_mine(os.lstat(path), stat.S_ISDIR)
    except OSError:
        return False


def _is_mine(status: os.stat_result, kind: object) -> bool:
    assert callable(kind)
    if not kind(status.st_mode):
        return False
    return os.name == "nt" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _read(path: str) -> dict[str, str] | None:
    """The words of a mark; None if there is none, or if it is not this user's own."""
    try:
        with open(path, "rb") as file:
            if not _is_mine(os.lstat(path), stat.S_ISREG):
                return None
            lines = file.read(_LARGEST).decode("utf-8", "surrogateescape").split("\n")
    except OSError:
        return None
    if lines[0] != _FIRST:
        return None
    return dict(line.split(" ", 1) for line in lines[1:] if " " in line)


def _make_private(data_dir: str) -> None:
    """The folder of all answers, closed to others even where the data folder is not."""
    path = os.path.join(data_dir, "trust")
    os.makedirs(path, mode=0o700, exist_ok=True)
    if not _is_private(path):
        raise OSError(None, f"{path} belongs to somebody else, or can be written by others")


def _write(path: str, text: str) -> None:
    """All or nothing, and a new file each time: its date says when the answer was given."""
    folder, name = os.path.split(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    other = os.path.join(folder, f"{name}.{os.getpid()}")
    descriptor = os.open(other, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        os.replace(other, path)
    except BaseException:
        _remove(other)
        raise


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
