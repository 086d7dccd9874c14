"""Where channels are when none is configured: py-rattler's own constant, read and never written down here."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from hutch.net import default_channel_alias
from oracles.conda import ask_rattler, needs_rattler, rattler_python


def test_it_is_read_out_of_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'def __init__(self, channel_alias: str = "https://channel.example/") -> None: ...\n'
    (tmp_path / "rattler/channel").mkdir(parents=True)
    (tmp_path / "rattler/__init__.py").write_text("raise SystemExit('it is not imported')\n")
    (tmp_path / "rattler/channel/channel_config.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert default_channel_alias() == "https://channel.example"
    (tmp_path / "rattler/channel/channel_config.py").write_text("# nothing of it\n")
    assert default_channel_alias() is None


@needs_rattler
def test_the_library_that_there_is_says_the_same() -> None:
    python = rattler_python()
    assert python is not None
    source = str(Path(__file__).parents[2] / "src")
    code = (
        "import json; from hutch.net import default_channel_alias; print(json.dumps(default_channel_alias()))"
    )
    ran = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": source}
    )
    alias = json.loads(ran.stdout)
    assert f"{alias}/some-channel/" == ask_rattler("channel", name="some-channel")
