"""Building through a backend in the tree: what comes out, what is asked for, and how it fails."""

from __future__ import annotations

import os
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hutch.build import (
    BuildFailed,
    BuildForbidden,
    BuildOptions,
    InvalidBuildSystem,
    NoEditable,
    NotASource,
    WrongProject,
    build_editable,
    build_sdist,
    build_wheel,
)
from hutch.events import Building


def test_a_wheel_is_built_and_only_the_wheel_appears(tree, environments, tmp_path: Path) -> None:
    events: list[object] = []
    wheel = build_wheel(tree(), tmp_path / "out", environments=environments, emit=events.append)
    assert wheel == tmp_path / "out" / "tree-1.0-py3-none-any.whl"
    assert list((tmp_path / "out").iterdir()) == [wheel]
    assert environments.asked == [()]
    assert events == [Building("tree")]


def test_a_wheel_is_built_from_an_sdist(tree, environments, tmp_path: Path) -> None:
    sdist = build_sdist(tree(), tmp_path / "out", environments=environments)
    assert sdist.name == "tree-1.0.tar.gz"
    wheel = build_wheel(sdist, tmp_path / "out", environments=environments)
    assert zipfile.ZipFile(wheel).read("tree.py") == b"{}"


def test_an_older_file_of_that_name_is_replaced(tree, environments, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tree-1.0-py3-none-any.whl").write_bytes(b"old")
    wheel = build_wheel(tree(), tmp_path / "out", environments=environments)
    assert zipfile.is_zipfile(wheel)


def test_settings_arrive(tree, environments, tmp_path: Path) -> None:
    options = BuildOptions(config_settings={"--one": "1", "many": ("a", "b")})
    wheel = build_wheel(tree(), tmp_path / "out", environments=environments, options=options)
    assert zipfile.ZipFile(wheel).read("tree.py") == b"{'--one': '1', 'many': ['a', 'b']}"


def test_what_the_backend_asks_for_is_added_to_what_the_project_says(
    tree, environments, tmp_path: Path
) -> None:
    code = "\ndef get_requires_for_build_wheel(config_settings=None):\n    return ['wheel>=0.40', 'idna']\n"
    pyproject = tree().joinpath("pyproject.toml").read_text().replace("[]", '["idna"]')
    source = tree(code, pyproject=pyproject, name="other")
    options = BuildOptions(requires=("attrs",))
    build_wheel(source, tmp_path / "out", environments=environments, options=options)
    assert environments.asked == [("idna", "attrs"), ("idna", "attrs", "wheel>=0.40")]


def test_an_editable_wheel_is_the_backends_own(tree, environments, tmp_path: Path) -> None:
    code = "\ndef build_editable(directory, config_settings=None, metadata_directory=None):\n"
    code += "    return build_wheel(directory, 'editable')\n"
    wheel = build_editable(tree(code), tmp_path / "out", environments=environments)
    assert zipfile.ZipFile(wheel).read("tree.py") == b"'editable'"


def test_a_backend_without_editable_says_so_in_words(tree, environments, tmp_path: Path) -> None:
    with pytest.raises(NoEditable) as caught:
        build_editable(tree(), tmp_path / "out", environments=environments)
    assert caught.value.why == ("its build backend mybackend has no `build_editable` (PEP 660)",)
    assert caught.value.hints[-1].startswith("install it without editable; --no-install-project leaves")


@pytest.mark.parametrize("name", ["tree-1.0.whl", "tree-one-py3-none-any.whl", "a b-1-py3-none-any.whl"])
def test_a_wheel_with_a_name_that_says_nothing_is_refused(
    tree, environments, tmp_path: Path, name: str
) -> None:
    code = "\ndef build_wheel(directory, config_settings=None, metadata_directory=None):\n"
    code += f"    open(directory + '/{name}', 'w').close()\n    return {name!r}\n"
    with pytest.raises(BuildFailed, match="`build_wheel` wrote"):
        build_wheel(tree(code), tmp_path / "out", environments=environments)


def test_a_wheel_of_another_project_is_refused(tree, environments, tmp_path: Path) -> None:
    """S12: the file name on the index said something else."""
    options = BuildOptions(name="victim", version="1.0")
    with pytest.raises(WrongProject) as caught:
        build_wheel(tree(), tmp_path / "out", environments=environments, options=options)
    assert (caught.value.expected, caught.value.found) == ("victim 1.0", "tree 1.0")
    assert list((tmp_path / "out").iterdir()) == []


def test_no_build_where_none_is_allowed(tree, environments, tmp_path: Path) -> None:
    """S14: refused, and no code of the package ran."""
    source = tree(f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(BuildForbidden):
        build_wheel(source, tmp_path / "out", environments=environments, options=BuildOptions(forbidden=True))
    assert not (tmp_path / "ran").exists()
    assert environments.asked == []


class TestFailures:
    """Whatever a backend does, the user reads what and why, and `out` stays as it was."""

    @pytest.fixture
    def fails(self, tree, environments, tmp_path: Path) -> Callable[..., BuildFailed]:
        def run(body: str, options: BuildOptions = BuildOptions()) -> BuildFailed:  # noqa: B008
            code = "\nimport os, time, signal, subprocess\n"
            code += "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
            code += "".join(f"    {line}\n" for line in body.splitlines())
            with pytest.raises(BuildFailed) as caught:
                build_wheel(tree(code), tmp_path / "out", environments=environments, options=options)
            assert list((tmp_path / "out").iterdir()) == []
            return caught.value

        return run

    def test_an_error_shows_the_last_lines(self, fails) -> None:
        problem = fails("for number in range(100): print('line', number)\nraise RuntimeError('oh no')")
        assert problem.what == "building tree failed: `build_wheel` ended with exit code 1"
        assert problem.why[-1] == "RuntimeError: oh no"
        assert len(problem.why) == 21
        assert problem.why[0].endswith("lines before these")
        assert "line 0" in problem.output
        assert (problem.step, problem.backend, problem.returncode) == ("build_wheel", "mybackend", 1)

    def test_control_characters_do_not_reach_the_terminal(self, fails) -> None:
        problem = fails("print('\\x1b[31mred\\x07')\nraise SystemExit(3)")
        assert "\x1b" not in "".join(problem.why)
        assert "`build_wheel` ended with exit code 3" in problem.what

    def test_a_build_that_takes_too_long_is_ended_with_its_children(self, fails, tmp_path: Path) -> None:
        mark = tmp_path / "mark"
        body = f"subprocess.Popen(['sh', '-c', 'sleep 3; touch {mark}'])\ntime.sleep(60)"
        began = time.monotonic()
        problem = fails(body, BuildOptions(seconds=1.5))
        assert "`build_wheel` took longer than 1.5 seconds" in problem.what
        assert time.monotonic() - began < 20
        time.sleep(max(0.0, 4.0 - (time.monotonic() - began)))
        assert not mark.exists()

    def test_a_crash_is_named(self, fails) -> None:
        problem = fails("os.kill(os.getpid(), signal.SIGSEGV)")
        assert "`build_wheel` was ended by SIGSEGV" in problem.what

    def test_a_backend_that_leaves_without_a_word(self, fails) -> None:
        assert "`build_wheel` gave no answer" in fails("os._exit(0)").what

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ("return '../evil.whl'", "named a file outside of its directory: ../evil.whl"),
            ("return None", "named a file outside of its directory: None"),
            ("return ''", "named a file outside of its directory"),
            ("return ['a']", "named a file outside of its directory"),
            ("return 'x.whl'", "says that it wrote x.whl, which is not there"),
            ("return 'x' * 10**6 + '.whl'", "says that it wrote xxx"),
            ("return 'x\\0.whl'", "which is not there"),
            ("return 'x.txt'", "wrote x.txt, which is no .whl file"),
            ("os.symlink('/etc/passwd', directory + '/x.whl')\nreturn 'x.whl'", "which is not there"),
        ],
    )
    def test_an_answer_that_is_wrong(self, fails, body: str, reason: str) -> None:
        assert reason in fails(body).what

    @pytest.mark.parametrize(
        "answer",
        [
            "os.mkfifo(answer)",
            "os.symlink('/dev/zero', answer)",
            "os.mkdir(answer)",
            "os.truncate(os.open(answer, os.O_CREAT | os.O_RDWR), 2**34)",
        ],
    )
    def test_an_answer_that_would_keep_us_busy(self, fails, answer: str) -> None:
        body = f"import sys\nanswer = sys.argv[-1] + '/output.json'\n{answer}\nos._exit(0)"
        problem = fails(body, BuildOptions(seconds=20))
        assert "`build_wheel` gave an answer that cannot be read" in problem.what

    def test_a_missing_module_gives_a_hint(self, fails) -> None:
        problem = fails("import numpy_that_is_not_there")
        missing = "`numpy_that_is_not_there` to be built and does not say so in build-system.requires"
        assert problem.hints == (f"it needs {missing}: ask its authors to add it",)

    def test_a_backend_that_cannot_be_imported(self, tree, environments, tmp_path: Path) -> None:
        pyproject = '[build-system]\nrequires = []\nbuild-backend = "no_such_backend"\n'
        with pytest.raises(BuildFailed, match="its build backend no_such_backend cannot be imported"):
            build_wheel(tree(pyproject=pyproject), tmp_path / "out", environments=environments)

    def test_a_backend_that_is_no_object(self, tree, environments, tmp_path: Path) -> None:
        pyproject = (
            '[build-system]\nrequires = []\nbuild-backend = "mybackend:nothing"\nbackend-path = ["backend"]\n'
        )
        with pytest.raises(BuildFailed, match="ended with exit code 1"):
            build_wheel(tree(pyproject=pyproject), tmp_path / "out", environments=environments)

    def test_an_interpreter_that_is_gone(self, tree, environments, tmp_path: Path) -> None:
        environments.python = str(tmp_path / "python")
        with pytest.raises(BuildFailed):
            build_wheel(tree(), tmp_path / "out", environments=environments)

    @pytest.mark.parametrize("answer", ["'text'", "[1]", "['not a requirement !!']", "{}"])
    def test_requirements_that_are_none(self, tree, environments, tmp_path: Path, answer: str) -> None:
        code = f"\ndef get_requires_for_build_wheel(config_settings=None):\n    return {answer}\n"
        with pytest.raises(BuildFailed, match="requirement"):
            build_wheel(tree(code), tmp_path / "out", environments=environments)

    def test_a_backend_that_cannot_make_an_sdist(self, tree, environments, tmp_path: Path) -> None:
        code = "\nclass UnsupportedOperation(Exception): pass\n"
        code += "def build_sdist(directory, config_settings=None):\n"
        code += "    raise UnsupportedOperation('no repository')\n"
        with pytest.raises(BuildFailed, match="its backend says that it cannot do `build_sdist`") as caught:
            build_sdist(tree(code), tmp_path / "out", environments=environments)
        assert "no repository" in caught.value.output

    @pytest.mark.parametrize("missing", ["nowhere", "empty"])
    def test_nothing_to_build(self, environments, tmp_path: Path, missing: str) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(NotASource):
            build_wheel(tmp_path / missing, tmp_path / "out", environments=environments)

    def test_a_backend_outside_of_the_tree(self, tree, environments, tmp_path: Path) -> None:
        """S17."""
        pyproject = '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["../evil"]\n'
        (tmp_path / "evil").mkdir()
        (tmp_path / "evil" / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
        with pytest.raises(InvalidBuildSystem) as caught:
            build_wheel(tree(pyproject=pyproject), tmp_path / "out", environments=environments)
        assert caught.value.faults == ("`backend-path`: `../evil` lies outside of the tree",)
        assert not (tmp_path / "ran").exists()


class TestSurroundings:
    """S15: no secret in the build; a home and a temporary directory of its own, gone afterwards."""

    @pytest.fixture
    def seen(self, tree, environments, tmp_path: Path) -> Callable[..., dict[str, str]]:
        def run(**options: object) -> dict[str, str]:
            code = (
                "\nimport json\ndef build_wheel(directory, config_settings=None, metadata_directory=None):\n"
            )
            code += "    open(os.path.expanduser('~/left-behind'), 'w').close()\n"
            code += "    import tempfile; tempfile.mkdtemp()\n"
            code += "    json.dump(dict(os.environ), open('environ', 'w'))\n"
            code += "    wheel = zipfile.ZipFile(directory + '/x-1-py3-none-any.whl', 'w'); wheel.close()\n"
            code += "    return 'x-1-py3-none-any.whl'\n"
            build_wheel(
                tree(code),
                tmp_path / "out",
                environments=environments,
                options=BuildOptions(**options),  # type: ignore[arg-type]
            )
            import json

            found: dict[str, str] = json.loads((tmp_path / "tree" / "environ").read_text())
            return found

        return run

    def test_secrets_stay_outside_and_compilers_are_steered(
        self, seen, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secrets = (
            "HUTCH_INDEX_TOKEN",
            "TWINE_PASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "PIP_INDEX_URL",
        )
        secrets += ("CMAKE_TOKEN", "SSH_AUTH_SOCK", "PYTHONPATH", "CARGO_REGISTRY_TOKEN", "NETRC")
        for name in secrets:
            monkeypatch.setenv(name, "s3cr3t")
        monkeypatch.setenv("CFLAGS", "-O2")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
        monkeypatch.setenv("HTTPS_PROXY", "http://user:s3cr3t@proxy.example:3128")
        found = seen()
        assert "s3cr3t" not in repr(found)
        assert (found["CFLAGS"], found["SOURCE_DATE_EPOCH"]) == ("-O2", "1600000000")
        assert found["HTTPS_PROXY"] == "http://proxy.example:3128"

    def test_what_the_user_lets_through_gets_through(self, seen, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MY_TOKEN", "mine")
        assert seen(passed=("MY_TOKEN",))["MY_TOKEN"] == "mine"

    def test_the_home_is_private_and_gone_afterwards(self, seen) -> None:
        found = seen()
        assert found["HOME"] != os.environ.get("HOME")
        assert not os.path.exists(found["HOME"])
        assert not os.path.exists(found["TMPDIR"])
        assert found["TMPDIR"].startswith(os.path.dirname(found["HOME"]))

    def test_the_environment_lays_its_variables_over(self, seen, environments) -> None:
        environments.variables = {"PATH": "/env/bin", "VIRTUAL_ENV": "/env"}
        found = seen()
        assert (found["PATH"], found["VIRTUAL_ENV"]) == ("/env/bin", "/env")


@pytest.mark.parametrize("minor", ["3.8", "3.13"])
def test_another_python_builds(tree, environments, pyenv, tmp_path: Path, minor: str) -> None:
    environments.python = pyenv(minor)
    code = "\ndef build_editable(directory, config_settings=None, metadata_directory=None):\n"
    code += "    return build_wheel(directory, list(sys.version_info[:2]))\n"
    wheel = build_editable(tree(code), tmp_path / "out", environments=environments)
    assert zipfile.ZipFile(wheel).read("tree.py").decode() == str([int(part) for part in minor.split(".")])


def test_a_setup_py_alone_is_built_by_setuptools(environments, tmp_path: Path) -> None:
    import importlib.util

    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("the Python of the tests has no setuptools")
    source = tmp_path / "old"
    source.mkdir()
    (source / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='old', version='1', py_modules=['old'])"
    )
    (source / "old.py").touch()
    sdist = build_sdist(source, tmp_path / "out", environments=environments)
    assert sdist.name == "old-1.tar.gz"
    assert environments.asked == [("setuptools>=40.8.0",)]
    assert sys.executable == environments.python
