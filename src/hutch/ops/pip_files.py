"""Requirements files of the ``pip`` commands, read, and what their options say of indexes.

Files are read before all else, because their options (``--index-url`` …) are options of the command.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from hutch.events import Notice
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.project import Asked, FileOption

__all__ = ["SOURCES", "Files", "read_files", "set_flags", "shown_path"]

SOURCES = ("pyproject.toml", "setup.py", "setup.cfg")

MOST = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What the requirements files say, and the manifests among what was named. ``included`` are the paths of
    files that a file names, and whether as constraints."""

    asked: tuple[Asked, ...] = ()
    options: tuple[FileOption, ...] = ()
    manifests: tuple[str, ...] = ()
    included: tuple[tuple[str, bool], ...] = ()

    def says(self, name: str) -> bool:
        """Is there such a switch in a file?"""
        return any(option.name == name for option in self.options)

    @property
    def require_hashes(self) -> bool:
        """One hash anywhere, and everything needs one (pip's rule)."""
        said = [option.name for option in self.options if option.name.endswith("require-hashes")]
        if said and said[-1] == "no-require-hashes":
            return False
        return bool(said) or any(asked.hashes for asked in self.asked)


def shown_path(context: Context, path: str) -> str:
    """A path as the user would write it from where the user stands."""
    if not os.path.isabs(path):
        from hutch.lock import without_credentials

        return without_credentials(path)
    relative = os.path.relpath(path, context.directory)
    return relative if not relative.startswith("..") else path


def read_files(
    context: Context, files: Iterable[str], constraints: Iterable[str] = (), *, empty: Collection[str] = ()
) -> Files:
    """Read requirements files (``-`` is standard input) and constraints; manifests are set aside. Those with
    the paths ``empty`` are taken to say nothing."""
    import locale

    from hutch.ops.pip_remote import is_remote, read_remote
    from hutch.project import read_requirements

    def read(path: str) -> bytes:
        if path in empty:
            return b""
        return read_remote(context, path) if is_remote(path) else _read(path)

    included: list[tuple[str, bool]] = []
    asked: list[Asked] = []
    options: list[FileOption] = []
    manifests: list[str] = []
    encoding = locale.getpreferredencoding(False)
    for name, constraint in (*((name, False) for name in files), *((name, True) for name in constraints)):
        path = "-" if os.path.basename(name) == "-" else name if is_remote(name) else context.path(name)
        if os.path.basename(path) in SOURCES and not constraint:
            manifests.append(path)
            continue
        found = read_requirements(
            path,
            read,
            join=_join,
            shown=lambda each: shown_path(context, each),
            environ=context.environ,
            constraint=constraint,
            encoding=encoding,
            foreign=is_remote,
        )
        asked += found.asked
        options += found.options
        included += [(os.path.abspath(path), True)] if constraint and not is_remote(path) else []
        included += found.included
        for notice in found.notices:
            context.emit(Notice(notice, warning=True))
    return Files(
        asked=tuple(asked), options=tuple(options), manifests=tuple(manifests), included=tuple(included)
    )


def _read(path: str) -> bytes:
    from hutch.ops.checkout import UnreadableFile

    if path == "-":
        import sys

        return sys.stdin.buffer.read()
    try:
        with open(path, "rb") as file:
            # A pipe may be one (`-r <(…)`); /dev/zero, to which a repository may have a link, has no end.
            data = file.read(MOST + 1)
            if len(data) > MOST:
                raise UnreadableFile(path, "read", "it is larger than any such file")
            return data
    except OSError as error:
        raise UnreadableFile(path, "read", error.strerror or str(error)) from None


def _join(container: str, text: str) -> str:
    """The path that ``-r text`` means: from the directory of the file that says it."""
    from hutch.ops.pip_remote import is_remote, join_remote

    if is_remote(text) or is_remote(container):
        return join_remote(container, text)
    if text.startswith("file:"):
        return _from_url(text)
    directory = "" if container == "-" else os.path.dirname(container)
    return os.path.normpath(os.path.join(directory or os.getcwd(), os.path.expanduser(text)))


def _from_url(url: str) -> str:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return os.path.normpath(url2pathname(urlsplit(url).path))


# -- options of the files ---------------------------------------------------------------------


def set_flags(context: Context, files: Files) -> None:
    """Make options of the files options of the command: what was typed is the stronger.

    As for pip, they hold for the whole run and not for their file; the last ``--index-url`` wins.
    """
    flags = context.flags
    for name in ("only-binary", "no-binary"):
        if name in flags:
            flags[name] = tuple(_words(flags[name]))
    many: dict[str, list[str]] = {}
    last: dict[str, object] = {}
    for option in files.options:
        if option.name == "index-url":
            last["index-url"] = option.value
        elif option.name == "no-index":
            last["no-index"] = True
        elif option.name == "find-links":
            many.setdefault(option.name, []).append(_place(context, option.value, option.container))
        elif option.name == "extra-index-url":
            many.setdefault(option.name, []).append(option.value)
        elif option.name == "trusted-host":
            context.trusted_by_files += (option.value,)
        elif option.name in ("only-binary", "no-binary"):
            many.setdefault(option.name, []).extend(_words((option.value,)))
    for name, value in last.items():
        flags.setdefault(name, value)
    for name, values in many.items():
        typed = flags.get(name) or ()
        flags[name] = (*(typed if isinstance(typed, tuple) else (typed,)), *values)


def _words(value: object) -> list[str]:
    texts = value if isinstance(value, tuple) else (value,)
    return [word.strip() for text in texts for word in str(text).split(",") if word.strip()]


def _place(context: Context, text: str, container: str) -> str:
    """``--find-links`` of a file: from its directory if that is there, else from where the user stands."""
    if "://" in text or text.startswith("file:") or os.path.isabs(text) or container == "-":
        return text
    beside = os.path.join(os.path.dirname(container), text)
    return beside if os.path.exists(beside) else context.path(text)
