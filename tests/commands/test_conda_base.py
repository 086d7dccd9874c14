"""A conda that is there already: its `base` and its environments have the names that it gives them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, make_demo, python

C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    """A conda in the home of its user, with an environment `old`, as older versions have made them."""
    demo = make_demo(project, [alone(), alone("more"), python()])
    root = demo.home / "miniconda3"
    demo.run(f"conda create -p {root} {C} alone").ok()
    (root / "condabin").mkdir()
    demo.run(f"conda create -p {root / 'envs' / 'old'} {C} alone python").ok()
    shutil.rmtree(demo.home / ".conda", ignore_errors=True)
    return demo


@pytest.mark.parametrize("how", ["usual", "variable", "noted"])
def test_base_is_condas(how: str, demo: Any) -> None:
    root = demo.home / "miniconda3"
    environ = {}
    if how != "usual":
        root = root.rename(demo.home / "elsewhere")
        environ = {"CONDA_EXE": str(root / "bin" / "conda")} if how == "variable" else {}
    if how == "noted":
        (demo.home / ".conda").mkdir()
        (demo.home / ".conda" / "environments.txt").write_text(f"{root}\n")
    assert "alone" in demo.run("conda list -n base", environ=environ).ok().stdout
    demo.run(f"conda install -n base {C} more", environ=environ).ok()
    assert (root / "share" / "more").exists()
    listed = demo.run("conda env list", environ=environ).ok().stdout
    assert {"base", "old"} <= {line.split()[0] for line in listed.splitlines() if line}
    assert "alone" in demo.run("conda list -n old", environ=environ).ok().stdout
    assert demo.run("conda run -n old python -V", environ=environ).ok().stdout == "python 3.12.4 -V\n"
    assert demo.run("conda env remove -n base -y", environ=environ).exit_code == 1
    assert root.exists()


def test_a_clone_of_base(demo: Any) -> None:
    demo.run("conda create -n sci --clone base").ok()
    assert (demo.root / "share" / "alone").exists()
    assert not (demo.root / "condabin").exists()


def test_no_base_where_there_is_no_conda(project: Callable[..., Any]) -> None:
    demo = make_demo(project, [alone()])
    ran = demo.run("conda install -n base alone")
    assert ran.exit_code == 1
    assert "there is no environment named base" in ran.stderr
    assert "conda create -n base" not in ran.stderr
