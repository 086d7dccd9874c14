"""Generations: what the history says, and going back to one of them."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from env.support import sync, tree
from hutch.env import (
    CannotRestore,
    Environment,
    NoGeneration,
    Occasion,
    Wanted,
    apply_plan,
    plan_rollback,
    read_history,
    verify_environment,
    wheels_in_use,
)

Make = Callable[..., Wanted]


def back(environment: Environment, number: int | None = None, find: Any = lambda sha256: None) -> Any:
    """Roll back, with nothing but what the environment has kept."""
    way = plan_rollback(environment, number, find)
    apply_plan(
        way.plan, environment, occasion=Occasion(restores=way.target.number, pinned=True, command="back")
    )
    return way


def sound(found: dict[str, str]) -> dict[str, str]:
    return {path: what for path, what in found.items() if "__pycache__" not in path}


@pytest.fixture
def sets(wheel: Make) -> list[list[Wanted]]:
    """Three sets, with everything that can be between two of them."""
    shared = [
        wheel("space-a", "1.0", files={"space/a/__init__.py": "", "space/shared.txt": "same"}),
        wheel("space-b", "1.0", files={"space/b/__init__.py": "", "space/shared.txt": "same"}),
    ]
    old = wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "v = 1\n", "alpha/gone.py": "", "alpha_one.py": "", "a,b/c d.py": ""},
        console_scripts={"alpha": "alpha:main"},
        data={"data/share/alpha/x.txt": "x", "scripts/alpha-run": "#!python\nprint(1)\n"},
        requested=True,
    )
    new = wheel(
        "alpha",
        "2.0",
        files={"alpha/__init__.py": "v = 2\n", "alpha/more/x.py": ""},
        console_scripts={"alpha": "alpha:main"},
    )
    other = wheel("beta", "1", direct_url={"url": "file:///somewhere", "dir_info": {}})
    return [[old, *shared], [new, shared[0]], [new, shared[1], other]]


def test_every_generation_can_be_had_again_to_the_byte(
    environment: Environment, sets: list[list[Wanted]]
) -> None:
    trees = []
    for wanted in sets:
        sync(environment, *wanted)
        trees.append(tree(environment.root))
    for number in (1, 3, 2, 1, 2, 3):
        back(environment, number)
        assert tree(environment.root) == trees[number - 1], number
        assert verify_environment(environment, deep=True).findings == ()
    assert [record.restores for record in read_history(environment.root)] == [None] * 3 + [1, 3, 2, 1, 2, 3]


def test_what_is_known_of_the_packages_comes_back_too(
    environment: Environment, sets: list[list[Wanted]]
) -> None:
    sync(environment, *sets[2])
    before = environment.installed()
    sync(environment, *sets[0])
    requested = environment.installed()["alpha"].requested
    back(environment)
    assert environment.installed() == before
    assert requested
    assert not environment.installed()["alpha"].requested


def test_going_back_twice_goes_further_back(environment: Environment, sets: list[list[Wanted]]) -> None:
    trees = []
    for wanted in sets:
        sync(environment, *wanted)
        trees.append(tree(environment.root))
    assert back(environment).target.number == 2
    assert tree(environment.root) == trees[1]
    assert back(environment).target.number == 1
    assert tree(environment.root) == trees[0]
    with pytest.raises(NoGeneration):
        back(environment)
    assert back(environment, 3).target.number == 3
    assert tree(environment.root) == trees[2]


def test_there_is_nothing_before_the_first(environment: Environment, wheel: Make) -> None:
    for known in ((), (1,)):
        with pytest.raises(NoGeneration) as problem:
            back(environment)
        assert problem.value.known == known
        sync(environment, wheel("alpha", "1"))
    with pytest.raises(NoGeneration):
        back(environment, 7)


def test_what_another_tool_did_is_a_generation_too(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1"))
    info = environment.site_packages / "ipdb-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: ipdb\nVersion: 3\n")
    (info / "INSTALLER").write_text("pip\n")
    (environment.site_packages / "ipdb.py").write_text("import pdb\n")
    (info / "RECORD").write_text(
        "ipdb.py,,11\nipdb-3.dist-info/METADATA,,\nipdb-3.dist-info/INSTALLER,,\nipdb-3.dist-info/RECORD,,\n"
    )
    before = tree(environment.root)
    sync(environment, wheel("beta", "1"))  # takes away what is not wanted: alpha and ipdb
    history = read_history(environment.root)
    assert [(record.number, record.foreign) for record in history] == [(1, False), (2, True), (3, False)]
    assert history[1].steps == (("+", "ipdb", "3"),)
    back(environment)
    assert tree(environment.root) == before


def test_going_back_says_what_another_tool_did_since(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1"))
    sync(environment, wheel("alpha", "2"))
    info = environment.site_packages / "ipdb-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: ipdb\nVersion: 3\n")
    (info / "RECORD").write_text("ipdb-3.dist-info/METADATA,,\nipdb-3.dist-info/RECORD,,\n")
    before = tree(environment.root)
    way = back(environment, 1)
    assert way.foreign == (("+", "ipdb", "3"),)
    assert list(environment.installed()) == ["alpha"]
    assert [record.number for record in read_history(environment.root)] == [1, 2, 3, 4]
    back(environment, 3)  # and that is how it comes back
    assert tree(environment.root) == before


def test_what_another_tool_removed_comes_from_the_store_or_is_missed(
    environment: Environment, wheel: Make
) -> None:
    import shutil

    alpha = wheel("alpha", "1", requested=True)
    sync(environment, alpha)
    before = tree(environment.root)
    shutil.rmtree(environment.site_packages / "alpha-1.dist-info")
    shutil.rmtree(environment.site_packages / "alpha")
    sync(environment, wheel("beta", "1"), keep=["alpha"])
    with pytest.raises(CannotRestore) as problem:
        back(environment, 1)
    assert problem.value.lost == ("alpha 1",)
    assert alpha.wheel is not None
    back(environment, 1, find={alpha.wheel.sha256: alpha.wheel}.get)
    assert tree(environment.root) == before


def test_so_many_are_kept_and_no_more(environment: Environment, wheel: Make) -> None:
    for number in range(1, 8):
        apply_plan(
            _plan(environment, wheel("alpha", str(number))), environment, occasion=Occasion(generations=3)
        )
    assert [record.number for record in read_history(environment.root)] == [4, 5, 6, 7]
    kept = [name for name in os.listdir(environment.path / ".hutch") if name.startswith("kept-")]
    assert sorted(int(name.split("-")[1]) for name in kept) == [5, 6, 7]
    assert back(environment, 4).target.number == 4
    assert environment.installed()["alpha"].version == "4"


def test_with_none_nothing_is_kept(environment: Environment, wheel: Make) -> None:
    for number in range(1, 4):
        apply_plan(
            _plan(environment, wheel("alpha", str(number))), environment, occasion=Occasion(generations=0)
        )
    assert sorted(os.listdir(environment.path / ".hutch")) == [
        name for name in sorted(os.listdir(environment.path / ".hutch")) if not name.startswith("kept-")
    ]
    with pytest.raises(NoGeneration):
        back(environment)


def _plan(environment: Environment, *wanted: Wanted) -> Any:
    from hutch.env import plan_changes

    return plan_changes(environment.installed(), wanted)


def test_the_wheels_of_all_generations_are_in_use(environment: Environment, wheel: Make) -> None:
    assert wheels_in_use(environment) == frozenset()
    one, two = wheel("alpha", "1"), wheel("alpha", "2")
    sync(environment, one)
    sync(environment, two)
    assert one.wheel is not None
    assert two.wheel is not None
    assert wheels_in_use(environment.root) == {one.wheel.sha256, two.wheel.sha256}
    assert wheels_in_use("/nowhere") == frozenset()


def test_an_edit_of_a_file_is_part_of_what_it_was(environment: Environment, wheel: Make) -> None:
    """Which of the two the user wants back cannot be known; what was there is what he gets."""
    sync(environment, wheel("alpha", "1", files={"alpha.py": "x = 1\n"}), link_mode="copy")
    (environment.site_packages / "alpha.py").write_text("x = 2\n")
    sync(environment, wheel("alpha", "2", files={"alpha.py": "x = 3\n"}))
    back(environment)
    assert (environment.site_packages / "alpha.py").read_text() == "x = 2\n"


def test_what_two_had_in_common_comes_back_with_one_of_them(environment: Environment, wheel: Make) -> None:
    first = wheel("first", "1", files={"first.py": "", "space/shared.txt": "same"})
    other = wheel("other", "1", files={"other.py": "", "space/shared.txt": "same"})
    trees = []
    for wanted in ([first], [first, other], [other]):
        sync(environment, *wanted)
        trees.append(tree(environment.root))
    for number in (1, 3, 2, 3, 1):
        back(environment, number)
        assert tree(environment.root) == trees[number - 1], number
        assert verify_environment(environment, deep=True).findings == ()


def test_ctrl_c_in_the_moment_of_completion_undoes_nothing(
    environment: Environment, wheel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(environment, wheel("alpha", "1"))
    rename = os.rename

    def interrupted(source: str, target: str) -> None:
        rename(source, target)
        if os.path.basename(target).startswith("change-"):
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sync(environment, wheel("alpha", "2"))
    monkeypatch.undo()
    assert environment.installed()["alpha"].version == "2"
    assert verify_environment(environment, deep=True).findings == ()
    assert read_history(environment.root)[-1].steps == (("~", "alpha", "1", "2"),)


@pytest.mark.parametrize("seed", range(3))
def test_any_way_through_any_history(environment: Environment, wheel: Make, seed: int) -> None:
    """Sets drawn from packages that share directories, files and commands; back and forth between all."""
    chance = random.Random(seed)
    pool: dict[str, list[Wanted]] = {}
    for name in ("a", "b", "c", "d", "e"):
        pool[name] = [
            wheel(
                name,
                version,
                files={
                    f"{name}.py": f"v = {version}\n",
                    f"space/{name}/__init__.py": "",
                    f"space/{name}/v{version}.py": "",
                    "space/shared.txt": "same",
                    **({"space/pair.txt": "pair"} if name in "ab" else {}),
                },
                data={f"data/share/{name}/x.txt": version, "data/share/all.txt": "all"},
                requested=chance.random() < 0.5,
            )
            for version in ("1", "2")
        ]
    trees: dict[int, dict[str, str]] = {}
    keep = Occasion(generations=100)

    def note() -> None:
        trees[read_history(environment.root)[-1].number] = tree(environment.root)

    for _ in range(10):
        wanted = [chance.choice(pool[name]) for name in pool if chance.random() < 0.6]
        plan = _plan(environment, *wanted)
        if plan:
            apply_plan(plan, environment, occasion=keep)
            note()
    for _ in range(14):
        number = chance.choice(sorted(trees))
        way = plan_rollback(environment, number, lambda sha256: None)
        apply_plan(way.plan, environment, occasion=Occasion(generations=100, restores=number))
        assert tree(environment.root) == trees[number], number
        assert verify_environment(environment, deep=True).findings == ()
        if way.plan:
            note()
