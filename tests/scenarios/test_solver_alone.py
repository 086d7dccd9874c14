"""The packse scenarios on the solver alone: no index, no files, no network.

The same files run through whole commands over a fake index elsewhere; here a scenario's tables are
the answers. A lock is judged by soundness, target by target, with an evaluation that shares nothing with
the solver but the words of the specification (``packaging``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement as Reference
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from hutch.provide import drive, needs_of_requirement, split_package
from hutch.solve import DependenciesOf, Facts, Limit, Need, Options, Resolution, Unsolvable, reach, solve
from hutch.spec import (
    Platform,
    Target,
    Targets,
    default_targets,
    is_prerelease,
    matching,
    normalize,
    parse_requirement,
    parse_specifiers,
    version_key,
)
from scenarios.cases import FILES, Case


class Table:
    """``Versions`` of a package of a scenario."""

    def __init__(self, versions: dict[str, Any], targets: Targets) -> None:
        self.texts = sorted(versions, key=version_key)
        self.labels = tuple(self.texts)
        self.keys = [version_key(text) for text in self.texts]
        final = [not is_prerelease(key) for key in self.keys]
        self.prereleases = sum(1 << i for i, f in enumerate(final) if not f) if any(final) else 0
        self.yanked = sum(1 << i for i, text in enumerate(self.texts) if versions[text].get("yanked"))
        self.preferred = 0
        self.limits: tuple[Limit, ...] = ()

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return matching(specifiers, self.keys)


class Scenario(Case):
    """A case file, and the provider that answers from it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.targets = self._targets()

    def _targets(self) -> Targets:
        requires_python = parse_specifiers(self.requires_python)
        if self.universal:
            return default_targets(requires_python, None)
        parts = [int(part) for part in self.python.split(".")]
        machine = Target(
            python=(parts[0], parts[1]),
            low=parts[2] if len(parts) > 2 else 0,
            high=parts[2] + 1 if len(parts) > 2 else None,
            platform=Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 36)),
        )
        return Targets((machine,))

    def versions(self, packages: tuple[str, ...]) -> dict[str, Any]:
        return {p: Table(self.packages.get(split_package(p)[0], {}), self.targets) for p in packages}

    def facts(self, question: DependenciesOf) -> Facts:
        name, extra = split_package(question.package)
        table = Table(self.packages[name], self.targets)
        meta = self.packages[name][table.texts[question.version]]
        available = 0
        python = self.targets.requires_python_mask_of(meta.get("requires_python", ">=3.12"))
        if meta.get("sdist", True) and not {name, ":all:"} & self.no_build:
            available |= python
        if meta.get("wheel", True) and not {name, ":all:"} & self.no_binary:
            for tag in meta.get("wheel_tags") or ["py3-none-any"]:
                available |= python & self.targets.wheel_mask(tag)
        needs: list[Need] = []
        texts = meta.get("requires", [])
        if extra:
            needs.append(Need(package=name, exactly=question.version, mask=self.targets.everything))
            texts = [t for e, found in meta.get("extras", {}).items() if normalize(e) == extra for t in found]
        for text in texts:
            needs += needs_of_requirement(parse_requirement(text), self.targets)
        return Facts(available, tuple(needs))

    def roots(self) -> list[Need]:
        found: list[Need] = []
        for text in self.requires:
            found += needs_of_requirement(parse_requirement(text), self.targets)
        return found

    def solve(self) -> Resolution:
        while True:
            roots = self.roots()
            lowest: bool | dict[str, int] = self.options.get("resolution") == "lowest"
            if self.options.get("resolution") == "lowest-direct":
                lowest = {}
                for need in roots:
                    name = split_package(need.package)[0]
                    lowest[name] = lowest.get(name, 0) | need.mask
            demanded = 0 if self.universal else self.targets.everything
            resolution = drive(
                solve(roots, Options(targets=self.targets.everything, demanded=demanded, lowest=lowest)), self
            )
            if not self.targets.cuts:
                return resolution
            self.targets = self.targets.with_cuts(self.targets.cuts)

    def faults(self, resolution: Resolution) -> list[str]:
        """What is wrong with the resolution, target by target, by the specification's own words."""
        faults = []
        reached = reach(resolution, self.roots())
        for i, target in enumerate(self.targets.targets):
            if not resolution.targets >> i & 1:
                continue
            environment = {**target.environment(), "extra": ""}
            chosen: dict[str, str] = {}
            for (package, place), mask in reached.items():
                if mask >> i & 1:
                    name = split_package(package)[0]
                    version = resolution.universe.label(package, place)
                    if chosen.setdefault(name, version) != version:
                        faults.append(f"{target.name}: two versions of {name}")
            faults += self._unmet(target.name, environment, chosen)
        return faults

    def _unmet(self, where: str, environment: dict[str, str], chosen: dict[str, str]) -> list[str]:
        faults, todo, seen = [], list(self.requires), set()
        while todo:
            requirement = Reference(todo.pop())
            if requirement.marker is not None and not requirement.marker.evaluate(environment):
                continue
            name = canonicalize_name(requirement.name)
            version = chosen.get(name)
            if version is None:
                faults.append(f"{where}: {requirement} is not met, there is no {name}")
                continue
            if not requirement.specifier.contains(version, prereleases=True):
                faults.append(f"{where}: {requirement} is not met by {version}")
            meta = self.packages[normalize(name)][version]
            python = meta.get("requires_python", ">=3.12")
            if python and not SpecifierSet(python).contains(environment["python_full_version"]):
                faults.append(f"{where}: {name} {version} requires Python {python}")
            for extra in ("", *requirement.extras):
                if (name, extra) not in seen:
                    seen.add((name, extra))
                    if not extra:
                        todo += meta.get("requires", [])
                    for given, found in meta.get("extras", {}).items():
                        if canonicalize_name(given) == canonicalize_name(extra):
                            todo += found
        return faults


@pytest.mark.skipif(not FILES, reason="../shared/scenarios is not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_scenario(path: Path) -> None:
    scenario = Scenario(path)
    try:
        resolution = scenario.solve()
    except Unsolvable:
        scenario.judge(None, set())
        return
    assert scenario.faults(resolution) == []
    versions: dict[str, set[str]] = {}
    for package, place in reach(resolution, scenario.roots()):
        name = split_package(package)[0]
        versions.setdefault(name, set()).add(resolution.universe.label(package, place))
    names = [target.name for target in scenario.targets.targets]
    left_out = {name for i, name in enumerate(names) if not resolution.targets >> i & 1}
    if any("linux" in name for name in left_out) and not scenario.expected["satisfiable"]:
        scenario.judge(None, left_out)  # nobody who locks on Linux would get a lock
    else:
        scenario.judge(versions, left_out)
