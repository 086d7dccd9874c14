"""``hutch git``: locks that git merges by locking again, with a real git."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess

import pytest

from commands.support import block, locked, manifest, shown

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class Repository:
    """A project in git, whose locks are merged by hutch."""

    def __init__(self, made, driver=True):
        self.made = made
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Somebody")
        self.git("config", "user.email", "somebody@index.example")
        if driver:
            command = made.launcher
            self.git("config", "merge.hutch.driver", f"{shlex.join(command)} git merge-lock %O %A %B %P")
            made.write({".gitattributes": "pylock.toml merge=hutch\n"})

    def git(self, *words, ok=True):
        environ = {
            **os.environ,
            **{k: v for k, v in self.made.environ.items() if v is not None},
        }
        done = subprocess.run(
            ["git", *words], cwd=self.made.path, capture_output=True, text=True, check=False, env=environ
        )
        assert not ok or done.returncode == 0, done.stdout + done.stderr
        return done

    def commit(self, *requirements, more=""):
        """Commit the project with these requirements, one a line, and its lock."""
        text = manifest(more=more).replace(
            "dependencies = []",
            "dependencies = [\n" + "".join(f'  "{each}",\n' for each in requirements) + "]",
        )
        self.made.write({"pyproject.toml": text})
        self.made.run("lock --refresh").ok()
        self.git("add", "-A")
        self.git("commit", "-q", "-m", " ".join(requirements))


MIDDLE = ("k1", "k2", "k3", "k4")


@pytest.fixture
def parted(project, index):
    """Two branches: ``main`` adds ``a`` at the top, ``side`` adds ``z`` at the end and has newer versions."""
    for name in (*MIDDLE, "a", "z", "low"):
        index.add_wheel(name, "1.0", requires=["low"] if name in ("a", "z") else [])
    repository = Repository(project(""))
    repository.commit(*MIDDLE)
    repository.git("checkout", "-q", "-b", "side")
    index.add_wheel("k2", "2.0")
    repository.made.run("lock --upgrade-package k2 --refresh").ok()
    repository.commit(*MIDDLE, "z")
    repository.git("checkout", "-q", "main")
    repository.commit("a", *MIDDLE)
    for name in (*MIDDLE, "low"):
        index.add_wheel(name, "9.0")
    return repository


ALL = {"a": "1.0", "k1": "1.0", "k2": "2.0", "k3": "1.0", "k4": "1.0", "low": "1.0", "z": "1.0"}


def test_a_merge(parted):
    done = parted.git("merge", "side", "-m", "both")
    assert "Locked pylock.toml for both sides: 7 packages" in done.stdout + done.stderr
    assert locked(parted.made) == ALL
    parted.made.run("lock --check").ok()
    assert parted.git("status", "--short").stdout == ""


def test_a_rebase(parted):
    parted.git("rebase", "-q", "main", "side")
    assert locked(parted.made) == ALL
    parted.made.run("lock --check").ok()


def test_a_cherry_pick(parted):
    parted.git("cherry-pick", "side")
    assert locked(parted.made) == ALL
    parted.made.run("lock --check").ok()


def test_a_project_below_the_top(project, index):
    for name in (*MIDDLE, "a", "z"):
        index.add_wheel(name, "1.0")
    repository = Repository(project(""))
    top, below = repository.made.path, repository.made.path / "part"
    below.mkdir()
    repository.made.path = below
    repository.commit(*MIDDLE)
    repository.git("checkout", "-q", "-b", "side")
    repository.commit(*MIDDLE, "z")
    repository.git("checkout", "-q", "main")
    repository.commit("a", *MIDDLE)
    assert (top / ".gitattributes").exists()
    repository.git("merge", "side", "-m", "both")
    assert set(locked(repository.made)) == {*MIDDLE, "a", "z"}


def test_manifests_that_conflict_leave_a_conflict_that_lock_mends(parted):
    parted.git("checkout", "-q", "-b", "third", "main~1")
    parted.commit("z", *MIDDLE)
    done = parted.git("merge", "main", "-m", "both", ok=False)
    assert done.returncode == 1
    assert "the changes of pyproject.toml conflict" in done.stdout + done.stderr
    assert "<<<<<<<" in parted.made.read("pylock.toml")
    assert "<<<<<<<" in parted.made.read("pyproject.toml")
    lines = parted.made.read("pyproject.toml").splitlines(keepends=True)
    parted.made.write(
        {"pyproject.toml": "".join(x for x in lines if x[:7] not in ("<" * 7, "=" * 7, ">" * 7))}
    )
    parted.made.run("lock").ok()
    assert locked(parted.made) == {**ALL, "k2": "1.0", "low": "9.0"}  # the newer of what both sides had


def test_requirements_of_both_sides_that_do_not_fit(project, index):
    index.add_wheel("low", "1.0")
    index.add_wheel("low", "2.0")
    for name in MIDDLE:
        index.add_wheel(name, "1.0")
    index.add_wheel("a", "1.0", requires=["low<2"])
    index.add_wheel("z", "1.0", requires=["low>=2"])
    repository = Repository(project(""))
    repository.commit(*MIDDLE)
    repository.git("checkout", "-q", "-b", "side")
    repository.commit(*MIDDLE, "z")
    repository.git("checkout", "-q", "main")
    repository.commit("a", *MIDDLE)
    done = repository.git("merge", "side", "-m", "both", ok=False)
    assert done.returncode == 1
    assert "error: pylock.toml is not merged" in done.stdout + done.stderr
    assert "low" in done.stdout + done.stderr
    assert "<<<<<<< ours" in repository.made.read("pylock.toml")


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
@pytest.mark.parametrize("ends", ["lf", "crlf"])
def test_without_a_driver_lock_takes_both_sides(project, index, style, ends):
    for name in (*MIDDLE, "a", "z"):
        index.add_wheel(name, "1.0")
    repository = Repository(project(""), driver=False)
    repository.commit(*MIDDLE)
    repository.git("checkout", "-q", "-b", "side")
    repository.commit(*MIDDLE, "z")
    repository.git("checkout", "-q", "main")
    repository.commit("a", *MIDDLE)
    repository.git("config", "merge.conflictStyle", style)
    assert repository.git("merge", "side", ok=False).returncode == 1
    if ends == "crlf":
        text = repository.made.read("pylock.toml")
        repository.made.write({"pylock.toml": text.replace("\n", "\r\n")})
    for name in (*MIDDLE, "a", "z"):
        index.add_wheel(name, "9.0")
    repository.made.run("lock --refresh").ok()
    assert locked(repository.made) == dict.fromkeys((*MIDDLE, "a", "z"), "1.0")


# -- setup -----------------------------------------------------------------------------------------


def test_setup(project, index):
    repository = Repository(project(manifest()), driver=False)
    made = repository.made
    made.write({".gitattributes": "*.png binary"})
    assert shown(made.run("git setup --dry-run")) == block("""
        exit 0
        Git would call: hutch git merge-lock %O %A %B %P
        Would write it into .gitattributes
    """)
    assert made.read(".gitattributes") == "*.png binary"
    assert shown(made.run("git setup")) == block("""
        exit 0
        Git calls: hutch git merge-lock %O %A %B %P
        Commit .gitattributes
    """)
    assert made.read(".gitattributes") == "*.png binary\npylock.toml merge=hutch\n"
    driver = repository.git("config", "merge.hutch.driver").stdout
    assert driver == "hutch git merge-lock %O %A %B %P\n"
    assert shown(made.run("git setup")) == block("""
        exit 0
        Git calls: hutch git merge-lock %O %A %B %P
        It is named already in .gitattributes
    """)


def test_setup_for_all_repositories_of_a_user(project, index, tmp_path):
    made = Repository(project(manifest()), driver=False).made
    said = json.loads(
        made.run("git setup --user --json", environ={"GIT_CONFIG_GLOBAL": str(tmp_path / "own")}).ok().stdout
    )
    assert (said["changed"], said["dry_run"]) == (True, False)
    assert "driver = hutch git merge-lock" in (tmp_path / "own").read_text()
    assert "merge" not in made.read(".git/config")


def test_setup_outside_of_a_repository(project):
    assert shown(project(manifest()).run("git setup")) == block("""
        exit 2
        error: this needs a git repository
          fatal: not a git repository (or any of the parent directories): .git
    """)
