"""``hutch add --conda`` and ``hutch remove``: both sides of a project, and a failure changes nothing."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from commands.support import block, shown
from hutch.testing.conda import CondaPackage, index_channel

PLATFORMS = ("linux-64", "osx-arm64")
MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.12"

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["linux-64", "osx-arm64"]
dependencies = ["python"]
"""
PIXI = """\
[workspace]
name = "demo"
channels = ["./chan"]
platforms = ["linux-64"]

[dependencies]
python = "3.12.*"
"""


def packages() -> list[CondaPackage]:
    found = [CondaPackage("gdal", "3.9.1", "h1_0", subdir="linux-64")]
    for subdir in PLATFORMS:
        found += [
            CondaPackage("python", version, "0_cpython", subdir=subdir) for version in ("3.12.8", "3.13.1")
        ]
        found.append(CondaPackage("zlib", "1.3.1", "h0_1", subdir=subdir))
    purls = ["pkg:pypi/numpy"]
    for version in ("1.26.4", "2.1.3"):
        found.append(
            CondaPackage("numpy", version, "py_0", noarch="python", depends=["python", "zlib"], purls=purls)
        )
    found.append(CondaPackage("young", "0.5.2+1", "0", depends=["zlib >=1.2"]))
    return found


@pytest.fixture
def demo(project: Any) -> Any:
    made = project({"pyproject.toml": MANIFEST}, COLUMNS="80")
    index_channel(made.path / "chan", packages())
    index_channel(made.path / "bio", [CondaPackage("samtools", "1.20", "0")])
    return made


def asked(made: Any) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(made.read("pyproject.toml"))["tool"]["hutch"]["conda"]
    return found


def test_a_package_of_conda(demo: Any) -> None:
    assert shown(demo.run("add --conda numpy --no-sync")) == block("""
        exit 0
        Added numpy >=2.1.3 from conda to pyproject.toml
        Locked 5 packages for 2 targets in <time>
         + numpy 2.1.3 py_0
         + python 3.13.1 0_cpython
         + zlib 1.3.1 h0_1
    """)
    assert asked(demo)["dependencies"] == ["numpy >=2.1.3", "python"]
    demo.run("lock --check").ok()


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("young", "young >=0.5.2"),
        ("--bounds exact numpy", "numpy ==2.1.3"),
        ("--raw numpy", "numpy"),
        ("'numpy <2'", "numpy <2"),
        ("numpy=1.26", "numpy=1.26"),
        ("'zlib[build=h0_*]'", "zlib[build=h0_*]"),
    ],
)
def test_what_is_written(demo: Any, words: str, written: str) -> None:
    demo.run(f"add --no-sync --conda {words}").ok()
    assert written in asked(demo)["dependencies"]


def test_python_stays_in_its_family(demo: Any) -> None:
    demo.write({"pyproject.toml": MANIFEST.replace('["python"]', '["zlib"]')})
    demo.run("add --no-sync --conda python").ok()
    assert asked(demo)["dependencies"] == ["python >=3.13.1,<3.14", "zlib"]


def test_pixi_gets_the_bounds_that_it_writes(project: Any) -> None:
    made = project({"pixi.toml": PIXI})
    index_channel(made.path / "chan", packages())
    made.run("add --no-sync --conda numpy young").ok()
    dependencies = tomllib.loads(made.read("pixi.toml"))["dependencies"]
    assert dependencies == {"python": "3.12.*", "numpy": ">=2.1.3,<3", "young": ">=0.5.2,<0.6"}


def test_groups_extras_and_platforms(demo: Any) -> None:
    demo.run("add --no-sync --conda --dev young").ok()
    demo.run("add --no-sync --conda --optional maps zlib").ok()
    demo.run("add --no-sync --conda --platform linux gdal").ok()
    conda = asked(demo)
    assert conda["group"]["dev"]["dependencies"] == ["young >=0.5.2"]
    assert conda["extra"]["maps"]["dependencies"] == ["zlib >=1.3.1"]
    assert conda["target"]["linux"]["dependencies"] == ["gdal >=3.9.1"]
    lock = tomllib.loads(demo.read("pylock.toml"))
    assert lock["extras"] == ["maps"]
    assert lock["dependency-groups"] == ["dev"]
    assert demo.run("add --conda --platform beos zlib").stderr.startswith(
        "error: --platform: beos is no platform of conda"
    )


def test_a_package_that_one_platform_lacks_changes_nothing(demo: Any) -> None:
    before = demo.read("pyproject.toml")
    failed = demo.run("add --no-sync --conda gdal")
    assert failed.exit_code == 1
    assert demo.read("pyproject.toml") == before
    assert not (demo.path / "pylock.toml").exists()
    assert "gdal is asked for in this command" in failed.stderr


def test_a_package_that_nobody_has(demo: Any, index: Any) -> None:
    index.add_wheel("rich", "14.0")
    before = demo.read("pyproject.toml")
    assert shown(demo.run("add --no-sync --conda rich")) == block("""
        exit 1
        error: no channel has a package rich (asked for in this command)
          these were asked: ./chan
        try: a package index has it: hutch add rich
         or: look at its name, or add the channel that has it
    """)
    assert demo.read("pyproject.toml") == before


def test_a_package_that_only_conda_has(demo: Any, index: Any) -> None:
    demo.run("lock").ok()
    failed = demo.run("add --no-sync zlib")
    assert failed.exit_code == 1
    assert "conda's channels have zlib: hutch add --conda zlib" in failed.stderr


def test_channels(demo: Any) -> None:
    demo.run("add --no-sync --conda -c ./bio samtools").ok()
    assert asked(demo)["channels"] == ["./chan", "./bio"]
    demo.run("add --no-sync --conda -c ./bio zlib").ok()
    assert asked(demo)["channels"] == ["./chan", "./bio"]
    failed = demo.run("add --conda -c https://channel.example/t/secret/x zlib")
    assert failed.exit_code == 2
    assert "secret" not in failed.stderr


def test_the_first_package_of_conda_in_a_project(project: Any) -> None:
    text = MANIFEST[: MANIFEST.index("[tool")].rstrip() + "\n"
    made = project({"pyproject.toml": text})
    index_channel(made.path / "chan", packages())
    done = made.run("add --no-sync --frozen --conda zlib").ok()
    assert tomllib.loads(made.read("pyproject.toml"))["tool"]["hutch"]["conda"] == {
        "dependencies": ["zlib"],
        "channels": ["conda-forge"],
    }
    assert done.stderr == "Added zlib from conda to pyproject.toml, with channels conda-forge\n"


def test_dry_runs_and_json(demo: Any) -> None:
    before = demo.tree()
    said = json.loads(demo.run("add --conda zlib --dry-run --json").ok().stdout)
    assert (said["added"], said["side"], said["channels"]) == (["zlib >=1.3.1"], "conda", [])
    assert {"name": "zlib", "before": None, "after": "1.3.1 h0_1"} in said["lock"]["changes"]
    assert demo.tree() == before
    assert demo.read("pyproject.toml") == MANIFEST


@pytest.mark.parametrize("words", ["--git https://git.example/x", "--index x", "--pypi", "--editable"])
def test_words_that_are_not_about_conda(demo: Any, words: str) -> None:
    assert demo.run(f"add --conda zlib {words}").exit_code == 2
    assert demo.run("add --channel x zlib").exit_code == 2


def test_remove(demo: Any) -> None:
    demo.run("add --no-sync --conda numpy young").ok()
    done = demo.run("remove --no-sync numpy").ok()
    assert done.stderr.startswith("Removed numpy (conda) from pyproject.toml\n")
    assert asked(demo)["dependencies"] == ["python", "young >=0.5.2"]
    assert "numpy" not in demo.read("pylock.toml")


def test_remove_of_what_both_sides_are_asked_for(demo: Any, index: Any) -> None:
    index.add_wheel("numpy", "2.1.3")
    text = MANIFEST.replace('3.12"\n', '3.12"\ndependencies = ["numpy"]\n').replace(
        '["python"]', '["python", "numpy"]'
    )
    demo.write({"pyproject.toml": text})
    said = json.loads(demo.run("remove --no-sync numpy --dry-run --json").ok().stdout)
    assert said["sides"] == {"numpy": ["pypi", "conda"]}
    demo.run("remove --no-sync --conda numpy").ok()
    assert asked(demo)["dependencies"] == ["python"]
    assert 'dependencies = ["numpy"]' in demo.read("pyproject.toml")
    assert demo.run("remove --conda numpy").exit_code == 1
    demo.run("remove --no-sync numpy").ok()


def test_remove_of_what_is_elsewhere_or_nowhere(demo: Any) -> None:
    demo.run("add --no-sync --conda --dev young").ok()
    assert "hutch remove young --dev" in demo.run("remove young").stderr
    assert "did you mean python?" in demo.run("remove pyton").stderr


def test_a_wheel_although_conda_has_it(demo: Any, index: Any) -> None:
    index.add_wheel("numpy", "2.0")
    demo.run("add --no-sync numpy").ok()
    lock = tomllib.loads(demo.read("pylock.toml"))
    assert lock["packages"] == []
    demo.run("add --no-sync --pypi numpy").ok()
    assert asked(demo)["prefer"] == ["pypi:numpy"]
    lock = tomllib.loads(demo.read("pylock.toml"))
    assert [each["version"] for each in lock["packages"]] == ["2.0"]
    demo.run("remove --no-sync numpy").ok()
    assert "prefer" not in asked(demo)


def test_a_manifest_without_words_for_the_side_does_not_forget_it(demo: Any, index: Any) -> None:
    """The next lock would take conda's, whatever this one has."""
    index.add_wheel("numpy", "2.0")
    index.add_wheel("onlythere", "1.0")
    (demo.path / "pyproject.toml").unlink()
    text = "name: d\nchannels: [./chan]\ndependencies:\n  - python\n"
    demo.write({"environment.yml": text})
    refused = demo.run("add --no-sync --pypi numpy")
    assert refused.exit_code == 2
    assert "--pypi: numpy comes from a channel all the same" in refused.stderr
    assert "hutch import environment.yml writes a pyproject.toml" in refused.stderr
    assert demo.read("environment.yml") == text
    assert not (demo.path / "pylock.toml").exists()
    demo.run("add --no-sync --pypi onlythere").ok()
    demo.run("import").ok()
    demo.run("add --no-sync --pypi numpy").ok()
    assert asked(demo)["prefer"] == ["pypi:numpy"]


def test_a_package_that_cannot_be_installed_leaves_all_as_it_was(demo: Any) -> None:
    demo.run("lock").ok()
    before = {name: demo.read(name) for name in ("pyproject.toml", "pylock.toml")}
    for archive in (demo.path / "chan").glob("*/zlib*.conda"):
        archive.unlink()
    failed = demo.run("add --conda zlib")
    assert failed.exit_code in (1, 3)
    assert {name: demo.read(name) for name in before} == before
    assert not (demo.path / ".venv" / "conda-meta").exists()


def test_what_only_one_platform_has_is_asked_there(demo: Any) -> None:
    demo.run("add --no-sync --conda --platform linux-64 gdal").ok()
    assert asked(demo)["target"]["linux-64"]["dependencies"] == ["gdal >=3.9.1"]
    said = demo.run("tree").ok().stdout
    assert "gdal 3.9.1 (on linux-64)" in said
    demo.run("remove --no-sync gdal").ok()
    assert "gdal" not in demo.read("pyproject.toml")


def test_a_bound_that_is_written_afterwards_is_in_the_lock_as_well(demo: Any, index: Any) -> None:
    demo.run("add --no-sync numpy").ok()
    demo.run("add --no-sync --conda zlib").ok()
    part = tomllib.loads(demo.read("pylock.toml"))["tool"]["hutch"]["conda"]
    assert part["roots"] == [{"spec": "python"}, {"spec": "zlib >=1.3.1"}]
    assert part["edges"] == [{"where": "project", "conda": "numpy", "asks": ">=2.1.3"}]
    text = demo.read("pylock.toml")
    demo.run("lock --check").ok()
    demo.write({"pylock.toml": text.replace('inputs = "', 'inputs = "x')})
    demo.run("lock").ok()
    assert demo.read("pylock.toml") == text
