"""Problems as people read them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hutch.cli.ui.problems import problem_json, render_notice, render_problem
from hutch.errors import Problem


def told(problem: Problem, terminal) -> str:
    return "\n".join(render_problem(problem, terminal.err))


def test_what_why_and_what_to_do(make_terminal):
    problem = Problem(
        "no versions satisfy all requirements",
        why=(
            "botocore 1.29.0 (pyproject.toml:8) needs urllib3 <1.27",
            "urllib3 >=2 is asked for in pyproject.toml:9",
        ),
        hint=("botocore >=1.31.62, the first version that allows urllib3 2", "urllib3 >=1.25.4,<1.27"),
    )
    assert (
        told(problem, make_terminal())
        == """\
error: no versions satisfy all requirements
  botocore 1.29.0 (pyproject.toml:8) needs urllib3 <1.27
  urllib3 >=2 is asked for in pyproject.toml:9
try: botocore >=1.31.62, the first version that allows urllib3 2
 or: urllib3 >=1.25.4,<1.27"""
    )


def test_on_a_terminal_long_lines_hang_under_their_beginning(make_terminal):
    why = ("reason " * 15, "  deeper " + "reason " * 15)
    problem = Problem("word " * 20, why=why, hint=("do " * 40,))
    text = told(problem, make_terminal(terminal=True, COLUMNS="80", NO_COLOR="1"))
    assert text == FOLDED


FOLDED = """\
error: word word word word word word word word word word word word word word
       word word word word word word
  reason reason reason reason reason reason reason reason reason reason reason
    reason reason reason reason
    deeper reason reason reason reason reason reason reason reason reason reason
      reason reason reason reason reason
try: do do do do do do do do do do do do do do do do do do do do do do do do do
     do do do do do do do do do do do do do do do"""


def test_in_a_log_each_part_stays_on_one_line(make_terminal):
    problem = Problem("word " * 50, why="reason " * 50)
    assert len(render_problem(problem, make_terminal().err)) == 2


def test_a_long_path_stays_whole(make_terminal):
    path = "/" + "x" * 100
    assert path in told(Problem(f"cannot read {path}"), make_terminal(terminal=True))


def test_lines_within_a_text_stay_lines(make_terminal):
    assert (
        told(Problem("one\ntwo", why="three\n  four"), make_terminal())
        == "error: one\n  two\n  three\n    four"
    )


def test_colour_marks_the_labels_only(make_terminal):
    text = told(Problem("x", why="y", hint="z"), make_terminal(terminal=True))
    assert text == "\x1b[1;31merror:\x1b[0m x\n  y\n\x1b[1;32mtry:\x1b[0m z"


@given(st.text(), st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_text_from_outside_cannot_play_with_the_terminal(what, why, hints):
    import io

    from hutch.cli.ui.terminal import Stream

    problem = Problem(what, why=tuple(why), hint=tuple(hints))
    for line in render_problem(problem, Stream(io.StringIO(), {})):
        assert line.isprintable() or not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in line)
        assert "\u202e" not in line


def test_a_problem_for_a_program_has_the_same_parts():
    problem = Problem("a\x1b[31m", why=("b\nc",), hint="d")
    assert problem_json(problem) == {"code": "problem", "what": "a[31m", "why": ["b", "c"], "hints": ["d"]}


def test_notices(make_terminal):
    assert render_notice("repaired", make_terminal().err, warning=False) == ["note: repaired"]
    assert render_notice("odd", make_terminal().err, warning=True) == ["warning: odd"]
