"""``hutch shell`` at a real terminal, with start-up files that get in the way, in every shell here."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from commands.support import manifest
from shell.real import Terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="there are no terminals like this"),
]

PLAIN = "/usr/local/bin:/usr/bin:/bin"

# Start-up files as people have them: PATH is set anew, the prompt too, and something is defined.
FILES = {
    "bash": {".bashrc": f"export PATH={PLAIN}\nPS1='rc> '\nmine () {{ echo of-the-user; }}\n"},
    "zsh": {
        ".zshenv": "export FROM_ZSHENV=yes\n",
        ".zshrc": f"export PATH={PLAIN}\nPS1='rc> '\nmine () {{ echo of-the-user; }}\n",
    },
    "ksh": {".kshrc": f"export PATH={PLAIN}\nPS1='rc> '\nmine () {{ echo of-the-user; }}\n"},
    "dash": {"env.sh": f"export PATH={PLAIN}\nPS1='rc> '\nmine () {{ echo of-the-user; }}\n"},
    "fish": {
        ".config/fish/config.fish": (
            f"set -gx PATH {PLAIN.replace(':', ' ')}\n"
            "function fish_prompt; printf 'rc> '; end\nfunction mine; echo of-the-user; end\n"
        )
    },
    "tcsh": {".tcshrc": f"setenv PATH {PLAIN}\nset prompt='rc> '\nalias mine echo of-the-user\n"},
    "elvish": {
        ".config/elvish/rc.elv": (
            f"set-env PATH {PLAIN}\nset edit:prompt = {{ print 'rc> ' }}\nfn mine {{ echo of-the-user }}\n"
        )
    },
    "xonsh": {
        ".config/xonsh/rc.xsh": (
            f"$PATH = {PLAIN.split(':')!r}\n$PROMPT = 'rc> '\naliases['mine'] = 'echo of-the-user'\n"
        )
    },
}
STATUS = {"fish": "exit 7", "xonsh": "exit 7", "elvish": "exit 7", "tcsh": "exit 7"}


@pytest.fixture(params=FILES)
def name(request):
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} here")
    return request.param


@pytest.fixture
def demo(project):
    made = project(manifest(name="demo"))
    made.run("sync").ok()
    return made


def start(made, *words, cwd=".", **variables):
    """``hutch WORDS`` at a terminal."""
    environ = {
        **{each: value for each, value in os.environ.items() if not each.startswith("PYTEST")},
        **{each: value for each, value in made.environ.items() if value is not None},
        "PATH": PLAIN,
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each.endswith("src")),
        "TMPDIR": str(made.home / "tmp"),
        **variables,
    }
    (made.home / "tmp").mkdir(exist_ok=True)
    environ.pop("COLUMNS", None)
    return Terminal([sys.executable, "-m", "hutch", *words], environ, made.path / cwd, marks=made.path)


def write_files(made, name):
    for file, text in FILES[name].items():
        path = made.home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return {"ENV": str(made.home / "env.sh")} if name == "dash" else {}


def variable(name, which):
    return f"$E:{which}" if name == "elvish" else f"${which}"


def test_the_environment_is_active_behind_the_files_of_the_user(demo, name):
    more = write_files(demo, name)
    terminal = start(demo, "shell", "--shell", shutil.which(name), **more)
    terminal.type(f"echo {variable(name, 'VIRTUAL_ENV')} > told")
    terminal.type(f"echo {variable(name, 'PATH')} > path")
    terminal.type(f"echo {variable(name, 'HOME')} > home")
    terminal.type("python -c 'import sys; print(sys.prefix)' > prefix")
    terminal.type("mine > mine")
    if name != "xonsh":  # it draws in pieces
        terminal.wait_for("(demo) ")
    code = terminal.leave("exit 7")
    root = str(demo / ".venv")
    assert demo.read("told").strip() == root
    assert demo.read("prefix").strip() == root
    assert demo.read("home").strip() == str(demo.home)
    assert demo.read("mine").strip() == "of-the-user"
    if name not in ("xonsh", "fish"):  # a list, as it is shown there
        assert demo.read("path").strip() == f"{root}/bin:{PLAIN}"
    assert code == 7
    assert "in a shell with demo active; exit leaves it" in terminal.text()
    assert not list((demo.home / "tmp").glob("hutch-*"))


def test_deactivate_and_exit_leave_what_was(demo, name):
    more = write_files(demo, name)
    terminal = start(demo, "shell", "--no-sync", "--shell", shutil.which(name), **more)
    terminal.type("deactivate")
    terminal.type(f"echo {variable(name, 'PATH')} > path" if name != "xonsh" else "echo x > path")
    terminal.leave()
    assert demo.read("path").strip() == {"xonsh": "x", "fish": PLAIN.replace(":", " ")}.get(name, PLAIN)


@pytest.mark.parametrize("name", ["zsh"])
def test_a_zdotdir_of_ones_own_holds(demo, name):
    if shutil.which("zsh") is None:
        pytest.skip("no zsh here")
    own = demo.home / "z dir"
    own.mkdir()
    (own / ".zshrc").write_text(f"export PATH={PLAIN}\nFROM=rc\n")
    (demo.home / ".zshenv").write_text("ZDOTDIR=~/'z dir'\n")
    (demo.home / ".zshrc").write_text("FROM=wrong\n")
    terminal = start(demo, "shell", "--shell", "zsh")
    terminal.type('print -r -- "$FROM|$ZDOTDIR|$VIRTUAL_ENV" > told')
    terminal.leave()
    assert demo.read("told").strip() == f"rc|{own}|{demo / '.venv'}"


def test_job_control_and_ctrl_c_work(demo):
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    terminal = start(demo, "shell", "--shell", "bash")
    terminal.type("set -o | grep monitor > monitor")
    terminal._write("sleep 600\r")
    terminal.wait_for("sleep 600")
    terminal._read(0.3)
    terminal._write("\x1a")  # Ctrl-Z: the sleep stops, and the shell is there
    terminal.wait_for("Stopped")
    terminal.type("jobs > jobs")
    terminal.type("kill %1")
    terminal._write("\x03")  # it is the shell that gets it, and goes on
    terminal._read(0.5)
    terminal.type("echo still > here")
    assert terminal.leave("exit 0") == 0
    assert demo.read("monitor").split() == ["monitor", "on"]
    assert "sleep 600" in demo.read("jobs")
    assert demo.read("here") == "still\n"


def test_a_shell_within_itself_is_noticed(demo, project):
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    other = project(manifest(name="other"))
    other.run("sync").ok()
    terminal = start(demo, "shell", "--shell", "bash")
    again = f"{sys.executable} -m hutch shell --no-sync --shell bash"
    said = terminal.type(f"{again} && echo done > again")
    terminal.wait_for("you are in the shell of demo already; exit leaves it")
    assert said or demo.read("again") == "done\n"
    terminal._write(f"cd '{other.path}'; {again}\r")
    terminal.wait_for("this is a shell within the one of")
    terminal.type("echo $VIRTUAL_ENV > inner; echo $PATH >> inner")
    terminal._write("exit\r")
    terminal.type("echo $VIRTUAL_ENV > outer")
    terminal.leave()
    inner = other.read("inner").split("\n")
    assert inner[0] == str(other / ".venv")
    assert str(demo / ".venv") not in inner[1]
    assert other.read("outer").strip() == str(demo / ".venv")


def test_without_a_terminal_commands_are_read_and_words_are_passed_on(demo):
    demo.environ["PATH"] = PLAIN
    for shell in ("bash", "zsh", "fish", "dash"):
        if shutil.which(shell) is None:
            continue
        ran = demo.run(f"shell --shell {shell} -- -c 'echo $VIRTUAL_ENV; exit 3'", apart=True)
        assert (ran.exit_code, ran.stdout) == (3, "<project>/.venv\n"), ran.stderr
        ran = demo.run(f"shell --shell {shell}", stdin="echo $VIRTUAL_ENV\nexit 4\n", apart=True)
        assert (ran.exit_code, ran.stdout) == (4, "<project>/.venv\n"), ran.stderr


def test_a_shell_that_is_not_there_is_a_problem(project):
    made = project(manifest(name="demo"))
    ran = made.run("shell --shell nosuchshell")
    assert made.tree() == ["pyproject.toml"]
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == (
        "error: there is no shell nosuchshell\ntry: --shell takes a name on PATH, or a path\n"
    )


def test_a_prompt_of_a_hostile_project_runs_nothing(demo, name):
    """`pyvenv.cfg` may come with a checkout: what it calls its prompt is shown, and not obeyed."""
    settings = demo / ".venv" / "pyvenv.cfg"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("prompt")]
    evil = "a'$(touch sentinel)`touch sentinel`\";touch sentinel;\u2019;touch sentinel;%(1~.x.y)!!\\"
    settings.write_text("\n".join([*lines, f"prompt = {evil}", ""]))
    more = write_files(demo, name)
    terminal = start(demo, "shell", "--no-sync", "--shell", shutil.which(name), **more)
    terminal.type("echo here > here")
    terminal.type("echo again > here")
    terminal.leave()
    assert demo.read("here") == "again\n"
    assert not list(demo.path.rglob("sentinel*"))


def test_at_a_terminal_activate_says_what_to_type(demo):
    terminal = start(demo, "activate", "--shell", "fish")
    assert terminal.leave("") == 0
    assert [line.rstrip() for line in terminal.text().split("\n") if line.strip()] == [
        "A command cannot change the shell that it was called from. To activate demo:",
        "  hutch activate --shell fish | source",
        "hutch shell starts a shell in which it is active; hutch shell-hook does this",
        "whenever you enter a project",
    ]


def test_the_hook_in_the_files_of_the_user_leaves_it_alone(demo):
    """Both activate: a shell of `hutch shell` is in its environment until one leaves it."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    hutch = f"{sys.executable} -m hutch"
    (demo.home / ".bashrc").write_text(
        f'PATH={PLAIN}\nPS1=\'rc> \'\nhutch () {{ {hutch} "$@"; }}\neval "$(hutch shell-hook bash)"\n'
    )
    demo.run("allow").ok()
    terminal = start(demo, "shell", "--shell", "bash")
    terminal.type("cd /; cd -")
    terminal.type("echo $VIRTUAL_ENV > told; echo $PATH >> told")
    terminal.wait_for("(demo) rc> ")
    terminal.leave()
    root = str(demo / ".venv")
    assert demo.read("told") == f"{root}\n{root}/bin:{PLAIN}\n"
    assert "(demo) (demo)" not in terminal.text()


def test_an_environment_by_its_name_and_variables_of_a_file(demo):
    demo.run("env create play").ok()
    demo.write({"my.env": "GREETING='hello there'\n"})
    line = 'echo "$VIRTUAL_ENV|$VIRTUAL_ENV_PROMPT|$GREETING|$HUTCH_IN_SHELL"\n'
    ran = demo.run("shell --shell sh -n play --env-file my.env", stdin=line, apart=True)
    root = ran.stdout.partition("|")[0]
    assert root.endswith("/envs/play")
    assert ran.stdout == f"{root}|play|hello there|{root}\n"


def test_it_is_brought_up_to_date_unless_that_is_not_wanted(demo, index):
    index.add_wheel("alpha", "1.0")
    demo.write({"pyproject.toml": manifest("alpha", name="demo")})
    code = "python -c 'import alpha' && echo there || echo missing\n"
    assert demo.run("shell --shell sh --no-sync", stdin=code, apart=True).stdout == "missing\n"
    assert demo.run("shell --shell sh --locked", stdin=code, apart=True).exit_code == 1
    assert demo.run("shell --shell sh", stdin=code, apart=True).stdout == "there\n"


def test_outside_of_a_project_the_nearest_environment_is_meant(project):
    made = project({})
    made.run("venv").ok()
    (made / "below").mkdir()
    ran = made.run("shell --shell sh", stdin="echo $VIRTUAL_ENV\n", cwd="below", apart=True)
    assert ran.stdout == "<project>/.venv\n"
    assert project({}).run("shell --shell sh", stdin="echo no\n", apart=True).exit_code == 1


def test_a_project_may_lie_anywhere(project, name):
    made = project({})
    folder = "it's a $x (b) `c` !d #e; ü \u2019"
    (made / folder).mkdir()
    (made / folder / "pyproject.toml").write_text(manifest(name="demo"))
    made.run("sync", cwd=folder).ok()
    more = write_files(made, name)
    terminal = start(made, "shell", "--no-sync", "--shell", shutil.which(name), cwd=folder, **more)
    terminal.type("python -c 'import sys; print(sys.prefix)' > prefix")
    terminal.leave()
    assert (made / folder / "prefix").read_text().strip() == str(made / folder / ".venv")
