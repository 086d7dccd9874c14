"""Somebody edits a manifest or a setting while a command is at work: the edit stays, and is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from commands.support import block, installed, locked, manifest, shown


class Log(list[Any]):
    """The log of an index, which does something when the first request comes."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def append(self, request: Any) -> None:
        super().append(request)
        act, self._act = self._act, None
        if act is not None:
            act()


@pytest.fixture
def demo(project, index):
    for name in ("alpha", "beta"):
        for version in ("1.0", "2.0"):
            index.add_wheel(name, version)
    return project(manifest("alpha"))


@pytest.mark.parametrize("command", ["lock", "sync"])
def test_a_manifest_that_is_edited_while_it_is_locked(demo, index, command):
    index.log = Log(lambda: demo.write({"pyproject.toml": manifest("alpha", "beta")}))
    demo.run(command).ok()
    assert locked(demo) == {"alpha": "2.0"}
    demo.run(command).ok()
    assert locked(demo) == {"alpha": "2.0", "beta": "2.0"}


@pytest.mark.parametrize("command", ["lock", "sync"])
def test_settings_that_come_while_something_is_locked(demo, index, command):
    index.log = Log(lambda: demo.write({"hutch.toml": 'resolution = "lowest"\n'}))
    demo.run(command).ok()
    assert "up to date" not in demo.run("lock").ok().stderr


@pytest.mark.parametrize("command", ["add beta", "remove alpha", "upgrade alpha"])
def test_an_edit_is_not_written_over(demo, index, command):
    if command != "add beta":
        demo.write({"pyproject.toml": manifest("alpha", "beta")})
    demo.run("lock").ok()
    mine = manifest("alpha", "beta<2") + "\n# mine\n"
    index.log = Log(lambda: demo.write({"pyproject.toml": mine}))
    ran = demo.run(command, environ={"HUTCH_REFRESH": "1"})
    assert demo.read("pyproject.toml") == mine
    if ran.exit_code:  # a command that writes no manifest need not care
        assert shown(ran) == block("""
            exit 1
            error: cannot write <project>/pyproject.toml
              it was changed by somebody else since this command has read it; it stays as it is now
            try: run the command again
        """)
    demo.run("sync").ok()
    assert installed(demo) == {"alpha": "2.0", "beta": "1.0"}
