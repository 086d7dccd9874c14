"""The recipes for direnv in the documentation, as they stand there.

Where direnv is not installed its words (`watch_file`, `PATH_add`) are played by functions that do what its
standard library does; where it is, it evaluates the same files.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from commands.support import manifest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "direnv.md"
LAYOUT = re.findall(r"<!-- tested: layout -->\n```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[0]
ONE_LINE = 'eval "$(hutch activate --shell direnv)"'
STANDARD = """
watch_file() { for each in "$@"; do echo "$each" >> watched; done; }
PATH_add() { local each; for each in "$@"; do PATH="$(cd "$each" && pwd):$PATH"; done; export PATH; }
layout() { local name="$1"; shift; eval "layout_$name" '"$@"'; }
use() { local name="$1"; shift; eval "use_$name" '"$@"'; }
"""

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="direnv evaluates with bash")


@pytest.fixture
def evaluate(tmp_path):
    """What an `.envrc` makes of the environment of a project."""
    from conftest import hutch_command

    programs = tmp_path / "programs"
    programs.mkdir()
    launcher = programs / "hutch"
    launcher.write_text(f'#!/bin/sh\nexec {shlex.join(hutch_command())} "$@"\n')
    launcher.chmod(0o755)

    def run(made, envrc):
        (made / ".envrc").write_text(envrc + "\n")
        path = f"{programs}:/usr/local/bin:/usr/bin:/bin"
        environ = {
            **made.variables,
            "PATH": path,
            "PYTHONHOME": "",
        }
        show = "python3 -I -c 'import json, os; print(json.dumps(dict(os.environ)))'"
        direnv = shutil.which("direnv")
        if direnv is not None:
            rc = made.home / ".config" / "direnv" / "direnvrc"
            rc.parent.mkdir(parents=True, exist_ok=True)
            rc.write_text(LAYOUT)
            subprocess.run([direnv, "allow", "."], cwd=made.path, env=environ, check=True)
            words = [direnv, "exec", ".", "bash", "-c", show]
        else:
            words = ["bash", "-c", f"{STANDARD}\n{LAYOUT}\n. ./.envrc\n{show}"]
        done = subprocess.run(
            words, cwd=made.path, env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        return (
            json.loads(done.stdout.splitlines()[-1]),
            done.stderr,
            f"{programs}:/usr/local/bin:/usr/bin:/bin",
        )

    return run


@pytest.fixture
def demo(project):
    made = project(manifest(name="demo"))
    made.run("sync").ok()
    return made


@pytest.mark.parametrize("envrc", [ONE_LINE, "layout hutch", "use hutch", "layout hutch --sync"])
def test_the_environment_is_there(demo, evaluate, envrc):
    found, errors, path = evaluate(demo, envrc)
    root = str(demo / ".venv")
    assert found["VIRTUAL_ENV"] == root, errors
    assert found["PATH"] == f"{root}/bin:{path}"
    assert found["VIRTUAL_ENV_PROMPT"]
    assert "PYTHONHOME" not in found


def test_the_lines_are_those_of_the_page():
    text = PAGE.read_text(encoding="utf-8")
    assert f"    {ONE_LINE}\n" in text
    for words in ("layout hutch ", "layout hutch --sync", "layout hutch -n play", "use hutch "):
        assert f"    {words}" in text


def test_it_looks_again_when_something_changes(demo, evaluate):
    evaluate(demo, "layout hutch")
    if shutil.which("direnv") is None:
        watched = demo.read("watched").split("\n")
        assert "pylock.toml" in watched
        assert str(demo / ".venv" / "pyvenv.cfg") in watched


def test_sync_brings_it_up_to_date(demo, evaluate, index):
    index.add_wheel("alpha", "1.0")
    demo.write({"pyproject.toml": manifest("alpha", name="demo")})
    evaluate(demo, "layout hutch")
    assert not list((demo / ".venv").glob("lib/python*/site-packages/alpha-1.0.dist-info"))
    evaluate(demo, "layout hutch --sync")
    assert list((demo / ".venv").glob("lib/python*/site-packages/alpha-1.0.dist-info"))


@pytest.mark.parametrize("envrc", [ONE_LINE, "layout hutch"])
def test_where_there_is_none_nothing_changes(project, evaluate, envrc):
    made = project(manifest(name="demo"))
    found, errors, path = evaluate(made, envrc)
    assert "there is no environment in .venv" in errors
    assert "VIRTUAL_ENV" not in found
    assert found["PATH"] == path


def test_an_environment_by_its_name(demo, evaluate):
    demo.run("env create play").ok()
    found, errors, _ = evaluate(demo, "layout hutch -n play")
    assert found["VIRTUAL_ENV"].endswith("/envs/play"), errors
