"""Git repositories, with real ones on this disk."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from hutch.net import (
    GitFailed,
    InvalidRepository,
    NoGit,
    NoGitLfs,
    NoSuchRevision,
    OfflineProblem,
    Repository,
    check_revision,
)
from oracles.git import git, one_commit


@pytest.fixture
def upstream(tmp_path):
    folder = one_commit(tmp_path / "upstream")
    git(folder, "tag", "v1")
    return folder


def repository(tmp_path, location, **more) -> Repository:
    return Repository(str(location), str(tmp_path / "clone"), environ=os.environ, **more)


def test_a_branch_a_tag_and_a_commit_become_commits(tmp_path, upstream):
    first = git(upstream, "rev-parse", "HEAD")
    found = repository(tmp_path, upstream)
    assert found.resolve(None, None) == first
    assert found.resolve("branch", "main") == first
    assert found.resolve("tag", "v1") == first
    assert found.resolve("rev", first[:8]) == first
    assert found.resolve(None, "refs/heads/main") == first


def test_a_commit_that_is_there_is_not_fetched(tmp_path, upstream):
    first = repository(tmp_path, upstream).resolve(None, "main")
    upstream.rename(upstream.with_name("gone"))
    assert repository(tmp_path, upstream).ensure(first) == first
    with pytest.raises(GitFailed):
        repository(tmp_path, upstream).resolve("branch", "main")


def test_a_commit_on_no_branch_is_asked_for_by_its_name(tmp_path, upstream):
    git(upstream, "checkout", "--quiet", "--detach")
    git(upstream, "commit", "--quiet", "--allow-empty", "--message", "loose")
    loose = git(upstream, "rev-parse", "HEAD")
    git(upstream, "checkout", "--quiet", "main")
    git(upstream, "config", "uploadpack.allowAnySHA1InWant", "true")
    assert repository(tmp_path, upstream).ensure(loose) == loose


def test_a_tree_has_its_tags_and_no_hook_runs(tmp_path, upstream):
    found = repository(tmp_path, upstream)
    commit = found.resolve("tag", "v1")
    hooks = tmp_path / "clone" / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "post-checkout").write_text("#!/bin/sh\ntouch hooked\n")
    (hooks / "post-checkout").chmod(0o755)
    found.checkout(commit, str(tmp_path / "tree"))
    assert (tmp_path / "tree" / "word.txt").read_text() == "first\n"
    assert git(tmp_path / "tree", "describe", "--tags") == "v1"
    assert not (tmp_path / "tree" / "hooked").exists()


def test_what_is_not_there(tmp_path, upstream):
    found = repository(tmp_path, upstream)
    for kind, revision in (("branch", "gone"), ("tag", "v2"), (None, "gone"), ("rev", "0" * 40)):
        with pytest.raises(NoSuchRevision) as caught:
            found.resolve(kind, revision)
        assert caught.value.revision == revision


def test_offline(tmp_path):
    with pytest.raises(OfflineProblem):
        repository(tmp_path, "https://index.example/lib", offline=True).resolve("tag", "v1")


def test_a_machine_without_git(tmp_path):
    found = Repository(str(tmp_path), str(tmp_path / "clone"), environ={"PATH": str(tmp_path)})
    with pytest.raises(NoGit):
        found.resolve(None, None)


@pytest.mark.parametrize("url", ["-x", "ext::sh", "ext://x", "https://-x/y", "relative", "https://x/\x07"])
def test_addresses_that_git_is_not_given(tmp_path, url):
    with pytest.raises(InvalidRepository):
        repository(tmp_path, url)


@pytest.mark.parametrize(
    "revision", ["", "-x", "--orphan", "a b", "a..b", "a@{1}", "a:b", "x.lock", "/a", "a\n"]
)
def test_names_that_are_no_revisions(revision):
    with pytest.raises(InvalidRepository):
        check_revision("x", revision)


def test_a_submodule_of_another_machine_may_not_name_a_file(tmp_path):
    remote = repository(tmp_path, "https://index.example/lib")
    assert "file" not in remote._variables(nested=True)["GIT_ALLOW_PROTOCOL"].split(":")
    assert "ext" not in remote._variables(nested=False)["GIT_ALLOW_PROTOCOL"].split(":")


def test_a_damaged_clone_is_fetched_anew(tmp_path, upstream):
    found = repository(tmp_path, upstream)
    commit = found.resolve("branch", "main")
    for place in (tmp_path / "clone" / "objects").rglob("*"):
        if place.is_file() and not place.name.startswith(commit[2:]):
            place.chmod(0o600)
            place.unlink()
    found.checkout(commit, str(tmp_path / "tree"))
    assert (tmp_path / "tree" / "word.txt").read_text() == "first\n"


def test_a_clone_that_was_cut_off_is_completed(tmp_path, upstream):
    (tmp_path / "clone" / "objects").mkdir(parents=True)
    found = repository(tmp_path, upstream)
    assert found.resolve("branch", "main") == git(upstream, "rev-parse", "HEAD")


def test_files_in_lfs_need_git_lfs(tmp_path, upstream):
    """Where there is none: git itself lies in its own folder, so a PATH with git alone has no git-lfs."""
    found = repository(tmp_path, upstream)
    commit = found.resolve(None, None)
    (tmp_path / "bin").mkdir()
    for name in ("git", "sh"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    environ = {**os.environ, "PATH": str(tmp_path / "bin"), "GIT_EXEC_PATH": _without_lfs(tmp_path)}
    without = Repository(str(upstream), found.folder, environ=environ)
    with pytest.raises(NoGitLfs) as caught:
        without.checkout(commit, str(tmp_path / "tree"), lfs=True)
    assert caught.value.hints[0] == "install git-lfs, and try again"
    without.checkout(commit, str(tmp_path / "tree"))


def _without_lfs(tmp_path) -> str:
    """The folder of git's own commands, without git-lfs if it should be among them."""
    own = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    copy = tmp_path / "exec"
    copy.mkdir()
    for name in os.listdir(own):
        if name != "git-lfs":
            (copy / name).symlink_to(os.path.join(own, name))
    return str(copy)


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="there is no git-lfs")
def test_files_in_lfs_are_there_themselves(tmp_path, upstream):
    git(upstream, "lfs", "install", "--local")
    git(upstream, "lfs", "track", "*.bin")
    (upstream / "data.bin").write_text("all of it\n")
    git(upstream, "add", ".")
    git(upstream, "commit", "--quiet", "--message", "data")
    found = repository(tmp_path, upstream)
    commit = found.resolve(None, None)
    found.checkout(commit, str(tmp_path / "tree"), lfs=True)
    assert (tmp_path / "tree" / "data.bin").read_text() == "all of it\n"
    found.checkout(commit, str(tmp_path / "bare"))
    assert (tmp_path / "bare" / "data.bin").read_text().startswith("version https://git-lfs")
