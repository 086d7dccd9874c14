"""Package files that lie in no channel: installed as they are, by their paths."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import HERE, alone, library, make_demo
from hutch.testing.conda import CondaPackage, index_channel

C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    """A channel, and two of its packages as files in a folder beside it."""
    made = make_demo(project, [alone(), library(depends=["alone"])])
    (made / "files").mkdir()
    shutil.copy(made / "chan/noarch/alone-1-0.conda", made / "files")
    shutil.copy(made / f"chan/{HERE}/libfoo-1.0-0.conda", made / "files")
    return made


def listed(demo: Any) -> list[str]:
    lines = demo.run("conda list -n sci --explicit").ok().stdout.splitlines()
    return [line for line in lines if "://" in line]


def test_files_become_an_environment(demo: Any) -> None:
    ran = demo.run("conda create -n sci files/alone-1-0.conda ./files/libfoo-1.0-0.conda").ok()
    assert " + alone 1 0\n + libfoo 1.0 0\n" in ran.stderr
    assert "warning" not in ran.stderr
    assert (demo.root / "share/libfoo.txt").read_text() == "1.0"
    assert [line.rpartition("/<project>")[2] for line in listed(demo)] == [
        "/files/alone-1-0.conda",
        "/files/libfoo-1.0-0.conda",
    ]


def test_what_it_needs_and_is_not_there_is_told(demo: Any) -> None:
    ran = demo.run("conda create -n sci files/libfoo-1.0-0.conda").ok()
    assert "warning: libfoo 1.0 needs `alone` in this environment, where it is missing" in ran.stderr
    ran = demo.run("conda install -n sci files/alone-1-0.conda").ok()
    assert "warning" not in ran.stderr
    assert demo.run("conda list -n sci").stdout.count("alone") == 1


def test_they_were_asked_for(demo: Any) -> None:
    demo.run(f"conda create -n sci {C} alone").ok()
    demo.run("conda install -n sci files/libfoo-1.0-0.conda").ok()
    shown = demo.run("conda env export -n sci --from-history").ok().stdout
    assert "- alone\n  - libfoo\n" in shown


def test_a_file_in_a_channel_comes_with_what_it_needs(demo: Any) -> None:
    index_channel(demo / "chan", [alone(), library(depends=["alone"])])
    ran = demo.run(f"conda create -n sci chan/{HERE}/libfoo-1.0-0.conda {C}").ok()
    assert "+ alone 1 0" in ran.stderr


def test_its_list_makes_it_again(demo: Any) -> None:
    demo.run("conda create -n sci files/libfoo-1.0-0.conda files/alone-1-0.conda").ok()
    text = demo.run("conda list -n sci --explicit").ok().stdout.replace("<project>", str(demo.path))
    demo.write({"list.txt": text})
    demo.run("conda create -n other --file list.txt").ok()
    assert (demo.root.parent / "other/share/libfoo.txt").exists()
    demo.run("conda create -n third --clone other").ok()
    assert (demo.root.parent / "third/share/libfoo.txt").exists()


@pytest.mark.parametrize("form", ["{}", "sha256:{}"])
def test_a_hash_behind_the_path_is_compared(demo: Any, form: str) -> None:
    file = demo / "files/alone-1-0.conda"
    right = form.format(hashlib.sha256(file.read_bytes()).hexdigest())
    demo.run(f"conda create -n sci files/alone-1-0.conda#{right}").ok()
    ran = demo.run(f"conda create -n other files/alone-1-0.conda#{form.format('a' * 64)}")
    assert ran.exit_code == 1
    assert "the hash of alone-1-0.conda is wrong" in ran.stderr
    assert not (demo.root.parent / "other").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "files/alone-1-0.conda libfoo",
            "files/alone-1-0.conda cannot be installed together with libfoo\n  the file lies in no channel",
        ),
        ("./files/gone-1-0.conda", "./files/gone-1-0.conda cannot be installed\n  there is no such file"),
        ("files/broken-1-0.conda", "broken-1-0.conda is not a valid conda package"),
        ("files/nameless.conda", "is no address of a package"),
        ("files/renamed-2-0.conda", "renamed-2-0.conda is not a valid conda package"),
        ("files/apple-1-0.conda", "apple-1-0.conda is for another platform\n  osx-arm64, not"),
    ],
)
def test_files_that_are_not_right(demo: Any, words: str, said: str) -> None:
    index_channel(demo / "apples", [CondaPackage("apple", "1", subdir="osx-arm64", files={"a": "1"})])
    shutil.copy(demo / "apples/osx-arm64/apple-1-0.conda", demo / "files")
    shutil.copy(demo / "files/alone-1-0.conda", demo / "files/renamed-2-0.conda")
    demo.write({"files/broken-1-0.conda": "no zip", "files/nameless.conda": "no zip"})
    for verb in ("create -n other", "install -n sci"):
        if verb.startswith("install"):
            demo.run(f"conda create -n sci {C} alone").ok()
        before = listed(demo) if verb.startswith("install") else []
        ran = demo.run(f"conda {verb} {words}")
        assert ran.exit_code != 0
        assert said in ran.stderr
        assert "Traceback" not in ran.stderr
        assert not (demo.root.parent / "other").exists()
        if before:
            assert listed(demo) == before
