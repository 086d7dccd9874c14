"""Words on a line: cleaning, wrapping, cutting. Without ``re`` and ``textwrap``, which cost 5 ms."""

from __future__ import annotations

__all__ = ["clean", "columns", "count", "cut", "duration", "size", "up_to_date", "width_of", "wrap"]


def clean(text: str) -> str:
    """One line that cannot move the cursor, colour the screen or turn the writing direction round."""
    from hutch.spec import safe_text

    return safe_text(text)


def width_of(text: str) -> int:
    """Columns that ``text`` takes: wide East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 1 + (east_asian_width(letter) in "WF") for letter in text)


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Break ``text`` at spaces into lines of at most ``width`` columns.

    ``first`` begins the first line and ``rest`` the others. A word longer than a line is left whole: a broken
    path or URL can neither be clicked nor copied.
    """
    lines, line, started = [], first, False
    for word in text.split():
        if started and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line, started = rest, False
        line = f"{line} {word}" if started else line + word
        started = True
    lines.append(line)
    return lines


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns, with an ellipsis where something is missing."""
    if width_of(text) <= width:
        return text
    kept = ""
    for letter in text:
        if width_of(kept + letter) > width - 1:
            break
        kept += letter
    return f"{kept}…" if width > 0 else ""


def columns(rows: list[tuple[str, ...]], *, gap: str = "  ") -> list[str]:
    """Left-aligned columns, the last one ragged."""
    if not rows:
        return []
    widths = [max(width_of(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell + " " * (wide - width_of(cell)) for cell, wide in zip(row, widths, strict=True)]
        lines.append(gap.join(cells).rstrip())
    return lines


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 package``, ``2 packages``, ``2 libraries``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """``4 ms``, ``0.4 s``, ``12 s``, ``2 min 5 s``."""
    if seconds < 0.0995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s"


def size(number: float) -> str:
    """``312 B``, ``1.4 MiB``."""
    if number < 1024:
        return f"{number:.0f} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        number /= 1024
        if number < 999.5 or unit == "TiB":
            break
    return f"{number:.1f} {unit}" if number < 99.95 else f"{number:.0f} {unit}"


def up_to_date(packages: int, targets: int) -> str:
    """What is said of a lock that need not be written."""
    return f"The lock is up to date: {count(packages, 'package')} for {count(targets, 'target')}"
