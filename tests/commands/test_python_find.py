"""``hutch python find`` and ``which``: which Python it is here, and who says so."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path

import pytest

from commands.support import PYTHON, block, manifest, shown, with_pyenv
from interpreters.fakes import fake_python

if os.name == "nt":
    pytest.skip("these tests lay out a POSIX machine", allow_module_level=True)


@pytest.fixture
def made(project):
    return with_pyenv(project)


def program(folder: Path, name: str) -> Path:
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def bin_of(made, version: str) -> Path:
    return Path(made.home) / ".pyenv" / "versions" / version / "bin"


class TestFind:
    """The path, and nothing else."""

    @pytest.mark.parametrize(
        ("words", "version"),
        [
            ("", "3.99.2"),
            ("3.98", "3.98.0"),
            ("398", "3.98.0"),
            ("'>=3.8,<3.99'", "3.98.0"),
            ("cpython@3.7", "3.7.1"),
            ("3.7:latest", "3.7.1"),
            ("latest", "3.99.2"),
            ("python3.98", "3.98.0"),
            ("~/.pyenv/versions/3.7.1", "3.7.1"),
        ],
    )
    def test_requests(self, made, words: str, version: str) -> None:
        assert shown(made.run(f"python find {words}")) == block(f"""
            exit 0
            -- stdout --
            <home>/.pyenv/versions/{version}/bin/python
        """)

    def test_other_things_of_it(self, made) -> None:
        assert made.run("python find 3.98 --show-version").ok().stdout == "3.98.0\n"
        assert made.run("python find 3.98 --prefix").ok().stdout == "<home>/.pyenv/versions/3.98.0\n"
        assert json.loads(made.run("python find 3.98 --json").ok().stdout) == {
            "path": "<home>/.pyenv/versions/3.98.0/bin/python",
            "version": "3.98.0",
            "implementation": "cpython",
            "free_threaded": False,
            "prefix": "<home>/.pyenv/versions/3.98.0",
            "environment": False,
        }

    def test_none(self, made) -> None:
        assert shown(made.run("python find 3.98.4", environ={"HUTCH_PYTHON_DOWNLOADS": "never"})).startswith(
            block("""
                exit 1
                error: no Python was found for `3.98.4`
                  3.98.0 at <home>/.pyenv/versions/3.98.0/bin/python: `3.98.4` was asked for
            """)
        )

    def test_a_variable_that_asks_for_what_is_not_here(self, made) -> None:
        ran = made.run("python find", environ={"HUTCH_PYTHON": "3.55"})
        assert ran.exit_code == 1
        assert ran.stderr.endswith(" or: change HUTCH_PYTHON, which asks for it\n")

    def test_the_environment_of_the_project_and_what_is_behind_it(self, made) -> None:
        made.write({"pyproject.toml": manifest(python=">=3.9")})
        made.run(f"venv --python {PYTHON}").ok()
        assert made.run("python find").ok().stdout == "<project>/.venv/bin/python\n"
        assert made.run("python find --system").ok().stdout == "<home>/.pyenv/versions/3.99.2/bin/python\n"
        assert made.run("python find 3.98").ok().stdout == "<home>/.pyenv/versions/3.98.0/bin/python\n"

    def test_an_environment_that_does_not_fit_is_passed_over(self, made) -> None:
        made.write({"pyproject.toml": manifest(python=">=3.9")})
        made.run(f"venv --python {PYTHON}").ok()
        made.write({".python-version": "3.98\n"})
        assert made.run("python find").ok().stdout == "<home>/.pyenv/versions/3.98.0/bin/python\n"

    def test_an_environment_that_came_with_a_checkout_is_passed_over(self, made) -> None:
        fake_python(made.path / ".venv" / "base", "3.99.9")
        made.write({"pyproject.toml": manifest(python=">=3.9")})
        (made.path / ".venv" / "bin").mkdir()
        (made.path / ".venv" / "lib" / "python3.99" / "site-packages").mkdir(parents=True)
        (made.path / ".venv" / "bin" / "python").symlink_to(made.path / ".venv" / "base" / "bin" / "python")
        (made.path / ".venv" / "pyvenv.cfg").write_text(f"home = {made.path}/.venv/base/bin\n")
        assert made.run("python find").ok().stdout == "<home>/.pyenv/versions/3.99.2/bin/python\n"

    def test_a_manifest_that_nobody_can_read_keeps_nobody_from_looking(self, made) -> None:
        made.write({"pyproject.toml": "[project\n"})
        assert made.run("python find 3.98").ok().stdout == "<home>/.pyenv/versions/3.98.0/bin/python\n"


class TestWhich:
    """The path on stdout, and a line on stderr."""

    def line(self, made, words: str = "python which", **environ: str) -> tuple[str, str]:
        ran = made.run(words, environ=environ).ok()
        assert ran.stdout.count("\n") == ran.stderr.count("\n") == 1
        return ran.stdout.strip().replace("<home>/.pyenv/versions/", ""), ran.stderr.strip()

    def test_who_says_so(self, made) -> None:
        assert self.line(made) == (
            "3.99.2/bin/python",
            "Python 3.99.2: nothing here asks for another, and it is the best there is",
        )
        (made.home / ".pyenv" / "version").write_text("3.98\n")
        assert self.line(made) == ("3.98.0/bin/python", "Python 3.98.0: <home>/.pyenv/version says 3.98")
        made.run("python pin --global 3.99").ok()
        assert self.line(made)[1] == "Python 3.99.2: <home>/data/python-version says 3.99"
        made.write({"mise.toml": "[tools]\npython = '3.98'\n"})
        assert self.line(made)[1] == "Python 3.98.0: <project>/mise.toml says 3.98"
        made.write({".python-version": "3.7\n"})
        assert self.line(made)[1] == "Python 3.7.1: <project>/.python-version says 3.7"
        assert self.line(made, PYENV_VERSION="3.98")[1] == "Python 3.98.0: PYENV_VERSION says 3.98"
        assert self.line(made, HUTCH_PYTHON="3.99")[1] == "Python 3.99.2: HUTCH_PYTHON says 3.99"
        assert self.line(made, "--python 3.98 python which")[1] == "Python 3.98.0: --python says 3.98"

    def test_the_project_says_so(self, made) -> None:
        made.write({"pyproject.toml": manifest(python=">=3.9", more='[tool.hutch]\npython = "3.98"\n')})
        assert self.line(made)[1] == "Python 3.98.0: <project>/pyproject.toml:8 says 3.98"

    def test_a_subdirectory(self, made) -> None:
        made.write({".python-version": "3.98\n", "src/x/y": ""})
        ran = made.run("python which", cwd="src/x").ok()
        assert ran.stderr == "Python 3.98.0: <project>/.python-version says 3.98\n"

    def test_a_program_beside_it(self, made) -> None:
        program(bin_of(made, "3.98.0"), "pytest")
        made.write({".python-version": "3.98\n"})
        assert self.line(made, "python which pytest") == (
            "3.98.0/bin/pytest",
            "pytest of Python 3.98.0: <project>/.python-version says 3.98",
        )

    def test_the_rest_of_a_pin_is_looked_through(self, made) -> None:
        made.write({".python-version": "3.98\n3.7\n"})
        assert self.line(made, "python which python3.7") == (
            "3.7.1/bin/python3.7",
            "python3.7 of Python 3.7.1: <project>/.python-version says 3.7",
        )
        assert self.line(made, "python which python3.7", PYENV_VERSION="3.99:3.7")[0] == "3.7.1/bin/python3.7"

    def test_of_the_environment(self, made) -> None:
        made.write({"pyproject.toml": manifest(python=">=3.9")})
        made.run(f"venv --python {PYTHON}").ok()
        program(made.path / ".venv" / "bin", "pytest")
        path, why = self.line(made, "python which pytest")
        assert path == "<project>/.venv/bin/pytest"
        assert why == "pytest of Python <version>: the project's environment"

    def test_what_is_on_path_alone(self, made) -> None:
        program(made.home / "bin", "ruff")
        assert self.line(made, "python which ruff") == (
            "<home>/bin/ruff",
            "Python 3.99.2 has no ruff: this is the first on PATH",
        )
        program(made.home / "bin", "pip")
        assert self.line(made, "python which pip")[1] == (
            "Python 3.99.2 has no pip: this is the first on PATH, of another Python; hutch pip installs here"
        )

    def test_a_shim_is_no_program(self, made) -> None:
        program(made.home / ".pyenv" / "shims", "a-tool")
        program(bin_of(made, "3.7.1"), "a-tool")
        ran = made.run("python which a-tool", environ={"PATH": str(made.home / ".pyenv" / "shims")})
        assert shown(ran) == block("""
            exit 1
            error: there is no `a-tool` here
              looked in <home>/.pyenv/versions/3.99.2/bin and PATH
              these have it: Python 3.7.1
            try: hutch python which --all a-tool, to see where it is
        """)

    def test_nowhere(self, made) -> None:
        assert shown(made.run("python which nothing")) == block("""
            exit 1
            error: there is no `nothing` here
              looked in <home>/.pyenv/versions/3.99.2/bin and PATH
            try: hutch run --with nothing nothing, where a package of that name has it
        """)

    def test_all(self, made) -> None:
        for version in ("3.7.1", "3.99.2"):
            program(bin_of(made, version), "flask")
        assert shown(made.run("python which --all flask")) == block("""
            exit 0
            -- stdout --
            <home>/.pyenv/versions/3.99.2/bin/flask  Python 3.99.2
            <home>/.pyenv/versions/3.7.1/bin/flask   Python 3.7.1
        """)
        assert json.loads(made.run("python which --all flask --json").ok().stdout)["programs"] == [
            {"path": "<home>/.pyenv/versions/3.99.2/bin/flask", "python": "Python 3.99.2"},
            {"path": "<home>/.pyenv/versions/3.7.1/bin/flask", "python": "Python 3.7.1"},
        ]

    @pytest.mark.parametrize("name", ["../x", "/bin/sh", "''", "..", "a/b"])
    def test_a_path_is_no_name(self, made, name: str) -> None:
        assert made.run(f"python which {name}").exit_code == 2

    def test_for_programs(self, made) -> None:
        made.write({".python-version": "3.98\n"})
        assert json.loads(made.run("python which --json").ok().stdout) == {
            "name": "python",
            "path": "<home>/.pyenv/versions/3.98.0/bin/python",
            "python": "Python 3.98.0",
            "by": "pin",
            "origin": "<project>/.python-version",
            "reason": "Python 3.98.0: <project>/.python-version says 3.98",
        }

    def test_what_a_file_says_cannot_move_the_cursor(self, made) -> None:
        made.write({".python-version": "3.98\n", "x": ""})
        folder = made.path / "a\x1b[31mb"
        folder.mkdir()
        (folder / ".python-version").write_text("3.98\n")
        assert "\x1b" not in made.run("python which", cwd=folder.name).ok().stderr


class TestNamedEnvironments:
    """A pin may name an environment: of hutch, or of pyenv's virtualenv plugin."""

    @pytest.fixture
    def work(self, made) -> Path:
        """`pyenv virtualenv 3.98.0 work`."""
        place = Path(made.home) / ".pyenv" / "versions" / "3.98.0" / "envs" / "work"
        program(place / "bin", "pytest")
        (place / "bin" / "python").symlink_to(bin_of(made, "3.98.0") / "python")
        (place / "pyvenv.cfg").write_text(f"home = {bin_of(made, '3.98.0')}\n")
        (Path(made.home) / ".pyenv" / "versions" / "work").symlink_to(place)
        return place

    @pytest.mark.parametrize("pin", ["work", "3.98.0/envs/work"])
    def test_its_programs_are_meant(self, made, work: Path, pin: str) -> None:
        made.write({".python-version": f"{pin}\n"})
        ran = made.run("python which pytest").ok()
        assert os.path.realpath(made.home / ran.stdout.strip().removeprefix("<home>/")) == str(
            work / "bin/pytest"
        )
        assert ran.stderr == f"pytest of Python 3.98.0: <project>/.python-version says {pin}\n"
        assert "/3.98.0/bin/python" in made.run("python find --system").ok().stdout

    def test_by_request(self, made, work: Path) -> None:
        assert made.run("python find work").ok().stdout == "<home>/.pyenv/versions/work/bin/python\n"
        assert made.run("python find work --prefix").ok().stdout == "<home>/.pyenv/versions/work\n"

    def test_one_of_hutch(self, made) -> None:
        made.run(f"env create science --python {PYTHON}").ok()
        made.write({".python-version": "science\n"})
        ran = made.run("python which").ok()
        assert ran.stdout == "<home>/data/envs/science/bin/python\n"
        assert ran.stderr == "Python <version>: <project>/.python-version says science\n"


class TestOutsideOfProjects:
    """The active environment, or the nearest one."""

    def test_the_nearest(self, made) -> None:
        made.run(f"venv --python {PYTHON}").ok()
        made.write({"a/b/c": ""})
        ran = made.run("python which", cwd="a/b").ok()
        assert shown(ran) == block("""
            exit 0
            Python <version>: the nearest environment, <project>/.venv
            -- stdout --
            <project>/.venv/bin/python
        """)

    def test_the_active_one_before_it(self, made) -> None:
        made.run(f"venv --python {PYTHON}").ok()
        made.run(f"venv --python {PYTHON} other").ok()
        ran = made.run("python which", environ={"VIRTUAL_ENV": str(made / "other")}).ok()
        assert (ran.stdout, ran.stderr) == (
            "<project>/other/bin/python\n",
            "Python <version>: the active environment\n",
        )


def test_with_shims_a_project_has_to_be_allowed(made):
    made.write({"pyproject.toml": manifest(python=">=3.9")})
    made.run(f"venv --python {PYTHON}").ok()
    assert made.run("python which").ok().stderr == "Python <version>: the project's environment\n"
    (made.home / "data" / "shims").mkdir(parents=True)
    made.run("deny").ok()
    assert made.run("python which").ok().stderr == (
        "Python <version>: the project's environment; plain python is another until hutch allow\n"
    )
    made.run("allow").ok()
    assert made.run("python which").ok().stderr == "Python <version>: the project's environment\n"


class TestTheRealPyenv:
    """Every version that pyenv has on this machine can be used by its name."""

    @pytest.fixture
    def real(self, made, real_home) -> Path:
        root = Path(os.environ.get("PYENV_ROOT") or real_home / ".pyenv")
        if not (root / "versions").is_dir():
            pytest.skip("pyenv has no Python on this machine")
        made.environ |= {"PYENV_ROOT": str(root)}
        return root / "versions"

    def test_each_by_name(self, made, real: Path) -> None:
        there = sorted(path.name for path in real.iterdir() if (path / "bin" / "python").exists())
        said = json.loads(made.run("python list pyenv --json --only-installed").ok().stdout)
        own = platform.python_version()  # which is not shown in tests
        assert {one["name"].replace("<version>", own) for one in said["pythons"]} == set(there)
        for name in there:
            if not name.replace(".", "").isdigit() or name == own:
                continue
            assert made.run(f"python find {name} --show-version").ok().stdout == f"{name}\n"
            made.write({".python-version": f"{name}\n"})
            assert made.run("python which").ok().stderr == (
                f"Python {name}: <project>/.python-version says {name}\n"
            )

    def test_pyenv_would_run_the_same(self, made, real: Path) -> None:
        pyenv = real.parent / "bin" / "pyenv"
        if not pyenv.exists():
            pytest.skip("pyenv is not installed")
        environ = {**os.environ, "PYENV_ROOT": str(real.parent)}
        for pins in ("3.12\n", "3.9\n3.12\n", "# old\r\n2.7  what a pity\r\n"):
            made.write({".python-version": pins})
            for name in ("python", "pip"):
                said = subprocess.run(
                    [str(pyenv), "which", name], cwd=made.path, env=environ, capture_output=True, text=True
                )
                if said.returncode == 0:
                    ran = made.run(f"python which {name}").ok()
                    assert os.path.realpath(made.filtered(said.stdout).strip()) == os.path.realpath(
                        ran.stdout.strip()
                    ), pins
