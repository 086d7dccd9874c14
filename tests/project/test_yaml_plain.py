"""What `yaml_plain` reads means what PyYAML says that it means; and it reads what people write."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.project.yaml_plain import read_plain_yaml
from hutch.project.yaml_text import InvalidYaml, _read_any, read_yaml

USUAL = """\
# how it is done
name: demo   # a name
channels:
  - conda-forge
  - "https://channel.example/t/x"   # the quick one
  - nodefaults

platforms: [linux-64, "osx-arm64", 'win-64']
none: []
prefix:
dependencies:
- python=3.12
- numpy >=1.26,<3 *_openblas
- conda-forge::pandas==2.2
- pip:   # not from conda
  - requests[socks]>=2
  - ./local
- scipy 1.*
variables:
  A: 'one two'
  B: 3.10
  C: ~
  D: http://channel.example/#there
"""
PIECES = (
    *(
        "a",
        "a:",
        "a: b",
        "b: ",
        "- ",
        "- a",
        "- a: b",
        "- a:",
        "  ",
        "    ",
        " ",
        "\n",
        "\n\n",
        "\n- ",
        "\n  - ",
    ),
    *("# c", " # c", "#", ":", "::", '"', "'", '"a"', "'b'", "[", "]", "[a, b]", '["a", b]', ",", "{", "}"),
    *(
        "&x ",
        "*x",
        "!!str ",
        "|",
        ">",
        "%",
        "@",
        "`",
        "?",
        "~",
        "null",
        "yes",
        "3.10",
        "<<",
        "---",
        "...",
        "-",
    ),
    *("\t", "\r", "é", "\ufeff", "=", ">=1", "\\", "name: x\n", "pip:\n", "key: [", "\n    - ", "\n  k: v"),
)


def agree(text: str) -> bool:
    """Whether the plain reader read it; what it read is what the other one reads."""
    plain = read_plain_yaml(text)
    if plain is None:
        return False
    whole = _read_any(text, True, False)
    assert plain[0] == whole.value, text
    assert plain[1] == whole.lines, text
    return True


def test_what_people_write_is_plain() -> None:
    assert agree(USUAL)
    value = read_yaml(USUAL).value
    assert value["variables"] == {
        "A": "one two", "B": "3.10", "C": None, "D": "http://channel.example/#there",
    }  # fmt: skip
    assert value["dependencies"][3] == {"pip": ["requests[socks]>=2", "./local"]}
    assert value["none"] == []
    assert read_yaml(USUAL).line(("dependencies", 3, "pip", 1)) == 17
    assert read_yaml(USUAL, lines=False).lines == {}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a",
            "- a",
            "a: b\n c",
            "a: 'b\n c'",
            "a: |\n  b",
            "a: {b: c}",
            "a: &x b",
            "a: *x",
            "a: !!int 3",
        ),
        *("a: b\na: c", "a: b: c", "a: b:", "a: [b", "a: [[b]]", "a: [b,]", "a: [b: c]", "a:\tb", "a: é"),
        *(
            "a: 'it''s'",
            'a: "b\\n"',
            "<<: a",
            "null: a",
            " a: b",
            "a:\n  b: c\n d: e",
            "- a\nb: c",
            "a: b\n- c",
        ),
        *(
            "a: b\n...\n",
            "--- \na: b",
            "%YAML 1.1\n---\na: b",
            "a: 'b'c",
            "a: [b]c",
            "a: [b]#c",
            "a: >=1",
            "? a",
        ),
    ],
)
def test_what_is_rare_or_wrong_is_left_to_the_parser(text: str) -> None:
    assert read_plain_yaml(text) is None


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_it_never_reads_what_the_parser_reads_otherwise(text: str) -> None:
    agree(text)


@given(st.integers(0, len(USUAL)), st.sampled_from(PIECES), st.integers(0, 6))
def test_nor_where_something_is_put_into_what_people_write(at: int, piece: str, gone: int) -> None:
    agree(USUAL[:at] + piece + USUAL[at + gone :])


TEXTS = st.sampled_from(["numpy", "python=3.12", "a b", "3.10", "./x", "null", "x::y", "yes", "a#b", "a, b"])


KEYS = st.sampled_from(["name", "pip", "a-b", "c.d"])
VALUES = st.recursive(
    TEXTS,
    lambda below: (
        st.lists(below, min_size=1, max_size=4) | st.dictionaries(KEYS, below, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_blocks_are_read_however_they_are_set(value: Any) -> None:
    def lines(value: Any, indent: str) -> list[str]:
        if isinstance(value, dict):
            return [
                line
                for key, below in value.items()
                for line in (
                    [f"{indent}{key}: {below}  # {key}"]
                    if isinstance(below, str)
                    else [f"{indent}{key}:", *lines(below, indent + ("  " if key != "pip" else " "))]
                )
            ]
        found = []
        for below in value:
            if isinstance(below, str):
                found.append(f"{indent}-  {below}")
            else:
                first, *rest = lines(below, indent + "  ")
                found += [f"{indent}- {first.lstrip()}", *rest]
        return found

    agree("\n".join(lines({"top": value}, "")) + "\n")


def test_a_parser_of_all_of_yaml_is_not_imported_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)  # the import of it fails
    assert read_yaml(USUAL).value["name"] == "demo"


def test_what_is_wrong_is_said_as_ever() -> None:
    with pytest.raises(InvalidYaml, match="there twice"):
        read_yaml("a: b\na: c\n")
