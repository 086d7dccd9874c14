"""``hutch python install``: ready-made Pythons, out of folders, mirrors and files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands.support import block, manifest, shown
from hutch.interpreters.managed import host_here
from hutch.testing.fake_index import FakeIndex
from interpreters.managed.archives import Archive, digest, shelf, table
from interpreters.managed.server import Server, serving

HOST = host_here()
KEYS = f"{HOST.os}-{HOST.machine}-{HOST.libc}"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the archives are made from Pythons of pyenv")


@pytest.fixture(scope="session")
def archives(real_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Archive]:
    """Archives of real interpreters, by version."""
    _, found = shelf(real_home, tmp_path_factory.getbasetemp() / "shelf-of-pythons")
    named = {".".join(map(str, one.version)): one for one in found}
    if not {"3.12.1", "3.13.0"} <= named.keys():
        pytest.skip("pyenv has no 3.12.1 and 3.13.0 here to make archives from")
    return named


@pytest.fixture
def folder(tmp_path: Path, archives: dict[str, Archive]) -> Path:
    """A mirror as a folder: a table, and 3.12.1 and 3.13.0 beside it."""
    made = tmp_path / "the mirror"
    stock(made, archives["3.12.1"], archives["3.13.0"])
    return made


def stock(folder: Path, *archives: Archive, **changes: object) -> None:
    folder.mkdir(exist_ok=True)
    for one in archives:
        if not (folder / one.name).exists():
            os.link(one.path, folder / one.name)
    (folder / "versions.json").write_bytes(table(archives, **changes))


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """The same folder over HTTP."""
    with serving(folder) as one:
        yield one


@pytest.fixture
def play(project: Callable[..., Any], folder: Path) -> Any:
    """A project that asks for no Python; the folder is the mirror."""
    made = project(
        manifest(), HUTCH_PYTHON_MIRROR=str(folder), HUTCH_PYTHON=None, HUTCH_PYTHON_DOWNLOADS="manual"
    )
    filtered = made.filtered
    made.filtered = lambda text: filtered(text.replace(KEYS, "<machine>").replace(str(folder), "<mirror>"))
    return made


def there(made: Any) -> list[str]:
    """The names of all Pythons that are installed, and what is left besides."""
    place = made.home / "data" / "python"
    if not place.is_dir():
        return []
    names = [name for name in os.listdir(place) if not name.startswith(".")]
    found = [name for name in names if not (place / name).is_symlink()]
    assert not list(place.glob(".work-v1/*"))
    return sorted(name.removesuffix(f"-{KEYS}") for name in found)


def python(made: Any, version: str) -> Path:
    return Path(made.home / "data" / "python" / f"cpython-{version}-{KEYS}" / "bin" / "python")


def says(program: Path, code: str = "import sys; print(*sys.version_info[:3], sep='.')") -> str:
    return subprocess.run([program, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_from_a_folder(play: Any) -> None:
    assert shown(play.run("python install 3.12 3.13")) == block("""
        exit 0
        Installed 2 Pythons in <time>
         + CPython 3.12.1  <home>/data/python/cpython-3.12.1-<machine>
         + CPython 3.13.0  <home>/data/python/cpython-3.13.0-<machine>
        """)
    assert there(play) == ["cpython-3.12.1", "cpython-3.13.0"]
    assert says(python(play, "3.12")) == "3.12.1"
    facts = json.loads((python(play, "3.13").parents[1] / ".hutch-build.json").read_text())
    assert facts["version"] == "3.13.0"
    assert facts["sha256"] == digest(Path(play.environ["HUTCH_PYTHON_MIRROR"]) / facts["filename"])


def test_what_is_there_is_not_asked_for_again(play: Any, server: Server) -> None:
    play.environ["HUTCH_PYTHON_MIRROR"] = server.url
    play.run("python install 3.12").ok()
    asked = len(server.log)
    assert shown(play.run("python install 3.12 cpython@3.12.1")) == block("""
        exit 0
        CPython 3.12.1 is installed already: <home>/data/python/cpython-3.12.1-<machine>
        CPython 3.12.1 is installed already: <home>/data/python/cpython-3.12.1-<machine>
        """)
    assert len(server.log) == asked
    play.run("python install 3.12 --reinstall").ok()
    assert len(server.asked_for(".tar.gz")) == 2


def test_by_the_full_name(play: Any) -> None:
    play.run(f"python install cpython-3.12.1-{KEYS}").ok()
    assert there(play) == ["cpython-3.12.1"]


def test_a_mirror_with_folders_of_releases(play: Any, folder: Path, server: Server) -> None:
    (folder / "20261021").mkdir()
    for archive in folder.glob("*.tar.gz"):
        archive.rename(folder / "20261021" / archive.name)
    play.environ["HUTCH_PYTHON_MIRROR"] = f"{server.url}/"
    play.run("python install 3.12").ok()
    assert [path.rpartition("/")[0] for path, _ in server.log if path.endswith(".gz")] == ["", "/20261021"]


def test_what_uv_was_told_of_a_mirror_counts(play: Any, archives: dict[str, Archive], server: Server) -> None:
    """The table is that of hutch, so the archive has to be one that it knows: what comes is compared."""
    known = known_name()
    os.link(archives["3.12.1"].path, server.folder / known)
    play.environ.update(HUTCH_PYTHON_MIRROR=None, UV_PYTHON_INSTALL_MIRROR=server.url)
    ran = play.run("python install 3.12.1")
    assert ran.exit_code == 1
    assert f"the hash of {known} is wrong" in ran.stderr
    assert server.asked_for(known) == [""]


def known_name() -> str:
    """The name that the table of hutch has for 3.12.1."""
    from hutch.interpreters import parse_python_request
    from hutch.interpreters.managed import best_build, read_table, shipped_table

    build = best_build(read_table(shipped_table(), HOST, None), parse_python_request("3.12.1"))
    if build is None:
        pytest.skip("the table has no build for this machine")
    return build.filename


def test_a_mirror_cannot_change_a_hash_that_hutch_knows(
    play: Any, folder: Path, archives: dict[str, Archive]
) -> None:
    os.link(archives["3.12.1"].path, folder / known_name())
    stock(folder, replace(archives["3.12.1"], path=folder / known_name()))
    ran = play.run("python install 3.12.1")
    assert ran.exit_code == 1
    assert "is wrong" in ran.stderr
    assert there(play) == []


def test_a_wrong_hash(play: Any, folder: Path, archives: dict[str, Archive]) -> None:
    stock(folder, archives["3.12.1"], sha256="ab" * 32)
    ran = play.run("python install 3.12")
    assert shown(ran) == block(f"""
        exit 1
        error: the hash of {archives["3.12.1"].name} is wrong
          expected: sha256:{"ab" * 32}
          got: sha256:{archives["3.12.1"].sha256}
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever runs the mirror
        """)
    assert there(play) == []


def test_what_cannot_be_had_does_not_keep_the_others_back(
    play: Any, folder: Path, archives: dict[str, Archive]
) -> None:
    (folder / archives["3.12.1"].name).unlink()
    ran = play.run("python install 3.12 3.13")
    assert ran.exit_code == 3
    assert ran.stderr == block(f"""
        Installed 1 Python in <time>
         + CPython 3.13.0  <home>/data/python/cpython-3.13.0-<machine>
        error: the archive of CPython 3.12.1 cannot be had
          not there: <mirror>/{archives["3.12.1"].name}
          not there: <mirror>/20261021/{archives["3.12.1"].name}
        try: put it there, or set another mirror (python-mirror)
        """)
    assert there(play) == ["cpython-3.13.0"]


def test_a_hostile_archive_with_the_right_hash(play: Any, folder: Path, archives: dict[str, Archive]) -> None:
    import io
    import tarfile

    from interpreters.managed.archives import compressed

    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        info = tarfile.TarInfo("python/../../../evil")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    path = folder / archives["3.12.1"].name
    path.unlink()
    path.write_bytes(compressed(data.getvalue(), path.name))
    stock(folder, replace(archives["3.12.1"], path=path, sha256=digest(path)))
    ran = play.run("python install 3.12")
    assert shown(ran) == block(f"""
        exit 1
        error: the archive {path.name} is refused
          python/../../../evil: its path leads upwards
        try: fetch it again: hutch python install --reinstall
         or: another build: see hutch python list
        """)
    assert there(play) == []


def test_a_download_that_was_cut_off_is_gone_on_with(
    play: Any, server: Server, archives: dict[str, Archive]
) -> None:
    play.environ["HUTCH_PYTHON_MIRROR"] = server.url
    server.cuts.append(1_000_000)
    assert play.run("python install 3.12").exit_code == 3
    assert there(play) == []
    play.run("python install 3.12").ok()
    first, second = server.asked_for(".tar.gz")
    assert first == ""
    assert second.startswith("bytes=")
    assert 0 < int(second[6:-1]) <= 1_000_000
    assert there(play) == ["cpython-3.12.1"]


def test_a_wrong_beginning_is_found_out_and_the_whole_fetched(
    play: Any, server: Server, archives: dict[str, Archive]
) -> None:
    play.environ["HUTCH_PYTHON_MIRROR"] = server.url
    server.cuts.append(1_000_000)
    play.run("python install 3.12")
    (part,) = (play.home / "cache").glob("archives-v1/*.part")
    part.write_bytes(b"\0" * part.stat().st_size)
    play.run("python install 3.12").ok()
    assert [bool(each) for each in server.asked_for(".tar.gz")] == [False, True, False]


def test_an_archive_without_a_hash(play: Any, folder: Path, archives: dict[str, Archive]) -> None:
    one = archives["3.12.1"]
    stock(folder, one, sha256=None)
    assert shown(play.run("python install 3.12")) == block(f"""
        exit 1
        error: nothing says what {one.name} should be
          the table has no hash of CPython 3.12.1, and no SHA256SUMS of a mirror has one
        try: --sha256 HASH, if you know it
         or: --allow-unverified installs whatever comes, this once
         or: a newer patch release has one, most likely
        """)
    assert play.run(f"python install 3.12 --sha256 {'ab' * 32}").exit_code == 1
    (folder / "SHA256SUMS").write_text(f"{'cd' * 32}  {one.name}\n")
    assert play.run("python install 3.12").exit_code == 1
    assert there(play) == []
    (folder / "SHA256SUMS").write_text(f"{one.sha256}  {one.name}\n")
    play.run("python install 3.12").ok()
    assert there(play) == ["cpython-3.12.1"]


@pytest.mark.parametrize("consent", ["--allow-unverified", "--sha256 HASH"])
def test_an_archive_without_a_hash_and_consent(
    play: Any, folder: Path, archives: dict[str, Archive], consent: str
) -> None:
    stock(folder, archives["3.12.1"], sha256=None)
    play.run(f"python install 3.12 {consent}".replace("HASH", archives["3.12.1"].sha256)).ok()
    assert there(play) == ["cpython-3.12.1"]


def test_from_an_archive_of_this_machine(play: Any, archives: dict[str, Archive]) -> None:
    os.link(archives["3.13.0"].path, play / "my python.tar.gz")
    assert play.run(f"python install './my python.tar.gz' --sha256 {'ab' * 32}").exit_code == 1
    assert there(play) == []
    ran = play.run(f"python install './my python.tar.gz' --sha256 sha256:{archives['3.13.0'].sha256}")
    assert shown(ran) == block("""
        exit 0
        Installed 1 Python in <time>
         + CPython 3.13.0  <home>/data/python/cpython-3.13.0-<machine>
        """)
    assert "there is no archive" in play.run("python install ./nothing.tar.zst").stderr


def test_what_a_project_pins(play: Any, project: Callable[..., Any]) -> None:
    play.write({".python-version": "3.13\nsomebodys-env\n3.12.1\n"})
    ran = play.run("python install --dry-run")
    assert shown(ran) == block("""
        exit 0
        warning: <project>/.python-version names somebodys-env, which is no version to install: passed over
        Would install CPython 3.13.0  <home>/data/python/cpython-3.13.0-<machine>
        Would install CPython 3.12.1  <home>/data/python/cpython-3.12.1-<machine>
        """)
    assert there(play) == []


def test_what_requires_python_admits(play: Any) -> None:
    play.write({"pyproject.toml": manifest(python=">=3.11,<3.13")})
    assert "Would install CPython 3.12.1" in play.run("python install --dry-run").ok().stderr


def test_outside_of_a_project_the_newest(play: Any, tmp_path: Path) -> None:
    (tmp_path / "nowhere").mkdir()
    ran = play.run("python install --dry-run --json", cwd="../nowhere").ok()
    (one,) = json.loads(ran.stdout)["pythons"]
    assert (one["version"], one["state"], one["asked"]) == ("3.13.0", "planned", "the newest")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("3.9", 1, "error: there is no build of 3.9 for this machine"),
        ("pypy3.10", 1, "has no pypy for"),
        ("black", 2, "error: black names no version of Python"),
        ("./src", 2, "error: ./src names no version of Python"),
        ("3.12 3.13 --sha256 " + "ab" * 32, 2, "error: --sha256 is about one archive"),
        ("3.12 --sha256 xyz", 2, "error: --sha256 takes 64 hexadecimal digits"),
        ("cpython-3.12.1-windows-x86_64-none", 1, "it is for another machine"),
        (f"cpython-3.12.1-linux-{HOST.machine}-musl", 1, "it is for another machine"),
        ("'>=3.x'", 1, "error: `>=3.x` does not name a Python"),
    ],
)
def test_words_that_mean_nothing(play: Any, words: str, code: int, message: str) -> None:
    ran = play.run(f"python install {words}")
    assert ran.exit_code == code
    assert message in ran.stderr
    assert there(play) == []


def test_what_there_is_not_is_said_with_what_there_is(play: Any) -> None:
    assert shown(play.run("python install 3.9")) == block("""
        exit 1
        error: there is no build of 3.9 for this machine
          <mirror>/versions.json has CPython 3.13.0, 3.12.1
        try: ask whoever runs the mirror
        """)


def test_where_nothing_may_be_downloaded(play: Any, server: Server) -> None:
    never = {"HUTCH_PYTHON_DOWNLOADS": "never"}
    ran = play.run("python install 3.12", environ={**never, "HUTCH_PYTHON_MIRROR": server.url})
    assert shown(ran) == block("""
        exit 1
        error: CPython 3.12.1 is not downloaded: python-downloads is never
          HUTCH_PYTHON_DOWNLOADS says so
        try: hutch python install ./ARCHIVE takes a file of this machine
         or: HUTCH_PYTHON_MIRROR may name a folder
         or: HUTCH_PYTHON_DOWNLOADS=manual allows it, this once
        """)
    assert server.asked_for(".gz") == []
    play.run("python install 3.12", environ=never).ok()
    assert there(play) == ["cpython-3.12.1"]


def test_a_machine_for_which_there_are_no_builds(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from hutch.interpreters import managed

    monkeypatch.setattr(managed, "host_here", lambda: managed.Host(os="linux", machine="s390x", libc="gnu"))
    ran = play.run("python install 3.12", environ={"HUTCH_PYTHON_MIRROR": None, "HUTCH_OFFLINE": "1"})
    assert ran.exit_code == 1
    assert "has no builds for Linux on s390x" in ran.stderr
    assert "versions.json of its own" in ran.stderr


def test_names_in_the_folder_of_programs(play: Any) -> None:
    (play.home / ".local" / "bin").mkdir(parents=True)
    (play.home / ".local" / "bin" / "python3").write_text("somebody else's")
    assert shown(play.run("python install 3.12 --default")) == block("""
        exit 0
        Installed 1 Python in <time>
         + CPython 3.12.1  <home>/data/python/cpython-3.12.1-<machine>
        Made <home>/.local/bin/python3.12, <home>/.local/bin/python
        <home>/.local/bin is not on PATH: add it to find them
        <home>/.local/bin/python3 is left alone: there is a file of somebody else's
        """)
    assert says(play.home / ".local" / "bin" / "python") == "3.12.1"
    assert (play.home / ".local" / "bin" / "python3").read_text() == "somebody else's"
    play.run("python uninstall 3.12").ok()
    assert os.listdir(play.home / ".local" / "bin") == ["python3"]


def test_a_checkout_does_not_choose_the_mirror(play: Any, tmp_path: Path) -> None:
    play.write({"pyproject.toml": manifest(more='[tool.hutch]\npython-mirror = "https://evil.example"\n')})
    ran = play.run("python install 3.12").ok()
    assert "python-mirror" in ran.stderr
    assert "passed over" in ran.stderr
    assert there(play) == ["cpython-3.12.1"]


def test_the_password_of_a_mirror_stays_secret(play: Any, server: Server) -> None:
    import base64

    server.password = "Basic " + base64.b64encode(b"me:hunter2").decode()
    with_password = server.url.replace("://", "://me:hunter2@")
    said = play.run("python install 3.12", environ={"HUTCH_PYTHON_MIRROR": with_password}).ok()
    wrong = play.run(
        "python install 3.13", environ={"HUTCH_PYTHON_MIRROR": with_password.replace("2@", "3@")}
    )
    assert wrong.exit_code != 0
    shown_all = said.stdout + said.stderr + wrong.stdout + wrong.stderr
    for file in (play.home / "data").rglob(".hutch-build.json"):
        shown_all += file.read_text()
    assert "hunter" not in shown_all
    assert there(play) == ["cpython-3.12.1"]


def test_a_newer_table_from_the_index(
    play: Any, index: Any, folder: Path, archives: dict[str, Archive]
) -> None:
    """A wheel of pbs-installer: its table is read, and nothing of it is run."""
    (folder / "versions.json").unlink()
    one = archives["3.12.1"]
    made = replace(one, path=folder / one.name.replace("20261021", "29990101"))
    os.link(one.path, made.path)
    files = {
        "pbs_installer/versions.json": table([made]),
        "pbs_installer/__init__.py": b"raise SystemExit(9)\n",
    }
    index.add_wheel("pbs-installer", "2999.1.1", files=files)
    ran = play.run("python install 3.12 --refresh").ok()
    assert "CPython 3.12.1" in ran.stderr
    facts = json.loads((python(play, "3.12").parents[1] / ".hutch-build.json").read_text())
    assert facts["filename"] == made.name
    kept = os.listdir(play.home / "data" / "python" / ".table")
    assert sorted(kept) == ["asked", "pbs-installer-2999.1.1.json"]


@pytest.mark.parametrize("command", ["python install 3.99 --refresh", "python install 3.99", "sync"])
def test_a_checkout_does_not_choose_the_index_that_the_table_is_from(
    play: Any, index: Any, folder: Path, command: str
) -> None:
    """A table with other hashes would be for every project of this machine."""
    (folder / "versions.json").unlink()
    theirs = FakeIndex()
    with theirs.serve():
        theirs.add_wheel("pbs-installer", "2999.1.1", files={"pbs_installer/versions.json": b"[]"})
        more = f'[tool.hutch]\nindex-url = "{theirs.url}"\nextra-index-url = ["{theirs.url}"]\n'
        play.write({"pyproject.toml": manifest(python=">=3.99", more=more)})
        ran = play.run(command, environ={"HUTCH_INDEX_URL": None, "HUTCH_PYTHON_DOWNLOADS": "automatic"})
        assert ran.exit_code != 0
        assert theirs.log == []


def test_a_table_of_the_index_that_is_none(play: Any, index: Any, folder: Path) -> None:
    (folder / "versions.json").unlink()
    index.add_wheel("pbs-installer", "2999.1.1", files={"pbs_installer/versions.json": b"{}"})
    ran = play.run("python install 3.12 --refresh")
    assert ran.exit_code == 1
    assert "the table of Pythons cannot be read" in ran.stderr
    assert os.listdir(play.home / "data" / "python" / ".table") == ["asked"]


def test_an_index_without_a_table(play: Any, folder: Path) -> None:
    (folder / "versions.json").unlink()
    ran = play.run("python install 3.12 --refresh")
    assert ran.exit_code == 3
    assert "error: no newer table of Pythons can be had" in ran.stderr


def test_a_newer_table_is_looked_for_once_a_day(play: Any, index: Any, folder: Path) -> None:
    """By an install that finds nothing, and by upgrades; the one at hand is used meanwhile."""
    play.run("python install 3.12").ok()
    (folder / "versions.json").unlink()
    ran = play.run("python upgrade --dry-run").ok()
    assert "the configured index has no pbs-installer; the one at hand is used" in ran.stderr
    asked = len(index.log)
    assert asked == 1
    assert play.run("python install 3.99").exit_code == 1
    assert "no newer table" not in play.run("python upgrade --dry-run").ok().stderr
    assert len(index.log) == asked
    before = time.time() - 2 * 24 * 3600
    os.utime(play.home / "data" / "python" / ".table" / "asked", (before, before))
    assert play.run("python install 3.99").exit_code == 1
    assert len(index.log) == asked + 1


@pytest.mark.slow
def test_two_processes_that_install_the_same_do_it_once(play: Any, server: Server) -> None:
    play.environ["HUTCH_PYTHON_MIRROR"] = server.url
    server.go = threading.Event()
    both = [play.start("python install 3.12", stderr=subprocess.PIPE) for _ in range(2)]
    limit = time.monotonic() + 60
    while not server.asked_for(".tar.gz") and time.monotonic() < limit:
        time.sleep(0.01)
    time.sleep(0.5)
    server.go.set()
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert server.asked_for(".tar.gz") == [""]
    assert sorted("Installed 1 Python" in text for text in said) == [False, True] or all(
        "CPython 3.12.1" in text for text in said
    )
    assert there(play) == ["cpython-3.12.1"]


@pytest.mark.slow
def test_killed_while_it_downloads_and_unpacks(play: Any, server: Server) -> None:
    play.environ["HUTCH_PYTHON_MIRROR"] = server.url
    for delay in (0.15, 0.3, 0.45, 0.6, 0.75):
        shutil.rmtree(play.home / "data" / "python", ignore_errors=True)
        process = play.start("python install 3.12", stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        play.run("python install 3.12").ok()
        assert there(play) == ["cpython-3.12.1"]
        assert says(python(play, "3.12"), "import ssl, sqlite3, sys; print(sys.version_info[1])") == "12"
