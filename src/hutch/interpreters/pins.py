"""`.python-version` and its like, and pyenv: which Python a directory asks for, without running a shim.

The nearest directory upwards with a file that names something counts; ``pin_files`` has their order.

pyenv's rules: ``PYENV_VERSION`` (names separated by colons) wins; else the nearest `.python-version`
upwards; else ``$PYENV_ROOT/version``. Of each line the first word counts; blank lines and comments do
not; a name that holds a slash or is ``..`` is refused (CVE-2022-35861); a leading ``python-`` is dropped;
``3.12`` stands for the latest 3.12.x that is installed.
"""

from __future__ import annotations

import os

from hutch.interpreters.pin_files import PIN_FILES, names_in
from hutch.plain import read_plain
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Pin",
    "decoded",
    "global_pins",
    "names_of_file",
    "nearest_pin",
    "parse_python_version_file",
    "pyenv_selected",
    "pyenv_version_directory",
    "pyenv_versions",
]

LARGEST = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What a directory asks for: one or more names, the first is meant first, and the file that says so."""

    names: tuple[str, ...]
    origin: str


def parse_python_version_file(text: str) -> tuple[str, ...]:
    """The names in a `.python-version` file, in order. A path (as uv writes it) is a name too."""
    return names_in(".python-version", text)


def nearest_pin(directory: str, filenames: tuple[str, ...] = PIN_FILES) -> Pin | None:
    """What the nearest file from ``directory`` upwards asks for, of those that name something."""
    current = os.path.abspath(directory)
    while True:
        for filename in filenames:
            path = os.path.join(current, filename)
            names = names_of_file(path)
            if names:
                return Pin(names=names, origin=path)
        above = os.path.dirname(current)
        if above == current:
            return None
        current = above


def global_pins(path: str, pyenv_root: str) -> Iterator[Pin]:
    """What holds where nobody else says anything: hutch's file at ``path``, then pyenv's ``version``."""
    for file in (path, os.path.join(pyenv_root, "version") if pyenv_root else ""):
        names = names_of_file(file) if file else ()
        if names:
            yield Pin(names=names, origin=file)


def names_of_file(path: str) -> tuple[str, ...]:
    """What one file asks for; () where it names nothing, or cannot be read."""
    try:
        text = decoded(read_plain(path)[:LARGEST])
        name = os.path.basename(path)
        return names_in(name if name in PIN_FILES else ".python-version", text)
    except (OSError, ValueError):
        return ()


def decoded(data: bytes, errors: str = "replace") -> str:
    """The text of such a file. What a user of Windows writes with PowerShell's ``>`` is UTF-16."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data[: len(data) & ~1].decode("utf-16", "replace")
    return data.decode("utf-8", errors)


def pyenv_selected(root: str, version: str, directory: str) -> tuple[str, ...]:
    """The names that pyenv would take in ``directory``; ``version`` is the value of ``PYENV_VERSION``."""
    if version:
        return tuple(name for name in version.split(":") if name)
    pin = nearest_pin(directory, (".python-version",)) if directory else None
    if pin is not None:
        return pin.names
    return names_of_file(os.path.join(root, "version")) or ("system",)


def pyenv_versions(root: str) -> tuple[str, ...]:
    """The directories in pyenv's `versions`, sorted by name."""
    try:
        with os.scandir(os.path.join(root, "versions")) as entries:
            return tuple(sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != "."))
    except OSError:
        return ()


def pyenv_version_directory(root: str, name: str) -> str | None:
    """The directory of the version or environment that pyenv knows as ``name``; None if it has none.

    ``3.11.7/envs/name`` is how pyenv-virtualenv spells an environment in full.
    """
    import re

    spelled = re.fullmatch(r"[^/\\]+/envs/[^/\\]+", name)
    if name in ("", ".", "..", "system") or "\0" in name or (("/" in name or "\\" in name) and not spelled):
        return None
    if ".." in name.split("/"):
        return None
    for wanted in (name, name.removeprefix("python-")):
        path = os.path.join(root, "versions", *wanted.split("/"))
        if os.path.isdir(path):
            return path
    return _latest(root, name.removeprefix("python-"))


def _latest(root: str, prefix: str) -> str | None:
    """``3.12`` → the directory of the highest stable ``3.12.N``; pre-releases and variants do not count.

    As `pyenv latest` has it: ``3.13t`` is the highest ``3.13.Nt``, ``pypy3.10`` the highest ``pypy3.10-…``.
    """
    import re

    stem = prefix.removesuffix("t") if prefix[-2:-1].isdigit() else prefix
    ending = prefix[len(stem) :]
    best: tuple[tuple[int, ...], str] | None = None
    for name in pyenv_versions(root):
        rest = name[len(stem) : len(name) - len(ending)]
        if not name.startswith(stem) or rest[:1] not in ("-", ".") or not name.endswith(ending):
            continue
        if re.search(r"(-dev|-src|-latest|(a|b|rc)\d+)$", name) or (not ending and re.search(r"\dt$", name)):
            continue
        key = tuple(int(number) for number in re.findall(r"\d+", rest))
        if not best or key > best[0]:
            best = (key, name)
    return os.path.join(root, "versions", best[1]) if best else None
