"""What hutch advises is typed as it stands, and works on the environment that was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, make_demo
from commands.support import block, shown

C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return make_demo(project, [alone(), alone("numpy", "1.9"), alone("numpy", "2.0")])


@pytest.mark.parametrize("which", ["-n sci", "-p ./one"])
def test_the_environment_is_named_as_it_was(which: str, demo: Any) -> None:
    demo.run(f"conda create {which} {C} 'numpy<2'").ok()
    said = demo.run(f"conda update {which} {C} numpy").ok().stderr
    assert f"\nanother: hutch conda install {which} 'numpy>1.9'\n" in said
    failed = demo.run(f"conda remove {which} alone")
    assert f"try: hutch conda list {which} shows what is\n" in failed.stderr
    failed = demo.run(f"conda update {which} alone")
    advice = re.search(r"try: hutch (conda install .*) puts it in\n", failed.stderr)
    assert advice is not None
    demo.run(f"{advice[1]} {C} -y").ok()
    assert "alone" in demo.run(f"conda list {which}").ok().stdout


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        ("conda install -n sky alone", "hutch conda create -n sky makes it"),
        ("conda update -n sky --all", "hutch conda create -n sky makes it"),
        ("conda list -n sky", "hutch conda env list shows them"),
        ("conda remove -n sky --all", "hutch conda env list shows them"),
        ("conda env export -n sky", "hutch conda env list shows them"),
    ],
)
def test_no_such_environment(command: str, advice: str, demo: Any) -> None:
    demo.run(f"conda create -n sci {C} alone").ok()
    assert shown(demo.run(command)) == block(f"""
        exit 1
        error: there is no environment named sky
          there are sci
        try: {advice}
        """)
