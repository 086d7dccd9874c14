"""Our named tuples are what ``typing.NamedTuple`` makes."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch import rows
from hutch.rows import row_type
from hutch.store.directory import Member
from hutch.store.manifest import ManifestFile, Script
from hutch.store.tar import TarMember

SOURCE = str(Path(rows.__file__).parents[1])


class Oracle(NamedTuple):
    """What it should be."""

    name: Any
    target: Any
    cls: Any


Ours = row_type(__name__, "Ours", "name", "target", "cls")
FIELDS = ("name", "target", "cls")
VALUES = st.one_of(st.integers(-2, 2), st.text(max_size=3), st.none())
ARGUMENTS = st.tuples(
    st.lists(VALUES, max_size=4).map(tuple),
    st.dictionaries(st.sampled_from((*FIELDS, "self", "other")), VALUES, max_size=4),
)


def outcome(act: Callable[[], Any]) -> Any:
    """What it gives; of an error the kind."""
    try:
        return act()
    except Exception as error:
        return type(error)


@given(ARGUMENTS)
def test_it_is_made_by_place_and_by_name_and_by_nothing_else(arguments: Any) -> None:
    positional, named = arguments
    expected = outcome(lambda: Oracle(*positional, **named))
    found = outcome(lambda: Ours(*positional, **named))
    if isinstance(expected, Oracle):
        assert type(found) is Ours
        assert tuple(found) == tuple(expected)
        assert [getattr(found, field) for field in FIELDS] == [*expected]
    else:
        assert found is expected is TypeError


@pytest.mark.parametrize(
    ("positional", "named"),
    [
        ((), {}),
        (("a", "b"), {}),
        (("a", "b", "c", "d"), {}),
        (("a", "b"), {"name": "a"}),
        (("a", "b"), {"cols": "c"}),
        ((), {"name": "a", "target": "b"}),
        ((), {"name": "a", "target": "b", "cls": "c", "more": "d"}),
        (("a", "b", "c"), {"cls": "c"}),
    ],
    ids=str,
)
def test_what_does_not_fit_is_a_type_error_that_names_the_fields(positional: Any, named: Any) -> None:
    """``read_manifest`` takes that for a manifest which is not whole; a KeyError would be a crash."""
    with pytest.raises(TypeError, match="Ours takes name, target, cls"):
        Ours(*positional, **named)


ROWS = st.tuples(VALUES, VALUES, VALUES)


@given(ROWS)
def test_it_looks_as_it_should(values: Any) -> None:
    assert repr(Ours(*values)) == repr(Oracle(*values)).replace("Oracle", "Ours", 1)
    assert str(Ours(*values)) == repr(Ours(*values))


@given(ROWS, ROWS)
def test_it_is_its_tuple(one: Any, two: Any) -> None:
    """Equal, ordered, hashed, taken apart and put together as one."""
    ours, other = Ours(*one), Ours(*two)
    assert isinstance(ours, tuple)
    assert ours == one == Oracle(*one)
    assert hash(ours) == hash(one)
    assert (ours == other) is (one == two)
    assert outcome(lambda: ours < other) == outcome(lambda: one < two)
    assert outcome(lambda: ours >= other) == outcome(lambda: one >= two)
    assert [*ours] == [*one]
    assert ours[1:] == one[1:]
    assert len(ours) == 3
    assert type(ours + other) is tuple


@given(ROWS, st.dictionaries(st.sampled_from((*FIELDS, "self", "other")), VALUES, max_size=3))
def test_a_changed_one_is_another_one(values: Any, named: Any) -> None:
    ours = Ours(*values)
    expected = outcome(lambda: Oracle(*values)._replace(**named))
    found = outcome(lambda: ours._replace(**named))
    if isinstance(expected, Oracle):
        assert type(found) is Ours
        assert found == expected
    else:  # the standard library says ValueError up to 3.12, and TypeError after that
        assert (expected, found) in ((ValueError, TypeError), (TypeError, TypeError))
    assert ours == values


@given(ROWS)
def test_it_is_made_of_anything_that_can_be_gone_through(values: Any) -> None:
    for given_ in (values, [*values], iter(values), Ours(*values)):
        made = Ours._make(given_)
        assert type(made) is Ours
        assert made == Oracle._make(values)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "row",
    [
        Ours("a", ("b",), None),
        Script("run", "a:main", ""),
        ManifestFile("a.py", 3, 5, 0o644, "h"),
        TarMember._make(("a", "0", 0o644, 3, 5, "")),
        Member._make(("a", b"a", 0, 8, 1, 2, 3, 0o644, 0, 0, 0)),
    ],
    ids=lambda row: type(row).__name__,
)
def test_a_copy_is_the_same(row: Any, protocol: int) -> None:
    for other in (pickle.loads(pickle.dumps(row, protocol)), copy.copy(row), copy.deepcopy(row)):
        assert type(other) is type(row)
        assert other == row


def test_new_arguments_are_its_values() -> None:
    assert Ours(1, 2, 3).__getnewargs__() == Oracle(1, 2, 3).__getnewargs__() == (1, 2, 3)


def test_nothing_is_written_to_it() -> None:
    row = Ours(1, 2, 3)
    for name in (*FIELDS, "more"):
        with pytest.raises(AttributeError):
            setattr(row, name, 4)
    assert not hasattr(row, "__dict__")
    assert row == (1, 2, 3)


def test_it_knows_its_names() -> None:
    assert Ours._fields == Oracle._fields == FIELDS
    assert (Ours.__name__, Ours.__qualname__, Ours.__module__) == ("Ours", "Ours", __name__)
    assert ManifestFile.__module__ == "hutch.store.manifest"


def test_where_the_interpreter_has_no_getters_in_c_it_is_the_same() -> None:
    """In a process of its own, in which ``_collections`` has nothing to offer."""
    script = """
import sys
sys.modules["_collections"] = None
from hutch.rows import row_type
Ours = row_type("here", "Ours", "name", "target")
row = Ours("a", target="b")
print(row, row.name, row.target, row._replace(name="c"))
print("collections" in sys.modules, "typing" in sys.modules, "re" in sys.modules)
"""
    words = [sys.executable, "-S", "-c", f"import sys\nsys.path.insert(0, {SOURCE!r})\n{script}"]
    ran = subprocess.run(words, capture_output=True, text=True)
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "Ours(name='a', target='b') a b Ours(name='c', target='b')",
        "False False False",
    ]
