"""Channels for tests of ``hutch conda``: real packages in a folder, and the same behind a server."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from conda.serving import Served, serve
from hutch.conda import subdir_here
from hutch.testing.conda import CondaPackage, index_channel

__all__ = [
    "HERE",
    "Served",
    "alone",
    "conda",
    "four_environments",
    "library",
    "locked_records",
    "make_demo",
    "python",
    "serve",
]

HERE = subdir_here()
FOUR = """\
[workspace]
name = "demo"
channels = ["./chan"]
platforms = ["HERE"]

[dependencies]
python = "MINOR.*"
greeter = "*"

[pypi-dependencies]
alpha = "*"

[feature.old.dependencies]
greeter = "<2"
[feature.old.pypi-dependencies]
beta = "*"

TOOLS[feature.tools.dependencies]
greeter = "<2"

[environments]
old = ["old"]
tools = { features = ["tools"], no-default-feature = true }
both = { features = ["old", "tools"], solve-group = "old" }
"""


def python(version: str = "3.12.4", **more: Any) -> CondaPackage:
    """A Python that is a shell script: it says what it was told."""
    minor = version.rpartition(".")[0]
    files = {
        "bin/python": f'#!/bin/sh\necho python {version} "$@"\n',
        f"bin/python{minor}": "#!/bin/sh\n",
        f"lib/python{minor}/os.py": "",
    }
    modes = {path: 0o755 for path in files if path.startswith("bin/")}
    return CondaPackage("python", version, subdir=HERE, files=files, modes=modes, **more)


def library(version: str = "1.0", name: str = "libfoo", **more: Any) -> CondaPackage:
    """Something of this platform alone."""
    return CondaPackage(name, version, subdir=HERE, files={f"share/{name}.txt": version}, **more)


def alone(name: str = "alone", version: str = "1", **more: Any) -> CondaPackage:
    """Something for every platform, which needs nothing unless it is said."""
    files = more.pop("files", {f"share/{name}": version})
    return CondaPackage(name, version, files=files, **more)


def make_demo(project: Any, packages: Iterable[CondaPackage] = (), **environ: Any) -> Any:
    """A directory with the channel ``./chan``, 80 columns wide; ``root`` is where an environment sci lies."""
    found = project({}, CONDA_PREFIX=None, COLUMNS="80", **environ)
    index_channel(found.path / "chan", list(packages))
    found.root = found.home / "data" / "envs" / "sci"
    return found


def conda(demo: Any, words: str, code: int = 0, **more: Any) -> Any:
    """``hutch conda WORDS``, which ends with that code."""
    ran = demo.run(f"conda {words}", **more)
    assert ran.exit_code == code, ran.stderr
    return ran


def four_environments(minor: str = "3.12", *, tools: str = "") -> str:
    """A manifest of pixi with default, old, tools and both; ``tools`` is what its feature says beside."""
    said = f"[feature.tools]\n{tools}\n" if tools else ""
    return FOUR.replace("HERE", HERE).replace("MINOR", minor).replace("TOOLS", said)


def locked_records(made: Any) -> dict[str, str]:
    """The versions of conda's packages in the project's lock, by name."""
    packages = tomllib.loads(made.read("pylock.toml"))["tool"]["hutch"]["conda"]["packages"]
    return {each["name"]: each["version"] for each in packages}
