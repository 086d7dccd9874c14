"""Requirements against ``packaging`` as the oracle."""

from __future__ import annotations

import marshal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement as OracleInvalid
from packaging.requirements import Requirement as Oracle
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from hutch.spec import (
    InvalidRequirement,
    parse_marker,
    parse_requirement,
    parse_specifiers,
    render_specifiers,
    requirement_from_tuple,
    requirement_to_tuple,
)
from spec.strategies import specifiers

GOOD = [
    "requests",
    "Foo_Bar.baz",
    "requests>=2,<3",
    "requests >= 2 , < 3",
    "requests (>=2,<3)",
    "requests(>=2)",
    "requests[security,Socks]>=2",
    "requests [ security , socks ] >= 2",
    "requests[]",
    "requests ; python_version < '3.9'",
    "requests>=2;python_version<'3.9' and (os_name=='nt' or extra == 'A_b')",
    "requests[a]==1.*; 'linux' in sys_platform",
    "pip @ https://index.example/pip-1.0.zip",
    "pip@https://index.example/pip-1.0.zip",
    "pip[x] @ https://index.example/pip-1.0.zip#sha256=ab;c ; os_name == 'nt'",
    "pip @ file:///srv/pip ",
    "A",
    "a===1.0-whatever",
    "a ~= 1.2, != 1.2.3",
    "a>=1,",
]
BAD = [
    "",
    "-a",
    "a-",
    "a b",
    "a>=",
    "a>=1 b",
    "a>=1;",
    "a[b",
    "a[b c]",
    "a[-b]",
    "a[,b]",
    "a @",
    "a @ https://index.example/a.zip os_name == 'nt'",
    "a; os_name",
    "a (>=1",
    "a == 1.0.* .1",
    "a>=1.*",
    "https://index.example/a.zip",
    "./a",
    "a=1",
    "a 1.0",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_requirement_is_read_as_packaging_reads_it(text: str) -> None:
    expected = Oracle(text)
    found = parse_requirement(text)
    assert found.name == canonicalize_name(expected.name)
    assert found.extras == tuple(sorted({canonicalize_name(extra) for extra in expected.extras}))
    assert found.specifiers == parse_specifiers(str(expected.specifier))
    assert found.url == expected.url
    assert found.marker == (parse_marker(str(expected.marker)) if expected.marker else None)


@pytest.mark.parametrize("text", GOOD)
def test_rendering_is_a_requirement_with_the_same_meaning(text: str) -> None:
    found = parse_requirement(text)
    assert parse_requirement(found.render()) == found
    Oracle(found.render())
    assert requirement_from_tuple(marshal.loads(marshal.dumps(requirement_to_tuple(found)))) == found


@pytest.mark.parametrize("text", BAD)
def test_what_packaging_refuses_is_refused(text: str) -> None:
    with pytest.raises(OracleInvalid):
        Oracle(text)
    with pytest.raises(InvalidRequirement) as caught:
        parse_requirement(text)
    assert caught.value.why
    assert caught.value.code == "invalid-requirement"


@given(st.lists(specifiers().filter(lambda text: not text.startswith("===")), max_size=3), st.booleans())
def test_any_constraint_is_read_as_packaging_reads_it(clauses: list[str], brackets: bool) -> None:
    constraint = ",".join(clauses)
    text = f"a({constraint})" if brackets and constraint else f"a{constraint}"
    found = render_specifiers(parse_requirement(text).specifiers)
    expected = render_specifiers(parse_specifiers(str(Oracle(text).specifier)))
    assert set(SpecifierSet(found)) == set(SpecifierSet(expected))


@given(st.text(alphabet="ab-[],>=<1.0;@ '()!~osname", max_size=16))
def test_any_text_is_refused_or_read_as_packaging_does(text: str) -> None:
    try:
        expected = Oracle(text)
    except OracleInvalid:
        try:
            parse_requirement(text)
        except InvalidRequirement:
            return
        pytest.fail("accepted what packaging refuses")
    if "===" in text:
        return  # packaging reads one without a version
    found = parse_requirement(text)
    assert found.name == canonicalize_name(expected.name)
    assert found.url == expected.url


def test_a_url_without_a_name_gets_a_hint() -> None:
    with pytest.raises(InvalidRequirement) as caught:
        parse_requirement("https://index.example/a-1.0.tar.gz")
    assert any("name @ URL" in hint for hint in caught.value.hints)


def test_the_normal_text() -> None:
    text = "Foo_Bar[B,a] (<2,>=1.0) ; extra == 'X_y' and (python_version<'3' or os.name == \"nt\")"
    assert parse_requirement(text).render() == (
        "foo-bar[a,b]>=1.0,<2; extra == 'x-y' and (python_version < '3' or os_name == 'nt')"
    )
    url = "a @ https://index.example/a.zip ; os_name=='nt'"
    assert parse_requirement(url).render() == "a @ https://index.example/a.zip ; os_name == 'nt'"
