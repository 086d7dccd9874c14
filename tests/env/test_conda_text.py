"""Files that name their prefix, written for a place, and taken back to what the package has."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.env.conda_text import (
    PrefixTooLong,
    entry_point,
    original,
    replace_path,
    repoint_command,
    rewrite,
)
from hutch.store import Prefixed

HOLD = "/opt/conda_placehold_placehold_placehold"
PIECES = st.sampled_from(
    [HOLD.encode(), b"\0", b"\0\0\0", b"/lib", b":", b"text", b"\n", b"\x7fELF", b"/env/a", b"\xff"]
)
PLACES = st.sampled_from(["/e", "/env/a", "/home/somebody/envs/science", HOLD])


@given(st.lists(PIECES, max_size=12).map(b"".join), PLACES, PLACES)
def test_a_binary_is_taken_back_to_what_it_was_and_put_elsewhere(content, one, other):
    how = Prefixed(placeholder=HOLD, mode="binary")
    digest = hashlib.sha256(content).hexdigest()
    there = rewrite(content, how, one)
    assert len(there) == len(content)
    found = original(there, how, one, digest)
    if one.encode() in content.replace(HOLD.encode(), b""):
        return  # it named that place before, so nobody can know
    assert found == (content, True)
    assert rewrite(found[0], how, other) == rewrite(content, how, other)


@given(st.lists(PIECES, max_size=12).map(b"".join), PLACES)
def test_a_text_is_taken_back_if_it_is_the_same(content, place):
    how = Prefixed(placeholder=HOLD, mode="text")
    found = original(rewrite(content, how, place), how, place, hashlib.sha256(content).hexdigest())
    assert found is not None
    assert found[1] == (found[0] == content)
    assert found[1] or place.encode() in content


@pytest.mark.parametrize("line", [f"#!{HOLD}/bin/perl -w", f"#! {HOLD}/bin/perl"])
def test_a_first_line_that_was_too_long_is_found_again(line):
    content = f"{line}\nuse lib '{HOLD}/lib';\n".encode()
    place = "/" + "long/" * 30 + "env"
    how = Prefixed(placeholder=HOLD, mode="text")
    there = rewrite(content, how, place)
    assert there.startswith(b"#!/usr/bin/env perl")
    assert original(there, how, place, hashlib.sha256(content).hexdigest()) == (content, True)


def test_a_changed_binary_without_its_zeros_is_told():
    how = Prefixed(placeholder=HOLD, mode="binary")
    assert original(b"\x7fELF\0/env/a/lib\0next", how, "/env/a", "0" * 64) is None
    with pytest.raises(PrefixTooLong):
        rewrite(f"{HOLD}\0".encode(), how, "/" + "long/" * 30)


def test_a_changed_text_is_not_proved():
    how = Prefixed(placeholder=HOLD, mode="text")
    assert original(b"x=/env/a # mine", how, "/env/a", "0" * 64) == (f"x={HOLD} # mine".encode(), False)


def test_the_directory_is_replaced_and_no_other_that_begins_so():
    assert replace_path(b"/e/a /e/ab /e/a/b /e/a-b '/e/a'", "/e/a", "/n") == b"/n /e/ab /n/b /e/a-b '/n'"


LONG = "/" + "long/" * 30 + "env"


@pytest.mark.parametrize("place", ["/env/b", "/with space/b", LONG])
def test_commands_of_conda_are_those_that_would_be_made_there(place):
    (_, before), (_, after) = (
        entry_point(f"{root}/bin/python3.12", "tool = pkg.mod:main") for root in ("/env/a", place)
    )
    assert repoint_command(before, "/env/a", place, of_conda=True) == after
    assert repoint_command(after, place, "/env/a", of_conda=True) == before
    assert repoint_command(before, "/env/c", place, of_conda=True) is None


@pytest.mark.parametrize("place", ["/env/b", LONG])
def test_commands_of_wheels(place):
    before = b"#!/env/a/bin/python\nimport x\n"
    after = repoint_command(before, "/env/a", place, of_conda=False)
    assert after is not None
    assert after.endswith(b"import x\n")
    assert place.encode() in after
    assert repoint_command(after, place, "/env/a", of_conda=False) == before
    kept = repoint_command(b"#!/env/a/bin/python -E\nx\n", "/env/a", "/env/b", of_conda=False)
    assert kept == b"#!/env/b/bin/python -E\nx\n"
    for other in (b"\x7fELF", b"#!/bin/sh\necho\n", b"#!/usr/bin/python3\n", b"#!/env/ab/bin/python\n"):
        assert repoint_command(other, "/env/a", place, of_conda=False) is None
