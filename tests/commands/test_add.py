"""``hutch add`` and ``hutch remove``: the manifest keeps its looks, and a failure changes nothing."""

from __future__ import annotations

import pytest

from commands.support import block, installed, locked, manifest, shown

FORMATTED = """\
# The shop.
[project]
name    = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = [
    "io >=1",   # input and output

    # keep this one
    "color; sys_platform == 'win32'",
]

[tool.black]
line-length = 88  # wide
"""


TABLES = """
[project.optional-dependencies]
quick = [
    "io>=2.0",
]

[dependency-groups]
dev = [
    "fast>=2.0",
]
docs = [
    "color>=2.0",
]
"""


@pytest.fixture
def shop(index):
    for version in ("1.0", "1.5", "2.0"):
        index.add_wheel("web", version, requires=["io>=1"], extras={"quick": ["fast"]})
        index.add_wheel("io", version)
        index.add_wheel("color", version)
        index.add_wheel("fast", version)
        index.add_wheel("Under_Score", version)
    return index


@pytest.fixture
def demo(project, shop):
    return project(manifest())


def dependencies(made):
    import tomllib

    return tomllib.loads(made.read("pyproject.toml"))["project"]["dependencies"]


def test_add(demo):
    assert shown(demo.run("add web fast")) == block("""
        exit 0
        Added web>=2.0, fast>=2.0 to pyproject.toml
        Locked 3 packages for 35 targets in <time>
        Made the environment .venv
        Installed 3 packages in <time>
         + fast 2.0
         + io 2.0
         + web 2.0
    """)
    assert dependencies(demo) == ["fast>=2.0", "web>=2.0"]
    assert installed(demo) == {"web": "2.0", "io": "2.0", "fast": "2.0"}
    assert demo.tree() == ["pylock.toml", "pyproject.toml"]
    assert demo.run("sync --locked").ok().stderr == "Nothing to do: .venv is up to date\n"


def test_formatting_and_comments_are_kept(project, shop):
    made = project(FORMATTED)
    made.run("add web --no-sync").ok()
    assert made.read("pyproject.toml") == FORMATTED.replace("win32'\",\n", 'win32\'",\n    "web>=2.0",\n')
    made.run("remove web --no-sync").ok()
    assert made.read("pyproject.toml") == FORMATTED


def test_what_is_there_already_is_replaced(project, shop):
    made = project(FORMATTED)
    made.run("add 'io<2' --no-sync").ok()
    assert made.read("pyproject.toml") == FORMATTED.replace("io >=1", "io<2")
    assert locked(made)["io"] == "1.5"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("'web==1.5'", "web==1.5"),
        ("'web>=1,<2'", "web>=1,<2"),
        ("'web~=1.0'", "web~=1.0"),
        ("'web[quick]'", "web[quick]>=2.0"),
        ("'web; python_version < \"3.13\"'", "web>=2.0; python_version < '3.13'"),
        ("web --bounds exact", "web==2.0"),
        ("web --bounds none", "web"),
        ("web --raw", "web"),
        ("under-score", "under-score>=2.0"),
        ("WEB", "web>=2.0"),
    ],
)
def test_what_is_written(demo, given, written):
    demo.run(f"add --no-sync {given}").ok()
    assert [each.replace('"', "'") for each in dependencies(demo)] == [written]


def test_into_a_group_and_an_extra(demo):
    assert shown(demo.run("add --dev fast")) == block("""
        exit 0
        Added fast>=2.0 to the dev group in pyproject.toml
        Locked 1 package for 35 targets in <time>
        Made the environment .venv
        Installed 1 package in <time>
         + fast 2.0
    """)
    demo.run("add --group docs color").ok()
    demo.run("add --optional quick io").ok()
    text = demo.read("pyproject.toml")
    assert text.startswith(manifest())
    assert text.removeprefix(manifest()) == TABLES
    assert shown(demo.run("remove --dev fast")) == block("""
        exit 0
        Removed fast from the dev group in pyproject.toml
        Locked 2 packages for 35 targets in <time>
        Removed 2 packages in <time>
         - fast 2.0
         - io 2.0
    """)
    assert shown(demo.run("remove --group docs fast")) == block("""
        exit 1
        error: fast is not among the requirements of the group docs
    """)


def test_dry_run(demo):
    before = demo.read("pyproject.toml")
    assert shown(demo.run("add web --dry-run")) == block("""
        exit 0
        Would add web>=2.0 to pyproject.toml
        Would lock 2 packages for 35 targets
         + io 2.0
         + web 2.0
    """)
    assert demo.read("pyproject.toml") == before
    assert demo.tree() == ["pyproject.toml"]
    assert not (demo / ".venv").exists()


def test_frozen_only_writes_the_manifest(demo, shop):
    assert shown(demo.run("add web --frozen")) == block("""
        exit 0
        Added web to pyproject.toml
    """)
    assert dependencies(demo) == ["web"]
    assert demo.tree() == ["pyproject.toml"]
    assert shop.log == []


def test_no_sync(demo):
    assert shown(demo.run("add web --no-sync")) == block("""
        exit 0
        Added web>=2.0 to pyproject.toml
        Locked 2 packages for 35 targets in <time>
         + io 2.0
         + web 2.0
    """)
    assert locked(demo) == {"web": "2.0", "io": "2.0"}
    assert not (demo / ".venv").exists()


def test_locked_versions_stay_when_something_is_added(project, shop):
    made = project(manifest("io<2"))
    made.run("lock").ok()
    made.write({"pyproject.toml": manifest("io")})
    made.run("add web --no-sync").ok()
    assert locked(made) == {"web": "2.0", "io": "1.5"}


def everything(made):
    return {name: made.read(name) for name in made.tree()}, installed(made)


@pytest.mark.parametrize("words", ["nonesuch", "'web>=3'", "'io<1.2' 'io>1.2'"])
def test_an_add_that_cannot_be_locked_changes_nothing(project, shop, words):
    made = project(FORMATTED)
    made.run("sync").ok()
    before = everything(made)
    assert made.run(f"add {words}").exit_code in (1, 2)
    assert everything(made) == before


def test_an_add_that_cannot_be_installed_changes_nothing(project, shop):
    made = project(FORMATTED)
    made.run("sync").ok()
    before = everything(made)
    shop.fault("*/web-*.whl", status=500)
    assert shown(made.run("add web")) == block("""
        exit 3
        error: could not fetch web-2.0-py3-none-any.whl from <index>
          it answered 500 each time
    """)
    assert everything(made) == before
    made.run("sync --locked").ok()


def test_a_conflict_names_the_lines_of_the_file_as_it_is(project, shop):
    made = project(FORMATTED)
    shop.add_wheel("old", "1.0", requires=["io<1"])
    assert shown(made.run("add old")) == block("""
        exit 1
        error: no versions satisfy all requirements
          old 1.0 (this command) needs io <1, which no version satisfies (newest: 2.0)
    """)


def test_remove(demo):
    demo.run("add web fast").ok()
    assert shown(demo.run("remove web")) == block("""
        exit 0
        Removed web from pyproject.toml
        Locked 1 package for 35 targets in <time>
        Removed 2 packages in <time>
         - io 2.0
         - web 2.0
    """)
    assert dependencies(demo) == ["fast>=2.0"]


def test_remove_what_is_not_there(demo):
    demo.run("add web --no-sync").ok()
    assert shown(demo.run("remove wbe")) == block("""
        exit 1
        error: wbe is not among the dependencies of the project
        try: did you mean web?
    """)
    assert shown(demo.run("remove io")) == block("""
        exit 1
        error: io is not among the dependencies of the project
    """)


def test_remove_finds_where_it_is(demo):
    demo.run("add --dev fast --no-sync").ok()
    assert shown(demo.run("remove fast")) == block("""
        exit 1
        error: fast is not among the dependencies of the project
        try: hutch remove fast --dev
    """)


def test_remove_with_frozen_and_dry_run(demo):
    demo.run("add web").ok()
    before = everything(demo)
    assert shown(demo.run("remove web --dry-run")) == block("""
        exit 0
        Would remove web from pyproject.toml
        Would lock 0 packages for 35 targets
         - io 2.0
         - web 2.0
    """)
    assert everything(demo) == before
    demo.run("remove web --frozen").ok()
    assert dependencies(demo) == []
    assert installed(demo) == {"web": "2.0", "io": "2.0"}


def test_add_without_a_name(demo):
    assert shown(demo.run("add")) == block("""
        exit 2
        error: nothing is named that could be added
        try: hutch add NAME, or --git URL
    """)


def test_add_of_a_url_that_is_no_package(demo):
    assert shown(demo.run("add 'web @ https://index.example/web.whl'")) == block("""
        exit 1
        error: this command asks for a wheel whose name is not one of a wheel: web.whl
          it tells name, version and where it fits: lib-1.0-py3-none-any.whl
        try: give the file the name that it had when it was built
    """)


def test_add_where_there_is_no_project(project):
    assert shown(project().run("add web")) == block("""
        exit 1
        error: no project here
          neither <project> nor a directory above it has a pyproject.toml, a Pipfile or the like
        try: hutch init starts one in this directory
    """)
