"""``hutch conda env config vars``, in an environment of real packages."""

from __future__ import annotations

import json
import os

import pytest

from hutch.testing.conda import CondaPackage, index_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the command is one of a POSIX shell")
VARS = "conda env config vars"


@pytest.fixture
def demo(project, tmp_path):
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    said = json.dumps({"OF_PACKAGE": "package"})
    index_channel(
        found.path / "chan", [CondaPackage("tool", "1", files={"etc/conda/env_vars.d/t.json": said})]
    )
    ran = found.run("conda create -n sci -c ./chan --override-channels tool")
    assert ran.exit_code == 0, ran.stderr
    found.root = tmp_path / "data" / "envs" / "sci"
    return found


def listed(demo):
    return json.loads(demo.run(f"{VARS} list -n sci --json").ok().stdout)


def test_what_is_set_is_there_for_a_command_and_gone_when_it_is_unset(demo):
    demo.environ["OTHER"] = "of the shell"
    demo.run(f"{VARS} set -n sci ONE=1 'TWO=a = b' lower=x EMPTY= OTHER=mine").ok()
    assert listed(demo) == {
        "EMPTY": "", "LOWER": "x", "OF_PACKAGE": "package", "ONE": "1", "OTHER": "mine", "TWO": "a = b",
    }  # fmt: skip
    show = "conda run -n sci sh -c 'echo $ONE/$TWO/$LOWER/${OTHER-gone}/${OF_PACKAGE-gone}'"
    assert demo.run(show).ok().stdout == "1/a = b/x/mine/package\n"
    assert "TWO = a = b\n" in demo.run(f"{VARS} list -p {demo.root}").ok().stdout
    ran = demo.run(f"{VARS} unset -n sci Lower OTHER OF_PACKAGE NEVER").ok()
    assert "Unset LOWER, OTHER, OF_PACKAGE for" in ran.stderr
    assert "NEVER is not set by" in ran.stderr
    assert listed(demo) == {"EMPTY": "", "ONE": "1", "TWO": "a = b"}
    assert demo.run(show).ok().stdout == "1/a = b//of the shell/gone\n"
    demo.run(f"{VARS} set -n sci OTHER=again").ok()
    assert listed(demo)["OTHER"] == "again"


def test_another_spelling_of_the_same_name_and_what_else_conda_keeps(demo):
    state = demo.root / "conda-meta/state"
    state.write_text(json.dumps({"env_vars": {"Name": "conda's"}, "version": 1}))
    assert listed(demo)["NAME"] == "conda's"
    demo.run(f"{VARS} set -n sci name=new").ok()
    assert json.loads(state.read_text()) == {"env_vars": {"NAME": "new"}, "version": 1}
    demo.run(f"{VARS} unset -n sci NAME").ok()
    assert json.loads(state.read_text())["env_vars"] == {"NAME": "***unset***"}
    assert os.listdir(state.parent).count("state") == 1
    assert not [name for name in os.listdir(state.parent) if name.startswith("state.")]


@pytest.mark.parametrize(
    "words",
    [
        "set GOOD=1 NOVALUE", "set GOOD=1 =x", "set 'GOOD=1' 'A B=1'", "set 1A=x", "set PATH=/x", "set é=1",
        "set conda_prefix=/x", "set A=***unset***", "unset A-B", "unset PATH",
    ],
)  # fmt: skip
def test_what_cannot_be_set_changes_nothing(demo, words):
    before = sorted(os.listdir(demo.root / "conda-meta"))
    verb, _, rest = words.partition(" ")
    ran = demo.run(f"{VARS} {verb} -n sci {rest}")
    assert ran.exit_code == 2, ran.stderr
    assert sorted(os.listdir(demo.root / "conda-meta")) == before


def test_a_frozen_environment_and_one_that_is_not_there(demo):
    (demo.root / "conda-meta/frozen").write_text("")
    ran = demo.run(f"{VARS} set -n sci ONE=1")
    assert ran.exit_code == 1
    assert "is frozen" in ran.stderr
    assert "ONE" not in listed(demo)
    demo.run(f"{VARS} set -n sci ONE=1 --override-frozen").ok()
    assert listed(demo)["ONE"] == "1"
    assert demo.run(f"{VARS} list -n nobody").exit_code == 1


def test_what_an_environment_file_cannot_set_is_told(project):
    from commands.conda_world import alone, make_demo
    from commands.support import block, shown

    demo = make_demo(project, [alone()])
    text = "name: sci\nchannels: [./chan]\ndependencies: [alone]\n"
    table = "  GOOD: 1\n  small: x\n  C D: x\n  PATH: /x\n  LIST: [1]\n  CONDA_PREFIX: /y\n"
    demo.write({"e.yml": f"{text}variables:\n{table}", "bad.yml": f"{text}variables: [A]\n"})
    said = demo.run("conda env create -f e.yml").ok().stderr
    assert [line for line in said.splitlines() if line.startswith("warning")] == [
        "warning: e.yml:7: 'C D' cannot be the name of a variable: passed over",
        "warning: e.yml:8: PATH is set by activation itself: passed over",
        "warning: e.yml:9: the variable LIST has no text for a value: passed over",
        "warning: e.yml:10: CONDA_PREFIX is set by activation itself: passed over",
    ]
    assert demo.run("conda env config vars list -n sci").ok().stdout == "GOOD = 1\nSMALL = x\n"
    assert shown(demo.run("conda env create -f bad.yml -n other")) == block("""
        exit 1
        error: bad.yml is not valid
          bad.yml:4: variables should be a table: NAME: VALUE
        """)
    assert not (demo.root.parent / "other").exists()
