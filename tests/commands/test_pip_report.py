"""``hutch pip install --report``: pip's installation report."""

from __future__ import annotations

import json

import pytest

from commands.packages import package, write


@pytest.fixture
def shop(index):
    index.add_wheel("io", "1.0")
    index.add_wheel("io", "2.0", yanked="broken", requires_python=">=3.8")
    index.add_wheel("web", "1.0", requires=["io==2.0"], extras={"fast": ["loop"]})
    index.add_wheel("loop", "1.0")
    return index


def test_what_would_be_installed(project, shop):
    made = project({})
    made.run("venv").ok()
    found = json.loads(made.run("pip install web[fast] --dry-run --report -").ok().stdout)
    assert found["version"] == "1"
    assert found["environment"]["implementation_name"] == "cpython"
    by_name = {entry["metadata"]["name"]: entry for entry in found["install"]}
    assert list(by_name) == ["io", "loop", "web"]
    web = by_name["web"]
    assert (web["requested"], web["is_direct"], web["is_yanked"]) == (True, False, False)
    assert web["requested_extras"] == ["fast"]
    assert web["metadata"]["version"] == "1.0"
    assert web["metadata"]["requires_dist"][0] == "io==2.0"
    assert web["metadata"]["provides_extra"] == ["fast"]
    assert web["download_info"]["url"].endswith("/web-1.0-py3-none-any.whl")
    assert len(web["download_info"]["archive_info"]["hashes"]["sha256"]) == 64
    assert by_name["io"]["is_yanked"] is True
    assert by_name["io"]["requested"] is False
    assert by_name["io"]["metadata"]["requires_python"] == ">=3.8"


def test_what_was_installed_goes_to_a_file(project, shop):
    made = project({})
    made.run("venv").ok()
    write(made / "lib", package("lib"))
    made.run("pip install io==1.0").ok()
    made.run("pip install io ./lib --report report.json").ok()
    (entry,) = json.loads(made.read("report.json"))["install"]  # io was there
    assert entry["metadata"]["name"] == "lib"
    assert entry["is_direct"] is True
    assert entry["download_info"]["dir_info"] == {}
    made.run("pip install io ./lib --report report.json").ok()
    assert json.loads(made.read("report.json"))["install"] == []
