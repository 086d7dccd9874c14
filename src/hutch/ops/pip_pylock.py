"""``pylock.toml`` (PEP 751) where the ``pip`` commands take a file: ``-r pylock.toml``, ``pip sync``."""

from __future__ import annotations

import os

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedFile, LockedPackage
    from hutch.ops.context import Context

__all__ = ["is_lock", "of_lock"]


def is_lock(name: str) -> bool:
    """``pylock.toml``, ``pylock.NAME.toml`` (PEP 751)."""
    base = os.path.basename(name)
    return base.startswith("pylock.") and base.endswith(".toml")


def of_lock(context: Context, name: str, base: str, interpreter: Interpreter) -> tuple[LockedPackage, ...]:
    """The entries of a lock that belong into the environment; no version is chosen here."""
    from hutch.lock import parse_lock, select
    from hutch.ops.checkout import read_text
    from hutch.ops.pip_files import shown_path

    path = context.path(name)
    lock = parse_lock(read_text(path), filename=shown_path(context, path))
    return tuple(
        replace(
            package,
            wheels=tuple(_located(file, base) for file in package.wheels),
            sdist=_located(package.sdist, base) if package.sdist is not None else None,
        )
        for package in select(lock, interpreter.marker_environment)
    )


def _located(file: LockedFile, base: str) -> LockedFile:
    """A file that lies beside the lock, by its URL."""
    if file.url is not None or file.path is None:
        return file
    from pathlib import Path

    return replace(file, url=Path(base, file.path).resolve().as_uri())
