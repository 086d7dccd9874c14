"""The one root of everything we raise for a user to read.

A room defines its problems beside the code that raises them, with data as attributes; this page
only holds the two roots, the exit codes of the command line, and how a long list is cut short:

    Exception
    ├── Problem            what a user can understand and act on          exit 1
    │   ├── UsageProblem   wrong words on the command line                exit 2
    │   └── NetworkProblem the network or an index did not deliver        exit 3
    └── Bug                a broken promise of ours                       exit 70

Ctrl-C is ``KeyboardInterrupt`` all the way up, and exit 4.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

__all__ = ["Bug", "NetworkProblem", "Problem", "UsageProblem", "some_lines", "some_words", "within"]


class Problem(Exception):
    """Something the user can understand and act on.

    A problem is data: rooms raise it, only ``cli.ui`` turns it into text. ``code`` is stable and
    kebab-case. ``what`` happened in one line; ``why`` holds zero or more lines; each of ``hints``
    is one thing to do, likely to help.
    """

    code: ClassVar[str] = "problem"
    exit_code: ClassVar[int] = 1

    def __init__(
        self, what: str, *, why: str | tuple[str, ...] = (), hint: str | tuple[str, ...] = ()
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = (why,) if isinstance(why, str) else tuple(why)
        self.hints = (hint,) if isinstance(hint, str) else tuple(hint)


class UsageProblem(Problem):
    """The words on the command line do not fit together."""

    code = "usage"
    exit_code = 2


class NetworkProblem(Problem):
    """The network or an index did not deliver."""

    code = "network"
    exit_code = 3


class Bug(Exception):
    """A broken promise of our own; shown with a traceback and where to report it."""


def some_lines(lines: Sequence[str], most: int) -> tuple[str, ...]:
    """The first so many, and a line that says how many more there are."""
    return tuple(lines) if len(lines) <= most else (*lines[:most], f"and {len(lines) - most} more")


def within(lines: Sequence[str], most: int) -> tuple[str, ...]:
    """No more lines than that: where there are, the last one says how many it stands for."""
    return tuple(lines) if len(lines) <= most else some_lines(lines, most - 1)


def some_words(words: Sequence[str], most: int) -> str:
    """``a, b and 3 more``."""
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")
