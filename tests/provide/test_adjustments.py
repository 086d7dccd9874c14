"""Overrides, excludes, constraints and corrected metadata, against brute force on what they make of things.

The oracle corrects the registry by the words of ``docs/how-to/overrides.md`` with ``packaging`` alone, and
tries every choice of versions on each target. hutch reads the same words from a manifest.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from hutch.index import File, Missing, Page
from hutch.index.digest import digest
from hutch.ops.adjusting import adjusted
from hutch.ops.asking import needs_of
from hutch.ops.resolve import Request, Root, provider_options
from hutch.project import parse_manifest
from hutch.provide import IndexProvider, drive
from hutch.solve import Options, Resolution, solve
from hutch.spec import CoreMetadata, NormalizedName, Targets, parse_requirement, parse_target

TARGETS = tuple(parse_target(f"cp312-{each}") for each in ("linux-x86_64", "macos-arm64", "win-amd64"))
ALL = 7

Registry = Mapping[str, Mapping[str, Sequence[str]]]
"""Package → version → what it requires."""


@dataclass(frozen=True)
class Adjusting:
    """What a manifest says against others; (parent, its versions) may be empty."""

    overrides: tuple[tuple[str, str, str], ...] = ()  # parent, its specifier, requirement
    excludes: tuple[tuple[str, str, str], ...] = ()
    constraints: tuple[str, ...] = ()
    stated: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # name, version or "", requires-dist

    def manifest(self, roots: Iterable[str]) -> str:
        def scoped(parent: str, versions: str, text: str) -> str:
            return f"{parent} {versions} > {text}" if parent else text

        lines = ["[project]", 'name = "demo"', 'version = "1"', f"dependencies = {json.dumps(list(roots))}"]
        lines += ["[tool.hutch]", f"overrides = {json.dumps([scoped(*one) for one in self.overrides])}"]
        lines += [f"excludes = {json.dumps([scoped(*one) for one in self.excludes])}"]
        lines += [f"constraints = {json.dumps(self.constraints)}"]
        for name, version, requires in self.stated:
            lines += ["[[tool.hutch.dependency-metadata]]", f'name = "{name}"']
            lines += [f'version = "{version}"'] * bool(version) + [f"requires-dist = {json.dumps(requires)}"]
        return "\n".join(lines) + "\n"


# -- the oracle ------------------------------------------------------------------------------------


def about(parent: str, versions: str, name: str, version: str) -> bool:
    return parent == name and SpecifierSet(versions).contains(version)


def overridden(text: str, chosen: list[str]) -> list[str]:
    """A requirement with each of the overrides in place of its versions; its marker stays."""
    asked = Requirement(text)
    found = []
    for each in chosen or [text]:
        by = Requirement(each)
        markers = [f"({one.marker})" for one in ([asked, by] if chosen else [asked]) if one.marker]
        marker = f"; {' and '.join(markers)}" if markers else ""
        found.append(f"{asked.name}{by.specifier}{marker}")
    return found


def corrected(registry: Registry, adjusting: Adjusting) -> Registry:
    found: dict[str, dict[str, list[str]]] = {}
    for name, versions in registry.items():
        found[name] = {}
        for version, requires in versions.items():
            stated = {v: r for n, v, r in adjusting.stated if n == name and v in ("", version)}
            requires = stated.get(version, stated.get("", requires))
            listed = found[name][version] = []
            for text in requires:
                asked = Requirement(text).name
                if any(
                    e == asked and (not p or about(p, s, name, version)) for p, s, e in adjusting.excludes
                ):
                    continue
                named = [(p, s, o) for p, s, o in adjusting.overrides if Requirement(o).name == asked]
                scoped = [o for p, s, o in named if p and about(p, s, name, version)]
                listed += overridden(text, scoped or [o for p, _, o in named if not p])
    return found


def corrected_roots(roots: Iterable[str], adjusting: Adjusting) -> list[str]:
    found: list[str] = []
    for text in roots:
        name = Requirement(text).name
        found += overridden(
            text, [o for p, _, o in adjusting.overrides if not p and Requirement(o).name == name]
        )
    return found


def valid(
    registry: Registry, roots: Iterable[str], limits: Iterable[str], chosen: Mapping[str, str], target: int
) -> bool:
    environment = TARGETS[target].environment()
    asked = [*roots, *(text for name, version in chosen.items() for text in registry[name][version])]
    for text in asked:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate(environment):  # type: ignore[arg-type]
            continue
        if requirement.name not in chosen or not requirement.specifier.contains(chosen[requirement.name]):
            return False
    for text in limits:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate(environment):  # type: ignore[arg-type]
            continue
        if requirement.name in chosen and not requirement.specifier.contains(chosen[requirement.name]):
            return False
    return True


def solvable(registry: Registry, roots: list[str], limits: Sequence[str], target: int) -> bool:
    names = sorted(registry)
    for choice in itertools.product(*[[None, *registry[name]] for name in names]):
        chosen = {name: version for name, version in zip(names, choice, strict=True) if version is not None}
        if valid(registry, roots, limits, chosen, target):
            return True
    return False


# -- hutch -----------------------------------------------------------------------------------------


class Shelf:
    """``provide.Library`` over a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def fetch_page(self, name: str, done: Callable[[Any], None], index: str | None) -> None:
        if name not in self._registry:
            done(Missing(name=NormalizedName(name), asked=("shelf",)))
            return
        base = f"https://index.example/simple/{name}/"
        entries = [
            {"filename": f"{name}-{version}-py3-none-any.whl", "url": f"{name}-{version}-py3-none-any.whl"}
            for version in self._registry[name]
        ]
        entries = [{**entry, "hashes": {"sha256": "0" * 64}} for entry in entries]
        done(digest(entries, name=NormalizedName(name), index="shelf", url=base, base=base))

    def fetch_metadata(self, page: Page, file: File, done: Callable[[Any], None]) -> None:
        version = file.filename.split("-")[1]
        requires = tuple(parse_requirement(text) for text in self._registry[page.name][version])
        done(
            CoreMetadata(
                name=page.name, version=version, requires_python=(), extras=(), requirements=requires
            )
        )

    def may_fetch_ahead(self, file: File) -> bool:
        return True

    def pump(self) -> bool:
        return False


def answer(registry: Registry, roots: list[str], adjusting: Adjusting) -> Resolution:
    manifest = parse_manifest(adjusting.manifest(roots))
    found = [Root(requirement=one.requirement, declared=one) for one in manifest.dependencies]
    found += [
        Root(requirement=one.requirement, declared=one, constraint=True)
        for one in manifest.settings.constraints
    ]
    request = adjusted(Request(roots=tuple(found), targets=Targets(TARGETS), demanded=0), manifest.settings)
    provider = IndexProvider(Shelf(registry), provider_options(request))
    needs = [need for root in request.roots for need in needs_of(root, request.targets)]
    return drive(solve(needs, Options(targets=ALL, demanded=0)), provider)


def chosen_on(resolution: Resolution, target: int) -> dict[str, str]:
    return {
        package: resolution.universe.label(package, place)
        for package, pairs in resolution.chosen.items()
        for mask, place in pairs
        if mask >> target & 1
    }


# -- random ones -----------------------------------------------------------------------------------

names = st.sampled_from("abcd")
versions = st.sampled_from("123")
specifiers = st.sampled_from(["", "", "==1", "==2", "!=2", ">=2", "<3", "<2", ">3"])
markers = st.sampled_from(["", "", "", "; sys_platform == 'win32'", "; sys_platform != 'darwin'"])
requirements = st.builds("{}{}{}".format, names, specifiers, markers)
registries = st.fixed_dictionaries(
    {name: st.dictionaries(versions, st.lists(requirements, max_size=3), max_size=3) for name in "abcd"}
)
scopes = st.one_of(st.just(("", "")), st.tuples(names, st.sampled_from(["", "<2", ">=2", "==2"])))
adjustings = st.builds(
    Adjusting,
    overrides=st.lists(st.builds(lambda scope, text: (*scope, text), scopes, requirements), max_size=3).map(
        tuple
    ),
    excludes=st.lists(st.builds(lambda scope, name: (*scope, name), scopes, names), max_size=2).map(tuple),
    constraints=st.lists(requirements, max_size=2).map(tuple),
    stated=st.lists(
        st.tuples(names, st.sampled_from(["", "1", "2"]), st.lists(requirements, max_size=2).map(tuple)),
        max_size=2,
        unique_by=lambda one: one[:2],
    ).map(tuple),
)
asked = st.lists(requirements, min_size=1, max_size=3)


def agree(registry: Registry, roots: list[str], adjusting: Adjusting) -> None:
    resolution = answer(registry, roots, adjusting)
    real, wanted = corrected(registry, adjusting), corrected_roots(roots, adjusting)
    limits = adjusting.constraints
    for target in range(len(TARGETS)):
        served = bool(resolution.targets >> target & 1)
        assert served is solvable(real, wanted, limits, target), TARGETS[target].name
        if served:
            assert valid(real, wanted, limits, chosen_on(resolution, target), target)


@given(registry=registries, roots=asked, adjusting=adjustings)
def test_what_is_corrected_is_solved_as_if_it_had_been_said(
    registry: Registry, roots: list[str], adjusting: Adjusting
) -> None:
    agree(registry, roots, adjusting)


@pytest.mark.slow
@given(registry=registries, roots=asked, adjusting=adjustings)
def test_many_corrections_are_solved_as_if_they_had_been_said(
    registry: Registry, roots: list[str], adjusting: Adjusting
) -> None:
    agree(registry, roots, adjusting)


@given(registry=registries, roots=asked)
def test_corrections_of_what_is_not_there_change_nothing(registry: Registry, roots: list[str]) -> None:
    idle = Adjusting(
        overrides=(("", "", "z >=2"), ("z", "", "a ==1")),
        excludes=(("", "", "z"), ("z", "", "b")),
        constraints=("z <2",),
        stated=(("z", "", ()), ("a", "9", ())),
    )
    plain, with_them = (answer(registry, roots, each) for each in (Adjusting(), idle))
    assert plain.targets == with_them.targets
    assert [chosen_on(plain, target) for target in range(3)] == [chosen_on(with_them, t) for t in range(3)]
