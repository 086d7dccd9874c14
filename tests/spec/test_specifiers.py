"""What specifiers admit, against ``packaging`` as the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier as OracleInvalid
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from hutch.spec import (
    InvalidSpecifier,
    admits,
    admits_key,
    admitted_intervals,
    canonical_version,
    lower_bound,
    matching,
    mentions_prerelease,
    parse_legacy_specifiers,
    parse_specifiers,
    pins_exactly,
    render_specifiers,
    version_key,
)
from spec.strategies import specifiers, versions

CORPUS = [
    "0.dev0", "0", "0.9", "1.dev1", "1a1.dev1", "1a1", "1a1.post1.dev1", "1a1.post1", "1a2", "1rc1", "1",
    "1+a",
    "1+a.1", "1+1", "1.post1.dev1", "1.post1", "1.post1+z", "1.post2", "1.0.1a1", "1.0.1", "1.1.dev0",
    "1.1a1",
    "1.1", "1.1+cpu", "1.1.post1", "1.1.1", "1.2.dev1", "1.2", "2.dev0", "2a1", "2", "2.0.0.post3", "10",
    "1!0.1",
    "1!1", "1!1.1",
]  # fmt: skip
BOUNDS = [
    "1", "1.0", "1.1", "1.1.0", "1a1", "1.0a1.post1", "1.post1", "1.post1.dev1", "1.dev1", "1.1a1", "2",
    "0", "1!1",
    "1.1.post1", "0.9.dev0",
]  # fmt: skip
CLAUSES = [
    *(operator + bound for operator in (">=", "<=", ">", "<", "==", "!=", "===") for bound in BOUNDS),
    *("~=" + bound for bound in BOUNDS if len(Version(bound).release) > 1),
    *(operator + bound + ".*" for operator in ("==", "!=") for bound in ("1", "1.0", "1.1", "1!1", "2.0.0",
    "0")),
    *(operator + bound for operator in ("==", "!=", "===") for bound in ("1+a", "1+1", "1.1+cpu",
    "1.post1+z", "1+b")),
    "===latest", "===1.0-whatever",
]  # fmt: skip


def oracle_mask(text: str, texts: list[str]) -> int:
    wanted = SpecifierSet(text)
    return sum(1 << i for i, version in enumerate(texts) if wanted.contains(version, prereleases=True))


@pytest.mark.parametrize("clause", CLAUSES)
def test_each_clause_admits_what_packaging_admits(clause: str) -> None:
    texts = sorted(CORPUS, key=Version)
    keys = [version_key(text) for text in texts]
    parsed = parse_specifiers(clause)
    expected = oracle_mask(clause, texts)
    assert matching(parsed, keys, texts) == expected
    for i, text in enumerate(texts):
        assert admits(parsed, text) is bool(expected >> i & 1)
        if not clause.startswith("==="):
            assert admits_key(parsed, keys[i]) is bool(expected >> i & 1)


@given(st.lists(specifiers(), max_size=4), st.lists(versions(), max_size=20))
def test_sets_of_clauses_admit_what_packaging_admits(clauses: list[str], texts: list[str]) -> None:
    text = ",".join(clauses)
    texts = sorted({canonical_version(version): version for version in texts}, key=Version)
    keys = [version_key(version) for version in texts]
    parsed = parse_specifiers(text)
    expected = oracle_mask(text, texts)
    assert matching(parsed, keys, texts) == expected
    # Without texts, === means equal keys; nothing else may change.
    if "===" not in text:
        assert matching(parsed, keys) == expected
        assert [admits_key(parsed, key) for key in keys] == [
            bool(expected >> i & 1) for i in range(len(keys))
        ]


@given(st.lists(specifiers(), max_size=4), versions())
def test_rendering_and_parsing_again_changes_nothing(clauses: list[str], version: str) -> None:
    parsed = parse_specifiers(",".join(clauses))
    again = parse_specifiers(render_specifiers(parsed))
    assert again == parsed
    assert admits(again, version) is admits(parsed, version)
    if not any("===" in clause or clause.endswith(".*") for clause in clauses):  # packaging keeps those
        assert set(SpecifierSet(render_specifiers(parsed))) == set(SpecifierSet(",".join(clauses)))


@given(specifiers() | st.text(alphabet="=<>!~ 01.*+adevpost,;()'", max_size=10))
def test_a_clause_is_valid_when_packaging_says_so(text: str) -> None:
    try:
        expected = SpecifierSet(text)
    except OracleInvalid:
        with pytest.raises(InvalidSpecifier):
            parse_specifiers(text)
    else:
        if "===" in text and any(spec.version == "" for spec in expected):
            return  # packaging reads `===` without a version; we call it a mistake
        parse_specifiers(text)


@given(st.lists(specifiers(), max_size=3))
def test_asking_for_prereleases_is_what_packaging_takes_for_it(clauses: list[str]) -> None:
    text = ",".join(clauses)
    assert mentions_prerelease(parse_specifiers(text)) is bool(SpecifierSet(text).prereleases)


def test_equal_sets_are_equal_tuples_whatever_their_order_and_spelling() -> None:
    assert parse_specifiers("<2, >=1.0-alpha,!=1.5,!=1.5") == parse_specifiers("!=1.5,>=v1.0a0,<2")
    assert render_specifiers(parse_specifiers("!=1.5,<2,>=1")) == ">=1,<2,!=1.5"
    assert parse_specifiers("") == () == parse_specifiers(" , ")


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("==1.0", "1.0"),
        ("===1.0-x", "1.0-x"),
        ("==1.*", None),
        (">=1,==1.2", "1.2"),
        ("~=1.2", None),
        ("", None),
    ],
)
def test_a_pin_is_found(text: str, pin: str | None) -> None:
    assert pins_exactly(parse_specifiers(text)) == pin


@pytest.mark.parametrize(
    ("version", "bound"), [("2.3.1", ">=2.3.1"), ("2.3+cpu", ">=2.3"), ("1.0-rc.1", ">=1.0rc1")]
)
def test_the_lower_bound_for_a_chosen_version(version: str, bound: str) -> None:
    assert render_specifiers(lower_bound(version)) == bound
    assert admits(lower_bound(version), version)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (">=1.0.*", ">=1.0"),
        ("!=3.0*", "!=3.0.*"),
        (">=2.7,!=3.0.*,!=3.1.*,<4.*", ">=2.7,<4,!=3.0.*,!=3.1.*"),
        (">=2.7 !=3.0.*", ">=2.7,!=3.0.*"),
        (">=3.6 <4", ">=3.6,<4"),
        (">=3.6,", ">=3.6"),
        (">=3.6,,<4", ">=3.6,<4"),
        ("=>3.6", ">=3.6"),
        ("'>=3.6'", ">=3.6"),
        ('"3.6"', "==3.6"),
        ("(>=3.6)", ">=3.6"),
        (">=3.6.", ">=3.6"),
        (">dev", ">=0"),
        ("~=3.7.*", "~=3.7"),
        ("~=3.*", "==3.*"),
        ("~=3", "==3.*"),
        ("3.7.*", "==3.7.*"),
        (">=3.5,<3.9,", ">=3.5,<3.9"),
        (">= 2.7.9, !=3.0, !=3.1, !=3.2,", ">=2.7.9,!=3.0,!=3.1,!=3.2"),
    ],
)
def test_known_faults_of_old_metadata_are_repaired(written: str, read: str) -> None:
    specifiers_, repair = parse_legacy_specifiers(written)
    assert render_specifiers(specifiers_) == read
    try:
        SpecifierSet(written)
        assert repair is None
    except OracleInvalid:
        assert repair is not None
        assert read in repair


@pytest.mark.parametrize("text", ["senseless", ">=python3", "> 3 or < 2", ">=", "~"])
def test_what_makes_no_sense_is_refused_with_the_text_as_it_was_written(text: str) -> None:
    with pytest.raises(InvalidSpecifier) as caught:
        parse_legacy_specifiers(text)
    assert caught.value.text in text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.0", "not with an operator"),
        (">=1.*", "can follow only `==` and `!=`"),
        (">=1+x", "local label"),
        ("~=1", "two fields"),
        ("==1a1.*", "only a plain release"),
        ("==", "not a version"),
        ("<>1", "not a version"),
    ],
)
def test_a_refusal_says_why(text: str, reason: str) -> None:
    with pytest.raises(InvalidSpecifier, match="not a valid version specifier") as caught:
        parse_specifiers(text)
    assert reason in caught.value.reason


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_never_worse(text: str) -> None:
    try:
        parse_legacy_specifiers(text)
    except InvalidSpecifier:
        pass


@given(st.lists(specifiers(), max_size=4), st.lists(versions(), max_size=8))
def test_intervals_hold_what_a_set_admits(clauses: list[str], texts: list[str]) -> None:
    found = parse_specifiers(",".join(clauses))
    intervals = admitted_intervals(found)
    for text in texts:
        key = version_key(text)
        inside = [(low is None or key >= low) and (high is None or key < high) for low, high in intervals]
        assert sum(inside) == (1 if admits_key(found, key) else 0)
