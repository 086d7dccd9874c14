"""``hutch conda clean``: what no environment uses goes, what one uses stays, and nothing else is touched."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.conda_world import conda
from hutch.store import Store, remove_conda, survey_conda
from hutch.store.roots import register
from hutch.testing.conda import CondaPackage, index_channel

PACKAGES = (
    CondaPackage("old", "1", files={"share/old": "o" * 5000}),
    CondaPackage("new", "1", files={"share/new": "n" * 3000}),
    CondaPackage("new", "2", files={"share/new": "m" * 3000}),
)
C = "-c ./chan --override-channels -y"


@pytest.fixture
def demo(project: Callable[..., Any], tmp_path: Path) -> Any:
    found = project(
        {},
        HUTCH_DATA_DIR=os.fspath(tmp_path / "data"),
        HUTCH_CACHE_DIR=os.fspath(tmp_path / "cache"),
        CONDA_PREFIX=None,
    )
    index_channel(found.path / "chan", PACKAGES)
    found.cache = tmp_path / "cache"
    return found


def stored(demo: Any) -> list[str]:
    entries = Store(demo.cache).conda
    found = [entries.find(sha256) for sha256 in entries.entries()]
    return sorted(f"{one.manifest.name}-{one.manifest.version}" for one in found if one is not None)


def tables(demo: Any) -> list[str]:
    return sorted(path.name for kind in ("repodata-v", "shards-v") for path in demo.cache.glob(f"{kind}*"))


def everything(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_what_an_environment_uses_stays(demo: Any) -> None:
    conda(demo, f"create -p env {C} new=2")
    conda(demo, f"create -p gone {C} old")
    assert stored(demo) == ["new-2", "old-1"]
    conda(demo, "env remove -y -p gone")
    before = everything(demo.path / "env")
    ran = conda(demo, "clean --packages -y")
    assert "Freed" in ran.stderr
    assert "1 package stays, which an environment uses" in ran.stderr
    assert stored(demo) == ["new-2"]
    assert tables(demo)
    assert everything(demo.path / "env") == before
    assert "There is nothing to remove" in conda(demo, "clean --packages -y").stderr


def test_what_an_environment_can_go_back_to_is_in_use(demo: Any) -> None:
    conda(demo, f"create -p env {C} new=1")
    conda(demo, f"install -p env {C} new=2")
    conda(demo, "clean -a -y")
    assert stored(demo) == ["new-1", "new-2"]
    index_channel(demo.path / "chan", ())
    for path in (demo.path / "chan").rglob("new-*"):
        path.unlink()
    revisions = json.loads(conda(demo, "list -p env --revisions --json").stdout)
    conda(demo, f"install -p env -y --revision {revisions[0]['rev']}")
    assert (demo.path / "env/share/new").read_text() == "n" * 3000


@pytest.mark.skipif(os.name == "nt", reason="files of an environment may be copies there")
def test_a_file_that_an_environment_has_whom_nobody_noted_stays(demo: Any) -> None:
    demo.environ["HUTCH_LINK_MODE"] = "hardlink"
    conda(demo, f"create -p env {C} new=2")
    for note in (demo.cache / "roots-v1").iterdir():
        note.unlink()
    conda(demo, "clean -p -y")
    assert stored(demo) == ["new-2"]
    demo.environ["HUTCH_LINK_MODE"] = "copy"
    conda(demo, f"create -p copied {C} old")
    for note in (demo.cache / "roots-v1").iterdir():
        note.unlink()
    conda(demo, "clean -p -y")
    assert stored(demo) == ["new-2"]
    assert (demo.path / "copied/share/old").read_text() == "o" * 5000


def test_the_index_goes_alone(demo: Any) -> None:
    conda(demo, f"create -p env {C} new=2")
    assert tables(demo)
    ran = conda(demo, "clean -i -y")
    assert "what channels said" in ran.stderr
    assert tables(demo) == []
    assert stored(demo) == ["new-2"]
    conda(demo, f"install -p env {C} old")  # it is asked again


def test_all_but_what_is_in_use_and_everything(demo: Any) -> None:
    conda(demo, f"create -p env {C} new=2")
    conda(demo, f"create -p gone {C} old")
    conda(demo, "env remove -y -p gone")
    conda(demo, "clean --all -y")
    assert (stored(demo), tables(demo)) == (["new-2"], [])
    before = everything(demo.path / "env")
    conda(demo, "clean -afy")
    assert stored(demo) == []
    assert everything(demo.path / "env") == before
    conda(demo, f"install -p env {C} old")


def test_nothing_else_is_touched(demo: Any, tmp_path: Path) -> None:
    conda(demo, f"create -p env {C} old")
    conda(demo, "env remove -y -p env")
    pkgs = tmp_path / "pkgs"
    pkgs.mkdir()
    (pkgs / "numpy-2-0.conda").write_bytes(b"x")
    (demo.home / ".condarc").write_text(f"pkgs_dirs: ['{pkgs}']\n")
    (demo.cache / "wheels-v2").mkdir(exist_ok=True)
    (demo.cache / "notes.txt").write_text("mine")
    (demo.cache / "logs-v1").mkdir(exist_ok=True)
    (demo.cache / "logs-v1/build.log").write_text("log")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("mine")
    (demo.cache / "repodata-v99").symlink_to(elsewhere)
    kept = {**everything(tmp_path / "pkgs"), **everything(demo.path / "chan"), **everything(elsewhere)}
    conda(demo, "clean -afy")
    conda(demo, "clean -tipsy -l --tempfiles ./x")
    assert (stored(demo), tables(demo)) == ([], ["repodata-v99"])
    assert {
        **everything(tmp_path / "pkgs"),
        **everything(demo.path / "chan"),
        **everything(elsewhere),
    } == kept
    assert (demo.cache / "notes.txt").read_text() == "mine"
    assert (demo.cache / "logs-v1/build.log").exists()


@pytest.mark.parametrize("flag", ["--dry-run", "-d"])
def test_dry_run_says_sizes_and_leaves_all(flag: str, demo: Any) -> None:
    conda(demo, f"create -p gone {C} old")
    conda(demo, "env remove -y -p gone")
    before = everything(demo.cache)
    ran = conda(demo, f"clean -a {flag}")
    assert "old-1-0" in ran.stderr
    assert "KiB" in ran.stderr
    assert "Would free" in ran.stderr
    found = json.loads(conda(demo, f"clean -a {flag} --json").stdout)
    (place,) = found["packages"]["pkgs_dirs"]
    assert place.endswith("/conda-v1")
    assert found["packages"]["pkgs_dirs"][place] == ["old-1-0"]
    assert found["packages"]["total_size"] == found["packages"]["pkg_sizes"][place]["old-1-0"] > 5000
    assert found["index_cache"]["total_size"] > 0
    assert (found["success"], found["dry_run"], found["tarballs"]["total_size"]) == (True, True, 0)
    assert everything(demo.cache) == before


def test_without_a_flag_it_says_which_there_are(demo: Any) -> None:
    ran = demo.run("conda clean -y")
    assert ran.exit_code == 2
    for flag in ("--all", "--packages", "--index-cache", "--force-pkgs-dirs"):
        assert flag in ran.stderr


@pytest.mark.parametrize("words", ["clean -t", "clean --logfiles -y", "clean -c ./env"])
def test_what_hutch_has_nothing_of_is_told(words: str, demo: Any) -> None:
    assert "hutch keeps nothing of the kind" in conda(demo, words).stderr


def test_there_need_not_be_a_store(demo: Any, tmp_path: Path) -> None:
    assert "nothing to remove" in conda(demo, "clean -a -y").stderr
    assert not demo.cache.exists()
    demo.cache.mkdir()
    (demo.cache / "something").write_text("of somebody else")
    ran = demo.run("conda clean -a -y")
    assert ran.exit_code == 1
    assert (demo.cache / "something").exists()


def test_what_is_asked_for_meanwhile_stays(demo: Any, tmp_path: Path) -> None:
    """Between look and removal somebody uses one package, and an environment comes to need another."""
    conda(demo, f"create -p gone {C} old new=1")
    conda(demo, "env remove -y -p gone")
    store = Store(demo.cache)
    living = tmp_path / "living"
    (living / "conda-meta").mkdir(parents=True)
    (living / "conda-meta/history").write_text("")
    register(store.root, str(living))
    planned = survey_conda(store, lambda _: (), packages=True)
    hashes = {each.label: each.sha256 for each in planned.packages}
    assert sorted(hashes) == ["new-1-0", "old-1-0"]
    os.utime(os.path.join(store.conda.folder(hashes["old-1-0"]), "manifest"))  # somebody found it
    went = remove_conda(store, planned, lambda _: (hashes["new-1-0"],))
    assert (went.packages, went.kept) == ((), 2)
    assert stored(demo) == ["new-1", "old-1"]
    went = remove_conda(store, survey_conda(store, lambda _: (), packages=True), lambda _: ())
    assert [each.label for each in went.packages] == ["new-1-0", "old-1-0"]
    assert stored(demo) == []
