"""Workspaces: several projects, one lock."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import json
import shutil
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock

from commands.packages import package, sources, word, write
from commands.support import block, installed, locked, manifest, shown
from commands.test_git import Repository
from hutch.env.state import read_state

ROOT = """\
[tool.hutch.workspace]
members = ["packages/*"]
"""
FROM_HERE = "{ workspace = true }"


def workspace(project, *, root: str = ROOT, **members):
    """A workspace with these members, each the files of a package or the text of a manifest."""
    made = project(root)
    for name, files in members.items():
        folder = made / "packages" / name
        write(folder, files if isinstance(files, dict) else {"pyproject.toml": files})
    return made


def put(made, path: str, text: str) -> None:
    write(made.path, {path: text})


def api(*more: str, python: str = ">=3.9", source: str = FROM_HERE) -> dict[str, str]:
    """A package that needs the member ``lib``."""
    files = package("api", "lib", *more, more="\n" + sources(lib=source))
    files["pyproject.toml"] = files["pyproject.toml"].replace(">=3.9", python, 1)
    return files


@pytest.fixture
def two(project, index):
    """``lib`` needs alpha; ``api`` needs lib and beta."""
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    return workspace(project, lib=package("lib", "alpha"), api=api("beta"))


def test_one_lock_for_all_members_and_an_environment_with_all_of_them(two):
    assert shown(two.run("sync")) == block("""
        exit 0
        Locked 4 packages for 35 targets in <time>
        Made the environment .venv
        Installed 4 packages in <time>
         + alpha 1.0
         + api 1.0
         + beta 1.0
         + lib 1.0
    """)
    lock = tomllib.loads(two.read("pylock.toml"))
    assert lock["dependency-groups"] == lock["default-groups"] == ["api", "lib"]
    entries = {one["name"]: one for one in lock["packages"]}
    assert entries["lib"]["directory"] == {"path": "packages/lib", "editable": True}
    assert entries["lib"]["marker"] == "'api' in dependency_groups or 'lib' in dependency_groups"
    assert entries["beta"]["marker"] == "'api' in dependency_groups"
    assert lock["tool"]["hutch"]["roots"] == [
        {"name": "api", "where": "group:api"},
        {"name": "lib", "where": "group:lib"},
    ]
    assert word(two, "api") == "this is api"
    assert shown(two.run("lock --check")).startswith("exit 0\n")


def test_in_the_folder_of_a_member_that_member_is_meant(two):
    assert shown(two.run("-C packages/lib sync")) == block("""
        exit 0
        Locked 4 packages for 35 targets in <time>
        Made the environment .venv
        Installed 2 packages in <time>
         + alpha 1.0
         + lib 1.0
    """)
    assert not (two / "packages/lib/pylock.toml").exists()
    # Running something in another member takes nothing away.
    assert (
        two.run("-C packages/api/src run python -c 'import api, lib; print(api.WORD)'").stdout
        == "this is api\n"
    )
    assert installed(two) == {"alpha": "1.0", "api": "1.0", "beta": "1.0", "lib": "1.0"}
    assert shown(two.run("sync --package lib")) == block("""
        exit 0
        Removed 2 packages in <time>
         - api 1.0
         - beta 1.0
    """)
    assert shown(two.run("-C packages/lib sync --all-packages")) == block("""
        exit 0
        Installed 2 packages in <time>
         + api 1.0
         + beta 1.0
    """)


def test_the_root_may_be_a_project_itself(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    root = manifest("lib", more=ROOT + "\n" + sources(lib=FROM_HERE), groups={"dev": ["beta"]})
    made = workspace(project, root=root, lib=package("lib", "alpha"), other=manifest("beta", name="other"))
    assert shown(made.run("sync")) == block("""
        exit 0
        Locked 3 packages for 35 targets in <time>
        Made the environment .venv
        Installed 3 packages in <time>
         + alpha 1.0
         + beta 1.0
         + lib 1.0
    """)
    lock = tomllib.loads(made.read("pylock.toml"))
    assert lock["dependency-groups"] == ["demo", "dev", "lib", "other"]
    assert lock["default-groups"] == ["demo", "dev"]
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "lib": "1.0"}
    assert made.run("-C packages/lib sync").exit_code == 0
    assert installed(made) == {"alpha": "1.0", "lib": "1.0"}
    assert made.run("sync --package other").exit_code == 0
    assert installed(made) == {"beta": "1.0"}


def test_extras_and_groups_are_those_of_the_member(project, index):
    for name in ("alpha", "beta", "gamma"):
        index.add_wheel(name, "1.0")
    more = '[project.optional-dependencies]\nfast = ["beta"]\n\n[dependency-groups]\ndev = ["gamma"]\n'
    made = workspace(
        project,
        lib=package("lib", "alpha", more=more),
        api=package("api", "lib[fast]", more="\n" + sources(lib=FROM_HERE)),
    )
    assert made.run("-C packages/lib sync").exit_code == 0
    lock = tomllib.loads(made.read("pylock.toml"))
    assert lock["extras"] == ["lib-fast"]
    assert lock["dependency-groups"] == ["api", "lib", "lib-dev"]
    assert installed(made) == {"alpha": "1.0", "gamma": "1.0", "lib": "1.0"}
    assert made.run("sync --package lib --extra fast --no-dev").exit_code == 0
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "lib": "1.0"}
    assert made.run("sync --only-group dev").exit_code == 0
    assert installed(made) == {"gamma": "1.0"}
    assert made.run("sync --package lib --no-install-project").exit_code == 0
    assert installed(made) == {"alpha": "1.0", "gamma": "1.0"}
    assert shown(made.run("sync --package api --extra fast")) == block("""
        exit 2
        error: there is no extra named fast
          this project has no extras
    """)
    assert shown(made.run("sync --package ap")) == block("""
        exit 2
        error: there is no member named ap
          members: api, lib
        try: did you mean api?
    """)


def test_each_member_is_locked_for_the_pythons_that_it_admits(project, index):
    index.add_wheel("alpha", "1.0", requires_python=">=3.9")
    index.add_wheel("alpha", "2.0", requires_python=">=3.12")
    made = workspace(
        project,
        old=manifest("alpha", name="old", python=">=3.9,<3.13"),
        new=manifest("alpha>=2", name="new", python=">=3.12"),
    )
    assert made.run("lock").exit_code == 0
    lock = tomllib.loads(made.read("pylock.toml"))
    assert lock["requires-python"] == ">=3.9"
    new = "python_version >= '3.12' and 'new' in dependency_groups"
    assert [(one["version"], one["marker"]) for one in lock["packages"]] == [
        ("1.0", "python_version < '3.12' and 'old' in dependency_groups"),
        ("2.0", f"{new} or python_version == '3.12' and 'old' in dependency_groups"),
    ]


def test_the_pythons_of_a_member_count_in_the_lock(project, index):
    index.add_wheel("alpha", "1.0")
    made = workspace(project, one=manifest(name="one"), two=manifest("alpha", name="two"))
    assert made.run("lock").exit_code == 0
    put(made, "packages/two/pyproject.toml", manifest("alpha", name="two", python=">=3.12"))
    assert made.run("lock --check").exit_code == 1
    assert made.run("lock").exit_code == 0
    entry = tomllib.loads(made.read("pylock.toml"))["packages"][0]
    assert entry["marker"] == "python_version >= '3.12' and 'two' in dependency_groups"


def test_a_member_that_is_too_new_for_the_one_that_needs_it(project, index):
    lib = package("lib")
    lib["pyproject.toml"] = lib["pyproject.toml"].replace(">=3.9", ">=3.10")
    made = workspace(project, lib=lib, api=api())
    assert shown(made.run("lock")) == block("""
        exit 1
        error: members of the workspace do not fit together
          packages/api/pyproject.toml:10 asks for lib, which is for Python >=3.10; packages/api/pyproject.toml:9 admits older ones (>=3.9)
        try: raise requires-python of the member that asks, or limit what it asks for by a marker
    """)
    text = made.read("packages/api/pyproject.toml")
    put(made, "packages/api/pyproject.toml", text.replace('["lib"', "[\"lib; python_version >= '3.10'\""))
    assert made.run("lock").exit_code == 0
    assert made.run("lock --check").exit_code == 0


def test_members_that_need_each_other(project, index):
    made = workspace(project, lib=package("lib", "api", more="\n" + sources(api=FROM_HERE)), api=api())
    assert made.run("sync --package lib").exit_code == 0
    assert installed(made) == {"api": "1.0", "lib": "1.0"}
    assert made.run("tree").exit_code == 0


def test_links_in_a_circle(project, index):
    made = workspace(project, root='[tool.hutch.workspace]\nmembers = ["**"]\n', lib=package("lib"))
    (made / "packages" / "lib" / "round").symlink_to(made / "packages")
    assert made.run("sync").exit_code == 0
    assert installed(made) == {"lib": "1.0"}


def test_a_member_that_this_python_does_not_suit(project, index, monkeypatch):
    made = workspace(
        project,
        lib=package("lib"),
        new=manifest(name="new", python=">=3.99"),
    )
    put(made, "packages/new/pyproject.toml", manifest(name="new", python="<3.10"))
    assert shown(made.run("sync")) == block("""
        exit 0
        note: new is left out: it needs Python <3.10, and this is <version>
        Locked 1 package for 40 targets in <time>
        Made the environment .venv
        Installed 1 package in <time>
         + lib 1.0
    """)
    assert shown(made.run("sync --package new")) == block("""
        exit 1
        error: new does not run on Python <version>
          packages/new/pyproject.toml:4 asks for <3.10
        try: --python '<3.10' takes another Python
         or: environments = "member" in [tool.hutch.workspace] gives each member its own environment
    """)


# -- what is no workspace ---------------------------------------------------------------------------


def test_a_member_that_would_come_from_the_index(project, index):
    made = workspace(project, lib=package("lib"), api=package("api", "lib>=1"))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: members of the workspace do not fit together
          packages/api/pyproject.toml:10 asks for lib, which is a member of this workspace (packages/lib), and does not say so: it would come from the index
        try: lib = { workspace = true } in [tool.hutch.sources]
    """)
    put(made, "pyproject.toml", ROOT + "\n" + sources(lib=FROM_HERE))
    assert made.run("lock").exit_code == 0  # said once for all members
    assert locked(made) == {"api": "", "lib": ""}


def test_members_that_are_none(project, index):
    made = workspace(
        project, root=ROOT.replace("]", ', "apps/web"]', 1).replace("]", "]", 1), lib=package("lib")
    )
    put(made, "pyproject.toml", '[tool.hutch.workspace]\nmembers = ["packages/*", "apps/web"]\n')
    put(made, "packages/notes/readme.txt", "no project")
    put(made, "packages/gone/__pycache__/x.pyc", "left over")
    put(made, "packages/.hidden/x", "")
    assert shown(made.run("lock")) == block("""
        exit 1
        error: pyproject.toml:1 names members that are none
          packages/notes (by packages/*) has no pyproject.toml
          there is no folder apps/web
        try: hutch init FOLDER makes a project there
         or: exclude it in [tool.hutch.workspace]
    """)
    put(made, "pyproject.toml", ROOT + 'exclude = ["packages/notes"]\n')
    assert made.run("lock").exit_code == 0


def test_two_members_of_one_name_and_one_without(project, index):
    made = workspace(
        project,
        one=manifest(name="My.Lib"),
        two=manifest(name="my-lib"),
        three="[dependency-groups]\ndev = []\n",
    )
    assert shown(made.run("lock")) == block("""
        exit 1
        error: the workspace of pyproject.toml:1 cannot be read
          packages/three/pyproject.toml has no [project] table with a name
          two members have the name my-lib: packages/one/pyproject.toml:2 and packages/two/pyproject.toml:2
    """)


def test_members_outside_of_the_root(project, index):
    made = project(
        '[tool.hutch.workspace]\nmembers = ["../other", "/somewhere", "packages/*"]\nmember = []\n'
    )
    assert shown(made.run("lock")) == block("""
        exit 1
        error: pyproject.toml is not valid: 3 faults
          pyproject.toml:2: tool.hutch.workspace.members[0]: ../other leads out of the workspace; all members lie below the folder of its manifest
          pyproject.toml:2: tool.hutch.workspace.members[1]: /somewhere leads out of the workspace; all members lie below the folder of its manifest
          pyproject.toml:3: tool.hutch.workspace.member: unknown key; a workspace has members, exclude, environments, locks
    """)


def test_a_link_that_leads_out_of_the_root(project, index, tmp_path):
    made = workspace(project, lib=package("lib"))
    write(tmp_path / "away", package("away"))
    (made / "packages" / "away").symlink_to(tmp_path / "away")
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "packages/away (by packages/*) is a link that leads out of the workspace" in ran.stderr
    put(made, "pyproject.toml", ROOT + 'exclude = ["packages/away"]\n')
    assert made.run("lock").exit_code == 0


def test_a_workspace_in_a_workspace(project, index):
    made = workspace(project, inner=manifest(name="inner", more=ROOT))
    expected = block("""
        exit 1
        error: packages/inner is a workspace inside a workspace
          <project>/pyproject.toml has it as a member, and it has members itself
        try: exclude = ["packages/inner"] in the outer one
         or: take the table out of the inner one
    """)
    assert shown(made.run("lock")) == expected
    assert shown(made.run("-C packages/inner lock")) == expected
    put(made, "pyproject.toml", ROOT + 'exclude = ["packages/inner"]\n')
    assert made.run("lock").exit_code == 0
    assert made.run("-C packages/inner lock").exit_code == 0
    assert (made / "packages/inner/pylock.toml").exists()


def test_a_workspace_that_cannot_be_read_is_no_matter_of_commands_without_a_project(project, index):
    made = workspace(project, root="[tool.hutch.workspace]\nmembers = 1\n", one=manifest(name="one"))
    assert made.run("-C packages/one cache dir").exit_code == 0
    assert shown(made.run("-C packages/one lock")) == block("""
        exit 1
        error: <project>/pyproject.toml is not valid
          <project>/pyproject.toml:2: tool.hutch.workspace.members: should be an array of paths and patterns such as "packages/*"
    """)


def test_a_folder_that_is_no_member_is_a_project_alone(project, index):
    index.add_wheel("alpha", "1.0")
    made = workspace(project, lib=package("lib"))
    put(made, "tools/gen/pyproject.toml", manifest("alpha", name="gen"))
    assert made.run("-C tools/gen lock").exit_code == 0
    assert (made / "tools/gen/pylock.toml").exists()
    put(made, "tools/gen/pyproject.toml", manifest("lib", name="gen", more=sources(lib=FROM_HERE)))
    assert shown(made.run("-C tools/gen lock")) == block("""
        exit 1
        error: pyproject.toml:8: lib is to be a member of the workspace, and this project is in none
          <project>/pyproject.toml does not have it as a member: tools/gen
        try: members = ["packages/*", "tools/gen"] there
    """)
    put(made, "pyproject.toml", manifest())
    assert shown(made.run("sync --package lib")) == block("""
        exit 2
        error: --package lib: this project is no workspace
        try: [tool.hutch.workspace] with members = [...] makes it one
    """)
    assert json.loads(made.run("lock --json").stdout)["packages"] == 0


# -- edits ------------------------------------------------------------------------------------------


def test_add_and_remove_edit_the_member_and_the_one_lock(two, index):
    index.add_wheel("gamma", "1.5")
    assert shown(two.run("-C packages/lib add gamma")) == block("""
        exit 0
        Added gamma>=1.5 to packages/lib/pyproject.toml
        Locked 5 packages for 35 targets in <time>
        Made the environment .venv
        Installed 3 packages in <time>
         + alpha 1.0
         + gamma 1.5
         + lib 1.0
    """)
    assert '"gamma>=1.5"' in two.read("packages/lib/pyproject.toml")
    assert two.read("pyproject.toml") == ROOT
    assert two.run("lock --check").exit_code == 0
    assert two.run("remove --package lib gamma").exit_code == 0
    assert "gamma" not in two.read("packages/lib/pyproject.toml")
    assert "gamma" not in locked(two)
    assert two.run("lock --check").exit_code == 0


def test_adding_a_member_to_a_member(project, index):
    made = workspace(project, lib=package("lib"), api=package("api"))
    assert made.run("-C packages/api add lib").exit_code == 0
    assert tomllib.loads(made.read("packages/api/pyproject.toml"))["tool"]["hutch"]["sources"] == {
        "lib": {"workspace": True}
    }
    assert installed(made) == {"api": "1.0", "lib": "1.0"}
    put(made, "packages/web/pyproject.toml", manifest(name="web"))
    assert made.run("-C packages/web add ../lib").exit_code == 0
    assert tomllib.loads(made.read("packages/web/pyproject.toml"))["tool"]["hutch"]["sources"] == {
        "lib": {"workspace": True}
    }


def test_a_failed_add_leaves_the_member_as_it_was(two, index):
    index.add_wheel("gamma", "1.0", requires=["alpha>=2"])
    before = two.read("packages/api/pyproject.toml")
    ran = two.run("-C packages/api add gamma")
    assert ran.exit_code == 1
    assert two.read("packages/api/pyproject.toml") == before
    assert not (two / "pylock.toml").exists()


# -- conflicts --------------------------------------------------------------------------------------


def test_a_conflict_of_two_members_names_both_manifests(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0")
    made = workspace(
        project,
        one=manifest("alpha<2", name="one"),
        two=package("two", "alpha>=2"),
        three=manifest(name="three"),
    )
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          alpha <2 is asked for in packages/one/pyproject.toml:5
          alpha >=2 is asked for in packages/two/pyproject.toml:10
        try: alpha >=2, in packages/one/pyproject.toml:5
         or: alpha <2, in packages/two/pyproject.toml:10
    """)
    assert shown(made.run("lock --apply 2")) == block("""
        exit 0
        note: changed packages/two/pyproject.toml:10: alpha <2
        Locked 2 packages for 35 targets in <time>
         + alpha 1.0
         + two packages/two
    """)
    assert '"alpha<2"' in made.read("packages/two/pyproject.toml")
    assert made.run("lock --check").exit_code == 0


def test_members_that_are_declared_to_exclude_each_other(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0")
    conflicts = '[tool.hutch]\nconflicts = [[{ package = "one" }, { package = "two" }]]\n\n'
    made = workspace(
        project,
        root=conflicts + ROOT,
        one=package("one", "alpha<2"),
        two=package("two", "alpha>=2"),
        both=manifest(name="both"),
    )
    assert made.run("lock").exit_code == 0
    lock = tomllib.loads(made.read("pylock.toml"))
    assert [(one["version"], one["marker"]) for one in lock["packages"] if one["name"] == "alpha"] == [
        ("1.0", "'one' in dependency_groups"),
        ("2.0", "'two' in dependency_groups"),
    ]
    assert lock["default-groups"] == ["both"]  # what any installer may take at once
    assert shown(made.run("sync")) == block("""
        exit 1
        error: the member one and the member two cannot be installed together
          the workspace holds them apart: conflicts in [tool.hutch]
        try: --package one
         or: --package two
    """)
    assert made.run("-C packages/two sync").exit_code == 0
    assert installed(made) == {"alpha": "2.0", "two": "1.0"}
    put(made, "pyproject.toml", conflicts.replace('"two"', '"tow"') + ROOT)
    assert shown(made.run("lock")) == block("""
        exit 1
        error: pyproject.toml is not valid
          pyproject.toml:2: tool.hutch.conflicts[0]: there is no package tow
    """)


def test_extras_of_two_members_that_contradict_are_held_apart(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0")
    made = workspace(
        project,
        one=manifest(name="one", extras={"x": ["alpha<2"]}),
        two=manifest(name="two", groups={"dev": ["alpha>=2"]}),
    )
    assert shown(made.run("lock")) == block("""
        exit 0
        note: extra x of one and group dev of two contradict each other (alpha<2 in packages/one/pyproject.toml:8, alpha>=2 in packages/two/pyproject.toml:8): locked apart, to be installed one at a time
        Locked 2 packages for 35 targets in <time>
         + alpha 1.0, 2.0
    """)
    assert shown(made.run("sync --extra x")) == block("""
        exit 1
        error: the extra x of one and the group dev of two cannot be installed together
          the workspace holds them apart: conflicts in [tool.hutch]
        try: choose fewer groups and extras at once
    """)
    assert made.run("sync --extra x --no-dev").exit_code == 0


# -- settings ---------------------------------------------------------------------------------------


def test_settings_of_the_root_count_for_all_and_those_of_members_are_told(project, index):
    for version in ("1.0", "2.0", "3.0"):
        index.add_wheel("alpha", version)
    limits = '[tool.hutch]\nconstraints = ["alpha<3"]\n\n'
    own = '[tool.hutch]\nconstraints = ["alpha<2"]\noffline = true\npackage = false\n'
    made = workspace(project, root=limits + ROOT, one=manifest("alpha", name="one", more=own))
    assert shown(made.run("lock")) == block("""
        exit 0
        warning: packages/one/pyproject.toml:8: constraints and offline count in the root of the workspace alone
        Locked 1 package for 35 targets in <time>
         + alpha 2.0
    """)


def test_sources_of_members_count_and_two_that_differ_are_a_problem(project, index):
    made = workspace(
        project,
        one=manifest("vendored", name="one", more=sources(vendored='{ path = "../../vendored" }')),
        two=manifest("vendored", name="two", more=sources(vendored='{ path = "../../vendored" }')),
    )
    write(made.path / "vendored", package("vendored"))
    assert made.run("lock").exit_code == 0
    entry = tomllib.loads(made.read("pylock.toml"))["packages"][0]
    assert entry["directory"] == {"path": "vendored"}
    other = sources(vendored='{ url = "https://files.example/vendored-1.0.tar.gz" }')
    put(made, "packages/two/pyproject.toml", manifest("vendored", name="two", more=other))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: vendored is asked for from two places
          packages/one/pyproject.toml:8: path vendored
          packages/two/pyproject.toml:8: url https://files.example/vendored-1.0.tar.gz
        try: say in [tool.hutch.sources] of the project where vendored comes from
    """)
    put(made, "pyproject.toml", ROOT + "\n" + sources(vendored='{ path = "vendored" }'))
    assert made.run("lock").exit_code == 0


def test_a_member_with_an_environment_of_its_own(project, index):
    index.add_wheel("alpha", "1.0")
    made = workspace(project, root=ROOT + 'environments = "member"\n', one=manifest("alpha", name="one"))
    put(made, "packages/one/.python-version", "2.6\n")  # a pin of the member is about its environment
    assert "2.6" in made.run("-C packages/one sync", environ={"HUTCH_PYTHON": None}).stderr
    (made / "packages/one/.python-version").unlink()
    assert made.run("-C packages/one sync").exit_code == 0
    assert installed(made.path / "packages/one") == {"alpha": "1.0"}
    assert not (made / ".venv").exists()
    assert shown(made.run("-C packages/one sync")) == block("""
        exit 0
        Nothing to do: packages/one/.venv is up to date
    """)
    assert made.run("sync --package one").exit_code == 0
    assert not (made / ".venv").exists()
    assert made.run("sync").exit_code == 0
    assert installed(made) == {"alpha": "1.0"}


# -- what changes, and what is seen of it -----------------------------------------------------------


def test_a_sync_with_nothing_to_do_sees_what_changed_in_members(two, index):
    index.add_wheel("gamma", "1.0")
    nothing = "exit 0\nNothing to do: .venv is up to date\n"
    assert two.run("sync").exit_code == 0
    asked = len(index.log)
    assert shown(two.run("sync")) == nothing
    put(two, "packages/lib/pyproject.toml", two.read("packages/lib/pyproject.toml").replace("alpha", "gamma"))
    assert shown(two.run("lock --check")) == block("""
        exit 1
        error: pylock.toml is not up to date
          a manifest of the workspace or the configuration asks for something else than when it was made
        try: run hutch lock
    """)
    assert two.run("sync").exit_code == 0
    assert "gamma" in installed(two)
    assert len(index.log) > asked
    assert shown(two.run("sync")) == nothing
    # A new folder that a pattern means, and one that goes.
    put(two, "packages/new/pyproject.toml", manifest("alpha", name="new"))
    assert two.run("sync").exit_code == 0
    assert "alpha" in installed(two)
    assert shown(two.run("sync")) == nothing
    (two / "packages/new/pyproject.toml").rename(two / "packages/new/pyproject.txt")
    assert two.run("sync").exit_code == 1
    (two / "packages/new/pyproject.txt").unlink()
    assert two.run("sync").exit_code == 0
    assert "alpha" not in installed(two)
    assert shown(two.run("sync")) == nothing
    # From a member, that member is meant, and the next time that is seen at a glance too.
    assert two.run("-C packages/lib sync").exit_code == 0
    assert shown(two.run("-C packages/lib sync")) == nothing
    assert two.run("sync").exit_code == 0
    assert "beta" in installed(two)


def test_going_to_and_fro_between_members(two, index):
    """What one run adds takes nothing from another, and an environment is known to have both."""
    words = "run python -c 'import lib'"
    for member in ("lib", "api", "lib", "api"):
        assert two.run(f"-C packages/{member} {words}").exit_code == 0
    state = read_state(two.path / ".venv")
    assert sorted((selection[-1], exact) for selection, exact in state[3]) == [
        ("packages/api", False),
        ("packages/lib", False),
    ]
    assert two.run("-C packages/lib sync").stderr.startswith("Removed 2 packages")
    state = read_state(two.path / ".venv")
    assert [(selection[-1], exact) for selection, exact in state[3]] == [("packages/lib", True)]
    assert two.run(f"-C packages/api {words}").exit_code == 0
    assert "beta" in installed(two)
    write(two / "packages/other", package("other"))
    assert two.run("-C packages/other run python -c 'import other'").exit_code == 0
    assert two.run("-C packages/api run --no-dev python -c 'import api'").exit_code == 0
    state = read_state(two.path / ".venv")  # nothing was installed again: other is still known
    assert [selection[-1] for selection, _ in state[3]] == ["packages/api", "packages/other"]
    put(two, "packages/lib/pyproject.toml", package("lib")["pyproject.toml"])
    assert two.run(f"-C packages/lib {words}").exit_code == 0
    state = read_state(two.path / ".venv")
    assert [selection[-1] for selection, _ in state[3]] == ["packages/lib"]


def test_a_workspace_that_comes_to_be_above_is_seen(project, index):
    index.add_wheel("alpha", "1.0")
    made = project({"packages/one/pyproject.toml": manifest("alpha", name="one")})
    assert made.run("-C packages/one sync").exit_code == 0
    assert (made / "packages/one/pylock.toml").exists()
    put(made, "pyproject.toml", ROOT)
    assert made.run("-C packages/one sync").exit_code == 0
    assert installed(made) == {"alpha": "1.0"}


def test_undeclared_imports_between_members_are_told(two):
    put(two, "packages/lib/src/lib.py", "WORD = 1\nimport json, api\n")
    put(
        two,
        "packages/lib/tests/test_lib.py",
        "try:\n    import api\nexcept ImportError:\n    api = None\n\nif TYPE_CHECKING:\n    import api.x\n",
    )
    put(two, "packages/api/more.py", "def f():\n    from lib import WORD\n    import .\n")
    put(two, "packages/api/src/api.py", "from lib import WORD\n")
    warned = (
        "warning: packages/lib/src/lib.py:2: imports api, and lib does not ask for api;"
        " hutch add --package lib api does\n"
    )
    ran = two.run("lock")
    assert ran.stderr.startswith(warned)
    assert ran.stderr.count("warning") == 1
    assert warned in two.run("lock --check").stderr
    put(two, "packages/lib/src/lib.py", "WORD = 1\n")
    assert "warning" not in two.run("lock --check").stderr


def test_a_project_started_in_a_workspace_is_a_member(project, index):
    made = workspace(project)
    assert shown(made.run("init packages/one")) == block("""
        exit 0
        Started one in packages/one: pyproject.toml, README.md, main.py, .gitignore
        It is a member of the workspace in this directory
        next: cd packages/one && hutch add PACKAGE
    """)
    assert made.read("pyproject.toml") == ROOT
    assert made.run("init apps/two").exit_code == 0
    assert made.read("pyproject.toml") == ROOT.replace('"packages/*"', '"packages/*", "apps/two"')
    assert shown(made.run("lock --check")) == block("""
        exit 1
        error: there is no pylock.toml
          <project>/pylock.toml does not exist
        try: run hutch lock
    """)
    assert json.loads(made.run("lock --json").stdout)["packages"] == 0


# -- looking ----------------------------------------------------------------------------------------


def test_tree_why_and_export(two):
    assert two.run("lock").exit_code == 0
    assert two.run("tree").stdout == block("""
        project
        ├── api (packages/api)
        │   ├── beta 1.0
        │   └── lib (packages/lib)
        │       └── alpha 1.0
        └── lib (packages/lib) (*)
        (*) shown in full further up
    """)
    assert two.run("why alpha").stdout == block("""
        alpha 1.0, where 'api' in dependency_groups or 'lib' in dependency_groups
          project (member lib) → lib (packages/lib) → alpha 1.0
          alpha is asked for in packages/lib/pyproject.toml:10
    """)
    exported = two.run("export --package lib --no-hashes").stdout.splitlines()
    assert [line for line in exported if line[:1] not in ("", " ", "#")] == [
        "alpha==1.0",
        "-e ./packages/lib",
    ]
    narrowed = tomllib.loads(two.run("export --package lib --format pylock").stdout)
    assert [(one["name"], one.get("marker")) for one in narrowed["packages"]] == [
        ("alpha", None),
        ("lib", None),
    ]


def test_upgrade_and_bump(project, index):
    index.add_wheel("alpha", "1.0")
    made = workspace(project, one=manifest("alpha>=1", name="one"), two=manifest("alpha", name="two"))
    assert made.run("lock").exit_code == 0
    index.add_wheel("alpha", "2.0")
    assert made.run("lock --refresh").exit_code == 0
    assert locked(made) == {"alpha": "1.0"}
    assert made.run("-C packages/one upgrade --bump --refresh").exit_code == 0
    assert locked(made) == {"alpha": "2.0"}
    assert '"alpha>=2.0"' in made.read("packages/one/pyproject.toml")
    assert made.run("lock --check").exit_code == 0


# -- a lock for each member -------------------------------------------------------------------------


def test_members_with_locks_of_their_own(project, index):
    for version in ("1.0", "2.0"):
        index.add_wheel("alpha", version)
    made = workspace(
        project,
        root=ROOT + 'locks = "member"\n\n[tool.hutch]\nconstraints = ["beta==1"]\n',
        lib=package("lib"),
        one=package("one", "lib", "alpha<2", more="\n" + sources(lib=FROM_HERE)),
        two=manifest("alpha>=2", name="two"),
    )
    assert shown(made.run("-C packages/one sync")) == block("""
        exit 0
        Locked 2 packages for 35 targets in <time>
        Made the environment packages/one/.venv
        Installed 3 packages in <time>
         + alpha 1.0
         + lib 1.0
         + one 1.0
    """)
    lock = tomllib.loads(made.read("packages/one/pylock.toml"))
    assert lock["packages"][1]["directory"] == {"path": "../lib", "editable": True}
    assert not (made / "pylock.toml").exists()
    assert shown(made.run("-C packages/one sync")) == block("""
        exit 0
        Nothing to do: packages/one/.venv is up to date
    """)
    assert shown(made.run("lock")) == block("""
        exit 0
        packages/lib:
        Locked 0 packages for 35 targets in <time>
        packages/one:
        The lock is up to date: 2 packages for 35 targets
        packages/two:
        Locked 1 package for 35 targets in <time>
         + alpha 2.0
    """)
    assert made.run("sync --package two").exit_code == 0
    assert installed(made.path / "packages/two") == {"alpha": "2.0"}
    assert made.run("add --package two lib").exit_code == 0
    assert installed(made.path / "packages/two") == {"alpha": "2.0", "lib": "1.0"}
    assert made.run("lock --check").exit_code == 0
    # A member changes what another one needs.
    put(made, "packages/lib/pyproject.toml", package("lib", "alpha<2")["pyproject.toml"])
    assert made.run("-C packages/one sync --locked").exit_code == 1
    assert made.run("-C packages/two sync").exit_code == 1
    assert shown(made.run("sync")) == block("""
        exit 1
        error: each member of this workspace has its own lock, and the root is no project
          members: lib, one, two
        try: --package NAME, or --all-packages
         or: do it in the folder of a member
    """)


def test_only_what_comes_from_elsewhere(two):
    assert two.run("sync --package api --only-deps").exit_code == 0
    assert installed(two) == {"alpha": "1.0", "beta": "1.0"}
    assert two.run("sync --package api --no-install-project").exit_code == 0
    assert installed(two) == {"alpha": "1.0", "beta": "1.0", "lib": "1.0"}


def test_a_root_that_is_no_project_has_no_dependencies(two):
    assert shown(two.run("add alpha")) == block("""
        exit 2
        error: the root of this workspace is no project, and has no dependencies of its own
          members: api, lib
        try: --package NAME says which member is meant
         or: --dev is for the group of the root
    """)
    assert shown(two.run("add --dev alpha")) == block("""
        exit 0
        Added alpha>=1.0 to the dev group in pyproject.toml
        Locked 4 packages for 35 targets in <time>
        Made the environment .venv
        Installed 4 packages in <time>
         + alpha 1.0
         + api 1.0
         + beta 1.0
         + lib 1.0
    """)


def test_a_member_whose_version_its_backend_computes(project, index):
    index.add_wheel("alpha", "1.0")
    files = package("lib", "alpha")
    files["pyproject.toml"] = files["pyproject.toml"].replace('version = "1.0"', 'dynamic = ["version"]')
    files["backend/mine.py"] = files["backend/mine.py"].replace("project['version']", "'3.0'")
    made = workspace(project, lib=files, api=package("api", "lib>=3", more="\n" + sources(lib=FROM_HERE)))
    index.add_wheel("beta", "1.0")
    assert made.run("sync").exit_code == 0
    assert installed(made) == {"alpha": "1.0", "api": "1.0", "lib": "3.0"}
    assert made.run("-C packages/lib add beta").exit_code == 0
    assert "beta" in locked(made)
    assert made.run("lock --check").exit_code == 0


def test_names_that_would_be_alike_are_told_apart(project, index):
    for name in ("alpha", "beta", "gamma"):
        index.add_wheel(name, "1.0")
    made = workspace(
        project,
        root='[dependency-groups]\nlib = ["alpha"]\n\n' + ROOT,
        one=manifest("beta", name="lib", groups={"dev": ["beta"]}),
        two=manifest("gamma", name="lib-dev"),
    )
    assert made.run("lock").exit_code == 0
    lock = tomllib.loads(made.read("pylock.toml"))
    assert lock["dependency-groups"] == ["lib", "lib-2", "lib-dev", "lib-dev-2"]
    assert made.run("sync --package lib").exit_code == 0
    assert installed(made) == {"beta": "1.0"}
    assert made.run("sync --package lib-dev --no-dev").exit_code == 0
    assert installed(made) == {"gamma": "1.0"}


def test_members_in_any_order_give_the_same_bytes(project, index):
    for name in ("alpha", "beta", "gamma"):
        for version in ("1.0", "2.0"):
            index.add_wheel(name, version)
    members = {
        "a": manifest("beta", "alpha<2", name="one", python=">=3.10"),
        "b": package("two", "gamma", "beta<2", more="\n" + sources(three=FROM_HERE)),
        "c": package("three", "alpha"),
        "d": manifest("three", name="four", more=sources(three=FROM_HERE)),
    }
    locks = set()
    for patterns in (["a", "b", "c", "d"], ["d", "b", "a", "c"], ["*"], ["**"], ["[b-d]", "?"]):
        made = project("")
        names = json.dumps([f"packages/{each}" for each in patterns])
        put(made, "pyproject.toml", f"[tool.hutch.workspace]\nmembers = {names}\n")
        for name in members if len(locks) % 2 else reversed(members):
            files = members[name]
            write(made / "packages" / name, files if isinstance(files, dict) else {"pyproject.toml": files})
        assert made.run("lock").exit_code == 0
        locks.add(made.read("pylock.toml"))
        assert made.run("lock --check").exit_code == 0
    assert len(locks) == 1


# -- merging ----------------------------------------------------------------------------------------


def static(name: str, *dependencies: str, more: str = "") -> str:
    """A member that is a package, by its manifest alone; a requirement a line, as git merges lines."""
    lines = "".join(f'  "{one}",\n' for one in dependencies)
    head = f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.9"\n'
    return f'{head}dependencies = [\n{lines}]\n\n[build-system]\nrequires = ["any"]\nbuild-backend = "any"\n{more}'


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("locks", ["shared", "member"])
def test_git_merges_the_lock_of_a_workspace(project, index, locks):
    for name in ("alpha", "beta", "gamma", "k1", "k2", "k3"):
        index.add_wheel(name, "1.0")
    api_sources = "\n" + sources(lib=FROM_HERE)
    made = workspace(
        project,
        root=ROOT + f'locks = "{locks}"\n',
        lib=static("lib", "k1", "k2", "k3"),
        api=static("api", "lib", more=api_sources),
        old=static("old"),
    )
    repository = Repository(made)

    def committed(message: str) -> None:
        made.run("lock --refresh").ok()
        repository.git("add", "-A")
        repository.git("commit", "-q", "-m", message)

    committed("first")
    repository.git("checkout", "-q", "-b", "side")
    put(made, "packages/lib/pyproject.toml", static("lib", "k1", "k2", "k3", "gamma"))
    put(made, "packages/new/pyproject.toml", static("new", "beta"))
    shutil.rmtree(made / "packages/old")
    committed("theirs")
    repository.git("checkout", "-q", "main")
    put(made, "packages/lib/pyproject.toml", static("lib", "alpha", "k1", "k2", "k3"))
    put(made, "packages/api/pyproject.toml", static("api", "lib", "beta", more=api_sources))
    committed("ours")
    for name in ("alpha", "beta", "gamma", "k1"):
        index.add_wheel(name, "9.0")
    done = repository.git("merge", "side", "-m", "both")
    assert done.returncode == 0, done.stderr
    made.run("lock --check").ok()
    for path in (
        ("pylock.toml",) if locks == "shared" else ("packages/api/pylock.toml", "packages/lib/pylock.toml")
    ):
        packages = tomllib.loads(made.read(path))["packages"]
        versions = {one["name"]: one.get("version", "") for one in packages}
        assert {"alpha", "gamma", "k1"} <= versions.keys()
        assert set(versions.values()) <= {"1.0", ""}
        if locks == "shared":
            assert {"new", "lib", "api"} <= versions.keys()
            assert "old" not in versions


# -- for others -------------------------------------------------------------------------------------


def test_any_installer_can_choose_a_member(project, index):
    """As the reference implementation of PEP 751 reads it."""
    for name in ("alpha", "beta", "gamma"):
        index.add_wheel(name, "1.0")
    more = '[project.optional-dependencies]\nfast = ["gamma"]\n'
    made = workspace(
        project, lib=package("lib", "alpha", more=more), api=api("beta"), web=manifest("beta", name="web")
    )
    assert made.run("lock").exit_code == 0
    lock = Pylock.from_dict(tomllib.loads(made.read("pylock.toml")))

    def chosen(*groups: str, extras: tuple[str, ...] = ()) -> set[str]:
        return {str(one.name) for one, _ in lock.select(dependency_groups=groups, extras=extras)}

    assert chosen("lib") == {"lib", "alpha"}
    assert chosen("api") == {"api", "beta", "lib", "alpha"}
    assert chosen("web") == {"beta"}
    assert chosen("lib", extras=("lib-fast",)) == {"lib", "alpha", "gamma"}
    assert {str(one.name) for one, _ in lock.select()} == {"lib", "alpha", "api", "beta"}


NAMES = ("alpha", "beta", "gamma")
REQUIREMENTS = (
    "alpha",
    "beta",
    "gamma",
    "alpha<2",
    "beta>=2",
    "gamma; python_version < '3.11'",
    "alpha; os_name == 'nt'",
)
MEMBER = st.fixed_dictionaries(
    {
        "python": st.sampled_from([">=3.9", ">=3.11", ">=3.9,<3.12", ">=3.10.4", ">=3.12"]),
        "needs": st.lists(st.sampled_from(REQUIREMENTS), max_size=3, unique=True),
        "extra": st.lists(st.sampled_from(REQUIREMENTS), max_size=2, unique=True),
        "members": st.sets(st.integers(0, 3), max_size=2),
        "package": st.booleans(),
    }
)


@given(st.lists(MEMBER, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_members_says_nothing(project, index, members, random):
    """The law is checked on every lock; here, that no order of patterns and folders shows in it."""
    for name in () if index.projects else NAMES:
        for version in ("1.0", "2.0", "3.0"):
            index.add_wheel(name, version, requires=["beta"] if (name, version) == ("alpha", "3.0") else [])
    texts = {}
    for number, one in enumerate(members):
        # A member only needs ones behind it, so that there is no ring; each is also a folder of another name.
        below = [
            f"m{n}; python_full_version >= '{members[n]['python'].lstrip('>=').partition(',')[0]}'"
            for n in sorted(one["members"])
            if number < n < len(members)
        ]
        more = sources(**{each.partition(";")[0]: FROM_HERE for each in below}) if below else ""
        if one["package"]:
            more = '[build-system]\nrequires = ["any"]\nbuild-backend = "any"\n\n' + more
        text = manifest(
            *below,
            *one["needs"],
            name=f"m{number}",
            python=one["python"],
            extras={"x": one["extra"]},
            more=more,
        )
        texts[f"p{random.randint(0, 99)}-{number}"] = text
    seen = set()
    for _ in range(2):
        patterns = [f"packages/*-{number}" for number in range(len(members))]
        random.shuffle(patterns)
        names = list(texts)
        random.shuffle(names)
        made = project("")
        put(made, "pyproject.toml", f"[tool.hutch.workspace]\nmembers = {json.dumps(patterns)}\n")
        for name in names:
            put(made, f"packages/{name}/pyproject.toml", texts[name])
        ran = made.run("lock")
        seen.add(made.read("pylock.toml") if ran.exit_code == 0 else ran.stderr)
        assert ran.exit_code in (0, 1)
        if ran.exit_code == 0:
            assert made.run("lock --check").exit_code == 0
    assert len(seen) == 1


def test_a_root_that_is_a_package_and_that_a_member_needs(project, index):
    index.add_wheel("alpha", "1.0")
    root = package("demo", "alpha")
    made = project({**root, "pyproject.toml": root["pyproject.toml"] + "\n" + ROOT})
    write(made / "packages/plugin", package("plugin", "demo", more="\n" + sources(demo=FROM_HERE)))
    assert made.run("sync").exit_code == 0
    assert installed(made) == {"alpha": "1.0", "demo": "1.0"}
    lock = tomllib.loads(made.read("pylock.toml"))
    entries = {one["name"]: one for one in lock["packages"]}
    assert entries["demo"]["directory"] == {"path": ".", "editable": True}
    assert lock["default-groups"] == ["demo"]
    assert made.run("-C packages/plugin sync").exit_code == 0
    assert installed(made) == {"alpha": "1.0", "demo": "1.0", "plugin": "1.0"}
    assert "-e ." in made.run("export --no-hashes --emit-project").stdout
    assert made.run("sync --no-install-project").exit_code == 0
    assert installed(made) == {"alpha": "1.0"}
    assert made.run("lock --check").exit_code == 0
