"""The shell hook where people type: what the prompt shows, the last status, Ctrl-C, history."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shell.hooked import Hooked, hooked
from shell.real import Terminal

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


class Typed:
    """A shell at a terminal whose start-up file has the hook, in a directory without a project."""

    def __init__(self, shell: Hooked, start: str = "", end: str = "", **variables: str) -> None:
        self.shell = shell
        top, name = shell.top, shell.name
        load = {
            "bash": 'eval "$(hutch shell-hook bash)"',
            "zsh": 'eval "$(hutch shell-hook zsh)"',
            "fish": "hutch shell-hook fish | source",
            "elvish": "eval (e:hutch shell-hook elvish | slurp)",
            "nu": f"source {shell.word(top / 'hook')}",
        }[name]
        rc = top / {"zsh": ".zshrc", "fish": "fish/config.fish", "elvish": "elvish/rc.elv"}.get(name, "rc")
        rc.parent.mkdir(exist_ok=True)
        rc.write_text("\n".join([start, load, end, ""]))
        argv = {
            "bash": ["bash", "--noprofile", "--rcfile", str(rc), "-i"],
            "zsh": ["zsh", "-d", "-i"],
            "nu": ["nu", "--config", str(rc), "--env-config", "/dev/null", "--no-history"],
        }.get(name, [name])
        environ = {
            "PATH": f"{top}/bin:{os.path.dirname(shell.argv[0])}:/usr/bin:/bin",
            "HOME": str(top / "home"),
            "ZDOTDIR": str(top),
            "XDG_CONFIG_HOME": str(top),
            "XDG_DATA_HOME": str(top),
            "XDG_RUNTIME_DIR": str(top),
            "HUTCH_DATA_DIR": str(shell.data),
            "HUTCH_CACHE_DIR": str(top / "cache"),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "COLUMNS": "200",
            **variables,
        }
        self.terminal = Terminal([shell.argv[0], *argv[1:]], environ, top / "out")
        self.type = self.terminal.type


@pytest.fixture
def typed(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[object]:
    opened: list[Typed] = []

    def open_shell(name: str, start: str = "", end: str = "", **variables: str) -> Typed:
        shell = hooked(name, tmp_path)
        opened.append(Typed(shell, start, end, **variables))
        return opened[-1]

    yield open_shell
    for each in opened:
        each.terminal.leave()


def project(top: Path, name: str = "one") -> Path:
    return Hooked("bash", [], top, "", "").project(name)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "elvish", "nu"])
def test_the_prompt_shows_where_one_is(typed, tmp_path, name):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    shell = typed(name)
    shell.type("echo")
    shell.type(f"cd {one}")
    shell.terminal.wait_for("(one) ")
    shell.type("cd ../out")
    shell.type("echo")
    shell.type("echo")
    assert "(one)" not in shell.type("echo")


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_prompt_may_be_left_alone(typed, tmp_path, name):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    shell = typed(name, VIRTUAL_ENV_DISABLE_PROMPT="1")
    shell.type(f"cd {one}")
    shell.type(f"echo $VIRTUAL_ENV > {tmp_path}/active")
    assert (tmp_path / "active").read_text() == f"{one}/.venv\n"
    assert "(one)" not in shell.terminal.text()


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    "prompt", ["$(touch sentinel)", "`touch sentinel`", "%n%~", "\\u\\w", "a\x1b[31mb", "üñ", "!1"]
)
def test_the_name_of_an_environment_is_only_shown(typed, tmp_path, name, prompt):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    (one / ".venv" / "pyvenv.cfg").write_text(f"prompt = {prompt}\n")
    Hooked("bash", [], tmp_path, "", "").allow(one)
    shell = typed(name, start="setopt PROMPT_SUBST" if name == "zsh" else "")
    shell.type(f"cd {one}")
    shell.type("true")
    shown = "".join("_" if each in "$`\\%!" else each for each in prompt if each.isprintable())
    shell.terminal.wait_for(f"({shown}) ")
    assert not list(tmp_path.rglob("sentinel"))


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_status_of_the_last_command_stays(typed, tmp_path, name):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    start = {
        "bash": "PS1='[$?]$ '",
        "zsh": "setopt PROMPT_SUBST; PS1='[$?]$ '",
        "fish": "function fish_prompt; printf '[%s]$ ' $status; end",
    }[name]
    shell = typed(name, start=start)
    file = tmp_path / "status"
    code = "$status" if name == "fish" else "$?"
    # One line each, so that the prompt between them is that of the hook.
    write = shell.terminal._write
    shell.type("true")
    write(f"cd {one}; sh -c 'exit 7'\r")
    shell.terminal.wait_for("[7]$ ")
    write(f"echo {code} > {file}\r")
    shell.type("true")
    assert file.read_text() == "7\n"


FORMS = {
    "nothing": "unset PROMPT_COMMAND",
    "text": "PROMPT_COMMAND='echo $? >> theirs'",
    "text that ends in a mark": "PROMPT_COMMAND='echo $? >> theirs; '",
    "list": "PROMPT_COMMAND=('echo $? >> theirs' 'echo second >> theirs')",
    "exported": "export PROMPT_COMMAND='echo $? >> theirs'",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_bash_does_before_a_prompt_goes_on(typed, tmp_path, form):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    shell = typed(
        "bash",
        start=FORMS[form].replace("theirs", str(tmp_path / "theirs")),
        end='eval "$(hutch shell-hook bash)"',
    )
    shell.terminal._write("(exit 3)\r")
    shell.type("true")
    shell.type(f"cd {one}")
    shell.type(f"echo $VIRTUAL_ENV > {tmp_path}/active")
    assert (tmp_path / "active").read_text() == f"{one}/.venv\n"
    if form != "nothing":
        said = (tmp_path / "theirs").read_text().split()
        assert "3" in said
        assert ("second" in said) is (form == "list")


@pytest.mark.parametrize("name", ["bash", "zsh"])
@pytest.mark.parametrize("options", ["set -u", "set -e", "set -eu -o pipefail", "set -a", "set -C", "IFS=/x"])
def test_options_of_the_user_do_no_harm_and_stay(typed, tmp_path, name, options):
    (tmp_path / "data").mkdir()
    one, two = project(tmp_path), project(tmp_path, "two")
    shell = typed(name, end=options)
    shell.type(f"cd {one}")
    shell.type("! true")
    shell.type(f"cd {two}")
    shell.type(f'echo "$VIRTUAL_ENV" "$IFS" "$-" >| {tmp_path}/active; env >| {tmp_path}/environ')
    assert (tmp_path / "active").read_text().startswith(f"{two}/.venv ")
    shell.type("cd ../out")
    shell.type(f"echo ${{VIRTUAL_ENV-none}} >| {tmp_path}/active")
    assert (tmp_path / "active").read_text() == "none\n"
    assert "__hutch" not in (tmp_path / "environ").read_text()


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_who_makes_his_prompt_anew_each_time_goes_on(typed, tmp_path, name):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    theirs = 'made_anew() { PS1="${VIRTUAL_ENV:+env }anew> "; }\n'
    start = {"bash": "PROMPT_COMMAND=made_anew", "zsh": "precmd_functions=(made_anew)"}[name]
    shell = typed(name, start=theirs + start)
    shell.type(f"cd {one}")
    shell.type(f'echo "[$PS1]" > {tmp_path}/inside')
    shell.type("cd ../out")
    shell.type(f'echo "[$PS1]" > {tmp_path}/outside')
    assert (tmp_path / "inside").read_text() == "[env anew> ]\n"
    assert (tmp_path / "outside").read_text() == "[anew> ]\n"
    assert "(one)" not in shell.terminal.text()


def test_functions_of_zsh_that_are_called_before_a_prompt_go_on(typed, tmp_path):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    start = (
        f"precmd() {{ echo precmd $? >> {tmp_path}/theirs }}\nchpwd() {{ echo chpwd >> {tmp_path}/theirs }}\n"
    )
    start += f"mine() {{ echo mine >> {tmp_path}/theirs }}; precmd_functions=(mine)\n"
    start += "setopt ksharrays nounset warncreateglobal"
    shell = typed("zsh", start=start)
    shell.terminal._write("(exit 3)\r")
    shell.type(f"cd {one}")
    assert "hutch" not in shell.type(f"echo $VIRTUAL_ENV > {tmp_path}/active")
    assert (tmp_path / "active").read_text() == f"{one}/.venv\n"
    assert {"chpwd", "mine", "3"} <= set((tmp_path / "theirs").read_text().split())


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_an_interrupt_while_hutch_is_asked_gives_the_prompt_back(typed, tmp_path, name):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    shell = typed(name)
    shell.type("true")
    hutch, slow = tmp_path / "bin" / "hutch", tmp_path / "slow"
    quick = hutch.read_text()
    hutch.write_text(f"#!/bin/sh\necho asked > {slow}\nexec sleep 60\n")
    shell.terminal._write(f"cd {one}\r")
    for _ in range(200):
        shell.terminal._read(0.05)
        if slow.exists():
            break
    assert slow.exists()
    hutch.write_text(quick)
    shell.terminal._write("\x03")
    shell.type("true")
    shell.type(f"echo $VIRTUAL_ENV > {tmp_path}/active")
    assert (tmp_path / "active").read_text() == f"{one}/.venv\n"


def test_the_history_of_bash_has_what_was_typed(typed, tmp_path):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    shell = typed("bash", HISTFILE=str(tmp_path / "history"))
    shell.type(f"cd {one}")
    shell.type("cd ../out")
    assert shell.terminal.leave() == 0
    shell.terminal.leave = lambda: 0
    assert "hutch" not in (tmp_path / "history").read_text()


def test_a_shell_that_is_not_interactive_has_no_hook(tmp_path):
    shell = hooked("bash", tmp_path)
    one = shell.project("one")
    dump = shell.run([shell.cd(one), 'eval "${PROMPT_COMMAND-}"', shell.dump])[0]
    assert "VIRTUAL_ENV" not in dump.environ


def test_elvish_has_it_once_however_often_it_is_evaluated(typed, tmp_path):
    (tmp_path / "data").mkdir()
    one = project(tmp_path)
    shell = typed("elvish", end="eval (e:hutch shell-hook elvish | slurp)")
    shell.type(f"cd {one}")
    shell.type("cd ../out")
    shell.type(f"echo $E:PATH (has-env VIRTUAL_ENV) > {tmp_path}/path")
    path, active = (tmp_path / "path").read_text().split()
    assert (path, active) == (f"{tmp_path}/bin:/usr/bin:/usr/bin:/bin", "$false")
