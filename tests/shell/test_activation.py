"""Activation scripts in the real shells that are on this machine, with paths and prompts that hurt."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hutch.shell import ActivationFacts, activation_scripts, activation_text
from shell.real import NASTY, SHELLS, Shell, make, needs

MOVABLE = [each for each in SHELLS if each not in ("tcsh", "dash", "elvish")]
"""The shells that can tell where a file lies that they read."""

pytestmark = pytest.mark.filterwarnings("error")


MANY = [each for each in SHELLS if each not in ("elvish", "xonsh")]  # elvish has a page of its own


@pytest.fixture(params=[*MANY, pytest.param("xonsh", marks=pytest.mark.slow)])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    return needs(request.param, tmp_path)


@pytest.mark.parametrize("name", NASTY)
def test_what_is_activated_is_there_and_deactivate_puts_everything_back(
    shell: Shell, name: str, tmp_path: Path
) -> None:
    if shell.name == "xonsh" and "$HOME" in name:
        pytest.skip("xonsh expands the name of a variable in each part of PATH, whoever wrote it")
    place = make(tmp_path / name)
    ran = shell.run(
        shell.show, shell.source(place), shell.show, "tool", shell.deactivate, shell.show,
        PYTHONHOME="/old home",
    )  # fmt: skip
    before, active, after = ran.shown
    assert "from the environment" in ran.output
    assert active["VIRTUAL_ENV"] == str(place)
    assert active["VIRTUAL_ENV_PROMPT"] == name
    assert active["PATH"] == f"{place}/bin:{before['PATH']}"
    assert active["PYTHONHOME"] is None
    assert active.get("PS1") == shell.prompted(name)
    assert after == before
    assert before["VIRTUAL_ENV"] is None
    assert before["PYTHONHOME"] == "/old home"
    assert not list(tmp_path.rglob("sentinel*"))


def test_going_from_one_environment_to_another_and_out_is_as_if_neither_had_been(
    shell: Shell, tmp_path: Path
) -> None:
    one, other = make(tmp_path / "one"), make(tmp_path / "other")
    to_one, to_other = shell.source(one), shell.source(other)
    ran = shell.run(shell.show, to_one, to_one, to_other, shell.show, shell.deactivate, shell.show)
    before, active, after = ran.shown
    assert active["PATH"] == f"{other}/bin:{before['PATH']}"
    assert active.get("PS1") == shell.prompted("other")
    assert after == before
    assert before["PYTHONHOME"] is None


def test_the_environment_of_whoever_started_the_shell_comes_back(shell: Shell, tmp_path: Path) -> None:
    """It was passed on with its place at the front of PATH: leaving ours goes back to it, not to nothing."""
    outer, inner = make(tmp_path / "outer"), make(tmp_path / "inner")
    said = {"VIRTUAL_ENV": str(outer), "VIRTUAL_ENV_PROMPT": "outer"}
    ran = shell.run(shell.show, shell.source(inner), shell.show, shell.deactivate, shell.show, **said)
    before, active, after = ran.shown
    assert active["VIRTUAL_ENV"] == str(inner)
    assert after == before
    assert after["VIRTUAL_ENV_PROMPT"] == "outer"


def test_the_prompt_may_be_left_alone(shell: Shell, tmp_path: Path) -> None:
    place = make(tmp_path / "one")
    ran = shell.run(
        shell.source(place), shell.show, shell.deactivate, shell.show, VIRTUAL_ENV_DISABLE_PROMPT="1"
    )
    active, after = ran.shown
    assert active.get("PS1") == after.get("PS1") == (None if shell.prompted("") is None else "$ ")
    assert active["VIRTUAL_ENV_PROMPT"] == "one"


@pytest.mark.parametrize("path", ["", None])
def test_an_empty_path_stays_empty(shell: Shell, path: str | None, tmp_path: Path) -> None:
    """Without it nothing but the shell itself can do anything: activation starts no program."""
    if path is None and shell.name in ("tcsh",):
        pytest.skip("it makes itself one when it starts")
    if shell.name == "xonsh":
        pytest.skip("it starts programs to show anything")
    place = make(tmp_path / "one")
    ran = shell.run(shell.show, shell.source(place), shell.show, shell.deactivate, shell.show, PATH=path)
    before, active, after = ran.shown
    assert active["PATH"] == f"{place}/bin" + (f":{before['PATH']}" if before["PATH"] else "")
    assert after == before


@pytest.mark.parametrize("shell", MOVABLE, indirect=True)
@pytest.mark.parametrize("relocatable", [True, False])
def test_a_moved_environment_is_found_where_it_is(shell: Shell, relocatable: bool, tmp_path: Path) -> None:
    make(tmp_path / "it's here", relocatable=relocatable)
    moved = tmp_path / "now $there"
    (tmp_path / "it's here").rename(moved)
    ran = shell.run(shell.source(moved), shell.show, "tool")
    assert ran.shown[0]["VIRTUAL_ENV"] == str(moved)
    assert "from the environment" in ran.output


@pytest.mark.parametrize("shell", MOVABLE, indirect=True)
def test_a_copy_is_the_copy_though_the_first_is_still_there(shell: Shell, tmp_path: Path) -> None:
    first = make(tmp_path / "first")
    shutil.copytree(first, tmp_path / "copy")
    ran = shell.run(shell.source(tmp_path / "copy"), shell.show)
    assert ran.shown[0]["VIRTUAL_ENV"] == str(tmp_path / "copy")


def test_through_a_link_it_is_called_what_it_was_made_as(shell: Shell, tmp_path: Path) -> None:
    place = make(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    ran = shell.run(shell.source(tmp_path / "link"), shell.show)
    assert ran.shown[0]["VIRTUAL_ENV"] == str(place)


@pytest.mark.parametrize(
    "shell", [each for each in SHELLS if each not in (*MOVABLE, "elvish")], indirect=True
)
def test_a_shell_that_cannot_tell_says_so_and_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    make(tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    ran = shell.run(shell.show, shell.source(tmp_path / "there"), check=False)
    assert "hutch activate finds it" in ran.output + ran.errors
    ran = shell.run(shell.show, shell.tolerantly(shell.source(tmp_path / "there")), shell.show, check=False)
    assert ran.shown[0] == ran.shown[1]


@pytest.mark.parametrize("words", ["activate", "./activate", "../bin/activate", "{here}/activate"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "ksh"], indirect=True)
def test_from_any_folder_by_any_spelling(shell: Shell, words: str, tmp_path: Path) -> None:
    make(tmp_path / "was")
    (tmp_path / "was").rename(tmp_path / "is")
    here = tmp_path / "is" / "bin"
    file = words.format(here=here) if shell.name == "bash" or "/" in words else "./" + words
    ran = shell.run(f"cd '{here}'", f". {file}", shell.show)
    assert ran.shown[0]["VIRTUAL_ENV"] == str(tmp_path / "is")


@pytest.mark.parametrize("shell", ["bash", "zsh"], indirect=True)
def test_a_cd_of_ones_own_is_not_asked(shell: Shell, tmp_path: Path) -> None:
    make(tmp_path / "was")
    (tmp_path / "was").rename(tmp_path / "is")
    own = "cd () { echo somewhere; builtin cd /; }; pwd () { echo else; }; alias pwd='echo x'"
    ran = shell.run(own, shell.source(tmp_path / "is"), shell.show)
    assert ran.shown[0]["VIRTUAL_ENV"] == str(tmp_path / "is")
    assert "somewhere" not in ran.output


@pytest.mark.parametrize(
    "options",
    ["set -eu", "set -o pipefail -o nounset -o errexit", "set -f", "set -a", "set -C", "set -o noglob"],
)
@pytest.mark.parametrize("shell", ["bash", "bash-strict", "dash", "zsh", "ksh"], indirect=True)
def test_under_any_options(shell: Shell, options: str, tmp_path: Path) -> None:
    if shell.name == "dash" and "pipefail" in options:
        pytest.skip("dash has no pipefail")
    one, other = make(tmp_path / "one"), make(tmp_path / "other")
    words = [options, shell.show, shell.source(one), shell.source(other), shell.show, "tool"]
    for variables in ({}, {"PYTHONHOME": "/x", "VIRTUAL_ENV": "/y"}):
        ran = shell.run(*words, shell.deactivate, shell.show, **variables)
        before, active, after = ran.shown
        assert active["VIRTUAL_ENV"] == str(other)
        assert after == before


@pytest.mark.parametrize(
    "more", ["ksharrays", "shwordsplit", "promptsubst", "nounset", "extendedglob", "noclobber"]
)
@pytest.mark.parametrize("shell", ["zsh"], indirect=True)
def test_under_the_options_of_zsh(shell: Shell, more: str, tmp_path: Path) -> None:
    place = make(tmp_path / "a b")
    ran = shell.run(
        f"setopt {more}", shell.show, shell.source(place), shell.show, shell.deactivate, shell.show
    )
    before, active, after = ran.shown
    assert active["PATH"] == f"{place}/bin:{before['PATH']}"
    assert active["PS1"] == "(a b) $ "
    assert after == before


@pytest.mark.parametrize("shell", ["bash", "zsh", "ksh", "fish", "xonsh"], indirect=True)
def test_the_text_for_eval_does_the_same(shell: Shell, tmp_path: Path) -> None:
    place = make(tmp_path / "it's $here")
    facts = ActivationFacts(environment=str(place), prompt="it's")
    (tmp_path / "text").write_text(activation_text(shell.command_name, facts) or "")
    for words in shell.evaluations(tmp_path / "text"):
        ran = shell.run(shell.show, words, shell.show, "tool", shell.deactivate, shell.show)
        before, active, after = ran.shown
        assert active["VIRTUAL_ENV"] == str(place)
        assert active["PATH"] == f"{place}/bin:{before['PATH']}"
        assert after == before


def test_running_the_script_instead_of_sourcing_it_says_what_to_do(tmp_path: Path) -> None:
    place = make(tmp_path / "one")
    done = subprocess.run(["bash", place / "bin" / "activate"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "sourced" in done.stderr


def test_the_windows_files_are_there_for_windows() -> None:
    facts = ActivationFacts(environment="C:\\a 100%\\env", prompt="it's $P", scripts="Scripts", windows=True)
    scripts = activation_scripts(facts)
    assert 'set "_VIRTUAL_ENV=C:\\a 100%%\\env"\r\n' in scripts["activate.bat"]
    assert "PATH=%VIRTUAL_ENV%\\Scripts;%PATH%" in scripts["activate.bat"]
    assert 'set "PROMPT=(it\'s $$P) %PROMPT%"' in scripts["activate.bat"]
    assert "\n" not in scripts["activate.bat"].replace("\r\n", "")
    assert "$_virtual_env = 'C:\\a 100%\\env'\n" in scripts["activate.ps1"]
    assert "$env:VIRTUAL_ENV_PROMPT = 'it''s $P'\n" in scripts["activate.ps1"]
    assert set(scripts) >= {"activate", "activate.fish", "activate.csh", "activate.nu", "deactivate.bat"}
    assert "Activate.ps1" not in scripts  # there it is the same name


def test_where_letter_case_counts_powershell_finds_both_names() -> None:
    names = list(activation_scripts(ActivationFacts(environment="/e", prompt="p")))
    assert names.index("Activate.ps1") == names.index("activate.ps1") + 1


TOKENS = ("ENVIRONMENT", "PROMPT", "SCRIPTS", "SHOWN", "OWN_PLACE", "GUARD", "ZSH_PROMPT", "PLACE")


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("relocatable", [False, True])
def test_no_token_is_left_and_none_is_seen_in_a_name(windows: bool, relocatable: bool) -> None:
    plain = ActivationFacts(environment="/e", prompt="p$", windows=windows, relocatable=relocatable)
    for name, text in activation_scripts(plain).items():
        assert not any(f"__{token}__" in text for token in TOKENS), name
    # Whoever is called like one gets his own name, not another text in the middle of it.
    odd = ActivationFacts(environment="/;e", prompt="$__ENVIRONMENT____SCRIPTS__", windows=windows)
    for name, text in activation_scripts(odd).items():
        assert "/;e'__" not in text, name
        assert "$'/;e" not in text, name
        assert "__ENVIRONMENT____SCRIPTS__" in text or name == "deactivate.bat"


@pytest.mark.parametrize("relocatable", [False, True])
def test_powershell_and_nushell_look_for_their_own_place(relocatable: bool) -> None:
    """They are not here to be asked: this holds the text to what their documentation says."""
    facts = ActivationFacts(environment="/a 'b", prompt='it\'s "x" $y', relocatable=relocatable)
    scripts = activation_scripts(facts)
    powershell, nu = scripts["activate.ps1"], scripts["activate.nu"]
    assert f"$_virtual_env = '{'' if relocatable else '/a ' + chr(39) * 2 + 'b'}'\n" in powershell
    assert "Split-Path -LiteralPath $PSScriptRoot" in powershell
    assert "!$_virtual_env -or" in powershell  # an empty path is no argument there
    assert f'let virtual_env = "{"" if relocatable else "/a " + chr(39) + "b"}"\n' in nu
    assert 'let prompt = "it\'s \\"x\\" $y"\n' in nu
    assert "$env.FILE_PWD?" in nu
    for text in (powershell, nu):
        assert text.count("{") == text.count("}")


def test_the_text_for_powershell_has_no_place_of_a_file() -> None:
    text = activation_text("powershell", ActivationFacts(environment="/e", prompt="p"))
    assert text is not None
    assert "PSScriptRoot" not in text
    assert activation_text("nu", ActivationFacts(environment="/e", prompt="p")) is None
