"""Virtual environments as seen from their interpreter: `pyvenv.cfg`, and the Python behind them.

Follows PEP 405 and `getpath` of CPython 3.11 and newer: the file lies beside the interpreter or one
directory above it, the path of the interpreter is not resolved for that, and ``home`` names the
directory of the Python that the environment was made from.
"""

from __future__ import annotations

import os

from hutch.plain import without_waiting
from hutch.values import dataclass

__all__ = ["EnvironmentFile", "base_candidates", "parse_pyvenv", "read_environment_file"]

LARGEST = 64 * 1024
"""A `pyvenv.cfg` is a few lines; what is larger is no such file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFile:
    """A `pyvenv.cfg`: the environment that it makes, and its keys in lower case."""

    prefix: str
    path: str
    values: dict[str, str]
    size: int
    mtime_ns: int

    @property
    def home(self) -> str:
        """The directory of the base interpreter; ``""`` if the file does not say."""
        return self.values.get("home", "")


def parse_pyvenv(text: str) -> dict[str, str]:
    """The ``key = value`` lines of a `pyvenv.cfg`; keys in lower case, the first of equal keys wins."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            values.setdefault(key.strip().lower(), value.strip())
    return values


def read_environment_file(executable: str) -> EnvironmentFile | None:
    """The `pyvenv.cfg` that the interpreter at ``executable`` (absolute, links kept) would obey."""
    directory = os.path.dirname(executable)
    prefix = os.path.dirname(directory)
    for path in (os.path.join(directory, "pyvenv.cfg"), os.path.join(prefix, "pyvenv.cfg")):
        try:
            with open(path, "rb", opener=without_waiting) as file:
                status = os.fstat(file.fileno())
                text = file.read(LARGEST).decode("utf-8", "surrogateescape")
        except (OSError, ValueError):
            continue
        values = parse_pyvenv(text)
        if "home" not in values:
            continue  # getpath takes a file without `home` for no environment
        # `site` makes the parent of the interpreter's directory the environment, wherever the file is.
        return EnvironmentFile(
            prefix=prefix, path=path, values=values, size=status.st_size, mtime_ns=status.st_mtime_ns
        )
    return None


def base_candidates(file: EnvironmentFile, executable: str) -> list[str]:
    """Where the Python behind an environment may be, the likeliest first; they need not exist.

    `virtualenv` says it outright (``base-executable``); else it is in ``home``, under the name that
    the environment uses or under one of the usual names.
    """
    names = [os.path.basename(executable)]
    version = file.values.get("version") or file.values.get("version_info") or ""
    parts = version.split(".")
    minor = ".".join(parts[:2]) if len(parts) > 1 and parts[0].isdigit() and parts[1].isdigit() else ""
    if os.name == "nt":
        names += ["python.exe", "pypy3.exe", "graalpy.exe"]
    else:
        names += ["python3", *([f"python{minor}"] if minor else []), "python", "pypy3", "graalpy"]
    found: list[str] = []
    said = file.values.get("base-executable")
    if said and os.path.isabs(said):
        found.append(said)
    if os.path.isabs(file.home):
        found += [os.path.join(file.home, name) for name in names]
    return list(dict.fromkeys(found))
