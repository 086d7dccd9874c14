"""``hutch conda list --revisions`` and ``install --revision``: hutch's generations, as conda says them."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.conda_prefix import PrefixChange
    from hutch.ops.context import Context
    from hutch.ops.env_history import HistoryOutcome

__all__ = [
    "change_of_revision",
    "order_of",
    "revision_number",
    "revisions_json",
    "revisions_of",
    "revisions_text",
]


def revision_number(text: str) -> int:
    """The number that was said. Raises `UsageProblem`."""
    if not text.isdecimal() or len(text) > 9:
        raise UsageProblem(f"{text} is no number of a revision", hint="hutch conda list --revisions")
    return int(text)


def revisions_of(context: Context, root: str) -> HistoryOutcome:
    """The generations of a prefix, oldest first, with the numbers of ``hutch env history``."""
    from hutch.ops.conda_directory import open_present_prefix
    from hutch.ops.env_history import history_of

    return history_of(open_present_prefix(context, root))


def change_of_revision(context: Context, root: str, number: int, *, dry_run: bool) -> PrefixChange:
    """Make a prefix what it was in a generation: its packages, and what had been asked of an index."""
    from hutch.env import read_places, write_places
    from hutch.ops.asked import go_back
    from hutch.ops.conda_prefix import rollback_prefix

    planned = rollback_prefix(context, root, number, dry_run=True)
    if dry_run or not planned.plan:
        return replace(planned, dry_run=dry_run)
    places = read_places(root)
    going = {step.name for step in planned.plan.steps}
    if not going.isdisjoint(places):
        # Which state of a directory a package was built from is known of the last one only.
        write_places(root, {name: state for name, state in places.items() if name not in going})
    made = rollback_prefix(context, root, number)
    go_back(root, number)
    return made


# -- how conda says it --------------------------------------------------------------------------------


def revisions_json(history: HistoryOutcome) -> list[dict[str, Any]]:
    """conda's words for each, and what changed since the last without hutch as one without a number."""
    from datetime import UTC, datetime

    found: list[dict[str, Any]] = []
    for each in history.generations:
        when = datetime.fromtimestamp(each.time, UTC).isoformat(timespec="seconds")
        row = {"rev": each.number, "date": when, "command": each.command, **_sorted(each.steps)}
        found.append({**row, "current": each.current and not history.since})
    if history.since:
        found.append({"rev": None, "date": None, "command": "", **_sorted(history.since), "current": True})
    return found


def _sorted(steps: tuple[tuple[str, ...], ...]) -> dict[str, list[Any]]:
    """Steps by what they did to a package, under conda's names."""
    found: dict[str, list[Any]] = {"install": [], "remove": [], "upgrade": [], "downgrade": []}
    for sign, name, *versions in sorted(steps, key=lambda step: step[1]):
        labels = [_label(name, version) for version in versions]
        if sign == "~":
            newer = order_of(versions[-1], versions[0]) >= 0
            found["upgrade" if newer else "downgrade"].append({"old": labels[0], "new": labels[-1]})
        else:
            found["install" if sign == "+" else "remove"].append(labels[-1])
    return found


def _label(name: str, version: str) -> str:
    """``numpy-2.1.0-py312_0``; of an index ``numpy-2.1.0-pypi_0``."""
    if name.startswith("conda:"):
        return f"{name.removeprefix('conda:')}-{version.replace(' ', '-', 1)}"
    return f"{name}-{version}-pypi_0"


def order_of(one: str, other: str) -> int:
    """How the versions in ``VERSION BUILD`` stand to each other; those of an index as well."""
    from hutch.spec import InvalidCondaVersion, compare_conda_versions, parse_conda_version

    try:
        versions = [parse_conda_version(each.partition(" ")[0]) for each in (one, other)]
    except InvalidCondaVersion:
        return 0
    return compare_conda_versions(*versions)


def revisions_text(history: HistoryOutcome) -> str:
    """A paragraph each, as conda prints them."""
    from datetime import datetime

    found = []
    for each in history.generations:
        when = datetime.fromtimestamp(each.time).strftime("%Y-%m-%d %H:%M:%S")
        mark = ", current" if each.current and not history.since else ""
        found.append([f"{when}  (rev {each.number}{mark})", *_lines(each.steps)])
    if history.since:
        found.append(["now  (changed by another tool, no revision)", *_lines(history.since)])
    return "".join("\n".join(lines) + "\n\n" for lines in found) or (
        f"# hutch has changed nothing yet in {os.path.abspath(history.environment)}\n"
    )


def _lines(steps: tuple[tuple[str, ...], ...]) -> list[str]:
    found = []
    order = {"~": 0, "-": 1, "+": 2}
    for sign, name, *versions in sorted(steps, key=lambda step: (order[step[0]], step[1])):
        if sign == "~":
            old, new = (version.replace(" ", "-", 1) for version in (versions[0], versions[-1]))
            found.append(f"     {name.removeprefix('conda:')}  {{{old} -> {new}}}")
        else:
            found.append(f"    {sign}{_label(name, versions[-1])}")
    return found
