"""``hutch upgrade`` and ``hutch outdated``: newer versions, higher bounds, and what holds them back."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import json
import os
import subprocess

import pytest

from commands.support import block, installed, locked, manifest, shown


@pytest.fixture
def shop(index):
    """An index with a few packages, each in two versions."""
    for version in ("1.0", "2.0"):
        index.add_wheel("web", version, requires=["io>=1"], extras={"quick": []})
        index.add_wheel("io", version)
        index.add_wheel("fast", version)
    return index


def at_first(project, shop, *requirements, **more):
    """A project locked when every package had only its first version."""
    made = project(manifest(*(f"{each}<2" for each in ("web", "io", "fast"))))
    made.run("lock").ok()
    made.write({"pyproject.toml": manifest(*requirements, **more)})
    made.run("lock").ok()
    assert set(locked(made).values()) == {"1.0"}
    return made


def test_everything(project, shop):
    made = at_first(project, shop, "web", "fast")
    assert shown(made.run("upgrade --no-sync")) == block("""
        exit 0
        Locked 3 packages for 35 targets in <time>
         ~ fast 1.0 → 2.0
         ~ io 1.0 → 2.0
         ~ web 1.0 → 2.0
    """)
    assert shown(made.run("upgrade --all --no-sync")) == block("""
        exit 0
        The lock is up to date: 3 packages for 35 targets
    """)


def test_one_package_is_upgraded_and_installed(project, shop):
    made = at_first(project, shop, "web", "fast")
    made.run("sync").ok()
    assert shown(made.run("upgrade web")) == block("""
        exit 0
        Locked 3 packages for 35 targets in <time>
        Updated 1 package in <time>
         ~ web 1.0 → 2.0
    """)
    assert installed(made) == {"web": "2.0", "io": "1.0", "fast": "1.0"}


def test_a_limit(project, shop):
    made = at_first(project, shop, "io")
    shop.add_wheel("io", "1.5")
    made.run("upgrade 'io<2' --no-sync --refresh").ok()
    assert locked(made) == {"io": "1.5"}


def test_a_dry_run_changes_nothing(project, shop):
    made = at_first(project, shop, "web>=1.0", "fast")
    before = made.read("pyproject.toml"), made.read("pylock.toml")
    assert shown(made.run("upgrade --bump --dry-run")) == block("""
        exit 0
        Would raise web>=1.0 → web>=2.0 (pyproject.toml:5)
        Would raise fast → fast>=2.0 (pyproject.toml:5)
        Would lock 3 packages for 35 targets
         ~ fast 1.0 → 2.0
         ~ io 1.0 → 2.0
         ~ web 1.0 → 2.0
    """)
    assert (made.read("pyproject.toml"), made.read("pylock.toml")) == before
    assert made.tree() == ["pylock.toml", "pyproject.toml"]


def test_bump_changes_the_bounds_and_nothing_else(project, shop):
    text = block("""
        [project]
        name = "demo"
        version = "1.0"
        requires-python = ">=3.9"
        dependencies = [
          'Web >= 1.0 , <9 ; python_version > "3.8"',  # the shop
          "io ~=1.0",
          "fast==1.0",
        ]

        [dependency-groups]
        dev = [ "WEB[quick]>0.5" ]  # again
        all = [ {include-group = "dev"} ]
    """)
    made = project(text.replace(" , <9", " , <2").replace("WEB[quick]>0.5", "WEB[quick]>0.5,<2"))
    made.run("lock").ok()
    made.write({"pyproject.toml": text})
    shop.add_wheel("io", "1.4.2")
    assert shown(made.run("upgrade --bump --no-sync --refresh")) == block("""
        exit 0
        Raised Web >= 1.0 , <9 ; python_version > "3.8" → Web >= 2.0 , <9 ; python_version > "3.8" (pyproject.toml:6)
        Raised io ~=1.0 → io ~=1.4 (pyproject.toml:7)
        Raised WEB[quick]>0.5 → WEB[quick]>=2.0 (pyproject.toml:12)
        Locked 3 packages for 35 targets in <time>
         ~ io 1.0 → 1.4.2
         ~ web 1.0 → 2.0
    """)
    expected = text.replace(">= 1.0", ">= 2.0").replace("~=1.0", "~=1.4").replace(">0.5", ">=2.0")
    assert made.read("pyproject.toml") == expected
    made.run("lock --check").ok()


def test_bump_of_one_leaves_the_others(project, shop):
    made = at_first(project, shop, "web", "fast>=0.5")
    made.run("upgrade fast --bump --no-sync").ok()
    assert 'dependencies = ["web", "fast>=2.0"]' in made.read("pyproject.toml")
    assert locked(made) == {"web": "1.0", "io": "1.0", "fast": "2.0"}


def test_names_that_are_not_there(project, shop):
    made = at_first(project, shop, "web")
    assert shown(made.run("upgrade wep")) == block("""
        exit 2
        error: wep: not in the lock, so there is nothing to upgrade
        try: did you mean web?
         or: hutch tree shows what is there
    """)
    assert shown(made.run("upgrade web --all")) == block("""
        exit 2
        error: --all and names exclude each other
        try: name packages, or leave the names out
    """)


def test_json(project, shop):
    made = at_first(project, shop, "fast")
    said = json.loads(made.run("upgrade --bump --no-sync --json").ok().stdout)
    assert said["lock"]["changes"] == [{"name": "fast", "before": "1.0", "after": "2.0"}]
    assert said["raised"] == [{"place": "pyproject.toml:5", "before": "fast", "after": "fast>=2.0"}]
    assert said["sync"] is None


# -- questions -------------------------------------------------------------------------------------


def test_questions_need_a_terminal(project, shop):
    made = at_first(project, shop, "web")
    assert shown(made.run("upgrade --interactive", apart=True)) == block("""
        exit 2
        error: --interactive asks questions, and there is no terminal to ask on
          standard input and standard error have to be a terminal
        try: name the packages: hutch upgrade NAME
    """)


def answered(made, command, typed):
    """What ``command`` does on a terminal where ``typed`` is typed."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        process = made.start(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
        os.write(ours, typed)
        process.communicate(timeout=120)
        return process.returncode
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize(
    ("typed", "versions"),
    [
        (b"n\n\nn\n", {"fast": "1.0", "io": "2.0", "web": "1.0"}),
        (b"y\nq\n", {"fast": "2.0", "io": "1.0", "web": "1.0"}),
        (b"q\n", {"fast": "1.0", "io": "1.0", "web": "1.0"}),
    ],
)
def test_questions(project, shop, typed, versions):
    made = at_first(project, shop, "web", "fast")
    assert answered(made, "upgrade --interactive --no-sync", typed) == 0
    assert locked(made) == versions


# -- outdated --------------------------------------------------------------------------------------


def test_outdated_says_what_holds_each_back(project, shop):
    shop.add_wheel("old", "1.0", requires=["io<2"])
    shop.add_wheel("snake", "1.0")
    shop.add_wheel("snake", "3.0", requires_python=">=3.99")
    shop.add_wheel("needy", "1.0")
    shop.add_wheel("needy", "2.0", requires=["fast>=2"])
    made = at_first(project, shop, "web", "fast<2", "old", "snake", "needy<2")
    made.write({"pyproject.toml": manifest("web", "fast<2", "old", "snake", "needy")})
    assert shown(made.run("outdated")) == block("""
        exit 0
        hutch upgrade takes newer versions of 1 package
        -- stdout --
        package  locked  upgrade  newest  held back by
        fast     1.0     -        2.0     fast<2 (pyproject.toml:5)
        io       1.0     -        2.0     old 1.0 needs io <2
        needy    1.0     -        2.0     it needs fast >=2, and 1.0 is chosen
        snake    1.0     -        3.0     requires Python >=3.99 (pyproject.toml:4)
        web      1.0     2.0      2.0
    """)
    assert shown(made.run("outdated --direct")).count("io  ") == 0
    said = json.loads(made.run("outdated --json").ok().stdout)
    assert said["looked_at"] == 6
    assert said["packages"][0] == {
        "name": "fast",
        "kind": "pypi",
        "locked": ["1.0"],
        "installed": None,
        "allowed": ["1.0"],
        "newest": "2.0",
        "direct": True,
        "held_back_by": [{"kind": "requirement", "text": "fast<2", "file": "pyproject.toml", "line": 5}],
    }
    assert made.tree() == ["pylock.toml", "pyproject.toml"]


def test_an_override_holds_back_and_what_it_overrides_does_not(project, shop):
    shop.add_wheel("old", "1.0", requires=["io<1.5"])
    shop.add_wheel("io", "1.9")
    more = '[tool.hutch]\noverrides = [\n  "io<2",\n]\n'
    made = project(manifest("old", more=more))
    made.run("lock").ok()
    assert shown(made.run("outdated")) == block("""
        exit 0
        -- stdout --
        package  locked  upgrade  newest  held back by
        io       1.9     -        2.0     io<2 (pyproject.toml:9)
    """)


def test_a_date_holds_back(project, shop):
    shop.add_wheel("dated", "1.0", upload_time="2025-01-01T00:00:00Z")
    shop.add_wheel("dated", "2.0", upload_time="2026-01-01T00:00:00Z")
    made = project(manifest("dated", more='[tool.hutch]\nexclude-newer = "2025-06-01"\n'))
    made.run("lock").ok()
    ran = made.run("outdated").ok()
    assert "dated    1.0     -        2.0     came after exclude-newer (2025-06-01T00:00:00Z)" in ran.stdout


def test_outdated_without_a_network(project, shop):
    made = at_first(project, shop, "web", "fast")
    made.run("outdated").ok()
    shop.log.clear()
    assert "web      1.0     2.0      2.0\n" in made.run("outdated --offline").ok().stdout
    assert shop.log == []


def test_an_upgrade_that_cannot_be_installed_is_taken_back(project, shop):
    made = at_first(project, shop, "web>=1")
    made.run("sync").ok()
    before = made.read("pyproject.toml"), made.read("pylock.toml")
    shop.fault("/files/web-2.0-py3-none-any.whl", status=404)
    assert made.run("upgrade --bump").exit_code != 0
    assert (made.read("pyproject.toml"), made.read("pylock.toml")) == before
    assert installed(made) == {"web": "1.0", "io": "1.0"}


def test_upgrade_without_a_lock_makes_one(project, shop):
    made = project(manifest("web"))
    made.run("upgrade --no-sync").ok()
    assert locked(made) == {"web": "2.0", "io": "2.0"}


def test_outdated_asks_again_in_one_wave(project, shop):
    made = at_first(project, shop, "web", "fast")
    shop.log.clear()
    made.run("outdated").ok()
    asked = [each for each in map(str, shop.log) if "/simple/" in each]
    assert len(asked) == 3


def test_nothing_is_outdated(project, shop):
    made = project(manifest("web"))
    made.run("sync").ok()
    assert shown(made.run("outdated")) == block("""
        exit 0
        Everything is the newest there is: 2 packages
    """)


def test_outdated_knows_what_is_installed(project, shop):
    made = at_first(project, shop, "fast")
    made.run("sync").ok()
    said = json.loads(made.run("outdated --json").ok().stdout)
    assert [(each["name"], each["installed"]) for each in said["packages"]] == [("fast", "1.0")]
    shop.add_wheel("fast", "3.0")
    made.run("upgrade --no-sync 'fast<3' --refresh").ok()
    assert shown(made.run("outdated")) == block("""
        exit 0
        hutch upgrade takes newer versions of 1 package
        -- stdout --
        package  locked               upgrade  newest  held back by
        fast     2.0 (1.0 installed)  3.0      3.0
    """)


def test_a_prerelease_is_not_the_newest(project, shop):
    shop.add_wheel("fast", "3.0rc1")
    made = project(manifest("fast"))
    made.run("lock").ok()
    assert json.loads(made.run("outdated --json").ok().stdout)["packages"] == []


def test_outdated_without_a_lock(project, shop):
    assert shown(project(manifest("web")).run("outdated")) == block("""
        exit 1
        error: there is no pylock.toml
          <project>/pylock.toml does not exist
        try: run hutch lock
    """)
