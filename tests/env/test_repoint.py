"""An environment that was moved or copied finds itself again; a repair that is killed is repeated."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from env.support import sync, tree
from env.test_kill import killed_at
from hutch.env import (
    Environment,
    Wanted,
    create_environment,
    find_moved,
    open_environment,
    read_history,
    repoint,
    verify_environment,
)
from hutch.env.launchers import LauncherFacts, render_shebang, split_shebang
from hutch.env.recording import foreign_steps, packages_now
from hutch.env.repointing import foreign_commands, former_place
from hutch.interpreters import Interpreter

pytestmark = pytest.mark.skipif(os.name == "nt", reason="commands are started by their first lines")

PROGRAM = "def main():\n    import sys\n    print(sys.prefix)\n"


@pytest.fixture
def filled(environment: Environment, wheel: Callable[..., Wanted]) -> Environment:
    made = wheel(
        "web",
        "1.0",
        files={"web/__init__.py": PROGRAM},
        console_scripts={"web": "web:main", "web-admin": "web:main"},
        data={
            "scripts/plain": "#!python\nimport sys\nprint(sys.prefix)\n",
            "scripts/sh": "#!/bin/sh\necho x\n",
        },
    )
    sync(environment, made, wheel("other", "2", files={"other.py": ""}))
    return environment


def said(environment: Environment, command: str) -> str:
    path = os.path.join(environment.root, environment.scripts, command)
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([path], capture_output=True, text=True, check=True, env=environ)
    return done.stdout.strip()


def moved(environment: Environment, to: Path) -> Environment:
    shutil.move(environment.root, to)
    return open_environment(to)


def faults(environment: Environment) -> list[str]:
    return [f"{each.path} {each.detail}" for each in verify_environment(environment, deep=True).findings]


@pytest.mark.parametrize("name", ["elsewhere", 'a b/it\'s $HOME `x` "q" ü', "n" * 120])
def test_a_moved_environment_is_made_right_where_it_is(
    filled: Environment, tmp_path: Path, name: str
) -> None:
    before = filled.root
    (tmp_path / name).parent.mkdir(exist_ok=True)
    env = moved(filled, tmp_path / name)
    assert find_moved(env) == before
    assert foreign_commands(env, before) == ["bin/plain", "bin/web", "bin/web-admin"]
    assert len(faults(env)) == 3, "each of them wants a Python that is gone"
    done = repoint(env)
    assert (done.before, done.commands) == (before, ("bin/plain", "bin/web", "bin/web-admin"))
    env = open_environment(env.root)
    assert [said(env, each) for each in ("web", "web-admin", "plain")] == [env.root] * 3
    assert faults(env) == []
    assert find_moved(env) == ""
    assert former_place(env) == env.root
    assert b"VIRTUAL_ENV=" in (env.path / "bin" / "activate").read_bytes()
    assert not repoint(env), "there is nothing to do the second time"


def test_a_copy_does_not_run_the_original(filled: Environment, tmp_path: Path) -> None:
    shutil.copytree(filled.root, tmp_path / "copy", symlinks=True)
    copy, before = open_environment(tmp_path / "copy"), tree(filled.root)
    assert said(copy, "web") == filled.root
    assert faults(copy) != []
    repoint(copy)
    assert said(copy, "web") == copy.root
    assert faults(open_environment(copy.root)) == []
    assert tree(filled.root) == before, "the original is not touched"


def test_what_is_edited_keeps_the_edit_and_what_is_not_ours_stays(
    filled: Environment, tmp_path: Path
) -> None:
    scripts = filled.path / "bin"
    (scripts / "web").write_bytes((scripts / "web").read_bytes() + b"# mine\n")
    (scripts / "mine").write_text("#!/usr/bin/env python3\n")
    (scripts / "system").write_text("#!/usr/bin/python3\n")
    env = moved(filled, tmp_path / "there")
    repoint(env)
    assert (env.path / "bin" / "web").read_bytes().endswith(b"# mine\n")
    assert said(env, "web") == env.root
    assert (env.path / "bin" / "mine").read_text() == "#!/usr/bin/env python3\n"
    assert (env.path / "bin" / "system").read_text() == "#!/usr/bin/python3\n"
    found = verify_environment(open_environment(env.root), deep=True).findings
    assert [each.path for each in found if each.is_fault] == ["bin/web"]


def test_the_history_takes_it_for_the_same_packages(
    environment: Environment, wheel: Callable[..., Wanted], tmp_path: Path
) -> None:
    """A command that grows from 999 bytes makes its RECORD longer, which is what the history knows it by."""
    facts = LauncherFacts(python=os.path.join(environment.root, "bin", "python"))
    body = "#" * (998 - len(render_shebang(facts))) + "\n"
    sync(environment, wheel("web", "1.0", files={"web.py": ""}, data={"scripts/web": "#!python\n" + body}))
    (before,) = environment.installed().values()
    env = moved(environment, tmp_path / ("much-longer-" * 5))
    assert repoint(env).commands == ("bin/web",)
    (after,) = env.installed().values()
    assert after.record_size == before.record_size + 1
    newest = read_history(env.root)[-1]
    assert foreign_steps(newest, packages_now(env.root, env.installed(), newest)) == ()
    assert packages_now(env.root, env.installed(), newest) == newest.packages


def test_environments_of_venv_are_found_out_too(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "a b"], check=True)
    env = open_environment(tmp_path / "a b")
    assert (former_place(env), find_moved(env)) == (str(tmp_path / "a b"), "")
    env = moved(env, tmp_path / "c")
    assert find_moved(env) == str(tmp_path / "a b")
    repoint(env)
    assert find_moved(open_environment(tmp_path / "c")) == ""


def test_a_directory_that_is_a_link_is_no_other_place(filled: Environment, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(filled.root)
    env = open_environment(tmp_path / "link")
    assert find_moved(env) == ""
    assert foreign_commands(env, former_place(env)) == []


def test_for_another_place_before_it_is_there(filled: Environment, tmp_path: Path) -> None:
    final = tmp_path / "final"
    repoint(filled, place=str(final))
    os.rename(filled.root, final)
    env = open_environment(final)
    assert (find_moved(env), faults(env), said(env, "web")) == ("", [], str(final))


def test_from_relocatable_and_back(filled: Environment, tmp_path: Path) -> None:
    first = tree(filled.root)
    repoint(filled, relocatable=True)
    env = open_environment(filled.root)
    assert env.relocatable
    assert faults(env) == []
    env = moved(env, tmp_path / "there")
    assert said(env, "web") == env.root, "without any repair"
    env = moved(env, Path(filled.root))
    repoint(env, relocatable=False)
    assert {path for path, what in tree(env.root).items() if first.get(path) != what} <= {"pyvenv.cfg"}


def test_another_python_of_the_same_minor_version(filled: Environment, interpreter: Interpreter) -> None:
    path = os.path.join(filled.root, "bin", "python")
    os.unlink(path)
    os.symlink("/gone/bin/python", path)
    repoint(filled, interpreter=interpreter)
    env = open_environment(filled.root)
    assert said(env, "web") == env.root
    assert faults(env) == []


def test_killed_anywhere_the_next_one_finishes(filled: Environment, tmp_path: Path) -> None:
    before = filled.root
    moved_to = tmp_path / "there-and-further"
    shutil.move(before, moved_to)
    whole: dict[str, str] = {}
    step = 0
    while True:
        env_root = tmp_path / "at"
        shutil.copytree(moved_to, env_root, symlinks=True)
        killed = killed_at(step, partial(repoint, open_environment(env_root)))
        repoint(open_environment(env_root))
        env = open_environment(env_root)
        assert (faults(env), find_moved(env)) == ([], ""), f"killed at step {step}"
        assert not whole or tree(env_root) == whole, f"killed at step {step}"
        whole = tree(env_root)
        shutil.rmtree(env_root)
        if not killed:
            break
        step += 1
    assert step > 10


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"#!/a/bin/python3\nx", ("/a/bin/python3", b"x")),
        (b"#! /a/bin/python3 \nx", ("/a/bin/python3", b"x")),
        (b"#!/bin/sh\n'''exec' \"/a b/bin/python\" \"$0\" \"$@\"\n' '''\nx", ("/a b/bin/python", b"x")),
        (b"#!/bin/sh\n'''exec' /a/bin/python \"$0\" \"$@\"\n' '''\nx", ("/a/bin/python", b"x")),
        (
            b'#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/p "$0" "$@"\n\' \'\'\'\nx',
            ("", b"x"),
        ),
        (b"#!/bin/sh\necho\n", ("/bin/sh", b"echo\n")),
        (b"#!/a/bin/python -I\nx", None),
        (b"#!/bin/sh\n'''exec' \"/a\n' '''\nx", None),
        (b"no", None),
    ],
)
def test_first_lines_of_several_tools(content: bytes, expected: tuple[str, bytes] | None) -> None:
    assert split_shebang(content) == expected


@pytest.mark.parametrize(
    "python", ["/a/python", "/a b/python", "/" + "x" * 200 + "/python", "/a'b$`\"\\/python"]
)
@pytest.mark.parametrize("relocatable", [False, True])
def test_what_is_written_is_read(python: str, relocatable: bool) -> None:
    written = render_shebang(LauncherFacts(python=python, relocatable=relocatable)) + b"body\n"
    assert split_shebang(written) == ("" if relocatable else python, b"body\n")


def test_nothing_is_written_through_a_link(filled: Environment, tmp_path: Path) -> None:
    env = moved(filled, tmp_path / "there")
    os.rename(env.path / "bin", tmp_path / "outside")
    (env.path / "bin").symlink_to(tmp_path / "outside")
    before = tree(tmp_path / "outside")
    with pytest.raises(Exception, match=r"cannot write|symbolic link"):
        repoint(env)
    assert tree(tmp_path / "outside") == before


def test_a_plain_environment_has_nothing_to_do(tmp_path: Path, interpreter: Interpreter) -> None:
    env = create_environment(tmp_path / "new", interpreter)
    assert not repoint(env)


@pytest.mark.parametrize("original_stays", [False, True])
def test_a_rollback_over_a_move_gives_commands_that_work(
    filled: Environment, wheel: Callable[..., Wanted], tmp_path: Path, original_stays: bool
) -> None:
    from hutch.env import apply_plan, plan_rollback
    from hutch.env.repointing import repoint_restored

    newer = wheel("web", "2.0", files={"web/__init__.py": PROGRAM}, console_scripts={"web": "web:main"})
    sync(filled, newer)
    if original_stays:
        shutil.copytree(filled.root, tmp_path / "there", symlinks=True)
    else:
        shutil.move(filled.root, tmp_path / "there")
    repoint(open_environment(tmp_path / "there"))
    env = open_environment(tmp_path / "there")
    assert said(env, "web") == env.root
    way = plan_rollback(env, None, lambda sha256: None)
    apply_plan(way.plan, env)
    repoint_restored(env)
    assert env.installed()["web"].version == "1.0"
    assert [said(env, each) for each in ("web", "web-admin", "plain")] == [env.root] * 3
    assert faults(env) == []


@pytest.mark.parametrize("gui", [False, True])
def test_launchers_of_windows(gui: bool) -> None:
    from hutch.env.launchers import render_launcher, rewrite_launcher

    def launcher(python: str, relocatable: bool = False) -> tuple[LauncherFacts, bytes]:
        facts = LauncherFacts(python=python, windows=True, relocatable=relocatable)
        return facts, render_launcher(facts, "web", "web", "web:main", gui=gui)["web.exe"]

    old = launcher("C:\\Users\\me\\old env\\Scripts\\python.exe")
    new = launcher("D:\\somewhere else\\much longer\\Scripts\\python.exe")
    free = launcher("C:\\Users\\me\\old env\\Scripts\\python.exe", relocatable=True)
    assert rewrite_launcher(old[1], new[0], "C:\\Users\\me\\old env") == new[1]
    assert rewrite_launcher(old[1], new[0], "c:/users/ME/old env") == new[1], "letter case does not count"
    assert rewrite_launcher(old[1], free[0], "C:\\Users\\me\\old env") == free[1]
    assert rewrite_launcher(free[1], new[0], "") == new[1]
    assert rewrite_launcher(new[1], new[0], "") is None, "there is nothing to do"
    assert rewrite_launcher(b"MZ, and nothing of ours", new[0], "") is None
    assert rewrite_launcher(old[1].replace(b"python", b"perl!!"), new[0], "C:\\Users\\me\\old env") is None
