"""What works in any project works where its environment is a prefix: ``run --with``, ``pip``, ``ide``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from commands.support import PYTHON, block, shown
from conda.real import the_python
from hutch.conda import subdir_here

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the packages are for systems of POSIX"),
]
MANIFEST = """\
[project]
name = "demo"
version = "1.0"
dependencies = ["alpha"]

[tool.hutch]
package = false

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["{here}"]
dependencies = ["python", "greeter"]
"""


@pytest.fixture
def demo(project: Any, index: Any, real_channel: Path) -> Any:
    """A project with a prefix; the Python that the configuration names is another one."""
    assert the_python() is not None
    index.add_wheel("alpha", "1.0")
    index.add_wheel("extra", "1.0", requires=["alpha"])
    text = MANIFEST.format(here=subdir_here())
    made = project(text, HUTCH_PYTHON=PYTHON, CONDA_PREFIX=None, CONDA_SHLVL=None, COLUMNS="80")
    shutil.copytree(real_channel, made.path / "chan")
    made.run("sync").ok()
    return made


def test_more_packages_for_one_command(demo: Any) -> None:
    code = "import greeter, extra, sys; print(greeter.__file__, extra.__file__)"
    said = demo.run(f'run --with extra python -c "{code}"').ok().stdout
    below, above = said.split()
    assert below.startswith("<project>/.venv/lib/")
    assert not above.startswith("<project>")
    demo.run("sync --locked").ok()
    assert demo.run('run python -c "import extra"').exit_code == 1


def test_what_pip_tells_of_a_prefix(demo: Any) -> None:
    assert demo.run("pip freeze").ok().stdout == "alpha==1.0\ngreeter==2.0\n"
    assert "alpha" in demo.run("pip list").ok().stdout
    assert demo.run("pip check").ok().stdout == "No broken requirements found.\n"


def test_a_prefix_that_came_along_is_not_started(demo: Any) -> None:
    shutil.copytree(demo.path / ".venv", demo.path / "copy", symlinks=True)
    shutil.rmtree(demo.path / ".venv")
    (demo.path / "copy").rename(demo.path / ".venv")
    failed = demo.run("pip list")
    assert failed.exit_code == 1, failed
    assert "hutch has not made on this machine" in failed.stderr


def test_a_virtual_environment_is_not_what_it_has(demo: Any) -> None:
    assert shown(demo.run("venv")) == block("""
        exit 1
        error: this project has packages of conda, and no virtual environment
          its environment is a conda prefix, whose Python is one of its packages
        try: hutch sync makes it
         or: hutch venv PATH makes a virtual environment elsewhere
    """)
    shutil.rmtree(demo.path / ".venv")
    assert demo.run("venv").exit_code == 1
    demo.run("venv other").ok()
    assert (demo.path / "other" / "pyvenv.cfg").exists()


def test_an_editor_is_told_of_its_python(demo: Any) -> None:
    demo.run("ide vscode").ok()
    assert ".venv/bin/python" in demo.read(".vscode/settings.json")


def test_other_looks(demo: Any) -> None:
    assert "alpha 1.0" in demo.run("tree").ok().stdout
    assert "greeter" in demo.run("why greeter").ok().stdout
    demo.run("env verify").ok()
    assert "sync" in demo.run("env history").ok().stdout
