"""What beginners type, and users of conda, mamba and pip: the answer tells what was meant."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, library, make_demo, python, serve
from commands.support import block, manifest, shown

C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    packages = [python(), library(), alone(), alone("numpy", "2.0"), alone("pytorch", "2.5")]
    return make_demo(project, packages)


SAID = {
    "install numpy": """
        exit 2
        error: there is no command `install`
        try: hutch sync
         or: hutch add NAME
         or: hutch conda install -n ENV NAME
         or: hutch pip install NAME
        """,
    "create numpy": """
        exit 2
        error: there is no command `create`
        try: hutch venv PATH
         or: hutch conda create -n ENV NAME
         or: hutch env create ENV
        """,
    "conda instal numpy": """
        exit 2
        error: `hutch conda` has no command `instal`
        try: hutch conda install
         or: hutch conda uninstall
        """,
    "conda init": """
        exit 2
        error: `hutch conda` has no command `init`
        try: hutch shell-hook bash --install
         or: hutch conda init bash, which is that with a command conda
        """,
    "conda env activate sci": """
        exit 2
        error: `hutch conda env` has no command `activate`
        try: hutch conda activate
        """,
    f"conda create python=3.12 numpy {C}": """
        exit 2
        error: the new environment has no name
        try: hutch conda create -n NAME python=3.12 numpy
         or: -p PATH makes it in a directory
        """,
    "conda install numpy": """
        exit 1
        error: no environment was named, and none of conda's is active
        try: -n NAME, or -p PATH; hutch conda env list shows them
        """,
    "conda create -n base numpy": """
        exit 2
        error: no environment is called base
          conda calls the one that it lies in so; hutch lies in no environment of yours
        try: choose another name
        """,
    "conda create -n sci -c nowhere numpy": """
        exit 1
        error: nobody knows where the channel nowhere is
          channels by name need `hutch[conda]`, which knows their usual place, or an alias
        try: set conda-channel-alias (or channel_alias in ~/.condarc), or give the channel's address
        """,
    "conda create -n sci -c ./nowhere --override-channels numpy": """
        exit 3
        error: there is no channel at file://<project>/nowhere
          it has no repodata for <here> or noarch
        try: look at the spelling of the channel
        """,
    "conda env create": """
        exit 2
        error: there is no environment.yml here
        try: -f FILE names another
         or: without a file: hutch conda create -n NAME PACKAGE
        """,
    "conda env create -f other.yml": """
        exit 2
        error: there is no other.yml here
        """,
    "conda env create -f list.txt": """
        exit 2
        error: list.txt is no environment.yml
        try: hutch conda create --file list.txt
        """,
    f"conda create -n sci {C} torch": """
        exit 1
        error: no channel has a package torch (asked for in this command)
          these were asked: ./chan
        try: it may be meant: pytorch
        """,
    f"conda create -n sci {C} python3.12": """
        exit 1
        error: no channel has a package python3.12 (asked for in this command)
          these were asked: ./chan
        try: python=3.12
        """,
    f"conda create -n sci {C} python==3.12": """
        exit 1
        error: no packages satisfy all requirements
          no version satisfies python==3.12, asked for in this command (there is 3.12.4)
        try: python=3.12, which is any 3.12.*; two signs mean that very version
        """,
    f"conda create -n sci {C} 'numpy[dev]'": """
        exit 1
        error: `numpy[dev]` names no package of conda
          `[dev]` cannot be read: KEY=VALUE, with commas between them
        try: extras, markers and addresses are for package indexes: a `pip:` list, or hutch add
        """,
    f"conda create -n sci {C} 'numpy @ https://index.example/numpy.whl'": """
        exit 1
        error: `numpy @ https://index.example/numpy.whl` names no package of conda
          `@` cannot be read: only letters, digits and `.`, `_`, `-`, `+`, `!` can be in one
        try: extras, markers and addresses are for package indexes: a `pip:` list, or hutch add
        """,
    f"conda create -n sci {C} --file requirements.txt": """
        exit 1
        error: requirements.txt:2: `numpy>=2 ; python_version > '3'` names no package of conda
          `python_version >'3'` is too much: NAME VERSION BUILD
        try: extras, markers and addresses are for package indexes: a `pip:` list, or hutch add
        """,
}


@pytest.mark.parametrize("command", SAID)
def test_the_answer(command: str, demo: Any) -> None:
    from commands.conda_world import HERE

    demo.write({"requirements.txt": "alone\nnumpy>=2 ; python_version > '3'\n", "list.txt": "alone\n"})
    ran = demo.run(command, environ={"HUTCH_CONDA_CHANNEL_ALIAS": None})
    if ran.stderr.startswith("error: could not fetch what nowhere"):
        pytest.skip("py-rattler is installed, and knows where channels are")
    assert shown(ran).replace(HERE, "<here>") == block(SAID[command])
    assert not (demo.home / "data").exists()


@pytest.mark.parametrize(
    "spec", ["numpy==2.0", "numpy=2.0", "'numpy>=2'", "'numpy~=2.0'", "NumPy", "'numpy >=2,<3'"]
)
def test_words_of_both_sides_that_conda_has_as_well(spec: str, demo: Any) -> None:
    demo.run(f"conda create -n sci {C} {spec}").ok()
    assert (demo.root / "conda-meta/numpy-2.0-0.json").exists()


def test_what_only_an_index_has_is_told(demo: Any, index: Any) -> None:
    index.add_wheel("onlythere", "1.0")
    with serve(demo / "chan") as served:
        ran = demo.run(f"conda create -n sci -c {served.url} --override-channels onlythere")
        assert shown(ran) == block("""
            exit 1
            error: no channel has a package onlythere (asked for in this command)
              these were asked: http://<index>
            try: a package index has onlythere: below `pip:` in an environment.yml
             or: in a project: hutch add onlythere
            """)
        ran = demo.run(f"conda create -n sci -c {served.url} --override-channels nowhere-at-all")
        assert "try: look at its name, or add the channel that has it\n" in ran.stderr
        asked = len(index.log)
        ran = demo.run(f"--offline conda create -n sci -c {served.url} --override-channels onlythere")
        assert ran.exit_code == 1
        assert len(index.log) == asked


def test_an_index_on_a_bad_day_changes_nothing(demo: Any) -> None:
    with serve(demo / "chan") as served:
        ran = demo.run(
            f"conda create -n sci -c {served.url} --override-channels nowhere-at-all",
            environ={"HUTCH_INDEX_URL": "http://127.0.0.1:1/simple"},
        )
    assert ran.exit_code == 1
    assert "try: look at its name, or add the channel that has it\n" in ran.stderr


def test_what_only_conda_has_is_told_in_a_project(project: Callable[..., Any]) -> None:
    ran = project(manifest()).run("add cudatoolkit")
    assert shown(ran) == block("""
        exit 1
        error: there is no package named cudatoolkit
          asked for in this command
          the index http://<index>/simple/ does not have it
        try: conda's channels have it: hutch add --conda cudatoolkit
        """)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize(
    "command", [f"conda create -n sci {C} numpy", "conda install -n sci numpy", "add numpy"]
)
@pytest.mark.parametrize("end", [">=2", ">2.1"])
def test_a_sign_that_the_shell_keeps(command: str, end: str, demo: Any) -> None:
    """``install numpy>=2`` without quotes installs any numpy, and writes a file ``=2``: not here."""
    demo.write({"pyproject.toml": manifest()})
    words = subprocess.list2cmdline([*demo.launcher[:-1]])
    environ = demo.variables
    body = demo.launcher[-1]
    done = subprocess.run(
        ["sh", "-c", f'{words} "$0" {command}{end}', body],
        cwd=demo.path, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    name = end.removeprefix(">")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: your shell has kept `{end}` for itself\n"
        f"  what stands behind `>` is a file to write to: there is a file called {name} now\n"
        f"try: quote it: 'NAME{end}'\n"
    )
    assert not demo.root.exists()
    assert "numpy" not in demo.read("pyproject.toml")


def test_words_of_conda_that_are_other_words_of_it(demo: Any) -> None:
    demo.run(f"conda create -n sci {C} numpy").ok()
    demo.run(f"conda upgrade -n sci {C} numpy").ok()
    demo.run("conda uninstall -n sci numpy").ok()
