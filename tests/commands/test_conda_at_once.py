"""Several commands change one environment of conda at the same time: none loses what another has done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from commands.conda_world import alone, make_demo
from hutch.ops.conda_change import (
    CondaChange,
    CondaCreateOptions,
    CondaInstallOptions,
    CondaRemoveOptions,
    conda_create,
    conda_install,
    conda_remove,
)
from hutch.ops.conda_turns import PrefixMoved
from hutch.ops.context import Context

NAMES = ("one", "two", "three", "four")
C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return make_demo(project, [alone(name) for name in NAMES])


@pytest.fixture
def context(demo: Any) -> Iterator[Context]:
    environ = demo.variables
    with Context(demo.path, environ, {}) as context:
        context.named = "sci"
        yield context


def installed(demo: Any) -> set[str]:
    return {each.name.rsplit("-", 2)[0] for each in (demo.root / "conda-meta").glob("*.json")}


def once(command: Callable[[], Any]) -> Callable[[CondaChange], bool]:
    """Somebody who thinks about the plan, while ``command`` runs elsewhere; and then agrees to every plan."""
    left = [command]

    def agrees(planned: CondaChange) -> bool:
        if left:
            left.pop()().ok()
        return True

    return agrees


def wanted(*specs: str) -> dict[str, Any]:
    return {"specs": specs, "channel": ("./chan",), "override_channels": True}


def test_an_installation_while_the_plan_is_shown(demo: Any, context: Context) -> None:
    demo.run(f"conda create -n sci {C} one").ok()
    other = once(lambda: demo.run(f"conda install -n sci {C} two"))
    conda_install(context, CondaInstallOptions(**wanted("three")), other)
    assert installed(demo) == {"one", "two", "three"}


def test_a_removal_while_the_plan_is_shown(demo: Any, context: Context) -> None:
    demo.run(f"conda create -n sci {C} one two").ok()
    other = once(lambda: demo.run(f"conda install -n sci {C} three"))
    conda_remove(context, CondaRemoveOptions(names=("two",)), other)
    assert installed(demo) == {"one", "three"}


def test_an_environment_that_has_gone_does_not_come_back(demo: Any, context: Context) -> None:
    demo.run(f"conda create -n sci {C} one").ok()
    other = once(lambda: demo.run("conda env remove -n sci -y"))
    with pytest.raises(Exception, match="there is no environment named sci"):
        conda_install(context, CondaInstallOptions(**wanted("three")), other)
    assert not demo.root.exists()


def test_who_makes_it_second_is_told(demo: Any, context: Context) -> None:
    other = once(lambda: demo.run(f"conda create -n sci {C} one"))
    with pytest.raises(Exception, match="there is an environment named sci"):
        conda_create(context, CondaCreateOptions(**wanted("two")), other)
    assert installed(demo) == {"one"}


def test_who_is_never_quick_enough_gives_up(demo: Any, context: Context) -> None:
    demo.run(f"conda create -n sci {C} one").ok()
    times = []

    def agrees(planned: CondaChange) -> bool:
        times.append(planned)
        (demo.root / "conda-meta" / f"{len(times)}.other").touch()  # as if somebody had changed it
        return True

    with pytest.raises(PrefixMoved, match="again and again"):
        conda_install(context, CondaInstallOptions(**wanted("two")), agrees)
    assert len(times) == 8
    assert installed(demo) == {"one"}


@pytest.mark.slow
def test_at_once(demo: Any) -> None:
    demo.run("conda create -n sci").ok()
    with ThreadPoolExecutor(len(NAMES)) as threads:
        ran = list(threads.map(lambda name: demo.run(f"conda install -n sci {C} {name}", apart=True), NAMES))
    assert [each.exit_code for each in ran] == [0] * len(NAMES)
    assert installed(demo) == set(NAMES)
