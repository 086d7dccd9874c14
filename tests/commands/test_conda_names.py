"""A name that means two things: the program of conda's channels, and the package of an index."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import HERE, make_demo, python
from commands.support import block, shown
from hutch.testing.conda import CondaPackage, index_channel

MANIFEST = """
[project]
name = "x"
version = "1"
requires-python = ">=3.9"
dependencies = ["{wheel}"]

[tool.hutch]
package = false

[tool.hutch.conda]
channels = ["conda-forge"]
dependencies = ["python", "pandoc"]
{more}
"""


@pytest.fixture
def demo(project: Callable[..., Any], index: Any) -> Any:
    """pandoc 3.6 is conda's program, pandoc 2.4 of the index a wrapper around it."""
    index.add_wheel("pandoc", "2.4")
    index.add_wheel("docs", "1.0", requires=["pandoc>=2"])
    index.add_wheel("strict", "1.0", requires=["pandoc>=3"])
    index.add_wheel("stricter", "1.0", requires=["pandoc>=5"])
    made = make_demo(project)
    program = CondaPackage("pandoc", "3.6", subdir=HERE, files={"bin/pandoc": "#!/bin/sh\n"})
    index_channel(made / "channels/conda-forge", [python(), program])
    made.environ["HUTCH_CONDA_CHANNEL_ALIAS"] = (made / "channels").as_uri()
    return made


def lock(demo: Any, wheel: str, more: str = "") -> Any:
    demo.write({"pyproject.toml": MANIFEST.format(wheel=wheel, more=more)})
    return demo.run("lock")


def locked(demo: Any) -> tuple[set[str], set[str]]:
    """What is of the index, and what is of conda."""
    found = tomllib.loads(demo.read("pylock.toml"))
    records = found["tool"]["hutch"]["conda"]["packages"]
    return (
        {f"{each['name']} {each['version']}" for each in found["packages"]},
        {f"{each['name']} {each['version']}" for each in records},
    )


def test_both_are_there_side_by_side(demo: Any) -> None:
    lock(demo, "docs").ok()
    assert locked(demo) == ({"docs 1.0", "pandoc 2.4"}, {"pandoc 3.6", "python 3.12.4"})


def test_a_conflict_names_both(demo: Any) -> None:
    assert shown(lock(demo, "strict")) == block("""
        exit 1
        error: no packages satisfy all requirements
          strict 1.0 (pyproject.toml:6) needs pandoc >=3, which no version satisfies (newest: 2.4)
          pandoc of conda's channels is another thing than pandoc of the index
        try: pandoc = "pandoc" in [tool.hutch.conda.map], if they are the same
         or: ask for other versions, or take one of these requirements out
        """)


def test_the_user_says_that_they_are_the_same(demo: Any) -> None:
    same = '[tool.hutch.conda.map]\npandoc = "pandoc"'
    lock(demo, "strict", same).ok()
    assert locked(demo) == ({"strict 1.0"}, {"pandoc 3.6", "python 3.12.4"})
    ran = lock(demo, "stricter", same)
    assert ran.exit_code == 1
    assert "needs pandoc >=5, which no version satisfies (there are 2.4 and 3.6)" in ran.stderr
    assert "another thing" not in ran.stderr
