"""Flags of conda's verbs that say how: what is fetched, pinned, linked, asked for besides."""

from __future__ import annotations

import json
import os

import pytest

from commands.conda_world import HERE, alone, conda, library, make_demo
from hutch.testing.conda import index_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages are of POSIX")
C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project):
    return make_demo(
        project,
        [
            library("1.0"),
            library("2.0"),
            alone("top", "1", depends=["libfoo", "base"]),
            alone("base", "1"),
            alone("extra", "1"),
        ],
    )


def listed(demo, which="-n sci"):
    return {row["name"]: row["version"] for row in json.loads(conda(demo, f"list {which} --json").stdout)}


def test_create_with_no_deps_and_only_deps(demo):
    ran = conda(demo, f"create -n sci {C} top --no-deps")
    assert listed(demo) == {"top": "1"}
    assert "needs `libfoo`" in ran.stderr
    conda(demo, f"create -n two {C} top --only-deps")
    assert listed(demo, "-n two") == {"libfoo": "2.0", "base": "1"}
    # Who has not been asked for top does not get it by the next change.
    conda(demo, f"install -n two {C} extra")
    assert "top" not in listed(demo, "-n two")
    assert demo.run(f"conda create -n three {C} top --no-deps --only-deps").exit_code == 2


def test_download_only_changes_nothing(demo):
    ran = conda(demo, f"create -n sci {C} top --download-only")
    assert "is in the store: 3 packages" in ran.stderr
    assert not demo.root.exists()
    assert not (demo.home / ".conda/environments.txt").exists()
    demo.write({"environment.yml": "name: sci\nchannels: [./chan]\ndependencies: [top]\nvariables: {A: b}\n"})
    told = json.loads(conda(demo, "env create --download-only --json").stdout)
    assert (told["download_only"], told["dry_run"]) == (True, False)
    assert not demo.root.exists()
    # What was fetched need not be fetched again.
    for path in (demo.path / "chan").rglob("*.conda"):
        path.unlink()
    conda(demo, f"create -n sci {C} top --offline")
    assert listed(demo) == {"base": "1", "libfoo": "2.0", "top": "1"}
    index_channel(demo.path / "chan", [library("3.0")])
    before = sorted(os.listdir(demo.root / ".hutch"))
    conda(demo, "update -n sci libfoo --download-only")
    assert listed(demo)["libfoo"] == "2.0"
    assert sorted(os.listdir(demo.root / ".hutch")) == before


def test_pins_hold_unless_they_are_put_aside(demo):
    demo.write({"condarc": "pinned_packages: [libfoo 1.*]\ncreate_default_packages: [extra]\n"})
    environ = {"CONDARC": str(demo.path / "condarc")}
    conda(demo, f"create -n sci {C} top", environ=environ)
    assert listed(demo) == {"base": "1", "extra": "1", "libfoo": "1.0", "top": "1"}
    conda(demo, f"create -n two {C} top --no-pin --no-default-packages", environ=environ)
    assert listed(demo, "-n two") == {"base": "1", "libfoo": "2.0", "top": "1"}
    conda(demo, "update -n sci --all", environ=environ)
    assert listed(demo)["libfoo"] == "1.0"
    conda(demo, "update -n sci --all --no-pin", environ=environ)
    assert listed(demo)["libfoo"] == "2.0"
    demo.write({"environment.yml": "channels: [./chan]\ndependencies: [libfoo]\n"})
    conda(demo, "env create -n three --no-pin", environ=environ)
    assert listed(demo, "-n three") == {"libfoo": "2.0"}


def test_copies_instead_of_links(demo):
    conda(demo, f"create -n sci {C} extra --copy")
    assert (demo.root / "share/extra").stat().st_nlink == 1
    conda(demo, f"create -n two {C} extra --link-mode hardlink")
    assert (demo.root.parent / "two/share/extra").stat().st_nlink > 1


def test_channels_as_strict_as_is_said(demo):
    index_channel(demo.path / "first", [alone("extra", "0.5")])
    both = "-c ./first -c ./chan --override-channels"
    conda(demo, f"create -n sci {both} extra --strict-channel-priority")
    assert listed(demo) == {"extra": "0.5"}
    conda(demo, f"create -n two {both} extra --no-channel-priority")
    assert listed(demo, "-n two") == {"extra": "1"}
    ran = demo.run(f"conda create -n three {both} 'extra>=1' --strict-channel-priority")
    assert ran.exit_code == 1


def test_for_another_platform(demo):
    other = "osx-arm64" if HERE != "osx-arm64" else "linux-64"
    ran = demo.run(f"conda create -n sci {C} libfoo --platform {other} --dry-run")
    assert ran.exit_code == 1
    assert "no channel has a package libfoo" in ran.stderr
    told = json.loads(conda(demo, f"create -n sci {C} extra --platform {other} --dry-run --json").stdout)
    assert told["dry_run"]
