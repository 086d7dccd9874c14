"""Edits of Poetry's manifests: in its own syntax, the rest byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.project import Source, parse_manifest
from hutch.project.dialects.poetry_constraints import parse_constraint, span_of
from hutch.project.dialects.poetry_edit import (
    add_requirement,
    bound,
    remove_requirement,
    remove_source,
    set_sources,
)
from hutch.project.dialects.poetry_words import version_text
from hutch.project.edit import AmbiguousEdit, NotDeclared
from hutch.project.editing import CannotEdit
from hutch.spec import admitted_intervals, parse_requirement, parse_specifiers

LEGACY = """\
[tool.poetry]
name = "app"
version = "1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.9"          # what we test on
Flask = "^2.0"           # the web
redis = { version = "*", optional = true }
numpy = [
    { version = "^1.21", python = "<3.10" },
    { version = "^2", python = ">=3.10" },
]

[tool.poetry.extras]
cache = ["redis"]

[tool.poetry.group.test.dependencies]
pytest = "^7"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""


def changed(before: str, after: str) -> tuple[str, ...]:
    """The lines that differ: "-old", "+new"."""
    import difflib

    return tuple(
        line
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    )


@pytest.mark.parametrize(
    ("requirement", "where", "lines"),
    [
        ("httpx>=0.27,<0.28", "project", ('+httpx = "^0.27"',)),
        ("httpx>=0.27", "project", ('+httpx = ">=0.27"',)),
        ("httpx", "project", ('+httpx = "*"',)),
        ("httpx==0.27.2", "project", ('+httpx = "0.27.2"',)),
        ("httpx==0.27.*", "project", ('+httpx = "==0.27.*"',)),
        ("httpx[http2]>=1,<2", "project", ('+httpx = {version = "^1", extras = ["http2"]}',)),
        (
            "httpx>=1,<2; sys_platform == 'linux'",
            "project",
            ('+httpx = {version = "^1", markers = "sys_platform == \'linux\'"}',),
        ),
        ("httpx>=1,>=0.dev0", "project", ('+httpx = {version = ">=1", allow-prereleases = true}',)),
        (
            "flask>=3,<4",
            "project",
            ('-Flask = "^2.0"           # the web', '+Flask = "^3"           # the web'),
        ),
        (
            "flask[async]>=3,<4",
            "project",
            (
                '-Flask = "^2.0"           # the web',
                '+Flask = {version = "^3", extras = ["async"]}           # the web',
            ),
        ),
        ("pytest>=8,<9", "group:test", ('-pytest = "^7"', '+pytest = "^8"')),
        ("ruff>=0.6,<0.7", "group:test", ('+ruff = "^0.6"',)),
        ("ruff>=0.6,<0.7", "group:dev", ("+[tool.poetry.group.dev.dependencies]", '+ruff = "^0.6"', "+")),
        (
            "redis>=5,<6",
            "extra:cache",
            ('-redis = { version = "*", optional = true }', '+redis = { version = "^5", optional = true }'),
        ),
        (
            "hiredis>=2,<3",
            "extra:cache",
            (
                '+hiredis = {version = "^2", optional = true}',
                '-cache = ["redis"]',
                '+cache = ["redis", "hiredis"]',
            ),
        ),
        (
            "rich>=13,<14",
            "extra:pretty",
            ('+rich = {version = "^13", optional = true}', "+pretty = [", '+    "rich",', "+]"),
        ),
        (
            "numpy>=2.1,<3; python_version >= '3.10'",
            "project",
            (
                '-    { version = "^2", python = ">=3.10" },',
                '+    { version = "^2.1", python = ">=3.10" },',
            ),
        ),
        (
            "numpy>=1,<2; sys_platform == 'emscripten'",
            "project",
            ('+    {version = "^1", markers = "sys_platform == \'emscripten\'"},',),
        ),
    ],
)
def test_add(requirement: str, where: str, lines: tuple[str, ...]) -> None:
    after = add_requirement(LEGACY, requirement, where)
    assert changed(LEGACY, after) == lines
    wanted = parse_requirement(requirement)
    found = [one.requirement for one in parse_manifest(after).requirements()[where]]
    meant = [one for one in found if one.name == wanted.name and one.marker == wanted.marker]
    assert [admitted_intervals(one.specifiers) for one in meant] == [admitted_intervals(wanted.specifiers)]
    assert add_requirement(after, requirement, where) == after


def test_an_entry_of_several_cases_needs_its_marker() -> None:
    with pytest.raises(AmbiguousEdit):
        add_requirement(LEGACY, "numpy>=2")


def test_what_is_required_is_not_made_optional_nor_the_other_way_round() -> None:
    with pytest.raises(CannotEdit):
        add_requirement(LEGACY, "flask>=3", "extra:web")
    with pytest.raises(CannotEdit):
        add_requirement(LEGACY, "redis>=3")


@pytest.mark.parametrize(
    ("name", "where", "lines"),
    [
        ("flask", "project", ('-Flask = "^2.0"           # the web',)),
        ("pytest", "group:test", ("-[tool.poetry.group.test.dependencies]", '-pytest = "^7"')),
        (
            "redis",
            "extra:cache",
            (
                '-redis = { version = "*", optional = true }',
                "-[tool.poetry.extras]",
                '-cache = ["redis"]',
            ),
        ),
        (
            "numpy",
            "project",
            (
                "-numpy = [",
                '-    { version = "^1.21", python = "<3.10" },',
                '-    { version = "^2", python = ">=3.10" },',
                "-]",
            ),
        ),
    ],
)
def test_remove(name: str, where: str, lines: tuple[str, ...]) -> None:
    after = remove_requirement(LEGACY, name, where)
    assert [line for line in changed(LEGACY, after) if line not in ("-", "+")] == list(lines)
    found = parse_manifest(after).requirements().get(where, ())
    assert name not in {one.requirement.name for one in found}


def test_an_optional_dependency_of_two_extras_stays_for_the_other() -> None:
    text = LEGACY.replace('cache = ["redis"]', 'cache = ["redis"]\nall = ["redis", "numpy"]')
    after = remove_requirement(text, "redis", "extra:all")
    assert changed(text, after) == ('-all = ["redis", "numpy"]', '+all = ["numpy"]')


@pytest.mark.parametrize(
    ("name", "where", "also"),
    [
        ("pytest", "project", ("group:test",)),
        ("redis", "project", ("extra:cache",)),
        ("flask", "group:test", ("project",)),
        ("flask", "group:absent", ("project",)),
        ("nothing", "project", ()),
    ],
)
def test_what_is_not_there_is_not_removed(name: str, where: str, also: tuple[str, ...]) -> None:
    with pytest.raises(NotDeclared) as caught:
        remove_requirement(LEGACY, name, where)
    assert caught.value.also == also


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (
            Source(kind="path", location="../flask", editable=True),
            'Flask = {path = "../flask", develop = true}',
        ),
        (
            Source(kind="git", location="https://git.example/f.git", revision="main", revision_kind="branch"),
            'Flask = {git = "https://git.example/f.git", branch = "main"}',
        ),
        (
            Source(kind="git", location="https://git.example/f.git", subdirectory="lib"),
            'Flask = {git = "https://git.example/f.git", subdirectory = "lib"}',
        ),
        (
            Source(kind="url", location="https://files.example/f.whl"),
            'Flask = {url = "https://files.example/f.whl"}',
        ),
        (Source(kind="index", location="company"), 'Flask = {version = "^2.0", source = "company"}'),
        (Source(kind="index", location="default"), 'Flask = {version = "^2.0", source = "PyPI"}'),
    ],
)
def test_a_source_is_said_in_the_entry(source: Source, line: str) -> None:
    text = LEGACY + '\n[[tool.poetry.source]]\nname = "company"\nurl = "https://company.example/simple/"\n'
    text += 'priority = "supplemental"\n'
    after = set_sources(text, "flask", (source,))
    assert changed(text, after) == (
        '-Flask = "^2.0"           # the web',
        f"+{line}           # the web",
    )
    found = parse_manifest(after).settings.sources["flask"]
    assert [(one.kind, one.location, one.editable) for one in found] == [
        (source.kind, source.location, source.editable)
    ]


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("https://files.example/h-1.whl", 'httpx = {url = "https://files.example/h-1.whl"}'),
        ("git+https://git.example/h.git@v1", 'httpx = {git = "https://git.example/h.git", rev = "v1"}'),
        ("git+ssh://git@git.example/h.git", 'httpx = {git = "ssh://git@git.example/h.git"}'),
        (
            "git+https://git.example/h.git@v1#subdirectory=lib&egg=httpx",
            'httpx = {git = "https://git.example/h.git", rev = "v1", subdirectory = "lib"}',
        ),
        ("file:///opt/h%20x", 'httpx = {path = "/opt/h x"}'),
    ],
)
def test_a_place_in_the_requirement_is_said_in_keys(url: str, line: str) -> None:
    after = add_requirement(LEGACY, f"httpx @ {url}")
    assert changed(LEGACY, after) == (f"+{line}",)


def test_an_index_goes_by_the_name_that_poetry_knows() -> None:
    text = LEGACY + '\n[[tool.poetry.source]]\nname = "our own"\nurl = "https://our.example/simple/"\n'
    after = set_sources(text, "flask", (Source(kind="index", location="our-own"),))
    assert 'Flask = {version = "^2.0", source = "our own"}' in after


def test_two_sources_are_two_cases() -> None:
    sources = (
        Source(kind="path", location="../flask", marker="sys_platform == 'linux'"),
        Source(kind="index", location="default", marker="sys_platform != 'linux'"),
    )
    after = set_sources(LEGACY, "flask", sources)
    assert '    {path = "../flask", markers = "sys_platform == \'linux\'"},\n' in after
    assert len(parse_manifest(after).settings.sources["flask"]) == 2


def test_poetry_has_no_words_for_members_of_a_workspace() -> None:
    with pytest.raises(CannotEdit):
        set_sources(LEGACY, "flask", (Source(kind="workspace", location=""),))


def test_a_place_gives_way_to_a_version_that_is_asked_for() -> None:
    text = LEGACY.replace('"^2.0"', '{ git = "https://git.example/f.git", tag = "v1", extras = ["async"] }')
    assert 'Flask = { version = "^3", extras = ["async"] }' in _ordered(add_requirement(text, "flask>=3,<4"))
    assert add_requirement(text, "flask") == text


def _ordered(text: str) -> str:
    return text.replace('{ extras = ["async"], version = "^3" }', '{ version = "^3", extras = ["async"] }')


PROJECT = """\
[project]
name = "app"
version = "1.0"
dependencies = [
    "flask (>=2.0,<3.0)",
    "lib",
]

[project.optional-dependencies]
fast = ["uvloop"]

[tool.poetry.dependencies]
lib = { path = "../lib", develop = true }

[dependency-groups]
test = ["pytest (>=7)"]
"""


def test_project_goes_the_standard_way() -> None:
    assert '    "httpx>=0.27",\n' in add_requirement(PROJECT, "httpx>=0.27")
    assert 'fast = ["orjson", "uvloop"]' in add_requirement(PROJECT, "orjson", "extra:fast")
    assert 'test = ["pytest (>=7)", "ruff"]' in add_requirement(PROJECT, "ruff", "group:test")
    added = add_requirement(PROJECT, "ruff", "group:dev")
    assert 'dev = [\n    "ruff",\n]' in added.partition("[dependency-groups]")[2]


def test_what_poetry_says_of_a_dependency_of_project_goes_with_it() -> None:
    after = remove_requirement(PROJECT, "lib")
    assert "lib" not in after
    assert remove_source(after, "lib") == after
    assert "flask" in after


def test_a_source_of_a_dependency_of_project_stands_in_the_table_of_poetry() -> None:
    after = set_sources(PROJECT, "flask", (Source(kind="git", location="https://git.example/f.git"),))
    assert changed(PROJECT, after) == ('+flask = {git = "https://git.example/f.git"}',)
    again = set_sources(after, "flask", (Source(kind="path", location="../flask"),))
    assert changed(PROJECT, again) == ('+flask = { path = "../flask" }',)
    grouped = set_sources(PROJECT, "pytest", (Source(kind="path", location="../pytest"),))
    assert '[tool.poetry.group.test.dependencies]\npytest = {path = "../pytest"}' in grouped


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        (LEGACY, "project", "caret"),
        (LEGACY, "group:test", "caret"),
        (PROJECT, "project", "lower"),
        (PROJECT, "group:test", "lower"),
        (PROJECT, "group:new", "lower"),
        (PROJECT.replace("[dependency-groups]", "[tool.poetry.group.x]"), "group:new", "caret"),
        (PROJECT.replace("[dependency-groups]\ntest", "[tool.poetry]\nold"), "group:new", "lower"),
        ('[project]\nname = "a"\ndynamic = ["dependencies"]\n[tool.poetry]\n', "project", "caret"),
        ('[project]\nname = "a"\n[tool.poetry]\n', "project", "lower"),
        ('[project]\nname = "a"\n[tool.poetry.dependencies]\nb = "*"\n', "project", "caret"),
        ("[tool.poetry]\npackage-mode = false\n", "project", "caret"),
    ],
)
def test_which_syntax_is_spoken(text: str, where: str, expected: str) -> None:
    assert bound(text, where) == expected


def test_dev_dependencies_of_poetry_1_stay_where_they_are() -> None:
    text = '[tool.poetry]\nname = "a"\n[tool.poetry.dev-dependencies]\npytest = "^7"\n'
    after = add_requirement(text, "ruff>=1,<2", "group:dev")
    assert after == text + 'ruff = "^1"\n'
    assert remove_requirement(after, "ruff", "group:dev") == text


def test_the_old_table_and_the_new_one_side_by_side() -> None:
    text = (
        '[tool.poetry]\nname = "a"\n[tool.poetry.dev-dependencies]\ntox = "^3"\n'
        '[tool.poetry.group.dev.dependencies]\npytest = "^7"\n'
    )
    assert 'tox = "^4"\n' in add_requirement(text, "tox>=4,<5", "group:dev")
    assert 'pytest = "^7"\nruff = "*"\n' in add_requirement(text, "ruff", "group:dev")
    assert "tox" not in remove_requirement(text, "tox", "group:dev")
    assert "pytest" not in remove_requirement(text, "pytest", "group:dev")


def test_a_table_with_a_header_of_its_own_stays_one() -> None:
    text = '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies.flask]\nversion = "^2"\noptional = false\n'
    after = add_requirement(text, "flask[async]>=3,<4")
    assert after == text.replace("^2", "^3") + 'extras = ["async"]\n'


def test_windows_line_ends_stay() -> None:
    text = LEGACY.replace("\n", "\r\n")
    after = add_requirement(add_requirement(text, "rich", "extra:pretty"), "ruff", "group:dev")
    assert "\n" not in after.replace("\r\n", "")


_release = st.lists(st.integers(0, 20), min_size=1, max_size=4).map(lambda n: ".".join(map(str, n)))


@given(_release)
def test_a_caret_is_written_for_what_a_caret_means(version: str) -> None:
    specifiers = span_of(parse_constraint(f"^{version}"))[0]
    assert version_text(specifiers) == f"^{version}"


@given(st.lists(st.tuples(st.sampled_from([">=", "<", "!=", "==", "~=", "<="]), _release), max_size=3))
def test_what_is_written_means_what_was_asked(clauses: list[tuple[str, str]]) -> None:
    try:
        specifiers = parse_specifiers(",".join(map("".join, clauses)))
    except Problem:
        return
    text = version_text(specifiers)
    assert admitted_intervals(parse_constraint(text)[0]) == admitted_intervals(specifiers)
