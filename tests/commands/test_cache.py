"""``hutch cache``: what it says, what it removes, and when it prunes by itself."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest

from commands.support import block, installed, manifest, shown

DAY = 86400


@pytest.fixture
def demo(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "x" * 2_000_000})
    made = project(manifest("alpha"), HUTCH_CACHE_SIZE_LIMIT="20 GiB")
    made.run("sync").ok()
    return made


def age(demo, seconds: float) -> None:
    """As if nobody had used anything of the cache for so long."""
    then = time.time() - seconds
    for path in (demo.home / "cache").rglob("*"):
        if path.name in ("manifest", "state", ".pruned") or "-v1" in path.parent.name:
            os.utime(path, (then, then))


def entry(demo) -> Path:
    (found,) = (demo.home / "cache").glob("wheels-*/*/*")
    return found


def drop_environment(demo) -> None:
    shutil.rmtree(demo / ".venv")


def sizes(ran) -> str:
    return re.sub(r"\d+(\.\d+)? (B|KiB|MiB|GiB)\b", "<size>", shown(ran))


# -- size ------------------------------------------------------------------------------------------


def test_size(demo):
    said = json.loads(demo.run("cache size --json").ok().stdout)
    kinds = {each["kind"]: each for each in said["kinds"]}
    assert said["limit"] == 20 << 30
    assert 2_000_000 < kinds["wheels"]["bytes"] < 2_020_000
    lines = demo.run("cache size").ok().stdout.splitlines()
    assert lines[-1].split() == ["limit", "20.0", "GiB"]
    assert lines[-2].split()[0] == "all"
    assert demo.run("cache dir").stdout == "<cache>\n"


def test_an_unusable_limit(demo):
    assert shown(demo.run("cache prune --limit much")) == block("""
        exit 2
        error: --limit much is no size
        try: say 20 GiB, 500 MB, '10 %' of the disk, or none
    """)
    assert shown(demo.run("sync", environ={"HUTCH_CACHE_SIZE_LIMIT": "much"})) == block("""
        exit 1
        error: a setting cannot be used
          HUTCH_CACHE_SIZE_LIMIT: cache-size-limit: 'much' is neither a size (20 GiB), a share of the disk (10 %) nor none
        try: `hutch config show` shows every setting and where it was set
    """)


# -- verify ----------------------------------------------------------------------------------------


def test_verify_a_sound_cache(demo):
    for options in ("", " --deep", " --fix"):
        ran = demo.run(f"cache verify{options}").ok()
        assert re.fullmatch(r"Nothing is damaged: 1 package and \d+ tables\n", ran.stderr), ran.stderr


def test_verify_says_what_is_damaged_and_with_fix_takes_it_out(demo, index):
    drop_environment(demo)
    file = entry(demo) / "files/alpha/__init__.py"
    file.write_text("owned")
    key = entry(demo).name[:16]
    ran = demo.run("cache verify")
    assert re.sub(r"\d+ tables", "<tables>", shown(ran)) == block(f"""
        exit 1
        alpha 1.0 ({key}): damaged
          files/alpha/__init__.py was changed
        1 damaged, of 1 package and <tables>; hutch cache verify --fix takes out what is
    """)
    said = json.loads(demo.run("cache verify --json").stdout)
    assert said["damage"] == [
        {
            "kind": "wheels",
            "name": "alpha 1.0",
            "key": entry(demo).name,
            "faults": ["files/alpha/__init__.py was changed"],
            "done": None,
            "environments": [],
        }
    ]
    ran = demo.run("cache verify --fix")
    assert re.sub(r"\d+ tables", "<tables>", shown(ran)) == block(f"""
        exit 0
        alpha 1.0 ({key}): removed
          files/alpha/__init__.py was changed
        1 mended, of 1 package and <tables>
    """)
    demo.run("sync").ok()
    assert installed(demo) == {"alpha": "1.0"}
    demo.run("cache verify --deep").ok()


def test_K09_rot_is_found_by_reading(demo):
    file = entry(demo) / "files/alpha/__init__.py"
    facts = file.stat()
    with open(file, "r+b") as stream:
        stream.write(b"y")
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    demo.run("cache verify").ok()
    ran = demo.run("cache verify --deep")
    assert ran.exit_code == 1
    assert "  files/alpha/__init__.py was changed, and has its old size and date\n" in ran.stderr


def test_verify_names_the_environments_that_share_what_is_damaged(demo):
    (entry(demo) / "files/alpha/__init__.py").write_text("owned")
    ran = demo.run("cache verify")
    assert ran.exit_code == 1
    assert "  used in .venv: hutch env verify looks at that\n" in ran.stderr


def test_verify_of_a_read_only_cache(demo, confined):
    entry(demo).joinpath("manifest").write_bytes(b"")
    read_only = "mount --bind '{0}' '{0}'; mount -o remount,ro,bind '{0}'".format(demo.home / "cache")
    ran = confined(demo, read_only, "cache verify")
    assert ran.exit_code == 1
    assert ": damaged\n  its manifest cannot be read\n" in ran.stderr
    for command in ("cache verify --fix", "cache prune", "cache clean"):
        assert shown(confined(demo, read_only, command)) == block("""
            exit 1
            error: writing to the cache failed: Read-only file system
              at <cache>
            try: move the cache to a place that can be written with --cache-dir or HUTCH_CACHE_DIR
        """)


# -- prune -----------------------------------------------------------------------------------------


def test_what_the_environment_uses_stays(demo):
    age(demo, 90 * DAY)
    ran = demo.run("cache prune --limit 0").ok()
    assert re.search(r"left, of which 1 environment uses 1\.9 MiB; the limit is 0 B\n$", ran.stderr), (
        ran.stderr
    )
    assert entry(demo).exists()


def test_without_the_environment_it_goes(demo):
    age(demo, 3 * 3600)
    drop_environment(demo)
    ran = demo.run("cache prune --dry-run --limit 0").ok()
    assert sizes(ran) == block("""
        exit 0
        Would free <size> (1 package)
        <size> left; the limit is <size>
    """)
    assert entry(demo).exists()
    ran = demo.run("cache prune --limit 0").ok()
    assert sizes(ran) == block("""
        exit 0
        Freed <size> (1 package)
        <size> left; the limit is <size>
    """)
    assert not list((demo.home / "cache").glob("wheels-*/*/*"))
    demo.run("sync").ok()
    assert installed(demo) == {"alpha": "1.0"}


def test_what_was_used_lately_stays(demo):
    drop_environment(demo)
    assert json.loads(demo.run("cache prune --limit 0 --json").ok().stdout)["removed"] == {}
    assert entry(demo).exists()


def test_below_the_limit_nothing_goes(demo):
    age(demo, 9 * DAY)
    drop_environment(demo)
    assert sizes(demo.run("cache prune").ok()) == block("""
        exit 0
        Freed <size>
        <size> left; the limit is <size>
    """)
    assert entry(demo).exists()


def test_a_second_prune_at_the_same_time(demo):
    from hutch.store import Store

    with Store(demo.home / "cache").lock("prune"):
        ran = demo.run("cache prune")
    assert ran.exit_code == 1
    assert re.match(r"error: process \d+ \(.*\) holds the lock 'prune'\n", ran.stderr), ran.stderr


def test_a_folder_that_is_no_cache_is_left_alone(demo, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    for command in ("cache prune --limit 0", "cache clean"):
        ran = demo.run(f"{command} --cache-dir {tmp_path / 'mine'}")
        assert ran.exit_code == 1
        assert "is not a store of hutch" in ran.stderr
    assert (tmp_path / "mine/thesis.txt").exists()


def test_a_cache_that_is_not_there(demo, tmp_path):
    nothing = tmp_path / "nothing"
    for command in ("cache size", "cache verify", "cache prune", "cache clean"):
        demo.run(f"{command} --cache-dir {nothing}").ok()
    assert not nothing.exists()


# -- by itself -------------------------------------------------------------------------------------


@pytest.fixture
def full(demo, index, project):
    """A cache that is over its limit, with something that nobody uses, and a project that needs one thing more."""
    age(demo, 9 * DAY)
    drop_environment(demo)
    index.add_wheel("beta", "1.0")
    return project(manifest("beta"), HUTCH_CACHE_SIZE_LIMIT="1 MB")


def test_a_command_that_puts_something_in_prunes_once_a_day(demo, full):
    assert shown(full.run("sync")) == block("""
        exit 0
        Locked 1 package for 35 targets in <time>
        Made the environment .venv
        Installed 1 package in <time>
         + beta 1.0
        note: 1.9 MiB not used for long went from the cache, whose limit is 976.6 KiB
    """)
    assert entry(full).joinpath("files/beta/__init__.py").exists()
    assert installed(full) == {"beta": "1.0"}


def test_a_command_that_puts_nothing_in_does_not(demo, full):
    demo.run("sync", environ={"HUTCH_CACHE_SIZE_LIMIT": "1 MB"}).ok()
    age(demo, 9 * DAY)
    demo.run("sync").ok()
    assert entry(demo).exists()


def test_not_when_something_went_wrong(demo, full, index):
    """Ctrl-C, above all, ends a command at once."""
    for name in ("gamma", "delta"):
        index.add_wheel(name, "1.0", files={"same.py": name})
    full.write({"pyproject.toml": manifest("gamma", "delta")})
    ran = full.run("sync")
    assert ran.exit_code == 1
    assert "went from the cache" not in ran.stderr
    assert entry_of(full, "alpha")


def entry_of(demo, name: str) -> bool:
    return any((demo.home / "cache").glob(f"wheels-*/*/*/files/{name}/__init__.py"))


def test_not_twice_a_day(demo, full):
    os.utime(demo.home / "cache/.pruned")
    ran = full.run("sync").ok()
    assert "went from the cache" not in ran.stderr
    assert len(list((full.home / "cache").glob("wheels-*/*/*"))) == 2


def test_not_where_there_is_no_limit(demo, full):
    full.environ["HUTCH_CACHE_SIZE_LIMIT"] = "none"
    full.run("sync").ok()
    assert len(list((full.home / "cache").glob("wheels-*/*/*"))) == 2


def test_run_prunes_before_its_command(demo, full):
    ran = full.run("run python -c 'import beta; print(1)'").ok()
    assert ran.stdout == "1\n"
    assert "went from the cache" in ran.stderr
