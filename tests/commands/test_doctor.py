"""``hutch doctor``: the frame. What it says, what it survives, what it puts right."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from commands.doctor_support import PLAIN, examine, findings
from commands.support import PYTHON, block, shown
from conftest import hutch_command
from hutch.errors import Problem
from hutch.ops.checks import book
from hutch.ops.checks.values import GROUPS, Check, Fix, check
from hutch.ops.context import Context
from hutch.ops.doctor import DoctorOptions, doctor

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "doctor.md"
ALL = book.all_checks()


def _checks(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    monkeypatch.setattr(book, "all_checks", lambda: checks)


def _made(look: Any, code: str = "broken-thing", **more: Any) -> Check:
    more = {"group": "project", "why": "It matters.", "severity": "error", "fix_class": "safe", **more}
    return check(code, "The thing is whole", **more)(look)


def _context(folder: Path) -> Context:
    return Context(directory=folder, environ=dict(os.environ), flags={})


# -- what is said ------------------------------------------------------------------------------------------


def test_a_fresh_project_has_nothing_but_notes(project):
    made = project()
    made.run("init --app").ok()
    made.run("sync").ok()
    answer = json.loads(made.run("doctor --json").ok().stdout)
    assert [each for each in answer["findings"] if each["severity"] != "info"] == []
    assert {each["state"] for each in answer["checks"]} <= {"fine", "found"}
    assert answer["sound"] is True


def test_a_folder_without_a_project_has_nothing_but_notes(project):
    answer = json.loads(project().run("doctor --json --offline").ok().stdout)
    assert [each for each in answer["findings"] if each["severity"] != "info"] == []


def test_what_it_says_of_a_project_with_a_fault(project):
    made = project({"pyproject.toml": PLAIN, "random.py": "", "main.py": "import random\n"})
    assert shown(made.run("doctor --check shadowed-modules --check stale-lock")) == block(
        """
        exit 0
        -- stdout --
        warning: random.py hides the module random of Python [shadowed-modules]
          <project>/random.py
          why: Whoever imports that name, packages of others too, gets the file of the project instead.
          try: give it another name, such as my_random.py
           or: hutch run python -P FILE

        1 warning; 1 check found nothing
        """
    )


def test_what_it_says_when_all_is_well(project):
    made = project(PLAIN)
    assert shown(made.run("doctor --check shadowed-modules")) == block(
        """
        exit 0
        -- stdout --
        Nothing found by 1 check
        """
    )


def test_verbose_lists_every_check(project):
    made = project(PLAIN)
    said = made.run("doctor -v --check shadowed-modules --check python-home").ok().stdout
    assert said == block(
        """
        This machine:
          ok       PYTHONHOME is not set [python-home]

        The project:
          ok       No file of the project has the name of a module that others import [shadowed-modules]

        Nothing found by 2 checks
        """
    )


def test_lines_fit_a_terminal_of_80_columns(project):
    made = project({"pyproject.toml": PLAIN, "random.py": "", "pylock.toml": "<<<<<<< ours\n"})
    said = _on_a_terminal(made, ["doctor", "--offline", "--no-progress"], "")
    assert "unreadable-lock" in said
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said).replace(str(made.path), "/project")
    assert max(len(line.rstrip("\r")) for line in plain.split("\n")) <= 80, plain


def test_checks_are_listed(project):
    said = project().run("doctor --list").ok().stdout
    assert "This machine: (group machine)\n" in said
    for each in ALL:
        assert f"  {each.code} " in said


def test_the_checks_of_a_group_can_be_asked_for(project):
    asked = {each["code"] for each in examine(project(PLAIN), "environment", "two-hutches")["checks"]}
    assert asked == {each.code for each in ALL if each.group == "environment"} | {"two-hutches"}


def test_an_unknown_check_is_said_to_be_one(project):
    assert shown(project().run("doctor --check stale-lok")) == block(
        """
        exit 2
        error: there is no check stale-lok
        try: did you mean stale-lock?
         or: hutch doctor --list names all
        """
    )


def test_offline_skips_what_wants_the_network(project):
    answer = examine(project(PLAIN), words="--offline")
    skipped = {each["code"] for each in answer["checks"] if each["state"] == "skipped"}
    assert skipped == {each.code for each in ALL if each.network} != set()


# -- the book ----------------------------------------------------------------------------------------------


def test_the_page_for_users_lists_every_check():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+?) \| (\w+) \| (\w+) \|$", HOW_TO.read_text(), re.MULTILINE)
    assert [(code, title, severity, kind) for code, title, severity, kind in rows] == [
        (each.code, each.title, {"info": "note"}.get(each.severity, each.severity), each.fix_class)
        for each in ALL
    ]


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.code)
def test_a_check_says_what_it_is(each):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.code)
    assert each.group in GROUPS
    assert each.title[0].isupper() or each.title.split()[0].islower()
    assert not each.title.endswith(".")
    assert each.why.endswith(".")


def test_codes_are_there_once():
    codes = [each.code for each in ALL]
    assert len(codes) == len(set(codes)) > 20


# -- checks that fail --------------------------------------------------------------------------------------


def test_a_check_that_crashes_does_not_stop_the_others(tmp_path, monkeypatch):
    def crash(ground, say):
        raise ZeroDivisionError("oh")

    def find(ground, say):
        say("it is broken")

    _checks(monkeypatch, _made(crash, "crashing"), _made(find))
    outcome = doctor(_context(tmp_path), DoctorOptions())
    assert [(each.state, each.reason) for each in outcome.examined] == [
        ("failed", "ZeroDivisionError: oh (a bug of hutch; HUTCH_DEBUG=1 shows where)"),
        ("found", ""),
    ]
    assert outcome.exit_code == 1


def test_a_check_that_hangs_does_not_stop_the_others(tmp_path, monkeypatch):
    end = threading.Event()
    _checks(
        monkeypatch,
        _made(lambda ground, say: end.wait(), "hanging", seconds=0.2),
        _made(lambda ground, say: None, "sound"),
    )
    outcome = doctor(_context(tmp_path), DoctorOptions())
    end.set()
    assert [(each.state, each.reason) for each in outcome.examined] == [
        ("failed", "it did not end within 0.2 seconds"),
        ("fine", ""),
    ]
    assert outcome.exit_code == 0


def test_a_check_that_fails_is_told_of(project, monkeypatch):
    def crash(ground, say):
        raise Problem("the disk is gone", why="really")

    _checks(monkeypatch, _made(crash))
    assert shown(project().run("doctor")) == block(
        """
        exit 0
        -- stdout --
        warning: could not look whether the thing is whole: the disk is gone; really [broken-thing]

        Nothing found by 0 checks
        """
    )


# -- fixing ------------------------------------------------------------------------------------------------


def _file_check(fix_class: str = "safe", code: str = "broken-thing", works: bool = True) -> Check:
    """A file called ``broken`` is the fault, and is taken away."""

    def look(ground, say):
        path = os.path.join(ground.context.directory, "broken")
        if os.path.exists(path):

            def apply() -> str:
                if works:
                    os.unlink(path)
                return "took it away"

            fix = Fix(plan=("take it away",), apply=apply, key="broken", undo="touch broken")
            say("it is broken", seen=(path,), fix=fix)

    return _made(look, code, fix_class=fix_class)


def test_what_is_safe_is_put_right(project, monkeypatch):
    _checks(monkeypatch, _file_check())
    made = project({"broken": ""})
    assert shown(made.run("doctor")) == block(
        """
        exit 1
        -- stdout --
        error: it is broken [broken-thing]
          <project>/broken
          why: It matters.
          try: hutch doctor --fix: take it away

        1 error; 0 checks found nothing
        hutch doctor --fix puts 1 of them right
        """
    )
    assert shown(made.run("doctor --fix")) == block(
        """
        exit 0
        -- stdout --
        fixed: it is broken: took it away [broken-thing]
          undo: touch broken

        Nothing found by 1 check
        """
    )
    assert not (made / "broken").exists()


def test_a_dry_run_changes_nothing(project, monkeypatch):
    _checks(monkeypatch, _file_check())
    made = project({"broken": ""})
    assert shown(made.run("doctor --fix --dry-run")) == block(
        """
        exit 1
        -- stdout --
        would fix: it is broken: take it away [broken-thing]

        1 error; 0 checks found nothing
        """
    )
    assert (made / "broken").exists()


def test_what_is_still_there_is_not_called_fixed(project, monkeypatch):
    _checks(monkeypatch, _file_check(works=False))
    answer = json.loads(project({"broken": ""}).run("doctor --fix --json").stdout)
    assert [(each["state"], each["text"]) for each in answer["fixes"]] == [
        ("failed", "took it away, and it is still there")
    ]
    assert answer["sound"] is False


def test_one_fix_for_two_findings_is_applied_once(project, monkeypatch):
    _checks(monkeypatch, _file_check(code="one-thing"), _file_check(code="other-thing"))
    answer = json.loads(project({"broken": ""}).run("doctor --fix --json").ok().stdout)
    assert [(each["code"], each["state"]) for each in answer["fixes"]] == [
        ("one-thing", "fixed"),
        ("other-thing", "fixed"),
    ]
    assert answer["findings"] == []


def test_what_asks_is_left_alone_where_nobody_can_answer(project, monkeypatch):
    _checks(monkeypatch, _file_check("ask"))
    made = project({"broken": ""})
    answer = json.loads(made.run("doctor --fix --json").stdout)
    assert answer["fixes"][0]["state"] == "declined"
    assert (made / "broken").exists()
    assert json.loads(made.run("doctor --fix --yes --json").ok().stdout)["fixes"][0]["state"] == "fixed"
    assert not (made / "broken").exists()


def test_a_fix_that_fails_says_why(project, monkeypatch):
    def look(ground, say):
        def apply() -> str:
            raise OSError(30, "Read-only file system", "/x")

        say("it is broken", fix=Fix(plan=("mend it",), apply=apply))

    _checks(monkeypatch, _made(look))
    answer = json.loads(project().run("doctor --fix --json").stdout)
    assert [(each["state"], each["text"]) for each in answer["fixes"]] == [
        ("failed", "/x: Read-only file system")
    ]


def test_a_finding_is_never_safer_than_its_check(tmp_path, monkeypatch):
    def look(ground, say):
        say("it is broken", fix=Fix(plan=("mend it",), apply=lambda: ""), fix_class="safe")
        say("it has no fix", fix_class="safe")

    _checks(monkeypatch, _made(look, fix_class="ask"))
    outcome = doctor(_context(tmp_path), DoctorOptions())
    assert [each.fix_class for each in outcome.findings] == ["ask", "info"]


def _on_a_terminal(made: Any, words: list[str], answer: str) -> str:
    """Run hutch on a terminal of 80 columns, type ``answer`` when it asks, and return all it wrote."""
    ours, theirs = pty.openpty()
    environ = made.variables
    process = subprocess.Popen(
        [*hutch_command(), *words],
        cwd=made.path,
        env={**environ, "COLUMNS": "80", "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said, until = "", time.monotonic() + 120
    while time.monotonic() < until:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                data = os.read(ours, 65536)
            except OSError:
                break
            if not data:
                break
            said += data.decode()
            if answer and "[Y/n]" in said:
                os.write(ours, answer.encode())
                answer = ""
        elif process.poll() is not None:
            break
    process.wait(timeout=60)
    os.close(ours)
    return said


@pytest.mark.parametrize(("answer", "locks"), [("y\n", True), ("n\n", False)])
def test_on_a_terminal_it_asks_first(project, index, answer, locks):
    index.add_wheel("alpha", "1.0")
    made = project(PLAIN.replace("[]", '["alpha"]'))
    said = _on_a_terminal(made, ["doctor", "--fix", "--check", "no-lock"], answer)
    assert "write pylock.toml" in said
    assert "Do that? [Y/n]" in said
    assert (made / "pylock.toml").exists() == locks


def test_a_manifest_that_cannot_be_read_does_not_stop_it(project):
    made = project({"pyproject.toml": "[project\n", "random.py": ""})
    answer = examine(made, words="--offline")
    codes = {each["code"] for each in answer["findings"] if each["severity"] != "info"}
    assert codes == {"unreadable-manifest", "shadowed-modules"}
    assert findings(made, "unreadable-manifest")[0]["seen"] == [
        "pyproject.toml:1:9: Expected ']' at the end of a table declaration"
    ]


def test_an_environment_with_a_name_is_looked_at_and_put_right(project):
    made = project()
    made.run("env create train").ok()
    (python,) = (made.home / "data" / "envs" / "train" / "bin").glob("python")
    assert findings(made, "broken-environment", words="-n train") == []
    python.unlink()
    python.symlink_to("/gone/python3")
    (found,) = findings(made, "broken-environment", words="-n train")
    assert found["title"].startswith("the Python of")
    made.run("doctor -n train --check broken-environment --fix").ok()
    assert findings(made, "broken-environment", words="-n train") == []
    made.run("run -n train python -c ''").ok()
    assert shown(made.run("doctor -n nobody")).startswith("exit 1\nerror: ")


def test_a_python_that_takes_too_long_is_started_once(project, tmp_path, monkeypatch):
    """Checks that give up waiting for it leave the next ones to wait for the same answer."""
    from hutch.ops.checks import pythons
    from hutch.values import replace

    python = tmp_path / "bin" / "python3.12"
    python.parent.mkdir()
    waits = f"echo started >> {tmp_path}/log; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    python.write_text(f'#!/bin/sh\n{waits}\nexec {PYTHON} "$@"\n')
    python.chmod(0o755)
    seen: list[Any] = []
    checks = (
        replace(pythons.no_ensurepip, seconds=0.5),
        _made(lambda ground, say: (tmp_path / "go").touch(), "letting-it-go"),
        _made(lambda ground, say: seen.append(ground.chosen_python), "asking", seconds=60.0),
    )
    _checks(monkeypatch, *checks)
    monkeypatch.setenv("HUTCH_PYTHON", str(python))
    outcome = doctor(_context(tmp_path), DoctorOptions())
    assert [each.state for each in outcome.examined] == ["failed", "fine", "fine"]
    assert (tmp_path / "log").read_text() == "started\n"
    assert [each.version for each in seen] == ["{}.{}.{}".format(*sys.version_info[:3])]


def test_a_fix_may_use_the_network_that_looking_may_not(project, index):
    """What is damaged is fetched again, though the cache that it came from is gone."""
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "x = 1\n"})
    made = project(PLAIN.replace("[]", '["alpha"]'))
    made.run("sync").ok()
    (module,) = (made / ".venv").glob("lib/python*/site-packages/alpha/__init__.py")
    module.unlink()
    shutil.rmtree(made.home / "cache")
    before = len(index.log)
    examine(made, "damaged-packages", "drifted-environment")
    assert len(index.log) == before
    made.run("doctor --check environment --fix").ok()
    assert module.read_text() == "x = 1\n"
    assert made.run("env history --json").ok().stdout.count('"doctor"') == 1


def test_without_a_project_the_active_environment_is_looked_at(project, tmp_path):
    made = project()
    made.run(f"venv {tmp_path}/active").ok()
    made.run("venv .venv").ok()
    assert findings(made, "broken-environment", VIRTUAL_ENV=f"{tmp_path}/active") == []
    python = tmp_path / "active" / "bin" / "python"
    python.unlink()
    python.symlink_to("/gone/python3")
    assert findings(made, "broken-environment") == []
    (found,) = findings(made, "broken-environment", VIRTUAL_ENV=f"{tmp_path}/active")
    assert "/gone/python3" in found["seen"][0]


def test_looking_asks_no_network_though_a_lock_would(project, index):
    """A `Pipfile.lock` has no files, and reading it for an install asks the index for them."""
    made = project()
    shutil.copytree(
        HOW_TO.parents[2] / "tests" / "corpus" / "projects" / "httpbin", made.path, dirs_exist_ok=True
    )
    quiet = [each.code for each in ALL if not each.network]
    answer = examine(made, *quiet)
    assert index.log == []
    assert [each for each in answer["findings"] if each["severity"] == "error"] == []
