"""Edits of a Pipfile: Pipenv's syntax, and everything else stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.project import NotDeclared, Source, parse_manifest
from hutch.project.dialects.pipfile_edit import (
    add_requirement,
    remove_requirement,
    remove_source,
    set_sources,
)
from hutch.project.editing import CannotEdit
from hutch.spec import parse_requirement

BEFORE = """\
# our application
[[source]]
url = "https://index.example/simple/"
verify_ssl = true
name = "public"

[[source]]
url = "https://private.example/simple/"
verify_ssl = true
name = "our own"

[packages]
# the web
Flask = ">=2"   # keep
requests = {extras = ["socks"], version = "*"}
tomli = {version = "*", python_version = "< '3.11'"}

[dev-packages]

[docs]
sphinx = "*"

[requires]
python_version = "3.12"
"""


def add(text, words, where="project"):
    return add_requirement(text, parse_requirement(words), where)


def changed(after, before=BEFORE):
    """The lines that differ, as ``-`` and ``+``."""
    import difflib

    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[:1] in "+-"]


@pytest.mark.parametrize(
    ("words", "where", "expected"),
    [
        ("gunicorn>=21", "project", ['+ gunicorn = ">=21"']),
        ("attrs", "project", ['+ attrs = "*"']),
        ("zope.interface>=5,<7", "project", ['+ zope-interface = ">=5,<7"']),
        ("pytest", "group:dev", ['+ pytest = "*"']),
        ("furo", "group:docs", ['+ furo = "*"']),
        ("locust>=2", "group:load-tests", ["+ ", "+ [load-tests]", '+ locust = ">=2"']),
        (
            "uvicorn[standard]>=0.3; sys_platform != 'win32'",
            "project",
            ['+ uvicorn = {version = ">=0.3", extras = ["standard"], markers = "sys_platform != \'win32\'"}'],
        ),
        (
            "lib @ git+https://git.example/team/lib.git@v1#subdirectory=py",
            "project",
            ['+ lib = {git = "https://git.example/team/lib.git", ref = "v1", subdirectory = "py"}'],
        ),
        (
            "tool @ https://files.example/tool-1.0-py3-none-any.whl",
            "group:dev",
            ['+ tool = {file = "https://files.example/tool-1.0-py3-none-any.whl"}'],
        ),
    ],
)
def test_a_new_package(words, where, expected):
    assert changed(add(BEFORE, words, where)) == expected


def test_a_sorted_table_stays_sorted():
    after = add(BEFORE, "gunicorn")
    assert after.index("Flask") < after.index("gunicorn") < after.index("requests")
    assert after.index("# the web") < add(BEFORE, "attrs").index("Flask")
    first = add(BEFORE, "aaa")
    assert first.index("aaa") < first.index("# the web")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("flask>=3", ['- Flask = ">=2"   # keep', '+ Flask = ">=3"   # keep']),
        (
            "requests>=2",
            [
                '- requests = {extras = ["socks"], version = "*"}',
                '+ requests = {extras = ["socks"], version = ">=2"}',
            ],
        ),
        (
            "tomli>=2",
            [
                '- tomli = {version = "*", python_version = "< \'3.11\'"}',
                '+ tomli = {version = ">=2", python_version = "< \'3.11\'"}',
            ],
        ),
        (
            "tomli>=2; python_version < '3.12'",
            [
                '- tomli = {version = "*", python_version = "< \'3.11\'"}',
                '+ tomli = {version = ">=2", markers = "python_version < \'3.12\'"}',
            ],
        ),
    ],
)
def test_what_is_there_keeps_what_is_not_said_anew(words, expected):
    found = [line for line in changed(add(BEFORE, words)) if not line.startswith("?")]
    assert found == expected


def test_a_table_with_a_header_of_its_own():
    text = '[packages.requests]\nversion = "*"  # any\nindex = "x"\n\n[dev-packages]\n'
    assert add(text, "requests[socks]>=2") == (
        '[packages.requests]\nversion = ">=2"  # any\nindex = "x"\nextras = ["socks"]\n\n[dev-packages]\n'
    )


def test_taken_out_again():
    assert changed(remove_requirement(BEFORE, "flask", "project")) == ['- Flask = ">=2"   # keep']
    after = remove_requirement(BEFORE, "Sphinx", "group:docs")
    assert changed(after) == ['- sphinx = "*"']
    assert "[docs]\n" in after


def test_taking_out_what_is_not_there_says_where_it_is():
    with pytest.raises(NotDeclared) as raised:
        remove_requirement(BEFORE, "sphinx", "project")
    assert raised.value.also == ("group:docs",)


def test_a_pipfile_has_no_extras():
    with pytest.raises(CannotEdit):
        add(BEFORE, "flask", "extra:web")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Source(kind="index", location="our-own"), 'Flask = {version = ">=2", index = "our own"}   # keep'),
        (
            Source(kind="path", location="../flask", editable=True),
            'Flask = {path = "../flask", editable = true}   # keep',
        ),
        (
            Source(kind="git", location="git@git.example:f.git", revision="v1", revision_kind="tag"),
            'Flask = {git = "git@git.example:f.git", ref = "v1"}   # keep',
        ),
        (
            Source(kind="url", location="https://files.example/f.zip"),
            'Flask = {file = "https://files.example/f.zip"}   # keep',
        ),
    ],
)
def test_where_a_package_comes_from(source, expected):
    after = set_sources(BEFORE, "flask", (source,))
    assert expected in after.splitlines()
    meant = parse_manifest(after, filename="Pipfile").settings.sources["flask"][0]
    assert (meant.kind, meant.location) == (source.kind, source.location)
    bare = remove_source(after, "flask")
    assert "flask" not in parse_manifest(bare, filename="Pipfile").settings.sources


def test_an_index_that_is_not_there():
    with pytest.raises(CannotEdit):
        set_sources(BEFORE, "flask", (Source(kind="index", location="nowhere"),))


NAMES = st.sampled_from(["flask", "Flask", "requests", "tomli", "a", "zope.interface", "my_pkg", "zzz"])
SPECIFIERS = st.sampled_from(["", ">=1", "==2.*", "~=1.3,!=1.3.5"])
WHERE = st.sampled_from(["project", "group:dev", "group:docs", "group:new"])


@given(st.lists(st.tuples(NAMES, SPECIFIERS, WHERE, st.booleans()), max_size=8), st.booleans())
def test_whatever_is_done_the_file_says_it(steps, windows):
    """In and out in any order: what is read afterwards is what was asked for last."""
    text = BEFORE.replace("\n", "\r\n") if windows else BEFORE
    for name, specifiers, where, is_add in steps:
        requirement = parse_requirement(name + specifiers)
        if is_add:
            text = add_requirement(text, requirement, where)
        else:
            try:
                text = remove_requirement(text, name, where)
            except Problem:
                pass
        found = parse_manifest(text, filename="Pipfile").requirements().get(where, ())
        same = [one.requirement for one in found if one.requirement.name == requirement.name]
        assert [one.specifiers for one in same] == ([requirement.specifiers] if is_add else [])
    assert ("\r\n" in text) is windows
    assert "\n" not in text.replace("\r\n", "") or not windows
    assert "# our application" in text
