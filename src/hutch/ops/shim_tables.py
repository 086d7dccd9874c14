"""What the shims know: two tables of plain files below ``<data>/shims``, which only hutch writes.

``by-name/3.12`` has the path of a Python; ``by-file/home/me/demo/mise.toml`` has what that file comes to, one
name or path a line. Both are believed while no watched folder is younger than ``stamp``
(docs/explanation/shims.md). Tables are hints that can be thrown away at any time: what goes wrong here
is nobody's problem.
"""

from __future__ import annotations

import os

__all__ = ["ShimTables", "forget_shim_tables", "is_plain_name", "shims_folder"]

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+@-")
LONGEST = 64


def shims_folder(data_dir: str) -> str:
    """The folder to put on PATH; it need not be there."""
    return os.path.join(data_dir, "shims")


def is_plain_name(word: str) -> bool:
    """Whether a word of a pin file may be a name in the table: nothing that is a path, an option, or long."""
    return 0 < len(word) <= LONGEST and word[0] not in ".-" and _LETTERS.issuperset(word)


def forget_shim_tables(data_dir: str) -> None:
    """Pythons, environments or pins have changed: the shims look again. Does nothing where there are none."""
    folder = shims_folder(data_dir)
    if os.path.isdir(folder):
        ShimTables(folder).forget()


class ShimTables:
    """The tables in one folder of shims."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.stamp = os.path.join(folder, "stamp")

    def begin(self, watched: tuple[str, ...]) -> bool:
        """Before anything is noted: tables that are older than a folder with Pythons go. Whether they did."""
        try:
            begun = os.stat(self.stamp).st_mtime_ns
            if all(_changed(path) < begun for path in watched):
                return False
        except OSError:
            pass
        self.forget()
        try:
            _write(self.stamp, "")
        except OSError:
            pass
        return True

    def forget(self) -> None:
        """Throw both tables away. The stamp goes first: without it nothing is believed."""
        import shutil

        try:
            os.unlink(self.stamp)
        except OSError:
            pass
        for name in ("by-name", "by-file"):
            shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)

    def note_name(self, name: str, python: str) -> None:
        """A name stands for this Python."""
        if is_plain_name(name) and os.path.isabs(python) and "\n" not in python:
            self._note(os.path.join(self.folder, "by-name", name), python + "\n")

    def note_file(self, path: str, lines: tuple[str, ...]) -> None:
        """A file comes to these names and paths of Pythons."""
        if not any("\n" in line for line in lines):
            self._note(self.folder + "/by-file" + path, "".join(line + "\n" for line in lines))

    def _note(self, path: str, text: str) -> None:
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            _write(path, text)
        except (OSError, ValueError):
            pass  # the next call looks again


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _write(path: str, text: str) -> None:
    other = f"{path}.{os.getpid()}.new"
    descriptor = os.open(other, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with open(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
    os.replace(other, path)
