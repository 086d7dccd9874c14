"""Files that pin a Python, in commands: which of them decides, and that it is seen when one changes."""

from __future__ import annotations

import shutil
import sys

import pytest

from commands.support import PYTHON, block, manifest, shown

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
PINS = {
    ".python-version": "{}\n",
    ".tool-versions": "nodejs 20\npython {}\n",
    "mise.toml": "[tools]\npython = '{}'\n",
    ".mise.toml": "[tools]\npython = ['{}']\n",
    "runtime.txt": "python-{}\n",
}


@pytest.fixture
def made(project):
    """A project whose Python is searched for; there is one on PATH."""
    made = project(manifest(python=">=3.8"), HUTCH_PYTHON=None)
    places = made.path.parent / "bin"
    places.mkdir()
    (places / "python3").symlink_to(PYTHON)
    made.environ |= {"PATH": str(places)}
    return made


@pytest.mark.parametrize("name", PINS)
def test_a_pin_that_changes_is_seen_though_there_is_an_environment(made, name):
    made.write({name: PINS[name].format(HERE)})
    made.run("sync").ok()
    assert made.run("sync").ok().stderr == "Nothing to do: .venv is up to date\n"
    made.write({name: PINS[name].format("2.6")})
    ran = made.run("sync")
    assert ran.exit_code == 1
    assert f"no Python was found for `2.6 (<project>/{name})`" in ran.stderr
    assert f"change what <project>/{name} asks for" in ran.stderr


@pytest.mark.parametrize("name", PINS)
def test_a_pin_that_appears_is_seen(made, name):
    made.run("sync").ok()
    made.write({name: PINS[name].format("2.6")})
    assert made.run("sync").exit_code == 1
    assert made.run("--python 3 sync").exit_code == 0


def test_the_configuration_tells_which_file_decides(made):
    made.write({"runtime.txt": "python-3.12.1\n", ".tool-versions": "python 3.11.2 3.10.1\n"})
    line = next(
        each for each in made.run("config show").ok().stdout.splitlines() if each.startswith("python ")
    )
    assert line.split(maxsplit=1)[1].split("  ")[0] == "3.11.2, 3.10.1"
    assert line.endswith("<project>/.tool-versions")


def test_the_configuration_tells_of_a_global_pin(made):
    made.run("python pin --global 3.9").ok()
    line = next(
        each for each in made.run("config show").ok().stdout.splitlines() if each.startswith("python ")
    )
    assert line.split() == ["python", "3.9", "<home>/data/python-version"]


def test_the_name_of_an_environment_is_passed_over_with_a_reason(made):
    made.write({".python-version": "my-venv\n"})
    assert shown(made.run("sync --dry-run")).startswith(
        block("""
            exit 0
            warning: <project>/.python-version names my-venv, which is no version, and no environment that hutch or pyenv has here: passed over
        """)  # noqa: E501
    )


def test_a_global_pin_that_changes_is_seen(made):
    (made / "pyproject.toml").unlink()
    for name in ("one", "two"):
        made.run(f"venv {name}").ok()
    made.run("python pin --global 2.6").ok()
    ran = made.run("venv three").ok()
    assert "<home>/data/python-version is passed over: no Python was found for `2.6" in ran.stderr
    made.run("python pin --global --rm").ok()
    assert "passed over" not in made.run("venv four").ok().stderr


def test_a_global_pin_says_which_python_a_new_environment_gets(made, real_home):
    others = sorted((real_home / ".pyenv" / "versions").glob("3.1[0-9].*/bin/python"))
    others = [one for one in others if f"/{HERE}." not in str(one)]
    if not others:
        pytest.skip("there is one Python on this machine")
    minor = ".".join(others[0].parts[-3].split(".")[:2])
    (made.path.parent / "bin" / f"python{minor}").symlink_to(others[0])
    for _ in range(2):  # the second time at a glance
        made.run("sync").ok()
    made.run(f"python pin --global {minor}").ok()
    assert made.run("sync").ok().stderr == "Nothing to do: .venv is up to date\n"
    shutil.rmtree(made / ".venv")
    made.run("sync").ok()
    assert f"version_info = {minor}." in made.read(".venv/pyvenv.cfg")
    made.run(f"python pin --global {HERE}").ok()
    assert made.run("sync").ok().stderr == "Nothing to do: .venv is up to date\n"
    shutil.rmtree(made / ".venv")
    made.run("sync").ok()
    assert f"version_info = {HERE}." in made.read(".venv/pyvenv.cfg")


def test_a_python_that_hutch_installs_is_seen(made, real_home):
    """Also where the environment before was made at a glance."""
    newer = [
        one
        for one in (real_home / ".pyenv" / "versions").glob("3.*")
        if one.name.replace(".", "").isdigit()
        and tuple(map(int, one.name.split(".")[:2])) > sys.version_info[:2]
    ]
    if not newer:
        pytest.skip("there is no newer Python on this machine")
    (made / "pyproject.toml").unlink()
    for name in ("one", "two"):
        made.run(f"venv {name}").ok()
        assert f"version_info = {HERE}." in made.read(f"{name}/pyvenv.cfg")
    managed = made.home / "data" / "python"
    managed.mkdir(parents=True)
    (managed / f"cpython-{newer[0].name}-linux-x86_64-gnu").symlink_to(newer[0])
    made.run("venv three").ok()
    assert f"version_info = {newer[0].name}." in made.read("three/pyvenv.cfg")
    shutil.rmtree(managed)
    made.run("venv four").ok()
    assert f"version_info = {HERE}." in made.read("four/pyvenv.cfg")


@pytest.mark.parametrize("command", ["sync", "run true", "python which", "venv other"])
def test_a_pinned_path_that_leads_nowhere(made, command):
    made.write({".python-version": "/nowhere/bin/python\n"})
    assert shown(made.run(command)) == block("""
        exit 1
        error: the interpreter /nowhere/bin/python is broken: there is no such file
          <project>/.python-version says /nowhere/bin/python
        try: change what <project>/.python-version asks for
    """)
