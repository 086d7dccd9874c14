"""What a build can and cannot do from inside of the sandbox, one way of making it after the other.

A Python that tries is started as a build is. ``full`` is all that this system has, ``landlock`` what is
left in a container that grants no namespaces, ``mounts`` what is left on a kernel without Landlock.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hutch.build import SandboxOptions, SandboxReport, probe_sandbox
from hutch.build.sandbox import launch
from hutch.processes import running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")

WAYS: dict[str, dict[str, Any]] = {
    "full": {},
    "landlock": {"namespaces": False},
    "landlock-alone": {"namespaces": False, "seccomp": False},
    "mounts": {"landlock": False},
}
ALL = pytest.mark.parametrize("way", ["full", "landlock", "mounts"])


class Cell:
    """A place to build in, things around it that are not to be touched, and a Python that tries."""

    def __init__(self, root: Path) -> None:
        self.own = root / "own"
        self.outside = root / "outside"
        self.own.mkdir()
        self.outside.mkdir()
        self.precious = self.outside / "precious"
        self.precious.write_text("mine")
        self.report = SandboxReport()
        self.seconds = 30.0
        self.variables: dict[str, str] = {"PATH": os.environ["PATH"], "TMPDIR": str(self.own)}

    def run(
        self, code: str, way: str = "full", *, protected: tuple[str, ...] = (), **options: Any
    ) -> tuple[int, str]:
        """The exit code and what was said by a Python with ``code``."""
        script = self.own / "try.py"
        script.write_text(f"own, outside, precious = {list(map(str, self.paths))!r}\n{code}")
        log = self.own.parent / "log"
        log.write_bytes(b"")
        one = launch(
            [sys.executable, "-I", str(script)],
            directory=str(self.own),
            variables=self.variables,
            options=SandboxOptions(**options),
            python=sys.executable,
            writable=(str(self.own), str(log)),
            protected=protected,
            **WAYS[way],
        )
        try:
            with open(log, "ab") as output:
                under_way = running(
                    one.argv,
                    directory=str(self.own),
                    environ={},
                    seconds=self.seconds,
                    output=output,
                    passed=one.passed,
                    gentle=one.gentle,
                )
                with under_way as process:
                    process.wait()
            found = one.report()
        finally:
            one.close()
        assert found is not None
        self.report = found
        said = log.read_text(errors="replace")
        assert found.started, (said, found)
        assert found.status is not None or process.stopped
        return (-1 if found.status is None else os.waitstatus_to_exitcode(found.status)), said

    @property
    def paths(self) -> tuple[Path, Path, Path]:
        return self.own, self.outside, self.precious


def needs(way: str) -> None:
    """Skip where this system has not got what the way is made of."""
    found = probe_sandbox()
    if way in ("full", "mounts") and not found.mounts:
        pytest.skip("nothing can be mounted here: " + "; ".join(found.missing))
    if way in ("full", "landlock", "landlock-alone") and found.landlock < 6:
        pytest.skip("the kernel has no Landlock of version 6")


@pytest.fixture
def cell(tmp_path: Path, way: str) -> Cell:
    needs(way)
    return Cell(tmp_path)


REFUSED = "import sys\ntry:\n    {}\nexcept OSError as error:\n    sys.exit(f'refused {{error.errno}}')\n"


# -- files --------------------------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize(
    "attempt",
    [
        "open(outside + '/new', 'w')",
        "open(precious, 'a')",
        "open(precious, 'w')",
        "import os; os.truncate(precious, 0)",
        "import os; os.unlink(precious)",
        "import os; os.mkdir(outside + '/new')",
        "import os; os.rmdir(outside)",
        "import os; os.rename(precious, outside + '/moved')",
        "import os; os.rename(precious, own + '/moved')",
        "import os; os.rename(own + '/try.py', outside + '/moved')",
        "import os; os.link(precious, own + '/linked'); open(own + '/linked', 'w')",
        "import os; os.symlink(precious, own + '/link'); open(own + '/link', 'w')",
        "import os; os.symlink(outside, own + '/link'); open(own + '/link/new', 'w')",
        "import os; os.symlink('x', outside + '/new')",
        "import os; os.mkfifo(outside + '/new')",
        "import os; os.chdir('/proc/self/cwd/../outside'); open('new', 'w')",
        "import os; open('/proc/self/root' + precious, 'w')",
        "open('/dev/shm/../..' + precious, 'w')",
    ],
)
def test_nothing_is_written_outside(cell: Cell, way: str, attempt: str) -> None:
    code, said = cell.run(REFUSED.format(attempt), way)
    assert (code, said.split()[0]) == (1, "refused"), said
    assert os.listdir(cell.outside) == ["precious"]
    assert cell.precious.read_text() == "mine"


@pytest.mark.parametrize("way", ["full", "mounts"])
@pytest.mark.parametrize("attempt", ["chmod(precious, 0o777)", "utime(precious, (1, 1))"])
def test_modes_and_times_outside_stay(cell: Cell, way: str, attempt: str) -> None:
    """Landlock does not look after these: the mounts do."""
    before = cell.precious.stat()
    code, said = cell.run(REFUSED.format(f"import os; os.{attempt}"), way, readable=(str(cell.outside),))
    assert (code, said) == (1, "refused 30\n")
    after = cell.precious.stat()
    assert (before.st_mode, before.st_mtime) == (after.st_mode, after.st_mtime)


@ALL
def test_what_a_build_does_every_day_works(cell: Cell, way: str) -> None:
    code, said = cell.run(
        "import os, sys, tempfile, subprocess, multiprocessing, socket, threading\n"
        "os.makedirs('a/b'); open('a/b/c', 'w').write('1'); os.rename('a/b/c', 'c'); os.chmod('c', 0o755)\n"
        "os.symlink('c', 'd'); os.link('c', 'e'); os.mkfifo('f'); os.utime('c', (1, 1))\n"
        "tempfile.TemporaryFile().write(b'x'); open(os.devnull, 'w').write('x'); os.urandom(4)\n"
        "open('/dev/stdout', 'a').write('said\\n')\n"
        "assert subprocess.run(['sh', '-c', 'echo $PATH > g && cat g'], stdout=-1).stdout\n"
        "assert multiprocessing.Lock().acquire()\n"
        "one, two = socket.socketpair(); one.send(b'x'); assert two.recv(1)\n"
        "thread = threading.Thread(target=lambda: None); thread.start(); thread.join()\n"
        "import ssl, sqlite3, ctypes; ctypes.CDLL(None)\n"
        "print(sorted(os.listdir('.')), os.getuid() == int(sys.argv[1]) if sys.argv[1:] else '')\n",
        way,
    )
    assert (code, said.splitlines()[-1].strip()) == (0, "['a', 'c', 'd', 'e', 'f', 'g', 'try.py']")


SECRETS = (
    *(".ssh/id_ed25519", ".netrc", ".pypirc", ".aws/credentials", ".config/hutch/hutch.toml"),
    *(".docker/config.json", ".cargo/credentials.toml", ".git-credentials", "Documents/diary"),
)


@ALL
def test_the_secrets_of_a_home_cannot_be_read(cell: Cell, way: str, home: Path) -> None:
    for name in SECRETS:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("s3cr3t")
    (home / ".rustup").mkdir()
    (home / ".rustup" / "settings.toml").write_text("public")
    code = f"import os\nos.chdir({str(home)!r})\nfor name in {SECRETS!r}:\n"
    code += "    try: print(name, open(name).read())\n    except OSError: pass\n"
    code += f"print(open({str(home / '.rustup/settings.toml')!r}).read())\n"
    assert cell.run(code, way) == (0, "public\n")


@pytest.mark.parametrize("way", ["full", "mounts"])
def test_secrets_stay_hidden_in_a_home_that_is_the_project(cell: Cell, way: str, home: Path) -> None:
    (home / ".netrc").write_text("s3cr3t")
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id").write_text("s3cr3t")
    (home / "setup.py").write_text("mine")
    code = f"import os\nos.chdir({str(home)!r})\nprint(open('setup.py').read(), os.listdir('.ssh'))\n"
    code += "print(repr(open('.netrc').read()))\n"
    assert cell.run(code, way, readable=(str(home),)) == (0, "mine []\n''\n")


@ALL
def test_what_the_user_allows_is_allowed(cell: Cell, way: str) -> None:
    options = {"readable": (str(cell.outside),)}
    code = "print(open(precious).read())\n" + REFUSED.format("open(precious, 'w')")
    assert cell.run(code, way, **options)[1].startswith("mine\nrefused")
    cell.run("open(precious, 'w').write('yours')", way, writable=(str(cell.outside),))
    assert cell.precious.read_text() == "yours"


@ALL
def test_what_variables_point_at_may_be_read(cell: Cell, way: str) -> None:
    cell.variables["CMAKE_PREFIX_PATH"] = f"/nonexistent:{cell.outside}"
    assert cell.run("print(open(precious).read())", way) == (0, "mine\n")


@ALL
def test_an_installation_on_the_path_can_be_used(cell: Cell, way: str, home: Path) -> None:
    """A compiler in a home needs what lies beside its `bin`."""
    for name in ("tools/gcc/bin/cc", "tools/gcc/lib/specs", "tools/gcc/lib/pkgconfig/x", "tools/other"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("mine")
    for variables in (
        {"PATH": f"{os.environ['PATH']}:{home}/tools/gcc/bin:{home}/bin:{home}/.local/bin"},
        {"PKG_CONFIG_PATH": f"{home}/tools/gcc/lib/pkgconfig/"},
    ):
        cell.variables.update(variables)
        code = f"print(open({str(home / 'tools/gcc/lib/specs')!r}).read())\n"
        code += REFUSED.format(f"open({str(home / 'tools/other')!r})")
        assert cell.run(code, way)[1].startswith("mine\nrefused")
        cell.variables["PATH"] = "/usr/bin:/bin"


@ALL
def test_a_variable_opens_no_home(cell: Cell, way: str, home: Path) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id").write_text("s3cr3t")
    (home / "diary").write_text("s3cr3t")
    cell.variables["CFLAGS"] = f"-I{home} -I{home}/.ssh -I{home.parent} -I/ -I{home}/../{home.name}"
    code, said = cell.run(
        f"import os\nfor name in ('diary', '.ssh/id'):\n    try: open({str(home)!r} + '/' + name)\n"
        "    except OSError: print('refused')\n",
        way,
    )
    assert (code, said) == (0, "refused\nrefused\n")


@pytest.mark.parametrize("way", ["full", "mounts"])
def test_what_is_protected_stays_although_it_lies_in_the_tree(cell: Cell, way: str) -> None:
    hook = cell.own / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(parents=True)
    hook.write_text("mine")
    code = f"hook = {str(hook)!r}\nprint(open(hook).read())\n" + REFUSED.format("open(hook, 'w')")
    assert cell.run(code, way, protected=(str(cell.own / ".git"),)) == (1, "mine\nrefused 30\n")


def test_the_environments_of_a_project_are_protected(tmp_path: Path) -> None:
    from hutch.build.sandbox.roots import source_roots

    for name in (".venv-train", "src"):
        (tmp_path / name).mkdir()
    _, protected = source_roots(str(tmp_path), {"HOME": "/nowhere"})
    for name in (".venv", ".venv-train", ".python-envs", ".git"):
        assert str(tmp_path / name) in protected
    assert str(tmp_path / "src") not in protected


@pytest.mark.parametrize("way", ["full"])
def test_the_temporary_directory_of_all_is_the_builds_own(way: str, home: Path) -> None:
    """Many programs write to /tmp whatever TMPDIR says. (Not for tests that lie in /tmp themselves.)"""
    needs(way)
    one = launch(
        ["/bin/sh", "-c", "echo x > /tmp/hutch-was-here && ls -A /tmp /dev/shm"],
        directory="/",
        variables={"PATH": "/usr/bin:/bin"},
        options=SandboxOptions(),
    )
    try:
        done = subprocess.run(
            one.argv, pass_fds=one.passed, env={}, capture_output=True, text=True, check=False
        )
        report = one.report()
    finally:
        one.close()
    assert report is not None
    assert (report.status, done.stdout) == (0, "/dev/shm:\n\n/tmp:\nhutch-was-here\n")
    assert not os.path.exists("/tmp/hutch-was-here")


# -- other processes ----------------------------------------------------------------------------------


@ALL
def test_other_processes_are_out_of_reach(cell: Cell, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their environment, their memory, and signals to them."""
    if way == "mounts" and os.geteuid() == 0 and not os.path.exists("/proc/self/ns/user"):
        pytest.skip("no user namespaces")
    code = (
        "import ctypes, os, sys\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"for pid in (os.getppid(), {os.getpid()}, 1):\n"
        "    for name in ('environ', 'mem', 'maps', 'fd/0'):\n"
        "        try:\n"
        "            if name == 'fd/0': os.readlink(f'/proc/{pid}/{name}')\n"
        "            else: open(f'/proc/{pid}/{name}', 'rb').read(16)\n"
        "            print('read', pid, name)\n"
        "        except OSError: pass\n"
        "    if libc.ptrace(16, pid, 0, 0) == 0: print('attached to', pid)\n"
        f"try: os.kill({os.getpid()}, 0); print('reached')\nexcept OSError: pass\n"
        "print('tried')\n"
    )
    assert cell.run(code, way) == (0, "tried\n")


@ALL
def test_no_rights_are_left_and_none_can_be_had(cell: Cell, way: str) -> None:
    code = "for line in open('/proc/self/status'):\n"
    code += "    if line.startswith(('NoNewPrivs', 'CapEff')): print(line.split()[1])\n"
    expected = "000000000000001b" if os.geteuid() == 0 else "0000000000000000"
    assert cell.run(code, way) == (0, f"{expected}\n1\n")


@pytest.mark.parametrize("way", ["full", "mounts"])
def test_namespaces_within_undo_nothing(cell: Cell, way: str, home: Path) -> None:
    (home / "diary").write_text("s3cr3t")
    code = (
        "import subprocess\n"
        f"script = 'umount -l {home}; umount -l /tmp; mount -o remount,rw /; cat {home}/diary;'\n"
        f"script += 'echo x > {cell.precious}; mount -t tmpfs x {cell.outside}; nsenter -t 1 -n true;'\n"
        "for words in (['unshare', '-rmp', '--fork'], []):\n"
        "    done = subprocess.run([*words, 'sh', '-c', script], stdout=-1, stderr=-2, text=True)\n"
        "    assert 's3cr3t' not in done.stdout, done.stdout\nprint('tried')\n"
    )
    assert cell.run(code, way) == (0, "tried\n")
    assert cell.precious.read_text() == "mine"


DAEMON = (
    "import os, time, sys\n"
    "if not os.fork():\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
    "    for number in range(3, 20):\n        try: os.close(number)\n        except OSError: pass\n"
    "    open('born', 'w').close(); time.sleep(1.2); open('alive', 'w').close(); os._exit(0)\n"
    "for look in range(1000):\n    if os.path.exists('born'): break\n    time.sleep(0.01)\n"
)


@pytest.mark.parametrize("mode", ["auto", "off"])
@ALL
def test_what_a_build_leaves_behind_ends_with_it(cell: Cell, way: str, mode: str) -> None:
    assert cell.run(DAEMON, way, mode=mode) == (0, "")
    time.sleep(1.5)
    assert (cell.own / "born").exists()
    assert not (cell.own / "alive").exists()


@pytest.mark.parametrize("mode", ["auto", "off"])
@ALL
def test_after_its_time_all_of_a_build_ends(cell: Cell, way: str, mode: str) -> None:
    cell.seconds = 1.0
    began = time.monotonic()
    cell.run(DAEMON + "time.sleep(60)\n", way, mode=mode)
    assert time.monotonic() - began < 5
    time.sleep(1.5)
    assert not (cell.own / "alive").exists()


@ALL
@pytest.mark.parametrize("code", [0, 3, 98, 99, 127])
def test_an_exit_code_comes_back_and_buys_nothing(cell: Cell, way: str, code: int) -> None:
    """99 is what the parts of the starter end with; a build that ends with it is not tried with less."""
    script = f"open('ran', 'a').write('x')\nraise SystemExit({code})\n"
    assert cell.run(script, way) == (code, "")
    assert (cell.own / "ran").read_text() == "x"


@ALL
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGTERM, signal.SIGKILL])
def test_the_signal_that_ended_a_build_is_known(cell: Cell, way: str, number: int) -> None:
    assert cell.run(f"import os; os.kill(os.getpid(), {int(number)})", way)[0] == -number


@pytest.mark.parametrize("way", ["full", "landlock"])
def test_a_hutch_whose_parent_ignored_signals(cell: Cell, way: str) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        assert cell.run("import os; os.kill(os.getpid(), 15)", way)[0] == -signal.SIGTERM
        cell.seconds = 0.5
        began = time.monotonic()
        cell.run("import time; time.sleep(60)", way)
        assert time.monotonic() - began < 5
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("way", ["full", "landlock"])
def test_a_build_ends_with_a_hutch_that_is_killed(cell: Cell, way: str) -> None:
    code = (
        "import sys, subprocess\nsys.path[:0] = sys.argv[1:2]\n"
        "from hutch.build import SandboxOptions\nfrom hutch.build.sandbox import launch\n"
        f"one = launch([sys.executable, '-c', {DAEMON + 'time.sleep(60)'!r}], directory={str(cell.own)!r},"
        f" variables={{}}, options=SandboxOptions(), python=sys.executable,"
        f" writable=({str(cell.own)!r},), **{WAYS[way]!r})\n"
        "subprocess.run(one.argv, pass_fds=one.passed, cwd=sys.argv[2], start_new_session=True)\n"
    )
    source = str(Path(launch.__code__.co_filename).parents[3])
    starting = subprocess.Popen([sys.executable, "-c", code, source, str(cell.own)])
    late = time.monotonic() + 20
    while not (cell.own / "born").exists() and time.monotonic() < late:
        time.sleep(0.02)
    starting.kill()
    starting.wait()
    assert (cell.own / "born").exists()
    time.sleep(1.5)
    assert not (cell.own / "alive").exists()


# -- the network --------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


CONNECT = "import socket\nsocket.create_connection(('127.0.0.1', {}), 2)\nprint('connected')\n"


@pytest.mark.parametrize(
    ("way", "network", "error"),
    [
        ("full", "namespace", "ConnectionRefusedError"),
        ("mounts", "namespace", "ConnectionRefusedError"),
        ("landlock", "seccomp", "PermissionError"),
        ("landlock-alone", "landlock", "PermissionError"),
    ],
)
def test_no_server_is_reached(cell: Cell, way: str, server: int, network: str, error: str) -> None:
    code, said = cell.run(CONNECT.format(server), way)
    assert (code, cell.report.network) == (1, network)
    assert error in said


@pytest.mark.parametrize("way", ["landlock"])
def test_no_socket_comes_by_another_way(cell: Cell, way: str) -> None:
    """io_uring makes sockets without the call; old conventions of a processor have other numbers."""
    code = (
        "import ctypes, socket\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "tried = [libc.syscall(425, 8, ctypes.create_string_buffer(120))]\n"
        "if __import__('os').uname().machine == 'x86_64':\n"
        "    tried.append(libc.syscall(ctypes.c_long(0x40000000 + 41), 2, 1, 0))\n"
        "for family in (2, 10, 17, 38, 40):\n"
        "    try: socket.socket(family, socket.SOCK_DGRAM)\n    except OSError: tried.append(-1)\n"
        "print(set(tried))\n"
        "socket.socket(socket.AF_UNIX), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\n"
    )
    assert cell.run(code, way) == (0, "{-1}\n")


@ALL
def test_the_network_can_be_left_open(cell: Cell, way: str, server: int) -> None:
    assert cell.run(CONNECT.format(server), way, network=True) == (0, "connected\n")
    assert cell.report.network == ""
    assert cell.report.files


@ALL
def test_no_datagram_leaves(cell: Cell, way: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.3)
        port = listening.getsockname()[1]
        cell.run(f"import socket; socket.socket(type=2).sendto(b'x', ('127.0.0.1', {port}))", way)
        with pytest.raises(TimeoutError):
            listening.recv(1)


@ALL
def test_no_socket_that_knows_no_namespaces(cell: Cell, way: str) -> None:
    """What a virtual machine talks to its host with is not of the network that was closed."""
    socket_of_the_host = "import _socket; _socket.socket(40, 1)"
    code, said = cell.run(REFUSED.format(socket_of_the_host), way)
    assert code == 1
    assert "refused" in said


@ALL
def test_no_device_but_those_that_are_nobodys(cell: Cell, way: str) -> None:
    """Root owns the disks, and "read-only" is no word for what is in their nodes."""
    code = """
import os
for name in {names!r}:
    try:
        os.close(os.open("/dev/" + name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
    except OSError:
        continue
    print(name)
with open("/dev/null", "wb") as null:
    null.write(b"x")
"""
    names = [each.name for each in os.scandir("/dev") if not each.is_dir() and not each.is_symlink()]
    status, said = cell.run(code.format(names=names), way)
    assert (status, {*said.split()} - {"null", "zero", "full", "random", "urandom"}) == (0, set()), said


@pytest.mark.parametrize("way", ["full", "mounts"])
def test_a_build_may_talk_to_itself(cell: Cell, way: str) -> None:
    code = "import socket\ns = socket.create_server(('127.0.0.1', 0))\n"
    code += "c = socket.create_connection(s.getsockname()); c.send(b'x'); print(s.accept()[0].recv(1))\n"
    assert cell.run(code, way) == (0, "b'x'\n")


@ALL
def test_names_are_not_resolved(cell: Cell, way: str) -> None:
    code, said = cell.run("import socket; socket.getaddrinfo('index.example', 80)", way)
    assert code == 1
    assert "gaierror" in said


@ALL
@pytest.mark.parametrize("abstract", [True, False])
def test_sockets_of_other_programs_are_not_reached(
    cell: Cell, way: str, abstract: bool, tmp_path: Path, short: Callable[[], Path]
) -> None:
    """An agent, a Docker daemon: whoever can talk to them needs no rights of its own."""
    if way == "landlock" and not abstract:
        pytest.skip("only mounts hide a socket that has a path")
    name = f"\0hutch-test-{os.getpid()}" if abstract else str(short() / "agent.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        listening.listen()
        code, said = cell.run(
            f"import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect({name!r})\nprint('connected')", way
        )
    assert code == 1
    assert "connected" not in said


@pytest.fixture
def short() -> Iterator[Callable[[], Path]]:
    """A directory in /tmp with a name short enough for a socket."""
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp", prefix="h") as made:
        yield lambda: Path(made)


# -- where there is less ------------------------------------------------------------------------------


def test_without_anything_there_is_a_report_that_says_so(tmp_path: Path) -> None:
    WAYS["nothing"] = {"landlock": False, "namespaces": False, "seccomp": False}
    try:
        cell = Cell(tmp_path)
        assert cell.run("print('built')", "nothing") == (0, "built\n")
    finally:
        del WAYS["nothing"]
    assert (cell.report.files, cell.report.network, cell.report.is_closed) == ("", "", False)
    assert cell.report.missing == ("the kernel has no Landlock",)


def test_the_probe_says_what_works_here() -> None:
    found = probe_sandbox()
    assert not found.failed
    assert found.is_closed or found.missing
