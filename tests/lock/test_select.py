"""What of a lock is installed where: as ``packaging`` selects, and by edges where the standard cannot."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.pylock import Pylock, PylockSelectError
from packaging.tags import parse_tag

from hutch.errors import Problem
from hutch.lock import (
    AmbiguousLock,
    Edge,
    Lock,
    LockedFile,
    LockedPackage,
    LockHasNoEdges,
    NoFileFits,
    NotLockedFor,
    RootEdge,
    UnknownSelection,
    choose_file,
    reach_marker,
    select,
)
from hutch.values import replace
from lock.strategies import locks

LINUX = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.1",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "#1",
    "python_full_version": "3.12.1",
    "python_version": "3.12",
    "sys_platform": "linux",
}
WINDOWS = LINUX | {"os_name": "nt", "platform_system": "Windows", "sys_platform": "win32"}
OLD = LINUX | {"python_full_version": "3.8.20", "python_version": "3.8", "implementation_version": "3.8.20"}
TAGS = ("cp312-cp312-win_amd64", "cp312-abi3-macosx_11_0_arm64", "py3-none-any")


def wheel(name: str, version: str = "1.0", tags: str = "py3-none-any", build: str = "") -> LockedFile:
    filename = f"{name}-{version}-{build + '-' if build else ''}{tags}.whl"
    return LockedFile(
        filename=filename, url=f"https://index.example/{filename}", hashes=(("sha256", "0" * 64),)
    )


def package(name: str, *needs: str | Edge, version: str = "1.0", marker: str | None = None) -> LockedPackage:
    edges = tuple(Edge(name=n) if isinstance(n, str) else n for n in needs)  # type: ignore[arg-type]
    return LockedPackage(
        name=name,  # type: ignore[arg-type]
        version=version,
        marker=marker,
        wheels=(wheel(name.replace("-", "_"), version),),
        dependencies=edges,
    )


def names(found: tuple[LockedPackage, ...]) -> list[str]:
    return [each.name for each in found]


class TestSelectQuotesPep751:
    """For each package listed in packages: if marker is specified, check if it is satisfied; […] check
    that no other conflicting instance of the package has been slated to be installed; an error about
    the ambiguity MUST be raised otherwise.
    """

    @given(
        locks(),
        st.sampled_from([LINUX, WINDOWS, OLD]),
        st.sampled_from([(), ("x",)]),
        st.sampled_from([None, (), ("dev",), ("dev", "docs")]),
    )
    def test_the_reference_selects_the_same(
        self, lock: Lock, environment: dict[str, str], extras: tuple[str, ...], groups: tuple[str, ...] | None
    ) -> None:
        pylock = Pylock.from_dict(tomllib.loads(lock.render()))
        tags = [tag for text in TAGS for tag in parse_tag(text)]
        supported = {str(tag): rank for rank, tag in enumerate(tags)}
        theirs: list[tuple[str, str]] | str
        ours: list[tuple[str, str]] | str
        try:
            theirs = [
                (found.name, getattr(file, "filename", ""))
                for found, file in pylock.select(
                    environment=environment,  # type: ignore[arg-type]
                    tags=tags,
                    extras=extras,
                    dependency_groups=groups,
                )
            ]
        except PylockSelectError:
            theirs = "refused"
        try:
            found = select(lock, environment, extras=extras, groups=groups)
            ours = [(p.name, "" if p.is_direct else choose_file(p, supported).filename) for p in found]
        except (NotLockedFor, AmbiguousLock, NoFileFits):
            ours = "refused"
        assert ours == theirs


LOCK = Lock(
    packages=(
        package("app-lib", "shared"),
        package("colorama", marker="sys_platform == 'win32'"),
        package("fast", "shared", marker="'fast' in extras"),
        package(
            "pytest",
            "shared",
            Edge(name="colorama", marker="sys_platform == 'win32'"),
            marker="'dev' in dependency_groups",
        ),  # type: ignore[arg-type]
        package("shared"),
    ),
    extras=("fast",),
    dependency_groups=("dev", "Doc.s"),
    default_groups=("dev",),
    roots=(
        RootEdge(name="app-lib"),  # type: ignore[arg-type]
        RootEdge(name="fast", where="extra:fast"),  # type: ignore[arg-type]
        RootEdge(name="pytest", where="group:dev"),  # type: ignore[arg-type]
    ),
    inputs="sha256:1",
)


def test_default_groups_are_taken_unasked_and_extras_are_not() -> None:
    assert names(select(LOCK, LINUX)) == ["app-lib", "pytest", "shared"]
    assert names(select(LOCK, LINUX, groups=())) == ["app-lib", "shared"]
    assert names(select(LOCK, WINDOWS, extras=["Fast"], groups=["doc_s"])) == [
        "app-lib",
        "colorama",
        "fast",
        "shared",
    ]


def test_only_a_group_is_what_its_edges_reach() -> None:
    assert names(select(LOCK, LINUX, groups=["dev"], only=True)) == ["pytest", "shared"]
    assert names(select(LOCK, WINDOWS, groups=["dev"], only=True)) == ["colorama", "pytest", "shared"]
    assert select(LOCK, LINUX, groups=["Doc.s"], only=True) == ()
    assert names(select(LOCK, LINUX, groups=(), extras=["fast"], only=True)) == ["fast", "shared"]


def test_only_needs_edges() -> None:
    with pytest.raises(LockHasNoEdges):
        select(replace(LOCK, inputs=""), LINUX, groups=["dev"], only=True)


def test_an_edge_that_asks_for_more_of_a_package_is_followed_again() -> None:
    extra = Edge(name="c", marker="extra == 'x'")  # type: ignore[arg-type]
    lock = Lock(
        packages=(package("a", "b", Edge(name="b", extras=("x",))), package("b", extra), package("c")),  # type: ignore[arg-type]
        dependency_groups=("g",),
        roots=(RootEdge(name="a", where="group:g"),),  # type: ignore[arg-type]
        inputs="1",
    )
    assert names(select(lock, LINUX, groups=["g"], only=True)) == ["a", "b", "c"]


def test_several_versions_of_a_name_are_told_apart_by_edge_or_marker() -> None:
    lock = Lock(
        packages=(
            package("a", version="1.0", marker="sys_platform == 'win32'"),
            package("a", version="2.0", marker="sys_platform != 'win32'"),
        ),
        dependency_groups=("g",),
        roots=(
            RootEdge(name="a", version="1.0", marker="sys_platform == 'win32'", where="group:g"),  # type: ignore[arg-type]
            RootEdge(name="a", version="2.0", marker="sys_platform != 'win32'", where="group:g"),  # type: ignore[arg-type]
        ),
        inputs="1",
    )
    for only in (False, True):
        assert [p.version for p in select(lock, WINDOWS, groups=["g"], only=only)] == ["1.0"]
        assert [p.version for p in select(lock, LINUX, groups=["g"], only=only)] == ["2.0"]


@pytest.mark.parametrize(
    ("lock", "problem", "words"),
    [
        (replace(LOCK, requires_python=">=3.13"), NotLockedFor, "not for Python 3.12.1"),
        (replace(LOCK, environments=("sys_platform == 'win32'",)), NotLockedFor, "linux"),
        (
            replace(LOCK, packages=(replace(package("a"), requires_python="<3.9"),)),
            NotLockedFor,
            "a 1.0 in the lock is not for Python 3.12.1",
        ),
        (
            replace(LOCK, packages=(package("a"), package("a", version="2.0"))),
            AmbiguousLock,
            "2 entries for a",
        ),
    ],
)
def test_what_does_not_fit_is_a_problem(lock: Lock, problem: type[Problem], words: str) -> None:
    with pytest.raises(problem) as caught:
        select(lock, LINUX)
    assert words in caught.value.what


def test_unknown_names_are_problems_that_say_what_there_is() -> None:
    with pytest.raises(UnknownSelection) as extra:
        select(LOCK, LINUX, extras=["slow"])
    assert extra.value.known == ("fast",)
    with pytest.raises(UnknownSelection):
        select(LOCK, LINUX, groups=["prod"])


def test_the_best_wheel_then_the_highest_build_then_the_sdist() -> None:
    supported = {"cp312-cp312-linux_x86_64": 0, "py3-none-any": 9}
    pure, built = wheel("a"), wheel("a", tags="cp312-cp312-linux_x86_64", build="2")
    newer = wheel("a", tags="cp312-cp312-linux_x86_64", build="10")
    other = wheel("a", tags="cp312-cp312-win_amd64")
    sdist = LockedFile(filename="a-1.0.tar.gz", url="x", hashes=())
    both = LockedPackage(name="a", version="1.0", wheels=(pure, built, newer, other), sdist=sdist)  # type: ignore[arg-type]
    assert choose_file(both, supported) is newer
    assert choose_file(replace(both, wheels=(other, pure)), supported) is pure
    assert choose_file(replace(both, wheels=(other,)), supported) is sdist
    with pytest.raises(NoFileFits):
        choose_file(replace(both, wheels=(other,), sdist=None), supported)


# --- markers of entries ---

MARKS = ("os_name == 'a'", "os_name == 'b'", "os_name == 'c'")
EVERYWHERE = 0b111


def render(mask: int) -> str | None:
    if mask == EVERYWHERE:
        return None
    return " or ".join(mark for bit, mark in enumerate(MARKS) if mask >> bit & 1) or "os_name == 'never'"


@given(
    st.dictionaries(
        st.sampled_from(["project", "extra:x", "extra:y", "group:d", "group:e"]),
        st.integers(1, EVERYWHERE),
        min_size=1,
    ),
    st.sets(st.sampled_from(["x", "y"])),
    st.sets(st.sampled_from(["d", "e"])),
)
def test_a_marker_holds_exactly_where_a_chosen_origin_reaches(
    reach: dict[str, int], extras: set[str], groups: set[str]
) -> None:
    from hutch.spec import evaluate, parse_marker

    text = reach_marker(reach, render)
    chosen = {"project"} | {f"extra:{name}" for name in extras} | {f"group:{name}" for name in groups}
    for bit, name in enumerate("abc"):
        expected = any(mask >> bit & 1 for where, mask in reach.items() if where in chosen)
        assert (text is None or evaluate(parse_marker(text), {"os_name": name}, extras, groups)) == expected


@pytest.mark.parametrize(
    ("reach", "marker"),
    [
        ({"project": 7}, None),
        ({"project": 7, "group:dev": 7}, None),
        ({"project": 1}, MARKS[0]),
        ({"project": 1, "extra:x": 1}, MARKS[0]),
        ({"group:dev": 7}, "'dev' in dependency_groups"),
        ({"project": 4, "extra:fast": 7}, f"{MARKS[2]} or 'fast' in extras"),
        ({"group:a": 7, "extra:b": 7}, "'b' in extras or 'a' in dependency_groups"),
        ({"group:a": 1}, f"{MARKS[0]} and 'a' in dependency_groups"),
    ],
)
def test_markers_are_short(reach: dict[str, int], marker: str | None) -> None:
    assert reach_marker(reach, render) == marker
