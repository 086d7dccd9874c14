"""What something costs, counted: lines of hutch that ran, files that were opened. Never the clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["lines_run"]


def lines_run(work: Callable[[], Any], *rooms: str) -> int:
    """How many lines of the modules below ``rooms`` (``solve``, ``lock/check.py``) ran while ``work`` did."""
    count = 0
    parts = tuple(f"/hutch/{room}" for room in rooms)
    ours: dict[str, bool] = {}

    def inside(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
        return inside

    def entering(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if name not in ours:
            ours[name] = any(part in name.replace("\\", "/") for part in parts)
        return inside if ours[name] else None

    before = sys.gettrace()
    sys.settrace(entering)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
