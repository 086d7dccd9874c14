"""A day with a conda environment that holds a real Python, byte for byte: whatever way leads to a set of
packages, the tree is the same.

What is compared is every path, kind, mode and content (`conda.real.same_tree`). Left out are the history,
which tells the way and not the state, and hutch's own memory of it. conda compiles what it installs; hutch
leaves that to Python, so these run without writing bytecode, and one test is about what Python writes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from conda.real import COMPILED, make_channel, run_in, same_tree, the_python
from oracles.conda import ask_rattler, needs_rattler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the packages are for systems of POSIX"),
]


@pytest.fixture
def demo(project: Any, tmp_path: Path, real_channel: Path, conda_cache: Path) -> Any:
    made = project(
        {},
        HUTCH_DATA_DIR=os.fspath(tmp_path / "data"),
        HUTCH_CACHE_DIR=os.fspath(conda_cache),
        CONDA_PREFIX=None,
        PYTHONDONTWRITEBYTECODE="1",
    )
    made.root = tmp_path / "data" / "envs" / "day"
    made.chan = f"-c {real_channel.as_uri()} --override-channels"
    return made


def versions(*, older: bool) -> str:
    """What is asked for: the one half of the channel or the other."""
    python = the_python()
    assert python is not None
    wanted = python.version if older else python.version_after()
    return (
        f"python={wanted} libgreet={'1.0' if older else '1.1'} greeter={1 if older else 2}.0 greet-activation"
    )


def create(demo: Any, name: str = "day", *, older: bool = True) -> dict[str, str]:
    demo.run(f"conda create -n {name} {demo.chan} {versions(older=older)}").ok()
    return same_tree(demo.root.parent / name)


def without_requests(tree: dict[str, str], root: Path) -> dict[str, Any]:
    """The tree, with the records of conda read, and without what the user had asked for: a list of packages
    does not know that."""
    found: dict[str, Any] = dict(tree)
    for path in (root / "conda-meta").glob("*.json"):
        record = json.loads(path.read_text().replace(os.fspath(root), "<prefix>"))
        for key in ("requested_spec", "requested_specs"):
            record.pop(key, None)
        # The hash of what was written for the place is the place's.
        for each in record["paths_data"]["paths"]:
            if "prefix_placeholder" in each:
                for key in ("sha256_in_prefix", "size_in_bytes"):
                    each.pop(key, None)
            if each["path_type"] == "unix_python_entry_point":
                for key in ("sha256", "sha256_in_prefix", "size_in_bytes"):
                    each.pop(key, None)
        found[f"conda-meta/{path.name}"] = record
    return found


def check_programs(root: Path, *, older: bool) -> None:
    """It is the Python of the prefix, with what was asked for."""
    python = the_python()
    assert python is not None
    text = "import sys, ssl, json, zlib; print(sys.prefix)"
    assert run_in(root, "python", "-c", text) == os.fspath(root)
    assert run_in(root, "greeter", "word") == f"{'1.0' if older else '2.0'} {root} word"
    library = "1.0" if older else "1.1"
    assert run_in(root, "greet-config") == f"--prefix={root} --version={library}"
    if COMPILED:
        assert run_in(root, "greet") == f"{library} {root} words of {library}"
    patch = python.version if older else python.version_after()
    assert (root / "share/python/patchlevel.txt").read_text() == f"Python {patch} in {root}\n"
    text = "import sysconfig; print(sysconfig.get_config_var('prefix'))"
    assert run_in(root, "python", "-c", text) == os.fspath(root)


def test_up_and_down_and_back_is_the_same_tree(demo):
    first = create(demo)
    check_programs(demo.root, older=True)
    demo.run(f"conda install -n day {versions(older=False)}").ok()
    second = same_tree(demo.root)
    check_programs(demo.root, older=False)
    other = without_requests(create(demo, "other", older=False), demo.root.parent / "other")
    assert without_requests(second, demo.root) == other
    # Down again, by asking for it.
    demo.run(f"conda install -n day {versions(older=True)}").ok()
    assert same_tree(demo.root) == first
    # Back and forth in the history.
    for number, tree, older in ((2, second, False), (1, first, True), (2, second, False)):
        demo.run(f"env rollback {number} -n day").ok()
        assert same_tree(demo.root) == tree
        check_programs(demo.root, older=older)
    demo.run("env verify -n day --deep").ok()


def test_what_python_compiled_goes_with_what_it_was_compiled_of(demo):
    first = create(demo)
    text = "import greeter, json, importlib.util as u; print(u.cache_from_source(greeter.__file__))"
    cached = run_in(demo.root, "python", "-c", text, PYTHONDONTWRITEBYTECODE="")
    assert os.path.exists(cached)
    demo.run(f"conda install -n day {versions(older=False)}").ok()
    assert run_in(demo.root, "greeter-version", PYTHONDONTWRITEBYTECODE="") == "2.0"
    demo.run("env rollback -n day").ok()
    # The same sizes and dates would have Python take the bytecode of the other one.
    assert run_in(demo.root, "greeter-version", PYTHONDONTWRITEBYTECODE="") == "1.0"
    now = same_tree(demo.root)
    assert {path for path in now if "__pycache__" not in path} == set(first)
    demo.run("conda remove -n day --all --keep-env").ok()
    left = [path for path in same_tree(demo.root) if not path.startswith("conda-meta")]
    assert left == []


def test_taking_out_what_was_put_in_is_the_same_tree(demo):
    python = the_python()
    demo.run(f"conda create -n day {demo.chan} libgreet=1.0").ok()
    first = same_tree(demo.root)
    demo.run(f"conda install -n day python={python.version} greeter=1.0 greet-activation").ok()
    check_programs(demo.root, older=True)
    demo.run("conda remove -n day python greet-activation").ok()
    assert same_tree(demo.root) == first


def test_a_clone_is_the_same_elsewhere_and_stands_alone(demo):
    create(demo)
    demo.run("conda create -n copy --clone day").ok()
    copy = demo.root.parent / "copy"
    expected = without_requests(same_tree(demo.root), demo.root)
    assert without_requests(same_tree(copy), copy) == expected
    demo.run("conda env remove -n day").ok()
    assert not demo.root.exists()
    check_programs(copy, older=True)
    demo.run("env verify -n copy --deep").ok()


@pytest.mark.parametrize(
    ("export", "file", "again"),
    [
        ("env export -n day", "environment.yml", "env create -n again -f environment.yml"),
        ("export -n day --from-history", "environment.yml", "env create -n again -f environment.yml"),
        ("list -n day --export", "list.txt", "create -n again --file list.txt CHANNEL"),
        ("list -n day --explicit --sha256", "list.txt", "create -n again --file list.txt"),
    ],
)
def test_what_is_exported_makes_the_same_again(demo, export, file, again):
    create(demo)
    text = subprocess.run(
        [*_command(demo), "conda", *export.split()],
        cwd=demo.path,
        env=_environ(demo),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    demo.write({file: text})
    demo.run(f"conda {again.replace('CHANNEL', demo.chan)}").ok()
    root = demo.root.parent / "again"
    expected, found = (without_requests(same_tree(each), each) for each in (demo.root, root))
    if "--explicit" in export:
        # A list of addresses and hashes does not say the size, nor another hash.
        for tree in (expected, found):
            for path, record in tree.items():
                if path.startswith("conda-meta/"):
                    record.pop("size", None)
                    record.pop("md5", None)
    assert found == expected
    check_programs(root, older=True)


def _command(demo: Any) -> list[str]:
    found: list[str] = demo.launcher
    return found


def _environ(demo: Any) -> dict[str, str]:
    return demo.variables


def test_a_prefix_made_anew_elsewhere_from_another_store_is_the_same(demo, tmp_path):
    """Nothing of the first making is needed: not its store, not its links."""
    create(demo)
    first = without_requests(same_tree(demo.root), demo.root)
    demo.environ["HUTCH_CACHE_DIR"] = os.fspath(tmp_path / "another")
    create(demo, "again")
    again = demo.root.parent / "again"
    second = without_requests(same_tree(again), again)
    for tree in (first, second):
        for path, what in tree.items():
            if path.startswith("conda-meta/"):
                for key in ("link", "extracted_package_dir"):  # where the store is
                    what.pop(key, None)
    assert second == first


def test_a_command_runs_in_the_environment_as_if_it_was_activated(demo):
    create(demo)
    words = "bash -c 'echo $GREET $GREET_VERSION $CONDA_PREFIX; command -v python; greeter; greet_twice'"
    ran = demo.run(f"conda run -n day {words}", environ={"GREET": "mine"}, apart=True)
    root = demo.filtered(os.fspath(demo.root))
    lines = ran.stdout.splitlines()
    assert lines[:3] == [f"{root}/greet 1.0 {root}", f"{root}/bin/python", f"1.0 {root}"], ran.stderr


def test_a_real_bash_is_activated_and_left_as_it_was(demo, tmp_path):
    """By the hook, as users have it in their `.bashrc`."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    create(demo)
    launcher = tmp_path / "bin/hutch"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec {shlex.join(_command(demo))} "$@"\n')
    launcher.chmod(0o755)
    state = "env | grep -v ^_= | sort; declare -F; set -o"
    text = f"""
        eval "$(hutch shell-hook bash)"
        {{ {state}; }} > before
        hutch conda activate day
        command -v python
        python -c 'import sys; print(sys.prefix)'
        echo $GREET $GREET_VERSION $CONDA_SHLVL $CONDA_DEFAULT_ENV
        greet_twice
        greeter word
        hutch conda install -q -n day greeter=2.0
        greeter word
        hutch conda deactivate
        {{ {state}; }} > after
        echo ${{GREET_VERSION-unset}} $GREET ${{CONDA_PREFIX-unset}}
        command -v greeter || echo gone
    """
    environ = {**_environ(demo), "PATH": f"{launcher.parent}:/usr/bin:/bin", "GREET": "mine"}
    ran = subprocess.run(
        [bash, "--norc", "-c", text], cwd=demo.path, env=environ, capture_output=True, text=True, check=False
    )
    root = os.fspath(demo.root)
    assert ran.stdout.splitlines() == [
        f"{root}/bin/python", root, f"{root}/greet 1.0 1 day", f"{root}/greet {root}/greet",
        f"1.0 {root} word", f"2.0 {root} word", "unset mine unset", "gone",
    ], ran.stderr  # fmt: skip
    assert demo.read("after") == demo.read("before")


@needs_rattler
def test_rattler_makes_the_same_prefix_and_reads_ours(demo, real_channel, tmp_path):
    """Two linkers, one tree; and rattler's own reader takes each record of ours for its own."""
    # Not with the fields of our channel, whose folder is shared.
    create(demo)
    ours = same_tree(demo.root)
    read = ask_rattler("prefix", prefix=os.fspath(demo.root))
    assert [each["name"] for each in read] == ["greet-activation", "greeter", "libgreet", "python"]
    count = 0
    for one in read:
        for path, digest in one["hashes"].items():
            place = demo.root / path
            if place.is_file() and not place.is_symlink():
                assert hashlib.sha256(place.read_bytes()).hexdigest() == digest, path
                count += 1
    assert count > 500
    demo.run("conda env remove -n day").ok()
    ask_rattler(
        "install",
        channel=os.fspath(real_channel),
        prefix=os.fspath(demo.root),
        cache=os.fspath(tmp_path / "rattler"),
        specs=versions(older=True).split(),
    )
    theirs = same_tree(demo.root)
    for tree in (ours, theirs):
        for path in list(tree):
            odd = path.endswith(("EXTERNALLY-MANAGED", "CACHEDIR.TAG")) or path.startswith("conda-meta/")
            if odd:
                del tree[path]
            else:
                tree[path] = tree[path].replace("775 ", "755 ")  # rattler lets its group write commands
    assert ours == theirs
    # And theirs is taken for ours: nothing is put in anew, and up, down and back are as with our own.
    demo.run(f"conda install -n day {versions(older=False)}").ok()
    check_programs(demo.root, older=False)
    demo.run("env rollback -n day").ok()
    check_programs(demo.root, older=True)


def test_the_channel_is_the_same_each_time_it_is_made(tmp_path):
    """What is compared here is not an accident of one run."""
    python = the_python()
    if python is None:
        pytest.skip("no Python of this machine can be taken to another place")
    for name in ("one", "two"):
        make_channel(tmp_path / name, python)
    one, two = (
        {
            path.name: [(each.filename, each.CRC) for each in zipfile.ZipFile(path).infolist()]
            for path in (tmp_path / name).rglob("*.conda")
        }
        for name in ("one", "two")
    )
    assert len(one) == 7
    assert one == two
