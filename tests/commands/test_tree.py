"""``link-mode = "tree"``: environments of links to directories of the cache, and what becomes of them."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import errno
import json
import os
import shutil
import time
from pathlib import Path

import pytest

from commands.support import block, installed, manifest, shown

SHOW = "import pkg.a as m; print(m.__file__, m.v)"
RUN = f"run python -c '{SHOW}'"


@pytest.fixture
def shop(index):
    index.add_wheel("part-a", "1.0", files={"pkg/__init__.py": "", "pkg/a/__init__.py": "v = 'a'\n", "pkg/x.txt": ""},
                    console_scripts={"part-a": "pkg.a:main"})  # fmt: skip
    index.add_wheel("part-b", "1.0", files={"pkg/__init__.py": "", "pkg/b/__init__.py": "v = 'b'\n"})
    index.add_wheel("single", "1.0", files={"single.py": "v = 1\n"})
    return index


@pytest.fixture
def demo(project, shop):
    made = project(manifest("part-a", "single"), HUTCH_LINK_MODE="tree")
    made.run("sync").ok()
    return made


def site(made) -> Path:
    (found,) = (made / ".venv").glob("lib/python*/site-packages")
    return found


def links(made) -> set[str]:
    found = set()
    for directory, directories, _ in os.walk(site(made)):
        paths = (os.path.join(directory, name) for name in directories)
        found.update(os.path.relpath(path, site(made)) for path in paths if os.path.islink(path))
    return found


def age(made, seconds: float) -> None:
    """As if nobody had used, or looked at, anything of the cache for so long."""
    then = time.time() - seconds
    for path in (made.home / "cache").rglob("*"):
        if path.name in ("manifest", "tree", "state", ".pruned"):
            os.utime(path, (then, then))


def test_sync_run_and_nothing_to_do(demo):
    assert links(demo) == {"pkg"}
    ran = demo.run(RUN)
    assert ran.stdout.strip().endswith(
        "/.venv/" + os.path.relpath(site(demo), demo / ".venv") + "/pkg/a/__init__.py a"
    )
    assert shown(demo.run("sync")) == block("""
        exit 0
        Nothing to do: .venv is up to date
    """)
    demo.run("env verify --deep").ok()
    demo.run("cache verify --deep").ok()


def test_as_a_setting_and_a_mode_that_is_none(project, shop):
    made = project(manifest("part-a", more='[tool.hutch]\nlink-mode = "tree"\n'))
    made.run("sync").ok()
    assert links(made) == {"pkg"}
    assert shown(made.run("sync --link-mode trees")) == block("""
        exit 2
        error: --link-mode cannot be `trees`
          it is one of: auto, clone, hardlink, copy, tree
        try: tree
    """)


def test_what_comes_and_goes_parts_the_directory(demo):
    demo.run("add part-b").ok()
    assert links(demo) == {"pkg/a", "pkg/b"}
    ran = demo.run("run python -c 'import pkg.a, pkg.b; print(pkg.a.v, pkg.b.v)'")
    assert ran.ok().stdout == "a b\n"
    demo.run("remove part-b").ok()
    assert installed(demo) == {"part-a": "1.0", "single": "1.0"}
    assert demo.run(RUN).ok().stdout.endswith(" a\n")
    demo.run("env verify").ok()
    demo.run("env rollback 1").ok()
    assert links(demo) == {"pkg"}


def test_another_mode_is_for_what_comes_from_now_on(demo):
    assert shown(demo.run("sync --link-mode hardlink")) == block("""
        exit 0
        Nothing to do: .venv is up to date
    """)
    assert links(demo) == {"pkg"}
    demo.run("sync --reinstall --link-mode hardlink").ok()
    assert links(demo) == set()
    assert (site(demo) / "part_a-1.0.dist-info" / "RECORD").is_file()
    demo.run("sync --reinstall").ok()
    assert links(demo) == {"pkg"}
    assert not (site(demo) / "part_a-1.0.dist-info" / "RECORD").exists()


def test_a_cache_that_is_gone(demo):
    shutil.rmtree(demo.home / "cache")
    assert shown(demo.run("run --no-sync python -c pass")) == block("""
        exit 0
        warning: part_a-1.0: what .venv links to is gone from the cache; hutch sync puts it in anew
    """)
    ran = demo.run("env verify")
    assert ran.exit_code == 1
    assert "which is gone from the store" in ran.stderr
    assert demo.run(RUN).ok().stdout.endswith(" a\n")
    assert links(demo) == {"pkg"}


def test_a_cache_that_was_moved(demo):
    shutil.move(demo.home / "cache", demo.home / "elsewhere")
    there = {"HUTCH_CACHE_DIR": str(demo.home / "elsewhere")}
    demo.run("sync", environ=there).ok()
    assert os.readlink(site(demo) / "pkg").startswith(str(demo.home / "elsewhere"))


def test_prune_and_clean_leave_what_is_linked_to(demo):
    age(demo, 90 * 86400)
    demo.run("cache prune --limit 0").ok()
    assert demo.run(RUN).ok().stdout.endswith(" a\n")
    said = "stays in the cache, because environments link to them (link-mode tree); hutch sync --reinstall --link-mode auto there makes them independent"
    for command in ("cache clean", "cache clean part-a", "cache clean"):
        assert f"a package {said}" in demo.run(command).ok().stderr
        assert demo.run(RUN.replace("run", "run --no-sync", 1)).ok().stdout.endswith(" a\n")
    shutil.rmtree(demo / ".venv")
    assert said not in demo.run("cache clean").ok().stderr
    assert not list((demo.home / "cache").glob("trees-*/*/*"))


def test_an_edit_stays_where_it_is(demo, project, shop):
    module = site(demo) / "pkg" / "a" / "__init__.py"
    module.write_text("v = 'A'\n")
    ran = demo.run("env verify")
    assert ran.exit_code == 1
    assert "pkg/a/__init__.py has another content, in the store as well" in ran.stderr
    assert demo.run("cache verify").exit_code == 1
    # Linked by files it is found at once, and from a tree at the first look at all of its files.
    other = project(manifest("part-a"), HUTCH_CACHE_DIR=str(demo.home / "cache"), HUTCH_LINK_MODE="hardlink")
    assert (
        "the store's copy of part-a 1.0 was changed (pkg/a/__init__.py): fetched anew"
        in other.run("sync").ok().stderr
    )
    age(demo, 2 * 3600)
    third = project(manifest("part-a"), HUTCH_CACHE_DIR=str(demo.home / "cache"), HUTCH_LINK_MODE="tree")
    third.run("sync").ok()
    assert third.run(RUN).ok().stdout.endswith(" a\n")
    assert demo.run(RUN).ok().stdout.endswith(" A\n")
    demo.run("sync --reinstall-package part-a").ok()
    assert demo.run(RUN).ok().stdout.endswith(" a\n")
    demo.run("env verify").ok()


def test_what_verify_finds_is_mended_by_what_it_says(demo):
    module = site(demo) / "pkg" / "a" / "__init__.py"
    module.write_text("v = 'A'\n")
    ran = demo.run("env verify")
    assert "try: hutch sync --reinstall-package part-a" in ran.stderr
    ran = demo.run("sync --reinstall-package part-a").ok()
    assert "the store's copy of part-a 1.0 was changed (pkg/a/__init__.py): fetched anew" in ran.stderr
    assert demo.run(RUN).ok().stdout.endswith(" a\n")
    demo.run("env verify --deep").ok()
    demo.run("cache verify --deep").ok()


def test_a_file_that_came_into_the_cache_is_in_no_other_environment(demo, project, shop):
    real = os.path.realpath(site(demo) / "pkg")
    os.chmod(real, 0o755)
    Path(real, "state.db").write_text("left by a program that root ran")
    third = project(manifest("part-a"), HUTCH_CACHE_DIR=str(demo.home / "cache"), HUTCH_LINK_MODE="tree")
    third.run("sync").ok()
    assert not (site(third) / "pkg" / "state.db").exists()
    assert (site(demo) / "pkg" / "state.db").exists()


def test_where_directories_cannot_be_links(project, shop):
    made = project(manifest("part-a"), HUTCH_LINK_MODE="tree")
    ran = made.run("sync --no-cache").ok()
    assert "files are linked one by one: the cache goes away with the command\n" in ran.stderr
    assert links(made) == set()
    ran = made.run("pip install --target there part-a").ok()
    assert (
        "files are linked one by one: a folder without pyvenv.cfg is given away, and the cache stays\n"
        in ran.stderr
    )
    assert not (made / "there" / "pkg").is_symlink()


def test_without_the_privilege_for_links(project, shop, monkeypatch):
    from hutch.ops.planting import _has_links

    made = project(manifest("part-a"))
    made.run("venv").ok()
    notes = sorted(os.listdir(made / ".venv" / ".hutch"))
    monkeypatch.setattr(os, "symlink", refused)
    assert not _has_links(str(made / ".venv"))
    monkeypatch.undo()
    assert _has_links(str(made / ".venv"))
    assert sorted(os.listdir(made / ".venv" / ".hutch")) == notes


def refused(*words, **options):
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_environments_that_are_thrown_away_are_made_of_links(project, shop):
    made = project({"show.py": f"# /// script\n# dependencies = ['part-a']\n# ///\n{SHOW}\n"})
    ran = made.run("run show.py").ok()
    assert "/envs-v1/script-" in ran.stdout
    (place,) = (made.home / "cache" / "envs-v1").iterdir()
    assert [path.name for path in place.glob("lib/*/site-packages/*") if path.is_symlink()] == ["pkg"]
    # Unless somebody says otherwise.
    shutil.rmtree(made.home / "cache" / "envs-v1")
    made.run("run show.py", environ={"HUTCH_LINK_MODE": "copy"}).ok()
    assert not [path for path in place.glob("lib/*/site-packages/*") if path.is_symlink()]


def test_a_throwaway_environment_whose_tree_is_gone_is_mended(project, shop):
    made = project({"show.py": f"# /// script\n# dependencies = ['part-a']\n# ///\n{SHOW}\n"})
    made.run("run show.py").ok()
    shutil.rmtree(made.home / "cache" / "trees-v1")
    assert made.run("run show.py").ok().stdout.endswith(" a\n")


def test_an_editable_project_with_links_around_it(project, shop):
    made = project({
        "pyproject.toml": '[project]\nname = "mine"\nversion = "1"\ndependencies = ["part-a"]\n',
        "mine.py": "import pkg.a\nv = pkg.a.v\n",
    }, HUTCH_LINK_MODE="tree")  # fmt: skip
    made.run("sync").ok()
    assert made.run("run python -c 'import mine; print(mine.v)'").ok().stdout == "a\n"


def test_pip_sync_and_json(demo):
    (demo / "requirements.txt").write_text("part-a==1.0\npart-b==1.0\n")
    said = json.loads(demo.run("pip sync requirements.txt --json").ok().stdout)
    assert said is not None
    assert links(demo) == {"pkg/a", "pkg/b"}


def test_bytecode_comes_into_the_tree_and_python_need_not_write(project, shop):
    made = project(manifest("part-a"), HUTCH_LINK_MODE="tree", HUTCH_COMPILE="now")
    made.run("sync").ok()
    real = Path(os.path.realpath(site(made) / "pkg" / "a" / "__pycache__"))
    (compiled,) = real.iterdir()
    (entry,) = (made.home / "cache").glob("bytecode-*/*/*/files/pkg/a/__pycache__/*.pyc")
    assert compiled.samefile(entry)
    made.run(RUN).ok()
    assert list(real.iterdir()) == [compiled]
    assert compiled.samefile(entry)
    # Where a directory had to be made, the files have theirs as ever.
    made.run("add part-b").ok()
    assert links(made) == {"pkg/a", "pkg/b"}
    assert made.run(RUN).ok().stdout.endswith(" a\n")
    made.run("env verify --deep").ok()
    made.run("cache verify --deep").ok()
