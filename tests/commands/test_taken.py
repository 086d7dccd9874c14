"""Which manifest and which lock a command took, said once and in one line."""

from __future__ import annotations

from commands.support import manifest

PIPFILE = "[packages]\nio = '*'\n"


def first_lines(ran, count=2):
    return ran.ok().stderr.splitlines()[:count]


def test_a_project_of_hutch_alone_needs_no_word(project, index):
    index.add_wheel("io", "1.0")
    made = project({"pyproject.toml": manifest("io"), "requirements.txt": "io\n", "setup.py": ""})
    assert "Taken from" not in made.run("sync").ok().stderr


def test_a_manifest_that_was_passed_over(project, index):
    index.add_wheel("io", "1.0")
    made = project({"pyproject.toml": manifest("io"), "Pipfile": PIPFILE})
    said = made.run("sync").ok().stderr
    assert (
        "Taken from pyproject.toml, pylock.toml; Pipfile lies here too (--manifest FILE takes another)"
        in said.splitlines()
    )
    assert made.run("sync").ok().stderr == "Nothing to do: .venv is up to date\n"


def test_the_other_one_is_taken_if_it_is_named(project, index):
    index.add_wheel("io", "1.0")
    made = project({"pyproject.toml": manifest(), "Pipfile": PIPFILE})
    said = made.run("sync --manifest Pipfile").ok().stderr
    assert "Taken from Pipfile, pylock.toml; pyproject.toml lies here too" in said
    assert "+ io 1.0" in said


def test_settings_alone_are_no_manifest(project, index):
    index.add_wheel("io", "1.0")
    made = project(
        {
            "pyproject.toml": "[tool.black]\nline-length = 100\n",
            "Pipfile": PIPFILE,
            "setup.py": "from setuptools import setup\nsetup(name='demo')\n",
        }
    )
    said = made.run("sync").ok().stderr
    assert "Taken from Pipfile, pylock.toml; setup.py lies here too (--manifest FILE takes another)" in said


def test_a_manifest_that_is_not_there(project):
    made = project({"pyproject.toml": manifest()})
    ran = made.run("sync --manifest Pipfile")
    assert ran.exit_code == 2
    assert ran.stderr.splitlines()[:2] == [
        "error: --manifest names a file that is not there",
        "  <project>/Pipfile",
    ]


def test_a_manifest_of_another_directory_brings_its_project(project, index):
    index.add_wheel("io", "1.0")
    made = project({"apps/one/Pipfile": PIPFILE, "pyproject.toml": manifest()})
    made.run("sync --manifest apps/one/Pipfile").ok()
    assert (made / "apps/one/.venv").is_dir()
    assert (made / "apps/one/pylock.toml").is_file()
    assert not (made / ".venv").exists()


def test_a_new_lock_says_whose_words_it_goes_by(project, index):
    """Where requirements.txt and environment.yml lie side by side, as they often do."""
    index.add_wheel("io", "1.0")
    made = project({"requirements.txt": "io\n", "environment.yml": "dependencies: [python, gdal]\n"})
    note = "note: made from requirements.txt; environment.yml lies here too (--manifest FILE takes another)"
    assert note in made.run("lock").ok().stderr.splitlines()
    assert "environment.yml" not in made.run("lock").ok().stderr


def test_a_manifest_that_a_new_project_puts_aside(project):
    made = project({"environment.yml": "dependencies: [gdal]\n"})
    said = made.run("init").ok().stderr
    assert "warning: environment.yml lies here and counts no more: hutch import, instead of init," in said
