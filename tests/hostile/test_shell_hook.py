"""A checkout and the hook of a shell: somebody who only looks into it runs nothing of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hutch.ops.trust import allow_environment
from shell.hooked import SHELLS, Hooked, hooked

INJECTIONS = [
    "'; touch sentinel; '",
    '"; touch sentinel; "',
    "$(touch sentinel)",
    "`touch sentinel`",
    "); touch sentinel; (",
    "\u2019; touch sentinel; \u2019",
    '"}; touch sentinel',
    "\\'; touch sentinel; \\'",
    "%(touch sentinel)",
]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Hooked:
    return hooked(request.param, tmp_path)


def visit(shell: Hooked, *places: Path) -> tuple[list[dict[str, str]], str]:
    lines = []
    for place in places:
        lines += [shell.cd(place), shell.look, shell.dump]
    dumps, errors = shell.said(lines)
    assert not list(shell.top.rglob("sentinel"))
    return [dump.environ for dump in dumps], errors


def test_a_checkout_cannot_bring_its_own_trust(shell: Hooked) -> None:
    own = shell.project("own", trusted=False)
    (own / "hutch.toml").write_text('data-dir = "data"\nenv-files = [".env"]\n')
    (own / "pyproject.toml").write_text('[tool.hutch]\ndata-dir = "data"\nenv-files = [".env"]\n')
    (own / ".env").write_text("FOO=1\nHUTCH_DATA_DIR=data\n")
    allow_environment(str(own / "data"), str(own))
    for name in (".hutch-allowed", ".venv/.hutch-allowed"):
        shutil.copy(next((own / "data").rglob(".hutch-allowed")), own / name)
    (dump,), errors = visit(shell, own)
    assert not {"VIRTUAL_ENV", "FOO", "HUTCH_SHELL_STATE"} & set(dump)
    assert dump["PATH"] == "/usr/bin:/bin"
    assert "is not activated" in errors


def test_the_environment_of_another_project_is_no_reason(shell: Hooked) -> None:
    mine, theirs = shell.project("mine"), shell.project("theirs", trusted=False)
    shutil.rmtree(theirs / ".venv")
    (theirs / ".venv").symlink_to(mine / ".venv")
    (dump,), _ = visit(shell, theirs)
    assert "VIRTUAL_ENV" not in dump


def test_a_name_leads_to_environments_of_ones_own_and_nowhere_else(shell: Hooked) -> None:
    theirs = shell.top / "theirs"
    theirs.mkdir()
    for place in (theirs / "env", shell.data / "other"):
        place.mkdir(parents=True)
        (place / "pyvenv.cfg").write_text("")
    (shell.data / "envs").mkdir()
    (theirs / ".python-version").write_text(f"../other\n{theirs}/env\n./env\n..\n{'../' * 9}{theirs}/env\n")
    (dump,), errors = visit(shell, theirs)
    assert "VIRTUAL_ENV" not in dump
    assert errors == ""


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_a_trusted_project_says_is_no_code(shell: Hooked, text: str) -> None:
    one = shell.project("one", env=f"FOO={text}\nB'; touch sentinel; '=x\n".split("\n")[0] + "\n")
    (one / ".venv" / "pyvenv.cfg").write_text(f"prompt = {text}\n")
    shell.allow(one)
    (inside, outside), _ = visit(shell, one, shell.top / "out")
    assert inside["VIRTUAL_ENV"] == str(one / ".venv")
    assert "FOO" in inside
    assert "FOO" not in outside


@pytest.mark.parametrize("text", INJECTIONS)
def test_the_name_of_a_folder_is_no_code(shell: Hooked, text: str) -> None:
    theirs = shell.project(text.replace("/", ""), trusted=False)
    (theirs / "sub").mkdir()
    (dump,), errors = visit(shell, theirs / "sub")
    assert "VIRTUAL_ENV" not in dump
    assert "is not activated" in errors


def test_what_would_never_end_is_not_read(shell: Hooked) -> None:
    theirs = shell.project("theirs")
    (theirs / ".venv" / "pyvenv.cfg").unlink()
    os.mkfifo(theirs / ".venv" / "pyvenv.cfg")
    os.mkfifo(theirs / ".python-version")
    other = shell.project("other", trusted=False)
    os.mkfifo(other / "deep")
    (other / "sub").mkdir()
    os.mkfifo(other / "sub" / ".python-version")
    (first, second), _ = visit(shell, theirs, other / "sub")
    assert "VIRTUAL_ENV" not in {*first, *second}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "xonsh"], indirect=True)
def test_a_file_without_an_end_is_read_as_far_as_a_name_goes(shell: Hooked) -> None:
    theirs = shell.top / "theirs"
    theirs.mkdir()
    with open(theirs / ".python-version", "wb") as file:
        file.write(b"x" * 100_000)
        file.truncate(4 << 30)
    (dump,), errors = visit(shell, theirs)
    assert "VIRTUAL_ENV" not in dump
    assert errors == ""
