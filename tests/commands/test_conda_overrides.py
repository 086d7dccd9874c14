"""Words of a project against those of others, where packages of conda are asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from commands.conda_world import HERE, alone, make_demo, python
from commands.support import block, shown
from hutch.lock import parse_lock


@pytest.fixture
def demo(project: Any, index: Any) -> Any:
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0", requires=["numpy>=1"])
    packages = [python()]
    for version in ("1.26.4", "2.0.0", "2.1.0"):
        packages.append(alone("numpy", version, purls=["pkg:pypi/numpy"]))
    needs = ["numpy >=1.22,<2.0a0", 'plain <2[when="__unix"]']
    packages.append(alone("pandas", "2.2.0", depends=needs, purls=["pkg:pypi/pandas"]))
    packages.append(alone("other", "1.0", depends=["numpy"], constrains=["plain <2"]))
    packages += [alone("plain", version) for version in ("1.0", "2.0")]
    return make_demo(project, packages)


def write(demo: Any, *asked: str, own: str = "", conda: str = "", wheel: str = "alpha") -> None:
    text = f"""
        [project]
        name = "demo"
        version = "1"
        dependencies = ["{wheel}"]
        [tool.hutch]
        package = false
        {own}
        [tool.hutch.conda]
        channels = ["./chan"]
        platforms = ["{HERE}"]
        dependencies = {json.dumps(["python", *asked])}
        {conda}
    """
    demo.write({"pyproject.toml": block(text)})


def locked(demo: Any) -> dict[str, str]:
    part = parse_lock(demo.read("pylock.toml")).conda
    assert part is not None
    return {each.record.name: each.record.version for each in part.packages}


def test_an_override_is_what_is_asked_instead(demo: Any) -> None:
    write(demo, "pandas")
    demo.run("lock").ok()
    assert locked(demo)["numpy"] == "1.26.4"
    write(demo, "pandas", "numpy <2", conda='overrides = ["numpy >=2"]')
    ran = demo.run("lock").ok()
    assert "changes nothing" not in ran.stderr
    assert locked(demo)["numpy"] == "2.1.0"
    assert demo.run("lock --check").exit_code == 0
    assert "pandas 2.2.0 needs numpy >=2" in demo.run("why numpy").ok().stdout
    demo.run("sync").ok()
    record = json.loads(next((demo.path / ".venv/conda-meta").glob("pandas-*.json")).read_text())
    assert record["depends"] == ["numpy >=2", 'plain <2[when="__unix"]']
    assert "Nothing to do" in demo.run("sync").ok().stderr


def test_one_for_a_parent_goes_before_one_for_all(demo: Any) -> None:
    write(demo, "pandas", "other", conda='overrides = ["numpy", "pandas <3 > numpy ==2.0.0"]')
    demo.run("lock").ok()
    assert locked(demo)["numpy"] == "2.0.0"
    write(demo, "pandas", conda='overrides = ["plain >=2"]')
    demo.run("lock").ok()
    assert locked(demo)["plain"] == "2.0"  # the condition stays
    write(demo, "other", "plain", conda='overrides = ["other > plain"]')
    demo.run("lock").ok()
    assert locked(demo)["plain"] == "2.0"  # what a record constrains is corrected, too


def test_an_exclude_is_asked_by_nobody(demo: Any) -> None:
    write(demo, "pandas", "other", conda='excludes = ["pandas > numpy", "plain"]')
    demo.run("lock").ok()
    assert "plain" not in locked(demo)
    assert locked(demo)["numpy"] == "2.1.0"  # other asks for it
    assert demo.run("lock --check").exit_code == 0


def test_what_changes_nothing_is_told(demo: Any) -> None:
    words = '{ require = "pandas > numpy >=2", reason = "bug 1", until = 2026-01-01 }'
    write(demo, "pandas", conda=f'overrides = ["absent >=1", "pandas >3 > numpy >=2", {words}]')
    assert (
        demo.run("lock")
        .ok()
        .stderr.startswith(
            block("""
        note: pyproject.toml:12: the override `pandas >3 > numpy >=2` changes nothing: pandas >3 is not in the lock, or does not ask for numpy; it may go
        warning: pyproject.toml:12: the override `pandas > numpy >=2` was to be looked at again after 2026-01-01 (bug 1); it still holds
        note: pyproject.toml:12: the override `absent >=1` changes nothing: no record of the lock asks for absent; it may go
        """)  # noqa: E501
        )
    )


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ('overrides = ["numpy >=2"]', "overrides of [tool.hutch.conda]"),
        ('overrides = ["pandas > numpy >=2"]', "overrides of [tool.hutch.conda]"),
        ('excludes = ["numpy"]', "excludes of [tool.hutch.conda]"),
        ('constraints = ["plain >=2"]', "constraints of [tool.hutch.conda]"),
        ('overrides = ["numpy <2"]', ""),
        ('overrides = ["alpha > numpy"]', ""),
        ('constraints = ["numpy <2"]', ""),
    ],
)
def test_words_of_python_that_do_not_reach_conda_are_told(demo: Any, own: str, told: str) -> None:
    write(demo, "pandas", own=own)
    said = demo.run("lock").ok().stderr
    assert (told in said and "note: pyproject.toml:7: " in said) if told else "[tool.hutch.conda]" not in said


def test_a_conflict_with_what_an_override_did_not_reach_names_the_words_that_do(demo: Any) -> None:
    write(demo, "pandas", own='overrides = ["numpy >=2"]', wheel="beta")
    assert shown(demo.run("lock")) == block("""
        exit 1
        error: no packages satisfy all requirements
          beta 1.0 (pyproject.toml:4) needs numpy >=2
          pandas 2.2.0 0 (pyproject.toml:11) needs numpy >=1.22,<2.0a0
        try: overrides = ["numpy >=2"] in [tool.hutch.conda], for what records of conda ask
         or: ask for other versions, or take one of these requirements out
    """)


def test_constraints_of_python_hold_for_what_is_the_same_thing(demo: Any) -> None:
    write(demo, "other", own='constraints = ["numpy <2.1"]')
    demo.run("lock").ok()
    assert locked(demo)["numpy"] == "2.0.0"


def test_what_is_said_wrong_is_told_at_its_place(demo: Any) -> None:
    conda = 'excludes = ["numpy >=2", 3]\noverrides = ["chan::numpy", { x = 1 }]'
    write(demo, "pandas", conda=conda)
    said = demo.run("lock")
    assert said.exit_code != 0
    for text in (
        "excludes[0]: should be the name of a package alone",
        "excludes[1]: should be a string, or a table with exclude, reason and until",
        "overrides[0]: should be a name and versions, without a channel, an address or a condition",
        "overrides[1]: should be a string, or a table with require, reason and until",
        "overrides[1].x: unknown key; there are require, reason and until",
    ):
        assert text in said.stderr
