"""Real packages, linked by directories: native libraries, namespaces, and tools that look at paths."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.network, pytest.mark.slow]

SEEN = """
import importlib.metadata, importlib.resources, inspect, json, os, traceback
import numpy, numpy.linalg, yaml
from google.protobuf import descriptor
from google.api import http_pb2
site = os.path.dirname(os.path.dirname(numpy.__file__))
try:
    numpy.linalg.inv(numpy.zeros((2, 2)))
except numpy.linalg.LinAlgError as error:
    frame = traceback.extract_tb(error.__traceback__)[-1].filename
print(json.dumps([
    numpy.linalg.inv(numpy.eye(2)).tolist() == [[1, 0], [0, 1]],
    all(name.startswith(site + os.sep) for name in (
        frame, inspect.getsourcefile(numpy.linalg), http_pb2.__file__, str(importlib.resources.files("yaml")),
    )),
    importlib.metadata.files("numpy"),
    importlib.metadata.version("numpy") == numpy.__version__,
    bool(yaml.__with_libyaml__),
    site,
]))
"""
TEST = """
import numpy
import pytest
from mine import twice

def test_it(tmp_path):
    assert twice(numpy.int64(2)) == 4
"""
MINE = """
import numpy

def twice(x: numpy.int64) -> numpy.int64:
    return numpy.int64(x * 2)
"""
PROJECT = """
[project]
name = "mine"
version = "1"
requires-python = ">=3.11"
dependencies = ["numpy", "pyyaml", "protobuf", "googleapis-common-protos", "pytest", "pytest-cov", "mypy"]
[tool.mypy]
python_executable = ".venv/bin/python"
[tool.hutch]
link-mode = "tree"
"""


@pytest.fixture
def mine(project: Callable[..., Any], mirror: str) -> Any:
    made = project(
        {
            "pyproject.toml": PROJECT,
            "mine.py": MINE,
            "test_mine.py": TEST,
        },
        HUTCH_INDEX_URL=mirror,
    )
    made.run("sync").ok()
    return made


def test_what_programs_see(mine: Any, project: Callable[..., Any]) -> None:
    mine.write({"seen.py": SEEN})
    told = json.loads(mine.run("run python seen.py").ok().stdout)
    (site,) = (mine / ".venv").glob("lib/python*/site-packages")
    assert told == [True, True, None, True, True, told[5]]
    assert told[5].endswith(os.path.relpath(site, mine / ".venv"))
    links = {path.name for path in site.iterdir() if path.is_symlink()}
    assert {"numpy", "numpy.libs", "yaml", "mypy"} <= links
    # Two distributions have parts of it.
    assert not (site / "google").is_symlink()
    assert (site / "google" / "protobuf").is_symlink()
    mine.run("env verify --deep").ok()

    # Tests, coverage and types know the files by the paths of the environment, or do not look into them.
    ran = mine.run("run pytest -q --cov=mine --cov-report=json -p no:cacheprovider")
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    assert list(json.loads((mine / "coverage.json").read_text())["files"]) == ["mine.py"]
    ran = mine.run("run mypy --strict mine.py")
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    ran = mine.run("run python -m pdb -c 'b numpy.linalg.inv' -c q seen.py")
    assert "hutch" not in ran.stdout.partition("Breakpoint")[2].partition("trees-v1")[1]

    # None of them has done anything in the cache but write bytecode: a second one is like the first.
    mine.run("cache verify --deep").ok()
    other = project(
        {"pyproject.toml": PROJECT, "mine.py": "", "seen.py": SEEN},
        HUTCH_INDEX_URL=mine.environ["HUTCH_INDEX_URL"],
    )
    other.run("sync").ok()
    assert json.loads(other.run("run python seen.py").ok().stdout)[:5] == [True, True, None, True, True]

    # What goes and comes parts the namespace anew.
    mine.run("remove googleapis-common-protos").ok()
    assert mine.run("run python -c 'import google.protobuf.descriptor'").exit_code == 0
    mine.run("env verify --deep").ok()
    shutil.rmtree(mine / ".venv")
    mine.run("cache verify").ok()
    assert os.path.isdir(Path(os.path.realpath(next((other / ".venv").glob("lib/*/site-packages/numpy")))))
