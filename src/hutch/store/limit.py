"""How large a store may become."""

from __future__ import annotations

import os

__all__ = ["Limit", "parse_limit", "shown_size", "usual_limit"]

_UNITS = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_UNITS |= {f"{unit}b": number for unit, number in _UNITS.items() if unit not in ("", "b")}
_UNITS |= {f"{unit}ib": 1024**power for power, unit in enumerate("kmgt", 1)}
_USUAL, _USUAL_SHARE, _LEAST = 20 << 30, 10, 2 << 30


class Limit:
    """A number of bytes, a share of the disk in percent, or (both None) no limit."""

    __slots__ = ("bytes", "percent")

    def __init__(self, number: int | None = None, percent: float | None = None) -> None:
        self.bytes = number
        self.percent = percent

    def on(self, root: str) -> int | None:
        """In bytes, for a store in the folder ``root``; None without limit."""
        if self.percent is not None:
            disk = _disk_size(root)
            return None if disk is None else int(disk * self.percent / 100)
        return self.bytes


def parse_limit(text: str) -> Limit | None:
    """``20 GiB``, ``500MB``, ``10 %``, ``0`` or ``none``; None if it is nothing of that kind."""
    text = text.strip().lower()
    if text == "none":
        return Limit()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz% ")
    unit = text[len(number) :].strip()
    try:
        value = float(number)
    except ValueError:
        return None
    if not 0 <= value < 1e18:  # also refuses nan
        return None
    if unit == "%":
        return Limit(percent=value) if value <= 100 else None
    return Limit(int(value * _UNITS[unit])) if unit in _UNITS else None


def usual_limit(root: str) -> int:
    """20 GiB, or a tenth of a disk that is smaller than ten times that; but never less than 2 GiB."""
    disk = _disk_size(root)
    return _USUAL if disk is None else max(_LEAST, min(_USUAL, disk * _USUAL_SHARE // 100))


def shown_size(number: int) -> str:
    """Bytes for people: ``1.5 GiB``."""
    size = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def _disk_size(root: str) -> int | None:
    """Bytes of the file system that the folder is on, or will be."""
    import shutil

    while True:
        try:
            return shutil.disk_usage(root).total
        except OSError:
            above = os.path.dirname(root)
            if above == root:
                return None
            root = above
