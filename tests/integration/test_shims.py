"""Both kinds of shims against the rules in Python, on random trees; and what has to pass through them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.ops.context import Context
from hutch.ops.python_which import PythonWhichOptions, python_which
from hutch.ops.trust import allow_environment, deny
from integration.shim_world import KINDS, World

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="there are no shims on Windows"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler"),
]

NAMES = ("python", "python", "python3", "python3.21", "python3.22", "python3.23", "pip")
PINS = st.lists(
    st.sampled_from(
        ["3.21", "3.21.4", "3.22", "3.22.0 # why", "  3.22.9\r", "myenv", "train", "system", "# nothing", "",
         "python-3.21.4", "3.77", "gone", ">=3.21,<3.22", "../../x", "-c", "3.21;reboot", "$(reboot)",
         "\u00e9", "latest"]
    ),
    max_size=3,
).map("\n".join)  # fmt: skip
FOLDERS = st.fixed_dictionaries(
    {},
    optional={
        ".python-version": PINS,
        ".tool-versions": st.sampled_from(["python 3.21.4\n", "nodejs 20\n", "python system\n"]),
        "runtime.txt": st.sampled_from(["python-3.22.0\n", "what\n"]),
        ".venv": st.sampled_from(["good", "broken", "file", "empty"]),
    },
)
SAID = st.sampled_from(["", "", "", "3.21", "3.22.0:3.21", "myenv", "train", "system", "3.77", " 3.21"])
MARKS = st.sampled_from(["none", "none", "allowed", "denied", "lapsed"])
WORLDS = st.fixed_dictionaries(
    {
        "versions": st.sets(st.sampled_from(["3.21.4", "3.22.0", "3.22.9"]), min_size=1),
        "names": st.sets(st.sampled_from(["myenv", "train"])),
        "levels": st.lists(st.tuples(FOLDERS, MARKS), min_size=1, max_size=3),
        "global": st.sampled_from(["", "", "3.21\n", "3.77\n", "system\n"]),
        "pyenv": st.sampled_from(["", "", "3.22\n", "system\n"]),
        "on_path": st.sampled_from([(), ("python3",), ("python", "python3", "pip")]),
        "HUTCH_PYTHON": SAID.map(str.strip),
        "PYENV_VERSION": SAID,
        "name": st.sampled_from(NAMES),
        "by_a_link": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> object:
    return World(tmp_path_factory.mktemp("shims"))


def build(world, said) -> tuple[Path, dict[str, str]]:
    """Make it real; where to stand, and with which variables."""
    world.clear()
    for version in sorted(said["versions"]):
        world.install(version)
    base = world.pyenv / "versions" / min(said["versions"])
    if "myenv" in said["names"]:
        world.environment(world.pyenv / "versions" / "myenv", base)
    if "train" in said["names"]:
        world.environment(world.data / "envs" / "train", base)
    here = world.tree
    for number, (folder, mark) in enumerate(said["levels"]):
        here = here / f"a b{number}"
        here.mkdir()
        settle(world, here, folder, mark, base)
    if said["global"]:
        (world.data / "python-version").write_text(said["global"])
    if said["pyenv"]:
        (world.pyenv / "version").write_text(said["pyenv"])
    for name in said["on_path"]:
        os.link(world.python, world.bin / name)
    if said["by_a_link"]:
        (world.tree / "link").symlink_to(here)
        here = world.tree / "link"
    variables = {name: said[name] for name in ("HUTCH_PYTHON", "PYENV_VERSION") if said[name]}
    return here, world.environ(**variables)


def settle(world, here: Path, folder, mark: str, base: Path) -> None:
    for name, text in folder.items():
        if name == ".venv":
            if text == "file":
                (here / ".venv").write_text("/nowhere\n")
            else:
                world.environment(here / ".venv", base if text != "broken" else Path("/nowhere"))
            if text == "empty":
                shutil.rmtree(here / ".venv" / "bin")
        else:
            (here / name).write_text(text)
    if mark in ("allowed", "lapsed"):
        allow_environment(str(world.data), str(here))
    if mark == "lapsed":
        for _ in range(2):  # a folder of its name, which is another one
            (here / ".venv").rename(here / ".was") if (here / ".venv").exists() else None
            (here / ".venv").mkdir()
            (here / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n")
            (here / ".venv" / "bin").mkdir()
            os.link(world.python, here / ".venv" / "bin" / "python")
            break
    if mark == "denied":
        deny(str(world.data), str(here))


def expected(world, name: str, here: Path, environ, note: bool = False) -> str | None:
    """The first line that the target prints; None where there is none."""
    try:
        found = world.decide(name, here, environ, note=note).path
    except Problem:
        return None
    if name != "pip":
        return found
    beside = os.path.join(os.path.dirname(found), "pip")
    if os.path.exists(beside):
        return beside
    root = os.path.dirname(os.path.dirname(found))
    if not os.path.exists(os.path.join(root, "pyvenv.cfg")):
        return found  # with `-m pip`
    return f"HUTCH {root} {environ.get('HUTCH_PYTHON', '')} pip"


def who(world, name: str, here: Path, environ) -> str:
    """The first line of the target; a Python of this machine says it, too."""
    said = world.shell_call(name, "-c", "import sys; print(sys.executable)", cwd=here, environ=environ)[1]
    return said.splitlines()[0].partition(" -c ")[0]


def as_which_says(world, here: Path, environ, answer: str) -> None:
    """`hutch python which` names the same, where somebody asks for a version and no `.venv` is near."""
    found = world.decide("python", here, environ)
    near = any((folder / ".venv").exists() for folder in (here.resolve(), *here.resolve().parents))
    if near or not found.word[:1].isdigit():
        return
    which = python_which(Context(here.resolve(), environ), PythonWhichOptions())
    assert os.path.realpath(which.paths[0][0]) == os.path.realpath(answer), which


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(said=WORLDS)
def test_shims_and_rules_agree(world, said):
    """What a shim answers is what the rules say, or it asks; and it asks for nothing twice."""
    here, environ = build(world, said)
    name = said["name"]
    answer = expected(world, name, here, environ)
    for kind in KINDS:
        world.use(kind)
        first = who(world, name, here, environ)
        assert first in ("SLOW", answer)
    assert expected(world, name, here, environ, note=True) == answer
    if name == "python" and answer is not None:
        as_which_says(world, here, environ, answer)
    for kind in KINDS:
        world.use(kind)
        again = who(world, name, here, environ)
        assert again == (answer or "SLOW"), kind


@pytest.fixture(params=KINDS)
def shim(request, world):
    """A world with two Pythons, 3.21 pinned and known to the table, and one kind of shims."""
    world.clear()
    for version in ("3.21.4", "3.22.9"):
        world.install(version)
    (world.tree / ".python-version").write_text("3.21\n")
    world.decide("python", world.tree, note=True)
    world.use(request.param)
    return world


def test_words_input_and_exit_code_pass_through(shim):
    words = ("", "a b", "it's", '"', "$HOME", "*", "\\", "-c", "é\n2")
    code, said = shim.call("python", *words, cwd=shim.tree)
    target = shim.pyenv / "versions/3.21.4/bin/python"
    assert (code, said) == (0, f"{target}\n" + "".join(f"[{word}]\n" for word in words))
    assert shim.call("python", "--fail", cwd=shim.tree)[0] == 41
    assert "read a line\n" in shim.call("python", "--read", cwd=shim.tree, stdin="a line\nmore\n")[1]


def test_pip_is_never_that_of_another_python(shim):
    """A Python without pip is asked for its own, though PATH has one, and a folder that nobody allowed."""
    os.link(shim.python, shim.bin / "pip")
    shim.environment(shim.tree / ".venv", shim.pyenv / "versions/3.22.9")
    python = shim.pyenv / "versions/3.21.4/bin/python"
    assert shim.call("pip", "list", cwd=shim.tree)[1] == f"{python}\n[-m]\n[pip]\n[list]\n"
    os.link(shim.python, python.parent / "pip")
    assert shim.call("pip", "list", cwd=shim.tree)[1] == f"{python.parent}/pip\n[list]\n"


def test_variables_pass_through_unchanged(shim):
    odd = {"IFS": "x", "_h_name": "mine", "CDPATH": "/", "ENV": "/nowhere", "name": "a b"}
    environ = shim.environ(**odd)
    for name, value in [*odd.items(), ("_HUTCH_SHIM", "unset"), ("OLDPWD", "unset")]:
        if name in ("_h_name", "IFS") and (shim.shims / "python").read_bytes()[:2] == b"#!":
            continue  # a script has to call its own something, and no shell passes IFS on
        said = shim.call("python", "--show", name, cwd=shim.tree, environ=environ)[1]
        assert said.splitlines()[-1] == value, name


def test_the_process_stays_the_same(shim):
    """Signals and the number of the process are those of the target: nothing waits in between."""
    target = shim.pyenv / "versions/3.21.4/bin/python3.21"
    target.unlink()
    target.write_text("#!/bin/sh\necho $$\nexec sleep 60\n")
    target.chmod(0o755)
    process = subprocess.Popen(
        [shim.shims / "python"],
        cwd=shim.tree,
        env={**shim.environ(), "PATH": os.defpath},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert int(process.stdout.readline()) == process.pid
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM
    process.stdout.close()


HOSTILE = {
    "upwards": b"../../x\n",
    "absolute": b"/bin/sh\n",
    "an option": b"-c\n",
    "a command": b"$(touch PWNED)\n`touch PWNED`\n;touch PWNED\n",
    "a quote": b"'; touch PWNED; '\n",
    "a star": b"*\n?\n",
    "zeros": b"3.21\0\n",
    "no text": bytes(range(256)),
    "long": b"3" * 200_000,
    "many lines": b"gone\n" * 10_000,
    "many comments": b"# no\n" * 10_000,
    "stamp": b"../stamp\n",
    "dots": b".\n..\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_hostile_pin_says_is_never_run(shim, text):
    """At most the slow way is asked, which refuses it as it does elsewhere."""
    (shim.tree / ".python-version").write_bytes(text)
    said = shim.call("python", cwd=shim.tree)[1]
    known = str(shim.pyenv / "versions/3.21.4/bin/python")
    assert said in ("SLOW\n", f"{known}\n"), said
    assert (said == f"{known}\n") <= (text == HOSTILE["zeros"])  # shells read no zeros
    assert not list(shim.top.rglob("PWNED"))


def test_a_pipe_as_a_pin_keeps_nobody_waiting(shim):
    (shim.tree / ".python-version").unlink()
    os.mkfifo(shim.tree / ".python-version")
    (shim.data / "python-version").write_text("3.21\n")
    assert shim.call("python", cwd=shim.tree)[1] == f"{shim.pyenv}/versions/3.21.4/bin/python\n"


def test_an_environment_that_nobody_allowed_is_not_run(shim):
    inner = shim.tree / "inner"
    shim.environment(inner / ".venv", shim.pyenv / "versions/3.22.9")
    pinned = f"{shim.pyenv}/versions/3.21.4/bin/python\n"
    assert shim.call("python", cwd=inner)[1] == pinned
    allow_environment(str(shim.data), str(inner))
    shim.decide("python", inner, note=True)
    assert shim.call("python", cwd=inner)[1] == f"{inner}/.venv/bin/python\n"
    deny(str(shim.data), str(inner))
    assert shim.call("python", cwd=inner)[1] == pinned


def test_an_environment_in_the_place_of_an_allowed_one_is_not_run(shim):
    """The folder is another one of that name, with dates of long ago."""
    inner = shim.tree / "inner"
    shim.environment(inner / ".venv", shim.pyenv / "versions/3.22.9")
    allow_environment(str(shim.data), str(inner))
    shim.decide("python", inner, note=True)
    (inner / ".venv").rename(shim.top / "away")
    shim.environment(inner / ".venv", shim.pyenv / "versions/3.22.9")
    for path in (inner / ".venv" / "pyvenv.cfg", inner / ".venv" / "bin", inner / ".venv"):
        os.utime(path, (1, 1))
    assert shim.call("python", cwd=inner)[1] in ("SLOW\n", f"{shim.pyenv}/versions/3.21.4/bin/python\n")
    assert shim.decide("python", inner).path == f"{shim.pyenv}/versions/3.21.4/bin/python"
    shutil.rmtree(shim.top / "away")


def test_a_python_that_comes_or_goes_is_seen(shim):
    """By the dates of the folders, though nobody told the tables."""
    (shim.tree / ".python-version").write_text("3.22\n")
    shim.decide("python", shim.tree, note=True)
    assert shim.call("python", cwd=shim.tree)[1].endswith("3.22.9/bin/python\n")
    shutil.rmtree(shim.pyenv / "versions/3.22.9")
    assert shim.call("python", cwd=shim.tree)[1] == "SLOW\n"
    shim.install("3.22.11")
    assert shim.call("python", cwd=shim.tree)[1] == "SLOW\n"
    shim.decide("python", shim.tree, note=True)
    assert shim.call("python", cwd=shim.tree)[1].endswith("3.22.11/bin/python\n")


def test_what_was_answered_for_one_name_is_not_the_answer_for_another(shim):
    """A range and a path behind the first name are looked up when it is their turn, and not before."""
    (shim.tree / ".python-version").write_text(">=3.21,<3.22\n>=3.22\n/bin/sh\n")
    shim.decide("python", shim.tree, note=True)
    assert shim.call("python", cwd=shim.tree)[1].endswith("3.21.4/bin/python\n")
    assert shim.call("python3.22", cwd=shim.tree)[1] == "SLOW\n"
    assert shim.decide("python3.22", shim.tree, note=True).word == ">=3.22"
    assert shim.call("python3.22", cwd=shim.tree)[1].endswith("3.22.9/bin/python3.22\n")


def test_a_pin_that_is_nowhere_stays_a_problem(shim):
    """It is no reason to take what comes next, the second time either."""
    (shim.data / "python-version").write_text("3.21\n")
    (shim.tree / ".python-version").write_text("3.77\n")
    for _ in range(2):
        with pytest.raises(Problem):
            shim.decide("python", shim.tree, note=True)
        assert shim.call("python", cwd=shim.tree)[1] == "SLOW\n"


def test_two_shims_that_call_each_other_end(shim):
    """Another tool's shim that looks for python on PATH finds ours."""
    (shim.tree / ".python-version").write_text("system\n")
    other = shim.bin / "python"
    other.write_text(f'#!/bin/sh\nexec {shim.shims}/python "$@"\n')
    other.chmod(0o755)
    code, said = shim.call("python", cwd=shim.tree)
    assert (code, said) == (127, f"python: two shims on PATH call each other, the other one is {other}\n")


def test_without_hutch_it_says_so(shim):
    (shim.tree / ".python-version").write_text("3.77\n")
    shim.hutch.rename(shim.top / "gone")
    try:
        code, said = shim.call("python", cwd=shim.tree)
    finally:
        (shim.top / "gone").rename(shim.hutch)
    assert code == 127
    assert said.startswith(f"python: hutch is not where it was ({shim.hutch})")
    assert said.endswith("\ntry: hutch python shim install, with the hutch that there is now\n")


def test_a_folder_that_is_gone_is_no_reason_to_fail(shim):
    gone = shim.tree / "gone"
    gone.mkdir()
    (shim.data / "python-version").write_text("3.21\n")
    line = f'cd "{gone}" && rmdir "{gone}" && exec {shim.shims}/python'
    ran = subprocess.run(
        ["sh", "-c", line], env=shim.environ(PATH=os.defpath), capture_output=True, text=True
    )
    assert ran.stdout == f"{shim.pyenv}/versions/3.21.4/bin/python\n"
