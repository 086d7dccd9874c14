"""Markers against ``packaging`` as the oracle."""

from __future__ import annotations

import marshal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import InvalidMarker as OracleInvalid
from packaging.markers import Marker as Oracle
from packaging.markers import UndefinedComparison

from hutch.spec import NEVER, InvalidMarker, and_, evaluate, mentions_extra, or_, parse_marker, render_marker

LINUX = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.1",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "5.15.0-91-generic",
    "platform_system": "Linux",
    "platform_version": "#101-Ubuntu SMP",
    "python_full_version": "3.12.1",
    "python_version": "3.12",
    "sys_platform": "linux",
}
WINDOWS = LINUX | {
    "implementation_name": "pypy",
    "implementation_version": "7.3.17",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "PyPy",
    "platform_release": "10",
    "platform_system": "Windows",
    "platform_version": "10.0.19045",
    "python_full_version": "3.9.18",
    "python_version": "3.9",
    "sys_platform": "win32",
}
FROM_A_CHECKOUT = LINUX | {"python_full_version": "3.13.0+", "python_version": "3.13"}
ENVIRONMENTS = [LINUX, WINDOWS, FROM_A_CHECKOUT]
EXTRAS = ["", "test", "foo-bar"]

VALUES = st.sampled_from(
    [
        "3.9", "3.12", "3.12.1", "3.8", "3.10", "3.*", "3.12.*", "3", "3.13.0a1", "4", "0", "linux",
        "win32", "nt",
        "posix", "cpython", "CPython", "PyPy", "x86_64", "AMD64", "5.15", "10", "", "lin", "3.8 3.9 3.12",
        "7.3",
    ]
)  # fmt: skip
VARIABLES = st.sampled_from([*LINUX, "os.name", "sys.platform", "platform.machine", "python_implementation"])
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in", "~=", "==="])


@st.composite
def atoms(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 5)) == 0:
        sides = ["extra", f"'{draw(st.sampled_from(['test', 'Foo_Bar', 'other', '']))}'"]
        operator = draw(st.sampled_from(["==", "!="]))
    else:
        quote = draw(st.sampled_from("'\""))
        sides = [draw(VARIABLES), f"{quote}{draw(VALUES)}{quote}"]
        operator = draw(OPERATORS)
    if draw(st.integers(0, 4)) == 0:
        sides.reverse()
    space = draw(st.sampled_from([" ", "  "])) if operator[-1] == "n" else draw(st.sampled_from(["", " "]))
    return f"{sides[0]}{space}{operator}{space}{sides[1]}"


MARKERS = st.recursive(
    atoms(),
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
    ),
    max_leaves=6,
)


def oracle(text: str, environment: dict[str, str], extra: str) -> bool | None:
    try:
        return Oracle(text).evaluate(environment | {"extra": extra})
    except UndefinedComparison:
        return None  # we say false where packaging raises


@given(MARKERS)
def test_evaluation_agrees_with_packaging(text: str) -> None:
    marker = parse_marker(text)
    for environment in ENVIRONMENTS:
        for extra in EXTRAS:
            expected = oracle(text, environment, extra)
            if expected is not None:
                extras = frozenset({extra}) if extra else frozenset()
                assert evaluate(marker, environment, extras) is expected


@given(MARKERS)
def test_rendering_and_parsing_again_is_the_same_marker(text: str) -> None:
    marker = parse_marker(text)
    rendered = render_marker(marker)
    assert parse_marker(rendered) == marker
    assert marshal.loads(marshal.dumps(marker)) == marker
    for environment in ENVIRONMENTS:
        expected = oracle(text, environment, "test")
        if expected is not None:
            assert oracle(rendered, environment, "test") is expected


@given(MARKERS, MARKERS)
def test_joining_is_boolean(one: str, other: str) -> None:
    left, right = parse_marker(one), parse_marker(other)
    both, either = and_(left, right), or_(left, right)
    assert both is not None
    assert either is not None
    for environment in ENVIRONMENTS:
        in_left, in_right = evaluate(left, environment), evaluate(right, environment)
        assert evaluate(both, environment) is (in_left and in_right)
        assert evaluate(either, environment) is (in_left or in_right)


def test_joining_with_always_and_never() -> None:
    marker = parse_marker("os_name == 'nt'")
    assert and_() is None
    assert and_(None, marker) == marker
    assert and_(NEVER, marker) == NEVER
    assert or_() == NEVER
    assert or_(None, marker) is None
    assert or_(NEVER, marker) == marker
    assert or_(marker, marker) == marker
    assert not evaluate(NEVER, LINUX)
    assert not Oracle(render_marker(NEVER)).evaluate()


@given(st.text(alphabet="osname'\"=<>() andri3.", max_size=14) | MARKERS.map(lambda text: text[:-1]))
def test_what_packaging_refuses_is_refused(text: str) -> None:
    try:
        parse_marker(text)
        accepted = True
    except InvalidMarker:
        accepted = False
    try:
        Oracle(text)
        expected = True
    except OracleInvalid:
        expected = False
    if accepted and not expected:
        # A bracket needs no space around `and` here; that is all we are more generous in.
        assert any(c in text for c in "()'\"")
    if expected and not accepted:
        # packaging lets two variables or two values be compared, with a meaning that nobody means.
        with pytest.raises(InvalidMarker) as caught:
            parse_marker(text)
        assert "compares two" in caught.value.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "too early"),
        ("os_name", "one of <="),
        ("os_name ==", "too early"),
        ("os_name == nt", "not a marker variable"),
        ("os_name == 'nt", "is not closed"),
        ("(os_name == 'nt'", "`(` is not closed"),
        ("os_name == 'nt')", "`)` is not expected"),
        ("os_name == 'nt' os_name == 'x'", "`os_name` is not expected"),
        ("os_name == sys_platform", "two variables"),
        ("'a' == 'b'", "two values"),
        ("python == '3'", "`python` is not a marker variable"),
        ("os_name = 'nt'", "`=` is not expected"),
        ("extras == 'x'", "is a set"),
        ("'x' == extras", "is a set"),
        ("os_name == 'a\\x'", "not a valid string"),
    ],
)
def test_a_refusal_says_why(text: str, reason: str) -> None:
    with pytest.raises(InvalidMarker) as caught:
        parse_marker(text)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("text", "extras", "groups", "holds"),
    [
        ("'Foo.Bar' in extras", {"foo-bar"}, set(), True),
        ("'foo' in extras", set(), {"foo"}, False),
        ("'foo' not in extras", set(), set(), True),
        ("'dev' in dependency_groups", set(), {"dev", "test"}, True),
        ("'dev' in dependency_groups and 'x' not in extras", {"x"}, {"dev"}, False),
        ("extra == 'a' and extra == 'b'", {"a", "b"}, set(), True),
        ("extra != 'a'", {"a", "b"}, set(), False),
        ("extra == 'A_b'", {"a-b"}, set(), True),
    ],
)
def test_extras_and_groups_are_sets(text: str, extras: set[str], groups: set[str], holds: bool) -> None:
    marker = parse_marker(text)
    assert evaluate(marker, LINUX, extras, groups) is holds
    if "extra " not in text:
        environment = LINUX | {"extras": extras, "dependency_groups": groups}
        assert Oracle(text).evaluate(environment, context="lock_file") is holds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("extra == 'x'", True),
        ("os_name == 'nt' and ('x' == extra or os_name == 'posix')", True),
        ("'x' in extras", True),
        ("os_name == 'extra'", False),
    ],
)
def test_asking_for_an_extra_is_noticed(text: str, asks: bool) -> None:
    assert mentions_extra(parse_marker(text)) is asks


@pytest.mark.parametrize(
    ("written", "rendered"),
    [
        ("os_name=='nt' and(sys_platform=='a' or sys_platform=='b')", None),
        ("(extra=='a' and extra=='b') or extra=='c'", "extra == 'a' and extra == 'b' or extra == 'c'"),
        ('os.name == "nt"', "os_name == 'nt'"),
        ("((os_name == 'nt'))", "os_name == 'nt'"),
        ("os_name == \"it's\"", "os_name == \"it's\""),
        ("'3.8' < python_version", "'3.8' < python_version"),
    ],
)  # fmt: skip
def test_rendering_uses_only_the_brackets_it_needs(written: str, rendered: str | None) -> None:
    expected = rendered or "os_name == 'nt' and (sys_platform == 'a' or sys_platform == 'b')"
    assert render_marker(parse_marker(written)) == expected


def test_deep_nesting_is_refused_not_a_crash() -> None:
    with pytest.raises(InvalidMarker):
        parse_marker("(" * 5000 + "os_name == 'nt'" + ")" * 5000)
