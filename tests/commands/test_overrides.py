"""``[tool.hutch]`` against others' words: overrides, excludes, constraints, corrected metadata."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import tomllib

import pytest

from commands.support import block, locked, manifest, shown


@pytest.fixture
def shop(index):
    """``web`` 2 needs ``io`` below 2; ``tool`` needs ``io`` as well, and ``junk``."""
    for version in ("1.0", "2.0", "3.0"):
        index.add_wheel("io", version)
    index.add_wheel("web", "1.0", requires=["io<2"])
    index.add_wheel("web", "2.0", requires=["io<2", "junk", "color; sys_platform == 'win32'"])
    index.add_wheel("tool", "1.0", requires=["io<3", "junk"])
    index.add_wheel("junk", "1.0")
    index.add_wheel("color", "1.0")
    return index


def hutch(text: str) -> str:
    return "[tool.hutch]\n" + text + "\n"


def edges(made: object, name: str) -> list[str]:
    lock = tomllib.loads(made.read("pylock.toml"))  # type: ignore[attr-defined]
    package = next(package for package in lock["packages"] if package["name"] == name)
    return [edge["name"] for edge in package.get("tool", {}).get("hutch", {}).get("dependencies", [])]


def test_an_override_replaces_every_requirement(project, shop):
    made = project(manifest("web", "io<3", more=hutch('overrides = ["io >=3"]')))
    made.run("lock").ok()
    assert locked(made) == {"web": "2.0", "io": "3.0", "junk": "1.0", "color": "1.0"}
    made.run("lock --check").ok()


def test_an_override_for_what_one_package_asks(project, shop):
    made = project(manifest("web", "tool", more=hutch('overrides = ["web > io"]')))
    made.run("lock").ok()
    assert locked(made)["io"] == "2.0"


def test_an_override_for_some_versions_of_a_package(project, shop):
    made = project(manifest("web", more=hutch('overrides = ["web <2 > io >=3"]')))
    made.run("lock").ok()
    assert (locked(made)["web"], locked(made)["io"]) == ("2.0", "1.0")
    made = project(manifest("web<2", more=hutch('overrides = ["web <2 > io >=3"]')))
    made.run("lock").ok()
    assert (locked(made)["web"], locked(made)["io"]) == ("1.0", "3.0")


def test_the_scoped_one_goes_before_the_one_for_all(project, shop):
    made = project(manifest("web", "tool", more=hutch('overrides = ["io >=3", "web > io >=1"]')))
    made.run("lock").ok()
    assert locked(made)["io"] == "3.0"


def test_an_override_with_a_marker_says_all_that_is_asked(project, shop):
    text = """overrides = ["io >=3; sys_platform == 'linux'", "io <2; sys_platform != 'linux'"]"""
    made = project(manifest("web", more=hutch(text)))
    made.run("lock").ok()
    lock = tomllib.loads(made.read("pylock.toml"))
    assert [(p["version"], p["marker"]) for p in lock["packages"] if p["name"] == "io"] == [
        ("1.0", "sys_platform != 'linux'"),
        ("3.0", "sys_platform == 'linux'"),
    ]


def test_an_override_keeps_where_it_was_asked_for(project, shop):
    shop.add_wheel("color", "2.0")
    made = project(manifest("web", more=hutch('overrides = ["color <2"]')))
    made.run("lock").ok()
    lock = tomllib.loads(made.read("pylock.toml"))
    color = next(package for package in lock["packages"] if package["name"] == "color")
    assert (color["version"], color["marker"]) == ("1.0", "sys_platform == 'win32'")


def test_an_override_that_cannot_be_met_is_found_by_its_line(project, shop):
    made = project(manifest("web", "io", more=hutch('overrides = [\n  "io >=4",\n]')))
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "pyproject.toml:9" in ran.stderr


def test_an_override_that_has_expired_warns_and_holds(project, shop):
    text = 'overrides = [{ require = "io >=3", reason = "web is too strict", until = 2020-01-31 }]'
    made = project(manifest("web<2", more=hutch(text)))
    assert shown(made.run("lock")) == block("""
        exit 0
        warning: pyproject.toml:8: the override `io>=3` was to be looked at again after 2020-01-31 (web is too strict); it still holds
        Locked 2 packages for 35 targets in <time>
         + io 3.0
         + web 1.0
    """)
    before = made.read("pylock.toml")
    made.write({"pyproject.toml": made.read("pyproject.toml").replace("2020-01-31", "2999-01-31")})
    assert shown(made.run("lock")) == block("""
        exit 0
        The lock is up to date: 2 packages for 35 targets
    """)
    assert made.read("pylock.toml") == before


def test_an_exclude_takes_a_dependency_away(project, shop):
    made = project(manifest("web", "tool", more=hutch('excludes = ["junk"]')))
    made.run("lock").ok()
    assert "junk" not in locked(made)
    assert edges(made, "web") == ["color", "io"]


def test_an_exclude_for_one_package(project, shop):
    text = 'excludes = [{ exclude = "web > junk", reason = "never imported" }]'
    made = project(manifest("web", "tool", more=hutch(text)))
    made.run("lock").ok()
    assert edges(made, "web") == ["color", "io"]
    assert edges(made, "tool") == ["io", "junk"]


def test_what_the_project_asks_for_itself_is_not_excluded(project, shop):
    made = project(manifest("web", "junk", more=hutch('excludes = ["junk"]')))
    made.run("lock").ok()
    assert locked(made)["junk"] == "1.0"


def test_each_change_makes_the_lock_out_of_date(project, shop):
    made = project(manifest("web"))
    made.run("lock").ok()
    for text in (
        'overrides = ["io >=3"]',
        'overrides = ["web > io >=3"]',
        'excludes = ["junk"]',
        'constraints = ["io <2"]',
        'build-constraints = ["io <2"]',
        'dependency-metadata = [{ name = "web", requires-dist = [] }]',
    ):
        made.write({"pyproject.toml": manifest("web", more=hutch(text))})
        assert made.run("lock --check").exit_code == 1, text


@pytest.mark.parametrize("constraint", ["io<2", "io<2; sys_platform != 'win32'", "IO <2"])
def test_a_constraint_holds_for_what_extras_and_groups_need(project, shop, constraint):
    made = project(
        manifest(extras={"x": ["tool"]}, groups={"g": ["io"]}, more=hutch(f'constraints = ["{constraint}"]'))
    )
    made.run("lock").ok()
    lock = tomllib.loads(made.read("pylock.toml"))
    found = {(p["version"], "win32" in p["marker"]) for p in lock["packages"] if p["name"] == "io"}
    assert ("1.0", "win32" in constraint) in found
    assert all(version == "1.0" for version, windows in found if not windows)


def test_a_constraint_asks_for_nothing(project, shop):
    made = project(manifest("io", more=hutch('constraints = ["web[x] <2", "junk <1"]')))
    made.run("lock").ok()
    assert locked(made) == {"io": "3.0"}


def test_metadata_can_be_corrected(project, shop):
    text = '[[tool.hutch.dependency-metadata]]\nname = "web"\nversion = "2.0"\nrequires-dist = ["io >=3"]\n'
    made = project(manifest("web", more=text))
    made.run("lock").ok()
    assert locked(made) == {"web": "2.0", "io": "3.0"}
    made.run("lock --check").ok()


def test_metadata_of_another_version_is_not_corrected(project, shop):
    text = '[[tool.hutch.dependency-metadata]]\nname = "web"\nversion = "1.0"\nrequires-dist = ["io >=3"]\n'
    made = project(manifest("web", more=text))
    made.run("lock").ok()
    assert locked(made)["io"] == "1.0"


def test_the_python_of_a_version_can_be_corrected(project, index):
    index.add_wheel("old", "1.0")
    index.add_wheel("old", "2.0", requires_python="<3.9")
    made = project(manifest("old"))
    made.run("lock").ok()
    assert locked(made) == {"old": "1.0"}
    text = '[[tool.hutch.dependency-metadata]]\nname = "old"\nversion = "2.0"\nrequires-python = ">=3.8"\n'
    made.write({"pyproject.toml": manifest("old", more=text)})
    made.run("lock --upgrade").ok()
    assert locked(made) == {"old": "2.0"}
    assert 'requires-python = ">=3.8"' in made.read("pylock.toml")


def test_stated_metadata_spare_a_build(project, index):
    index.add_sdist("broken", "1.0", dynamic=["Requires-Dist"], backend="raise SystemExit('no')\n")
    index.add_wheel("io", "1.0")
    text = '[[tool.hutch.dependency-metadata]]\nname = "broken"\nrequires-dist = ["io; extra == \'net\'"]\n'
    made = project(manifest("broken[net]", more=text))
    made.run("lock").ok()
    assert locked(made) == {"broken": "1.0", "io": "1.0"}


def test_faults_are_told_with_their_lines(project, shop):
    text = """
overrides = [
  "io @ https://index.example/io.whl",
  "io >=",
  { require = "io", untill = 2026-01-01 },
  { require = "io", until = "soon" },
  "web; python_version > '3' > io",
]
excludes = ["junk <2", 3]
constraints = ["io @ https://index.example/io.whl"]
dependency-metadata = [{ name = "web" }, { version = "x", requires-dist = [] }]
"""
    ran = project(manifest("web", more=hutch(text))).run("lock")
    assert shown(ran) == block("""
        exit 1
        error: pyproject.toml is not valid: 11 faults
          pyproject.toml:10: tool.hutch.overrides[0]: an override has no URL; say in tool.hutch.sources where a package comes from
          pyproject.toml:11: tool.hutch.overrides[1]: `io >=` is not a valid requirement; `>=`: `` is not a version
          pyproject.toml:12: tool.hutch.overrides[2].untill: unknown key; there are require, reason and until
          pyproject.toml:13: tool.hutch.overrides[3].until: should be a date such as 2026-12-31
          pyproject.toml:14: tool.hutch.overrides[4]: `web; python_version > '3' > io` is not a valid requirement; in the marker, `>` is not expected there
          pyproject.toml:16: tool.hutch.excludes[0]: should be the name of a package alone
          pyproject.toml:16: tool.hutch.excludes[1]: should be a string, or a table with exclude, reason and until
          pyproject.toml:17: tool.hutch.constraints[0]: a constraint says which versions, so it has no URL
          pyproject.toml:18: tool.hutch.dependency-metadata[0]: says neither requires-dist nor requires-python, so it changes nothing
          pyproject.toml:18: tool.hutch.dependency-metadata[1]: should have the name of a package
          pyproject.toml:18: tool.hutch.dependency-metadata[1].version: should be a version
    """)


def test_a_build_obeys_build_constraints(project, index):
    for version in ("1.0", "2.0"):
        index.add_wheel("helper", version)
    index.add_sdist(
        "source",
        "1.0",
        dynamic=["Requires-Dist"],
        build_requires=["helper"],
        backend=(
            "import importlib.metadata\n"
            "raise SystemExit('built with helper ' + importlib.metadata.version('helper'))\n"
        ),
    )
    made = project(manifest("source"))
    assert "built with helper 2.0" in made.run("lock").stderr
    made.write({"pyproject.toml": manifest("source", more=hutch('build-constraints = ["helper <2"]'))})
    assert "built with helper 1.0" in made.run("lock").stderr


def test_what_nothing_in_the_lock_has_to_do_with_is_told(project, shop):
    text = """overrides = [
  "urllib3 >=2",
  "io <3",
  "web <2 > io",
  "nobody > io",
  "tool > web",
]
excludes = [
  "tzdata",
  "junk",
  { exclude = "io > color", reason = "never" },
]
constraints = ["color <9", "protobuf <5"]

[[tool.hutch.dependency-metadata]]
name = "chumpy"
requires-dist = []

[[tool.hutch.dependency-metadata]]
name = "web"
version = "1.0"
requires-dist = []

[[tool.hutch.dependency-metadata]]
name = "tool"
requires-python = ">=3.9"
"""
    made = project(manifest("web", "tool", more=hutch(text)))
    assert shown(made.run("lock")) == block("""
        exit 0
        note: pyproject.toml:9: the override `urllib3>=2` changes nothing: no package of the lock asks for urllib3; it may go
        note: pyproject.toml:11: the override `web<2 > io` changes nothing: the lock has web 2.0; it may go
        note: pyproject.toml:12: the override `nobody > io` changes nothing: nobody is not in the lock; it may go
        note: pyproject.toml:13: the override `tool > web` changes nothing: tool 1.0 does not ask for web; it may go
        note: pyproject.toml:16: the exclude `tzdata` changes nothing: no package of the lock asks for tzdata; it may go
        note: pyproject.toml:18: the exclude `io > color` changes nothing: io 2.0 does not ask for color; it may go
        note: pyproject.toml:20: the constraint `protobuf<5` changes nothing: protobuf is not in the lock; it may go
        note: pyproject.toml:22: the dependency-metadata of chumpy change nothing: chumpy is not in the lock; they may go
        note: pyproject.toml:26: the dependency-metadata of web 1.0 change nothing: web 1.0 is not in the lock (it has 2.0); they may go
        Locked 4 packages for 35 targets in <time>
         + color 1.0
         + io 2.0
         + tool 1.0
         + web 2.0
    """)
    assert shown(made.run("lock")) == block("""
        exit 0
        The lock is up to date: 4 packages for 35 targets
    """)
