"""The benchmark's sets of requirements, through the recording index: locked, installed, and compared.

With uv: the versions for this machine are the same. With pip, uv and ``packaging``: they make of hutch's
lock what hutch makes of it. With the law: the lock is right on every target. With itself: the same
bytes whatever the state of the cache, the order of the requirements or that of the answers.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import tomllib
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from hutch.net import Client, Request
from hutch.ops.context import Context
from hutch.ops.lock import LockOptions, lock
from hutch.testing.transport import Answer, FakeClock, MemoryTransport
from integration.law import Facts, faults

SHARED = Path(os.environ.get("HUTCH_SHARED") or Path(__file__).parents[3] / "shared")
SETS = SHARED / "bench" / "sets"

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(not SETS.is_dir(), reason="../shared/bench is not here"),
]

every_set = pytest.mark.parametrize(
    "name",
    [
        "flask",
        pytest.param("trio", marks=pytest.mark.slow),
        pytest.param("jupyter", marks=pytest.mark.slow),
        pytest.param("web", marks=pytest.mark.slow),
        pytest.param("data", marks=pytest.mark.slow),
        pytest.param("backtrack", marks=pytest.mark.slow),
    ],
)


def requirements(name: str) -> list[str]:
    lines = (line.strip() for line in (SETS / f"{name}.txt").read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def manifest(wanted: Iterable[str], requires_python: str = ">=3.12") -> str:
    listed = "".join(f"    {json.dumps(each)},\n" for each in wanted)
    head = f'[project]\nname = "bench"\nversion = "0.1.0"\nrequires-python = "{requires_python}"\n'
    return f"{head}dependencies = [\n{listed}]\n"


# -- the other tools -------------------------------------------------------------------------------


def call(*words: str | Path, **environ: str) -> str:
    """Run a program; its output, or a failure that shows it."""
    done = subprocess.run(
        list(map(str, words)), env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def python(real_home: Path) -> str:
    """CPython 3.12."""
    here = sorted(real_home.glob(".pyenv/versions/3.12.*/bin/python"), reverse=True)
    for found in filter(None, [*map(str, here), shutil.which("python3.12")]):
        return found
    pytest.skip("no CPython 3.12 here")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def tools(python: str, mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python 3.12 with a pip and a ``packaging`` that know PEP 751."""
    folder = tmp_path_factory.mktemp("tools")
    call(python, "-m", "venv", folder)
    own = folder / "bin" / "python"
    call(own, "-m", "pip", "install", "-q", "--index-url", mirror, "pip>=26.1", "packaging>=26.0")
    return own


@pytest.fixture(scope="module")
def uv(mirror: str, python: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    program = shutil.which("uv") or pytest.skip("no uv on PATH to compare with")
    environ = {
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(tmp_path_factory.mktemp("uv-cache")),
        "UV_DEFAULT_INDEX": mirror,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return lambda *words: call(program, *words, **environ)


def empty_environment(python: str, path: Path) -> Path:
    call(python, "-m", "venv", "--without-pip", path)
    return path / "bin" / "python"


def installed(python: Path) -> dict[str, str]:
    """Normalised name → version of what is installed there."""
    code = (
        "import importlib.metadata as m, json, re\n"
        "print(json.dumps({re.sub('[-_.]+', '-', d.name).lower(): d.version for d in m.distributions()}))"
    )
    found: dict[str, str] = json.loads(call(python, "-I", "-c", code))
    return found


def pinned(text: str) -> dict[str, str]:
    lines = (line.partition(";")[0].strip() for line in text.splitlines())
    return dict(line.split("==") for line in lines if "==" in line)


SELECT = """
import json, sys, tomllib
from packaging.pylock import Pylock
with open(sys.argv[1], "rb") as file:
    lock = Pylock.from_dict(tomllib.load(file))
lock.validate()
print(json.dumps({package.name: str(package.version) for package, _ in lock.select()}))
"""


def selected(tools: Path, lock: Path) -> dict[str, str]:
    """What ``packaging`` selects from a lock for this machine."""
    found: dict[str, str] = json.loads(call(tools, "-I", "-c", SELECT, lock))
    return found


# -- the tests -------------------------------------------------------------------------------------


@pytest.fixture
def demo(project: Any, python: str, mirror: str, cache: Path) -> Callable[..., Any]:
    def make(text: str, **environ: str) -> Any:
        settings = {"HUTCH_PYTHON": python, "HUTCH_INDEX_URL": mirror, "HUTCH_CACHE_DIR": str(cache)}
        return project(text, **{**settings, **environ})

    return make


@every_set
def test_the_versions_for_this_machine_are_those_of_uv(
    name: str, demo: Any, tools: Path, uv: Any, python: str
) -> None:
    mine = demo(manifest(requirements(name)))
    mine.run("lock").ok()
    mine.write({"requirements.in": "\n".join(requirements(name)) + "\n"})
    options = ("--python-version", "3.12", "--python", python, "-q", "--no-header", "--no-annotate")
    theirs = uv("pip", "compile", mine / "requirements.in", *options)
    assert selected(tools, mine / "pylock.toml") == pinned(theirs)


@every_set
def test_the_environment_is_whole_and_others_make_the_same_of_the_lock(
    name: str, demo: Any, tools: Path, uv: Any, python: str, mirror: str, tmp_path: Path
) -> None:
    mine = demo(manifest(requirements(name)))
    mine.run("lock").ok()
    mine.run("sync --no-install-project").ok()
    lock, own = mine / "pylock.toml", mine / ".venv" / "bin" / "python"
    versions = installed(own)
    assert versions == selected(tools, lock)
    assert call(tools, "-m", "pip", "--python", own, "check") == "No broken requirements found.\n"

    by_pip = empty_environment(python, tmp_path / "by-pip")
    call(tools, "-m", "pip", "--python", by_pip, "install", "-q", "--index-url", mirror, "-r", lock)
    assert installed(by_pip) == versions

    by_uv = empty_environment(python, tmp_path / "by-uv")
    uv("pip", "sync", "-q", "--preview-features", "pylock", "--python", by_uv, lock)
    assert installed(by_uv) == versions


@functools.cache
def read_url(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:
        body: bytes = response.read()
    return body


def facts_of(entry: dict[str, Any]) -> Facts:
    return Facts.of(read_url(entry["wheels"][0]["url"] + ".metadata").decode())


@every_set
@pytest.mark.parametrize("requires_python", [">=3.12", ">=3.9"])
def test_the_lock_is_right_on_every_target(name: str, requires_python: str, demo: Any) -> None:
    mine = demo(manifest(requirements(name), requires_python))
    mine.run("lock").ok()
    text = mine.read("pylock.toml")
    assert faults(text, requirements(name), facts_of) == []
    names = tomllib.loads(text)["tool"]["hutch"]["targets"]
    minors = {each.partition("-")[0].partition(".")[0] for each in names if "linux-x86_64" in each}
    assert "cp312" in minors
    assert requires_python == ">=3.12" or {"cp39", "cp310", "cp311", "cp312", "cp313"} <= minors


@every_set
@pytest.mark.parametrize("requires_python", [">=3.12", ">=3.9"])
def test_the_bytes_of_the_lock_depend_on_nothing_but_the_question(
    name: str, requires_python: str, demo: Any, tmp_path: Path, mirror: str, python: str
) -> None:
    wanted = requirements(name)
    mine = demo(manifest(wanted, requires_python))
    mine.run("lock").ok()
    first = mine.read("pylock.toml")

    mine.run("lock").ok()
    assert mine.read("pylock.toml") == first

    (mine / "pylock.toml").unlink()
    mine.run("lock").ok()
    assert mine.read("pylock.toml") == first

    other = demo(manifest(reversed(wanted), requires_python))
    other.run("lock", environ={"HUTCH_CACHE_DIR": str(tmp_path / "empty-1")}).ok()
    assert other.read("pylock.toml") == first

    for seed in (1, 2):
        (mine / "pylock.toml").unlink()
        cache = tmp_path / f"empty-shuffled-{seed}"
        lock_shuffled(mine.path, mirror, python, cache, seed)
        assert mine.read("pylock.toml") == first


def lock_shuffled(project: Path, mirror: str, python: str, cache: Path, seed: int) -> None:
    """Lock with an empty cache over a network that answers a few requests at a time, in any order."""
    environ = {"HUTCH_INDEX_URL": mirror, "HUTCH_PYTHON": python, "HUTCH_CACHE_DIR": str(cache)}
    context = Context(project, {**os.environ, **environ})
    transport = MemoryTransport(relay, order="shuffled", seed=seed, at_once=1 + seed * 3)
    context.__dict__["client"] = Client(transport, context.configuration.net, clock=FakeClock())
    with context:
        lock(context, LockOptions())


def relay(request: Request) -> Answer:
    """The mirror's answer to a request."""
    accept = dict(request.headers).get("Accept", "*/*")
    return _relay(request.url, accept)


@functools.cache
def _relay(url: str, accept: str) -> Answer:
    asked = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(asked, timeout=60) as response:
        headers = tuple((k, v) for k, v in response.headers.items() if k.lower() != "content-length")
        return Answer(status=response.status, headers=headers, body=response.read())
