"""What the pages for users of conda tell to type is typed here, page by page, in a real bash.

A block of ``console`` is run, line by line (``$ `` before each), in one shell; what stands below a line is
what it says, where ``…`` is anything. A block with the name of a file behind its language is that file.
Commands in tables are in hutch's own table, and so are their options.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conda.real import HERE, the_python
from hutch.testing.conda import CondaPackage, index_channel

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [
    "docs/tutorial/conda.md",
    "docs/how-to/from-conda.md",
    "docs/how-to/conda-again.md",
    "docs/how-to/conda-environments.md",
    "docs/how-to/conda.md",
    "examples/conda-station/README.md",
]
_BLOCK = re.compile(r"^```(\w+)(?: +(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the packages are for POSIX"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash"),
]


def module(name: str, version: str, *depends: str) -> CondaPackage:
    """A package of Python with the dist-info that makes it known to indexes."""
    info = f"site-packages/{name}-{version}.dist-info"
    files = {
        f"site-packages/{name}/__init__.py": f"__version__ = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/INSTALLER": "conda\n",
    }
    return CondaPackage(name, version, "pyh_0", noarch="python", depends=["python", *depends], files=files)


def tool(name: str, version: str, *depends: str) -> CondaPackage:
    files = {f"bin/{name}": f"#!/bin/sh\necho {name} {version}\n"}
    return CondaPackage(
        name, version, "h0_0", subdir=HERE, depends=depends, files=files, modes={f"bin/{name}": 0o755}
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``channels``, below which conda-forge and bioconda are, with a real Python; a cache for all pages."""
    python = the_python()
    if python is None:
        pytest.skip("no Python of this machine can be taken into a package")
    folder = tmp_path_factory.mktemp("world")
    index_channel(
        folder / "channels/conda-forge",
        [
            python.package(),
            *(module("numpy", version) for version in ("1.26.4", "2.2.6", "2.3.5")),
            module("pandas", "2.3.3", "numpy >=1.26"),
            module("scipy", "1.16.3", "numpy >=2,<2.6"),
            tool("gdal", "3.11.4", "libgdal"),
            tool("libgdal", "3.11.4"),
            tool("r-base", "4.5.1"),
        ],
    )
    index_channel(folder / "channels/bioconda", [tool("samtools", "1.22.1")])
    return folder


def commands(page: str) -> list[tuple[str, str]]:
    """(kind, text) of what is to be done: ``file NAME`` and its content, or ``run`` and a line."""
    found = []
    for language, name, body in _BLOCK.findall((REPOSITORY / page).read_text(encoding="utf-8")):
        if name:
            found.append((f"file {name}", body))
        elif language == "console":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                found.append(("run", part))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_page_does_what_it_says(page: str, world: Path, project: Callable[..., Any], index: Any) -> None:
    when = "2025-03-30T00:00:00Z"
    index.add_wheel("rich", "14.0", files={"rich/__init__.py": "__version__ = '14.0'\n"}, upload_time=when)
    index.add_wheel("httpx", "1.0", requires=["idna"], files={"httpx/__init__.py": "__version__ = '1.0'\n"})
    index.add_wheel("idna", "3.11")
    index.add_wheel("altair", "6.0", requires=["pandas>=2", "numpy<2.3"])
    python = the_python()
    assert python is not None
    demo = project(
        {},
        HUTCH_CONDA_CHANNEL_ALIAS=(world / "channels").as_uri(),
        HUTCH_CACHE_DIR=os.fspath(world / "cache"),
        CONDA_PREFIX=None,
        HUTCH_PYTHON=None,
        COLUMNS="100",
    )
    if page.startswith("examples/"):
        ignored = shutil.ignore_patterns("channel", ".venv", "pylock.toml")
        here = (REPOSITORY / page).parent
        shutil.copytree(here, demo.path, ignore=ignored, dirs_exist_ok=True)
        made = demo / "make_channel.py"  # which looks for hutch from where it is
        made.write_text(
            made.read_text().replace('os.path.join(HERE, "..", "..", "src")', repr(str(REPOSITORY / "src")))
        )
    launcher = demo.home / "bin" / "hutch"
    launcher.parent.mkdir()
    words = shlex.join(demo.launcher)
    launcher.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    launcher.chmod(0o755)
    script = ["export PATH=" + shlex.quote(f"{launcher.parent}{os.pathsep}{os.environ['PATH']}"), "exec 2>&1"]
    answers = []
    for kind, text in commands(page):
        text = text.replace("3.12", python.minor)
        if kind != "run":
            delimiter = "__end_of_the_file__"
            name = shlex.quote(kind.removeprefix("file "))
            script.append(f"cat > {name} <<'{delimiter}'\n{text}{delimiter}")
            continue
        line, _, answer = text.partition("\n")
        answers.append((line.partition("  #")[0].rstrip(), answer.rstrip("\n")))
        typed = answers[-1][0].replace("python3 ", f"{shlex.quote(sys.executable)} ")
        script.append(f"echo '@@ {len(answers)}'\n{typed}\necho \"@@ exit $?\"")
    assert answers, "there is nothing to type on this page"
    environ = demo.variables
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(script)], cwd=demo.path, env=environ, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    for number, (line, answer) in enumerate(answers, 1):
        said = done.stdout.partition(f"@@ {number}\n")[2]
        said, _, code = said.partition("@@ exit ")
        code = code.partition("\n")[0]
        told = demo.filtered(said).rstrip("\n")
        fails = answer.startswith("error:")
        assert (code != "0") == fails, f"$ {line}\nexit {code}\n{said}"
        if answer:
            pattern = ".*?".join(map(re.escape, answer.split("…")))
            assert re.fullmatch(pattern, told, re.DOTALL), (
                f"$ {line}\n{told}\n-- and the page says --\n{answer}"
            )


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_tables_are_hutchs(page: str) -> None:
    from hutch.cli.parser import parse

    text = (REPOSITORY / page).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for command in re.findall(r"`(hutch [^`]*)`", "\n".join(rows)):
        words = shlex.split(command.replace("\\|", "|").replace("…", "x"))[1:]
        parsed = parse(words, {})
        assert parsed.command is not None, command
