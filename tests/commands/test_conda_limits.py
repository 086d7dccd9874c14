"""``hutch conda install|update --freeze-installed|--update-deps|--no-deps|--only-deps``."""

from __future__ import annotations

import json
import os

import pytest

from hutch.testing.conda import CondaPackage, index_channel

C = "-c ./chan --override-channels"


def package(name, version, *depends):
    return CondaPackage(name, version, depends=list(depends), files={f"share/{name}": version})


@pytest.fixture
def demo(project, tmp_path):
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    packages = [package(name, version) for name in ("low", "other") for version in ("1.0", "2.0")]
    packages += [package("mid", "1.0", "low"), package("mid", "2.0", "low")]
    packages += [package("top", "1.0", "mid"), package("needy", "1.0", "low >=2"), package("new", "1", "mid")]
    index_channel(found.path / "chan", packages)
    ran = found.run(f"conda create -n sci {C} low=1 mid=1 top other=1")
    assert ran.exit_code == 0, ran.stderr
    # What was asked for does not hold back from here on.
    ran = found.run("conda install -n sci low mid top other --force-reinstall")
    assert ran.exit_code == 0, ran.stderr
    found.before = {"low": "1.0", "mid": "1.0", "top": "1.0", "other": "1.0"}
    return found


def conda(demo, words, code=0):
    ran = demo.run(f"conda {words}")
    assert ran.exit_code == code, ran.stderr
    return ran.stderr


def listed(demo):
    return {row["name"]: row["version"] for row in json.loads(demo.run("conda list -n sci --json").stdout)}


def test_frozen_ones_stay_or_it_is_a_conflict(demo):
    said = conda(demo, "install -n sci --freeze-installed needy", code=1)
    assert "--freeze-installed" in said
    assert "low" in said
    assert listed(demo) == demo.before
    conda(demo, "install -n sci --freeze-installed new")
    assert listed(demo) == {**demo.before, "new": "1"}
    conda(demo, "install -n sci needy")
    assert listed(demo)["low"] == "2.0"
    # What is named may change.
    conda(demo, "update -n sci --freeze-installed mid")
    assert listed(demo) == {**demo.before, "new": "1", "needy": "1.0", "low": "2.0", "mid": "2.0"}


@pytest.mark.parametrize("words", ["install -n sci new", "update -n sci top"])
def test_what_is_needed_is_updated_with_it(demo, words):
    conda(demo, words)
    now = {**demo.before, **({"new": "1"} if "new" in words else {})}
    assert listed(demo) == now
    # As far down as it goes, and nothing beside it.
    conda(demo, f"{words} --update-deps")
    assert listed(demo) == {**now, "mid": "2.0", "low": "2.0"}


def test_just_what_is_named(demo):
    said = conda(demo, "install -n sci --no-deps needy")
    assert listed(demo) == {**demo.before, "needy": "1.0"}
    assert "needy 1.0 needs `low >=2` in this environment, which has low 1.0" in said
    said = conda(demo, "update -n sci --no-deps mid")
    assert listed(demo) == {**demo.before, "needy": "1.0", "mid": "2.0"}
    assert "needs" not in said
    conda(demo, "remove -n sci low")
    said = conda(demo, "install -n sci --no-deps mid")
    assert "mid 2.0 needs `low` in this environment, where it is missing" in said
    assert "low" not in listed(demo)


def test_all_but_what_is_named(demo):
    said = conda(demo, "install -n sci --only-deps needy")
    assert listed(demo) == {**demo.before, "low": "2.0"}
    assert "needs" not in said
    # Nobody has asked for it, and it does not come later.
    conda(demo, "update -n sci --all")
    assert "needy" not in listed(demo)
    conda(demo, "remove -n sci mid")
    conda(demo, "install -n sci --only-deps new")
    assert listed(demo).keys() == {"low", "mid", "other"}


def test_what_does_not_go_together(demo):
    conda(demo, "install -n sci --no-deps --only-deps new", code=2)
    conda(demo, "install -n sci --freeze-installed --update-deps new", code=2)
    conda(demo, "update -n sci --all --freeze-installed", code=2)
    assert listed(demo) == demo.before
