"""Commands: their text, and that they start from every path."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.env import InvalidCommand, LauncherFacts, render_launcher
from hutch.env.launchers import render_shebang, rewrite_shebang


def launcher(facts: LauncherFacts, target: str = "json:dumps", **options: bool) -> bytes:
    return next(iter(render_launcher(facts, "alpha 1.0", "run", target, **options).values()))


def test_a_plain_path_is_a_plain_first_line() -> None:
    text = launcher(LauncherFacts(python="/env/bin/python"), "alpha.cli:app.main").decode()
    assert text == (
        "#!/env/bin/python\n"
        "import sys\n"
        "from alpha.cli import app\n"
        'if __name__ == "__main__":\n'
        '    sys.argv[0] = sys.argv[0].removesuffix("-script.pyw").removesuffix(".exe")\n'
        "    sys.exit(app.main())\n"
    )


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "it's",
        'dou"ble',
        "do$HOME",
        "back`tick`",
        "back\\slash",
        "'''",
        "x" * 200,
        "üñí",
        "a'\"'\"'b",
        "$'x'",
        "tab\t",
    ],
)
@pytest.mark.parametrize("relocatable", [False, True])
def test_it_starts_from_every_path(name: str, relocatable: bool, tmp_path: Path) -> None:
    scripts = tmp_path / name / "bin"
    scripts.mkdir(parents=True)
    (scripts / "python").symlink_to(sys.executable)
    facts = LauncherFacts(python=str(scripts / "python"), relocatable=relocatable)
    command = scripts / "run"
    body = launcher(facts, "os:getpid")
    command.write_bytes(
        body.replace(b"from os import getpid", b"def getpid(): print(sys.orig_argv[0], *sys.argv[1:])")
    )
    command.chmod(0o755)
    if relocatable:
        moved = tmp_path / "moved here"
        (tmp_path / name).rename(moved)
        (tmp_path / "link").symlink_to(moved / "bin" / "run")
        command, scripts = tmp_path / "link", moved / "bin"
    done = subprocess.run([command, "one argument", "$two"], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == f"{scripts / 'python'} one argument $two\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(command.read_bytes(), "run", "exec")


@given(st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=["Cs"]), min_size=1))
def test_the_shell_reads_back_every_path(name: str) -> None:
    """Against the oracle: a shell that prints the word."""
    from hutch.env.launchers import shell_word

    word = shell_word("/" + name)
    assert "'''" not in word
    done = subprocess.run(["/bin/sh", "-c", f"printf %s {word}"], capture_output=True, check=True)
    assert done.stdout.decode() == "/" + name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a\\b", "a:b", "a\nb", "x" * 300, "\x1b[31m"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(InvalidCommand):
        render_launcher(LauncherFacts(python="/p"), "evil 1", name, "a:b")


@pytest.mark.parametrize(
    "target",
    [
        "",
        "a",
        "a:",
        ":b",
        "a b:c",
        "a:b()",
        "a;import os:b",
        "a:b\nimport os",
        "a.:b",
        "a:b;c",
        "a:import",
        "a-b:c",
    ],
)
def test_targets_that_are_more_than_a_name_are_refused(target: str) -> None:
    with pytest.raises(InvalidCommand):
        render_launcher(LauncherFacts(python="/p"), "evil 1", "run", target)


def test_on_windows_it_is_a_program_with_a_zip_behind_it() -> None:
    facts = LauncherFacts(python="C:\\my env\\Scripts\\python.exe", windows=True)
    files = render_launcher(facts, "alpha 1", "run", "alpha:main")
    assert list(files) == ["run.exe"]
    content = files["run.exe"]
    assert content.startswith(b"MZ")
    assert b'#!"C:\\my env\\Scripts\\python.exe"\r\n' in content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"from alpha import main" in archive.read("__main__.py")
    gui = render_launcher(facts, "alpha 1", "run", "alpha:main", gui=True)["run.exe"]
    assert b"Scripts\\pythonw.exe" in gui
    assert gui[:4096] != content[:4096]
    assert render_launcher(facts, "alpha 1", "run", "alpha:main") == files, "the same bytes every time"


def test_scripts_of_a_wheel_get_their_first_line() -> None:
    facts = LauncherFacts(python="/env/bin/python")
    assert rewrite_shebang(facts, b"#!python\nprint()\n") == b"#!/env/bin/python\nprint()\n"
    assert rewrite_shebang(facts, b"#!pythonw\r\nprint()\r\n") == b"#!/env/bin/python\nprint()\r\n"
    assert rewrite_shebang(facts, b"#!python3\nprint()\n") is None
    assert rewrite_shebang(facts, b"#!/bin/sh\n") is None
    assert rewrite_shebang(facts, b"\x7fELF") is None


def test_the_longest_first_line_is_127_bytes() -> None:
    assert render_shebang(LauncherFacts(python="/" + "x" * 123)).startswith(b"#!/x")
    assert render_shebang(LauncherFacts(python="/" + "x" * 124)).startswith(b"#!/bin/sh\n")
    assert render_shebang(LauncherFacts(python="/" + "ü" * 62)).startswith(b"#!/bin/sh\n")


def test_old_pythons_get_what_they_understand() -> None:
    text = launcher(LauncherFacts(python="/p", python_version=(3, 8))).decode()
    assert "removesuffix" not in text
