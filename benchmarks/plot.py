"""Curves as small SVG files, readable on light and dark pages: one panel for each command.

Both axes are logarithmic: what grows in step with the size rises as the dotted line does. One is what hutch
needs at the smallest size, so that nobody takes a figure for a promise.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from html import escape
from typing import TypeAlias

from measure import Cost, slope

Curves: TypeAlias = Mapping[str, Mapping[int, Cost]]
"""Tool → size → cost."""

WIDE, HIGH, GAP, LEFT, TOP = 150, 110, 26, 34, 40
STYLE = """
text { font: 10px system-ui, sans-serif; fill: #333 } .name { font-weight: 600 } .small { fill: #777 }
.frame { fill: none; stroke: #bbb } .linear { stroke: #999; stroke-dasharray: 1 3; fill: none }
.hutch { stroke: #1668b8; stroke-width: 2; fill: none }
.uv { stroke: #b85c16; stroke-dasharray: 5 3; fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .small { fill: #999 } .frame { stroke: #555 } .linear { stroke: #888 }
.hutch { stroke: #6cb2f5 } .uv { stroke: #f0a35e } }
"""


def draw_all(
    figures: Mapping[str, Mapping[str, Curves]], units: Mapping[str, str], folder: str
) -> Iterator[str]:
    """Write one file for each case; gives their paths."""
    os.makedirs(folder, exist_ok=True)
    for case, measured in figures.items():
        path = os.path.join(folder, f"scale-{case}.svg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(drawn(case, measured, units[case]))
        yield path


def drawn(case: str, measured: Mapping[str, Curves], unit: str) -> str:
    """The picture of a case: CPU time in the upper row, peak memory in the lower one."""
    width = LEFT + len(measured) * (WIDE + GAP)
    height = TOP + 2 * (HIGH + 44) - 8
    title = f"How {case} grow" if case.endswith("s") else f"How a {case} grows"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}: time and memory by the number of {escape(unit)}</title>",
        f"<style>{STYLE}</style>",
        f'<text x="{LEFT}" y="14" class="name">{escape(unit)}, and what they cost</text>',
        f'<path class="hutch" d="M{LEFT + 190} 10h24"/><text x="{LEFT + 218}" y="14">hutch</text>',
    ]
    if any("uv" in curves for curves in measured.values()):
        parts.append(f'<path class="uv" d="M{LEFT + 260} 10h24"/><text x="{LEFT + 288}" y="14">uv</text>')
    parts.append(f'<path class="linear" d="M{LEFT + 318} 10h24"/><text x="{LEFT + 346}" y="14">linear</text>')
    for row, what in enumerate(("time", "memory")):
        for column, (name, curves) in enumerate(measured.items()):
            x, y = LEFT + column * (WIDE + GAP), TOP + row * (HIGH + 44)
            parts += panel(f"{name}: {what}", curves, row == 1, x, y)
    return "\n".join([*parts, "</svg>", ""])


def panel(name: str, curves: Curves, memory: bool, left: int, top: int) -> Iterator[str]:
    """One command: its curve of each tool, with the exponent of hutch's."""
    costs = {
        tool: {size: cost.memory if memory else cost.cpu for size, cost in sorted(by_size.items())}
        for tool, by_size in curves.items()
    }
    mine = costs["hutch"]
    sizes, unit = list(mine), next(iter(mine.values()))
    low = min(value / unit for each in costs.values() for value in each.values())
    high = max(max(value / unit for each in costs.values() for value in each.values()), 8 * low)
    lowest, highest = math.floor(math.log2(low)), math.ceil(math.log2(high))

    def place(size: float, value: float) -> str:
        across = (math.log(size) - math.log(sizes[0])) / (math.log(sizes[-1]) - math.log(sizes[0]))
        up = (math.log2(max(value, 2.0**lowest)) - lowest) / (highest - lowest)
        return f"{left + across * WIDE:.1f} {top + HIGH - up * HIGH:.1f}"

    yield f'<text x="{left}" y="{top - 6}">{escape(name)}, n^{slope(sizes, list(mine.values())):.2f}</text>'
    yield f'<rect class="frame" x="{left}" y="{top}" width="{WIDE}" height="{HIGH}"/>'
    end = min(sizes[-1], sizes[0] * 2.0**highest)
    yield f'<path class="linear" d="M{place(sizes[0], 1)}L{place(end, end / sizes[0])}"/>'
    for tool, values in costs.items():
        points = "L".join(place(size, value / unit) for size, value in values.items())
        yield f'<path class="{tool}" d="M{points}"/>'
    for power in (lowest, highest):
        y = top + HIGH - (HIGH - 8 if power == highest else 0)
        yield f'<text x="{left - 3}" y="{y}" text-anchor="end" class="small">{2.0**power:g}</text>'
    for size, anchor in ((sizes[0], "start"), (sizes[-1], "end")):
        x = left if anchor == "start" else left + WIDE
        yield f'<text x="{x}" y="{top + HIGH + 12}" text-anchor="{anchor}" class="small">{size}</text>'
