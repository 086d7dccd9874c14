"""``hutch lock`` again: when a glance tells that nothing has changed, and when somebody looks properly."""

from __future__ import annotations

import os

import pytest

from commands.support import (
    become_a_member,
    block,
    configure_the_project,
    manifest,
    pin_a_python,
    pin_a_python_for_mise,
    shown,
    unless_called,
)


@pytest.fixture
def glance(monkeypatch):
    """Whether a command of a project says all by itself, without reading a manifest or a lock."""

    def at_a_glance(made, command="lock", **more):
        target = "hutch.ops.lock.make_or_read_lock"
        return unless_called(monkeypatch, made, target, command, **more) is not None

    return at_a_glance


@pytest.fixture
def made(project, index):
    """A project that was locked."""
    index.add_wheel("io", "1.0")
    made = project(manifest("io"))
    made.run("lock").ok()
    return made


def test_nothing_has_changed(made, glance):
    assert glance(made)
    assert shown(made.run("lock")) == block("""
        exit 0
        The lock is up to date: 1 package for 35 targets
    """)


def test_it_is_seen_from_a_folder_below(made, glance):
    made.write({"src/io/__init__.py": ""})
    assert glance(made, cwd="src")


def edit_the_manifest(made):
    made.write({"pyproject.toml": manifest("io", "io>=1")})


def remove_the_lock(made):
    (made / "pylock.toml").unlink()


def edit_the_lock(made):
    made.write({"pylock.toml": made.read("pylock.toml").replace("# Written", "# written")})


def write_the_same_manifest(made):
    """It may be another: only its date and inode are looked at."""
    made.write({"new": made.read("pyproject.toml")})
    os.replace(made / "new", made / "pyproject.toml")


def make_an_environment(made):
    (made / ".venv").mkdir()
    (made / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n")


CHANGES = [
    edit_the_manifest, remove_the_lock, edit_the_lock, write_the_same_manifest, configure_the_project,
    pin_a_python, pin_a_python_for_mise, become_a_member, make_an_environment,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_somebody_looks_after_a_change(made, glance, change):
    assert glance(made)
    change(made)
    assert not glance(made)


@pytest.mark.parametrize(
    "environ",
    [{"HUTCH_RESOLUTION": "lowest"}, {"PIP_INDEX_URL": "http://index.example/"}, {"PATH": "/nowhere"}],
)
def test_somebody_looks_where_variables_differ(made, glance, environ):
    assert not glance(made, environ=environ)


@pytest.mark.parametrize(
    "words", ["--upgrade", "--check", "--dry-run", "--target linux", "--json", "--offline"]
)
def test_somebody_looks_where_options_are_given(made, glance, words):
    assert not glance(made, f"lock {words}")


def test_what_is_to_be_said_is_said_again(project, index, glance):
    index.add_wheel("io", "1.0")
    more = "[tool.hutch]\noverrides = [{ require = 'io <2', until = DAY }]\n"
    made = project(manifest("io", more=more.replace("DAY", "2020-01-01")))
    assert "was to be looked at again" in made.run("lock").ok().stderr
    assert "was to be looked at again" in made.run("lock").ok().stderr
    made.write({"pyproject.toml": manifest("io", more=more.replace("DAY", "2999-01-01"))})
    made.run("lock").ok()
    made.run("lock").ok()
    assert not glance(made)  # that day will come


def test_without_a_cache_nothing_is_remembered(made, glance):
    made.run("lock --no-cache").ok()
    made.write({"pyproject.toml": manifest("io>=1")})
    made.run("lock --no-cache").ok()
    assert not glance(made)
