"""From words to exit code, with every way to fail."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys

import pytest

from hutch.cli import main
from hutch.cli.failure import report
from hutch.errors import Bug, NetworkProblem, Problem, UsageProblem


def fail(error: BaseException, terminal, words=("lock",), json=False, **environ) -> tuple[int, str]:
    code = report(error, terminal, environ, words, json=json)
    return code, terminal.err.file.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (Problem("x"), 1, "error: x\n"),
        (UsageProblem("x"), 2, "error: x\n"),
        (NetworkProblem("x", hint="y"), 3, "error: x\ntry: y\n"),
        (KeyboardInterrupt(), 4, "interrupted\n"),
        (
            ExceptionGroup("", [Problem("a"), ExceptionGroup("", [NetworkProblem("b")])]),
            3,
            "error: a\nerror: b\n",
        ),
        (BaseExceptionGroup("", [Problem("a"), KeyboardInterrupt()]), 4, "interrupted\n"),
        (OSError(errno.ENOSPC, "No space left", "/some/file"), 1, "error: the disk is full: /some/file\n"),
        (
            OSError(errno.EROFS, "Read-only", b"/some/\xff"),
            1,
            "error: the file system is read-only: /some/\\xff\n",
        ),
        (OSError(errno.ENOSPC, "No space left"), 1, "error: the disk is full\n"),
    ],
)
def test_what_the_user_reads(error, code, text, make_terminal):
    assert fail(error, make_terminal()) == (code, text)


@pytest.mark.parametrize(
    "error", [ValueError("odd"), Bug("odd"), OSError(errno.ECHILD, "odd"), MemoryError("odd")]
)
def test_a_bug_is_shown_with_all_that_a_report_needs(error, make_terminal):
    words = ["add", "--index-url", "https://me:secret@index.example/simple"]
    code, text = fail(error, make_terminal(), words)
    assert code == 70
    assert f"error: this is a bug in hutch: {type(error).__name__}: " in text
    assert "hutch add --index-url https://****@index.example/simple" in text
    assert "secret" not in text
    assert text.endswith("try: report it to hutch's issue tracker, with all the lines above\n")


def test_a_bug_among_problems_is_a_bug(make_terminal):
    code, text = fail(ExceptionGroup("", [Problem("a"), KeyError("b")]), make_terminal())
    assert code == 70
    assert "ExceptionGroup" in text


def test_leaving_on_purpose_is_not_a_failure(make_terminal):
    with pytest.raises(SystemExit):
        fail(SystemExit(5), make_terminal())


@pytest.mark.parametrize(("value", "shown"), [("1", True), ("0", False), ("", False)])
def test_a_traceback_of_a_problem_is_shown_on_request_only(value, shown, make_terminal):
    try:
        raise Problem("x")
    except Problem as problem:
        code, text = fail(problem, make_terminal(), HUTCH_DEBUG=value)
    assert code == 1
    assert ("Traceback" in text) is shown
    assert text.endswith("error: x\n")


def test_with_json_a_problem_is_data_too(make_terminal):
    terminal = make_terminal()
    fail(Problem("x", why="y", hint="z"), terminal, json=True)
    assert json.loads(terminal.out.file.getvalue()) == {
        "problems": [{"code": "problem", "what": "x", "why": ["y"], "hints": ["z"]}]
    }


def test_a_problem_is_told_even_when_quiet(make_terminal):
    terminal = make_terminal()
    terminal.behave({"quiet": 3})
    assert fail(Problem("x"), terminal) == (1, "error: x\n")


def test_version(project):
    ran = project().run("--version")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "hutch 0.1.0\n", "")


@pytest.mark.parametrize("words", ["", "help", "--help", "lock --help", "help options", "cache --help"])
def test_help_is_data(words, project):
    ran = project().run(words)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.count("\n") > 10


def test_wrong_usage(project):
    ran = project().run("lock --upgade")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert (
        ran.stderr
        == """\
error: `hutch lock` has no option `--upgade`
try: --upgrade
 or: hutch lock --help
"""
    )


def test_a_noun_without_its_verb(project):
    ran = project().run("cache")
    assert ran.exit_code == 2
    assert (
        ran.stderr
        == """\
error: `hutch cache` needs one more word
  hutch cache dir: Print where the cache is
  hutch cache size: Say how large the cache is
  hutch cache verify: Compare what is in the cache with what was put there
  hutch cache prune: Remove what was not used for long, until the cache is within its limit
  hutch cache clean: Delete the cache, or what it has of some packages
"""
    )


def test_a_project_directory_that_is_not_there(project):
    ran = project().run("-C nowhere lock")
    assert (ran.exit_code, ran.stderr) == (
        2,
        "error: --project names a directory that is not there\n  <project>/nowhere\n",
    )


def test_words_that_are_not_text_are_shown_safely(project):
    ran = project().run("$'\\udcff'")
    assert ran.exit_code == 2


# -- streams ----------------------------------------------------------------------------------------


def spawn(*words: str, **options) -> subprocess.Popen:
    root = os.path.dirname(
        os.path.dirname(os.path.dirname(os.path.abspath(sys.modules["hutch.cli"].__file__)))
    )
    body = f"import sys; sys.path.insert(0, {root!r}); from hutch.cli import leave, main; leave(main())"
    return subprocess.Popen([sys.executable, "-IS", "-c", body, *words], **options)


def test_a_reader_that_goes_away_is_no_problem():
    read, write = os.pipe()
    os.close(read)
    process = spawn("help", "sync", stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_at_the_other_end_is_a_problem():
    with open("/dev/full", "wb") as full:
        process = spawn("help", "sync", stdout=full, stderr=subprocess.PIPE)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (1, b"error: the disk is full\n")


def test_nobody_to_tell_is_no_bug():
    read, write = os.pipe()
    os.close(read)
    process = spawn("lck", stdout=subprocess.PIPE, stderr=write)
    os.close(write)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, b"")


def test_a_closed_stdout_is_no_bug():
    process = spawn("--version", stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    _, said = process.communicate(timeout=30)
    assert process.returncode in (0, 1)
    assert b"Traceback" not in said


def test_a_stream_that_cannot_write_a_letter_gets_it_escaped(make_terminal):
    terminal = make_terminal(encoding="ascii")
    terminal.data("né\n")
    assert terminal.out.file.getvalue() == "n\\xe9\n"


# -- colour -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terminal", "environ", "manner", "colored"),
    [
        (True, {}, {}, True),
        (False, {}, {}, False),
        (True, {"NO_COLOR": "1"}, {}, False),
        (True, {"NO_COLOR": ""}, {}, True),
        (True, {"TERM": "dumb"}, {}, False),
        (True, {}, {"color": "never"}, False),
        (False, {"NO_COLOR": "1"}, {"color": "always"}, True),
    ],
)
def test_when_there_is_colour(terminal, environ, manner, colored, make_terminal):
    found = make_terminal(terminal=terminal, **environ)
    found.behave(manner)
    assert (found.out.color, found.err.color) == (colored, colored)


@pytest.mark.parametrize(
    ("terminal", "columns", "width"),
    [
        (False, "200", 80),
        (True, "200", 100),
        (True, "60", 60),
        (True, "5", 20),
        (True, "x", 80),
        (True, "", 80),
    ],
)
def test_how_wide_the_text_is(terminal, columns, width, make_terminal):
    assert make_terminal(terminal=terminal, COLUMNS=columns).err.width == width


def test_main_takes_its_surroundings_as_arguments(make_terminal, tmp_path):
    terminal = make_terminal()
    code = main(["--version"], {}, tmp_path, terminal.out.file, terminal.err.file)
    assert (code, terminal.out.file.getvalue()) == (0, "hutch 0.1.0\n")
