"""A conflict in an environment says where each of the words stands that exclude each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, make_demo
from commands.support import block, shown

C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    packages = [alone("numpy", "1.9"), alone("numpy", "2.0"), alone("scipy", "3", depends=["numpy >=2"])]
    return make_demo(project, packages)


def test_lines_of_an_environment_file(demo: Any) -> None:
    demo.write({"e.yml": "channels: [./chan]\ndependencies:\n  - numpy >=2\n  - numpy <2\n"})
    assert shown(demo.run("conda env create -f e.yml -n sci")) == block("""
        exit 1
        error: no packages satisfy all requirements
          numpy <2 is asked for in e.yml:4
          numpy >=2 is asked for in e.yml:3
        try: ask for other versions, or take one of these requirements out
        """)


def test_lines_of_a_list(demo: Any) -> None:
    demo.write({"list.txt": "scipy\n# a comment\nnunpy\n"})
    ran = demo.run(f"conda create -n sci {C} --file list.txt")
    assert "no channel has a package nunpy (asked for in list.txt:3)" in ran.stderr


def test_what_an_earlier_command_has_asked_for(demo: Any) -> None:
    demo.run(f"conda create -n sci {C} 'numpy<2'").ok()
    assert shown(demo.run(f"conda install -n sci {C} scipy")) == block("""
        exit 1
        error: no packages satisfy all requirements
          scipy 3 0 (this command) needs numpy >=2
          numpy<2 is asked for in the environment, by an earlier command
        try: ask for other versions, or take one of these requirements out
        """)


def test_default_packages_of_condarc(demo: Any) -> None:
    (demo.home / ".condarc").write_text("create_default_packages: ['numpy<2']\n")
    ran = demo.run(f"conda create -n sci {C} scipy")
    assert "numpy<2 is asked for in create_default_packages of .condarc" in ran.stderr
