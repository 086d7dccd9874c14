"""``hutch python list``: what there is, whose it is, and what is to be known of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from commands.support import block, manifest, shown, with_pyenv
from interpreters.fakes import fake_python

if os.name == "nt":
    pytest.skip("these tests lay out a POSIX machine", allow_module_level=True)


@pytest.fixture
def made(project):
    return with_pyenv(project)


def test_those_that_are_here(made):
    ran = made.run("python list 3.9 --only-installed")
    assert shown(ran) == "exit 0\nThere is no Python that fits `3.9`\n"
    assert shown(made.run("python list pyenv --only-installed")) == block("""
        exit 0
        -- stdout --
        * 3.99.2  pyenv                          <home>/.pyenv/versions/3.99.2/bin/python
          3.98.0  pyenv                          <home>/.pyenv/versions/3.98.0/bin/python
          3.7.1   pyenv  end of life 2023-06-27  <home>/.pyenv/versions/3.7.1/bin/python
    """)


def test_the_chosen_one_is_that_of_the_pin(made):
    made.write({".python-version": "3.98\n"})
    lines = made.run("python list pyenv --only-installed").ok().stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("*")] == ["3.98.0"]


def test_a_request_leaves_the_rest_away(made):
    ran = made.run("python list '>=3.98,<3.99' --paths --only-installed")
    assert shown(ran) == block("""
        exit 0
        -- stdout --
        <home>/.pyenv/versions/3.98.0/bin/python
    """)


def test_broken_ones_have_a_reason_and_stubs_are_called_so(made):
    programs = made.home / "bin"
    programs.mkdir()
    (programs / "python3.97").symlink_to("/nonexistent/python3.97")
    apps = made.home / "WindowsApps"
    apps.mkdir()
    (apps / "python.exe").touch(mode=0o755)
    path = os.pathsep.join([str(programs), str(apps)])
    ran = made.run("python list --only-installed", environ={"PATH": path})
    lines = [" ".join(line.split()) for line in ran.ok().stdout.splitlines()]
    at = lines.index("? broken <home>/bin/python3.97")
    assert lines[at + 1] == (
        "the link <home>/bin/python3.97 points to /nonexistent/python3.97, which is not there"
    )
    assert "it only offers to install a Python" in ran.stdout


def test_for_programs(made):
    made.write({"pyproject.toml": manifest(python=">=3.9")})
    said = json.loads(made.run("python list 3.7.1 --json --only-installed").ok().stdout)
    assert said == {
        "pythons": [
            {
                "path": "<home>/.pyenv/versions/3.7.1/bin/python",
                "real_path": "<home>/.pyenv/versions/3.7.1/bin/python3.7",
                "implementation": "cpython",
                "version": "3.7.1",
                "free_threaded": False,
                "debug": False,
                "environment": False,
                "source": "pyenv",
                "name": "3.7.1",
                "chosen": False,
                "supported": False,
                "support": "ended",
                "end_of_life": "2023-06-27",
                "broken": None,
                "stub": False,
                "download": None,
            }
        ]
    }


def test_pre_releases_and_builds_without_the_lock(made):
    fake_python(made.home / ".pyenv" / "versions" / "3.96.0rc2", "3.96.0rc2")
    fake_python(made.home / ".pyenv" / "versions" / "3.96.0t", "3.96.0", flags="t")
    lines = made.run("python list 3.96 --only-installed").ok().stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["3.96.0t", "3.96.0rc2"]
    assert made.run("python list 3.96t --paths --only-installed").ok().stdout.count("\n") == 1


def test_words_that_make_no_sense(made):
    assert made.run("python list --only-installed --only-downloads").exit_code == 2
    assert shown(made.run("python list '>=3.x'")) == block("""
        exit 1
        error: `>=3.x` does not name a Python: the range cannot be read
        try: write a version (3.12), a range (>=3.11,<3.13), an implementation (pypy@3.10) or a path
    """)


def test_downloads_come_after_what_is_here(made):
    never = made.run("python list 3.12 --json").ok()
    assert json.loads(never.stdout)["pythons"] == []
    made.environ["HUTCH_PYTHON_DOWNLOADS"] = "manual"
    ran = made.run("python list 3.12 --json").ok()
    downloads = [one for one in json.loads(ran.stdout)["pythons"] if one["download"]]
    if not downloads:
        pytest.skip("there is no table of builds for this machine")
    # The newest alone, and with --all-versions the others too.
    assert len([one for one in downloads if one["implementation"] == "cpython"]) <= 2
    everything = json.loads(made.run("python list 3.12 --json --all-versions").ok().stdout)["pythons"]
    assert len(everything) > len(downloads)
    only = json.loads(made.run("python list --only-downloads --json").ok().stdout)["pythons"]
    assert only
    assert all(one["download"] and one["path"] is None for one in only)
    assert f"hutch python install {downloads[0]['version']}" in made.run("python list 3.12").ok().stdout


def test_nothing_is_written_into_the_directory(made):
    made.run("python list --only-installed").ok()
    assert made.tree() == []


def test_a_machine_without_a_home(made):
    ran = made.run("python list --only-installed", environ={"HOME": None})
    assert ran.exit_code == 0


def test_a_path_with_blanks_and_other_letters(made):
    place = Path(made.home) / "my pythöns"
    fake_python(place / "3.95.0", "3.95.0")
    path = str(place / "3.95.0" / "bin")
    ran = made.run("python list 3.95 --only-installed", environ={"PATH": path})
    assert ran.ok().stdout.endswith("<home>/my pythöns/3.95.0/bin/python\n")


def test_a_table_of_downloads_that_is_none_hides_nothing_that_is_here(made):
    table = made.home / "data" / "python" / ".table" / "pbs-installer-9999.1.1.json"
    table.parent.mkdir(parents=True)
    table.write_text("[")
    made.environ["HUTCH_PYTHON_DOWNLOADS"] = "manual"
    ran = made.run("python list 3.98").ok()
    assert "<home>/.pyenv/versions/3.98.0/bin/python" in ran.stdout
    assert ran.stderr == (
        "warning: what can be installed is not known: the table of Pythons cannot be read\n"
    )
    assert made.run("python list --only-downloads").exit_code == 1
