"""``hutch pip check``: does what is installed fit together, and on this Python?

The sentences are pip's; those about ``Requires-Python`` are ours, which pip does not look at.
"""

from __future__ import annotations

from hutch.ops.pip_place import Where, find_place
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist, Need
    from hutch.ops.pip_place import Place

__all__ = ["Fault", "PipCheckOptions", "PipCheckOutcome", "find_faults", "pip_check", "tell_faults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCheckOptions(Where):
    """The options of ``pip check``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong. ``kind`` is ``missing``, ``conflict``, ``python``, ``platform`` or ``metadata``."""

    kind: str
    name: str
    version: str
    text: str

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "name": self.name, "version": self.version, "text": self.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCheckOutcome:
    """The faults, in pip's order, of ``looked_at`` distributions."""

    faults: tuple[Fault, ...]
    looked_at: int

    def text(self, *, verbose: bool = False) -> str:
        """All that is printed."""
        if not self.faults:
            return "No broken requirements found.\n"
        return "".join(f"{fault.text}\n" for fault in self.faults)

    def to_json(self) -> dict[str, Any]:
        return {"faults": [fault.to_json() for fault in self.faults], "looked_at": self.looked_at}


def pip_check(context: Context, options: PipCheckOptions) -> PipCheckOutcome:
    """Look at every requirement of everything that is installed."""
    place = find_place(
        context,
        options,
    )
    dists = place.dists()
    return PipCheckOutcome(faults=find_faults(place, dists), looked_at=len(dists))


def tell_faults(context: Context, place: Place, dists: Iterable[Dist]) -> None:
    """``--strict``: the same as warnings."""
    from hutch.events import Notice

    for fault in find_faults(place, list(dists)):
        context.emit(Notice(fault.text.rstrip("."), warning=True))


def find_faults(place: Place, dists: list[Dist]) -> tuple[Fault, ...]:
    """Missing, then conflicting, then what is for another system, then what is for another Python."""
    from hutch.spec import InvalidRequirement, admits, render_specifiers

    needs: dict[str, list[Need]] = {}
    unreadable = []
    known = {str(one.name): one for one in dists}
    for name, one in known.items():
        try:
            needs[name] = list(one.needs(place.markers))
        except InvalidRequirement as problem:
            unreadable.append(_fault("metadata", one, f"cannot be read: {problem.what}"))
    missing: list[Fault] = []
    conflicts: list[Fault] = []
    for name, wanted in needs.items():
        one = known[name]
        absent: dict[str, str] = {}
        against: dict[str, str] = {}
        for need in wanted:
            other = known.get(str(need.requirement.name))
            if other is None or str(need.requirement.name) not in needs:
                absent[f"{need.requirement.name} {need.text}"] = (
                    f"requires {need.requirement.name}, which is not installed."
                )
            elif not admits(need.requirement.specifiers, other.version):
                against[f"{need.requirement.name} {need.text}"] = (
                    f"has requirement {rendered(need)}, but you have {other.name} {other.version}."
                )
        missing += [_fault("missing", one, absent[key]) for key in sorted(absent)]
        conflicts += [_fault("conflict", one, against[key]) for key in sorted(against)]
    others: list[Fault] = []
    pythons: list[Fault] = []
    for one in dists:
        if not _is_supported(one, place):
            text = f"{one.raw_name} {one.version} is not supported on this platform"
            others.append(Fault(kind="platform", name=str(one.name), version=one.version, text=text))
        specifiers = _requires_python(one)
        if specifiers and not admits(specifiers, place.interpreter.version):
            text = (
                f"requires Python {render_specifiers(specifiers)}, but this is {place.interpreter.version}."
            )
            pythons.append(_fault("python", one, text))
    return (*missing, *conflicts, *others, *pythons, *unreadable)


def _fault(kind: str, one: Dist, text: str) -> Fault:
    return Fault(kind=kind, name=str(one.name), version=one.version, text=f"{one.name} {one.version} {text}")


def _requires_python(one: Dist) -> tuple[tuple[str, str], ...]:
    from hutch.spec import InvalidSpecifier, parse_legacy_specifiers

    try:
        return parse_legacy_specifiers(one.one("Requires-Python"))[0]
    except InvalidSpecifier:
        return ()


def _is_supported(one: Dist, place: Place) -> bool:
    """Whether its wheel was for such a machine; what does not say so is not doubted."""
    from hutch.spec import supported_tags

    told = []
    for line in (one.read("WHEEL") or "").splitlines():
        key, _, value = line.partition(":")
        if key.lower() == "tag":
            told.append(value.strip())
    if one.read("WHEEL") is None:
        return True
    supported = supported_tags(place.interpreter.tag_facts)
    for tag in told:
        parts = tag.split("-")
        if len(parts) != 3:
            continue
        for python in parts[0].split("."):
            for abi in parts[1].split("."):
                for platform in parts[2].split("."):
                    if f"{python}-{abi}-{platform}".lower() in supported:
                        return True
    return False


def rendered(need: Need) -> str:
    """A requirement as the `packaging` library, and so pip, prints it."""
    from hutch.spec import render_marker

    requirement = need.requirement
    text = need.name
    if requirement.extras:
        text += f"[{','.join(requirement.extras)}]"
    if requirement.url is not None:
        text += f"@ {requirement.url}"
    else:
        text += ",".join(sorted(f"{operator}{version}" for operator, version in requirement.specifiers))
    if requirement.marker is not None:
        marker = render_marker(requirement.marker).replace("'", '"')
        text += f"{' ' if requirement.url is not None else ''}; {marker}"
    return text
