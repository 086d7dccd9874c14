"""``overrides`` and ``excludes`` in ``[tool.hutch.conda]``: what is said against records of channels.

    [tool.hutch.conda]
    overrides = ["libprotobuf >=5", "grpcio <2 > libprotobuf >=5"]     # whoever asks; or what grpcio asks
    excludes = ["pytorch > mkl", { exclude = "tzdata", reason = "…", until = 2027-03-01 }]

They are MatchSpecs, in conda's names: those of ``[tool.hutch]`` are requirements of Python, and are for what
distributions ask.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.project.conda_settings import CondaCorrection
from hutch.project.settings import a_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.faults import Faults
    from hutch.project.spans import Path

__all__ = ["CORRECTIONS", "parse_corrections"]

CORRECTIONS = {"overrides": "require", "excludes": "exclude"}
"""The lists, and what an entry has that is a table."""


def parse_corrections(value: object, faults: Faults, at: Path, kind: str) -> tuple[CondaCorrection, ...]:
    """Read one of the lists; what is wrong goes to ``faults``."""
    if value is None:
        return ()
    if not isinstance(value, list):
        faults.add(at, f"should be an array of MatchSpecs, not {a_kind(value)}")
        return ()
    found = [_one(item, faults, (*at, number), kind) for number, item in enumerate(value)]
    return tuple(each for each in found if each is not None)


def _one(item: object, faults: Faults, at: Path, kind: str) -> CondaCorrection | None:
    from hutch.project.adjustments import parse_day, split_scope

    key = CORRECTIONS[kind]
    reason, until, place = None, None, at
    if isinstance(item, dict):
        for name in item:
            if name not in (key, "reason", "until"):
                faults.add((*at, name), f"unknown key; there are {key}, reason and until")
        reason = item.get("reason")
        if reason is not None and not isinstance(reason, str):
            faults.add((*at, "reason"), "should be a string")
            reason = None
        until = parse_day(item.get("until"), faults, (*at, "until"))
        item, place = item.get(key), (*at, key)
    if not isinstance(item, str):
        faults.add(at, f"should be a string, or a table with {key}, reason and until")
        return None
    parent, text = split_scope(item)
    names = []
    for spec in filter(None, (parent, text)):
        name = _name_of(spec, faults, place)
        if name is None:
            return None
        names.append(name)
    if not names:
        faults.add(place, 'should be a MatchSpec such as "libprotobuf >=5"')
        return None
    if kind == "excludes" and text != names[-1]:
        faults.add(place, "should be the name of a package alone")
        return None
    return CondaCorrection(
        spec=text, name=names[-1], parent=parent, reason=reason or "", until=until or "", path=place
    )


def _name_of(text: str, faults: Faults, at: Path) -> str | None:
    from hutch.spec import parse_conda_spec

    try:
        spec = parse_conda_spec(text)
    except Problem as problem:
        faults.add(at, f"{problem.what}: {problem.why[0]}" if problem.why else problem.what)
        return None
    if spec.url or spec.channel or spec.when:
        faults.add(at, "should be a name and versions, without a channel, an address or a condition")
        return None
    if spec.name == "*":
        faults.add(at, "should name a package")
        return None
    return spec.name
