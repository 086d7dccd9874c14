"""Locks of a checkout: what they say of conda's packages is judged before anything is asked or made."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, library, make_demo
from commands.support import shown

MANIFEST = """
[project]
name = "x"
version = "1"

[tool.hutch]
package = false

[tool.hutch.conda]
channels = ["./chan"]
dependencies = ["alone", "libfoo"]
"""
CASES = {
    "a name upwards": ('name = "alone"', 'name = "../../alone"', "is not the name of a package"),
    "a name for a terminal": ('name = "alone"', 'name = "a\\u001b[31m"', "is not the name of a package"),
    "a version upwards": ('version = "1"\n', 'version = "../1"\n', "is not a version"),
    "a build upwards": ('build = "0"', 'build = "../0"', "is not a build"),
    "a file upwards": (
        'file = "alone-1-0.conda"',
        'file = "../alone-1-0.conda"',
        "is not the name of a file",
    ),
    "a file of another": ('file = "alone-1-0.conda"', 'file = "other-1-0.conda"', "other-1-0.conda"),
    "a platform upwards": ('subdir = "noarch"', 'subdir = "../noarch"', "is not a platform of conda"),
    "a hash upwards": (r'sha256 = "\w{64}"', f'sha256 = "{"../" * 21}x"', "should be 64 hexadecimal digits"),
    "another hash": (r'sha256 = "\w{64}"', f'sha256 = "{"0" * 64}"', "is wrong"),
    "less than nothing": (r"size = \d+", "size = -1", "should not be negative"),
    "a site upwards": ('build = "0"', 'build = "0"\nsite-packages = "../x"', "inside of the environment"),
}


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    made = make_demo(project, [library(), alone()])
    made.write({"pyproject.toml": MANIFEST})
    made.run("lock").ok()
    return made


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("command", ["sync --frozen", "sync --locked", "export --format explicit", "tree"])
def test_what_a_lock_says(case: str, command: str, demo: Any) -> None:
    old, new, words = CASES[case]
    text, count = re.subn(old, lambda found: new, demo.read("pylock.toml"))
    assert count
    demo.write({"pylock.toml": text})
    ran = demo.run(command)
    assert "Traceback" not in ran.stderr
    assert "\x1b" not in ran.stdout + ran.stderr
    if command == "sync --frozen":
        assert ran.exit_code in (1, 3), shown(ran)
        assert words in ran.stderr, shown(ran)
        assert not (demo / ".venv").exists()


def test_where_a_lock_says_that_packages_are_is_asked_for_just_those(demo: Any) -> None:
    """A lock may name any place, as a manifest may: what comes from there has to have the hash."""
    package = (demo / "chan/noarch/alone-1-0.conda").read_bytes()
    (demo / "chan").rename(demo / "elsewhere")
    demo.write(
        {"pylock.toml": demo.read("pylock.toml").replace('channel = "./chan"', 'channel = "./elsewhere"')}
    )
    demo.run("sync --frozen").ok()
    (demo / ".venv").rename(demo / "old")
    demo.run("cache clean").ok()
    (demo / "elsewhere/noarch/alone-1-0.conda").write_bytes(package[:-1] + b"?")
    ran = demo.run("sync --frozen")
    assert ran.exit_code == 1
    assert "the hash of alone-1-0.conda is wrong" in ran.stderr
    assert not (demo / ".venv").exists()
