"""What every test stands on: a clean machine, no network, and three fixtures.

- Nothing of the one who runs the tests is seen: HOME, XDG, pip's and hutch's own configuration are
  those of a fresh account, the cache is empty. ``real_home`` is for tests that look for the Pythons
  of this machine.
- The network is off. What listens on loopback can be reached, and names that lead nowhere by RFC
  2606 may be asked for. A test marked ``network`` uses ``mirror``, an index on loopback.
- ``project(files).run("add httpx")`` runs a command the way a user does.
"""

from __future__ import annotations

import contextlib
import ipaddress
import itertools
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("HUTCH_SHARED") or REPOSITORY.parent / "shared")
REAL_HOME = Path.home()
REAL_ENVIRON = dict(os.environ)

# -- Hypothesis ------------------------------------------------------------------------------------

# No deadline anywhere: the machine is shared, and a slow example is not a wrong one.
_COMMON: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("dev", max_examples=60, **_COMMON)
settings.register_profile("ci", max_examples=200, derandomize=True, database=None, print_blob=True, **_COMMON)
settings.register_profile("slow", max_examples=20_000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

# -- a clean machine -------------------------------------------------------------------------------

# Whatever of the environment could change what hutch, pip or an interpreter does; a seed is for the tests.
_FOREIGN = re.compile(
    r"""(?!HUTCH_KILLS_SEED$)(HUTCH|PIP|UV|XDG|CONDA|PYENV|POETRY|PDM|PIPENV|WORKON|TWINE|GIT)_.*
    | PYTHON(?!HASHSEED$|WARNINGS$).* | VIRTUAL_ENV.* | (NO|FORCE)_COLOR | CLICOLOR.* | COLUMNS | LINES
    | (HTTPS?|ALL|NO|FTP)_PROXY | NETRC | SSL_CERT_(FILE|DIR) | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE
    | SOURCE_DATE_EPOCH | CI | GITHUB_.*""",
    re.VERBOSE | re.IGNORECASE,
)


def pytest_configure(config: pytest.Config) -> None:
    """Forget, once a process, what belongs to whoever runs the tests."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # xdist's controller runs no test, and its workers start from its environment
    for name in [name for name in os.environ if _FOREIGN.fullmatch(name)]:
        del os.environ[name]
    os.environ["HUTCH_SHARED"] = str(SHARED)  # test modules look for it when they are collected
    os.environ["PIP_CONFIG_FILE"] = os.devnull
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    os.environ["GIT_CONFIG_SYSTEM"] = os.devnull
    # No test leaves processes behind that it has not asked for.
    os.environ["HUTCH_COMPILE"] = "off"
    # Nor does one install a Python that it has not asked for.
    os.environ["HUTCH_PYTHON_DOWNLOADS"] = "never"
    # A terminal of a fixed width, so that what is drawn does not depend on the window.
    os.environ["COLUMNS"] = "100"
    _close_the_network()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the network share one worker: the index that they share writes to disk while it serves."""
    for item in items:
        if item.get_closest_marker("network"):
            item.add_marker(pytest.mark.xdist_group("network"))


@pytest.fixture(scope="session")
def real_home() -> Path:
    """The home of whoever runs the tests, to look for interpreters in; never to write to."""
    return REAL_HOME


@pytest.fixture(scope="session")
def _homes() -> Iterator[int]:
    """Numbers for homes, one a test (``mktemp`` would list the folder each time)."""
    return itertools.count()


@pytest.fixture(autouse=True)
def home(
    tmp_path_factory: pytest.TempPathFactory, _homes: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """An empty home directory of this test's own; hutch's cache and data are inside, not made yet."""
    path = tmp_path_factory.getbasetemp() / f"home-{next(_homes)}"
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    monkeypatch.setenv("USERPROFILE", str(path))
    monkeypatch.setenv("APPDATA", str(path / "AppData" / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(path / "AppData" / "Local"))
    monkeypatch.setenv("HUTCH_CACHE_DIR", str(path / "cache"))
    monkeypatch.setenv("HUTCH_DATA_DIR", str(path / "data"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


# -- no network ------------------------------------------------------------------------------------

_NOWHERE = (".invalid", ".example", ".test", ".localhost")  # RFC 2606: never anybody's host


class NetworkOff(AssertionError):
    """A test wanted something that is not on this machine."""

    def __init__(self, host: object) -> None:
        super().__init__(f"the network is off in tests, and this one wants {host!r} (see tests/README.md)")


def _is_here(host: object) -> bool:
    """Whether ``host`` is this machine, or nobody's."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or not isinstance(host, str):
        return host is None
    host = host.strip("[]").rstrip(".").lower()
    if host in ("", "localhost") or host.endswith(_NOWHERE) or host in ("invalid", "example", "test"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _close_the_network() -> None:
    """Put guards on the two ways out of this process: Python's sockets, and libcurl's own."""
    resolve, connect, connect_ex = socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex

    def guarded_resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_here(host):
            raise NetworkOff(host)
        return resolve(host, *args, **kwargs)

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not _is_here(address[0]):
            raise NetworkOff(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if isinstance(address, tuple) and not _is_here(address[0]):
            raise NetworkOff(address)
        return connect_ex(self, address)

    socket.getaddrinfo = guarded_resolve
    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]

    with contextlib.suppress(ImportError):
        from urllib.parse import urlsplit

        import pycurl

        class GuardedCurl(pycurl.Curl):  # type: ignore[misc]
            def setopt(self, option: int, value: Any) -> Any:
                if option == pycurl.URL:
                    text = value.decode() if isinstance(value, bytes) else value
                    if not _is_here(urlsplit(text).hostname):
                        raise NetworkOff(text)
                return super().setopt(option, value)

        pycurl.Curl = GuardedCurl


@pytest.fixture(scope="session")
def mirror() -> Iterator[str]:
    """The URL of an index on loopback that records what it is asked for from the real one.

    Only for tests marked ``network``; skipped where the recorder, or anything to record, is absent.
    """
    script = SHARED / "bench" / "mirror.py"
    if not script.is_file():
        pytest.skip(f"there is no {script}; HUTCH_SHARED may name another folder")
    store = Path(REAL_ENVIRON.get("HUTCH_BENCH_STORE") or REAL_HOME / ".cache" / "hutch-bench")
    # The recorder asks pip where the default index is, so it needs a Python that has pip.
    candidates = [sys.executable, getattr(sys, "_base_executable", sys.executable), shutil.which("python3")]
    python = next((p for p in candidates if p and _has_pip(p)), None)
    if python is None:
        pytest.skip("no Python with pip here, and the recording index needs one")
    process = subprocess.Popen(
        [python, str(script), str(store), "--until", "2026-11-15"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=REAL_ENVIRON,
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url or not _answers(f"{url}packaging/"):
            pytest.skip("the recording index has no answer: nothing recorded, and the real one out of reach")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def _has_pip(python: str) -> bool:
    return (
        subprocess.run([python, "-I", "-c", "import pip"], capture_output=True, check=False).returncode == 0
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


# -- commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code, and its output with paths and times made the same everywhere."""

    command: str
    exit_code: int
    stdout: str
    stderr: str

    def ok(self) -> Ran:
        """Itself, if the command succeeded; else the test fails with what it said."""
        assert self.exit_code == 0, (
            f"$ hutch {self.command}\nexit {self.exit_code}\n{self.stderr}{self.stdout}"
        )
        return self


@dataclass
class Project:
    """A project directory, and hutch in it.

    ``environ`` is added to each command's environment (a value of None takes a variable away).
    """

    path: Path
    home: Path
    environ: dict[str, str | None] = field(default_factory=dict)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def variables(self) -> dict[str, str]:
        """All variables that a command has here, for other processes of a test."""
        return {key: value for key, value in {**os.environ, **self.environ}.items() if value is not None}

    @property
    def launcher(self) -> list[str]:
        """How hutch is started as a process; the last word is what Python runs."""
        return hutch_command()

    def under(self, words: Sequence[str], command: str, *, timeout: float = 120) -> Ran:
        """``hutch COMMAND`` as the last words of another program's command line."""
        done = subprocess.run(
            [*words, *self.launcher, *shlex.split(command)],
            cwd=self.path,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ran(command, done.returncode, self.filtered(done.stdout), self.filtered(done.stderr))

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, with the directories that they need."""
        for name, content in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def tree(self) -> list[str]:
        """The files of the project, without the inside of its environment."""
        found = (p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if not p.is_dir())
        return sorted(name for name in found if not name.startswith(".venv/"))

    def run(
        self,
        command: str,
        *,
        cwd: str = ".",
        stdin: str = "",
        environ: Mapping[str, str | None] | None = None,
        apart: bool | None = None,
    ) -> Ran:
        """``hutch COMMAND`` in this project.

        In this process, because a start of Python costs more than most commands; as a process of
        its own (``apart``) where the command becomes another program (``run``), or the test is
        about signals, standard input or start-up.
        """
        words = shlex.split(command)
        if apart is None:
            apart = bool(stdin) or any(word in ("run", "hutchx") for word in words[:3])
        changed = {**self.environ, **(environ or {})}
        runner = self._run_apart if apart else self._run_here
        code, out, err = runner(words, self.path / cwd, stdin, changed)
        return Ran(command, code, self.filtered(out), self.filtered(err))

    def _run_here(
        self, words: list[str], cwd: Path, stdin: str, changed: Mapping[str, str | None]
    ) -> tuple[int, str, str]:
        from hutch.cli import main

        with _alone_here(), pytest.MonkeyPatch.context() as patch:
            for name, value in changed.items():
                patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
            patch.chdir(cwd)
            with _captured(self.home) as read:
                try:
                    code = main(words)
                except SystemExit as leaving:
                    code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
            out, err = read()
        return code or 0, out, err

    def _run_apart(
        self, words: list[str], cwd: Path, stdin: str, changed: Mapping[str, str | None]
    ) -> tuple[int, str, str]:
        environ = {key: value for key, value in {**os.environ, **changed}.items() if value is not None}
        done = subprocess.run(
            [*hutch_command(), *words],
            cwd=cwd,
            env=environ,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def start(self, command: str, **options: Any) -> subprocess.Popen[str]:
        """Start ``hutch COMMAND`` and return at once: for tests that kill it."""
        words = [*self.launcher, *shlex.split(command)]
        return subprocess.Popen(words, cwd=self.path, env=self.variables, text=True, **options)

    def filtered(self, text: str) -> str:
        """Output that is the same on each machine and in each run."""
        for path, name in (
            (self.path, "<project>"),
            (self.home / "cache", "<cache>"),
            (self.home, "<home>"),
            (REPOSITORY, "<hutch>"),
            (Path(sys.base_prefix), "<python>"),
        ):
            for form in {str(path), os.path.realpath(path)}:
                text = text.replace(form, name)
        return re.sub(r"\b\d+(\.\d+)? ?(ms|s|min)\b", "<time>", text)


def hutch_command() -> list[str]:
    """How hutch is started as a process: isolated and without ``site``, as its launcher does."""
    import packaging

    paths = [str(REPOSITORY / "src"), str(Path(packaging.__file__).parent.parent)]
    body = f"import sys; sys.path[0:0] = {paths!r}; from hutch.cli import leave, main; leave(main())"
    return [sys.executable, "-IS", "-c", body]


_here = threading.Lock()


@contextlib.contextmanager
def _alone_here() -> Iterator[None]:
    """Hold this process's variables, directory and descriptors 1 and 2, which belong to all its threads.

    Two commands at once would put back what the other one has set, for every test after them.
    """
    assert _here.acquire(blocking=False), "commands at once need processes of their own: apart=True"
    try:
        yield
    finally:
        _here.release()


@contextlib.contextmanager
def _captured(folder: Path) -> Iterator[Callable[[], tuple[str, str]]]:
    """Catch what this process *and its children* write to file descriptors 1 and 2."""
    streams = {1: "stdout", 2: "stderr"}
    kept = {fd: (os.dup(fd), getattr(sys, name)) for fd, name in streams.items()}
    files = {fd: (folder / f"{name}-{time.monotonic_ns()}").open("w+b") for fd, name in streams.items()}
    texts: dict[int, str] = {}
    for fd, name in streams.items():
        os.dup2(files[fd].fileno(), fd)
        # Not closed with the wrapper: the descriptor is the process's own.
        setattr(sys, name, open(fd, "w", encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115
    try:
        yield lambda: (texts[1], texts[2])
    finally:
        for fd, name in streams.items():
            getattr(sys, name).flush()
            saved, stream = kept[fd]
            os.dup2(saved, fd)
            os.close(saved)
            setattr(sys, name, stream)
            files[fd].seek(0)
            texts[fd] = files[fd].read().decode("utf-8", "replace").replace("\r\n", "\n")
            files[fd].close()
            os.unlink(files[fd].name)


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Callable[..., Project]:
    """Make a project from its files: ``project({"pyproject.toml": …}).run("lock")``.

    A text instead of a mapping is a ``pyproject.toml``; nothing at all is an empty directory.
    """
    made = 0

    def make(files: str | Mapping[str, str | bytes] = "", **environ: str | None) -> Project:
        nonlocal made
        made += 1
        path = tmp_path / ("project" if made == 1 else f"project-{made}")
        path.mkdir()
        result = Project(path, home, dict(environ))
        if isinstance(files, str):
            files = {"pyproject.toml": files} if files else {}
        result.write(files)
        return result

    return make


@pytest.fixture(scope="session")
def real_channel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A channel of conda with a Python that runs, a compiled library, activation and commands."""
    from conda.real import make_channel, the_python

    python = the_python()
    if python is None:
        pytest.skip("no Python of this machine can be taken to another place")
    return make_channel(tmp_path_factory.mktemp("real-channel"), python)


@pytest.fixture(scope="session")
def mixing_channel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with a Python that runs and a pip of its own, and wheels beside it."""
    from conda.mixing import make_mixing_channel
    from conda.real import the_python

    python = the_python()
    if python is None:
        pytest.skip("no Python of this machine can be taken to another place")
    return make_mixing_channel(tmp_path_factory.mktemp("mixing-channel"), python)


@pytest.fixture(scope="session")
def conda_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all tests of large packages: each is unpacked once."""
    return tmp_path_factory.mktemp("conda-cache")
