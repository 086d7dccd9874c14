"""Checkouts that attack whoever looks at them: rows X of the threat table.

Somebody cloned a repository and types ``hutch lock``, ``tree`` or ``sync`` in it. Nothing of it runs before
they asked for that (``hutch run``, a build), and nothing outside of it is written.
"""

from __future__ import annotations

import json
import marshal
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.support import PYTHON, block, installed, manifest, shown
from faults.measured import measure
from hutch.testing.fake_index import FakeIndex

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and modes as on Unix")

MakeProject = Callable[..., Any]
LOOKING = (
    "lock",
    "lock --check",
    "tree",
    "outdated",
    "export",
    "why alpha",
    "config show",
    "sync --dry-run",
    "cache dir",
)


class Trap:
    """A project with programs and modules that tell if they were run."""

    def __init__(self, make: MakeProject, index: FakeIndex, folder: Path) -> None:
        index.add_wheel("alpha", "1.0")
        self.marker = folder / "marker"
        self.outside = folder / "outside"
        self.outside.mkdir()
        (self.outside / "precious.txt").write_text("years of work\n")
        self.made = make(manifest("alpha"))
        # Which Python is asked for comes from nobody here but the project.
        self.made.environ["HUTCH_PYTHON"] = None
        # Few Pythons on PATH: each that is met is asked once, and no store knows any yet.
        tools = folder / "tools-of-the-machine"
        tools.mkdir()
        for name in ("git", "sh", "env"):
            (tools / name).symlink_to(shutil.which(name) or "/bin/sh")
        self.made.environ["PATH"] = os.pathsep.join([os.path.dirname(PYTHON), str(tools)])

    @property
    def path(self) -> Path:
        found: Path = self.made.path
        return found

    def program(self, name: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "$0 $*" >> "{self.marker}"\nexit 1\n')
        path.chmod(0o755)
        return path

    def module(self, name: str) -> None:
        self.made.write({name: f"open({str(self.marker)!r}, 'a').write({name!r})\n"})

    def run(self, command: str, **options: Any) -> Any:
        ran = self.made.run(command, **options)
        self.check(ran)
        return ran

    def check(self, ran: Any) -> None:
        assert not self.marker.exists(), (ran.command, self.marker.read_text())
        assert "Traceback" not in ran.stderr, ran.stderr
        assert [each.name for each in self.outside.iterdir()] == ["precious.txt"]
        assert (self.outside / "precious.txt").read_text() == "years of work\n"


@pytest.fixture
def trap(project: MakeProject, index: FakeIndex, tmp_path: Path) -> Trap:
    return Trap(project, index, tmp_path)


# -- the directory where hutch is started ------------------------------------------------------------


@pytest.mark.parametrize("command", [*LOOKING, "sync", "venv", "pip compile pyproject.toml"])
def test_x01_nothing_of_the_working_directory_runs(trap: Trap, command: str) -> None:
    for name in ("json", "re", "tomllib", "os", "hutch", "packaging", "site", "sitecustomize", "encodings"):
        trap.module(f"{name}.py")
    trap.module("hutch/__init__.py")
    trap.module("setup.py")
    trap.module("conftest.py")
    trap.module(".pdm-plugins/evil.py")
    trap.made.write({"evil.pth": f"import os; os.system('touch {trap.marker}')\n"})
    trap.made.write(
        {"python.py": "", ".env": "LD_PRELOAD=/nonexistent.so\nHUTCH_INDEX_URL=https://evil.example/\n"}
    )
    for name in ("python", "python3", f"python3.{sys.version_info[1]}", "git", "uname", "sh"):
        trap.program(name)
        trap.program(f"bin/{name}")
    environ = {"PATH": os.pathsep.join([".", "", "bin", trap.made.environ["PATH"]]), "PYTHONPATH": ""}
    if command != "lock":
        trap.run("lock", apart=True, environ=environ).ok()
    trap.run(command, apart=True, environ=environ).ok()


def test_x01_git_is_not_looked_for_in_the_working_directory(trap: Trap, tmp_path: Path) -> None:
    trap.program("git")
    source = '[tool.hutch.sources]\nalpha = { git = "https://nowhere.invalid/r.git" }\n'
    trap.made.write({"pyproject.toml": manifest("alpha", more=source)})
    environ = {"PATH": os.pathsep.join([".", "", trap.made.environ["PATH"]])}
    assert trap.run("lock", apart=True, environ=environ).exit_code == 3


# -- an environment that came along ------------------------------------------------------------------


def committed(trap: Trap, home: str, *more: str) -> Path:
    """A `.venv` as a repository could have it."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    root = trap.path / ".venv"
    (root / "bin").mkdir(parents=True)
    (root / "lib" / f"python{version}" / "site-packages").mkdir(parents=True)
    lines = [f"home = {home}", f"version = {version}.1", "implementation = CPython", *more]
    (root / "pyvenv.cfg").write_text("\n".join(lines) + "\n")
    return root


def evil_prefix(trap: Trap) -> Path:
    """A directory that an honest Python would take for its own standard library."""
    prefix = trap.path / "evil"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    trap.program("evil/bin/python")
    trap.program("evil/bin/python3")
    for name in ("os.py", "site.py", "encodings/__init__.py", "abc.py", "io.py"):
        trap.module(f"evil/lib/python{version}/{name}")
    (prefix / f"lib/python{version}/lib-dynload").mkdir()
    return prefix


def program_of_its_own(trap: Trap) -> None:
    committed(trap, os.path.dirname(PYTHON))
    trap.program(".venv/bin/python")


def home_in_the_checkout(trap: Trap) -> None:
    root = committed(trap, str(evil_prefix(trap) / "bin"))
    (root / "bin/python").symlink_to(PYTHON)


def relative_home(trap: Trap) -> None:
    evil_prefix(trap)
    root = committed(trap, "evil/bin")
    (root / "bin/python").symlink_to(PYTHON)


def base_in_the_checkout(trap: Trap) -> None:
    python = evil_prefix(trap) / "bin/python"
    root = committed(trap, os.path.dirname(PYTHON), f"base-executable = {python}")
    (root / "bin/python").symlink_to("../../evil/bin/python")


def another_home_than_base(trap: Trap) -> None:
    root = committed(trap, str(evil_prefix(trap) / "bin"), f"base-executable = {PYTHON}")
    (root / "bin/python").symlink_to(PYTHON)


def any_program(trap: Trap) -> None:
    root = committed(trap, "/bin", "base-executable = /bin/sh")
    (root / "bin/python").symlink_to("/bin/sh")


def copied_program(trap: Trap) -> None:
    committed(trap, os.path.dirname(PYTHON))
    shutil.copy(trap.program("evil-python"), trap.path / ".venv/bin/python3")
    (trap.path / ".venv/bin/python").symlink_to("python3")


ENVIRONMENTS = [
    program_of_its_own,
    home_in_the_checkout,
    relative_home,
    base_in_the_checkout,
    another_home_than_base,
    any_program,
    copied_program,
]


@pytest.mark.parametrize("make", ENVIRONMENTS)
def test_x01_the_python_of_a_committed_environment_is_not_started(
    trap: Trap, make: Callable[[Trap], None]
) -> None:
    make(trap)
    for command in ("lock", "tree", "outdated", "sync --dry-run"):
        trap.run(command)
    ran = trap.run("sync").ok()
    assert (
        "making .venv anew: its Python came with the project, and hutch starts no such program unasked"
        in (ran.stderr)
    )
    assert installed(trap.made) == {"alpha": "1.0"}
    assert os.path.realpath(trap.path / ".venv/bin/python") == os.path.realpath(PYTHON)


@pytest.mark.parametrize("make", ENVIRONMENTS)
def test_x01_nor_does_hutch_pip(trap: Trap, make: Callable[[Trap], None]) -> None:
    make(trap)
    assert shown(trap.run("pip install alpha")) == block("""
        exit 1
        error: <project>/.venv is not a Python environment
          its Python came with it, and hutch starts no such program unasked
        try: make it anew with `hutch venv --clear`, or name it: --python PATH
    """)


LOOKS = (
    "env verify",
    "env list",
    "env history",
    "env path --interpreter",
    "env clone ./.venv stolen",
    "env pack -o ../packed.zip",
    "doctor",
    "python which",
    "python which pip",
    "python find",
    "python list",
    "activate --shell bash",
    "kernel install",
    "ide vscode --print",
)


@pytest.mark.parametrize("make", ENVIRONMENTS)
def test_x01_nor_does_what_looks_at_it(trap: Trap, make: Callable[[Trap], None]) -> None:
    make(trap)
    for command in LOOKS:
        trap.run(command)
    ran = trap.run("env verify")
    assert ran.exit_code == 1
    assert "bin/python came with the project, and hutch starts no such program unasked" in ran.stderr
    assert "try: hutch sync makes it anew" in ran.stderr


def test_an_environment_that_was_made_here_is_kept(trap: Trap) -> None:
    for words in ([PYTHON, "-m", "venv", "--without-pip"], None):
        shutil.rmtree(trap.path / ".venv", ignore_errors=True)
        if words is None:
            trap.run("venv").ok()
        else:
            subprocess.run([*words, str(trap.path / ".venv")], check=True)
        (trap.path / ".venv/kept.txt").write_text("")
        assert "anew" not in trap.run("sync").ok().stderr
        assert (trap.path / ".venv/kept.txt").exists()


def test_a_project_around_all_pythons_is_no_checkout_of_theirs(trap: Trap) -> None:
    """Somebody's home directory may be a project, and hold the Pythons that PATH names."""
    pythons = trap.path / "pythons"
    pythons.mkdir()
    real = os.path.dirname(os.path.dirname(PYTHON))
    shutil.copytree(
        real, pythons / "one", symlinks=True, ignore=shutil.ignore_patterns("test", "site-packages")
    )
    environ = {"PATH": os.pathsep.join([str(pythons / "one/bin"), "/usr/bin", "/bin"])}
    asked = {"HUTCH_PYTHON": str(pythons / "one/bin" / os.path.basename(PYTHON))}
    trap.run("venv", environ={**environ, **asked}).ok()
    (trap.path / ".venv/kept.txt").write_text("")
    trap.run("sync", environ=environ).ok()
    assert (trap.path / ".venv/kept.txt").exists()


# -- what an environment of a repository leads to ----------------------------------------------------


def test_x01_an_environment_that_is_a_link_to_another(
    trap: Trap, project: MakeProject, index: FakeIndex
) -> None:
    index.add_wheel("beta", "1.0")
    other = project(manifest("beta"))
    other.run("sync").ok()
    (trap.path / ".venv").symlink_to(other.path / ".venv")
    for command in ("sync", "venv --clear", "pip install alpha", "run python --version"):
        ran = trap.run(command)
        assert ran.exit_code == 1
        assert (
            "which is outside of the project\ntry: if you want that one, set HUTCH_PROJECT_ENVIRONMENT="
            in (ran.stderr)
        )
    assert installed(other) == {"beta": "1.0"}
    trap.run("sync", environ={"HUTCH_PROJECT_ENVIRONMENT": str(other.path / ".venv")}).ok()
    assert installed(other) == {"alpha": "1.0"}


def honest(trap: Trap) -> Path:
    trap.run("venv").ok()
    return trap.path / ".venv"


def record(moves: list[str], fresh: list[str], name: str = "1-abcdef123456") -> bytes:
    """A journal, as a change that was cut off leaves it."""
    value = {
        "format": "hutch-change-1",
        "name": name,
        "number": 1,
        "time": time.time(),
        "boot": [0.0, 0.0],
        "command": "sync\x1b[2J",
        "restores": None,
        "foreign": False,
        "steps": [],
        "moves": moves,
        "fresh": fresh,
        "packages": [],
    }
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "path",
    [
        "way/precious.txt",
        "way",
        "deep/way/precious.txt",
        "/etc/x",
        "../../outside/precious.txt",
        "a/../../x",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["moves", "fresh"])
def test_x01_a_journal_that_leads_out(trap: Trap, path: str, kind: str) -> None:
    root = honest(trap)
    (root / "way").symlink_to(trap.outside)
    (root / "deep").mkdir()
    (root / "deep/way").symlink_to(trap.outside)
    if path.startswith("/"):
        path = str(trap.outside / "precious.txt")
    kept = root / ".hutch/kept-1-abcdef123456"
    kept.mkdir()
    (kept / "0").write_text("evil\n")
    data = record([path], []) if kind == "moves" else record([], [path])
    (root / ".hutch/journal").write_bytes(data)
    ran = trap.run("sync")
    if path == "way":  # the link itself lies in the environment, and may be deleted
        return
    assert shown(ran).startswith(
        "exit 1\nerror: a change of the environment was cut off, and cannot be undone\n"
    )


@pytest.mark.parametrize(
    "what",
    [
        {"time": 1e300},
        {"time": float("nan")},
        {"time": 10**400},
        {"time": -1e12},
        {"steps": [[]]},
        {"steps": [["+"], ["~", "alpha"]]},
        {"steps": [["+", 1, {}]]},
        {"packages": [["alpha", "1.0", "x.dist-info", "../../../../x", 1, "", 1, False, None]]},
        {"packages": [["alpha", "1.0", "x.dist-info", "zz", 1, "", 1, False, None]]},
    ],
    ids=range(9),
)
def test_x01_a_history_that_is_none(trap: Trap, what: dict[str, object]) -> None:
    root = honest(trap)
    for number, changed in ((1, {}), (2, what), (3, {})):
        name = f"{number}-abcdef123456"
        value = {**json.loads(record([], [], name)), "number": number, **changed}
        (root / ".hutch" / f"change-{name}").write_text(json.dumps(value))
    for command in ("env history", "env history --json", "env rollback 2 --dry-run", "sync", "env rollback"):
        assert trap.run(command).exit_code in (0, 1)


@pytest.mark.parametrize("name", ["lock", "journal.new", "settled.new", "creating", "state", "pinned"])
def test_x01_links_in_what_is_hutchs_own(trap: Trap, name: str) -> None:
    root = honest(trap)
    (root / ".hutch" / name).unlink(missing_ok=True)
    (root / ".hutch" / name).symlink_to(trap.outside / "precious.txt")
    for command in ("sync", "venv --clear", "run --no-sync python --version", "env verify"):
        trap.run(command)


def test_x01_hutchs_own_directory_is_a_link(trap: Trap) -> None:
    root = honest(trap)
    shutil.rmtree(root / ".hutch")
    (root / ".hutch").symlink_to(trap.outside)
    assert shown(trap.run("sync")) == block("""
        exit 1
        error: cannot write <project>/.venv/.hutch
          it is a symbolic link, and hutch would write somewhere else
    """)


@pytest.mark.parametrize(
    "name",
    [
        "pyproject.toml", "pylock.toml", "hutch.toml", ".python-version",
        ".venv/pyvenv.cfg", ".venv/pip.conf",
        ".venv/.hutch/state", ".venv/.hutch/pinned", ".venv/.hutch/settled", ".venv/.hutch/broken",
        ".venv/.hutch/journal", ".venv/.hutch/journal.new", ".venv/.hutch/change-9-abcdef123456",
    ],
)  # fmt: skip
def test_x01_a_pipe_in_place_of_a_file(trap: Trap, name: str) -> None:
    """Whoever opens it waits until somebody writes into it, which nobody does."""
    root = honest(trap)
    trap.run("lock").ok()
    assert root.is_dir()
    (trap.path / name).unlink(missing_ok=True)
    os.mkfifo(trap.path / name)
    for command in ("lock", "sync", "run --no-sync python --version", "env history"):
        process = trap.made.start(command, stdout=-1, stderr=-1)
        try:
            said = process.communicate(timeout=30)[1]
        finally:
            process.kill()
        assert (process.returncode in (0, 1, 2), "Traceback" in said) == (True, False), (command, said)


@pytest.mark.parametrize("name", ["pyproject.toml", "pylock.toml", "hutch.toml"])
def test_x01_a_file_that_is_too_large_is_not_read(trap: Trap, name: str) -> None:
    with open(trap.path / name, "ab") as file:
        file.truncate(65 << 20)
    ran = trap.run("lock")
    assert ran.exit_code == 1
    assert "it has more than 64 MiB" in ran.stderr


def test_x01_what_was_kept_is_a_link(trap: Trap, index: FakeIndex) -> None:
    """A rollback would make a file of the user's, wherever it lies, a file of the environment."""
    index.add_wheel("alpha", "2.0")
    trap.run("sync").ok()
    trap.made.write({"pyproject.toml": manifest("alpha<2")})
    trap.run("sync").ok()
    for kept in (trap.path / ".venv/.hutch").glob("kept-*/*"):
        if kept.is_dir() and not kept.name.endswith(".dist-info") and not (kept / "RECORD").exists():
            kept.rename(trap.outside.parent / "elsewhere")
            kept.symlink_to(trap.outside.parent / "elsewhere")
    trap.run("cache clean").ok()
    ran = trap.run("env rollback 1")
    assert ran.exit_code == 1
    assert "cannot be made what it was in generation 1" in ran.stderr


def test_x01_a_python_that_a_file_beside_it_leads_astray(trap: Trap) -> None:
    root = honest(trap)
    (root / "bin/python3._pth").write_text(f"{evil_prefix(trap)}/lib\n")
    assert "making .venv anew: its Python came with the project" in trap.run("sync").ok().stderr
    assert not (root / "bin/python3._pth").exists()


@pytest.mark.parametrize("place", ["share", "lib/PYTHON/site-packages/alpha", ".hutch/kept-1-abcdef123456"])
def test_x01_directories_without_end(trap: Trap, place: str) -> None:
    """As many in one another as a path may have names, which is more than Python may call itself."""
    trap.run("sync").ok()
    site = next((trap.path / ".venv").glob("lib/python*"))
    path = str(trap.path / ".venv" / place.replace("PYTHON", site.name))
    os.makedirs(path, exist_ok=True)
    for _ in range(1500):
        path += "/a"
        os.mkdir(path)
    for command in ("sync --reinstall", "env verify", "env history", "remove alpha", "venv --clear", "sync"):
        assert trap.run(command).exit_code in (0, 1)
    assert not (trap.path / ".venv/share/a").exists()


@pytest.mark.parametrize("there", [None, "", "alias ls=ls\n", "x = 1\n"])
def test_x01_a_lock_that_is_a_link_to_what_is_none(trap: Trap, there: str | None) -> None:
    target = trap.path.parent / "bashrc"
    if there is not None:
        target.write_text(there)
    (trap.path / "pylock.toml").symlink_to("../bashrc")
    for command in ("lock", "sync", "add alpha", "run python --version"):
        assert "/bashrc, which is outside of the project, and no lock" in trap.run(command).stderr
    assert (target.read_text() if target.exists() else None) == there


def test_a_lock_that_is_a_link_to_a_lock(trap: Trap) -> None:
    trap.run("lock").ok()
    (trap.path / "pylock.toml").rename(trap.path.parent / "shared.toml")
    (trap.path / "pylock.toml").symlink_to("../shared.toml")
    trap.made.write({"pyproject.toml": manifest("alpha>=0.1")})
    trap.run("sync").ok()
    assert (trap.path / "pylock.toml").is_symlink()


def test_x01_links_in_the_way_of_what_is_written(trap: Trap) -> None:
    """Names of what is about to replace a lock can be foreseen: they have the number of the process."""
    target = trap.path.parent / "bashrc"
    target.write_text("mine\n")
    script = 'ln -s ../bashrc .pylock.toml.$$.tmp; ln -s ../bashrc .pyproject.toml.$$.tmp; exec "$@"'
    environ = {
        name: value for name, value in {**os.environ, **trap.made.environ}.items() if value is not None
    }
    words = trap.made.launcher
    done = subprocess.run(
        ["sh", "-c", script, "sh", *words, "add", "alpha"], cwd=trap.path, env={**os.environ, **environ}
    )
    assert (done.returncode, target.read_text()) == (0, "mine\n")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        marshal.dumps((1, 2)),
        b"\xfb" + b"\xff" * 8,
        b"[" + b"\xff\xff\xff\x7f",
        b"c" + b"\x00" * 64,
        b"(" + b"\xff\xff\xff\x7f" * 10,
        b"r\xff\xff\xff\x7f",
    ],
    ids=range(8),
)
def test_x01_a_state_that_was_not_written_here(trap: Trap, data: bytes) -> None:
    root = honest(trap)
    status = os.stat(root / ".hutch")
    for head in (b"", b"hutch-state-2\n", b"hutch-state-3 %d 7\n" % status.st_dev):
        (root / ".hutch/state").write_bytes(head + data)
        (root / ".hutch/places").write_bytes(head + data)
        trap.run("sync", apart=True).ok()


def test_x01_a_state_that_was_copied_from_here_is_not_believed_elsewhere(trap: Trap) -> None:
    """Who knows all that a state says of a machine does not know the inode that it will have."""
    trap.run("sync").ok()
    state = trap.path / ".venv/.hutch/state"
    before = state.read_bytes()
    assert "Nothing to do" in trap.run("sync").stderr
    (state.parent / "copy").write_bytes(before)
    os.replace(state.parent / "copy", state)
    (trap.path / ".venv/.hutch/other").write_bytes(b"")
    from hutch.env import read_state

    assert read_state(trap.path / ".venv") is None


# -- what a project may not say ----------------------------------------------------------------------


@pytest.mark.parametrize("file", ["pyproject.toml", "hutch.toml"])
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("proxy", '"http://evil.example:1"'),
        ("trusted-host", '["files.example"]'),
        ("ca-bundle", '"evil.pem"'),
        ("client-cert", '"evil.pem"'),
        ("cache-dir", '"../outside"'),
        ("data-dir", '"../outside"'),
        ("cache-layers", '["../outside"]'),
    ],
)
def test_x01_whom_to_trust_and_where_to_write_is_not_for_a_project(
    trap: Trap, file: str, setting: str, value: str
) -> None:
    line = f"{setting} = {value}\n"
    if file == "hutch.toml":
        trap.made.write({file: line})
    else:
        trap.made.write({file: manifest("alpha", more=f"[tool.hutch]\n{line}")})
    ran = trap.run(
        "sync", environ={"HUTCH_CACHE_DIR": None, "XDG_CACHE_HOME": str(trap.made.home / "c")}
    ).ok()
    number = 1 if file == "hutch.toml" else 8
    assert (
        f"warning: <project>/{file}:{number}: {setting} is passed over: a project does not say" in ran.stderr
    )
    assert installed(trap.made) == {"alpha": "1.0"}


def test_x01_pips_file_in_a_committed_environment_says_no_more(trap: Trap) -> None:
    root = honest(trap)
    text = "[global]\nproxy = http://evil.example:1\ntrusted-host = x.example\ncert = /evil.pem\n"
    (root / "pip.conf").write_text(text)
    trap.run("sync", environ={"PIP_CONFIG_FILE": None}).ok()
    assert installed(trap.made) == {"alpha": "1.0"}
    rows = trap.run("config show --json", environ={"PIP_CONFIG_FILE": None}).stdout
    assert "evil" not in rows
    assert "x.example" not in rows


@pytest.mark.parametrize(
    "said",
    ["./tools/python", "tools/python", "../project/tools/python", "~/x/python", "/bin/sh", "tools", "INSIDE"],
)
@pytest.mark.parametrize("file", ["pyproject.toml", "hutch.toml", ".python-version"])
def test_x01_a_project_names_no_program_as_its_python(trap: Trap, said: str, file: str) -> None:
    trap.program("tools/python")
    trap.program("tools/bin/python")
    text = str(trap.path / "tools/python") if said == "INSIDE" else said
    line = f'python = "{text}"\n'
    if file == "pyproject.toml":
        trap.made.write({file: manifest("alpha", more=f"[tool.hutch]\n{line}")})
    else:
        trap.made.write({file: line if file == "hutch.toml" else text + "\n"})
    # A word of `.python-version` may be the name of somebody's environment: another Python is taken.
    passed_over = (file, said) == (".python-version", "tools")
    for command in ("sync", "venv other"):
        ran = trap.run(command)
        assert ran.exit_code == (0 if passed_over else 1)
    assert (trap.path / ".venv").exists() is passed_over


def test_x01_a_word_in_a_project_is_no_program_of_path(trap: Trap) -> None:
    tools = trap.path.parent / "tools"
    tools.mkdir()
    shutil.copy(trap.program("deploy"), tools / "deploy")
    trap.made.write({"pyproject.toml": manifest("alpha", more='[tool.hutch]\npython = "deploy"\n')})
    environ = {"PATH": os.pathsep.join([str(tools), os.environ["PATH"]])}
    assert trap.run("sync", environ=environ).exit_code == 1


# -- words that look like options --------------------------------------------------------------------


@pytest.mark.parametrize(
    "wish",
    [
        "--index-url=https://evil.example",
        "-e .",
        "-r /etc/passwd",
        "alpha --upload-pack=x",
        "alpha\\n--pre",
        "",
    ],
)
def test_x02_options_in_requirements_are_none(trap: Trap, wish: str) -> None:
    trap.made.write({"pyproject.toml": manifest("alpha").replace('"alpha"', f'"{wish}"')})
    ran = trap.run("lock")
    assert ran.exit_code == 1
    assert trap.made.tree() == ["pyproject.toml"]


def test_x03_comments_are_comments(trap: Trap) -> None:
    """CVE-2022-21668: pipenv took options out of comments of requirements files."""
    text = "# --index-url https://evil.example/simple\nalpha==1.0  # -i https://evil.example --pre\n"
    trap.made.write({"requirements.txt": text})
    trap.run("venv").ok()
    trap.run("pip install -r requirements.txt").ok()
    assert installed(trap.made) == {"alpha": "1.0"}


@pytest.mark.parametrize(
    "text",
    [
        b"\x00",
        b"\xff\xfe[project]",
        b"[project]\nname = 'a'\nversion = '1'\ndependencies = " + b"[" * 50_000,
        b"a." * 50_000 + b"b = 1\n",
        b"[project]\nname = '\x1b[2J'\n",
        b"[project]\nname = '../../x'\nversion = '1'\n",
        b"[project]\nname = 'a'\nversion = '" + b"1" * 5000 + b"'\n",
        b"[project]\nname = 'a'\nversion = '1'\nrequires-python = '" + b">=3," * 500 + b"'\n",
        b"[project]\nname = 'a'\nversion = '1'\ndependencies = ['a; " + b"(" * 5000 + b"']\n",
    ],
    ids=range(9),
)
def test_a_manifest_that_is_none(trap: Trap, text: bytes) -> None:
    trap.made.write({"pyproject.toml": text})
    for command in ("lock", "sync", "tree", "export", "add alpha", "config show"):
        ran = trap.run(command)
        assert ran.exit_code != 70, ran.stderr
        assert "\x1b" not in ran.stderr
        assert len(ran.stderr) < 20_000
    assert stat.S_ISREG(os.lstat(trap.path / "pyproject.toml").st_mode)


@pytest.mark.parametrize("part", ["lib", "lib/PYTHON", "lib/PYTHON/site-packages", "bin"])
def test_x01_a_part_of_an_environment_that_is_a_link_to_another(
    trap: Trap, project: MakeProject, index: FakeIndex, part: str
) -> None:
    """What lies behind it is somebody else's: neither removed nor written."""
    index.add_wheel("beta", "1.0", console_scripts={"beta": "beta:main"})
    other = project(manifest("beta"))
    other.run("sync").ok()
    part = part.replace("PYTHON", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    root = honest(trap)
    shutil.rmtree(root / part)
    (root / part).symlink_to(other.path / ".venv" / part)
    before = sorted(str(path) for path in (other.path / ".venv").rglob("*"))
    for command in ("sync", "pip install alpha", "pip uninstall beta", "pip sync /dev/null"):
        trap.run(command)
        assert sorted(str(path) for path in (other.path / ".venv").rglob("*")) == before, command
    assert installed(other) == {"beta": "1.0"}


@pytest.mark.parametrize(
    "name",
    [
        "pyproject.toml",
        "pylock.toml",
        "hutch.toml",
        ".python-version",
        ".venv/pyvenv.cfg",
        ".venv/pip.conf",
        ".venv/.hutch/state",
        ".venv/.hutch/journal",
        "lib/pyproject.toml",
        "lib/setup.cfg",
        "README.md",
    ],
)
@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no endless file here")
def test_x01_files_without_end(trap: Trap, name: str) -> None:
    """A link to /dev/zero is committed as easily as any other."""
    source = '[tool.hutch.sources]\nlib = { path = "lib" }\n'
    if name.startswith("lib/"):
        lib = (
            '[project]\nname = "lib"\nversion = "1"\n[build-system]\nrequires = []\nbuild-backend = "none"\n'
        )
        trap.made.write({"pyproject.toml": manifest("lib", more=source), "lib/pyproject.toml": lib})
    if name.startswith(".venv"):
        honest(trap)
    if name == "README.md":
        text = (
            manifest("alpha")
            + 'readme = "README.md"\n[build-system]\nrequires = []\nbuild-backend = "none"\n'
        )
        trap.made.write({"pyproject.toml": text.replace('dependencies = ["alpha"]\nreadme', "readme")})
    (trap.path / name).unlink(missing_ok=True)
    (trap.path / name).symlink_to("/dev/zero")
    for command in ("lock", "sync", "tree"):
        ran = measure(trap.made, [command], transport="curl", environ={"PIP_CONFIG_FILE": None})
        assert ran.exit_code in (0, 1), ran.stderr
        assert ran.seconds < 30
        assert ran.peak < 300


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no endless file here")
def test_x01_requirements_without_end(trap: Trap) -> None:
    honest(trap)
    (trap.path / "requirements.txt").symlink_to("/dev/zero")
    assert shown(trap.run("pip install -r requirements.txt")) == block("""
        exit 1
        error: cannot read <project>/requirements.txt
          it is larger than any such file
    """)


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system tells all in files")
def test_requirements_do_not_show_the_variables_of_this_process(project):
    made = project({"requirements.txt": "-r base.txt\n"})
    (made / "base.txt").symlink_to("/proc/self/environ")
    ran = made.run("lock")  # a fault of a line would show what stands in it
    assert ran.exit_code == 1
    assert "requirements.txt:1: base.txt cannot be read; nothing is there" in ran.stderr
