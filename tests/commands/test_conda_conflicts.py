"""Conflicts as somebody reads them at a terminal of 80 columns: what clashes, where it stands, and what to do."""

# ruff: noqa: E501  what a command says is as long as it is

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from commands.conda_world import make_demo
from commands.support import block, shown
from hutch.testing.conda import CondaPackage, index_channel

LINUX, MAC, WINDOWS = "linux-64", "osx-arm64", "win-64"


def same(name: str, version: str, build: str = "0", **more: Any) -> CondaPackage:
    """A package that is the distribution of its name."""
    return CondaPackage(name, version, build, purls=[f"pkg:pypi/{name}"], **more)


def forge() -> list[CondaPackage]:
    packages = [
        CondaPackage("python", "3.12.8", "0_cpython", subdir=subdir) for subdir in (LINUX, MAC, WINDOWS)
    ]
    packages.append(CondaPackage("python", "3.11.8", "0_cpython", subdir=LINUX))
    for version in ("1.26.4", "2.0.0", "2.1.0"):
        for minor in (11, 12):
            needs = [f"python >=3.{minor},<3.{minor + 1}.0a0"]
            for subdir in (LINUX, MAC, WINDOWS):
                packages.append(same("numpy", version, f"py3{minor}_0", subdir=subdir, depends=needs))
    packages += [
        same("pandas", "2.2.0", depends=["numpy >=1.22,<2.0a0", "python >=3.9"]),
        same("scikit-learn", "1.5.0", depends=["numpy >=1.26"]),
        CondaPackage("cuda-version", "12.4", depends=["__cuda >=12"]),
        CondaPackage("gpu-thing", "1.0", subdir=LINUX, depends=["cuda-version >=12"]),
        CondaPackage("modern-libc", "1.0", subdir=LINUX, depends=["__glibc >=2.34"]),
        CondaPackage("gcc", "13.2", subdir=LINUX),
        CondaPackage("late", "2.0", timestamp=1_700_000_000_000),
        CondaPackage("maconly", "1.0", subdir=MAC),
    ]
    return packages


@pytest.fixture
def demo(project: Any, index: Any) -> Any:
    for name, requires in {
        "alpha": [],
        "modern": ["numpy>=2.1"],
        "old": ["numpy<1.26"],
        "requests": [],
        "scikit-learn": [],
    }.items():
        index.add_wheel(name, "1.6.0", requires=requires)
    index.add_wheel("newpy", "1.0", requires_python=">=3.13")
    index.add_wheel("winonly", "1.0", tags="cp312-cp312-win_amd64")
    index.add_wheel("newlibc", "1.0", tags="cp312-cp312-manylinux_2_34_x86_64")
    index.add_wheel("fresh", "1.0", upload_time="2026-10-01T00:00:00Z")
    made = make_demo(project, forge())
    index_channel(
        made.path / "own", [same("numpy", "1.20.0"), CondaPackage("inhouse", depends=["numpy >=2"])]
    )
    return made


def locked(demo: Any, said: Mapping[str, Any]) -> str:
    """What `lock` says of a project; names of keys are those of the manifest."""
    channels = json.dumps(said.get("channels", ["./chan"]))
    text = f"""
        [project]
        name = "study"
        version = "1"
        requires-python = "{said.get("requires", ">=3.11")}"
        dependencies = {json.dumps(said.get("wheels", []))}
        [tool.hutch]
        package = false
        {said.get("own", "")}
        [tool.hutch.conda]
        channels = {channels}
        platforms = {json.dumps(said.get("platforms", [LINUX]))}
        dependencies = {json.dumps(said.get("conda", []))}
        {said.get("more", "")}
    """
    demo.write({"pyproject.toml": block(text)})
    return shown(demo.run("lock"))


OTHERWISE = "ask for other versions, or take one of these requirements out"
NONE = "exit 1\nerror: no packages satisfy all requirements"

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "there is no driver for CUDA": (
        {"conda": ["gpu-thing"]},
        """
          gpu-thing 1.0 0 (pyproject.toml:12) needs cuda-version >=12
          cuda-version 12.4 0 needs __cuda >=12
          __cuda is no package, but what the driver of a graphics card can do: linux-64 has none
        try: system-requirements = { cuda = "12" } in [tool.hutch.conda], if all machines of the project have that
        """,
    ),
    "the driver is too old": (
        {"conda": ["cuda-version"], "more": 'system-requirements = { cuda = "11.4" }'},
        """
          cuda-version 12.4 0 (pyproject.toml:12) needs __cuda >=12
          __cuda is no package, but what the driver of a graphics card can do: linux-64 has 11.4
        try: system-requirements = { cuda = "12" } in [tool.hutch.conda], if all machines of the project have that
        """,
    ),
    "the C library is too old": (
        {"conda": ["modern-libc"]},
        """
          modern-libc 1.0 0 (pyproject.toml:12) needs __glibc >=2.34
          __glibc is no package, but the C library: linux-64 has 2.28
        try: system-requirements = { glibc = "2.34" } in [tool.hutch.conda], if all machines of the project have that
        """,
    ),
    "a wheel needs a newer numpy than is pinned for conda": (
        {"wheels": ["modern"], "conda": ["numpy 1.26.*"]},
        """
          modern 1.6.0 (pyproject.toml:5) needs numpy >=2.1
          numpy 1.26.* is asked for in pyproject.toml:12
        try: numpy >=2.1 instead of numpy 1.26.* in pyproject.toml:12, if nothing else is against it
         or: ask for other versions, or take one of these requirements out
        """,
    ),
    "a wheel needs a newer numpy than a package of conda": (
        {"wheels": ["modern"], "conda": ["pandas"]},
        """
          modern 1.6.0 (pyproject.toml:5) needs numpy >=2.1
          pandas 2.2.0 0 (pyproject.toml:12) needs numpy >=1.22,<2.0a0
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "a wheel needs an older numpy than any": (
        {"wheels": ["old"], "conda": ["numpy"]},
        """
          old 1.6.0 (pyproject.toml:5) needs numpy <1.26, which no version satisfies (there are 1.26.4 to 2.1.0)
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "one name in other versions on both sides": (
        {"wheels": ["scikit-learn>=1.6"], "conda": ["scikit-learn 1.5.*"]},
        """
          scikit-learn >=1.6 is asked for in pyproject.toml:5
          scikit-learn 1.5.* is asked for in pyproject.toml:12
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "python is pinned against requires-python": (
        {"conda": ["python 3.11.*", "numpy"], "requires": ">=3.12"},
        """
          python 3.11.* is asked for in pyproject.toml:12
          python >=3.12 is asked for in pyproject.toml:4
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "a wheel needs a newer python": (
        {"wheels": ["newpy"], "conda": ["python 3.12.*"]},
        """
          newpy 1.0 requires Python >=3.13
          newpy is asked for in pyproject.toml:5
          python 3.12.* is asked for in pyproject.toml:12
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "the first channel hides what the second one has": (
        {"conda": ["inhouse"], "channels": ["./own", "./chan"]},
        """
          inhouse 1.0 0 (pyproject.toml:12) needs numpy >=2, which no version satisfies (there is 1.20.0)
          numpy comes from ./own alone, the first channel that has it; ./chan has 1.26.4 to 2.1.0
        try: ./chan::numpy takes it from there
         or: channel-priority = "flexible" in [tool.hutch.conda] asks all channels
         or: ask for other versions, or take one of these requirements out
        """,
    ),
    "wheels for another system": (
        {"wheels": ["winonly"], "conda": ["python"]},
        """
          winonly 1.0 has no file for linux-64
          winonly is asked for in pyproject.toml:5
          the wheels of winonly are for win_amd64
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "wheels for a newer C library": (
        {"wheels": ["newlibc"], "conda": ["python"]},
        """
          newlibc 1.0 has no file for linux-64
          newlibc is asked for in pyproject.toml:5
          the wheels of newlibc are for manylinux_2_34_x86_64
          linux-64 has the C library 2.28
        try: system-requirements = { glibc = "2.34" } in [tool.hutch.conda], if that is not so
         or: ask for other versions, or take one of these requirements out
        """,
    ),
    "a wheel that came too late": (
        {"wheels": ["fresh"], "conda": ["python"], "own": 'exclude-newer = "2026-01-01"'},
        """
          fresh 1.0 came after the date given by exclude-newer
          fresh is asked for in pyproject.toml:5
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "a build that is not there": (
        {"conda": ["numpy * py310_0"]},
        """
          no version satisfies numpy * py310_0, asked for in pyproject.toml:12 (builds: py311_0, py312_0)
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "a build of one version that is not there": (
        {"conda": ["numpy=2.0.0=py310_0"]},
        """
          no version satisfies numpy=2.0.0=py310_0, asked for in pyproject.toml:12 (builds: py311_0, py312_0)
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "a build of a version that is not there": (
        {"conda": ["numpy=3.0.0=py311_0"]},
        """
          no version satisfies numpy=3.0.0=py311_0, asked for in pyproject.toml:12 (there are 1.26.4 to 2.1.0)
        try: ask for other versions, or take one of these requirements out
        """,
    ),
    "a version that is not there": (
        {"conda": ["numpy 3.*"]},
        """
          no version satisfies numpy 3.*, asked for in pyproject.toml:12 (there are 1.26.4 to 2.1.0)
        try: ask for other versions, or take one of these requirements out
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_conflict(demo: Any, case: str) -> None:
    said, expected = CASES[case]
    assert locked(demo, said) == f"{NONE}\n{block(expected)}"


def test_a_platform_that_has_none(demo: Any) -> None:
    assert locked(demo, {"conda": ["gcc", "numpy"], "platforms": [LINUX, MAC]}) == block("""
        exit 1
        error: no packages satisfy all requirements on osx-arm64
          gcc 13.2 0 has no record for osx-arm64
          gcc is asked for in pyproject.toml:12
        try: gcc for linux-64 alone: among the dependencies of [tool.hutch.conda.target.linux]
         or: ask for other versions, or take one of these requirements out
    """)


NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "a slip in a name of conda": (
        {"conda": ["nunpy"]},
        """
        exit 1
        error: no channel has a package nunpy (asked for in pyproject.toml:12)
          these were asked: ./chan
        try: it may be meant: numpy
        """,
    ),
    "a slip in a name of the index": (
        {"wheels": ["reqeusts"], "conda": ["python"]},
        """
        exit 1
        error: there is no package named reqeusts
          asked for in pyproject.toml:5
          the index default does not have it
        try: did you mean requests?
        """,
    ),
    "only a channel has it": (
        {"wheels": ["cuda-version"], "conda": ["python"]},
        """
        exit 1
        error: there is no package named cuda-version
          asked for in pyproject.toml:5
          the index default does not have it
        try: conda's channels have cuda-version: hutch add --conda cuda-version
        """,
    ),
    "only another channel has it": (
        {"conda": ["samtools"]},
        """
        exit 1
        error: no channel has a package samtools (asked for in pyproject.toml:12)
          these were asked: ./chan
        try: look at its name, or add the channel that has it
        """,
    ),
    "all records came too late": (
        {"conda": ["late"], "own": 'exclude-newer = "2020-01-01"'},
        """
        exit 1
        error: no record of late can be taken (asked for in pyproject.toml:12)
          exclude-newer lets nothing count that came after 2020-01-01; the oldest came on 2023-11-14
        try: set a later exclude-newer, or take it out
        """,
    ),
    "records for other systems alone": (
        {"conda": ["maconly"], "platforms": [LINUX, MAC]},
        """
        exit 1
        error: no packages satisfy all requirements on linux-64
          maconly 1.0 0 has no record for linux-64
          maconly is asked for in pyproject.toml:12
        try: maconly for osx-arm64 alone: among the dependencies of [tool.hutch.conda.target.osx]
         or: ask for other versions, or take one of these requirements out
        """,
    ),
}


def test_a_platform_without_the_version_of_python(demo: Any) -> None:
    said = {"wheels": ["alpha"], "conda": ["python 3.11.*"], "platforms": [LINUX, WINDOWS]}
    assert locked(demo, said) == block("""
        exit 1
        error: no packages satisfy all requirements on win-64
          python 3.11.8 has no record for win-64
          python 3.11.* is asked for in pyproject.toml:12
        try: ask for other versions, or take one of these requirements out
    """)


def test_a_group_that_contradicts_the_project(demo: Any) -> None:
    more = '[tool.hutch.conda.group.new]\ndependencies = ["numpy >=2"]'
    assert locked(demo, {"conda": ["numpy 1.26.*"], "more": more}) == block("""
        exit 1
        note: group new and the project contradict each other: locked apart
        error: no packages satisfy all requirements, with the group new
          numpy 1.26.* is asked for in pyproject.toml:12
          numpy >=2 is asked for in pyproject.toml:14
        try: ask for other versions, or take one of these requirements out
    """)


def test_channels_without_a_python(demo: Any) -> None:
    index_channel(demo.path / "bio", [CondaPackage("samtools", "1.20")])
    said = {"wheels": ["alpha"], "conda": ["samtools"], "channels": ["./bio"]}
    assert locked(demo, said) == block("""
        exit 1
        error: there is no Python for linux-64
          packages of an index need one, and no channel has any
          these were asked: ./bio
        try: add a channel that has python, such as conda-forge
    """)


@pytest.mark.parametrize("case", NAMES)
def test_a_name(demo: Any, case: str) -> None:
    said, expected = NAMES[case]
    assert locked(demo, said) == block(expected)
