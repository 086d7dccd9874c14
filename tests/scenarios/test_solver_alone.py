"""The packse scenarios on the solver alone: no index, no files, no network.

The same files run through whole commands over a fake index elsewhere; here a scenario's tables are
the answers. A lock is judged by soundness, target by target, with an evaluation that shares nothing with
the solver but the words of the specification (``packaging``).
"""

from __future__ import annotations

import tomllib
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
    canonical_version,
    default_targets,
    is_prerelease,
    matching,
    normalize,
    parse_requirement,
    parse_specifiers,
    version_key,
)

CASES = Path(__file__).parents[3] / "shared" / "scenarios" / "cases"
FILES = sorted(CASES.rglob("*.toml")) if CASES.is_dir() else []
POLICY = CASES.parent / "policy.txt"

# hutch's answer where the expectation is uv's policy, argued in docs/explanation/solver.md.
OTHERWISE: dict[str, str] = {}


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


class Scenario:
    """A case file, and the provider that answers from it."""

    def __init__(self, path: Path) -> None:
        data = tomllib.loads(path.read_text())
        self.name = str(path.relative_to(CASES).with_suffix(""))
        self.options = data.get("resolver_options", {})
        self.expected = data["expected"]
        self.root = data["root"]
        self.universal = bool(self.options.get("universal"))
        self.packages = {normalize(n): p.get("versions", {}) for n, p in data.get("packages", {}).items()}
        self.python = self.options.get("python") or data.get("environment", {}).get("python", "3.12")
        self.targets = self._targets()
        self.no_binary = {normalize(n) for n in self.options.get("no_binary", ())}
        self.no_build = {normalize(n) for n in self.options.get("no_build", ())}

    def _targets(self) -> Targets:
        requires_python = parse_specifiers(self.root.get("requires_python", ">=3.12"))
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
            texts = [
                t for e, found in meta.get("extras", {}).items() if normalize(e) == extra for t in found
            ]
        for text in texts:
            needs += needs_of_requirement(parse_requirement(text), self.targets)
        return Facts(available, tuple(needs))

    def roots(self) -> list[Need]:
        found: list[Need] = []
        for text in self.root.get("requires", []):
            found += needs_of_requirement(parse_requirement(text), self.targets)
        if self.options.get("prereleases"):
            found = [
                Need(package=n.package, specifiers=n.specifiers, mask=n.mask, prereleases=True) for n in found
            ]
        return found

    def solve(self) -> Resolution:
        while True:
            roots = self.roots()
            lowest: bool | frozenset[str] = self.options.get("resolution") == "lowest"
            if self.options.get("resolution") == "lowest-direct":
                lowest = frozenset(split_package(need.package)[0] for need in roots)
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
        faults, todo, seen = [], list(self.root.get("requires", [])), set()
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
    policy = POLICY.read_text().split()
    expected = scenario.expected
    try:
        resolution = scenario.solve()
    except Unsolvable:
        assert not expected["satisfiable"] or scenario.name in policy
        return
    assert scenario.faults(resolution) == []
    if not resolution.targets:
        assert not expected["satisfiable"] or scenario.name in policy
        return
    if scenario.name in policy:
        return
    if not expected["satisfiable"]:
        # A sound answer for every target is more than was expected, not less; elsewhere it is a fault.
        assert scenario.universal
        return
    if not scenario.universal:
        reached = reach(resolution, scenario.roots())
        found = {
            split_package(package)[0]: resolution.universe.label(package, place) for package, place in reached
        }
        for name, version in expected.get("packages", {}).items():
            assert canonical_version(found[normalize(name)]) == canonical_version(version), name
