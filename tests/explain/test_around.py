"""``lock --apply``, what is told of a conflict as JSON, old choices, and a search that takes too long."""

from __future__ import annotations

import json

from commands.support import block, locked, manifest, shown

TEXT = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = [
    "boto == 1.0",   # pinned in March
    'urls >= 2',
]
"""


def conflicting(index):
    index.add_wheel("boto", "1.0", requires=["urls>=1,<2"])
    index.add_wheel("boto", "2.0", requires=["urls>=1,<3"])
    index.add_wheel("urls", "1.0")
    index.add_wheel("urls", "2.0")


def test_apply_changes_one_entry_and_nothing_else(project, index):
    conflicting(index)
    made = project(TEXT)
    assert shown(made.run("lock --apply 1")) == block("""
        exit 0
        note: changed pyproject.toml:6: boto >=2.0
        Locked 2 packages for 35 targets in <time>
         + boto 2.0
         + urls 2.0
    """)
    assert made.read("pyproject.toml") == TEXT.replace('"boto == 1.0"', '"boto>=2.0"')
    assert locked(made) == {"boto": "2.0", "urls": "2.0"}


def test_apply_without_writing(project, index):
    conflicting(index)
    made = project(TEXT)
    assert shown(made.run("lock --apply 2 --dry-run")) == block("""
        exit 0
        note: would change pyproject.toml:7: urls >=1,<2
        Would lock 2 packages for 35 targets
         + boto 1.0
         + urls 1.0
    """)
    assert made.read("pyproject.toml") == TEXT
    assert made.tree() == ["pyproject.toml"]


def test_apply_of_what_was_not_proposed(project, index):
    conflicting(index)
    assert shown(project(TEXT).run("lock --apply 3")) == block("""
        exit 2
        error: --apply 3: there is no such advice
          1: boto >=2.0, the first version that allows urls 2
          2: urls >=1,<2
    """)


def test_apply_where_nothing_is_wrong(project, index):
    conflicting(index)
    assert shown(project(manifest("boto")).run("lock --apply 1")) == block("""
        exit 1
        error: there is nothing to apply: the requirements can be met
        try: run hutch lock
    """)


def test_a_conflict_for_a_program(project, index):
    conflicting(index)
    ran = project(TEXT).run("lock --json")
    (problem,) = json.loads(ran.stdout)["problems"]
    assert problem["details"] == {
        "conflicts": [
            {
                "where": "",
                "premises": [
                    "boto 1.0 (pyproject.toml:6) needs urls <2",
                    "urls >=2 is asked for in pyproject.toml:7",
                ],
                "requirements": [
                    {"place": "pyproject.toml:6", "requirement": "boto ==1.0"},
                    {"place": "pyproject.toml:7", "requirement": "urls >=2"},
                ],
            }
        ],
        "suggestions": [
            {
                "text": "boto >=2.0, the first version that allows urls 2",
                "edits": [
                    {
                        "kind": "raise",
                        "text": "boto >=2.0",
                        "note": "the first version that allows urls 2",
                        "places": ["pyproject.toml:6"],
                        "entries": [{"before": "boto == 1.0", "after": "boto>=2.0"}],
                        "values": [],
                    }
                ],
            },
            {
                "text": "urls >=1,<2",
                "edits": [
                    {
                        "kind": "lower",
                        "text": "urls >=1,<2",
                        "note": "",
                        "places": ["pyproject.toml:7"],
                        "entries": [{"before": "urls >= 2", "after": "urls>=1,<2"}],
                        "values": [],
                    }
                ],
            },
        ],
    }


def test_the_advice_does_not_depend_on_an_older_lock(project, index):
    conflicting(index)
    made = project(manifest("boto==1.0"))
    made.run("lock").ok()
    made.write({"pyproject.toml": TEXT})
    assert made.run("lock").stderr == project(TEXT).run("lock").stderr


def test_a_choice_that_is_years_old_is_told_with_who_holds_it(project, index):
    index.add_wheel("flask", "1.0", upload_time="2018-04-26T10:00:00Z")
    index.add_wheel("flask", "3.0", upload_time="2023-09-30T10:00:00Z")
    index.add_wheel("legacy", "5.0", requires=["flask<2"], upload_time="2024-01-01T10:00:00Z")
    made = project(manifest("flask", "legacy"))
    assert shown(made.run("lock")) == block("""
        exit 0
        note: flask 1.0 is of 2018, 5 years older than 3.0: legacy 5.0 needs flask <2
        Locked 2 packages for 35 targets in <time>
         + flask 1.0
         + legacy 5.0
    """)
    assert "older" not in made.run("lock").stderr


def test_an_old_choice_of_the_users_own_is_no_news(project, index):
    index.add_wheel("flask", "1.0", upload_time="2018-04-26T10:00:00Z")
    index.add_wheel("flask", "3.0", upload_time="2023-09-30T10:00:00Z")
    assert "older" not in project(manifest("flask<2")).run("lock").ok().stderr


def test_a_search_that_takes_too_long_says_what_it_knows(project, index):
    for number in range(12):
        index.add_wheel("boto", f"1.{number}", requires=[f"core=={number}"])
        index.add_wheel("core", str(number), requires=["urls<2"])
    index.add_wheel("urls", "1.0")
    index.add_wheel("urls", "2.0")
    made = project(manifest("boto", "urls>=2"), HUTCH_MOST_TRIES="10")
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no answer after 10 versions were tried
          most of them of boto (5), core (5), urls (1)
          boto is asked for in pyproject.toml:5
          urls>=2 is asked for in pyproject.toml:5
        try: boto >=1.11, or another bound of your choice
         or: HUTCH_MOST_TRIES=100 to search on
    """)


def test_the_oldest_pythons_that_are_left_out_are_told_with_the_line_that_would_say_so(project, index):
    index.add_wheel("numpy", "2.0.2", requires_python=">=3.9")
    index.add_wheel("numpy", "2.1.0", requires_python=">=3.10")
    made = project(manifest("numpy>=2.1"))
    first, *_ = made.run("lock").ok().stderr.splitlines()
    assert first == (
        "note: pyproject.toml:4: no Python before 3.10 can be locked; requires-python >=3.10 would say so"
    )


def test_nobodys_build_is_run_for_advice(project, index):
    conflicting(index)
    index.add_sdist("boto", "3.0", dynamic=["Requires-Dist"], backend="raise SystemExit('no')")
    ran = project(TEXT).run("lock")
    assert ran.exit_code == 1
    assert ran.stderr.splitlines()[:3] == [
        "error: no versions satisfy all requirements",
        "  boto 1.0 (pyproject.toml:6) needs urls <2",
        "  urls >=2 is asked for in pyproject.toml:7",
    ]
    assert ran.stderr.splitlines()[3:] == ["try: urls >=1,<2"]


ADDING = TEXT.replace("    'urls >= 2',\n", "")


def test_add_follows_advice_about_an_entry_of_the_file(project, index):
    conflicting(index)
    made = project(ADDING)
    assert shown(made.run("add 'urls>=2' --no-sync")) == block("""
        exit 1
        error: no versions satisfy all requirements
          boto 1.0 (pyproject.toml:6) needs urls <2
          urls >=2 is asked for in this command
        try: boto >=2.0, the first version that allows urls 2
         or: urls >=1,<2
    """)
    assert made.read("pyproject.toml") == ADDING
    assert shown(made.run("add 'urls>=2' --no-sync --apply 1 --dry-run")) == block("""
        exit 0
        note: would change pyproject.toml:6: boto >=2.0
        Would add urls>=2 to pyproject.toml
        Would lock 2 packages for 35 targets
         + boto 2.0
         + urls 2.0
    """)
    assert made.read("pyproject.toml") == ADDING
    assert shown(made.run("add 'urls>=2' --no-sync --apply 1")) == block("""
        exit 0
        note: changed pyproject.toml:6: boto >=2.0
        Added urls>=2 to pyproject.toml
        Locked 2 packages for 35 targets in <time>
         + boto 2.0
         + urls 2.0
    """)
    assert made.read("pyproject.toml") == ADDING.replace('"boto == 1.0"', '"boto>=2.0"').replace(
        "# pinned in March\n", '# pinned in March\n    "urls>=2",\n'
    )
    assert locked(made) == {"boto": "2.0", "urls": "2.0"}


def test_add_follows_advice_about_what_was_typed(project, index):
    conflicting(index)
    made = project(ADDING)
    assert shown(made.run("add 'urls>=2' --no-sync --apply 2")) == block("""
        exit 0
        note: changed this command: urls >=1,<2
        Added urls>=1,<2 to pyproject.toml
        Locked 2 packages for 35 targets in <time>
         + boto 1.0
         + urls 1.0
    """)
    assert "boto == 1.0" in made.read("pyproject.toml")
    assert "urls>=1,<2" in made.read("pyproject.toml")
    assert locked(made) == {"boto": "1.0", "urls": "1.0"}


def test_add_tells_of_advice_that_is_not_there(project, index):
    conflicting(index)
    made = project(ADDING)
    assert shown(made.run("add 'urls>=2' --no-sync --apply 7")) == block("""
        exit 2
        error: --apply 7: there is no such advice
          1: boto >=2.0, the first version that allows urls 2
          2: urls >=1,<2
    """)
    made.run("add urls --no-sync --apply 1").ok()  # nothing is wrong, so nothing is followed


def test_advice_keeps_to_the_lowest_direct_versions(project, index):
    """What helps with the newest versions does not help with the oldest."""
    index.add_wheel("top", "1.0", requires=["mid<3"])
    index.add_wheel("top", "2.0", requires=["mid>=2"])
    for version in ("1.0", "2.0", "3.0"):
        index.add_wheel("mid", version, requires=["low>=2"] if version == "1.0" else ["low"])
    index.add_wheel("low", "1.0")
    index.add_wheel("low", "2.0")
    made = project(manifest("top", "mid", "low<2", "mid<2"))
    assert shown(made.run("lock --resolution lowest-direct")) == block("""
        exit 1
        error: no versions satisfy all requirements
          mid 1.0 (pyproject.toml:5) needs low >=2
          low <2 is asked for in pyproject.toml:5
        try: low >=2
         or: mid >=2.0, the first version that allows low <2
    """)
    made.run("lock --resolution lowest-direct --apply 1").ok()
    assert shown(made.run("tree")) == block("""
        exit 0
        -- stdout --
        demo 1.0
        ├── low 2.0
        ├── mid 1.0
        │   └── low 2.0
        └── top 1.0
            └── mid 1.0 (*)
        (*) shown in full further up
    """)
