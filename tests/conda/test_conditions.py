"""Dependencies under conditions (CEP 43) and extras (CEP 44): as rattler's solver has them."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from conda.solving import Folders, choose, virtual_of
from conda.test_the_same_choice import compare, make
from hutch.spec import InvalidCondaSpec, alternatives_of, condition_holds, parse_condition
from oracles.conda import needs_rattler

BASE = ["python 3.11 h_0", "python 3.12 h_0", "tomli 2 h_0", "x 1 h_0", "y 1 h_0 | tomli <2", "tomli 1 h_0"]
CONDITIONS = [
    "python <3.12", "python >=3.12", "__unix", "__win", "__glibc >=2.99", "x", "nothere", "python",
    "python <3.12 or __unix", "python <3.12 and __unix", "(python <3.12 and __unix) or __win",
    "python <3.12 and x", "x or python >=3.12", "(x or y) and python <3.12", "__linux and (x and y)",
    "python 3.11 h_0", "python=3.11", "((x))",
]  # fmt: skip
ASKED = [["a"], ["a", "python=3.11"], ["a", "python=3.12"], ["a", "x"], ["a", "x", "python=3.11"], ["a", "y"]]


@needs_rattler
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition(condition: str, tmp_path: Path) -> None:
    rows = [*BASE, f'a 1 h_0 | tomli[version=">=1", when="{condition}"]']
    channels = Folders([make(tmp_path / "c", rows)])
    for specs in ASKED:
        compare(channels, ["linux-64"], specs)


@needs_rattler
def test_it_is_different_on_each_platform(tmp_path: Path) -> None:
    rows = [
        'a 1 n_0 subdir=noarch | t[when="__win"] | u[when="__unix"] | python', "t 1 n_0 subdir=noarch",
        "u 1 n_0 subdir=noarch", "python 3 n_0 subdir=noarch",
        'b 1 n_0 subdir=noarch | t[when="__osx and a"]',
    ]  # fmt: skip
    channels = Folders([make(tmp_path / "c", rows)])
    for subdir in ("win-64", "osx-arm64"):
        (tmp_path / "c" / subdir).mkdir()
        (tmp_path / "c" / subdir / "repodata.json").write_text('{"packages": {}}')
    found = compare(channels, ["linux-64", "win-64", "osx-arm64"], ["a", "b"])
    assert found is not None
    assert {subdir: sorted(set(chosen) & {"t", "u"}) for subdir, chosen in found.items()} == {
        "linux-64": ["u"], "win-64": ["t"], "osx-arm64": ["t", "u"],
    }  # fmt: skip


@needs_rattler
@pytest.mark.parametrize("specs", [['tomli[when="python"]', "python"], ['tomli[when="python"]'], ["x"]])
def test_a_request_may_have_one(specs: list[str], tmp_path: Path) -> None:
    compare(Folders([make(tmp_path / "c", BASE)]), ["linux-64"], [*specs, "x"])


@needs_rattler
def test_what_it_brings_may_make_another_choice_impossible(tmp_path: Path) -> None:
    """The condition is met, what it needs cannot be had: another Python, or no solution at all."""
    rows = [*BASE, 'a 1 h_0 | z >=9[when="python >=3.12"] | python'.replace("z >=9[", 'z[version=">=9", ')]
    channels = Folders([make(tmp_path / "c", [*rows, "z 1 h_0"])])
    found = compare(channels, ["linux-64"], ["a"])
    assert found is not None
    assert found["linux-64"]["python"][0] == "3.11"
    assert compare(channels, ["linux-64"], ["a", "python=3.12"]) is None


def with_extras(folder: Path, extras: dict[str, dict[str, list[str]]], rows: list[str]) -> Folders:
    make(folder, rows)
    path = folder / "linux-64/repodata.json"
    said = json.loads(path.read_text())
    for record in said["packages.conda"].values():
        if record["name"] in extras:
            record["extra_depends"] = extras[record["name"]]
    path.write_text(json.dumps(said))
    return Folders([folder])


@needs_rattler
@pytest.mark.parametrize(
    "specs",
    [
        ["a"], ["a[extras=[more]]"], ["a[extras=[more,all]]"], ["a[extras=[nothere]]"], ["b"],
        ["b", "a[extras=[all]]"], ['a[version="1", extras=[more]]'],
        ['a[extras=[cond], version="*"]', "python"],
        ["a[extras=[never]]"], ["a[extras=[never]]", "b"],
    ],
    ids=str,
)  # fmt: skip
def test_extras(specs: list[str], tmp_path: Path) -> None:
    extras = {
        "a": {"more": ["x >=1"], "all": ["tomli", "x"], "cond": ['y[when="python"]'], "never": ["x >=2"]}
    }
    rows = [*BASE, "a 1 h_0", "a 2 h_0", "b 1 h_0 | a[extras=[more]]", "c 1 h_0"]
    compare(with_extras(tmp_path / "c", extras, rows), ["linux-64"], specs)


@needs_rattler
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_any_channel(seed: int, tmp_path: Path) -> None:
    """Solvable for one, solvable for the other, and every condition is kept in what is chosen."""
    rnd = random.Random(seed)
    names = "abcdef"
    rows = []
    for at, name in enumerate(names):
        for version in range(1, rnd.randint(2, 4)):
            depends = []
            for other in rnd.sample(names[at + 1 :], min(len(names) - at - 1, rnd.randint(0, 2))):
                atoms = [
                    f"{each} {rnd.choice(['>=', '<'])}{rnd.randint(1, 3)}" for each in rnd.sample(names, 2)
                ]
                condition = rnd.choice([atoms[0], f"{atoms[0]} and {atoms[1]}", f"{atoms[0]} or {atoms[1]}"])
                bound = f"{rnd.choice(['>=', '<', '!='])}{rnd.randint(1, 3)}"
                when = f', when="{condition}"' if rnd.random() < 0.6 else ""
                depends.append(f'{other}[version="{bound}"{when}]')
            rows.append(" | ".join([f"{name} {version} h_0", *depends]))
    channels = Folders([make(tmp_path / "c", rows)])
    from oracles.conda import ask_rattler

    specs = ["a", rnd.choice("bcd")]
    said = ask_rattler(
        "solve", channels=channels.folders, subdir="linux-64", specs=specs, virtual=virtual_of("linux-64")
    )
    ours = choose(channels, ["linux-64"], specs)
    assert (ours is None) == ("unsatisfiable" in said), (rows, specs, said)
    if ours is not None:
        there = {name: row[0] for name, row in ours["linux-64"].items()}
        for name, version in there.items():
            _check(rows, name, version, there)


def _check(rows: list[str], name: str, version: str, there: dict[str, str]) -> None:
    from hutch.spec import parse_conda_spec, parse_conda_version, parse_version_spec

    def holds(text: str) -> bool:
        spec = parse_conda_spec(text)
        found = there.get(spec.name)
        return found is not None and parse_version_spec(spec.version or "*")(parse_conda_version(found))

    head, *depends = next(row for row in rows if row.startswith(f"{name} {version} ")).split(" | ")
    for text in depends:
        spec = parse_conda_spec(text)
        if not spec.when or condition_holds(parse_condition(spec.when), holds):
            assert holds(f"{spec.name} {spec.version}"), (head, text, there)


# -- the words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("a", (("a",),)), ("a >=1 and b", (("a >=1", "b"),)), ("a or b", (("a",), ("b",))),
        ("a and b or c", (("a", "b"), ("c",))), ("a and (b or c)", (("a", "b"), ("a", "c"))),
        ("android or order", (("android",), ("order",))), ("(a or a)", (("a",),)),
    ],
)  # fmt: skip
def test_alternatives(text: str, alternatives: Any) -> None:
    condition = parse_condition(text)
    assert alternatives_of(condition) == alternatives
    for chosen in itertools.product((True, False), repeat=6):
        world = dict(zip(("a", "a >=1", "b", "c", "android", "order"), chosen, strict=True))
        assert condition_holds(condition, world.__getitem__) == any(
            all(world[each] for each in one) for one in alternatives
        )


@pytest.mark.parametrize(
    "text", ["", "and", "a and", "or b", "(a", "a)", "not a", "a b c d", "()", "a and and b",
             "(" * 50 + "a" + ")" * 50,
             'a[when="b"]', "a[extras=[b]]"]
)  # fmt: skip
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(InvalidCondaSpec):
        parse_condition(text)


def test_a_condition_with_too_many_alternatives() -> None:
    with pytest.raises(InvalidCondaSpec) as caught:
        alternatives_of(parse_condition(" and ".join(f"(a{n} or b{n})" for n in range(20))))
    assert "alternatives" in f"{caught.value.why}"


def test_a_record_with_a_condition_that_nobody_can_read_is_not_taken(tmp_path: Path) -> None:
    rows = [*BASE, 'a 2 h_0 | tomli[when="not python"]', "a 1 h_0"]
    found = choose(Folders([make(tmp_path / "c", rows)]), ["linux-64"], ["a"])
    assert found is not None
    assert found["linux-64"]["a"][0] == "1"
