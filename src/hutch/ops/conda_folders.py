"""Channels that are folders of a project: relative paths in the lock, addresses everywhere else."""

from __future__ import annotations

import os

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hutch.lock import CondaLock

__all__ = ["located", "portable", "relative_folders"]


def relative_folders(channels: Iterable[str]) -> tuple[str, ...]:
    """Those of a project's channels that are folders, seen from the project."""
    return tuple(each for each in channels if each.startswith(("./", "../", ".\\", "..\\")) or each == ".")


def _address(folder: str, path: str) -> str:
    from urllib.request import pathname2url

    return f"file://{pathname2url(os.path.normpath(os.path.join(folder, path)))}"


def portable(part: CondaLock, folder: str, channels: Iterable[str]) -> CondaLock:
    """The part as a lock in ``folder`` has it: what ``channels`` names by a relative path stays one."""
    known = {_address(folder, path): path.replace("\\", "/") for path in relative_folders(channels)}
    return _renamed(part, lambda channel: known.get(channel.rstrip("/"), channel)) if known else part


def located(part: CondaLock, folder: str) -> CondaLock:
    """The part as it is used: with addresses."""
    if not any(relative_folders(part.channels)):
        return part

    def address(channel: str) -> str:
        return _address(folder, channel) if relative_folders([channel]) else channel

    return _renamed(part, address)


def _renamed(part: CondaLock, name: Callable[[str], str]) -> CondaLock:
    return replace(
        part,
        channels=tuple(map(name, part.channels)),
        worlds=tuple(replace(world, channels=tuple(map(name, world.channels))) for world in part.worlds),
        packages=tuple(
            replace(each, record=replace(each.record, channel=name(each.record.channel)))
            for each in part.packages
        ),
    )
