"""``hutch python shell``: what it prints, and that real shells do what it means."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.support import PYTHON
from hutch.shell.hooks import hook_text

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile"],
    "zsh": ["zsh", "-f"],
    "fish": ["fish", "--no-config"],
    "dash": ["dash"],
    "tcsh": ["tcsh", "-f"],
}
SHOW = 'sh -c \'printf "<%s>\\n" "${HUTCH_PYTHON-unset}"\''
WORDS = {"bash": "bash", "zsh": "zsh", "fish": "fish", "dash": "sh", "tcsh": "tcsh"}


@pytest.fixture(params=SHELLS)
def shell(request):
    if shutil.which(SHELLS[request.param][0]) is None:
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.fixture
def hutch(tmp_path, monkeypatch):
    """A launcher of this hutch, first on PATH."""
    folder = tmp_path / "it's a bin"
    folder.mkdir()
    source = Path(__file__).parents[2] / "src"
    launcher = folder / "hutch"
    launcher.write_text(f"#!/bin/sh\nPYTHONPATH='{source}' exec '{sys.executable}' -m hutch \"$@\"\n")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.delenv("HUTCH_PYTHON", raising=False)
    return launcher


def said_by(shell: str, lines: list[str]) -> list[str]:
    script = "\n".join(lines)
    ran = subprocess.run(SHELLS[shell], input=script, capture_output=True, text=True, timeout=120)
    return [line for line in (ran.stdout + ran.stderr).splitlines() if line]


def evaluated(shell: str, words: str) -> str:
    if shell == "fish":
        return f"hutch python shell {words} --shell fish | source"
    if shell == "tcsh":
        return f"eval `hutch python shell {words} --shell tcsh`"
    return f'eval "$(hutch python shell {words} --shell {WORDS[shell]})"'


def test_the_line_sets_and_unsets_in_real_shells(shell, hutch, tmp_path):
    link = tmp_path / "a b'c"
    link.symlink_to(os.path.dirname(PYTHON))
    path = f"{link}/{os.path.basename(PYTHON)}"
    word = "'" + path.replace("'", "'\\''") + "'" if shell != "fish" else "'" + path.replace("'", "\\'") + "'"
    lines = [evaluated(shell, word), SHOW, evaluated(shell, "--unset"), SHOW]
    assert said_by(shell, lines) == [f"<{path}>", "<unset>"]


@pytest.mark.parametrize("hooked", ["bash", "zsh", "fish"])
def test_with_the_hook_it_is_set_at_once(hooked, hutch, tmp_path):
    if shutil.which(hooked) is None:
        pytest.skip(f"{hooked} is not installed")
    (tmp_path / "hook").write_text(hook_text(hooked, str(hutch), str(tmp_path / "data")))
    lines = [
        f"source '{tmp_path}/hook'",
        f"hutch python shell '{PYTHON}'",
        SHOW,
        "hutch python shell 9.9",
        SHOW,
        "hutch python shell",
        "hutch python shell --unset",
        SHOW,
        "hutch --version",
    ]
    said = said_by(hooked, lines)
    out = [line for line in said if line.startswith("<") or line == PYTHON]
    assert out == [f"<{PYTHON}>", f"<{PYTHON}>", PYTHON, "<unset>"]
    assert "error: there is no Python 9.9 for python" in said
    assert any(line.startswith("hutch 0") for line in said)


def test_what_it_is_now_and_what_it_cannot_be(project, monkeypatch):
    made = project({})
    made.environ["HUTCH_PYTHON"] = None
    ran = made.run("python shell")
    assert (ran.exit_code, ran.stderr.splitlines()[0]) == (1, "error: this shell has no Python of its own")
    made.environ["PYENV_VERSION"] = "3.11:3.12"
    assert made.run("python shell").ok().stdout == "3.11:3.12\n"
    wrong = made.run("python shell 9.9")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert made.run("python shell 3.12 --unset").exit_code == 2


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("powershell", "$env:HUTCH_PYTHON = '{}'"),
        ("nushell", '$env.HUTCH_PYTHON = "{}"'),
        ("xonsh", "$HUTCH_PYTHON = '{}'"),
        ("elvish", "set-env HUTCH_PYTHON '{}'"),
    ],
)
def test_lines_for_shells_that_are_not_here(project, name, line):
    made = project({})
    said = made.run(f"python shell {PYTHON} --shell {name} --json").ok().stdout
    import json

    before, after = line.split("{}")
    assert json.loads(said)["line"].startswith(before)
    assert json.loads(said)["line"].endswith(after)
