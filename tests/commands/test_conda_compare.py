"""``hutch conda compare`` and ``hutch conda rename``."""

from __future__ import annotations

import json
import os

import pytest

from commands.conda_world import alone, library, make_demo, python
from conda.mixing import pure, wheel_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")


@pytest.fixture
def demo(project, tmp_path):
    packages = [python(), library("1.5"), alone("mine"), pure("carried", "2.0")]
    made = make_demo(
        project, packages, HUTCH_FIND_LINKS=os.fspath(wheel_folder(tmp_path)), HUTCH_NO_INDEX="1"
    )
    specs = "--conda python=3.12 --conda libfoo --conda carried extra"
    ran = made.run(f"env create sci --channel ./chan --override-channels {specs}")
    assert ran.exit_code == 0, ran.stderr
    return made


def compared(demo, dependencies, code, more=""):
    demo.write({"environment.yml": f"name: x\ndependencies: {json.dumps(dependencies)}\n"})
    ran = demo.run(f"conda compare -n sci environment.yml {more}")
    assert ran.exit_code == code, ran.stderr
    return ran.stdout


def test_all_is_there(demo):
    said = compared(demo, ["python=3.12", "libfoo>=1", "conda-forge::carried", {"pip": ["extra>=1"]}], 0)
    assert said.startswith("Success. All the packages")
    # What a package of conda has brought is there for the list of pip as well.
    assert compared(demo, [{"pip": ["carried==2.0", "other; python_version < '3'"]}], 0) == said
    assert json.loads(compared(demo, ["libfoo=1.5=0"], 0, "--json")) == [said.strip()]


def test_what_is_missing_or_another_is_told_in_condas_words(demo):
    said = compared(demo, ["python=3.11", "mine", "libfoo=1.5=h1_0", {"pip": ["extra>1", "nothing"]}], 1)
    assert said.splitlines() == [
        "python found but mismatch. Specification pkg: python=3.11, Running pkg: python==3.12.4=0",
        "mine not found",
        "libfoo found but mismatch. Specification pkg: libfoo=1.5=h1_0, Running pkg: libfoo==1.5=0",
        "extra found but mismatch. Specification pkg: extra>1, Running pkg: extra==1.0=pypi_0",
        "nothing not found",
    ]
    assert len(json.loads(compared(demo, ["mine", "nothing"], 1, "--json"))) == 2


def test_no_channel_is_asked(demo):
    import shutil

    shutil.rmtree(demo.path / "chan")
    assert "Success" in compared(demo, ["libfoo"], 0, "--offline")
    assert demo.run("conda compare -n sci nowhere.yml").exit_code == 2
    assert demo.run("conda compare -n nobody environment.yml").exit_code == 1


def test_rename_in_condas_words(demo):
    ran = demo.run("conda rename -n sci lab --dry-run")
    assert (ran.exit_code, demo.root.exists()) == (0, True)
    ran = demo.run("conda rename -n sci lab")
    assert ran.exit_code == 0, ran.stderr
    assert "Renamed sci to lab" in ran.stderr
    place = demo.root.parent / "lab"
    told = json.loads(demo.run(f"conda rename -p {place} sci --json").stdout)
    assert (told["name"], told["renamed"]) == ("sci", True)
    assert demo.root.exists()
    assert demo.run("conda rename lab").exit_code == 1
