"""``.venv``: made, kept, made anew; and never deleted where it is something else."""

# Messages stand here whole, as they are printed.
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.support import PYTHON, block, installed, manifest, shown


@pytest.fixture
def demo(project, index):
    index.add_wheel("alpha", "1.0")
    return project(manifest("alpha"))


def test_a_file_in_its_place(demo):
    demo.write({".venv": "mine\n"})
    for command in ("sync", "run python", "add alpha"):
        assert shown(demo.run(command)) == block("""
            exit 1
            error: <project>/.venv is not a Python environment
              it has no pyvenv.cfg that names the `home` of its interpreter
            try: move it away; hutch deletes nothing that it did not make
             or: set HUTCH_PROJECT_ENVIRONMENT to have the environment in another directory
        """)
        assert demo.read(".venv") == "mine\n"


def test_a_directory_with_the_user_s_files(demo):
    demo.write({".venv/thesis.txt": "years of work\n", ".venv/bin/python": "not one\n"})
    assert shown(demo.run("venv --clear")) == block("""
        exit 1
        error: <project>/.venv is not a Python environment
          it has no pyvenv.cfg that names the `home` of its interpreter
        try: move it away; hutch deletes nothing that it did not make
         or: hutch venv PATH makes one elsewhere
    """)
    for command in ("sync", "run python"):
        assert shown(demo.run(command)) == block("""
            exit 1
            error: <project>/.venv is not a Python environment
              it has no pyvenv.cfg that names the `home` of its interpreter
            try: move it away; hutch deletes nothing that it did not make
             or: set HUTCH_PROJECT_ENVIRONMENT to have the environment in another directory
        """)
        assert demo.read(".venv/thesis.txt") == "years of work\n"


def test_a_conda_environment(demo):
    demo.write({".venv/conda-meta/history": "", ".venv/bin/python": ""})
    assert shown(demo.run("sync")) == block("""
        exit 1
        error: <project>/.venv is not a Python environment
          it is a conda environment, and the project asks conda for nothing
        try: move it away; hutch deletes nothing that it did not make
         or: set HUTCH_PROJECT_ENVIRONMENT to have the environment in another directory
    """)
    assert (demo / ".venv/conda-meta/history").exists()


def test_a_link_to_somewhere_else(demo, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.txt").write_text("years of work\n")
    (demo / ".venv").symlink_to(tmp_path / "home")
    assert demo.run("sync").exit_code == 1
    assert demo.run("venv --clear").exit_code == 1
    assert (tmp_path / "home/thesis.txt").read_text() == "years of work\n"


def test_a_dangling_link(demo):
    (demo / ".venv").symlink_to("nowhere")
    assert shown(demo.run("sync")) == block("""
        exit 1
        error: <project>/.venv is not a Python environment
          it has no pyvenv.cfg that names the `home` of its interpreter
        try: move it away; hutch deletes nothing that it did not make
         or: set HUTCH_PROJECT_ENVIRONMENT to have the environment in another directory
    """)


def test_an_empty_directory_will_do(demo):
    (demo / ".venv").mkdir()
    demo.run("sync").ok()
    assert installed(demo) == {"alpha": "1.0"}


def test_an_environment_whose_python_is_gone_gets_another_of_its_kind(demo):
    demo.run("sync").ok()
    python = demo / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    assert shown(demo.run("sync")) == block("""
        exit 0
        note: .venv took Python <version> of <interpreter>: /nonexistent/python3 is gone
        Nothing to do: .venv is up to date
    """)
    assert installed(demo) == {"alpha": "1.0"}
    assert demo.run("run python -c 'import alpha'").ok()


def test_an_environment_without_a_python_at_all(demo):
    demo.run("sync").ok()
    for python in (demo / ".venv/bin").glob("python*"):
        python.unlink()
    demo.run("sync").ok()
    assert demo.run("run python -c 'import alpha'").ok()


def test_an_environment_of_another_python_is_made_anew(demo, real_home):
    other = other_python(real_home)
    demo.run("sync").ok()
    ran = demo.run("sync", environ={"HUTCH_PYTHON": other}).ok()
    assert ran.stderr.startswith("note: making .venv anew: it has Python <version>, and the project gets ")
    assert (demo / ".venv/pyvenv.cfg").read_text().count(os.path.dirname(os.path.dirname(other)))


def other_python(home: Path) -> str:
    """An interpreter of another minor version, or skip."""
    for path in sorted((home / ".pyenv/versions").glob("3.*/bin/python3")):
        minor = path.parent.parent.name.split(".")[1]
        if minor.isdigit() and int(minor) >= 9 and int(minor) != sys.version_info[1]:
            return os.path.realpath(path)
    pytest.skip("there is only one Python here")


def test_an_environment_that_venv_made_is_used(demo):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", demo / ".venv"], check=True)
    (demo / ".venv/mark").write_text("")
    demo.run("sync").ok()
    assert installed(demo) == {"alpha": "1.0"}
    assert (demo / ".venv/mark").exists()


def test_a_damaged_pyvenv_cfg(demo):
    demo.run("sync").ok()
    (demo / ".venv/pyvenv.cfg").write_bytes(b"\xff\xfe\x00garbage")
    ran = demo.run("sync")
    assert ran.exit_code in (0, 1)
    assert "Traceback" not in ran.stderr
    assert (demo / ".venv").exists()


def test_a_record_that_is_gone_is_no_obstacle(demo, index):
    demo.run("sync").ok()
    record = next((demo / ".venv").glob("lib/python*/site-packages/alpha-1.0.dist-info/RECORD"))
    record.unlink()
    demo.write({"pyproject.toml": manifest()})
    assert shown(demo.run("sync")) == block("""
        exit 0
        Locked 0 packages for 35 targets in <time>
        Removed 1 package in <time>
         - alpha 1.0
    """)


# -- venv ------------------------------------------------------------------------------------------


def test_venv(demo):
    assert shown(demo.run("venv")) == block("""
        exit 0
        Made .venv with Python <version> (<interpreter>)
        activate: source .venv/bin/activate
    """)
    assert shown(demo.run("venv")) == block("""
        exit 1
        error: there is an environment in <project>/.venv already
        try: hutch sync brings it up to date
         or: --clear empties it and makes it anew
    """)
    demo.run("venv --clear").ok()


def test_venv_elsewhere(project):
    made = project()
    assert shown(made.run("venv play --prompt toy", environ={"SHELL": "/usr/bin/fish"})) == block("""
        exit 0
        Made play with Python <version> (<interpreter>)
        activate: source play/bin/activate.fish
    """)
    config = (made / "play/pyvenv.cfg").read_text()
    assert "prompt = toy" in config
    assert "include-system-site-packages = false" in config
    assert (made / "play/.gitignore").read_text().strip().endswith("*")
    out = subprocess.run(
        [made / "play/bin/python", "-c", "import sys; print(sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.strip() == str(made / "play")


def test_venv_dry_run(project):
    made = project()
    assert shown(made.run("venv --dry-run")) == block("""
        exit 0
        Would make .venv with Python <version> (<interpreter>)
    """)
    assert not (made / ".venv").exists()


def test_venv_with_system_site_packages(project):
    made = project()
    made.run("venv --system-site-packages").ok()
    assert "include-system-site-packages = true" in (made / ".venv/pyvenv.cfg").read_text()


def test_venv_json(project):
    assert shown(project().run("venv --json")) == block("""
        exit 0
        -- stdout --
        {
          "activate": "source .venv/bin/activate",
          "dry_run": false,
          "interpreter": "<interpreter>",
          "path": "<project>/.venv",
          "version": "<version>"
        }
    """)


def test_venv_with_a_python_that_is_not_here(project):
    ran = project(HUTCH_PYTHON=None).run("--python 3.99 venv", environ={"PATH": "/nonexistent"})
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: no Python")
    assert "Traceback" not in ran.stderr


def test_a_relocatable_one_can_be_moved(demo):
    demo.run("venv --relocatable").ok()
    demo.run("sync").ok()
    shutil.move(demo / ".venv", demo / "moved")
    subprocess.run([demo / "moved/bin/python", "-c", "import alpha"], check=True)
