"""``hutch run``: a command in the environment; its words, its exit code and its signals are its own."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import os

import pytest

from commands.support import block, installed, manifest, shown

SHOW = "import sys; print(sys.argv[1:])"


@pytest.fixture
def demo(project, index):
    index.add_wheel(
        "tool",
        "1.0",
        files={"tool.py": "import sys\n\ndef main():\n    print('tool', *sys.argv[1:])\n    return 7\n"},
        console_scripts={"tool": "tool:main"},
    )
    return project(manifest("tool"))


def test_the_environment_is_made_first(demo):
    assert shown(demo.run("run python -c 'import tool; print(tool.__name__)'")) == block("""
        exit 0
        -- stdout --
        tool
    """)
    assert installed(demo) == {"tool": "1.0"}


def test_the_exit_code_is_the_command_s(demo):
    assert demo.run("run python -c 'raise SystemExit(42)'").exit_code == 42
    assert demo.run("run tool").exit_code == 7
    assert demo.run("run python -c 'import os; os.abort()'").exit_code in (-6, 134)


@pytest.mark.parametrize(
    "words",
    [
        ["-x", "--flag", "--", "--help"],
        ["--version", "-q", "--project=x", "a b", ""],
        ["--locked", "*", "$HOME", "'", '"', "\\"],
    ],
)
def test_all_words_after_the_command_are_its_own(demo, words):
    import shlex

    demo.run("sync").ok()
    for again in range(2):  # the second time on the short way, where nothing is to do
        ran = demo.run(f"run python -c {shlex.quote(SHOW)} {shlex.join(words)}").ok()
        assert ran.stdout == f"{words!r}\n", again


def test_two_dashes_before_the_command(demo):
    assert demo.run("run -- tool -v").stdout == "tool -v\n"


def test_a_python_file(demo):
    demo.write({"hello.py": "import sys, tool\nprint('hello', *sys.argv[1:])\n"})
    assert demo.run("run hello.py -v").ok().stdout == "hello -v\n"
    demo.write({"sub/deep.py": "print('deep')\n"})
    assert demo.run("run deep.py", cwd="sub").ok().stdout == "deep\n"


def test_the_child_s_environment(demo):
    show = "import os, sys; print(os.environ['VIRTUAL_ENV'], os.environ['PATH'].split(os.pathsep)[0], sys.prefix)"
    ran = demo.run(f'run python -c "{show}"', environ={"PYTHONHOME": "/nonexistent"}).ok()
    assert ran.stdout == "<project>/.venv <project>/.venv/bin <project>/.venv\n"


def test_an_environment_file(demo):
    demo.write({".env": "# settings\nexport A=1\nB='two words'\n\nC=\"line\\nbreak\"\n"})
    show = "import os; print(repr([os.environ[n] for n in 'ABC']))"
    ran = demo.run(f'run --env-file .env python -c "{show}"').ok()
    assert ran.stdout == "['1', 'two words', 'line\\nbreak']\n"


def test_an_environment_file_that_is_none(demo):
    assert shown(demo.run("run --env-file .env tool")) == block("""
        exit 1
        error: cannot read <project>/.env
          No such file or directory
    """)
    demo.write({".env": "A=1\nwhat is this\n"})
    assert shown(demo.run("run --env-file .env tool")) == block("""
        exit 1
        error: .env:2 is not NAME=value
          it reads 'what is this'
        try: comments begin with #
    """)


def test_a_command_that_is_not_there(demo):
    demo.run("sync").ok()
    assert shown(demo.run("run tol")) == block("""
        exit 1
        error: there is no command tol
          it is neither in the project's environment nor on PATH
        try: did you mean tool?
         or: hutch add tol installs it, if it is a package of that name
    """)
    assert shown(demo.run("run no-such-command")) == block("""
        exit 1
        error: there is no command no-such-command
          it is neither in the project's environment nor on PATH
        try: hutch add no-such-command installs it, if it is a package of that name
    """)


SCRIPTS = {
    "pdm": (
        '[tool.pdm]\ndistribution = false\n[tool.pdm.scripts]\nhi = "python -V"\n',
        "hutch run python -V",
        "pdm run hi",
    ),
    "pdm, table": (
        '[tool.pdm]\ndistribution = false\n[tool.pdm.scripts]\nhi = {cmd = "a b"}\n',
        "hutch run a b",
        "pdm run hi",
    ),
    "pdm, shell": (
        '[tool.pdm]\ndistribution = false\n[tool.pdm.scripts]\nhi = {shell = "a | b"}\n',
        None,
        "pdm run hi",
    ),
    "hatch": ('[tool.hatch.envs.default.scripts]\nhi = ["a", "b"]\n', None, "hatch run hi"),
    "poe": ('[tool.poe.tasks]\nhi = "a $B"\n', None, "poe hi"),
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_script_of_another_tool_is_no_package_to_add(kind, project, index):
    text, command, native = SCRIPTS[kind]
    made = project(manifest(more=text))
    assert shown(made.run("run hi")) == block(f"""
        exit 1
        error: there is no command hi
          it is a script in pyproject.toml, and hutch does not run those by their names
        try: {f"{command}" if command else native}
    """) + (f" or: {native}\n" if command else "")


def test_a_script_of_a_pipfile(project, index):
    made = project(
        {"Pipfile": f'[[source]]\nname = "i"\nurl = "{index.url}"\n[packages]\n[scripts]\nhi = "x"\n'}
    )
    ran = made.run("run hi")
    assert (ran.exit_code, "try: hutch run x\n or: pipenv run hi\n" in ran.stderr) == (1, True)


def test_a_command_that_cannot_be_started(demo):
    demo.write({"data.txt": "no program\n"})
    demo.run("sync").ok()
    assert shown(demo.run("run ./data.txt")) == block("""
        exit 1
        error: cannot run ./data.txt
          it is not executable
        try: chmod +x ./data.txt
    """)
    assert shown(demo.run("run ./nothing")) == block("""
        exit 1
        error: there is no file ./nothing
    """)


def test_no_sync(demo):
    demo.run("sync").ok()
    demo.write({"pyproject.toml": manifest("tool", "nonesuch")})
    assert demo.run("run --no-sync tool").exit_code == 7
    assert demo.run("run tool").exit_code == 1


def test_no_sync_without_an_environment(demo):
    assert shown(demo.run("run --no-sync tool")) == block("""
        exit 1
        error: there is no environment in <project>/.venv
        try: hutch sync makes it; or leave --no-sync out
    """)


def test_locked_and_frozen(demo):
    assert demo.run("run --locked tool").exit_code == 1
    demo.run("lock").ok()
    demo.write({"pyproject.toml": manifest("tool", "nonesuch")})
    assert demo.run("run --frozen tool").exit_code == 7
    assert shown(demo.run("run --locked tool")) == block("""
        exit 1
        error: pylock.toml is not up to date
          pyproject.toml or the configuration asks for something else than when it was made
        try: run hutch lock
    """)


def test_run_keeps_what_is_there(demo, index):
    """``run`` adds what is missing, and takes nothing away that somebody chose: ``sync`` does."""
    index.add_wheel("extra", "1.0")
    demo.write({"pyproject.toml": manifest("tool", groups={"lint": ["extra"]})})
    demo.run("sync --group lint").ok()
    demo.run("run python -c 'import tool'").ok()
    assert set(installed(demo)) == {"tool", "extra"}
    demo.write({"pyproject.toml": manifest("tool")})
    demo.run("run python -c 'import tool'").ok()
    assert set(installed(demo)) == {"tool", "extra"}
    demo.run("sync").ok()
    assert set(installed(demo)) == {"tool"}


def test_without_a_command(demo):
    assert shown(demo.run("run")) == block("""
        exit 2
        error: `hutch run` needs a COMMAND
          COMMAND: The command and its arguments, or a .py file
        try: hutch run pytest -q
    """)


def test_standard_input_goes_to_the_command(demo):
    demo.run("sync").ok()
    assert demo.run("run python -c 'print(input()[::-1])'", stdin="abc\n").stdout == "cba\n"


def test_where_there_is_no_project(project):
    assert shown(project().run("run python")) == block("""
        exit 1
        error: no project here
          neither <project> nor a directory above it has a pyproject.toml, a Pipfile or the like
        try: hutch init starts one in this directory
    """)


def test_quiet(demo):
    ran = demo.run("-q run python -c 'print(1)'").ok()
    assert (ran.stdout, ran.stderr) == ("1\n", "")


def test_the_command_is_hutch_s_own_process(demo):
    """Signals, job control and the exit code need nobody in between."""
    demo.run("sync").ok()
    process = demo.start("run python -c 'import os; print(os.getpid())'", stdout=-1)
    out, _ = process.communicate(timeout=60)
    if os.name != "nt":
        assert int(out) == process.pid
