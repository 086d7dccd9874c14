"""A cold ``hutch sync`` has a process that fetches while it asks its Python: nobody sees it but by the clock.

What hutch does on one processor, where there is no such process, is the oracle.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from commands.packages import BACKEND
from commands.support import PYTHON, installed, manifest, read_only, shown, tmpfs
from commands.test_venv_at_once import contents
from fake_keyring import FakeKeyring
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer
from hutch.testing.wheels import make_wheel

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="nobody forks there"
)

_ALONE = """\
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.execv(sys.argv[1], sys.argv[1:])
"""
ALONE = [sys.executable, "-c", _ALONE]
SECRET = "tops3cret"


@dataclass(frozen=True)
class Outcome:
    """All that a command leaves for others to see."""

    said: str
    environment: dict[str, Any]
    asked: list[str]
    wheels: int
    left_over: list[str]


@pytest.fixture
def made(project, index):
    """A locked project with a package under a group, one of an extra, one for Windows, and no cache."""
    index.add_wheel("web", "1.0", requires=["io>=1", "tool"], files={"web/__init__.py": "X = 1\n" * 9000})
    index.add_wheel("io", "1.0", files={"io_demo/data": os.urandom(60_000).hex()})
    index.add_wheel("tool", "1.0", entry_points={"console_scripts": {"tool": "tool:main"}})
    index.add_wheel("most", "1.0")
    for name in ("grouped", "chosen", "win"):
        index.add_wheel(name, "1.0")
    text = manifest(
        "web",
        "most",
        "win; sys_platform == 'win32'",
        extras={"more": ["chosen"]},
        groups={"test": ["grouped"]},
    )
    made = project(text, PYTHONDONTWRITEBYTECODE="1")
    made.run("lock").ok()
    return made


def cache_of(made: Any) -> Path:
    return made.home / "cache"


def forget(made: Any) -> None:
    """Be where nobody has been: no environment, no cache."""
    for folder in (cache_of(made), made / ".venv"):
        shutil.rmtree(folder, ignore_errors=True)


def names_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def outcome(made: Any, index: Any, command: str, *, alone: bool) -> Outcome:
    forget(made)
    index.log.clear()
    times = [(fault, fault.times) for fault in index.faults]
    ran = made.under(ALONE if alone else [], command)
    for fault, left in times:
        fault.times = left
    lines = shown(ran).splitlines(keepends=True)
    if "--verbose" in command:
        lines.sort()  # what comes first is told first
    found = contents(made / ".venv") if (made / ".venv").exists() else {}
    found = {name: each for name, each in found.items() if not name.startswith(".hutch/")}
    asked, wheels, left_over = sorted(set(index.asked("*.whl"))), 0, names_below(cache_of(made) / "scratch")
    if ran.exit_code == 0:  # else how far the others have come by then is a matter of chance
        wheels = len(names_of_wheels(made))
        left_over += names_below(cache_of(made) / "archives-v1")
    else:
        asked = []
    return Outcome("".join(lines), found, asked, wheels, left_over)


def same_both_ways(made: Any, index: Any, command: str = "sync") -> Outcome:
    """What the command does, which is the same with a process that fetches and without one."""
    alone = outcome(made, index, command, alone=True)
    both = outcome(made, index, command, alone=False)
    assert both == alone
    assert not both.left_over
    return both


# -- it begins early, and asks for what is needed ------------------------------------------------------


def slow_python(made: Any, seconds: float = 1.0) -> tuple[Path, Path]:
    """A Python that takes its time, and the files that it makes when it was started, and when it went on."""
    begun, done = made.home / "begun", made.home / "done"
    slow = made.home / "slow" / "python"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\n: > '{begun}'\nsleep {seconds}\n: > '{done}'\nexec '{PYTHON}' \"$@\"\n")
    slow.chmod(0o755)
    made.environ["HUTCH_PYTHON"] = str(slow)
    return begun, done


def test_files_that_are_certain_are_asked_for_before_the_python_has_answered(made, index):
    _, done = slow_python(made, 2)
    forget(made)
    index.log.clear()
    process = made.start("sync --frozen", stdout=-1, stderr=-1)  # else the lock's own look at it comes first
    until(lambda: len(index.asked("*.whl")) == 4)
    assert not done.exists()
    until(lambda: len(names_of_wheels(made)) == 4)
    assert not done.exists()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert installed(made) == {"io": "1.0", "most": "1.0", "tool": "1.0", "web": "1.0"}
    assert len(index.asked("*.whl")) == 4


def test_what_is_in_the_store_before_somebody_wants_it_is_told_of(made):
    slow_python(made, 1)
    forget(made)
    said = made.run("sync --frozen --verbose", apart=True).ok().stderr
    assert "download: begins, 4 steps\n" in said
    assert said.count("\nfetched ") == 4


def names_of_wheels(made: Any) -> list[str]:
    return [path.parent.name for path in cache_of(made).glob("wheels-*/*/*/manifest")]


def until(happened: Any, seconds: float = 30.0) -> None:
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, "what was waited for did not happen"
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ("", set()),
        ("--group test", {"grouped"}),
        ("--extra more", {"chosen"}),
        ("--all-groups --all-extras", {"grouped", "chosen"}),
        ("--only-group test", {"grouped"}),
        ("--frozen", set()),
        ("--locked --inexact", set()),
    ],
)
def test_each_file_is_asked_for_once_and_none_that_is_not_needed(made, index, options, more):
    forget(made)
    index.log.clear()
    made.run(f"sync {options}", apart=True).ok()
    named = sorted(path.rpartition("/")[2].partition("-")[0] for path in index.asked("*.whl"))
    base = set() if "only-group" in options else {"web", "io", "tool", "most"}
    assert named == sorted(base | more)


def test_a_file_for_one_of_several_pythons_is_asked_for_once(project, index):
    index.add_wheel("io", "1.0")
    for tag in (f"cp3{sys.version_info[1]}-none-any", "py3-none-any", "py2-none-any"):
        index.add_wheel("tool", "1.0", tags=tag)
    made = project(manifest("io", "tool"))
    made.run("lock").ok()
    assert len(same_both_ways(made, index).asked) == 2
    forget(made)
    index.log.clear()
    made.run("sync", apart=True).ok()
    assert len(index.asked("*.whl")) == 2


# -- the same as without it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "sync",
        "sync --verbose",
        "-q sync",
        "sync --frozen",
        "sync --locked --group test",
        "sync --only-group test",
        "sync --extra more --inexact",
        "sync --dry-run",
        "sync --offline",
        "sync --no-cache",
        "sync --no-binary io",
        "sync --python 3.2",
        "sync --extra nobody",
        "sync --json",
        "sync --link-mode copy",
    ],
)
def test_all_that_a_command_does(made, index, command):
    ran = same_both_ways(made, index, command)
    steps = re.findall(r"^fetched (\S+) ", ran.said, re.MULTILINE)
    assert sorted(steps) == sorted(set(steps))
    assert len(steps) == (4 if "verbose" in command else 0)


FAULTS: dict[str, dict[str, Any]] = {
    "not there": {"status": 404},
    "forbidden": {"status": 403},
    "wants a password": {"status": 401},
    "broken": {"status": 500},
    "busy": {"status": 503, "headers": (("Retry-After", "1"),)},
    "busy for long": {"status": 503, "headers": (("Retry-After", "9999"),)},
    "too many": {"status": 429},
    "refused": {"refuse": True},
    "cut at once": {"cut": 0},
    "cut": {"cut": 300},
    "leads nowhere": {"status": 302, "headers": (("Location", "http://nobody.invalid/x.whl"),)},
    "leads in a ring": {"status": 302, "headers": (("Location", "?"),)},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_does_not_come(made, index, name):
    index.fault("*/io-*.whl", **FAULTS[name])
    said = same_both_ways(made, index).said
    assert said.startswith(("exit 1", "exit 3"))
    assert "io-1.0" in said
    index.faults.clear()
    assert made.run("sync", apart=True).exit_code == 0


@pytest.mark.parametrize("what", ["other bytes", "shorter", "longer", "no archive"])
def test_a_file_that_is_not_the_one_of_the_lock(made, index, what):
    (file,) = index.projects["io"]
    sound = file.body
    file.body = {
        "other bytes": make_wheel("io", "1.0", files={"io_demo/data": "else"})[1],
        "shorter": sound[:-100],
        "longer": sound + b"more",
        "no archive": b"no" * (len(sound) // 2) + b"!" * (len(sound) % 2),
    }[what]
    said = same_both_ways(made, index).said
    assert said.startswith("exit 1")
    assert "io-1.0" in said
    assert "io" not in installed(made)
    file.body = sound
    made.run("sync", apart=True).ok()
    assert installed(made)["io"] == "1.0"


def test_a_server_that_is_not_there_any_more(made, index):
    text = made.read("pylock.toml")
    made.write({"pylock.toml": text.replace(index.files_url, "https://nobody.invalid/files/")})
    made.filtered = one_name(made.filtered)
    assert "nobody.invalid" in same_both_ways(made, index, "sync --frozen").said
    made.write({"pylock.toml": text.replace(index.files_url, "http://127.0.0.1:9/files/")})
    assert not same_both_ways(made, index, "sync --frozen").asked


def one_name(filtered: Any) -> Any:
    """Which of several files is found out first to be out of reach is a matter of chance."""
    return lambda text: re.sub(r"\b(web|io|tool|most)-1\.0-|\b[0-9a-f]{64}\b", "some-1.0-", filtered(text))


def test_plain_http_to_a_host_that_nobody_trusts(made, index):
    text = re.sub(r"http://127\.0\.0\.1:\d+/", "http://index.example/", made.read("pylock.toml"))
    made.write({"pylock.toml": text})
    made.filtered = one_name(made.filtered)
    same_both_ways(made, index, "sync --frozen")


def test_a_lock_that_names_no_addresses(made, index):
    text = re.sub(r'url = "http://[^"]*", ', "", made.read("pylock.toml"))
    assert "files/" not in text
    made.write({"pylock.toml": text})
    same_both_ways(made, index, "sync --frozen")


def test_a_lock_that_names_files_of_this_machine(made, index):
    folder = made / "wheels"
    folder.mkdir()
    for files in index.projects.values():
        for file in files:
            (folder / file.filename).write_bytes(file.body)
    text = re.sub(r'url = "http://[^"]*/', 'path = "wheels/', made.read("pylock.toml"))
    made.write({"pylock.toml": text})
    ran = same_both_ways(made, index, "sync --frozen")
    assert not ran.asked
    (folder / "io-1.0-py3-none-any.whl").unlink()
    same_both_ways(made, index, "sync --frozen")


def test_a_lock_for_other_platforms(project, index):
    index.add_wheel("io", "1.0")
    index.add_wheel("tool", "1.0", tags="py3-none-win_amd64")
    made = project(manifest("io", "tool", more="[tool.hutch]\ntargets = ['windows-x64-cp311']\n"))
    made.run("lock")
    same_both_ways(made, index)


def test_a_source_distribution_beside_wheels(project, index):
    index.add_wheel("io", "1.0")
    index.add_wheel("tool", "1.0")
    index.add_sdist("beta", "1.0")
    made = project(manifest("io", "tool", "beta"), HUTCH_SANDBOX="off")
    made.run("lock").ok()
    ran = same_both_ways(made, index)
    assert ran.said.startswith("exit 0")
    assert "beta-1.0.dist-info" in "".join(ran.environment)


def test_an_environment_that_is_there_already(made, index):
    forget(made)
    made.run("venv").ok()
    index.log.clear()
    made.run("sync", apart=True).ok()
    assert len(index.asked("*.whl")) == 4


class SlowIndex(FakeIndex):
    """An index that takes its time for the files of one project."""

    __slots__ = ()

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        if fnmatchcase(path, "*/io-*.whl"):
            time.sleep(1.5)
        return FakeIndex.answer(self, path, headers)


def test_a_package_that_has_to_be_built_leaves_the_process_to_the_wheels(project):
    """The build has wheels of its own to fetch; those of the project are asked for once all the same."""
    index = SlowIndex()
    index.add_wheel("io", "1.0")
    index.add_wheel("backend", "1.0", files={"backend_demo.py": BACKEND})
    text = manifest("io") + '\n[build-system]\nrequires = ["backend"]\nbuild-backend = "backend_demo"\n'
    with index.serve() as url:
        made = project(text, HUTCH_SANDBOX="off", HUTCH_INDEX_URL=url)
        made.run("lock").ok()
        assert same_both_ways(made, index).said.startswith("exit 0")
        forget(made)
        index.log.clear()
        made.run("sync", apart=True).ok()
    named = [path.rpartition("/")[2].partition("-")[0] for path in index.asked("*.whl")]
    assert sorted(named) == ["backend", "io"]


def test_a_workspace(project, index):
    index.add_wheel("io", "1.0")
    index.add_wheel("tool", "1.0")
    made = project(
        {
            "pyproject.toml": manifest("io", more="[tool.hutch.workspace]\nmembers = ['a']\n"),
            "a/pyproject.toml": manifest("tool", name="a"),
        }
    )
    made.run("lock").ok()
    assert same_both_ways(made, index).said.startswith("exit 0")


# -- credentials ---------------------------------------------------------------------------------------


def with_password(made: Any, index: Any, how: str, password: str) -> FakeKeyring | None:
    """Have the index ask for a password, and tell hutch one by ``how``."""
    index.credentials = f"bob:{SECRET}"
    if how == "in the address":
        made.environ["HUTCH_INDEX_URL"] = index.url.replace("://", f"://bob:{password}@")
    elif how == "netrc":
        netrc = made.home / "netrc"
        netrc.write_text(f"machine 127.0.0.1 login bob password {password}\n")
        netrc.chmod(0o600)
        made.environ["NETRC"] = str(netrc)
    elif how == "keyring":
        keyring = FakeKeyring(made.home / "keyring")
        (keyring.folder / "store.json").write_text(f'[["{index.url}", "bob", "{password}"]]')
        made.environ["PATH"] = f"{keyring.folder}{os.pathsep}{os.environ['PATH']}"
        made.environ["HUTCH_KEYRING_PROVIDER"] = "subprocess"
        return keyring
    return None


@pytest.mark.parametrize("how", ["in the address", "netrc", "keyring", "nowhere"])
@pytest.mark.parametrize("password", [SECRET, "wr0ngsecret"])
def test_an_index_that_asks_for_a_password(made, index, how, password):
    keyring = with_password(made, index, how, password)
    made.filtered = one_name(made.filtered)
    ran = same_both_ways(made, index)
    assert ran.said.startswith("exit 0" if password == SECRET and how != "nowhere" else "exit 3"), ran.said
    told = ran.said + "".join(map(str, ran.environment.values()))
    assert SECRET not in told
    assert "wr0ngsecret" not in told
    if keyring is not None:
        assert len(keyring.asked()) == 2  # once a command


def test_no_keyring_is_left_behind_by_ctrl_c(made, index):
    keyring = with_password(made, index, "keyring", SECRET)
    assert keyring is not None
    keyring.mood("hangs")
    slow_python(made, 1)
    forget(made)
    process = made.start("sync", stdout=-1, stderr=-1, start_new_session=True)
    until(lambda: index.asked("*.whl"))
    time.sleep(0.3)
    assert not keyring.asked()
    os.killpg(process.pid, 2)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (4, "", "interrupted\n")


# -- nothing to do -------------------------------------------------------------------------------------

COUNTING = """\
import os, sys
forks = 0
def watch(event, args):
    global forks
    forks += event in ("os.fork", "os.posix_spawn", "subprocess.Popen", "os.forkpty")
sys.addaudithook(watch)
"""


def forks_of(made: Any, command: str) -> int:
    """How many processes this one starts itself."""
    import subprocess

    launcher = made.launcher
    body = launcher[-1].replace("leave(main())", "code = main()")
    body = f"{COUNTING}\n{body}\nprint('forks', forks)\nsys.exit(code)"
    done = subprocess.run(
        [*launcher[:-1], body, *command.split()],
        cwd=made.path,
        env=made.variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("command", ["sync", "sync --frozen", "sync --no-config"])
def test_nobody_is_forked_where_there_is_nothing_to_fetch(made, index, command):
    made.run("sync", apart=True).ok()
    index.log.clear()
    assert forks_of(made, command) == 0
    shutil.rmtree(made / ".venv")
    made.write({"hutch.toml": ""})
    # The Python is asked, and what is in the store is not.
    assert forks_of(made, f"{command} --link-mode copy") <= 1
    assert not index.log


# -- where it cannot be kept ---------------------------------------------------------------------------


def confined_outcome(confined, made, index, mounts, *, alone, **changes):
    shutil.rmtree(made / ".venv", ignore_errors=True)
    index.log.clear()
    words = "sync --frozen"
    launcher = "exec '" + "' '".join(ALONE[:2]) + "' \"" + ALONE[2] + '" "$@"' if alone else ""
    ran = confined(made, f"{mounts}; {launcher}" if alone else mounts, words)
    return shown(ran), bool(index.asked("*.whl"))


@pytest.mark.parametrize("size", ["20k", "120k", "20m"])
def test_a_disk_that_is_full(confined, made, index, size):
    forget(made)
    cache_of(made).mkdir(parents=True)
    mounts = tmpfs(cache_of(made), size)
    for alone in (True, False):
        said, _ = confined_outcome(confined, made, index, mounts, alone=alone)
        # Which file is the first that has no room is a matter of chance.
        assert said.startswith("exit 0\n" if size == "20m" else "exit 1\nerror: "), said
        assert ("No space left on device" in said) == (size != "20m")
        assert said.count("error: ") == (size != "20m")


@pytest.mark.parametrize("needed", [True, False])
def test_a_cache_that_cannot_be_written(confined, made, index, needed):
    if not needed:
        made.write({"pyproject.toml": manifest()})
        made.run("lock").ok()
    forget(made)
    cache_of(made).mkdir(parents=True)
    mounts = read_only(cache_of(made))
    alone = confined_outcome(confined, made, index, mounts, alone=True)
    assert confined_outcome(confined, made, index, mounts, alone=False) == alone
    assert ("is not kept" in alone[0]) == needed, alone[0]
