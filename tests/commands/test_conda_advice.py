"""What hutch advises is typed as it stands, and works on the environment that was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, make_demo, python, serve
from commands.support import block, shown
from hutch.testing.conda import index_channel

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


def test_what_an_index_has_brought(demo: Any, index: Any) -> None:
    """Neither `conda remove` nor an @EXPLICIT list knows it: both say so, and how it goes."""
    index.add_wheel("rich", "14.0")
    demo.write({"both.yml": "name: sci\nchannels: [./chan]\ndependencies:\n  - python\n  - pip: [rich]\n"})
    index_channel(demo.path / "chan", [python(), alone()])
    demo.run("conda env create -f both.yml").ok()
    assert shown(demo.run("conda remove -n sci Rich")) == block("""
        exit 1
        error: rich cannot be removed
          came from a package index, and is no package of conda
        try: hutch pip uninstall -n sci rich
        """)
    listed = demo.run("conda list -n sci --explicit").ok()
    assert listed.stderr == "warning: what came from a package index is not in it: rich\n"
    note = next((demo.root / "lib").glob("python*/EXTERNALLY-MANAGED")).read_text()
    for command in re.findall(r"`hutch ([^`]+) NAME`", note):
        assert demo.run(f"help {command}").exit_code == 0, command


def test_what_only_an_index_has_goes_into_the_environment(demo: Any, index: Any) -> None:
    index.add_wheel("rich", "14.0")
    demo.run(f"conda create -n sci {C} alone").ok()
    with serve(demo / "chan") as served:
        ran = demo.run(f"conda install -n sci -c {served.url} --override-channels rich")
    assert "or: into an environment that is there: hutch pip install -n sci rich\n" in ran.stderr
