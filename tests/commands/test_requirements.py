"""Requirements that cannot be met, and how that is told."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

from commands.support import block, locked, manifest, shown


def test_a_package_that_nobody_has(project):
    assert shown(project(manifest("nonesuch")).run("lock")) == block("""
        exit 1
        error: there is no package named nonesuch
          asked for in pyproject.toml:5
          the index http://<index>/simple/ does not have it
        try: look at the spelling; a private package needs its index (--index-url, [[tool.hutch.index]])
    """)


def test_a_package_that_nobody_has_but_a_near_name(project):
    assert shown(project(manifest("reqeusts")).run("lock")) == block("""
        exit 1
        error: there is no package named reqeusts
          asked for in pyproject.toml:5
          the index http://<index>/simple/ does not have it
        try: did you mean requests?
    """)


def test_an_import_name_instead_of_the_package(project):
    assert shown(project(manifest()).run("add sklearn")) == block("""
        exit 1
        error: there is no package named sklearn
          asked for in this command
          the index http://<index>/simple/ does not have it
        try: did you mean scikit-learn?
    """)


def test_a_package_that_nobody_has_deeper_down(project, index):
    index.add_wheel("alpha", "1.0", requires=["nonesuch>=2"])
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          alpha 1.0 (pyproject.toml:5) needs nonesuch >=2, and no index has it
    """)


def test_a_version_that_does_not_exist(project, index):
    for version in ("1.0", "1.5", "2.0"):
        index.add_wheel("alpha", version)
    assert shown(project(manifest("alpha>=3")).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          no version satisfies alpha >=3, asked for in pyproject.toml:5 (newest: 2.0)
        try: alpha >=2.0, the newest version
    """)


def test_a_requirement_that_nothing_can_meet(project, index):
    index.add_wheel("alpha", "1.0")
    assert shown(project(manifest("alpha>2,<1")).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          no version satisfies alpha >2,<1, asked for in pyproject.toml:5 (newest: 1.0)
        try: alpha >=1.0, the newest version
    """)


def test_two_lines_that_contradict_each_other(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0")
    assert shown(project(manifest("alpha>=2", groups={"dev": ["alpha<2"]})).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          alpha <2 is asked for in pyproject.toml:8
          alpha >=2 is asked for in pyproject.toml:5
        try: alpha >=2, in pyproject.toml:8
         or: alpha <2, in pyproject.toml:5
    """)


def test_a_conflict(project, index):
    index.add_wheel("boto", "1.29", requires=["urls<1.27"])
    index.add_wheel("boto", "1.30", requires=["urls<1.27"])
    index.add_wheel("urls", "1.26")
    index.add_wheel("urls", "2.0")
    text = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = [
    "boto",
    # the newer one, please
    "urls >=2",
]
"""
    assert shown(project(text).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          every version of boto (pyproject.toml:6) needs urls <1.27
          urls >=2 is asked for in pyproject.toml:8
        try: urls <1.27
         or: remove boto, if the project can do without it
    """)


def test_a_conflict_over_several_steps(project, index):
    index.add_wheel("web", "1.0", requires=["server>=2"])
    index.add_wheel("web", "1.1", requires=["server>=2"])
    index.add_wheel("server", "2.0", requires=["io<3"])
    index.add_wheel("server", "2.1", requires=["io<3"])
    index.add_wheel("plugin", "5", requires=["io>=3"])
    index.add_wheel("io", "2.9")
    index.add_wheel("io", "3.0")
    assert shown(project(manifest("web", "plugin")).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          plugin 5 (pyproject.toml:5) needs io >=3
          every version of web (pyproject.toml:5) needs server >=2
          every version of server needs io <3
        try: remove plugin, if the project can do without it
         or: remove web, if the project can do without it
    """)


def test_an_extra_that_does_not_exist_is_told(project, index):
    index.add_wheel("alpha", "1.0", extras={"fast": []})
    made = project(manifest("alpha[quick]"))
    assert shown(made.run("lock")) == block("""
        exit 0
        warning: pyproject.toml:5: alpha 1.0 has no extra quick; it has fast
        Locked 1 package for 35 targets in <time>
         + alpha 1.0
    """)
    assert locked(made) == {"alpha": "1.0"}


def test_only_pre_releases(project, index):
    index.add_wheel("alpha", "2.0b1")
    made = project(manifest("alpha>=1"))
    made.run("lock").ok()
    assert locked(made) == {"alpha": "2.0b1"}


def test_only_yanked_versions(project, index):
    index.add_wheel("alpha", "1.0", yanked="broken")
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          alpha is asked for in pyproject.toml:5, which only yanked versions satisfy (all versions)
        try: alpha ==1.0, although it was yanked
    """)
    made = project(manifest("alpha==1.0"))
    assert shown(made.run("lock")) == block("""
        exit 0
        Locked 1 package for 35 targets in <time>
         + alpha 1.0
    """)


def test_a_python_that_no_version_admits(project, index):
    index.add_wheel("alpha", "1.0", requires_python=">=3.99")
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          alpha 1.0 requires Python >=3.99
          alpha is asked for in pyproject.toml:5
    """)


def test_a_target_that_no_version_serves_is_left_out_and_said_so(project, index):
    index.add_wheel("alpha", "1.0", tags="py3-none-manylinux_2_17_x86_64")
    assert shown(project(manifest("alpha")).run("lock")) == block("""
        exit 0
        Locked 1 package for 7 targets in <time>
        note: left out cp39-linux-aarch64, cp310-linux-aarch64, cp311-linux-aarch64, cp312-linux-aarch64 and 24 more: alpha 1.0 has no file for Linux aarch64, macOS and Windows
         + alpha 1.0
    """)


def test_a_demanded_target_that_no_version_serves(project, index):
    index.add_wheel("alpha", "1.0", tags="py3-none-manylinux_2_17_x86_64")
    made = project(manifest("alpha"))
    assert shown(made.run("lock --target cp312-windows-x86_64")) == block("""
        exit 1
        error: no versions satisfy all requirements
          alpha 1.0 has no file for any target
          alpha is asked for in pyproject.toml:5
    """)


def test_a_target_that_is_no_target(project):
    assert shown(project(manifest()).run("lock --target solaris")) == block("""
        exit 1
        error: `solaris` is not the name of a target
          `solaris` is no part of a target; it may be a Python such as cp312, or one of default, linux, macos, windows, musl, free-threaded, cpython, pypy, x86_64, arm64
        try: a target looks like `cp312-linux-x86_64`, `cp313-macos-arm64`, `pp310-linux-x86_64`
    """)


def test_a_python_that_is_not_here(project):
    made = project(manifest(python=">=3.99"), HUTCH_PYTHON=None)
    ran = made.run("lock", environ={"PATH": "/nonexistent"})
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: no Python was found for requires-python >=3.99\n")


def test_a_python_that_does_not_fit(project):
    made = project(manifest(python="<3.9"))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no Python was found for `<interpreter>` and requires-python <3.9
          <version> at <interpreter>: requires-python <3.9 does not admit it
        try: name another interpreter with --python
    """)


def test_a_requirement_on_the_command_line_that_is_none(project):
    assert shown(project(manifest()).run("add 'alpha >= '")) == block("""
        exit 1
        error: `alpha >= ` is not a valid requirement
          `>=`: `` is not a version
    """)


def test_a_name_that_is_shown_cannot_paint_the_terminal(project):
    ran = project(manifest()).run("add 'al\x1b[31mpha'")
    assert "\x1b" not in ran.stderr
    assert ran.exit_code in (1, 2)
