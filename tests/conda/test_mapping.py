"""Mappings of conda's names to an index's: both forms that are about, and whatever else somebody may send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.conda import InvalidMapping, parse_mapping


def test_a_table_of_names() -> None:
    text = {"pytorch": "Torch", "pandoc": None, "py-opencv": ["opencv-python", "opencv_python_headless"]}
    assert parse_mapping(json.dumps(text)) == {"pytorch": "torch", "pandoc": "", "py-opencv": "opencv-python"}


def test_of_several_distributions_that_of_its_own_name() -> None:
    assert parse_mapping('{"tables": ["blosc2", "Tables"]}') == {"tables": "tables"}


def test_the_table_of_grayskull() -> None:
    text = {"torch": {"conda_name": "pytorch", "import_name": "torch", "pypi_name": "torch"}}
    assert parse_mapping(json.dumps(text)) == {"pytorch": "torch"}


def test_what_is_no_name_is_passed_over() -> None:
    text = {"../x": "a", "a b": "a", "ok": "../a", "fine": 3, "": "x", "x" * 400: "y", "y": "y" * 400}
    assert parse_mapping(json.dumps(text)) == {}


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '"x"', "NaN"])
def test_what_is_no_mapping(text: str) -> None:
    with pytest.raises(InvalidMapping):
        parse_mapping(text)


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists)))
def test_whatever_comes_gives_names(data: dict[str, Any]) -> None:
    for conda, name in parse_mapping(json.dumps(data)).items():
        assert conda == conda.lower()
        assert name == "" or name.replace("-", "").isalnum()
