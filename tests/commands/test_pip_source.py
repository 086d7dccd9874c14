"""``-e git+https://…#egg=name``: a repository that is worked on where it is checked out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from commands.packages import package, write
from commands.support import block, installed, shown
from oracles.git import git


@pytest.fixture
def repository(project, index, tmp_path):
    """A project with an environment, and a repository with a package in it."""
    folder = tmp_path / "remote"
    write(folder, package("lib"))
    write(folder / "sub", package("deeper"))
    git_init(folder)
    made = project({"notes.txt": ""})
    made.run("venv").ok()
    return made, folder


def git_init(folder) -> None:
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")


def test_it_is_checked_out_and_used_there(repository):
    made, remote = repository
    commit = git(remote, "rev-parse", "HEAD")
    made.write({"r.txt": f"-e git+file://{remote}#egg=lib\n"})
    made.run("pip install -r r.txt").ok()
    source = made / ".venv/src/lib"
    (source / "src/lib.py").write_text("WORD = 'changed'\n")
    said = subprocess.run(
        [made / ".venv/bin/python", "-c", "import lib; print(lib.WORD)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "changed\n"
    frozen = made.run("pip freeze").ok().stdout
    assert frozen.startswith("-e git+file://")
    assert frozen.endswith(f"@{commit}#egg=lib\n")
    # What freeze wrote can be installed again, and what was worked on is left alone.
    made.run(f"pip install -e git+file://{remote}@{commit}#egg=lib").ok()
    assert "changed" in (source / "src/lib.py").read_text()


def test_it_needs_nothing_of_the_cache(repository):
    made, remote = repository
    made.run(f"pip install -e git+file://{remote}#egg=lib --src work").ok()
    shutil.rmtree(made.home / ".cache", ignore_errors=True)
    made.run("cache clean").ok()
    assert git(made / "work/lib", "log", "--format=%s") == "first"
    git(made / "work/lib", "fetch", "--quiet")
    assert git(made / "work/lib", "rev-parse", "origin/main") == git(remote, "rev-parse", "HEAD")


def test_a_directory_in_it(repository):
    made, remote = repository
    made.run(f"pip install -e 'git+file://{remote}@main#egg=deeper&subdirectory=sub'").ok()
    assert installed(made) == {"deeper": "1.0"}
    rows = json.loads(made.run("pip list --json").ok().stdout)
    assert rows[0]["editable_project_location"].endswith(".venv/src/deeper/sub")


def test_nothing_is_made_in_a_dry_run(repository):
    made, remote = repository
    assert shown(made.run(f"pip install --dry-run -e git+file://{remote}#egg=lib")) == block("""
        exit 0
        Would install 1 package
         + lib 1.0
    """)
    assert not (made / ".venv/src").exists()


def test_without_a_name(repository):
    made, remote = repository
    ran = made.run(f"pip install -e git+file://{remote}")
    assert ran.exit_code == 2
    assert ran.stderr.endswith("try: write #egg=NAME behind it\n")


def test_what_is_in_the_way(repository):
    made, remote = repository
    made.write({".venv/src/lib/notes.txt": "mine"})
    ran = made.run(f"pip install -e git+file://{remote}#egg=lib")
    assert shown(ran) == block("""
        exit 1
        error: cannot check out into <project>/.venv/src/lib
          it is no checkout of git
        try: move it away, or --src DIR has checkouts in another place
    """)
    shutil.rmtree(made / ".venv/src/lib")
    made.run(f"pip install -e git+file://{remote}#egg=lib").ok()
    other = remote.parent / "other"
    write(other, package("lib", version="2.0"))
    git_init(other)
    ran = made.run(f"pip install -e git+file://{other}#egg=lib")
    assert (ran.exit_code, "it is a checkout of " in ran.stderr) == (1, True)


def test_a_commit_that_is_not_there_is_told_of(repository):
    made, remote = repository
    first = git(remote, "rev-parse", "HEAD")
    made.run(f"pip install -e git+file://{remote}#egg=lib").ok()
    write(remote, package("lib", version="2.0"))
    git(remote, "commit", "--quiet", "--all", "--message", "second")
    second = git(remote, "rev-parse", "HEAD")
    ran = made.run(f"pip install -e git+file://{remote}@{second}#egg=lib")
    assert ran.exit_code == 0
    assert f"is at {first[:12]} and stays there; {second[:12]} is asked for" in ran.stderr
    assert os.path.exists(made / ".venv/src/lib/.git")


def test_where_nothing_can_be_made(repository):
    made, remote = repository
    ran = made.run(f"pip install -e git+file://{remote}#egg=lib --src notes.txt")
    assert ran.exit_code == 1
    assert ran.stderr.startswith(
        "error: cannot check out into <project>/notes.txt/lib\n  it cannot be made: "
    )
