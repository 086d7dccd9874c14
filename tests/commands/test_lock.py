"""``hutch lock``: what it writes, what it keeps, and locks that are not what they should be."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import json
import random

import pytest

from commands.support import block, locked, manifest, shown


@pytest.fixture
def shop(index):
    """An index with a few packages, each in two versions."""
    for version in ("1.0", "2.0"):
        index.add_wheel("web", version, requires=["io>=1", "color>=1; sys_platform == 'win32'"])
        index.add_wheel("io", version)
        index.add_wheel("color", version)
        index.add_wheel("test", version, requires=["io"])
        index.add_wheel("fast", version)
    return index


def test_locking_says_what_it_chose(project, shop):
    made = project(manifest("web"))
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 3 packages for 35 targets in <time>
         + color 2.0
         + io 2.0
         + web 2.0
    """)
    assert made.tree() == ["pylock.toml", "pyproject.toml"]


def test_nothing_to_do(project, shop):
    made = project(manifest("web"))
    made.run("lock").ok()
    before = made.read("pylock.toml")
    shop.log.clear()
    assert shown(made.run("lock")) == block("""
        exit 0
        The lock is up to date: 3 packages for 35 targets
    """)
    assert made.read("pylock.toml") == before
    assert shop.log == []


def test_json(project, shop):
    ran = project(manifest("io")).run("lock --json").ok()
    assert ran.stderr == ""
    said = json.loads(ran.stdout)
    assert said["changes"] == [{"name": "io", "before": None, "after": "2.0"}]
    assert (said["packages"], said["written"], said["dry_run"]) == (1, True, False)


def test_dry_run(project, shop):
    made = project(manifest("web"))
    assert shown(made.run("lock --dry-run")) == block("""
        exit 0
        Would lock 3 packages for 35 targets
         + color 2.0
         + io 2.0
         + web 2.0
    """)
    assert made.tree() == ["pyproject.toml"]


def test_check(project, shop):
    made = project(manifest("io"))
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: there is no pylock.toml
          <project>/pylock.toml does not exist
        try: run hutch lock
    """)
    made.run("lock").ok()
    assert shown(made.run("lock --check")) == block("""
        exit 0
        The lock is up to date: 1 package for 35 targets
    """)
    made.write({"pyproject.toml": manifest("io", "fast")})
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not up to date
          pyproject.toml or the configuration asks for something else than when it was made
        try: run hutch lock
    """)
    made.write({"pyproject.toml": manifest("io") + "# a remark changes nothing\n"})
    made.run("lock --check").ok()


def test_locked_versions_stay(project, shop):
    made = project(manifest("web", "io<2"))
    made.run("lock").ok()
    made.write({"pyproject.toml": manifest("web", "io")})
    made.run("lock").ok()
    assert locked(made) == {"web": "2.0", "io": "1.0", "color": "2.0"}


def test_upgrade(project, shop):
    made = project(manifest("web<2", "io<2"))
    made.run("lock").ok()
    made.write({"pyproject.toml": manifest("web", "io")})
    assert shown(made.run("lock --upgrade")) == block("""
        exit 0
        Locked 3 packages for 35 targets in <time>
         ~ io 1.0 → 2.0
         ~ web 1.0 → 2.0
    """)


def test_upgrade_of_one_package(project, shop):
    made = project(manifest("web<2", "io<2", "color<2"))
    made.run("lock").ok()
    made.write({"pyproject.toml": manifest("web", "io", "color")})
    assert shown(made.run("lock --upgrade-package io")) == block("""
        exit 0
        Locked 3 packages for 35 targets in <time>
         ~ io 1.0 → 2.0
    """)
    assert shown(made.run("lock -P nonesuch")) == block("""
        exit 2
        error: --upgrade-package: nonesuch is not in the lock
        try: hutch tree shows what is
    """)


def test_upgrade_of_one_package_to_a_bound(project, shop):
    for version in ("3.0", "4.0"):
        shop.add_wheel("io", version)
    made = project(manifest("io"))
    made.write({"pyproject.toml": manifest("io<2")})
    made.run("lock").ok()
    made.write({"pyproject.toml": manifest("io")})
    made.run("lock -P 'io<4'").ok()
    assert locked(made) == {"io": "3.0"}


@pytest.mark.parametrize(
    ("resolution", "versions"),
    [
        ("highest", {"web": "2.0", "io": "2.0", "color": "2.0"}),
        ("lowest", {"web": "1.0", "io": "1.0", "color": "1.0"}),
        ("lowest-direct", {"web": "1.0", "io": "2.0", "color": "2.0"}),
    ],
)
def test_resolution(project, shop, resolution, versions):
    made = project(manifest("web"))
    made.run(f"lock --resolution {resolution}").ok()
    assert locked(made) == versions


def test_targets(project, shop):
    made = project(manifest("web"))
    assert shown(made.run("lock --target cp312-linux-x86_64")) == block("""
        exit 0
        Locked 2 packages for 1 target in <time>
         + io 2.0
         + web 2.0
    """)
    made.run("lock --target cp312-windows-x86_64").ok()
    assert locked(made) == {"web": "2.0", "io": "2.0", "color": "2.0"}


def test_locking_twice_gives_the_same_bytes(project, shop):
    made = project(manifest("web", "fast", groups={"dev": ["test"]}))
    made.run("lock").ok()
    first = made.read("pylock.toml")
    (made / "pylock.toml").unlink()
    made.run("lock --no-cache").ok()
    assert made.read("pylock.toml") == first


def test_the_order_of_requirements_does_not_matter(project, shop):
    one, other = project(manifest("web", "fast", "test")), project(manifest("test", "fast", "web"))
    one.run("lock").ok()
    other.run("lock").ok()
    assert one.read("pylock.toml") == other.read("pylock.toml")


def test_the_order_of_answers_does_not_matter(project, index):
    """The same index, whose pages list their files in another order and arrive in another order."""
    chance = random.Random(7)
    packages = [
        (f"p{i}", version, [f"p{j}" for j in chance.sample(range(i), min(i, 3))])
        for i in range(12)
        for version in ("1.0", "1.1", "2.0")
    ]
    texts = set()
    for seed in range(4):
        index.projects.clear()
        index.faults.clear()
        shuffled = list(packages)
        random.Random(seed).shuffle(shuffled)
        for name, version, needs in shuffled:
            index.add_wheel(name, version, requires=needs)
        if seed:
            slow = random.Random(seed).sample(range(12), 3)
            for number in slow:  # the first answer is lost, so that it comes after the others
                index.fault(f"/simple/p{number}/", status=503, headers=(("Retry-After", "0"),), times=1)
        made = project(manifest(*(f"p{i}" for i in range(12))), HUTCH_RETRIES="2")
        made.run("lock --no-cache").ok()
        texts.add(made.read("pylock.toml"))
    assert len(texts) == 1


def test_extras_and_groups_are_locked_together(project, shop):
    made = project(manifest("web", extras={"quick": ["fast"]}, groups={"dev": ["test"]}))
    made.run("lock").ok()
    assert set(locked(made)) == {"web", "io", "color", "fast", "test"}


# -- locks that are not what they should be --------------------------------------------------------


@pytest.fixture
def locked_shop(project, shop):
    made = project(manifest("web"))
    made.run("lock").ok()
    return made


def test_a_lock_of_a_newer_hutch(locked_shop):
    text = locked_shop.read("pylock.toml").replace('lock-version = "1.0"', 'lock-version = "2.0"')
    locked_shop.write({"pylock.toml": text})
    assert shown(locked_shop.run("sync")) == block("""
        exit 1
        error: pylock.toml was written for a newer version of hutch
          its lock-version is 2.0, and this hutch knows 1.0
        try: update hutch: `hutch self update`
    """)
    assert shown(locked_shop.run("lock")) == block("""
        exit 1
        error: pylock.toml was written for a newer version of hutch
          its lock-version is 2.0, and this hutch knows 1.0
        try: update hutch: `hutch self update`
    """)
    assert locked_shop.read("pylock.toml") == text


def test_a_lock_full_of_merge_markers(locked_shop, shop):
    """``lock`` keeps the versions of both sides; who asks for the lock as it is does not get it."""
    text = locked_shop.read("pylock.toml")
    other = text.replace('version = "2.0"', 'version = "1.0"')
    torn = f"<<<<<<< HEAD\n{text}=======\n{other}>>>>>>> branch\n"
    locked_shop.write({"pylock.toml": torn})
    assert shown(locked_shop.run("sync --frozen")) == block("""
        exit 1
        error: pylock.toml has merge markers
          the first one is in line 1
        try: finish the merge of pyproject.toml, then run `hutch lock`: it keeps what both sides had
    """)
    assert shown(locked_shop.run("lock --check")) == block("""
        exit 1
        error: pylock.toml has merge markers
          the first one is in line 1
        try: finish the merge of pyproject.toml, then run `hutch lock`: it keeps what both sides had
    """)
    assert locked_shop.read("pylock.toml") == torn
    shop.add_wheel("io", "3.0")
    assert shown(locked_shop.run("lock --refresh")) == block("""
        exit 0
        warning: pylock.toml has merge markers, and is made anew; the versions of both sides were kept where they fit
        Locked 3 packages for 35 targets in <time>
         + color 2.0
         + io 2.0
         + web 2.0
    """)
    assert locked_shop.read("pylock.toml") == text


def test_a_lock_that_is_not_toml(locked_shop):
    locked_shop.write({"pylock.toml": "this is = not [ toml\n"})
    assert shown(locked_shop.run("sync --frozen")) == block("""
        exit 1
        error: pylock.toml is not a valid lock
          pylock.toml:1: Expected '=' after a key in a key/value pair
        try: take it from version control again
         or: delete pylock.toml and run `hutch lock`
    """)
    assert shown(locked_shop.run("lock")) == block("""
        exit 0
        warning: pylock.toml is not a valid lock, and is made anew
        Locked 3 packages for 35 targets in <time>
         + color 2.0
         + io 2.0
         + web 2.0
    """)


def test_a_lock_that_is_something_else(locked_shop):
    locked_shop.write({"pylock.toml": '[package]\nname = "crate"\n'})
    assert shown(locked_shop.run("sync --frozen")) == block("""
        exit 1
        error: pylock.toml is not a valid lock
          lock-version: is missing
          packages: is missing
          created-by: is missing
        try: take it from version control again
         or: delete pylock.toml and run `hutch lock`
    """)
    assert shown(locked_shop.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not a valid lock
          lock-version: is missing
          packages: is missing
          created-by: is missing
        try: take it from version control again
         or: delete pylock.toml and run `hutch lock`
    """)


def test_a_lock_that_is_not_utf_8(locked_shop):
    locked_shop.write({"pylock.toml": b"# Gr\xf6\xdfe\n"})
    assert shown(locked_shop.run("sync")) == block("""
        exit 1
        error: cannot read <project>/pylock.toml
          it is not UTF-8: byte 4 is 0xf6
        try: save it as UTF-8
    """)


def test_a_lock_that_is_empty(locked_shop):
    locked_shop.write({"pylock.toml": ""})
    assert shown(locked_shop.run("sync --frozen")) == block("""
        exit 1
        error: pylock.toml is not a valid lock
          lock-version: is missing
          packages: is missing
          created-by: is missing
        try: take it from version control again
         or: delete pylock.toml and run `hutch lock`
    """)
    locked_shop.run("lock").ok()
    assert locked(locked_shop)["web"] == "2.0"


def test_a_lock_of_another_tool(project, shop):
    """A valid lock that says nothing about what it was made from is made anew, its versions kept."""
    made = project(manifest("io"))
    made.run("lock").ok()
    text = made.read("pylock.toml")
    foreign = text[: text.index("[tool.hutch]")] if "[tool.hutch]" in text else text
    made.write({"pylock.toml": foreign.replace('created-by = "hutch"', 'created-by = "other"')})
    made.run("lock").ok()
    assert made.read("pylock.toml") == text


def test_no_lock(project, shop):
    made = project(manifest("io"))
    assert shown(made.run("sync --frozen")) == block("""
        exit 1
        error: there is no pylock.toml
          <project>/pylock.toml does not exist
        try: run hutch lock
    """)
    assert shown(made.run("sync --locked")) == block("""
        exit 1
        error: there is no pylock.toml
          <project>/pylock.toml does not exist
        try: run hutch lock
    """)
    assert made.tree() == ["pyproject.toml"]
