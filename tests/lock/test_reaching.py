"""Where entries of a lock are wanted, for all targets at once: as ``select`` has it for one at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.lock import (
    AmbiguousLock,
    Edge,
    Lock,
    LockedFile,
    LockedPackage,
    LockIncomplete,
    RootEdge,
    covered_targets,
    flattened,
    select,
)
from hutch.spec import default_targets, evaluate, parse_marker, parse_specifiers

NAMES = ("aa", "bb", "cc", "dd")
MARKERS = (
    None,
    "sys_platform == 'win32'",
    "sys_platform != 'linux'",
    "python_version < '3.12'",
    "python_full_version <= '3.11.2'",
    "platform_machine == 'arm64' and python_version >= '3.11'",
)
EXTRAS = ("", "x", "y")


def package(name: str, version: str, edges: tuple[Edge, ...], marker: str | None = None) -> LockedPackage:
    file = LockedFile(filename=f"{name}-{version}-py3-none-any.whl", hashes=(("sha256", "0" * 64),))
    return LockedPackage(name=name, version=version, wheels=(file,), dependencies=edges, marker=marker)  # type: ignore[arg-type]


@st.composite
def edges(draw: st.DrawFn) -> Edge:
    marker = draw(st.sampled_from(MARKERS))
    extra = draw(st.sampled_from(EXTRAS))
    if extra:
        marker = f"{marker} and extra == '{extra}'" if marker else f"extra == '{extra}'"
    extras = draw(st.sets(st.sampled_from(("x", "y"))))
    return Edge(name=draw(st.sampled_from(NAMES)), extras=tuple(sorted(extras)), marker=marker)  # type: ignore[arg-type]


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    found = []
    for name in NAMES:
        lists = st.lists(edges(), max_size=3).map(tuple)
        if draw(st.booleans()):
            found.append(package(name, "1.0", draw(lists)))
        else:
            found.append(package(name, "1.0", draw(lists), "sys_platform == 'win32'"))
            found.append(package(name, "2.0", draw(lists), "sys_platform != 'win32'"))
    roots = tuple(
        RootEdge(
            name=draw(st.sampled_from(NAMES)),  # type: ignore[arg-type]
            marker=draw(st.sampled_from(MARKERS)),
            extras=draw(st.sampled_from(((), ("x",)))),
            where=draw(st.sampled_from(("project", "group:dev", "extra:more"))),
        )
        for _ in range(draw(st.integers(1, 3)))
    )
    return Lock(
        packages=tuple(found), roots=roots, by_edges=True, extras=("more",), dependency_groups=("dev",)
    )


def patched(environment: dict[str, str]) -> list[dict[str, str]]:
    """The same with patch releases on both sides of the one that a marker names."""
    if environment["python_version"] != "3.11":
        return [environment]
    return [{**environment, "python_full_version": full} for full in ("3.11.0", "3.11.2", "3.11.3")]


@given(locks(), st.booleans(), st.booleans(), st.booleans())
def test_in_every_target_the_markers_choose_what_the_edges_lead_to(
    lock: Lock, with_extra: bool, with_group: bool, only: bool
) -> None:
    extras, groups = ("more",) if with_extra else (), ("dev",) if with_group else ()
    targets = covered_targets(lock, default_targets(parse_specifiers(">=3.11,<3.13")))
    flat = flattened(lock, targets, extras=extras, groups=groups, only=only)
    for environment in (each for target in targets.targets for each in patched(target.environment())):
        wanted = {
            (one.name, one.version)
            for one in select(lock, environment, extras=extras, groups=groups, only=only)
        }
        held = {
            (one.name, one.version)
            for one in flat.packages
            if one.marker is None or evaluate(parse_marker(one.marker), environment)
        }
        assert held == wanted


def test_a_lock_without_edges_keeps_its_markers() -> None:
    marked = package("aa", "1.0", (), "sys_platform == 'win32'")
    lock = Lock(packages=(marked, package("bb", "1.0", ())))
    targets = covered_targets(lock, default_targets(parse_specifiers(">=3.12")))
    flat = flattened(lock, targets, extras=(), groups=())
    assert [(one.name, one.marker) for one in flat.packages] == [
        ("aa", "sys_platform == 'win32'"),
        ("bb", None),
    ]


def test_what_is_reached_and_not_there_is_told() -> None:
    lock = Lock(
        packages=(package("aa", "1.0", (Edge(name="gone"),)),), roots=(RootEdge(name="aa"),), by_edges=True
    )  # type: ignore[arg-type]
    targets = default_targets(parse_specifiers(">=3.12"))
    with pytest.raises(LockIncomplete):
        flattened(lock, targets, extras=(), groups=())


def test_two_versions_in_one_place_are_told() -> None:
    lock = Lock(
        packages=(package("aa", "1.0", ()), package("aa", "2.0", ())),
        roots=(RootEdge(name="aa"),),
        by_edges=True,
    )  # type: ignore[arg-type]
    with pytest.raises(AmbiguousLock):
        flattened(lock, default_targets(parse_specifiers(">=3.12")), extras=(), groups=())
