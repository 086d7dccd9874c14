"""Extras that exclude each other, too many to solve for each choice: the lock is right for all of them.

``packaging`` selects from the lock for each choice that its conflicts leave, and what it selects is
followed from the requirements, with nothing of hutch's.
"""

from __future__ import annotations

import itertools
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock, PylockSelectError
from packaging.requirements import Requirement

from hutch.errors import Problem
from hutch.ops import worlds
from hutch.testing.fake_index import FakeIndex
from integration.law import places
from integration.memory import lock_in_memory

Registry = Mapping[str, Mapping[str, Sequence[str]]]


def locked(
    path: Path,
    registry: Registry,
    extras: Mapping[str, Sequence[str]],
    conflicts: Iterable[Iterable[str]] = (),
    dependencies: Sequence[str] = (),
) -> Pylock:
    index = FakeIndex()
    for name, versions in registry.items():
        for version, requires in versions.items():
            index.add_wheel(name, version, requires=list(requires))
    lines = ['[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"']
    lines += [f"dependencies = {json.dumps(list(dependencies))}", "[project.optional-dependencies]"]
    lines += [f"{name} = {json.dumps(list(found))}" for name, found in extras.items()]
    tables = [", ".join(f'{{ extra = "{name}" }}' for name in each) for each in conflicts]
    lines += ["[tool.hutch]", 'targets = ["cp313-linux-x86_64", "cp313-windows-x86_64"]']
    lines += [f"conflicts = [{', '.join(f'[{table}]' for table in tables)}]"]
    path.mkdir(exist_ok=True)
    (path / "pyproject.toml").write_text("\n".join(lines) + "\n")
    (path / "pylock.toml").unlink(missing_ok=True)
    environ = {"HUTCH_CACHE_DIR": str(path / "cache"), "HUTCH_PYTHON": sys.executable, "HUTCH_REFRESH": "1"}
    lock_in_memory(path, index, environ=environ)
    return Pylock.from_dict(tomllib.loads((path / "pylock.toml").read_text()))


def wrong(
    lock: Pylock,
    registry: Registry,
    extras: Mapping[str, Sequence[str]],
    chosen: Iterable[str],
    dependencies: Sequence[str] = (),
    *,
    strictly: bool = True,
) -> list[str]:
    """What a choice of extras gets wrong, on each target; ``strictly`` also what nobody needs there."""
    chosen = list(chosen)
    found = []
    for target in ("cp313-linux-x86_64", "cp313-windows-x86_64"):
        place = next(iter(places(target)))
        try:
            selected = lock.select(environment=place.environment, tags=list(place.tags), extras=chosen)  # type: ignore[arg-type]
            here = {package.name: str(package.version) for package, _ in selected}
        except PylockSelectError as error:
            found.append(f"{target} with {chosen}: {error}")
            continue
        todo = [*dependencies, *(text for extra in chosen for text in extras[extra])]
        seen = set()
        while todo:
            requirement = Requirement(todo.pop())
            version = here.get(requirement.name)
            if version is None or not requirement.specifier.contains(version):
                found.append(f"{target} with {chosen}: {requirement}, and there is {version}")
            elif requirement.name not in seen:
                seen.add(requirement.name)
                todo += registry[requirement.name][version]
        if strictly:
            found += [f"{target} with {chosen}: nobody needs {name}" for name in sorted(here.keys() - seen)]
    return found


def allowed(names: Sequence[str], conflicts: Iterable[Iterable[str]]) -> list[tuple[str, ...]]:
    sets = [frozenset(each) for each in conflicts]
    every = (c for n in range(len(names) + 1) for c in itertools.combinations(names, n))
    return [choice for choice in every if not any(each <= set(choice) for each in sets)]


def kept_apart(lock: Pylock) -> list[list[str]]:
    conflicts = (lock.tool or {}).get("hutch", {}).get("conflicts", [])
    return [[name.removeprefix("extra:") for name in each] for each in conflicts]


# -- random ones -----------------------------------------------------------------------------------

NAMES, VERSIONS, EXTRAS = "abcd", ("1", "2", "3"), [f"e{n}" for n in range(6)]
requirements = st.builds(
    "{}{}".format, st.sampled_from(NAMES), st.sampled_from(["", "==1", "==2", "<3", ">=2"])
)
registries = st.fixed_dictionaries(
    {name: st.fixed_dictionaries({v: st.lists(requirements, max_size=2) for v in VERSIONS}) for name in NAMES}
)
asked = st.fixed_dictionaries({name: st.lists(requirements, max_size=2) for name in EXTRAS})
pairs = st.sets(st.sampled_from(list(itertools.combinations(EXTRAS, 2))), min_size=1, max_size=6)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(registry=registries, extras=asked, conflicts=pairs, dependencies=st.lists(requirements, max_size=1))
def test_a_lock_made_for_a_few_choices_is_right_for_all(
    tmp_path: Path,
    registry: Registry,
    extras: dict[str, list[str]],
    conflicts: set[tuple[str, str]],
    dependencies: list[str],
) -> None:
    few = worlds.FEW
    worlds.FEW = 1
    try:
        lock = locked(tmp_path / "demo", registry, extras, conflicts, dependencies)
    except Problem as problem:
        worlds.FEW = few
        with pytest.raises(type(problem)):  # where all choices are tried there is none either
            locked(tmp_path / "demo", registry, extras, conflicts, dependencies)
        return
    finally:
        worlds.FEW = few
    for choice in allowed(EXTRAS, kept_apart(lock)):
        # A ring of packages that need each other may stay where nobody else needs it: that does no harm.
        assert wrong(lock, registry, extras, choice, dependencies, strictly=False) == []


# -- large ones ------------------------------------------------------------------------------------


def families(count: int, size: int) -> tuple[Registry, dict[str, list[str]], list[list[str]]]:
    """``count`` libraries of ``size`` versions, each version an extra; all need ``base``, some an old one."""
    registry: dict[str, dict[str, list[str]]] = {"base": {f"{v}.0": [] for v in range(1, 4)}}
    extras: dict[str, list[str]] = {}
    for number in range(count):
        registry[f"lib{number}"] = {
            f"{v}.0": ["base<3" if v == 1 and number % 3 == 0 else "base"] for v in range(1, size + 1)
        }
        extras |= {f"g{number}v{v}": [f"lib{number}=={v}"] for v in range(1, size + 1)}
    sets = [[f"g{number}v{v}" for v in range(1, size + 1)] for number in range(count)]
    return registry, extras, sets


def test_a_hundred_extras_of_which_one_is_chosen(tmp_path: Path) -> None:
    registry, extras, sets = families(1, 100)
    lock = locked(tmp_path / "demo", registry, extras, sets)
    for choice in [(), ("g0v1",), ("g0v77",)]:
        assert wrong(lock, registry, extras, choice) == []


def test_twelve_sets_of_five(tmp_path: Path) -> None:
    """Two thousand million choices, of which some hundred are solved for."""
    registry, extras, sets = families(12, 5)
    lock = locked(tmp_path / "demo", registry, extras, sets)
    choices = [
        (),
        [each[0] for each in sets],
        [each[4] for each in sets],
        [each[n % 5] for n, each in enumerate(sets)],
        ["g0v1", "g1v1"],
        ["g0v2", "g3v1", "g11v5"],
    ]
    for choice in choices:
        assert wrong(lock, registry, extras, choice) == []
