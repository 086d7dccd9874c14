"""YAML as plain values: what PyYAML's safe loader makes of texts, lists and tables, and nothing besides."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hutch.project.yaml_text import InvalidYaml, read_yaml

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_what_is_dumped_is_read(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    assert read_yaml(text).value == value
    assert read_yaml(text, spans=True).value == value


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_yaml(text)
    except InvalidYaml as error:
        assert error.line >= 1
    else:
        assert isinstance(found.value, str | list | dict | None)


def test_numbers_and_switches_stay_texts() -> None:
    assert read_yaml("[3.10, 007, yes, 2024-01-01, 1e3, 0x1f]").value == [
        "3.10",
        "007",
        "yes",
        "2024-01-01",
        "1e3",
        "0x1f",
    ]


def test_nothing_is_none_unless_it_is_in_quotes() -> None:
    assert read_yaml("[~, null, '', 'null', !!str null]").value == [None, None, "", "null", "null"]


def test_lines_are_those_of_the_keys() -> None:
    found = read_yaml("a:\n  - x\n  -\n    b: 1\n")
    assert [found.line(path) for path in ((), ("a",), ("a", 0), ("a", 1, "b"), ("a", 1, "gone"))] == [
        1,
        1,
        2,
        4,
        4,
    ]


def test_tables_are_merged_and_keep_their_own() -> None:
    assert read_yaml("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n").value["y"] == {"a": "1", "b": "3"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "a: !!python/name:os.system",
            "the tag 'tag:yaml.org,2002:python/name:os.system' stands for an object",
        ),
        ("a: !own x", "the tag '!own' stands for an object"),
        ("a: 1\na: 2", "the key 'a' is there twice"),
        ("a: *b", "the alias *b names nothing that is above it"),
        ("a: &b [*b]", "the alias *b names nothing that is above it"),
        ("[" * 41 + "]" * 41, "it is nested more than 40 deep"),
        ("? {a: b}\n: c", "a list or a table cannot be a key here"),
        ("a: &b [x]\n*b : c", "a list or a table cannot be a key here"),
        ("<<: x", "what << merges is no table"),
        ("a: [", "did not find expected node content"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidYaml) as caught:
        read_yaml(text)
    assert caught.value.reason.startswith(reason)


def test_depth_costs_no_stack() -> None:
    with pytest.raises(InvalidYaml):
        read_yaml("[" * 200_000)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_a_tab_is_found_behind_every_end_of_a_line(end: str) -> None:
    for text in (f"a: b{end}---{end}\tc", f"{end}{end}---{end}\t"):
        try:
            read_yaml(text)
        except InvalidYaml as error:
            assert error.line >= 1
    with pytest.raises(InvalidYaml, match="a tab stands"):
        read_yaml(f"a: b{end}c:{end}\t- d")
