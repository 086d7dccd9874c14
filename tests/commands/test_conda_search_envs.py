"""``hutch conda search --envs``: in which environments something is."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from commands.conda_world import HERE, alone, conda, library, make_demo, python
from conda.mixing import wheel_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")
C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project, tmp_path):
    packages = [python(), library("1.5"), library("2.0"), alone("libfar")]
    made = make_demo(
        project, packages, HUTCH_FIND_LINKS=os.fspath(wheel_folder(tmp_path)), HUTCH_NO_INDEX="1"
    )
    made.run("env create sci --channel ./chan --override-channels --conda python --conda libfoo=1 extra").ok()
    conda(made, f"create -n other {C} libfoo=2 libfar")
    conda(made, f"create -p ./here {C} libfoo=2")
    shutil.rmtree(made.path / "chan")  # nothing of this asks a channel
    return made


def rows(demo, words, code=0):
    ran = conda(demo, f"search --envs --offline {words}", code)
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["#", "Name", "Version", "Build", "Channel", "Location"]
    found = [line.split() for line in lines[1:]]
    return [(name, version, build, os.path.basename(path)) for name, version, build, _, path in found]


def test_each_environment_that_has_it(demo):
    assert rows(demo, "libfoo") == [
        ("libfoo", "2.0", "0", "other"),
        ("libfoo", "1.5", "0", "sci"),
        ("libfoo", "2.0", "0", "here"),
    ]
    assert rows(demo, "'libfoo>=2'") == [("libfoo", "2.0", "0", "other"), ("libfoo", "2.0", "0", "here")]
    assert rows(demo, "libfoo=1.5=0") == [("libfoo", "1.5", "0", "sci")]
    assert {row[0] for row in rows(demo, "'lib*'")} == {"libfoo", "libfar"}
    assert rows(demo, f"'lib*' --subdir {HERE}") == rows(demo, "libfoo")
    assert rows(demo, "libfar[subdir=noarch]") == [("libfar", "1", "0", "other")]
    assert len(rows(demo, "")) == 6


def test_what_pip_has_put_there(demo):
    assert rows(demo, "extra") == [("extra", "1.0", "pypi_0", "sci")]
    assert rows(demo, "'Extra>=1'") == rows(demo, "extra")


def test_for_programs(demo):
    ran = conda(demo, "search --envs 'libfoo=2' --json")
    assert ran.stderr == ""
    told = json.loads(ran.stdout)
    assert [(each["name"], each["location"]) for each in told] == [
        ("other", demo.filtered(str(demo.root.parent / "other"))),
        ("", demo.filtered(str(demo.path / "here"))),
    ]
    (record,) = told[0]["package_records"]
    assert (record["name"], record["version"], record["subdir"]) == ("libfoo", "2.0", HERE)
    assert record["fn"] == "libfoo-2.0-0.conda"


def test_all_that_is_known_of_it(demo):
    said = conda(demo, "search --envs libfar --info").stdout
    assert said.startswith("libfar 1 0\n----------\n")
    assert demo.filtered(f"location    : {demo.root.parent / 'other'}\n") in said


def test_in_none(demo):
    ran = conda(demo, "search --envs 'libfoo>=3'", 1)
    assert ran.stdout == ""
    assert "no environment has what `libfoo>=3` means" in ran.stderr
    assert "there is libfoo 2.0 in " in ran.stderr
    ran = conda(demo, "search --envs libfou", 1)
    assert "it may be meant: libfoo" in ran.stderr
    told = json.loads(conda(demo, "search --envs nothing --json", 1).stdout)
    assert told["problems"][0]["code"] == "installed-nowhere"


def test_a_channel_is_another_question(demo):
    ran = conda(demo, "search --envs libfoo -c ./chan", 2)
    assert "--envs asks no channel" in ran.stderr
    assert "no package" in conda(demo, "search --envs 'libfoo>='", 1).stderr


def test_one_that_is_broken_hides_no_other(demo):
    for record in (demo.path / "here/conda-meta").glob("libfoo*.json"):
        record.write_bytes(b"\0{")
    assert rows(demo, "libfoo") == [("libfoo", "2.0", "0", "other"), ("libfoo", "1.5", "0", "sci")]
