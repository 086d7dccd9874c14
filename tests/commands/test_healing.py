"""What `hutch run` and `hutch sync` put right on the way: environments that moved, or lost their Python."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from commands.doctor_support import own_python
from commands.support import manifest, shown

HELLO = {"hello.py": "import sys\ndef main():\n    print('hello from', sys.prefix)\n"}


@pytest.fixture
def made(project, index) -> Any:
    """A project with a command in its environment."""
    index.add_wheel("hello", "1.0", files=HELLO, entry_points={"console_scripts": {"hello": "hello:main"}})
    result = project({"pyproject.toml": manifest("hello")})
    result.run("sync").ok()
    result.run("sync").ok()
    return result


def _elsewhere(made: Any, name: str) -> Any:
    """The same project, as it is found in another folder."""
    return type(made)(made.path.parent / name, made.home, made.environ)


def test_an_environment_that_was_moved_runs_its_commands_again(made):
    moved = _elsewhere(made, "other place")
    made.path.rename(moved.path)
    command = moved / ".venv" / "bin" / "hello"
    with pytest.raises(OSError):
        subprocess.run([command], capture_output=True, check=True)
    ran = moved.run("run hello").ok()
    assert ran.stdout == f"hello from {moved.path}/.venv\n".replace(str(moved.path), "<project>")
    assert ran.stderr.count("\n") == 1
    assert ran.stderr == f"note: .venv was made for {made.path}/.venv; 1 command of it names this place now\n"
    subprocess.run([command], check=True, capture_output=True)  # without hutch as well
    again = moved.run("run hello").ok()
    assert again.stderr == ""  # said once
    moved.run("env verify --deep").ok()


def test_a_copy_does_not_run_the_commands_of_the_original(made):
    copy = _elsewhere(made, "copy")
    shutil.copytree(made.path, copy.path, symlinks=True)
    ran = copy.run("run hello").ok()
    assert (
        "copy"
        in subprocess.run([copy / ".venv/bin/hello"], capture_output=True, text=True, check=True).stdout
    )
    assert "was made for <project>/.venv; 1 command of it names this place now" in made.filtered(ran.stderr)
    before = (made / ".venv" / "bin" / "hello").read_bytes()
    made.run("run hello").ok()
    assert (made / ".venv" / "bin" / "hello").read_bytes() == before


def test_sync_puts_a_moved_environment_right_and_run_without_it_too(made):
    first, second = _elsewhere(made, "first"), _elsewhere(made, "second")
    made.path.rename(first.path)
    assert "names this place now" in first.run("sync").ok().stderr
    first.path.rename(second.path)
    assert "names this place now" in second.run("run --no-sync hello").ok().stderr


def test_a_dry_run_leaves_it(made):
    moved = _elsewhere(made, "moved")
    made.path.rename(moved.path)
    before = (moved / ".venv" / "bin" / "hello").read_bytes()
    moved.run("sync --dry-run").ok()
    assert (moved / ".venv" / "bin" / "hello").read_bytes() == before


def test_where_nothing_can_be_written_it_is_told(made, confined):
    moved = _elsewhere(made, "moved")
    made.path.rename(moved.path)
    place = moved / ".venv"
    mounts = f"mount --bind {place} {place}\nmount -o remount,bind,ro {place}"
    ran = confined(moved, mounts, "run --no-sync python -c 'print(1)'")
    assert (ran.exit_code, ran.stdout) == (0, "1\n")
    assert "warning: .venv was made in " in ran.stderr
    assert "cannot be put right here: " in ran.stderr


# -- the Python is gone ------------------------------------------------------------------------------------


@pytest.fixture
def upgraded(project, index, tmp_path) -> Any:
    """A project whose Python was replaced by another build of the same minor version, as upgrades do."""
    index.add_wheel("hello", "1.0", files=HELLO, entry_points={"console_scripts": {"hello": "hello:main"}})
    old, new = own_python(tmp_path / "old"), own_python(tmp_path / "new")
    result = project({"pyproject.toml": manifest("hello")}, HUTCH_PYTHON=str(old))
    result.run("sync").ok()
    (next((result / ".venv").glob("lib/python*/site-packages")) / "mine.txt").write_text("kept")
    shutil.rmtree(tmp_path / "old")
    result.environ["HUTCH_PYTHON"] = str(new)
    return result


def test_an_environment_whose_python_is_gone_gets_another_of_its_kind(upgraded, tmp_path):
    python = upgraded / ".venv" / "bin" / "python"
    assert not python.exists()
    ran = upgraded.run("run hello").ok()
    assert "hello from" in ran.stdout
    assert ran.stderr.count("\n") == 1
    assert f"note: .venv took Python <version> of {tmp_path}/new/bin/python3: " in ran.stderr
    assert "is gone" in ran.stderr
    assert os.path.realpath(python).startswith(str(tmp_path / "new"))
    # In place: what else lies there stays.
    assert list((upgraded / ".venv").glob("lib/python*/site-packages/mine.txt"))
    assert upgraded.run("run hello").ok().stderr == ""
    upgraded.run("env verify").ok()


def test_without_sync_it_never_runs_another_python_instead(upgraded, tmp_path):
    """A link that leads nowhere is passed over on PATH: the system's Python would run."""
    ran = upgraded.run("run --no-sync python -c 'import sys; print(sys.prefix)'").ok()
    assert ran.stdout == "<project>/.venv\n"


def test_where_no_python_of_its_kind_is_left_it_is_said(upgraded, tmp_path, monkeypatch):
    root = upgraded / ".venv"
    settings = (root / "pyvenv.cfg").read_text()
    for line in settings.splitlines():
        if line.startswith("version"):
            settings = settings.replace(line, "version_info = 3.99.0")
    (root / "pyvenv.cfg").write_text(settings)
    (folder,) = (root / "lib").glob("python3.*")
    folder.rename(root / "lib" / "python3.99")
    ran = upgraded.run("run --no-sync python -V")
    assert ran.exit_code == 1
    assert "is not there" in shown(ran)


def _two_minors(home: Path) -> tuple[str, str]:
    versions = home / ".pyenv" / "versions"
    one, two = (sorted(versions.glob(f"{minor}.*/bin/python{minor}")) for minor in ("3.12", "3.13"))
    if not one or not two:
        pytest.skip("there are no Pythons 3.12 and 3.13 on this machine")
    return str(one[0]), str(two[0])


def test_an_environment_whose_link_leads_to_another_minor_is_made_anew(project, index, real_home):
    """As when Homebrew's python3 becomes the next version."""
    found = _two_minors(real_home)
    index.add_wheel("hello", "1.0", files=HELLO, entry_points={"console_scripts": {"hello": "hello:main"}})
    made = project({"pyproject.toml": manifest("hello")}, HUTCH_PYTHON=found[0])
    made.run("sync").ok()
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(found[1])
    made.environ["HUTCH_PYTHON"] = found[1]
    ran = made.run("run python -c 'import hello'").ok()
    assert "making .venv anew: it was made for Python 3.12" in ran.stderr
    made.run("env verify").ok()


def test_a_link_that_leads_to_another_minor_is_led_back(project, index, real_home):
    """Where the one that it was made for is still somewhere."""
    found = _two_minors(real_home)
    index.add_wheel("hello", "1.0", files=HELLO, entry_points={"console_scripts": {"hello": "hello:main"}})
    made = project({"pyproject.toml": manifest("hello")}, HUTCH_PYTHON=found[0])
    made.run("sync").ok()
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(found[1])
    ran = made.run("run python -c 'import hello'").ok()
    assert "is Python 3.13 now, and the packages are for Python 3.12" in ran.stderr
    assert os.path.realpath(python) == os.path.realpath(found[0])


def test_nothing_is_mended_in_an_environment_that_came_with_the_checkout(made, tmp_path):
    """Its Python would be a program of the checkout: it is not started, and made anew as ever."""
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    program = made / ".venv" / "bin" / "python3.99"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    python.symlink_to("python3.99")
    ran = made.run("run hello").ok()
    assert not (tmp_path / "ran").exists()
    assert "came with the project" in ran.stderr
    assert Path(made / ".venv" / "bin" / "python").exists()


def test_an_environment_with_a_name_is_put_right_when_something_runs_in_it(project):
    made = project()
    made.run("env create train").ok()
    root = made.home / "data" / "envs" / "train"
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("/gone/bin/python3")
    ran = made.run("run -n train python -c 'import sys; print(sys.prefix)'").ok()
    assert ran.stdout == "<home>/data/envs/train\n"
    assert ran.stderr.startswith("note: train took Python <version> of ")
    assert ran.stderr.endswith(": /gone/bin/python3 is gone\n")
    assert made.run("run -n train python -c ''").ok().stderr == ""


def test_one_that_was_moved_and_whose_python_is_gone(upgraded):
    copy = _elsewhere(upgraded, "copy")
    shutil.copytree(upgraded.path, copy.path, symlinks=True)  # the commands of the original are still there
    assert copy.run("run hello").ok().stdout == "hello from <project>/.venv\n"
    assert str(copy.path) in (copy / ".venv" / "bin" / "hello").read_text()
    copy.run("env verify").ok()


def test_the_doctor_puts_both_right(upgraded):
    copy = _elsewhere(upgraded, "copy")
    shutil.copytree(upgraded.path, copy.path, symlinks=True)
    copy.run("doctor --check environment --offline --fix").ok()
    assert str(copy.path) in (copy / ".venv" / "bin" / "hello").read_text()
    subprocess.run([copy / ".venv" / "bin" / "hello"], check=True, capture_output=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["moved", "python"])
def test_a_repair_that_is_killed_is_finished_by_the_next_command(project, index, tmp_path, kind):
    scripts = {f"tool{number}": "hello:main" for number in range(40)}
    index.add_wheel("hello", "1.0", files=HELLO, entry_points={"console_scripts": scripts})
    old, new = own_python(tmp_path / "old"), own_python(tmp_path / "new")
    result = project({"pyproject.toml": manifest("hello")}, HUTCH_PYTHON=str(old))
    result.run("sync").ok()
    if kind == "python":
        (tmp_path / "old").rename(tmp_path / "gone")
    result.environ["HUTCH_PYTHON"] = str(new) if kind == "python" else str(old)
    draw = random.Random(7)
    for number in range(12):
        copy = _elsewhere(result, f"copy {number}")
        shutil.copytree(result.path, copy.path, symlinks=True)
        process = copy.start("run tool7", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.02, 0.6))
        process.kill()
        process.wait()
        ran = copy.run("run tool7").ok()
        assert ran.stdout == "hello from <project>/.venv\n"
        for tool in ("tool0", "tool39"):
            subprocess.run([copy / ".venv" / "bin" / tool], check=True, capture_output=True)
        copy.run("env verify").ok()
        assert copy.run("run tool7").ok().stderr == ""
