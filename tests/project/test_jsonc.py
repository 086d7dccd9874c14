"""JSON with comments, edited in place: what is not meant stays, byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.project.jsonc import JsoncFault, parse_jsonc, set_keys

COMMENTED = """{
    // Where everybody's tests are.
    "python.testing.pytestArgs": ["tests"], /* here */
    "editor.rulers": [
        110, // as ruff
    ],
    "url": "https://index.example//x", // no comment in there
}
"""


def test_comments_and_trailing_commas_are_read():
    assert parse_jsonc(COMMENTED) == {
        "python.testing.pytestArgs": ["tests"],
        "editor.rulers": [110],
        "url": "https://index.example//x",
    }


def test_a_new_member_comes_to_the_end_and_looks_like_the_others():
    assert set_keys(COMMENTED, {"a": True}) == COMMENTED.replace(
        "// no comment in there\n", '// no comment in there\n    "a": true,\n'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '{\n    "a": 1\n}\n'),
        ("\n", '{\n    "a": 1\n}\n'),
        ("{}", '{\n    "a": 1\n}'),
        ("{\n}\n", '{\n    "a": 1\n}\n'),
        ("{\n    // nothing yet\n}\n", '{\n    // nothing yet\n    "a": 1\n}\n'),
        ('{"b": 2}', '{"b": 2, "a": 1}'),
        ('{ "b": 2, }', '{ "b": 2, "a": 1, }'),
        ('{\n\t"b": 2\n}\n', '{\n\t"b": 2,\n\t"a": 1\n}\n'),
        ('{\r\n  "b": 2\r\n}\r\n', '{\r\n  "b": 2,\r\n  "a": 1\r\n}\r\n'),
        ('{\n  "b": 2 // two\n}\n', '{\n  "b": 2, // two\n  "a": 1\n}\n'),
        ('{\n  "b": 2 /* two\n  */\n}\n', '{\n  "b": 2,\n  "a": 1 /* two\n  */\n}\n'),
        ('{\n  "a": 0, // here\n  "b": 2\n}', '{\n  "a": 1, // here\n  "b": 2\n}'),
        ('{"a": 0, "a": 5}', '{"a": 0, "a": 1}'),
        ('\ufeff{"b": 2}', '\ufeff{"b": 2, "a": 1}'),
        ('{"a": [\n1,\n2]}', '{"a": 1}'),
        ('// first\n{\n  "b": {"a": 3}\n} // last', '// first\n{\n  "b": {"a": 3},\n  "a": 1\n} // last'),
    ],
)
def test_where_a_member_goes(before, after):
    assert set_keys(before, {"a": 1}) == after
    assert set_keys(after, {"a": 1}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{\n  "a": 1,\n  "b": 2\n}\n', '{\n  "b": 2\n}\n'),
        ('{\n  "b": 2,\n  "a": 1\n}\n', '{\n  "b": 2\n}\n'),
        ('{"a": 1, "a": 2, "b": 3}', '{  "b": 3}'),
        ('{\n  "a": 1, // said of it\n  "b": 2\n}', '{\n   // said of it\n  "b": 2\n}'),
        ("{}", "{}"),
    ],
)
def test_a_member_is_taken_out(before, after):
    assert set_keys(before, {"a": None}) == after


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{", "1:2: a name in double quotes belongs here"),
        ("[1]", "1:1: this is no object"),
        ('{"a" 1}', "1:6: a colon belongs here"),
        ('{"a": 1\n "b": 2}', "2:2: a comma or } belongs here"),
        ("{'a': 1}", "1:2: a name in double quotes belongs here"),
        ('{"a": nope}', "1:7: nope is no value"),
        ('{"a": NaN}', "1:7: NaN is no value"),
        ('{"a": "x\n"}', "1:7: a text does not end"),
        ("{} /* x", "1:4: a comment does not end"),
        ("{} {}", "1:4: there is more behind the end"),
        ('{"a": ' + "[" * 1000, "1:207: this is too deep"),
        ('{"a": "\\x"}', "1:7: no text as JSON has it"),
    ],
)
def test_what_is_no_json_is_refused(text, where):
    with pytest.raises(JsoncFault) as refused:
        set_keys(text, {"b": 1})
    assert str(refused.value) == where


# -- laws ----------------------------------------------------------------------------------------------

gaps = st.lists(
    st.sampled_from(["", " ", "\n", "\r\n", "\t", '// said {"}\n', '/* , " */', "/* a\nb */"]), max_size=3
).map("".join)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6))
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
names = st.sampled_from(["a", "b", "python.x", 'q"', "ü", "//"])


@st.composite
def texts(draw):
    members = []
    for name in draw(st.lists(names, max_size=4)):
        value = json.dumps(draw(values), ensure_ascii=draw(st.booleans()))
        members.append(f"{draw(gaps)}{json.dumps(name)}{draw(gaps)}:{draw(gaps)}{value}{draw(gaps)}")
    end = "," if members and draw(st.booleans()) else ""
    return f"{draw(gaps)}{{{','.join(members)}{end}{draw(gaps)}}}{draw(gaps)}"


def is_within(short: str, long: str) -> bool:
    """Whether ``short`` is ``long`` with some letters left out."""
    rest = iter(long)
    return all(letter in rest for letter in short)


@given(texts(), names, values)
def test_what_is_set_is_there_and_all_else_as_it_was(text, name, value):
    before = parse_jsonc(text)
    after = set_keys(text, {name: value}) if value is not None else text
    if value is not None:
        assert parse_jsonc(after) == {**before, name: value}
        if before and name not in before:
            assert is_within(text, after)
        elif not before:  # the white space of an object that was empty is no more
            assert is_within("".join(text.split()), "".join(after.split()))
        assert set_keys(after, {name: value}) == after


@given(texts(), names)
def test_what_is_taken_out_is_gone_and_all_else_as_it_was(text, name):
    before = parse_jsonc(text)
    after = set_keys(text, {name: None})
    assert parse_jsonc(after) == {each: value for each, value in before.items() if each != name}
    assert is_within(after, text)


@given(st.text(alphabet='{}[],:"\\/*ab1 \n', max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        parse_jsonc(text)
    except JsoncFault as fault:
        assert 1 <= fault.line <= text.count("\n") + 1
