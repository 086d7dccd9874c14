"""Activation scripts in the real shells that are on this machine, with paths that hurt."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hutch.shell import ActivationFacts, activation_scripts

NASTY = [
    "plain",
    "with space",
    "it's",
    'dou"ble',
    "do$HOME$(echo x)",
    "back`tick`",
    "üñí-ö",
    "a;b&c|d",
    "x!y",
    "pct%PATH%",
]
"""Names of directories, each of them a prompt too."""

Run = Callable[..., dict[str, str]]

# How each shell: sources a file, prints a variable as `name=value`, and whether it has one.
POSIX_SHOW = """
for name in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PS1; do
    eval "if [ -n \\"\\${$name+set}\\" ]; then printf '%s=%s\\n' $name \\"\\$$name\\"
        else printf '%s unset\\n' $name; fi"
done
"""
FISH_SHOW = """
for name in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    if set -q $name; printf '%s=%s\\n' $name (string join : $$name); else; printf '%s unset\\n' $name; end
end
printf 'PS1=%s\\n' (fish_prompt)
"""
CSH_SHOW = """
printf 'PATH=%s\\n' "$PATH:q"
if ( $?PYTHONHOME ) then
    printf 'PYTHONHOME=%s\\n' "$PYTHONHOME:q"
else
    echo PYTHONHOME unset
endif
if ( $?VIRTUAL_ENV ) then
    printf 'VIRTUAL_ENV=%s\\nVIRTUAL_ENV_PROMPT=%s\\n' "$VIRTUAL_ENV:q" "$VIRTUAL_ENV_PROMPT:q"
else
    printf 'VIRTUAL_ENV unset\\nVIRTUAL_ENV_PROMPT unset\\n'
endif
printf 'PS1=%s\\n' "$prompt:q"
"""

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile"], "activate", POSIX_SHOW, "PS1='$ '\n"),
    "bash-strict": (["bash", "--norc", "--noprofile", "-eu"], "activate", POSIX_SHOW, "PS1='$ '\n"),
    "dash": (["dash"], "activate", POSIX_SHOW, "PS1='$ '\n"),
    "zsh": (["zsh", "-f"], "activate", POSIX_SHOW, "PS1='$ '\n"),
    "ksh": (["ksh"], "activate", POSIX_SHOW, "PS1='$ '\n"),
    "fish": (["fish", "--no-config"], "activate.fish", FISH_SHOW, "function fish_prompt; printf '$ '; end\n"),
    "tcsh": (["tcsh", "-f"], "activate.csh", CSH_SHOW, "set prompt='$ '\n"),
}


def quoted(shell: str, path: str) -> str:
    if shell == "fish":
        return "'" + path.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if shell == "tcsh":
        return "'" + path.replace("'", "'\\''").replace("!", "\\!") + "'"
    return "'" + path.replace("'", "'\\''") + "'"


def run(shell: str, text: str, directory: Path, **variables: str) -> list[dict[str, str | None]]:
    """Run ``text`` in a real shell; what each `show` in it printed."""
    command, _, _, start = SHELLS[shell]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    script = directory / "script"
    script.write_text(start + text)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        **variables,
    }
    done = subprocess.run(
        [*command, str(script)], env=environment, capture_output=True, text=True, cwd=directory, timeout=30
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    shown: list[dict[str, str | None]] = []
    for part in done.stdout.split("BEGIN\n")[1:]:
        values: dict[str, str | None] = {}
        for line in part.split("END\n")[0].splitlines():
            name, equals, value = line.partition("=")
            values[name.removesuffix(" unset")] = value if equals else None
        shown.append(values)
    return shown


def show(shell: str) -> str:
    return f"echo BEGIN\n{SHELLS[shell][2]}\necho END\n"


def write(directory: Path, **about: object) -> Path:
    scripts = directory / "bin"
    scripts.mkdir(parents=True)
    facts = ActivationFacts(environment=str(directory), prompt=directory.name, **about)  # type: ignore[arg-type]
    for name, text in activation_scripts(facts).items():
        (scripts / name).write_text(text)
    (scripts / "tool").write_text("#!/bin/sh\necho from the environment\n")
    (scripts / "tool").chmod(0o755)
    return scripts


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_activated_is_there_and_deactivate_puts_everything_back(
    shell: str, name: str, tmp_path: Path
) -> None:
    scripts = write(tmp_path / name)
    file = quoted(shell, str(scripts / SHELLS[shell][1]))
    source = "source" if shell in ("fish", "tcsh") else "."
    text = f"{show(shell)}{source} {file}\n{show(shell)}tool\ndeactivate\n{show(shell)}"
    before, active, after = run(shell, text, tmp_path, PYTHONHOME="/old home")
    assert active["VIRTUAL_ENV"] == str(tmp_path / name)
    assert active["VIRTUAL_ENV_PROMPT"] == name
    assert active["PATH"] == f"{scripts}:{before['PATH']}"
    assert active["PYTHONHOME"] is None
    assert active["PS1"] == f"({name}) $ "
    assert after == before
    assert before["VIRTUAL_ENV"] is None
    assert before["PYTHONHOME"] == "/old home"


@pytest.mark.parametrize("shell", SHELLS)
def test_going_from_one_environment_to_another_and_out_is_as_if_neither_had_been(
    shell: str, tmp_path: Path
) -> None:
    one, other = write(tmp_path / "one"), write(tmp_path / "other")
    source = "source" if shell in ("fish", "tcsh") else "."
    file = SHELLS[shell][1]
    text = (
        f"{show(shell)}{source} {one / file}\n{source} {one / file}\n{source} {other / file}\n{show(shell)}"
        f"deactivate\n{show(shell)}"
    )
    before, active, after = run(shell, text, tmp_path)
    assert active["PATH"] == f"{other}:{before['PATH']}"
    assert active["PS1"] == "(other) $ "
    assert after == before
    assert before["PYTHONHOME"] is None


@pytest.mark.parametrize("shell", SHELLS)
def test_the_prompt_may_be_left_alone(shell: str, tmp_path: Path) -> None:
    scripts = write(tmp_path / "one")
    source = "source" if shell in ("fish", "tcsh") else "."
    text = f"{source} {scripts / SHELLS[shell][1]}\n{show(shell)}deactivate\n{show(shell)}"
    active, after = run(shell, text, tmp_path, VIRTUAL_ENV_DISABLE_PROMPT="1")
    assert active["PS1"] == "$ "
    assert active["VIRTUAL_ENV_PROMPT"] == "one"
    assert after["PS1"] == "$ "


@pytest.mark.parametrize("shell", [each for each in SHELLS if each not in ("tcsh", "dash")])
def test_a_relocatable_environment_is_found_where_it_was_moved(shell: str, tmp_path: Path) -> None:
    write(tmp_path / "it's here", relocatable=True)
    moved = tmp_path / "now $there"
    (tmp_path / "it's here").rename(moved)
    source = "source" if shell == "fish" else "."
    text = f"{source} {quoted(shell, str(moved / 'bin' / SHELLS[shell][1]))}\n{show(shell)}tool\n"
    (active,) = run(shell, text, tmp_path)
    assert active["VIRTUAL_ENV"] == str(moved)


def test_running_the_script_instead_of_sourcing_it_says_what_to_do(tmp_path: Path) -> None:
    scripts = write(tmp_path / "one")
    done = subprocess.run(["bash", scripts / "activate"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "sourced" in done.stderr


def test_the_windows_files_are_there_for_windows() -> None:
    facts = ActivationFacts(environment="C:\\a 100%\\env", prompt="it's", scripts="Scripts", windows=True)
    scripts = activation_scripts(facts)
    assert 'set "VIRTUAL_ENV=C:\\a 100%%\\env"\r\n' in scripts["activate.bat"]
    assert "PATH=%VIRTUAL_ENV%\\Scripts;%PATH%" in scripts["activate.bat"]
    assert "\n" not in scripts["activate.bat"].replace("\r\n", "")
    assert "$env:VIRTUAL_ENV = 'C:\\a 100%\\env'\n" in scripts["activate.ps1"]
    assert "$env:VIRTUAL_ENV_PROMPT = 'it''s'\n" in scripts["activate.ps1"]
    assert set(scripts) >= {"activate", "activate.fish", "activate.csh", "activate.nu", "deactivate.bat"}


def test_no_token_is_left(tmp_path: Path) -> None:
    for windows in (False, True):
        for relocatable in (False, True):
            facts = ActivationFacts(environment="/e", prompt="p", windows=windows, relocatable=relocatable)
            for name, text in activation_scripts(facts).items():
                body = text.replace("__file__", "").replace("__contains__", "")
                assert "__" not in body, name
