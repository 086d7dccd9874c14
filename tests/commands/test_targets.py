"""Targets: words for them, what is demanded and what is wished, twins, and machines that none covers."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import platform
import sys
import tomllib

import pytest

from commands.support import block, installed, locked, manifest, shown

MACHINE = f"cp{sys.version_info[0]}{sys.version_info[1]}-linux-{platform.machine()}"


def hutch(*targets: str) -> str:
    return f"[tool.hutch]\ntargets = [{', '.join(map(repr, targets))}]\n"


def targets(made: object) -> list[str]:
    return list(tomllib.loads(made.read("pylock.toml"))["tool"]["hutch"]["targets"])  # type: ignore[attr-defined]


@pytest.fixture
def native(index):
    """``fast``: 2.0 has wheels for glibc alone, 1.0 for musl and a free-threaded Python as well."""
    for machine in ("x86_64", "aarch64"):
        for python in ("cp313", "cp314"):
            tags = f"{python}-{python}-manylinux_2_17_{machine}"
            for version in ("1.0", "2.0"):
                index.add_wheel("fast", version, tags=tags)
            index.add_wheel("fast", "1.0", tags=f"{python}-{python}t-manylinux_2_17_{machine}")
            index.add_wheel("fast", "1.0", tags=f"{python}-{python}-musllinux_1_2_{machine}")
    index.add_wheel("pure", "1.0")
    return index


def test_words_in_the_manifest(project, native):
    made = project(manifest("pure", more=hutch("cp313-linux", "macos-arm64"), python=">=3.11, <3.14"))
    made.run("lock").ok()
    assert targets(made) == [
        "cp313-linux-x86_64",
        "cp313-linux-aarch64",
        "cp311-macos-arm64",
        "cp312-macos-arm64",
        "cp313-macos-arm64",
    ]


def test_words_that_are_none_are_told_with_their_lines(project, native):
    made = project(manifest("pure", more=hutch("lunix", "cp313")))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: a setting cannot be used
          <project>/pyproject.toml:8: targets: `lunix` is not the name of a target; `lunix` is no part of a target; did you mean `linux`?
        try: `hutch config show` shows every setting and where it was set
    """)
    made = project(manifest("pure"))
    assert shown(made.run("lock --target lunix")) == block("""
        exit 1
        error: `lunix` is not the name of a target
          `lunix` is no part of a target; did you mean `linux`?
        try: a target looks like `cp312-linux-x86_64`, `cp313-macos-arm64`, `pp310-linux-x86_64`
    """)


def test_no_target_is_left(project, native):
    made = project(manifest("pure", more=hutch("cp39"), python=">=3.11"))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no target is left of cp39
          requires-python is `>=3.11`
        try: name other targets, or widen requires-python in pyproject.toml
    """)


def test_what_is_named_whole_is_demanded_and_what_a_word_covers_is_wished(project, native):
    made = project(manifest("fast", more=hutch("cp313-linux-x86_64", "cp313", "cp314-linux")))
    assert shown(made.run("lock --explain-targets")) == block("""
        exit 0
        -- stdout --
        target                wanted           result
        cp313-linux-x86_64    demanded: named  locked
        cp313-linux-aarch64   wished           locked
        cp313-macos-arm64     wished           left out: no version of fast has a file for macOS and Windows
        cp313-macos-x86_64    wished           left out: no version of fast has a file for macOS and Windows
        cp313-windows-x86_64  wished           left out: no version of fast has a file for macOS and Windows
        cp314-linux-x86_64    wished           locked
        cp314-linux-aarch64   wished           locked
    """)
    assert made.tree() == ["pyproject.toml"]
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 1 package for 4 targets in <time>
        note: left out cp313-macos-arm64, cp313-macos-x86_64, cp313-windows-x86_64: no version of fast has a file for macOS and Windows
         + fast 2.0
    """)


def test_default_targets_are_explained_too(project, native):
    native.add_wheel("mine", "1.0", tags="py3-none-manylinux_2_17_x86_64")
    native.add_wheel("mine", "1.0", tags="py3-none-macosx_11_0_arm64")
    made = project(manifest("mine", python=">=3.11, <3.13"))
    assert shown(made.run("lock --explain-targets")) == block("""
        exit 0
        -- stdout --
        target                wanted                  result
        cp311-linux-x86_64    demanded: this machine  locked
        cp312-linux-x86_64    wished                  locked
        cp311-linux-aarch64   wished                  left out: mine 1.0 has no file for Linux aarch64, macOS x86_64 and Windows
        cp312-linux-aarch64   wished                  left out: mine 1.0 has no file for Linux aarch64, macOS x86_64 and Windows
        cp311-macos-arm64     wished                  locked
        cp312-macos-arm64     wished                  locked
        cp311-macos-x86_64    wished                  left out: mine 1.0 has no file for Linux aarch64, macOS x86_64 and Windows
        cp312-macos-x86_64    wished                  left out: mine 1.0 has no file for Linux aarch64, macOS x86_64 and Windows
        cp311-windows-x86_64  wished                  left out: mine 1.0 has no file for Linux aarch64, macOS x86_64 and Windows
        cp312-windows-x86_64  wished                  left out: mine 1.0 has no file for Linux aarch64, macOS x86_64 and Windows
    """)


def test_a_word_of_which_nothing_is_left_is_an_error(project, native):
    made = project(manifest("fast", more=hutch("cp313-linux", "macos")))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no target of `macos` can be served
          no version of fast has a file for macOS
        try: hutch lock --explain-targets tells of each target
    """)
    assert made.tree() == ["pyproject.toml"]


def test_musl_beside_glibc_gets_the_same_version(project, native):
    whole = ("cp313-linux-x86_64", "cp313-linux-x86_64-musl1.2")
    made = project(manifest("fast", more=hutch(*whole)))
    made.run("lock").ok()
    assert locked(made) == {"fast": "1.0"}
    wheels = tomllib.loads(made.read("pylock.toml"))["packages"][0]["wheels"]
    assert {wheel["url"].rpartition("/")[2] for wheel in wheels} == {
        "fast-1.0-cp313-cp313-manylinux_2_17_x86_64.whl",
        "fast-1.0-cp313-cp313-musllinux_1_2_x86_64.whl",
    }
    made.run("lock --check").ok()


def test_free_threaded_beside_the_usual_one(project, native):
    whole = ("cp313-linux-x86_64", "cp313t-linux-x86_64")
    made = project(manifest("fast", more=hutch(*whole)))
    made.run("lock").ok()
    assert locked(made) == {"fast": "1.0"}
    assert targets(made) == list(whole)


def test_twins_that_are_both_demanded_and_cannot_both_be_had(project, native):
    native.add_wheel("glibc", "1.0", tags="cp313-cp313-manylinux_2_17_x86_64")
    whole = ("cp313-linux-x86_64", "cp313-linux-x86_64-musl1.2")
    made = project(manifest("glibc", more=hutch(*whole)))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          glibc 1.0 lacks a file for Linux x86_64 (musl), which no marker tells from its like
          glibc is asked for in pyproject.toml:5
    """)


def test_a_twin_that_is_only_wished_for_costs_the_other_nothing(project, native):
    native.add_wheel("glibc", "1.0", tags="cp313-cp313-manylinux_2_17_x86_64")
    native.add_wheel("glibc", "1.0", tags="cp311.cp312-cp311.cp312-manylinux_2_17_x86_64")
    native.add_wheel("glibc", "1.0", tags="cp311.cp312-cp311.cp312-musllinux_1_2_x86_64")
    words = hutch("cp313-linux-x86_64", "cp312-linux-x86_64", "musl-x86_64")
    made = project(manifest("glibc", more=words, python=">=3.11, <3.14"))
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 1 package for 4 targets in <time>
        note: left out cp313-linux-x86_64-musl1.2: markers cannot tell it from cp313-linux-x86_64, and no versions serve both
         + glibc 1.0
    """)
    assert targets(made) == [
        "cp313-linux-x86_64",
        "cp312-linux-x86_64",
        "cp311-linux-x86_64-musl1.2",
        "cp312-linux-x86_64-musl1.2",
    ]


def test_a_target_is_added_by_one_command(project, native):
    made = project(manifest("pure", more=hutch("cp39-windows-x86_64")))
    said = shown(made.run("sync")).replace(MACHINE, "<machine>")
    assert said == block("""
        exit 1
        error: the lock is not for this environment (linux x86_64 <version>)
          it was made for cp39-windows-x86_64
        try: hutch lock --add-target <machine>
         or: use a Python that the lock covers
    """)
    made.run(f"lock --add-target {MACHINE}").ok()
    assert hutch("cp39-windows-x86_64", MACHINE) in made.read("pyproject.toml")
    made.run("sync").ok()
    assert installed(made) == {"pure": "1.0"}


def test_a_machine_that_no_marker_tells_apart_is_warned_of(project, native):
    made = project(manifest("pure", more=hutch(f"{MACHINE}-musl1.2")))
    said = shown(made.run("sync")).replace(MACHINE, "<machine>")
    assert said.splitlines()[:2] == [
        "exit 0",
        "warning: no target of the lock covers this machine (<machine>), so nothing is proven for it; hutch lock --add-target <machine> adds it",
    ]
    assert installed(made) == {"pure": "1.0"}


def test_a_target_is_added_to_the_default_ones(project, native):
    made = project(manifest("pure"))
    assert shown(made.run("lock --add-target musl --add-target cp313t-linux-x86_64")) == block("""
        exit 0
        Locked 1 package for 50 targets in <time>
         + pure 1.0
    """)
    assert 'targets = ["default", "musl", "cp313t-linux-x86_64"]' in made.read("pyproject.toml")
    before = made.tree(), made.read("pyproject.toml")
    made.run("lock --add-target musl").ok()
    assert (made.tree(), made.read("pyproject.toml")) == before
    made.run("sync").ok()
    assert installed(made) == {"pure": "1.0"}


def test_a_target_that_cannot_be_served_is_not_added(project, native):
    made = project(manifest("fast", more=hutch("cp313-linux-x86_64")))
    before = made.read("pyproject.toml")
    assert made.run("lock --add-target cp313-windows-x86_64").exit_code == 1
    assert made.read("pyproject.toml") == before
    assert made.tree() == ["pyproject.toml"]


def test_a_check_runs_the_law_as_well(project, index):
    for version in ("1.0", "2.0"):
        index.add_wheel("io", version)
    index.add_wheel("web", "1.0", requires=["io<2"])
    made = project(manifest("io"))
    made.run("lock").ok()  # so that the store knows what io 2.0 needs
    made.write({"pyproject.toml": manifest("web")})
    made.run("lock --upgrade").ok()
    made.run("lock --check").ok()
    text = made.read("pylock.toml").replace('"io"\nversion = "1.0"', '"io"\nversion = "2.0"')
    made.write({"pylock.toml": text.replace("io-1.0-py3", "io-2.0-py3")})
    index.log.clear()
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not what its requirements ask for
          cp39-linux-x86_64: web 1.0 needs io<2, and 2.0 is there
        try: hutch lock --upgrade makes it anew
    """)
    assert index.log == []


def test_a_wish_does_not_go_back_to_a_time_before_the_extra(project, index):
    """Where `fast` has no file a version without the extra would do, and give nobody what was asked for."""
    python = MACHINE.partition("-")[0]
    only = f">=3.{python[3:]}, <3.{int(python[3:]) + 1}"
    for system in (f"manylinux_2_17_{platform.machine()}", "macosx_11_0_arm64"):
        index.add_wheel("fast", "1.0", tags=f"{python}-{python}-{system}")
    index.add_wheel("web", "1.0")
    index.add_wheel("web", "2.0", extras={"quick": ["fast"]})
    index.add_wheel("web", "2.1", extras={"quick": ["fast"]})
    made = project(manifest("web[quick]", more=hutch(MACHINE, "macos"), python=only))
    lines = made.run("lock").ok().stderr.splitlines()
    assert f"note: left out {python}-macos-x86_64: fast 1.0 has no file for macOS x86_64" in lines
    assert targets(made) == [MACHINE, f"{python}-macos-arm64"]
    assert locked(made) == {"fast": "1.0", "web": "2.1"}

    # Who names the target insists on it, and hears what it costs.
    made = project(manifest("web[quick]", more=hutch(MACHINE, f"{python}-macos-x86_64"), python=only))
    assert "web 1.0 has no extra quick" in made.run("lock").ok().stderr


def test_a_wish_that_comes_down_to_metadata_nobody_can_read_is_left_out(project, index):
    """Old releases are what a Python that is too new for all others comes down to, and some cannot be read."""
    index.add_wheel("alpha", "1.0", requires=["beta>=0.0.45gamma>=0.5"])
    index.add_wheel("alpha", "2.0", requires_python=f"<3.{sys.version_info[1] + 1}")
    made = project(manifest("alpha", python=f">=3.{sys.version_info[1]}"))
    made.run("lock").ok()
    assert locked(made) == {"alpha": "2.0"}
    assert {target.partition("-")[0] for target in targets(made)} == {f"cp3{sys.version_info[1]}"}
    # Where the project itself comes down to it, it is told.
    made = project(manifest("alpha <2"))
    assert made.run("lock").exit_code == 1


def test_a_wish_does_not_have_all_old_sources_built(project, index):
    """Each first release would do for a Python that the newest is not for, and is to be built to say why not."""
    minor = sys.version_info[1]
    for number in range(12):
        index.add_sdist("alpha", f"1.{number}", requires=["nowhere>=1"])
    index.add_wheel("alpha", "2.0", requires_python=f"<3.{minor + 1}")
    made = project(manifest("alpha", python=f">=3.{minor}"))
    made.run("lock").ok()
    assert locked(made) == {"alpha": "2.0"}
    assert {target.partition("-")[0] for target in targets(made)} == {f"cp3{minor}"}
    assert len(index.asked("*.tar.gz")) == 3
