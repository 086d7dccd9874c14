"""Values of ``activation.env``: a variable is one, and what stands for itself stays as it is."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutch.ops.project_activation import ProjectActivation, _script, plain_value
from hutch.project.conda_activation import as_it_stands

VALUES = st.text(st.sampled_from("$${}ab_1 '\"`\\\n%(!#é"), max_size=12)


@given(VALUES)
def test_what_stands_for_itself_is_that(value: str) -> None:
    if os.name != "nt":
        assert plain_value(as_it_stands(value)) == value
        assert ProjectActivation("/r", (), (("A", as_it_stands(value)),)).variables({"a": "x"}) == {
            "A": value
        }


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("$a", "of a"), ("${a}b", "of ab"), ("$$a", "$a"), ("$$$a", "$of a"), ("$$$$", "$$"), ("$", "$"),
        ("${", "${"), ("${a", "${a"), ("$1", "$1"), ("$(a)", "$(a)"), ("$CONDA_PREFIX", "/r"), ("$gone", ""),
    ],
)  # fmt: skip
def test_variables_in_values(value: str, found: str) -> None:
    assert ProjectActivation("/r", (), (("A", value),)).variables({"a": "of a"}) == {"A": found}


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@settings(max_examples=25)
@given(st.lists(VALUES.filter(lambda text: not text.endswith("\n")), min_size=1, max_size=4))
def test_a_shell_sets_the_same(values: list[str]) -> None:
    env = tuple((f"V{number}", value) for number, value in enumerate(values))
    activation = ProjectActivation("/r", (), env)
    names = "".join(f'printf "%s\\0" "$V{number}"\n' for number in range(len(values)))
    given_ = {"a": "of a", "ab": "of ab", "_": "of _", "PATH": os.environ["PATH"], "CONDA_PREFIX": "/r"}
    done = subprocess.run(
        ["sh", "-c", _script(activation) + names], env=given_, capture_output=True, check=True, timeout=60
    )
    said = done.stdout.decode().split("\0")[:-1]
    for number, value in enumerate(values):
        if "_" not in value:  # shells set that one themselves
            assert said[number] == activation.variables(given_)[f"V{number}"], value
