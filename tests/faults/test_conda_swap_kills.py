"""``kill -9`` while a conda prefix takes the place of a virtual environment: there is always one of them."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from conda.mixing import library
from conda.real import HERE
from faults.killing import count_changes, killed_at, points
from hutch.testing.conda import index_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
MOMENTS = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "slow" else 12
HEAD = '[project]\nname = "demo"\nversion = "1"\ndependencies = []\n[tool.hutch]\npackage = false\n'
PLAIN = HEAD.replace("dependencies = []", 'dependencies = ["alpha"]')
CONDA = (
    f'{HEAD}[tool.hutch.conda]\nchannels = ["./chan"]\nplatforms = ["{HERE}"]\ndependencies = ["libvec"]\n'
)


def test_killed_while_a_prefix_takes_the_place(project: Any, index: Any, tmp_path: Path) -> None:
    index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": PLAIN})
    index_channel(made / "chan", [library("1.0")])
    made.run("sync").ok()
    kept = tmp_path / "kept"
    shutil.copytree(made / ".venv", kept, symlinks=True)
    made.write({"pyproject.toml": CONDA})
    made.run("lock").ok()
    total = count_changes(made, "sync")
    for number in points(random.Random(7), total, MOMENTS):
        for path in made.path.glob(".venv*"):
            shutil.rmtree(path)
        shutil.copytree(kept, made / ".venv", symlinks=True)
        killed_at(made, "sync", number)
        # Whoever asks for the old one again gets it; who goes on gets the new one, and nothing is left over.
        again = number % 2
        made.write({"pyproject.toml": CONDA if again else PLAIN})
        made.run("sync").ok()
        assert [path.name for path in made.path.glob(".venv*")] == [".venv"], number
        assert (made / ".venv/conda-meta").is_dir() == bool(again), number
        assert (made / ".venv/pyvenv.cfg").exists() != bool(again), number
        made.run("env verify").ok()
        made.write({"pyproject.toml": CONDA})
        made.run("lock").ok()
