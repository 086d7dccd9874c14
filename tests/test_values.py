"""Values of this house mean what the standard library's dataclasses mean."""

from __future__ import annotations

import dataclasses
from types import ModuleType
from typing import ClassVar

import pytest

from hutch import values

KITS = pytest.mark.parametrize("kit", ["hutch", "written", "stdlib"], indirect=True)


@pytest.fixture
def kit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`values`, the same with an ``__init__`` written for each class at the first use, and the measure."""
    if request.param == "written":
        monkeypatch.setattr(values, "WORTH_IT", 1)
    return dataclasses if request.param == "stdlib" else values


def declare(kit):  # type: ignore[no-untyped-def]
    @kit.dataclass(frozen=True, slots=True)
    class Base:
        name: str
        code: ClassVar[str] = "base"

    @kit.dataclass(frozen=True, slots=True, kw_only=True)
    class Point(Base):
        x: int
        y: int = 2
        tags: dict[str, int] = kit.field(default_factory=dict, hash=False)
        note: str = kit.field(default="", compare=False, repr=False)
        late: bytes = kit.field(default=b"", init=False)

    Base("b")
    Point("p", x=1)
    return Base, Point


@KITS
def test_values_are_made_compared_shown_and_hashed_alike(kit) -> None:  # type: ignore[no-untyped-def]
    _, Point = declare(kit)
    one, same, other = Point("p", x=1, note="a"), Point(name="p", x=1, note="b"), Point("p", x=3)
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != ("p", 1)
    assert (one.y, one.tags, one.late, one.code) == (2, {}, b"", "base")
    assert one.tags is not other.tags
    assert repr(other).endswith("Point(name='p', x=3, y=2, tags={}, late=b'')")
    assert [each.name for each in kit.fields(Point)] == ["name", "x", "y", "tags", "note", "late"]


@KITS
def test_values_are_frozen_and_have_slots(kit) -> None:  # type: ignore[no-untyped-def]
    _, Point = declare(kit)
    one = Point("p", x=1)
    for change in (lambda: setattr(one, "x", 2), lambda: delattr(one, "x")):
        with pytest.raises(AttributeError):
            change()
    assert not hasattr(one, "__dict__")
    changed = kit.replace(one, x=5)
    assert (changed.x, changed.name, one.x) == (5, "p", 1)


@KITS
@pytest.mark.parametrize(
    "call",
    [
        lambda Point: Point(),
        lambda Point: Point("p"),
        lambda Point: Point("p", 1),
        lambda Point: Point("p", x=1, z=2),
        lambda Point: Point("p", name="q", x=1),
        lambda Point: Point("p", x=1, late=b"x"),
    ],
)
def test_wrong_arguments_are_type_errors(kit, call) -> None:  # type: ignore[no-untyped-def]
    _, Point = declare(kit)
    with pytest.raises(TypeError):
        call(Point)


@KITS
def test_values_match_by_position(kit) -> None:  # type: ignore[no-untyped-def]
    Base, _ = declare(kit)
    match Base("p"):
        case Base(name):
            assert name == "p"


@KITS
def test_a_value_that_can_be_changed_has_no_hash(kit) -> None:  # type: ignore[no-untyped-def]
    @kit.dataclass(slots=True)
    class Box:
        content: list[int] = kit.field(default_factory=list)

    box = Box()
    box.content = [1]
    assert box == Box([1])
    with pytest.raises(TypeError):
        hash(box)


def test_a_class_of_which_many_are_made_gets_an_init_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "WORTH_IT", 3)
    _, Point = declare(values)
    first = Point.__init__
    assert Point("p", x=1, tags={"a": 1}) == Point("p", x=1, y=2, tags={"a": 1}, note="")
    assert Point.__init__ is not first
    assert Point.__init__.__code__.co_argcount == 2  # itself and the name; the others have words
    assert Point("p", x=1).tags is not Point("p", x=1).tags

    class Later(Point):
        pass

    assert Later("p", x=4).x == 4


def test_what_is_done_after_the_init_is_done_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "WORTH_IT", 1)
    seen = []

    @values.dataclass
    class Seen:
        at: int

        def __post_init__(self) -> None:
            seen.append(self.at)

    Seen(1), Seen(2)
    assert seen == [1, 2]


def test_a_mutable_default_is_refused() -> None:
    with pytest.raises(ValueError, match="default_factory"):

        @values.dataclass
        class Wrong:
            items: list[int] = []
