"""The first command after the machine was started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.support import block, installed, manifest, shown
from faults.restart import lose, start_again


@pytest.fixture
def demo(project, index):
    index.add_wheel("web", "1.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel("io", "1.0", files={f"io{i}/__init__.py": "x = 1\n" for i in range(5)})
    index.add_wheel("extra", "1.0")
    made = project(manifest("web"))
    made.run("sync").ok()
    return made


def site_packages(project):
    return next((project / ".venv").glob("lib/python*/site-packages"))


def test_it_looks_once_and_says_nothing_where_nothing_was_lost(demo):
    start_again(demo / ".venv")
    assert shown(demo.run("sync")) == "exit 0\nNothing to do: .venv is up to date\n"
    assert (demo / ".venv" / ".hutch" / "settled").exists()
    assert shown(demo.run("run python -c print(1)")) == "exit 0\n-- stdout --\n1\n"


@pytest.mark.parametrize(
    "command", ["run --no-sync python -c print(1)", "env history", "env verify --deep --no-lock"]
)
def test_any_command_takes_back_what_was_lost(demo, command):
    demo.run("add extra").ok()
    lose(next(site_packages(demo).glob("extra*/METADATA")))
    start_again(demo / ".venv")
    ran = demo.run(command)
    assert ran.stderr.startswith(
        "warning: `hutch add extra` of <project>/.venv was lost with the power, and has been undone\n"
    )
    assert ran.exit_code == 0
    assert installed(demo) == {"web": "1.0", "io": "1.0"}
    demo.run("env verify --deep --no-lock").ok()
    assert "extra is not installed" in demo.run("env verify").stderr


def test_a_sync_has_it_anew_then(demo):
    demo.run("add extra").ok()
    lose(next(site_packages(demo).glob("extra*/METADATA")))
    start_again(demo / ".venv")
    assert "lost with the power" in demo.run("sync").ok().stderr
    assert installed(demo) == {"web": "1.0", "io": "1.0", "extra": "1.0"}
    demo.run("env verify --deep").ok()


def test_the_environment_of_a_script_needs_no_network_after_a_start(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha.py": "x = 1\n"})
    made = project(
        {"task.py": "# /// script\n# dependencies = ['alpha']\n# ///\nimport alpha\nprint(alpha.x)\n"}
    )
    assert made.run("run task.py").ok().stdout == "1\n"
    [root] = _environments(made)
    start_again(root)
    assert made.run("run --offline task.py").ok().stdout == "1\n"
    start_again(root, settled=True)
    assert made.run("run --offline task.py").ok().stdout == "1\n"


def test_the_environment_of_a_script_that_lost_something_is_made_anew(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha.py": "x = 1\n"})
    made = project(
        {"task.py": "# /// script\n# dependencies = ['alpha']\n# ///\nimport alpha\nprint(alpha.x)\n"}
    )
    assert made.run("run task.py").ok().stdout == "1\n"
    [root] = _environments(made)
    lose(next(root.glob("lib/python*/site-packages/alpha.py")))
    start_again(root)
    assert made.run("run task.py").ok().stdout == "1\n"


def _environments(made):
    return list(Path(made.home, "cache").glob("envs-*/*"))


def test_a_read_only_environment_from_elsewhere_is_used_as_it_is(demo, confined):
    """An image of a container: made on another machine, and nothing can be written into it."""
    start_again(demo / ".venv")
    mounts = f"mount --bind {demo / '.venv'} {demo / '.venv'} && mount -o remount,ro,bind {demo / '.venv'}"
    for command in ("run --no-sync python -c 'print(1)'", "run python -c 'print(1)'"):
        ran = confined(demo, mounts, command)
        assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "1\n", "")


def test_a_change_that_was_under_way(demo):
    """The journal is there, and the state of the disk is anybody's guess."""
    site = site_packages(demo)
    demo.run("add extra").ok()
    records = sorted((demo / ".venv" / ".hutch").glob("change-2-*"))
    records[0].rename(demo / ".venv" / ".hutch" / "journal")
    start_again(demo / ".venv")
    assert shown(demo.run("run --no-sync python -c print(1)")) == block("""
        exit 0
        note: `hutch add extra` of <project>/.venv was cut off, and has been undone
        -- stdout --
        1
        """)
    assert not list(site.glob("extra*"))


def test_after_the_look_the_next_start_costs_nothing(demo):
    """What has outlived one start of the machine is on the disk."""
    start_again(demo / ".venv")
    demo.run("sync").ok()
    state = (demo / ".venv" / ".hutch" / "state").read_bytes()
    start_again(demo / ".venv", settled=True)
    assert shown(demo.run("sync")) == "exit 0\nNothing to do: .venv is up to date\n"
    assert (demo / ".venv" / ".hutch" / "state").read_bytes() == state, "it was believed"
