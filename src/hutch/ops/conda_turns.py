"""Commands that change one prefix at the same time: each sees what the one before it has left.

What a command wants is chosen without the prefix's lock: that takes as long as the network and the user do.
So the prefix may be another one when the lock is had. Then the command begins again, with what is there now.
"""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")
    Mark = tuple[tuple[str, int, int], ...]

__all__ = ["NOT_THERE", "PrefixMoved", "check_mark", "prefix_mark", "takes_turns"]

NOT_THERE: Mark = ()
"""The mark of a prefix that is to be made."""
_TIMES = 8


class PrefixMoved(Problem):
    """Others have changed a prefix while it was decided what shall be in it."""

    code = "prefix-keeps-changing"

    def __init__(self, root: str) -> None:
        super().__init__(
            f"{root} was changed by other commands, again and again, while this one chose its packages",
            hint="run the command again when they have ended",
        )


def prefix_mark(root: str) -> Mark:
    """What is another after every change of packages, of either kind; `NOT_THERE` for what is no prefix."""
    from hutch.env import is_prefix, open_prefix

    if not is_prefix(root):
        return NOT_THERE
    found = []
    environment = open_prefix(root)
    for path in dict.fromkeys(("conda-meta/history", "conda-meta", environment.purelib, *environment.sites)):
        try:
            now = os.stat(os.path.join(root, path))
        except OSError:
            found.append((path, 0, 0))
        else:
            found.append((path, now.st_ino, now.st_mtime_ns))
    return tuple(found)


def check_mark(root: str, mark: Mark | None) -> None:
    """Raise `PrefixMoved` where the prefix is not any more what ``mark`` was taken of."""
    if mark is not None and prefix_mark(root) != mark:
        raise PrefixMoved(root)


def takes_turns(verb: Callable[P, T]) -> Callable[P, T]:
    """A verb that begins again while others are quicker."""

    def tried(*words: P.args, **options: P.kwargs) -> T:
        for _ in range(_TIMES - 1):
            try:
                return verb(*words, **options)
            except PrefixMoved:
                continue
        return verb(*words, **options)

    tried.__doc__, tried.__name__ = verb.__doc__, verb.__name__
    return tried
