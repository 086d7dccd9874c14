"""``hutch python pin``: what is written, so that pyenv and uv read the same; and what is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.support import block, manifest, shown, with_pyenv
from hutch.interpreters import parse_python_version_file
from hutch.ops.python_pin import edited_pins

if os.name == "nt":
    pytest.skip("these tests lay out a POSIX machine", allow_module_level=True)


@pytest.fixture
def made(project):
    return with_pyenv(project)


class TestWriting:
    """A line a version, in words that other tools have too."""

    @pytest.mark.parametrize(
        ("words", "text"),
        [
            ("3.98", "3.98\n"),
            ("398", "3.98\n"),
            ("cpython@3.98.0", "3.98.0\n"),
            ("python3.98", "3.98\n"),
            ("cpython-3.98.0-linux-x86_64-gnu", "3.98.0\n"),
            ("3.98.*", "3.98\n"),
            ("pypy@3.10", "pypy3.10\n"),
            ("pypy3.10-7.3.12", "pypy3.10-7.3.12\n"),
            ("3.98t", "3.98t\n"),
            ("3.98-dev", "3.98-dev\n"),
            ("3.98:latest", "3.98\n"),
            ("latest", "3.99\n"),
            ("system", "system\n"),
            ("3.98 3.7", "3.98\n3.7\n"),
            ("3.98 398", "3.98\n"),
            ("3.98 --resolved", "3.98.0\n"),
            ("'>=3.8,<3.99' --resolved", "3.98.0\n"),
            ("'>=3.8, <3.99'", ">=3.8,<3.99\n"),
        ],
    )
    def test_words(self, made, words: str, text: str) -> None:
        made.run(f"python pin {words}").ok()
        assert made.read(".python-version") == text

    def test_it_says_what_it_does(self, made) -> None:
        assert shown(made.run("python pin 3.98")) == "exit 0\nPinned 3.98 in .python-version\n"
        assert shown(made.run("python pin 3.98")) == "exit 0\n.python-version says 3.98 already\n"
        assert shown(made.run("python pin 3.7 3.98")) == (
            "exit 0\nPinned 3.7, 3.98 in .python-version, instead of 3.98\n"
        )

    def test_in_the_directory_of_the_project(self, made) -> None:
        made.write({"pyproject.toml": manifest(python=">=3.9"), "src/x/y": ""})
        made.run("python pin 3.98", cwd="src/x").ok()
        assert made.read(".python-version") == "3.98\n"

    def test_a_dry_run(self, made) -> None:
        assert shown(made.run("python pin 3.98 --dry-run")) == "exit 0\nWould pin 3.98 in .python-version\n"
        assert made.tree() == []

    def test_comments_and_line_ends_stay(self, made) -> None:
        made.write({".python-version": b"# ours\r\n3.7\r\n\r\n# the old one\r\n3.98\r\n"})
        made.run("python pin 3.99").ok()
        assert (made / ".python-version").read_bytes() == b"# ours\r\n3.99\r\n\r\n# the old one\r\n"

    def test_everywhere(self, made) -> None:
        assert shown(made.run("python pin --global 3.98")) == (
            "exit 0\nPinned 3.98 in <home>/data/python-version\n"
        )
        assert made.tree() == []
        assert made.run("python find").ok().stdout == "<home>/.pyenv/versions/3.98.0/bin/python\n"
        assert shown(made.run("python pin --global --rm")) == (
            "exit 0\nRemoved <home>/data/python-version, which said 3.98\n"
        )
        assert made.run("python find").ok().stdout == "<home>/.pyenv/versions/3.99.2/bin/python\n"

    def test_for_programs(self, made) -> None:
        assert json.loads(made.run("python pin 3.98 --json").ok().stdout) == {
            "path": "<project>/.python-version",
            "pins": ["3.98"],
            "before": [],
            "python": "<home>/.pyenv/versions/3.98.0/bin/python",
            "version": "3.98.0",
            "changed": True,
            "dry_run": False,
        }

    @pytest.mark.parametrize("words", ["3.98", "3.98 3.7", "3.98.0", "3.7 --resolved"])
    def test_pyenv_reads_the_same(self, made, real_home, words: str) -> None:
        pyenv = shutil.which("pyenv", path=real_home / ".pyenv" / "bin")
        if pyenv is None:
            pytest.skip("pyenv is not installed")
        made.run(f"python pin {words}").ok()
        environ = {**os.environ, "PYENV_ROOT": str(made.home / ".pyenv")}
        said = subprocess.run(
            [pyenv, "which", "python"], cwd=made.path, env=environ, capture_output=True, text=True
        )
        assert made.filtered(said.stdout) == made.run("python find").ok().stdout

    def test_uv_reads_the_same(self, made, real_home, pytestconfig) -> None:
        uv = shutil.which("uv")
        if uv is None:
            pytest.skip("uv is not installed")
        for words in ("cpython@3.98.0", "398", "'>=3.8,<3.99'", "pypy@3.10", "3.98t"):
            made.run(f"python pin {words}").ok()
            said = subprocess.run([uv, "python", "pin"], cwd=made.path, capture_output=True, text=True)
            # uv says what it understood in words of its own.
            read = (
                said.stdout.strip().replace(", ", ",").replace("pypy@", "pypy").replace("+freethreaded", "t")
            )
            assert read == made.read(".python-version").strip(), said.stderr


class TestTelling:
    """Without a request."""

    def test_what_is_pinned(self, made) -> None:
        made.write({".python-version": "3.98\n3.7\n"})
        assert shown(made.run("python pin")) == block("""
            exit 0
            .python-version says 3.98, 3.7, which is <home>/.pyenv/versions/3.98.0/bin/python
            -- stdout --
            3.98
            3.7
        """)

    def test_by_another_tools_file_a_variable_or_everywhere(self, made) -> None:
        (made.home / ".pyenv" / "version").write_text("3.7\n")
        assert made.run("python pin").ok().stdout == "3.7\n"
        made.write({".tool-versions": "python 3.98\n"})
        assert made.run("python pin").ok().stdout == "3.98\n"
        assert made.run("python pin --global").ok().stdout == "3.7\n"
        ran = made.run("python pin", environ={"PYENV_VERSION": "3.99"}).ok()
        assert shown(ran) == block("""
            exit 0
            PYENV_VERSION says 3.99, which is <home>/.pyenv/versions/3.99.2/bin/python
            -- stdout --
            3.99
        """)

    def test_one_that_is_not_here(self, made) -> None:
        made.write({".python-version": "3.55\n"})
        assert made.run("python pin").ok().stderr == ".python-version says 3.55, which is not here\n"

    def test_none(self, made) -> None:
        assert shown(made.run("python pin")) == block("""
            exit 1
            error: no Python is pinned here
            try: hutch python pin 3.12, to pin one
        """)
        assert made.run("python pin --rm").exit_code == 1


class TestWarnings:
    """The pin is written, and what will come of it is told."""

    def test_one_that_is_not_here(self, made) -> None:
        assert made.run("python pin 3.12").ok().stderr == (
            "warning: there is no Python for 3.12 here yet: hutch python install 3.12\n"
            "Pinned 3.12 in .python-version\n"
        )

    def test_one_that_the_project_does_not_admit(self, made) -> None:
        made.write({"pyproject.toml": manifest(python=">=3.98")})
        assert made.run("python pin 3.7").ok().stderr == (
            "warning: the project's requires-python >=3.98 does not admit 3.7\n"
            "Pinned 3.7 in .python-version\n"
        )
        assert made.run("python pin 3.98").ok().stderr.startswith("Pinned")
        assert made.run("python pin 3.98.0").ok().stderr.startswith("Pinned")

    def test_what_pyenv_cannot_read(self, made) -> None:
        assert (
            made.run("python pin '>=3.8,<3.99'")
            .ok()
            .stderr.startswith(
                "warning: >=3.8,<3.99 is a range, which pyenv does not read; --resolved writes a version\n"
            )
        )
        path = made.home / ".pyenv" / "versions" / "3.98.0" / "bin" / "python"
        assert "is a path, which pyenv does not read" in made.run(f"python pin {path}").ok().stderr

    def test_who_goes_before_it(self, made) -> None:
        ran = made.run("python pin 3.98", environ={"HUTCH_PYTHON": "3.7"}).ok()
        assert ran.stderr.startswith("warning: HUTCH_PYTHON says 3.7, and goes before a pin\n")
        ran = made.run("python pin 3.98", environ={"PYENV_VERSION": "3.7"}).ok()
        assert ran.stderr.startswith("warning: PYENV_VERSION says 3.7, and goes before a pin\n")
        ran = made.run("python pin 3.99 --global").ok()
        assert ran.stderr.startswith("note: here <project>/.python-version goes before it, and says 3.98\n")

    def test_another_tools_file_that_says_something_else(self, made) -> None:
        made.write({".tool-versions": "python 3.7.1\n", "mise.toml": "[tools]\npython = '3.98'\n"})
        assert made.run("python pin 3.98").ok().stderr == (
            "warning: .tool-versions says 3.7.1, which other tools go by; hutch reads .python-version first\n"
            "Pinned 3.98 in .python-version\n"
        )
        assert made.run("python pin --global 3.98").ok().stderr.startswith("note: here <project>/.python-v")


class TestRefused:
    """Nothing is written."""

    def test_a_link_that_a_checkout_may_have(self, made) -> None:
        secret = made.home / ".bashrc"
        secret.write_text("echo hello\n")
        (made / ".python-version").symlink_to(secret)
        assert shown(made.run("python pin 3.98")) == block("""
            exit 1
            error: <project>/.python-version is not written
              it is a link to <home>/.bashrc
            try: remove the link, or write that file
        """)
        assert secret.read_text() == "echo hello\n"

    def test_a_program_of_the_directory(self, made) -> None:
        made.write({"tool/bin/python": ""})
        assert made.run("python pin ./tool").exit_code == 1
        assert made.tree() == ["tool/bin/python"]

    @pytest.mark.parametrize("words", ["any", "'!!'", "--rm 3.98", "--resolved", "3.55 --resolved", "'>=x'"])
    def test_words_that_name_nothing(self, made, words: str) -> None:
        assert made.run(f"python pin {words}").exit_code in (1, 2)
        assert made.tree() == []

    @pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may write anywhere")
    def test_a_directory_that_cannot_be_written(self, made) -> None:
        made.path.chmod(0o500)
        try:
            ran = made.run("python pin 3.98")
        finally:
            made.path.chmod(0o700)
        assert ran.exit_code == 1
        assert "is not written" in ran.stderr

    def test_a_directory_in_the_place_of_the_file(self, made) -> None:
        (made / ".python-version").mkdir()
        ran = made.run("python pin 3.98")
        assert (ran.exit_code, "is not written" in ran.stderr) == (1, True)
        assert made.run("python pin --rm").exit_code == 1


@pytest.mark.parametrize(
    ("text", "pins", "expected"),
    [
        ("", ("3.12",), "3.12\n"),
        ("3.11\n", ("3.12",), "3.12\n"),
        ("3.11", ("3.12",), "3.12\n"),
        ("3.11\n3.10\n", ("3.12",), "3.12\n"),
        ("3.11\n", ("3.12", "3.11"), "3.12\n3.11\n"),
        ("# a\n3.11\n# b\n3.10\n# c\n", ("3.12", "3.11", "3.9"), "# a\n3.12\n# b\n3.11\n3.9\n# c\n"),
        ("# only this\n", ("3.12",), "# only this\n3.12\n"),
        ("\ufeff3.11 # why\n", ("3.12",), "3.12\n"),
        ("3.11\r\n", ("3.12",), "3.12\r\n"),
    ],
)
def test_what_becomes_of_a_file(text: str, pins: tuple[str, ...], expected: str) -> None:
    assert edited_pins(text, pins) == expected


def test_a_file_that_powershell_wrote_becomes_one_that_all_can_read(made):
    made.write({".python-version": "# ours\r\n3.7\r\n".encode("utf-16")})
    assert made.run("python pin").ok().stdout == "3.7\n"
    made.run("python pin 3.98").ok()
    assert (made / ".python-version").read_bytes() == b"# ours\r\n3.98\r\n"


@pytest.mark.parametrize("name", ["--help", "$(id)", "a;b", "\0", "3.12 && x"])
def test_a_name_that_is_none_is_told_with_its_file(made, name):
    made.write({".python-version": f"{name}\n"})
    ran = made.run("python which")
    if name == "3.12 && x":  # of each line the first word counts
        assert "no Python was found for `3.12 (<project>/.python-version)`" in ran.stderr
    else:
        assert "<project>/.python-version says so" in ran.stderr
    assert ran.exit_code == 1


@given(
    st.text(st.sampled_from("#3.1 x\t\r\n\u2028\ufeff\x0c")),
    st.lists(st.sampled_from(["3.12", "3.11.7", "work", "pypy3.10"]), min_size=1, unique=True),
)
def test_the_file_says_what_was_pinned_whatever_it_said(text: str, pins: list[str]) -> None:
    edited = edited_pins(text, tuple(pins))
    assert parse_python_version_file(edited) == tuple(pins)
    assert edited_pins(edited, tuple(pins)) == edited
    comments = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip().startswith("#")]
    assert [line for line in edited.splitlines() if line.strip().startswith("#")] == comments
