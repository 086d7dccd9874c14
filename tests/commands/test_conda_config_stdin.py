"""``hutch conda config --stdin``: YAML, each setting of which takes the place of what was said of it."""

from __future__ import annotations

import json
import os
import stat

import pytest

BEFORE = """\
# mine
channels:
  - first  # the best
  - second
  - third
channel_priority: flexible
proxy_servers:
  http: http://proxy.example:1
  https: http://proxy.example:2
always_yes: true
"""


@pytest.fixture
def demo(project, tmp_path):
    return project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None, CONDARC=None)


def config(demo, text, words="", code=0):
    ran = demo.run(f"conda config --stdin {words}", stdin=text)
    assert ran.exit_code == code, ran.stderr
    return ran


def said(demo):
    path = demo.home / ".condarc"
    return path.read_text() if path.exists() else ""


def test_a_new_file(demo):
    ran = config(demo, "channels:\n- bioconda\n- conda-forge\nalways_yes: yes\n")
    assert said(demo) == "channels:\n  - bioconda\n  - conda-forge\nalways_yes: true\n"
    assert ran.stdout == ""
    assert "Changed channels, always_yes in " in ran.stderr
    told = json.loads(config(demo, "channels: [bioconda, conda-forge]", "--json").stdout)
    assert (told["success"], told["warnings"]) == (True, [])


def test_each_takes_the_place_of_what_was_said_and_nothing_else_changes(demo):
    (demo.home / ".condarc").write_text(BEFORE)
    config(demo, "channels: [first, third, fourth]\nproxy_servers: {https: http://other.example:3}\n")
    assert said(demo) == (
        "# mine\nchannels:\n  - first  # the best\n  - third\n  - fourth\nchannel_priority: flexible\n"
        "proxy_servers:\n  https: http://other.example:3\nalways_yes: true\n"
    )
    config(demo, "channels: [fourth, first]\nalways_yes: null\nproxy_servers: {}\n")
    read = json.loads(demo.run("conda config --get --json").stdout)["get"]
    assert read == {"channels": ["fourth", "first"], "channel_priority": "flexible"}
    config(demo, "channels: []")
    assert "channels" not in said(demo)


def test_other_changes_of_the_command_come_after_it(demo):
    (demo.home / ".condarc").write_text(BEFORE)
    config(demo, "channels: [new]\n", "--add channels front --set channel_priority strict")
    assert "channels:\n  - front\n  - new\nchannel_priority: strict\n" in said(demo)


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("channels: [a\n", 2, "is no YAML"),
        ("- a\n", 2, "should be a table"),
        ("chanels: [a]\n", 2, "conda has no setting 'chanels'"),
        ("channels: {a: b}\n", 2, "channels is no table"),
        ("channel_priority: [strict]\n", 2, "is a list on stdin"),
        ("channel_priority: best\n", 2, "channel_priority"),
        ("proxy_servers: http://x.example\n", 2, "proxy_servers is a table"),
        ("proxy_servers: {http: {a: b}}\n", 2, "is a table on stdin"),
        ("always_yes: true\nchannels: [a]\nnothing: 1\n", 2, "conda has no setting 'nothing'"),
    ],
)
def test_what_is_wrong_changes_nothing(demo, text, code, why):
    (demo.home / ".condarc").write_text(BEFORE)
    ran = config(demo, text, code=code)
    assert why in ran.stderr
    assert (ran.stdout, said(demo)) == ("", BEFORE)


def test_nothing_is_nothing(demo):
    ran = config(demo, "# nothing\n")
    assert "All of it is so already" in ran.stderr
    assert said(demo) == ""
    assert demo.run("conda config --stdin --show", stdin="x: y").exit_code == 2


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_new_file_with_a_password_is_its_users_alone(demo):
    secret = "http://me:s3cret@proxy.example:1"
    ran = config(demo, f"proxy_servers: {{https: '{secret}'}}\n")
    assert stat.S_IMODE((demo.home / ".condarc").stat().st_mode) == 0o600
    assert secret in said(demo)
    assert "s3cret" not in ran.stdout + ran.stderr
    ran = config(demo, f"channel_priority: '{secret}'\n", code=2)
    assert "s3cret" not in ran.stdout + ran.stderr
