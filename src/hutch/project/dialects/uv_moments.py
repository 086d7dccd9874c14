"""Points in time as uv writes them, as hutch does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["moment_of"]

_DAYS = {"day": 1, "week": 7, "d": 1, "w": 7}
_HOURS = {"hour": 1, "hr": 1, "h": 1}


def moment_of(value: Any) -> Any:
    """The same for ``[tool.hutch]``; what is neither a date nor a span is given back as it is.

    A day without a time means all of that day to uv, and its beginning to hutch. Spans are "30 days" or of
    ISO 8601 (``P30D``, ``PT12H``).
    """
    from datetime import date, datetime, timedelta

    if isinstance(value, str):
        text = value.strip()
        if span := _span(text):
            return span
        try:
            value = date.fromisoformat(text) if len(text) <= 10 else text
        except ValueError:
            return value
    if isinstance(value, date) and not isinstance(value, datetime):
        try:
            return (value + timedelta(days=1)).isoformat() + "T00:00:00Z"
        except OverflowError:
            return value
    return value


def _span(text: str) -> str | None:
    """``P1W2D`` → ``9 days``; None for what is no span of whole days, weeks or hours."""
    import re

    iso = re.fullmatch(r"P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(\d{1,7})H)?", text, re.ASCII | re.IGNORECASE)
    if iso is not None and any(iso.groups()):
        weeks, days, hours = (int(each or 0) for each in iso.groups())
        whole = 7 * weeks + days
        return f"{24 * whole + hours} hours" if hours else f"{whole} days"
    words = re.findall(r"(\d{1,7})\s*([a-z]+)", text.lower(), re.ASCII)
    if not words or re.sub(r"\d+\s*[a-z]+[\s,]*(?:ago)?", "", text.lower(), flags=re.ASCII).strip():
        return None
    hours = 0
    for number, unit in words:
        unit = unit if len(unit) == 1 else unit.removesuffix("s")
        if unit not in _DAYS and unit not in _HOURS:
            return None
        hours += int(number) * (24 * _DAYS[unit] if unit in _DAYS else 1)
    return f"{hours // 24} days" if hours % 24 == 0 else f"{hours} hours"
