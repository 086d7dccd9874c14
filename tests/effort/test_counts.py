"""Files and requests: in step with the packages where something is done, the same where nothing is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.support import PYTHON, manifest
from effort.counting import files_opened, files_opened_by
from hutch.ops.lock import LockOptions
from hutch.testing.fake_index import FakeIndex
from integration.memory import lock_in_memory


def name_of(number: int) -> str:
    return f"p{number:03}"


def index_of(count: int) -> FakeIndex:
    """Packages of which each needs the one at half its number; two versions of each."""
    index = FakeIndex()
    for number in range(count):
        needs = [f"{name_of(number // 2)}>=1"] if number else []
        for version in ("1.0", "1.1"):
            index.add_wheel(name_of(number), version, requires=needs)
    return index


def asked_for(count: int) -> list[str]:
    return [name_of(number) for number in range(count // 2, count)]


# -- locks -----------------------------------------------------------------------------------------


@pytest.fixture
def locking(tmp_path: Path) -> Callable[..., tuple[list[str], list[str]]]:
    """``locking(count, …)`` → (what was asked of the network, which files were opened)."""

    def lock(count: int, **options: Any) -> tuple[list[str], list[str]]:
        path = tmp_path / str(count)
        path.mkdir(exist_ok=True)
        (path / "pyproject.toml").write_text(manifest(*asked_for(count)))
        environ = {"HUTCH_CACHE_DIR": str(tmp_path / f"cache-{count}"), "HUTCH_PYTHON": PYTHON}
        found: list[Any] = []

        def work() -> None:
            found.append(lock_in_memory(path, index_of(count), LockOptions(**options), environ=environ))

        opened = files_opened(work)
        return [request.url for request in found[0][1].requests], opened

    return lock


def test_a_cold_lock_asks_for_a_page_and_metadata_of_each_package_once(locking: Any) -> None:
    for count in (20, 60):
        asked, _ = locking(count)
        assert len(asked) == len(set(asked))
        assert len(asked) == 2 * count


def test_a_warm_lock_opens_two_files_for_each_package(locking: Any) -> None:
    opened = {}
    for count in (20, 60):
        locking(count)
        locking(count, upgrade=True)
        asked, opened[count] = locking(count, upgrade=True)
        assert asked == []
    grown = len(opened[60]) - len(opened[20])
    assert grown <= 2 * (60 - 20) + 4, sorted(map(os.path.basename, opened[60]))


def test_a_lock_that_is_in_place_opens_as_many_files_for_many_packages_as_for_few(
    project: Any, tmp_path: Path
) -> None:
    few, many = (opened_with_nothing_to_do(project, count, ["lock"]) for count in (20, 60))
    assert len(few) == len(many), (few, many)


# -- environments ----------------------------------------------------------------------------------


def made(project: Any, files: dict[str, str]) -> Any:
    return project(files, HUTCH_PYTHON=PYTHON, HUTCH_RETRIES="0")


def environ_of(one: Any) -> dict[str, str]:
    return one.variables


def opened_with_nothing_to_do(project: Any, count: int, words: list[str]) -> list[str]:
    index = index_of(count)
    with index.serve():
        one = made(project, {"pyproject.toml": manifest(*asked_for(count))})
        one.environ["HUTCH_INDEX_URL"] = index.url
        for command in ("lock", "sync", "sync", "lock", "lock"):
            one.run(command).ok()
        one.run("run python -c pass").ok()
        return files_opened_by(words, one.path, environ_of(one))


@pytest.mark.parametrize("words", [["sync"], ["run", "python", "-c", "pass"]], ids=["sync", "run"])
def test_nothing_to_do_opens_as_many_files_for_many_packages_as_for_few(
    project: Any, words: list[str]
) -> None:
    few, many = (opened_with_nothing_to_do(project, count, words) for count in (5, 40))
    assert len(few) == len(many) <= 4, (few, many)


def workspace(members: int) -> dict[str, str]:
    files = {"pyproject.toml": '[tool.hutch.workspace]\nmembers = ["members/*"]\n'}
    for number in range(members):
        name = f"m{number:02}"
        needs = json.dumps([name_of(number % 5)])
        files[f"members/{name}/pyproject.toml"] = (
            f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = {needs}\n'
        )
    return files


def test_a_run_in_a_member_reads_no_other_member(project: Any) -> None:
    index = index_of(5)
    counts = []
    with index.serve():
        for members in (3, 24):
            one = made(project, workspace(members))
            one.environ["HUTCH_INDEX_URL"] = index.url
            one.run("lock").ok()
            for _ in range(2):
                one.run("run python -c pass", cwd="members/m01").ok()
            opened = files_opened_by(
                ["run", "python", "-c", "pass"], one.path / "members/m01", environ_of(one)
            )
            assert not [name for name in opened if name.endswith("pyproject.toml")]
            counts.append(len(opened))
    # The member may have an environment of its own, in the tree or in the central place: two looks.
    assert counts[0] == counts[1] <= 5


def test_the_memory_of_a_lock_grows_as_its_packages_do(locking: Any) -> None:
    import tracemalloc

    peaks = {}
    for count in (30, 60, 120):
        locking(count)
        tracemalloc.start()
        try:
            locking(count, upgrade=True)
            peaks[count] = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (peaks[120] - peaks[60]) / (peaks[60] - peaks[30]) < 3
