"""Prefixes that were renamed or packed are read by rattler, and those that rattler has made are renamed and
packed like hutch's own."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from commands.conda_world import make_demo, python
from conda.mixing import library
from conda.real import same_tree
from hutch.testing.conda import PLACEHOLDER, CondaPackage
from oracles.conda import ask_rattler, needs_rattler

pytestmark = [needs_rattler, pytest.mark.skipif(os.name == "nt", reason="the packages are of POSIX")]
LONG = "a-name-that-is-quite-a-bit-longer"


def tool():
    return CondaPackage(
        "tool",
        "1",
        noarch="python",
        depends=["python"],
        files={"site-packages/tool.py": "V = 1\n", "python-scripts/t": f"#!{PLACEHOLDER}/bin/python\n"},
        entry_points=["tool = tool:main"],
    )


@pytest.fixture
def demo(project):
    return make_demo(project, [python("3.12.4"), library("1.0"), tool()])


def read(root):
    """What rattler makes of the records: all packages, each file of them by its hash."""
    found = ask_rattler("prefix", prefix=os.fspath(root))
    assert {row["name"] for row in found} == {"python", "libvec", "tool"}
    for row in found:
        for path, digest in row.pop("hashes").items():
            if digest and not (root / path).is_symlink() and not path.endswith(".pyc"):
                assert hashlib.sha256((root / path).read_bytes()).hexdigest() == digest, path
    return found


def sound(demo, name):
    told = json.loads(demo.run(f"env verify -n {name} --deep --json --offline").stdout)
    assert [each for each in told["faults"] if each["kind"] not in ("interpreter", "extra")] == []


def test_rattler_reads_what_was_renamed_and_what_was_unpacked(demo):
    demo.run("conda create -n sci -c ./chan --override-channels python libvec tool").ok()
    before = read(demo.root)
    demo.run(f"env rename sci {LONG}").ok()
    assert read(demo.root.parent / LONG) == before
    demo.run(f"env pack {LONG} -o packed.tar.gz").ok()
    demo.run("env unpack packed.tar.gz -n two").ok()
    assert read(demo.root.parent / "two") == before


def test_what_rattler_has_made_is_renamed_and_packed(demo, tmp_path):
    ask_rattler(
        "install",
        channel=os.fspath(demo.path / "chan"),
        prefix=os.fspath(demo.root),
        cache=os.fspath(tmp_path / "cache"),
        specs=["python", "libvec", "tool"],
    )
    first = same_tree(demo.root, instead=os.fspath(demo.root))
    demo.run(f"env rename sci {LONG}").ok()
    place = demo.root.parent / LONG
    sound(demo, LONG)
    moved = same_tree(place)
    read(place)
    demo.run(f"env pack {LONG} -o packed.tar.gz").ok()
    demo.run("env unpack packed.tar.gz -n two").ok()
    sound(demo, "two")
    read(demo.root.parent / "two")
    theirs, ours = same_tree(demo.root.parent / "two"), moved
    assert {path for path in ours if not path.startswith("conda-meta")} == {
        path for path in theirs if not path.startswith("conda-meta")
    }
    demo.run(f"env rename {LONG} sci").ok()
    now = same_tree(demo.root, instead=os.fspath(demo.root))
    # The records are written by another hand now; every file is what rattler had made.
    assert {path: row for path, row in first.items() if not path.startswith("conda-meta")} == {
        path: row for path, row in now.items() if not path.startswith("conda-meta")
    }
