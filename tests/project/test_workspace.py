"""``[tool.hutch.workspace]``: the table, and what its patterns mean."""

# ruff: noqa: E501
from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutch.ops.workspace import find_members
from hutch.project import InvalidManifest, WorkspaceTable, parse_manifest
from hutch.project.workspace import covers

FOLDERS = ["a", "b", "ab", "a/b", "a/c", "b/a", "a/b/c", ".h", "a/.h", "ab/c", "ab/c/d"]


def read(table: str) -> WorkspaceTable | None:
    return parse_manifest(f"[tool.hutch.workspace]\n{table}\n").settings.workspace


def faults(text: str) -> list[str]:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(text)
    return list(caught.value.why)


def test_the_table():
    assert read("") == WorkspaceTable()
    assert read('members = ["./packages/*/", "apps/web"]\nexclude = ["packages/old"]') == WorkspaceTable(
        members=("packages/*", "apps/web"), exclude=("packages/old",)
    )
    assert read('environments = "member"\nlocks = "member"') == WorkspaceTable(
        environments="member", locks="member"
    )
    assert parse_manifest("").settings.workspace is None


def test_every_fault_is_told():
    text = '[tool.hutch.workspace]\nmembers = [1, "", "..", "a/../../b", "C:/x"]\nexclude = "x"\nlocks = "one"\nmember = []\n'
    assert [line.split(": ", 2)[1] for line in faults(text)] == [
        "tool.hutch.workspace.members[0]",
        "tool.hutch.workspace.members[1]",
        "tool.hutch.workspace.members[2]",
        "tool.hutch.workspace.members[3]",
        "tool.hutch.workspace.members[4]",
        "tool.hutch.workspace.exclude",
        "tool.hutch.workspace.locks",
        "tool.hutch.workspace.member",
    ]
    assert faults('[tool.hutch]\nworkspace = ["a"]\n') == [
        'pyproject.toml:2: tool.hutch.workspace: should be a table such as { members = ["packages/*"] }'
    ]


def test_sources_from_the_workspace():
    said = parse_manifest(
        "[tool.hutch.sources]\na = { workspace = true }\nb = { workspace = true, editable = false }\n"
    ).settings.sources
    assert [(one.kind, one.location, one.editable) for each in said.values() for one in each] == [
        ("workspace", "", True),
        ("workspace", "", False),
    ]
    assert faults("[tool.hutch.sources]\na = { workspace = false }\n") == [
        "pyproject.toml:2: tool.hutch.sources.a.workspace: should be true; what is no member of the workspace needs no such entry"
    ]


def test_conflicts_of_members():
    text = 'conflicts = [[{ package = "A_b" }, { package = "c", extra = "X" }, { package = "c", group = "dev" }]]\n'
    assert parse_manifest("[tool.hutch]\n" + text + "[tool.hutch.workspace]\n").settings.conflicts == (
        ("extra:x@c", "group:dev@c", "package:a-b"),
    )
    assert faults("[tool.hutch]\n" + text)[0].endswith(
        "names a package, and there is no [tool.hutch.workspace] here"
    )


@given(
    st.lists(
        st.lists(
            st.sampled_from(["*", "**", "a", "b", "c", "a*", "?", "[ab]", ".h"]), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=60, deadline=None)
def test_walking_and_matching_agree(patterns):
    """What is found from the root is what a project below takes itself for."""
    table = WorkspaceTable(members=tuple("/".join(parts) for parts in patterns), exclude=("b",))
    with TemporaryDirectory() as root:
        for folder in FOLDERS:
            path = Path(root, folder)
            path.mkdir(parents=True, exist_ok=True)
            (path / "pyproject.toml").write_text("")
        literal = [each for each in table.members if not any(c in each for c in "*?[")]
        if any(not os.path.isdir(os.path.join(root, each)) for each in literal):
            return
        found = find_members(root, table, "here").paths
    assert set(found) == {folder for folder in FOLDERS if table.admits(folder)}


@pytest.mark.parametrize(
    ("pattern", "path", "means"),
    [
        ("packages/*", "packages/a", True),
        ("packages/*", "packages/a/b", False),
        ("packages/*", "packages/.a", False),
        ("packages/.*", "packages/.a", True),
        ("packages/**", "packages", True),
        ("packages/**", "packages/a/b/c", True),
        ("**/a", "a", True),
        ("**/a", "x/y/a", True),
        ("lib-[0-9]", "lib-3", True),
        ("lib-[0-9]", "lib-x", False),
    ],
)
def test_what_a_pattern_means(pattern, path, means):
    assert covers(pattern, path.split("/")) is means
