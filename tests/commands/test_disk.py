"""Disks that are full, read-only or damaged, and a store that somebody touched."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import random
import shutil

import pytest

from commands.support import block, installed, manifest, read_only, shown, tmpfs

BIG = random.Random(1).randbytes(400_000).hex()


@pytest.fixture
def demo(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "", "alpha/big.py": f"x = '{BIG}'\n"})
    return project(manifest("alpha"))


# -- a full disk -----------------------------------------------------------------------------------


def test_a_full_disk_under_the_cache(demo, confined):
    demo.run("lock").ok()
    ran = confined(demo, tmpfs(demo.home / "cache", "200k"), "sync")
    assert shown(ran) == block("""
        exit 1
        error: cannot write <cache>/archives-v1/0d78d61e85a0ea0ce8c4a8236f4642e6f5f936d813bfbbfc35a2cd7924047f91.part
          No space left on device
    """)
    assert installed(demo) == {}
    demo.run("sync").ok()


def test_a_full_disk_under_the_environment(demo, confined):
    demo.environ["HUTCH_PROJECT_ENVIRONMENT"] = str(demo.home / "small" / "env")
    demo.environ["HUTCH_LINK_MODE"] = "copy"
    ran = confined(demo, tmpfs(demo.home / "small", "200k"), "sync")
    assert shown(ran) == block("""
        exit 1
        error: cannot write <home>/small/env
          No space left on device
          the environment was put back as it was
        try: free some space on that disk, and try again
    """)
    demo.run("sync").ok()


def test_a_full_disk_under_the_project(demo, confined):
    """A lock is there whole or not at all."""
    small = demo / "small"
    mounts = tmpfs(small, "8k") + f"; cp pyproject.toml '{small}'; (yes > '{small}/filler') 2>/dev/null || :"
    ran = confined(demo, mounts, "--project small lock")
    assert shown(ran) == block("""
        exit 1
        error: cannot write <project>/small/pylock.toml
          No space left on device
    """)


def test_files_may_not_grow(demo):
    """What a quota does: writes fail half-way (here by a limit of the process)."""
    resource = pytest.importorskip("resource")
    demo.run("lock").ok()
    process = demo.start(
        "sync",
        stdout=-1,
        stderr=-1,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    lines = demo.filtered(err).splitlines()
    assert lines[0].startswith("error: cannot write <cache>/archives-v1/")
    assert lines[1:] == ["  File too large"]
    demo.run("sync").ok()


# -- a read-only disk ------------------------------------------------------------------------------


def test_a_read_only_project(demo, confined):
    assert shown(confined(demo, read_only(demo.path), "lock")) == block("""
        exit 1
        error: cannot write <project>/pylock.toml
          Read-only file system
    """)
    assert shown(confined(demo, read_only(demo.path), "add alpha")) == block("""
        exit 1
        error: cannot write <project>/pyproject.toml
          Read-only file system
    """)
    assert shown(confined(demo, read_only(demo.path), "sync --dry-run")) == block("""
        exit 0
        Would lock 1 package for 35 targets
        Would make the environment .venv
        Would install 1 package
         + alpha 1.0
    """)
    assert demo.tree() == ["pyproject.toml"]
    demo.run("lock").ok()
    assert shown(confined(demo, read_only(demo.path), "sync")) == block("""
        exit 1
        error: cannot write <project>/.venv
          Read-only file system
    """)


def test_a_read_only_project_can_be_looked_at_and_run(demo, confined):
    demo.run("sync").ok()
    for command in ("lock --check", "sync", "tree", "run python -c 'import alpha'", "export --no-hashes"):
        assert confined(demo, read_only(demo.path), command).ok()


def test_a_read_only_cache_that_is_empty(demo, confined):
    (demo.home / "cache").mkdir()
    demo.run("lock").ok()
    shutil.rmtree(demo.home / "cache")
    (demo.home / "cache").mkdir()
    assert shown(confined(demo, read_only(demo.home / "cache"), "sync")) == block("""
        exit 0
        warning: the cache <cache> cannot be written (Read-only file system): what is fetched or built now is not kept
        Made the environment .venv
        Installed 1 package in <time>
         + alpha 1.0
    """)
    assert installed(demo) == {"alpha": "1.0"}
    assert list((demo.home / "cache").iterdir()) == []


def test_a_read_only_cache_that_has_everything(demo, confined):
    """As in a container whose image brings the cache along."""
    demo.run("sync").ok()
    demo.run("venv --clear").ok()
    confined(demo, read_only(demo.home / "cache"), "sync").ok()
    assert installed(demo) == {"alpha": "1.0"}


def test_a_read_only_environment(demo, confined, index):
    demo.run("sync").ok()
    index.add_wheel("alpha", "2.0")
    demo.run("lock --upgrade --refresh").ok()
    assert shown(confined(demo, read_only(demo / ".venv"), "sync")) == block("""
        exit 1
        error: cannot write <project>/.venv/.hutch/lock
          Read-only file system
    """)
    assert installed(demo) == {"alpha": "1.0"}


# -- the store, touched ----------------------------------------------------------------------------


def entries(demo, kind):
    return [path for path in (demo.home / "cache").glob(f"{kind}*/*/*") if not path.name.endswith(".lock")]


@pytest.fixture
def synced(demo):
    """A project whose wheel is in the store, by copies: the environment does not see what is done there."""
    demo.environ["HUTCH_LINK_MODE"] = "copy"
    demo.run("sync").ok()
    demo.run("venv --clear").ok()
    return demo


def test_a_deleted_entry_is_fetched_again(synced, index):
    for path in entries(synced, "wheels"):
        shutil.rmtree(path)
    index.log.clear()
    synced.run("sync").ok()
    assert installed(synced) == {"alpha": "1.0"}
    assert index.asked("*.whl")


def test_a_deleted_entry_without_the_network(synced):
    for path in entries(synced, "wheels"):
        shutil.rmtree(path)
    assert shown(synced.run("sync --offline")) == block("""
        exit 3
        error: alpha-1.0-py3-none-any.whl is not in the cache, and the network is switched off
        try: run the command once without --offline
    """)


def test_an_entry_with_a_file_missing_is_fetched_again(synced):
    next((synced.home / "cache").rglob("alpha/big.py")).unlink()
    synced.run("sync").ok()
    assert next((synced / ".venv").rglob("alpha/big.py")).exists()


def test_an_entry_that_was_edited_is_fetched_again(synced):
    file = next((synced.home / "cache").rglob("alpha/__init__.py"))
    file.chmod(0o644)
    file.write_text("print('owned')\n")
    synced.run("sync").ok()
    assert next((synced / ".venv").rglob("alpha/__init__.py")).read_text() == ""


def test_an_entry_that_was_edited_without_the_network(synced):
    file = next((synced.home / "cache").rglob("alpha/__init__.py"))
    file.chmod(0o644)
    file.write_text("print('owned')\n")
    assert shown(synced.run("sync --offline")) == block("""
        exit 3
        note: the store's copy of alpha 1.0 was changed (alpha/__init__.py): fetched anew
        error: alpha-1.0-py3-none-any.whl is not in the cache, and the network is switched off
        try: run the command once without --offline
    """)


@pytest.mark.parametrize("damage", [b"", b"\x00" * 50, b"garbage that is no table at all"])
def test_every_other_file_of_the_cache_may_be_garbage(synced, damage):
    """Tables (pages, metadata, locks, interpreters, manifests of wheels) are read with suspicion."""
    cache = synced.home / "cache"
    for path in cache.rglob("*"):
        if path.is_file() and "files" not in path.relative_to(cache).parts:
            path.chmod(0o644)
            path.write_bytes(damage)
    synced.run("lock --upgrade").ok()
    synced.run("sync").ok()
    assert installed(synced) == {"alpha": "1.0"}


def test_the_cache_is_a_file(demo):
    (demo.home / "cache").write_text("not a directory\n")
    assert shown(demo.run("sync")) == block("""
        exit 1
        error: making the cache failed: File exists
          at <cache>
        try: name a directory with --cache-dir or HUTCH_CACHE_DIR
    """)


def test_the_cache_is_deleted_between_two_commands(demo):
    demo.run("lock").ok()
    shutil.rmtree(demo.home / "cache")
    demo.run("sync").ok()
    assert installed(demo) == {"alpha": "1.0"}
