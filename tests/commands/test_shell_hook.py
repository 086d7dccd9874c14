"""``hutch shell-hook``: the text, and the line in a start-up file."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from commands.support import block, shown

LINES = {
    "bash": (".bashrc", 'eval "$(hutch shell-hook bash)"'),
    "zsh": (".zshrc", 'eval "$(hutch shell-hook zsh)"'),
    "fish": (".config/fish/config.fish", "hutch shell-hook fish | source"),
    "powershell": (
        ".config/powershell/profile.ps1",
        "(& hutch shell-hook powershell | Out-String) | Invoke-Expression",
    ),
    "xonsh": (".xonshrc", "execx($(hutch shell-hook xonsh))"),
    "elvish": (".config/elvish/rc.elv", "eval (e:hutch shell-hook elvish | slurp)"),
}


@pytest.fixture
def here(project, home, monkeypatch):
    """A directory without a project, and a hutch on PATH."""
    (home / "bin").mkdir()
    program = home / "bin" / "hutch"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}/bin:/usr/bin:/bin")
    return project({})


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_text_is_of_that_shell(here, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    text = here.run(f"shell-hook {shell}").ok().stdout
    done = subprocess.run([shell, "-n"], input=text, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", [*LINES, "nushell"])
def test_nothing_is_left_to_fill_in(here, shell):
    text = here.run(f"shell-hook {shell}").ok().stdout
    assert "__HUTCH__" not in text
    assert "__DATA__" not in text
    assert "/bin/hutch" in text


@pytest.mark.parametrize("shell", LINES)
def test_the_line_is_put_into_the_start_up_file_and_taken_out_again(here, home, shell):
    name, line = LINES[shell]
    file = home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"# mine, without an end \xff")
    assert f"Would add to <home>/{name}" in here.run(f"shell-hook {shell} --install --dry-run").ok().stderr
    assert file.read_bytes() == b"# mine, without an end \xff"
    here.run(f"shell-hook {shell} --install").ok()
    text = file.read_bytes()
    assert text == b"# mine, without an end \xff\n" + (
        f"# >>> hutch shell-hook >>>\n{line}\n# <<< hutch shell-hook <<<\n".encode()
    )
    assert "has the hook already" in here.run(f"shell-hook {shell} --install").ok().stderr
    assert file.read_bytes() == text
    file.write_bytes(text + b"# behind\n")
    here.run(f"shell-hook {shell} --uninstall").ok()
    assert file.read_bytes() == b"# mine, without an end \xff\n# behind\n"
    assert "has no lines of hutch" in here.run(f"shell-hook {shell} --uninstall").ok().stderr


def test_what_is_said(here):
    assert shown(here.run("shell-hook bash --install")) == block("""
        exit 0
        Added to <home>/.bashrc:
          eval "$(hutch shell-hook bash)"
        Shells that are started from now on know of it
        """)
    assert shown(here.run("shell-hook bash --uninstall")) == block("""
        exit 0
        Took out of <home>/.bashrc:
          eval "$(hutch shell-hook bash)"
        Shells that are started from now on know of it
        """)


def test_nushell_gets_a_file_of_its_own(here, home):
    here.run("shell-hook nushell --install").ok()
    text = (home / ".config" / "nushell" / "autoload" / "hutch.nu").read_text()
    assert "def --env __hutch_look" in text
    here.run("shell-hook nushell --uninstall").ok()
    assert (home / ".config" / "nushell" / "autoload" / "hutch.nu").read_text() == ""


def test_a_start_up_file_that_is_a_link_stays_one(here, home):
    (home / "dotfiles").mkdir()
    (home / "dotfiles" / "bashrc").write_text("# mine\n")
    (home / "dotfiles" / "bashrc").chmod(0o600)
    (home / ".bashrc").symlink_to("dotfiles/bashrc")
    here.run("shell-hook bash --install").ok()
    assert (home / ".bashrc").is_symlink()
    assert "shell-hook bash" in (home / "dotfiles" / "bashrc").read_text()
    assert (home / "dotfiles" / "bashrc").stat().st_mode & 0o777 == 0o600


def test_zsh_reads_its_files_where_it_is_told(here, home):
    here.run("shell-hook zsh --install", environ={"ZDOTDIR": str(home / "z")}).ok()
    assert (home / "z" / ".zshrc").exists()


def test_a_start_up_file_that_cannot_be_changed(here, home):
    (home / ".bashrc").mkdir()
    ran = here.run("shell-hook bash --install")
    assert ran.exit_code == 1
    assert "cannot change <home>/.bashrc" in ran.stderr
    assert 'add the line by hand: eval "$(hutch shell-hook bash)"' in ran.stderr


def test_without_a_hutch_to_call_there_is_no_hook(here, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    ran = here.run("shell-hook bash")
    assert ran.exit_code == 1
    assert "there is no hutch on PATH for the hook to call" in ran.stderr


def test_wrong_words(here):
    assert here.run("shell-hook tcsh").exit_code == 2
    assert here.run("shell-hook bash --install --uninstall").exit_code == 2
    assert here.run("shell-hook").exit_code == 2


def test_what_the_hook_asks_is_in_no_list(here):
    assert "shell-answer" not in here.run("--help").stdout
    assert "shell-answer" not in here.run("completions bash").stdout
    assert os.path.basename(str(here.path))
