"""Is a lock right? Judged by its text and the specifications' own words, sharing nothing with hutch.

``faults`` reads a rendered ``pylock.toml`` with ``tomllib`` and ``packaging`` alone. For each target
that the lock names: the packages whose markers hold there are each there once, are exactly those that
the requirements reach, satisfy every requirement that is active, admit the Python, and have a file
that installs there. Markers are tried at both ends of a slice of a Python minor.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any

from packaging import tags
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

SYSTEMS = {
    "linux": ("posix", "linux", "Linux"),
    "macos": ("posix", "darwin", "Darwin"),
    "windows": ("nt", "win32", "Windows"),
}
LAST_PATCH = 40


@dataclass(frozen=True)
class Place:
    """A target of a lock: its name, one Python of it, and what an installer would see there."""

    name: str
    environment: Mapping[str, str]
    tags: frozenset[tags.Tag]

    @property
    def python(self) -> str:
        return self.environment["python_full_version"]


@dataclass(frozen=True)
class Facts:
    """What a version says of itself."""

    requires_dist: tuple[str, ...]
    requires_python: str | None

    @classmethod
    def of(cls, metadata: str) -> Facts:
        """Read METADATA or PKG-INFO."""
        headers = HeaderParser().parsestr(metadata)
        return cls(tuple(headers.get_all("Requires-Dist") or ()), headers.get("Requires-Python"))


def places(name: str) -> Iterator[Place]:
    """The two ends of the target ``name`` (``cp312-linux-x86_64``, ``cp311.3+-macos-arm64``)."""
    match = re.fullmatch(r"cp3(\d+)(?:\.(\d+)(\+|:\d+))?-(linux|macos|windows)-(\w+)", name)
    assert match is not None, f"the law does not know the target {name}"
    minor, low, end, system, machine = match.groups()
    last = LAST_PATCH if end in (None, "+") else int(end[1:]) - 1
    for patch in {int(low or 0), last}:
        yield Place(
            name, _environment(int(minor), patch, system, machine), _tags(int(minor), system, machine)
        )


def _environment(minor: int, patch: int, system: str, machine: str) -> dict[str, str]:
    os_name, sys_platform, platform_system = SYSTEMS[system]
    full = f"3.{minor}.{patch}"
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": os_name,
        "platform_machine": "AMD64" if (system, machine) == ("windows", "x86_64") else machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": platform_system,
        "platform_version": "",
        "python_full_version": full,
        "python_version": f"3.{minor}",
        "sys_platform": sys_platform,
        "extra": "",
    }


def _tags(minor: int, system: str, machine: str) -> frozenset[tags.Tag]:
    if system == "linux":
        platforms = [f"manylinux_2_{n}_{machine}" for n in range(28, 16, -1)]
        platforms += [f"manylinux2014_{machine}"]
        if machine == "x86_64":
            platforms += [f"manylinux_2_{n}_{machine}" for n in range(16, 4, -1)]
            platforms += [f"manylinux2010_{machine}", f"manylinux1_{machine}"]
        platforms += [f"linux_{machine}"]
    elif system == "macos":
        platforms = list(tags.mac_platforms((14, 0), machine))
    else:
        platforms = ["win_amd64"]
    version = (3, minor)
    return frozenset(
        [
            *tags.cpython_tags(version, [f"cp3{minor}"], platforms),
            *tags.compatible_tags(version, f"cp3{minor}", platforms),
        ]
    )


def faults(text: str, requirements: Iterable[str], facts_of: Callable[[dict[str, Any]], Facts]) -> list[str]:
    """What is wrong with the lock ``text`` of a project with ``requirements``; empty if it is right.

    ``facts_of`` tells what the metadata of an entry of ``packages`` says.
    """
    lock = tomllib.loads(text)
    wanted = list(requirements)
    found = []
    names = lock["tool"]["hutch"]["targets"]
    assert names, "a lock for nobody"
    known: dict[int, Facts] = {}

    def remembered(entry: dict[str, Any]) -> Facts:
        if id(entry) not in known:
            known[id(entry)] = facts_of(entry)
        return known[id(entry)]

    for place in (place for name in names for place in places(name)):
        if not any(Marker(text).evaluate(dict(place.environment)) for text in lock["environments"]):
            found.append(f"{place.name}: not one of the environments")
        if "requires-python" in lock and place.python not in SpecifierSet(lock["requires-python"]):
            found.append(f"{place.name}: Python {place.python} is not in {lock['requires-python']}")
        chosen: dict[str, dict[str, Any]] = {}
        for entry in lock["packages"]:
            if _holds(entry.get("marker"), place):
                if entry["name"] in chosen:
                    found.append(f"{place.name}: {entry['name']} twice")
                chosen[entry["name"]] = entry
        reader = _Reader(place, chosen, remembered)
        found += [f"{place.name} ({place.python}): {fault}" for fault in reader.faults(wanted)]
    return found


def _holds(marker: str | None, place: Place) -> bool:
    if marker is None:
        return True
    nobody: frozenset[str] = frozenset()
    environment = {**place.environment, "extras": nobody, "dependency_groups": nobody}
    return Marker(marker).evaluate(environment, context="lock_file")  # type: ignore[arg-type]


class _Reader:
    """One place of a lock: walks from the requirements over what is chosen there."""

    def __init__(
        self, place: Place, chosen: dict[str, dict[str, Any]], facts_of: Callable[[dict[str, Any]], Facts]
    ) -> None:
        self.place, self.chosen, self.facts_of = place, chosen, facts_of

    def faults(self, requirements: list[str]) -> Iterator[str]:
        seen: set[tuple[str, str]] = set()
        todo = [(Requirement(text), "", "the project") for text in requirements]
        while todo:
            requirement, extra, who = todo.pop()
            if requirement.marker is not None and not requirement.marker.evaluate(
                {**self.place.environment, "extra": extra}
            ):
                continue
            name = canonicalize_name(requirement.name)
            entry = self.chosen.get(name)
            if entry is None:
                yield f"{who} needs {requirement}, and there is none"
                continue
            if not requirement.specifier.contains(entry["version"], prereleases=True):
                yield f"{who} needs {requirement}, and there is {entry['version']}"
            facts = self.facts_of(entry)
            for more in {"", *map(canonicalize_name, requirement.extras)}:
                if (name, more) not in seen:
                    seen.add((name, more))
                    todo += [(Requirement(text), more, name) for text in facts.requires_dist]
        for name in self.chosen.keys() - {name for name, _ in seen}:
            yield f"{name} is there, and nobody needs it"
        for entry in self.chosen.values():
            yield from self._installs(entry)

    def _installs(self, entry: dict[str, Any]) -> Iterator[str]:
        said = self.facts_of(entry).requires_python
        if said and not SpecifierSet(said).contains(self.place.python, prereleases=True):
            yield f"{entry['name']} {entry['version']} requires Python {said}"
        fitting = (
            parse_wheel_filename(wheel.get("name") or wheel["url"].rpartition("/")[2].replace("%2B", "+"))[3]
            for wheel in entry.get("wheels", ())
        )
        if "sdist" not in entry and not any(tags & self.place.tags for tags in fitting):
            yield f"{entry['name']} {entry['version']} has no file that installs there"
