"""Every conflict in ``cases.py``: the whole message, and each edit that it proposes made and locked."""

from __future__ import annotations

import json

import pytest

from commands.support import block, shown
from explain.cases import CASES
from explain.support import Case, manifest_of, serve

BY_NAME = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_there_are_enough():
    assert len(CASES) >= 40


@BY_NAME
def test_the_message(case: Case, project, index):
    serve(case, index)
    made = project(manifest_of(case))
    assert shown(made.run("lock")) == block(case.message)


@BY_NAME
def test_every_edit_that_is_proposed_locks(case: Case, project, index):
    serve(case, index)
    for number in range(1, case.advice + 1):
        made = project(manifest_of(case))
        made.run(f"lock --apply {number}").ok()
        made.run("lock --check").ok()
    made = project(manifest_of(case))
    ran = made.run("lock --json")
    assert ran.exit_code == 1
    (problem,) = json.loads(ran.stdout)["problems"]
    assert len(problem.get("details", {"suggestions": []})["suggestions"]) == case.advice


@BY_NAME
def test_messages_are_short(case: Case):
    assert len(block(case.message).splitlines()) <= 1 + 12 + case.advice + 1
