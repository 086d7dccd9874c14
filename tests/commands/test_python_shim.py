"""``hutch python shim``: what it makes and says; how shims work is in tests/integration/test_shims.py."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.support import PYTHON

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no shims on Windows")


@pytest.fixture
def made(project, home, monkeypatch):
    """A project to stand in; shims call a launcher of this hutch."""
    launcher = home / "bin" / "hutch"
    launcher.parent.mkdir()
    source = Path(__file__).parents[2] / "src"
    launcher.write_text(f"#!/bin/sh\nPYTHONPATH='{source}' exec '{sys.executable}' -m hutch \"$@\"\n")
    launcher.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(launcher)])
    one = project({})
    one.environ["HUTCH_PYTHON"] = None
    one.shims = home / "data" / "shims"
    return one


def said(made, words: str) -> dict[str, object]:
    found = json.loads(made.run(f"{words} --json").ok().stdout)
    assert isinstance(found, dict)
    return found


def call(made, name: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{made.shims}:{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "PWD": str(made.path), **variables}
    return subprocess.run(
        [made.shims / name, *words], cwd=made.path, env=environ, capture_output=True, text=True, timeout=120
    )


KINDS = pytest.mark.parametrize("kind", ["", "--sh"], ids=["compiled", "script"])


@KINDS
def test_the_first_call_is_answered_and_the_next_is_known(made, kind):
    """All of it for real: shim, slow way, table, shim."""
    if not kind and shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    outcome = said(made, f"python shim install {kind}")
    assert outcome["kind"] == ("script" if kind else "program")
    assert {"python", "python3", "pip", "pip3"} <= set(outcome["names"])
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (made / ".python-version").write_text(f"{version}\n")
    words = ("-c", "import sys; print(sys.version_info[:2], sys.argv[1:])", "a b", "")
    expected = f"{tuple(sys.version_info[:2])} ['a b', '']\n"
    first = call(made, "python", *words)
    assert (first.stdout, first.stderr) == (expected, "")
    assert (made.shims / "by-name" / version).read_text().startswith("/")
    (made.home / "bin" / "hutch").unlink()
    assert call(made, "python", *words).stdout == expected


def test_one_that_is_nowhere_is_a_problem_as_everywhere(made):
    made.run("python shim install").ok()
    (made / ".python-version").write_text("3.99\n")
    ran = call(made, "python")
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "error: there is no Python 3.99 for python",
        f"  {made.path}/.python-version asks for 3.99",
        "try: hutch python install 3.99",
    ]


def test_pip_is_the_one_of_the_environment(made):
    """An environment without pip gets hutch's, and not that of another Python on PATH."""
    made.run("python shim install").ok()
    made.run(f"venv --python {PYTHON}").ok()
    made.run("allow").ok()
    ran = call(made, "pip", "list", "--format", "json")
    assert (ran.returncode, ran.stdout.strip()) == (0, "[]"), ran.stderr


def test_what_is_not_ours_is_not_replaced(made):
    made.shims.mkdir(parents=True)
    (made.shims / "pip").write_text("#!/bin/sh\n")
    ran = made.run("python shim install")
    assert ran.exit_code == 1
    assert "is in the way, and hutch did not make it" in ran.stderr
    assert sorted(path.name for path in made.shims.iterdir()) == ["pip"]


def test_where_they_stand_on_path_is_told(made, tmp_path):
    made.run("python shim install").ok()
    assert said(made, "python shim show")["path"] == "missing"
    other = tmp_path / "other"
    other.mkdir()
    (other / "python").symlink_to(PYTHON)
    made.environ["PATH"] = f"{other}:{made.shims}"
    assert said(made, "python shim show")["path"] == "late"
    made.environ["PATH"] = f"{made.shims}:{other}"
    assert said(made, "python shim show")["path"] == "first"


def test_a_hutch_that_moved_is_told(made):
    made.run("python shim install").ok()
    (made.home / "bin" / "hutch").unlink()
    shown = made.run("python shim show").ok().stderr
    assert "They are out of date: hutch is not where it was" in shown
    assert "hutch python shim install makes them anew" in shown


def test_remove_leaves_what_is_not_ours(made):
    made.run("python shim install").ok()
    assert "Would remove the shims" in made.run("python shim remove --dry-run").ok().stderr
    assert (made.shims / "python").exists()
    (made.shims / "mine").write_text("")
    made.run("python shim remove").ok()
    assert [path.name for path in made.shims.iterdir()] == ["mine"]
    assert "There are no shims" in made.run("python shim remove").ok().stderr


def test_a_dry_run_makes_nothing(made):
    assert "Would make" in made.run("python shim install --dry-run").ok().stderr
    assert not made.shims.exists()


def test_a_folder_that_cannot_be_on_path_is_refused(made, monkeypatch):
    made.environ["HUTCH_DATA_DIR"] = f"{made.path}/a:b"
    ran = made.run("python shim install")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: the folder of the shims cannot be on PATH\n")


def test_shims_on_path_are_no_pythons(made):
    """Looking for Pythons starts none of them: they would ask hutch, and so on."""
    made.run("python shim install").ok()
    made.environ["PATH"] = f"{made.shims}:{os.environ['PATH']}"
    listed = json.loads(made.run("python list --json").ok().stdout)
    assert str(made.shims) not in json.dumps(listed)


def findings(made) -> list[dict[str, object]]:
    found = json.loads(made.run("doctor --json").stdout)["findings"]
    return [each for each in found if each["code"] == "stale-shims"]


def test_the_doctor_makes_stale_shims_anew(made, monkeypatch):
    assert findings(made) == []
    made.run("python shim install").ok()
    made.environ["PATH"] = f"{made.shims}:{os.environ['PATH']}"
    assert findings(made) == []
    other = made.home / "moved" / "hutch"
    other.parent.mkdir()
    (made.home / "bin" / "hutch").rename(other)
    monkeypatch.setattr(sys, "argv", [str(other)])
    (one,) = findings(made)
    assert (one["severity"], one["class"]) == ("error", "safe")
    made.run("doctor --fix")
    assert findings(made) == []


def test_the_doctor_tells_of_shims_that_are_not_used(made):
    made.run("python shim install").ok()
    (one,) = findings(made)
    assert (one["title"], one["severity"]) == ("the shims of python are not on PATH", "info")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away"
)
def test_who_is_not_the_owner_of_the_shims_leaves_nothing_in_them(made):
    """As with ``sudo python``: what it wrote, the owner could not replace."""
    made.run("python shim install").ok()
    (made / ".python-version").write_text(f"{sys.version_info[0]}.{sys.version_info[1]}\n")
    os.chown(made.shims, 12345, 12345)
    assert call(made, "python", "-V").returncode == 0
    assert not (made.shims / "by-name").exists()
    os.chown(made.shims, 0, 0)
    assert call(made, "python", "-V").returncode == 0
    assert (made.shims / "by-name").exists()


def test_a_folder_that_is_gone_is_no_place_to_fail_in(made):
    """A name that has to be looked up, asked for where there is no directory any more."""
    made.run("python shim install").ok()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    gone = made.path / "gone"
    gone.mkdir()
    line = f'cd "{gone}" && rmdir "{gone}" && exec "{made.shims}/python" -c "print(7)"'
    environ = {**os.environ, "HUTCH_PYTHON": version}
    ran = subprocess.run(["sh", "-c", line], env=environ, capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stdout) == (0, "7\n"), ran.stderr


@pytest.mark.parametrize("broken", [False, True], ids=["none", "broken"])
def test_without_a_compiler_that_works_they_are_scripts(made, tmp_path, broken):
    if broken:
        (tmp_path / "cc").write_text("#!/bin/sh\necho 'cc: no license' >&2\nexit 1\n")
        (tmp_path / "cc").chmod(0o755)
    made.environ["PATH"] = str(tmp_path)
    ran = made.run("python shim install").ok()
    assert ("cannot compile the shim" if broken else "there is no C compiler (cc)") in ran.stderr
    assert said(made, "python shim show")["kind"] == "script"
    assert sorted(path.name for path in made.shims.iterdir() if path.name.startswith(".")) == []


def test_a_python_that_another_tool_installs_gets_its_name(made, tmp_path):
    """Without a rehash: whoever has to look for Pythons again renews the names."""
    from integration.shim_world import World

    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    world = World(tmp_path)
    made.environ["PYENV_ROOT"] = str(world.pyenv)
    world.install("3.21.4")
    made.run("python shim install").ok()
    assert (made.shims / "python3.21").exists()
    assert not (made.shims / "python3.22").exists()
    world.install("3.22.0")
    (made / ".python-version").write_text("3.22\n")
    ran = call(made, "python", PYENV_ROOT=str(world.pyenv))
    assert ran.stdout == f"{world.pyenv}/versions/3.22.0/bin/python\n", ran.stderr
    assert (made.shims / "python3.22").exists()
    assert (made.shims / "by-name" / "3.22").exists()


@KINDS
def test_the_python_of_an_environment_of_condas_is_a_projects_as_well(made, kind):
    """Where it is trusted; what is installed there later is covered, another environment is not."""
    from hutch.ops.trust import allow_environment

    if not kind and shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    prefix = made.path / ".venv"
    (prefix / "conda-meta").mkdir(parents=True)
    history = prefix / "conda-meta" / "history"
    history.write_text("==> 2026-01-02 03:04:05 <==\n")
    (prefix / "bin").mkdir()
    python = prefix / "bin" / "python"
    python.write_text("#!/bin/sh\necho of the prefix\n")
    python.chmod(0o755)
    said(made, f"python shim install {kind}")
    assert call(made, "python", "-c", "").stdout == ""
    allow_environment(str(made.home / "data"), str(made.path))
    assert call(made, "python", "-c", "").stdout == "of the prefix\n"
    with open(history, "a") as file:
        file.write("==> 2026-05-05 00:00:00 <==\n+chan::numpy-1-0\n")
    assert call(made, "python", "-c", "").stdout == "of the prefix\n"
    history.write_text("==> 2026-06-06 00:00:00 <==\n")
    assert call(made, "python", "-c", "").stdout == ""
