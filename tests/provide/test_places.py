"""Packages that come from several indexes, by marker and by extra, against brute force on each target."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from hutch.ops.asking import needs_of
from hutch.ops.resolve import Request, Root, provider_options
from hutch.provide import Bound, IndexProvider, drive
from hutch.solve import Options, Resolution, solve
from hutch.spec import Targets, parse_marker, parse_requirement
from provide.test_adjustments import TARGETS, Shelf, registries, requirements

Registry = Mapping[str, Mapping[str, Sequence[str]]]
WORLDS = (frozenset[str](), frozenset({"extra:x"}), frozenset({"extra:y"}))
MARKERS = {
    "win32": "sys_platform == 'win32'",
    "darwin": "sys_platform == 'darwin'",
    "linux": "sys_platform == 'linux'",
}
SYSTEMS = ("linux", "darwin", "win32")  # of TARGETS, in their order


class Shelves(Shelf):
    """Several registries by the name of their index; the usual one has no name."""

    def __init__(self, by_index: Mapping[str | None, Registry]) -> None:
        super().__init__(by_index[None])
        self._shelves = {index: Shelf(found) for index, found in by_index.items()}

    def fetch_page(self, name, done, index):  # type: ignore[no-untyped-def]
        def answered(page):  # type: ignore[no-untyped-def]
            if hasattr(page, "files_of"):
                page.index = index or "shelf"
            done(page)

        self._shelves[index].fetch_page(name, answered, index)

    def fetch_metadata(self, page, file, done):  # type: ignore[no-untyped-def]
        self._shelves[page.index if page.index != "shelf" else None].fetch_metadata(page, file, done)


# One list of sources for a name: at most one counts on a system in a world.
SOURCES = st.sampled_from(
    [
        (),
        (("one", "win32", None),),
        (("one", "win32", None), ("two", "darwin", None)),
        (("one", None, "extra:x"), ("two", None, "extra:y")),
        (("one", None, "extra:x"),),
        (("one", "linux", "extra:x"), ("two", "darwin", None)),
        (("one", None, None),),
    ]
)
sources = st.fixed_dictionaries({"a": SOURCES, "b": SOURCES})


def here(
    shelves: Mapping[str | None, Registry],
    bound: Mapping[str, Sequence[tuple[str, str | None, str | None]]],
    system: str,
    world: frozenset[str],
) -> Registry:
    """The one registry that counts on a target in a world."""
    found = {}
    for name in "abcd":
        index = next(
            (
                index
                for index, only, where in bound.get(name, ())
                if only in (None, system) and (where is None or where in world)
            ),
            None,
        )
        found[name] = shelves[index].get(name, {})
    return found


def valid(registry: Registry, roots: Sequence[str], chosen: Mapping[str, str], target: int) -> bool:
    environment = TARGETS[target].environment()
    for text in [*roots, *(text for name, version in chosen.items() for text in registry[name][version])]:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate(environment):  # type: ignore[arg-type]
            continue
        if requirement.name not in chosen or not requirement.specifier.contains(chosen[requirement.name]):
            return False
    return True


def solvable(registry: Registry, roots: Sequence[str], target: int) -> bool:
    names = sorted(registry)
    for choice in itertools.product(*[[None, *registry[name]] for name in names]):
        chosen = {name: version for name, version in zip(names, choice, strict=True) if version is not None}
        if valid(registry, roots, chosen, target):
            return True
    return False


def answer(
    shelves: Mapping[str | None, Registry],
    bound: Mapping[str, Sequence[tuple[str, str | None, str | None]]],
    asked: Mapping[str, Sequence[str]],
) -> tuple[Resolution, IndexProvider]:
    roots = [
        Root(requirement=parse_requirement(text), where=where)
        for where, found in asked.items()
        for text in found
    ]
    targets = Targets(TARGETS).apart(WORLDS)
    indexes = {
        name: tuple(
            Bound(index=index, marker=parse_marker(MARKERS[only]) if only else None, where=where)
            for index, only, where in found
        )
        for name, found in bound.items()
        if found
    }
    request = Request(roots=tuple(roots), targets=targets, demanded=0, bound=indexes)
    provider = IndexProvider(Shelves(shelves), provider_options(request))
    needs = [need for root in roots for need in needs_of(root, targets)]
    solver = solve(needs, Options(targets=targets.everything, demanded=0))
    return drive(solver, provider), provider


@given(
    shelves=st.fixed_dictionaries({None: registries, "one": registries, "two": registries}),
    bound=sources,
    project=st.lists(requirements, min_size=1, max_size=2),
    extras=st.fixed_dictionaries(
        {"x": st.lists(requirements, max_size=1), "y": st.lists(requirements, max_size=1)}
    ),
)
def test_each_target_has_the_versions_of_its_index_alone(shelves, bound, project, extras) -> None:  # type: ignore[no-untyped-def]
    asked = {"project": project, "extra:x": extras["x"], "extra:y": extras["y"]}
    resolution, provider = answer(shelves, bound, asked)
    count = len(TARGETS)
    for number, world in enumerate(WORLDS):
        roots = [
            text for where, found in asked.items() if where == "project" or where in world for text in found
        ]
        for target, system in enumerate(SYSTEMS):
            registry = here(shelves, bound, system, world)
            bit = 1 << count * number + target
            assert bool(resolution.targets & bit) is solvable(registry, roots, target)
            if not resolution.targets & bit:
                continue
            chosen = {}
            for name, pairs in resolution.chosen.items():
                for mask, place in pairs:
                    if mask & bit:
                        chosen[name] = resolution.universe.label(name, place)
                        page, at = provider.page_at(name, place)
                        assert page.versions[at] == chosen[name]
                        assert chosen[name] in registry[name]
                        metadata = provider.metadata_at(name, place)
                        assert [each.render() for each in metadata.requirements] == [
                            parse_requirement(text).render() for text in registry[name][chosen[name]]
                        ]
            assert valid(registry, roots, chosen, target)
