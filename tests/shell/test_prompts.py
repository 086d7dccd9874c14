"""Prompts as they are shown at a terminal, where a shell expands them: nothing in a name is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest

from hutch.shell import quote
from shell.real import NASTY, Terminal, make, needs

STARTS = {
    "bash": ["--norc", "--noprofile", "-i"],
    "dash": ["-i"],
    "zsh": ["-f", "-i"],
    "ksh": ["-i"],
    "fish": ["--no-config", "-i"],
    "tcsh": ["-f"],
    "elvish": ["-norc"],
    "xonsh": ["--no-rc", "-i", "--shell-type", "dumb"],
}
SOURCES = {
    "elvish": "eval (slurp < {})",
    "fish": "source {}",
    "tcsh": "source {}",
    "xonsh": "source @({})",
}
SPECIAL = [name for name in NASTY if name != "plain"]


def open_terminal(name: str, directory: Path, **variables: str) -> tuple[Terminal, str]:
    shell = needs(name, directory)
    environ = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(directory),
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
        "PS1": "$ ",
        **variables,
    }
    return Terminal([shell.argv[0], *STARTS[name]], environ, directory), shell.command_name


@pytest.mark.slow
@pytest.mark.parametrize("name", STARTS)
def test_no_prompt_is_obeyed(name: str, tmp_path: Path) -> None:
    """A quote in a prompt must not end a text, and an expansion must not start a program."""
    terminal, known = open_terminal(name, tmp_path)
    if name == "zsh":
        terminal.type("setopt promptsubst")
    for number, prompt in enumerate(SPECIAL):
        place = make(tmp_path / f"e{number}", prompt)
        file = quote(known, str(place / "bin" / needs(name, tmp_path).file))
        words = {
            "elvish": "eval (slurp < {})",
            "fish": "source {}",
            "tcsh": "source {}",
            "xonsh": "source @({})",
        }
        terminal.type(words.get(name, ". {}").format(file))
        if name not in ("elvish", "xonsh"):  # whose editors draw in pieces
            terminal.wait_for(f"({prompt}) ")
        terminal.type("deactivate")
    terminal.leave()
    assert not list(tmp_path.rglob("sentinel*"))


@pytest.mark.slow
def test_switching_on_the_substitution_of_prompts_later_runs_nothing(tmp_path: Path) -> None:
    terminal, _ = open_terminal("zsh", tmp_path)
    place = make(tmp_path / "e", "$(touch sentinel)`touch sentinel`")
    terminal.type(f". {place}/bin/activate")
    terminal.type("setopt promptsubst")
    terminal.wait_for("(_(touch sentinel)_touch sentinel_) ")
    terminal.leave()
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.slow
@pytest.mark.parametrize("prompt", ["it's", "$(touch sentinel)", "a\u2019;touch sentinel;\u2019b", "ü x"])
def test_elvish_activates_and_goes_back(prompt: str, tmp_path: Path) -> None:
    """`deactivate` needs elvish's editor, so there has to be a terminal."""
    terminal, _ = open_terminal("elvish", tmp_path, PYTHONHOME="/old home", VIRTUAL_ENV="/outer")
    one, other = make(tmp_path / "one $x", prompt), make(tmp_path / "it's", "other")
    for place in (one, one, other):
        terminal.type(f"eval (slurp < {quote('elvish', str(place / 'bin' / 'activate.elv'))})")
    terminal.type(
        "tool > tool.txt; echo $E:PATH'|'$E:VIRTUAL_ENV'|'(to-string (has-env PYTHONHOME)) > active.txt"
    )
    terminal.type("deactivate")
    terminal.type(
        "echo $E:PATH'|'$E:VIRTUAL_ENV'|'$E:PYTHONHOME'|'(to-string (has-env VIRTUAL_ENV_PROMPT)) > after.txt"
    )
    terminal.leave()
    assert "(other)" in terminal.text()
    assert "(other) (other)" not in terminal.text()
    path = "/usr/local/bin:/usr/bin:/bin"
    assert (tmp_path / "tool.txt").read_text() == "from the environment\n"
    assert (tmp_path / "active.txt").read_text() == f"{other}/bin:{path}|{other}|$false\n"
    assert (tmp_path / "after.txt").read_text() == f"{path}|/outer|/old home|$false\n"
    assert not list(tmp_path.rglob("sentinel*"))
