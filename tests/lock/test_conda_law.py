"""The law of conda's records in a lock: against an oracle that tries everything, and each way to break it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.lock import (
    CondaLock,
    CondaRoot,
    CondaTarget,
    Lock,
    LockedConda,
    LockedFile,
    LockedPackage,
    check_lock,
    distributions_of,
)
from hutch.spec import CondaRecord, CoreMetadata, parse_conda_spec, parse_requirement, parse_target
from hutch.values import replace

LINUX = CondaTarget(
    name="linux-64",
    subdir="linux-64",
    virtual=(("__glibc", "2.28", "0"),),
    python="cp312-linux-x86_64",
)
WINDOWS = CondaTarget(name="win-64", subdir="win-64")


def record(name: str, version: str = "1.0", *depends: str, **said: object) -> CondaRecord:
    found = CondaRecord(
        name=name,
        version=version,
        build="0",
        subdir="linux-64",
        channel="https://channel.example/main",
        filename=f"{name}-{version}-0.conda",
        sha256="0" * 64,
        depends=depends,
    )
    return replace(found, **said)


def here(found: CondaRecord, *targets: str, where: str = "project") -> LockedConda:
    return LockedConda(record=found, reached=((where, targets or ("linux-64",)),))


def wheel(name: str, version: str, **said: object) -> LockedPackage:
    file = LockedFile(
        filename=f"{name}-{version}-py3-none-any.whl",
        url=f"https://index.example/{name}-{version}-py3-none-any.whl",
        hashes=(("sha256", "0" * 64),),
    )
    found = LockedPackage(name=name, version=version, wheels=(file,))  # type: ignore[arg-type]
    return replace(found, **said)


def violations(
    *packages: LockedConda,
    roots: Iterable[str] = (),
    wheels: Iterable[LockedPackage] = (),
    needs: Mapping[str, Iterable[str]] | None = None,
    asked: Iterable[str] = (),
    met: tuple[tuple[str, str], ...] = (),
    targets: tuple[CondaTarget, ...] = (LINUX,),
    groups: tuple[str, ...] = (),
) -> list[str]:
    part = CondaLock(
        targets=targets, packages=packages, roots=tuple(CondaRoot(spec=spec) for spec in roots), wheels=met
    )
    lock = Lock(packages=tuple(wheels), inputs="sha256:0", conda=part, dependency_groups=groups)

    def metadata_of(package: LockedPackage) -> CoreMetadata:
        said = (needs or {}).get(package.name, ())
        requirements = tuple(map(parse_requirement, said))
        return CoreMetadata(name=package.name, version=package.version or "", requirements=requirements)

    found = check_lock(
        lock,
        [parse_target(target.python) for target in targets if target.python],
        {"project": tuple(map(parse_requirement, asked))},
        metadata_of,
    )
    return [str(each) for each in found]


PYTHON = here(record("python", "3.12.8"))
NUMPY = here(record("numpy", "2.3.5", "python 3.12.*", "__glibc >=2.17", purls=("pkg:pypi/numpy@2.3.5",)))


def test_a_lock_that_keeps_the_law() -> None:
    found = violations(
        PYTHON,
        NUMPY,
        roots=["numpy >=2", "python"],
        wheels=[wheel("pandas", "3.0", requires_python=">=3.11")],
        needs={"pandas": ["numpy>=2.0.2", 'tzdata; sys_platform == "win32"']},
        asked=["pandas", "numpy<3"],
    )
    assert found == []


@pytest.mark.parametrize(
    ("records", "said", "told"),
    [
        ([NUMPY], {}, "linux-64: numpy 2.3.5 0 needs python 3.12.*, which is not there"),
        (
            [here(record("python", "3.13.1")), NUMPY],
            {},
            "linux-64: numpy 2.3.5 0 needs python 3.12.*, and 3.13.1 0 is there",
        ),
        (
            [PYTHON, here(record("cupy", "1", "__cuda >=12"))],
            {},
            "linux-64: cupy 1 0 needs __cuda >=12, which is not there",
        ),
        (
            [PYTHON, here(record("new", "1", "__glibc >=2.40"))],
            {},
            "linux-64: new 1 0 needs __glibc >=2.40, and 2.28 0 is there",
        ),
        (
            [PYTHON, NUMPY, here(record("a", "1", constrains=("numpy <2",)))],
            {},
            "linux-64: a 1 0 constrains numpy <2, and 2.3.5 0 is there",
        ),
        ([PYTHON], {"roots": ["numpy"]}, "linux-64: project needs numpy, which is not there"),
        (
            [PYTHON, here(record("a", "1")), here(record("a", "2"))],
            {},
            "linux-64: a is there 2 times: a 1 0, a 2 0",
        ),
        ([here(record("a", "1", subdir="win-64"))], {}, "linux-64: a 1 0 is for win-64"),
        (
            [PYTHON, NUMPY],
            {"wheels": [wheel("numpy", "2.3.5")]},
            "linux-64: numpy 2.3.5 0 and the wheel numpy are there at once",
        ),
        (
            [PYTHON, NUMPY],
            {"wheels": [wheel("pandas", "3.0")], "needs": {"pandas": ["numpy<2"]}, "asked": ["pandas"]},
            "cp312-linux-x86_64: pandas 3.0 needs numpy<2, and 2.3.5 of conda is there",
        ),
        (
            [PYTHON],
            {"wheels": [wheel("pandas", "3.0")], "needs": {"pandas": ["numpy"]}, "asked": ["pandas"]},
            "cp312-linux-x86_64: pandas 3.0 needs numpy, which is not there",
        ),
        ([], {"wheels": [wheel("pandas", "3.0")]}, "linux-64: there are wheels, and no python"),
        (
            [here(record("python", "3.13.0"))],
            {"wheels": [wheel("pandas", "3.0")]},
            "linux-64: the wheels are for Python 3.12, and 3.13.0 is there",
        ),
        (
            [here(record("python", "3.12.3"))],
            {"wheels": [wheel("pandas", "3.0", requires_python=">=3.12.4")]},
            "linux-64: pandas requires Python >=3.12.4, and 3.12.3 is there",
        ),
        (
            [PYTHON, here(record("vision", "1", "pytorch >=2.4"))],
            {"wheels": [wheel("torch", "2.3")], "met": (("pytorch", "torch"),)},
            "linux-64: vision 1 0 needs pytorch >=2.4, and the wheel torch 2.3 is there",
        ),
        (
            [PYTHON, here(record("vision", "1", "pytorch * cuda*"))],
            {"wheels": [wheel("torch", "2.4")], "met": (("pytorch", "torch"),)},
            "linux-64: vision 1 0 needs pytorch * cuda*, and the wheel torch 2.4 is there",
        ),
        (
            [PYTHON],
            {
                "wheels": [wheel("pandas", "3.0")],
                "targets": (replace(LINUX, virtual=(("__glibc", "2.17", "0"),)),),
            },
            "linux-64: the wheels are for __glibc 2.28, and 2.17 was assumed",
        ),
    ],
)
def test_each_way_to_break_it_is_told(records: list[LockedConda], said: dict[str, object], told: str) -> None:
    assert told in violations(*records, **said)  # type: ignore[arg-type]


def test_a_wheel_may_meet_what_a_record_needs() -> None:
    vision = here(record("vision", "1", "pytorch >=2.4,<3"))
    met = (("pytorch", "torch"),)
    assert violations(PYTHON, vision, wheels=[wheel("torch", "2.4.1")], met=met) == []


def test_a_need_with_a_condition_counts_where_it_holds() -> None:
    old = here(record("a", "1", 'tomli[when="python <3.11"]'))
    new = here(record("a", "1", 'tomli[when="python >=3.11"]'))
    assert violations(PYTHON, old) == []
    assert len(violations(PYTHON, new)) == 1


def test_what_is_chosen_counts_for_itself() -> None:
    dev = here(record("pytest", "8", "pluggy"), where="group:dev")
    (told,) = violations(PYTHON, dev, groups=("dev",))
    assert told == "linux-64 with group dev: pytest 8 0 needs pluggy, which is not there"
    assert violations(PYTHON, dev, here(record("pluggy"), where="group:dev"), groups=("dev",)) == []


def test_versions_that_pep_440_cannot_read_are_equal_to_themselves_alone() -> None:
    odd = here(record("odd", "2026a_x-1", purls=("pkg:pypi/odd",)))
    assert violations(odd, asked=["odd"]) == []
    assert len(violations(odd, asked=["odd>=1"])) == 1


def test_names_in_purls() -> None:
    found = record("a", purls=("pkg:pypi/Foo_Bar@1.0?source=x", "pkg:npm/other", "pkg:pypi/b"))
    assert distributions_of(found) == ("foo-bar", "b")
    assert distributions_of(record("a")) == ()


# --- against brute force ---

NAMES = ("a", "b", "c")
SPECS = st.sampled_from([f"{name}{bound}" for name in NAMES for bound in ("", " >=2", " <2", " 1.*")])
RECORDS = st.builds(
    lambda name, version, depends, constrains, noarch: record(
        name, version, *depends, constrains=tuple(constrains), subdir="noarch" if noarch else "linux-64"
    ),
    st.sampled_from(NAMES),
    st.sampled_from(["1.0", "2.0", "3.0"]),
    st.lists(SPECS, max_size=2),
    st.lists(SPECS, max_size=1),
    st.booleans(),
)
ENTRIES = st.builds(
    lambda found, targets: here(found, *targets),
    RECORDS,
    st.sampled_from([("linux-64",), ("win-64",), ("linux-64", "win-64")]),
)


def lawful(entries: Iterable[LockedConda], roots: Iterable[str], target: CondaTarget) -> bool:
    """The law, said as it is read: easy to read rather than fast."""
    there = [each.record for each in entries if target.name in dict(each.reached)["project"]]
    met = all(
        sum(parse_conda_spec(need).matches(one) for one in there) == 1
        for need in [*roots, *(need for one in there for need in one.depends)]
    )
    kept = all(
        parse_conda_spec(wish).matches(other) or parse_conda_spec(wish).name != other.name
        for one, other in product(there, there)
        for wish in one.constrains
    )
    once = len({one.name for one in there}) == len(there)
    return met and kept and once and all(one.subdir in (target.subdir, "noarch") for one in there)


@given(st.lists(ENTRIES, max_size=4), st.lists(SPECS, max_size=2))
def test_the_checker_says_what_the_law_says(entries: list[LockedConda], roots: list[str]) -> None:
    targets = (replace(LINUX, python=""), WINDOWS)
    found = violations(*entries, roots=roots, targets=targets)
    blamed = {text.partition(":")[0] for text in found}
    expected = {target.name for target in targets if not lawful(entries, roots, target)}
    assert blamed == expected


WHOLE = (
    PYTHON,
    NUMPY,
    here(record("scipy", "1.16", "numpy >=2,<3", "python 3.12.*", constrains=("b <2",))),
    here(record("b", "1.5", "numpy")),
)


@pytest.mark.parametrize("gone", ["python", "numpy", "scipy"])
def test_without_any_needed_record_the_law_is_broken(gone: str) -> None:
    roots = ["scipy", "b"]
    assert violations(*WHOLE, roots=roots) == []
    assert violations(*(each for each in WHOLE if each.record.name != gone), roots=roots)


@pytest.mark.parametrize(("name", "version"), [("python", "3.11.9"), ("numpy", "1.26"), ("b", "2.0")])
def test_another_version_breaks_the_law(name: str, version: str) -> None:
    changed = [
        replace(each, record=replace(each.record, version=version)) if each.record.name == name else each
        for each in WHOLE
    ]
    assert violations(*changed, roots=["scipy", "b"])
