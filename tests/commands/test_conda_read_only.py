"""An environment that lies where its user may not write: told before anything is fetched, and the way out."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, make_demo
from hutch.errors import Problem
from hutch.ops.conda_change import CondaInstallOptions, CondaRemoveOptions, conda_install, conda_remove
from hutch.ops.conda_list import CondaListOptions, conda_list
from hutch.ops.context import Context

C = "-c ./chan --override-channels"


def test_it_is_looked_at_and_not_changed(
    project: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = make_demo(project, [alone(), alone("more")])
    demo.run(f"conda create -p ./shared {C} alone").ok()
    shared = demo / "shared"
    if os.getuid() == 0:  # who may write everywhere is told what others are told
        real = os.access
        monkeypatch.setattr(
            os,
            "access",
            lambda path, mode, **more: (
                False if mode & os.W_OK and str(path).startswith(str(shared)) else real(path, mode, **more)
            ),
        )
    else:
        for path in (shared, shared / "conda-meta"):
            path.chmod(0o555)
    environ = demo.variables
    with Context(demo.path, environ, {}) as context:
        for change in (
            lambda: conda_install(context, CondaInstallOptions(specs=("more",), prefix="./shared")),
            lambda: conda_remove(context, CondaRemoveOptions(names=("alone",), prefix="./shared")),
        ):
            with pytest.raises(Problem) as caught:
                change()
            assert caught.value.code == "read-only-environment"
            assert f"--clone {shared}" in caught.value.hints[0]
        assert [row.name for row in conda_list(context, CondaListOptions(prefix="./shared")).rows] == [
            "alone"
        ]
