"""The folder of Pythons: installations appear and go whole, and aliases follow the newest patch."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hutch.interpreters.managed import (
    CannotInstall,
    CannotRunHere,
    Installed,
    InvalidPythonArchive,
    NotWhatItSays,
    Pythons,
    exact_path,
    host_here,
    install_archive,
    parse_versions,
    version_behind,
)
from hutch.interpreters.managed.aliases import FACTS
from interpreters.managed.archives import Archive, pack, renamed, table

ALIAS = "cpython-3.12-linux-x86_64-gnu"


def put(pythons: Pythons, version: str, *, alias: str = ALIAS, mark: str = "") -> Installed:
    """An installation that is only a folder."""
    key = f"cpython-{version}-linux-x86_64-gnu"
    one = Installed(
        key=key, path=pythons.path(key), alias=alias, implementation="cpython", version=version, sha256=mark
    )
    with pythons.working() as folder:
        tree = os.path.join(folder, "python")
        os.makedirs(os.path.join(tree, "bin"))
        Path(tree, "bin", "python").write_text(mark or version)
        pythons.publish(tree, one)
    return one


@pytest.fixture
def pythons(tmp_path: Path) -> Pythons:
    return Pythons(str(tmp_path / "python"))


def test_what_is_published_is_there_and_the_alias_leads_to_the_newest(pythons: Pythons) -> None:
    for version, newest in [("3.12.7", "3.12.7"), ("3.12.10", "3.12.10"), ("3.12.9", "3.12.10")]:
        put(pythons, version)
        assert pythons.target(ALIAS) == f"cpython-{newest}-linux-x86_64-gnu"
        assert Path(pythons.path(ALIAS), "bin", "python").read_text() == newest
    assert [one.version for one in pythons.installed()] == ["3.12.10", "3.12.9", "3.12.7"]
    # Relative: the data folder may move, or be seen from inside of a container.
    assert os.readlink(pythons.path(ALIAS)) == "cpython-3.12.10-linux-x86_64-gnu"


def test_the_alias_goes_to_the_next_lower_patch_and_then_away(pythons: Pythons) -> None:
    for version in ("3.12.7", "3.12.10"):
        put(pythons, version)
    newest, other = pythons.installed()
    pythons.remove(newest)
    assert pythons.target(ALIAS) == other.key
    pythons.remove(other)
    assert not os.path.lexists(pythons.path(ALIAS))
    assert pythons.installed() == []
    assert sorted(os.listdir(pythons.root)) == [".locks", ".work-v1"]
    assert os.listdir(os.path.join(pythons.root, ".work-v1")) == []


def test_an_installation_is_replaced_as_a_whole(pythons: Pythons) -> None:
    put(pythons, "3.12.7", mark="old")
    put(pythons, "3.12.7", mark="new")
    (one,) = pythons.installed()
    assert (one.sha256, Path(one.path, "bin", "python").read_text()) == ("new", "new")


def test_a_folder_of_somebody_else_in_the_place_of_an_alias_is_left_alone(pythons: Pythons) -> None:
    os.makedirs(os.path.join(pythons.path(ALIAS), "mine"))
    put(pythons, "3.12.7")
    assert os.path.isdir(os.path.join(pythons.path(ALIAS), "mine"))


@pytest.mark.parametrize("facts", ["", "[]", '{"alias": 5}', '{"alias": "../x"}', "nonsense"])
def test_a_folder_without_facts_is_no_installation(pythons: Pythons, facts: str) -> None:
    one = put(pythons, "3.12.7")
    Path(one.path, ".hutch-build.json").write_text(facts)
    assert pythons.installed() == []
    assert pythons.find(one.key) is None


def test_an_alias_that_a_killed_process_left_behind_is_mended(pythons: Pythons) -> None:
    put(pythons, "3.12.7")
    put(pythons, "3.12.8")
    os.unlink(pythons.path(ALIAS))
    os.symlink("cpython-3.12.7-linux-x86_64-gnu", pythons.path(ALIAS))
    os.symlink("cpython-3.9.1-linux-x86_64-gnu", pythons.path("cpython-3.9-linux-x86_64-gnu"))
    pythons.settle()
    assert pythons.target(ALIAS) == "cpython-3.12.8-linux-x86_64-gnu"
    assert not os.path.lexists(pythons.path("cpython-3.9-linux-x86_64-gnu"))


def test_the_working_folder_of_a_process_killed_after_it_had_installed_goes(pythons: Pythons) -> None:
    put(pythons, "3.12.7")
    abandoned = Path(pythons.root, ".work-v1", "7cbd-61e2a142e90f")
    abandoned.joinpath("tree").mkdir(parents=True)
    pythons.settle()
    assert not abandoned.exists()


def test_the_exact_path_behind_an_alias(pythons: Pythons) -> None:
    one = put(pythons, "3.12.7")
    through = os.path.join(pythons.path(ALIAS), "bin", "python")
    assert exact_path(through, pythons.root) == os.path.join(one.path, "bin", "python")
    assert exact_path("/usr/bin/python3", pythons.root) == "/usr/bin/python3"
    assert exact_path(os.path.join(one.path, "bin", "python"), pythons.root).startswith(one.path)


@pytest.mark.parametrize(
    ("key", "version"),
    [
        ("cpython-3.12.7-linux-x86_64-gnu", "3.12.7"),
        ("cpython-3.13.0+freethreaded-linux-x86_64-gnu", "3.13.0"),
        ("pypy-3.10.14-linux-x86_64-gnu", "3.10.14"),
        ("graalpy-24.1.1-linux-x86_64-gnu", ""),
        ("cpython-3.12-linux-x86_64-gnu", ""),
        ("cpython-3..7-linux", ""),
        ("cpython-3.12.7", ""),
        ("cpython-3.12.7rc1-linux", ""),
        ("cpython", ""),
    ],
)
def test_the_version_behind_an_alias(pythons: Pythons, key: str, version: str) -> None:
    folder = Path(pythons.root, key)
    Path(folder, "bin").mkdir(parents=True)
    alias = pythons.path("alias")
    os.symlink(key, alias)
    home = os.path.join(alias, "bin")
    assert version_behind(home) == ""  # it is not known to be one of ours
    Path(folder, FACTS).write_text("{}")
    assert version_behind(home) == version_behind(alias) == version
    assert version_behind(str(folder / "bin")) == version_behind("") == ""  # through no alias


def test_what_a_killed_process_was_unpacking_is_swept_and_what_is_in_use_is_not(pythons: Pythons) -> None:
    abandoned = os.path.join(pythons.root, ".work-v1", "1-abandoned")
    os.makedirs(os.path.join(abandoned, "python"))
    with pythons.working() as mine, pythons.working() as another:
        assert not os.path.exists(abandoned)
        assert os.path.isdir(mine)
        assert os.path.isdir(another)


def test_killed_at_any_step_it_is_there_whole_or_not_at_all(pythons: Pythons) -> None:
    """A process that publishes is killed at each system call that changes a name."""
    script = textwrap.dedent("""
        import os, sys
        root, stop = sys.argv[1], int(sys.argv[2])
        count = 0
        def guarded(name):
            real = getattr(os, name)
            def call(*words, **more):
                global count
                count += 1
                if count == stop:
                    os.kill(os.getpid(), 9)
                return real(*words, **more)
            setattr(os, name, call)
        from hutch.interpreters.managed import Pythons
        from interpreters.managed.test_place import put
        pythons = Pythons(root)
        for name in ("rename", "replace", "symlink", "unlink", "fsync"):
            guarded(name)
        put(pythons, "3.12.8")
        print(count)
    """)
    path = [str(Path(__file__).parents[2]), *sys.path]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    put(pythons, "3.12.7")
    killed = 0
    for stop in range(1, 40):
        ran = subprocess.run(
            [sys.executable, "-c", script, pythons.root, str(stop)],
            env=environ,
            capture_output=True,
            check=False,
        )
        pythons.settle()
        there = [one.version for one in pythons.installed()]
        assert there in (["3.12.7"], ["3.12.8", "3.12.7"])
        assert pythons.target(ALIAS) == f"cpython-{there[0]}-linux-x86_64-gnu"
        with pythons.working() as mine:
            assert os.listdir(os.path.dirname(mine)) == [os.path.basename(mine)]
        if ran.returncode == 0:
            break
        assert ran.returncode == -9, ran.stderr
        killed += 1
        for one in pythons.installed():
            if one.version == "3.12.8":
                pythons.remove(one)
    assert killed >= 3
    assert [one.version for one in pythons.installed()] == ["3.12.8", "3.12.7"]


# -- with real interpreters ------------------------------------------------------------------------


def install(pythons: Pythons, archive: Archive, *, described_as: Archive | None = None) -> Installed:
    (build,) = parse_versions(table([described_as or archive]), host_here(), where="table")
    return install_archive(
        pythons,
        str(archive.path),
        build=build,
        host=host_here(),
        filename=archive.name,
        sha256=archive.sha256,
        origin="https://pythons.example/x",
    )


def test_a_real_interpreter_runs_from_its_place_and_from_its_alias(
    pythons: Pythons, python_312: Archive
) -> None:
    one = install(pythons, python_312)
    for folder in (one.path, pythons.path(one.alias)):
        ran = subprocess.run(
            [
                os.path.join(folder, "bin", "python"),
                "-c",
                "import sys; print(sys.version_info[:3], sys.prefix)",
            ],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": "/nowhere"},
        )
        version, _, prefix = ran.stdout.strip().rpartition(" ")
        assert version == "(3, 12, 1)"
        assert os.path.realpath(prefix) == os.path.realpath(one.path)
    assert os.listdir(os.path.join(pythons.root, ".work-v1")) == []


def test_another_python_than_the_table_says_is_not_installed(pythons: Pythons, python_312: Archive) -> None:
    from dataclasses import replace

    with pytest.raises(NotWhatItSays) as caught:
        install(pythons, python_312, described_as=replace(python_312, version=(3, 12, 9)))
    assert caught.value.what == (
        f"{python_312.name} is not installed: it should be CPython 3.12.9, and is Python 3.12.1"
    )
    assert pythons.installed() == []
    assert os.listdir(os.path.join(pythons.root, ".work-v1")) == []


def test_a_python_that_does_not_start_here_is_told_of_and_gone(
    pythons: Pythons, python_312: Archive, tmp_path: Path
) -> None:
    prefix = tmp_path / "other"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python3").write_bytes(b"\x7fELF" + b"\0" * 60)
    (prefix / "bin" / "python3").chmod(0o755)
    broken = pack_as(prefix, tmp_path / "packed", python_312)
    with pytest.raises(CannotRunHere):
        install(pythons, broken)
    assert pythons.installed() == []


def pack_as(prefix: Path, into: Path, like: Archive) -> Archive:
    """A folder packed under the name of another archive."""
    import io
    import tarfile
    from dataclasses import replace

    from interpreters.managed.archives import compressed, digest

    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        tar.add(prefix, "python")
    into.mkdir()
    path = into / like.name
    path.write_bytes(compressed(data.getvalue(), like.name))
    return replace(like, path=path, sha256=digest(path))


def test_a_truncated_archive_leaves_nothing(pythons: Pythons, python_312: Archive, tmp_path: Path) -> None:
    from dataclasses import replace

    path = tmp_path / python_312.name
    path.write_bytes(python_312.path.read_bytes()[:-100_000])
    with pytest.raises(InvalidPythonArchive):
        install(pythons, replace(python_312, path=path))
    assert pythons.installed() == []
    assert os.listdir(os.path.join(pythons.root, ".work-v1")) == []


@pytest.mark.slow
def test_a_whole_build_in_zstandard(pythons: Pythons, real_home: Path, tmp_path: Path) -> None:
    prefix = real_home / ".pyenv" / "versions" / "3.12.1"
    if not prefix.exists():
        pytest.skip("pyenv has no 3.12.1 here")
    whole = pack(
        prefix,
        tmp_path,
        name="cpython-3.12.1+20261021-x86_64-unknown-linux-gnu-pgo+lto-full.tar.zst",
        top="python/install",
        extra=[("python/build/a.o", b"\0" * 1000)],
    )
    one = install(pythons, whole)
    assert os.path.isfile(os.path.join(one.path, "bin", "python3.12"))
    assert not os.path.exists(os.path.join(one.path, "install"))


def test_a_place_that_cannot_be_written_is_a_problem(tmp_path: Path, python_312: Archive) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotInstall):
        install(Pythons(str(tmp_path / "file" / "python")), python_312)


def test_names_of_archives_do_not_matter_for_what_they_are(
    pythons: Pythons, python_312: Archive, tmp_path: Path
) -> None:
    copied = renamed(python_312, "whatever.tar.gz")
    one = install_archive(
        pythons,
        str(copied.path),
        build=None,
        host=host_here(),
        filename=copied.name,
        sha256=copied.sha256,
        origin="here",
    )
    assert one.version == "3.12.1"
