"""Extras and groups that exclude each other: declared, or found out; locked apart."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import tomllib

import pytest

from commands.support import block, installed, manifest, shown

CONFLICTS = '[tool.hutch]\nconflicts = [[{ extra = "cpu" }, { extra = "cu121" }]]\n'
EXTRAS = {"cpu": ["torch==1.0"], "cu121": ["torch==2.0"]}


@pytest.fixture
def shop(index):
    """``torch`` in three versions, each with its own ``triton``; ``app`` needs any ``torch``."""
    for version in ("1.0", "2.0", "3.0"):
        index.add_wheel("torch", version, requires=[f"triton=={version}"])
        index.add_wheel("triton", version)
        index.add_wheel("app", version, requires=["torch"])
    return index


def entries(made: object, name: str) -> dict[str, str | None]:
    lock = tomllib.loads(made.read("pylock.toml"))  # type: ignore[attr-defined]
    return {p["version"]: p.get("marker") for p in lock["packages"] if p["name"] == name}


def test_extras_that_are_declared_to_conflict_are_locked_apart(project, shop):
    made = project(manifest("app", extras=EXTRAS, more=CONFLICTS))
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 7 packages for 35 targets in <time>
         + app 3.0
         + torch 1.0, 2.0, 3.0
         + triton 1.0, 2.0, 3.0
    """)
    # Who chooses neither gets the newest, as in a project without extras.
    neither = "'cpu' not in extras and 'cu121' not in extras"
    apart = {"1.0": "'cpu' in extras", "2.0": "'cu121' in extras", "3.0": neither}
    assert entries(made, "torch") == entries(made, "triton") == apart
    assert entries(made, "app") == {"3.0": None}
    made.run("lock --check").ok()


def test_what_only_one_choice_has_is_in_that_alone(project, shop):
    extras = {"cpu": ["torch==1.0"], "cu121": ["torch==2.0"], "new": ["torch==3.0"]}
    text = CONFLICTS.replace('"cu121" }', '"cu121" }, { extra = "new" }')
    made = project(manifest("torch", extras=extras, more=text))
    made.run("lock").ok()
    assert entries(made, "torch") == {
        "1.0": "'cpu' in extras",
        "2.0": "'cu121' in extras",
        "3.0": "'cpu' not in extras and 'cu121' not in extras",
    }


def test_extras_that_contradict_are_found_out(project, shop):
    made = project(manifest("app", extras=EXTRAS))
    assert shown(made.run("lock")) == block("""
        exit 0
        note: extra cpu and extra cu121 contradict each other (torch==1.0 in pyproject.toml:8, torch==2.0 in pyproject.toml:9): locked apart, to be installed one at a time
        Locked 7 packages for 35 targets in <time>
         + app 3.0
         + torch 1.0, 2.0, 3.0
         + triton 1.0, 2.0, 3.0
    """)
    assert tomllib.loads(made.read("pylock.toml"))["tool"]["hutch"]["conflicts"] == [
        ["extra:cpu", "extra:cu121"]
    ]
    found_out = made.read("pylock.toml")
    made.run("lock --upgrade").ok()
    assert made.read("pylock.toml") == found_out
    made.write({"pyproject.toml": manifest("app", extras=EXTRAS, more=CONFLICTS)})
    made.run("lock").ok()
    assert _without_inputs(made.read("pylock.toml")) == _without_inputs(found_out)


def _without_inputs(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("inputs")]


def test_each_choice_installs_and_both_are_refused(project, shop):
    made = project(manifest("app", extras=EXTRAS))
    made.run("sync").ok()
    assert installed(made) == {"app": "3.0", "torch": "3.0", "triton": "3.0"}
    made.run("sync --extra cpu").ok()
    assert installed(made) == {"app": "3.0", "torch": "1.0", "triton": "1.0"}
    made.run("sync --extra cu121").ok()
    assert installed(made) == {"app": "3.0", "torch": "2.0", "triton": "2.0"}
    for command in ("sync --extra cpu --extra cu121", "sync --all-extras", "sync --frozen --all-extras"):
        assert shown(made.run(command)) == block("""
            exit 1
            error: the extra cpu and the extra cu121 cannot be installed together
              what they need contradicts, so the lock holds them apart
            try: --extra cpu
             or: --extra cu121
        """)
    assert made.run("export --all-extras").exit_code == 1
    assert "torch==2.0" in made.run("export --extra cu121").ok().stdout


def test_a_group_and_an_extra(project, shop):
    made = project(manifest(extras={"new": ["torch>2"]}, groups={"old": ["torch<2"], "dev": ["app"]}))
    made.run("sync").ok()
    assert installed(made) == {"app": "3.0", "torch": "3.0", "triton": "3.0"}
    made.run("sync --only-group old").ok()
    assert installed(made) == {"torch": "1.0", "triton": "1.0"}
    made.run("sync --group old").ok()
    assert installed(made) == {"app": "3.0", "torch": "1.0", "triton": "1.0"}
    assert shown(made.run("sync --group old --extra new")) == block("""
        exit 1
        error: the extra new and the group old cannot be installed together
          what they need contradicts, so the lock holds them apart
        try: --extra new --no-group old
         or: --group old
    """)


def test_default_groups_are_not_held_apart(project, shop):
    more = '[tool.hutch]\ndefault-groups = "all"\n'
    made = project(manifest(groups={"a": ["torch<2"], "b": ["torch>2"]}, more=more))
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "no versions satisfy all requirements" in ran.stderr


def test_an_extra_that_contradicts_the_project_is_an_error(project, shop):
    made = project(manifest("torch<2", extras={"a": ["torch>2"], "b": ["app"]}))
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "no versions satisfy all requirements" in ran.stderr
    assert "contradict" not in ran.stderr


def test_three_that_cannot_all_be_had_may_be_had_by_twos(project, index):
    for version in ("1.0", "2.0", "3.0"):
        index.add_wheel("base", version)
    extras = {"a": ["base!=1.0"], "b": ["base!=2.0"], "c": ["base!=3.0"]}
    made = project(manifest(extras=extras))
    made.run("lock").ok()
    lock = tomllib.loads(made.read("pylock.toml"))
    assert lock["tool"]["hutch"]["conflicts"] == [["extra:a", "extra:b", "extra:c"]]
    made.run("sync --extra a --extra b").ok()
    assert installed(made) == {"base": "3.0"}
    made.run("sync --extra a --extra c").ok()
    assert installed(made) == {"base": "2.0"}
    assert made.run("sync --all-extras").exit_code == 1


def test_a_contradiction_on_a_wished_target_alone_does_not_cost_the_target(project, shop):
    extras = {"a": ["torch==1.0; sys_platform == 'win32'"], "b": ["torch==2.0; sys_platform == 'win32'"]}
    made = project(manifest(extras=extras))
    assert "35 targets" in made.run("lock").ok().stderr
    lock = tomllib.loads(made.read("pylock.toml"))
    assert lock["tool"]["hutch"]["conflicts"] == [["extra:a", "extra:b"]]
    assert entries(made, "torch") == {
        "1.0": "sys_platform == 'win32' and 'a' in extras",
        "2.0": "sys_platform == 'win32' and 'b' in extras",
    }


def test_markers_that_cut_a_target(project, shop):
    extras = {"a": ["torch==1.0; python_full_version < '3.11.3'"], "b": ["torch==2.0"]}
    made = project(manifest("app", extras=extras))
    made.run("lock").ok()
    assert entries(made, "torch") == {
        "1.0": "python_full_version < '3.11.3' and 'a' in extras",
        "2.0": "'b' in extras",
        "3.0": (
            "python_full_version >= '3.11.3' and 'a' in extras or 'a' not in extras and 'b' not in extras"
        ),
    }


def test_faults_in_conflicts_are_told(project, shop):
    text = """[tool.hutch]
conflicts = [
  [{ extra = "cpu" }],
  [{ extra = "cpu" }, { extra = "gpu" }],
  [{ extra = "cpu" }, { extra = "Cpu" }],
  [{ extra = "cpu" }, "cu121"],
  [{ group = "dev" }, { group = "lint" }],
  "cpu",
]
default-groups = "all"
"""
    made = project(manifest(extras=EXTRAS, groups={"dev": [], "lint": []}, more=text))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: pyproject.toml is not valid: 6 faults
          pyproject.toml:17: tool.hutch.conflicts[0]: should have two members at least
          pyproject.toml:18: tool.hutch.conflicts[1]: there is no extra 'gpu'
          pyproject.toml:19: tool.hutch.conflicts[2]: names one of them twice
          pyproject.toml:20: tool.hutch.conflicts[3][1]: should be { extra = "NAME" } or { group = "NAME" }
          pyproject.toml:21: tool.hutch.conflicts[4]: dev and lint are both default groups, so nothing could be installed
          pyproject.toml:22: tool.hutch.conflicts[5]: should be an array such as [{ extra = "cpu" }, { extra = "cuda" }]
    """)


def test_a_conflict_in_one_world_alone_is_told_as_any_other(project, shop):
    extras = {"cpu": ["torch==1.0", "app<2"], "cu121": ["torch==2.0"]}
    ran = project(manifest("app>2", extras=extras, more=CONFLICTS)).run("lock")
    assert ran.exit_code == 1
    assert ran.stderr.splitlines()[:3] == [
        "error: no versions satisfy all requirements",
        "  app <2 is asked for in pyproject.toml:8",
        "  app >2 is asked for in pyproject.toml:5",
    ]


def test_more_choices_than_can_be_tried(project, shop):
    """Sixteen extras in eight pairs: 6561 choices."""
    versions = ("app<2", "app>=2")
    extras = {f"e{number}": [versions[number % 2]] for number in range(16)}
    pairs = ", ".join(
        f'[{{ extra = "e{number}" }}, {{ extra = "e{number + 1}" }}]' for number in range(0, 16, 2)
    )
    made = project(manifest(extras=extras, more=f"[tool.hutch]\nconflicts = [{pairs}]\n"))
    assert shown(made.run("lock")) == block("""
        exit 0
        note: extra e0 and extra e11 contradict each other (app<2 in pyproject.toml:8, app>=2 in pyproject.toml:19): locked apart, to be installed one at a time
        note: extra e0 and extra e13 contradict each other (app<2 in pyproject.toml:8, app>=2 in pyproject.toml:21): locked apart, to be installed one at a time
        note: extra e0 and extra e15 contradict each other (app<2 in pyproject.toml:8, app>=2 in pyproject.toml:23): locked apart, to be installed one at a time
        note: extra e0 and extra e3 contradict each other (app<2 in pyproject.toml:8, app>=2 in pyproject.toml:11): locked apart, to be installed one at a time
        note: extra e0 and extra e5 contradict each other (app<2 in pyproject.toml:8, app>=2 in pyproject.toml:13): locked apart, to be installed one at a time
        note: extra e0 and extra e7 contradict each other (app<2 in pyproject.toml:8, app>=2 in pyproject.toml:15): locked apart, to be installed one at a time
        note: 50 more pairs contradict each other in the same way: locked apart
        Locked 4 packages for 35 targets in <time>
         + app 1.0, 3.0
         + torch 3.0
         + triton 3.0
    """)
    made.run("lock --check").ok()
    made.run("sync --extra e1 --extra e3").ok()
    assert installed(made)["app"] == "3.0"
    made.run("sync --extra e0 --extra e2 --extra e14").ok()
    assert installed(made)["app"] == "1.0"


def test_many_extras_that_pin_one_package_are_held_apart_at_once(project, index):
    for version in range(40):
        index.add_wheel("torch", f"{version}.0")
    extras = {f"v{version:02}": [f"torch=={version}"] for version in range(40)}
    made = project(manifest(extras=extras))
    assert shown(made.run("lock")) == block("""
        exit 0
        note: extra v00, extra v01, extra v02, extra v03, extra v04 and 35 more contradict each other (torch==0 in pyproject.toml:8, torch==1 in pyproject.toml:9, torch==2 in pyproject.toml:10, torch==3 in pyproject.toml:11, torch==4 in pyproject.toml:12 and 35 more): locked apart, to be installed one at a time
        Locked 40 packages for 35 targets in <time>
         + torch 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0, 30.0, 31.0, 32.0, 33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0
    """)
    made.run("sync --extra v17").ok()
    assert installed(made) == {"torch": "17.0"}
