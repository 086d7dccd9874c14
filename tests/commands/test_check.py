"""``hutch lock --check`` holds a lock against the law, whatever evidence there is."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import json
import shutil

import pytest

from commands.packages import commit, package, sources, write
from commands.support import block, manifest, shown

CONFLICTS = '[tool.hutch]\nconflicts = [[{ extra = "cpu" }, { extra = "cu121" }]]\n'


@pytest.fixture
def shop(index):
    index.add_wheel("web", "1.0", requires=["io <2", "color; sys_platform == 'win32'"])
    index.add_wheel("io", "1.0")
    index.add_wheel("io", "2.0")
    index.add_wheel("color", "1.0")
    return index


def forget(made) -> None:
    shutil.rmtree(made.home / "cache")


def without(made, name: str) -> None:
    """Take an entry out of the lock, as a bad merge would."""
    blocks = made.read("pylock.toml").split("[[packages]]")
    kept = [each for each in blocks if f'name = "{name}"\n' not in each.split("[", 1)[0]]
    assert len(kept) == len(blocks) - 1
    made.write({"pylock.toml": "[[packages]]".join(kept)})


def edited(made, old: str, new: str) -> None:
    text = made.read("pylock.toml")
    assert old in text
    made.write({"pylock.toml": text.replace(old, new)})


def test_with_an_empty_store_the_notes_of_the_lock_are_the_evidence(project, shop):
    made = project(manifest("web"))
    made.run("lock").ok()
    forget(made)
    assert shown(made.run("lock --check")) == block("""
        exit 0
        The lock is up to date: 3 packages for 35 targets
        note: judged by what the lock notes of it, as the metadata are not at hand: color, io, web
    """)
    assert json.loads(made.run("lock --check --json").ok().stdout)["evidence"] == {
        "metadata": 0,
        "noted": ["color", "io", "web"],
        "roots": False,
    }
    without(made, "io")
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not what its requirements ask for
          cp39-linux-x86_64: web 1.0 needs io, which is not there
          cp39-windows-x86_64: web 1.0 needs io, which is not there
        try: hutch lock --upgrade makes it anew
    """)


def test_a_marker_that_is_too_narrow_is_found_by_the_notes(project, shop):
    made = project(manifest("web"))
    made.run("lock").ok()
    forget(made)
    edited(made, "marker = \"sys_platform == 'win32'\"\n", "marker = \"sys_platform == 'linux'\"\n")
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not what its requirements ask for
          cp39-windows-x86_64: web 1.0 needs color, which is not there
        try: hutch lock --upgrade makes it anew
    """)


def test_a_directory_is_judged_by_what_lies_there(project, shop):
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib", "io >=2"))
    made.run("lock").ok()
    assert json.loads(made.run("lock --check --json").ok().stdout)["evidence"]["metadata"] == 2
    edited(made, '"io"\nversion = "2.0"', '"io"\nversion = "1.0"')
    edited(made, "io-2.0-py3", "io-1.0-py3")
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not what its requirements ask for
          cp39-linux-x86_64: lib 1.0 needs io>=2, and 1.0 is there
        try: hutch lock --upgrade makes it anew
    """)


def test_a_commit_is_judged_by_what_is_known_of_it(project, shop, tmp_path):
    commit(tmp_path / "upstream", package("lib", "io <2"))
    made = project(manifest("lib", more=sources(lib=f'{{ git = "{tmp_path / "upstream"}" }}')))
    made.run("lock").ok()
    assert json.loads(made.run("lock --check --json").ok().stdout)["evidence"]["metadata"] == 2
    without(made, "io")
    assert made.run("lock --check").exit_code == 1
    forget(made)
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not what its requirements ask for
          cp39-linux-x86_64: lib 1.0 needs io, which is not there
        try: hutch lock --upgrade makes it anew
    """)


def test_requirements_that_a_build_would_tell_are_not_built_for(project, shop):
    made = project(manifest())
    files = package("demo")
    files["pyproject.toml"] = files["pyproject.toml"].replace(
        "dependencies = []\n", 'dynamic = ["dependencies"]\n'
    )
    files["backend/mine.py"] += (
        "\n\ndef prepare_metadata_for_build_wheel(directory, config_settings=None):\n"
        "    os.makedirs(os.path.join(directory, 'demo-1.0.dist-info'))\n"
        "    with open(os.path.join(directory, 'demo-1.0.dist-info', 'METADATA'), 'w') as file:\n"
        "        file.write('Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\nRequires-Dist: web\\n')\n"
        "    return 'demo-1.0.dist-info'\n"
    )
    made.write(files)
    made.run("lock").ok()
    made.write({"backend/mine.py": "raise SystemExit('nobody may build')\n"})
    assert shown(made.run("lock --check")) == block("""
        exit 0
        The lock is up to date: 3 packages for 35 targets
        note: judged by what the lock notes of it, as the metadata are not at hand: the project's own requirements
    """)
    edited(made, 'name = "web"\nversion', 'name = "web"\nmarker = "os_name == \'nt\'"\nversion')
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not what its requirements ask for
          cp39-linux-x86_64: project needs web, which is not there
        try: hutch lock --upgrade makes it anew
    """)


def test_notes_know_that_extras_exclude_each_other(project, shop):
    extras = {"cpu": ["io ==1.0"], "cu121": ["io ==2.0"], "more": ["web[fast]", "color"]}
    made = project(manifest("color", extras=extras, more=CONFLICTS))
    made.run("lock").ok()
    forget(made)
    made.run("lock --check").ok()
    edited(made, "'cu121' in extras", "'cu121' in extras and sys_platform == 'linux'")
    assert made.run("lock --check").exit_code == 1
