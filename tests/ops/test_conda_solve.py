"""From MatchSpecs and requirements to records and versions: folders as channels, an index in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hutch.lock import LockedPackage, check_lock, parse_lock, render_lock
from hutch.net import Client
from hutch.ops.conda_locking import conda_lock
from hutch.ops.conda_solve import (
    CondaAsked,
    CondaConflict,
    CondaResolution,
    NoSuchCondaPackage,
    Side,
    solve_conda,
)
from hutch.ops.context import Context
from hutch.ops.resolve import Root
from hutch.project import CondaPlatform
from hutch.provide import split_package
from hutch.spec import CoreMetadata, parse_requirement
from hutch.testing.conda import CondaPackage, index_channel
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import FakeClock

BOTH = ("linux-64", "win-64")
Ask = Callable[..., CondaResolution]


def channel(folder: Path, rows: Iterable[str]) -> Path:
    """A channel of ``SUBDIR NAME VERSION BUILD [DEPENDS; …] [! CONSTRAINS; …]``."""
    packages = []
    for row in rows:
        head, _, constrains = row.partition("!")
        words, _, depends = head.partition("[")
        subdir, name, version, build = words.split()
        packages.append(
            CondaPackage(
                name,
                version,
                build,
                subdir=subdir,
                depends=[each.strip() for each in depends.rstrip(" ]").split(";") if each.strip()],
                constrains=[each.strip() for each in constrains.split(";") if each.strip()],
                noarch="python" if subdir == "noarch" else "",
            )
        )
    index_channel(folder, packages)
    return folder


PYTHONS = [
    f"{subdir} python {version}.{patch} {patch}_cpython"
    for subdir in BOTH
    for version, patch in (("3.11", 9), ("3.12", 7), ("3.12", 8), ("3.13", 1))
]
NUMPYS = [
    f"{subdir} numpy {version} py{python.replace('.', '')}_0 [python {python}.*]"
    for subdir in BOTH
    for version in ("1.26.4", "2.3.5")
    for python in ("3.11", "3.12", "3.13")
    if not (version == "1.26.4" and python == "3.13")
]


@pytest.fixture
def ask(home: Path, tmp_path: Path) -> Iterator[Ask]:
    contexts = []

    def solved(
        specs: Iterable[str | CondaAsked],
        requirements: Iterable[str] = (),
        platforms: Iterable[str | CondaPlatform] = ("linux-64",),
        *,
        rows: Iterable[str] = (),
        index: FakeIndex | None = None,
        environ: dict[str, str] | None = None,
        **how: Any,
    ) -> CondaResolution:
        if rows:
            channel(tmp_path / "channel", rows)
        said = {"HOME": str(home), "HUTCH_CACHE_DIR": str(home / "cache"), **(environ or {})}
        if index is not None:
            said["HUTCH_INDEX_URL"] = index.url
        context = Context(tmp_path, said)
        contexts.append(context)
        if index is not None:
            client = Client(index.transport(), context.configuration.net, clock=FakeClock())
            context.__dict__["client"] = client
        roots = [Root(requirement=parse_requirement(text)) for text in requirements]
        return solve_conda(context, specs, roots, platforms, channels=[str(tmp_path / "channel")], **how)

    yield solved
    for context in contexts:
        context.close()


def labels(found: CondaResolution, target: str = "linux-64") -> list[str]:
    return [record.label for record in found.records(target)]


def wheels(found: CondaResolution) -> dict[str, str]:
    """What was taken from the index, on any target."""
    joint = found.joint
    assert joint is not None
    chosen = {}
    for name, pairs in joint.resolution.chosen.items():
        base = split_package(name)[0]
        for _, place in pairs:
            if not base.startswith("conda:") and joint.provider.record_at(name, place) is None:
                chosen[base] = joint.resolution.universe.label(name, place)
    return chosen


def lawful(found: CondaResolution, asked: Iterable[str] = ()) -> bool:
    """By the checker that shares no code with the solver, after a way through the file."""
    lock = parse_lock(render_lock(conda_lock(found, "sha256:0")))
    joint = found.joint
    targets = joint.targets.targets if joint is not None else ()
    roots = {"project": tuple(map(parse_requirement, asked))}

    def metadata_of(package: LockedPackage) -> CoreMetadata | None:
        assert joint is not None
        return joint.index.metadata_of(package)

    violations = check_lock(lock, targets, roots, metadata_of)
    assert [str(each) for each in violations] == []
    return True


# --- conda alone ---


def test_one_solve_for_several_platforms(ask: Ask) -> None:
    rows = [
        *PYTHONS,
        *NUMPYS,
        "noarch pure 1 py_0 [python >=3.12]",
        "win-64 vc 14 0",
        "win-64 numpy 2.4 py313_0 [vc]",
    ]
    found = ask(["numpy", "pure"], platforms=BOTH, rows=rows)
    assert labels(found) == ["numpy 2.3.5 py313_0", "pure 1 py_0", "python 3.13.1 1_cpython"]
    assert labels(found, "win-64") == [
        "numpy 2.4 py313_0",
        "pure 1 py_0",
        "python 3.13.1 1_cpython",
        "vc 14 0",
    ]
    (pure,) = [each for each in found.packages if each.record.name == "pure"]
    assert pure.reached == (("project", BOTH),)
    assert lawful(found)


def test_what_a_group_adds_is_the_groups(ask: Ask) -> None:
    rows = [*PYTHONS, *NUMPYS, "noarch pytest 8 py_0 [python; pluggy]", "noarch pluggy 1 py_0 [python]"]
    asked = [CondaAsked(spec="numpy <2"), CondaAsked(spec="pytest", where="group:dev", targets=("linux-64",))]
    found = ask(asked, platforms=BOTH, rows=rows)
    reached = {each.record.label: each.reached for each in found.packages if each.record.subdir != "win-64"}
    assert reached == {
        "numpy 1.26.4 py312_0": (("project", ("linux-64",)),),
        "python 3.12.8 8_cpython": (("project", ("linux-64",)),),
        "pytest 8 py_0": (("group:dev", ("linux-64",)),),
        "pluggy 1 py_0": (("group:dev", ("linux-64",)),),
    }
    assert lawful(found)


def test_what_is_preferred_stays_and_a_constraint_asks_for_nothing(ask: Ask) -> None:
    rows = [*PYTHONS, *NUMPYS]
    asked = [CondaAsked(spec="numpy"), CondaAsked(spec="scipy <1", constraint=True)]
    found = ask(asked, rows=rows, preferred={"numpy": ["1.26.4 py311_0"], "python": ["3.11.9 9_cpython"]})
    assert labels(found) == ["numpy 1.26.4 py311_0", "python 3.11.9 9_cpython"]


def test_a_name_that_no_channel_has(ask: Ask) -> None:
    with pytest.raises(NoSuchCondaPackage) as caught:
        ask(["nunpy"], rows=[*PYTHONS, *NUMPYS])
    assert caught.value.what == "no channel has a package nunpy (asked for in this command)"
    assert caught.value.hints == ("it may be meant: numpy",)


def test_a_conflict_is_told_with_its_records(ask: Ask) -> None:
    with pytest.raises(CondaConflict) as caught:
        ask(["numpy <2", "python 3.13.*"], rows=[*PYTHONS, *NUMPYS])
    told = "\n".join(caught.value.why)
    assert "python 3.13.* is asked for in this command" in told
    assert "numpy 1.26.4" in told


@pytest.mark.parametrize("cuda", [None, "11.8", "12.4"])
def test_a_virtual_package_decides(ask: Ask, cuda: str | None) -> None:
    rows = ["linux-64 torch 2 cuda_0 [__cuda >=12]", "linux-64 torch 1 cpu_0"]
    found = ask(["torch"], rows=rows, environ={"CONDA_OVERRIDE_CUDA": cuda or ""})
    assert labels(found) == ["torch 2 cuda_0" if cuda == "12.4" else "torch 1 cpu_0"]


def test_a_virtual_package_that_is_missing_is_told_with_the_way_to_assume_it(ask: Ask) -> None:
    with pytest.raises(CondaConflict) as caught:
        ask(["torch"], rows=["linux-64 torch 2 cuda_0 [__cuda >=12]"], environ={"CONDA_OVERRIDE_CUDA": ""})
    assert "__cuda >=12" in "\n".join(caught.value.why)
    assert "CONDA_OVERRIDE_CUDA=12 " in caught.value.hints[0]


def test_two_targets_of_one_platform(ask: Ask) -> None:
    rows = ["linux-64 torch 2 cuda_0 [__cuda >=12]", "linux-64 torch 1 cpu_0"]
    gpu = CondaPlatform(name="gpu", subdir="linux-64", requirements=(("__cuda", "12.4"),))
    found = ask(["torch"], platforms=["linux-64", gpu], rows=rows)
    assert (labels(found), labels(found, "gpu")) == (["torch 1 cpu_0"], ["torch 2 cuda_0"])
    assert lawful(found)


def test_what_is_for_other_platforms_alone_is_told(ask: Ask) -> None:
    with pytest.raises(CondaConflict) as caught:
        ask(["tool"], platforms=BOTH, rows=["linux-64 tool 1 0"])
    assert "tool 1 0 has no record for win-64" in " ".join(caught.value.why)


# --- with an index ---


def test_a_wheel_takes_what_it_needs_from_conda(ask: Ask) -> None:
    index = FakeIndex()
    index.add_wheel("pandas", "3.0", requires=["numpy>=2", "tzdata; sys_platform == 'win32'"])
    index.add_wheel("tzdata", "2026.1")
    index.add_wheel("numpy", "2.9")
    found = ask(["numpy"], ["pandas"], BOTH, rows=[*PYTHONS, *NUMPYS], index=index)
    assert labels(found) == ["numpy 2.3.5 py313_0", "python 3.13.1 1_cpython"]
    assert wheels(found) == {"pandas": "3.0", "tzdata": "2026.1"}
    assert lawful(found, ["pandas"])
    packages = {each.name: each for each in conda_lock(found, "sha256:0").packages}
    assert {name: each.marker for name, each in packages.items()} == {
        "pandas": None,
        "tzdata": "sys_platform == 'win32'",
    }
    assert [edge.name for edge in packages["pandas"].dependencies] == ["tzdata"]
    assert [target.python for target in found.targets] == [
        "cp313.1:2-linux-x86_64" + found.targets[0].python.removeprefix("cp313.1:2-linux-x86_64"),
        "cp313.1:2-windows-x86_64",
    ]
    (numpy,) = [each.record for each in found.packages if each.record.label == "numpy 2.3.5 py313_0"][:1]
    assert numpy.purls == ("pkg:pypi/numpy",)


def test_a_choice_of_conda_is_taken_back_for_a_wheel(ask: Ask) -> None:
    """Two solvers, one after the other, end here (prefix-dev/pixi#2559, #1784)."""
    index = FakeIndex()
    index.add_wheel("old-science", "1.0", requires=["numpy<2"])
    found = ask(["numpy"], ["old-science"], rows=[*PYTHONS, *NUMPYS], index=index)
    assert labels(found) == ["numpy 1.26.4 py312_0", "python 3.12.8 8_cpython"]
    assert found.targets[0].python.startswith("cp312.8:9-")
    assert lawful(found, ["old-science"])


def test_what_only_the_index_has_is_found_by_going_on(ask: Ask) -> None:
    index = FakeIndex()
    index.add_wheel("numpy", "2.9")
    found = ask(["python 3.12.*"], ["numpy>=2.5"], rows=[*PYTHONS, *NUMPYS], index=index)
    assert labels(found) == ["python 3.12.8 8_cpython"]
    assert wheels(found) == {"numpy": "2.9"}
    assert lawful(found, ["numpy>=2.5"])


def test_a_record_may_be_met_by_a_wheel(ask: Ask) -> None:
    index = FakeIndex()
    index.add_wheel("numpy", "2.9")
    rows = [*PYTHONS, *NUMPYS, "noarch science 1 py_0 [python; numpy >=2.5]"]
    found = ask(["science"], ["numpy"], rows=rows, index=index)
    assert wheels(found) == {"numpy": "2.9"}
    assert found.to_lock().wheels == (("numpy", "numpy"),)
    assert lawful(found, ["numpy"])


def test_a_wheel_that_only_a_record_needs_is_locked(ask: Ask) -> None:
    index = FakeIndex()
    index.add_wheel("numpy", "2.9")
    rows = [*PYTHONS, *NUMPYS, "noarch science 1 py_0 [python; numpy >=2.5]"]
    index.add_wheel("other", "1.0")
    found = ask(["science"], ["other"], rows=rows, index=index)
    assert wheels(found) == {"numpy": "2.9", "other": "1.0"}
    assert [each.name for each in conda_lock(found, "sha256:0").packages] == ["numpy", "other"]
    assert lawful(found, ["other"])


def test_an_extra_of_a_record_is_that_of_its_version_on_the_index(ask: Ask) -> None:
    index = FakeIndex()
    index.add_wheel("numpy", "2.3.5", extras={"fast": ["speedups>=1"]})
    index.add_wheel("speedups", "1.2")
    found = ask(["numpy"], ["numpy[fast]"], rows=[*PYTHONS, *NUMPYS], index=index)
    assert labels(found) == ["numpy 2.3.5 py313_0", "python 3.13.1 1_cpython"]
    assert wheels(found) == {"speedups": "1.2"}
    assert lawful(found, ["numpy[fast]"])


@pytest.mark.parametrize(
    ("python", "numpy", "expected"),
    [
        ("3.12.*", ">=2", ["old 1 0", "tool 1 0"]),
        ("3.12.*", "<2", ["tool 1 0"]),
        ("3.13.*", ">=2", ["tool 1 0"]),
        ("3.13.*", ">=2.5", ["tool 1 0", "wheel 1 0"]),
    ],
)
def test_conditions_on_both_sides(python: str, numpy: str, expected: list[str], ask: Ask) -> None:
    """CEP 43 where a condition is about Python, about a record, and about what comes from the index."""
    index = FakeIndex()
    index.add_wheel("app", "1.0", requires=[f"numpy{numpy}"])
    index.add_wheel("numpy", "2.9")
    rows = [
        *PYTHONS, *NUMPYS, "noarch old 1 0", "noarch wheel 1 0", "noarch never 1 0",
        (
            'noarch tool 1 0 [old[when="python <3.13 and numpy >=2"]; never[when="nobody or __win"];'
            ' wheel[when="numpy >=2.5"]; python]'
        ),
    ]  # fmt: skip
    found = ask(["tool", f"python {python}"], ["app"], index=index, rows=rows)
    assert lawful(found, ["app"])
    names = ("tool", "old", "never", "wheel")
    assert sorted(each for each in labels(found) if each.split()[0] in names) == expected


def test_the_project_chooses_the_side(ask: Ask) -> None:
    index = FakeIndex()
    index.add_wheel("numpy", "2.0")
    side = Side(sides=lambda name: ("index", "conda"))
    found = ask(["python"], ["numpy"], rows=[*PYTHONS, *NUMPYS], index=index, side=side)
    assert wheels(found) == {"numpy": "2.0"}
    assert labels(found) == ["python 3.13.1 1_cpython"]


def test_a_conflict_across_the_border_names_both_sides(ask: Ask) -> None:
    index = FakeIndex()
    index.add_wheel("old-science", "1.0", requires=["numpy<2"])
    with pytest.raises(CondaConflict) as caught:
        ask(["numpy >=2"], ["old-science"], rows=[*PYTHONS, *NUMPYS], index=index)
    told = "\n".join(caught.value.why)
    assert "old-science 1.0" in told
    assert "numpy <2" in told
    assert "numpy >=2" in told
