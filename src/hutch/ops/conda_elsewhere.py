"""What to say of a name that no channel has: what else may be meant, and whether the other side has it."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.context import Context

__all__ = ["hints_for"]

PATIENCE = 2.0
"""Seconds that a hint may cost where an index is out of reach."""


def hints_for(context: Context, name: str, known: Iterable[str], *, folders: bool = False) -> tuple[str, ...]:
    """Ways on for who has asked conda's channels for ``name``; ``known`` are all names that they have.

    With ``folders`` no network was asked so far, and none is asked here.
    """
    import difflib

    from hutch.conda.names import KNOWN

    names = set(known) - {name}
    if (found := re.fullmatch(r"(python|r-base|r)[-_]?(\d+(?:\.\d+)*)", name)) and found[1] in names:
        return (f"{found[1]}={found[2]}",)
    meant = [conda for conda, index in KNOWN.items() if index == name and conda in names]
    near = meant or difflib.get_close_matches(name, names, n=3, cutoff=0.75)
    hints = [f"it may be meant: {', '.join(near)}"] if near else []
    if not meant and _is_on_an_index(context, name, ask=not folders):
        if context.words and context.words[0] != "conda":
            return (*hints, f"a package index has it: hutch add {name}")
        hints += [
            f"a package index has {name}: below `pip:` in an environment.yml",
            f"in a project: hutch add {name}",
        ]
        if context.words[:2] == ("conda", "install"):
            which = f" -n {context.named}" if context.named else ""
            hints[-1:] = [f"into an environment that is there: hutch pip install{which} {name}"]
    return tuple(hints)


def _is_on_an_index(context: Context, name: str, *, ask: bool) -> bool:
    """Whether an index has a page of it: as far as that is known, or one question away."""
    from hutch.errors import Problem
    from hutch.index import Missing
    from hutch.spec import InvalidName, parse_name

    try:
        wanted = parse_name(name)
    except InvalidName:
        return False
    try:
        page = context.indexes.read_page(wanted)
        if page is None and ask and not context.configuration.offline:
            import time

            answers: list[object] = []
            context.indexes.fetch_page(wanted, answers.append)
            until = time.monotonic() + PATIENCE
            while not answers and (left := until - time.monotonic()) > 0 and context.client.pump(left):
                pass
            return bool(answers) and not isinstance(answers[0], Problem | Missing)
    except Problem:
        return False  # what is wrong with an index is not what was asked
    return page is not None and not isinstance(page, Missing)
