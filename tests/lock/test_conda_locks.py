"""``conda-lock.yml`` and ``pixi.lock``: what is refused, and what is installed where."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hutch.errors import Problem
from hutch.lock import InvalidLock, MergeMarkers, NewerLock, select
from hutch.lock.foreign import conda_lock, pixi
from hutch.project import Manifest, parse_manifest
from hutch.spec import parse_target

CORPUS = Path(__file__).parents[1] / "corpus"
DIGEST = "a" * 64
PACKAGE = f"{{pypi: https://i.example/x-1-py3-none-any.whl, name: x, version: '1', sha256: {DIGEST}}}"


def lock_of(package: str, place: str = "https://i.example/x-1-py3-none-any.whl") -> str:
    return (
        "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n"
        f"      - pypi: {place}\npackages:\n- {package}\n"
    )


def manifest() -> Manifest:
    text = "[workspace]\nname = 'd'\nplatforms = ['linux-64']\n[pypi-dependencies]\nx = '*'\n"
    return parse_manifest(text, filename="pixi.toml")


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (PACKAGE.replace("name: x,", ""), "packages[0]: has no name, or none that is one"),
        (PACKAGE.replace("name: x", "name: ../x"), "packages[0]: has no name, or none that is one"),
        (PACKAGE.replace("'1'", "one"), "packages[0].version: `one` is not a valid version"),
        (PACKAGE.replace("sha256: a", "sha256: "), "packages[0].sha256: should have 64 hexadecimal digits"),
        (PACKAGE.replace("'1'", "[1]"), "packages[0].version: should be a text"),
        ("text", "packages[0]: should be a table"),
        (f"{PACKAGE[:-1]}, requires_dist: x}}", "packages[0].requires_dist: should be a list"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(package: str, reason: str) -> None:
    with pytest.raises(InvalidLock) as caught:
        pixi.parse(lock_of(package), "pixi.lock", manifest())
    assert caught.value.why[0].startswith(reason)


def test_a_list_names_what_is_there() -> None:
    with pytest.raises(InvalidLock) as caught:
        pixi.parse(lock_of(PACKAGE, "https://i.example/other.whl"), "pixi.lock", manifest())
    assert caught.value.why == (
        "environments.default.packages.linux-64[0]: https://i.example/other.whl is not among the packages",
    )


def test_a_lock_for_unknown_platforms_alone_installs_nothing_silently() -> None:
    with pytest.raises(InvalidLock) as caught:
        pixi.parse(lock_of(PACKAGE).replace("linux-64", "linux-s390x"), "pixi.lock", manifest())
    assert caught.value.why == ("platforms: linux-s390x: hutch knows none of them",)


def test_a_short_commit_is_no_proof() -> None:
    place = "git+https://git.example/x?rev=abc1234#abc1234"
    with pytest.raises(InvalidLock) as caught:
        pixi.parse(lock_of(f"{{pypi: '{place}', name: x, version: '1'}}", place), "pixi.lock", manifest())
    assert "should have a commit in full" in caught.value.why[0]


@pytest.mark.parametrize(("version", "problem"), [("8", NewerLock), ("x", InvalidLock), ("[]", InvalidLock)])
def test_versions_of_the_format(version: str, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        pixi.parse(lock_of(PACKAGE).replace("version: 6", f"version: {version}"), "pixi.lock", manifest())


def test_conda_lock_has_one_version() -> None:
    with pytest.raises(NewerLock):
        conda_lock.parse("version: 2\npackage: []\n", "conda-lock.yml", manifest())


@pytest.mark.parametrize("module", [pixi, conda_lock])
def test_the_middle_of_a_merge_is_told(module) -> None:
    with pytest.raises(MergeMarkers):
        module.parse("<<<<<<< ours\nversion: 6\n", "pixi.lock", manifest())


@pytest.mark.parametrize("name", ["pixi/lock-environments", "pixi/lock-version-4", "conda_lock/plain"])
def test_a_damaged_lock_is_read_or_refused(name: str) -> None:
    case = CORPUS / name
    path = next(each for each in case.iterdir() if "lock" in each.name and each.suffix in (".lock", ".yml"))
    beside = "pixi.toml" if path.suffix == ".lock" else "environment.yml"
    module = pixi if path.suffix == ".lock" else conda_lock
    project = parse_manifest((case / beside).read_text(), filename=beside)
    text, chance = path.read_text(), random.Random(6)
    for _ in range(300):
        lines = text.split("\n")
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(lines))
            lines[at] = chance.choice(("", "- x", "  y: [", lines[at] + ":", lines[at][1:], "  - {a: b}"))
        damaged = "\n".join(lines)
        try:
            module.parse(damaged, path.name, project)
            module.staleness(damaged, project, (case / beside).read_text())
        except Problem:
            pass


def chosen(name: str, target: str, *groups: str) -> dict[str, str | None]:
    case = CORPUS / name
    text = (case / "pixi.toml").read_text()
    lock = pixi.parse(
        (case / "pixi.lock").read_text(), "pixi.lock", parse_manifest(text, filename="pixi.toml")
    )
    environment = parse_target(target).environment()
    return {str(one.name): one.version for one in select(lock, environment, groups=groups)}


def test_an_environment_of_its_own_versions_is_its_group() -> None:
    plain = chosen("pixi/lock-environments", "cp312-linux-x86_64")
    assert (plain["idna"], "pytest" in plain) == ("3.7", False)
    assert chosen("pixi/lock-environments", "cp312-linux-x86_64", "test")["pytest"] == "8.0.0"
    assert chosen("pixi/lock-environments", "cp312-linux-x86_64", "old")["idna"] == "2.10"
    assert chosen("pixi/lock-environments", "cp312-macos-arm64")["idna"] == "3.7"


def test_a_lock_is_for_its_platforms() -> None:
    with pytest.raises(Problem) as caught:
        chosen("pixi/lock-environments", "cp312-windows-x86_64")
    assert caught.value.code == "lock-not-for-this-environment"
