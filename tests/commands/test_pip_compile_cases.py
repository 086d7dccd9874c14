"""``hutch pip compile`` writes what pip-compile writes, byte for byte.

The answers are pip-compile's own, frozen (``freeze_pip_compile.py``). What differs on purpose is in
``docs/how-to/pip-tools.md``, and no case here.
"""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest

from commands.freeze_pip_compile import words_of
from commands.pip_compile_shop import stock

CASES = tomllib.loads(Path(__file__).with_name("pip_compile_cases.toml").read_text())["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_it_writes_what_pip_compile_writes(case, project, index):
    stock(index)
    made = project({path: text.encode() for path, text in case["files"].items()})
    for run in case["runs"]:
        made.run(f"pip compile {shlex.join(words_of(run, hutch=True))}").ok()
    for path, text in case["wrote"].items():
        assert (made / path).read_bytes().decode() == text


def test_there_are_enough_cases():
    assert len(CASES) >= 25
