"""Edits in uv's words: one change, and everything else as it was."""

import pytest

from hutch.project import CannotEdit, Editor, NotDeclared, Source, parse_manifest
from hutch.project.dialects.uv_moments import moment_of
from hutch.spec import parse_requirement

BOTH = """\
[project]
name = "shop"
version = "1"
dependencies = ["flask"]  # the web

[dependency-groups]
dev = ["mypy"]

[tool.uv]
# of before dependency groups
dev-dependencies = [
    'pytest',  # of course
    "ruff",
]

[tool.uv.sources]
flask = { git = "https://git.example/flask", tag = "v1" } # for now
torch = [
    { index = "cpu", marker = "sys_platform == 'linux'" },
]
"""
OLDER = BOTH.replace('[dependency-groups]\ndev = ["mypy"]\n\n', "")


def editor(text: str) -> Editor:
    return Editor(parse_manifest(text), text, {}.get)


def added(text: str, words: str, where: str = "project") -> str:
    found = editor(text)
    found.add(parse_requirement(words), where)
    return found.text


def removed(text: str, name: str, where: str = "project") -> str:
    found = editor(text)
    found.remove(name, where)
    return found.text


def sourced(text: str, name: str, *sources: Source) -> str:
    found = editor(text)
    found.set_sources(name, sources)
    return found.text


def test_a_dependency_is_one_of_the_project():
    assert added(BOTH, "idna>=3") == BOTH.replace('["flask"]', '["flask", "idna>=3"]')


def test_the_older_list_is_the_group_dev_where_it_is_the_only_one():
    before, after = '    "ruff",\n', "    \"ruff\",\n    'zope>=1',\n"
    assert added(OLDER, "zope>=1", "group:dev") == OLDER.replace(before, after)


def test_with_both_lists_the_newer_one_gets_what_is_new():
    assert added(BOTH, "zope>=1", "group:dev") == BOTH.replace('["mypy"]', '["mypy", "zope>=1"]')


def test_an_entry_is_changed_where_it_is():
    assert added(BOTH, "pytest>=8", "group:dev") == BOTH.replace("'pytest'", "'pytest>=8'")
    assert added(BOTH, "mypy>=1", "group:dev") == BOTH.replace('"mypy"', '"mypy>=1"')


def test_another_group_is_made_as_everywhere():
    assert '[dependency-groups]\nlint = [\n    "ruff",\n]\n' in added(OLDER, "ruff", "group:lint")


def test_an_entry_goes_from_both_lists():
    assert removed(BOTH, "pytest", "group:dev") == BOTH.replace("    'pytest',  # of course\n", "")
    assert removed(BOTH, "mypy", "group:dev") == BOTH.replace('["mypy"]', "[]")
    twice = BOTH.replace('["mypy"]', '["ruff"]')
    assert removed(twice, "Ruff", "group:dev") == twice.replace('["ruff"]', "[]").replace('    "ruff",\n', "")


def test_what_is_not_there_is_told():
    with pytest.raises(NotDeclared):
        removed(BOTH, "black", "group:dev")


def test_a_source_is_changed_where_it_is():
    changed = sourced(
        BOTH,
        "Flask",
        Source(kind="git", location="https://git.example/flask", revision="main", revision_kind="branch"),
    )
    assert changed == BOTH.replace('tag = "v1"', 'branch = "main"')


def test_a_further_source_of_a_name_is_one_more_entry():
    first = Source(kind="index", location="cpu", marker="sys_platform == 'linux'")
    other = Source(kind="index", location="cuda", extra="cuda")
    entry = '    { index = "cpu", marker = "sys_platform == \'linux\'" },\n'
    assert sourced(BOTH, "torch", first, other) == BOTH.replace(
        entry, entry + '    { index = "cuda", extra = "cuda" },\n'
    )


def test_a_first_source_makes_the_table():
    plain = BOTH[: BOTH.index("\n[tool.uv.sources]")]
    changed = sourced(plain, "lib", Source(kind="path", location="../lib", editable=True))
    assert changed == plain + '\n[tool.uv.sources]\nlib = { path = "../lib", editable = true }\n'


def test_what_hutch_says_already_is_changed_there():
    text = BOTH + '\n[tool.hutch.sources]\nLib = { path = "../lib" }\n'
    changed = sourced(text, "lib", Source(kind="path", location="../other"))
    assert changed == text.replace('"../lib"', '"../other"')


def test_a_source_goes_with_its_line():
    found = editor(BOTH)
    found.remove_source("flask")
    line = 'flask = { git = "https://git.example/flask", tag = "v1" } # for now\n'
    assert found.text == BOTH.replace(line, "")


def test_what_uv_has_no_word_for_is_refused():
    with pytest.raises(CannotEdit, match="leave the submodules out"):
        sourced(BOTH, "lib", Source(kind="git", location="https://git.example/lib", submodules=False))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2025-01-31", "2025-02-01T00:00:00Z"),
        ("2025-01-31T10:00:00Z", "2025-01-31T10:00:00Z"),
        ("30 days", "30 days"),
        ("1 week", "7 days"),
        ("P1W", "7 days"),
        ("P1DT12H", "36 hours"),
        ("PT24H", "24 hours"),
        ("1 week, 2 days", "9 days"),
        ("2 weeks ago", "14 days"),
        ("9999-12-31", "9999-12-31"),
        ("P", "P"),
        ("P1M", "P1M"),
        ("1 fortnight", "1 fortnight"),
        ("soon", "soon"),
        ("", ""),
        (3, 3),
        (False, False),
    ],
)
def test_dates_and_spans_as_uv_means_them(said, meant):
    found = moment_of(said)
    assert (found if isinstance(found, str | int) else found.isoformat()) == meant
