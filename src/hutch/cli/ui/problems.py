"""A problem as text: what happened, why, and what to do.

::

    error: no versions satisfy all requirements
      botocore 1.29.0 (pyproject.toml:8) needs urllib3 <1.27
    try: botocore >=1.31.62, the first version that allows urllib3 2
     or: urllib3 >=1.25.4,<1.27
"""

from __future__ import annotations

from hutch.cli.ui.text import clean, wrap
from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.cli.ui.terminal import Stream


__all__ = ["problem_json", "render_lines", "render_notice", "render_problem"]


def render_problem(problem: Problem, stream: Stream) -> list[str]:
    """The lines of one problem, folded for a terminal and coloured if they may be."""
    return render_lines("error", problem.what, problem.why, problem.hints, stream)


def render_notice(text: str, stream: Stream, *, warning: bool) -> list[str]:
    """The lines of a warning or a note."""
    return render_lines("warning" if warning else "note", text, (), (), stream)


def render_lines(
    kind: str, what: str, why: tuple[str, ...], hints: tuple[str, ...], stream: Stream
) -> list[str]:
    """Lay out any of them."""
    first, *more = what.splitlines() or [""]
    lines = _laid_out(first, stream, f"{kind}: ", " " * (len(kind) + 2), style=kind)
    for line in (*more, *(part for text in why for part in text.splitlines())):
        indent = 2 + len(line) - len(line.lstrip(" "))
        lines += wrap(_shown(line), stream.fold, first=" " * indent, rest=" " * (indent + 2))
    for number, hint in enumerate(hints):
        lines += _laid_out(
            " ".join(hint.split("\n")), stream, " or: " if number else "try: ", "     ", style="hint"
        )
    return lines


def _laid_out(text: str, stream: Stream, label: str, indent: str, *, style: str) -> list[str]:
    first, *rest = wrap(_shown(text), stream.fold, first=label, rest=indent)
    return [stream.paint(style, label.rstrip()) + " " + first[len(label) :], *rest]


def _shown(text: str) -> str:
    """What was typed, or stands in a file, may be an address with a password or a token in it."""
    if "://" in text:
        from hutch.net import hide_credentials

        text = hide_credentials(text)
    return clean(text)


def problem_json(problem: Problem) -> dict[str, Any]:
    """The same for a program; a problem that knows more tells it under ``details``."""
    found = {
        "code": problem.code,
        "what": _shown(problem.what),
        "why": [_shown(line) for text in problem.why for line in text.splitlines()],
        "hints": [_shown(hint) for hint in problem.hints],
    }
    details = getattr(problem, "details", None)
    if callable(details):
        found["details"] = details()
    return found
