"""``hutch sync``: the environment becomes what the lock says, and hutch says what it changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from commands.support import block, installed, manifest, shown


@pytest.fixture
def shop(index):
    for version in ("1.0", "2.0"):
        index.add_wheel("web", version, requires=["io>=1"], extras={"quick": ["fast"]})
        index.add_wheel("io", version)
        index.add_wheel("test", version)
        index.add_wheel("lint", version)
        index.add_wheel("fast", version)
    return index


@pytest.fixture
def whole(project, shop):
    """A project with an extra and two groups."""
    return project(manifest("web", extras={"quick": ["fast"]}, groups={"dev": ["test"], "lint": ["lint"]}))


def test_the_first_sync(whole):
    assert shown(whole.run("sync")) == block("""
        exit 0
        Locked 5 packages for 35 targets in <time>
        Made the environment .venv
        Installed 3 packages in <time>
         + io 2.0
         + test 2.0
         + web 2.0
    """)
    assert installed(whole) == {"web": "2.0", "io": "2.0", "test": "2.0"}


def test_the_second_sync(whole, shop):
    whole.run("sync").ok()
    shop.log.clear()
    assert shown(whole.run("sync")) == block("""
        exit 0
        Nothing to do: .venv is up to date
    """)
    assert shop.log == []


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ("--no-dev", "web io"),
        ("--group lint", "web io test lint"),
        ("--group lint --no-group dev", "web io lint"),
        ("--only-group lint", "lint"),
        ("--only-dev", "test"),
        ("--all-groups", "web io test lint"),
        ("--extra quick", "web io test fast"),
        ("--all-extras --no-dev", "web io fast"),
        ("--only-deps", "web io test"),
    ],
)
def test_the_choice(whole, flags, names):
    whole.run(f"sync {flags}").ok()
    assert set(installed(whole)) == set(names.split())


def test_another_choice_removes_what_it_does_not_name(whole):
    whole.run("sync --all-groups").ok()
    assert shown(whole.run("sync --no-dev")) == block("""
        exit 0
        Removed 2 packages in <time>
         - lint 2.0
         - test 2.0
    """)


def test_names_that_do_not_exist(whole):
    assert shown(whole.run("sync --group lnt")) == block("""
        exit 2
        error: there is no group named lnt
          groups: dev, lint
        try: did you mean lint?
    """)
    assert shown(whole.run("sync --extra slow")) == block("""
        exit 2
        error: there is no extra named slow
          extras: quick
    """)


def test_flags_that_contradict_each_other(whole):
    assert shown(whole.run("sync --frozen --locked")) == block("""
        exit 2
        error: --frozen and --locked do not go together in `hutch sync`
        try: hutch sync --help
    """)


def test_what_the_lock_does_not_name_is_removed_and_said_so(whole):
    whole.run("sync").ok()
    whole.write({"pyproject.toml": manifest("io<2")})
    assert shown(whole.run("sync")) == block("""
        exit 0
        Locked 1 package for 35 targets in <time>
        Updated 1 package, removed 2 in <time>
         ~ io 2.0 → 1.0
         - test 2.0
         - web 2.0
    """)


def test_inexact_keeps_it(whole):
    whole.run("sync").ok()
    whole.write({"pyproject.toml": manifest("io<2")})
    assert shown(whole.run("sync --inexact")) == block("""
        exit 0
        Locked 1 package for 35 targets in <time>
        Updated 1 package in <time>
         ~ io 2.0 → 1.0
    """)
    assert installed(whole) == {"web": "2.0", "io": "1.0", "test": "2.0"}


def test_locked_refuses_an_old_lock(whole):
    whole.run("lock").ok()
    whole.write({"pyproject.toml": manifest("io")})
    assert shown(whole.run("sync --locked")) == block("""
        exit 1
        error: pylock.toml is not up to date
          pyproject.toml or the configuration asks for something else than when it was made
        try: run hutch lock
    """)
    assert not (whole / ".venv").exists()


def test_frozen_takes_the_lock_as_it_is(whole):
    whole.run("lock").ok()
    whole.write({"pyproject.toml": manifest("web", "fast")})
    whole.run("sync --frozen").ok()
    assert installed(whole) == {"web": "2.0", "io": "2.0"}


def test_dry_run(whole):
    assert shown(whole.run("sync --dry-run")) == block("""
        exit 0
        Would lock 5 packages for 35 targets
        Would make the environment .venv
        Would install 3 packages
         + io 2.0
         + test 2.0
         + web 2.0
    """)
    assert whole.tree() == ["pyproject.toml"]
    assert not (whole / ".venv").exists()


def test_json(whole):
    ran = whole.run("sync --json").ok()
    assert ran.stderr == ""
    said = json.loads(ran.stdout)
    assert said["created"] is True
    assert [each["name"] for each in said["installed"]] == ["io", "test", "web"]


def test_reinstall(whole):
    whole.run("sync").ok()
    module = next((whole / ".venv").glob("lib/python*/site-packages/web/__init__.py"))
    module.unlink()
    assert shown(whole.run("sync --reinstall-package web")) == block("""
        exit 0
        Reinstalled 1 package in <time>
         ~ web 2.0
    """)
    assert module.exists()
    assert shown(whole.run("sync --reinstall")) == block("""
        exit 0
        Reinstalled 3 packages in <time>
         ~ io 2.0
         ~ test 2.0
         ~ web 2.0
    """)


def test_a_package_that_somebody_deleted_by_hand_is_installed_again(whole):
    whole.run("sync").ok()
    site = next((whole / ".venv").glob("lib/python*/site-packages"))
    shutil.rmtree(site / "web-2.0.dist-info")
    assert shown(whole.run("sync")) == block("""
        exit 0
        Installed 1 package in <time>
         + web 2.0
    """)
    assert installed(whole)["web"] == "2.0"


def test_what_pip_put_there_is_removed(whole, shop):
    """Whatever made an entry in ``site-packages``, the lock decides."""
    whole.run("sync").ok()
    site = next((whole / ".venv").glob("lib/python*/site-packages"))
    info = site / "foreign-1.0.dist-info"
    info.mkdir()
    (site / "foreign.py").write_text("")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text(
        "foreign.py,,\nforeign-1.0.dist-info/METADATA,,\nforeign-1.0.dist-info/INSTALLER,,\n"
        "foreign-1.0.dist-info/RECORD,,\n"
    )
    assert shown(whole.run("sync")) == block("""
        exit 0
        Removed 1 package in <time>
         - foreign 1.0
    """)
    assert not (site / "foreign.py").exists()


def test_scripts_run(project, index):
    index.add_wheel(
        "tool",
        "1.0",
        files={"tool.py": "def main():\n    print('works')\n"},
        console_scripts={"tool": "tool:main"},
    )
    made = project(manifest("tool"))
    made.run("sync").ok()
    done = subprocess.run([made / ".venv/bin/tool"], capture_output=True, text=True, check=True)
    assert done.stdout == "works\n"


@pytest.mark.parametrize("mode", ["copy", "hardlink", "auto"])
def test_link_modes(whole, mode):
    whole.run(f"sync --link-mode {mode}").ok()
    module = next((whole / ".venv").glob("lib/python*/site-packages/web/__init__.py"))
    links = os.stat(module).st_nlink
    assert links > 1 if mode == "hardlink" else links >= 1


def test_from_a_directory_below(whole):
    whole.write({"src/deep/x.py": ""})
    whole.run("sync", cwd="src/deep").ok()
    assert (whole / ".venv").is_dir()
    assert not (whole / "src/deep/.venv").exists()


def test_from_elsewhere(whole, tmp_path):
    ran = whole.run(f"--project {whole.path} sync", cwd="..").ok()
    assert ran.exit_code == 0
    assert installed(whole)


def test_an_environment_elsewhere(whole):
    whole.run("sync", environ={"HUTCH_PROJECT_ENVIRONMENT": "env"}).ok()
    assert (whole / "env/pyvenv.cfg").is_file()
    assert not (whole / ".venv").exists()


def test_a_lock_that_was_not_made_for_this_machine(whole):
    whole.run("lock --target cp39-windows-x86_64").ok()
    here = f"cp{sys.version_info[0]}{sys.version_info[1]}-linux-x86_64"
    assert shown(whole.run("sync --frozen")).replace(here, "<machine>") == block("""
        exit 1
        error: the lock is not for this environment (linux x86_64 <version>)
          it was made for cp39-windows-x86_64
        try: hutch lock --add-target <machine>
         or: use a Python that the lock covers
    """)


def test_two_packages_with_the_same_file(project, index):
    index.add_wheel("alpha", "1.0", files={"shared.py": "a = 1\n"})
    index.add_wheel("beta", "1.0", files={"shared.py": "b = 2\n"})
    made = project(manifest("alpha", "beta"))
    assert shown(made.run("sync")) == block("""
        exit 1
        error: beta 1.0 would overwrite a file of alpha 1.0
          lib/python3.11/site-packages/shared.py: of alpha 1.0, and wanted by beta 1.0
        try: keep one of the two: alpha 1.0 or beta 1.0
         or: let it be replaced: --allow-clobber beta
    """)
