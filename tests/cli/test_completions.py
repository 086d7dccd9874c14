"""Completion scripts, in the real shells where they are installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hutch.cli.completions import SCRIPTS
from hutch.cli.table import COMMANDS

ASK_ZSH = Path(__file__).with_name("zsh_completion.zsh")
ALL = sorted(command.name for command in COMMANDS if not command.hidden)

# What is typed, and what is offered.
TYPED = [
    ("hutch ", ALL),
    ("hutch l", ["lock"]),
    ("hutch -q -C /tmp lo", ["lock"]),
    ("hutch lock --reso", ["--resolution"]),
    ("hutch lock --upg", ["--upgrade", "--upgrade-package"]),
    ("hutch sync --no-install", ["--no-install-project"]),
    ("hutch cache ", ["clean", "dir", "prune", "size", "verify"]),
    ("hutch cache clean --dry", ["--dry-run"]),
    ("hutch pip cache ", ["dir", "info", "list", "purge", "remove"]),
    ("hutch pip cache list --form", ["--format"]),
    ("hutch pip cache list --format a", ["abspath"]),
    ("hutch pip config set --gl", ["--global"]),
    ("hutch --color ", ["always", "auto", "never"]),
    ("hutch lock --resolution lowest", ["lowest", "lowest-direct"]),
    ("hutch lock --resolution high", ["highest"]),
    ("hutch sync --link-mode c", ["clone", "copy"]),
    ("hutch completions ", ["bash", "fish", "powershell", "zsh"]),
    ("hutch run --froz", ["--frozen"]),
    ("hutch run --frozen pytest --froz", []),
]


@pytest.fixture
def script(tmp_path):
    def write(shell: str) -> Path:
        path = tmp_path / f"hutch.{shell}"
        path.write_text(SCRIPTS[shell](), encoding="utf-8")
        return path

    return write


def shell(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def output(*command: str, **options) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, **options)
    assert done.stderr == ""
    return sorted(set(done.stdout.split("\n")) - {""})


# As Readline does: words are cut at spaces and at the letters of COMP_WORDBREAKS.
ASK_BASH = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_hutch
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        *TYPED,
        ("hutch lock --resolution = lowest-", ["lowest-direct"]),
        ("hutch lock --resolution =", ["highest", "lowest", "lowest-direct"]),
    ],
)
def test_bash(typed, offered, script, tmp_path):
    words = typed.split(" ")
    found = output(shell("bash"), "--norc", "-c", ASK_BASH, "-", str(script("bash")), *words, cwd=tmp_path)
    assert found == sorted(offered)


def test_bash_offers_commands_to_run(script, tmp_path):
    found = output(
        shell("bash"), "--norc", "-c", ASK_BASH, "-", str(script("bash")), "hutch", "run", "ech", cwd=tmp_path
    )
    assert "echo" in found


def test_bash_registers_the_function(script):
    assert (
        "-F _hutch hutch"
        in output(shell("bash"), "--norc", "-c", f"source {script('bash')}; complete -p hutch")[0]
    )


@pytest.mark.parametrize(
    ("typed", "offered"), [*TYPED, ("hutch lock --resolution=lowest-", ["--resolution=lowest-direct"])]
)
def test_fish(typed, offered, script, tmp_path):
    ask = f"source {script('fish')}; complete -C '{typed}'"
    lines = output(shell("fish"), "--no-config", "-c", ask, cwd=tmp_path)
    found = {line.split("\t")[0] for line in lines}
    # fish also offers near words when nothing begins with what was typed
    assert sorted(word for word in found if word.startswith(typed.split(" ")[-1])) == sorted(offered)


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_zsh(typed, offered, script, tmp_path):
    found = output(shell("zsh"), "-f", str(ASK_ZSH), str(script("zsh")), typed, cwd=tmp_path)
    assert sorted(word for word in found if word.startswith(typed.split(" ")[-1])) == sorted(offered)


def test_zsh_can_read_its_script(script):
    assert output(shell("zsh"), "-n", str(script("zsh"))) == []


def test_powershell_can_use_its_script(script):
    ask = f". {script('powershell')}; (TabExpansion2 'hutch lock --reso' 17).CompletionMatches.CompletionText"
    assert output(shell("pwsh"), "-NoProfile", "-Command", ask) == ["--resolution"]


def test_powershell_tables_have_no_two_keys_that_differ_by_case_only():
    """A hash table of PowerShell does not tell them apart, and the script would not load."""
    import re

    blocks = SCRIPTS["powershell"]().split("@{\n")[1:]
    assert len(blocks) == 3
    for block in blocks:
        keys = [key.lower() for key in re.findall(r"^        '([^']*)' = ", block, re.MULTILINE)]
        assert len(keys) > 2
        assert len(keys) == len(set(keys))
