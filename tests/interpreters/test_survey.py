"""Every Python of a machine: whose it is, what it is, and how many were started to know that."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hutch.interpreters import Sighting, look_at, survey_pythons
from hutch.interpreters.keepers import keeper_of
from hutch.interpreters.places import SearchOptions
from hutch.values import replace
from interpreters.conftest import PYENV, CountedStarts, MemoryStore
from interpreters.fakes import fake_python

if os.name == "nt":
    pytest.skip("these tests lay out a POSIX machine", allow_module_level=True)


def machine(home: Path, **variables: str) -> SearchOptions:
    """A machine where nothing is but below ``home``."""
    environ = {"HOME": str(home), "PATH": str(home / "bin"), **variables}
    managed = str(home / "data" / "python")
    search = SearchOptions.from_environ(environ, directory=str(home), managed=managed, running="")
    mine = tuple(root for root in search.conda_roots if root.startswith(str(home)))
    return replace(search, system=(), homebrew=(str(home / "brew" / "opt"),), conda_roots=mine)


def seen(search: SearchOptions) -> dict[str, str]:
    """``{"3.12.1": "pyenv"}``, and the name where the keeper has one of its own."""
    found = {}
    for one in survey_pythons(search):
        assert one.glance is not None, one.problem
        name = "" if one.name in ("", one.glance.version) else f" {one.name}"
        found[one.glance.version] = one.keeper + name
    return found


class TestKeepers:
    """Each tool has its own places."""

    def test_all_of_them(self, tmp_path: Path) -> None:
        share = tmp_path / ".local" / "share"
        fake_python(tmp_path / ".pyenv" / "versions" / "3.8.1", "3.8.1")
        fake_python(share / "uv" / "python" / "cpython-3.9.2-linux-x86_64-gnu", "3.9.2")
        fake_python(tmp_path / ".asdf" / "installs" / "python" / "3.10.3", "3.10.3")
        fake_python(share / "mise" / "installs" / "python" / "3.11.4", "3.11.4")
        fake_python(tmp_path / "data" / "python" / "cpython-3.12.5-linux-x86_64-gnu", "3.12.5")
        base = fake_python(tmp_path / "miniforge3", "3.13.6").parents[1]
        (base / "conda-meta").mkdir()
        other = fake_python(base / "envs" / "stats", "3.14.7").parents[1]
        (other / "conda-meta").mkdir()
        cellar = fake_python(tmp_path / "brew" / "Cellar" / "python@3.15" / "3.15.0", "3.15.0").parents[1]
        (tmp_path / "brew" / "opt").mkdir()
        (tmp_path / "brew" / "opt" / "python@3.15").symlink_to(cellar)
        assert seen(machine(tmp_path)) == {
            "3.8.1": "pyenv",
            "3.9.2": "uv",
            "3.10.3": "asdf",
            "3.11.4": "mise",
            "3.12.5": "hutch",
            "3.13.6": "conda base",
            "3.14.7": "conda stats",
            "3.15.0": "Homebrew",
        }

    def test_variables_say_where_their_places_are(self, tmp_path: Path) -> None:
        fake_python(tmp_path / "a" / "installs" / "python" / "3.10.3", "3.10.3")
        fake_python(tmp_path / "my-mise" / "installs" / "python" / "3.11.4", "3.11.4")
        fake_python(tmp_path / "u" / "3.12.1", "3.12.1")
        found = seen(
            machine(
                tmp_path,
                ASDF_DATA_DIR=str(tmp_path / "a"),
                MISE_DATA_DIR=str(tmp_path / "my-mise"),
                UV_PYTHON_INSTALL_DIR=str(tmp_path / "u"),
            )
        )
        assert found == {"3.10.3": "asdf", "3.11.4": "mise", "3.12.1": "uv"}

    def test_the_other_names_of_mise_are_no_other_pythons(self, tmp_path: Path) -> None:
        place = tmp_path / ".local" / "share" / "mise" / "installs" / "python"
        fake_python(place / "3.11.4", "3.11.4")
        for name in ("3.11", "3", "latest"):
            (place / name).symlink_to("./3.11.4")
        found = survey_pythons(machine(tmp_path))
        assert [one.path for one in found] == [str(place / "3.11.4" / "bin" / "python")]

    def test_shims_are_passed_over(self, tmp_path: Path) -> None:
        paths = []
        for name in (".asdf", ".local/share/mise", "data"):
            shims = tmp_path / name / "shims"
            shims.mkdir(parents=True)
            (shims / "python").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
            (shims / "python").chmod(0o755)
            paths.append(str(shims))
        assert survey_pythons(machine(tmp_path, PATH=os.pathsep.join(paths))) == ()
        assert not (tmp_path / "ran").exists()

    def test_an_environment_of_pyenv_has_a_name(self, tmp_path: Path) -> None:
        base = fake_python(tmp_path / ".pyenv" / "versions" / "3.12.1", "3.12.1")
        made = base.parents[1] / "envs" / "work"
        (made / "bin").mkdir(parents=True)
        (made / "bin" / "python").symlink_to(base)
        (made / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
        (tmp_path / ".pyenv" / "versions" / "work").symlink_to(made)
        found = survey_pythons(machine(tmp_path))
        assert sorted((one.name, bool(one.glance and one.glance.is_virtual)) for one in found) == [
            ("3.12.1", False),
            ("work", True),
        ]

    def test_what_conda_has_written_down(self, tmp_path: Path) -> None:
        made = fake_python(tmp_path / "elsewhere" / "envs" / "maps", "3.12.1").parents[1]
        (made / "conda-meta").mkdir()
        (tmp_path / ".conda").mkdir()
        (tmp_path / ".conda" / "environments.txt").write_text(
            f"{made}\n{tmp_path}/gone\nrelative/place\n\n\0\n{made}\n{tmp_path}/project/env\n"
        )
        (fake_python(tmp_path / "project" / "env", "3.13.1").parents[1] / "conda-meta").mkdir()
        assert seen(machine(tmp_path)) == {"3.12.1": "conda maps", "3.13.1": "conda"}

    def test_a_list_of_conda_that_is_a_pipe_holds_nobody_up(self, tmp_path: Path) -> None:
        (tmp_path / ".conda").mkdir()
        os.mkfifo(tmp_path / ".conda" / "environments.txt")
        assert survey_pythons(machine(tmp_path)) == ()

    def test_a_stub_of_the_store(self, tmp_path: Path) -> None:
        apps = tmp_path / "WindowsApps"
        apps.mkdir()
        (apps / "python3.exe").touch(mode=0o755)
        assert survey_pythons(machine(tmp_path, PATH=str(apps))) == (
            Sighting(
                path=str(apps / "python3.exe"),
                real_path=str(apps / "python3.exe"),
                keeper="Store",
                stub=True,
            ),
        )


class TestBroken:
    """Told, not raised."""

    def test_a_link_that_leads_nowhere(self, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python3.11").symlink_to("/nonexistent/python3.11")
        (one,) = survey_pythons(machine(tmp_path))
        assert one.glance is None
        assert one.problem is not None
        assert "points to /nonexistent/python3.11" in one.problem.what

    def test_one_that_ends_badly_is_not_started_twice(
        self, tmp_path: Path, store: MemoryStore, environ: CountedStarts
    ) -> None:
        # It has the header of a program, and nothing behind it.
        python = fake_python(tmp_path / "bad", "3.12.1", headers=False)
        search = machine(tmp_path, PATH=str(python.parent))
        for _ in range(2):
            (one,) = survey_pythons(search, store=store, environ=environ)
            assert one.problem is not None
            assert environ.starts == 1
        python.resolve().touch()
        os.utime(python.resolve(), (1, 1))
        survey_pythons(search, store=store, environ=environ)
        assert environ.starts == 2


class TestEffort:
    """How many interpreters are started is part of the contract."""

    def test_none_for_those_of_pyenv(self, store: MemoryStore, environ: CountedStarts) -> None:
        if not PYENV.is_dir():
            pytest.skip("pyenv has no Python on this machine")
        search = SearchOptions(pyenv_root=str(PYENV.parent))
        for _ in range(2):
            found = survey_pythons(search, store=store, environ=environ)
            there = {path.name for path in PYENV.iterdir() if (path / "bin").is_dir()}
            assert {one.name for one in found} >= there
            assert all(one.glance is not None for one in found)
            assert environ.starts == 0

    def test_one_without_headers_is_asked_once(
        self,
        tmp_path: Path,
        store: MemoryStore,
        environ: CountedStarts,
        base_python: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python3").symlink_to(base_python)
        search = SearchOptions(path=(str(tmp_path / "bin"),))
        monkeypatch.setattr("hutch.interpreters.survey.glance_at", lambda path: None)
        first = survey_pythons(search, store=store, environ=environ)
        assert environ.starts == 1
        assert survey_pythons(search, store=store, environ=environ) == first
        assert environ.starts == 1

    def test_what_was_asked_is_believed_before_the_disk(
        self, tmp_path: Path, store: MemoryStore, environ: CountedStarts, pyenv: Callable[[str], str]
    ) -> None:
        from hutch.interpreters import probe_interpreter

        path = pyenv("3.12")
        asked = probe_interpreter(path, store, environ=environ)
        found = look_at(path, store, environ=environ)
        assert (found.version, found.prefix) == (asked.version, asked.prefix)
        assert environ.starts == 1
        key = next(iter(store.memory.values))
        format_, place, stamp, facts = store.memory.values[key]  # type: ignore[misc]
        store.memory.values[key] = (format_, place, stamp, {**facts, "version": "3.12.99"})
        assert look_at(path, store, environ=environ).version == "3.12.99"

    def test_a_python_without_the_means_to_answer_is_remembered(
        self,
        store: MemoryStore,
        environ: CountedStarts,
        pyenv: Callable[[str], str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """3.6 says its version and no more; that is kept as well."""
        path = pyenv("3.6")
        monkeypatch.setattr("hutch.interpreters.survey.glance_at", lambda path: None)
        for _ in range(2):
            assert look_at(path, store, environ=environ).python == (3, 6)
            assert environ.starts == 1


@pytest.mark.parametrize(
    ("path", "source", "keeper"),
    [
        (
            r"C:\Users\me\AppData\Local\Programs\Python\Python312\python.exe",
            "registry (PythonCore)",
            "python.org",
        ),
        (r"C:\Users\me\AppData\Local\Python\pythoncore-3.14-64\python.exe", "x", "python.org"),
        (r"C:\Program Files\Python312\python.exe", "registry (PythonCore)", "python.org"),
        (r"C:\Users\me\miniconda3\python.exe", "registry (ContinuumAnalytics)", "conda"),
        (r"C:\somewhere\python.exe", "registry (Astral)", "Astral"),
        (r"C:\Users\me\AppData\Local\Microsoft\WindowsApps\x\python.exe", "Microsoft Store", "Store"),
        (r"C:\Users\me\AppData\Roaming\uv\python\cpython-3.12\python.exe", "x", "uv"),
        (r"C:\hostedtoolcache\windows\Python\3.12.1\x64\python.exe", "PATH", "CI tools"),
        ("/Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12", "PATH", "python.org"),
        ("/Library/Developer/CommandLineTools/usr/bin/python3", "PATH", "Xcode"),
        ("/opt/homebrew/Cellar/python@3.12/3.12.1/bin/python3.12", "PATH", "Homebrew"),
        ("/home/linuxbrew/.linuxbrew/opt/python@3.12/bin/python3.12", "PATH", "Homebrew"),
        ("/nix/store/abc-python3-3.12.1/bin/python3.12", "PATH", "Nix"),
        ("/usr/local/bin/python3.12", "PATH", "local"),
        ("/opt/mine/bin/python3.12", "PATH", ""),
        ("/h/.pyenv/versions/3.12.1/bin/python", "pyenv", "pyenv"),
        ("/h/data/python/cpython-3.12.1/bin/python", "hutch", "hutch"),
    ],
)
def test_whose_a_path_is(path: str, source: str, keeper: str) -> None:
    search = SearchOptions(pyenv_root="/h/.pyenv", managed="/h/data/python")
    assert keeper_of(path, path, source, search) == keeper


def test_each_distribution_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "debian": b'PRETTY_NAME="x"\nNAME="Debian GNU/Linux"\n',
        "odd": b"NAME=\n",
        "long": b'NAME="' + b"x" * 99,
    }
    expected = {"debian": "Debian", "odd": "system", "long": "system"}
    for name, text in texts.items():
        monkeypatch.setattr("hutch.interpreters.keepers.read_plain", lambda path, text=text: text)
        assert keeper_of("/usr/bin/python3", "/usr/bin/python3", "PATH", SearchOptions()) == expected[name]
