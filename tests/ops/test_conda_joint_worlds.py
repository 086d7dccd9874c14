"""Small worlds of two sides: an answer is found where trying everything finds one, and it keeps the law."""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hutch.lock import check_lock
from hutch.net import Client
from hutch.ops.conda_locking import conda_lock
from hutch.ops.conda_solve import CondaConflict, CondaResolution, NoSuchCondaPackage, solve_conda
from hutch.ops.context import Context
from hutch.ops.resolve import Root
from hutch.spec import parse_requirement
from hutch.testing.conda import CondaPackage, index_channel
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import FakeClock

NAMES = ("aa", "bb", "cc")
BOUNDS = st.sampled_from(["", ">=2", "<2", ">=3"])
NEEDS = st.lists(st.tuples(st.sampled_from(NAMES), BOUNDS), max_size=2)
ASKED = st.lists(st.tuples(st.sampled_from(NAMES), BOUNDS), min_size=1, max_size=2)
World = dict[tuple[str, str, int], list[tuple[str, str]]]
"""(side, name, version) → what it needs, as (name, bound)."""
WORLDS = st.dictionaries(
    st.tuples(st.sampled_from(("conda", "index")), st.sampled_from(NAMES), st.integers(1, 3)),
    NEEDS,
    min_size=2,
    max_size=8,
)


def admits(bound: str, version: int) -> bool:
    return {"": True, ">=2": version >= 2, "<2": version < 2, ">=3": version >= 3}[bound]


def solvable(world: World, asked: list[tuple[str, str]]) -> bool:
    """Easy to read rather than fast: every choice of one side and version, or none, for each name."""
    choices = [[None, *(key for key in world if key[1] == name)] for name in NAMES]
    for chosen in product(*choices):
        there = {key[1]: key for key in chosen if key is not None}
        needs = [*asked, *(need for key in there.values() for need in world[key])]
        if all(name in there and admits(bound, there[name][2]) for name, bound in needs):
            return True
    return False


def ask(
    folder: Path, world: World, conda: list[tuple[str, str]], wheels: list[tuple[str, str]]
) -> CondaResolution:
    packages = [CondaPackage("python", "3.12.8", "0_cpython", subdir="linux-64")]
    index = FakeIndex()
    for (side, name, version), needs in world.items():
        if side == "conda":
            depends = ["python", *(f"{other} {bound}".strip() for other, bound in needs)]
            packages.append(CondaPackage(name, f"{version}.0", "py_0", depends=depends, noarch="python"))
        else:
            requires = [f"{other}{bound}" for other, bound in needs]
            index.add_wheel(name, f"{version}.0", requires=requires)
    for name in NAMES:
        index.add_project(name)
    index_channel(folder / "channel", packages)
    said = {"HOME": str(folder), "HUTCH_CACHE_DIR": str(folder / "cache"), "HUTCH_INDEX_URL": index.url}
    with Context(folder, said) as context:
        client = Client(index.transport(), context.configuration.net, clock=FakeClock())
        context.__dict__["client"] = client
        roots = [Root(requirement=parse_requirement(f"{name}{bound}")) for name, bound in wheels]
        specs = [f"{name} {bound}".strip() for name, bound in conda]
        return solve_conda(
            context, ["python", *specs], roots, ["linux-64"], channels=[str(folder / "channel")]
        )


@settings(deadline=None, max_examples=60)
@given(WORLDS, NEEDS, ASKED)
def test_there_is_an_answer_where_trying_everything_finds_one(
    world: World, conda: list[tuple[str, str]], wheels: list[tuple[str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # A package of conda is asked for by its name there, so conda has to have one of that name.
        conda = [(name, bound) for name, bound in conda if any(key[:2] == ("conda", name) for key in world)]
        # What conda does not have at all has no name there either.
        known = {key[1] for key in world if key[0] == "conda"}
        world = {
            key: [need for need in needs if key[0] == "index" or need[0] in known]
            for key, needs in world.items()
        }
        try:
            found = ask(Path(folder), world, conda, wheels)
        except (CondaConflict, NoSuchCondaPackage):
            assert not solvable(world, [*conda, *wheels])
            return
        assert solvable(world, [*conda, *wheels])
        lock = conda_lock(found, "sha256:0")
        assert found.joint is not None
        asked = {"project": tuple(parse_requirement(f"{name}{bound}") for name, bound in wheels)}
        metadata_of = found.joint.index.metadata_of
        assert [str(each) for each in check_lock(lock, found.joint.targets.targets, asked, metadata_of)] == []
