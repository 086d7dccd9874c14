"""Table 1.5, rows S14 to S16: what the build of a hostile source gets to do, know, and leave behind.

The hostile part is the build backend of a source distribution on the index. It tries, and its wheel tells how
it went.
"""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.support import block, installed, manifest, shown
from hutch.build import probe_sandbox

NEEDS_SANDBOX = pytest.mark.skipif(
    not probe_sandbox().is_closed or not probe_sandbox().mounts, reason="this system has no whole sandbox"
)

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")

# A backend that does CODE first, and whose wheel has what CODE put into `told`.
BACKEND = """\
import base64, hashlib, json, os, sys, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    told = {}
    CODE
    files = {
        "evil.py": "told = " + repr(json.dumps(told)) + "\\n",
        "evil-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: evil\\nVersion: 1.0\\n",
        "evil-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: e\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append("%s,sha256=%s,%d" % (path, digest, len(text.encode())))
    files["evil-1.0.dist-info/RECORD"] = "\\n".join(rows + ["evil-1.0.dist-info/RECORD,,"]) + "\\n"
    with zipfile.ZipFile(os.path.join(wheel_directory, "evil-1.0-py3-none-any.whl"), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return "evil-1.0-py3-none-any.whl"
"""


def backend(code: str) -> str:
    return BACKEND.replace("CODE", code.strip().replace("\n", "\n    "))


@pytest.fixture
def evil(project: Callable[..., Any], index: Any) -> Callable[..., Any]:
    """A project that needs ``evil 1.0``, which is only there as source and does ``code`` when it is built."""

    def make(code: str, more: str = "", **environ: str | None) -> Any:
        index.add_sdist("evil", "1.0", backend=backend(code))
        return project(manifest("evil", more=more), **environ)

    return make


def told(made: Any) -> Any:
    """What the backend put into ``told``."""
    found = next((made / ".venv").glob("lib/python*/site-packages/evil.py")).read_text()
    scope: dict[str, Any] = {}
    exec(found, scope)
    return json.loads(scope["told"])


# -- S14: no build where none is wanted ----------------------------------------------------------------


class TestS14:
    """Building runs code: where it is forbidden, none of it runs."""

    @pytest.mark.parametrize(
        "setting",
        ['only-binary = [":all:"]', 'only-binary = ["evil"]'],
    )
    def test_the_settings_are_obeyed(self, evil: Any, tmp_path: Path, setting: str) -> None:
        marker = tmp_path / "ran"
        made = evil(f"open({str(marker)!r}, 'w')", f"[tool.hutch]\n{setting}\n", HUTCH_SANDBOX="off")
        ran = made.run("sync")
        assert ran.exit_code == 1
        assert "evil 1.0 has no wheel" in ran.stderr
        assert not marker.exists()

    @pytest.mark.parametrize(
        "words", ["pip install evil --only-binary :all:", "pip install evil --only-binary evil"]
    )
    def test_the_options_are_obeyed(self, project: Any, index: Any, tmp_path: Path, words: str) -> None:
        marker = tmp_path / "ran"
        index.add_sdist("evil", "1.0", backend=f"open({str(marker)!r}, 'w')\n", dynamic=["Requires-Dist"])
        made = project(manifest(), HUTCH_SANDBOX="off")
        made.run("venv").ok()
        assert made.run(words).exit_code == 1
        assert not marker.exists()
        made.run("pip install evil")
        assert marker.exists()  # so that the marker would have told

    def test_a_lock_can_do_without(self, project: Any, index: Any, tmp_path: Path) -> None:
        marker = tmp_path / "ran"
        index.add_sdist("evil", "1.0", backend=f"open({str(marker)!r}, 'w')\n", dynamic=["Requires-Dist"])
        made = project(manifest("evil", more='[tool.hutch]\nbuild-policy = "static"\n'), HUTCH_SANDBOX="off")
        assert made.run("lock").exit_code == 1
        assert not marker.exists()

    def test_the_build_requirements_are_not_built_either(
        self, project: Any, index: Any, tmp_path: Path
    ) -> None:
        marker = tmp_path / "ran"
        index.add_sdist("tool", "1.0", backend=f"open({str(marker)!r}, 'w')\n")
        index.add_sdist("evil", "1.0", build_requires=["tool"])
        made = project(manifest("evil", more='[tool.hutch]\nonly-binary = ["tool"]\n'), HUTCH_SANDBOX="off")
        ran = made.run("sync")
        assert ran.exit_code == 1
        assert "tool 1.0 has no wheel" in ran.stderr
        assert not marker.exists()


# -- S15: no secret is told ------------------------------------------------------------------------------

VARIABLES = (
    "HUTCH_INDEX_CORP_PASSWORD",
    "HUTCH_INDEX_URL",
    "UV_INDEX_CORP_PASSWORD",
    "PIP_INDEX_URL",
    "TWINE_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "SSH_AUTH_SOCK",
    "NETRC",
)
FILES = (
    *(".netrc", ".pypirc", ".ssh/id_ed25519", ".aws/credentials", ".config/hutch/hutch.toml"),
    *(".config/pip/pip.conf", ".git-credentials", ".docker/config.json", ".bash_history"),
)


class TestS15:
    def test_the_environment_has_no_secrets(self, evil: Any, index: Any) -> None:
        """9 of 9 in other tools; here 0 of 9, with or without a sandbox."""
        for mode in ("auto", "off"):
            environ = {name: "s3cr3t" for name in VARIABLES if name != "HUTCH_INDEX_URL"}
            made = evil("told.update(os.environ)", HUTCH_SANDBOX=mode, **environ)
            made.run("sync --no-cache").ok()
            seen = told(made)
            assert set(VARIABLES) & set(seen) == set()
            assert "s3cr3t" not in json.dumps(seen)
            index.projects.clear()

    @NEEDS_SANDBOX
    def test_the_environment_of_hutch_itself_is_not_read_either(self, evil: Any) -> None:
        code = """
for pid in os.listdir("/proc"):
    try:
        told[pid] = open("/proc/" + pid + "/environ").read()
    except OSError:
        pass
"""
        made = evil(code, TWINE_PASSWORD="s3cr3t")
        made.run("sync", apart=True).ok()
        assert "s3cr3t" not in json.dumps(told(made))

    @NEEDS_SANDBOX
    def test_files_of_the_home_are_not_there(self, evil: Any, home: Path) -> None:
        for name in FILES:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text("[defaults]\n" if name.endswith(".toml") else "s3cr3t")
        (home / ".config/hutch/hutch.toml").write_text("retries = 0 # s3cr3t\n")
        code = f"""
for name in {FILES!r}:
    for home in ({str(home)!r}, os.path.expanduser("~")):
        try:
            told[name] = open(os.path.join(home, name)).read()
        except OSError:
            pass
"""
        made = evil(code)
        made.run("sync").ok()
        assert told(made) == {}

    @NEEDS_SANDBOX
    def test_the_project_itself_is_not_read_by_what_it_depends_on(self, evil: Any) -> None:
        made = evil("pass")
        code = f"""
try:
    told["env"] = open({str(made / ".env")!r}).read()
except OSError:
    pass
"""
        made = evil(code)
        made.write({".env": "s3cr3t"})
        made.run("sync").ok()
        assert told(made) == {}


# -- S16: nothing is done outside -----------------------------------------------------------------------


@NEEDS_SANDBOX
class TestS16:
    def test_nothing_is_written_outside(self, evil: Any, home: Path, tmp_path: Path) -> None:
        made = evil("pass")
        targets = [
            str(home / ".bashrc"),
            str(made / "src.py"),
            str(made / ".venv/x"),
            str(tmp_path / "x"),
            "/tmp/hutch-x",
        ]
        code = f"""
for path in {targets!r}:
    try:
        open(path, "a").write("pwned")
        told[path] = os.path.exists(path)
    except OSError:
        pass
"""
        made = evil(code)
        (home / ".bashrc").write_text("mine")
        made.run("sync").ok()
        assert (home / ".bashrc").read_text() == "mine"
        assert not any(os.path.exists(path) for path in targets[1:])

    def test_the_store_is_not_written_to(self, project: Any, index: Any, home: Path) -> None:
        """Files of a build environment are the store's own: what a build wrote to one would be in all others."""
        index.add_wheel("tool", "1.0", files={"tool.py": "kind = 'innocent'\n"})
        code = """
import tool
for how in ("a", "w", "r+"):
    try:
        open(tool.__file__, how).write("kind = 'evil'")
        told[how] = True
    except OSError:
        pass
try:
    os.chmod(tool.__file__, 0o777)
    told["chmod"] = True
except OSError:
    pass
"""
        index.add_sdist("evil", "1.0", backend=backend(code), build_requires=["tool"])
        made = project(manifest("evil", "tool"))
        made.run("sync").ok()
        assert told(made) == {}
        assert made.run("run python -c 'import tool; print(tool.kind)'").ok().stdout == "innocent\n"

    def test_a_backend_may_keep_its_bytecode(self, project: Any, index: Any) -> None:
        """Else a large backend would be compiled at each of its calls."""
        index.add_wheel("tool", "1.0", files={"tool/__init__.py": "", "tool/part.py": ""})
        code = "import tool.part\ntold['kept'] = os.path.exists(tool.part.__cached__)"
        index.add_sdist("evil", "1.0", backend=backend(code), build_requires=["tool"])
        made = project(manifest("evil"))
        made.run("sync").ok()
        assert told(made) == {"kept": True}

    def test_no_server_is_reached(self, evil: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            code = f"""
import socket
try:
    socket.create_connection(("127.0.0.1", {port}), 1)
    told["reached"] = True
except OSError:
    pass
"""
            made = evil(code)
            made.run("sync").ok()
            assert told(made) == {}
            opened = evil(
                code, more='[tool.hutch]\nbuild-network = ["Evil"]\n', HUTCH_CACHE_DIR=str(made.home / "c2")
            )
            opened.run("sync").ok()
            assert told(opened) == {"reached": True}

    def test_a_project_cannot_open_its_own_sandbox(self, evil: Any, home: Path) -> None:
        (home / "diary").write_text("s3cr3t")
        code = f"""
for how in ("r", "a"):
    try:
        open({str(home / "diary")!r}, how)
        told[how] = True
    except OSError:
        pass
told["variable"] = os.environ.get("MY_TOKEN")
"""
        more = f"""
[tool.hutch]
sandbox = "off"
sandbox-exclude = ["evil"]
sandbox-read = ["{home}"]
sandbox-write = ["{home}"]
build-variables = ["MY_TOKEN"]
"""
        made = evil(code, more, MY_TOKEN="s3cr3t")
        ran = made.run("sync").ok()
        assert ran.stderr.count("passed over: a project cannot open the sandbox") == 5
        assert told(made) == {"variable": None}

    def test_what_its_user_opens_is_open(self, evil: Any, home: Path) -> None:
        (home / "shared").mkdir()
        (home / "shared" / "header.h").write_text("public")
        code = f"told['read'] = open({str(home / 'shared/header.h')!r}).read(); told['variable'] = os.environ.get('LICENSE_FILE')"
        made = evil(
            code,
            HUTCH_SANDBOX_READ=str(home / "shared"),
            HUTCH_BUILD_VARIABLES="LICENSE_FILE",
            LICENSE_FILE="/l",
        )
        made.run("sync").ok()
        assert told(made) == {"read": "public", "variable": "/l"}


# -- sources in directories ----------------------------------------------------------------------------

PACKAGE = """\
[build-system]
requires = []
build-backend = "mine"
backend-path = ["backend"]

[project]
name = "evil"
version = "1.0"
requires-python = ">=3.9"
"""


@NEEDS_SANDBOX
class TestDirectories:
    """The project itself is built where it lies, and may be written to as backends do."""

    @pytest.fixture
    def own(self, project: Any) -> Callable[[str], Any]:
        def make(code: str) -> Any:
            hooks = backend(code) + (
                "\ndef build_editable(wheel_directory, config_settings=None, metadata_directory=None):\n"
                "    return build_wheel(wheel_directory)\n"
            )
            return project({"pyproject.toml": PACKAGE, "backend/mine.py": hooks, ".env": "s3cr3t"})

        return make

    def test_a_backend_writes_into_its_tree(self, own: Any) -> None:
        made = own("os.makedirs('evil.egg-info'); open('build.log', 'w').write('built')")
        made.run("sync").ok()
        assert made.read("build.log") == "built"
        assert (made / "evil.egg-info").is_dir()

    def test_but_not_into_what_its_user_runs(self, own: Any, tmp_path: Path) -> None:
        made = own("pass")
        code = """
for path in (".git/hooks/pre-commit", ".git/config", ".venv/bin/python", ".vscode/tasks.json"):
    try:
        open(path, "w").write("pwned")
        told[path] = True
    except OSError:
        pass
"""
        made = own(code)
        for name in (".git/hooks/x", ".git/config", ".vscode/tasks.json"):
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_text("mine")
        made.run("venv").ok()
        made.run("sync").ok()
        assert told(made) == {}
        assert made.read(".git/config") == made.read(".vscode/tasks.json") == "mine"

    def test_the_checkout_around_it_may_be_read_and_nothing_beside_it(self, own: Any) -> None:
        made = own("pass")
        beside = made.path.parent / "beside"
        code = f"""
told["around"] = open("../LICENSE").read()
for path in ({str(beside / "diary")!r}, "../../beside/diary"):
    try:
        told["beside"] = open(path).read()
    except OSError:
        pass
try:
    open("../LICENSE", "w")
    told["written"] = True
except OSError:
    pass
"""
        made = own(code)
        beside.mkdir(exist_ok=True)
        (beside / "diary").write_text("s3cr3t")
        (made / ".git").mkdir()
        (made / "LICENSE").write_text("free")
        part = made / "part"
        (part / "backend").mkdir(parents=True)
        for name in ("pyproject.toml", "backend/mine.py"):
            (made / name).rename(part / name)
        made.write(
            {"pyproject.toml": manifest("evil", more='[tool.hutch.sources]\nevil = { path = "part" }\n')}
        )
        made.run("sync").ok()
        assert told(made) == {"around": "free"}


# -- refusals in words ------------------------------------------------------------------------------------


@NEEDS_SANDBOX
class TestWords:
    def test_of_the_network(self, evil: Any) -> None:
        made = evil("import urllib.request; urllib.request.urlopen('https://index.example/data.tar.gz')")
        ran = made.run("sync")
        assert ran.exit_code == 1
        assert ran.stderr.endswith(
            'try: the sandbox has no network: build-network = ["evil"] in [tool.hutch] opens it for this build; --no-sandbox builds without a sandbox\n'
        )

    def test_of_a_file_that_may_not_be_written(self, evil: Any, tmp_path: Path) -> None:
        made = evil(f"open({str(tmp_path / 'generated.h')!r}, 'w')")
        ran = made.run("sync")
        assert ran.exit_code == 1
        assert "try: the sandbox keeps " in ran.stderr
        assert "HUTCH_SANDBOX_WRITE=" in ran.stderr

    def test_of_a_file_that_is_hidden(self, evil: Any, home: Path) -> None:
        (home / "libfoo").mkdir()
        (home / "libfoo" / "foo.h").write_text("")
        ran = evil(f"open({str(home / 'libfoo/foo.h')!r})").run("sync")
        assert ran.exit_code == 1
        assert f"HUTCH_SANDBOX_READ={home / 'libfoo'}" in ran.stderr.replace("<home>", str(home))

    def test_none_where_the_sandbox_is_off(self, evil: Any) -> None:
        ran = evil("import urllib.request; urllib.request.urlopen('https://index.example/data.tar.gz')").run(
            "sync --no-sandbox"
        )
        assert ran.exit_code == 1
        assert "sandbox" not in ran.stderr


@LINUX
def test_no_build_without_a_sandbox_that_was_required(evil: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a system that has nothing of it."""
    import hutch.build.sandbox.plan as plan

    monkeypatch.setattr(plan, "SWITCHED_OFF", ("landlock", "namespaces", "seccomp"))
    made = evil("pass", HUTCH_SANDBOX="require")
    assert shown(made.run("sync")) == block("""
        exit 1
        error: building evil 1.0 was not begun: there is no sandbox to do it in
          this system cannot keep a build from files and the network
          the kernel has no Landlock
        try: sandbox = "auto" builds with what there is, --no-sandbox without any
    """)
    made.run("sync", environ={"HUTCH_SANDBOX": "auto"}).ok()


@LINUX
def test_a_starter_that_does_not_start_keeps_nobody_from_building(
    evil: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hutch.build.sandbox.plan as plan

    monkeypatch.setattr(plan, "_START", "raise ImportError({!r})")
    evil("pass").run("sync").ok()
    ran = evil("told[1] = 2", HUTCH_SANDBOX="require", HUTCH_NO_CACHE="1").run("sync")
    assert ran.exit_code == 1
    assert "was not begun: there is no sandbox to do it in" in ran.stderr


def test_where_there_is_no_sandbox_for_the_system(evil: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS: a build is done without one, but for those who require it."""
    import hutch.build.sandbox.plan as plan

    monkeypatch.setattr(plan, "why_not", lambda: "there is none for macOS yet")
    made = evil("pass", HUTCH_SANDBOX="require")
    assert shown(made.run("sync")) == block("""
        exit 1
        error: building evil 1.0 was not begun: there is no sandbox to do it in
          this system cannot keep a build from files and the network
          there is none for macOS yet
        try: sandbox = "auto" builds with what there is, --no-sandbox without any
    """)
    made.run("sync", environ={"HUTCH_SANDBOX": "auto"}).ok()


# -- what a build says, and how it is ended -----------------------------------------------------------------


def test_what_a_build_says_cannot_act_on_a_terminal(evil: Any) -> None:
    ran = evil("print('\\x1b]0;pwned\\x07 \\x1b[2J \\u202e red \\x9b31m'); raise SystemExit(1)").run("sync")
    assert ran.exit_code == 1
    assert not set("\x1b\x07\x9b\u202e") & set(ran.stdout + ran.stderr)


def test_what_a_failed_build_said_is_kept(evil: Any) -> None:
    made = evil("for number in range(100): print('line', number)\nraise SystemExit(1)")
    ran = made.run("sync")
    assert ran.exit_code == 1
    assert "\n  … 80 lines before these, all of them in <cache>/logs-v1/evil-1.0.log\n" in ran.stderr
    log = made.home / "cache/logs-v1/evil-1.0.log"
    assert log.read_text().count("line ") == 100
    made.run("cache clean").ok()
    assert not log.exists()


def test_a_build_that_leaves_directories_without_end(evil: Any) -> None:
    code = """
here = os.getcwd()
for _ in range(5000):
    os.mkdir("a"); os.chdir("a")
os.chdir(here)
"""
    made = evil(code)
    made.run("sync").ok()
    assert installed(made) == {"evil": "1.0"}


def test_a_build_that_says_too_much_is_ended(evil: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import hutch.build.process as process

    monkeypatch.setattr(process, "MOST_OUTPUT", 1_000_000)
    began = time.monotonic()
    ran = evil("while True: print('y' * 1000)").run("sync")
    assert ran.exit_code == 1
    assert "building evil 1.0 failed: `build_wheel` said more than a gigabyte" in ran.stderr
    assert time.monotonic() - began < 20


def test_a_build_that_takes_too_long_is_ended(evil: Any) -> None:
    made = evil(
        "print('at work', flush=True); import time; time.sleep(60)", more="[tool.hutch]\nbuild-timeout = 2\n"
    )
    assert shown(made.run("sync")) == block("""
        exit 1
        error: building evil 1.0 failed: `build_wheel` took longer than 2 seconds
          at work
        try: build-timeout = SECONDS in [tool.hutch] gives it longer
    """)


@LINUX
@pytest.mark.parametrize("mode", ["auto", "off"])
def test_control_c_ends_a_build_and_its_daemons_within_a_second(evil: Any, tmp_path: Path, mode: str) -> None:
    """And nothing of it is left, in the store or among the processes."""
    seconds = f"61.{os.getpid()}"  # the same test runs beside this one
    code = f"""
import subprocess, time
subprocess.Popen(["sh", "-c", "exec sleep {seconds}"], start_new_session=True, close_fds=True)
print("begun", flush=True)
open("begun", "w").close()
time.sleep(61)
"""
    made = evil(code, HUTCH_SANDBOX=mode)
    made.run("lock").ok()
    hutch = made.start("sync", stderr=subprocess.PIPE)
    late = time.monotonic() + 30
    while not sleeping(seconds) and time.monotonic() < late:
        time.sleep(0.05)
    assert sleeping(seconds)
    began = time.monotonic()
    hutch.send_signal(signal.SIGINT)
    said = hutch.communicate(timeout=20)[1]
    print(said)
    assert time.monotonic() - began < 2  # a second, and as much for a machine that is busy
    assert hutch.returncode == 4
    assert not sleeping(seconds)
    assert installed(made) == {}


def sleeping(seconds: str) -> bool:
    """Whether the daemon of that build is there."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return f"sleep {seconds}" in found.stdout.splitlines()


# -- what a build needs ---------------------------------------------------------------------------------


def test_what_a_build_needs_is_checked_like_anything_else(project: Any, index: Any) -> None:
    """The wheel of a build requirement whose bytes are not what the index says never gets to run."""
    index.add_wheel("tool", "1.0", files={"tool.py": "x = 1\n"}, listed={"hashes": {"sha256": "0" * 64}})
    index.add_sdist("evil", "1.0", backend=backend("import tool"), build_requires=["tool"])
    ran = project(manifest("evil")).run("sync")
    assert ran.exit_code == 1
    assert "tool-1.0-py3-none-any.whl" in ran.stderr
    assert "hash" in ran.stderr or "sha256" in ran.stderr


def test_build_constraints_hold_for_what_a_build_needs(project: Any, index: Any) -> None:
    for version in ("1.0", "2.0"):
        index.add_wheel("tool", version, files={"tool.py": f"version = '{version}'\n"})
    index.add_sdist(
        "evil", "1.0", backend=backend("import tool; told['tool'] = tool.version"), build_requires=["tool"]
    )
    made = project(manifest("evil", more='[tool.hutch]\nbuild-constraints = ["tool<2"]\n'))
    made.run("sync").ok()
    assert told(made) == {"tool": "1.0"}
