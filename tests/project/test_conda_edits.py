"""Edits of ``environment.yml`` and of what pixi installs from Python indexes: nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.project import NotDeclared, Source, parse_manifest
from hutch.project.dialects import environment_yml_edit as yml
from hutch.project.dialects import pixi_edit as pixi
from hutch.project.editing import CannotEdit
from hutch.spec import parse_requirement

HEAD = "name: demo  # the name\ndependencies:\n  - python=3.12\n"


def add(text: str, words: str) -> str:
    return yml.add_requirement(text, parse_requirement(words), "project")


@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        (  # behind the last, before a comment of what follows
            HEAD + "  - pip:\n    - zope  # why\n    - alpha\n# end\nprefix: x\n",
            "beta>=1",
            HEAD + "  - pip:\n    - zope  # why\n    - alpha\n    - beta>=1\n# end\nprefix: x\n",
        ),
        (  # a sorted list stays sorted
            HEAD + "  - pip:\n    - alpha\n    - gamma\n",
            "beta",
            HEAD + "  - pip:\n    - alpha\n    - beta\n    - gamma\n",
        ),
        (HEAD + "  - pip:\n    - alpha==1\n", "Alpha>=2", HEAD + "  - pip:\n    - alpha>=2\n"),
        (
            HEAD + "  - pip:\n    - 'alpha[x]==1 ; os_name == \"nt\"'\n    - -r more.txt\n",
            "alpha>=2",
            HEAD + "  - pip:\n    - alpha[x]>=2; os_name == 'nt'\n    - -r more.txt\n",
        ),
        (HEAD, "alpha", HEAD + "  - pip:\n      - alpha\n"),
        (HEAD + "  - pip:\n", "alpha", HEAD + "  - pip:\n      - alpha\n"),
        (HEAD.rstrip("\n"), "alpha", HEAD + "  - pip:\n      - alpha\n"),
        (HEAD + "  - {pip: [gamma]}\n", "beta", HEAD + "  - {pip: [beta, gamma]}\n"),
        (HEAD + "  - {pip: [alpha]}\n", "beta", HEAD + "  - {pip: [alpha, beta]}\n"),
        (
            HEAD + "  - pip:\n    - alpha\n",
            "tool @ git+https://git.example/tool.git",
            HEAD + "  - pip:\n    - alpha\n    - tool @ git+https://git.example/tool.git\n",
        ),
        (
            (HEAD + "  - pip:\n    - alpha\n").replace("\n", "\r\n"),
            "beta",
            (HEAD + "  - pip:\n    - alpha\n    - beta\n").replace("\n", "\r\n"),
        ),
    ],
)
def test_a_line_for_pip(before: str, words: str, after: str) -> None:
    assert add(before, words) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD + "  - pip:\n    - alpha\n    - beta # no\n", HEAD + "  - pip:\n    - alpha\n"),
        (HEAD + "  - pip:\n    - beta\n", HEAD + "  - pip:\n"),
        (HEAD + "  - {pip: [alpha, beta]}\n", HEAD + "  - {pip: [alpha]}\n"),
        (HEAD + "  - {pip: [Beta>=1, gamma]}\n", HEAD + "  - {pip: [gamma]}\n"),
    ],
)
def test_a_line_out_of_the_list_of_pip(before: str, after: str) -> None:
    assert yml.remove_requirement(before, "beta", "project") == after


def test_what_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(NotDeclared) as caught:
        yml.remove_requirement(HEAD + "  - pip:\n    - alpha\n", "alpah", "project")
    assert caught.value.hints == ("did you mean alpha?",)


def test_an_environment_yml_has_one_list() -> None:
    with pytest.raises(CannotEdit):
        yml.add_requirement(HEAD, parse_requirement("x"), "group:dev")


NAMES = st.sampled_from(("alpha", "beta", "gamma", "delta", "Zeta"))


@given(st.lists(st.tuples(st.booleans(), NAMES), max_size=8))
def test_whatever_is_added_and_removed_is_what_the_manifest_says(steps: list[tuple[bool, str]]) -> None:
    text, names = HEAD + "  - pip\n", set()
    for adds, name in steps:
        if adds:
            text = add(text, f"{name}>=1")
            names.add(name.lower())
        elif name.lower() in names:
            text = yml.remove_requirement(text, name, "project")
            names.discard(name.lower())
    found = parse_manifest(text, filename="environment.yml")
    assert {one.requirement.name for one in found.dependencies} == names
    assert text.startswith(HEAD)


PIXI = """\
[workspace]
name = "demo"  # the name
channels = []
platforms = ["linux-64"]

[pypi-dependencies]
alpha = ">=1"  # why
beta = { version = "*", extras = ["x"] }

[feature.test.pypi-dependencies]
pytest = "*"
"""


MARKED = 'gamma = { version = ">=1", extras = ["y"], env-markers = "os_name == \'nt\'" }\n'


@pytest.mark.parametrize(
    ("words", "where", "old", "new"),
    [
        ("alpha>=2", "project", 'alpha = ">=1"', 'alpha = ">=2"'),
        ("beta>=2", "project", '{ version = "*",', '{ version = ">=2",'),
        ("gamma", "project", 'extras = ["x"] }\n', 'extras = ["x"] }\ngamma = "*"\n'),
        (
            "gamma[y]>=1; os_name == 'nt'",
            "project",
            'extras = ["x"] }\n',
            'extras = ["x"] }\n' + MARKED,
        ),
        ("hypothesis", "group:test", 'pytest = "*"\n', 'pytest = "*"\nhypothesis = "*"\n'),
        (
            "ruff",
            "group:lint",
            'pytest = "*"\n',
            'pytest = "*"\n\n[feature.lint.pypi-dependencies]\nruff = "*"\n',
        ),
    ],
)
def test_a_package_for_pixi(words: str, where: str, old: str, new: str) -> None:
    assert pixi.add_requirement(PIXI, parse_requirement(words), where) == PIXI.replace(old, new)


def test_a_package_out_of_pixi() -> None:
    assert pixi.remove_requirement(PIXI, "Alpha", "project") == PIXI.replace('alpha = ">=1"  # why\n', "")
    with pytest.raises(NotDeclared):
        pixi.remove_requirement(PIXI, "gamma", "project")


def test_a_place_for_pixi() -> None:
    source = Source(kind="git", location="https://git.example/a.git", revision="main", revision_kind="branch")
    changed = pixi.set_sources(PIXI, "alpha", (source,))
    assert 'alpha = { git = "https://git.example/a.git", branch = "main" }  # why' in changed
    assert pixi.remove_source(changed, "alpha") == PIXI.replace('alpha = ">=1"', 'alpha = "*"')


def test_beside_a_project_the_standard_tables_are_edited() -> None:
    text = (
        "[project]\nname = 'd'\ndependencies = []\n\n[dependency-groups]\ndev = []\n\n"
        "[tool.pixi.workspace]\nchannels = []\n\n[tool.pixi.pypi-dependencies]\nrich = '*'\n"
    )
    alpha = parse_requirement("alpha")
    named = "pyproject.toml"
    assert (
        '"alpha"'
        in pixi.add_requirement(text, alpha, "project", filename=named).split("[dependency-groups]")[0]
    )
    assert 'dev = [\n    "alpha",\n]' in pixi.add_requirement(text, alpha, "group:dev", filename=named)
    assert pixi.add_requirement(text, alpha, "group:pixi", filename=named).endswith(
        "rich = '*'\nalpha = \"*\"\n"
    )


def test_a_list_that_is_an_alias_is_not_changed():
    text = "x: &common [certifi, idna]\ndependencies:\n  - pip: *common\n"
    for change in (lambda: add(text, "beta"), lambda: yml.remove_requirement(text, "idna", "project")):
        with pytest.raises(CannotEdit) as caught:
            change()
        assert caught.value.why == ("its list for pip is written elsewhere, and named here (*…)",)


def test_a_feature_that_an_environment_names_stays():
    text = (
        '[workspace]\nname = "x"\nchannels = []\nplatforms = ["linux-64"]\n'
        '[feature.test.pypi-dependencies]\npytest = "*"  # why\n\n[environments]\ntest = ["test"]\n'
    )
    changed = pixi.remove_requirement(text, "pytest", "group:test")
    assert changed == text.replace('pytest = "*"  # why\n', "")
    parse_manifest(changed, filename="pixi.toml")
