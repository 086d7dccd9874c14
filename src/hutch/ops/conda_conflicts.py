"""A conflict over conda's records, and over both sides, in the words of the user's files."""

from __future__ import annotations

import re

from hutch.ops.conda_problems import CondaConflict
from hutch.ops.conda_reasons import Reasons
from hutch.solve import explain, facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.conda.names import NameMap
    from hutch.ops.conda_question import Question
    from hutch.solve import Incompatibility, Need, Unsolvable

__all__ = ["conda_conflict"]

MOST_LINES = 14
_PREFIX = "conda:"
_CONDITION = re.compile(r"\?(\S+) [0-9a-f]{6}(?= if )")
"""A dependency under a condition, as the solver calls it: NAME, a part of a hash, and the names in it."""


def conda_conflict(
    problem: Unsolvable,
    question: Question,
    *,
    side_of: Callable[[str], str] = lambda package: "",
    names: NameMap | None = None,
) -> CondaConflict:
    """The proof of ``problem``; ``side_of`` says of a package that two sides have which they are, ``names``
    what is one thing on both."""
    mask = problem.proof.mask & question.everything

    def where(premise: int) -> str:
        return "" if not mask & ~premise else question.where(premise & question.everything)

    lines = explain(
        problem.proof,
        problem.universe,
        origin=_place,
        where=where,
        place=lambda part: question.where(part & question.everything) or _all_of(question),
        owner=side_of,
    )
    premises = facts(problem.proof)
    reasons = Reasons(question, premises, problem.universe)
    shown = [reasons.worded(_worded(line)) for line in lines]
    if len(shown) > MOST_LINES:
        rest = len(shown) - MOST_LINES + 1
        shown[MOST_LINES - 1 :] = [f"and {rest} more that follow from these"]
    hidden, hints = reasons.hidden()
    files, more = reasons.files()
    shown += [*reasons.python(shown), *files, *hidden, *reasons.told_of_machines()]
    apart = _two_things(problem.proof, question, names) if names is not None else []
    shown += [f"{name} of conda's channels is another thing than {name} of the index" for name in apart]
    origins = (fact.need.origin for fact in premises if fact.kind == "root" and fact.need)
    wheres = frozenset(str(getattr(origin, "where", "project")) for origin in origins)
    hints += [*reasons.instead(), *reasons.hints_of_machines(), *reasons.elsewhere(), *more]
    if not reasons.machines():
        hints.append("ask for other versions, or take one of these requirements out")
    return CondaConflict(question.where(mask), shown, _families(question) or [*_same(apart), *hints], wheres)


def _all_of(question: Question) -> str:
    """All platforms in a sentence."""
    names = [target.name for target in question.targets]
    return " or ".join(names) if len(names) < 3 else "any platform"


def _place(need: Need) -> str:
    return getattr(need.origin, "place", "") or "this command"


def _worded(line: str) -> str:
    """The solver's words for indexes made those for channels, and names without the prefix of one side."""
    line = _CONDITION.sub(r"\1", line.replace(_PREFIX, ""))
    if " needs __" in line or " need __" in line:
        return line.removesuffix(", and no index has it")  # what the machine has is told below
    return line.replace(", and no index has it", ", which is nowhere to be had").replace(
        "no index has a file of", "no channel has a record of"
    )


def _two_things(proof: Incompatibility, question: Question, names: NameMap) -> list[str]:
    """The names in the proof that both sides have, and that are not one package."""
    found: dict[str, None] = {}
    for fact in facts(proof):
        name = fact.need.package.partition("[")[0] if fact.need is not None else ""
        of_an_index = name and not name.startswith(_PREFIX) and names.package(name) is None
        if of_an_index and any(question.repodata.records(name).values()):
            found[name] = None
    return list(found)


def _same(apart: list[str]) -> list[str]:
    return [f'{name} = "{name}" in [tool.hutch.conda.map], if they are the same' for name in apart]


def _families(question: Question) -> list[str]:
    """``python==3.12`` is that very version: who types it as for an index means ``python=3.12``."""
    found = []
    for each in question.asked:
        said = re.fullmatch(r"([\w.-]+)\s*==\s*([\w.]+)", each.spec.strip())
        if said is None:
            continue
        records = question.repodata.records(said[1].lower()).values()
        versions = {record.version for rows in records for record in rows}
        if said[2] not in versions and any(each.startswith(f"{said[2]}.") for each in versions):
            found.append(f"{said[1]}={said[2]}, which is any {said[2]}.*; two signs mean that very version")
    return found
