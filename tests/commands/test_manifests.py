"""A pyproject.toml that is wrong or missing: file, line and reason, all faults at once."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

from commands.support import block, manifest, shown


def test_no_project_here(project):
    assert shown(project().run("lock")) == block("""
        exit 1
        error: no project here
          neither <project> nor a directory above it has a pyproject.toml, a Pipfile or the like
        try: hutch init starts one in this directory
    """)


def test_a_manifest_without_a_project_table(project):
    assert shown(project("[tool.black]\nline-length = 88\n").run("lock")) == block("""
        exit 1
        error: no project here
          <project>/pyproject.toml has no [project] table
        try: write [project] with a name and a version
    """)


def test_toml_that_is_not(project):
    text = '[project]\nname = "demo"\ndependencies = ["alpha"\nversion = "1"\n'
    assert shown(project(text).run("lock")) == block("""
        exit 1
        error: pyproject.toml is not valid
          pyproject.toml:4:1: Unclosed array
    """)


def test_a_manifest_that_is_not_utf_8(project):
    files = {"pyproject.toml": '[project]\nname = "Größe"\n'.encode("latin-1")}
    assert shown(project(files).run("lock")) == block("""
        exit 1
        error: cannot read <project>/pyproject.toml
          it is not UTF-8: byte 20 is 0xf6
        try: save it as UTF-8
    """)


def test_all_faults_at_once(project):
    text = """\
[project]
name = "de mo"
version = 1.0
requires-python = ">=3.x"
dependencies = ["alpha >= ", "beta", 3]
gui-script = {}

[project.optional-dependencies]
x = ["gamma ;; y"]

[dependency-groups]
dev = [{include-group = "lint"}]
loop = [{include-group = "loop"}]
"""
    assert shown(project(text).run("lock")) == block("""
        exit 1
        error: pyproject.toml is not valid: 8 faults
          pyproject.toml:2: project.name: `de mo` is not a valid name; a name has ASCII letters, digits, `-`, `_`, `.`, and a letter or digit at both ends
          pyproject.toml:3: project.version: should be a string, not a number
          pyproject.toml:4: project.requires-python: `>=3.x` is not a valid version specifier
          pyproject.toml:5: project.dependencies[0]: `alpha >= ` is not a valid requirement; `>=`: `` is not a version
          pyproject.toml:5: project.dependencies[2]: should be a string, not a number
          pyproject.toml:9: project.optional-dependencies.x[0]: `gamma ;; y` is not a valid requirement; in the marker, `;` is not expected there
          pyproject.toml:12: dependency-groups.dev[0]: there is no dependency group 'lint'
          pyproject.toml:13: dependency-groups.loop[0]: groups include each other: loop → loop
    """)


def test_the_same_for_a_program(project):
    text = '[project]\nname = "demo"\nversion = "1"\ndependencies = ["alpha >= "]\n'
    assert shown(project(text).run("lock --json")) == block("""
        exit 1
        error: pyproject.toml is not valid
          pyproject.toml:4: project.dependencies[0]: `alpha >= ` is not a valid requirement; `>=`: `` is not a version
        -- stdout --
        {
          "problems": [
            {
              "code": "invalid-manifest",
              "hints": [],
              "what": "pyproject.toml is not valid",
              "why": [
                "pyproject.toml:4: project.dependencies[0]: `alpha >= ` is not a valid requirement; `>=`: `` is not a version"
              ]
            }
          ]
        }
    """)


def test_a_manifest_that_is_a_directory(project):
    made = project({"pyproject.toml/x": ""})
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no project here
          neither <project> nor a directory above it has a pyproject.toml, a Pipfile or the like
        try: hutch init starts one in this directory
    """)


def test_a_group_that_does_not_exist(project):
    made = project(manifest(groups={"lint": ["alpha"]}))
    assert shown(made.run("sync --group lnt")) == block("""
        exit 2
        error: there is no group named lnt
          groups: lint
        try: did you mean lint?
    """)
    assert shown(made.run("sync --extra test")) == block("""
        exit 2
        error: there is no extra named test
          this project has no extras
    """)


def test_an_empty_manifest(project):
    assert shown(project({"pyproject.toml": ""}).run("lock")) == block("""
        exit 1
        error: no project here
          <project>/pyproject.toml has no [project] table
        try: write [project] with a name and a version
    """)


def test_settings_of_hutch_that_are_wrong(project):
    more = '[tool.hutch]\nresolution = "newest"\nofline = true\n'
    assert shown(project(manifest(more=more)).run("lock")) == block("""
        exit 1
        warning: <project>/pyproject.toml:9: there is no setting 'ofline'; did you mean 'offline'?
        error: a setting cannot be used
          <project>/pyproject.toml:8: resolution: 'newest' is none of highest, lowest, lowest-direct
        try: `hutch config show` shows every setting and where it was set
    """)


def test_a_dependency_on_itself(project):
    assert shown(project(manifest("demo")).run("lock")) == block("""
        exit 0
        Locked 0 packages for 35 targets in <time>
    """)
    assert shown(project(manifest()).run("add demo")) == block("""
        exit 2
        error: demo is this project
          a project cannot depend on itself
    """)


def test_nothing_is_written_when_the_manifest_is_wrong(project):
    made = project('[project]\nname = "demo"\nversion = 1\n')
    made.run("sync")
    assert made.tree() == ["pyproject.toml"]
