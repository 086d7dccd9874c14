"""The house keeps its own rules: floors, doors, problems."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import types
from pathlib import Path

import pytest

import hutch
from hutch.errors import Problem

SOURCE = Path(hutch.__file__).parent
ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))


def layers(pyproject) -> list[str]:
    contract = pyproject["tool"]["importlinter"]["contracts"][0]
    assert contract["exhaustive"] is True
    return [name.strip() for line in contract["layers"] for name in re.split("[|:]", line)]


def test_every_room_has_its_floor(pyproject):
    there = {path.stem for path in SOURCE.glob("*.py")} - {"__init__"}
    assert sorted(layers(pyproject)) == sorted({*there, *ROOMS})


def test_there_is_no_drawer_for_odds_and_ends():
    odd = {"utils", "util", "helpers", "common", "misc", "core", "base", "manager"}
    assert [path for path in SOURCE.rglob("*.py") if path.stem in odd or path.parent.name in odd] == []


def bound_in(tree: ast.Module) -> set[str]:
    """The names that a door binds at its top level, ``if TYPE_CHECKING`` and ``try`` included."""
    found: set[str] = set()
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        statement = todo.pop()
        match statement:
            case ast.ImportFrom(module="__future__" | "typing" | "collections.abc"):
                pass
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                found.update(alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.If(body=body, orelse=other):
                todo += [*body, *other]
    return {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_gives_what_it_says(room):
    """``__all__`` is the truth: each name can be had, no other public name is bound, in both kinds of door.

    A lazy door imports under ``TYPE_CHECKING`` for type checkers and by ``__getattr__`` for real;
    the names of both have to be the same.
    """
    path = SOURCE / room / "__init__.py"
    door = importlib.import_module(f"hutch.{room}")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a door says what the room is for"
    assert len(door.__all__) == len(set(door.__all__))
    assert [name for name in door.__all__ if not hasattr(door, name)] == []
    modules = {module.stem for module in path.parent.iterdir()}
    aside = {name for name in bound_in(tree) if isinstance(getattr(door, name, None), types.ModuleType)}
    assert bound_in(tree) - aside - modules - {"TYPE_CHECKING", "lazy_door"} <= set(door.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_a_lazy_door_has_no_name_that_is_not_there(room):
    door = importlib.import_module(f"hutch.{room}")
    with pytest.raises(AttributeError, match="no_such_thing"):
        door.no_such_thing  # noqa: B018


def reference() -> types.ModuleType:
    """The script that writes the page of problem codes: it knows how to find them all."""
    path = SOURCE.parents[1] / "docs/reference/write_problem_codes.py"
    spec = importlib.util.spec_from_file_location("write_problem_codes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_problem_codes_is_up_to_date():
    """`python3 dev.py reference` writes it."""
    script = reference()
    assert script.PAGE.read_text(encoding="utf-8") == script.render()


def test_every_problem_has_a_code_of_its_own():
    codes: dict[str, type[Problem]] = {}
    for kind in reference().problems():
        assert "code" in vars(kind), f"{kind.__qualname__} has no code of its own"
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", kind.code), kind
        assert kind.code not in codes, f"{kind.__qualname__} and {codes[kind.code].__qualname__}"
        codes[kind.code] = kind


def test_every_problem_has_a_known_exit_code():
    assert {kind.exit_code for kind in reference().problems()} <= {1, 2, 3}


def test_every_module_says_what_it_is():
    silent = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []
