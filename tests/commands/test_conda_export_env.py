"""``hutch conda env export --format``, and ``hutch conda search --platform``."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from commands.conda_world import conda
from hutch.testing.conda import CondaPackage, index_channel

C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project, tmp_path):
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    packages = [
        CondaPackage("aaa", "1", depends=["zzz"], files={"share/aaa": "1"}),
        CondaPackage("zzz", "1", files={"share/zzz": "1"}),
        CondaPackage("elsewhere", "1", subdir="osx-arm64", files={"share/else": "1"}),
    ]
    index_channel(found.path / "chan", packages)
    conda(found, f"create -n sci {C} aaa")
    return found


def test_by_addresses_and_back(demo):
    text = conda(demo, "env export -n sci --format explicit").stdout
    head, _, rows = text.partition("@EXPLICIT\n")
    assert "# platform: " in head
    # Each behind what it needs, with its hash.
    assert ["zzz-1" in row for row in rows.splitlines()] == [True, False]
    assert all("#sha256:" in row for row in rows.splitlines())
    conda(demo, "export -n sci --format explicit -f list.txt")
    conda(demo, "env export -n sci --format conda-lock -f conda-lock.yml")
    assert "manager: conda" in (demo.path / "conda-lock.yml").read_text()
    conda(demo, "create -n one --file list.txt")
    conda(demo, "create -n two --file conda-lock.yml")
    wanted = conda(demo, "list -n sci --explicit --sha256").stdout
    for name in ("one", "two"):
        assert conda(demo, f"list -n {name} --explicit --sha256").stdout == wanted
    plain = conda(demo, "env export -n sci").stdout
    assert conda(demo, "env export -n sci --format environment-yaml").stdout == plain


def test_what_does_not_go_together(demo):
    said = conda(demo, "env export -n sci --format explicit --from-history", code=2).stderr
    assert "--from-history" in said
    conda(demo, "env export -n sci --format conda-lock --no-builds", code=2)
    conda(demo, "env export -n sci --format explicit --json", code=2)
    conda(demo, "env export -n sci --format zip", code=2)


def test_the_other_word_for_a_platform(demo):
    found = json.loads(conda(demo, f"search {C} elsewhere --platform osx-arm64 --json").stdout)
    assert found == json.loads(conda(demo, f"search {C} elsewhere --subdir osx-arm64 --json").stdout)
    assert found["elsewhere"][0]["subdir"] == "osx-arm64"
    conda(demo, f"search {C} elsewhere --platform linux-ppc64le", code=1)


def test_where_a_wheel_came_from_and_variables(project, index):
    """What came from an address is written with it; variables are named, and no more."""
    from commands.conda_world import make_demo, python
    from hutch.testing.wheels import make_wheel

    demo = make_demo(project, [python()])
    _, wheel = make_wheel("own", "1.0")
    (demo / "own-1.0-py3-none-any.whl").write_bytes(wheel)
    index.add_wheel("rich", "14.0")
    demo.write(
        {
            "e.yml": "name: sci\nchannels: [./chan]\ndependencies:\n  - python\n  - pip:\n"
            "    - ./own-1.0-py3-none-any.whl\n    - rich\nvariables:\n  TOKEN: a-canary\n"
        }
    )
    demo.run("conda env create -f e.yml").ok()
    ran = demo.run("conda env export -n sci -f again.yml").ok()
    assert ran.stderr.count("note: the variables of the environment are not in it") == 1
    assert "TOKEN" in ran.stderr
    text = demo.read("again.yml")
    assert "canary" not in text + ran.stderr
    path = (demo / "own-1.0-py3-none-any.whl").as_uri()
    assert f'"own @ {path}#sha256={hashlib.sha256(wheel).hexdigest()}"' in text
    assert "rich==14.0" in text
    demo.run("conda env create -f again.yml -n other").ok()
    demo.run("conda env export -n other -f other.yml").ok()
    assert demo.read("other.yml").partition("dependencies")[2] == text.partition("dependencies")[2]


def test_the_names_that_conda_gives_to_formats(project):
    from commands.conda_world import alone, make_demo

    demo = make_demo(project, [alone()])
    demo.run("conda create -n sci -c ./chan --override-channels alone").ok()
    usual = demo.run("conda env export -n sci").ok().stdout
    for form in ("environment-yaml", "yaml", "yml"):
        assert demo.run(f"conda env export -n sci --format {form}").ok().stdout == usual
    for form in ("environment-json", "json"):
        said = json.loads(demo.run(f"conda export -n sci --format {form}").ok().stdout)
        assert said["dependencies"] == ["alone=1=0"]
    demo.run("conda env export -n sci --format json -f e.json").ok()
    assert json.loads(demo.read("e.json"))["name"] == "sci"
