"""``hutch why-not``: each kind of answer, as it is printed."""

from __future__ import annotations

import json

import pytest

from commands.support import block, manifest, shown


@pytest.fixture
def demo(project, index):
    index.add_wheel("web", "1.0", requires=["io<2"])
    index.add_wheel("web", "2.0", requires=["io>=2"])
    index.add_wheel("web", "2.1b1", requires=["io>=2"])
    for version in ("1.0", "2.0", "3.0"):
        index.add_wheel("io", version, yanked="leaks" if version == "3.0" else False)
    index.add_wheel("other", "1.0", requires=["io>=1"])
    index.add_wheel("speed", "1.0")
    index.add_wheel("speed", "1.5", tags="py3-none-win_amd64")
    index.add_wheel("speed", "1.6", requires_python=">=3.99")
    return project(manifest("web", "other", "speed<1.6"))


def test_the_version_that_is_there(demo):
    assert shown(demo.run("why-not web==2.0")) == block("""
        exit 0
        -- stdout --
        web 2.0 is what is locked
    """)


def test_nothing_speaks_against_an_older_one(demo):
    ran = demo.run("why-not web==1.0")
    assert shown(ran) == block("""
        exit 0
        -- stdout --
        nothing speaks against web 1.0: 2.0 is newer
          with it would change: io 2.0 → 1.0
        try: hutch lock --upgrade-package 'web==1.0'
    """)
    demo.run("lock").ok()
    demo.run("lock --upgrade-package 'web==1.0'").ok()
    assert shown(demo.run("why-not web==2.0")) == block("""
        exit 0
        -- stdout --
        nothing speaks against web 2.0: the lock keeps 1.0 until you ask for another
          with it would change: io 1.0 → 2.0
        try: hutch lock --upgrade-package 'web==2.0'
    """)
    demo.run("lock --upgrade-package 'web==2.0'").ok()
    assert shown(demo.run("why-not web==2.0")) == "exit 0\n-- stdout --\nweb 2.0 is what is locked\n"


def test_another_package_needs_a_newer_one(project, index):
    index.add_wheel("web", "1.0", requires=["io<2"])
    index.add_wheel("web", "2.0", requires=["io>=2"])
    index.add_wheel("io", "1.0")
    index.add_wheel("io", "2.0")
    made = project(manifest("web>=2"))
    assert shown(made.run("why-not io==1.0")) == block("""
        exit 0
        -- stdout --
        io 1.0 does not fit:
          web 2.0 (pyproject.toml:5) needs io >=2
        try: web >=1.0
    """)


def test_yanked(demo):
    assert shown(demo.run("why-not 'io>=3'")) == block("""
        exit 0
        -- stdout --
        io 3.0 was yanked (leaks): it is taken only where it is named exactly
        try: hutch add 'io==3.0'
    """)


def test_a_pre_release(demo):
    assert shown(demo.run("why-not web==2.1b1")) == block("""
        exit 0
        -- stdout --
        web 2.1b1 is a pre-release, and nothing asks for one
        try: hutch add 'web>=2.1b1'
    """)


def test_a_python_that_it_does_not_run_on(demo):
    assert shown(demo.run("why-not speed==1.6")) == block("""
        exit 0
        -- stdout --
        speed 1.6 does not fit:
          speed <1.6 is asked for in pyproject.toml:5
    """)


def test_no_file(demo):
    assert shown(demo.run("why-not speed==1.5")) == block("""
        exit 0
        -- stdout --
        speed 1.5 is what is locked
    """)


def test_a_version_that_does_not_exist(demo):
    assert shown(demo.run("why-not web==7")) == block("""
        exit 0
        -- stdout --
        there is no web 7 (newest: 2.1b1)
    """)


def test_a_package_that_is_not_there(demo):
    assert shown(demo.run("why-not flask==7")) == block("""
        exit 0
        -- stdout --
        flask is not in the lock: nothing that the project needs asks for it
        try: hutch add 'flask==7'
    """)


def test_a_question_without_a_version(demo):
    assert shown(demo.run("why-not web")) == block("""
        exit 2
        error: why-not asks about versions, and `web` names none
        try: hutch why-not web==VERSION; hutch why web tells who needs it
    """)


def test_for_a_program(demo):
    ran = demo.run("why-not web==1.0 --json").ok()
    assert json.loads(ran.stdout) == {
        "name": "web",
        "asked": "web 1.0",
        "chosen": ["2.0"],
        "verdict": "older",
        "what": "nothing speaks against web 1.0: 2.0 is newer",
        "why": [],
        "hints": ["hutch lock --upgrade-package 'web==1.0'"],
        "changes": [{"name": "io", "before": "2.0", "after": "1.0"}],
        "conflicts": [],
        "suggestions": [],
    }


def test_it_writes_nothing(demo):
    demo.run("why-not web==1.0").ok()
    assert demo.tree() == ["pyproject.toml"]
