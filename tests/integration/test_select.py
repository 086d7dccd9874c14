"""``packaging`` makes of hutch's locks what the law judges, and what hutch installs: on every target, with
every choice of extras and groups.
"""

from __future__ import annotations

import itertools
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.pylock import Pylock

from hutch.lock import Lock, choose_file, parse_lock, select, selected_on
from hutch.spec import parse_target
from hutch.testing.wheels import make_wheel
from integration.law import Place, places
from integration.memory import lock_in_memory
from integration.test_small_registry import REQUIREMENTS, small

EXTRAS = {
    "new": ["numbers >=2; python_version >= '3.12'"],
    "old": ["numbers <2"],
    "win": ["console; os_name == 'nt'"],
}
GROUPS = {"dev": ["kernel <3"], "docs": ["numbers", "lib"], "style": ["parser"]}


def manifest(dependencies: list[str], targets: list[str]) -> str:
    lines = ['[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"']
    lines += [f"dependencies = {json.dumps(dependencies)}", "[project.optional-dependencies]"]
    lines += [f"{name} = {json.dumps(found)}" for name, found in EXTRAS.items()]
    lines += ["[dependency-groups]", *(f"{name} = {json.dumps(found)}" for name, found in GROUPS.items())]
    lines += ["[tool.hutch]", f"targets = {json.dumps(targets)}", "[tool.hutch.sources]"]
    lines += ['lib = { path = "lib-1.0-py3-none-any.whl", marker = "sys_platform == \'linux\'" }']
    return "\n".join(lines) + "\n"


def lock_of(path: Path, dependencies: list[str], targets: list[str]) -> str:
    index = small()
    index.add_wheel("lib", "0.9", requires=["hue"])
    filename, body = make_wheel("lib", "1.0", requires=["hue", "forms"])
    (path / filename).write_bytes(body)
    (path / "pyproject.toml").write_text(manifest(dependencies, targets))
    environ = {"HUTCH_CACHE_DIR": str(path / "cache"), "HUTCH_PYTHON": sys.executable}
    lock_in_memory(path, index, environ=environ)
    return (path / "pylock.toml").read_text()


def choices(lock: Lock) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Every choice that holds no conflict."""
    found = []
    names = [
        *(f"extra:{name}" for name in lock.extras),
        *(f"group:{name}" for name in lock.dependency_groups),
    ]
    for count in range(len(names) + 1):
        for chosen in itertools.combinations(names, count):
            if not any(set(conflict) <= set(chosen) for conflict in lock.conflicts):
                extras = frozenset(name[6:] for name in chosen if name.startswith("extra:"))
                found.append((extras, frozenset(name[6:] for name in chosen if name.startswith("group:"))))
    return found


def by_packaging(lock: Pylock, place: Place, choice: Any) -> dict[str, tuple[str | None, str]]:
    """Name → version and file, as ``packaging`` selects them."""
    selected = lock.select(
        environment=place.environment,  # type: ignore[arg-type]
        tags=list(place.tags),
        extras=sorted(choice[0]),
        dependency_groups=sorted(choice[1]),
    )
    found = {}
    for package, file in selected:
        name = getattr(file, "name", None) or str(file.url or file.path).rpartition("/")[2]  # type: ignore[union-attr]
        found[str(package.name)] = (str(package.version) if package.version else None, name)
    return found


def by_hutch(packages: Any, tags: dict[str, int]) -> dict[str, tuple[str | None, str]]:
    found = {}
    for package in packages:
        if package.archive is not None:
            name = (package.archive.path or package.archive.url).rpartition("/")[2]
        else:
            name = choose_file(package, tags).filename
        found[package.name] = (package.version, name)
    return found


@pytest.mark.parametrize(
    "targets",
    [["default"], ["cp312-linux-x86_64", "cp311.3+-macos-arm64", "windows"]],
    ids=["default targets", "a slice and a word"],
)
def test_every_choice_on_every_target(tmp_path: Path, targets: list[str]) -> None:
    text = lock_of(tmp_path, REQUIREMENTS, targets)
    lock, other = parse_lock(text), Pylock.from_dict(tomllib.loads(text))
    assert ("extra:new", "extra:old") in lock.conflicts
    every = choices(lock)
    assert len(lock.targets) >= 3
    assert len(every) >= 24
    every = every if len(lock.targets) < 12 else every[:: len(every) // 7]
    compared = 0
    for name in lock.targets:
        target = parse_target(name)
        for place in places(name):
            ranks = {str(tag): rank for rank, tag in enumerate(sorted(place.tags, key=str))}
            for choice in every:
                judged = selected_on(lock, target, choice)
                mine = select(lock, place.environment, extras=choice[0], groups=choice[1])
                theirs = by_packaging(other, place, choice)
                assert sorted(package.name for package in mine) == sorted(judged)
                assert {p.name: p for p in mine} == judged
                assert {n: v for n, (v, _) in theirs.items()} == {n: p.version for n, p in judged.items()}
                # Which wheel of several is the best depends on the order of tags, so any that fits will do.
                files = by_hutch(mine, ranks)
                assert files.keys() == theirs.keys()
                compared += 1
    assert compared > 100
