"""Edits change what was meant and not a byte beside it."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.project import (
    AmbiguousEdit,
    NoProjectTable,
    NotDeclared,
    Source,
    add_requirement,
    add_source,
    remove_requirement,
    remove_source,
)

HEAD = '[project]\nname = "x"\n'


def deps(body: str) -> str:
    return f"{HEAD}dependencies = {body}\n\n[tool.other]\nkey = 1 # kept\n"


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        # one line stays one line, with the quotes and the blanks that are there
        ('["a", "c"]', "b>=1", '["a", "b>=1", "c"]'),
        ('["b"]', "a", '["a", "b"]'),
        ('["a"]', "b", '["a", "b"]'),
        ("['a',]", "b", "['a', 'b',]"),
        ('[ "a" ]', "b", '[ "a", "b" ]'),
        # an empty one becomes a list of lines
        ("[]", "b", '[\n    "b",\n]'),
        ("[\n]", "b", '[\n    "b",\n]'),
        ("[\n  # nothing yet\n]", "b", '[\n  # nothing yet\n    "b",\n]'),
        # lines: indentation, commas and comments stay
        ('[\n  "a", # one\n  "c", # three\n]', "b", '[\n  "a", # one\n  "b",\n  "c", # three\n]'),
        ('[\n\t"a", # one\n\t"c" # three\n]', "d", '[\n\t"a", # one\n\t"c", # three\n\t"d"\n]'),
        ('[\n  # about b\n  "b",\n]', "a", '[\n  "a",\n  # about b\n  "b",\n]'),
        ('[\n  "a",\n\n  # tail\n]', "b", '[\n  "a",\n  "b",\n\n  # tail\n]'),
        ('[\n  "a"]', "b", '[\n  "a",\n  "b"]'),
        ('[\n  "a",]', "b", '[\n  "a",\n  "b",]'),
        ('["a",\n "c"]', "b", '["a", "b",\n "c"]'),
        ('[ "a"\n, "c"\n]', "d", '[ "a"\n, "c", "d"\n]'),
        ('[\n  "a", "b",\n  "c",\n]', "aa", '[\n  "a", "aa", "b",\n  "c",\n]'),
        # an unsorted list grows at its end
        ('["c", "a"]', "b", '["c", "a", "b"]'),
        # replacing keeps extras and marker where the new one has none
        ('["a", "B_x>=1"]', "b-x>=2", '["a", "b-x>=2"]'),
        ("[\"b>=1; os_name == 'nt'\"]", "b>=2", "[\"b>=2; os_name == 'nt'\"]"),
        ('["b[x]>=1"]', "b>=2", '["b[x]>=2"]'),
        ('["b[x]"]', "b[y]", '["b[y]"]'),
        ('["b"]', "b; os_name == 'nt'", "[\"b; os_name == 'nt'\"]"),
        ("['b; os_name == \"nt\"']", "b>1", "['b>1; os_name == \"nt\"']"),
        # another marker is another entry, an equal one is replaced
        (
            "[\"b<2; os_name == 'nt'\"]",
            "b>=2; os_name != 'nt'",
            "[\"b<2; os_name == 'nt'\", \"b>=2; os_name != 'nt'\"]",
        ),
        (
            '["b<2; os_name == \'nt\'", "b"]',
            'b<3; os_name=="nt"',
            '["b<3; os_name == \'nt\'", "b"]',
        ),
    ],
)
def test_add_to_a_list(before: str, new: str, after: str) -> None:
    assert add_requirement(deps(before), new) == deps(after)
    windows = deps(before).replace("\n", "\r\n")
    assert add_requirement(windows, new) == deps(after).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ('["a", "b", "c"]', "b", '["a", "c"]'),
        ('["a", "b"]', "a", '["b"]'),
        ('["a", "b"]', "b", '["a"]'),
        ('["a", "b",]', "b", '["a",]'),
        ('["a"]', "A", "[]"),
        ('[\n  "a",\n]', "a", "[]"),
        ('[\n  # why\n  "a",\n]', "a", "[\n  # why\n]"),
        ('[\n  "a", # one\n  "b", # two\n]', "a", '[\n  "b", # two\n]'),
        ('[\n  "a", # one\n  "b" # two\n]', "b", '[\n  "a" # one\n]'),
        ('[\n  "a",\n  "b",\n]', "b", '[\n  "a",\n]'),
        ('["a",\n "b"]', "b", '["a"]'),
        ('["a", # one\n "b"]', "b", '["a" # one\n ]'),
        ('[ "a"\n, "b"\n]', "a", '[ "b"\n]'),
        ('["b; os_name == \'nt\'", "a", "B>2"]', "b", '["a"]'),
    ],
)
def test_remove_from_a_list(before: str, name: str, after: str) -> None:
    assert remove_requirement(deps(before), name) == deps(after)
    assert remove_requirement(deps(before).replace("\n", "\r\n"), name) == deps(after).replace("\n", "\r\n")


NEW = '[\n    "a",\n]'


@pytest.mark.parametrize(
    ("before", "where", "after"),
    [
        (HEAD, "project", f"{HEAD}dependencies = {NEW}\n"),
        (
            f"{HEAD}# end of project\n\n[tool.x]\n",
            "project",
            f"{HEAD}dependencies = {NEW}\n# end of project\n\n[tool.x]\n",
        ),
        (f"{HEAD}\n[project.scripts]\n", "project", f"{HEAD}dependencies = {NEW}\n\n[project.scripts]\n"),
        ("", "group:dev", f"[dependency-groups]\ndev = {NEW}\n"),
        (HEAD, "group:dev", f"{HEAD}\n[dependency-groups]\ndev = {NEW}\n"),
        (HEAD.rstrip(), "group:dev", f"{HEAD}\n[dependency-groups]\ndev = {NEW}\n"),
        (
            f"{HEAD}\n[build-system]\nrequires = []\n",
            "group:dev",
            f"{HEAD}\n[dependency-groups]\ndev = {NEW}\n\n[build-system]\nrequires = []\n",
        ),
        (HEAD, "extra:fast", f"{HEAD}\n[project.optional-dependencies]\nfast = {NEW}\n"),
        (
            f"{HEAD}\n[project.optional-dependencies]\nx = [] # empty\n\n[tool.y]\n",
            "extra:fast",
            f"{HEAD}\n[project.optional-dependencies]\nx = [] # empty\nfast = {NEW}\n\n[tool.y]\n",
        ),
        ("[dependency-groups]\nDev_X = []\n", "group:dev-x", f"[dependency-groups]\nDev_X = {NEW}\n"),
        ("dependency-groups = {}\n", "group:dev", 'dependency-groups = { dev = ["a"] }\n'),
        (
            'dependency-groups = { x = ["b"] }\n',
            "group:dev",
            'dependency-groups = { x = ["b"], dev = ["a"] }\n',
        ),
        (
            "dependency-groups.x = []\n",
            "group:dev",
            f"dependency-groups.x = []\ndependency-groups.dev = {NEW}\n",
        ),
        (
            'project.name = "x"\n\n[tool.y]\n',
            "project",
            f'project.name = "x"\nproject.dependencies = {NEW}\n\n[tool.y]\n',
        ),
        (
            f"{HEAD}optional-dependencies.x = []\nversion = '1'\n",
            "extra:fast",
            f"{HEAD}optional-dependencies.x = []\noptional-dependencies.fast = {NEW}\nversion = '1'\n",
        ),
        ('project = { name = "x" }\n', "project", 'project = { name = "x", dependencies = ["a"] }\n'),
        (
            'project = { name = "x" }\n',
            "extra:y",
            'project = { name = "x", optional-dependencies = { y = ["a"] } }\n',
        ),
        (HEAD, "group:with dot.", f'{HEAD}\n[dependency-groups]\n"with dot." = {NEW}\n'),
    ],
)
def test_lists_and_tables_are_made_where_they_are_absent(before: str, where: str, after: str) -> None:
    assert add_requirement(before, "a", where) == after


def test_what_cannot_be_done_is_a_problem() -> None:
    with pytest.raises(NoProjectTable):
        add_requirement("[tool.x]\n", "a")
    with pytest.raises(AmbiguousEdit) as ambiguous:
        add_requirement(deps("[\"b<2; os_name == 'nt'\", \"b>=2; os_name != 'nt'\"]"), "b>=3")
    assert len(ambiguous.value.entries) == 2
    with pytest.raises(NotDeclared) as absent:
        remove_requirement(f'{HEAD}[dependency-groups]\ndev = ["a"]\n', "A")
    assert absent.value.also == ("group:dev",)
    with pytest.raises(Problem):
        add_requirement(f"{HEAD}dependencies = 'a'\n", "a")
    with pytest.raises(Problem):
        add_requirement(HEAD, "not valid !!")


# --- laws ---

NAMES = st.sampled_from(["a", "B", "c_c", "d-d", "zope.interface", "e[x]"])
SPACES = st.sampled_from(["", " ", "  "])
BREAKS = st.sampled_from(["", " ", "\n", "\n  ", " # note\n  ", "\n  # above\n  ", "\n\n\t"])


@st.composite
def arrays(draw: st.DrawFn) -> str:
    items = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    quotes = draw(st.sampled_from("\"'"))
    text = "[" + draw(BREAKS)
    for position, item in enumerate(items):
        last = position == len(items) - 1
        text += f"{quotes}{item}{quotes}" + draw(SPACES if draw(st.booleans()) else BREAKS)
        if not last or draw(st.booleans()):
            text += "," + draw(BREAKS)
    return text + "]"


@given(arrays())
def test_nothing_but_the_list_changes_and_no_comment_is_lost(array: str) -> None:
    text = f"{HEAD}# before\ndependencies = {array} # behind\n[tool.x]\ny = [1,  2] # kept\n"
    start, end = text.index("dependencies ="), text.index(" # behind")
    edited = add_requirement(text, "new>=1")
    assert edited.startswith(text[:start])
    assert edited.endswith(text[end:])
    assert edited.count("#") == text.count("#")
    old, new = (tomllib.loads(each)["project"]["dependencies"] for each in (text, edited))
    assert [item for item in new if item != "new>=1"] == old


@given(arrays())
def test_what_is_added_and_removed_again_leaves_no_trace(array: str) -> None:
    text = deps(array)
    assert remove_requirement(add_requirement(text, "new>=1"), "new") == text


@given(arrays(), NAMES)
def test_removing_keeps_the_others_and_their_order(array: str, name: str) -> None:
    text = deps(array)
    items = tomllib.loads(text)["project"]["dependencies"]
    kept = [item for item in items if item != name]
    if kept == items:
        with pytest.raises(NotDeclared):
            remove_requirement(text, name.partition("[")[0])
    else:
        edited = remove_requirement(text, name.partition("[")[0])
        assert tomllib.loads(edited)["project"]["dependencies"] == kept
        assert edited.endswith(text[text.index("]\n\n[tool") :])


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6))
def test_a_sorted_list_stays_sorted(names: list[str]) -> None:
    text = HEAD
    for name in names:
        text = add_requirement(text, name)
    assert tomllib.loads(text)["project"].get("dependencies", []) == sorted(names)


# --- sources ---

SOURCE = 'a = { path = "../a", editable = true }'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD, f"{HEAD}\n[tool.hutch.sources]\n{SOURCE}\n"),
        (
            f"{HEAD}[tool.hutch]\npackage = true\n\n[tool.z]\n",
            f"{HEAD}[tool.hutch]\npackage = true\n\n[tool.hutch.sources]\n{SOURCE}\n\n[tool.z]\n",
        ),
        (
            f'{HEAD}[tool.hutch.sources]\nA = {{ git = "x" }} # old\nb = {{ path = "b" }}\n',
            f'{HEAD}[tool.hutch.sources]\nA{SOURCE[1:]} # old\nb = {{ path = "b" }}\n',
        ),
        (
            f"{HEAD}[tool]\nhutch.package = true\n",
            f"{HEAD}[tool]\nhutch.package = true\n\n[tool.hutch.sources]\n{SOURCE}\n",
        ),
    ],
)
def test_add_a_source(before: str, after: str) -> None:
    assert add_source(before, "a", Source(kind="path", location="../a", editable=True)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD, HEAD),
        (f"{HEAD}\n[tool.hutch.sources]\na = {{ path = 'a' }}\n", f"{HEAD}\n"),
        (
            f"{HEAD}\n[tool.hutch.sources]\na = {{ path = 'a' }} # gone\nb = {{ path = 'b' }}\n",
            f"{HEAD}\n[tool.hutch.sources]\nb = {{ path = 'b' }}\n",
        ),
        (
            f"{HEAD}\n[tool.hutch.sources.a]\npath = 'a'\n[tool.hutch.sources.b]\npath = 'b'\n",
            f"{HEAD}\n[tool.hutch.sources.b]\npath = 'b'\n",
        ),
        (
            "[tool.hutch]\nsources = { a = { path = 'a' }, b = { path = 'b' } }\n",
            "[tool.hutch]\nsources = { b = { path = 'b' } }\n",
        ),
    ],
)
def test_remove_a_source(before: str, after: str) -> None:
    assert remove_source(before, "A", filename="pyproject.toml") == after
