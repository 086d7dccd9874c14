"""Wheel and sdist names, and supported tags against ``packaging.tags`` in real interpreters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import packaging
import packaging.tags
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from hutch.spec import (
    InvalidWheelName,
    Platform,
    TagFacts,
    Target,
    best_rank,
    parse_sdist_name,
    parse_wheel_name,
    split_wheel_name,
    supported_tags,
)
from hutch.spec.platforms import accepts, platform_tags

LINUX = Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 36))
PLATFORMS = [
    LINUX,
    Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 17)),
    Platform(os="linux", machine="i686", libc="glibc", version=(2, 28)),
    Platform(os="linux", machine="aarch64", libc="glibc", version=(2, 28)),
    Platform(os="linux", machine="armv7l", libc="glibc", version=(2, 31)),
    Platform(os="linux", machine="armv8l", libc="glibc", version=(2, 31)),
    Platform(os="linux", machine="mips", libc="glibc", version=(2, 31)),
    Platform(os="linux", machine="x86_64", libc="musl", version=(1, 2)),
    Platform(os="linux", machine="aarch64", libc="musl", version=(1, 1)),
    Platform(os="macos", machine="arm64", version=(14, 0)),
    Platform(os="macos", machine="arm64", version=(11, 3)),
    Platform(os="macos", machine="x86_64", version=(14, 0)),
    Platform(os="macos", machine="x86_64", version=(10, 12)),
    Platform(os="windows", machine="x86_64"),
    Platform(os="windows", machine="arm64"),
    Platform(os="windows", machine="x86"),
    Platform(os="freebsd", machine="amd64", version=(14, 1), tag="freebsd_14_1_release_amd64"),
]
IDS = [f"{p.os}-{p.machine}-{p.libc}{p.version[0]}.{p.version[1]}" for p in PLATFORMS]
INTERPRETERS = [
    ("cpython", (3, 8), False),
    ("cpython", (3, 12), False),
    ("cpython", (3, 13), True),
    ("cpython", (3, 15), True),
    ("pypy", (3, 10), False),
    ("pypy", (3, 11), False),
]


# -- file names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "name", "version", "build", "tags"),
    [
        ("foo-1.0-py3-none-any.whl", "foo", "1.0", "", "py3-none-any"),
        ("Foo_Bar-1.0+l.1-2build-py2.py3-none-any.whl", "foo-bar", "1.0+l.1", "2build", "py2.py3-none-any"),
        (
            "numpy-2.1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "numpy",
            "2.1.0",
            "",
            "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
        ),
        ("a.b-1-CP312-none-Any.whl", "a-b", "1", "", "cp312-none-any"),
    ],
)  # fmt: skip
def test_a_wheel_name_is_split(filename: str, name: str, version: str, build: str, tags: str) -> None:
    found = parse_wheel_name(filename)
    assert (found.name, found.version, found.build, found.tags) == (name, version, build, tags)
    assert split_wheel_name(filename) is not None


def test_builds_are_ordered_by_number_then_text() -> None:
    builds = ["", "1", "1a", "2", "10", "10b"]
    found = [parse_wheel_name(f"a-1-{b}-py3-none-any.whl" if b else "a-1-py3-none-any.whl") for b in builds]
    assert sorted(found, key=lambda name: name.build_order) == found


@pytest.mark.parametrize(
    "filename",
    [
        "foo-1.0-py3-none-any.zip",
        "foo-1.0-none-any.whl",
        "foo-1.0-1-2-py3-none-any.whl",
        "foo__bar-1.0-py3-none-any.whl",
        "foo-latest-py3-none-any.whl",
        "foo-1.0-x1-py3-none-any.whl",
        "foo-1.0-py3--any.whl",
        "foo-1.0-py3-none-.whl",
        "-1.0-py3-none-any.whl",
        "fo o-1.0-py3-none-any.whl",
        ".whl",
        "",
    ],
)
def test_what_packaging_refuses_is_refused(filename: str) -> None:
    with pytest.raises(InvalidWheelFilename):
        parse_wheel_filename(filename)
    with pytest.raises(InvalidWheelName) as caught:
        parse_wheel_name(filename)
    assert caught.value.code == "invalid-wheel-name"


@given(st.text(alphabet="fo1-._py3noneany", max_size=30).map(lambda text: text + ".whl"))
def test_any_name_is_split_or_refused_as_packaging_does(filename: str) -> None:
    try:
        name, version, build, _ = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        with pytest.raises(InvalidWheelName):
            parse_wheel_name(filename)
    else:
        found = parse_wheel_name(filename)
        assert found.name == name
        assert found.build_order == (build or (-1, ""))
        assert found.version == str(version) or canonicalize_name(found.version) != ""


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("foo-1.0.tar.gz", "foo", "1.0"),
        ("foo-1.0.zip", "Foo", "1.0"),
        ("Foo_Bar-1.0-1.tar.gz", "foo.bar", "1.0-1"),
        ("foo-2-1.0.tar.gz", "foo-2", "1.0"),
        ("foo-2-1.0.tar.gz", "foo", None),
        ("foo-bar-1.0.tar.gz", "foo", None),
        ("foo-1.0.tar.bz2", "foo", "1.0"),
        ("foo-1.0.tgz", "foo", "1.0"),
        ("foo-1.0.exe", "foo", None),
        ("foo-1.0-py3-none-any.whl", "foo", None),
        ("foo.tar.gz", "foo", None),
        ("foo-1.0+local.tar.gz", "foo", "1.0+local"),
    ],
)
def test_an_sdist_name_is_split_by_its_project(filename: str, project: str, version: str | None) -> None:
    assert parse_sdist_name(filename, project) == version


# -- platforms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", PLATFORMS, ids=IDS)
def test_asking_about_a_platform_tag_agrees_with_the_list(platform: Platform) -> None:
    listed = set(platform_tags(platform))
    asked = {tag for other in PLATFORMS for tag in platform_tags(other)}
    asked |= {
        f"{kind}_{major}_{minor}_{machine}"
        for kind in ("manylinux", "musllinux", "macosx")
        for major in (1, 2, 3, 10, 11, 12, 14, 15)
        for minor in (0, 1, 2, 3, 4, 5, 12, 16, 17, 28, 29, 36, 37)
        for machine in (
            "x86_64",
            "aarch64",
            "arm64",
            "i686",
            "armv7l",
            "universal2",
            "intel",
            "fat",
            "universal",
        )
    }
    asked |= {
        f"manylinux{year}_{machine}" for year in (1, 2010, 2014) for machine in ("x86_64", "aarch64", "i686")
    }
    asked |= {"any", "", "linux", "manylinux", "win", "linux_", "macosx_14_0", "manylinux_2_x_x86_64"}
    assert {tag for tag in asked if accepts(platform, tag)} == listed


@pytest.mark.parametrize("platform", [p for p in PLATFORMS if p.os == "macos"], ids=str)
def test_macos_tags_are_those_of_packaging(platform: Platform) -> None:
    assert list(platform_tags(platform)) == list(
        packaging.tags.mac_platforms(platform.version, platform.machine)
    )


@pytest.mark.parametrize(
    "platform", [p for p in PLATFORMS if p.libc == "glibc"], ids=lambda p: f"{p.machine}-{p.version[1]}"
)
def test_manylinux_tags_are_those_of_packaging(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    # packaging asks the running machine; what it would find elsewhere is put in its place.
    from packaging import _manylinux, _musllinux, tags

    monkeypatch.setattr(tags.sysconfig, "get_platform", lambda: f"linux-{platform.machine}")
    monkeypatch.setattr(_manylinux, "_get_glibc_version", lambda: platform.version)
    monkeypatch.setattr(_manylinux, "_is_linux_i686", lambda path: True)
    monkeypatch.setattr(_manylinux, "_is_linux_armhf", lambda path: True)
    monkeypatch.setattr(_musllinux, "_get_musl_version", lambda path: None)
    assert list(platform_tags(platform)) == list(tags._linux_platforms(is_32bit=False))


def test_musllinux_tags_are_those_of_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    from packaging import _manylinux, _musllinux, tags

    monkeypatch.setattr(tags.sysconfig, "get_platform", lambda: "linux-x86_64")
    monkeypatch.setattr(_manylinux, "_get_glibc_version", lambda: (-1, -1))
    monkeypatch.setattr(_musllinux, "_get_musl_version", lambda path: _musllinux._MuslVersion(1, 2))
    platform = Platform(os="linux", machine="x86_64", libc="musl", version=(1, 2))
    assert list(platform_tags(platform)) == list(tags._linux_platforms(is_32bit=False))


# -- supported tags ------------------------------------------------------------------------------


def oracle_tags(facts: TagFacts) -> list[str]:
    """What packaging lists, given the platforms, without asking the running interpreter."""
    platforms = platform_tags(facts.platform)
    nodot = "".join(map(str, facts.python))
    if facts.implementation == "cpython":
        threaded = "t" if facts.free_threaded else ""
        abis = [f"cp{nodot}{threaded}d", f"cp{nodot}{threaded}"] if facts.debug else [f"cp{nodot}{threaded}"]
        native = packaging.tags.cpython_tags(facts.python, abis, platforms)
        compatible = packaging.tags.compatible_tags(facts.python, f"cp{nodot}", platforms)
    else:
        abi = f"pypy{nodot}_pp73"
        native = packaging.tags.generic_tags(f"pp{nodot}", [abi], platforms)
        compatible = packaging.tags.compatible_tags(facts.python, "pp3", platforms)
    return list(dict.fromkeys(map(str, (*native, *compatible))))


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(("implementation", "python", "threaded"), INTERPRETERS)
@pytest.mark.parametrize("platform", [LINUX, PLATFORMS[9], PLATFORMS[13]], ids=["linux", "macos", "windows"])
def test_supported_tags_and_their_order_are_those_of_packaging(
    platform: Platform, implementation: str, python: tuple[int, int], threaded: bool, debug: bool
) -> None:
    facts = TagFacts(
        implementation=implementation,
        python=python,
        platform=platform,
        free_threaded=threaded,
        debug=debug and implementation == "cpython",
    )
    ranks = supported_tags(facts)
    assert list(ranks) == oracle_tags(facts)
    assert sorted(ranks.values()) == list(ranks.values())


PROBE = """
import json, os, platform, sys, sysconfig
sys.path.insert(0, os.environ["PACKAGING"])
from packaging import tags
print(json.dumps({
    "tags": [str(tag) for tag in tags.sys_tags()],
    "python": sys.version_info[:2],
    "implementation": sys.implementation.name,
    "machine": platform.machine(),
    "system": platform.system(),
    "libc": platform.libc_ver(),
    "mac": platform.mac_ver()[0],
    "suffix": sysconfig.get_config_var("EXT_SUFFIX") or "",
    "threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "debug": bool(sysconfig.get_config_var("Py_DEBUG")),
}))
"""


def real_interpreters() -> list[Path]:
    home = Path(os.environ.get("PYENV_ROOT") or Path("~").expanduser() / ".pyenv")
    found = sorted(home.glob("versions/3.*/bin/python"))
    return [Path(sys.executable), *found]


@pytest.mark.parametrize("python", real_interpreters(), ids=lambda path: path.parent.parent.name)
def test_a_real_interpreter_supports_what_packaging_says_there(python: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("builds the platform for Linux only")
    site = Path(packaging.__file__).parent.parent
    done = subprocess.run(
        [str(python), "-I", "-c", PROBE],
        capture_output=True,
        text=True,
        env={"PACKAGING": str(site), "PATH": os.environ["PATH"]},
        check=False,
    )
    if done.returncode:
        pytest.skip(f"packaging does not run there: {done.stderr.splitlines()[-1]}")
    probed = json.loads(done.stdout)
    if probed["libc"][0] != "glibc":
        pytest.skip("not a glibc Python")
    major, minor = probed["libc"][1].split(".")[:2]
    platform = Platform(os="linux", machine=probed["machine"], libc="glibc", version=(int(major), int(minor)))
    facts = TagFacts(
        implementation=probed["implementation"],
        python=(probed["python"][0], probed["python"][1]),
        platform=platform,
        free_threaded=probed["threaded"],
        debug=probed["debug"],
        ext_suffix=probed["suffix"],
    )
    assert list(supported_tags(facts)) == probed["tags"]


@pytest.mark.parametrize(("implementation", "python", "threaded"), INTERPRETERS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=IDS)
def test_a_target_supports_exactly_the_tags_in_the_list(
    platform: Platform, implementation: str, python: tuple[int, int], threaded: bool
) -> None:
    facts = TagFacts(implementation=implementation, python=python, platform=platform, free_threaded=threaded)
    target = Target(implementation=implementation, python=python, platform=platform, free_threaded=threaded)
    listed = supported_tags(facts)
    assert all(target.supports(tag) for tag in listed)
    interpreters = ["py2", "py3", "py30", "py38", "py312", "py316", "cp3", "cp31", "cp32", "cp38", "cp312",
    "cp313",
                    "cp315", "cp27", "pp3", "pp310", "pp311", "pp73", "py", "cp", "graalpy311",
                    "py4"]  # fmt: skip
    abis = [
        "none",
        "abi3",
        "abi3t",
        "cp38",
        "cp312",
        "cp313",
        "cp313t",
        "cp312d",
        "pypy310_pp73",
        "pypy311_pp73",
    ]
    places = [
        "any",
        "linux_x86_64",
        "manylinux1_x86_64",
        "musllinux_1_1_x86_64",
        "macosx_11_0_universal2",
        "win32",
    ]
    for interpreter in interpreters:
        for abi in abis:
            for place in places:
                tag = f"{interpreter}-{abi}-{place}"
                assert target.supports(tag) is (tag in listed), tag


def test_the_best_rank_of_a_compressed_set() -> None:
    ranks = supported_tags(TagFacts(implementation="cpython", python=(3, 12), platform=LINUX))
    assert best_rank("cp312-cp312-linux_x86_64", ranks) == 0
    both = best_rank("cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", ranks)
    assert both == ranks["cp312-cp312-manylinux_2_17_x86_64"]
    assert best_rank("py2.py3-none-any", ranks) == ranks["py3-none-any"]
    assert best_rank("cp311-cp311-manylinux_2_17_x86_64", ranks) is None
    assert best_rank("py2-none-any", ranks) is None
