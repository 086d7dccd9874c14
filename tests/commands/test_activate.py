"""``hutch activate``: what is printed for whom, and that nothing is where something is wrong."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess

import pytest

from commands.support import block, manifest, shown
from shell.real import SHELLS, needs


@pytest.fixture
def demo(project):
    made = project(manifest(name="demo"))
    made.run("sync").ok()
    return made


@pytest.mark.parametrize("name", [each for each in SHELLS if each not in ("bash-strict", "elvish")])
def test_what_is_printed_activates_in_the_real_shell(demo, name, tmp_path):
    shell = needs(name, tmp_path)
    known = {"dash": "sh"}.get(name, name)
    (tmp_path / "text").write_text(
        demo.run(f"activate --shell {known}").ok().stdout.replace("<project>", str(demo.path))
    )
    for words in shell.evaluations(tmp_path / "text") if name != "tcsh" else [f"eval `cat {tmp_path}/text`"]:
        ran = shell.run(shell.show, words, shell.show, shell.deactivate, shell.show)
        before, active, after = ran.shown
        assert active["VIRTUAL_ENV"] == str(demo / ".venv")
        assert active["VIRTUAL_ENV_PROMPT"] == "demo"
        assert active["PATH"] == f"{demo / '.venv'}/bin:{before['PATH']}"
        assert after == before


def test_elvish_evaluates_it(demo, tmp_path):
    shell = needs("elvish", tmp_path)
    (tmp_path / "text").write_text(
        demo.run("activate --shell elvish").ok().stdout.replace("<project>", str(demo.path))
    )
    ran = shell.run(shell.evaluations(tmp_path / "text")[0], shell.show)
    assert ran.shown[0]["VIRTUAL_ENV"] == str(demo / ".venv")


def test_direnv_gets_its_own_words(demo):
    assert demo.run("activate --shell direnv").ok().stdout == block("""
        export VIRTUAL_ENV='<project>/.venv'
        export VIRTUAL_ENV_PROMPT='demo'
        unset PYTHONHOME
        PATH_add '<project>/.venv/bin'
        watch_file '<project>/.venv/pyvenv.cfg'
    """)


def test_nushell_cmd_and_csh_get_a_line_that_has_a_file_read(demo):
    assert demo.run("activate --shell nushell").ok().stdout == (
        'overlay use "<project>/.venv/bin/activate.nu"\n'
    )
    assert demo.run("activate --shell csh").ok().stdout == "source '<project>/.venv/bin/activate.csh'\n"
    (demo / ".venv" / "bin" / "activate.csh").unlink()
    assert shown(demo.run("activate --shell csh")) == block("""
        exit 1
        error: the environment has no activate.csh
          another tool has made it
        try: hutch shell starts a shell in which it is active
    """)


def test_programs_get_a_list(demo):
    demo.environ["PYTHONHOME"] = "/somewhere"
    demo.environ["PATH"] = "/usr/bin"
    said = json.loads(demo.run("activate --json --shell bash").ok().stdout)
    assert said == {
        "environment": "<project>/.venv",
        "line": 'eval "$(hutch activate --shell bash)"',
        "prepend": {"PATH": "<project>/.venv/bin"},
        "prompt": "demo",
        "set": {
            "PATH": "<project>/.venv/bin:/usr/bin",
            "VIRTUAL_ENV": "<project>/.venv",
            "VIRTUAL_ENV_PROMPT": "demo",
        },
        "shell": "bash",
        "unset": ["PYTHONHOME"],
    }


def test_where_there_is_none_nothing_is_printed(project):
    made = project(manifest(name="demo"))
    assert shown(made.run("activate")) == block("""
        exit 1
        error: there is no environment in .venv
        try: hutch sync makes it
    """)
    assert not (made / ".venv").exists()
    assert shown(project({}).run("activate")) == block("""
        exit 1
        error: there is no environment in .venv
        try: hutch venv makes one; hutch env list says which have names
    """)
    assert made.run("activate --shell nosuch").exit_code == 2


@pytest.fixture
def launcher(tmp_path):
    """A program that becomes hutch, as the one that is installed does."""
    from conftest import hutch_command

    path = tmp_path / "launcher"
    path.write_text(f'#!/bin/sh\nexec {shlex.join(hutch_command())} "$@"\n')
    path.chmod(0o755)
    return path


def test_what_fails_leaves_the_shell_as_it_was(project, launcher):
    made = project(manifest(name="demo"))
    script = f'eval "$({launcher} activate)"; echo "code $? env ${{VIRTUAL_ENV-none}}"'
    done = subprocess.run(["sh", "-c", script], cwd=made.path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "code 0 env none\n"
    assert "there is no environment" in done.stderr


def test_nothing_is_brought_up_to_date(demo, index):
    index.add_wheel("alpha", "1.0")
    demo.write({"pyproject.toml": manifest("alpha", name="demo")})
    asked = len(index.log)
    demo.run("activate --shell bash").ok()
    assert len(index.log) == asked
    assert not list((demo / ".venv").glob("lib/python*/site-packages/alpha*"))


def test_a_path_may_be_an_environment_or_have_one(demo, project):
    other = project({})
    for path in (demo.path, demo / ".venv"):
        said = json.loads(other.run(f"activate --json --shell bash {path}").ok().stdout)
        assert said["environment"] == str(demo / ".venv")


def test_outside_of_a_project_the_nearest_is_taken(project):
    made = project({})
    made.run("venv").ok()
    (made / "below" / "deep").mkdir(parents=True)
    said = json.loads(made.run("activate --json --shell bash", cwd="below/deep").ok().stdout)
    assert said["environment"] == "<project>/.venv"


def test_an_environment_by_its_name(project):
    made = project({})
    made.run("env create play").ok()
    said = json.loads(made.run("activate --json --shell bash -n play").ok().stdout)
    assert said["prompt"] == "play"
    assert said["environment"].endswith("/envs/play")


def test_an_environment_of_another_tool(project):
    made = project({})
    made.run("venv").ok()
    settings = made / ".venv" / "pyvenv.cfg"
    kept = [line for line in settings.read_text().splitlines() if not line.startswith(("hutch", "prompt"))]
    settings.write_text("\n".join([*kept, "prompt = 'it\"s $(x)'", ""]))
    shutil.rmtree(made / ".venv" / "bin" / "activate.fish", ignore_errors=True)
    said = json.loads(made.run("activate --json --shell fish").ok().stdout)
    assert said["prompt"] == 'it"s $(x)'


@pytest.mark.parametrize(
    ("above", "shell", "expected"),
    [
        ([("bash", "/bin/bash")], "/bin/zsh", ("bash", "/bin/bash")),
        ([("-zsh", "/bin/zsh")], "", ("zsh", "/bin/zsh")),
        (
            [("python3", "/usr/bin/python3"), ("fish", "/usr/bin/fish")],
            "/bin/bash",
            ("fish", "/usr/bin/fish"),
        ),
        ([("sh", "/bin/dash"), ("make", "/usr/bin/make")], "/bin/zsh", ("zsh", "/bin/zsh")),
        ([("sh", "/bin/dash")], "", ("sh", "/bin/dash")),
        ([("sh", "/bin/dash"), ("tcsh", "/bin/tcsh")], "/bin/zsh", ("csh", "/bin/tcsh")),
        ([("pwsh.exe", "C:\\x\\pwsh.exe")], "", ("powershell", "C:\\x\\pwsh.exe")),
        ([("login", "/bin/login")], "/opt/odd/shell", (None, "/opt/odd/shell")),
        ([], "", ("sh", "/bin/sh")),
    ],
)
def test_the_shell_is_the_nearest_above(above, shell, expected):
    from hutch.ops.user_shell import user_shell

    assert user_shell({"SHELL": shell}, above) == expected


def test_the_shells_of_this_machine_are_told(demo, launcher):
    for name in ("bash", "zsh", "fish", "ksh", "tcsh", "elvish"):
        if shutil.which(name) is None:
            continue
        words = f"{launcher} activate --json; echo"
        done = subprocess.run([name, "-c", words], cwd=demo.path, capture_output=True, text=True, timeout=60)
        assert json.loads(done.stdout)["shell"] == {"tcsh": "csh"}.get(name, name), done.stderr


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("/bin/bash", "source .venv/bin/activate"),
        ("/bin/dash", ". .venv/bin/activate"),
        ("/usr/bin/ksh", ". .venv/bin/activate"),
        ("/usr/bin/fish", "source .venv/bin/activate.fish"),
        ("/usr/bin/tcsh", "source .venv/bin/activate.csh"),
        ("/usr/bin/xonsh", "source .venv/bin/activate.xsh"),
        ("/usr/bin/elvish", "eval (slurp < .venv/bin/activate.elv)"),
        ("/usr/bin/nu", "overlay use .venv/bin/activate.nu"),
        ("", "source .venv/bin/activate"),
    ],
)
def test_a_new_environment_says_how_to_activate_it(project, shell, expected):
    ran = project({}).run("venv", environ={"SHELL": shell}).ok()
    assert ran.stderr.endswith(f"activate: {expected}\n")


@pytest.mark.skipif(shutil.which("ps") is None, reason="no ps here")
def test_where_there_is_no_proc_ps_is_asked(demo):
    from hutch.ops.user_shell import _from_proc, _from_ps

    child = subprocess.Popen(["sleep", "60"])
    try:
        found = _from_ps(child.pid)
        assert found is not None
        assert (found[0], found[2]) == ("sleep", os.getpid())
        if os.path.isdir("/proc/self"):
            told = _from_proc(child.pid)
            assert told is not None
            assert (told[0], told[2]) == ("sleep", os.getpid())
    finally:
        child.kill()
        child.wait()
    assert _from_ps(child.pid) is None
