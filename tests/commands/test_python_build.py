"""``hutch python install --build``, with a small tree that configures, makes and installs like CPython's."""

from __future__ import annotations

import io
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from commands.support import PYTHON

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="hutch does not build Python on Windows"),
    pytest.mark.skipif(not (shutil.which("cc") and shutil.which("make")), reason="needs a compiler and make"),
]

VERSION = platform.python_version().rstrip("+")
MINOR = ".".join(VERSION.split(".")[:2])
CONFIGURE = f"""#!/bin/sh
echo "checking for nothing... no"
for word in "$@"; do
    case $word in
        --prefix=*) prefix=${{word#--prefix=}} ;;
        --with-trouble=*) trouble=${{word#*=}} ;;
        --with-no) echo 'configure: error: no is not yes' >&2; exit 1 ;;
    esac
done
printf '%s\\n' "$@" > said
env > variables
cat > Makefile <<END
prefix=$prefix
all:
	@test -z "$trouble" || {{ echo "$trouble"; exit 2; }}
	@echo made > made
install: all
	mkdir -p \\$(DESTDIR)\\$(prefix)/bin \\$(DESTDIR)\\$(prefix)/lib/python{MINOR}
	touch \\$(DESTDIR)\\$(prefix)/lib/python{MINOR}/os.py
	cp said variables \\$(DESTDIR)\\$(prefix)
	printf '#!/bin/sh\\nexec {PYTHON} "\\$\\$@"\\n' > \\$(DESTDIR)\\$(prefix)/bin/python{MINOR}
	chmod +x \\$(DESTDIR)\\$(prefix)/bin/python{MINOR}
	ln -s python{MINOR} \\$(DESTDIR)\\$(prefix)/bin/python3
END
"""


def source(folder: Path, *, version: str = VERSION, configure: str = CONFIGURE) -> Path:
    """A source tree as CPython's, as far as hutch looks at it."""
    (folder / "Include").mkdir(parents=True)
    (folder / "Include" / "patchlevel.h").write_text(f'#define PY_VERSION "{version}"\n')
    (folder / "configure").write_text(configure)
    return folder


def archive(folder: Path, path: Path) -> Path:
    with tarfile.open(path, "w:" + path.suffix[1:].replace("tgz", "gz")) as tar:
        tar.add(folder, folder.name)
    return path


@pytest.fixture
def builds(project, home, monkeypatch):
    """A project to stand in, whose builds find a compiler and this Python's headers."""
    monkeypatch.delenv("CONFIGURE_OPTS", raising=False)
    made = project({})
    made.tree = source(made / f"Python-{VERSION}")
    made.pythons = home / "data" / "python"
    return made


def keys(made) -> list[str]:
    return sorted(path.name for path in made.pythons.glob("[!.]*") if not path.is_symlink())


def left(made) -> list[str]:
    return [path.name for path in made.pythons.glob(".work-v1/*/*")]


def test_a_folder_is_built_for_the_place_where_it_will_be(builds):
    ran = builds.run(f"python install --build {builds.tree.name} --jobs 3 --json").ok()
    one = json.loads(ran.stdout)["pythons"][0]
    assert one["state"] == "installed"
    (key,) = keys(builds)
    assert key.startswith(f"cpython-{VERSION}-")
    place = builds.pythons / key
    assert f"--prefix={place}" in (place / "said").read_text().split("\n")
    assert (
        subprocess.run([place / "bin" / "python", "-c", "print(6 * 7)"], capture_output=True).stdout
        == b"42\n"
    )
    assert (builds.pythons / key.replace(VERSION, MINOR)).resolve() == place
    assert sorted(path.name for path in builds.tree.iterdir()) == ["Include", "configure"]
    assert left(builds) == []
    again = builds.run(f"python install --build {builds.tree.name} --json").ok()
    assert json.loads(again.stdout)["pythons"][0]["state"] == "present"


@pytest.mark.parametrize("ending", ["tar.xz", "tgz", "tar.bz2", "tar.gz"])
def test_an_archive_is_built(builds, ending):
    path = archive(builds.tree, builds / f"Python-{VERSION}.{ending}")
    builds.run(f"python install --build {path.name}").ok()
    assert len(keys(builds)) == 1
    assert left(builds) == []


def test_options_reach_configure_in_the_order_of_pyenv(builds, monkeypatch):
    monkeypatch.setenv("CONFIGURE_OPTS", "--with-a --with-b='x y'")
    monkeypatch.setenv("PYTHON_CONFIGURE_OPTS", "--with-c")
    monkeypatch.setenv("CFLAGS", "-O1")
    monkeypatch.setenv("MY_TOKEN", "secret")
    builds.run(f"python install --build {builds.tree.name} --configure '--with-d --with-e=1'").ok()
    place = builds.pythons / keys(builds)[0]
    said = (place / "said").read_text().split("\n")
    assert said[-6:-1] == ["--with-a", "--with-b=x y", "--with-c", "--with-d", "--with-e=1"]
    variables = (place / "variables").read_text()
    assert "CFLAGS=-O1\n" in variables
    assert "secret" not in variables


def test_a_failure_shows_the_log_and_the_cause_and_leaves_nothing(builds):
    trouble = "x.c:1:10: fatal error: ffi.h: No such file or directory"
    ran = builds.run(f"python install --build {builds.tree.name} --configure '--with-trouble=\"{trouble}\"'")
    assert ran.exit_code == 1
    lines = ran.stderr.splitlines()
    assert lines[0] == "error: building CPython <version> failed at `make`"
    assert lines[1] == "  the header ffi.h is missing"
    assert any(trouble in line for line in lines[2:])
    assert any("the whole log: " in line for line in lines)
    assert trouble in next(builds.pythons.glob(".logs/*")).read_text()
    assert keys(builds) == []
    assert left(builds) == []


def test_what_configure_says_is_the_cause(builds):
    ran = builds.run(f"python install --build {builds.tree.name} --configure --with-no")
    assert ran.stderr.splitlines()[:2] == [
        "error: building CPython <version> failed at `configure`",
        "  no is not yes",
    ]


def test_missing_headers_are_told_with_what_brings_them(builds, monkeypatch, tmp_path):
    empty = tmp_path / "mycc"
    empty.write_text('#!/bin/sh\ncase "$*" in *-E*) cat > /dev/null; echo hutch_has_1 ;; esac\n')
    empty.chmod(0o755)
    monkeypatch.setenv("CC", "mycc -m64")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    ran = builds.run(f"python install --build {builds.tree.name} --dry-run").ok()
    said = next(line for line in ran.stderr.splitlines() if "will have no" in line)
    assert "zlib, ctypes, bz2" in said
    assert "ssl" not in said


def test_without_a_compiler_nothing_is_begun(builds, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    ran = builds.run(f"python install --build {builds.tree.name}")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: Python cannot be built here: there is no C compiler and no make\n")
    assert not builds.pythons.exists() or keys(builds) == []


HOSTILE = {
    "upwards": ("../../evil", "file"),
    "absolute": ("/tmp/evil", "file"),
    "a link": ("Python-1/out", "link"),
    "a device": ("Python-1/null", "device"),
}


@pytest.mark.parametrize(("name", "kind"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused(builds, name, kind):
    path = builds / "Python-1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(builds.tree, "Python-1")
        entry = tarfile.TarInfo(name)
        if kind == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc"
        elif kind == "device":
            entry.type = tarfile.CHRTYPE
        tar.addfile(entry, io.BytesIO(b""))
    ran = builds.run(f"python install --build {path.name}")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: Python-1.tar.gz is no source of CPython that can be built\n")
    assert keys(builds) == []
    assert left(builds) == []


def test_a_wrong_hash_is_refused(builds):
    path = archive(builds.tree, builds / "Python.tar.gz")
    ran = builds.run(f"python install --build {path.name} --sha256 {'0' * 64}")
    assert ran.exit_code == 1
    assert "Python.tar.gz" in ran.stderr
    assert keys(builds) == []


def test_a_version_comes_from_the_source_mirror_by_its_hash(builds, monkeypatch):
    import hashlib

    mirror = builds / "mirror" / VERSION
    mirror.mkdir(parents=True)
    path = archive(builds.tree, mirror / f"Python-{VERSION}.tgz")
    monkeypatch.setenv("HUTCH_PYTHON_SOURCE_MIRROR", str(builds / "mirror"))
    unverified = builds.run(f"python install --build {VERSION}")
    assert unverified.exit_code == 1
    assert unverified.stderr.startswith("error: nothing says what Python-<version>.tgz should be\n")
    (mirror / "SHA256SUMS").write_text(f"{'0' * 64}  {path.name}\n")
    assert builds.run(f"python install --build {VERSION}").exit_code == 1
    (mirror / "SHA256SUMS").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    builds.run(f"python install --build {VERSION} --keep-source").ok()
    assert (builds.pythons / ".sources" / keys(builds)[0] / "configure").is_file()
    absent = builds.run("python install --build 3.99.1")
    assert absent.stderr.startswith("error: the source mirror has no Python ")


@pytest.fixture
def served(builds):
    """A mirror on loopback: (its address, what was asked of it)."""
    import functools
    import http.server
    import threading

    folder = builds / "served"
    folder.mkdir()
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(f"{self.command} {self.path}")

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("sums", ["SHA256SUMS", "beside", "said", "none", "wrong"])
def test_a_version_comes_over_the_network_and_only_with_a_hash(builds, served, monkeypatch, sums):
    import hashlib

    address, asked = served
    folder = builds / "served" / VERSION
    folder.mkdir()
    path = archive(builds.tree, folder / f"Python-{VERSION}.tgz")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if sums in ("SHA256SUMS", "wrong"):
        (folder / "SHA256SUMS").write_text(f"{digest if sums != 'wrong' else '0' * 64} *{path.name}\n")
    if sums == "beside":
        (folder / f"{path.name}.sha256").write_text(f"{digest}\n")
    monkeypatch.setenv("HUTCH_PYTHON_SOURCE_MIRROR", address)
    ran = builds.run(f"python install --build {VERSION}" + (f" --sha256 {digest}" if sums == "said" else ""))
    good = sums in ("SHA256SUMS", "beside", "said")
    assert (ran.exit_code == 0) == good, ran.stderr
    assert bool(keys(builds)) == good
    assert left(builds) == []
    assert any(path.name in line for line in asked)
    offline = builds.run(f"python install --build {VERSION} --offline --reinstall")
    assert offline.exit_code != 0


def test_a_checkout_cannot_say_where_sources_come_from(builds):
    (builds / "hutch.toml").write_text('python-source-mirror = "/tmp/evil"\n')
    ran = builds.run(f"python install --build {VERSION}")
    assert (
        "python-source-mirror is passed over: a project does not say whom this machine trusts" in ran.stderr
    )
    assert "error: hutch does not know where the source of Python " in ran.stderr


def test_what_was_built_in_place_and_what_is_no_source_is_refused(builds):
    (builds.tree / "Makefile").write_text("")
    assert "somebody has built in it" in builds.run(f"python install --build {builds.tree.name}").stderr
    (builds / "other").mkdir()
    assert "there is no `configure` in it" in builds.run("python install --build other").stderr
    source(builds / "old", version="2.7.18")
    assert "hutch builds 3.8 and newer" in builds.run("python install --build old").stderr


def test_ctrl_c_ends_everything_and_leaves_nothing(builds, home):
    """The whole group of processes is gone, and the working folder with it."""
    slow = CONFIGURE.replace('echo "checking', 'sleep 300 & echo $! > "$0.pid"; wait\necho "checking')
    (builds.tree / "configure").write_text(slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "hutch", "python", "install", "--build", builds.tree.name],
        cwd=builds.tree.parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    mark = builds.tree / "configure.pid"
    late = time.monotonic() + 60
    while not (mark.exists() and mark.read_text().strip()) and time.monotonic() < late:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 4
    child = int(mark.read_text())
    late = time.monotonic() + 30
    while _is_running(child) and time.monotonic() < late:
        time.sleep(0.02)
    assert not _is_running(child)
    assert keys(builds) == []
    assert left(builds) == []
    assert list(builds.pythons.glob(".logs/*")) == []


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def test_options_of_builds_need_a_build(builds):
    ran = builds.run("python install 3.12 --debug")
    assert (ran.exit_code, ran.stderr.splitlines()[0]) == (
        2,
        "error: --configure, --jobs, --debug, --free-threaded and --keep-source go with --build",
    )
