"""Environments made without starting Python, looked at by Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from env.support import tree
from hutch.env import (
    CannotWrite,
    NotAnEnvironment,
    create_environment,
    is_unfinished,
    open_environment,
)
from hutch.env.create import describe_contents, render_settings
from hutch.env.environment import parse_settings
from hutch.interpreters import Interpreter, probe_interpreter
from hutch.spec import Platform
from hutch.store import Store
from hutch.values import replace

ASK = """
import json, os, sys, sysconfig
print(json.dumps({
    "prefix": sys.prefix, "base": sys.base_prefix, "version": list(sys.version_info[:3]),
    "purelib": sysconfig.get_path("purelib"), "platlib": sysconfig.get_path("platlib"),
    "scripts": sysconfig.get_path("scripts"), "path": sys.path, "executable": sys.executable,
}))
"""

PYTHONS = [
    path
    for path in sorted(Path.home().glob(".pyenv/versions/*/bin/python"))
    if not path.parent.parent.name.startswith(("2.", "3.5", "3.6", "3.7"))
]


def ask(python: Path, *arguments: str) -> dict[str, object]:
    done = subprocess.run([python, "-I", *arguments, "-c", ASK], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def check(path: Path, interpreter: Interpreter) -> None:
    environment = create_environment(path, interpreter)
    said = ask(environment.python)
    assert said["prefix"] == str(path)
    assert said["base"] == interpreter.base_prefix
    assert os.path.realpath(str(said["purelib"])) == os.path.realpath(environment.site_packages)
    assert os.path.realpath(str(said["platlib"])) == os.path.realpath(environment.site_packages)
    assert said["scripts"] == str(environment.scripts_dir)
    assert str(environment.site_packages) in said["path"]
    assert environment.python_version == ".".join(map(str, said["version"]))


def test_python_sees_the_environment(tmp_path: Path, interpreter: Interpreter) -> None:
    check(tmp_path / "it's $a b", interpreter)


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: path.parent.parent.name)
def test_every_python_on_this_machine_sees_its_environment(
    python: Path, tmp_path: Path, store: Store
) -> None:
    check(tmp_path / "env", probe_interpreter(str(python), store))


@pytest.mark.slow
def test_an_environment_of_an_environment_belongs_to_the_python_behind_both(
    tmp_path: Path, interpreter: Interpreter, store: Store
) -> None:
    first = create_environment(tmp_path / "first", interpreter)
    check(tmp_path / "second", probe_interpreter(str(first.python), store))


@pytest.mark.slow
def test_pip_and_venv_take_it_for_one_of_theirs(tmp_path: Path, interpreter: Interpreter) -> None:
    environment = create_environment(tmp_path / "env", interpreter)
    subprocess.run([environment.python, "-m", "ensurepip"], check=True, capture_output=True)
    assert environment.installed()["pip"].installer == "pip"
    done = subprocess.run(
        [environment.python, "-m", "pip", "--version"], check=True, capture_output=True, text=True
    )
    assert str(environment.site_packages) in done.stdout
    subprocess.run(
        [interpreter.base_executable, "-m", "venv", "--upgrade", "--without-pip", environment.root],
        check=True,
    )
    assert ask(environment.python)["prefix"] == environment.root


def test_it_looks_like_what_venv_makes(tmp_path: Path, interpreter: Interpreter) -> None:
    """The keys, the directories and the names of the interpreter that IDEs and other tools look for."""
    subprocess.run(
        [interpreter.base_executable, "-m", "venv", "--without-pip", tmp_path / "theirs"], check=True
    )
    create_environment(tmp_path / "ours", interpreter)
    theirs, ours = tree(tmp_path / "theirs"), tree(tmp_path / "ours")
    activation = {"bin/Activate.ps1"}
    headers = {"include", f"include/python{interpreter.version_info[0]}.{interpreter.version_info[1]}"}
    assert theirs.keys() - activation - headers <= ours.keys()  # nobody looks for an empty folder of headers
    assert ours["lib64"] == theirs["lib64"]
    their_keys = parse_settings((tmp_path / "theirs" / "pyvenv.cfg").read_text())
    our_keys = parse_settings((tmp_path / "ours" / "pyvenv.cfg").read_text())
    assert their_keys.keys() <= our_keys.keys()
    for key in their_keys.keys() - {"command"}:
        assert our_keys[key] == their_keys[key], key
    assert (tmp_path / "ours" / ".gitignore").read_text() == "*\n"
    assert (
        (tmp_path / "ours" / "CACHEDIR.TAG")
        .read_text()
        .startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )


def test_the_prompt_is_the_name_of_the_project(tmp_path: Path, interpreter: Interpreter) -> None:
    assert create_environment(tmp_path / "project" / ".venv", interpreter).prompt == "project"
    assert create_environment(tmp_path / "tools", interpreter).prompt == "tools"
    assert create_environment(tmp_path / "x", interpreter, prompt="a\nb\x1b[31m").prompt == "ab[31m"


def test_system_site_packages_and_relocatable_are_said(tmp_path: Path, interpreter: Interpreter) -> None:
    plain = create_environment(tmp_path / "a", interpreter)
    assert not plain.system_site_packages
    assert not plain.relocatable
    other = create_environment(tmp_path / "b", interpreter, system_site_packages=True, relocatable=True)
    assert other.system_site_packages
    assert other.relocatable


def test_making_it_again_keeps_what_is_installed_and_clear_does_not(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    environment = create_environment(tmp_path / "env", interpreter)
    file = environment.site_packages / "kept.py"
    file.write_text("")
    (environment.scripts_dir / "python").unlink()
    create_environment(tmp_path / "env", interpreter)
    assert file.exists()
    assert environment.python.exists()
    create_environment(tmp_path / "env", interpreter, clear=True)
    assert not file.exists()
    assert environment.python.exists()


@pytest.mark.parametrize("clear", [False, True])
def test_a_directory_that_is_no_environment_is_left_alone(
    clear: bool, tmp_path: Path, interpreter: Interpreter
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years")
    with pytest.raises(NotAnEnvironment):
        create_environment(precious, interpreter, clear=clear)
    assert tree(precious) == tree(precious)
    assert os.listdir(precious) == ["thesis.txt"]
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAnEnvironment):
        create_environment(tmp_path / "file", interpreter, clear=clear)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(NotAnEnvironment):
        create_environment(tmp_path / "dangling", interpreter, clear=clear)


def test_clearing_does_not_follow_links_out(tmp_path: Path, interpreter: Interpreter) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    environment = create_environment(tmp_path / "env", interpreter)
    (environment.site_packages / "linked").symlink_to(outside)
    create_environment(tmp_path / "env", interpreter, clear=True)
    assert (outside / "mine.txt").read_text() == "mine"


def test_nothing_is_written_through_a_link(tmp_path: Path, interpreter: Interpreter) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    environment = create_environment(tmp_path / "env", interpreter)
    os.rename(environment.scripts_dir, tmp_path / "aside")
    environment.scripts_dir.symlink_to(outside)
    with pytest.raises(CannotWrite):
        create_environment(tmp_path / "env", interpreter)
    assert not list(outside.iterdir())


@pytest.mark.parametrize("name", ["a\nb", "a:b"])
def test_paths_that_cannot_work_are_refused(name: str, tmp_path: Path, interpreter: Interpreter) -> None:
    with pytest.raises(NotAnEnvironment):
        create_environment(tmp_path / name, interpreter)
    assert not list(tmp_path.iterdir())


def test_opening_what_is_no_environment(tmp_path: Path) -> None:
    with pytest.raises(NotAnEnvironment):
        open_environment(tmp_path)
    with pytest.raises(NotAnEnvironment):
        open_environment(tmp_path / "absent")
    (tmp_path / "pyvenv.cfg").write_text("version = 3.12\n")
    with pytest.raises(NotAnEnvironment):
        open_environment(tmp_path)


def test_environments_of_other_tools_open(tmp_path: Path, interpreter: Interpreter) -> None:
    subprocess.run(
        [interpreter.base_executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True
    )
    environment = open_environment(tmp_path / "venv")
    assert environment.installed() == {}
    assert environment.python_version == interpreter.version
    # uv writes no `version` but `version_info`; nothing says which minor's directory it is.
    text = (tmp_path / "venv" / "pyvenv.cfg").read_text()
    kept = "".join(line + "\n" for line in text.splitlines() if not line.startswith("version"))
    (tmp_path / "venv" / "pyvenv.cfg").write_text(kept)
    assert open_environment(tmp_path / "venv").purelib == environment.purelib


def windows(interpreter: Interpreter, version: tuple[int, int]) -> Interpreter:
    layout = replace(
        interpreter.layout,
        purelib="Lib/site-packages",
        platlib="Lib/site-packages",
        scripts="Scripts",
        include="Include",
    )
    return replace(
        interpreter,
        platform=Platform(os="windows", machine="x86_64", libc="", version=(0, 0)),
        layout=layout,
        version_info=(*version, 1, "final", 0),
        stdlib="C:\\Python\\Lib",
        base_executable="C:\\Python\\python.exe",
        home="C:\\Python",
        debug=False,
        free_threaded=False,
    )


def test_on_windows_the_interpreter_is_copied_from_the_launchers_of_venv(interpreter: Interpreter) -> None:
    contents = describe_contents("C:\\env", windows(interpreter, (3, 12)), prompt="p")
    assert contents.links == ()
    assert contents.copies == (
        ("Scripts/python.exe", "C:\\Python\\Lib\\venv\\scripts\\nt\\python.exe"),
        ("Scripts/pythonw.exe", "C:\\Python\\Lib\\venv\\scripts\\nt\\pythonw.exe"),
    )
    newer = describe_contents("C:\\env", windows(interpreter, (3, 13)), prompt="p")
    assert newer.copies[0] == ("Scripts/python.exe", "C:\\Python\\Lib\\venv\\scripts\\nt\\venvlauncher.exe")
    files = dict(contents.files)
    assert files["pyvenv.cfg"].startswith("home = C:\\Python\n")
    assert list(files)[-1] == "pyvenv.cfg"
    assert {"Scripts/activate.bat", "Scripts/deactivate.bat", "Scripts/activate"} <= files.keys()
    assert set(contents.directories) == {"Lib/site-packages", "Scripts"}


def test_settings_are_what_was_asked_for(interpreter: Interpreter) -> None:
    settings = parse_settings(render_settings("/e", interpreter, prompt="", system_site_packages=True))
    assert settings["include-system-site-packages"] == "true"
    assert "prompt" not in settings
    assert "relocatable" not in settings


def test_making_one_starts_no_process(
    tmp_path: Path, interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.system"):
            raise AssertionError(event)

    watching = True
    sys.addaudithook(refuse)
    try:
        create_environment(tmp_path / "env", interpreter)
    finally:
        watching = False


def test_a_directory_of_somebody_is_no_skeleton(tmp_path: Path, interpreter: Interpreter) -> None:
    """Not even an empty one in it, nor a script of his between those of an environment."""
    for number, path in enumerate(("notes", "bin/mine", "lib/python3.12/site-packages/mine.py", "mine.txt")):
        root = tmp_path / f"env{number}"
        (root / path).parent.mkdir(parents=True)
        (root / path).mkdir() if number == 0 else (root / path).write_text("")
        assert not is_unfinished(root)
        with pytest.raises(NotAnEnvironment):
            create_environment(root, interpreter)
        assert (root / path).exists()


def test_what_a_lost_power_leaves_of_a_new_one_may_be_made_anew(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    whole = tree(create_environment(tmp_path / "env", interpreter).root)
    for lost in ("pyvenv.cfg", "lib", "bin/python", ".hutch"):
        root = tmp_path / "env"
        path = root / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        (root / "bin" / "activate").write_bytes(b"")
        if lost != "bin/python" and lost != ".hutch":
            assert is_unfinished(root)
        assert tree(create_environment(root, interpreter).root) == whole
