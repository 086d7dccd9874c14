"""Versions of conda (CEP 33): a table of what the paper says, laws, and py-rattler as an oracle."""

from __future__ import annotations

import itertools
import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.spec import (
    InvalidCondaVersion,
    compare_conda_versions,
    parse_conda_version,
    parse_version_spec,
    rank_conda_versions,
)
from hutch.spec.conda_versions import CondaVersion, _comparison, _parse
from oracles.conda import ask_rattler, needs_rattler, needs_records, unpack_records

# CEP 33's own chain, each smaller than the next; those in one tuple are equal.
CHAIN = (
    ("0.4", "0.4.0"),
    ("0.4.1.rc", "0.4.1.RC"),
    ("0.4.1",),
    ("0.5a1",),
    ("0.5b3",),
    ("0.5C1",),
    ("0.5",),
    ("0.9.6",),
    ("0.960923",),
    ("1.0",),
    ("1.1dev1",),
    ("1.1_",),
    ("1.1a1",),
    ("1.1.dev1", "1.1.0dev1"),
    ("1.1.a1",),
    ("1.1.0rc1",),
    ("1.1", "1.1.0", "1.1.0.0"),
    ("1.1.0post1", "1.1.post1"),
    ("1.1post1",),
    ("1996.07.12",),
    ("1!0.4.1",),
    ("1!3.1.1.6",),
    ("2!0.4.1",),
)


def order(one: str, other: str) -> int:
    found = compare_conda_versions(parse_conda_version(one), parse_conda_version(other))
    return (found > 0) - (found < 0)


def test_ranks_are_the_order_of_the_chain() -> None:
    texts = [text for same in CHAIN for text in same]
    random.Random(5).shuffle(texts)
    for some in (texts, texts[:7], [*texts, "1" + ".0a1" * 80], []):  # the last but one is compared pairwise
        ranks = rank_conda_versions(parse_conda_version(text) for text in some)
        assert list(ranks) == sorted(ranks, key=ranks.__getitem__)
        for one, other in itertools.product(some, some):
            assert order(one, other) == (ranks[one] > ranks[other]) - (ranks[one] < ranks[other])


def test_the_chain_of_the_specification() -> None:
    flat = [(rank, text) for rank, texts in enumerate(CHAIN) for text in texts]
    for (a, one), (b, other) in itertools.product(flat, flat):
        assert order(one, other) == (a > b) - (a < b), (one, other)


@pytest.mark.parametrize(
    ("smaller", "greater"),
    [
        ("1.0.1_", "1.0.1a"),  # as OpenSSL counts
        ("1.0.1dev", "1.0.1_"),
        ("1.0.1", "1.0.1post.a"),
        ("1.0", "1.0+0.1"),
        ("1.0+cu118", "1.0+cu121"),
        ("9c", "9"),
        ("2020a", "2020"),
        ("1.9", "1.10"),
    ],
)
def test_what_people_stumble_over(smaller: str, greater: str) -> None:
    assert order(smaller, greater) == -1
    assert order(greater, smaller) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1..2",
        "1.0!",
        "!1",
        "1!2!3",
        "a!1",
        "1+",
        "1+2+3",
        "1-2_3",
        "1 2",
        "5.5++",
        "ü",
        "+1",
        "1.+1",
    ],
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(InvalidCondaVersion):
        parse_conda_version(text)


@pytest.mark.parametrize(
    ("spec", "yes", "no"),
    [
        ("1.2", ["1.2", "1.2.0"], ["1.2.1", "1.3"]),
        ("=1.2", ["1.2", "1.2.7"], ["1.20", "1.3"]),
        ("1.2.*", ["1.2", "1.2.9"], ["1.20"]),
        ("1.2*", ["1.2", "1.2.9"], ["1.3"]),
        (">=1.2,<2|3.*", ["1.2", "1.9", "3.1"], ["2", "1.1", "4"]),
        ("(>=1,<2)|(>=5,!=5.1)", ["1.5", "5.2"], ["2", "5.1"]),
        ("~=1.4.2", ["1.4.2", "1.4.9"], ["1.5", "1.4.1"]),
        ("~=2024", ["2024", "2024.1", "2025"], ["2023.9", "1!2024"]),
        ("!=1.2.*", ["1.1", "1.3"], ["1.2", "1.2.3"]),
        ("<3.13.0a0", ["3.12.9", "3.12"], ["3.13.0", "3.13.0a1", "3.13.0rc1"]),
        ("1.*.0", ["1.2.0", "1.9.0"], ["1.2.1"]),
        ("^1\\.[23]$", ["1.2", "1.3"], ["1.4", "1.2.0"]),
        ("*", ["1", "0a1"], []),
        (">= 1.2", ["1.2"], ["1.1"]),
        ("1.0+cu121", ["1.0+cu121"], ["1.0", "1.0+cu118"]),
    ],
)
def test_what_specs_admit(spec: str, yes: list[str], no: list[str]) -> None:
    admits = parse_version_spec(spec)
    assert [text for text in [*yes, *no] if admits(parse_conda_version(text))] == yes


@pytest.mark.parametrize("spec", ["", ">", "1,", "(1", "1)", "|1", "1||2", ">=1.*.2", "^[$", "=>1"])
def test_what_is_no_spec(spec: str) -> None:
    if spec == "1,":  # a comma at the end is met in old records
        assert parse_version_spec(spec)(parse_conda_version("1"))
        return
    with pytest.raises(InvalidCondaVersion):
        parse_version_spec(spec)


PIECE = st.from_regex(r"(0|[1-9][0-9]?)?(a|b|rc|dev|post|alpha|x|_)?[0-9]{0,2}", fullmatch=True).filter(bool)
VERSION = st.builds(
    lambda epoch, pieces, local: (
        (f"{epoch}!" if epoch else "") + ".".join(pieces) + ("+" + ".".join(local) if local else "")
    ),
    st.sampled_from(["", "", "", "0", "1"]),
    st.lists(PIECE, min_size=1, max_size=4),
    st.lists(PIECE, max_size=2),
)


def readable(text: str) -> bool:
    try:
        parse_conda_version(text)
    except InvalidCondaVersion:
        return False
    return True


@given(st.lists(VERSION.filter(readable), min_size=3, max_size=3))
def test_the_order_is_one(versions: list[str]) -> None:
    a, b, c = versions
    assert order(a, a) == 0
    assert order(a, b) == -order(b, a)
    if order(a, b) <= 0 and order(b, c) <= 0:
        assert order(a, c) <= 0
    ranks = rank_conda_versions(parse_conda_version(version) for version in versions)
    assert order(a, b) == (ranks[a] > ranks[b]) - (ranks[a] < ranks[b])


NUMBERS = st.from_regex(r"[0-2](\.[0-2]){0,4}(a0|dev|_|post1|rc)?", fullmatch=True)
EITHER = st.one_of(NUMBERS, VERSION.filter(readable))


def the_long_way(text: str) -> CondaVersion:
    """A version that is compared part by part."""
    version = _parse(text)
    version.flat = None
    return version


@given(EITHER, EITHER)
def test_numbers_are_compared_as_all_else_is(one: str, other: str) -> None:
    """What is nothing but numbers is compared at once, and with the same end."""
    slow = [the_long_way(one), the_long_way(other)]
    assert _parse(one).parts == _parse(f" {one} ").parts  # which nobody takes for plain numbers
    assert compare_conda_versions(_parse(one), _parse(other)) == compare_conda_versions(*slow)
    assert _parse(one).starts_with(_parse(other)) == slow[0].starts_with(slow[1])
    ranks, found = rank_conda_versions([_parse(one), _parse(other)]), rank_conda_versions(slow)
    assert ranks == found
    order_of = compare_conda_versions(*slow)
    for operator, admitted in [
        (">=", order_of >= 0), ("<=", order_of <= 0), (">", order_of > 0), ("<", order_of < 0),
        ("==", order_of == 0), ("!=", order_of != 0), ("=", slow[0].starts_with(slow[1])),
    ]:  # fmt: skip
        assert _comparison(operator, _parse(other), False)(_parse(one)) == admitted, operator


@given(VERSION.filter(readable), VERSION.filter(readable))
def test_operators_agree_with_the_order(one: str, other: str) -> None:
    by_order = order(one, other)
    version = parse_conda_version(one)
    for operator, admitted in [
        (">=", by_order >= 0), ("<=", by_order <= 0), (">", by_order > 0), ("<", by_order < 0),
        ("==", by_order == 0), ("!=", by_order != 0),
    ]:  # fmt: skip
        assert parse_version_spec(operator + other)(version) == admitted


@needs_rattler
def test_made_up_versions_are_ordered_as_by_rattler() -> None:
    made: list[str] = []

    @given(st.lists(VERSION, min_size=40, max_size=40))
    def make(texts: list[str]) -> None:
        made.extend(texts)

    make()
    rnd = random.Random(8)
    texts = sorted({text for text in made if readable(text)})
    pairs = [rnd.sample(texts, 2) for _ in range(4000)] + [list(pair) for pair in itertools.pairwise(texts)]
    theirs = ask_rattler("compare", pairs=pairs)
    assert [
        (pair, said) for pair, said in zip(pairs, theirs, strict=True) if said not in (None, order(*pair))
    ] == []
    assert sum(said is not None for said in theirs) > 1000


@needs_rattler
@needs_records
def test_real_versions_and_specs_are_judged_as_by_rattler(tmp_path) -> None:
    """Every version and every version spec of the real records."""
    versions: set[str] = set()
    specs: set[str] = set()
    for path in unpack_records(tmp_path).glob("*/repodata.json"):
        data = json.loads(path.read_bytes())
        for key in ("packages", "packages.conda"):
            for record in data.get(key, {}).values():
                versions.add(record["version"])
                for text in (*record["depends"], *record.get("constrains", ())):
                    words = text.split()
                    if len(words) > 1:
                        specs.add(words[1].partition("[")[0])
    listed = sorted(versions)
    rnd = random.Random(1)
    pairs = [rnd.sample(listed, 2) for _ in range(30_000)] + [list(two) for two in itertools.pairwise(listed)]
    theirs = ask_rattler("compare", pairs=pairs)
    assert [(pair, said) for pair, said in zip(pairs, theirs, strict=True) if said != order(*pair)] == []
    cases = []
    for spec in sorted(each for each in specs if each and not re.search("[^=<>!~,|]=[^=]", each)):
        # Those with `=BUILD` behind the version are no version specs: test_conda_specs.py has them.
        near = [text for text in listed if text[:2] == spec.lstrip("><=!~^(")[:2]]
        cases.append([spec, rnd.sample(near, min(25, len(near))) + rnd.sample(listed, 10)])
    wrong = []
    for (spec, asked), said in zip(cases, ask_rattler("admits", cases=cases), strict=True):
        try:
            admits = parse_version_spec(spec)
        except InvalidCondaVersion:
            ours = None
        else:
            ours = [admits(parse_conda_version(text)) for text in asked]
        if ours != said:
            wrong.append((spec, asked, ours, said))
    assert [each[0] for each in wrong] == [], wrong
