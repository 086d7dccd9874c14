"""conda itself takes hutch's prefixes for its own, and hutch takes conda's.

``REAL_CONDA_PYTHON`` names a Python that has conda as a module. The one that an index has (4.3.16, for
Pythons up to 3.6; it wants `ruamel.yaml<0.16`) is old, and reads what conda has read ever since: packages in
`.tar.bz2`, records, history. Its removal and installation are for real here.
"""

from __future__ import annotations

import bz2
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conda.real import COMPILED, HERE, run_in, same_tree, the_python
from hutch.testing.conda import index_channel
from hutch.testing.conda_real import activating, c_library, commands

CONDA = os.environ.get("REAL_CONDA_PYTHON", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CONDA, reason="REAL_CONDA_PYTHON names no Python that has conda"),
]


@pytest.fixture
def demo(project: Any, tmp_path: Path) -> Any:
    python = the_python()
    if python is None:
        pytest.skip("no Python of this machine can be taken to another place")
    packages = [
        python.package(), c_library("1.0", HERE), c_library("1.1", HERE), activating(), commands("1.0")
    ]  # fmt: skip
    for package in packages:
        package.form = "tar.bz2"
    chan = tmp_path / "chan"
    index_channel(chan, packages)
    for repodata in chan.glob("*/repodata.json"):
        (repodata.parent / "repodata.json.bz2").write_bytes(bz2.compress(repodata.read_bytes()))
    made = project(
        {}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None, PYTHONDONTWRITEBYTECODE="1"
    )
    made.chan = f"-c {chan.as_uri()} --override-channels"
    made.root = tmp_path / "data/envs/day"
    settings = {
        "channels": [chan.as_uri()],
        "default_channels": [chan.as_uri()],
        "add_pip_as_python_dependency": False,
        "envs_dirs": [os.fspath(tmp_path / "envs")],
        "pkgs_dirs": [os.fspath(tmp_path / "pkgs")],
    }
    (tmp_path / "conda-home").mkdir()
    (tmp_path / "conda-home/.condarc").write_text(json.dumps(settings))
    return made


def conda(demo: Any, words: str) -> str:
    home = os.fspath(demo.path.parent / "conda-home")
    environ = {"PATH": os.environ["PATH"], "HOME": home}
    done = subprocess.run(
        [CONDA, "-m", "conda", *words.split()], capture_output=True, text=True, env=environ, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(root: Path) -> set[str]:
    return {
        path for path in same_tree(root) if not path.startswith("conda-meta") and "__pycache__" not in path
    }


def explicit(text: str) -> list[str]:
    return sorted(line for line in text.splitlines() if line.startswith("file:"))


def test_conda_lists_and_changes_what_hutch_made(demo):
    python = the_python()
    demo.run(f"conda create -n day {demo.chan} python={python.version} libgreet=1.0 greet-activation").ok()
    without = files(demo.root)
    demo.run("conda install -n day greeter").ok()
    listed = explicit(conda(demo, f"list --explicit --md5 -p {demo.root}"))
    ours = explicit(demo.run("conda list -n day --explicit --md5").ok().stdout)
    assert [demo.filtered(line) for line in listed] == ours
    assert len(listed) == 4
    revisions = conda(demo, f"list --revisions -p {demo.root}")
    assert "(rev 0)" in revisions
    assert "+greeter-1.0" in revisions.partition("(rev 1)")[2]
    # Every path of our record, and none of another package's.
    conda(demo, f"remove -y -p {demo.root} greeter")
    assert files(demo.root) == without
    demo.run("env verify -n day --deep").ok()
    names = {row["name"] for row in json.loads(demo.run("conda list -n day --json").ok().stdout)}
    assert names == {"greet-activation", "libgreet", "python"}
    # And ours goes on from there.
    demo.run("conda install -n day greeter libgreet=1.1").ok()
    assert run_in(demo.root, "greeter") == f"1.0 {demo.root}"
    demo.run("env verify -n day --deep").ok()


def test_what_conda_makes_is_what_hutch_makes(demo, tmp_path):
    root = tmp_path / "theirs"
    conda(demo, f"create -y -p {root} libgreet=1.0 greet-activation")
    theirs = same_tree(root)
    demo.run("conda update -p ../theirs --all").ok()
    demo.run(f"conda install -p ../theirs libgreet=1.1 {demo.chan}").ok()
    if COMPILED:
        assert run_in(root, "greet") == f"1.1 {root} words of 1.1"
    demo.run(f"conda install -p ../theirs libgreet=1.0 {demo.chan}").ok()
    active = {"CONDA_PREFIX": os.fspath(root), "CONDA_DEFAULT_ENV": "theirs"}
    demo.run("env verify --deep", environ=active).ok()
    ours = same_tree(root)
    for tree in (theirs, ours):
        for path in [path for path in tree if path.startswith("conda-meta")]:
            del tree[path]
    assert ours == theirs
    assert "libgreet-1.0" in conda(demo, f"list --explicit -p {root}")
