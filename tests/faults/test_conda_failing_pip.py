"""A ``pip:`` list of an environment.yml that comes to nothing: no environment is made, none is changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.conda_world import HERE, library
from commands.support import shown
from conda.real import the_python
from hutch.testing.conda import CondaPackage, index_channel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the packages are for POSIX"),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def demo(project: Callable[..., Any], index: Any, cache: Path) -> Any:
    python = the_python()
    if python is None:
        pytest.skip("no Python of this machine can be taken into a package")
    made = project({}, CONDA_PREFIX=None, HUTCH_CACHE_DIR=os.fspath(cache), HUTCH_PYTHON=None)
    numpy = CondaPackage("numpy", "2.0", subdir=HERE, depends=["python"],
        files={f"{python.site}/numpy/__init__.py": "", f"{python.site}/numpy-2.0.dist-info/METADATA":
            "Metadata-Version: 2.1\nName: numpy\nVersion: 2.0\n"})  # fmt: skip
    index_channel(made / "chan", [python.package(), numpy, library()])
    index.add_wheel("good", "1.0")
    index.add_wheel("other", "1.0")
    index.add_wheel("older", "1.0", requires=["numpy<2"])
    index.add_wheel("over", "1.0", files={"numpy/__init__.py": "mine\n"})
    index.add_sdist("broken", "1.0", backend="raise SystemExit('it cannot be built')\n")
    made.root = made.home / "data/envs/sci"
    return made


def write(demo: Any, *pip: str) -> None:
    lines = "".join(f"      - {each}\n" for each in pip)
    listed = f"  - pip:\n{lines}" if pip else ""
    (demo / "environment.yml").write_text(
        f"name: sci\nchannels: [./chan]\ndependencies:\n  - python\n  - numpy\n{listed}"
    )


def tree(root: Path) -> dict[str, bytes]:
    return {
        os.fspath(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "/.hutch/" not in os.fspath(path)
    }


BAD: dict[str, tuple[list[str], str]] = {
    "nobody has it": (["nowhere-at-all"], "nowhere-at-all"),
    "a version that is not there": (["good>=2"], "good"),
    "it does not go with conda's": (["older"], "numpy"),
    "it would replace a file of conda's": (["over"], "numpy/__init__.py"),
    "it cannot be built": (["broken"], "broken"),
    "no requirement": (["'good ==='"], "good"),
    "an option that nobody knows": (["--frobnicate"], "--frobnicate"),
    "a file that is not there": (["-r nowhere.txt"], "nowhere.txt"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_new_environment(case: str, demo: Any) -> None:
    pip, words = BAD[case]
    write(demo, "good", *pip)
    ran = demo.run("conda env create -y")
    assert ran.exit_code in (1, 2), shown(ran)
    assert words in ran.stderr, shown(ran)
    assert "Traceback" not in ran.stderr
    assert not demo.root.exists()
    assert "sci" not in demo.run("conda env list").stdout


@pytest.mark.parametrize("case", BAD)
def test_one_that_is_there(case: str, demo: Any) -> None:
    write(demo, "good")
    demo.run("conda env create -y").ok()
    before = tree(demo.root)
    pip, words = BAD[case]
    write(demo, "good", "other", *pip)
    ran = demo.run("conda env update -y")
    assert ran.exit_code in (1, 2), shown(ran)
    assert words in ran.stderr, shown(ran)
    assert tree(demo.root) == before


@pytest.mark.parametrize("fault", [404, b"something else"])
def test_a_wheel_that_cannot_be_had(fault: int | bytes, demo: Any, index: Any) -> None:
    write(demo, "good")
    demo.run("conda env create -y").ok()
    before = tree(demo.root)
    index.add_wheel("late", "1.0", files={"late.py": f"x = {os.getpid()}\n"})
    if isinstance(fault, int):
        index.fault("*late-1.0*.whl", status=fault)
    else:
        index.projects["late"][0].body = fault
    write(demo, "good", "late")
    ran = demo.run("conda env update -y")
    assert ran.exit_code in (1, 3), shown(ran)
    assert "late" in ran.stderr
    assert tree(demo.root) == before


# -- just these: clones, lists of addresses -----------------------------------------------------------------
