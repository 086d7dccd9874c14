"""``hutch env upgrade`` of conda's environments: both kinds of packages, another Python, one change."""

from __future__ import annotations

import json
import os

import pytest

from commands.conda_world import alone, library, make_demo, python
from conda.real import same_tree
from hutch.testing.conda import CondaPackage, index_channel
from hutch.testing.wheels import make_wheel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")
OLD = [python("3.12.4"), library("1.0"), alone("top", "1", depends=["libfoo"])]
NEW = [
    python("3.12.9"), python("3.13.0"), library("2.0"), alone("top", "2", depends=["libfoo"]),
    CondaPackage("pure", "1", noarch="python", depends=["python"], files={"site-packages/pure.py": ""}),
]  # fmt: skip


@pytest.fixture
def demo(project, tmp_path):
    (wheels := tmp_path / "wheels").mkdir()
    made = make_demo(project, [*OLD, NEW[-1]], HUTCH_FIND_LINKS=os.fspath(wheels), HUTCH_NO_INDEX="1")
    made.wheels = wheels
    put(made, "web", "1.0", requires=["part"])
    put(made, "part", "1.0")
    specs = "--conda python=3.12 --conda top --conda pure --conda libfoo<3 web"
    made.run(f"env create sci --channel ./chan --override-channels {specs.replace('<', chr(92) + '<')}").ok()
    index_channel(made.path / "chan", [*OLD, *NEW])
    return made


def put(demo, name, version, **more):
    filename, data = make_wheel(name, version, files={f"{name}.py": f"V = {version!r}\n"}, **more)
    (demo.wheels / filename).write_bytes(data)


def listed(demo):
    rows = json.loads(demo.run("conda list -n sci --json").ok().stdout)
    return {row["name"]: row["version"] for row in rows}


BEFORE = {"python": "3.12.4", "libfoo": "1.0", "top": "1", "pure": "1", "web": "1.0", "part": "1.0"}


def test_all_of_both_kinds_within_what_was_asked(demo):
    assert listed(demo) == BEFORE
    put(demo, "web", "2.0", requires=["part"])
    put(demo, "part", "2.0")
    before = same_tree(demo.root)
    ran = demo.run("env upgrade sci --dry-run").ok()
    assert "Nothing was changed" in ran.stderr
    assert same_tree(demo.root) == before
    ran = demo.run("env upgrade sci").ok()
    assert listed(demo) == {
        **BEFORE, "python": "3.12.9", "libfoo": "2.0", "top": "2", "web": "2.0", "part": "2.0",
    }  # fmt: skip
    assert "Changed" in ran.stderr
    # One change: one step back.
    demo.run("env rollback -n sci").ok()
    assert listed(demo) == BEFORE
    assert same_tree(demo.root) == before


def test_another_python_takes_everything_along(demo):
    before = same_tree(demo.root)
    demo.run("env upgrade sci --python 3.13").ok()
    assert listed(demo) == {**BEFORE, "python": "3.13.0", "libfoo": "2.0", "top": "2"}
    assert (demo.root / "lib/python3.13/site-packages/web.py").exists()
    assert (demo.root / "lib/python3.13/site-packages/pure.py").exists()
    assert not (demo.root / "lib/python3.12").exists()
    # It is what is asked for from now on.
    demo.run("env upgrade sci").ok()
    assert listed(demo)["python"] == "3.13.0"
    demo.run("env rollback -n sci").ok()
    assert same_tree(demo.root) == before


def test_one_package_alone(demo):
    demo.run("env upgrade sci top").ok()
    assert listed(demo) == {**BEFORE, "top": "2"}
    told = json.loads(demo.run("env upgrade sci libfoo=2 --json").ok().stdout)
    assert told["success"]
    assert listed(demo) == {**BEFORE, "top": "2", "libfoo": "2.0"}
    ran = demo.run("env upgrade sci web")
    assert ran.exit_code == 2
    assert "hutch pip install -n sci -U web" in ran.stderr


def test_what_cannot_be_leaves_everything(demo):
    before = same_tree(demo.root)
    ran = demo.run("env upgrade sci --python 3.14")
    assert ran.exit_code == 1
    assert same_tree(demo.root) == before
    assert demo.run("env upgrade sci --python /usr/bin/python3").exit_code == 2
    (demo.root / "conda-meta/frozen").write_text("{}")
    assert demo.run("env upgrade sci").exit_code == 1
    assert same_tree(demo.root).keys() == before.keys() | {"conda-meta/frozen"}


def test_without_a_python(demo):
    demo.run("conda create -n bare -c ./chan --override-channels libfoo=1").ok()
    ran = demo.run("env upgrade bare --python 3.13")
    assert ran.exit_code == 2
    assert "bare has no Python" in ran.stderr
