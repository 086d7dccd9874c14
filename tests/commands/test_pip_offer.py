"""``hutch pip install`` where there is no environment: one sentence, a command to copy, or a question."""

from __future__ import annotations

import os
import subprocess

import pytest

from commands.support import block, installed, shown


@pytest.fixture
def empty(project, index):
    index.add_wheel("io", "1.0")
    return project({"notes.txt": ""})


def answered(made, command: str, typed: bytes) -> tuple[int, str]:
    """What ``command`` does, and says, on a terminal where ``typed`` is typed."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        process = made.start(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
        os.write(ours, typed)
        process.communicate(timeout=120)
        os.write(theirs, b"\x00")
        said = b""
        while not said.endswith(b"\x00") and b"\x00" not in said:
            said += os.read(ours, 65536)
        return process.returncode, said.decode().replace("\r\n", "\n")
    finally:
        os.close(ours)
        os.close(theirs)


def test_where_nobody_can_be_asked(empty):
    empty.write({"r s.txt": "io\n"})
    assert shown(empty.run("pip install io -r 'r s.txt' --system-is-not-asked-for")).startswith("exit 2")
    assert shown(empty.run("pip install io -r 'r s.txt'")) == block("""
        exit 1
        error: there is no environment to install into
          none is active, and neither this directory nor one above it has a .venv
        try: hutch venv && hutch pip install io -r 'r s.txt'
         or: --python PATH names another environment
    """)
    assert not (empty / ".venv").exists()


def test_what_is_copied_has_no_password(empty):
    ran = empty.run("pip install io -i https://me:word@index.example/simple/")
    assert "word" not in ran.stderr.replace("a general word", "")
    assert "try: hutch venv && hutch pip install …\n" in ran.stderr


def test_yes(empty):
    code, said = answered(empty, "pip install io --no-progress", b"\n")
    assert code == 0
    assert "There is no environment here yet. Make one in .venv, and install into it? [Y/n]" in said
    assert "made .venv with Python " in said
    assert "to activate it: source .venv/bin/activate" in said.replace(": . ", ": source ")
    assert installed(empty) == {"io": "1.0"}


def test_yes_to_a_file_of_pins(empty):
    empty.write({"requirements.txt": "io==1.0\n"})
    assert answered(empty, "pip sync --no-progress", b"y\n")[0] == 0
    assert installed(empty) == {"io": "1.0"}


def test_no(empty):
    code, said = answered(empty, "pip install io", b"n\n")
    assert code == 1
    assert "hutch venv && hutch pip install io" in said
    assert not (empty / ".venv").exists()


def test_questions_fit_on_a_line():
    from hutch.ops.pip_environment import QUESTION

    assert len(f"{QUESTION} [Y/n] ") <= 80


@pytest.mark.parametrize("command", ["pip list", "pip uninstall io", "pip install io --dry-run"])
def test_nobody_is_asked_who_installs_nothing(empty, command):
    code, said = answered(empty, command, b"\n")
    assert code == 1
    assert "[Y/n]" not in said


def test_uninstalling_is_asked_for(empty):
    empty.run("venv").ok()
    empty.run("pip install io").ok()
    code, said = answered(empty, "pip uninstall io --no-progress", b"n\n")
    assert (code, "Would remove 1 package" in said, "Proceed? [Y/n]" in said) == (0, True, True)
    assert installed(empty) == {"io": "1.0"}
    assert answered(empty, "pip uninstall io -y", b"")[0] == 0
    assert installed(empty) == {}
