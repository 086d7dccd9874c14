"""Activation of conda environments with real packages: run, activate, shell, the verbs of conda, projects."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys

import pytest

from commands.support import block, shown
from hutch.conda import subdir_here
from hutch.testing.conda import CondaPackage, index_channel
from shell.real import Terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have scripts of a POSIX shell")

PLAIN = "/usr/local/bin:/usr/bin:/bin"
C = "-c ./chan --override-channels"


def scripts(name, ending="sh", put='export {name}="$CONDA_PREFIX:$CONDA_SHLVL"', take="unset {name}"):
    return {
        f"etc/conda/activate.d/{name}.{ending}": put.format(name=name) + "\n",
        f"etc/conda/deactivate.d/{name}.{ending}": take.format(name=name) + "\n",
    }


PACKAGES = (
    CondaPackage(
        "act",
        "1",
        files={
            **scripts("DEEP"),
            **scripts("DEEP", "fish", 'set -gx {name} "$CONDA_PREFIX:$CONDA_SHLVL"', "set -e {name}"),
            **scripts("DEEP", "csh", 'setenv {name} "${{CONDA_PREFIX}}:${{CONDA_SHLVL}}"', "unsetenv {name}"),
            **scripts("DEEP", "xsh", "${name} = $CONDA_PREFIX + ':' + str($CONDA_SHLVL)", "del ${name}"),
            **scripts("DEEP", "elv", "set-env {name} $E:CONDA_PREFIX':'$E:CONDA_SHLVL", "unset-env {name}"),
            "etc/conda/env_vars.d/act.json": json.dumps({"Act_Said": "it's 50% $HOME"}),
            "bin/act-tool": "#!/bin/sh\necho tool $DEEP\n",
        },
        modes={"bin/act-tool": 0o755},
    ),
    CondaPackage("more", "1", files=scripts("MORE")),
    CondaPackage(
        "adds",
        "1",
        files={
            **scripts("PATH", put='export {name}="$CONDA_PREFIX/more:$PATH"', take=":"),
            "more/hidden": "#!/bin/sh\necho found $1\n",
        },
        modes={"more/hidden": 0o755},
    ),
    CondaPackage(
        "odd",
        "1",
        files={
            "etc/conda/activate.d/1.sh": "set -- a b c; shift; ODD=$#; export ODD; return 3; ODD=wrong\n",
            "etc/conda/activate.d/2.sh": "false\nexport TWO=2\n",
        },
    ),
    CondaPackage(
        "bashism",
        "1",
        files={
            "etc/conda/activate.d/b.sh": "shopt -s nullglob; a=(1 2)\n"
            'export LIST="${a[1]}"; x=abc; export UP=${x^^}\n'
        },
    ),
)


@pytest.fixture
def demo(project, tmp_path):
    found = project(
        {}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None, CONDA_SHLVL=None, PATH=PLAIN
    )
    index_channel(found.path / "chan", PACKAGES)
    found.root = tmp_path / "data" / "envs" / "sci"
    return found


def table(ran):
    return dict(line.split("=", 1) for line in ran.stdout.splitlines() if "=" in line)


# -- run -----------------------------------------------------------------------------------------------


def test_run_reads_what_was_active_out_and_the_environment_in(demo):
    demo.run(f"conda create -n sci {C} act more").ok()
    demo.run(f"conda create -n other {C} act").ok()
    other = demo.root.with_name("other")
    said = json.loads(demo.run("conda activate sci --shell bash --json").ok().stdout)
    demo.environ |= said["set"] | {"DEEP": "of sci", "MORE": "of sci", "ACT_SAID": "it's 50% $HOME"}
    demo.environ["PATH"] = ":".join(said["path"])
    for words in ("conda run -n other env", "run -n other env"):
        found = table(demo.run(words).ok())
        assert found["CONDA_PREFIX"] == demo.filtered(str(other))
        assert found["DEEP"] == f"{demo.filtered(str(other))}:2"
        assert "MORE" not in found
        assert found["CONDA_PREFIX_1"] == demo.filtered(str(demo.root))
        assert found["PATH"].startswith(f"{demo.filtered(str(other))}/bin:{PLAIN}")
        assert (found["CONDA_SHLVL"], found["CONDA_DEFAULT_ENV"]) == ("2", "other")
        assert not [name for name in found if "hutch" in name.lower() and not name.startswith("HUTCH_")]


def test_options_of_conda_run_that_scripts_have(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    for words in ("--no-capture-output", "--live-stream", "-v", "--no-capture-output -v"):
        ran = demo.run(f"conda run {words} -n sci act-tool").ok()
        assert ran.stdout == f"tool {demo.filtered(str(demo.root))}:1\n"


def test_scripts_are_read_whatever_they_do_with_words_and_ends(demo):
    demo.run(f"conda create -n sci {C} odd").ok()
    found = table(demo.run("run -n sci env").ok())
    assert (found["ODD"], found["TWO"]) == ("2", "2")


def test_a_command_in_a_folder_that_a_script_adds(demo):
    demo.run(f"conda create -n sci {C} adds").ok()
    assert demo.run("run -n sci hidden word").ok().stdout == "found word\n"
    assert demo.run("run -n sci nowhere").exit_code == 127


def test_bash_env_is_the_commands_and_not_that_of_the_shell_before_it(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    (demo.path / "rc").write_text("echo read >> count\n")
    demo.environ["BASH_ENV"] = str(demo.path / "rc")
    found = table(demo.run("run -n sci env").ok())
    assert found["BASH_ENV"] == demo.filtered(str(demo.path / "rc"))
    assert not (demo.path / "count").exists()
    demo.run("run -n sci bash -c true").ok()
    assert (demo.path / "count").read_text() == "read\n"


@pytest.mark.skipif(shutil.which("dash") is None, reason="no dash here")
def test_scripts_for_bash_where_there_is_none(demo):
    demo.run(f"conda create -n sci {C} bashism").ok()
    found = table(demo.run("run -n sci env").ok())
    assert (found["LIST"], found["UP"]) == ("2", "ABC")
    # A PATH with dash alone: what it cannot read is told, and the command is not run as if nothing were.
    tools = demo.path / "tools"
    tools.mkdir()
    for name in ("sh", "env"):
        (tools / name).symlink_to(shutil.which("dash" if name == "sh" else "env"))
    if os.path.realpath("/bin/sh") == os.path.realpath(shutil.which("bash")):
        pytest.skip("/bin/sh is bash here")
    demo.environ["PATH"] = str(tools)
    ran = demo.run("run -n sci env")
    assert ran.exit_code != 0
    assert "b.sh has ended the shell that reads it: it may be for bash, which is not on PATH" in ran.stderr


def test_what_an_environment_says_of_itself_is_in_no_message(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    (demo.root / "conda-meta/state").write_text(
        '{"env_vars": {"TOKEN": "s3cret", "PATH": "/x", "1x": "s3cret"}}'
    )
    ran = demo.run("run -vv -n sci env")
    assert table(ran)["TOKEN"] == "s3cret"
    assert table(ran)["PATH"].startswith(demo.filtered(str(demo.root)))
    assert "s3cret" not in ran.stderr
    ps = (
        demo.run('run -n sci sh -c \'tr "\\000" " " < /proc/$$/cmdline\'')
        if os.path.isdir("/proc/self")
        else None
    )
    assert ps is None or "s3cret" not in ps.stdout
    for verb in ("activate sci", "deactivate"):
        assert "s3cret" not in demo.run(f"conda {verb} -vv --shell bash").stderr


# -- the verbs without the hook, and what is wrong ---------------------------------------------------------


def test_without_the_hook_the_line_is_told(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    demo.environ["SHELL"] = "/bin/bash"
    ran = demo.run("conda activate sci")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith("error: hutch conda activate needs the shell hook\n")
    assert "hutch shell-hook" in ran.stderr
    assert "hutch run -n NAME COMMAND" in ran.stderr


def test_what_there_is_not(demo):
    assert shown(demo.run("conda activate --shell bash")) == block("""
        exit 2
        error: no environment was named
          and there is no conda here whose base would be meant
        try: hutch conda activate NAME; hutch conda env list shows which there are
    """)
    assert demo.run("conda activate nowhere --shell bash").exit_code == 1
    assert demo.run("conda activate ./nowhere --shell bash").exit_code == 1
    assert demo.run("conda deactivate --shell bash").ok().stdout == ""
    assert demo.run("conda reactivate --shell bash").ok().stdout == ""


def test_base_is_where_conda_is(demo):
    demo.run(f"conda create -p ./conda {C} act").ok()
    demo.environ["CONDA_EXE"] = str(demo.path / "conda/bin/conda")
    for words in ("conda activate", "conda activate base"):
        said = json.loads(demo.run(f"{words} --shell bash --json").ok().stdout)
        assert said["set"]["CONDA_PREFIX"] == "<project>/conda"
        assert said["set"]["CONDA_DEFAULT_ENV"] == "base"


def test_condarc_says_what_is_at_the_prompt(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    rc = demo.home / ".condarc"
    rc.write_text("env_prompt: '<{name}> '\n")
    said = json.loads(demo.run("conda activate sci --shell bash --json").ok().stdout)
    assert said["set"]["CONDA_PROMPT_MODIFIER"] == "<sci> "
    rc.write_text("changeps1: false\n")
    assert "PS1" not in demo.run("conda activate sci --shell bash").ok().stdout


# -- activate, in real shells --------------------------------------------------------------------------


EVALUATED = {
    "bash": 'eval "$({})"', "dash": 'eval "$({})"', "zsh": 'eval "$({})"', "ksh": 'eval "$({})"',
    "fish": "{} | source", "tcsh": "eval `{}`", "xonsh": "execx($({}))",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", EVALUATED)
def test_what_activate_prints_activates_and_deactivate_leaves(demo, name, tmp_path):
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    demo.run(f"conda create -n sci {C} act").ok()
    kind = {"dash": "sh"}.get(name, name)
    line = EVALUATED[name].format(f"hutch activate -n sci --shell {kind}")
    script = tmp_path / "script"
    lines = ["/usr/bin/env > one", line, "/usr/bin/env > two", "deactivate", "/usr/bin/env > three"]
    script.write_text("\n".join([*lines, ""]))
    ran = in_shell(demo, [name, *(["--no-rc"] if name == "xonsh" else []), str(script)])
    assert (ran.returncode, ran.stderr) == (0, "")
    before, active, after = (
        dict(each.split("=", 1) for each in demo.read(file).splitlines() if "=" in each)
        for file in ("one", "two", "three")
    )
    root = str(demo.root)
    assert active["DEEP"] == f"{root}:1"
    assert active["ACT_SAID"] == "it's 50% $HOME"
    assert active["PATH"] == f"{root}/bin:{before['PATH']}"
    assert {name: value for name, value in after.items() if name not in ("_", "SHLVL")} == {
        name: value for name, value in before.items() if name not in ("_", "SHLVL")
    }
    assert not list((demo.home / "tmp").glob("hutch-*"))


@pytest.mark.parametrize("name", ["fish", "csh", "xonsh", "elvish", "powershell"])
def test_scripts_that_are_for_sh_alone_are_read_for_the_others(demo, name):
    """`more` has none but for sh; it gets its variables all the same, and loses them again."""
    demo.run(f"conda create -n sci {C} act more adds").ok()
    said = json.loads(demo.run(f"conda activate sci --shell {name} --json").ok().stdout)
    root = demo.filtered(str(demo.root))
    assert said["set"]["MORE"] == f"{root}:1"
    assert said["path"][:2] == [f"{root}/more", f"{root}/bin"]
    assert ("DEEP" in said["set"]) == (name == "powershell")  # for which `act` has a script of its own
    demo.environ |= {key: value.replace(root, str(demo.root)) for key, value in said["set"].items()}
    said = json.loads(demo.run(f"conda deactivate --shell {name} --json").ok().stdout)
    assert "MORE" in said["unset"]
    assert said["prefix"] is None


def hutch_in(demo):
    """A hutch on PATH."""
    folder = demo.home / "tools"
    folder.mkdir(exist_ok=True)
    source = next(each for each in sys.path if each.endswith("src"))
    places = [source, *(each for each in sys.path if "site-packages" in each)]
    program = folder / "hutch"
    program.write_text(
        f"#!{sys.executable} -IS\nimport sys\nsys.path[:0] = {places!r}\n"
        "from hutch.cli import program\nprogram()\n"
    )
    program.chmod(0o755)
    (demo.home / "tmp").mkdir(exist_ok=True)
    return {
        **{name: value for name, value in demo.environ.items() if value is not None},
        "PATH": f"{folder}:{PLAIN}:{os.path.dirname(shutil.which('xonsh') or '/bin/sh')}",
        "TMPDIR": str(demo.home / "tmp"), "TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": str(demo.home),
    }  # fmt: skip


def in_shell(demo, words):
    return subprocess.run(
        words, env=hutch_in(demo), cwd=demo.path, capture_output=True, text=True, timeout=300
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_day_with_the_hook_at_a_terminal(demo, name):
    """Make an environment, go there, install something, and go again, as people type it."""
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    rc = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}[name]
    (demo.home / rc).parent.mkdir(parents=True, exist_ok=True)
    text = (
        'eval "$(hutch shell-hook {} --conda)"' if name != "fish" else "hutch shell-hook {} --conda | source"
    )
    (demo.home / rc).write_text(text.format(name) + "\n")
    terminal = Terminal([shutil.which(name), "-i"], hutch_in(demo), demo.path, marks=demo.path)
    terminal.type(f"conda create -y -n sci {C} act")
    terminal.type("conda activate sci")
    terminal.wait_for("(sci) ")
    terminal.type("act-tool > first")
    terminal.type("conda install -y more")
    terminal.type("echo $MORE > second")
    terminal.type("conda deactivate")
    terminal.type("env > third")
    terminal.leave()
    assert demo.read("first") == f"tool {demo.root}:1\n"
    assert demo.read("second") == f"{demo.root}:1\n"
    third = demo.read("third")
    assert "CONDA" not in third
    assert "DEEP" not in third
    assert "MORE" not in third


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bash", "zsh", "ksh", "dash", "fish", "tcsh", "elvish", "xonsh"])
def test_a_shell_of_ones_own(demo, name):
    from commands.test_shell import variable, write_files

    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    demo.run(f"conda create -n sci {C} act").ok()
    environ = {**hutch_in(demo), **write_files(demo, name), "PYTHONHOME": "/nowhere"}
    if name == "xonsh":
        del environ["PYTHONHOME"]
    words = [f"{demo.home}/tools/hutch", "shell", "-n", "sci", "--shell", shutil.which(name)]
    terminal = Terminal(words, environ, demo.path, marks=demo.path)
    terminal.type(f"echo {variable(name, 'CONDA_PREFIX')} > told")
    terminal.type(f"echo {variable(name, 'DEEP')} > deep")
    terminal.type("mine > mine")
    terminal.type("act-tool > tool")
    if name != "xonsh":
        terminal.wait_for("(sci) ")
    assert terminal.leave("exit 7") == 7
    assert demo.read("told").strip() == str(demo.root)
    assert demo.read("deep").strip() == f"{demo.root}:1"
    assert demo.read("tool").strip() == f"tool {demo.root}:1"
    assert demo.read("mine").strip() == "of-the-user"
    assert not list((demo.home / "tmp").glob("hutch-*"))


def test_a_shell_without_a_terminal(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    for shell in ("bash", "zsh", "fish", "dash"):
        if shutil.which(shell) is not None:
            ran = demo.run(
                f"shell -n sci --shell {shell} -- -c 'echo $DEEP $VIRTUAL_ENV; exit 3'", apart=True
            )
            assert (ran.exit_code, ran.stdout) == (3, f"{demo.filtered(str(demo.root))}:1\n"), ran.stderr


def test_a_shell_within_the_projects_one_that_the_hook_has_activated(demo):
    """What the hook has set is taken out, and not shown twice: it is another shell."""
    from hutch.shell.hooks.answer import encode_state

    demo.run(f"conda create -n sci {C} act").ok()
    before = {"CONDA_PREFIX": None, "CONDA_SHLVL": None, "CONDA_DEFAULT_ENV": None, "FOO": "mine"}
    demo.environ |= {
        "CONDA_PREFIX": "/p/.venv", "CONDA_SHLVL": "1", "CONDA_DEFAULT_ENV": "p", "FOO": "of p",
        "PATH": f"/p/.venv/bin:{PLAIN}",
        "HUTCH_SHELL_STATE": encode_state(("/p/.venv", "/p/.venv/bin", "p"), before),
    }  # fmt: skip
    found = table(demo.run("shell -n sci --shell bash -- -c env", apart=True))
    assert (found["CONDA_SHLVL"], found["FOO"]) == ("1", "mine")
    assert found["PATH"] == f"{demo.filtered(str(demo.root))}/bin:{PLAIN}"
    assert "HUTCH_SHELL_STATE" not in found


def test_what_a_package_calls_its_scripts_and_values_is_no_trouble(demo):
    names = ("it's $(touch sentinel).sh", "-n.sh", "b`touch sentinel`.sh", "x\ny.sh", "ü.sh", ".hidden.sh")
    files = {f"etc/conda/activate.d/{name}": f"export T{n}=yes\n" for n, name in enumerate(names)}
    files["etc/conda/env_vars.d/a.json"] = (
        '{"HALF": "\\ud800", "a b": "x", "ok": "1", "$(x)": "y", "L": ["x"]}'
    )
    prefix = demo.path / "env"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta/history").write_text("")
    for name, text in files.items():
        (prefix / name).parent.mkdir(parents=True, exist_ok=True)
        (prefix / name).write_text(text)
    ran = demo.run("conda run -p env env")
    assert (ran.exit_code, ran.stderr) == (0, "")
    found = table(ran)
    assert [found.get(f"T{n}") for n in range(6)] == ["yes", "yes", "yes", None, "yes", None]
    assert found["OK"] == "1"
    assert not {"HALF", "L", "a b", "A B"} & set(found)
    assert not (demo.path / "sentinel").exists()
    assert demo.run("conda activate ./env --shell bash").exit_code == 0
    for broken in ("[" * 100_000, "{", "[]", '{"env_vars": 3}'):
        (prefix / "conda-meta/state").write_text(broken)
        assert demo.run("conda run -p env env").exit_code == 0


def test_a_notebook_gets_what_activation_sets(demo):
    """A kernel of such an environment is started by way of `conda run`, which reads what is there then."""
    python = CondaPackage(
        "python",
        "3.12.1",
        subdir=subdir_here(),
        files={
            "bin/python": '#!/bin/sh\necho "$DEEP" "$@"\n',
            "lib/python3.12/site-packages/ipykernel_launcher.py": "",
        },
        modes={"bin/python": 0o755},
    )
    index_channel(demo.path / "chan", (*PACKAGES, python))
    demo.run(f"conda create -n sci {C} act python").ok()
    program = hutch_in(demo)
    demo.environ["PATH"] = program["PATH"]
    demo.run("kernel install -n sci --prefix ./kernels").ok()
    (file,) = (demo.path / "kernels").rglob("kernel.json")
    spec = json.loads(file.read_text())
    assert (spec["display_name"], spec["env"]) == ("sci (Python 3.12)", {})
    assert str(demo.root) in spec["argv"]
    ran = in_shell(demo, spec["argv"])
    assert ran.stdout.startswith(f"{demo.root}:1 -Xfrozen_modules=off -m ipykernel_launcher"), ran.stderr


def test_one_that_is_active_is_told_and_not_removed(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    demo.environ["CONDA_PREFIX"] = str(demo.root)
    rows = json.loads(demo.run("env list --json").ok().stdout)
    rows = rows.get("environments", rows) if isinstance(rows, dict) else rows
    assert [row["active"] for row in rows if row["name"] == "sci"] == [True]
    ran = demo.run("env remove sci")
    assert ran.exit_code == 1
    assert demo.root.is_dir()


# -- projects ------------------------------------------------------------------------------------------


MANIFEST = """
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"

[tool.hutch]
package = false

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["{here}"]
dependencies = ["act"]
"""


@pytest.fixture
def science(demo):
    (demo.path / "pyproject.toml").write_text(MANIFEST.format(here=subdir_here()))
    return demo


def test_a_project_is_activated_by_run_activate_and_the_hook(science):
    ran = science.run("run act-tool")
    assert (ran.exit_code, ran.stdout) == (0, "tool <project>/.venv:1\n"), ran.stderr
    ran = science.run("run act-tool")  # nothing is to be done now
    assert (ran.exit_code, ran.stdout) == (0, "tool <project>/.venv:1\n"), ran.stderr
    said = json.loads(science.run("activate --json --shell bash").ok().stdout)
    assert said["set"]["CONDA_DEFAULT_ENV"] == science.path.name
    assert said["environment"] == "<project>/.venv"
    data, here = (shlex.quote(each) for each in (science.environ["HUTCH_DATA_DIR"], str(science.path)))
    text = science.run(f"shell-answer --data {data} -- bash enter {here} -").ok().stdout
    assert "__hutch_enter '<project>/.venv' '<project>/.venv/bin'" in text
    assert "__hutch_read '<project>/.venv/etc/conda/activate.d/DEEP.sh'" in text


def test_a_prefix_that_a_checkout_brings_is_not_read(science):
    science.run("sync").ok()
    theirs = science.path.with_name("theirs")
    shutil.copytree(science.path, theirs, symlinks=True)
    words = f"shell-answer --data {shlex.quote(science.environ['HUTCH_DATA_DIR'])} -- bash enter"
    text = science.run(f"{words} {shlex.quote(str(theirs))} -").ok().stdout
    assert "__hutch_say" in text
    assert "__hutch_enter" not in text
    assert "__hutch_read" not in text


# -- who evaluates otherwise -------------------------------------------------------------------------------


def test_direnv_has_the_variables_and_looks_at_the_history(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    text = demo.run("activate -n sci --shell direnv").ok().stdout
    script = demo.path / "envrc"
    script.write_text(
        'watch_file() { echo "watched $1"; }\n' + text.replace("<home>", str(demo.home)) + "env\n"
    )
    ran = subprocess.run(
        ["bash", str(script)], env={"PATH": PLAIN}, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    found = demo.filtered(ran.stdout)
    assert f"watched {demo.filtered(str(demo.root))}/conda-meta/history\n" in found
    assert f"DEEP={demo.filtered(str(demo.root))}:1\n" in found
    assert "deactivate ()" not in text


def test_nushell_is_told_what_to_do(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    assert shown(demo.run("activate -n sci --shell nushell")) == block("""
        exit 1
        error: nu cannot be told to activate an environment of conda's
          it evaluates nothing while it runs
        try: hutch shell starts one in which it is active; hutch run needs no activation
    """)


def test_csh_and_cmd_are_given_a_file_that_removes_itself(demo):
    demo.run(f"conda create -n sci {C} act").ok()
    (demo.home / "tmp").mkdir()
    demo.environ["TMPDIR"] = str(demo.home / "tmp")
    for shell, words in (("csh", "source '"), ("cmd", "")):
        line = demo.run(f"conda activate sci --shell {shell}", apart=True).ok().stdout
        (folder,) = (demo.home / "tmp").glob("hutch-*")
        (file,) = folder.iterdir()
        assert line.startswith(f"{words}{demo.filtered(str(file))}")
        assert folder.stat().st_mode & 0o077 == 0
        assert str(folder) in file.read_text().splitlines()[-1]
        shutil.rmtree(folder)
