"""``hutch allow`` and ``hutch deny``: what is said of projects, and when it holds no longer."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from commands.support import block, manifest, shown
from hutch.ops.trust import ALLOWED, is_trusted, made_here, mark_path, verdict


@pytest.fixture
def data(home):
    return str(home / "data")


@pytest.fixture
def cloned(project):
    """A project whose environment hutch did not make."""
    made = project(manifest())
    made.write({".venv/pyvenv.cfg": "home = /usr/bin\n", "sub/x": ""})
    return made


def test_a_project_is_trusted_and_its_folders_and_parents_are_not(cloned, data):
    assert not is_trusted(data, str(cloned.path))
    assert shown(cloned.run("allow", cwd="sub")) == block("""
        exit 0
        Trusts the project in <project>: entering it activates <project>/.venv
        """)
    assert is_trusted(data, str(cloned.path))
    assert not is_trusted(data, str(cloned / "sub"))
    assert not is_trusted(data, str(cloned.path.parent))
    assert shown(cloned.run("allow")) == block("""
        exit 0
        The project in this directory is trusted already
        """)
    assert "denied" not in cloned.run("allow --list").stdout


def test_a_project_without_an_environment(project):
    assert shown(project(manifest()).run("allow")) == block("""
        exit 0
        Trusts the project in this directory, which has no environment yet: hutch sync makes it
        """)


def test_what_was_denied_stays_so_until_it_is_allowed(cloned, data):
    cloned.run("allow").ok()
    assert shown(cloned.run("deny")) == block("""
        exit 0
        Trusts the project in this directory no longer, and does not ask: hutch allow undoes that
        """)
    assert verdict(data, str(cloned.path)) == "denied"
    made_here({}, str(cloned / ".venv"), data)
    assert verdict(data, str(cloned.path)) == "denied"
    cloned.run("allow").ok()
    assert is_trusted(data, str(cloned.path))


def test_dry_runs_change_nothing(cloned, data):
    assert shown(cloned.run("allow --dry-run")) == block("""
        exit 0
        Would trust the project in this directory: entering it activates .venv
        """)
    assert not is_trusted(data, str(cloned.path))
    cloned.run("allow").ok()
    assert "Would trust" in cloned.run("deny --dry-run").stderr
    assert is_trusted(data, str(cloned.path))


def test_the_list_and_what_is_gone(cloned, data):
    assert shown(cloned.run("allow --list")) == block("""
        exit 0
        Nothing was allowed or denied yet
        """)
    cloned.run("allow").ok()
    told = json.loads(cloned.run("allow --list --json").ok().stdout)
    assert told == {
        "projects": [{"path": str(cloned.path.resolve()), "trust": "allowed"}]
    } or "<project>" in str(told)
    shutil.move(cloned / ".venv", cloned / "old")
    assert "lapsed" in cloned.run("allow --list --json").stdout
    moved = cloned.path.parent / "moved"
    cloned.path.rename(moved)
    assert not is_trusted(data, str(moved))
    cloned.path.mkdir()
    assert verdict(data, str(cloned.path)) == "lapsed"  # another folder of that name
    cloned.path.rmdir()
    moved.rename(cloned.path)
    (cloned / "old").rename(cloned / ".venv")
    assert is_trusted(data, str(cloned.path))


def test_a_project_that_is_gone_is_forgotten(cloned, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(cloned.path, other)
    cloned.run(f"allow {other}").ok()
    shutil.rmtree(other)
    assert "gone: hutch deny PATH forgets it" in cloned.run("allow --list").stdout
    assert "Forgot" in cloned.run(f"deny {other}").ok().stderr
    assert "Nothing was allowed" in cloned.run("allow --list").stderr


def test_what_cannot_be_trusted(cloned, project, tmp_path):
    (tmp_path / "empty").mkdir()
    assert shown(cloned.run("allow nowhere")) == block("""
        exit 2
        error: nowhere is no directory
        try: name the directory of a project
        """)
    assert "there is neither a project nor a .venv in" in cloned.run(f"allow {tmp_path}/empty").stderr
    assert cloned.run("allow --list sub").exit_code == 2


def test_through_a_link_it_is_the_same_project(cloned, tmp_path, data):
    (tmp_path / "link").symlink_to(cloned.path)
    cloned.run(f"allow {tmp_path}/link").ok()
    assert is_trusted(data, str(cloned.path))
    assert is_trusted(data, str(tmp_path / "link"))


def test_an_environment_that_is_replaced_is_asked_about_and_one_that_hutch_makes_is_not(cloned, data):
    cloned.run("allow").ok()
    shutil.rmtree(cloned / ".venv")
    cloned.write({"other/pyvenv.cfg": "home = /usr/bin\n"})
    (cloned / "other").rename(cloned / ".venv")
    assert verdict(data, str(cloned.path)) == "lapsed"
    shutil.rmtree(cloned / ".venv")
    cloned.run("sync").ok()
    assert is_trusted(data, str(cloned.path))


@pytest.mark.parametrize("command", ["sync", "venv", "run python -c pass"])
def test_who_has_hutch_make_the_environment_trusts_it(project, data, command):
    made = project(manifest())
    made.run(command).ok()
    assert is_trusted(data, str(made.path))


def test_an_environment_elsewhere_is_no_reason_to_trust(project, data, tmp_path):
    made = project(manifest())
    made.run(f"venv {tmp_path}/elsewhere").ok()
    made.run("sync", environ={"HUTCH_PROJECT_ENVIRONMENT": "other"}).ok()
    assert verdict(data, str(made.path)) == "unknown"


def test_what_somebody_else_may_have_written_does_not_count(cloned, data):
    cloned.run("allow").ok()
    mark = mark_path(data, str(cloned.path), ALLOWED)
    os.chmod(mark, 0o666)
    assert not is_trusted(data, str(cloned.path))
    os.chmod(mark, 0o600)
    assert is_trusted(data, str(cloned.path))
    os.chmod(os.path.join(data, "trust"), 0o777)
    assert not is_trusted(data, str(cloned.path))
    os.chmod(os.path.join(data, "trust"), 0o700)
    os.rename(mark, mark + "-elsewhere")
    os.symlink(mark + "-elsewhere", mark)
    assert not is_trusted(data, str(cloned.path))


def test_answers_that_cannot_be_kept(cloned, home):
    (home / "data").mkdir()
    (home / "data" / "trust").write_text("in the way")
    ran = cloned.run("allow")
    assert ran.exit_code == 1
    assert "cannot remember it in" in ran.stderr
    odd = cloned / ".hutch-allowed"
    shutil.copytree(cloned / ".venv", odd / ".venv")
    (home / "data" / "trust").unlink()
    assert "a path like this" in cloned.run("allow .hutch-allowed").stderr


def test_env_files_are_trusted_with_what_they_say(cloned, data):
    cloned.write({"hutch.toml": 'env-files = [".env", "missing.env"]\n', ".env": "A=1\nB=hunter2\nPATH=/x\n"})
    ran = cloned.run("allow").ok()
    assert shown(ran) == block("""
        exit 0
        Trusts the project in this directory: entering it activates .venv
          and loads .env, as it is now, which sets A, B
          but not PATH, which no env file may set
        """)
    told = json.loads(cloned.run("allow --json").ok().stdout)
    assert told["before"] == "allowed"
    assert told["env_files"] == [{"file": ".env", "sets": ["A", "B"], "refused": ["PATH"]}]
    cloned.write({".env": "A=2\n"})
    assert json.loads(cloned.run("allow --json").ok().stdout)["before"] == "lapsed"


def test_an_env_file_that_cannot_be_read(cloned):
    cloned.write({"hutch.toml": 'env-files = [".env"]\n', ".env": "no assignment"})
    ran = cloned.run("allow")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ".env:1 is not NAME=value" in ran.stderr
    (cloned / ".env").unlink()
    (cloned / ".env").mkdir()
    assert "cannot read the env file .env" in cloned.run("allow").stderr
