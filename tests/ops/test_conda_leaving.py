"""What goes with a package, beside the rule said in other words, on small worlds made up at random."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hutch.env import PrefixPackage
from hutch.ops.conda_leaving import leaving
from hutch.spec import CondaRecord

NAMES = "abcdefgh"


@st.composite
def worlds(draw):
    """Packages that may need those of later letters, and sometimes an earlier one: a ring."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    found = []
    for at, name in enumerate(names):
        later = draw(st.sets(st.sampled_from(names[at + 1 :]), max_size=3)) if names[at + 1 :] else set()
        back = draw(st.sets(st.sampled_from(names), max_size=1)) if draw(st.integers(0, 7)) == 0 else set()
        depends = (*(f"{each} >=1" for each in sorted(later | back - {name})), "__glibc >=2")
        asked = (name,) if draw(st.booleans()) else ()
        record = CondaRecord(name=name, version="1", build="0", depends=depends)
        found.append(PrefixPackage(record=record, where=f"{name}.json", requested=asked))
    gone = draw(st.sets(st.sampled_from(names), min_size=1, max_size=2))
    return tuple(found), frozenset(gone)


@given(worlds())
def test_what_goes(world):
    packages, named = world
    needs = {one.record.name: {each[0] for each in one.record.depends if each[0] != "_"} for one in packages}
    asked = {one.record.name for one in packages if one.requested}
    gone = leaving(packages, named)
    stays = needs.keys() - gone
    assert named <= gone <= needs.keys()
    # Nothing that stays is without what it needs.
    assert all(needs[name] <= stays for name in stays)
    for name in gone - named:
        if needs[name] & gone and _leads(needs, name, named):
            continue  # it needs what goes
        # It was there for the sake of what goes: nobody asked, and nobody who stays needs it.
        assert name not in asked
        assert not any(name in needs[other] for other in stays)
        assert any(_leads(needs, other, {name}) for other in gone if other != name)
    # What the user asked for, and what needs nothing that goes, is not taken.
    for name in asked - named:
        assert (name in gone) == _leads(needs, name, named)


def _leads(needs, start, goals):
    seen, waiting = set(), list(needs[start])
    while waiting:
        name = waiting.pop()
        if name in goals:
            return True
        if name not in seen:
            seen.add(name)
            waiting += needs.get(name, ())
    return False
