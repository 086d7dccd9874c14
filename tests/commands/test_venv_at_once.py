"""``hutch venv`` again: when a glance tells what to make, and when somebody looks properly."""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from commands.support import (
    PYTHON,
    become_a_member,
    block,
    configure_the_project,
    manifest,
    pin_a_python,
    pin_a_python_for_mise,
    shown,
    unless_called,
)
from hutch.ops import quick_venv
from hutch.ops.quick_venv import PLAIN, PROMPT, ROOT
from hutch.shell import ActivationFacts, activation_scripts
from hutch.store.tables import pack, unpack

pytestmark = pytest.mark.skipif(os.name == "nt", reason="somebody always looks there")


@pytest.fixture
def glance(monkeypatch):
    """Whether an environment is made without a look at the project."""

    def at_a_glance(made, command="venv", **more):
        return unless_called(monkeypatch, made, "hutch.ops.venv.venv", command, **more) is not None

    return at_a_glance


def grow_old(made):
    """What is younger than the command may have changed since it was read."""
    for path in [made.path, *made.path.rglob("*")]:
        if not path.is_symlink():
            os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def made(project):
    """A project for which an environment was made once, and that has none."""
    made = project({"pyproject.toml": manifest()})
    made.environ["HUTCH_PYTHON"] = PYTHON
    grow_old(made)
    made.run("venv").ok()
    shutil.rmtree(made / ".venv")
    grow_old(made)
    return made


@pytest.fixture
def bare(project):
    """A directory without a project, for the like of which an environment was made once."""
    bare = project({})
    bare.environ["HUTCH_PYTHON"] = PYTHON
    bare.run("venv").ok()
    shutil.rmtree(bare / ".venv")
    return bare


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything in an environment: kind and mode, and the text or target; but not who has the lock."""
    found = {}
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        link = os.fsencode(os.readlink(path)) if stat.S_ISLNK(mode) else b""
        lock = path.name == "lock" and path.parent.name == ".hutch"
        found[path.relative_to(root).as_posix()] = (
            mode,
            path.read_bytes() if stat.S_ISREG(mode) and not lock else link,
        )
    return found


@pytest.mark.parametrize("words", ["venv", "venv .venv", "venv env", "venv x/../env-2.1_a"])
def test_what_is_made_is_what_somebody_makes_who_looks(made, glance, words):
    said = shown(made.run(words))
    root = next(path.parent for path in made.path.rglob("pyvenv.cfg"))
    at_once = contents(root)
    shutil.rmtree(root)
    assert glance(made, words)
    assert contents(root) == at_once
    shutil.rmtree(root)
    assert shown(made.run(f"{words} --no-config")) == said  # a flag: somebody looks
    assert contents(root) == at_once


def test_what_is_said_is_the_same(made, glance):
    assert shown(made.run("venv env")) == block("""
        exit 0
        Made env with Python <version> (<interpreter>)
        activate: source env/bin/activate
    """)
    assert shown(made.run("venv -q other")) == "exit 0\n"
    assert glance(made, "venv again")


def test_the_environment_is_one(made):
    made.run("venv").ok()
    assert made.run("sync").ok()
    assert not (made / ".venv" / ".hutch" / "creating").exists()


def test_a_lock_is_no_reason_to_look(made, glance):
    made.run("lock").ok()
    assert glance(made)


def test_it_is_made_from_a_folder_below(made, glance):
    (made / "src").mkdir()
    assert glance(made, cwd="src")
    assert (made / ".venv" / "pyvenv.cfg").exists()


def edit_the_manifest(made):
    made.write({"pyproject.toml": manifest(python=">=3.10")})


def be_somebody_elses(made):
    (made.home / "cache").chmod(0o777)


def be_damaged(made):
    for table in (made.home / "cache").glob("venvs-v*/*"):
        table.write_bytes(table.read_bytes()[:-1])


def be_another_hutchs(made):
    """Of the same version, but perhaps with other texts."""
    for table in (made.home / "cache").glob("venvs-v*/*"):
        whose, *rest = unpack(table.read_bytes())
        table.write_bytes(
            pack((tuple(f"{each}x" if each == quick_venv.__file__ else each for each in whose), *rest))
        )


def something_is_there(made):
    (made / ".venv").mkdir()


def a_link_is_there(made):
    (made / ".venv").symlink_to("elsewhere")


CHANGES = [
    edit_the_manifest, configure_the_project, pin_a_python, pin_a_python_for_mise, become_a_member,
    be_somebody_elses, be_damaged,
    be_another_hutchs, something_is_there, a_link_is_there,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_somebody_looks_after_a_change(made, glance, change):
    change(made)
    assert not glance(made)


@pytest.mark.parametrize(
    "environ", [{"HUTCH_PYTHON": ""}, {"PIP_INDEX_URL": "http://index.example/"}, {"PATH": "/nowhere"}]
)
def test_somebody_looks_where_variables_differ(made, glance, environ):
    assert not glance(made, environ=environ)


@pytest.mark.parametrize(
    "words",
    [
        "--clear", "--prompt x", "--dry-run", "--relocatable", "--system-site-packages", "--json",
        f"--python {PYTHON}", "'with a space'", "in:two", "no/parent", "ümlaut", "--project .. env",
    ],
)  # fmt: skip
def test_somebody_looks_where_something_is_unusual(made, glance, words):
    assert not glance(made, f"venv {words}")


def test_somebody_looks_where_a_shell_would_read_something_else(made, glance):
    odd = made / "with a space"
    odd.mkdir()
    assert not glance(made, "venv env", cwd="with a space")


def test_without_a_project_it_holds_wherever_nothing_is_said(bare, glance):
    other = bare.path.parent / "other"
    other.mkdir()
    assert glance(bare, cwd="../other")
    assert "VIRTUAL_ENV_PROMPT='other'" in (other / ".venv" / "bin" / "activate").read_text()
    for name in ("hutch.toml", ".python-version", "pyproject.toml"):
        new = bare.path.parent / f"with-{name}"
        new.mkdir()
        (new / name).write_text("3\n" if name == ".python-version" else "")
        assert not glance(bare, cwd=f"../{new.name}")


def test_a_path_that_means_something_else_elsewhere_is_not_remembered(project, glance):
    bare = project({})
    (bare / "python").symlink_to(PYTHON)
    bare.environ["HUTCH_PYTHON"] = "./python"
    bare.run("venv env").ok()
    assert not glance(bare, "venv other")


def test_a_python_that_appears_is_seen(project, glance):
    """The search is remembered, and where it looked."""
    bare = project({})
    places = bare.path.parent / "bin"
    places.mkdir()
    (places / "python3").symlink_to(PYTHON)
    os.utime(places, (1_700_000_000, 1_700_000_000))
    bare.environ |= {"PATH": str(places), "HUTCH_PYTHON": None}
    bare.run("venv one").ok()
    assert glance(bare, "venv two")
    (places / "python3.99").symlink_to(PYTHON)
    assert not glance(bare, "venv three")


@pytest.mark.parametrize("age", [-1.5, 0.5, 1000])
def test_what_may_have_changed_since_it_was_read_is_not_relied_on(project, glance, age):
    made = project({"pyproject.toml": manifest()})
    made.environ["HUTCH_PYTHON"] = PYTHON
    date = int((time.time() - age) * 1e9) | 1  # no whole second
    os.utime(made / "pyproject.toml", ns=(date, date))
    made.run("venv one").ok()
    assert glance(made, "venv two") == (age > 0)


def test_a_second_may_be_the_shortest_time_that_a_disk_knows(project, glance):
    made = project({"pyproject.toml": manifest()})
    made.environ["HUTCH_PYTHON"] = PYTHON
    os.utime(made / "pyproject.toml", (int(time.time()), int(time.time())))
    made.run("venv one").ok()
    assert not glance(made, "venv two")


def test_who_cannot_write_is_told_so_as_ever(made, glance):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    made.path.chmod(0o555)
    try:
        assert not glance(made, "venv env")
    finally:
        made.path.chmod(0o755)


def test_plain_texts_can_take_the_place_of_others():
    """In all scripts, for each letter at each end and in the middle."""

    def scripts(root: str, prompt: str) -> dict[str, str]:
        facts = ActivationFacts(environment=root, prompt=prompt, windows=True)
        return activation_scripts(facts)

    model = scripts(ROOT, PROMPT)
    for letter in sorted(PLAIN):
        root, prompt = f"/{letter}{letter}a{letter}", f"{letter}b{letter}{letter}"
        filled = {name: text.replace(ROOT, root).replace(PROMPT, prompt) for name, text in model.items()}
        assert scripts(root, prompt) == filled
