"""``tree``, ``why``, ``export``, ``config``, ``cache``, ``self``, ``completions``: what they print."""

from __future__ import annotations

import json
import subprocess

import pytest

from commands.support import block, manifest, shown


@pytest.fixture
def demo(project, index):
    index.add_wheel(
        "web", "2.0", requires=["io>=1", "color; sys_platform == 'win32'"], extras={"quick": ["fast"]}
    )
    index.add_wheel("io", "2.0", requires=["bytes>=1,<9"])
    index.add_wheel("bytes", "2.0")
    index.add_wheel("color", "2.0")
    index.add_wheel("fast", "2.0", requires=["io"])
    index.add_wheel("test", "2.0", requires=["bytes!=1.5"])
    return project(manifest("web[quick]", extras={"more": ["fast"]}, groups={"dev": ["test"]}))


# -- tree ------------------------------------------------------------------------------------------


def test_tree(demo):
    demo.run("lock").ok()
    assert shown(demo.run("tree")) == block("""
        exit 0
        -- stdout --
        demo 1.0
        ├── web[quick] 2.0
        │   ├── color 2.0 (sys_platform == 'win32')
        │   ├── fast 2.0
        │   │   └── io 2.0
        │   │       └── bytes 2.0
        │   └── io 2.0 (*)
        ├── fast 2.0 (extra more) (*)
        └── test 2.0 (group dev)
            └── bytes 2.0
        (*) shown in full further up
    """)


def test_tree_inverted(demo):
    demo.run("lock").ok()
    assert shown(demo.run("tree --invert --package bytes")) == block("""
        exit 0
        -- stdout --
        bytes 2.0
        ├── io 2.0
        │   ├── fast 2.0 (asked for by extra more)
        │   │   └── web 2.0 (asked for by the project)
        │   └── web 2.0 (asked for by the project)
        └── test 2.0 (asked for by group dev)
    """)


def test_tree_to_a_depth(demo):
    demo.run("lock").ok()
    assert shown(demo.run("tree --depth 1")) == block("""
        exit 0
        -- stdout --
        demo 1.0
        ├── web[quick] 2.0
        ├── fast 2.0 (extra more)
        └── test 2.0 (group dev)
    """)


def test_tree_from_a_package(demo):
    demo.run("lock").ok()
    assert shown(demo.run("tree --package io")) == block("""
        exit 0
        -- stdout --
        io 2.0
        └── bytes 2.0
    """)
    assert shown(demo.run("tree --package oi")) == block("""
        exit 1
        error: oi is not in the lock
        try: hutch add oi adds it
    """)


def test_tree_that_turns_in_a_ring(project, index):
    index.add_wheel("hen", "1.0", requires=["egg"])
    index.add_wheel("egg", "1.0", requires=["hen"])
    assert shown(project(manifest("hen")).run("tree")) == block("""
        exit 0
        -- stdout --
        demo 1.0
        └── hen 1.0
            └── egg 1.0
                └── hen 1.0 (*)
        (*) shown in full further up
    """)


def test_tree_of_nothing(project):
    assert shown(project(manifest()).run("tree")) == block("""
        exit 0
        -- stdout --
        demo 1.0
    """)


def test_tree_as_json(demo):
    demo.run("lock").ok()
    said = json.loads(demo.run("tree --json").ok().stdout)
    assert said


# -- why -------------------------------------------------------------------------------------------


def test_why(demo):
    demo.run("lock").ok()
    assert shown(demo.run("why bytes")) == block("""
        exit 0
        -- stdout --
        bytes 2.0
          demo (group dev) → test 2.0 → bytes 2.0
          demo → web 2.0 → io 2.0 → bytes 2.0
          io 2.0 needs bytes>=1,<9
          test 2.0 needs bytes!=1.5
    """)


def test_why_of_something_that_only_windows_needs(demo):
    demo.run("lock").ok()
    assert shown(demo.run("why color")) == block("""
        exit 0
        -- stdout --
        color 2.0, where sys_platform == 'win32'
          demo → web 2.0 → color 2.0
          web 2.0 needs color; sys_platform == 'win32'
    """)


def test_why_of_what_is_not_there(demo):
    demo.run("lock").ok()
    assert shown(demo.run("why byte")) == block("""
        exit 1
        error: byte is not in the lock
        try: did you mean bytes?
    """)
    assert shown(demo.run("why demo")) == block("""
        exit 2
        error: demo is this project
        try: hutch tree shows what it needs
    """)


# -- export ----------------------------------------------------------------------------------------


def test_export(demo):
    demo.run("lock").ok()
    assert shown(demo.run("export --no-hashes")) == block("""
        exit 0
        -- stdout --
        # made by `hutch export` from pylock.toml; do not edit

        bytes==2.0
            # via
            #   io
            #   test
        color==2.0 ; sys_platform == 'win32'
            # via web
        fast==2.0
            # via web
        io==2.0
            # via
            #   fast
            #   web
        test==2.0
            # via demo (pyproject.toml:dev)
        web[quick]==2.0
            # via demo (pyproject.toml)
    """)


def test_export_without_the_dev_group(demo):
    demo.run("lock").ok()
    assert shown(demo.run("export --no-hashes --no-dev")) == block("""
        exit 0
        -- stdout --
        # made by `hutch export` from pylock.toml; do not edit

        bytes==2.0
            # via io
        color==2.0 ; sys_platform == 'win32'
            # via web
        fast==2.0
            # via web
        io==2.0
            # via
            #   fast
            #   web
        web[quick]==2.0
            # via demo (pyproject.toml)
    """)


def test_export_of_a_group(demo):
    demo.run("lock").ok()
    assert shown(demo.run("export --no-hashes --only-group dev")) == block("""
        exit 0
        -- stdout --
        # made by `hutch export` from pylock.toml; do not edit

        bytes==2.0
            # via test
        test==2.0
            # via demo (pyproject.toml:dev)
    """)


def test_export_with_hashes(project, index):
    index.add_wheel("io", "2.0")
    index.add_sdist("io", "2.0")
    text = project(manifest("io")).run("export").ok().stdout
    hashes = [line for line in text.splitlines() if line.strip().startswith("--hash=sha256:")]
    assert len(hashes) == 2


def test_export_to_a_file(demo):
    assert shown(demo.run("export -o requirements.txt")) == block("""
        exit 0
        Wrote 6 packages to requirements.txt
    """)
    assert demo.tree() == ["pylock.toml", "pyproject.toml", "requirements.txt"]


def test_export_of_a_lock(demo):
    import tomllib

    demo.run("lock").ok()
    demo.run("export --format pylock --no-dev -o pylock.prod.toml").ok()
    names = [package["name"] for package in tomllib.loads(demo.read("pylock.prod.toml"))["packages"]]
    assert names == ["bytes", "color", "fast", "io", "web"]


def test_export_where_the_lock_is_old(demo):
    demo.run("lock").ok()
    demo.write({"pyproject.toml": manifest("io")})
    assert shown(demo.run("export --locked")) == block("""
        exit 1
        error: pylock.toml is not up to date
          pyproject.toml or the configuration asks for something else than when it was made
        try: run hutch lock
    """)
    assert "web" in demo.run("export --frozen --no-hashes").ok().stdout
    assert "web" not in demo.run("export --no-hashes").ok().stdout


def test_export_in_a_format_that_is_none(demo):
    of_conda = "environment.yml, explicit, conda-lock, pixi"
    assert shown(demo.run("export --format poetry")) == block(f"""
        exit 2
        error: --format cannot be `poetry`
          it is one of: requirements, constraints, pylock, {of_conda}, pipfile.lock
    """)


# -- the rest --------------------------------------------------------------------------------------


def test_cache(demo):
    assert shown(demo.run("cache dir")) == block("""
        exit 0
        -- stdout --
        <cache>
    """)
    demo.run("sync").ok()
    sizes = json.loads(demo.run("cache size --json").ok().stdout)["kinds"]
    assert sum(each["bytes"] for each in sizes) > 1000
    assert "Would" in demo.run("cache clean --dry-run").ok().stderr
    one = demo.run("cache clean io").ok()
    assert one.stderr.startswith("Deleted") or one.stderr
    demo.run("cache clean").ok()
    assert not list((demo.home / "cache").rglob("*.py"))
    demo.run("run --no-sync python -c 'import web'").ok()


def test_cache_of_nothing(project):
    made = project(HUTCH_CACHE_SIZE_LIMIT="1 GiB")
    assert shown(made.run("cache size")) == block("""
        exit 0
        -- stdout --
        all    0 files  0 B
        limit           1.0 GiB
    """)
    assert shown(made.run("cache clean")) == block("""
        exit 0
        Freed 0 B (0 files)
    """)


def test_config_shows_no_secrets(project):
    more = '[[tool.hutch.index]]\nname = "corp"\nurl = "https://me:s3cr3t@index.example/simple/"\n'
    made = project(
        manifest(more=more),
        HUTCH_EXTRA_INDEX_URL="https://tok3n@two.example/simple/",
        HUTCH_PROXY="http://u:pr0xy@p.example",
    )
    ran = made.run("config show").ok()
    asjson = made.run("config show --json").ok()
    for secret in ("s3cr3t", "tok3n", "pr0xy"):
        assert secret not in ran.stdout + ran.stderr + asjson.stdout
    assert "index.example" in ran.stdout


def test_config_says_where_a_value_comes_from(project):
    made = project(manifest(more='[tool.hutch]\nlink-mode = "copy"\n'), HUTCH_TIMEOUT="7")
    rows = {
        row["name"]: row
        for row in json.loads(made.run("--offline config show --json").ok().stdout)["settings"]
    }
    assert (rows["link-mode"]["value"], rows["timeout"]["value"], rows["offline"]["value"]) == (
        "copy",
        "7.0",
        "true",
    )
    assert [made.filtered(rows[name]["origin"]) for name in ("link-mode", "timeout", "offline")] == [
        "<project>/pyproject.toml:8",
        "HUTCH_TIMEOUT",
        "--offline",
    ]


def test_version(project):
    from hutch import __version__

    assert project().run("self version").ok().stdout.startswith(f"hutch {__version__}")
    assert project().run("--version").ok().stdout == f"hutch {__version__}\n"
    assert json.loads(project().run("self version --json").ok().stdout)["version"] == __version__


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completions(project, shell):
    ran = project().run(f"completions {shell}").ok()
    assert "hutch" in ran.stdout
    assert ran.stderr == ""
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=ran.stdout, text=True, check=True)


def test_a_shell_that_is_none(project):
    assert shown(project().run("completions tcsh")) == block("""
        exit 2
        error: SHELL cannot be `tcsh`
          it is one of: bash, zsh, fish, powershell
    """)


def test_a_command_that_is_none(project):
    assert shown(project().run("lokc")) == block("""
        exit 2
        error: there is no command `lokc`
        try: hutch lock
    """)
    assert shown(project().run("install flask")) == block("""
        exit 2
        error: there is no command `install`
        try: hutch sync
         or: hutch add NAME
         or: hutch conda install -n ENV NAME
         or: hutch pip install NAME
    """)
    assert shown(project().run("lock --chek")) == block("""
        exit 2
        error: `hutch lock` has no option `--chek`
        try: --check
         or: hutch lock --help
    """)


def test_config_says_which_files_it_looks_for_and_what_keeps_builds(project):
    made = project(manifest())
    said = json.loads(made.run("config show --json").ok().stdout)
    there = {made.filtered(one["path"]): one["exists"] for one in said["files"]}
    assert there["<project>/pyproject.toml"] is True
    assert there["<project>/hutch.toml"] is False
    assert [one["part"] for one in said["sandbox"]] == ["files", "network", "hidden", "processes"]
    assert all(bool(one["means"]) != bool(one["missing"]) for one in said["sandbox"])
    text = made.run("config show").ok().stdout
    assert "what keeps builds on this machine from what is not theirs:\n  files      " in text
    assert "<project>/hutch.toml" in text
