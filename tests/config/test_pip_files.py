"""pip's files: what is read the short way is what ``configparser`` reads."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.config.pip import _sections, plain_sections

USUAL = """\
# of the company
[global]
index-url = https://index.example/simple
extra_index_url=https://other.example/simple?a=b:c
; trusted-host = x
Timeout =  60

[install]
no-binary =
"""
PIECES = (
    *(
        "[global]\n",
        "[install]",
        "[DEFAULT]\n",
        "[a b]\n",
        "[",
        "]",
        "\n",
        "\n\n",
        " ",
        "\t",
        "=",
        ":",
        "#",
        ";",
    ),
    *(
        "a = b\n",
        "a=b",
        "A = c\n",
        "a: b\n",
        "a\n",
        "-a = b\n",
        "--x-y = 1\n",
        "é = 1\n",
        "a b = c\n",
        "\r",
        "%(x)s",
    ),
    *(" c\n", "\n  c", "x = y = z\n", "x = [z]\n", "\x0b", "\x1c", "\u2028", "\x85", "\xa0", "\0", "rem x\n"),
)


def agree(text: str) -> bool:
    plain = plain_sections(text)
    assert plain is None or plain == _sections(text, "pip.conf"), text
    return plain is not None


def test_what_people_write_needs_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    assert agree(USUAL)
    assert agree("")
    monkeypatch.setitem(sys.modules, "configparser", None)  # the import of it fails
    assert plain_sections(USUAL) == {
        "global": {
            "index-url": "https://index.example/simple",
            "extra_index_url": "https://other.example/simple?a=b:c",
            "timeout": "60",
        },
        "install": {"no-binary": ""},
    }


@pytest.mark.parametrize(
    "text", ["a = b\n", "[global]\na = b\n  c\n", "[global]\na: b\n", "[global]\na\n", "[DEFAULT]\na = b\n"]
)
def test_what_is_rare_or_wrong_is_left_to_it(text: str) -> None:
    assert plain_sections(text) is None


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_it_never_reads_what_the_parser_reads_otherwise(text: str) -> None:
    agree(text)


@given(st.integers(0, len(USUAL)), st.sampled_from(PIECES), st.integers(0, 6))
def test_nor_where_something_is_put_into_what_people_write(at: int, piece: str, gone: int) -> None:
    agree(USUAL[:at] + piece + USUAL[at + gone :])
