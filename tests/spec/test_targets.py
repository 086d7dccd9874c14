"""Targets: their names, variables and defaults; and sets of them as masks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker as Oracle
from packaging.specifiers import SpecifierSet

from hutch.spec import (
    InvalidTarget,
    NoTargets,
    Platform,
    Target,
    Targets,
    default_targets,
    evaluate,
    parse_marker,
    parse_specifiers,
    parse_target,
)

GLIBC = Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 28))
ANY = parse_specifiers("")


def targets_of(*names: str) -> Targets:
    return Targets(tuple(parse_target(name) for name in names))


MIXED = targets_of(
    "cp38.1+-linux-x86_64",
    "cp39-linux-x86_64",
    "cp310-linux-x86_64",
    "cp311.0:3-linux-x86_64",
    "cp311.3+-linux-x86_64",
    "cp312-linux-x86_64",
    "cp313-linux-x86_64",
    "cp313t-linux-x86_64",
    "pp310-linux-x86_64",
    "cp312-linux-x86_64-musl1.2",
    "cp312-linux-aarch64",
    "cp313-linux-aarch64",
    "cp312-macos-arm64",
    "cp313-macos-arm64-11.0",
    "cp39-windows-x86_64",
    "cp313-windows-x86_64",
    "cp313-windows-arm64",
)


# -- one target ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cp312-linux-x86_64", Target(python=(3, 12), platform=GLIBC)),
        ("cp311.3+-linux-x86_64", Target(python=(3, 11), low=3, platform=GLIBC)),
        ("cp311.0:3-linux-x86_64", Target(python=(3, 11), high=3, platform=GLIBC)),
        ("cp313t-linux-x86_64", Target(python=(3, 13), free_threaded=True, platform=GLIBC)),
        ("pp310-linux-x86_64", Target(implementation="pypy", python=(3, 10), platform=GLIBC)),
        ("graalpy311-linux-x86_64", Target(implementation="graalpy", python=(3, 11), platform=GLIBC)),
        (
            "cp312-linux-aarch64-musl1.2",
            Target(
                python=(3, 12), platform=Platform(os="linux", machine="aarch64", libc="musl", version=(1, 2))
            ),
        ),
        (
            "cp312-linux-x86_64-glibc2.17",
            Target(
                python=(3, 12), platform=Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 17))
            ),
        ),
        (
            "cp312-macos-arm64",
            Target(python=(3, 12), platform=Platform(os="macos", machine="arm64", version=(14, 0))),
        ),
        (
            "cp312-macos-x86_64-10.15",
            Target(python=(3, 12), platform=Platform(os="macos", machine="x86_64", version=(10, 15))),
        ),
        ("cp312-windows-x86_64", Target(python=(3, 12), platform=Platform(os="windows", machine="x86_64"))),
    ],
)
def test_a_name_is_read_and_written_back(name: str, expected: Target) -> None:
    assert parse_target(name) == expected
    assert expected.name == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("3.12-linux-x86_64", "cp312-linux-x86_64"),
        ("python3.12-Linux-arm64", "cp312-linux-aarch64"),
        ("cp312-win-amd64", "cp312-windows-x86_64"),
        ("cp312-darwin-aarch64", "cp312-macos-arm64"),
        ("cp312-linux-x86_64-glibc2.28", "cp312-linux-x86_64"),
        ("cp311.3-linux-x86_64", "cp311.3:4-linux-x86_64"),
        ("3.13t-linux-x86_64", "cp313t-linux-x86_64"),
    ],
)
def test_other_spellings_are_read(written: str, name: str) -> None:
    assert parse_target(written).name == name


@pytest.mark.parametrize(
    "text",
    ["", "cp312", "cp312-linux", "cp-linux-x86_64", "xy312-linux-x86_64", "cp312-beos-x86_64",
     "cp3x-linux-x86",
     "cp312-linux-x86_64-windows1.2", "cp312-windows-x86_64-1.0", "cp312-linux-x86_64-musl", "a-b-c-d-e"],
)  # fmt: skip
def test_what_names_no_target_is_refused(text: str) -> None:
    with pytest.raises(InvalidTarget) as caught:
        parse_target(text)
    assert caught.value.why
    assert caught.value.hints


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        (
            "cp311.3+-linux-aarch64",
            {
                "os_name": "posix",
                "sys_platform": "linux",
                "platform_system": "Linux",
                "platform_machine": "aarch64",
                "python_version": "3.11",
                "python_full_version": "3.11.3",
                "implementation_name": "cpython",
                "implementation_version": "3.11.3",
                "platform_python_implementation": "CPython",
            },
        ),
        (
            "pp310-windows-x86_64",
            {
                "os_name": "nt",
                "sys_platform": "win32",
                "platform_system": "Windows",
                "platform_machine": "AMD64",
                "python_full_version": "3.10.0",
                "implementation_name": "pypy",
                "platform_python_implementation": "PyPy",
            },
        ),
        (
            "cp313-macos-arm64",
            {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
        ),
    ],
)
def test_the_marker_variables_of_a_target(name: str, variables: dict[str, str]) -> None:
    environment = parse_target(name).environment()
    assert variables.items() <= environment.items()
    assert len(environment) == 11


# -- the default ones ----------------------------------------------------------------------------


def test_by_default_every_stable_minor_on_five_platforms() -> None:
    targets = default_targets(ANY)
    assert len(targets) == 8 * 5
    assert targets.targets[0].name == "cp38-linux-x86_64"
    assert targets.targets[-1].name == "cp315-windows-x86_64"


@pytest.mark.parametrize(
    ("requires_python", "pythons"),
    [
        (">=3.13", ["cp313", "cp314", "cp315"]),
        (">=3.9,<3.11", ["cp39", "cp310"]),
        ("==3.12.*", ["cp312"]),
        ("~=3.13", ["cp313", "cp314", "cp315"]),
        (">=2.7,<3.9", ["cp38"]),
        (">=3.8.1,<3.10", ["cp38.1+", "cp39"]),
        (">=3.9,!=3.9.7,<3.10", ["cp39.0:7", "cp39.8+"]),
        (">=3.14,<3.15.2", ["cp314", "cp315.0:2"]),
        (">=3.14,<=3.15", ["cp314", "cp315.0:1"]),
        (">3.14", ["cp314.1+", "cp315"]),
    ],
)
def test_requires_python_decides_which_pythons_upper_bounds_too(
    requires_python: str, pythons: list[str]
) -> None:
    targets = default_targets(parse_specifiers(requires_python))
    found = [target.name.split("-")[0] for target in targets.targets if target.name.endswith("linux-x86_64")]
    assert found == pythons


@pytest.mark.parametrize("requires_python", [">=4", "<3", ">=3.99"])
def test_when_no_python_is_left_it_says_so(requires_python: str) -> None:
    with pytest.raises(NoTargets, match="no released Python satisfies"):
        default_targets(parse_specifiers(requires_python))


@pytest.mark.parametrize(
    ("machine", "added"),
    [
        ("cp312.4:5-linux-x86_64-glibc2.36", None),
        ("cp312-linux-x86_64-glibc2.17", "cp312-linux-x86_64-glibc2.17"),
        ("cp312.4:5-linux-x86_64-musl1.2", "cp312-linux-x86_64-musl1.2"),
        ("cp313t-linux-x86_64", "cp313t-linux-x86_64"),
        ("pp310-linux-x86_64", "pp310-linux-x86_64"),
        ("cp312-macos-arm64-15.0", None),
        ("cp312-macos-arm64-12.0", "cp312-macos-arm64-12.0"),
        ("cp39.7:8-linux-x86_64-musl1.2", None),
        ("cp37-linux-x86_64", None),
    ],
)
def test_the_machine_is_merged_into_the_default_that_covers_it(machine: str, added: str | None) -> None:
    requires_python = parse_specifiers(">=3.9,!=3.9.7")
    without = default_targets(requires_python)
    found = default_targets(requires_python, parse_target(machine))
    assert found.targets[: len(without)] == without.targets
    assert [target.name for target in found.targets[len(without) :]] == ([added] if added else [])


def test_a_machine_with_a_python_of_the_future_is_a_target() -> None:
    found = default_targets(parse_specifiers(">=3.16"), parse_target("cp316.0:1-linux-x86_64"))
    assert found.names(found.everything) == ["cp316-linux-x86_64"]


def test_the_bit_of_a_target_or_of_the_one_that_covers_it() -> None:
    targets = targets_of("cp312-linux-x86_64", "cp312-macos-arm64", "cp311.3+-linux-x86_64")
    assert targets.index_of(parse_target("cp312-macos-arm64")) == 1
    assert targets.index_of(parse_target("cp312.4:5-linux-x86_64-glibc2.40")) == 0
    assert targets.index_of(parse_target("cp311.5:6-linux-x86_64")) == 2
    assert targets.index_of(parse_target("cp311.2:3-linux-x86_64")) is None
    assert targets.index_of(parse_target("cp312-linux-x86_64-glibc2.17")) is None
    assert targets.index_of(parse_target("cp312-windows-x86_64")) is None


# -- masks ---------------------------------------------------------------------------------------

MARKERS = [
    "sys_platform == 'win32'",
    "os_name == 'posix' and platform_machine != 'x86_64'",
    "python_version < '3.10' or platform_system == 'Darwin'",
    "python_version in '3.9 3.12'",
    "python_version == '3.1*'",
    "python_version >= '3.8.1'",
    "python_version ~= '3.11'",
    "python_version == '3.11.*'",
    "platform_python_implementation == 'PyPy'",
    "implementation_name != 'cpython'",
    "implementation_version >= '3.12'",
    "'linux' in sys_platform",
    "'3.10' <= python_version",
    "platform_release >= '5'",
    "platform_version == ''",
    "sys_platform >= 'linux'",
]


@pytest.mark.parametrize("text", MARKERS)
def test_a_marker_mask_is_the_marker_on_each_target(text: str) -> None:
    marker = parse_marker(text)
    for targets in (MIXED, default_targets(ANY)):
        expected = [evaluate(marker, target.environment()) for target in targets.targets]
        assert targets.marker_mask(marker) == sum(1 << i for i, holds in enumerate(expected) if holds)
        assert expected == [Oracle(text).evaluate(target.environment()) for target in targets.targets]
        assert targets.marker_cuts(marker) == frozenset()


def test_no_marker_is_everywhere_and_extras_are_asked_one_at_a_time() -> None:
    assert MIXED.marker_mask(None) == MIXED.everything
    marker = parse_marker("extra == 'Foo_Bar' and sys_platform == 'win32'")
    assert MIXED.marker_mask(marker) == 0
    windows = MIXED.marker_mask(parse_marker("sys_platform == 'win32'"))
    assert MIXED.marker_mask(marker, "foo-bar") == windows
    assert MIXED.marker_mask(parse_marker("extra != 'a'"), "a") == 0
    assert MIXED.marker_mask(parse_marker("extra != 'a'")) == MIXED.everything


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ("python_full_version < '3.11.3'", {((3, 11), 3)}),
        ("python_full_version == '3.12.0'", {((3, 12), 1)}),
        ("python_full_version == '3.12.1'", {((3, 12), 1), ((3, 12), 2)}),
        ("python_full_version <= '3.12'", {((3, 12), 1)}),
        (
            "python_full_version != '3.9.7' and python_full_version >= '3.8.1'",
            {((3, 9), 7), ((3, 9), 8), ((3, 8), 1)},
        ),
        ("implementation_version < '3.11.3'", {((3, 11), 3)}),
        ("python_full_version in '3.11.3, 3.11.5'", {((3, 11), p) for p in (3, 4, 5, 6)}),
        ("python_full_version >= '3.11.0'", set()),
        ("python_full_version >= '3.11.0a1'", set()),
        ("python_full_version < '3.12'", set()),
        ("python_version < '3.11.3'", set()),
        ("'3.11.3' > python_full_version", {((3, 11), 3)}),
    ],
)
def test_a_marker_that_cuts_a_target_says_where(text: str, cuts: set[tuple[tuple[int, int], int]]) -> None:
    targets = default_targets(ANY)
    marker = parse_marker(text)
    assert targets.marker_cuts(marker) == cuts
    assert targets.cuts == cuts
    if " in " in text:
        cuts = set(cuts)
    split = targets.with_cuts(cuts)
    assert split.marker_cuts(marker) == frozenset()
    for i, target in enumerate(split.targets):
        # Now the answer is the same for every patch release of a slice.
        last = target.high - 1 if target.high is not None else 40
        for patch in {target.low, (target.low + last) // 2, last}:
            environment = target.environment()
            environment["python_full_version"] = environment["implementation_version"] = (
                f"{target.python_text}.{patch}"
            )
            assert Oracle(text).evaluate(environment) is bool(split.marker_mask(marker) >> i & 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([">=", "<=", ">", "<", "==", "!=", "~="]),
            st.sampled_from(
                ["3.8", "3.8.1", "3.9.7", "3.10", "3.11.3", "3.12.0", "3.13.0rc1", "3.14", "4.0"]
            ),
        ).map("".join)
        | st.sampled_from(["!=3.9.*", "==3.12.*", "<4", ">=3.7.1"]),
        max_size=3,
    )
)
def test_requires_python_is_exact_once_its_cuts_are_made(clauses: list[str]) -> None:
    text = ",".join(clauses)
    specifiers = parse_specifiers(text)
    targets = default_targets(ANY)
    whole = targets.requires_python_mask(specifiers)
    split = targets.with_cuts(targets.requires_python_cuts(specifiers))
    assert split.requires_python_cuts(specifiers) == frozenset()
    mask = split.requires_python_mask(specifiers)
    oracle = SpecifierSet(text)
    for i, target in enumerate(split.targets):
        last = target.high - 1 if target.high is not None else 40
        for patch in (target.low, last):
            admitted = oracle.contains(f"{target.python_text}.{patch}", prereleases=True)
            assert admitted is bool(mask >> i & 1)
    for i, target in enumerate(targets.targets):
        # Uncut, a target is admitted when all of it is.
        parts = [
            j
            for j, part in enumerate(split.targets)
            if part.platform == target.platform and part.python == target.python
        ]
        assert bool(whole >> i & 1) is all(mask >> j & 1 for j in parts)


def test_requires_python_of_an_index_page_is_repaired_or_passed_over() -> None:
    targets = targets_of("cp38-linux-x86_64", "cp312-linux-x86_64")
    assert targets.requires_python_mask_of(None) == 0b11
    assert targets.requires_python_mask_of("") == 0b11
    assert targets.requires_python_mask_of(">=3.9.*") == 0b10
    assert targets.requires_python_mask_of("<3.9 ") == 0b01
    assert targets.requires_python_mask_of("senseless") == 0b11
    assert (
        targets.requires_python_cuts_of("senseless") == targets.requires_python_cuts_of(None) == frozenset()
    )
    assert targets.requires_python_cuts_of(">= 3.8.1") == {((3, 8), 1)}
    assert targets.requires_python_cuts_of(">=3.8.1") == {((3, 8), 1)}


def test_targets_that_someone_named_are_limited_by_requires_python() -> None:
    targets = targets_of("cp37-linux-x86_64", "cp38-linux-x86_64", "cp39-linux-x86_64", "cp312-linux-x86_64")
    limited = targets.limited_to(parse_specifiers(">=3.8.1,!=3.9.7,<3.12"))
    assert limited.names(limited.everything) == [
        "cp38.1+-linux-x86_64",
        "cp39.0:7-linux-x86_64",
        "cp39.8+-linux-x86_64",
    ]


TAGS = [
    "py3-none-any",
    "py2.py3-none-any",
    "py2-none-any",
    "py312-none-any",
    "cp312-none-any",
    "cp312-cp312-any",
    "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp39-abi3-manylinux_2_28_x86_64",
    "cp39-abi3-manylinux_2_34_x86_64",
    "cp311.cp312-abi3-macosx_11_0_universal2",
    "cp313-cp313t-manylinux_2_5_x86_64.manylinux1_x86_64",
    "cp313-cp313-win_amd64",
    "cp313-cp313-win_arm64",
    "cp312-cp312-musllinux_1_1_x86_64",
    "pp310-pypy310_pp73-manylinux2014_x86_64",
    "py3-none-manylinux2014_aarch64.win_amd64.any",
    "py3-none-macosx_12_0_arm64",
    "cp313-none-win32",
    "cp27-cp27mu-linux_x86_64",
    "py3-abi3-any",
    "",
]


@pytest.mark.parametrize("tags", TAGS)
def test_a_wheel_mask_is_the_wheel_on_each_target(tags: str) -> None:
    for targets in (MIXED, default_targets(ANY)):
        expected = sum(1 << i for i, target in enumerate(targets.targets) if tags and target.supports(tags))
        assert targets.wheel_mask(tags) == expected


@given(
    st.lists(st.sampled_from(["py3", "py2", "cp312", "cp313", "cp39", "pp310"]), min_size=1, max_size=3),
    st.lists(st.sampled_from(["none", "abi3", "abi3t", "cp312", "cp313t"]), min_size=1, max_size=2),
    st.lists(
        st.sampled_from(["any", "linux_x86_64", "win_amd64", "macosx_11_0_arm64", "musllinux_1_2_x86_64"]),
        min_size=1,
        max_size=3,
    ),
)
def test_a_compressed_set_is_the_union_of_its_tags(
    interpreters: list[str], abis: list[str], platforms: list[str]
) -> None:
    whole = MIXED.wheel_mask(f"{'.'.join(interpreters)}-{'.'.join(abis)}-{'.'.join(platforms)}")
    union = 0
    for interpreter in interpreters:
        for abi in abis:
            for platform in platforms:
                union |= MIXED.wheel_mask(f"{interpreter}-{abi}-{platform}")
    assert whole == union


# -- and back to words ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "rendered"),
    [
        ("sys_platform == 'win32'", "sys_platform == 'win32'"),
        ("platform_system == 'Windows'", "sys_platform == 'win32'"),
        ("os_name != 'nt'", "sys_platform != 'win32'"),
        ("sys_platform == 'darwin'", "sys_platform == 'darwin'"),
        ("sys_platform != 'darwin'", "sys_platform != 'darwin'"),
        ("python_version < '3.13'", "python_version < '3.13'"),
        ("python_version <= '3.9'", "python_version < '3.10'"),
        ("python_full_version >= '3.11.0'", "python_version >= '3.11'"),
        ("python_version == '3.10'", "python_version == '3.10'"),
        ("python_version == '3.15'", "python_version >= '3.15'"),
        ("python_version == '3.8'", "python_version < '3.9'"),
        ("platform_machine == 'aarch64'", "platform_machine == 'aarch64'"),
        ("platform_machine == 'AMD64'", "sys_platform == 'win32'"),
        (
            "python_version < '3.11' and platform_system == 'Windows'",
            "python_version < '3.11' and sys_platform == 'win32'",
        ),
        (
            "python_version >= '3.9' and python_version < '3.12'",
            "python_version >= '3.9' and python_version < '3.12'",
        ),
        (
            "sys_platform == 'linux' and platform_machine == 'x86_64'",
            "sys_platform == 'linux' and platform_machine == 'x86_64'",
        ),
        (
            "sys_platform == 'linux' and platform_machine == 'x86_64' and python_version < '3.13'",
            "python_version < '3.13' and sys_platform == 'linux' and platform_machine == 'x86_64'",
        ),
        (
            "platform_machine == 'aarch64' or python_version >= '3.14' and sys_platform == 'darwin'",
            "platform_machine == 'aarch64' or python_version >= '3.14' and sys_platform == 'darwin'",
        ),
        (
            "(python_version < '3.10' or python_version >= '3.14') and sys_platform == 'win32'",
            "sys_platform == 'win32' and (python_version >= '3.14' or python_version < '3.10')",
        ),
        ("os_name == 'java'", "python_version < '0'"),
        ("os_name == 'nt' or os_name == 'posix'", None),
    ],
)
def test_the_shortest_marker_reads_well(written: str, rendered: str | None) -> None:
    targets = default_targets(ANY)
    assert targets.render(targets.marker_mask(parse_marker(written))) == rendered


def test_a_universe_of_one_system_needs_no_system() -> None:
    targets = targets_of("cp312-linux-x86_64", "cp313-linux-x86_64")
    assert targets.render(0b01) == "python_version < '3.13'"
    assert targets.render(0b11) is None
    assert targets.render(0) == "python_version < '0'"


def test_slices_are_told_apart_by_the_full_version() -> None:
    targets = targets_of(
        "cp310-linux-x86_64", "cp311.0:3-linux-x86_64", "cp311.3+-linux-x86_64", "cp312-linux-x86_64"
    )
    assert targets.render(0b0011) == "python_full_version < '3.11.3'"
    assert targets.render(0b1100) == "python_full_version >= '3.11.3'"
    assert targets.render(0b0111) == "python_version < '3.12'"
    assert targets.render(0b0100) == "python_full_version >= '3.11.3' and python_version < '3.12'"


def check_render(targets: Targets, mask: int, within: int | None = None) -> str | None:
    text = targets.render(mask, within)
    care = targets.everything if within is None else within
    closed = targets.closure(mask & care)
    if text is None:
        assert closed & care == care
        return None
    oracle = Oracle(text)
    for i, target in enumerate(targets.targets):
        if care >> i & 1:
            assert oracle.evaluate(target.environment()) is bool(closed >> i & 1), (text, target.name)
    return text


@given(st.data())
def test_a_rendered_marker_is_true_on_exactly_the_mask(data: st.DataObject) -> None:
    targets = data.draw(
        st.sampled_from([MIXED, default_targets(ANY), default_targets(parse_specifiers(">=3.12"))])
    )
    masks = st.integers(0, targets.everything)
    within = data.draw(st.none() | masks)
    check_render(targets, data.draw(masks), within)


@given(st.lists(st.sampled_from(MARKERS), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_markers_that_people_write_come_back_short_and_right(texts: list[str], chance: random.Random) -> None:
    targets = default_targets(ANY)
    mask = targets.marker_mask(parse_marker(texts[0]))
    for text in texts[1:]:
        other = targets.marker_mask(parse_marker(text))
        mask = mask & other if chance.random() < 0.5 else mask | other
    rendered = check_render(targets, mask) or ""
    assert rendered.count(" and ") + rendered.count(" or ") <= 2 * len(texts) + 3


def test_rendering_does_not_depend_on_what_was_rendered_before() -> None:
    chance = random.Random(3)
    masks = [chance.getrandbits(40) for _ in range(20)]
    one, other = default_targets(ANY), default_targets(ANY)
    forward = [one.render(mask) for mask in masks]
    backward = [other.render(mask) for mask in reversed(masks)]
    assert forward == backward[::-1]


def test_what_no_marker_can_tell_apart_stays_together() -> None:
    targets = targets_of(
        "cp312-linux-x86_64", "cp312-linux-x86_64-musl1.2", "cp313-linux-x86_64", "cp313t-linux-x86_64"
    )
    assert targets.closure(0b0001) == 0b0011
    assert targets.closure(0b0100) == 0b1100
    assert targets.closure(0) == 0
    assert targets.render(0b0001) == "python_version < '3.13'"


def test_targets_outside_do_not_matter() -> None:
    targets = targets_of(
        "cp312-linux-x86_64", "cp312-macos-arm64", "cp312-windows-x86_64", "cp313-linux-x86_64"
    )
    assert targets.render(0b0001, 0b0011) == "sys_platform == 'linux'"
    assert targets.render(0b0001, 0b1001) == "python_version < '3.13'"
    assert targets.render(0b0001, 0b0001) is None


@pytest.mark.parametrize(
    ("marker", "name"),
    [
        ("sys_platform == 'win32'", "Windows"),
        ("sys_platform != 'win32'", "Linux and macOS"),
        ("platform_machine == 'aarch64'", "Linux aarch64"),
        ("platform_machine != 'aarch64'", "Linux x86_64, macOS and Windows"),
        ("python_version == '3.12' and sys_platform == 'darwin'", "Python 3.12 on macOS"),
        ("python_version < '3.10'", "Python 3.8 to 3.9"),
        ("python_version < '3.9' or python_version > '3.13'", "Python 3.8, 3.14 to 3.15"),
        ("sys_platform == 'win32' or python_version == '3.8'", "Python 3.8 on Linux and macOS; Windows"),
        ("python_version > '3'", "every target"),
        ("python_version < '3'", "no target"),
    ],
)
def test_a_mask_has_a_name_for_people(marker: str, name: str) -> None:
    targets = default_targets(ANY)
    assert targets.name(targets.marker_mask(parse_marker(marker))) == name


def test_unusual_targets_have_names_for_people() -> None:
    def name(text: str) -> str:
        return MIXED.name(sum(1 << i for i, target in enumerate(MIXED.targets) if target.name == text))

    assert name("cp311.0:3-linux-x86_64") == "Python 3.11.0-2 on Linux x86_64"
    assert name("cp311.3+-linux-x86_64") == "Python 3.11.3+ on Linux x86_64"
    assert name("cp313t-linux-x86_64") == "Python (free-threaded) 3.13 on Linux x86_64"
    assert name("pp310-linux-x86_64") == "PyPy 3.10 on Linux x86_64"
    assert name("cp312-linux-x86_64-musl1.2") == "Linux x86_64 (musl)"


# -- the environments of a lock ------------------------------------------------------------------


@pytest.mark.parametrize(
    "targets", [MIXED, default_targets(ANY), default_targets(parse_specifiers("!=3.10.*"))]
)
def test_the_environments_are_true_on_the_targets_and_nowhere_else(targets: Targets) -> None:
    chance = random.Random(7)
    everywhere = MIXED.with_cuts([((3, 9), 7), ((3, 12), 2)]).targets + default_targets(ANY).targets
    for mask in (targets.everything, chance.getrandbits(len(targets)), chance.getrandbits(len(targets))):
        markers = [Oracle(text) for text in targets.environments(mask)]
        members = {
            (t.python, t.low, t.high, t.platform.os, t.platform.machine, t.implementation)
            for t in targets.in_mask(mask)
        }
        for target in everywhere:
            place = (target.platform.os, target.platform.machine, target.implementation)
            inside = any(
                member[0] == target.python
                and member[1] <= target.low
                and (member[2] is None or target.low < member[2])
                and member[3:] == place
                for member in members
            )
            assert any(marker.evaluate(target.environment()) for marker in markers) is inside
        unknown = targets.targets[0].environment() | {
            "python_version": "3.99",
            "python_full_version": "3.99.0",
        }
        assert not any(marker.evaluate(unknown) for marker in markers)


def test_environments_read_well() -> None:
    targets = targets_of(
        "cp312-linux-x86_64", "cp313-linux-x86_64", "cp310.2+-windows-x86_64", "cp312-windows-x86_64"
    )
    assert targets.environments() == (
        (
            "sys_platform == 'linux' and platform_machine == 'x86_64' and implementation_name == 'cpython'"
            " and python_version >= '3.12' and python_version < '3.14'"
        ),
        (
            "sys_platform == 'win32' and platform_machine == 'AMD64' and implementation_name == 'cpython'"
            " and (python_full_version >= '3.10.2' and python_version < '3.11'"
            " or python_version >= '3.12' and python_version < '3.13')"
        ),
    )


def test_splitting_keeps_the_order() -> None:
    targets = targets_of("cp311-linux-x86_64", "cp312-linux-x86_64", "cp311-macos-arm64")
    split = targets.with_cuts([((3, 11), 3), ((3, 11), 5), ((3, 9), 1)])
    assert [target.name.split("-")[0] for target in split.targets] == [
        "cp311.0:3", "cp311.3:5", "cp311.5+", "cp312", "cp311.0:3", "cp311.3:5", "cp311.5+",
    ]  # fmt: skip
    assert split.with_cuts([((3, 11), 3)]) == split
    assert targets.subset(0b101) == targets_of("cp311-linux-x86_64", "cp311-macos-arm64")
