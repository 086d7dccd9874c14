"""Worlds of a lock: read and refused, found by what is chosen, and judged one environment at a time."""

from __future__ import annotations

import pytest

from hutch.lock import (
    CondaEnvironment,
    CondaLock,
    CondaRoot,
    CondaTarget,
    CondaWorld,
    InvalidLock,
    Lock,
    LockedConda,
    LockedFile,
    LockedPackage,
    NotSolvedTogether,
    check_lock,
    chosen_lock,
    chosen_wheres,
    environment_lock,
    parse_lock,
    select,
    select_conda,
    world_of,
)
from hutch.spec import CondaRecord, parse_target
from hutch.values import replace

CHANNEL = "https://channel.example/main"
PYTHONS = {"default": "cp313.4:5-linux-x86_64", "py311": "cp311.9:10-linux-x86_64", "docs": ""}


def record(name: str, version: str, *depends: str) -> CondaRecord:
    return CondaRecord(
        name=name,
        version=version,
        build="0",
        subdir="linux-64",
        channel=CHANNEL,
        filename=f"{name}-{version}-0.conda",
        sha256="ab" * 32,
        depends=depends,
    )


def wheel(version: str, marker: str) -> LockedPackage:
    name = f"rich-{version}-py3-none-any.whl"
    file = LockedFile(filename=name, url=f"https://files.example/{name}", hashes=(("sha256", "cd" * 32),))
    return LockedPackage(name="rich", version=version, marker=marker, wheels=(file,))  # type: ignore[arg-type]


def whole() -> Lock:
    """The project with Python 3.13; with 3.11, and tests; and documents alone."""
    worlds = {
        "default": ("group:lint", "project"),
        "docs": ("group:docs",),
        "py311": ("group:py311", "group:test", "project"),
    }
    environments = {"default": ("project",), "docs": ("group:docs",), "py311": ("group:py311", "project")}
    environments["test-py311"] = ("group:py311", "group:test", "project")
    targets = tuple(
        CondaTarget(
            name="linux-64" if world == "default" else f"{world}.linux-64",
            subdir="linux-64",
            world=world,
            python=PYTHONS[world],
        )
        for world in worlds
    )
    rows = (
        (record("python", "3.13.4"), (("project", ("linux-64",)),)),
        (record("python", "3.11.9"), (("project", ("py311.linux-64",)),)),
        (record("numpy", "2.3", "python"), (("project", ("linux-64", "py311.linux-64")),)),
        (record("ruff", "1.0"), (("group:lint", ("linux-64",)),)),
        (record("pytest", "8.0", "python"), (("group:test", ("py311.linux-64",)),)),
        (record("sphinx", "8.0"), (("group:docs", ("docs.linux-64",)),)),
    )
    part = CondaLock(
        channels=(CHANNEL,),
        targets=targets,
        roots=(
            CondaRoot(spec="numpy", targets=("linux-64", "py311.linux-64")),
            CondaRoot(spec="python 3.11.*", where="group:py311"),
            CondaRoot(spec="sphinx", where="group:docs"),
            CondaRoot(spec="pytest", where="group:test", targets=("py311.linux-64",)),
        ),
        packages=tuple(LockedConda(record=one, reached=reached) for one, reached in rows),
        worlds=tuple(CondaWorld(name=name, wheres=wheres) for name, wheres in worlds.items()),
        environments=tuple(
            CondaEnvironment(name=name, world="py311" if "py311" in name else name, wheres=wheres)
            for name, wheres in environments.items()
        ),
    )
    return Lock(
        inputs="sha256:0",
        conda=part,
        dependency_groups=("docs", "lint", "py311", "test"),
        packages=(
            wheel("13.0", "'py311' in dependency_groups"),
            wheel("14.0", "'py311' not in dependency_groups and 'docs' not in dependency_groups"),
        ),
        targets=("cp313.4:5-linux-x86_64", "cp311.9:10-linux-x86_64"),
    )


def part() -> CondaLock:
    found = whole().conda
    assert found is not None
    return found


def violations(lock: Lock) -> list[str]:
    targets = [parse_target(name) for name in PYTHONS.values() if name]
    return [str(each) for each in check_lock(lock, targets, None, lambda package: None)]


def test_the_text_says_all_of_it() -> None:
    text = whole().render()
    assert parse_lock(text).render() == text
    assert '{ name = "py311", has = ["group:py311", "group:test", "project"] },' in text
    assert '{ name = "test-py311", world = "py311", has = ["group:py311", "group:test", "project"] },' in text
    assert '{ name = "docs.linux-64", subdir = "linux-64", world = "docs" },' in text


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('world = "docs" },', 'world = "elsewhere" },', "'elsewhere' is not a world of this lock"),
        (', world = "docs" },', " },", "has no world"),
        ('{ name = "docs", has', '{ name = "../docs", has', "'../docs' is not the name of a world"),
        ('{ name = "docs", has', '{ name = "py311", has', "should not have one name twice"),
        ('has = ["group:docs"]', 'has = ["docs"]', "should be project, extra:NAME or group:NAME"),
        ('{ name = "test-py311",', '{ name = "../x",', "should be the name of an environment"),
        ('{ name = "test-py311",', '{ name = "default",', "should not have one name twice"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, reason: str) -> None:
    text = whole().render()
    assert old in text
    with pytest.raises(InvalidLock) as caught:
        parse_lock(text.replace(old, new, 1))
    assert reason in "\n".join(caught.value.why)


@pytest.mark.parametrize(
    ("environment", "groups", "only", "world"),
    [
        (None, (), False, "default"),
        (None, ("lint",), False, "default"),
        (None, ("py311",), False, "py311"),
        ("py311", ("py311",), False, "py311"),
        ("unheard-of", ("py311", "test"), False, "py311"),
        (None, ("test",), False, "py311"),
        (None, ("docs",), True, "docs"),
        ("docs", ("docs",), True, "docs"),
        (None, ("test-py311",), False, "py311"),
        (None, ("docs",), False, None),
        (None, ("lint", "py311"), False, None),
        (None, ("py311",), True, None),
    ],
)
def test_the_world_of_what_is_chosen(
    environment: str | None, groups: tuple[str, ...], only: bool, world: str | None
) -> None:
    wheres = chosen_wheres(groups=groups, only=only)
    if world is None:
        with pytest.raises(NotSolvedTogether) as caught:
            world_of(part(), environment=environment, wheres=wheres)
        assert caught.value.why[0] == "default has the project"
    else:
        found = world_of(part(), environment=environment, wheres=wheres)
        assert found is not None
        assert found.name == world


def test_an_environment_alone() -> None:
    lock, noted = whole(), part().environment("test-py311")
    assert noted is not None
    alone = environment_lock(lock, noted)
    assert alone.conda is not None
    assert [target.name for target in alone.conda.targets] == ["py311.linux-64"]
    assert [each.label for each in alone.conda.on("py311.linux-64")] == [
        *("python 3.11.9 0", "numpy 2.3 0", "pytest 8.0 0"),
    ]
    assert [each.version for each in alone.packages] == ["13.0"]
    plain = environment_lock(lock, noted, plain=True)
    assert [each.record.name for each in select_conda(plain, "linux-64")] == ["python", "numpy", "pytest"]
    assert chosen_lock(lock, None, chosen_wheres(groups=["py311", "test"])) == alone
    docs = chosen_lock(lock, "docs", chosen_wheres(groups=["docs"], only=True))
    assert docs.packages == ()
    assert [each.record.name for each in select_conda(docs, "docs.linux-64")] == ["sphinx"]


def test_a_lock_without_worlds_is_all_there_is() -> None:
    lock = replace(whole(), conda=replace(part(), worlds=(), environments=()))
    assert chosen_lock(lock, "docs", chosen_wheres()) is lock
    assert lock.conda is not None
    assert world_of(lock.conda, environment="docs") is None


def test_other_installers_take_the_same_wheels() -> None:
    lock = whole()
    for each in part().environments:
        groups = [where[6:] for where in each.wheres if where.startswith("group:")]
        for name in filter(None, PYTHONS.values()):
            place = parse_target(name).environment()
            mine = [one.version for one in environment_lock(lock, each).packages]
            assert mine in ([], [one.version for one in select(lock, place, groups=groups)])


def test_the_law_is_kept_by_each_environment() -> None:
    assert violations(whole()) == []


@pytest.mark.parametrize(
    ("name", "version", "told"),
    [
        ("python", "3.11.9", "py311.linux-64 with py311: numpy 2.3 0 needs python, which is not there"),
        ("sphinx", "8.0", "docs.linux-64 with docs: group:docs needs sphinx, which is not there"),
        ("pytest", "8.0", "py311.linux-64 with test-py311: group:test needs pytest, which is not there"),
    ],
)
def test_what_an_environment_lacks_is_told_with_its_name(name: str, version: str, told: str) -> None:
    lock = whole()
    assert lock.conda is not None
    kept = tuple(
        each for each in lock.conda.packages if (each.record.name, each.record.version) != (name, version)
    )
    broken = replace(lock, conda=replace(lock.conda, packages=kept))
    assert told.replace("group:docs needs", "project needs").replace("group:test needs", "project needs") in (
        violations(broken)
    )
